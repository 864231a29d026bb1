"""Participation and preference on the logit scale, and the quadrature that ties them to means.

For an origin: participation v = P(casts a valid runoff vote), preference q_j = P(finalist j |
valid vote). The transfer rates are ``T_j = v q_j`` and ``T_none = 1 - v``. A logistic-normal
belief about v is ``logit v ~ Normal(location, sd)``; its mean has no closed form, so `location`
is found by Gauss-Hermite quadrature such that the mean is the one that was asked for.

References
----------
Abramowitz & Stegun (1972), Handbook of Mathematical Functions, 25.4.46.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import product

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri

from forecast.arrays import FloatArray, tails
from forecast.errors import InputError

MAX_SD = 6.0
"""Largest sd on the logit scale; beyond it nearly all mass is at 0 and 1."""
LEAST_WIDTH = 0.5
"""Least width of the central interval that results, relative to the one elicited (logit scale)."""
NODES = {1: 128, 2: 28, 3: 12, 4: 8}
"""Quadrature nodes per dimension, by number of dimensions."""


@lru_cache
def normal_grid(dimensions: int, nodes: int | None = None) -> tuple[FloatArray, FloatArray]:
    """Return nodes (point, dimension) and weights (point,) for the standard normal.

    Raises
    ------
    InputError
        If there are more dimensions than `NODES` provides for.
    """
    if dimensions not in NODES:
        raise InputError(
            f"at most {max(NODES) + 1} finalists are supported - found {dimensions + 1}"
        )
    x, w = np.polynomial.hermite_e.hermegauss(nodes or NODES[dimensions])
    points = np.array(list(product(x, repeat=dimensions)))
    weights = np.prod(np.array(list(product(w / w.sum(), repeat=dimensions))), axis=1)
    return points, weights


def logistic_moments(location: float, sd: float) -> tuple[float, float]:
    """Return mean and variance of ``expit(Normal(location, sd))``.

    Examples
    --------
    >>> mean, variance = logistic_moments(0.0, 1.0)
    >>> round(mean, 6), round(variance, 4)
    (0.5, 0.0434)
    """
    points, weights = normal_grid(1)
    values = expit(location + sd * points[:, 0])
    mean = float(weights @ values)
    return mean, float(weights @ (values - mean) ** 2)


@lru_cache(maxsize=4096)
def match_location(mean: float, sd: float) -> float:
    """Return `location` such that ``expit(Normal(location, sd))`` has the given mean.

    Newton's method on the quadrature; the mean is increasing in the location.

    Examples
    --------
    >>> location = match_location(0.9, 1.5)
    >>> round(logistic_moments(location, 1.5)[0], 9)
    0.9
    """
    points, weights = normal_grid(1)
    location = float(logit(mean)) * np.sqrt(1 + sd * sd * np.pi / 8)
    for _ in range(50):
        values = expit(location + sd * points[:, 0])
        step = (weights @ values - mean) / (weights @ (values * (1 - values)))
        location -= float(np.clip(step, -2, 2))
        if abs(step) < 1e-12:
            break
    return float(location)


def find_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a continuous function changes sign between two points where its signs differ.

    Notes
    -----
    False position with the Illinois rule, to 1e-11. `scipy.optimize` has the like, but its
    import alone would take a tenth of the time of a forecast.

    References
    ----------
    Dowell & Jarratt (1971). A modified regula falsi method for computing the root of an
    equation. BIT 11, 168-174.

    Examples
    --------
    >>> round(find_root(lambda x: x**3 - 2, 0.0, 2.0), 9)
    1.25992105
    """
    below, above = function(low), function(high)
    for _ in range(200):
        if above == 0 or abs(high - low) < 1e-11:
            break
        middle = high - above * (high - low) / (above - below)
        value = function(middle)
        if value * above < 0:
            low, below = high, above
        else:
            below /= 2  # Illinois: the end that stays counts half, so that it moves next
        step, high, above = abs(middle - high), middle, value
        if step < 1e-11:
            break
    return high


