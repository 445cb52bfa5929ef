"""A file of alliances: what is read, what is forgiven, and the sentence for everything else."""

import pytest

from allysim.errors import ConfigError, DataError
from allysim.network import Network, read_network

HEAD = "alliance,firm,share,joined,left"
GOOD = f"""{HEAD}
X1,Alder,0.5,1990-01-15,
X1,Birch,0.5,1990-01-15,1996-01-01
X2,Birch,0.6,1992-06-01,
X2,Cedar,0.6,1993-06-01,1995-01-01
X2,Alder,0.3,1994-12-31,
X3,Cedar,1,1994-01-01,
X1,Cedar,0.2,1985-01-01,1988-01-01
"""
pytestmark = pytest.mark.smoke


def read(folder, content, name="net.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_network(path)


def test_who_is_in_on_a_date(tmp_path):
    start = read(tmp_path, GOOD).on("1995-01-01")
    assert start.alliances == ("X1", "X2") and start.firms == ("Alder", "Birch")
    assert start.ages == (120, 31), "whole months since the first spell of the alliance, ended or not"
    assert [(start.alliances[m.alliance], m.firm, m.months) for m in start.members] == [
        ("X1", "Alder", 59), ("X1", "Birch", 59), ("X2", "Birch", 31), ("X2", "Alder", 0)]
    assert [round(m.share, 6) for m in start.members] == [.5, .5, round(.6 / .9, 6), round(.3 / .9, 6)]
    assert (start.lone, start.scaled) == (1, 1)
    assert start.notes == (
        "Month 0 is 1995-01-01: 2 alliances of 2 firms with 4 memberships.",
        "A firm buys through its oldest alliance: 2 further memberships cost governance and save nothing, and members "
        "that gain nothing leave.",
        "Left out: 1 alliance with one member on that date.",
        "Shares of 1 alliance did not sum to 1 and were scaled to it.")


def test_the_first_day_is_in_and_the_last_is_out(tmp_path):
    network = read(tmp_path, GOOD)
    assert "Cedar" in network.on("1994-12-31").firms and "Cedar" not in network.on("1995-01-01").firms
    assert len(network.on("1990-01-15").members) == 2


@pytest.mark.parametrize("content", [
    GOOD.replace(",", ";").replace("0.5", "0,5").replace("0.", "0,"),
    GOOD.replace(",", "\t").replace("0.5", "50 %"),
    b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(),
    "# who was in\n\n" + GOOD.replace("X2,Alder", "x2,ALDER"),
    GOOD.replace(HEAD, "Alliance, FIRM ,Share,Joined,Left"),
])
def test_ways_of_writing_it_that_mean_the_same(tmp_path, content):
    assert read(tmp_path, content) == read(tmp_path, GOOD, "other.csv")


def test_other_columns_are_not_used_and_named(tmp_path):
    more = "\n".join(f"{line},,yes,Long name" for line in GOOD.splitlines()[1:])
    network = read(tmp_path, f"{HEAD},type,operator,firm_name\n{more}\n")
    assert network == read(tmp_path, GOOD, "plain.csv") and network.unused == ("operator", "firm_name")


def test_a_date_is_needed_only_where_there_is_more_than_one(tmp_path):
    with pytest.raises(ConfigError, match=r"alliances\.date is needed: .* 6 dates from 1985-01-01 to 1994-12-31"):
        read(tmp_path, GOOD).on(None)
    one = read(tmp_path, f"{HEAD}\nX,A,.5,2000-01-01,\nX,B,.5,2000-01-01,2004-01-01\n")
    assert one.on(None).date == "2000-01-01" and one.on(None).ages == (0,)


@pytest.mark.parametrize(("date", "said"), [
    ("1995", "takes an ISO date"), ("1995-13-01", "takes an ISO date"), ("01/02/1995", "takes an ISO date"),
    ("1950-01-01", "no alliance of the network has two members on that date; spells begin from 1985-01-01"),
])
def test_dates_that_do_not_do(tmp_path, date, said):
    with pytest.raises(ConfigError, match=said):
        read(tmp_path, GOOD).on(date)


def row(text):
    return f"{HEAD}\nX,A,.5,2000-01-01,\n{text}\n"


BAD = {
    "empty": ("", "is empty: it starts with a line of column names"),
    "header only": (HEAD, "has a header but no spell"),
    "no column left": ("alliance,firm,share,joined\nX,A,1,2000-01-01", "line 1: column 'left' is missing"),
    "misspelt column": (GOOD.replace("joined", "joind"), "column 'joined' is missing; did you mean 'joind'?"),
    "column twice": (GOOD.replace("share,joined", "firm,joined"), "column 'firm' stands there twice"),
    "bad date": (row("X,B,.5,2000-02-30,"), "line 3, column joined: '2000-02-30' is not a date"),
    "other date": (row("X,B,.5,1.2.2000,"), "line 3, column joined: '1.2.2000' is not a date"),
    "no date": (row("X,B,.5,,"), "line 3, column joined: the cell is empty but needed"),
    "bad end": (row("X,B,.5,2000-01-01,soon"), "line 3, column left: 'soon' is not a date"),
    "left first": (row("X,B,.5,2000-01-02,2000-01-01"), "column left: '2000-01-01' is not after joined, 2000-01-02"),
    "no time": (row("X,B,.5,2000-01-01,2000-01-01"), "line 3, column left: '2000-01-01' is not after joined"),
    "share 0": (row("X,B,0,2000-01-01,"), "line 3, column share: '0' is not allowed; it takes a number above 0"),
    "share 2": (row("X,B,2,2000-01-01,"), "line 3, column share: '2' is out of range; it takes 0 to 1"),
    "share text": (row("X,B,half,2000-01-01,"), "line 3, column share: 'half' is not a number"),
    "no share": (row("X,B,,2000-01-01,"), "line 3, column share: the cell is empty but needed"),
    "no firm": (row("X,,.5,2000-01-01,"), "line 3, column firm: the cell is empty but needed"),
    "no alliance": (row(",B,.5,2000-01-01,"), "line 3, column alliance: the cell is empty but needed"),
    "drawn name": (row("X,Firm 7,.5,2000-01-01,"), "line 3, column firm: 'Firm 7' is a name the model gives"),
    "account": (row("X,customers,.5,2000-01-01,"), "line 3, column firm: 'customers' has a meaning of its own"),
    "cells": (row("X,B,.5,2000-01-01"), "line 3 has 4 cells where the header has 5"),
    "duplicate": (row("X,A,.5,2000-01-01,"), "line 3: 'A' joins alliance 'X' on 2000-01-01, but by line 2 it is in"),
    "overlap": (row("x,a,.5,2001-01-01,2002-01-01"), "line 3: 'A' joins alliance 'X' on 2001-01-01, but by line 2"),
    "type": (f"{HEAD},type\nX,A,.5,2000-01-01,,procurment", "'procurment' is not allowed; it takes procurement, "
             "coopetition, rnd, infrastructure or nothing; did you mean 'procurement'?"),
    "UTF-16": ("alliance".encode("utf-16"), "save it as 'CSV UTF-8' and give that file as alliances.path"),
    "quotes": (row('"X,B,.5,2000-01-01,'), "line 3 cannot be split into cells"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_said_in_one_sentence(tmp_path, content, said):
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    message = str(caught.value)
    assert said in message and "net.csv" in message and "\n" not in message


def test_further_faults_are_counted(tmp_path):
    with pytest.raises(DataError, match=r"line 2, column share.*\(and 2 more faults in this file\)"):
        read(tmp_path, f"{HEAD}\nX,A,2,2000-01-01,\nX,B,.5,soon,\nX,C,.5,2000-01-01,1999-01-01\n")


def test_a_spell_after_a_break_is_another(tmp_path):
    network = read(tmp_path, f"{HEAD}\nX,A,.5,2002-01-01,\nX,B,.5,2000-01-01,\nX,A,.5,2000-01-01,2001-01-01\n")
    assert network.on("2002-01-01").members[-1] == (0, "A", .5, 0)


def test_to_json_and_back(tmp_path):
    network = read(tmp_path, GOOD)
    assert Network.from_dict(network.to_dict()) == network
