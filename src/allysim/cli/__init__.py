"""The command line: a thin dispatcher that imports the module of the chosen command only.

Each command is a module of this package with ``main(args) -> int`` and a docstring that is its help.
Exit codes: 0 done, 1 a run failed, 2 bad input, 130 interrupted.
"""

import importlib
import inspect
import os
import sys
from collections.abc import Sequence

from allysim.errors import AllysimError, ConfigError, ConvergenceError, RunError, nearest

COMMANDS = {
    "run": "one world, month by month, with its tables and its picture",
    "compare": "several scenarios or strategies on the same luck, with intervals",
    "sweep": "a study: designs over parameters, thousands of runs, resumable, and what they answer",
    "status": "how far a study is, while it runs or after",
    "validate": "the model against patterns of real alliances, or against a real network",
    "claims": "a verdict on each claim about alliances, over all assumptions",
    "report": "the page of a comparison or a study again, from its folder",
    "charter": "a pilot's charter on two pages, from an alliance of a run",
    "replay": "a film of one world, or of two on the same luck, for any browser",
    "live": "a page that runs worlds in the browser, with forks on the same luck and six lessons",
    "reproduce": "run a folder of results again and say what differs",
    "list": "everything that can be set: presets, defaults, ranges, sources",
    "init": "write example firms and a commented template into a folder",
    "doctor": "whether this machine is ready, and the mend for what is not",
}
"""Command to a line about it."""

MODULES = {command: command for command in COMMANDS} | {"list": "listing"}
"""Command to its module in this package."""

HELP = """\
allysim: what small firms gain and risk by working in alliances, simulated month by month

  allysim COMMAND [key=value ...]

Commands
{commands}

First steps
  allysim init my_study                  example firms to start from
  allysim run scenario=supply_stress     one world
  allysim list pilot                     what can be set about pilots

Each command explains itself: allysim COMMAND --help"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; ``argv`` is what follows ``allysim``."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without the sign € is no reason to stop
    try:
        code = _dispatch(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _say("interrupted; the same command starts it again", 130)
    except AllysimError as error:
        return _say(str(error), 1 if isinstance(error, (ConvergenceError, RunError)) else 2)
    except Exception as error:
        if os.environ.get("ALLYSIM_TRACEBACK"):
            raise
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        return _say(f"failed unexpectedly ({cause}); ALLYSIM_TRACEBACK=1 before the command shows where", 1)


def _dispatch(args: list[str]) -> int:
    if not args or args[0] in ("-h", "--help", "help"):
        width = max(map(len, COMMANDS))
        print(HELP.format(commands="\n".join(f"  {name:<{width}}  {about}" for name, about in COMMANDS.items())))
        return 0
    command, rest = args[0], args[1:]
    if command in ("-V", "--version"):
        print(_version())
        return 0
    if command not in COMMANDS:
        if "=" in command:
            raise ConfigError(f"a command comes first, as in 'allysim run {command}'")
        raise ConfigError(f"unknown command '{command}'{nearest(command, COMMANDS)} ('allysim --help' shows all)")
    if command == "run" and {"-m", "--multirun"} & {*rest}:
        command = "sweep"
    module = importlib.import_module(f"allysim.cli.{MODULES[command]}")
    if "-h" in rest or "--help" in rest:
        print(inspect.getdoc(module))
        return 0
    return int(module.main(rest))


def _version() -> str:
    from importlib import metadata

    from allysim.version import code_version

    try:
        number = metadata.version("allysim")
    except metadata.PackageNotFoundError:
        number = "(not installed)"
    return f"allysim {number}, code {code_version()}"


def _say(sentence: str, code: int) -> int:
    print(f"allysim: {sentence}", file=sys.stderr)
    return code
