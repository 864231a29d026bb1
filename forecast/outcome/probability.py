"""Estimates with their uncertainties kept apart.

Monte Carlo error shrinks with the number of draws, but for the part that comes from a finite sample
of learned or polled parameters. The credible interval of a win probability is over what we do not
know about the inputs; no number of draws shrinks it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, ndtr, ndtri

from forecast.arrays import FloatArray, check_level, tails
from forecast.simulation.engine import Simulation
from forecast.simulation.nested import (
    INNER,
    moments_given_inputs,
    nested_rates,
    nested_votes,
    probability_given_inputs,
)


@dataclass(frozen=True, kw_only=True)
class CredibleInterval:
    """An interval that holds the truth with probability `level`, given model and inputs."""

    level: float
    low: float
    high: float
    fraction: bool = True
    """Whether its ends are fractions, printed as percentages, and not numbers."""

    def __str__(self) -> str:
        """Return it as people say it, never with 0 or 100%.

        Examples
        --------
        >>> print(CredibleInterval(level=0.9, low=0.532, high=0.998))
        53% to more than 99%
        >>> print(CredibleInterval(level=0.9, low=0.001, high=0.004))
        less than 1%
        >>> print(CredibleInterval(level=0.9, low=900_000, high=1_200_000, fraction=False))
        900,000 to 1,200,000
        """
        if not self.fraction:
            return f"{self.low:,.0f} to {self.high:,.0f}"
        return " to ".join(dict.fromkeys((percent(self.low), percent(self.high))))

    def to_dict(self) -> dict[str, float]:
        """Return it as plain data."""
        return {"level": self.level, "low": self.low, "high": self.high}


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A forecast number: its median and its central credible interval."""

    median: float
    interval: CredibleInterval

    @classmethod
    def between(cls, low: float, median: float, high: float, *, level: float = 0.9) -> Quantity:
        """Return a fraction by its median and the ends of its interval."""
        ends = CredibleInterval(level=level, low=float(low), high=float(high))
        return cls(median=float(median), interval=ends)

    def text(self, decimals: int = 0) -> str:
        """Return it in percent, or as a number where it is one of votes or seats.

        Examples
        --------
        >>> Quantity(median=0.6, interval=CredibleInterval(level=0.9, low=0.5, high=0.7)).text()
        '60% [50, 70]'
        """
        if not self.interval.fraction:
            low, high = self.interval.low, self.interval.high
            return f"{self.median:,.{decimals}f} [{low:,.{decimals}f}, {high:,.{decimals}f}]"
        low, high = 100 * self.interval.low, 100 * self.interval.high
        return f"{100 * self.median:.{decimals}f}% [{low:.{decimals}f}, {high:.{decimals}f}]"

    def __str__(self) -> str:
        """Return it without decimals, as `text` does."""
        return self.text()

    def to_dict(self) -> dict[str, float]:
        """Return it as plain data, without the interval's level."""
        return {"median": self.median, "low": self.interval.low, "high": self.interval.high}

    def columns(self, name: str) -> dict[str, float]:
        """Return median and ends as columns of a table: ``name``, ``name_low``, ``name_high``."""
        ends = self.interval
        return {name: self.median, f"{name}_low": ends.low, f"{name}_high": ends.high}


POINT = 0.01
"""Shares this close are told with a decimal."""


def decimals_of(shares: Sequence[Quantity]) -> int:
    """Return how many decimals shares need in percent: one where whole percents tell too little.

    That is where the leading two are within a point of each other, or where an interval is narrower
    than a point, as it is once all is counted.

    Examples
    --------
    >>> def between(low, high):
    ...     interval = CredibleInterval(level=0.9, low=low, high=high)
    ...     return Quantity(median=(low + high) / 2, interval=interval)
    >>> decimals_of([between(0.42, 0.56), between(0.44, 0.58)])
    0
    >>> decimals_of([between(0.44, 0.54), between(0.445, 0.545)])
    1
    """
    first, second, *_ = sorted((share.median for share in shares), reverse=True)
    narrowest = min(share.interval.high - share.interval.low for share in shares)
    return int(min(first - second, narrowest) < POINT)


@dataclass(frozen=True, kw_only=True)
class WinProbability:
    """P(wins), never exactly 0 or 1.

    Parameters
    ----------
    value : float
        The estimate.
    monte_carlo_error : float
        Its standard error from the finite number of draws.
    credible_interval : CredibleInterval or None
        Of P(wins | inputs) over what we do not know about the inputs; None where there are none,
        as on election night.
    """

    value: float
    monte_carlo_error: float
    credible_interval: CredibleInterval | None

    def __str__(self) -> str:
        """Return it as people say it, with its credible interval where there is one.

        Examples
        --------
        >>> ends = CredibleInterval(level=0.9, low=0.62, high=0.998)
        >>> print(WinProbability(value=0.88, monte_carlo_error=0.001, credible_interval=ends))
        88% (90% credible: 62% to more than 99%)
        """
        ends = self.credible_interval
        beside = f" ({ends.level:.0%} credible: {ends})" if ends else ""
        return f"{percent(self.value)}{beside}"

    def columns(self, name: str) -> dict[str, float | None]:
        """Return value and ends as columns of a table, as `Quantity.columns` does."""
        ends = self.credible_interval
        low, high = (ends.low, ends.high) if ends else (None, None)
        return {name: self.value, f"{name}_low": low, f"{name}_high": high}


