"""Stories of firms and alliances: every figure is in the tables, every event has its words, nothing is said wrongly."""

import math
import re

import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.analysis.book import Book
from allysim.analysis.explain import WIDTH, check_names
from allysim.analysis.telling import EVENTS, FLOWS, STRUCTURE, TYPES, Happening, figure, tell, when
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.errors import AllysimError, ConfigError
from allysim.state import BOOKED
from network.test_start import NETWORK

WILD = {"firms.n": 40, "months": 84, "conduct.temptation": 12.0, "demography.exit_incumbent": .004,
        "demography.exit_entrant": .02, "choice.search_months": 3, "firms.cash_months": 1.0,
        "firms.ebitda_margin": .04}
NUMBER = r"−?\d+(?: \d{3})*(?:\.\d+)?"
WORDS_WITH_NUMBERS = r"[Ff]irm \d+(\.\d+)?|alliance \d+|month 0 |scale from 0 to 1"


@pytest.fixture(scope="module")
def calm():
    return al.run(al.scenario(months=48, **{"firms.n": 40}), seed=7)


@pytest.fixture(scope="module")
def wild():
    return al.run(al.scenario("supply_stress", **WILD), seed=10)


@pytest.fixture(scope="module")
def inventive():
    world = {"strategy.seek": ["rnd"], "background.strategy.seek": ["rnd"], "strategy.research": "radical",
             "ip_protection.owner": "each_own", "research.sprint": 1, "pilot.stop": .02, "separation.scale": 20.0,
             "demography.exit_incumbent": 0.0, "demography.ruin": False}
    run = al.run(al.scenario(months=36, **{"firms.n": 24, "firms.focal": 12, **world}), seed=1)
    assert {"success", "handed back"} <= {*run.events.event}
    return run


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "net.csv"
    path.write_text(NETWORK)
    return al.run(al.scenario(months=24, **{"firms.n": 30, "alliances.path": str(path), "alliances.unknown": "draw",
                                           "alliances.type": "procurement",
                                            "alliances.date": "1995-01-01"}), seed=1)


def numeric(frame):
    return [float(value) for value in np.ravel(frame.select_dtypes("number").astype(float).to_numpy())]


def sums(frame, by, column="amount"):
    return frame.groupby(by, observed=True, dropna=False)[column].sum().tolist()


def known_money(run, name):
    """Return every amount that may be told of a firm or an alliance, from the tables alone."""
    members, ledger, last = run.memberships, run.ledger, int(run.series.month.max())
    events = run.events
    firm = not name.startswith("alliance")
    theirs = members[members.firm == name] if firm else members[members.alliance == int(name.split()[1])]
    around = events[events.alliance.isin(theirs.alliance) | (events.firm == name)]
    months = theirs.left.fillna(last).astype(float) - theirs.joined.clip(lower=0)
    running = (theirs.net - theirs.set_up - theirs.breaches - theirs.fines - theirs.capital) / months.where(months > 0)
    pool = [*numeric(theirs), *running, *around.amount, *sums(around, ["event", "firm", "alliance", "cause"])]
    pool += numeric(run.alliances[run.alliances.alliance.isin(theirs.alliance)])
    for row in theirs.itertuples():  # of many amounts the sum of those that the firm was there for
        seen = events[(events.alliance == row.alliance) & events.month.between(row.joined, last if pd.isna(row.left)
                                                                               else row.left)]
        pool += sums(seen, ["event", "firm", "cause"])
    if not firm:
        return pool
    row = run.firms[run.firms.firm == name].iloc[0]
    alike = run.firms[run.firms.alive & (run.firms.generation == 0) & (run.firms["size"] == row["size"])]
    flows = ledger[(ledger.debit == name) | (ledger.credit == name)]
    pool += [*numeric(run.firms[run.firms.firm == name]), *numeric(run.initial[run.initial.firm == name])]
    pool += [*sums(flows, "purpose"), *flows.amount, *run.series["population.economic_profit"]]
    brief = theirs.sort_values(["joined", "alliance"])
    brief = brief.drop(brief.net.abs().sort_values(ascending=False, kind="stable").index[:3])
    return [*pool, theirs.net.sum(), alike.economic_profit.mean(), brief.net.iloc[6:].sum()]


