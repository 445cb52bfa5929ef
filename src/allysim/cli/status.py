"""How far a study is: runs done, failed (with the commands that repeat them) and left, time left, memory; works
while it runs.

  allysim status DIR
"""

from pathlib import Path

from allysim.errors import ConfigError
from allysim.study import archive, store
from allysim.study.progress import duration

SHOWN = 5


def main(args: list[str]) -> int:
    """Print how far the study in the folder in ``args`` is; 1 if a run failed."""
    if len(args) != 1 or args[0].startswith("-"):
        raise ConfigError("'allysim status' takes the folder of a study, as in 'allysim status allysim_out/sweep-1a2b'")
    folder = Path(args[0]).expanduser()
    found, manifest = archive.tally(folder), store.read_manifest(folder)
    total, done = found.succeeded + found.failed + found.left, found.succeeded + found.failed
    at_work = archive.busy(folder)
    print(f"{manifest.get('command') or 'a study made in Python'}")
    print(f"  done      {done} of {total} runs ({100 * done // total} %)")
    print(f"  failed    {found.failed}")
    print(f"  left      {found.left}" + (", of which some are at work now" if at_work and found.left else ""))
    if done:
        print(f"  a run     {found.seconds / done:.3g} s on average")
        print(f"  memory    {found.memory:.0f} MB at most in one process")
    if found.left and done:
        workers = manifest.get("workers", 1)
        print(f"  time left {duration(found.seconds_left / workers)} with {workers} "
              f"worker{'s' if workers > 1 else ''}")
    if found.failed:
        rows = store.read_table(folder, "runs", ["run", "status", "error"])
        print("\n".join(archive.failures(rows, folder, SHOWN)))
    if found.left and not at_work:
        print(f"Nobody is at work on it. Go on with\n  {archive.go_on(folder)}")
    return 1 if found.failed else 0
