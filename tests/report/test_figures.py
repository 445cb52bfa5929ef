"""Pictures: their words and data are what was computed."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import allysim as al
from allysim.errors import AllysimError
from allysim.report import figures
from allysim.report.finding import finding


def words(axes):
    """All text of the figure that holds some axes."""
    figure = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()[0].figure
    texts = [*figure.texts, *(text for ax in figure.axes for text in (*ax.texts, ax.title, ax._left_title))]
    return " ".join(text.get_text().replace("\n", " ") for text in texts)


def test_the_title_says_the_finding_whatever_it_is(made_up, grid):
    up = grid("scenario=calm,supply_stress").run()
    assert finding(up) == ("In a calm world, buying together beats standing alone; "
                           "under supply stress, no clear difference between buying together and standing alone")
    assert finding(up) in words(al.plot(up))
    made_up.gain = {"calm": -5.0, "supply_stress": -5.0}
    down = grid("scenario=calm,supply_stress").run()
    assert finding(down) == "In a calm world and under supply stress, buying together falls behind standing alone"
    assert finding(down) in words(al.plot(down))


def test_several_variants_are_named_together(made_up, grid):
    done = grid("governance=light,heavy", "strategy=stand_alone,procurement_first").run()
    best = max(done.pairs(), key=lambda at: done.difference(at, "focal.economic_profit")[0])
    assert finding(done) == (f"In a calm world, {done.names(best)[1]} beats standing alone with light governance (so "
                             "does 1 of 2 others)")
    assert done.names(best)[1].startswith("buying together with ")


def test_a_panel_for_each_scenario_on_one_scale(made_up, grid):
    axes = al.plot(grid("scenario=calm,supply_stress").run())
    assert len(axes) == 2
    assert axes[0].get_ylim() == axes[1].get_ylim()
    assert "In a calm world: +" in words(axes[0]) and "Under supply stress: no clear difference" in words(axes[1])
    assert "k€ per firm" in words(axes)


def test_the_data_beside_a_picture_are_its_numbers(made_up, grid, tmp_path):
    done = grid().run()
    ax = al.plot(done)
    figures.save(ax, figures.comparison_data(done), tmp_path / "comparison.svg")
    data = pd.read_csv(tmp_path / "comparison.csv")
    drawn = next(line for line in ax.lines if len(line.get_xdata()) == 13)
    assert np.allclose(drawn.get_ydata(), data["difference"])
    assert set(data["unit"]) == {"k€ per firm"}
    assert (tmp_path / "comparison.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_same_picture_has_the_same_bytes(made_up, grid):
    done = grid().run()
    assert figures.svg(al.plot(done)) == figures.svg(al.plot(done))


def test_drawing_into_axes_of_ones_own(made_up, grid):
    ax = Figure().subplots()
    assert al.plot(grid().run(), ax=ax) is ax
    assert ax.lines
    with pytest.raises(AllysimError, match="2 scenarios need 2 axes, not 1"):
        al.plot(grid("scenario=calm,supply_stress").run(), ax=Figure().subplots())


def test_intervals_are_drawn_where_there_are_no_months(made_up, grid):
    ax = al.plot(grid("records=outcomes").run())
    assert "Bars: 95" in words(ax) and "buying together +" in words(ax)


def test_a_run_is_drawn_with_its_finding():
    run = al.run(al.scenario(months=6, **{"firms.n": 12, "firms.focal": 4}))
    axes = al.plot(run)
    value = run.series["focal.economic_profit"].iloc[-1]
    assert f"The focal firms {'earn' if value >= 0 else 'lose'} " in words(axes)
    assert "all firms" in words(axes)
    assert list(figures.run_data(run)["focal.economic_profit"]) == list(run.series["focal.economic_profit"])


def test_other_things_are_refused():
    with pytest.raises(AllysimError, match="draws a run, an ensemble or a comparison, not a str"):
        al.plot("run")


def test_no_global_state_of_matplotlib_is_touched():
    code = "import sys; import allysim.report.figures; print('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
