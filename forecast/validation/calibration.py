"""Calibration: whether forecasts mean what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from forecast.arrays import FloatArray, tails
from forecast.errors import InputError
from forecast.validation.scores import draws_and_truth, probabilities_and_events
from forecast.validation.skill import ClusteredMean, clustered_mean

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Levels of the central intervals whose coverage is reported."""
NARROW = 0.8
"""Width of the intervals that a reliability diagram is asked to notice, a fifth too narrow."""


def pit(
    draws: FloatArray, truth: npt.ArrayLike, *, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return the randomised probability integral transform, uniform if forecasts are calibrated.

    Parameters
    ----------
    draws : ndarray, shape (draw, ...)
        The forecast.
    truth : array_like, shape (...)
        What came.
    rng : numpy.random.Generator
        Breaks ties and fills the gaps between the draws' ranks.

    Raises
    ------
    InputError
        If shapes differ or a number is not finite.

    Notes
    -----
    ``(r + u (1 + t)) / (n + 1)`` with r draws below the truth, t equal to it and u uniform: exactly
    uniform if truth and draws are exchangeable, however few the draws.

    References
    ----------
    Czado, C., Gneiting, T. & Held, L. (2009). Predictive model assessment for count data.
    Biometrics 65.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> 0.5 < float(pit(np.array([0.1, 0.2, 0.3]), 0.25, rng=rng)) < 0.75
    True
    """
    draws, truth = draws_and_truth(draws, truth)
    below, ties = (draws < truth).sum(axis=0), (draws == truth).sum(axis=0)
    return np.asarray((below + rng.random(truth.shape) * (1 + ties)) / (len(draws) + 1))


def central_interval(draws: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the central interval of draws (draw, ...), each of shape (...).

    Examples
    --------
    >>> low, high = central_interval(np.linspace(0, 1, 101), 0.9)
    >>> round(float(low), 2), round(float(high), 2)
    (0.05, 0.95)
    """
    if not 0 < level < 1:
        raise InputError(f"level must be between 0 and 1 - found {level!r}; 0.9 means 90%")
    low, high = np.quantile(draws, tails(level), axis=0)
    return np.asarray(low), np.asarray(high)


def coverage(
    draws: FloatArray,
    truth: npt.ArrayLike,
    clusters: Sequence[str],
    levels: Sequence[float] = LEVELS,
) -> dict[float, ClusteredMean]:
    """Return how often central intervals cover the truth, by level.

    Parameters
    ----------
    draws : ndarray, shape (draw, contest)
        The forecasts.
    truth : array_like, shape (contest,)
        What came.
    clusters : sequence of str
        Election of each contest; the standard errors are clustered.
    levels : sequence of float
        Levels of the intervals.

    Raises
    ------
    InputError
        If shapes differ, a number is not finite, or a level is no probability.

    Examples
    --------
    >>> draws = np.tile(np.linspace(0, 1, 101)[:, None], 2)
    >>> coverage(draws, [0.5, 0.99], ["a", "b"])[0.9].value
    0.5
    """
    draws, truth = draws_and_truth(draws, truth)
    out = {}
    for level in levels:
        low, high = central_interval(draws, level)
        out[level] = clustered_mean((low <= truth) & (truth <= high), clusters)
    return out


@dataclass(frozen=True, kw_only=True, eq=False)
class Reliability:
    """What a reliability diagram shows, bin by bin.

    Parameters
    ----------
    probability : ndarray, shape (bin,)
        Mean forecast probability.
    frequency : ndarray, shape (bin,)
        How often it came so.
    n : ndarray of int, shape (bin,)
        Forecasts.
    low, high : ndarray, shape (bin,)
        Where all frequencies lie together with probability `level` at least, if forecasts are
        calibrated and contests independent.
    level : float
        Level of the bands.
    false_alarm : float
        Probability that calibrated forecasts leave a band: at most ``1 - level``, and exact.
    power : float
        Probability that forecasts leave a band that come from intervals a fifth too narrow.
    """

    probability: FloatArray
    frequency: FloatArray
    n: npt.NDArray[np.int64]
    low: FloatArray
    high: FloatArray
    level: float
    false_alarm: float
    power: float

    @property
    def inside(self) -> bool:
        """Whether every frequency lies in its band."""
        return bool(((self.low <= self.frequency) & (self.frequency <= self.high)).all())


def reliability(
    probability: npt.ArrayLike, happened: npt.ArrayLike, *, bins: int = 10, level: float = 0.9
) -> Reliability:
    """Return the data of a reliability diagram with simultaneous bands.

    Parameters
    ----------
    probability : array_like, shape (contest,)
        Forecast probabilities.
    happened : array_like of bool, shape (contest,)
        Whether it came so.
    bins : int
        Bins of equal width; empty ones are left out.
    level : float
        Probability that all frequencies lie in their bands.

    Raises
    ------
    InputError
        If shapes differ, there is no forecast or a number is out of range.

    Notes
    -----
    Under calibration a bin's count is Poisson-binomial with the probabilities forecast in it. Its
    quantiles are exact, at level ``level^(1 / bins)`` per bin, since bins are independent. Contests
    of one election are not: the bands are then too narrow.

    False alarm and power are exact as well: where intervals have four fifths of the width that they
    should, what is forecast as p happens with probability ``Phi(0.8 Phi^-1(p))``. A hundred
    forecasts hardly ever show that, so ask for the power before taking comfort from a diagram.

    References
    ----------
    Bröcker, J. & Smith, L. A. (2007). Increasing the reliability of reliability diagrams.
    Weather and Forecasting 22.

    Examples
    --------
    >>> found = reliability([0.1] * 50 + [0.9] * 50, [False] * 45 + [True] * 50 + [False] * 5)
    >>> found.frequency.tolist(), found.inside
    ([0.1, 0.9], True)
    >>> round(found.false_alarm, 2), round(found.power, 2)
    (0.06, 0.4)
    """
    p, y = probabilities_and_events(probability, happened)
    if p.ndim != 1 or not len(p):
        raise InputError(f"reliability: shapes must be (contest,) - found {p.shape}")
    if not 0 < level < 1 or not isinstance(bins, int) or bins < 1:
        raise InputError(
            f"reliability: level must be a fraction, bins a whole number from 1 - found {level!r}, "
            f"{bins!r}"
        )
    place = np.minimum((p * bins).astype(int), bins - 1)
    found = np.unique(place)
    each = level ** (1 / len(found))
    rows = [_bin(p[place == b], y[place == b], each) for b in found]
    mean, frequency, n, low, high, calm, missed = (
        np.array(part) for part in zip(*rows, strict=True)
    )
    return Reliability(
        probability=mean,
        frequency=frequency,
        n=n.astype(int),
        low=low,
        high=high,
        level=level,
        false_alarm=float(1 - calm.prod()),
        power=float(1 - missed.prod()),
    )


def _bin(
    p: FloatArray, y: npt.NDArray[np.bool_], level: float
) -> tuple[float, float, int, float, float, float, float]:
    """Return mean, frequency, number, band, and the probabilities to stay in it.

    The last two are those of calibrated forecasts and of intervals `NARROW` times as wide.
    """
    n = len(p)
    below = _mass(p).cumsum()
    low = int(np.searchsorted(below, (1 - level) / 2))
    high = min(int(np.searchsorted(below, (1 + level) / 2)), n)
    calm, missed = (float(_mass(q)[low : high + 1].sum()) for q in (p, ndtr(NARROW * ndtri(p))))
    return float(p.mean()), float(y.mean()), n, low / n, high / n, calm, missed


def _mass(p: FloatArray) -> FloatArray:
    """Return the probabilities of 0 to n events that happen with probabilities p (n,)."""
    mass = np.ones(1)
    for q in p:
        mass = np.convolve(mass, [1 - q, q])
    return mass
