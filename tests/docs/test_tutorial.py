"""The tutorial runs from its first cell to its last, in a kernel of its own."""

from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.ipynb"


def test_it_is_ten_cells_without_results():
    nbformat = pytest.importorskip("nbformat")
    code = [cell for cell in nbformat.read(TUTORIAL, as_version=4).cells if cell.cell_type == "code"]
    assert len(code) == 10
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)  # what it says is worked out anew


@pytest.mark.slow
def test_it_runs(tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    book = nbformat.read(TUTORIAL, as_version=4)
    nbclient.NotebookClient(book, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = ["".join(str(output.get("data", output.get("text", ""))) for output in cell.outputs)
             for cell in book.cells if cell.cell_type == "code"]
    assert all(shown)
    assert "image/png" in shown[2] and "Firm 1, a" in shown[3] and "srcdoc=" in shown[4]
    assert "20 paired replications, 60 months" in shown[5] and "points=32" in shown[7]
    assert "stand_alone" in shown[8] and "pilot.months" in shown[9]
