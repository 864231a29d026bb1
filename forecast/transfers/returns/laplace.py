"""The fast posterior: a normal around the mode, corrected for skewness and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpotrf, dtrtri

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.randomness import stream
from forecast.transfers.returns.check import CHECK, REFINE, Diagnostics, check_normal, run_chains
from forecast.transfers.returns.density import LocalDensity, ThinnedDensity, TransferDensity

Gradients = Callable[[FloatArray], FloatArray]

SMALL_STEP = 1e-4
"""Step of the differences that give the curvature at the mode, in rough standard deviations."""

WIDE_STEP = 0.7
"""Step of the differences that give mean and spread, in standard deviations."""

MOST_NUMBERS = 10_000_000
"""Numbers of covariances by unit that all differences of the gradient together may take."""

MOST_AT_FIRST = 10_000
"""The same for one evaluation of the search while it is far from the mode."""

FEWEST_UNITS = 500
"""Fewest units that stand for many."""

MOST_STEPS = 5
"""Steps of Fisher scoring at most: each takes a new information."""
MOST_ROUNDS = 8
"""Rounds of L-BFGS at most."""
NEAR = 1.0
"""Distance from the mode, in rough standard deviations, that is left to L-BFGS."""
SHORTEST = 1e-3
"""Part of a step below which it is given up."""
LEAST_GAIN = 0.1
"""Part of the gain that the gradient promises at which a step is taken."""

MOST_REFINED = 300
"""Most coordinates for which chains take the place of a normal that drifts: seconds beyond."""

AT_ONCE = 64
"""Points whose gradients are computed together."""

FARTHEST_CENTRE = 0.5
"""Largest drop of the log density from mode to corrected centre, per coordinate, that is a
correction: beyond it the expansion does not hold, and mode and curvature are kept."""

LEAST_PRECISION = 0.1
"""Floor of a direction's precision, relative to the approximation it refines."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NormalPosterior:
    """Normal approximation of a `TransferDensity`."""

    #: mode, centre (size,): where the density is highest; the approximate posterior mean of the
    #: coordinates
    mode: FloatArray
    centre: FloatArray
    factor: FloatArray  #: (size, size): ``factor @ factor.T`` is the covariance
    diagnostics: Diagnostics
    #: (draw, size): draws of the density itself, in place of the normal's where that did not pass
    #: its check
    drawn: FloatArray | None = None

    def points(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """`n` draws of the coordinates; array (draw, size)."""
        if self.drawn is not None:
            turns = -(-n // len(self.drawn))  # each draw as often as any other, but for one
            order = [rng.permutation(len(self.drawn)) for _ in range(turns)]
            return np.asarray(self.drawn[np.concatenate(order)[:n]])
        return np.asarray(self.centre + rng.standard_normal((n, len(self.mode))) @ self.factor.T)


def fit_normal(
    density: TransferDensity, *, rng: np.random.Generator, check: bool = True
) -> NormalPosterior:
    """Approximate a posterior by a normal at the mode, with corrected mean.

    `rng` is used by the chains that replace a normal that does not pass its check, see
    `check_normal`. The check has random numbers of its own, so that a border case is decided alike
    under every seed.

    Notes
    -----
    Differences of the gradient at the mode give the curvature and so a covariance factor. Wide
    central differences along its columns then give the spread (an average of the curvature over
    the posterior) and, by their second differences, the contraction of the third derivatives with
    the covariance, hence the mean: ``mode + 0.5 * covariance @ contraction`` to first order.

    References
    ----------
    Tierney, L. & Kadane, J. B. (1986). Accurate approximations for posterior moments and
    marginal densities. Journal of the American Statistical Association 81.
    """
    mode, scale, evaluations, converged = find_mode(density)
    exact, density = density, _affordable(density, mode, 3 * density.size)

    def gradients(points: FloatArray) -> FloatArray:
        parts = [
            density.at(points[start : start + AT_ONCE])[1]
            for start in range(0, len(points), AT_ONCE)
        ]
        return np.concatenate(parts)

    factor = _curvature(gradients, mode, scale)
    norm = float(np.linalg.norm(factor.T @ exact(mode)[1]))
    centre, wide = _refined(gradients, mode, factor)
    height, at_centre = density.at(np.stack([mode, centre]))[0]
    if height - at_centre > FARTHEST_CENTRE * density.size:
        centre = mode
    else:
        factor = wide
    diagnostics = Diagnostics(
        converged=converged and norm < 0.05, gradient_norm=norm, evaluations=evaluations
    )
    found = NormalPosterior(mode=mode, centre=centre, factor=factor, diagnostics=diagnostics)
    if not check:
        return found
    local = isinstance(density, LocalDensity)
    asked = density if local else _affordable(exact, mode, CHECK.evaluations)
    drift = check_normal(asked, centre, factor, rng=stream(0, "check of the normal"))
    diagnostics = replace(diagnostics, drift=drift)
    if drift.small or exact.size > MOST_REFINED:
        return replace(found, diagnostics=diagnostics)
    asked = _affordable(exact, mode, REFINE.evaluations // 2)
    drawn, accepted = run_chains(asked, centre, factor, REFINE, rng=rng)
    drift = replace(drift, accepted=accepted)
    diagnostics = replace(diagnostics, drift=drift, drawn=len(drawn))
    return replace(found, drawn=drawn, diagnostics=diagnostics)


def _affordable(density: TransferDensity, mode: FloatArray, times: int) -> TransferDensity:
    """Return a density that can be asked so many times about the mode."""
    units, free = density.counts.occupied, density.shape[1] - 1
    most = MOST_NUMBERS // (times * free * free)
    if most >= units:
        return density
    return density.thinned(most, at=mode) if most >= FEWEST_UNITS else density.around(mode)


def find_mode(density: TransferDensity) -> tuple[FloatArray, FloatArray, int, bool]:
    """Return mode, a covariance factor near it, evaluations, and whether it converged.

    Notes
    -----
    Fisher scoring while the mode is far; then L-BFGS in coordinates whitened by the expected
    information, which is renewed every round.
    """
    from scipy.optimize import minimize

    point, converged = density.start, False
    most = max(MOST_AT_FIRST // (density.shape[1] - 1) ** 2, FEWEST_UNITS)
    if (
        not isinstance(density, ThinnedDensity) and density.counts.occupied > 4 * most
    ):  # most of the way with few units
        point = find_mode(density.thinned(most))[0]
    point, scale, used = _scored(density, point)
    for _ in range(MOST_ROUNDS):
        found = minimize(
            whitened(density, point, scale),
            np.zeros(density.size),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 25, "maxcor": 20, "gtol": 1e-3, "ftol": 1e-12},
        )
        point = point + scale @ found.x
        used += int(found.nfev)
        converged = bool(np.abs(found.jac).max(initial=0.0) < 5e-3)
        if converged:
            break
        scale = _factor(density.information(point))
    return point, scale, used, converged


def _scored(density: TransferDensity, point: FloatArray) -> tuple[FloatArray, FloatArray, int]:
    """Return a point within a standard deviation of the mode, or as near as a few steps lead.

    With it a covariance factor near it, and the number of evaluations.
    """
    value, gradient = density(point)
    used = 1
    for _ in range(MOST_STEPS):
        upper = _cholesky(density.information(point))
        towards = solve_triangular(upper, gradient, trans="T")
        if np.abs(towards).max(initial=0.0) < NEAR:
            return point, dtrtri(upper)[0], used
        step, promised, length = solve_triangular(upper, towards), towards @ towards, 1.0
        while length > SHORTEST:
            height, pull = density(point + length * step)
            used += 1
            if height - value > LEAST_GAIN * length * promised:
                point, value, gradient = point + length * step, height, pull
                break
            length *= 0.5
        else:
            return point, dtrtri(upper)[0], used
    return point, _factor(density.information(point)), used


def whitened(
    density: Callable[[FloatArray], tuple[float, FloatArray]], origin: FloatArray, scale: FloatArray
) -> Callable[[FloatArray], tuple[float, FloatArray]]:
    """Return minus a log density and its gradient as functions of ``scale^-1 (point - origin)``."""

    def objective(step: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = density(origin + scale @ step)
        return -value, -(scale.T @ gradient)

    return objective


def _factor(precision: FloatArray) -> FloatArray:
    """Upper triangular factor of the inverse of a positive definite matrix."""
    return np.asarray(dtrtri(_cholesky(precision))[0])


def _cholesky(precision: FloatArray) -> FloatArray:
    """Upper triangular root of a positive definite matrix."""
    upper, failed = dpotrf(precision)
    if failed:
        raise InputError(
            "transfers: the counts must leave something open that floating point can tell - found "
            "units so large and alike that they do not; check the counts or merge units"
        )
    return np.asarray(upper)


def _curvature(gradients: Gradients, mode: FloatArray, scale: FloatArray) -> FloatArray:
    """Covariance factor from one-sided differences of the gradient along columns of `scale`."""
    ahead = gradients(mode + SMALL_STEP * scale.T)
    return _adjusted(scale, (gradients(mode[None]) - ahead) @ scale / SMALL_STEP)


def _refined(
    gradients: Gradients, mode: FloatArray, factor: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance factor from wide differences along the columns of `factor`."""
    above = gradients(mode + WIDE_STEP * factor.T)
    below = gradients(mode - WIDE_STEP * factor.T)
    bend = (above - 2.0 * gradients(mode[None]) + below).sum(axis=0) / WIDE_STEP**2
    wide = _adjusted(factor, (below - above) @ factor / (2.0 * WIDE_STEP))
    return mode + 0.5 * wide @ (wide.T @ bend), wide


def _adjusted(factor: FloatArray, precision: FloatArray) -> FloatArray:
    """Factor of the covariance whose precision in the coordinates of `factor` is known.

    Of all such factors the one nearest to `factor`, as `precision` is nearly one: wide differences
    along its columns bend a coordinate at a time, where mixed ones would hide how much.
    """
    values, vectors = np.linalg.eigh(0.5 * (precision + precision.T))
    root = (vectors / np.sqrt(np.maximum(values, LEAST_PRECISION))) @ vectors.T
    return np.asarray(factor @ root)
