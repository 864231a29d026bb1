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

__all__ = ["EVALUATIONS", "Diagnostics", "Drift", "check_normal"]

CHAINS = 32
TRANSITIONS, LEAPS = 9, 5
FORGOTTEN = 3
"""Transitions before the chains are looked at."""
STEP = (0.2, 0.6)
"""Range of the leapfrog's step in whitened coordinates, renewed with every transition."""
EVALUATIONS = CHAINS * TRANSITIONS * LEAPS
"""Points at which a check asks for the gradient."""
FARTHEST_SHIFT = 0.6
WIDEST_RATIO = 1.7
LEAST_ACCEPTED = 0.3
LEAST_SPREAD = 0.002
"""Rates that spread less are compared on this scale: a fifth of a point."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How far chains went from the normal they started in.

    Parameters
    ----------
    shift : float
        Largest change of the mean of a rate, in its standard deviations.
    ratio : float
        Largest ratio of the spreads of a rate before and after, whichever is wider.
    accepted : float
        Fraction of moves accepted.
    """

    shift: float
    ratio: float
    accepted: float

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
    """How far to trust the normal approximation.

    Parameters
    ----------
    converged : bool
        Whether the search reached a mode.
    gradient_norm : float
        Size of the gradient at the mode, in posterior standard deviations.
    evaluations : int
        Calls of the log density up to the mode.
    drift : Drift or None
        What the check found, if there was one.
    """

    converged: bool
    gradient_norm: float
    evaluations: int
    drift: Drift | None = None

    @property
    def reliable(self) -> bool:
        """Whether the mode was found and the check passed."""
        return self.converged and self.drift is not None and self.drift.small

    def __str__(self) -> str:
        """Return what a reader should know in one line."""
        if not self.converged:
            return 'the search found no mode; use method="nuts"'
        if self.drift is None:
            return "normal approximation, not checked"
        found = (
            f"largest shift {self.drift.shift:.1f} sd, largest ratio of spreads "
            f"{self.drift.ratio:.1f}"
        )
        if self.reliable:
            return f"normal approximation, checked by chains that start in it ({found})"
        return f'normal approximation, check not passed ({found}); method="nuts" refines it'


def check_normal(
    density: TransferDensity, centre: FloatArray, factor: FloatArray, *, rng: np.random.Generator
) -> Drift:
    """Let Hamiltonian chains start in a normal and see how their rates drift.

    Parameters
    ----------
    density : TransferDensity
        What is approximated.
    centre : array (size,)
        Mean of the normal.
    factor : array (size, size)
        ``factor @ factor.T`` is its covariance.
    rng : numpy.random.Generator
        Source of all randomness.

    References
    ----------
    Neal, R. M. (2011). MCMC using Hamiltonian dynamics. Handbook of Markov Chain Monte Carlo.
    """

    def at(whitened: FloatArray) -> tuple[FloatArray, FloatArray]:
        value, gradient = density.at(centre + whitened @ factor.T)
        return value, gradient @ factor

    place = rng.standard_normal((CHAINS, len(centre)))
    value, gradient = at(place)
    kept, accepted = [], 0.0
    for transition in range(TRANSITIONS):
        step = rng.uniform(*STEP, (CHAINS, 1))
        moment = rng.standard_normal(place.shape)
        energy = value - 0.5 * (moment**2).sum(axis=1)
        new, pull = place, gradient
        for _ in range(LEAPS):
            moment = moment + 0.5 * step * pull
            new = new + step * moment
            height, pull = at(new)
            moment = moment + 0.5 * step * pull
        gain = height - 0.5 * (moment**2).sum(axis=1) - energy
        taken = np.log(rng.random(CHAINS)) < np.nan_to_num(gain, nan=-np.inf)
        place = np.where(taken[:, None], new, place)
        value = np.where(taken, height, value)
        gradient = np.where(taken[:, None], pull, gradient)
        accepted += float(taken.mean()) / TRANSITIONS
        if transition >= FORGOTTEN:
            kept.append(density.tables(centre + place @ factor.T))
    start = density.tables(centre + rng.standard_normal((1000, len(centre))) @ factor.T)
    return _drift(start, np.concatenate(kept), accepted)


def _drift(before: FloatArray, after: FloatArray, accepted: float) -> Drift:
    spreads = [np.maximum(rates.std(axis=0), LEAST_SPREAD) for rates in (before, after)]
    shift = np.abs(after.mean(axis=0) - before.mean(axis=0)) / np.maximum(*spreads)
    ratio = np.maximum(spreads[0] / spreads[1], spreads[1] / spreads[0])
    return Drift(shift=float(shift.max()), ratio=float(ratio.max()), accepted=accepted)