def in_pool(text, pool):
    """Whether a number as written is one of the pool, but for its sign and rounding."""
    value, places = abs(float(text.replace("−", "-").replace(" ", ""))), len(text.partition(".")[2])
    return any(abs(abs(x) - value) <= 0.5 * 10.0**-places + 1e-9 for x in pool if math.isfinite(x))


def check_figures(run, name):
    """Take every number out of a story and find it in the tables."""
    text = re.sub(r"\s+", " ", run.explain(name))
    text = re.sub(WORDS_WITH_NUMBERS, "", text.replace(f"({name})", ""))
    for known in sorted({*run.firms.firm, *run.alliances.get("name", [])} - {None}, key=lambda n: -len(str(n))):
        text = text.replace(str(known), "")
    money = known_money(run, name)
    theirs = run.memberships[run.memberships.firm == name] if not name.startswith("alliance") else (
        run.memberships[run.memberships.alliance == int(name.split()[1])])
    around = run.events[run.events.alliance.isin(theirs.alliance) | (run.events.firm == name)]
    sold = run.ledger[(run.ledger.debit == name) & (run.ledger.purpose == "sales")]
    months = {int(run.series.month.max()), *around.month, *theirs.joined, *theirs.left.dropna().astype(int)}
    for found in list(re.finditer(rf"({NUMBER})( and {NUMBER})? k€", text)):
        for number in re.findall(NUMBER, found[0]):
            assert in_pool(number, money), f"{number} k€ in: {text}"
    text = re.sub(rf"(?:{NUMBER}, )*(?:{NUMBER} and )?{NUMBER} k€", "", text)
    start = run.initial[run.initial.firm == name]
    shares = [*money, *(start.ebitda / start.revenue)]
    for number in re.findall(rf"({NUMBER}) %", text):
        assert in_pool(number, [100 * x for x in shares]), f"{number} % in: {text}"
    text = re.sub(rf"{NUMBER} %", "", text)
    for found in re.finditer(r"(lowest|highest) in month (\d+)", text):
        extreme = sold.amount.idxmin() if found[1] == "lowest" else sold.amount.idxmax()
        assert sold.month[extreme] == int(found[2])
    text = re.sub(r"(lowest|highest) in month \d+", "", text)
    listed = r"months? (\d+(?:(?:, | and | to )\d+)*)"
    for found in re.findall(listed, text):
        assert {int(month) for month in re.findall(r"\d+", found)} <= months, f"month {found} in: {text}"
    text = re.sub(listed, "", text)
    lengths = theirs.left.fillna(run.series.month.max()).astype(float) - theirs.joined.clip(lower=0)
    counts = {len(theirs), max(0, len(theirs) - 3), max(0, len(theirs) - 9), *lengths, *numeric(run.alliances),
              *around.groupby(["event", "firm", "cause", around.alliance.isna()], dropna=False).size(),
              *run.firms[run.firms.alive & (run.firms.generation == 0)].groupby("size").size(),
              *run.memberships.groupby("alliance").size(), *run.memberships.groupby("alliance").size() - 1}
    for number in re.findall(NUMBER, text):
        assert in_pool(number, [float(c) for c in counts]), f"{number} in: {text}"


def all_names(run):
    return [*run.firms.firm, *(f"alliance {k}" for k in run.alliances.alliance)]


@pytest.mark.parametrize("world", ["calm", "wild", "network", "inventive"])
def test_every_figure_is_in_the_tables(world, request):
    run = request.getfixturevalue(world)
    names = all_names(run)
    for name in names if world == "network" else names[::3]:
        check_figures(run, name)


@pytest.mark.parametrize("world", ["calm", "wild", "network", "inventive"])
def test_stories_read_well(world, request):
    run = request.getfixturevalue(world)
    for name in all_names(run):
        text = run.explain(name)
        lines = text.splitlines()
        assert max(map(len, lines)) <= WIDTH and len(lines) <= 65
        flat = re.sub(r"\s+", " ", text)
        assert not re.search(r"\bnan\b|None|<NA>|_|[{}\[\]]| ,|\.\.|\b1 months|\b1 firms|\b1 alliances|there was this",
                             flat), flat
        assert "  " not in text and not re.search(r"(?<!\d) 0 k€", flat)
        sentences = [s for line in text.split("\n\n") for s in re.sub(r"\s+", " ", line).split(". ")]
        once = [s for s in sentences if not s.startswith("What no member") and "the alliance ended, since" not in s]
        assert len(set(once)) == len(once), "nothing is said twice"
        assert all(s[0].isupper() or s[0].isdigit() for s in sentences)


