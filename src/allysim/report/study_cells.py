"""The cells of a study: which one each is compared with, and what they are called."""

from __future__ import annotations

from allysim.config.sweeping import of_strategy
from allysim.study.study import Study


def pairs(study: Study) -> list[tuple[int, int]]:
    """Return (cell, reference) for every cell but the first of its scenario, or of all where scenarios alone vary.

    Where the study has a reference of its own, the first is that of the same world, which is all but the strategy.
    """
    plan, first, found = study.plan, dict[tuple[str, ...], int](), []
    varied = [key for key, values in plan.factors.items() if len(values) > 1]
    world = [key for key in varied if not of_strategy(key)] if plan.sweep.reference else ["scenario"]
    alone = set(varied) <= {"scenario"}
    for position, cell in enumerate(plan.cells):
        reference = first.setdefault(() if alone else tuple(cell.labels[key] for key in world), position)
        if reference != position:
            found.append((position, reference))
    return found


def label(study: Study, cell: int) -> str:
    """Return what a cell is called: its strategy and what else varies but the scenario.

    The strategy is left out where it is that of all cells but the reference; its levers go without their section.
    """
    plan, labels, reference = study.plan, study.plan.cells[cell].labels, study.plan.sweep.reference
    varied = [key for key, values in plan.factors.items() if key != "scenario" and len({*values} - {reference}) > 1]
    words = [f"{key.rpartition('.')[2] if of_strategy(key) else key}={labels[key]}" for key in varied
             if key != "strategy" and labels[key]]
    if "strategy" in varied or labels["strategy"] == reference:
        words.insert(0, labels["strategy"])
    return " ".join(words) or labels["strategy" if reference else "scenario"]


def grid(study: Study) -> tuple[list[str], list[str], list[list[int]]]:
    """Return scenarios, what is compared in each, and the cells (scenarios, choices), the reference first.

    Nothing is in it where scenarios have not all the same, or a choice is not compared with that reference.
    """
    rows: dict[str, list[int]] = {}
    for position, cell in enumerate(study.plan.cells):
        rows.setdefault(cell.labels["scenario"], []).append(position)
    names = [[label(study, position) for position in row] for row in rows.values()]
    compared = dict(pairs(study))
    if any(other != names[0] for other in names) or any(compared.get(cell) != row[0] for row in rows.values()
                                                        for cell in row[1:]):
        return [], [], []
    return list(rows), names[0], list(rows.values())
