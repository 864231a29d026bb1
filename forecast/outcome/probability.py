"""Estimates with their uncertainties kept apart.

Monte Carlo error shrinks with the number of draws. The credible interval of a win probability is
over what we do not know about the inputs; no number of draws shrinks it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, owens_t

from forecast.errors import InputError
from forecast.transfers.coordinates import FloatArray

__all__ = [
    "CredibleInterval",
    "Quantity",
    "WinProbability",
    "check_level",
    "estimate_win_probability",
    "in_words",
    "quantity",
]


@dataclass(frozen=True, kw_only=True)
class CredibleInterval:
    """An interval that holds the truth with probability `level`, given model and inputs."""

    level: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A forecast number: its median and its central credible interval."""

    median: float
    interval: CredibleInterval


@dataclass(frozen=True, kw_only=True)
class WinProbability:
    """P(wins), never exactly 0 or 1.

    Parameters
    ----------
    value : float
        The estimate.
    monte_carlo_error : float
        Its standard error from the finite number of draws.
    credible_interval : CredibleInterval
        Of P(wins | inputs) over what we do not know about the inputs.
    """

    value: float
    monte_carlo_error: float
    credible_interval: CredibleInterval


def check_level(level: float) -> None:
    """Raise `InputError` unless `level` is a probability strictly between 0 and 1."""
    if not isinstance(level, (int, float)) or not 0 < level < 1:
        raise InputError(f"level must be between 0 and 1 - found {level!r}; 0.9 means 90 %")


def quantity(values: FloatArray, level: float) -> Quantity:
    """Return median and central interval of draws, shape (draw,)."""
    check_level(level)
    low, median, high = np.quantile(values, [0.5 - level / 2, 0.5, 0.5 + level / 2])
    interval = CredibleInterval(level=level, low=float(low), high=float(high))
    return Quantity(median=float(median), interval=interval)


def estimate_win_probability(
    wins: npt.NDArray[np.float64], pairs: npt.NDArray[np.int64], level: float
) -> WinProbability:
    """Estimate P(wins) from draws that come in pairs with the same inputs.

    Parameters
    ----------
    wins : ndarray, shape (draw,)
        1 where the finalist wins, 0 where not, a half for a tie.
    pairs : ndarray of int, shape (pair, 2)
        The two draws of each pair.
    level : float
        Level of the credible interval.

    Returns
    -------
    WinProbability

    Notes
    -----
    Let ``P`` be the win probability given the inputs, a random quantity. The draws give unbiased
    estimates of its first two moments: E[P] is the fraction of wins and E[P^2] the fraction of
    pairs in which both win, so no inner simulation and no correction for its noise are needed. `P`
    is then taken as probit-normal, ``P = Phi(a + b Z)``, the exact form when the margin is normal
    with inputs that shift it. With threshold ``h = Phi^-1(E[P])`` and ``r = b^2 / (1 + b^2)``,
    ``E[P^2] = Phi_2(h, h; r) = Phi(h) - 2 T(h, sqrt((1 - r) / (1 + r)))`` (T: Owen 1956).
    """
    check_level(level)
    n, paired = len(wins), wins[pairs]
    value = (float(wins.sum()) + 0.5) / (n + 1)
    error = float(paired.mean(axis=1).std() / np.sqrt(max(len(pairs), 1))) if len(pairs) else 0.0
    error = error or float(np.sqrt(value * (1 - value) / n))
    # After conditioning only some draws still have their partner; the moments are of those.
    mean = (float(paired.sum()) + 0.5) / (paired.size + 1)
    both = float(paired.prod(axis=1).mean()) if len(pairs) else mean**2
    h = float(ndtri(mean))
    # With hardly any draw on the other side the moments say nothing about r; take the middle.
    r = _correlation(h, both) if min(paired.sum(), (1 - paired).sum()) >= 10 else 0.5
    b = np.sqrt(r / (1 - r))
    centre, half = h * np.sqrt(1 + b * b), b * float(ndtri(0.5 + level / 2))
    interval = CredibleInterval(
        level=level, low=float(ndtr(centre - half)), high=float(ndtr(centre + half))
    )
    return WinProbability(value=value, monte_carlo_error=error, credible_interval=interval)


def _correlation(h: float, both: float) -> float:
    """Solve Phi_2(h, h; r) = both for r in [0, 1)."""
    from scipy.optimize import brentq

    def excess(r: float) -> float:
        return float(ndtr(h) - 2 * owens_t(h, np.sqrt((1 - r) / (1 + r)))) - both

    top = 1 - 1e-6
    if excess(0.0) >= 0:
        return 0.0
    if excess(top) <= 0:
        return top
    return float(brentq(excess, 0.0, top, xtol=1e-9))


def winners(votes: FloatArray) -> FloatArray:
    """Return for each draw who wins, shape (draw, finalist): 1, or split evenly in a tie."""
    top = votes == votes.max(axis=1, keepdims=True)
    return np.asarray(top / top.sum(axis=1, keepdims=True))


def percent(p: float) -> str:
    """Return a probability in whole percent, never 0 or 100.

    Examples
    --------
    >>> percent(0.654), percent(0.9999), percent(0.001)
    ('65 %', 'more than 99 %', 'less than 1 %')
    """
    if p < 0.01:
        return "less than 1 %"
    if p > 0.99:
        return "more than 99 %"
    return f"{100 * p:.0f} %"


def in_words(p: float) -> str:
    """Return a probability as people say it.

    Examples
    --------
    >>> in_words(0.66), in_words(0.5), in_words(0.02)
    ('about 2 in 3', 'about 1 in 2', 'less than 1 in 20')
    """
    if p < 0.05:
        return "less than 1 in 100" if p < 0.01 else "less than 1 in 20"
    if p > 0.95:
        return "more than 99 in 100" if p > 0.99 else "more than 19 in 20"
    choices = [(1, 10), (1, 5), (1, 4), (1, 3), (2, 5), (1, 2), (3, 5), (2, 3), (3, 4), (4, 5)]
    choices.append((9, 10))
    distance: Callable[[tuple[int, int]], float] = lambda c: abs(c[0] / c[1] - p)  # noqa: E731
    k, n = min(choices, key=distance)
    return f"about {k} in {n}"
