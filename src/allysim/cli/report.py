"""Make the page of a comparison or a study again from its folder, without running anything.

  allysim report allysim_out/compare-0123abcd     report.html, report.json, pictures and tables
  allysim report allysim_out/sweep-0123abcd       findings.md, pictures and tables

It takes what is stored, whatever version of allysim made it, and writes the page of this version beside it. The
picture of the network and the charter take one run once more, and are left out where this version runs it otherwise.
"""

from pathlib import Path

from allysim.errors import ConfigError
from allysim.study import store
from allysim.study.study import Study


def main(args: list[str]) -> int:
    """Make the page of the folder in ``args`` again."""
    if len(args) != 1 or args[0].startswith("-"):
        raise ConfigError("'allysim report' takes one folder of results, as in 'allysim report allysim_out/NAME'")
    folder = Path(args[0]).expanduser()
    manifest = store.read_manifest(folder)
    if manifest["verb"] == "compare":
        from allysim.report.page import Page
        from allysim.study import stored

        Page(stored.comparison(folder), manifest).save(folder)
        print(f"Open:  {folder / 'report.html'}")
    elif manifest["verb"] == "sweep":
        from allysim.report import study_page

        study = Study.open(folder)
        print("\n".join(study_page.save(study, folder)))
        print(f"\nRead:  {folder / 'findings.md'}")
    else:
        raise ConfigError(f"{folder} holds the result of 'allysim {manifest['verb']}': pages are made again of those "
                          f"of 'allysim compare' and 'allysim sweep'")
    return 0
