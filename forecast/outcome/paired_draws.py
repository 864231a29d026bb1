"""Probabilities of events in draws of which d and d + n / 2 share their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, ndtr, ndtri

from forecast.arrays import FloatArray, check_level, tails
from forecast.outcome.probability import CredibleInterval, WinProbability, fraction_of

FEWEST_PAIRS = 50
"""Pairs of draws from which a credible interval is computed."""
MOST_ALIKE = 0.98
"""Correlation of the two draws of a pair above which their inputs decide all."""
TINY = 1e-15
"""Probabilities are kept so far from 0 and 1."""


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """Finalists who may meet.

    Parameters
    ----------
    finalists : tuple of str
        Who; empty for all sets that are too rare to be named.
    probability : WinProbability
        That these meet.
    wins : mapping of str to WinProbability
        P(wins | these meet), by finalist.
    polls : int
        Polls that asked about them.
    """

    finalists: tuple[str, ...]
    probability: WinProbability
    wins: Mapping[str, WinProbability]
    polls: int


def pair_probability(
    event: npt.NDArray[np.bool_],
    level: float,
    given: npt.NDArray[np.bool_] | None = None,
    margin: FloatArray | None = None,
) -> WinProbability:
    """Return the probability of an event; see `ElectionForecast.probability`."""
    check_level(level)
    held = np.ones(len(event), dtype=bool) if given is None else given
    n = int(held.sum())
    value = fraction_of((event & held).sum(), n)
    off = (event - value) * held
    half = len(event) // 2
    both = held[:half] & held[half:]
    shared = float((off[:half] * off[half:]).sum())
    pairs = int(both.sum())
    variance = value * (1 - value)
    drawn = variance / max(n, 1) + 2 * shared / max(n, 1) ** 2
    error = np.sqrt(max(drawn, variance / (n + 1) ** 2))
    interval = None
    if pairs >= FEWEST_PAIRS and margin is not None:
        found = float(np.corrcoef(margin[:half][both], margin[half:][both])[0, 1])
        low, high = _probit_interval(value, _alike(found, pairs), level)
        interval = CredibleInterval(level=level, low=low, high=high)
    elif pairs >= FEWEST_PAIRS:
        between = variance * _alike(shared / pairs / variance, pairs)
        low, high = _beta_interval(value, between, level)
        interval = CredibleInterval(level=level, low=low, high=high)
    return WinProbability(value=value, monte_carlo_error=float(error), credible_interval=interval)


def lead(logs: FloatArray, k: int) -> FloatArray:
    """Return by how much one of the finalists leads the best other, in logarithms (draw,)."""
    return np.asarray(logs[:, k] - np.delete(logs, k, axis=1).max(axis=1))


def _alike(found: float, pairs: int) -> float:
    """Return how alike the two draws of a pair are: the mean of what a correlation found may mean.

    It is the posterior mean under a uniform prior from 0 to `MOST_ALIKE`, with a normal error of
    ``(1 - found^2) / sqrt(pairs)``. So few draws leave an interval wide, where a correlation below
    0, found by accident, would say that nothing is unknown about the inputs.
    """
    from scipy.stats import truncnorm

    error = max(1 - found**2, 0.01) / np.sqrt(pairs)
    ends = (np.array([0.0, MOST_ALIKE]) - found) / error
    with np.errstate(invalid="ignore"):  # of higher moments, which are not used
        mean = float(truncnorm.mean(*ends, loc=found, scale=error))
    return float(np.clip(mean, 0.0, MOST_ALIKE))


def _probit_interval(mean: float, alike: float, level: float) -> tuple[float, float]:
    """Return the central interval of P(event | inputs) where margins are normal.

    Margins of a pair correlate by `alike`, so ``P | inputs = Phi((z + sqrt(alike) u) /
    sqrt(1 - alike))`` with ``u`` standard normal and ``Phi(z)`` the mean.
    """
    reach = np.sqrt(alike) * ndtri(0.5 + level / 2)
    ends = ndtr((ndtri(mean) + np.array([-reach, reach])) / np.sqrt(1 - alike))
    return float(min(max(ends[0], TINY), mean)), float(max(min(ends[1], 1 - TINY), mean))


def _beta_interval(mean: float, variance: float, level: float) -> tuple[float, float]:
    """Return the central interval of a Beta distribution, which contains its mean."""
    size = mean * (1 - mean) / variance - 1
    a, b = max(mean * size, 1e-4), max((1 - mean) * size, 1e-4)
    ends = betaincinv(a, b, np.array(tails(level)))
    return float(min(max(ends[0], TINY), mean)), float(max(min(ends[1], 1 - TINY), mean))
