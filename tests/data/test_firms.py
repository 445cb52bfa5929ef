"""A user's firms file: what is read, what is forgiven, and the sentence for everything else."""

import json
from pathlib import Path

import numpy as np
import pytest

from allysim.data import CAPABILITIES, COLUMNS, SEGMENTS, OwnFirms, Range, read_firms
from allysim.errors import DataError
from allysim.mechanisms.names import SEGMENT_SHARES, WEIGHTS

GOOD = "firm,revenue,segment,input_share\nAlder Castings,62.5,legacy,0.52\nBirch & Sons,1200,,\n"
pytestmark = pytest.mark.smoke
EXPERIMENTS = Path(__file__).parents[2] / "experiments"


def firms(folder: Path, content: str | bytes, name: str = "mine.csv") -> OwnFirms:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_firms(path, strategies=("stand_alone", "balanced"))


def test_reads_names_numbers_and_gaps(tmp_path):
    own = firms(tmp_path, GOOD)
    assert own.n == 2
    assert own.names == ("Alder Castings", "Birch & Sons")
    assert own.column("revenue") == (62.5, 1200.0)
    assert own.column("segment") == ("legacy", None)
    assert own.column("battery") == (None, None)
    assert own.drawn["segment"] == 1
    assert own.drawn["battery"] == 2
    assert "revenue" not in own.drawn
    assert "strategy" not in own.drawn
    with pytest.raises(KeyError):
        own.column("batery")


def test_notes_say_what_is_given_and_what_is_filled_in(tmp_path):
    first, second = firms(tmp_path, GOOD).notes
    assert first == "2 firms of your own with 1,262.5 k€ of revenue a month."
    assert second.startswith("Not given, so drawn or set to the default: segment (1 of 2), hardware, ")
    assert "euros" in firms(tmp_path, "firm,revenue\nAlder,62500\n").notes[-1]


@pytest.mark.parametrize(
    "content",
    [
        "firm;revenue;segment;input_share\nAlder Castings;62,5;legacy;0,52\nBirch & Sons;1200;;\n",
        "firm;revenue;segment;input_share\nAlder Castings;62.5;legacy;52 %\nBirch & Sons;1.200,0;;\n",
        "firm\trevenue\tsegment\tinput_share\nAlder Castings\t62,5\tLegacy\t52%\nBirch & Sons\t1200\t\t\n",
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.removesuffix("\n"),
        b"\xef\xbb\xbf" + GOOD.encode(),
        "# what these are\n\n" + GOOD + "\n# the end\n,,,\n",
        " FIRM , Revenue,SEGMENT,Input_Share\n  Alder   Castings ,62.5,legacy,.52\nBirch & Sons,1 200,,\n",
        'firm,revenue,segment,input_share\nAlder Castings,"62,5",legacy,52 %\nBirch & Sons,"1,200.0",,\n',
        '"# a comment, saved again";;;;;\nfirm;revenue;segment;input_share;;\nAlder Castings;62,5;legacy;52 %;;\n'
        "Birch & Sons;1 200,00;;;;\n",
        "segment,input_share,revenue,firm\nlegacy,0.52,62.5,Alder Castings\n,,1.2e3,Birch & Sons\n",
    ],
)
def test_ways_of_writing_the_same_firms(tmp_path, content):
    own = firms(tmp_path, content)
    assert own == firms(tmp_path, GOOD, "same.csv")
    assert hash(own) == hash(firms(tmp_path, GOOD, "same.csv"))
    assert own.digest() == firms(tmp_path, GOOD, "same.csv").digest()


@pytest.mark.parametrize(
    ("separator", "text", "value"),
    [
        (",", "45.125", 45.125),
        (",", "1'200", 1200),
        (",", "1\u202f200", 1200),
        (";", "0,125", 0.125),
        (";", "1.234.567", 1234567),
        (";", "1.200,5", 1200.5),
        (";", "1,200.5", 1200.5),
        (";", "12.5", 12.5),
        (";", "+4,5E1", 45),
    ],
)
def test_numbers(tmp_path, separator, text, value):
    own = firms(tmp_path, f"firm{separator}revenue\nAlder{separator}{text}\n")
    assert own.column("revenue") == (value,)


def test_a_mark_is_settled_by_what_the_column_takes(tmp_path):
    own = firms(tmp_path, "firm;revenue;risk_aversion;cash;ebitda_margin\nAlder;60;2,125;\u221212,5;-3 %\n")
    assert own.column("risk_aversion") == (2.125,)
    assert own.column("cash") == (-12.5,)
    assert own.column("ebitda_margin") == (-0.03,)


