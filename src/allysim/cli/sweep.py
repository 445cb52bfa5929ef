"""Run a study: a design over parameters, crossed with lists, under the same seeds; and what it answers.

  allysim sweep strategy=stand_alone,balanced scenario=calm,supply_stress replications=50
  allysim sweep strategy=stand_alone,procurement_first 'pilot.months=interval(1,12)' points=256 replications=20
  allysim sweep strategy=stand_alone,procurement_first uncertainties=assumptions design=morris points=10
  allysim sweep experiment=NAME                      a study of configs/experiment/
  allysim sweep --resume DIR                         go on with one that was interrupted
  allysim sweep --resume DIR points=512              the next points; or replications=100: more luck

Comma lists are crossed, as are range(1,5) and glob(*) of presets; interval(low,high) is filled by the design: random,
lhs, sobol (default), saltelli (Sobol indices) or morris (screening). uncertainties=assumptions varies every parameter
tagged A over its range; a section's name (uncertainties=purchasing,trust) or a key varies those. Every cell runs at
every point under the same seeds.
reference=stand_alone compares all of them with one more strategy, run once in each world; earlier=FOLDER of a
'compare' says which of its clear differences keep their sign over the points.
Useful settings: points first replications seed months kpi=economic_profit outcome=file.py:function records=series
executor=serial|loky|dask|tcp://HOST:PORT jobs out=FOLDER.
The folder holds runs/ (a row per run, Parquet in parts), findings.md with tables and pictures in analysis/, and a
manifest. 'allysim status DIR' shows how far a study is. The exit code is 1 if a run failed, 130 after an interrupt,
which loses nothing that is finished.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from allysim.config.compose import MULTIRUN
from allysim.config.sweeping import OWN_KEYS, read_own
from allysim.errors import ConfigError
from allysim.study import archive, store
from allysim.study.study import Study

RESUME = "--resume"
MOVABLE = ("points", "replications", "jobs", "executor", "kpi", "earlier")
SHOWN = 3


def main(args: list[str]) -> int:
    """Run the study that ``args`` describe, or go on with one; print what it found and where it is."""
    args = [arg for arg in args if arg not in MULTIRUN]
    study, out, command = _resumed(args) if RESUME in args else _asked(args)
    if study.plan.sweep.earlier:
        store.read_manifest(Path(study.plan.sweep.earlier).expanduser())  # refused before anything is run
    before = archive.made(out)
    try:
        study.run(out=out, args=command)
    except KeyboardInterrupt:
        print(f"allysim: interrupted; {archive.made(out)} of {study.plan.total} runs are kept in {out}. "
              f"Go on with\n  {archive.go_on(out)}", file=sys.stderr)
        return 130
    print("\n".join(_report(study, out, before)))
    return 1 if study.failed or study.left else 0


def _asked(args: list[str]) -> tuple[Study, Path, list[str]]:
    study = Study.asked(args)
    given = study.plan.cells[0].config.run.out
    manifest = store.describe("sweep", [], study.plan.seeds, study.plan.records, args) | study.plan.to_dict()
    return study, Path(given).expanduser() if given else store.default_out(manifest), args


def _resumed(args: list[str]) -> tuple[Study, Path, list[str]]:
    """Return the study in the folder after ``--resume``, with what may be changed of it."""
    place = args.index(RESUME)
    folder, rest = args[place + 1:place + 2], [*args[:place], *args[place + 2:]]
    if not folder or "=" in folder[0]:
        raise ConfigError(f"{RESUME} takes the folder of a study, as in 'allysim sweep {RESUME} allysim_out/sweep-1a2'")
    changed: dict[str, Any] = {}
    for text in rest:
        key, _, value = (part.strip() for part in text.partition("="))
        if key not in MOVABLE:
            raise ConfigError(f"'{text}' is not allowed: a study that is gone on with keeps its question; "
                              f"{', '.join(MOVABLE)} may be changed")
        changed[key] = read_own(text) if key in OWN_KEYS else _number(text, value)
    out = Path(folder[0]).expanduser()
    earlier = store.read_manifest(out)
    kept = [text for text in earlier.get("arguments") or []
            if text.partition("=")[0].strip() not in {*changed, "out"}]
    return Study.open(out, **changed), out, [*kept, *rest, f"out={out}"]  # it may have been moved


def _number(text: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ConfigError(f"{text} is not allowed: {text.partition('=')[0]} takes a whole number") from None


def _report(study: Study, out: Path, before: int) -> list[str]:
    """Return what there is to say at the end: runs, findings, failures, where it is and what to do next."""
    from allysim.report import study_page

    plan = study.plan
    lines = [f"{len(study.runs)} runs: {_count(len(plan.cells), 'cell')} x {_count(plan.points, 'point')} x "
             f"{_count(len(plan.seeds), 'seed')}" + (f"; {before} were there already" if before else "")
             + (f"; {study.failed} failed" if study.failed else "")]
    if study.left:
        lines += ["", f"{study.left} runs are left: their worker was killed, perhaps for want of memory. Try again, "
                      f"with fewer side by side:\n  {archive.go_on(out)} jobs=1"]
    lines += ["", *study_page.save(study, out)]
    lines += _failures(study, out)
    lines += ["", f"Results: {out}  (read {out / 'findings.md'}; runs: {out / 'runs'}/*.parquet)"]
    return [*lines, *(f"Next:    {text}" for text in study_page.next_steps(study, out))]


def _failures(study: Study, out: Path) -> list[str]:
    if not study.failed:
        return []
    return ["", f"{_count(study.failed, 'run')} failed; each is a row with its error. To run one alone:",
            *archive.failures(study.runs, out, SHOWN, f"listed in {out / 'findings.md'}")]


def _count(n: int, what: str) -> str:
    return f"{n} {what}" + ("" if n == 1 else "s")

