"""Bad files and overrides through the command line: exit code 2, one sentence, nothing written."""

import pytest

from allysim.cli import main

GOOD = "firm,revenue\nAsh,60\nBeech,40\n"

OVERRIDES = {
    "unknown key": "pilot.month=3",
    "unknown section": "markets.price_sensitivity=2",
    "unknown scenario": "scenario=supply_strs",
    "unknown strategy": "strategy=procurment_first",
    "unknown governance": "governance=heavvy",
    "whole number wanted": "months=12.5",
    "number wanted": "purchasing.discount=much",
    "below range": "firms.n=0",
    "above range": "pilot.months=13",
    "probability above one": "conduct.detection=1.2",
    "not a number": "trust.memory=nan",
    "null where it is not allowed": "months=null",
    "true or false wanted": "pilot.control=maybe",
    "name from a list": "pilot.kpi=leadng",
    "list wanted": "strategy.seek=procurement",
    "unknown alliance type": "strategy.seek=[research]",
    "added key": "+market.alpha=2",
    "removed key": "~governance",
    "no value": "seed=",
    "negative seed": "seed=-1",
    "more focal than firms": "firms.focal=200",
    "background without a file": "firms.background=0",
    "window that ends before it begins": "scenario.disruption_from=60",
    "go below stop": "pilot.stop=.5 pilot.go=.5",
    "set twice": "months=6 months=7",
    "list in a single run": "governance=light,heavy",
    "unknown rule": "rules.gate=baies",
    "missing rule file": "rules.gate=mine.py:Gate",
    "missing outcome file": "outcome=mine.py:cash",
    "no positive unit cost": "market.price_sensitivity=.6",
    "records": "records=ful",
}

FILES = {
    "missing file": None,
    "empty": "",
    "header only": "firm,revenue\n",
    "no revenue column": "firm,turnover\nAsh,60\n",
    "unknown column": "firm,revenue,sector\nAsh,60,legacy\n",
    "no name": "firm,revenue\n,60\n",
    "two of a name": "firm,revenue\nAsh,60\nAsh,50\n",
    "negative revenue": "firm,revenue\nAsh,-60\n",
    "not a number": "firm,revenue\nAsh,sixty\n",
    "unknown segment": "firm,revenue,segment\nAsh,60,electrc\n",
    "capability above one": "firm,revenue,hardware\nAsh,60,7\n",
    "unknown strategy": "firm,revenue,strategy\nAsh,60,go_alone\n",
    "too many cells": "firm,revenue\nAsh,60,1\n",
    "margin above gross margin": "firm,revenue,ebitda_margin\nAsh,60,.55\n",
    "inputs above variable cost": "firm,revenue,input_share\nAsh,60,.9\n",
    "name of an account": "firm,revenue\ncustomers,60\n",
    "not UTF-8": b"firm,revenue\nM\xfcller,60\n",
    "spreadsheet": b"PK\x03\x04 anything",
}


def refused(arguments, folder, capsys):
    before = sorted(folder.rglob("*"))
    code = main(arguments)
    said = capsys.readouterr().err.strip()
    assert code == 2, said
    assert sorted(folder.rglob("*")) == before, "something was written"
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1, said
    assert len(said) > 30
    return said


@pytest.mark.parametrize(("verb", "case"), [(verb, case) for verb in ("run", "compare") for case in OVERRIDES
                                            if (verb, case) != ("compare", "list in a single run")])
def test_overrides(verb, case, tmp_path, monkeypatch, capsys):
    """Every override is refused by both verbs; a list is what `compare` is for."""
    monkeypatch.chdir(tmp_path)
    compares = verb == "compare" and "strategy=" not in OVERRIDES[case]
    more = ["strategy=stand_alone,procurement_first"] if compares else []
    said = refused([verb, *OVERRIDES[case].split(), *more], tmp_path, capsys)
    assert OVERRIDES[case].split()[0].split("=")[0].lstrip("+~").split(".")[-1] in said


@pytest.mark.parametrize("case", FILES)
def test_files(case, tmp_path, monkeypatch, capsys):
    """Every file is refused, and the sentence names the file."""
    monkeypatch.chdir(tmp_path)
    content = FILES[case]
    if content is not None:
        (tmp_path / "mine.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    said = refused(["run", "firms.path=mine.csv", "months=2"], tmp_path, capsys)
    assert "mine.csv" in said


def test_good_file_is_taken(tmp_path, monkeypatch, capsys):
    """The file all the bad ones are variations of runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text(GOOD)
    assert main(["run", "firms.path=mine.csv", "months=2", "firms.n=12"]) == 0, capsys.readouterr().err


def test_results_are_never_overwritten(tmp_path, monkeypatch, capsys):
    """A folder with something else in it is left alone."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "letter.txt").write_text("dear")
    refused(["run", "months=2", "firms.n=12", "out=kept"], tmp_path, capsys)


def test_unknown_command(tmp_path, monkeypatch, capsys):
    """A command that is none is answered with the nearest."""
    monkeypatch.chdir(tmp_path)
    assert "compare" in refused(["compair"], tmp_path, capsys)
