"""Say whether this machine is ready for allysim, and the mend for whatever is not.

  allysim doctor

Lines marked 'ok' are fine, 'note' is worth knowing, 'MEND' stands in the way and says what to do.
"""

import os
import platform
import re
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from allysim.errors import AllysimError, ConfigError
from allysim.version import PACKAGES, code_version

OLDEST_PYTHON = (3, 11)
TOGETHER = "\N{NO-BREAK SPACE}"


class Finding(NamedTuple):
    """One line of the report: how it stands, what was looked at, what was found or is to be done."""

    state: str
    what: str
    text: str


def main(args: list[str]) -> int:
    """Print the report; 0 if allysim can be used here, else 1."""
    if args:
        raise ConfigError("'allysim doctor' takes no arguments")
    findings = [*_software(), *_machine(), *_folders()]
    for finding in findings:
        left = f"  {finding.state:<6}{finding.what:<13}"
        print(textwrap.fill(finding.text, 120, initial_indent=left, subsequent_indent=" " * len(left),
                            break_long_words=False, break_on_hyphens=False).replace(TOGETHER, " "))
    faults = sum(finding.state == "MEND" for finding in findings)
    print()
    if faults:
        print(f"Not ready: {faults} thing{'s' * (faults > 1)} to mend above, then 'allysim doctor' again.")
        return 1
    print("Ready. Next: allysim init my_study (example firms), or allysim run (one world).")
    return 0


def _software() -> Iterator[Finding]:
    version = platform.python_version()
    if sys.version_info >= OLDEST_PYTHON:
        yield Finding("ok", "Python", f"{version} on {platform.system()} {platform.machine()}")
    else:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        yield Finding("MEND", "Python", f"{version} is too old: allysim needs {oldest} or later")
    found = {package: _version(package) for package in _required()}
    missing = [package for package, number in found.items() if number is None]
    if missing:
        yield Finding("MEND", "packages", f"missing {', '.join(missing)}: pip install {' '.join(missing)}")
    else:
        installed = _version("allysim") or "not installed, run from its sources"
        yield Finding("ok", "allysim", f"{installed}, code {code_version()}")
        yield Finding("ok", "packages", ", ".join(f"{package}{TOGETHER}{number}" for package, number in found.items()))
    extras = _missing_extras()
    if extras:
        listed = ",".join(extras)
        yield Finding("note", "extras", f"optional and not installed: {listed} (pip install 'allysim[{listed}]')")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _requirements() -> list[tuple[str, str | None]]:
    """Return the packages that the installed allysim asks for, each with the extra it belongs to."""
    if _version("allysim") is None:
        return [(package, None) for package in PACKAGES]
    found = []
    for requirement in metadata.requires("allysim") or []:
        extra = re.search(r"extra == ['\"]([\w.-]+)", requirement)
        found.append((re.split(r"[^\w.-]", requirement)[0], extra[1] if extra else None))
    return found


def _required() -> list[str]:
    return [package for package, extra in _requirements() if extra is None]


def _missing_extras() -> list[str]:
    """Return the optional extras of which a package is missing."""
    missing = [extra for package, extra in _requirements() if extra and _version(package) is None]
    return list(dict.fromkeys(missing))


def _machine() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding("ok", "cores", f"{cores}; a comparison uses all unless jobs=1")
    total, free = _memory()
    if total:
        yield Finding("ok", "memory", f"{_size(total)}" + (f", {_size(free)} of it free" if free else ""))
    else:
        yield Finding("note", "memory", "how much there is cannot be read here")


def _memory() -> tuple[int, int]:
    """Return bytes in all and bytes available; 0 where the system does not say."""
    try:
        page, pages = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0, 0
    known = Path("/proc/meminfo")
    available = re.search(r"MemAvailable:\s+(\d+) kB", known.read_text() if known.is_file() else "")
    return page * pages, int(available[1]) * 1024 if available else 0


def _folders() -> Iterator[Finding]:
    yield _presets()
    yield from _kernels()
    if _writable(Path.cwd()):
        yield Finding("ok", "this folder", f"{Path.cwd()} can be written to")
    else:
        yield Finding("note", "this folder", f"{Path.cwd()} cannot be written to: go to another, or give out=DIR")


def _presets() -> Finding:
    try:
        from allysim.config import presets
        from allysim.config.parameters import GROUPS

        found = {group: presets.names(group) for group in GROUPS if group == GROUPS[group]}
        for group, names in found.items():
            for name in names:
                presets.load(group, name)
    except AllysimError as error:
        return Finding("MEND", "presets", str(error))
    except ImportError:
        return Finding("note", "presets", "not looked at, for want of a package")
    counts = ", ".join(f"{len(names)} of {group}" for group, names in found.items())
    return Finding("ok", "presets", f"{counts}, in {presets.folder()}")


def _kernels() -> Iterator[Finding]:
    """Report the compiled kernels on disk; Numba may be missing, which is reported elsewhere."""
    try:
        from allysim.jit import cache_folder, compiled_before
    except ImportError:
        return
    folder = cache_folder()
    if compiled_before():
        yield Finding("ok", "kernels", f"compiled, {_size(_bytes(folder))} in {folder}")
    elif _writable(folder):
        yield Finding("ok", "kernels", f"not compiled yet: the first run does it, once, and keeps them in {folder}")
    else:
        yield Finding("note", "kernels", f"{folder} cannot be written to, so each start compiles anew: set "
                                         f"ALLYSIM_CACHE to a folder that can")
    older = [known for known in folder.parent.glob("[0-9a-f]" * len(folder.name)) if known != folder]
    if older:
        yield Finding("note", "old kernels", f"{_size(sum(map(_bytes, older)))} in {folder.parent}, of other versions "
                                             f"of allysim; may be deleted")


def _writable(folder: Path) -> bool:
    """Whether a file can be made in the folder, or in the nearest one above it that exists."""
    place = next(known for known in (folder, *folder.parents) if known.is_dir())
    try:
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.1f} MB"
