"""How probable the runoff counts are, given a transfer table: log density, gradient, information.

One formula serves any number of origins and destinations, and any number of tables at once. Every
array keeps the unit on the last, contiguous axis, and units are taken in blocks, so that the work
is a handful of matrix products in cache and memory does not grow with the tables tried at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from forecast.arrays import FloatArray
from forecast.transfers.returns.counts import Counts

ROUNDING_ERROR = 1e-12
"""Least conditional variance, as a fraction of the variance, that floating point can tell."""
ROUNDING_VARIANCE = 0.25
"""Variance of a count beyond the model, people squared: counts are whole people."""
BLOCK = 1 << 15
"""Numbers of a covariance by unit, over all tables tried at once, that are in memory at a time."""
FEWEST = 200
"""Fewest units at a time: below, the many steps for a small matrix cost more than its numbers."""


class Evaluation(NamedTuple):
    """Log densities of P tables, up to a constant by number of units, and their derivatives.

    The last column of those by rate is zero: the density uses the first ``destination - 1`` only.
    """

    value: FloatArray  # (P,)
    by_table: FloatArray  # (P, origin, destination)
    by_slopes: FloatArray  # (P, origin, destination - 1)
    by_log_kappa: FloatArray  # (P, origin)

    def times(self, factor: float) -> Evaluation:
        """Return it with everything multiplied."""
        return Evaluation(*(factor * part for part in self))

    def plus(self, other: Evaluation) -> Evaluation:
        """Return the sum of two."""
        return Evaluation(*(a + b for a, b in zip(self, other, strict=True)))


def units_log_density(
    table: FloatArray, slopes: FloatArray, log_kappa: FloatArray, df: float, counts: Counts
) -> Evaluation:
    """Log density of the runoff counts of all units under P tables, with gradients.

    Parameters
    ----------
    table : array (P, origin, destination)
        Transfer rates T; rows sum to one.
    slopes : array (P, origin, destination - 1)
        Slopes S of the runoff on the origins' shares between units. Where they equal the rates,
        where people live tells nothing beyond how they voted.
    log_kappa : array (P, origin)
        Log precision of the unit's rates around the table; large means little overdispersion.
    df : float
        Degrees of freedom nu of the units; infinite means normal.
    counts : Counts
        Both rounds by unit.

    Returns
    -------
    Evaluation

    Notes
    -----
    With ``x_u`` the unit's origins, ``n_u`` its people, ``d_u`` the `Counts.lean`, ``t`` the mean
    of the rows weighted by `Counts.composition` and
    ``w_ur = x_ur (1 + (x_ur - 1)+ / (kappa_r + 1))`` (Dirichlet-multinomial variance), the first
    ``F = destination - 1`` counts of unit u have the mean ``n_u t + sum_r d_ur S_r`` and the scale
    ``W_u = sum_r w_ur (diag T_r - T_r T_r') + 0.25 (I - 1 / C)``, C destinations; the last term
    keeps units without spread proper and, like the rest, is the same whichever column is left
    out. Their log density is ``-((nu + F) log(1 + q / nu) + log|W_u|) / 2`` with q the squared
    distance of the residual: a multivariate t, under which an odd unit weighs
    ``(nu + F) / (nu + q)``.
    """
    p, origins, destinations = table.shape
    free = destinations - 1
    totals = _Totals(
        value=np.zeros(p),
        by_mean=np.zeros((free * p, origins)),
        by_scale=np.zeros((free * free * p, 2 * origins)),
    )
    at = _coefficients(table, slopes, log_kappa, counts)
    for units in _blocks(counts, p * free * free):
        part = _distances(at, units, counts)
        _add(totals, part, df, counts.stacked[:, units])
    by_mean = totals.by_mean.reshape(free, p, origins).transpose(1, 2, 0)
    by_scale = totals.by_scale.reshape(free, free, p, 2, origins).transpose(2, 3, 4, 0, 1)
    # Through the mean: B_r = S_r + t - xbar'S.
    through_overall = by_mean.sum(axis=1, keepdims=True) * counts.composition[:, None]
    by_table = np.zeros(table.shape)
    by_table[..., :-1] = through_overall
    # Through the scale: diag T_r - T_r T_r'.
    moment = by_scale[:, 0] + at.dispersion[..., None, None] * by_scale[:, 1]
    rates = table[..., :-1]
    by_table[..., :-1] += np.einsum("prii->pri", moment)
    by_table[..., :-1] -= 2.0 * np.einsum("prij,prj->pri", moment, rates)
    by_dispersion = (by_scale[:, 1] * at.shapes).sum(axis=(2, 3))
    return Evaluation(
        value=totals.value,
        by_table=by_table,
        by_slopes=by_mean - through_overall,
        by_log_kappa=-by_dispersion * at.dispersion * (1.0 - at.dispersion),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitFit:
    """How the units fit a table."""

    #: (unit, destination): people by destination that the unit's origins let one expect
    expected: FloatArray
    #: (unit,): squared distance of the count from it, on average ``destination - 1``
    distance: FloatArray
    weight: FloatArray  #: (unit,): ``(nu + F) / (nu + q)``: about one, and less for an odd unit


def unit_fit(
    table: FloatArray, slopes: FloatArray, log_kappa: FloatArray, df: float, counts: Counts
) -> UnitFit:
    """Return how every unit fits one table (origin, destination), slopes and log kappa."""
    at = _coefficients(table[None], slopes[None], log_kappa[None], counts)
    free, units = slopes.shape[1], counts.origins.shape[1]
    expected, distance = np.zeros((free + 1, units)), np.zeros(units)
    for block in _blocks(counts, free * free):
        part = _distances(at, block, counts)
        expected[:-1, block] = counts.destinations[:-1, block] - part.residual.reshape(free, -1)
        distance[block] = part.distance
    expected[-1] = counts.people - expected[:-1].sum(axis=0)
    weight = (df + free) / (df + distance) if np.isfinite(df) else np.ones(units)
    return UnitFit(expected=expected.T, distance=distance, weight=weight)


def units_information(
    table: FloatArray,
    slopes: FloatArray,
    log_kappa: FloatArray,
    df: float,
    counts: Counts,
    *,
    observed: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Return the information of one table's means and of log kappa; see `units_log_density`.

    If `observed`, the means' part is what these counts say, in place of its expectation.

    Returns
    -------
    mean_part : array (origin * (destination - 1), same)
        Information about ``B_r = S_r + t - xbar'S``, by which people of origin r add to the mean.
    kappa_part : array (origin, origin)
        Information about log kappa, through the scale.

    Notes
    -----
    ``sum_u m' W^-1 m`` for the mean and ``0.5 sum_u tr(W^-1 W_r W^-1 W_s)`` for log kappa, each
    times ``(nu + F) / (nu + F + 2)``, as for a t (Lange, Little & Taylor 1989); observed, a unit
    of weight g adds ``g W^-1 - 2 g^2 / (nu + F) W^-1 r r' W^-1`` to the mean's part, r its
    residual. What the scale says about the rates is left out: it is small.
    """
    origins, free = slopes.shape
    at = _coefficients(table[None], slopes[None], log_kappa[None], counts)
    slope, rates = (at.dispersion * (1.0 - at.dispersion))[0], table[:, :-1]
    one, other = np.tril_indices(free)
    by_mean = np.zeros((origins, len(one), origins))
    by_square = np.zeros((origins, len(one), origins))
    kappa_part = np.zeros((origins, origins))
    expected = (df + free) / (df + free + 2.0) if np.isfinite(df) else 1.0
    for units in _blocks(counts, len(one) * origins):
        x, excess = counts.origins[:, units], counts.excess[:, units] * slope[:, None]
        part = _distances(at, units, counts)
        told = expected * part.inverse[one, other]
        if observed and np.isfinite(df):
            weight = (df + free) / (df + part.distance)
            pulled = weight * part.solved
            told = weight * part.inverse[one, other]
            told -= 2.0 / (df + free) * pulled[one] * pulled[other]
        by_mean += _products(x, told)
        by_square += _products(excess, part.inverse[one, other] ** 2)
        # tr(W^-1 W_r W^-1 W_s) with W_r = e_r (diag T_r - T_r T_r'), but for the diagonals' part.
        solved = (rates @ part.inverse.reshape(free, -1)).reshape(origins, free, -1)
        weighted = (excess[:, None] * solved**2).reshape(origins * free, -1) @ excess.T
        crossed = np.einsum("sir,ri->rs", weighted.reshape(origins, free, origins), rates)
        both = np.matmul(rates, solved) ** 2
        both *= excess
        kappa_part += np.einsum("sru,su->rs", both, excess) - crossed - crossed.T
    mean_part = np.zeros((origins, free, origins, free))
    mean_part[:, one, :, other] = by_mean.transpose(1, 0, 2)
    mean_part[:, other, :, one] = by_mean.transpose(1, 0, 2)
    pairs = rates[:, None, one] * rates[None, :, other]
    pairs += np.where(one == other, 0.0, rates[:, None, other] * rates[None, :, one])
    squares = np.einsum("rps,rsp->rs", by_square, pairs)
    kappa_part += squares
    # Where nearly everybody of an origin goes one way, the differences above round.
    kappa_part += ROUNDING_ERROR * np.abs(squares).sum() * np.eye(origins)
    return mean_part.reshape(origins * free, -1), 0.5 * expected * kappa_part


def _products(x: FloatArray, pairs: FloatArray) -> FloatArray:
    """Return sums over units of ``x_r pairs_p x_s``; array (origin, pair, origin)."""
    weighted = (x[:, None] * pairs).reshape(-1, x.shape[1])
    return np.asarray((weighted @ x.T).reshape(len(x), len(pairs), len(x)))


class _Coefficients(NamedTuple):
    """What P tables say of any unit, before its people are known."""

    dispersion: FloatArray  # (P, origin)
    shapes: FloatArray  # (P, origin, free, free)
    by_person: FloatArray  # (free * P, origin)
    scale: FloatArray  # (free * free * P, 2 origin)


class _Distances(NamedTuple):
    """Residuals of a block of units; the last axis is P tables times the block's units."""

    residual: FloatArray  # (free, -1)
    inverse: FloatArray  # (free, free, -1)
    log_det: FloatArray  # (-1,)
    solved: FloatArray  # (free, -1)
    distance: FloatArray  # (-1,)


class _Totals(NamedTuple):
    """Sums over units, filled block by block."""

    value: FloatArray
    by_mean: FloatArray
    by_scale: FloatArray


def _blocks(counts: Counts, numbers: int) -> Iterator[slice]:
    """Yield blocks of units such that `numbers` of each stay within `BLOCK`."""
    units = counts.origins.shape[1]
    size = max(BLOCK // max(numbers, 1), FEWEST)
    for start in range(0, units, size):
        yield slice(start, min(start + size, units))


def _coefficients(
    table: FloatArray, slopes: FloatArray, log_kappa: FloatArray, counts: Counts
) -> _Coefficients:
    p, origins, free = slopes.shape
    dispersion = expit(-log_kappa)
    shapes = _shapes(table[..., :-1])
    overall = counts.composition @ (table[..., :-1] - slopes)
    by_person = slopes + overall[:, None]
    scale = np.concatenate([shapes, dispersion[..., None, None] * shapes], axis=1)
    return _Coefficients(
        dispersion=dispersion,
        shapes=shapes,
        by_person=by_person.transpose(2, 0, 1).reshape(free * p, origins),
        scale=scale.transpose(2, 3, 0, 1).reshape(free * free * p, 2 * origins),
    )


def _distances(at: _Coefficients, units: slice, counts: Counts) -> _Distances:
    p, _, free, _ = at.shapes.shape
    mean = (at.by_person @ counts.origins[:, units]).reshape(free, p, -1)
    residual = (counts.destinations[:-1, None, units] - mean).reshape(free, -1)
    scale = (at.scale @ counts.stacked[:, units]).reshape(free, free, -1)
    scale += rounding_covariance(free)[:, :, None]
    inverse, log_det = invert_by_unit(scale)
    solved = (inverse * residual).sum(axis=1)
    return _Distances(residual, inverse, log_det, solved, (residual * solved).sum(axis=0))


def _add(totals: _Totals, part: _Distances, df: float, stacked: FloatArray) -> None:
    """Add a block of units to the value and to the gradient by mean and by scale."""
    free, p = len(part.solved), len(totals.value)
    if np.isfinite(df):
        value = (df + free) * np.log1p(part.distance / df) + part.log_det
        weighted = part.solved * ((df + free) / (df + part.distance))
    else:
        value, weighted = part.distance + part.log_det, part.solved
    by_scale = weighted[:, None] * part.solved[None]
    by_scale -= part.inverse
    by_scale *= 0.5
    units = stacked.shape[1]
    totals.value[:] -= 0.5 * value.reshape(p, units).sum(axis=1)
    totals.by_mean[:] += weighted.reshape(-1, units) @ stacked[: len(stacked) // 2].T
    totals.by_scale[:] += by_scale.reshape(-1, units) @ stacked.T


def _shapes(free: FloatArray) -> FloatArray:
    """Covariance of one person's destination, by origin: ``diag T_r - T_r T_r'``."""
    eye = np.eye(free.shape[-1])
    return np.asarray(free[..., :, None] * (eye - free[..., None, :]))


def rounding_covariance(free: int) -> FloatArray:
    """Covariance of rounding of the first `free` destinations, all of them summing to zero."""
    return np.asarray(ROUNDING_VARIANCE * (np.eye(free) - 1.0 / (free + 1.0)))


def invert_by_unit(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverses (k, k, unit) and log determinants (unit,) of small positive definite matrices.

    Notes
    -----
    The symmetric sweep operator, one pivot at a time for all units at once.

    References
    ----------
    Goodnight, J. H. (1979). A tutorial on the sweep operator. The American Statistician 33.
    """
    if len(matrices) <= 2:
        return _invert_small(matrices)
    k = len(matrices)
    swept = matrices.copy()
    log_det = np.zeros(matrices.shape[-1])
    for j in range(k):
        # Where people are very many, what is left of a sum may round to nothing or below.
        pivot = np.maximum(swept[j, j], ROUNDING_ERROR * matrices[j, j])
        log_det += np.log(pivot)
        column = np.concatenate([swept[j, :j], swept[j:, j]])  # the lower triangle is kept
        row = column / pivot
        for i in range(k):
            swept[i, : i + 1] -= column[i] * row[: i + 1]
        swept[j, :j] = row[:j]
        swept[j:, j] = row[j:]
        swept[j, j] = -1.0 / pivot
    np.negative(swept, out=swept)
    for i in range(k):
        swept[:i, i] = swept[i, :i]
    return swept, log_det


def _invert_small(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverse and log determinant of matrices with one row or two, in closed form."""
    if len(matrices) == 1:
        return 1.0 / matrices, np.log(matrices[0, 0])
    a, b, d = matrices[0, 0], matrices[1, 0], matrices[1, 1]
    det = np.maximum(a * d - b * b, ROUNDING_ERROR * a * d)
    inverse = np.empty_like(matrices)
    np.divide(d, det, out=inverse[0, 0])
    np.divide(a, det, out=inverse[1, 1])
    np.divide(-b, det, out=inverse[0, 1])
    inverse[1, 0] = inverse[0, 1]
    return inverse, np.log(det)


def returns_log_density(
    table: FloatArray, log_kappa: FloatArray, context: float, counts: Counts
) -> tuple[float, FloatArray, FloatArray]:
    """Log density of normal units whose slopes ``S_r = T_r + c (T_r - t)`` follow from one context.

    With its derivatives by `table` (origin, destination) and by `log_kappa` (origin,).
    """
    slopes = _with_context(table, context, counts)
    fit = units_log_density(table[None], slopes[None], log_kappa[None], np.inf, counts)
    by_rate = fit.by_table[0].copy()
    by_rate[:, :-1] += (1.0 + context) * fit.by_slopes[0]
    by_rate[:, :-1] -= context * np.outer(counts.composition, fit.by_slopes[0].sum(axis=0))
    constant = 0.5 * slopes.shape[1] * counts.origins.shape[1] * np.log(2.0 * np.pi)
    return float(fit.value[0]) - constant, by_rate, fit.by_log_kappa[0]


def returns_information(
    table: FloatArray, log_kappa: FloatArray, context: float, counts: Counts
) -> tuple[FloatArray, FloatArray]:
    """Return the expected information of the free rates, row by row, and of log kappa.

    For normal units with the slopes of one context; see `returns_log_density`.
    """
    slopes = _with_context(table, context, counts)
    mean_part, kappa_part = units_information(table, slopes, log_kappa, np.inf, counts)
    origins = len(table)
    mixed = (1.0 + context) * np.eye(origins) - context * counts.composition[None]
    jacobian = np.kron(mixed, np.eye(slopes.shape[1]))
    return jacobian.T @ mean_part @ jacobian, kappa_part


def _with_context(table: FloatArray, context: float, counts: Counts) -> FloatArray:
    free = table[:, :-1]
    return np.asarray(free + context * (free - counts.composition @ free))
