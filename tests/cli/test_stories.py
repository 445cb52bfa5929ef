"""`allysim run --explain NAME`: the story after the summary, and what is refused before anything is run."""

import json

import pytest

from allysim.cli import main

SMALL = ["months=6", "firms.n=12", "firms.focal=3"]


def test_stories_follow_the_summary(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", *SMALL, "--explain", "firm 3", "out=told", "--explain", "Firm 5"]) == 0
    out = capsys.readouterr().out
    summary, results, one, other = (out.index(text) for text in ("After 6 months", "Results: told", "Firm 3, a",
                                                                "Firm 5, a"))
    assert summary < results < one < other
    assert "--explain" not in out, "the next command is about the world and not about the story"
    manifest = json.loads((tmp_path / "told" / "manifest.json").read_text())
    assert "--explain" in json.dumps(manifest), "the manifest keeps the exact command"


@pytest.mark.parametrize(("args", "sentence"), [
    (["--explain", "Frim 7"], "there is no firm or alliance 'Frim 7' in this run; did you mean 'Firm 7'?"),
    (["--explain", "Firm 12"], "there is no firm or alliance 'Firm 12' in this run; did you mean"),
    (["--explain"], "--explain takes the name of a firm or an alliance"),
    (["--explain", "months=7"], "--explain takes the name of a firm or an alliance"),
    (["--explain", "Firm 7", "records=series"], "needs records=full, not records=series"),
])
def test_what_cannot_be_told_is_refused_before_the_run(args, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", *SMALL, *args]) == 2
    out, err = capsys.readouterr()
    assert sentence in err and err.count("\n") == 1
    assert out == "" and not list(tmp_path.iterdir())


def test_what_shows_only_after_the_run_is_refused_after_the_other_stories(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", *SMALL, "--explain", "alliance 999", "--explain", "Firm 3"]) == 2
    out, err = capsys.readouterr()
    assert "Results:" in out and "Firm 3, a" in out
    assert err.strip().endswith(("numbered from 0", "none was ever founded"))