QUANTILES = 512
"""Quantiles that stand for a distribution of win probabilities."""
SMALLEST = 1e-15
"""Probabilities are kept so far from 0 and 1."""


def turnout_fraction(valid: FloatArray, ballots_per_vote: float, people: float) -> FloatArray:
    """Return ballots over people, with invalid ballots in proportion, and never more than one.

    Parameters
    ----------
    valid : ndarray
        Valid votes.
    ballots_per_vote : float
        Ballots, invalid ones included, per valid vote of the first round.
    people : float
        Everybody who may vote; where nearly all vote, there are fewer invalid ballots.

    Examples
    --------
    >>> turnout_fraction(np.array([50.0, 99.0]), 1.1, 100.0).round(2).tolist()
    [0.55, 1.0]
    """
    return np.minimum(valid * (ballots_per_vote / people), 1.0)


def quantity(values: FloatArray, level: float, *, fraction: bool = True) -> Quantity:
    """Return median and central interval of draws, shape (draw,), of a fraction or a number."""
    below, above = tails(level)
    low, median, high = np.quantile(values, [below, 0.5, above])
    interval = CredibleInterval(level=level, low=float(low), high=float(high), fraction=fraction)
    return Quantity(median=float(median), interval=interval)


def estimate_win_probability(
    margins: FloatArray,
    pairs: npt.NDArray[np.int64],
    level: float,
    *,
    given_inputs: FloatArray | None = None,
    smooth: tuple[float, float] | None = None,
    effective_draws: float = np.inf,
) -> WinProbability:
    """Estimate P(wins), how exactly it is computed, and how well the inputs let it be known.

    Parameters
    ----------
    margins : ndarray, shape (draw,)
        Votes more than the best rival.
    pairs : ndarray of int, shape (pair, 2)
        The two draws of each pair, which share their inputs; a draw may be without a partner.
    level : float
        Level of the credible interval.
    given_inputs : ndarray, shape (input,), optional
        P(wins | inputs) for a sample of inputs, from `probability_given_inputs`. Without it there
        is no credible interval.
    smooth : (value, Monte Carlo error), optional
        A better estimate than the fraction of the draws that win, from `smooth_win_probability`.
    effective_draws : float
        Independent posterior draws that a learned population is worth; infinite where inputs are
        drawn anew.

    Returns
    -------
    WinProbability

    Notes
    -----
    The credible interval is the central one of P(wins | inputs), moved on the probit scale so that
    its mean is the estimate. The Monte Carlo error allows for the correlation within pairs, and for
    a population known by finitely many draws: ``sd(P | inputs) / sqrt(effective draws)`` on top, in
    which the sd is at most ``sqrt(P (1 - P))`` where it was not asked for.
    """
    check_level(level)
    value, error = smooth or _counted(margins, pairs)
    interval = None
    spread = np.sqrt(value * (1 - value)) if given_inputs is None else given_inputs.std()
    error = float(np.hypot(error, spread / np.sqrt(effective_draws)))
    if given_inputs is not None:
        ends = np.quantile(_with_mean(given_inputs, value), tails(level))
        low, high = min(float(ends[0]), value), max(float(ends[1]), value)
        interval = CredibleInterval(level=level, low=low, high=high)
    return WinProbability(value=value, monte_carlo_error=error, credible_interval=interval)


def conditional_probabilities(
    simulation: Simulation, meets: Callable[[FloatArray], tuple[FloatArray, FloatArray]]
) -> FloatArray:
    """Return P(wins | inputs, condition) for a sample of inputs, shape (input, finalist).

    Inputs occur as often as they do given the condition: those under which it is likely, more.
    `meets` gives, of rates (origin, finalist, draw), votes (draw, finalist) and which draws meet
    it.

    Notes
    -----
    The probabilities are quantiles of the beta distribution whose mean and variance are those of
    the nested runoffs that meet the condition, see `moments_given_inputs`; `QUANTILES` of them.
    """

    def counted(rates: FloatArray) -> FloatArray:
        votes, kept = meets(rates)
        margins = win_margins(votes)
        wins = ((margins > 0) + 0.5 * (margins == 0)) * kept[:, None]
        both = np.column_stack([wins, kept])
        return np.asarray(both.reshape(-1, INNER, both.shape[1]).sum(axis=1))

    found = np.concatenate(nested_rates(simulation, counted))
    at, columns = (np.arange(QUANTILES) + 0.5) / QUANTILES, []
    for k in range(found.shape[1] - 1):
        mean, variance = moments_given_inputs(found[:, k], found[:, -1])
        size = mean * (1 - mean) / max(variance, 1e-12) - 1
        columns.append(betaincinv(mean * size, (1 - mean) * size, at))
    return np.stack(columns, axis=1)


