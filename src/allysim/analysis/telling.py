"""What happened, in plain words: a line for each event, type of alliance and flow of money.

A new event is one line of `EVENTS`; one that has none is told by its own name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from allysim.analysis.words import joined, number, sentence

EVENTS = {
    "extended": "the pilot was extended[, members believing in {share} in gross margin]",
    "go": "the pilot was passed and the alliance went on[, members believing in {share} in gross margin]",
    "failed review": "a review found too little[, members believing in {share} in gross margin]",
    "breach: seen": "{who} took {amount} from the alliance and was found out",
    "breach": "{who} took {amount} from the alliance without being found out",
    "left: no gain": "{who} left, having come to gain nothing",
    "left: breach": "{who} had to go for its breach",
    "left: bankruptcy": "{who} was ruined and left",
    "left: closure": "{who} closed and left",
    "left: portfolio": "{who} left to rebalance its portfolio",
    "left": "{who} left[ ({cause})]",
    "ended: budget": "the pilot was stopped, having spent its budget before it had shown enough",
    "ended: stopped": "the pilot was stopped, since a gain had not become likely enough",
    "ended: kpi": "the alliance ended, since two reviews in a row had found too little",
    "ended: residual": "the members parted for reasons that no figure here shows",
    "ended: no gain": "the alliance ended, since {who} had come to gain nothing and left",
    "ended: breach": "the alliance ended, since {who} had to go for the breach",
    "ended: bankruptcy": "the alliance ended with the ruin of {who}",
    "ended: closure": "the alliance ended, since {who} closed",
    "ended: portfolio": "the alliance ended, since {who} left to rebalance its portfolio",
    "ended": "the alliance ended[ ({cause})]",
    "withdrew: steady": "{who} gave notice, having too much in steady alliances[, while members believed in {share} in "
                        "gross margin]",
    "withdrew: between": "{who} gave notice, having too much in alliances neither steady nor bold[, while members "
                         "believed in {share} in gross margin]",
    "withdrew: moonshot": "{who} gave notice, having too much in moonshots[, while members believed in {share} in "
                          "gross margin]",
    "exit: bankruptcy": "{who} was ruined",
    "exit: closure": "{who} closed for reasons of its own",
    "exit": "{who} left the market[ ({cause})]",
    "declined": "{who} turned down a proposal to form an alliance",
    "declined: asked in": "{who} was asked to join and declined",
    "declined: within": "{who} was against admitting a firm",
    "leak": "{who} lost know-how to a partner[ ({cause})][, at a cost of {amount}]",
    "conflict: resolved": "the members fell out and made up",
    "conflict": "the members fell out and {who} was held to be at fault",
    "dispute: resolved": "the dispute over the breach of {who} was settled[, for a penalty of {amount}]",
    "dispute": "the dispute over the breach of {who} was not settled[, with a penalty of {amount}]",
    "verdict: go": "it was decided to go on after the pilot[, members believing in {share} in gross margin]",
    "verdict: extended": "it was decided to extend the pilot[, members believing in {share} in gross margin]",
    "verdict": "it was decided to stop the pilot[, members believing in {share} in gross margin]",
    "fine": "{who} was fined under competition law[, {amount}]",
    "misuse": "{who} misused data that others had shared[ ({cause})][, worth {amount}]",
    "admitted": "{who} was admitted[, paying {amount} for it]",
    "won a lot: together": "{who} won its part of a lot by bidding with its partners[, for {amount}]",
    "won a lot": "{who} won a lot by a bid of its own[, for {amount}]",
    "standardised": "the alliance settled on a standard way of working[, members believing in {share} in gross margin]",
    "scaled": "the alliance was scaled up[, members believing in {share} in gross margin]",
    "renegotiated": "the members agreed on new terms[ ({cause})]",
    "success": "a sprint of joint research succeeded",
    "success: radical": "a sprint of joint research, after something radically new, succeeded",
    "handed back: each own": "{who} could not take along what its partners' research had taught it[, worth {amount} a "
                             "month]",
    "handed back": "{who} had to leave a part of what it had learned to the lead[, worth {amount} a month]",
    "capital bought": "the members bought what they had rented[, for {amount}], and owned it together from then on",
    "capital bought: at founding": "the members bought what they would have rented[, for {amount}], before anything "
                                   "had been shown to work",
    "bought in": "{who} bought a part of what the members owned[, for {amount}]",
    "bought out: forfeited": "{who} forfeited its part of what the members owned",
    "bought out": "{who} was bought out of what the members owned[, for {amount}]",
    "capital called": "the members had to pay for the upkeep of what they owned beyond its account[, {amount}]",
    "worn out": "what the members owned was worn out, and they rented again",
    "stranded": "what the members owned was lost to them[, at a book value of {amount}]",
    "fell back: kpi, procurement": "instead of parting after failed reviews the members went on as a purchasing "
                                   "alliance[, expecting {amount} a month together]",
    "fell back: kpi, marketing": "instead of parting after failed reviews the members went on with marketing "
                                 "alone[, expecting {amount} a month together]",
    "fell back: no gain, procurement": "having come to gain nothing, members went on as a purchasing alliance[, "
                                       "expecting {amount} a month together]",
    "fell back: no gain, marketing": "having come to gain nothing, members went on with marketing alone[, expecting "
                                     "{amount} a month together]",
    "built: infrastructure": "{who} built infrastructure of its own[, for {amount}]",
    "built: rnd": "{who} built a laboratory to do its own R&D[, for {amount}]",
    "bought: infrastructure": "{who} rented infrastructure on the market[, for {amount} a month]",
    "bought: rnd": "{who} had R&D done by contract[, for {amount} a month at first]",
    "developed: alone": "{who} developed a capability on its own",
    "developed: bought": "{who} gained a capability from contract research",
    "gave up: rnd, no gain": "{who} gave up its own R&D, which had come to pay no more",
    "gave up: rnd, allied": "{who} gave up its own R&D for that of an alliance",
    "strategy changed": "{who} looked back on the months since its last review and went on with another strategy, "
                        "{cause}",
    "focused": "{who} gave up its line in {cause}[, which had cost {amount} a month]",
    "cut": "{who} cut its fixed cost[ by {amount} a month]",
    "invested": "{who} set money aside for growth[, {amount}]",
    "modularised": "{who} began to make what it offers more modular[, at a cost of {amount}]",
    "unit founded: dedicated": "{who} gave its alliances to a dedicated unit[, at an overhead of {amount} a month]",
    "unit founded: spin-off": "{who} spun off a unit to run its alliances[, at an overhead of {amount} a month]",
    "unit closed": "{who} closed the unit it had spun off, whose creditors bore what it had lost beyond its "
                   "capital[, {amount}]",
    "audited": "{who} audited its capabilities[, for {amount}]",
    "mapped": "{who} mapped its ecosystem[, for {amount}]",
    "prepared": "{who} made itself a dashboard[, for {amount}]",
    "regime shift": "demand in its segment[, {cause},] shifted for good[, {share}]",
    "outage": "{who} had an outage[ ({cause})][, at a cost of {amount}]",
}
"""Event, or event and cause, to a clause in the past tense. ``{who}`` is a firm and ``{cause}`` the cause,
``{amount}`` k€ and ``{share}`` a part of one; what stands in brackets is left out where that is not known."""
PLURAL = {
    "handed back: each own": "{who} could not take along what their partners' research had taught them[, worth "
                             "{amount} a month]",
    "handed back": "{who} had to leave a part of what they had learned to the lead[, worth {amount} a month]",
}
"""What is said of several firms to whom the same happened at once; of other events each firm's is told apart."""
ANY = "there was this: {event}[, {who}][, {cause}][, with an amount of {amount}]"
STRUCTURE = ("founded", "stopped", "ended", "entry", "exit")
"""Events that a story tells at places of their own."""

