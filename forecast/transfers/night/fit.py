"""The posterior of the local table and its deviations from the units that have reported.

A generalised linear mixed model, fitted by iterated weighted least squares: in every round the
counts become working logits with known variance, the local table is linearised, coordinates and
deviations are solved for jointly as normals, and the scales of the deviations are renewed by
expectation-maximisation under inverse-gamma priors. Units far off lose weight as under a
t distribution, so that one misprint moves nothing.

References
----------
Breslow, N. E. & Clayton, D. G. (1993). Approximate inference in generalized linear mixed models.
Journal of the American Statistical Association 88. Begg, C. B. & Gray, R. (1984). Calculation of
polychotomous logistic regression parameters using individualized regressions. Biometrika 71.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.special import expit

from forecast.arrays import FloatArray
from forecast.transfers.night.deviations import UNIT_SCALE, Deviations
from forecast.transfers.night.local_table import LocalTable

__all__ = ["TAIL", "PartialPosterior", "fit_partial"]

ROUNDS = 6
"""Rounds of least squares."""
TAIL = 5.0
"""Degrees of freedom of a unit's own deviation."""
FEWEST_DEGREES, UNITS_PER_DEGREE = 4.0, 10.0
"""Degrees of freedom of the posterior: with few units even its scales are hardly known."""
LARGEST_STEP = 1.0
"""How far a coordinate may move in one round, in logits."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PartialPosterior:
    """Normal of coordinates and deviations, with heavier tails where few units have reported.

    Parameters
    ----------
    centre : array (size,)
        Coordinates of the table, then the deviations of each response: log ratios of
        preference, finalist by finalist, and logit participation.
    factor : array (size, size)
        ``factor.T @ factor`` is the covariance.
    coordinates : int
        How many coordinates the table has.
    unit_variance : array (response,)
        Variance of a unit's own deviation.
    residual : array (response, unit)
        Working residual of every reported unit, in logits.
    noise : array (response, unit)
        Its variance beyond the unit's own deviation.
    degrees : array (size,)
        Degrees of freedom of each coordinate and deviation.
    """

    centre: FloatArray
    factor: FloatArray
    coordinates: int
    unit_variance: FloatArray
    residual: FloatArray
    noise: FloatArray
    degrees: FloatArray

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return `n` deviations from the centre, array (draw, size)."""
        moves = rng.standard_normal((n, len(self.centre))) @ self.factor
        for degrees in np.unique(self.degrees):
            scale = np.sqrt(degrees / rng.chisquare(degrees, n))
            moves[:, self.degrees == degrees] *= scale[:, None]
        return np.asarray(moves)


def fit_partial(
    table: LocalTable,
    votes: FloatArray,
    deviations: Deviations,
    *,
    centre: FloatArray,
    covariance: FloatArray,
) -> PartialPosterior:
    """Fit the reported units.

    Parameters
    ----------
    table : LocalTable
        First round of the reported units.
    votes : array (unit, finalist)
        Their runoff votes.
    deviations : Deviations
        Design of the same units.
    centre, covariance : array (size,) and (size, size)
        Prior of the coordinates.
    """
    responses = table.finalists
    size, width = len(centre), deviations.design.shape[1]
    precision = np.linalg.inv(covariance)
    believed = deviations.scales(responses) ** 2
    variances = believed.copy()
    middle = deviations.means(responses)
    own_believed = UNIT_SCALE.scales(responses) ** 2
    unit_variance = own_believed.copy()
    point, effect = centre.copy(), middle.copy()
    counted, attempts = _responses(table, votes)
    some = attempts > 0
    for turn in range(ROUNDS):
        swing = table.swing(point)
        logits = np.vstack([swing.preference, swing.participation])
        slopes = [*swing.by_preference, swing.by_participation]
        total = np.zeros((size + responses * width,) * 2)
        pull = np.zeros(len(total))
        total[:size, :size] = precision
        pull[:size] = precision @ centre
        residual, noise = _working(logits + effect @ deviations.design.T, counted, attempts)
        spread = noise + unit_variance[:, None]
        weight = 1 / spread
        if turn > 1:
            weight = weight * (TAIL + 1) / (TAIL + residual**2 / spread)
        for k in range(responses):
            rows = np.hstack([slopes[k], deviations.design])
            goal = residual[k] + effect[k] @ deviations.design.T + slopes[k] @ point
            cut = size + k * width
            where = np.r_[0:size, cut : cut + width]
            weighted = rows * weight[k][:, None]
            total[np.ix_(where, where)] += weighted.T @ rows
            pull[where] += weighted.T @ goal
            known = 1 / variances[k][deviations.group]
            total[range(cut, cut + width), range(cut, cut + width)] += known
            pull[cut : cut + width] += middle[k] * known
        lower = cholesky(total, lower=True)
        solution = cho_solve((lower, True), pull)
        factor = solve_triangular(lower, np.eye(len(total)), lower=True)
        spread_of = (factor**2).sum(axis=0)
        point = point + np.clip(solution[:size] - point, -LARGEST_STEP, LARGEST_STEP)
        effect = solution[size:].reshape(responses, width)
        for k in range(responses):
            own = slice(size + k * width, size + (k + 1) * width)
            second = (effect[k] - middle[k]) ** 2 + spread_of[own]
            used = width - float((spread_of[own] / variances[k][deviations.group]).sum())
            variances[k] = _renewed(second, deviations, believed[k])
            shrunk = unit_variance[k] / spread[k][some[k]]
            robust = (np.minimum(weight[k] * spread[k], 1.0) * residual[k] ** 2)[some[k]]
            unit_variance[k] = _unit_variance(
                unit_variance[k], shrunk, robust, used=used, believed=own_believed[k]
            )
    return PartialPosterior(
        centre=np.concatenate([point, effect.ravel()]),
        factor=factor,
        coordinates=size,
        unit_variance=unit_variance,
        residual=residual,
        noise=noise,
        degrees=_degrees(deviations, size, responses),
    )


