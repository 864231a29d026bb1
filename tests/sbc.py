"""Simulation-based calibration: are true values ranked uniformly among posterior draws?

Draw the truth from the prior, data from the truth, and draws from the posterior of the data: the
truth's rank among the draws is then uniform, whatever the model (Talts et al. 2018, "Validating
Bayesian inference algorithms with simulation-based calibration", arXiv:1804.06788). Each user of
this module has a negative control, an injected bug that `uniformity` must notice.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import kstest, norm, t

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


def narrowed(replicate: Replicate, factor: float) -> Replicate:
    """Return the same repetitions with every quantity twice: as is, and of `factor` the width."""

    def both(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        truth, draws = replicate(rng)
        centre = draws.mean(axis=0)
        return np.tile(truth, 2), np.concatenate([draws, centre + factor * (draws - centre)], 1)

    return both


def too_narrow(uniform: np.ndarray, *, known: float = 1.0) -> float:
    """Return a p-value of the posterior being as wide as it says, all quantities together.

    Normal quantiles z of ranks have ``E z^2 = 1``, and 1.56 if the posterior has four fifths of its
    width; a repetition's mean of z^2 over quantities is one number, so that its quantities may be
    correlated. One-sided t test of the mean over repetitions against ``1 / known^2``, `known` being
    the width that the posterior is known to have. That mean is skewed to the right, so the test
    raises fewer false alarms than it says.
    """
    each = (norm.ppf(uniform) ** 2).mean(axis=1)
    error = each.std(ddof=1) / np.sqrt(len(each))
    return float(t.sf((each.mean() - known**-2.0) / error, len(each) - 1))


def power(uniform: np.ndarray, *, known: float = 1.0, samples: int = 400) -> float:
    """Return how often `too_narrow` would notice ranks like these: repetitions drawn again."""
    rng = np.random.default_rng(0)
    n = len(uniform)
    alarms = [
        too_narrow(uniform[rng.integers(n, size=n)], known=known) < FALSE_ALARM
        for _ in range(samples)
    ]
    return float(np.mean(alarms))
