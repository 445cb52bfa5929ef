"""Who works with whom: partners of firms, and how far partners of a firm are partners too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from allysim.records import Run

SHUFFLES = 20


def memberships(run: Run) -> np.ndarray:
    """Return who is in which alliance at the end of a run, bool (firms that live, alliances)."""
    living = run.firms["firm"][run.firms["alive"]].tolist()
    place = {firm: k for k, firm in enumerate(living)}
    there = run.memberships[run.memberships["left"].isna() & run.memberships["firm"].isin(place)]
    names = {alliance: k for k, alliance in enumerate(there["alliance"].unique())}
    members = np.zeros((len(living), len(names)), dtype=bool)
    members[there["firm"].map(place).to_numpy(), there["alliance"].map(names).to_numpy()] = True
    return members


def linked(members: np.ndarray) -> np.ndarray:
    """Return which firms share an alliance, (firms, firms)."""
    both = members.astype(np.float32)
    ties: np.ndarray = both @ both.T > 0
    np.fill_diagonal(ties, False)
    return ties


def clustering(members: np.ndarray, luck: np.random.Generator) -> tuple[float, float]:
    """Return the share of two partners of a firm that are partners, and its mean where memberships are shuffled.

    An alliance of three is a triangle of itself, so the comparison keeps the sizes of alliances and the number of
    memberships of each firm, and mixes who meets whom (Newman, Strogatz & Watts 2001).
    """
    firm, alliance = np.nonzero(members)
    shuffled = []
    for _ in range(SHUFFLES):
        mixed = np.zeros_like(members)
        mixed[luck.permutation(firm), alliance] = True
        shuffled.append(transitivity(linked(mixed)))
    return transitivity(linked(members)), float(np.mean(shuffled))


def transitivity(ties: np.ndarray) -> float:
    """Return closed paths of length two over all of them; 0 where there are none."""
    near = ties.astype(np.float64)
    two = near @ near
    paths = two.sum() - np.trace(two)
    return float((two * near).sum() / paths) if paths else 0.0