def test_every_firm_says_how_it_began_and_ends(wild):
    gone, entered = wild.firms[~wild.firms.alive], wild.firms[wild.firms.generation > 0]
    assert len(gone) > 5 and len(entered) > 5 and (gone.generation > 0).any()
    exits = wild.events[wild.events.event == "exit"].set_index("firm")
    assert set(exits.cause) == {"bankruptcy", "closure"}
    for row in wild.firms.itertuples():
        text = re.sub(r"\s+", " ", wild.explain(row.firm))
        assert ("was there from the start" in text) == (row.generation == 0)
        assert ("entered in month" in text) == (row.generation > 0)
        assert ("It left " in text) == (not row.alive)
        if not row.alive:
            how = {"bankruptcy": "it was ruined", "closure": "it closed"}[exits.cause[row.firm]]
            assert f"In month {exits.month[row.firm]} {how}" in text


def test_the_end_of_an_alliance_names_those_through_whom_it_came(wild):
    ended = wild.alliances[wild.alliances.cause.isin(["breach", "no gain", "bankruptcy", "closure"])]
    assert set(ended.cause) >= {"breach", "closure"}
    for row in ended.itertuples():
        text = re.sub(r"\s+", " ", wild.explain(f"alliance {row.alliance}"))
        now = wild.events[wild.events.month == row.ended]
        if row.cause == "breach":
            seen = now[(now.event == "breach") & (now.cause == "seen") & (now.alliance == row.alliance)].firm
            assert f"since {' and '.join(seen)} had to go" in text
        elif row.cause != "no gain":
            left = now[(now.event == "left") & (now.alliance == row.alliance)].firm
            assert any(firm in text for firm in set(left) & set(now[now.event == "exit"].firm))
        assert "a member " not in text


def test_who_would_not_join_and_who_would_not_admit_are_told_apart(calm):
    members, declined = calm.memberships, calm.events[calm.events.event == "declined"].dropna(subset="alliance")
    seen = set()
    for row in declined.itertuples():
        own = members[(members.alliance == row.alliance) & (members.firm == row.firm)]
        within = bool(((own.joined < row.month) & (own.left.fillna(999) >= row.month)).any())
        text = re.sub(r"\s+", " ", calm.explain(f"alliance {row.alliance}"))
        assert f"{row.firm} {'was against admitting a firm' if within else 'was asked to join and declined'}" in text
        seen.add(within)
    assert seen == {True, False}


def test_a_firm_without_alliances_and_one_with_many(wild):
    counts = wild.memberships.firm.value_counts()
    alone = next(f for f in wild.firms.firm if f not in counts)
    assert "never in an alliance" in wild.explain(alone)
    many = counts.index[0]
    assert counts.iloc[0] > 4
    text = re.sub(r"\s+", " ", wild.explain(many))
    assert f"Its {counts.iloc[0] - 3} other alliances, which moved less money, in brief" in text
    assert text.count("expecting to gain") == 3


def test_names_are_found_in_any_spelling(network):
    assert network.explain("ELM") == network.explain(" Elm ")
    assert network.explain("big") == network.explain("Alliance 2")
    assert "At month 0 it was in a purchasing alliance (old, alliance 0) with" in network.explain("Alder").replace(
        "\n", " ")


def test_unknown_names_and_levels(calm):
    with pytest.raises(ConfigError, match="there is no firm or alliance 'Frim 7' in this run; did you mean 'Firm 7'"):
        calm.explain("Frim 7")
    with pytest.raises(ConfigError, match=rf"no alliance 999 in this run: there are {len(calm.alliances)}, numbered"):
        calm.explain("alliance 999")
    small = al.run(al.scenario(months=2, **{"firms.n": 5, "firms.focal": 1}), records="series")
    with pytest.raises(AllysimError, match="records=series, run it with records=full"):
        small.explain("Firm 1")


def test_what_may_come_is_not_refused_before_a_run():
    scenario = al.scenario(**{"firms.n": 20})
    check_names(["Firm 19", "firm 3.2", "alliance 77"], scenario)
    for name in ("Firm 20", "Firm 20.1", "Firm 3.0", "alliance", "alliance old"):
        with pytest.raises(ConfigError, match=f"'{name}'"):
            check_names([name], scenario)


