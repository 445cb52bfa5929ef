"""One scenario under many seeds: what is usual, how far luck spreads it, and how sure its mean is."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from allysim.analysis import paired
from allysim.analysis.words import GROUP_NAMES, decimals, kpi_of, number, sentence
from allysim.study.replications import HEADLINE, OWN, Replications

if TYPE_CHECKING:
    import pandas as pd

    from allysim.config import Scenario


class Fan(NamedTuple):
    """A figure by month, arrays of shape (months + 1,), month 0 first.

    ``low`` and ``high`` are the 95 % interval of the mean; ``p10``, ``p50`` and ``p90`` quantiles of single runs.
    """

    month: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p10: np.ndarray
    p50: np.ndarray
    p90: np.ndarray


class Ensemble(Replications):
    """Replications of one scenario, which differ by luck alone.

    Parameters
    ----------
    scenario : Scenario, optional
        The default scenario if not given.
    replications : int, optional
        Runs; by default the scenario's ``replications``. Replication k has the scenario's ``seed`` + k.
    jobs : int, optional
        Processes side by side, 0 for one per core; by default the scenario's ``jobs``.
    records : str, optional
        ``outcomes``, ``series`` (needed for bands over months) or ``full``; by default the scenario's
        ``records``, where auto means series.

    Raises
    ------
    ConfigError
        A number that is not allowed.
    RuleError
        A rule or outcome given by path that cannot be used.

    Examples
    --------
    >>> small = al.scenario("supply_stress", months=24, **{"firms.n": 20})
    >>> ensemble = al.Ensemble(small, replications=5, jobs=1).run()
    >>> print(*ensemble.statements("survival"), sep="\\n")
    Survival of ... is ... (95 % interval ... to ...; 5 replications, 24 months).
    Half of all runs are below ...
    >>> ensemble.table.set_index(["group", "kpi"]).loc[("focal", "ebitda"), ["mean", "p10", "p90"]]
    mean ...
    """

    what = "ensemble"

    def __init__(self, scenario: Scenario | None = None, replications: int | None = None, jobs: int | None = None,
                 records: str | None = None) -> None:
        from allysim.config import scenario as compose

        self.scenario = compose() if scenario is None else scenario
        labels = {"scenario": self.scenario.scenario.name, "strategy": self.scenario.strategy.name,
                  "governance": self.scenario.governance.name}
        super().__init__([self.scenario], [labels], replications, jobs, records)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per group and figure.

        Columns group, kpi, mean, sd (of single runs), low, high (95 % interval of the mean), p10, p50, p90 (of
        single runs), replications (that succeeded and have the figure).
        """
        import pandas as pd

        rows = []
        for name, (values,) in self._values.items():
            group, _, kpi = name.partition(".")
            sure = paired.interval_of_mean(values)
            rows.append((group, kpi, float(sure.mean), float(sure.error) * int(sure.n) ** .5, float(sure.low),
                         float(sure.high), *map(float, paired.quantiles(values)), int(sure.n)))
        return pd.DataFrame(rows, columns=["group", "kpi", "mean", "sd", "low", "high", "p10", "p50", "p90",
                                           "replications"])

    def bands(self, outcome: str) -> Fan:
        """Return a figure ``<group>.<kpi>`` by month; `AllysimError` if no series were kept."""
        values = self.months_of(0, outcome)
        sure = paired.interval_of_mean(values)
        return Fan(np.arange(values.shape[1]), sure.mean, sure.low, sure.high, *paired.quantiles(values))

    @cached_property
    def series(self) -> pd.DataFrame:
        """The fields of `Fan` by group, kpi and month."""
        return self._by_month([{}], lambda _, outcome: self.bands(outcome))

    def statements(self, kpi: str = HEADLINE, group: str | None = None) -> list[str]:
        """Say in two sentences where the mean of a figure lies and where single runs do; every word is computed.

        Parameters
        ----------
        kpi : str
            One of `allysim.kpis.KPIS`, or the name of an own outcome (with ``group="own"``).
        group : str, optional
            ``focal``, ``population`` or ``own``; by default the focal firms, or all if there are none.
        """
        group = group or self.group
        (values,) = self._named(group, kpi)
        info, sure = kpi_of(kpi), paired.interval_of_mean(values)
        if int(sure.n) < 2:
            return ["Too few runs succeeded to say what is usual."]
        what = f"'{kpi}'" if group == OWN else f"{info.label} of {GROUP_NAMES[group]}"
        unit = f" {info.unit}" if info.unit else ""
        places = decimals(float(sure.low), float(sure.high))
        p10, p50, p90 = map(float, paired.quantiles(values))
        wide = decimals(p10, p90)
        return [
            f"{sentence(what)} is {number(float(sure.mean), places)}{unit} on average (95 % interval "
            f"{number(float(sure.low), places)} to {number(float(sure.high), places)}; {int(sure.n)} replications, "
            f"{self.months} months).",
            f"Half of all runs are below {number(p50, wide)}{unit}; the middle 80 % lie from {number(p10, wide)} to "
            f"{number(p90, wide)}.",
        ]
