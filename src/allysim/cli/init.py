"""Write example firms and a commented template into a folder, as a start for your own.

  allysim init DIR

DIR gets a folder for each example (firms.csv and a README.md that says what it is about) and
firms_template.csv, which explains every column of a firms file. Nothing is ever overwritten.
"""

import shlex
import shutil
from pathlib import Path

from allysim.errors import ConfigError, StoreError

TEMPLATE = "firms_template.csv"
FIRST = "parts_coop"


def main(args: list[str]) -> int:
    """Copy the examples into the folder named in ``args``."""
    if len(args) != 1 or not args[0].strip() or args[0].startswith("-"):
        raise ConfigError("'allysim init' takes one folder to write into, as in 'allysim init my_study'")
    target = Path(args[0]).expanduser()
    source = examples()
    files = [source / TEMPLATE]
    for firms in sorted(source.glob("*/firms.csv")):
        files += [firms, firms.with_name("README.md")]
    written = [target / file.relative_to(source) for file in files]
    _refuse(target, written)
    try:
        for file, copy in zip(files, written, strict=True):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    except OSError as error:
        raise StoreError(f"{target} cannot be written to ({error.strerror}): choose another folder") from None
    print(_closing(target, written))
    return 0


def examples() -> Path:
    """Return the folder of shipped examples: inside the installed package, or in the repository."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "examples", package.parents[1] / "experiments"):
        if (place / TEMPLATE).is_file():
            return place
    raise StoreError(f"the shipped examples are missing from {package}: install allysim again")


def _refuse(target: Path, written: list[Path]) -> None:
    """Refuse to write where something stands already."""
    for place in (target, *target.parents, *(file.parent for file in written)):
        if place.exists() and not place.is_dir():
            raise StoreError(f"{place} is a file, not a folder: choose another folder")
    for file in written:
        if file.exists():
            raise StoreError(f"{file} exists already and is not overwritten: choose another folder")


def _closing(target: Path, written: list[Path]) -> str:
    firms = shlex.quote(f"firms.path={target / FIRST / 'firms.csv'}")
    own = shlex.quote(f"firms.path={target / TEMPLATE}")
    lines = [f"Written into {target}:", *(f"  {file.relative_to(target)}" for file in written), ""]
    lines += [f"Should the parts co-op buy together? {target / FIRST / 'README.md'} tells its story."]
    lines += [f"  allysim compare {firms} strategy=stand_alone,procurement_first strategy.partners=focal "
              "scenario=calm,supply_stress", ""]
    lines += [f"Your own firms: put them into {target / TEMPLATE}, then"]
    return "\n".join([*lines, f"  allysim run {own}"])