def _with_mean(probabilities: FloatArray, value: float) -> FloatArray:
    """Return probabilities moved by one probit amount, so that their mean is `value`."""
    probits = ndtri(np.clip(probabilities, SMALLEST, 1 - SMALLEST))

    def mean(shift: float) -> float:
        return float(ndtr(probits + shift).mean())

    steps = range(-20_000_000, 20_000_000)
    found = bisect_left(steps, value, key=lambda step: mean(step / 1e6))
    return np.asarray(ndtr(probits + steps[min(found, len(steps) - 1)] / 1e6))


def _counted(margins: FloatArray, pairs: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return the fraction of the draws that win, and its Monte Carlo error."""
    n, value = len(margins), win_fraction(margins)
    wins = (margins > 0) + 0.5 * (margins == 0)
    off = wins - wins.mean()
    variance = float(off @ off + 2 * off[pairs].prod(axis=1).sum()) / n**2
    return value, float(np.sqrt(max(variance, value * (1 - value) / n**2)))


def win_probability_given_inputs(
    simulation: Simulation, change: Callable[[FloatArray], FloatArray] | None = None
) -> FloatArray:
    """Return P(wins | inputs) for a sample of inputs, shape (input, finalist).

    `change` is what to do with rates (origin, finalist, draw) before people are counted.
    """
    votes = nested_votes(simulation, change=change)
    margins = win_margins(votes.reshape(-1, votes.shape[2])).reshape(votes.shape)
    if votes.shape[2] == 2:
        first = probability_given_inputs(margins[..., 0])
        return np.stack([first, 1 - first], axis=1)
    every = [probability_given_inputs(margins[..., k]) for k in range(votes.shape[2])]
    return np.stack(every, axis=1)


def fraction_of(count: float, draws: int) -> float:
    """Return the fraction of draws in which something happens; neither 0 nor 1."""
    return (float(count) + 0.5) / (draws + 1)


def win_fraction(margins: FloatArray) -> float:
    """Return P(wins) from margins of draws, shape (draw,); neither 0 nor 1, a tie half a win.

    Examples
    --------
    >>> win_fraction(np.array([3.0, 1.0, 0.0]))
    0.75
    """
    wins = (margins > 0) + 0.5 * (margins == 0)
    return fraction_of(wins.sum(), len(margins))


def win_margins(votes: FloatArray) -> FloatArray:
    """Return each finalist's votes more than the best rival, shape (draw, finalist).

    Examples
    --------
    >>> win_margins(np.array([[5.0, 3.0, 1.0]])).tolist()
    [[2.0, -2.0, -4.0]]
    """
    ranked = np.sort(votes, axis=1)
    best, second = ranked[:, -1:], ranked[:, -2:-1]
    return np.asarray(votes - np.where(votes == best, second, best))


def percent(p: float) -> str:
    """Return a probability in whole percent, never 0 or 100.

    Examples
    --------
    >>> percent(0.654), percent(0.9999), percent(0.001)
    ('65%', 'more than 99%', 'less than 1%')
    """
    if p < 0.01:
        return "less than 1%"
    if p > 0.99:
        return "more than 99%"
    return f"{100 * p:.0f}%"


def in_words(p: float) -> str:
    """Return a probability as people say it.

    Examples
    --------
    >>> in_words(0.66), in_words(0.5), in_words(0.02)
    ('about 2 in 3', 'about 1 in 2', 'less than 1 in 20')
    """
    kind, k, n = probability_fraction(p)
    return f"{WORDS[kind]} {k} in {n}"


WORDS = {"less": "less than", "about": "about", "more": "more than"}


def probability_fraction(p: float) -> tuple[Literal["less", "about", "more"], int, int]:
    """Return the simple fraction nearest to a probability, and how it compares.

    Examples
    --------
    >>> probability_fraction(0.66), probability_fraction(0.02)
    (('about', 2, 3), ('less', 1, 20))
    """
    if p < 0.05:
        return ("less", 1, 100) if p < 0.01 else ("less", 1, 20)
    if p > 0.95:
        return ("more", 99, 100) if p > 0.99 else ("more", 19, 20)
    choices = [(1, 10), (1, 5), (1, 4), (1, 3), (2, 5), (1, 2), (3, 5), (2, 3), (3, 4), (4, 5)]
    choices.append((9, 10))
    distance: Callable[[tuple[int, int]], float] = lambda c: abs(c[0] / c[1] - p)  # noqa: E731
    return ("about", *min(choices, key=distance))
