"""The story of a firm: how it began, whom it allied with and why, what came of it, and how the firm ends."""

from __future__ import annotations

import math

from allysim.analysis.alliance_story import at_fault, brought, called, ending, kind_of, no_leverage
from allysim.analysis.book import Book, Row, month_of
from allysim.analysis.telling import (
    SMALLEST,
    STRUCTURE,
    TYPES,
    Happening,
    balance,
    money,
    names,
    percent,
    several,
    tell,
)
from allysim.analysis.words import joined, place

ALL, TOLD, BRIEF = 4, 3, 6
"""Up to so many alliances of a firm are all told at length, of more so many, and so many in a few words each."""
YEAR = 12


def firm_story(book: Book, firm: str) -> list[str]:
    """Return the paragraphs of a firm's story, in the order of time."""
    theirs = sorted((row for row in book.memberships if row["firm"] == firm),
                    key=lambda row: (row["joined"], row["alliance"]))
    alone = [one._replace(who="it") for one in book.of_firm(firm)]
    weighty = sorted(theirs, key=lambda row: -abs(row["net"]))[:len(theirs) if len(theirs) <= ALL else TOLD]
    course = [(int(row["joined"]), _in_alliance(book, firm, row)) for row in theirs if row in weighty]
    besides = [one for one in alone if one.event not in STRUCTURE]
    if besides:
        course.append((besides[0].month, " ".join(tell(besides))))
    told = [text for _, text in sorted(course, key=lambda part: part[0])]
    if not theirs:
        told.insert(0, "It was never in an alliance.")
    gone = next((one for one in alone if one.event == "exit"), None)
    others = [row for row in theirs if row not in weighty]
    return [_beginning(book, firm, alone), *told, _in_brief(others), _end(book, firm, theirs, gone)]


def _beginning(book: Book, firm: str, alone: list[Happening]) -> str:
    row, start = book.firms[firm], book.initial.get(firm)
    who = f"{firm}, a {row['size']} firm in the {row['segment']} segment,"
    if start:
        text = (f"{who} was there from the start, with a revenue of {money(start['revenue'])} a month, an EBITDA of "
                f"{money(start['ebitda'])} a month ({percent(start['ebitda'] / start['revenue'])} of revenue) and "
                f"{money(start['cash'])} of cash.")
    else:
        capital, sales = next(one.amount for one in alone if one.event == "entry"), book.received(firm, "sales")
        text = (f"{who} entered in month {row['founded']} in the place of {book.neighbour(firm, -1)}, with "
                f"{money(capital)} of cash from its owners.")
        if len(sales):
            text += f" In its first full month it sold for {money(sales['amount'].iloc[0])}."
    study = "is one of the firms under study" if row["focal"] else "is not one of the firms under study"
    world = place(book.run.scenario.scenario.name)
    return f"{text} It {study} and follows the strategy {_strategy(book, row['strategy'])}. All this happens {world}."


def _strategy(book: Book, name: str) -> str:
    sought = next((s.seek for s in book.run.scenario.strategies if s.name == name), None)
    shown = name.replace("_", " ")
    if sought is None:
        return shown
    aims = [TYPES.get(kind, ("", f"for {kind.replace('_', ' ')}"))[1] for kind in sought]
    return f"{shown}, looking for partners {joined(aims)}" if aims else f"{shown}, looking for no partners"


def _in_alliance(book: Book, firm: str, member: Row) -> str:
    """Tell a membership from joining to leaving, and what it brought."""
    alliance, since, left = book.alliances[member["alliance"]], int(member["joined"]), month_of(member["left"])
    until = book.last if left is None else left
    told = [one for one in book.of_alliance(member["alliance"], max(since, 0), until)
            if one.who != firm or one.event not in ("left", "admitted")]
    after = _parting(book, firm, member, left)
    course = [*tell(told), after] if isinstance(after, str) else tell([*told, after])
    parts = [_joining(book, firm, member), *course, brought(book, member, "it"), no_leverage(alliance)]
    return " ".join(part for part in parts if part)


def _joining(book: Book, firm: str, member: Row) -> str:
    alliance, since = book.alliances[member["alliance"]], int(member["joined"])
    partners = [m["firm"] for m in book.members(member["alliance"]) if m["firm"] != firm
                and m["joined"] <= max(since, 0) and (month_of(m["left"]) is None or m["left"] >= since)]
    named = f"{kind_of(alliance)} ({called(alliance)})"
    expecting = f", expecting to gain {money(member['expected'])} a month" if member["expected"] else ""
    if since < 0 or alliance["founded"] < 0 == since:
        return f"At month 0 it was in {named} with {names(partners)}."
    verb = "founded" if since == alliance["founded"] else "joined"
    return f"In month {since} it {verb} {named} with {names(partners)}{expecting}."