def _degrees(deviations: Deviations, size: int, responses: int) -> FloatArray:
    """Return degrees of freedom: by units overall, by levels seen within a group."""
    overall = FEWEST_DEGREES + len(deviations.design) / UNITS_PER_DEGREE
    seen = np.abs(deviations.design).sum(axis=0) > 0
    by_group = [
        min(overall, group.weight + seen[deviations.group == g].sum())
        for g, group in enumerate(deviations.groups)
    ]
    own = np.array(by_group)[deviations.group]
    return np.concatenate([np.full(size, overall), np.tile(own, responses)])


def _responses(table: LocalTable, votes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return successes and attempts of every response, each (response, unit)."""
    last, valid = votes[:, -1], votes.sum(axis=1)
    people = np.maximum(table.people.sum(axis=1), valid + 1)
    counted = np.vstack([votes[:, :-1].T, valid])
    attempts = np.vstack([(votes[:, :-1] + last[:, None]).T, people])
    return counted, attempts


def _working(
    fitted: FloatArray, counted: FloatArray, attempts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return residuals of the counts in logits around `fitted`, and their variance by chance.

    All are (response, unit).
    """
    chance = np.clip(expit(fitted), 1e-6, 1 - 1e-6)
    slope = chance * (1 - chance)
    residual = np.clip((counted / np.maximum(attempts, 1) - chance) / slope, -3.0, 3.0)
    noise = np.where(attempts > 0, 1 / (np.maximum(attempts, 1) * slope), 1e9)
    return residual * (attempts > 0), noise


def _renewed(second: FloatArray, deviations: Deviations, believed: FloatArray) -> FloatArray:
    """Return the variance of every group from second moments of its deviations."""
    found = []
    for g, group in enumerate(deviations.groups):
        own = second[deviations.group == g]
        found.append((own.sum() + group.weight * believed[g]) / (len(own) + group.weight))
    return np.array(found)


def _unit_variance(
    variance: float,
    shrunk: FloatArray,
    robust: FloatArray,
    *,
    used: float,
    believed: float,
) -> float:
    """Return the renewed variance of a unit's own deviation.

    Parameters
    ----------
    variance : float
        Its last value.
    shrunk : array (unit,)
        Fraction of a unit's residual variance that is its own deviation's.
    robust : array (unit,)
        Squared residuals; smaller than deviations by the coefficients `used` to fit them.
    used : float
        How many coefficients that were.
    believed : float
        Prior variance.
    """
    n = float(len(shrunk))
    second = shrunk**2 * robust * n / max(n - used, n / 4, 1) + variance * (1 - shrunk)
    prior = UNIT_SCALE.weight * believed
    return float((second.sum() + prior) / (n + UNIT_SCALE.weight))