def test_a_run_of_no_months_has_stories():
    model = al.AllianceModel(**{"firms.n": 5, "firms.focal": 1, "administration.setup_modularity": 0.0,
                                "administration.setup_readiness": 0.0})
    model.form_alliance(["Firm 1", "Firm 2"])
    run = model.results()
    assert "founded a purchasing alliance (alliance 0) with Firm 2" in re.sub(r"\s+", " ", run.explain("Firm 1"))
    assert "It paid 5 k€ for the set-up" in re.sub(r"\s+", " ", run.explain("Firm 1"))
    assert run.explain("Firm 3") and run.explain("alliance 0")


def test_what_memberships_booked_is_in_the_ledger(wild):
    ledger, booked = wild.ledger, wild.memberships.groupby("firm")[[*BOOKED]].sum()

    def flow(firm, *purposes):
        lines = ledger[ledger.purpose.isin(purposes)]
        return lines[lines.debit == firm].amount.sum() - lines[lines.credit == firm].amount.sum()

    for firm, row in booked.iterrows():
        assert row.split == pytest.approx(flow(firm, "split of savings"), abs=1e-9)
        assert row.fee == pytest.approx(flow(firm, "pool fee", "automation", "rent", "R&D", "user fee"), abs=1e-9)
        assert row.governance == pytest.approx(flow(firm, "governance"), abs=1e-9)
        assert row.breaches == pytest.approx(flow(firm, "breach", "penalty"), abs=1e-9)
        assert row.set_up == pytest.approx(flow(firm, "set-up"), abs=1e-9)
        assert row.fines == pytest.approx(flow(firm, "fine"), abs=1e-9)
    assert (wild.memberships.expected > 0).all(), "whoever joins expects a gain"
    assert np.allclose(wild.memberships.net, wild.memberships[[*BOOKED]].sum(axis=1))
    still = al.run(al.scenario(months=24, **{"firms.n": 30, "demography.exit_incumbent": 0.0,
                                             "demography.ruin": False}))
    assert still.firms.alive.all(), "a firm that exits takes its last month's saving out of the series"
    assert still.memberships.saving.sum() == pytest.approx(still.series["population.saving"].sum() * 30) != 0


def test_there_are_words_for_all_there_is(wild, inventive):
    assert {*wild.events.event, *inventive.events.event} <= {name.partition(":")[0] for name in EVENTS} | set(STRUCTURE)
    assert set(FLOWS) == set(BOOKED)
    assert set(TYPES) >= set(ALLIANCE_TYPES)


NAN = math.nan


