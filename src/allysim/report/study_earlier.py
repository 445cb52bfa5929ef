"""A comparison at the defaults beside a study over assumptions: its differences, and whether it had the same world."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from allysim.analysis.words import joined
from allysim.config.scenario import WITHOUT_EFFECT
from allysim.errors import StoreError
from allysim.study import store
from allysim.study.study import Study

MOST_NAMED = 4
"""Settings that are named where the comparison was of another world."""


def at_defaults(study: Study, order: Sequence[Sequence[int]], folder: Path) -> np.ndarray:
    """Return a study's differences as a comparison has them.

    Parameters
    ----------
    study : Study
    order : sequence of sequences of int
        Cells by scenario, the reference of each first.
    folder : Path
        Of the comparison.

    Returns
    -------
    ndarray, shape (scenarios, choices without the reference, replications)
        Paired by seed; NaN where a run failed, or was not made.

    Raises
    ------
    StoreError
        The folder cannot be read, has several runs of one cell under a seed, or none of the differences.
    """
    import pandas as pd

    runs, figure = store.read_table(folder, "runs"), study.figure()
    keys = [key for key in study.plan.factors if key in runs]
    if runs.duplicated([*keys, "seed"]).any():
        raise StoreError(f"earlier={folder} varies more than {joined(keys)}: give a comparison of these alone")
    if figure not in runs:
        raise StoreError(f"earlier={folder} has no '{figure}'")
    cells = [study.plan.cells[cell].labels for row in order for cell in row]
    wanted = pd.MultiIndex.from_tuples([tuple(labels[key] for key in keys) for labels in cells])
    values = runs.pivot(index=keys, columns="seed", values=figure).reindex(wanted).to_numpy(dtype=float)
    values = values.reshape(*np.shape(order), -1)
    found = np.asarray(values[:, 1:] - values[:, :1])
    if np.isnan(found).all():
        raise StoreError(f"earlier={folder} has none of the differences of this study")
    return found


def other_world(study: Study, folder: Path) -> str:
    """Say in what settings a comparison differs from the study, what the study varies aside; "" where in none."""
    theirs = {(one["scenario"], one["strategy"]): one["config"]["settings"]
              for one in store.read_manifest(folder)["variants"]}
    for cell in study.plan.cells:
        settings = theirs.get((cell.labels["scenario"], cell.labels["strategy"]))
        if settings is None:
            continue
        ours = cell.config.to_dict()["settings"]
        other = [f"{key}={settings[key]} (here {value})" for key, value in ours.items()
                 if key not in {*WITHOUT_EFFECT, *study.plan.keys, "seed", "replications"}
                 and key in settings and settings[key] != value]
        if other:
            more = f", and {len(other) - MOST_NAMED} settings more" if len(other) > MOST_NAMED else ""
            return f"The comparison at the defaults was of another world: {', '.join(other[:MOST_NAMED])}{more}."
    return ""
