"""The win probability of a runoff of two, to more digits than counting the draws that win gives.

Raising the right normals raises the log-ratio of the finalists' votes, whatever the other normals
are (the shared swing and every origin's preference). Along that direction the winner changes at one
point t, so that given everything else P(win) is ``Phi(-t)``: one coordinate is integrated
analytically, and what is left to integrate is smooth. It is averaged over scrambled Sobol points
whose first axis is the direction that matters most next. The spread over independent scrambles is
the Monte Carlo error.

References
----------
Griewank, Kuo, Leovey & Sloan (2018). High dimensional integration of kinks and jumps: smoothing by
preintegration. J. Comput. Appl. Math. 344, 259-274. Liu & Owen (2023). Preintegration via active
subspace. SIAM J. Numer. Anal. 61, 495-514. Owen (1998). Scrambling Sobol' and Niederreiter-Xing
points. J. Complexity 14, 466-489.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from forecast.arrays import FloatArray
from forecast.randomness import stream
from forecast.simulation.engine import Simulation, runoff_votes

SCRAMBLES = 16
"""Independent scrambles of the points."""
DRAWS_PER_POINT = 64
"""A scramble has one point per so many draws: together they take about as long as the draws."""
FEWEST_POINTS, MOST_POINTS = 64, 2**20
PART = 1024
"""Points worked on at a time: their arrays stay in the processor's cache."""
REACH = 9.0
"""The crossing is looked for within so many standard deviations."""
TOLERANCE = 1e-4
"""Last change of a point's probability at which its crossing is found: the next is far smaller."""
SURE = 1e-9
"""Smallest probability and smallest Monte Carlo error that is stated."""

Lead = Callable[[FloatArray], FloatArray]


@lru_cache(maxsize=2 * SCRAMBLES)
def _scrambled(dimensions: int, seed: int, scramble: int) -> Any:
    """Return a scramble at its first point, to be copied: all variants of a forecast share it."""
    from scipy.stats import qmc  # its import takes longer than most forecasts

    return qmc.Sobol(dimensions, rng=stream(seed, "win probability", scramble))


def sobol_normals(dimensions: int, n: int, *, seed: int, scramble: int) -> Iterator[FloatArray]:
    """Yield n scrambled Sobol points as normals, shape (dimension, up to `PART`)."""
    points = deepcopy(_scrambled(dimensions, seed, scramble))
    for first in range(0, n, PART):
        u = points.random(min(PART, n - first)).T
        yield ndtri(np.clip(u, 2.0**-53, 1 - 2.0**-53, order="C"))