def test_round_trip_and_digest(tmp_path):
    own = firms(tmp_path, GOOD)
    assert OwnFirms.from_dict(json.loads(json.dumps(own.to_dict()))) == own
    assert own.digest() != firms(tmp_path, GOOD.replace("62.5", "62.6")).digest()
    assert own.digest() != firms(tmp_path, GOOD.replace("Alder", "Elder")).digest()


RANGED = "firm,revenue,revenue_low,revenue_high,trust_low,trust_high\nAlder,,50,70,20 %,80 %\nBirch,80,,,,\n"


def test_a_number_with_a_range_is_the_middle_where_it_is_not_given(tmp_path):
    own = firms(tmp_path, RANGED)
    assert own.ranges == (Range("Alder", "revenue", 50.0, 70.0), Range("Alder", "trust", .2, .8))
    assert (own.column("revenue"), own.column("trust")) == ((60.0, 80.0), (.5, None))
    assert OwnFirms.from_dict(json.loads(json.dumps(own.to_dict()))) == own
    assert "revenue of Alder (50 to 70), trust of Alder (0.2 to 0.8)" in own.notes[-1]
    moved = own.with_numbers({"revenue of Alder": 55.0})
    assert (moved.column("revenue"), moved.column("trust"), moved.ranges) == ((55.0, 80.0), (.5, None), own.ranges)
    assert own.digest() != firms(tmp_path, RANGED.replace("70", "71").replace("50", "49")).digest()


@pytest.mark.parametrize("path", ["firms_template.csv", "parts_coop/firms.csv", "home_repair/firms.csv",
                                  "ev_charging/firms.csv"])
def test_shipped_inputs(path):
    own = read_firms(EXPERIMENTS / path)
    assert own.n >= 2
    text = (EXPERIMENTS / path).read_text(encoding="utf-8")
    assert path != "firms_template.csv" or all(f"# {name} " in text for name in COLUMNS)


def test_the_template_says_what_customers_look_at():
    text = " ".join((EXPERIMENTS / "firms_template.csv").read_text(encoding="utf-8").replace("#", " ").split())
    for segment, weights in zip(SEGMENTS, WEIGHTS, strict=True):
        asked = [CAPABILITIES[k] for k in np.argsort(-weights, kind="stable") if weights[k] > 0]
        assert f"of {segment}" + (" look" if segment == SEGMENTS[0] else "") + \
            f" at {', '.join(asked[:-1])} and {asked[-1]}" in text
    assert SEGMENT_SHARES[0] > .5