TYPES = {
    "procurement": ("a purchasing alliance", "to buy together with"),
    "coopetition": ("an alliance of competitors", "among its competitors"),
    "rnd": ("an alliance for research and development", "for research and development"),
    "infrastructure": ("an infrastructure alliance", "to share infrastructure with"),
}
"""Type of alliance to what it is called, and what partners are sought for."""

FLOWS = {
    "saving": ("saved {}", "paid {} more than it would have alone"),
    "split": ("received {} of what partners saved", "gave partners {} of what it saved"),
    "fee": ("received {} in fees", "paid {} in fees"),
    "governance": ("received {} for governance", "paid {} for governance"),
    "breaches": ("gained {} by breaches, penalties included", "lost {} by breaches, penalties included"),
    "fines": ("received {} of fines", "was fined {}"),
    "lots": ("earned {} on lots won together", "lost {} on lots won together"),
    "compensation": ("received {} of compensation", "paid {} to customers for late delivery"),
    "set_up": ("received {} for the set-up", "paid {} for the set-up"),
    "capital": ("got {} more out of what the members owned than it put in",
                "paid {} more into what the members owned than it got out"),
}
"""Column of money of a membership to a clause for what came in and one for what went out."""

OF_WHAT = " in gross margin"
FEW, MOST = 3, 6
SMALLEST = 0.005
SPACE = "\u00a0"  # does not break a line


