"""Pictures and sentences of return against risk say what their table says."""

import numpy as np
import pytest

from allysim.analysis.frontier import frontier
from allysim.report import choice_figures, choice_findings

CHOICES = ["alone", "bold", "safe", "twin"]


def table(better=1, seeds=3):
    """`safe` adds 5 everywhere, as its twin does; `bold` adds 20 in the mean and loses much at every fifth point."""
    luck = np.random.default_rng(1).normal(size=(60, seeds))
    bold = np.where(np.arange(60) % 5, 35.0, -40.0)[:, None]
    return frontier(better * np.stack([luck, luck + bold, luck + 5, luck + 5])[None], CHOICES, better=better).table


def texts(ax):
    return " ".join(text.get_text().replace("\n", " ") for text in [*ax.figure.texts, *ax.texts])


@pytest.mark.parametrize("better", [1, -1])
def test_the_picture_draws_its_table(better):
    found = table(better)
    axes = choice_figures.frontier_figure(found, "alone", "profit", "k€", "180 draws", better)
    mean, tail, chosen, both = axes
    assert choice_findings.frontier_finding(found) in texts(mean)
    assert [label.get_text() for label in mean.get_yticklabels()] == ["bold  1", "safe  2", "twin  3", "alone  4"]
    assert [bar.get_width() for bar in chosen.patches] == pytest.approx(100 * found["chosen"][[1, 2, 3, 0]])
    dots = [line for line in mean.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx(found["mean_gain"][[1, 2, 3, 0]])
    assert [dot.get_markerfacecolor() == "white" for dot in dots] == [False, False, False, True]
    assert sorted(text.get_text() for text in both.texts) == ["1", "2, 3", "4"], "equal choices share a place"
    assert mean.xaxis_inverted() == tail.xaxis_inverted() == both.yaxis_inverted() == (better < 0)
    steps = next(line for line in both.lines if line.get_drawstyle() == "steps-pre")
    assert list(steps.get_ydata()[1:4]) == pytest.approx(found["mean_gain"][[1, 2, 3]])


def test_what_an_interval_doubts_is_no_clear_difference():
    found = table()
    assert list(choice_findings.clear(found, "mean")) == [0, 1, 1, 1]
    assert list(choice_findings.clear(found, "tail")) == [0, -1, 1, 1]
    doubtful = found.assign(mean_luck_low=-1.0, tail_assumption_high=1.0, tail_assumption_low=-1.0)
    assert not choice_findings.clear(doubtful, "mean").any() and not choice_findings.clear(doubtful, "tail").any()
    assert choice_findings.gains_finding(doubtful, "alone") == (
        "Against alone, there is no clear difference in the mean for any of 3, and there is no clear difference in the "
        "mean of the worst tenth for any of 3")
    assert all(text.count("no clear difference") == 2 for text in choice_findings.gains(doubtful, "alone", "k€"))
    unknown = found.assign(**{name: np.nan for name in found if name.startswith("mean_") and "gain" not in name})
    assert not choice_findings.clear(unknown, "mean").any(), "without an interval nothing is clear"


def test_sentences_name_the_frontier():
    found = table()
    assert choice_findings.frontier_finding(found) == (
        "On the frontier of mean and worst tenth: bold (100 % of resamples), safe (100 %) and twin (100 %); 1 of 4 is "
        "on it in 5 % or fewer")
    assert choice_findings.frontier_finding(found.assign(efficient=True)).startswith(
        "4 of 4 choices are on the frontier of mean and worst tenth, foremost ")
    assert choice_findings.gains_finding(found, "alone") == (
        "Against alone, the mean is clearly higher for 3 and lower for 0 of 3, and the mean of the worst tenth is "
        "clearly better for 2 and worse for 1 of 3")
    less = table(better=-1)
    assert choice_findings.gains_finding(less, "alone", -1) == (
        "Against alone, the mean is clearly higher for 0 and lower for 3 of 3, and the mean of the worst tenth is "
        "clearly better for 2 and worse for 1 of 3")
    assert "mean −5.0" in choice_findings.gains(less, "alone", "k€", -1)[1]
