"""Make docs/worked_months.md: put the numbers of tests/worked/recompute.py into docs/worked_months.jinja."""

import importlib.util
import math
from pathlib import Path

import jinja2

HERE = Path(__file__).parent
PAGE = HERE / "worked_months.md"
FIRMS = HERE / "worked_months.csv"
RECOMPUTE = HERE.parent / "tests" / "worked" / "recompute.py"


def six_decimals(x):
    """Print a rate, share, price or cost per unit."""
    return f"{x:.6f}".replace("-", "−")


def four_decimals(x):
    """Print an amount of money or a quantity."""
    return f"{x:.4f}".replace("-", "−")


def general(x):
    """Print a number that is exact as it stands; nothing for an empty cell."""
    return "" if x is None else f"{x:.12g}".replace("-", "−")


def signed(printed):
    """Put a printed number in brackets where it is negative."""
    return f"({printed})" if printed.startswith("−") else printed


FILTERS = {"n6": six_decimals, "n4": four_decimals, "g": general, "signed": signed,
           "python": lambda value: repr(value).replace("'", '"')}


def balances(numbers, names):
    """Return what each account of the ledger received less what it gave, by month; firms come first."""
    flows = numbers["ledger"]
    accounts = sorted({account for key in flows for account in key[1:3]}, key=lambda a: (a not in names, a))

    def balance(account, month):
        moved = math.fsum(x * ((to == account) - (by == account)) for (m, to, by, _), x in flows.items() if m == month)
        return round(moved, 9) + 0.0  # no minus zero on the page

    return {a: [balance(a, month) for month in range(len(numbers["months"]) + 1)] for a in accounts}


def render():
    """Return the page."""
    spec = importlib.util.spec_from_file_location("worked_recompute", RECOMPUTE)
    source = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(source)
    numbers = source.recompute(FIRMS)
    first, second, third = source.MEMBERS
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), undefined=jinja2.StrictUndefined,
                                     trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    environment.filters.update(FILTERS)
    names = numbers["firms"]["firm"]
    return environment.get_template("worked_months.jinja").render(
        **numbers, P=source.P, settings=source.SETTINGS, segments=source.SEGMENTS, weights=source.WEIGHTS,
        segment_shares=source.SEGMENT_SHARES, capabilities=source.CAPABILITIES, members=source.MEMBERS,
        all=range(len(names)), four=range(len(source.SEGMENTS)), alpha=general(source.ALPHA),
        base=source.governance_base(len(source.MEMBERS)), beta=-math.log2(source.P["learning.progress_ratio"]),
        # all ties of the pool see the same evidence, so one stands for all, and one for each member
        pair=(first, second), others={first: (first, second), second: (second, first), third: (third, first)},
        balance=balances(numbers, names), total=lambda values: math.fsum(values[i] for i in source.MEMBERS),
        set=lambda *keys: ", ".join(f"`{key}={str(source.SETTINGS[key]).lower()}`" for key in keys),
    )
