"""The story of an alliance: who founded it and hoped for what, what became of it, and what it brought whom."""

from __future__ import annotations

import math

from allysim.analysis.book import Book, Row, month_of
from allysim.analysis.telling import (
    FLOWS,
    MOST,
    SMALLEST,
    TYPES,
    Happening,
    balance,
    figure,
    in_share,
    money,
    names,
    percent,
    several,
    tell,
)
from allysim.analysis.words import joined, sentence

SHOWN = 3
APART = {"set_up": "set-up", "breaches": "breaches", "fines": "fines", "capital": "capital",
         "compensation": "compensation"}
"""Columns of money that no month is expected to bring, and what they are called."""
ABOUT = 0.1
"""What comes within this part of what was expected is said to be as expected."""


def alliance_story(book: Book, number: int) -> list[str]:
    """Return the paragraphs of an alliance's story."""
    alliance, members = book.alliances[number], book.members(number)
    course = book.of_alliance(number, 0, book.last)
    if month_of(alliance["ended"]) is None:
        told = [*tell(course), _still(book, alliance)]
    else:
        told = tell([*course, ending(book, alliance)])
    return [_founding(alliance, members), " ".join([*told, _last_look(alliance)]), _what_it_brought(book, members)]


def called(alliance: Row) -> str:
    """Return the number of an alliance, after its name where it has one."""
    own = alliance.get("name")
    return (f"{own}, " if isinstance(own, str) else "") + f"alliance {alliance['alliance']}"


def kind_of(alliance: Row) -> str:
    """Return what an alliance was called when it was founded, with its article."""
    return TYPES.get(alliance["founded_as"], (f"an alliance for {alliance['founded_as'].replace('_', ' ')}",))[0]


def _founding(alliance: Row, members: list[Row]) -> str:
    founded = int(alliance["founded"])
    founders = [m for m in members if m["joined"] <= max(founded, 0)]
    who, known = names([m["firm"] for m in founders]), [m for m in founders if m["expected"]]
    if any(m["joined"] < 0 for m in founders) or founded < 0:
        text = f"At month 0 {called(alliance)}, {kind_of(alliance)} of {who}, was under way."
    else:
        text = f"In month {founded} {who} founded {called(alliance)}, {kind_of(alliance)}."
    if 0 < len(known) <= MOST:
        text += f" They expected to gain {joined(_hopes(known))}."
    elif known:
        known.sort(key=lambda m: float(m["expected"]))
        text += (f" They expected to gain from {money(known[0]['expected'])} a month ({known[0]['firm']}) to "
                 f"{money(known[-1]['expected'])} ({known[-1]['firm']}).")
    notice, penalty = int(alliance["notice"]), alliance["penalty"]
    text += f" The contract asked for {several(notice, 'month')} of notice" if notice else " It asked for no notice"
    return text + (f" and {money(penalty)} from whoever was found to break it." if penalty
                   else " and set no penalty for breaking it.")


def _hopes(members: list[Row]) -> list[str]:
    return [f"{money(m['expected'])}{'' if k else ' a month'} ({m['firm']})" for k, m in enumerate(members)]


def _still(book: Book, alliance: Row) -> str:
    stage = "is still in its pilot" if alliance["stage"] == "pilot" else "goes on"
    return (f"At the end, in month {book.last}, it {stage} with {several(int(alliance['members']), 'member')}, who "
            f"believe in {in_share(alliance['belief'])} in gross margin.")


def ending(book: Book, alliance: Row) -> Happening:
    """Return the end of an alliance as a happening, with those through whom it came."""
    return Happening(int(alliance["ended"]), "ended", names(at_fault(book, alliance)), alliance["cause"], math.nan)


def at_fault(book: Book, alliance: Row) -> list[str]:
    """Return the members with whose leaving an alliance ended, none where it was for other reasons."""
    month, cause = int(alliance["ended"]), alliance["cause"]
    went = [m for m in book.members(alliance["alliance"]) if month_of(m["left"]) == month and m["cause"] == cause]
    if cause in ("no gain", "portfolio"):
        return [m["firm"] for m in went if (month_of(m["leaving"]) or month + 1) <= month]
    sign = {"breach": ("breach", "seen"), "bankruptcy": ("exit", cause), "closure": ("exit", cause)}.get(cause)
    return [m["firm"] for m in went if sign and book.in_month(m["firm"], month, *sign)]


def _last_look(alliance: Row) -> str:
    """Say how members stood to each other when last seen, and what none of them could know."""
    text = (f"In the end trust among the members stood at {figure(alliance['trust'])} on a scale from 0 to 1, and "
            f"their markets overlapped by {percent(alliance['overlap'])}.")
    return f"{text} {no_leverage(alliance)}".strip()


def no_leverage(alliance: Row) -> str:
    """Say that nothing could be saved, where that is so."""
    if alliance["type"] == "procurement" and not alliance["leverage"]:
        return "What no member could know: suppliers gave this alliance no discount for volume."
    return ""


def _what_it_brought(book: Book, members: list[Row]) -> str:
    """Say what each member gained, a line each; of many those who gained the most and the least."""
    if len(members) <= MOST:
        return "\n".join(filter(None, (brought(book, m, m["firm"]) for m in members)))
    order = sorted(members, key=lambda m: -float(m["net"]))
    most, least = (joined(f"{m['firm']} ({money(m['net'])})" for m in some) for some in (order[:SHOWN], order[-SHOWN:]))
    return (f"Of the {len(members)} firms that were ever in it {most} booked the most, net of all that it cost, and "
            f"{least} the least.")


def months_in(book: Book, member: Row) -> int:
    """Return the months of a membership within the run."""
    left = month_of(member["left"])
    return (book.last if left is None else left) - max(0, int(member["joined"]))


def brought(book: Book, member: Row, who: str) -> str:
    """Say what a membership brought and cost in money, by flow and net, and how that is to what was expected."""
    clauses = [FLOWS[column][int(member[column] < 0)].format(money(abs(member[column])))
               for column in FLOWS if abs(member.get(column, 0.0)) >= SMALLEST]
    if not clauses:
        return ""
    months, net = months_in(book, member), member["net"]
    if not months:
        return sentence(f"{who} {joined(_merged(clauses))}.")
    text = f"In {several(months, 'month')} {who} {joined(_merged(clauses))}: a net {balance(net)}."
    monthly, expected = (net - sum(member[column] for column in APART)) / months, member["expected"]
    if not expected:
        return text
    before = joined([APART[column] for column in APART if column == "set_up" or abs(member[column]) >= SMALLEST])
    return f"{text[:-1]}; before {before}, a {balance(monthly)} a month, {_against(monthly, expected)}."


def _merged(clauses: list[str]) -> list[str]:
    """Return clauses with all that was paid in the last of them, so that the verb is said once."""
    paid = [clause.removeprefix("paid ") for clause in clauses if clause.startswith("paid ")]
    merged = [clause for clause in clauses if not clause.startswith("paid ")]
    return [*merged, f"paid {joined(paid)}"] if paid else merged


def _against(monthly: float, expected: float) -> str:
    if monthly < 0.0 < expected:
        return "where it had expected a gain"
    if abs(monthly - expected) <= ABOUT * abs(expected):
        return "about as expected"
    return "more than expected" if monthly > expected else "less than expected"