def smooth_win_probability(simulation: Simulation) -> tuple[float, float] | None:
    """Return P(the first finalist wins) and its Monte Carlo error, if the sampler allows it.

    Parameters
    ----------
    simulation : Simulation
        Of two finalists. The more draws it has, the more points are used; the draws themselves
        are not.

    Returns
    -------
    (value, monte_carlo_error), or None
        None if there are more finalists, or the sampler is no function of independent normals
        some of which raise the first finalist's lead whatever the others are.

    Examples
    --------
    >>> from forecast import elicited_prior, load_contest
    >>> from forecast.simulation.exact import exact_win_probability
    >>> from forecast.simulation.engine import simulate
    >>> from dataclasses import replace
    >>> georgia = load_contest("georgia-2018")
    >>> prior = replace(elicited_prior(georgia), mobilisation=0, swing=0, partisan=0)
    >>> value, error = smooth_win_probability(simulate(georgia, prior))
    >>> abs(value - exact_win_probability(georgia.ledger(), prior)) < 4 * error < 0.002
    True
    """
    sampler = simulation.sampler
    rising = sampler.rising
    if len(simulation.ledger.destinations) != 3 or rising is None:
        return None
    counts = simulation.ledger.totals.astype(float)

    def lead(normals: FloatArray) -> FloatArray:
        """Return the log-ratio of the finalists' votes; may overwrite `normals`."""
        votes = np.maximum(runoff_votes(counts, sampler.transform(normals)), np.finfo(float).tiny)
        return np.asarray(np.log(votes[0]) - np.log(votes[1]))

    axes = _Axes.of(lead, rising)
    if axes is None:
        return None
    points = int(np.clip(simulation.draws / DRAWS_PER_POINT, FEWEST_POINTS, MOST_POINTS))
    points = 2 ** (points.bit_length() - 1)

    def scrambled(scramble: int) -> float:
        parts = sobol_normals(len(axes.order), points, seed=simulation.seed, scramble=scramble)
        return float(np.mean([ndtr(-_crossing(lead, axes.turn(z), axes)).mean() for z in parts]))

    with ThreadPoolExecutor(simulation.workers) as pool:
        values = np.array(list(pool.map(scrambled, range(SCRAMBLES))))
    error = float(values.std(ddof=1) / np.sqrt(SCRAMBLES))
    return float(np.clip(values.mean(), SURE, 1 - SURE)), max(error, SURE)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Axes:
    """Directions among the normals."""

    rise: FloatArray  #: (normal,): unit vector along which the lead rises everywhere
    slope: float  #: how fast it does, about
    #: (normal,): the normals, the most important first
    order: np.ndarray[tuple[int], np.dtype[np.intp]]
    #: (normal,): unit normal of the reflection that carries the first of `order` onto the
    #: direction, across `rise`, in which the lead changes most; zero if there is no such direction
    mirror: FloatArray

    @classmethod
    def of(cls, lead: Lead, rising: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> _Axes | None:
        """Measure them by moving each normal one standard deviation up and down."""
        size = len(rising)
        gradient = (lead(np.eye(size)) - lead(-np.eye(size))) / 2
        rise = np.where(rising, gradient, 0.0)
        slope = float(np.linalg.norm(rise))
        if not slope > 0:
            return None
        rise /= slope
        order = np.argsort(-np.abs(gradient), kind="stable")
        across = gradient - rise * (rise @ gradient)
        mirror = np.zeros(size)
        if np.linalg.norm(across) > 1e-9 * slope:
            mirror[order[0]] = 1.0
            mirror -= across / np.linalg.norm(across)
            mirror /= max(float(np.linalg.norm(mirror)), 1e-300)
        return cls(rise=rise, slope=slope, order=order, mirror=mirror)

    def turn(self, points: FloatArray) -> FloatArray:
        """Return points (axis, n), the most important axis first, as normals across `rise`."""
        normals = np.empty_like(points)
        normals[self.order] = points
        normals -= 2 * self.mirror[:, None] * (self.mirror @ normals)
        normals -= self.rise[:, None] * (self.rise @ normals)
        return normals


def _crossing(lead: Lead, normals: FloatArray, axes: _Axes) -> FloatArray:
    """Return t at which ``lead(normals + t rise)`` changes sign, shape (n,).

    The secant method in a bracket; only points that still move are evaluated again.
    """
    n = normals.shape[1]
    found, left = np.empty(n), np.arange(n)
    t, slope = np.zeros(n), np.full(n, axes.slope)
    low, high = np.full(n, -REACH), np.full(n, REACH)
    height = lead(normals.copy())
    for step in range(100):
        low, high = np.where(height < 0, t, low), np.where(height < 0, high, t)
        new = t - height / slope
        new = np.where((new < low) | (new > high), (low + high) / 2, new)
        found[left] = new
        move = np.abs(new - t) * np.exp(-new * new / 2)
        going = (move > TOLERANCE) | (step == 0)  # the first slope is a guess
        if not going.any():
            break
        t, new, height, slope, low, high, left = (
            a[going] for a in (t, new, height, slope, low, high, left)
        )
        if not going.all():
            normals = normals.compress(going, axis=1)  # keeps rows contiguous
        before, height = height, lead(normals + axes.rise[:, None] * new)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            secant = (height - before) / (new - t)
        slope = np.where(np.isfinite(secant) & (secant > 0), secant, slope)
        t = new
    return found
