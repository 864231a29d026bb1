"""How probable the runoff counts are, given a transfer table: log density, gradient, information.

One formula serves any number of origins and destinations. Every array keeps the unit on the last,
contiguous axis, so the work is a handful of matrix products and elementwise passes over units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.errors import InputError

__all__ = [
    "Counts",
    "Evaluation",
    "counts_from_units",
    "invert_by_unit",
    "returns_information",
    "returns_log_density",
    "returns_log_value",
    "rounding_covariance",
]

ROUNDING_ERROR = 1e-12
"""Least conditional variance, as a fraction of the variance, that floating point can tell."""
ROUNDING_VARIANCE = 0.25
"""Variance of a count beyond the model, people squared: counts are whole people."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Counts of both rounds in the layout of the likelihood.

    Parameters
    ----------
    origins : array (origin, unit)
        People by origin.
    destinations : array (destination, unit)
        People by destination; each unit holds the same people as in `origins`.
    """

    origins: FloatArray
    destinations: FloatArray

    @cached_property
    def excess(self) -> FloatArray:
        """``x (x - 1)+``, the part of the variance overdispersion adds; array (origin, unit)."""
        return np.asarray(self.origins * np.maximum(self.origins - 1.0, 0.0))

    @cached_property
    def lean(self) -> FloatArray:
        """People above or below the contest's composition; array (origin, unit).

        ``x_ur - n_u * x_r / n``: positive where the origin is stronger than overall.
        """
        totals = self.origins.sum(axis=1)
        composition = totals / max(float(totals.sum()), 1.0)
        return np.asarray(self.origins - np.outer(composition, self.origins.sum(axis=0)))

    @property
    def occupied(self) -> int:
        """Number of units with people."""
        return int(np.count_nonzero(self.origins.sum(axis=0)))

    @property
    def reversed(self) -> Counts:
        """The same people read from the runoff back to the first round."""
        return Counts(origins=self.destinations, destinations=self.origins)


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """Log density of the returns and its derivatives.

    Parameters
    ----------
    value : float
        Log density.
    by_rate : array (origin, destination)
        Derivatives by transfer rate; the last column is zero, because the density uses the
        first ``destination - 1`` columns only.
    by_log_kappa : array (origin,)
        Derivatives by log precision.
    """

    value: float
    by_rate: FloatArray
    by_log_kappa: FloatArray


def counts_from_units(first_round: npt.ArrayLike, runoff: npt.ArrayLike) -> Counts:
    """Return `Counts` of two arrays (unit, origin) and (unit, destination).

    Raises
    ------
    InputError
        When shapes or people differ between the rounds, a count is negative or not finite, or
        there are fewer than one origin or two destinations.
    """
    _require_ledger(np.asarray(first_round), np.asarray(runoff))
    return Counts(
        origins=np.ascontiguousarray(np.asarray(first_round, dtype=np.float64).T),
        destinations=np.ascontiguousarray(np.asarray(runoff, dtype=np.float64).T),
    )


def _require_ledger(first_round: FloatArray, runoff: FloatArray) -> None:
    """Raise unless both arrays count the same people of the same units."""
    if first_round.ndim != 2 or runoff.ndim != 2 or len(first_round) != len(runoff):
        raise InputError(
            "counts: both rounds must have one row per unit - found shapes "
            f"{first_round.shape} and {runoff.shape}"
        )
    if first_round.shape[1] < 1 or runoff.shape[1] < 2:
        raise InputError(
            "counts: there must be an origin and two destinations at least - found "
            f"{first_round.shape[1]} and {runoff.shape[1]}"
        )
    for name, counts in (("first round", first_round), ("runoff", runoff)):
        bad = ~(np.isfinite(counts) & (counts >= 0)).all(axis=1)
        if bad.any():
            u = int(bad.argmax())
            raise InputError(
                f"{name}: counts must be finite and not negative - unit {u} has {counts[u]}"
            )
    before, after = first_round.sum(axis=1), runoff.sum(axis=1)
    off = np.abs(before - after) > 1e-6 * np.maximum(before, 1.0)
    if off.any():
        u = int(off.argmax())
        raise InputError(
            f"counts: both rounds of a unit must hold the same people - unit {u} has "
            f"{before[u]:g} and {after[u]:g}; add those who did not vote to both rounds"
        )


def returns_log_density(
    table: FloatArray, log_kappa: FloatArray, context: float, counts: Counts
) -> Evaluation:
    """Log density of the runoff counts, with its gradient.

    Parameters
    ----------
    table : array (origin, destination)
        Transfer rates; rows sum to one.
    log_kappa : array (origin,)
        Log precision of the unit's rates around the table; large means little overdispersion.
    context : float
        How much the composition of a unit moves everybody in it, whatever their first vote;
        zero means that where people live tells nothing beyond how they voted.
    counts : Counts
        Both rounds by unit.

    Returns
    -------
    Evaluation

    Notes
    -----
    With ``x_u`` the unit's origins, ``d_u`` their `Counts.lean` and
    ``w_ur = x_ur (1 + (x_ur - 1)+ / (kappa_r + 1))`` (Dirichlet-multinomial variance), the first
    ``destination - 1`` counts of unit ``u`` are normal with mean ``(x_u + context * d_u) T`` and
    covariance ``sum_r w_ur (diag T_r - T_r T_r') + 0.25 (I - 1 / C)``, C destinations; the last
    term keeps units without spread proper and, like the rest, is the same whichever column is
    left out. The mean is that of unit rates ``T_r + context * (t_u - t)``, where
    ``t_u = x_u T / n_u`` is what the unit's composition lets one expect and ``t`` its value for
    the contest: neighbours resemble each other beyond their first vote, so slopes on composition
    exceed the contrasts of the table. Counts do not identify ``context``, so it is given and
    not inferred; its value is learned from contests whose tables are known.
    """
    value, parts = _evaluate(table, log_kappa, context, counts)
    by_covariance = 0.5 * (parts.solved[:, None] * parts.solved[None] - parts.inverse)
    by_rate, by_weight = _through_covariance(table[:, :-1], parts, by_covariance)
    by_rate[:, :-1] += parts.exposure @ parts.solved.T
    by_dispersion = np.einsum("ru,ru->r", by_weight, counts.excess)
    return Evaluation(
        value=value,
        by_rate=by_rate,
        by_log_kappa=-by_dispersion * parts.dispersion * (1.0 - parts.dispersion),
    )


def returns_log_value(
    table: FloatArray, log_kappa: FloatArray, context: float, counts: Counts
) -> float:
    """Return the value of `returns_log_density` alone, in half the time."""
    return _evaluate(table, log_kappa, context, counts)[0]


class _Parts(NamedTuple):
    """What value and gradient share."""

    dispersion: FloatArray
    weight: FloatArray
    exposure: FloatArray
    shapes: FloatArray
    inverse: FloatArray
    solved: FloatArray


def _evaluate(
    table: FloatArray, log_kappa: FloatArray, context: float, counts: Counts
) -> tuple[float, _Parts]:
    free = table[:, :-1]
    dispersion = 1.0 / (1.0 + np.exp(log_kappa))
    weight = counts.origins + dispersion[:, None] * counts.excess
    exposure = counts.origins + context * counts.lean
    residual = counts.destinations[:-1] - free.T @ exposure
    shapes = _shapes(free)
    inverse, log_det = invert_by_unit(_covariance(shapes, weight))
    solved = np.einsum("iju,ju->iu", inverse, residual)
    constant = residual.size * np.log(2.0 * np.pi)
    value = -0.5 * float(np.vdot(residual, solved) + log_det.sum() + constant)
    return value, _Parts(dispersion, weight, exposure, shapes, inverse, solved)


def returns_information(
    table: FloatArray, log_kappa: FloatArray, context: float, counts: Counts
) -> tuple[FloatArray, FloatArray]:
    """Return the expected information of rates and of log kappa.

    Parameters
    ----------
    table, log_kappa, context, counts
        As in `returns_log_density`.

    Returns
    -------
    mean_part : array (origin * (destination - 1), same)
        Information about the free rates, row by row, through the mean.
    kappa_part : array (origin, origin)
        Information about log kappa, through the covariance.

    Notes
    -----
    ``sum_u m' S^-1 m`` for the mean and ``0.5 sum_u tr(S^-1 S_r S^-1 S_s)`` for log kappa. What
    the covariance says about the rates is left out: it is small, and this matrix only shapes the
    steps of the search and of the finite differences.
    """
    free = table[:, :-1]
    dispersion = 1.0 / (1.0 + np.exp(log_kappa))
    exposure = counts.origins + context * counts.lean
    shapes = _shapes(free)
    covariance = _covariance(shapes, counts.origins + dispersion[:, None] * counts.excess)
    inverse, _ = invert_by_unit(covariance)
    kappa_part = _kappa_information(shapes, dispersion, counts.excess, inverse)
    rates = np.einsum("iju,ru,su->risj", inverse, exposure, exposure, optimize=True)
    return rates.reshape(free.size, free.size), kappa_part


def _shapes(free: FloatArray) -> FloatArray:
    """Covariance of one person's destination, by origin: ``diag T_r - T_r T_r'``."""
    eye = np.eye(free.shape[1])
    return np.asarray(free[:, :, None] * (eye[None] - free[:, None, :]))


def _covariance(shapes: FloatArray, weight: FloatArray) -> FloatArray:
    """Covariance by unit; array (destination - 1, destination - 1, unit)."""
    k = shapes.shape[1]
    covariance = (shapes.reshape(-1, k * k).T @ weight).reshape(k, k, -1)
    return np.asarray(covariance + rounding_covariance(k)[:, :, None])


def rounding_covariance(free: int) -> FloatArray:
    """Covariance of rounding of the first `free` destinations, all of them summing to zero."""
    return np.asarray(ROUNDING_VARIANCE * (np.eye(free) - 1.0 / (free + 1.0)))


def _through_covariance(
    free: FloatArray, parts: _Parts, by_covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return derivatives by rate (origin, destination) and by weight (origin, unit)."""
    k = free.shape[1]
    flat = by_covariance.reshape(k * k, -1)
    moment = (parts.weight @ flat.T).reshape(-1, k, k)
    by_rate = np.zeros((len(free), k + 1))
    by_rate[:, :k] = np.einsum("rii->ri", moment) - 2.0 * np.einsum("rij,rj->ri", moment, free)
    return by_rate, parts.shapes.reshape(-1, k * k) @ flat


def _kappa_information(
    shapes: FloatArray, dispersion: FloatArray, excess: FloatArray, inverse: FloatArray
) -> FloatArray:
    """Information about log kappa; array (origin, origin)."""
    scaled = np.einsum("iju,rjk->riku", inverse, shapes, optimize=True)
    scaled *= (excess * (dispersion * (1.0 - dispersion))[:, None])[:, None, None]
    return np.asarray(0.5 * np.einsum("riku,skiu->rs", scaled, scaled, optimize=True))


def invert_by_unit(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverse and log determinant of many small positive definite matrices.

    Parameters
    ----------
    matrices : array (k, k, unit)
        Symmetric in the first two axes.

    Returns
    -------
    inverse : array (k, k, unit)
    log_det : array (unit,)

    Notes
    -----
    The symmetric sweep operator, one pivot at a time for all units at once.

    References
    ----------
    Goodnight, J. H. (1979). A tutorial on the sweep operator. The American Statistician 33.
    """
    swept = matrices.copy()
    log_det = np.zeros(matrices.shape[-1])
    for j in range(matrices.shape[0]):
        # Where people are very many, what is left of a sum may round to nothing or below.
        pivot = np.maximum(swept[j, j], ROUNDING_ERROR * matrices[j, j])
        log_det += np.log(pivot)
        row = swept[j] / pivot
        swept -= swept[:, j].copy()[:, None] * row[None]
        swept[j] = row
        swept[:, j] = row
        swept[j, j] = -1.0 / pivot
    return -swept, log_det
