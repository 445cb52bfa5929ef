"""Fit the parameters that no source gives to the patterns called fitted, by history matching.

    python experiments/calibration/calibrate.py               # three waves and fresh seeds, half an hour on two cores
    python experiments/calibration/calibrate.py --points 32 --seeds 2 --fresh 2 --out trial      # whether it runs

In each wave the model is run at points of a Sobol sequence over what is left of the space, under the odd half of the
seeds. A quadratic in the logarithms of the parameters is fitted to each pattern at the points of the wave (the
emulator), with the error of its prediction: the smaller the space, the smaller that is. A place is implausible where a
pattern's prediction lies more than three standard deviations from the middle of its band, of emulator, luck and band
together (the band is taken as the mean plus or minus two standard deviations): Craig et al. (1997), Vernon, Goldstein &
Bower (2010). What is left after the last wave is the answer: the least implausible place, and the range of what is not
implausible. It is judged on fresh seeds, by running the model there.
"""

import argparse
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import qmc

import allysim as al
from allysim.analysis.patterns import PATTERNS, measure
from allysim.model import warm
from allysim.study.validation import World, made, see

FITTED = {
    "conduct.temptation": (2.0, 10.0),
    "separation.scale": (80.0, 500.0),
    "separation.rnd": (1.0, 3.0),
    "demography.exit_entrant": (.002, .012),
    "demography.exit_newness": (.006, .040),
}
"""Parameters called fitted, and the space searched; the mean temptation in R&D keeps its ratio to the other."""

RND_TEMPTATION = 2.0 / 3.5
TARGETS = [name for name, pattern in PATTERNS.items() if pattern.label == "fitted"]
IMPLAUSIBLE = 3.0
CANDIDATES = 20_000
WAVES = 3
SEED = 20_261