@lru_cache(maxsize=4096)
def location_from_interval(
    mean: float, low: float, high: float, level: float
) -> tuple[float, float]:
    """Return (location, sd) of the logistic-normal with this mean and P(low < x < high) = level.

    Raises
    ------
    InputError
        If no logistic-normal with sd up to `MAX_SD` does both, or only one whose central interval
        is far from the one stated.

    Examples
    --------
    >>> location, sd = location_from_interval(0.6, 0.4, 0.8, 0.9)
    >>> round(logistic_moments(location, sd)[0], 6)
    0.6
    """
    ends = logit(np.array([low, high]))

    def excess(sd: float) -> float:
        below, above = ndtr((ends - match_location(mean, sd)) / sd)
        return float(above - below) - level

    if excess(MAX_SD) > 0:
        raise InputError(
            f"a mean of {mean:g} with {level:.0%} between {low:g} and {high:g} must leave "
            f"{1 - level:.0%} outside - that is more spread than a fraction can have; narrow the "
            "interval"
        )
    sd = find_root(excess, 1e-6, MAX_SD)
    location = match_location(mean, sd)
    if 2 * sd * ndtri(0.5 + level / 2) < LEAST_WIDTH * (ends[1] - ends[0]):
        fit = interval(location, sd, level)
        raise InputError(
            f"a mean of {mean:g} must lie well inside {low:g} to {high:g} - a fraction with that "
            f"mean and {level:.0%} in that interval would really lie between {fit[0]:.3g} and "
            f"{fit[1]:.3g}; move the mean or an end"
        )
    return location, sd


def simplex_factor(finalists: int) -> FloatArray:
    """Return the Cholesky factor of log-ratios to the last finalist with unit pairwise sd.

    All finalists are alike: every difference of two log-ratios, and every log-ratio, has variance
    one. Shape (finalist - 1, finalist - 1).

    Examples
    --------
    >>> simplex_factor(2)
    array([[1.]])
    """
    k = finalists - 1
    return np.asarray(np.linalg.cholesky((np.eye(k) + 1) / 2))


def simplex_corners(finalists: int) -> FloatArray:
    """Return unit directions that favour one finalist each, shape (finalist, finalist - 1).

    Examples
    --------
    >>> simplex_corners(2).tolist()
    [[1.0], [-1.0]]
    """
    corners = np.vstack([simplex_factor(finalists), np.zeros(finalists - 1)])
    corners -= corners.mean(axis=0)
    return np.asarray(corners / np.linalg.norm(corners, axis=1, keepdims=True))


@lru_cache(maxsize=4096)
def match_preference(mean: tuple[float, ...], sd: float) -> tuple[float, ...]:
    """Return K - 1 locations of ``log(q_j / q_K)`` such that the softmax has the given K means.

    The means are of each finalist's preference and sum to one; `sd` is that of every log-ratio.

    Examples
    --------
    >>> [round(x, 6) for x in match_preference((0.5, 0.25, 0.25), 0.0)]
    [0.693147, 0.0]
    """
    k = len(mean)
    if k == 2:
        return (match_location(mean[0], sd),)
    points, weights = normal_grid(k - 1)
    noise = sd * points @ simplex_factor(k).T
    target = np.array(mean)
    location = np.log(target[:-1] / target[-1])
    for _ in range(500):  # fixed point: shift each log-ratio by how far its mean is off
        utility = np.concatenate([location + noise, np.zeros((len(noise), 1))], axis=1)
        utility -= utility.max(axis=1, keepdims=True)
        shares = np.exp(utility)
        found = weights @ (shares / shares.sum(axis=1, keepdims=True))
        gap = np.log(target / found)
        location = location + gap[:-1] - gap[-1]
        if np.abs(gap).max() < 1e-12:
            break
    return tuple(location.tolist())


def table_draws(rates: FloatArray) -> FloatArray:
    """Return tables, shape (draw, origin, destination), of rates (origin, finalist, draw).

    Examples
    --------
    >>> table_draws(np.array([[[0.5], [0.25]]])).tolist()
    [[[0.5, 0.25, 0.25]]]
    """
    table = rates.transpose(2, 0, 1)
    return np.concatenate([table, 1 - table.sum(axis=2, keepdims=True)], axis=2)


def interval(location: float, sd: float, level: float) -> tuple[float, float]:
    """Return the central interval of ``expit(Normal(location, sd))``."""
    half = sd * ndtri(tails(level)[1])
    return float(expit(location - half)), float(expit(location + half))
