"""Stories of firms that rebalance and of capital bought at founding: every event has its words."""

import re

import pytest

import allysim as al
from allysim.analysis.telling import EVENTS
from allysim.config.parameters import ALLIANCE_TYPES
from analysis.test_explain import all_names, check_figures

LEVERS = {"seek": list(ALLIANCE_TYPES), "portfolio": "barbell", "rebalance": True, "stretch": 3.0, "commit": "at_once"}
WORLD = {
    **{f"{whose}.{lever}": value for whose in ("strategy", "background.strategy") for lever, value in LEVERS.items()},
    "firms.n": 30, "months": 30, "choice.search_months": 1, "pilot.months": 1, "rules.gate": "never_stop",
    "firms.attention_small": 2, "portfolio.review": 1, "portfolio.tolerance": .05, "firms.cash_months": 6.0,
    "choice.expected_life": 90.0, "background.strategy.portfolio": "seventy_twenty_ten", "governance.notice": 1,
}


@pytest.fixture(scope="module")
def run():
    """Firms that fill up with all there is, and are given weights after a year."""
    free = {f"{whose}.portfolio": "none" for whose in ("strategy", "background.strategy")}
    model = al.AllianceModel(al.scenario(**WORLD | free), rng=4)
    for month in range(30):
        if month == 12:
            model.move({key: value for key, value in WORLD.items() if key in free})
        model.step()
    return model.results()


def test_every_figure_is_in_the_tables(run):
    for name in all_names(run)[::3]:
        check_figures(run, name)
        flat = re.sub(r"\s+", " ", run.explain(name))
        assert not re.search(r"\bnan\b|None|<NA>|_|[{}\[\]]| ,|\.\.|there was this", flat), flat


@pytest.mark.parametrize(("event", "cause", "words"), [
    ("withdrew", "moonshot", "gave notice, having too much in moonshots"),
    ("withdrew", "between", "gave notice, having too much in alliances neither steady nor bold"),
    ("capital bought", "at founding", "before anything had been shown to work"),
])
def test_what_is_told(run, event, cause, words):
    assert f"{event}: {cause}" in EVENTS
    told = run.events[(run.events.event == event) & (run.events.cause == cause)]
    assert words in re.sub(r"\s+", " ", run.explain(f"alliance {told.alliance.iloc[0]}"))


def test_leaving_to_rebalance_is_told_with_who_left(run):
    left = run.events[(run.events.event == "left") & (run.events.cause == "portfolio")]
    ended = run.alliances[run.alliances.cause == "portfolio"]
    assert len(left) and len(ended)
    assert "to rebalance its portfolio" in re.sub(r"\s+", " ", run.explain(f"alliance {ended.alliance.iloc[0]}"))