BAD = {
    "half a range": ("firm,revenue,revenue_low\nA,1,1\n", "column 'revenue_low' needs 'revenue_high' beside it"),
    "range of a text": ("firm,revenue,segment_low,segment_high\nA,1,1,2\n", "unknown column 'segment_low'"),
    "one end": ("firm,revenue,trust_low,trust_high\nA,1,,.2\n", "column trust_low: the cell is empty where trust_high"),
    "ends turned": ("firm,revenue,trust_low,trust_high\nA,1,.3,.2\n", "'.3' is not below trust_high, which is '.2'"),
    "outside": ("firm,revenue,trust,trust_low,trust_high\nA,1,.5,.1,.2\n", "'.5' is outside its range, which is .1 to"),
    "no revenue, no range": ("firm,revenue,revenue_low,revenue_high\nA,,,\n", "column revenue: the cell is empty but"),
    "empty file": ("", "is empty: a firms file starts with a line of column names"),
    "comments only": ("# nothing\n\n", "is empty"),
    "header only": ("# note\nfirm,revenue\n", "has a header but no firm: add one row per firm below line 2"),
    "missing column": ("firm,segment\nAlder,legacy\n", "line 1: column 'revenue' is missing"),
    "unknown column": ("firm,revnue\nAlder,60\n", "line 1: unknown column 'revnue'; did you mean 'revenue'? (allowed"),
    "unknown separator": ("firm|revenue\nAlder|60\n", "line 1: unknown column 'firm|revenue'"),
    "column twice": ("firm,revenue,Revenue\nAlder,60,61\n", "line 1: column 'revenue' stands there twice"),
    "nameless column": ("firm,,revenue\nAlder,1,60\n", "line 1: column 2 has no name"),
    "firm twice": ("firm,revenue\nAlder,60\nalder,70\n", "line 3, column firm: 'alder' stands in line 2 already"),
    "no name": ("firm,revenue\n ,60\n", "line 2, column firm: the cell is empty but needed"),
    "no revenue": ("firm,revenue,cash\nAlder,,1\n", "line 2, column revenue: the cell is empty but needed"),
    "outside account": ("firm,revenue\nCustomers,60\n", "column firm: 'Customers' has a meaning of its own"),
    "drawn name": ("firm,revenue\nfirm 12,60\n", "column firm: 'firm 12' is a name the model gives"),
    "control character": ("firm,revenue\nAl\x07der,60\n", "column firm: 'Al\\x07der' is not a usable name"),
    "too few cells": ("firm,revenue,cash\n\nAlder,60\n", "line 3 has 2 cells where the header has 3"),
    "too many cells": ("firm,revenue\nAlder,62,5\n", "has 3 cells where the header has 2; numbers with a"),
    "open quotation": ('firm,revenue\n"Alder,60\n', "line 2 cannot be split into cells"),
    "word for number": ("firm,revenue\nAlder,much\n", "line 2, column revenue: 'much' is not a number; it takes"),
    "unit in cell": ("firm,revenue\nAlder,60 k€\n",
                     "column revenue: '60 k€' is not a number; it is in thousands already, so write 60: it takes"),
    "thousands in cell": ("firm,revenue\nAlder,45k\n",
                          "'45k' is not a number; it is in thousands already, so write 45: it takes"),
    "per cent without its sign": ("firm,revenue,ebitda_margin\nAlder,60,9\n",
                                  "'9' is out of range; it takes -1 to 0.6, or -100% to 60%; for 9 per cent write 9%"),
    "percent of money": ("firm,revenue\nAlder,60 %\n", "column revenue: '60 %' is not a number"),
    "not a number": ("firm,revenue,cash\nAlder,60,NaN\n", "column cash: 'NaN' is not a number; it takes"),
    "infinite": ("firm,revenue\nAlder,inf\n", "column revenue: 'inf' is not a number"),
    "beyond floats": ("firm,revenue\nAlder,1e999\n", "column revenue: '1e999' is not a number"),
    "negative revenue": ("firm,revenue\nAlder,-3\n", "column revenue: '-3' is out of range; it takes a"),
    "zero revenue": ("firm,revenue\nAlder,0\n", "column revenue: '0' is out of range"),
    "share above 1": ("firm,revenue,trust\nAlder,60,12\n", "'12' is out of range; it takes 0 to 1, or 0% to 100%"),
    "margin": ("firm,revenue,ebitda_margin\nAlder,60,75 %\n", "'75 %' is out of range; it takes -1 to 0.6"),
    "ambiguous point": ("firm;revenue\nAlder;1.200\n", "column revenue: '1.200' could be 1.2 or 1200; write"),
    "ambiguous comma": ('firm,revenue\nAlder,"1,200"\n', "column revenue: '1,200' could be 1200 or 1.2; write it"),
    "uneven groups": ("firm,revenue\nAlder,12 00\n", "column revenue: '12 00' is not a number"),
    "segment": ("firm,revenue,segment\nAlder,60,electrics\n", "'electrics' is not allowed; it takes legacy, electric, "
                "software, services; did you mean 'electric'?"),
    "strategy": ("firm,revenue,strategy\nAlder,60,balance\n", "column strategy: 'balance' is not allowed; it takes "
                 "stand_alone, balanced; did you mean 'balanced'?"),
    "several": ("firm,revenue\nAlder,0\nBirch,x\nCedar,-1\n", "line 2, column revenue: '0' is out of range; it takes a "
                "number from 0.001 to 10,000,000 k€/month (and 2 more faults in this file)"),
    "latin-1": ("firm,revenue\nAlder,60\nMüller,50\n".encode("latin-1"), "line 3: byte 0xfc is not UTF-8 text"),
    "utf-16": ("firm,revenue\nAlder,60\n".encode("utf-16"), "is UTF-16 text: save it as 'CSV UTF-8'"),
    "spreadsheet": (b"PK\x03\x04 something", "is a spreadsheet, not a CSV file: open it in your spreadsheet program"),
    "old spreadsheet": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a spreadsheet, not a CSV file"),
    "binary": (b"firm,revenue\n\0\0\n", "is a binary file"),
}


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_refusals(tmp_path, content, sentence):
    with pytest.raises(DataError) as caught:
        firms(tmp_path, content)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "mine.csv"))
    assert "\n" not in str(caught.value)


def test_refuses_what_is_not_a_file(tmp_path):
    firms(tmp_path, GOOD, "parts.csv")
    with pytest.raises(DataError, match=r"there is no file .*part\.csv; did you mean 'parts\.csv'\?"):
        read_firms(tmp_path / "part.csv")
    with pytest.raises(DataError, match=r"the folder .* does not exist"):
        read_firms(tmp_path / "nowhere" / "parts.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_firms(tmp_path)
    with pytest.raises(DataError, match=r"mine\.ods is a spreadsheet"):
        firms(tmp_path, "whatever", "mine.ods")