class Happening(NamedTuple):
    """An event as a story uses it: `who` is a name or empty, `amount` NaN where there is none."""

    month: int
    event: str
    who: str
    cause: str
    amount: float


def figure(value: float, digits: int = 3, decimals: int = 2) -> str:
    """Return a number with so many significant digits, and at most so many decimals."""
    if abs(value) < SMALLEST:
        return "0"
    text = number(value, min(decimals, max(0, digits - 1 - math.floor(math.log10(abs(value))))))
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(" ", SPACE).replace("-", "−")


def money(value: float) -> str:
    """Return an amount in k€, in words where it is too small for its decimals."""
    if 0.0 < abs(value) < SMALLEST:
        return "next to nothing"
    return f"{figure(value)}{SPACE}k€"


def percent(value: float) -> str:
    """Return a part of one in percent."""
    return f"{figure(100 * value, 2, 1)}{SPACE}%"


def balance(value: float) -> str:
    """Return a gain or loss with its amount."""
    return f"{'gain' if value >= 0 else 'loss'} of {money(abs(value))}"


def several(count: int, one: str) -> str:
    """Return a count with its noun."""
    return f"{count} {one}{'' if count == 1 else 's'}"


def names(firms: Sequence[str]) -> str:
    """Return names in a row, how many firms there are where they are too many, nothing where there are none."""
    if not firms:
        return ""
    return joined(firms) if len(firms) <= MOST else several(len(firms), "firm")


def when(months: Sequence[int]) -> str:
    """Return in which months something happened; of many only the first and the last."""
    distinct = sorted(set(months))
    if len(months) == len(distinct) <= FEW:
        return f"in {'month' if len(distinct) == 1 else 'months'} {joined(distinct)}"
    times = "twice" if len(months) == 2 else f"{len(months)} times"
    return f"{times} " + (f"in month {distinct[0]}" if len(distinct) == 1
                          else f"between months {distinct[0]} and {distinct[-1]}")


def tell(happened: Iterable[Happening]) -> list[str]:
    """Return a clause for each kind of event, firm and cause, in the order of the first of each, as sentences.

    Clauses of the same months share a sentence, and firms a clause where `PLURAL` has one. `OF_WHAT` members believe
    in a part is said once.
    """
    sentences: dict[str, list[str]] = {}
    subjects: dict[str, tuple[str, str]] = {}
    for months, group in _grouped(happened):
        firms, event = list(dict.fromkeys(one.who for one in group)), group[0].event
        who = joined(firms)
        clause, (subject, did) = _clause(group, who), subjects.get(months, ("", ""))
        if who and subject == who:
            if clause.startswith(f"{who} "):
                clause = "it" + clause.removeprefix(who)
            elif did == "breach":
                clause = clause.replace(f"the breach of {who}", "it")
        sentences.setdefault(months, []).append(clause)
        subjects[months] = (who if len(firms) == 1 and clause.startswith(("it ", who)) else "", event)
    told = [sentence(f"{months} {'; '.join(clauses)}.") for months, clauses in sentences.items()]
    first, said, rest = "\n".join(told).partition(OF_WHAT)
    return (first + said + rest.replace(OF_WHAT, "")).split("\n") if told else []


