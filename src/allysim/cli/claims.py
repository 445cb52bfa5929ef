"""Try claims about alliances: a verdict on each, over a design in all assumptions.

  allysim claims                                all of them, as stated in experiments/claims/claims.yaml
  allysim claims C16 C19                        some
  allysim claims C16 points=64 replications=2   a first look
  allysim claims path=mine.yaml                 claims of your own, in the same form

A claim has parts, each a figure of the focal firms that is to move one way between two worlds on the same luck; its
margin and scenarios are stated in the file. Verdicts: holds (at 90 % of the points or more), fails (10 % or fewer),
only where (a box of assumptions in most of which it holds, confirmed on held-out points), undetermined, not testable.
Other settings: executor jobs seed out=FOLDER, and those of the worlds (firms.n months ...), which the file sets.
The folder holds claims.html (open this one), claims.csv, a file C16.parquet for each claim that was tried, and studies
with the whole of the runs. The same command goes on with what is there, and a claim whose file is there is not run
again: files that other machines made of the same points can be put beside one another. The exit code is 1 if a run
failed.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from allysim.cli.init import examples
from allysim.config.compose import settings_from
from allysim.errors import ConfigError, StoreError
from allysim.study import claims, store
from allysim.version import code_version

OWN = ("points", "path", "executor")


def main(args: list[str]) -> int:
    """Try the claims named in ``args``, or all; print the verdicts and where the page is."""
    names = [arg for arg in args if "=" not in arg]
    for name in names:
        if name.startswith("-"):
            raise ConfigError(f"unknown option '{name}': 'allysim claims' takes names of claims and settings")
    own, settings = _settings([arg for arg in args if "=" in arg])
    book = claims.read(_file(own.get("path")))
    out = Path(settings.pop("out", None) or _default_out(args, book.path)).expanduser()
    points = _whole("points", own["points"]) if "points" in own else None
    replications = settings.pop("replications", None)
    jobs = settings.pop("jobs", 0)
    trial = claims.Trial(book, names, points, replications, {**settings, "jobs": jobs})
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / "claims.yaml").is_file()):
        raise StoreError(f"out={out} is something else than a trial of claims: choose another folder, as in "
                         f"out={out}-2")
    manifest = store.describe("claims", [], [], "outcomes", args)
    out.mkdir(parents=True, exist_ok=True)
    (out / "claims.yaml").write_bytes(book.path.read_bytes())
    trial.run(own.get("executor"), out)
    from allysim.report import claims_page

    claims_page.save(trial, manifest, out)
    print("\n".join([*claims_page.as_text(trial), "", claims_page.headline(trial)]))
    print(f"\nOpen:  {out / 'claims.html'}")
    return int(trial.runs["failed"].any())


def _settings(texts: list[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the settings of the trial, and those of its worlds."""
    own: dict[str, str] = {}
    for text in texts:
        key, _, value = (part.strip() for part in text.partition("="))
        if key in OWN:
            if key in own:
                raise ConfigError(f"{key} is set twice; keep one")
            own[key] = value
    return own, settings_from([text for text in texts if text.partition("=")[0].strip() not in OWN])


def _whole(key: str, value: str) -> int:
    if not value.isdigit() or int(value) < 40:
        raise ConfigError(f"{key}={value} is not allowed: {key} takes a whole number from 40")
    return int(value)


def _default_out(args: list[str], book: Path) -> Path:
    """Return the folder of a trial whose asker named none: the same for the same claims, settings and code."""
    asked = sorted(arg for arg in args if arg.partition("=")[0].strip() not in ("jobs", "executor", "path"))
    text = json.dumps([asked, book.read_text(encoding="utf-8"), code_version()])
    return Path("allysim_out") / f"claims-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _file(given: str | None) -> Path:
    """Return the file of claims: the one named, or the shipped one, by a path that says nothing of this machine."""
    if given is not None:
        return Path(given).expanduser()
    shipped = examples() / "claims" / "claims.yaml"
    near = Path(os.path.relpath(shipped))
    return shipped if near.parts[0] == ".." else near
