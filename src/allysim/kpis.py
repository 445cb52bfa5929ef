"""The key figures of a run: what they are called, their unit, and which way is better.

A monthly series has a column ``<group>.<kpi>`` for each of them, for the groups in `GROUPS`. The focal
group are the firms under study at month 0: one that has left counts with 0 in money and is left out of
rates, which are missing once all have left. The population is whoever is there, entrants included; its
money is divided by the number of slots, which is that of the firms at month 0.
"""

from typing import NamedTuple

GROUPS = ("focal", "population")


class Kpi(NamedTuple):
    """One key figure.

    ``over`` says how a run's months become one outcome: ``last`` (the final month, for stocks and
    cumulative figures) or ``mean`` (over months 1 to the end). ``better`` is +1, -1 or 0 (neither).
    """

    label: str
    unit: str
    over: str
    better: int
    about: str


KPIS: dict[str, Kpi] = {
    "economic_profit": Kpi("Cumulative economic profit", "k€ per firm", "last", +1,
                           "EBITDA after alliance costs less the charge on capital, summed; 0 after exit"),
    "survival": Kpi("Survival", "share of firms", "last", +1, "share of the firms of month 0 still alive"),
    "ebitda": Kpi("EBITDA after alliance costs", "k€/month per firm", "mean", +1, "0 after exit"),
    "revenue": Kpi("Revenue", "k€/month per firm", "mean", 0, "price times output delivered; 0 after exit"),
    "price": Kpi("Price", "index, 1 at month 0", "mean", 0, "mean over living firms"),
    "unit_cost": Kpi("Unit variable cost", "price units", "mean", -1, "mean over living firms"),
    "saving": Kpi("Saving by alliances", "k€/month per firm", "mean", +1,
                  "of inputs and fixed cost, before fee, governance and split"),
    "governance_cost": Kpi("Governance cost", "k€/month per firm", "mean", -1, "cost of running alliances"),
    "allied": Kpi("Firms in an alliance", "share of living firms", "mean", 0, "pilot or running"),
    "on_time_delivery": Kpi("On-time delivery", "share of orders", "mean", +1, "output over orders"),
    "leads": Kpi("Leads won", "units/month per firm", "mean", 0, "sales growth plus churn made good"),
    "churn": Kpi("Customer churn", "share of sales a month", "mean", -1, "mean over living firms"),
    "time_to_market": Kpi("Time to market", "months", "mean", -1, "length of a launch, mean over living firms"),
    "trust_mean": Kpi("Trust, mean", "0-1", "mean", +1, "over ties to firms met; the disposition where none was met"),
    "trust_least": Kpi("Trust, least", "0-1", "mean", +1, "lowest over those ties"),
    "trust_spread": Kpi("Trust, spread", "0-1", "mean", 0, "standard deviation over those ties"),
    "breaches": Kpi("Breaches suffered", "per firm, cumulative", "last", -1, "defections of a partner, seen or not"),
    "breach_cost": Kpi("Loss by breaches", "k€ per firm, cumulative", "last", -1,
                       "what partners took or destroyed, less what was taken and penalties received"),
    "leaks": Kpi("Leaks suffered", "per firm, cumulative", "last", -1, "of know-how, and misuses of data, seen or not"),
    "leak_cost": Kpi("Loss by leaks", "k€ per firm, cumulative", "last", -1,
                     "margin lost with appeal, less what misuse won and penalties received"),
    "capability_growth": Kpi("Capability growth", "0-1", "last", +1,
                             "mean over capabilities and living firms of what was added to those born with"),
    "consumer_surplus": Kpi("Consumer surplus", "k€/month", "mean", +1, "logit surplus, population only"),
    "lot_revenue": Kpi("Revenue from lots", "k€/month per firm", "mean", 0, "part of revenue that was let by tender"),
}


def figures(groups: tuple[str, ...] = GROUPS) -> dict[str, tuple[int, int]]:
    """Return every ``<group>.<kpi>`` of some groups with the places of group and figure in `GROUPS` and `KPIS`."""
    return {
        f"{group}.{kpi}": (g, k)
        for g, group in enumerate(GROUPS) if group in groups
        for k, kpi in enumerate(KPIS) if (group, kpi) != ("focal", "consumer_surplus")
    }
