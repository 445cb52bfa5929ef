"""Which strategy is least regretted where nobody knows which world will come."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from allysim.errors import AllysimError

RESAMPLES = 1000
BATCH = 50
SEED = 7


class Regret(NamedTuple):
    """Regret by world and strategy, and the choice it leads to.

    ``table`` has a row per world and a column per strategy, in the outcome's unit. ``summary`` has a row per
    strategy, in their order: strategy, maximum, mean, worst (the world of the maximum), and how often each is chosen
    when seeds are drawn anew, by_maximum and by_mean. ``robust`` has the least maximum, ``robust_by_mean`` the least
    mean regret.
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    robust: str
    robust_by_mean: str


def regret(values: np.ndarray, worlds: Sequence[Hashable], strategies: Sequence[str], better: int = 1) -> Regret:
    """Return by how much each strategy falls short of the best one in each world.

    Parameters
    ----------
    values : ndarray, shape (worlds, strategies, replications)
        The outcome, NaN for failed runs; replication r has the same seed everywhere. A replication that failed
        for one strategy is left out for all strategies of that world.
    worlds : sequence
        Scenarios, or (scenario, point): all weigh alike.
    strategies : sequence of str
    better : int
        +1 where more of the outcome is better, -1 where less is.

    Raises
    ------
    AllysimError
        A world in which no replication succeeded for all strategies.

    Notes
    -----
    Savage (1951). Regret is never below 0, so luck raises it: the resampled choices show how far it decides.
    """
    values = better * np.asarray(values, dtype=float)
    known = np.isfinite(values).all(axis=1)
    if not known.any(axis=1).all():
        lost = worlds[int(np.argmin(known.any(axis=1)))]
        raise AllysimError(f"in {lost} no replication succeeded for all strategies, so nothing can be said of regret")
    filled = np.where(known[:, None, :], values, 0.0)

    def regrets(weights: np.ndarray) -> np.ndarray:
        """Return regret, (draws, worlds, strategies), from weights of replications, (draws, replications)."""
        size = np.einsum("br,wr->bw", weights, known)[..., None]
        means = np.einsum("br,wkr->bwk", weights, filled) / np.maximum(size, 1)
        means = np.where(size > 0, means, filled.sum(axis=2) / known.sum(axis=1)[:, None])
        return means.max(axis=2, keepdims=True) - means

    replications = values.shape[2]
    own = regrets(np.ones((1, replications)))[0]
    rng, chosen = np.random.default_rng(SEED), np.zeros((2, len(strategies)))
    for _ in range(RESAMPLES // BATCH):
        found = regrets(rng.multinomial(replications, np.full(replications, 1 / replications), BATCH))
        for row, figure in zip(chosen, (found.max(axis=1), found.mean(axis=1)), strict=True):
            row += np.bincount(figure.argmin(axis=1), minlength=len(strategies))
    table = pd.DataFrame(own, index=pd.Index(list(worlds), name="world", tupleize_cols=False), columns=list(strategies))
    summary = pd.DataFrame({
        "strategy": list(strategies), "maximum": own.max(axis=0), "mean": own.mean(axis=0),
        "worst": [worlds[w] for w in own.argmax(axis=0)],
        "by_maximum": chosen[0] / RESAMPLES, "by_mean": chosen[1] / RESAMPLES,
    })
    return Regret(table, summary, strategies[int(own.max(axis=0).argmin())], strategies[int(own.mean(axis=0).argmin())])
