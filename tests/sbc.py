"""Simulation-based calibration: are true values ranked uniformly among posterior draws?

Draw the truth from the prior, data from the truth, and draws from the posterior of the data: the
truth's rank among the draws is then uniform, whatever the model (Talts et al. 2018, "Validating
Bayesian inference algorithms with simulation-based calibration", arXiv:1804.06788). Each user of
this module has a negative control, an injected bug that `uniformity` must notice.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import kstest

FALSE_ALARM = 1e-4
"""How often a calibrated posterior fails `uniformity`, at most."""

Replicate = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
"""One repetition: the true values, shape (quantity,), and posterior draws, (draw, quantity)."""


def ranks(replicate: Replicate, repeats: int, *, seed: int) -> np.ndarray:
    """Return ranks of the truth as uniform numbers, shape (repetition, quantity).

    A rank among L draws is spread evenly over its (L + 1)-th part of the unit interval.
    """
    found = []
    for i in range(repeats):
        rng = np.random.default_rng([seed, i])
        truth, draws = replicate(rng)
        below = (draws < truth).sum(axis=0)
        found.append((below + rng.random(len(truth))) / (len(draws) + 1))
    return np.array(found)


def uniformity(uniform: np.ndarray) -> float:
    """Return a p-value of all quantities' ranks being uniform, corrected for their number.

    The Kolmogorov-Smirnov test of the ranks notices bias, that of their distance from the middle
    too wide or too narrow a posterior.
    """
    tests = [kstest(u, "uniform").pvalue for u in uniform.T]
    tests += [kstest(np.abs(2 * u - 1), "uniform").pvalue for u in uniform.T]
    return float(min(1.0, min(tests) * len(tests)))