@pytest.mark.parametrize(("happened", "said"), [
    ([Happening(14, "leak", "Firm 3", "partner", 3.0)],
     ["In month 14 Firm 3 lost know-how to a partner (partner), at a cost of 3 k€."]),
    ([Happening(14, "leak", "Firm 3", "", NAN)], ["In month 14 Firm 3 lost know-how to a partner."]),
    ([Happening(m, "leak", "Firm 3", "staff", 2.5) for m in (3, 9, 12, 40)],
     ["4 times between months 3 and 40 Firm 3 lost know-how to a partner (staff), at a cost of 10 k€ in all."]),
    ([Happening(3, "standardised", "", "", NAN), Happening(15, "scaled", "", "", NAN)],
     ["In month 3 the alliance settled on a standard way of working.", "In month 15 the alliance was scaled up."]),
    ([Happening(5, "breach", "Firm 1", "seen", 20.0), Happening(5, "left", "Firm 1", "breach", NAN)],
     ["In month 5 Firm 1 took 20 k€ from the alliance and was found out; it had to go for its breach."]),
    ([Happening(5, "breach", "Firm 1", "seen", 20.0), Happening(5, "dispute", "Firm 1", "resolved", 10.0),
      Happening(5, "left", "Firm 1", "breach", NAN)],
     ["In month 5 Firm 1 took 20 k€ from the alliance and was found out; the dispute over it was settled, for a "
      "penalty of 10 k€; Firm 1 had to go for its breach."]),
    ([Happening(5, "leak", "Firm 1", "", NAN), Happening(5, "dispute", "Firm 1", "resolved", NAN)],
     ["In month 5 Firm 1 lost know-how to a partner; the dispute over the breach of Firm 1 was settled."]),
    ([Happening(m, "dispute", "Firm 1", "unresolved", 10.0) for m in (5, 8)],
     ["In months 5 and 8 the dispute over the breach of Firm 1 was not settled, with a penalty of 10 k€ each time."]),
    ([Happening(7, "handed back", f"Firm {k}", "each own", k / 4) for k in (3, 1, 2)],
     ["In month 7 Firm 3, Firm 1 and Firm 2 could not take along what their partners' research had taught them, worth "
      "0.75, 0.25 and 0.5 k€ a month."]),
    ([Happening(m, "handed back", f"Firm {k}", "each own", 4.0) for m, k in ((7, 3), (7, 1), (9, 1))],
     ["In month 7 Firm 3 could not take along what its partners' research had taught it, worth 4 k€ a month.",
      "In months 7 and 9 Firm 1 could not take along what its partners' research had taught it, worth 4 and 4 k€ a "
      "month."]),
    ([Happening(m, "failed review", "", "", x) for m, x in ((3, .02), (9, .01), (15, .012))],
     ["In months 3, 9 and 15 a review found too little, members believing in a gain of 2 %, 1 % and 1.2 % in gross "
      "margin."]),
    ([Happening(m, "failed review", "", "", x) for m, x in ((3, -.026), (4, 0.0), (5, .036), (6, .01))],
     ["4 times between months 3 and 6 a review found too little, members believing in anything from a loss of 2.6 % to "
      "a gain of 3.6 % in gross margin."]),
    ([Happening(m, "declined", who, cause, NAN) for m, who, cause in (
        (3, "Firm 1", "asked in"), (3, "Firm 2", "within"), (4, "Firm 4", ""))],
     ["In month 3 Firm 1 was asked to join and declined; Firm 2 was against admitting a firm.",
      "In month 4 Firm 4 turned down a proposal to form an alliance."]),
    ([Happening(5, "go", "", "", .081), Happening(6, "failed review", "", "", -.02)],
     ["In month 5 the pilot was passed and the alliance went on, members believing in a gain of 8.1 % in gross margin.",
      "In month 6 a review found too little, members believing in a loss of 2 %."]),
    ([Happening(9, "regime shift", "it", "electric", -.2)],
     ["In month 9 demand in its segment, electric, shifted for good, a loss of 20 %."]),
    ([Happening(8, "meteor", "Firm 2", "bad luck", 7.0)],
     ["In month 8 there was this: meteor, Firm 2, bad luck, with an amount of 7 k€."]),
    ([Happening(8, "meteor", "", "", NAN)], ["In month 8 there was this: meteor."]),
    ([Happening(8, "breach", "", "unseen", NAN)],
     ["In month 8 a member took something from the alliance without being found out."]),
    ([Happening(8, "left", "Firm 2", "boredom", NAN)], ["In month 8 Firm 2 left (boredom)."]),
])
def test_events_become_sentences(happened, said):
    assert [text.replace("\u00a0", " ") for text in tell(happened)] == said


def test_months_in_words():
    assert when([3]) == "in month 3" and when([3, 9]) == "in months 3 and 9"
    assert when([3, 9, 12]) == "in months 3, 9 and 12" and when([3, 3]) == "twice in month 3"
    assert when([3, 5, 7, 9]) == "4 times between months 3 and 9"


def test_figures_have_three_digits():
    shown = [figure(x).replace("\u00a0", " ") for x in (3.333, 12.345, 0.0049, 1284.2, -5.5, 10.0, 99.96)]
    assert shown == ["3.33", "12.3", "0", "1 284", "−5.5", "10", "100"]


def test_a_shift_of_demand_is_told_to_those_in_the_segment_while_they_are_there():
    run = al.run(al.scenario(months=12, **{"firms.n": 20, "scenario.regimes": True, "environment.regime_rate": .5,
                                           "demography.exit_incumbent": .05}), seed=1)
    shifts, book = run.events[run.events.event == "regime shift"], Book(run)
    assert len(shifts) > 3 and shifts.firm.isna().all() and shifts.alliance.isna().all()
    last = run.events[run.events.event == "exit"].set_index("firm").month
    for row in run.firms.itertuples():
        theirs = shifts[(shifts.cause == row.segment) & (shifts.month > row.founded)
                        & (shifts.month <= last.get(row.firm, 12))]
        told = [one for one in book.of_firm(row.firm) if one.event == "regime shift"]
        assert [(one.month, one.amount) for one in told] == list(zip(theirs.month, theirs.amount, strict=True))
    assert run.firms.alive.sum() < len(run.firms)
    assert any("shifted for good" in run.explain(firm) for firm in run.firms.firm)
