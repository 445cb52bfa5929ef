"""Result folders: written whole or not at all, never over somebody else's files, and read back bit for bit."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allysim.config import scenario
from allysim.errors import StoreError
from allysim.study import store
from allysim.study.store import Store, read_manifest, read_table

NUMBERS = np.random.default_rng(1).normal(size=13)


def manifest(**overrides):
    variant = {"scenario": "calm", "strategy": "x", "config": scenario(**overrides).to_dict()}
    return store.describe("run", [variant], [1], "series", ["months=13"])


def write(out, given=None, inputs=None, runs=1):
    with Store(out, given or manifest(), inputs) as folder:
        for k in range(runs):
            add(folder, f"run{k}")
    return out


def add(folder, run, cause=None, status="SUCCEEDED"):
    row = {"run": run, "status": status, "seed": 1, "error": "", "seconds": .1, "focal.survival": NUMBERS[0]}
    events = pd.DataFrame({"month": [1], "cause": [cause]})
    folder.add(row, {"series": pd.DataFrame({"month": range(13), "focal.survival": NUMBERS}), "events": events})


def test_what_is_written_is_read_back_bit_for_bit(tmp_path):
    out = write(tmp_path / "out", runs=2)
    series = read_table(out, "series")
    assert series.columns[0] == "run"
    assert series["focal.survival"].to_numpy().tobytes() == np.tile(NUMBERS, 2).tobytes()
    assert list(read_table(out, "runs")["run"]) == ["run0", "run1"]


def test_the_manifest_says_what_it_takes_to_run_it_again(tmp_path):
    csv = tmp_path / "mine.csv"
    csv.write_text("firm,revenue\nA,60\n")
    given = manifest(**{"firms.path": csv})
    out = write(tmp_path / "out", given, store.inputs_of([scenario(**{"firms.path": csv})]))
    found = read_manifest(out)
    assert found["command"] == "allysim run months=13"
    assert found["runs"] == {"total": 1, "SUCCEEDED": 1, "FAILED": 0}
    assert {"python", "numpy", "numba", "allysim"} <= set(found["versions"])
    assert len(found["inputs"]["mine.csv"]["sha256"]) == 64
    assert (out / "inputs" / "mine.csv").read_bytes() == csv.read_bytes()
    assert found["variants"][0]["config"]["own"]["firm"] == ["A"]


def test_large_tables_are_written_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "PART_BYTES", 100)
    with Store(tmp_path / "out", manifest()) as folder:
        add(folder, "a")
        add(folder, "b", cause="breach")  # the first part's causes are all missing, and must not clash
        add(folder, "c")
    assert len(list((tmp_path / "out" / "series").iterdir())) > 1
    assert list(read_table(tmp_path / "out", "events")["cause"].dropna()) == ["breach"]
    assert list(read_table(tmp_path / "out", "runs")["run"]) == ["a", "b", "c"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_command_leaves_nothing(tmp_path, monkeypatch, error):
    monkeypatch.setattr(store, "PART_BYTES", 1)

    def broken_off():
        with Store(tmp_path / "out", manifest()) as folder:
            add(folder, "a")
            assert any(tmp_path.iterdir())  # a part is on disk by now
            raise error

    with pytest.raises(error):
        broken_off()
    assert not any(tmp_path.iterdir())


def test_the_same_question_is_answered_again_and_own_notes_stay(tmp_path):
    out = write(tmp_path / "out")
    (out / "notes.txt").write_text("mine")
    (out / "series" / "part-00000.parquet").write_bytes(b"broken")
    write(out, manifest(jobs=2, records="full"))
    assert (out / "notes.txt").read_text() == "mine"
    assert len(read_table(out, "series")) == 13
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "out").mkdir()
    assert read_manifest(write(tmp_path / "out"))["verb"] == "run"


def test_another_question_is_refused_before_anything_runs(tmp_path):
    out = write(tmp_path / "out")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(StoreError, match="result of another question, 'allysim run months=13'; choose another"):
        Store(out, manifest(months=14))
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_somebody_elses_files_are_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("...")
    with pytest.raises(StoreError, match="folder of other files, which are left alone; choose another folder"):
        Store(tmp_path, manifest())


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "out").write_text("...")
    with pytest.raises(StoreError, match="is a file and not a folder"):
        Store(tmp_path / "out", manifest())


def test_the_default_folder_depends_on_the_question_only(tmp_path):
    one = store.default_out(manifest())
    assert one == store.default_out(manifest(jobs=3, out="elsewhere"))
    assert one != store.default_out(manifest(months=14))
    assert one.parent == Path("allysim_out")


@pytest.mark.parametrize(("content", "said"), [
    ("{", "cannot be read as a manifest"),
    ("[]", "cannot be read as a manifest"),
    ("{}", "it lacks 'format'"),
    ('{"format": 99}', "has format 99, but this version reads format 1"),
])
def test_manifests_that_cannot_be_read(tmp_path, content, said):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(StoreError, match=said) as caught:
        read_manifest(tmp_path)
    assert "\n" not in str(caught.value)


def test_missing_folders_and_tables(tmp_path):
    with pytest.raises(StoreError, match="there is no folder"):
        read_manifest(tmp_path / "absent")
    with pytest.raises(StoreError, match=r"has no manifest\.json"):
        read_manifest(tmp_path)
    out = write(tmp_path / "out")
    with pytest.raises(StoreError, match="has no ledger/: its records are of level 'series'"):
        read_table(out, "ledger")
    (out / "runs" / "part-00000.parquet").write_bytes(b"broken")
    with pytest.raises(StoreError, match=r"a part of .* cannot be read"):
        read_table(out, "runs")


def test_the_manifest_is_plain_json(tmp_path):
    text = (write(tmp_path / "out") / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(text)["format"] == 1
