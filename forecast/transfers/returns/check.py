"""Whether a normal approximation says what the density says: chains that may drift off it.

Importance weights answer another question. In fifty dimensions many small differences of shape
make them useless although mean and spread of every rate are right, and a tail that the normal
never visits leaves them in peace. Here chains start as draws of the normal and follow the density
itself; where the normal is right they stay distributed as they started.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.arrays import FloatArray
from forecast.transfers.returns.density import TransferDensity

STEP = (0.2, 0.6)
"""Range of the leapfrog's step in whitened coordinates, renewed with every transition."""
LEAPS = 5
"""Steps of a transition."""
FARTHEST_SHIFT = 0.6
WIDEST_RATIO = 1.8
LEAST_ACCEPTED = 0.3
STARTS = 1000
"""Draws of the normal that chains are compared with."""
LEAST_SPREAD = 0.002
"""Rates that spread less are compared on this scale: a fifth of a point."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many chains to run, for how many transitions, and how many of these to forget."""

    chains: int
    transitions: int
    forgotten: int

    @property
    def evaluations(self) -> int:
        """Points at which the gradient is asked for."""
        return self.chains * self.transitions * LEAPS


CHECK = Plan(chains=32, transitions=9, forgotten=3)
"""Of the check."""
REFINE = Plan(chains=48, transitions=36, forgotten=11)
"""Of the draws that take the place of a normal that did not pass."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How far chains went from the normal they started in."""

    shift: float  #: largest change of the mean of a rate, in its standard deviations
    ratio: float  #: largest ratio of the spreads of a rate before and after, whichever is wider
    accepted: float  #: fraction of moves accepted

    @property
    def small(self) -> bool:
        """Whether it is no more than chance lets one expect of a good approximation."""
        return (
            self.shift <= FARTHEST_SHIFT
            and self.ratio <= WIDEST_RATIO
            and self.accepted >= LEAST_ACCEPTED
        )


@dataclass(frozen=True, kw_only=True)
class Diagnostics:
    """How far to trust the normal approximation."""

    converged: bool  #: whether the search reached a mode
    gradient_norm: float  #: size of the gradient at the mode, in posterior standard deviations
    evaluations: int  #: calls of the log density up to the mode
    drift: Drift | None = None  #: what the check found, if there was one
    drawn: int = 0  #: draws of longer chains that took the normal's place, where it did not pass

    @property
    def reliable(self) -> bool:
        """Whether the mode was found and the check passed, or chains took the normal's place."""
        if not self.converged or self.drift is None:
            return False
        return self.drift.small or (self.drawn > 0 and self.drift.accepted >= LEAST_ACCEPTED)

    def __str__(self) -> str:
        """Return what a reader should know in one line."""
        if not self.converged:
            return 'the search found no mode; use method="nuts" (--method nuts)'
        if self.drift is None:
            return "normal approximation, not checked"
        found = (
            f"largest shift {self.drift.shift:.1f} sd, largest ratio of spreads "
            f"{self.drift.ratio:.1f}"
        )
        if self.drawn and self.reliable:
            return f"chains left the normal approximation ({found}); {self.drawn:,} of their draws"
        if self.reliable:
            return f"normal approximation, checked by chains that start in it ({found})"
        advice = 'method="nuts" (--method nuts) refines it'
        return f"normal approximation, check not passed ({found}); {advice}"


def check_normal(
    density: TransferDensity, centre: FloatArray, factor: FloatArray, *, rng: np.random.Generator
) -> Drift:
    """Let chains start in a normal, as in `run_chains`, and see how the rates drift."""
    points, accepted = run_chains(density, centre, factor, CHECK, rng=rng)
    noise = rng.standard_normal((STARTS, len(centre)))
    rows = centre[: density.cells] + noise @ factor[: density.cells].T
    start = density.prior.link.rates(rows.reshape(STARTS, density.shape[0], -1))
    return _drift(start, density.tables(points), accepted)


def run_chains(
    density: TransferDensity,
    centre: FloatArray,
    factor: FloatArray,
    plan: Plan,
    *,
    rng: np.random.Generator,
) -> tuple[FloatArray, float]:
    """Return draws (draw, size) of Hamiltonian chains, and the fraction accepted.

    They start in the normal that approximates the density, with mean `centre` (size,) and
    covariance ``factor @ factor.T``.

    References
    ----------
    Neal, R. M. (2011). MCMC using Hamiltonian dynamics. Handbook of Markov Chain Monte Carlo.
    """

    def at(whitened: FloatArray) -> tuple[FloatArray, FloatArray]:
        value, gradient = density.at(centre + whitened @ factor.T)
        return value, gradient @ factor

    place = rng.standard_normal((plan.chains, len(centre)))
    value, gradient = at(place)
    kept, accepted = [], 0.0
    for transition in range(plan.transitions):
        step = rng.uniform(*STEP, (plan.chains, 1))
        moment = rng.standard_normal(place.shape)
        energy = value - 0.5 * (moment**2).sum(axis=1)
        new, pull, height = place, gradient, value
        for _ in range(LEAPS):
            moment = moment + 0.5 * step * pull
            new = new + step * moment
            height, pull = at(new)
            moment = moment + 0.5 * step * pull
        gain = height - 0.5 * (moment**2).sum(axis=1) - energy
        taken = np.log(rng.random(plan.chains)) < np.nan_to_num(gain, nan=-np.inf)
        place = np.where(taken[:, None], new, place)
        value = np.where(taken, height, value)
        gradient = np.where(taken[:, None], pull, gradient)
        accepted += float(taken.mean()) / plan.transitions
        if transition >= plan.forgotten:
            kept.append(place)
    return centre + np.concatenate(kept) @ factor.T, accepted


def _drift(before: FloatArray, after: FloatArray, accepted: float) -> Drift:
    spreads = [np.maximum(rates.std(axis=0), LEAST_SPREAD) for rates in (before, after)]
    shift = np.abs(after.mean(axis=0) - before.mean(axis=0)) / np.maximum(*spreads)
    ratio = np.maximum(spreads[0] / spreads[1], spreads[1] / spreads[0])
    return Drift(shift=float(shift.max()), ratio=float(ratio.max()), accepted=accepted)
