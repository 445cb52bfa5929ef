"""A plain install works: wheel (built from the source distribution) and editable, used in an empty folder."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def call(*command: str | Path, cwd: Path) -> str:
    """Run a command away from this checkout's environment and return what it printed."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    call(folder / "bin/python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    return folder / "bin"


def test_wheel_carries_presets_and_examples(wheel):
    with zipfile.ZipFile(wheel) as archive:
        files = set(archive.namelist())
    places = {"src/allysim": "allysim", "configs": "allysim/configs", "experiments": "allysim/examples"}
    for source, target in places.items():
        wanted = {
            f"{target}/{file.relative_to(ROOT / source).as_posix()}"
            for file in (ROOT / source).rglob("*")
            if file.is_file() and "__pycache__" not in file.parts
        }
        assert wanted <= files, wanted - files
    assert not [file for file in files if not file.startswith("allysim")]


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_works_in_an_empty_folder(kind, wheel, environment, tmp_path):
    source = [wheel] if kind == "wheel" else ["-e", ROOT]
    call(environment / "python", "-m", "pip", "install", "-q", "--force-reinstall", "--no-deps", *source, cwd=tmp_path)
    place = call(environment / "python", "-c", "import allysim; print(allysim.__file__)", cwd=tmp_path)
    assert Path(place.strip()).is_relative_to(ROOT) == (kind == "editable")

    assert "procurement_first" in call(environment / "allysim", "list", cwd=tmp_path)
    assert "allysim" in call(environment / "python", "-m", "allysim", "list", cwd=tmp_path)
    assert not list(tmp_path.iterdir())

    call(environment / "allysim", "init", "mine", cwd=tmp_path)
    assert (tmp_path / "mine/firms_template.csv").read_text() == (ROOT / "experiments/firms_template.csv").read_text()
    firms = "firms.path=mine/parts_coop/firms.csv"
    call(environment / "allysim", "run", firms, "firms.n=12", "months=3", "out=first", cwd=tmp_path)
    assert list((tmp_path / "first").iterdir())
