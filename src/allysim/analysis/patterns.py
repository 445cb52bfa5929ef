"""Patterns that real alliances show, and what a population of the model shows of them.

A run leaves counts and sums that add up over runs (`observe`), and every pattern is a function of their total, so that
an interval comes from drawing runs again. Alliances count from their go, months from the end of `BURN_IN`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from allysim.analysis.ties import clustering, linked, memberships
from allysim.config.strategy import ALLIANCE_TYPES
from allysim.mechanisms.kinds import RND

if TYPE_CHECKING:
    from allysim.records import Run

BURN_IN = 12
MONTHS = BURN_IN + 120
"""Of a run: ten years after the burn-in."""

AGES = 121
FAILURE_MONTHS = 36
SPAN = 6.0
"""Standard deviation in months of the weights that smooth the hazard of ending."""

LEAST_AT_RISK = 50
"""Alliances that must have reached an age for its hazard to count."""

QUINTILES, BINS, BIN = 5, 200, .0025
RESAMPLES, SEED = 1000, 7

COLUMNS = ["pattern", "what", "unit", "label", "band_low", "band_high", "value", "value_low", "value_high", "hit",
           "source"]

Seen = dict[str, np.ndarray]
"""What a run leaves: arrays that add up over runs."""


class Pattern(NamedTuple):
    """One pattern: what it is, its unit, the band real ones lie in, how it came into the model, and its source.

    ``label`` is encoded (an input put it there), fitted (by calibration), or free (neither: only this validates).
    ``worlds`` are those of `WORLDS` it is measured in.
    """

    what: str
    unit: str
    low: float
    high: float
    label: str
    source: str
    measure: Callable[[Mapping[str, Seen]], float]
    worlds: tuple[str, ...] = ("default",)


WORLDS: dict[str, dict[str, Any]] = {
    "default": {},
    "adaptive": {"governance": "adaptive"},
    "undisrupted": {"environment.disruption_rate": 0.0},
}
"""Worlds that patterns are measured in, each under the same seeds."""


def witness(scenario: Any, seed: int) -> Seen:
    """Run a world and return what it leaves; disruptions are counted as the months pass."""
    from allysim.model import AllianceModel

    model = AllianceModel(scenario.replace(months=MONTHS), rng=seed, records="full")
    starts, lived = 0, 0
    before = np.zeros(len(model.state.firms.key), dtype=bool)
    for month in range(1, MONTHS + 1):
        model.step()
        struck = model.state.firms.disrupted > 0
        if month > BURN_IN:
            starts, lived = starts + int((struck & ~before).sum()), lived + len(struck)
        before = struck
    return observe(model.results()) | {"disruptions": np.array([lived, starts], dtype=float)}


def observe(run: Run) -> Seen:
    """Return the counts and sums of a run of `MONTHS` months at ``records=full``.

    Returns
    -------
    dict
        ``risk``, ``ends``: (type, rivals or not, age) alliances after their go that reached an age (months) and that
        ended at it; rivals are those two of whose founders sell most in one segment. ``pilots``: begun long enough ago,
        and scaled. ``entrants``: (2, age) firms that reached an age, and that went. ``saved``: counts of savings in
        bins of `BIN`; ``pools``: purchasing alliances, and those without leverage. ``cost``: (2, quintile of trust)
        governance cost and memberships; ``contracts``: n and sums of completeness, trust, their squares and product;
        ``failures``: (rivals or not, 2) firms that collaborated, and that saw a breach, within 36 months.
        ``network``: 1, share of partners held by the top tenth, clustering, that of shuffled memberships.
        ``ebitda``: its sum over months.
    """
    alliances, firms = run.alliances, run.firms.set_index("firm")
    members = run.memberships.merge(alliances.drop(columns=["members", "capital"]), on="alliance",
                                    suffixes=("", "_alliance"))
    members["segment"] = members["firm"].map(firms["segment"])
    sizes = members[members["joined"] == members["founded"]].groupby("alliance")["segment"].agg(["size", "nunique"])
    rivals = alliances["alliance"].map(sizes["nunique"] < sizes["size"]).fillna(False).to_numpy(dtype=bool)
    go, ended = _months(alliances["go"]), _months(alliances["ended"])
    counted = go > BURN_IN
    over = np.isfinite(ended)
    age, kind = np.where(over, ended, MONTHS) - go, alliances["founded_as"].to_numpy()
    groups = [[counted & (kind == name) & (rivals == rival) for rival in (True, False)] for name in ALLIANCE_TYPES]
    risk, ends = np.moveaxis(np.array([[_by_age(age[group], over[group]) for group in pair] for pair in groups]), 2, 0)
    return {
        "risk": risk, "ends": ends, "pilots": _pilots(alliances), "entrants": _entrants(run),
        **_pools(members, run), "cost": _cost(members, firms), "contracts": _contracts(alliances[counted]),
        "failures": _failures(run, members, rivals), "network": _network(run),
        "ebitda": np.array([run.series["population.ebitda"].iloc[BURN_IN + 1:].sum()]),
    }


def _months(column: pd.Series) -> np.ndarray:
    return column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)


def _by_age(age: np.ndarray, over: np.ndarray) -> np.ndarray:
    """Return (2, ages): those who reached an age, and those who ended at it."""
    bins = np.arange(AGES + 1)
    reached = np.histogram(age, bins)[0][::-1].cumsum()[::-1] if len(age) else np.zeros(AGES)
    return np.stack([reached, np.histogram(age[over], bins)[0] if len(age) else np.zeros(AGES)]).astype(float)


def _pilots(alliances: pd.DataFrame) -> np.ndarray:
    """Return pilots begun after the burn-in and three years before the end, and how many of them scaled."""
    founded = alliances["founded"].to_numpy()
    old = (founded > BURN_IN) & (founded <= MONTHS - 36)
    return np.array([old.sum(), (old & alliances["scaled"].notna().to_numpy()).sum()], dtype=float)


def _entrants(run: Run) -> np.ndarray:
    firms = run.firms[(run.firms["generation"] > 0) & (run.firms["founded"] > BURN_IN)]
    exits = run.events[run.events["event"] == "exit"].set_index("firm")["month"]
    left = firms["firm"].map(exits).to_numpy(dtype=float)
    over = np.isfinite(left)
    return _by_age(np.where(over, left, MONTHS) - firms["founded"].to_numpy(), over)


def _pools(members: pd.DataFrame, run: Run) -> Seen:
    """Return what purchasing alliances saved of their spend, by the fee that is a part of it."""
    mine = members[(members["founded_as"] == "procurement") & (members["founded"] > BURN_IN)]
    pools = mine.groupby("alliance").agg(saving=("saving", "sum"), fee=("fee", "sum"), leverage=("leverage", "first"),
                                         go=("go", "first"))
    spend = pools["saving"] - pools["fee"] / max(run.scenario.purchasing.fee, 1e-9)  # a fee is money that leaves
    running = (pools["fee"] < 0) & pools["leverage"] & pools["go"].notna()
    share = (pools["saving"] / spend)[running]
    counts = np.histogram(np.clip(share, 0, BINS * BIN - 1e-12), np.arange(BINS + 1) * BIN)[0].astype(float)
    return {"saved": counts, "pools": np.array([len(pools), (~pools["leverage"].astype(bool)).sum()], dtype=float)}


def _cost(members: pd.DataFrame, firms: pd.DataFrame) -> np.ndarray:
    """Return governance cost a month and memberships by quintile of trust, each type against its own mean cost."""
    go = members[members["go"].notna()]
    months = np.where(go["left"].isna(), MONTHS, _months(go["left"])) - go["joined"].to_numpy()
    size = np.sqrt(np.maximum(go["firm"].map(firms["revenue"]).to_numpy(dtype=float), 1e-9))
    rate = pd.Series(-go["governance"].to_numpy() / np.maximum(months, 1) / size, index=go.index)
    found = np.zeros((2, QUINTILES))
    for _, of in go.groupby("founded_as"):
        if len(of) < QUINTILES:
            continue
        relative = rate[of.index] / max(rate[of.index].mean(), 1e-12)
        place = np.minimum((of["trust"].rank(method="first", pct=True) * QUINTILES).astype(int), QUINTILES - 1)
        found += np.stack([np.bincount(place, relative, QUINTILES), np.bincount(place, minlength=QUINTILES)])
    return found


def _contracts(alliances: pd.DataFrame) -> np.ndarray:
    c, t = alliances["completeness"].to_numpy(), alliances["trust"].to_numpy()
    return np.array([len(c), c.sum(), t.sum(), (c * c).sum(), (t * t).sum(), (c * t).sum()], dtype=float)


def _failures(run: Run, members: pd.DataFrame, rivals: np.ndarray) -> np.ndarray:
    """Return (rivals or not, 2): firms that collaborated in the first three years, and that saw a breach in these."""
    first, last = BURN_IN + 1, BURN_IN + FAILURE_MONTHS
    left = np.where(members["left"].isna(), MONTHS + 1, _months(members["left"]))
    there = members[(members["joined"] <= last) & (left >= first)]
    breaches = run.events[(run.events["event"] == "breach") & run.events["month"].between(first, last)]
    seen = there.merge(breaches[["alliance", "month"]].astype({"alliance": "int64"}), on="alliance")
    suffered = set(seen["firm"][(seen["joined"] <= seen["month"]) & ~(_months(seen["left"]) < seen["month"])])
    among = set(there["firm"][rivals[there["alliance"].to_numpy()]])
    return np.array([[len(whom), len(whom & suffered)] for whom in (among, set(there["firm"]) - among)], dtype=float)


def _network(run: Run) -> np.ndarray:
    """Return 1, what share of all partners the top tenth of firms has at the end, and clustering, real and shuffled."""
    members = memberships(run)
    real, shuffled = clustering(members, np.random.default_rng(run.seed))
    degree = np.sort(linked(members).sum(axis=1))[::-1]
    top = degree[:max(1, round(len(degree) / 10))].sum() / max(degree.sum(), 1)
    return np.array([1.0, top, real, shuffled])


def kaplan_meier(risk: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return survival by age from counts at risk and ended, (ages,); missing from where nobody is left."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.cumprod(1 - ends / risk)


def _all(seen: Seen) -> tuple[np.ndarray, np.ndarray]:
    """Return alliances of all types at risk and ended, by age."""
    return seen["risk"].sum(axis=(0, 1)), seen["ends"].sum(axis=(0, 1))


def _ended(months: int) -> Callable[[Mapping[str, Seen]], float]:
    return lambda worlds: 1 - float(kaplan_meier(*_all(worlds["default"]))[months])


def _median_life(worlds: Mapping[str, Seen]) -> float:
    seen = worlds["default"]
    below = np.flatnonzero(kaplan_meier(*(seen[name][RND].sum(axis=0) for name in ("risk", "ends"))) <= .5)
    return float(below[0]) if len(below) else np.inf


def hazard(seen: Seen) -> np.ndarray:
    """Return the monthly hazard of ending by age, smoothed; missing where few alliances have got to."""
    risk, ends = _all(seen)
    ages = np.arange(AGES)
    weight = np.exp(-.5 * ((ages[:, None] - ages) / SPAN)**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(risk >= LEAST_AT_RISK, weight @ ends / (weight @ risk), np.nan)


def _peak(worlds: Mapping[str, Seen]) -> float:
    rates = hazard(worlds["default"])
    return float(np.nanargmax(rates)) if np.isfinite(rates).any() else np.nan


def _rivalry(worlds: Mapping[str, Seen]) -> float:
    """Return the ratio of hazards of rivals and others within types and ages (Mantel & Haenszel 1959)."""
    seen = worlds["default"]
    n, m, d, e = (seen[name][:, rival] for name in ("risk", "ends") for rival in (0, 1))
    weight = 1 / np.maximum(n + m, 1)
    return _ratio((d * m * weight).sum(), (e * n * weight).sum())


def _correlation(worlds: Mapping[str, Seen]) -> float:
    n, c, t, cc, tt, ct = worlds["adaptive"]["contracts"]
    spread = (n * cc - c * c) * (n * tt - t * t)
    return float((n * ct - c * t) / np.sqrt(spread)) if spread > 1e-9 else np.nan


def _dear(worlds: Mapping[str, Seen]) -> float:
    cost, months = worlds["default"]["cost"]
    return _ratio(cost[0] / max(months[0], 1), cost[-1] / max(months[-1], 1))


def _saving(worlds: Mapping[str, Seen]) -> float:
    counts = worlds["default"]["saved"].cumsum()
    return float((np.searchsorted(counts, counts[-1] / 2) + .5) * BIN) if counts[-1] else np.nan


def _share(name: str) -> Callable[[Mapping[str, Seen]], float]:
    return lambda worlds: _ratio(worlds["default"][name][1], worlds["default"][name][0])


def _failed(worlds: Mapping[str, Seen]) -> float:
    firms, failed = worlds["default"]["failures"].sum(axis=0)
    return _ratio(failed, firms)


def _failed_rivals(worlds: Mapping[str, Seen]) -> float:
    (n, d), (m, e) = worlds["default"]["failures"]
    return _ratio(d * m, e * n)


def _top(worlds: Mapping[str, Seen]) -> float:
    runs, top, _, _ = worlds["default"]["network"]
    return _ratio(top, runs)


def _clustered(worlds: Mapping[str, Seen]) -> float:
    _, _, real, shuffled = worlds["default"]["network"]
    return _ratio(real, shuffled)


def _entrants_after(years: int) -> Callable[[Mapping[str, Seen]], float]:
    return lambda worlds: float(kaplan_meier(*worlds["default"]["entrants"])[12 * years - 1])


def _years_between(worlds: Mapping[str, Seen]) -> float:
    months, starts = worlds["default"]["disruptions"]
    return _ratio(months, 12 * starts)


def _lost(worlds: Mapping[str, Seen]) -> float:
    """Return what disruptions take of EBITDA in ten years, in years of it: against the same worlds without them."""
    calm = float(worlds["undisrupted"]["ebitda"][0])
    return _ratio(10 * (calm - float(worlds["default"]["ebitda"][0])), calm)


def _ratio(a: float, b: float) -> float:
    return float(a) / float(b) if b else np.nan


HARRIGAN = "Harrigan; Kale & Singh 2009"
RIVALRY = "rivalry study, Management Science 1996"
BIRTHS = "establishment statistics"
PATTERNS: dict[str, Pattern] = {
    "ended_36": Pattern("alliances ended 36 months after go", "share", .25, .45, "fitted", HARRIGAN, _ended(36)),
    "ended_60": Pattern("alliances ended 60 months after go", "share", .45, .60, "fitted", HARRIGAN, _ended(60)),
    "ended_84": Pattern("alliances ended 84 months after go", "share", .55, .70, "fitted", HARRIGAN, _ended(84)),
    "rnd_life": Pattern("median life of R&D alliances", "months", 18, 36, "fitted", "R&D alliance duration studies",
                        _median_life),
    "hazard_peak": Pattern("age at which the hazard of separation peaks", "months", 18, 48, "free", RIVALRY, _peak),
    "rivalry": Pattern("hazard of separation, rivals against others", "ratio", 1.3, 2.5, "encoded", RIVALRY, _rivalry),
    "contract_trust": Pattern("correlation of contract completeness and trust", "", .1, .4, "free",
                              "Poppo & Zenger line of work", _correlation, ("adaptive",)),
    "transaction_cost": Pattern("governance cost, lowest against highest fifth of trust", "ratio", 3, 6, "encoded",
                                "Dyer & Chu 2003", _dear),
    "pool_saving": Pattern("median saving of purchasing alliances", "share of spend", .08, .15, "encoded",
                           "trade studies; GAO 2002 for the contrary", _saving),
    "no_leverage": Pattern("purchasing alliances without any saving", "share", .10, .30, "encoded",
                           "trade studies; GAO 2002 for the contrary", _share("pools")),
    "failures": Pattern("collaborating firms that see a breach within 36 months", "share", .10, .20, "fitted",
                        "Lhuillery & Pfister 2009", _failed),
    "failures_rivals": Pattern("such breaches, firms with rivals against others", "ratio", 1.2, 2.0, "free",
                               "Lhuillery & Pfister 2009", _failed_rivals),
    "concentration": Pattern("partners held by the top tenth of firms", "share", .35, 1.0, "free",
                             "Tomasello et al. 2017", _top),
    "clustering": Pattern("clustering against shuffled memberships", "ratio", 1.0, np.inf, "free",
                          "Rosenkopf & Schilling 2007", _clustered),
    "scaled": Pattern("pilots that scale", "share", .25, .50, "free", "practitioner surveys", _share("pilots")),
    "entrants_1": Pattern("entrants alive after 1 year", "share", .74, .86, "fitted", BIRTHS, _entrants_after(1)),
    "entrants_2": Pattern("entrants alive after 2 years", "share", .64, .76, "fitted", BIRTHS, _entrants_after(2)),
    "entrants_5": Pattern("entrants alive after 5 years", "share", .44, .56, "fitted", BIRTHS, _entrants_after(5)),
    "entrants_10": Pattern("entrants alive after 10 years", "share", .27, .39, "fitted", BIRTHS, _entrants_after(10)),
    "disruption_years": Pattern("years between supply disruptions of a month or more", "years", 3, 4.5, "encoded",
                                "McKinsey Global Institute 2020", _years_between),
    "disruption_loss": Pattern("loss by disruptions in ten years", "years of EBITDA", .35, .50, "free",
                               "McKinsey Global Institute 2020", _lost, ("default", "undisrupted")),
}


def measure(seen: Mapping[str, Sequence[Seen]], names: Sequence[str] = tuple(PATTERNS)) -> pd.DataFrame:
    """Return the table of patterns.

    Parameters
    ----------
    seen : mapping
        World of `WORLDS` to what its runs left, in the order of the same seeds.
    names : sequence of str
        Of `PATTERNS`.

    Returns
    -------
    DataFrame
        Columns pattern, what, unit, label, band_low, band_high, value, value_low, value_high (95 % interval from runs
        drawn again, all worlds alike), hit (whether the value lies in the band), source.
    """
    runs = len(next(iter(seen.values())))
    stacked = {world: {key: np.stack([one[key] for one in rows]) for key in rows[0]} for world, rows in seen.items()}
    draws = np.random.default_rng(SEED).multinomial(runs, np.full(runs, 1 / runs), RESAMPLES)
    again = [{world: {key: np.tensordot(weights, rows, 1) for key, rows in arrays.items()}
              for world, arrays in stacked.items()} for weights in draws]
    whole = {world: {key: rows.sum(axis=0) for key, rows in arrays.items()} for world, arrays in stacked.items()}
    rows = []
    for name in names:
        pattern = PATTERNS[name]
        value = pattern.measure(whole)
        drawn = np.array([pattern.measure(one) for one in again])
        drawn = drawn[~np.isnan(drawn)]
        low, high = np.quantile(drawn, [.025, .975], method="nearest") if len(drawn) else (np.nan, np.nan)
        rows.append((name, pattern.what, pattern.unit, pattern.label, pattern.low, pattern.high, value, low, high,
                     bool(pattern.low <= value <= pattern.high), pattern.source))
    return pd.DataFrame(rows, columns=COLUMNS)
