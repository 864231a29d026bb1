"""Win probability given the inputs: many draws for each of a sample of inputs.

How sure the forecast is of its own probability depends on what its inputs leave open: where the
margin is, and also how far it scatters. Both are seen by drawing inputs, such as draws of a learned
population, and for each of them the runoff many times.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.arrays import FloatArray
from forecast.randomness import stream
from forecast.simulation.engine import Simulation, runoff_votes

FEWEST, MOST = 512, 2048
"""Sampled inputs: one for every `DRAWS_PER_INPUT` draws of the simulation, within these."""
DRAWS_PER_INPUT = 100
INNER = 48
"""Runoffs drawn for each input."""
PART = 32
"""Inputs worked on at a time: their rates stay in the processor's cache."""


T = TypeVar("T")


def nested_rates(
    simulation: Simulation,
    function: Callable[[FloatArray], T],
    *,
    outer: int | None = None,
    inner: int = INNER,
) -> list[T]:
    """Return what a function makes of the rates of several runoffs for each of some inputs.

    In rates (origin, finalist, draw) the `inner` runoffs of each of `PART` inputs follow one
    another. The simulation's own draws are not used; see `nested_votes`.
    """
    size = outer or int(np.clip(simulation.draws / DRAWS_PER_INPUT, FEWEST, MOST))

    def part(index: int) -> T:
        rng = stream(simulation.seed, "given inputs", index)
        inputs = np.repeat(simulation.sampler.inputs(PART, rng=rng), inner, axis=1)
        return function(simulation.sampler.rates(inputs, rng=rng))

    with ThreadPoolExecutor(simulation.workers) as pool:
        return list(pool.map(part, range(-(-size // PART))))


def nested_votes(
    simulation: Simulation,
    *,
    outer: int | None = None,
    inner: int = INNER,
    change: Callable[[FloatArray], FloatArray] | None = None,
) -> FloatArray:
    """Return votes of several runoffs for each of a sample of inputs.

    Parameters
    ----------
    simulation : Simulation
        Its sampler, people and seed; its own draws are not used.
    outer, inner : int
        Inputs, rounded up to a multiple of `PART`, and runoffs for each; by default more inputs the
        more draws the simulation has.
    change : callable, optional
        What to do with rates (origin, finalist, draw) before people are counted.

    Returns
    -------
    ndarray, shape (input, runoff, finalist)
    """
    counts = simulation.ledger.totals.astype(float)

    def votes(rates: FloatArray) -> FloatArray:
        found = runoff_votes(counts, rates if change is None else change(rates))
        return found.T.reshape(PART, inner, -1)

    return np.concatenate(nested_rates(simulation, votes, outer=outer, inner=inner))


def moments_given_inputs(wins: FloatArray, runoffs: FloatArray) -> tuple[float, float]:
    """Return mean and variance of P(wins | inputs) where some inputs have more runoffs than others.

    Parameters
    ----------
    wins, runoffs : ndarray, shape (input,)
        Of the runoffs drawn for each input that meet a condition, how many are won (a tie is half
        a win), and how many there are.

    Notes
    -----
    Inputs count as often as they meet the condition, which is their probability given it. With
    n_i runoffs the squared distance of a fraction from the mean m is expected to be
    ``m (1 - m) / n_i + v (n_i - 1) / n_i``; summed with weights n_i that is solved for v (the
    moments of a beta-binomial; Griffiths 1973).

    References
    ----------
    Griffiths, D. A. (1973). Maximum likelihood estimation for the beta-binomial distribution and an
    application to the household distribution of the total number of cases of a disease. Biometrics
    29.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> runoffs = rng.integers(1, 40, 100_000).astype(float)
    >>> wins = rng.binomial(runoffs.astype(int), rng.beta(2, 1, 100_000)).astype(float)
    >>> mean, variance = moments_given_inputs(wins, runoffs)  # 2/3 and 1/18
    >>> round(3 * mean, 1), round(18 * variance, 1)
    (2.0, 1.0)
    """
    n, k = runoffs[runoffs > 0], wins[runoffs > 0]
    mean = (float(k.sum()) + 0.5) / (float(n.sum()) + 1)
    spread = float((n * (k / n - mean) ** 2).sum()) - len(n) * mean * (1 - mean)
    variance = spread / max(float((n - 1).sum()), 1.0)
    return mean, float(np.clip(variance, 0.0, 0.999 * mean * (1 - mean)))


def probability_given_inputs(margins: FloatArray) -> FloatArray:
    """Return P(margin > 0 | inputs) for a sample of inputs, freed of the noise of inner draws.

    Parameters
    ----------
    margins : ndarray, shape (input, runoff)
        Votes more than the best rival.

    Returns
    -------
    ndarray, shape (input,)

    Notes
    -----
    Margins become normal scores z by their ranks among all, so only their order matters and no tail
    is too heavy. For input k with mean m_k and standard deviation s_k of its scores the distance to
    a tie is ``a_k = (m_k - z_0) / s_k``, and ``P_k = P(e > -a_k)`` with e the pooled standardised
    scores. With n runoffs a_k has a variance of about ``(1 + a_k^2 / 2) / n``, and so
    ``asinh(a_k / sqrt 2)`` one of ``1 / (2 n)``; on that scale the a_k are drawn towards their mean
    until they scatter as the true ones do.

    References
    ----------
    Louis, T. A. (1984). Estimating a population of parameter values using Bayes and empirical Bayes
    methods. Journal of the American Statistical Association 79.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> margins = rng.normal(size=(1024, 1)) + rng.normal(size=(1024, 64))
    >>> p = probability_given_inputs(margins)  # uniform on (0, 1)
    >>> [round(float(x), 1) for x in np.quantile(p, [0.1, 0.5, 0.9])]
    [0.1, 0.5, 0.9]
    """
    n, ties = margins.size, (margins == 0).sum()
    rank = np.empty(n)
    rank[np.argsort(margins, axis=None)] = np.arange(1, n + 1)
    scores = ndtri(rank / (n + 1)).reshape(margins.shape)
    lost = (margins < 0).sum() + ties / 2
    tie = ndtri((lost + 0.5) / (n + 1))
    runs = margins.shape[1]
    mean = scores.mean(axis=1)
    sd = np.maximum(scores.std(axis=1, ddof=1), 1e-9)
    away = (mean - tie) / sd
    stable = np.arcsinh(away / np.sqrt(2))  # with a variance of 1 / (2 runs) whatever `away` is
    seen = float(stable.var())
    kept = np.sqrt(max(1 - 1 / (2 * runs * seen), 0.0)) if seen > 0 else 0.0
    away = np.sqrt(2) * np.sinh(stable.mean() + kept * (stable - stable.mean()))
    pooled = np.sort(((scores - mean[:, None]) / sd[:, None] * np.sqrt(runs / (runs - 1))).ravel())
    counted = (n - np.searchsorted(pooled, -away) + 0.5) / (n + 1)
    return np.asarray(np.where(np.abs(away) < ndtri(1 - 100 / n), counted, ndtr(away)))