def _parting(book: Book, firm: str, member: Row, left: int | None) -> Happening | str:
    """Return how a membership ended: as a happening, or as a sentence where it goes on or ended with the firm."""
    alliance = book.alliances[member["alliance"]]
    number = f"alliance {member['alliance']}"
    if left is None:
        return f"At the end {number} {'is still in its pilot' if alliance['stage'] == 'pilot' else 'goes on'}."
    together = left == month_of(alliance["ended"])
    if book.in_month(firm, left, "exit") and (not together or firm in at_fault(book, alliance)):
        return f"It was a member of {number} to its own end" + (", which was the end of both." if together else ".")
    return ending(book, alliance) if together else Happening(left, "left", firm, member["cause"], math.nan)


def _in_brief(rows: list[Row]) -> str:
    """Tell further memberships in a few words each; of still more, how many they are and what they brought."""
    if not rows:
        return ""
    told = []
    for row in rows[:BRIEF]:
        left = month_of(row["left"])
        months = f"from month {row['joined']} on" if left is None else f"months {row['joined']} to {left}"
        told.append(f"alliance {row['alliance']} ({months}, a net {balance(row['net'])})")
    if rest := rows[BRIEF:]:
        told.append(f"{len(rest)} more (a net {balance(sum(row['net'] for row in rest))} together)")
    return f"Its {len(rows)} other alliances, which moved less money, in brief: {joined(told)}."


def _end(book: Book, firm: str, rows: list[Row], gone: Happening | None) -> str:
    """Say how a firm ends: whether it left, and the figures of its last month."""
    row, paid = book.firms[firm], float(book.gave(firm, "payout")["amount"].sum())
    parts = [_exit(book, firm, gone), _extremes(book, firm)]
    figures = [f"a revenue of {money(row['revenue'])} a month", f"an EBITDA of {money(row['ebitda'])} a month"]
    if gone:
        parts.append(f"In its last month it had {joined(figures)}.")
    else:
        figures.append(f"{money(row['cash'])} of cash")
        parts.append(f"At the end, in month {book.last}, it has {joined(figures)}.")
    if paid >= SMALLEST:
        parts.append(f"Over the time its owners were paid {money(paid)}.")
    if len(rows) > 1:
        total = sum(r["net"] for r in rows)
        parts.append(f"Its {several(len(rows), 'alliance')} brought it a net {balance(total)} together.")
    return " ".join(part for part in [*parts, _profit(book, firm, gone.month if gone else book.last)] if part)


def _exit(book: Book, firm: str, gone: Happening | None) -> str:
    if not gone:
        return ""
    heir = book.neighbour(firm, 1)
    left = (f"It left {money(gone.amount)} of cash" if gone.amount >= 0 else f"It left a debt of {money(-gone.amount)}")
    return f"{tell([gone])[0]} {left}" + (f", and {heir} took its place." if heir else ".")


def _extremes(book: Book, firm: str) -> str:
    sales = book.received(firm, "sales", "lots").groupby("month")["amount"].sum()
    if len(sales) < YEAR:
        return ""
    low, high = sales.idxmin(), sales.idxmax()
    return (f"Its revenue was lowest in month {low}, at {money(sales[low])}, and highest in month {high}, at "
            f"{money(sales[high])}.")


def _profit(book: Book, firm: str, month: int) -> str:
    row = book.firms[firm]
    be, profit = ("is", "was")[not row["alive"]], money(row["economic_profit"])
    if firm not in book.initial:
        return f"Its cumulative economic profit {be} {profit}, counted from its entry."
    mean = book.run.series["population.economic_profit"].iloc[month]
    text = f"Its cumulative economic profit {be} {profit}, where the mean over all firms {be} {money(mean)}"
    alike = [r["economic_profit"] for name, r in book.firms.items()
             if r["alive"] and name in book.initial and r["size"] == row["size"]]
    if row["alive"] and len(alike) > 1:
        text += (f" and that of the {len(alike)} {row['size']} ones that were there from start to end "
                 f"is {money(sum(alike) / len(alike))}")
    return f"{text}."