def _grouped(happened: Iterable[Happening]) -> list[tuple[str, list[Happening]]]:
    """Return happenings that are told in one clause, each with its months in words."""
    groups: dict[tuple[str, str, str], list[Happening]] = {}
    for one in happened:
        groups.setdefault((one.event, one.who, one.cause), []).append(one)
    shared: dict[tuple[str, ...], list[Happening]] = {}
    for key, group in groups.items():
        months = when([one.month for one in group])
        together = len(group) == 1 and _pattern(PLURAL, group[0])
        shared.setdefault((months, key[0], key[2], *([] if together else [key[1]])), []).extend(group)
    return [(key[0], group) for key, group in shared.items()]


def _pattern(patterns: dict[str, str], one: Happening) -> str | None:
    return patterns.get(f"{one.event}: {one.cause}") or patterns.get(one.event)


def clause(one: Happening) -> str:
    """Return what is said of one happening, without its month."""
    return _clause([one], one.who)


def _clause(group: Sequence[Happening], who: str) -> str:
    """Return what is said of happenings that differ in month and amount only, or in firm and amount."""
    event, cause = group[0].event, group[0].cause
    amounts = [one.amount for one in group if math.isfinite(one.amount)]
    several_firms = len({one.who for one in group}) > 1
    pattern = _pattern(PLURAL if several_firms else EVENTS, group[0]) or ANY
    each = "" if several_firms or "{amount} a month" in pattern else " each time"
    known = {"event": event, "who": who, "cause": cause, "amount": _amount(amounts, each), "share": _share(amounts)}
    return _filled(pattern, known)


def _filled(pattern: str, known: dict[str, str]) -> str:
    """Return a pattern filled in, without the brackets for which something is not known."""
    def kept(found: re.Match[str]) -> str:
        return found[1] if all(known[name] for name in re.findall(r"{(\w+)}", found[1])) else ""

    otherwise = {"who": "a member", "amount": "something"}
    return re.sub(r"\[([^\]]*)\]", kept, pattern).format_map({k: v or otherwise.get(k, v) for k, v in known.items()})


def _amount(amounts: list[float], each: str) -> str:
    """Return a few amounts in a row, once with `each` where all are alike, and of more their sum."""
    if len(amounts) > FEW:
        return f"{money(sum(amounts))} in all"
    if max(map(abs, amounts), default=0.0) < SMALLEST:  # what came to nothing is left out
        return "next to nothing" if any(amounts) else ""
    shown = [figure(amount) for amount in amounts]
    if each and len(shown) > 1 and len({*shown}) == 1:
        return f"{shown[0]}{SPACE}k€{each}"
    return f"{joined(shown)}{SPACE}k€"


def _share(shares: list[float]) -> str:
    """Return a few parts of one in a row, and of more the least and the greatest."""
    if len(shares) > FEW:
        return f"anything from {in_share(min(shares))} to {in_share(max(shares))}"
    shown = [in_share(share) for share in shares]
    for again in ("a gain of ", "a loss of "):
        if all(text.startswith(again) for text in shown):
            shown[1:] = [text.removeprefix(again) for text in shown[1:]]
    return joined(shown) if shown else ""


def in_share(share: float) -> str:
    """Return a gain or loss as a part of one, in percent."""
    shown = percent(abs(share))
    return "no gain" if shown == f"0{SPACE}%" else f"a {'gain' if share >= 0 else 'loss'} of {shown}"
