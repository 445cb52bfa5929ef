"""Rules as a user would write them, in NumPy and without Numba, that decide as the built-in ones do.

`cost.py` holds them against those. Each is chosen by its path: `rules.gate=benchmarks/own_rules.py:Gate`.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PartnerChoice:
    """The decisions of expected_value."""

    logit_scale: float
    explore: float

    def choose(self, options):
        count = options.allowed[:, 1:].sum(axis=1)
        mean = np.where(options.allowed, options.value, 0.0)[:, 1:].sum(axis=1) / np.maximum(count, 1)
        scale = self.logit_scale * np.maximum(np.abs(mean), 1e-9)
        utility = np.where((options.explore < self.explore)[:, None], 0.0,
                           options.certainty_equivalent / scale[:, None])
        return np.argmax(np.where(options.allowed, utility - np.log(-np.log(options.luck)), -np.inf), axis=1)


@dataclass(frozen=True)
class Conduct:
    """The decisions of temptation."""

    def defects(self, faced):
        return faced.temptation > faced.threshold


@dataclass(frozen=True)
class Gate:
    """The decisions of bayes."""

    go: float
    stop: float

    def decide(self, gates):
        halted = (gates.chance < self.stop) | (gates.spent > gates.budget) | gates.extended
        return np.where(gates.chance > self.go, 2, np.where(halted, 0, 1))


@dataclass(frozen=True)
class Effort:
    """The decisions of equal."""

    def efforts(self, known):
        return np.ones(known.norm.size)


@dataclass(frozen=True)
class ValueSplit:
    """The decisions of equal."""

    def shares(self, yields):
        return 1.0 / np.bincount(yields.group, minlength=yields.groups)[yields.group]


OF = {"partner_choice": PartnerChoice, "conduct": Conduct, "gate": Gate, "effort": Effort, "value_split": ValueSplit}
"""Seam to rule; the market's logit is no rule that a user would write in fifteen lines."""