class Emulator(NamedTuple):
    """Quadratics of patterns in unit coordinates, and the standard errors of their predictions."""

    weights: np.ndarray   # (terms, patterns)
    inverse: np.ndarray   # (terms, terms), of the terms' cross products
    error: np.ndarray     # (patterns,), residual standard deviation: curvature left out, and luck

    def predict(self, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard error of each pattern at places (n, d): (n, patterns) each."""
        x = terms(unit)
        leverage = np.einsum("nt,tu,nu->n", x, self.inverse, x)
        return x @ self.weights, np.sqrt(1 + leverage)[:, None] * self.error


def terms(unit: np.ndarray) -> np.ndarray:
    """Return 1, all coordinates, and all their products."""
    d = unit.shape[1]
    pairs = [unit[:, i] * unit[:, j] for i in range(d) for j in range(i, d)]
    return np.column_stack([np.ones(len(unit)), unit, *pairs])


def fit(unit: np.ndarray, y: np.ndarray) -> Emulator:
    """Fit quadratics to patterns (n, patterns) at places (n, d)."""
    x = terms(unit)
    weights, *_ = np.linalg.lstsq(x, y, rcond=None)
    error = np.sqrt(((y - x @ weights)**2).sum(axis=0) / max(len(x) - x.shape[1], 1))
    return Emulator(weights, np.linalg.pinv(x.T @ x), error)


def real(unit: np.ndarray) -> dict[str, float]:
    """Return the settings at a place of the unit cube."""
    found = {key: float(low * (high / low)**u) for (key, (low, high)), u in zip(FITTED.items(), unit, strict=True)}
    return found | {"conduct.temptation_rnd": found["conduct.temptation"] * RND_TEMPTATION}


def run(places: np.ndarray, seeds: list[int], jobs: int) -> np.ndarray:
    """Return the patterns at places (n, d), over all seeds together: (n, patterns)."""
    base = al.scenario()
    worlds = [World(base.replace(real(place)), seed) for place in places for seed in seeds]
    seen, n = made(worlds, see, jobs), len(seeds)
    return np.array([[PATTERNS[name].measure({"default": {key: sum(one[key] for one in seen[k * n:(k + 1) * n])
                                                         for key in seen[0]}}) for name in TARGETS]
                     for k in range(len(places))])


def implausibility(emulator: Emulator, unit: np.ndarray) -> np.ndarray:
    """Return by how many standard deviations each pattern misses the middle of its band: (n, patterns)."""
    mean, error = emulator.predict(unit)
    middle = np.array([(PATTERNS[name].low + PATTERNS[name].high) / 2 for name in TARGETS])
    band = np.array([(PATTERNS[name].high - PATTERNS[name].low) / 4 for name in TARGETS])
    return np.abs(mean - middle) / np.hypot(error, band)


def calibrate(points: int, seeds: int, jobs: int) -> dict[str, Any]:
    """Run all waves; returns what is left."""
    luck = [2 * k + 1 for k in range(seeds)]
    cloud = left = qmc.Sobol(len(FITTED), rng=SEED).random_base2(math.ceil(math.log2(CANDIDATES)))
    places, outcomes, waves = [], [], []
    for _ in range(WAVES):
        chosen = left[:points]  # the first of a Sobol sequence within what is left: evenly spread there
        found = run(chosen, luck, jobs)
        whole = np.isfinite(found).all(axis=1)
        emulator = fit(chosen[whole], found[whole])
        worst = implausibility(emulator, left).max(axis=1)
        best, kept = left[int(np.argmin(worst))], left[worst < IMPLAUSIBLE]
        places.append(chosen)
        outcomes.append(found)
        waves.append({"runs": len(chosen) * seeds, "left": len(kept) / len(cloud), "usable": int(whole.sum())})
        left = kept if len(kept) >= points else left[np.argsort(worst)[:points]]
    return {"best": best, "inside": kept if len(kept) else best[None], "worst": float(worst.min()), "waves": waves,
            "places": np.concatenate(places), "outcomes": np.concatenate(outcomes)}


def rounded(value: float) -> float:
    """Return a value with two significant digits."""
    return float(f"{value:.2g}")


def main() -> None:
    """Calibrate, judge on fresh seeds, and write it all down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=128, help="in each wave")
    parser.add_argument("--seeds", type=int, default=8, help="at each point: 1, 3, 5 ...")
    parser.add_argument("--fresh", type=int, default=30, help="seeds to judge by: 2000, 2002 ...")
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("results/calibration"))
    given = parser.parse_args()
    warm()
    found = calibrate(given.points, given.seeds, given.jobs)
    chosen = {key: rounded(value) for key, value in real(found["best"]).items()}
    ends = np.array([list(real(place).values()) for place in found["inside"]])
    fitted = [{"key": key, "value": value, "low": float(ends[:, k].min()), "high": float(ends[:, k].max()),
               "searched": list(FITTED.get(key, [bound * RND_TEMPTATION for bound in FITTED["conduct.temptation"]]))}
              for k, (key, value) in enumerate(chosen.items())]
    fresh = [World(al.scenario(**chosen), 2000 + 2 * k) for k in range(given.fresh)]
    judged = measure({"default": made(fresh, see, given.jobs)}, TARGETS)
    given.out.mkdir(parents=True, exist_ok=True)
    content = {"fitted": fitted, "worst": found["worst"], "waves": found["waves"], "seeds": given.seeds,
               "points": given.points, "fresh": given.fresh,
               "judged": json.loads(judged.to_json(orient="records"))}
    (given.out / "fitted.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    table = pd.DataFrame([real(place) for place in found["places"]])
    table[TARGETS] = found["outcomes"]
    table.to_csv(given.out / "points.csv", index=False, float_format="%.6g")
    draw(found, fitted, judged, given.out)
    for row in fitted:
        print(f"{row['key']:28}{row['value']:10.4g}   ({row['low']:.3g} to {row['high']:.3g} not implausible)")
    print(judged.drop(columns=["what", "unit", "label", "source"]).to_string(index=False))


def draw(found: dict[str, Any], fitted: list[dict[str, Any]], judged: pd.DataFrame, out: Path) -> None:
    """Draw what is left of every parameter's range, with the share of places left along it."""
    import matplotlib as mpl

    from allysim.report import figures
    from allysim.report.canvas import BLUE, ORANGE, canvas

    pinned = [row["key"] for row in fitted if row["key"] in FITTED
              and math.log(row["high"] / row["low"]) < .5 * math.log(row["searched"][1] / row["searched"][0])]
    title = (f"The patterns pin down {len(pinned)} of {len(FITTED)} parameters to less than half of what was searched: "
             f"{', '.join(pinned)}" if pinned else "The patterns pin no parameter down to half of what was searched")
    note = ("Share of places along each parameter's searched range (logarithmic) that no fitted pattern makes "
            f"implausible, over all values of the others. Orange: the value taken. On fresh seeds "
            f"{int(judged['hit'].sum())} of {len(judged)} fitted patterns lie in their bands.")
    rows = []
    with mpl.rc_context(figures.STYLE):
        axes = canvas(1.5, title, note, .5, [1.75] * len(FITTED), gap=.5, below=.55)
        for k, (ax, (key, (low, high))) in enumerate(zip(axes, FITTED.items(), strict=True)):
            counts, edges = np.histogram(found["inside"][:, k], 20, (0, 1))
            share = counts / max(counts.sum(), 1) * 20
            middle = low * (high / low)**((edges[1:] + edges[:-1]) / 2)
            ax.bar(middle, share, width=np.diff(low * (high / low)**edges), color=BLUE, alpha=.8)
            ax.axhline(1.0, color="#9aa0a6", linewidth=.8)
            ax.axvline(next(row["value"] for row in fitted if row["key"] == key), color=ORANGE, linewidth=1.6)
            ax.set_xscale("log")
            ax.set_xlim(low, high)
            ax.set_xticks([low, high], [f"{low:g}", f"{high:g}"])
            ax.minorticks_off()
            ax.set_xlabel(key, loc="left")
            rows += [{"key": key, "value": value, "density": density}
                     for value, density in zip(middle, share, strict=True)]
        axes[0].set_ylabel("density, 1: nothing learnt")
        figures.save(np.array(axes), pd.DataFrame(rows), out / "calibration.svg")


if __name__ == "__main__":
    main()
