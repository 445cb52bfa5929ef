"""Ishigami's function with a = 7 and b = .1, whose shares of variance are known in closed form."""

import math

import numpy as np
from scipy.stats import qmc

KEYS = ("one", "two", "three")
BOUNDS = np.array([[-math.pi, math.pi]] * 3)
VARIANCE = 7**2 / 8 + .1 * math.pi**4 / 5 + .1**2 * math.pi**8 / 18 + .5
MEAN = 3.5
FIRST = {"one": .3139, "two": .4424, "three": 0.0}
TOTAL = {"one": .5576, "two": .4424, "three": .2437}


def ishigami(x):
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + .1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def sequence(points, seed=1, dimensions=3):
    """Points of a scrambled Sobol sequence over Ishigami's box."""
    return (2 * qmc.Sobol(dimensions, seed=seed).random(points) - 1) * math.pi
