"""The posterior of the local table and its deviations from the units that have reported.

A generalised linear mixed model, fitted by iterated weighted least squares until it moves no more:
in every round the counts become working logits with known variance, the local table is linearised,
coordinates and deviations are solved for jointly as normals, and the scales of the deviations are
renewed by expectation-maximisation under inverse-gamma priors. Deviations of regions are eliminated
block by block, so that a contest may have thousands. Units far off lose weight as under a
t distribution, so that one misprint moves nothing; so do beliefs about who comes to vote, since one
side's voters may stay at home as nobody expected.

References
----------
Breslow, N. E. & Clayton, D. G. (1993). Approximate inference in generalized linear mixed models.
Journal of the American Statistical Association 88. Begg, C. B. & Gray, R. (1984). Calculation of
polychotomous logistic regression parameters using individualized regressions. Biometrika 71.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.special import expit

from forecast.arrays import FloatArray, IntArray
from forecast.transfers.night.deviations import GROUPS, UNIT_SCALE, Deviations, Group
from forecast.transfers.night.local_table import LocalTable

__all__ = ["TAIL", "Moves", "PartialPosterior", "fit_partial"]

Singles = npt.NDArray[np.float32]
FEWEST_ROUNDS, MOST_ROUNDS, LATE = 10, 50, 12
"""Rounds of least squares, and the round from which steps are halved."""
CLOSE = 0.002
"""It has converged when fitted logits move by less in a round, root mean square."""
COARSE = 500
"""With twice as many units, rounds begin with so many of them, evenly spread."""
FIRST_VARIANCE, FIRST_WEIGHTS = 5, 7
"""Rounds from which the unit variance and the weights of units are renewed, counted from 0."""
TAIL = 5.0
"""Degrees of freedom of a unit's own deviation."""
SURPRISE = 4.0
"""Degrees of freedom of what is believed about participation, non-voters' apart."""
FEWEST_DEGREES, UNITS_PER_DEGREE = 4.0, 10.0
"""Degrees of freedom of the posterior: with few units even its scales are hardly known."""
SCALE_DEGREES = 3.0
"""Degrees of freedom of deviations whose scale is not learned yet. In full counts the sd of a log
scale is 0.37 to 0.76; a normal with such a scale has the 90% interval of a t with 3 to 4."""
LARGEST_STEP = 1.0
"""How far a coordinate may move in one round, in logits."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Moves:
    """Draws around the centre of a posterior.

    Parameters
    ----------
    dense : array of float32 (size, draw)
        Of coordinates and deviations.
    local : array of float32 (response, region, local, draw)
        Of the deviations of regions.
    beyond : array of float32 (features * rates, draw)
        Of the slopes outside what counted units show.
    """

    dense: Singles
    local: Singles
    beyond: Singles


@dataclass(frozen=True, kw_only=True, eq=False)
class PartialPosterior:
    """Normal of coordinates and deviations, with heavier tails where little has been learned.

    Parameters
    ----------
    centre : array (size,)
        Coordinates of the table, then the deviations of each response: log ratios of
        preference, finalist by finalist, and logit participation.
    factor : array (size, size)
        ``factor.T @ factor`` is the covariance.
    degrees : array (size,)
        Degrees of freedom of each coordinate and deviation.
    coordinates : int
        How many coordinates the table has.
    local : Local
        Deviations of regions given all others.
    beyond, beyond_degrees : array (features * rates,)
        Standard deviations and degrees of freedom of slopes outside what counted units show.
    unit_variance : array (response,)
        Variance of a unit's own deviation.
    fitted : array (response, unit)
        Logits expected of every reported unit.
    residual : array (response, unit)
        Its working residual, in logits.
    noise : array (response, unit)
        Its variance beyond the unit's own deviation.
    rounds : int
        Rounds until it converged.
    """

    centre: FloatArray
    factor: FloatArray
    degrees: FloatArray
    coordinates: int
    local: Local
    beyond: FloatArray
    beyond_degrees: FloatArray
    unit_variance: FloatArray
    fitted: FloatArray
    residual: FloatArray
    noise: FloatArray
    rounds: int

    def own(self, response: int) -> IntArray:
        """Return the places in `centre` that matter for a response."""
        return _own(self.coordinates, len(self.centre), len(self.unit_variance), response)

    def draw(self, n: int, regions: IntArray, *, rng: np.random.Generator) -> Moves:
        """Return `n` draws of moves from the centre, for some of the regions."""
        dense = self.factor.T @ rng.standard_normal((len(self.centre), n))
        dense *= _tails(self.degrees, n, rng)
        local, drawn = self.local, []
        for k in range(len(self.unit_variance)):
            noise = rng.standard_normal((len(regions), local.centre.shape[2], n))
            noise = local.factor[k, regions] @ noise * _tails(local.degrees[k], n, rng)
            noise -= local.pull[k, regions] @ dense[self.own(k)]
            drawn.append(noise.astype(np.float32))
        beyond = rng.standard_normal((len(self.beyond), n)) * self.beyond[:, None]
        beyond *= _tails(self.beyond_degrees, n, rng)
        return Moves(
            dense=dense.astype(np.float32),
            local=np.stack(drawn),
            beyond=beyond.astype(np.float32),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Local:
    """Deviations of regions as normals given the coordinates and the other deviations.

    Parameters
    ----------
    centre : array (response, region, local)
        At the centre of the rest.
    pull : array (response, region, local, own)
        Minus their derivative by what else matters for the response.
    factor : array (response, region, local, local)
        Root of their covariance given the rest.
    degrees : array (response, local)
        Degrees of freedom.
    """

    centre: FloatArray
    pull: FloatArray
    factor: FloatArray
    degrees: FloatArray

    def variance(self, response: int, factor: FloatArray) -> FloatArray:
        """Return marginal variances (region, local); `factor` is that of what else matters."""
        spread = (self.pull[response] @ factor.T) ** 2
        return np.asarray(spread.sum(axis=2) + (self.factor[response] ** 2).sum(axis=2))


def _own(coordinates: int, size: int, responses: int, response: int) -> IntArray:
    width = (size - coordinates) // responses
    cut = coordinates + response * width
    return np.concatenate([np.arange(coordinates), np.arange(cut, cut + width)])


def _tails(degrees: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
    """Return factors (size, draw) that make normals t distributed; equal degrees share theirs."""
    found = np.ones((len(degrees), n))
    for value in np.unique(degrees[np.isfinite(degrees)]):
        found[degrees == value] = np.sqrt(value / rng.chisquare(value, n))
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scales:
    """Which variance each deviation has, and what is believed of it.

    Parameters
    ----------
    dense : array of int (size,)
        Variance of each coordinate and deviation; -1 for coordinates that have a prior.
    local : array of int (response, local)
        Of the deviations of regions.
    beyond : array of int (features * rates,)
        Of slopes.
    middle : array (size,)
        Prior mean of each deviation.
    believed, weight, relative : array (variance,)
        Prior variance, how many deviations it is worth, and whether it is in units of a unit's own.
    """

    dense: IntArray
    local: IntArray
    beyond: IntArray
    middle: FloatArray
    believed: FloatArray
    weight: FloatArray
    relative: npt.NDArray[np.bool_]

    def prior(self, unit_variance: FloatArray) -> FloatArray:
        """Return prior variances in squared logits."""
        own = np.tile(unit_variance, len(self.believed) // len(unit_variance))
        return np.where(self.relative, self.believed * own, self.believed)


def _scales(table: LocalTable, deviations: Deviations) -> _Scales:
    responses, features = table.finalists, table.features.shape[1]
    slopes = ["slope by lean"] * (features - 2) + ["slope by size", "slope by turnout"]
    kinds = list(dict.fromkeys(deviations.local_groups))
    groups: list[Group] = [*deviations.groups, *(GROUPS[name] for name in slopes), *kinds]
    of_rate = np.arange(table.rates) // table.people.shape[1]
    first = len(deviations.groups)
    beyond = ((first + np.arange(features))[:, None] * responses + of_rate).ravel()
    own = [deviations.group * responses + k for k in range(responses)]
    column = [first + features + kinds.index(group) for group in deviations.local_groups]
    local = np.array(column, dtype=np.int64) * responses + np.arange(responses)[:, None]
    return _Scales(
        dense=np.concatenate([np.full(table.common, -1), beyond, *own]),
        local=local,
        beyond=beyond,
        middle=np.concatenate([np.zeros(table.size), deviations.means(responses).ravel()]),
        believed=np.concatenate([group.scales(responses) ** 2 for group in groups]),
        weight=np.repeat([group.weight for group in groups], responses),
        relative=np.repeat([group.relative for group in groups], responses),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Night:
    """What does not change from round to round: counts, design, beliefs."""

    table: LocalTable
    deviations: Deviations
    counted: FloatArray
    attempts: FloatArray
    centre: FloatArray
    covariance: FloatArray
    scales: _Scales
    doubtful: IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _State:
    """Where the fit stands: coordinates and deviations, those of regions, variances."""

    point: FloatArray
    local: FloatArray
    variance: FloatArray
    unit_variance: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Working:
    """The counts in logits around a state: rows by response, residuals, noise, weights."""

    rows: list[FloatArray]
    fitted: FloatArray
    residual: FloatArray
    noise: FloatArray
    weight: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Solution:
    """Normal of one round."""

    centre: FloatArray
    factor: FloatArray
    local: Local


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
        Prior of the rates and the common slopes.
    """
    night = _night(table, votes, deviations, centre, covariance)
    state, first = _start(night), 0
    if len(votes) >= 2 * COARSE:
        some = np.arange(0, len(votes), len(votes) // COARSE)
        coarse = _night(
            table.select(some), votes[some], deviations.select(some), centre, covariance
        )
        state, first = _converged(coarse, state).state, LATE
    fit = _converged(night, state, first=first)
    return _posterior(night, fit)


def _night(
    table: LocalTable,
    votes: FloatArray,
    deviations: Deviations,
    centre: FloatArray,
    covariance: FloatArray,
) -> _Night:
    counted, attempts = _responses(table, votes)
    return _Night(
        table=table,
        deviations=deviations,
        counted=counted,
        attempts=attempts,
        centre=centre,
        covariance=covariance,
        scales=_scales(table, deviations),
        doubtful=np.arange(table.rates - table.people.shape[1], table.rates - 1),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fit:
    """The last round: its state, working logits and normal, and how many rounds there were."""

    state: _State
    work: _Working
    solution: _Solution
    rounds: int


def _converged(night: _Night, state: _State, *, first: int = 0) -> _Fit:
    """Return the fit after rounds until fitted logits stand still; `first` counts the first."""
    last = None
    for turn in range(first, MOST_ROUNDS):
        work = _work(night, state, robust=turn >= FIRST_WEIGHTS)
        still = last is not None and _rms(work.fitted - last) < CLOSE
        solution = _solved(night, state, work)
        if turn >= FEWEST_ROUNDS and still:
            break
        last = work.fitted
        state = _renewed(night, state, work, solution, turn)
    return _Fit(state=state, work=work, solution=solution, rounds=turn + 1 - first)


def _rms(values: FloatArray) -> float:
    return float(np.sqrt((values**2).mean())) if values.size else 0.0


def _start(night: _Night) -> _State:
    responses = night.table.finalists
    local = (responses, night.deviations.regions, night.deviations.local.shape[1])
    unit_variance = UNIT_SCALE.scales(responses) ** 2
    return _State(
        point=np.append(night.centre, night.scales.middle[len(night.centre) :]),
        local=np.zeros(local),
        variance=night.scales.prior(unit_variance),
        unit_variance=unit_variance,
    )


def _responses(table: LocalTable, votes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return successes and attempts of every response, each (response, unit)."""
    last, valid = votes[:, -1], votes.sum(axis=1)
    people = np.maximum(table.people.sum(axis=1), valid + 1)
    counted = np.vstack([votes[:, :-1].T, valid])
    attempts = np.vstack([(votes[:, :-1] + last[:, None]).T, people])
    return counted, attempts


def _work(night: _Night, state: _State, *, robust: bool) -> _Working:
    """Return the counts as working logits around a state."""
    table, deviations = night.table, night.deviations
    swing = table.swing(state.point[: table.size])
    effect = state.point[table.size :].reshape(table.finalists, -1)
    fitted = np.vstack([swing.preference, swing.participation]) + effect @ deviations.design.T
    fitted += np.einsum("uq,kuq->ku", deviations.local, state.local[:, deviations.member])
    residual, noise = _residuals(fitted, night.counted, night.attempts)
    spread = noise + state.unit_variance[:, None]
    weight = 1 / spread
    if robust:
        weight = weight * np.minimum((TAIL + 1) / (TAIL + residual**2 / spread), 1.0)
    slopes = (*swing.by_preference, swing.by_participation)
    rows = [np.hstack([slope, deviations.design]) for slope in slopes]
    return _Working(rows=rows, fitted=fitted, residual=residual, noise=noise, weight=weight)


def _residuals(
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


def _prior(night: _Night, state: _State) -> FloatArray:
    """Return the precision of the rates and common slopes, those of participation t distributed.

    With z the distance from the prior in its standard deviations, a t distribution with n degrees
    of freedom weighs as a normal whose variance is ``(n + z^2) / (n + 1)`` times as large.
    """
    sd = np.sqrt(np.diag(night.covariance))
    away = ((state.point[: len(sd)] - night.centre) / sd)[night.doubtful]
    wider = np.ones(len(sd))
    wider[night.doubtful] = np.sqrt(np.maximum(1.0, (SURPRISE + away**2) / (SURPRISE + 1)))
    return np.asarray(np.linalg.inv(night.covariance * wider * wider[:, None]))


def _solved(night: _Night, state: _State, work: _Working) -> _Solution:
    """Return the normal of coordinates and deviations given the working logits."""
    table, scales, prior = night.table, night.scales, _prior(night, state)
    responses, size = table.finalists, len(state.point)
    total, pull = np.zeros((size, size)), np.zeros(size)
    total[: len(prior), : len(prior)] = prior
    pull[: len(prior)] = prior @ night.centre
    known = np.where(scales.dense < 0, 0.0, 1 / state.variance[scales.dense])
    total[np.diag_indices(size)] += known
    pull += known * scales.middle
    blocks = []
    for k in range(responses):
        own = _own(table.size, size, responses, k)
        rows, weight = work.rows[k], work.weight[k]
        goal = work.residual[k] + rows @ state.point[own]
        goal += (night.deviations.local * state.local[k, night.deviations.member]).sum(axis=1)
        block = _region_blocks(
            night.deviations, rows, goal, weight, state.variance[scales.local[k]]
        )
        held = block.cross.reshape(-1, len(own)), block.pull.reshape(-1, len(own))
        total[np.ix_(own, own)] += (rows * weight[:, None]).T @ rows - held[0].T @ held[1]
        pull[own] += rows.T @ (goal * weight) - held[1].T @ block.goal.ravel()
        blocks.append(block)
    lower = cholesky(total, lower=True)
    centre = cho_solve((lower, True), pull)
    factor = solve_triangular(lower, np.eye(size), lower=True)
    owns = [_own(table.size, size, responses, k) for k in range(responses)]
    local = Local(
        centre=np.stack(
            [
                (b.inverse @ b.goal[:, :, None])[:, :, 0] - b.pull @ centre[own]
                for b, own in zip(blocks, owns, strict=True)
            ]
        ),
        pull=np.stack([b.pull for b in blocks]),
        factor=np.stack([np.linalg.cholesky(b.inverse) for b in blocks]),
        degrees=np.full(scales.local.shape, np.inf),
    )
    return _Solution(centre=centre, factor=factor, local=local)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Blocks:
    """Normal equations of the deviations of regions, for one response.

    Parameters
    ----------
    inverse : array (region, local, local)
        Inverse of their own precision.
    cross : array (region, local, own)
        Their precision with the coordinates and the other deviations.
    goal : array (region, local)
        Their right-hand side.
    pull : array (region, local, own)
        ``inverse @ cross``.
    """

    inverse: FloatArray
    cross: FloatArray
    goal: FloatArray
    pull: FloatArray


def _region_blocks(
    deviations: Deviations,
    rows: FloatArray,
    goal: FloatArray,
    weight: FloatArray,
    variance: FloatArray,
) -> _Blocks:
    """Return the blocks of the regions: those of different regions do not meet."""
    from scipy.sparse import csr_array

    units, width = deviations.local.shape
    weighted = deviations.local * weight[:, None]
    together = np.column_stack([deviations.local, rows, goal])
    sums = np.zeros((deviations.regions, width, together.shape[1]))
    for q, column in enumerate(weighted.T):
        where = deviations.member, np.arange(units)
        sums[:, q] = csr_array((column, where), (deviations.regions, units)) @ together
    own = sums[:, :, :width] + np.diag(1 / variance)
    cross, aim = sums[:, :, width:-1], sums[:, :, -1]
    inverse = np.asarray(np.linalg.inv(own), dtype=np.float64)
    return _Blocks(inverse=inverse, cross=cross, goal=aim, pull=inverse @ cross)


def _renewed(
    night: _Night, state: _State, work: _Working, solution: _Solution, turn: int
) -> _State:
    """Return the next state: steps that are not too long, and variances."""
    size = night.table.size
    step = solution.centre - state.point
    step[:size] = np.clip(step[:size], -LARGEST_STEP, LARGEST_STEP) * (0.5 if turn >= LATE else 1)
    variance, learned = _variances(night, state, solution)
    unit_variance = state.unit_variance
    if turn >= FIRST_VARIANCE:
        unit_variance = _unit_variances(night, state, work, learned)
    return _State(
        point=state.point + step,
        local=solution.local.centre,
        variance=variance,
        unit_variance=unit_variance,
    )


def _variances(night: _Night, state: _State, solution: _Solution) -> tuple[FloatArray, FloatArray]:
    """Return renewed variances, and how many deviations the counts have taught each.

    A variance is the mean of the deviations' second moments and of as many prior ones as its prior
    is worth; a deviation is learned as far as its variance has fallen below the prior's.
    """
    scales, variance = night.scales, state.variance
    second, seen = np.zeros(len(variance)), np.zeros(len(variance))
    count = np.zeros(len(variance))
    some = scales.dense >= 0
    spread = (solution.factor**2).sum(axis=0)
    moments = (solution.centre - scales.middle) ** 2 + spread
    pairs = [(scales.dense[some], moments[some], spread[some])]
    size, responses = len(spread), night.table.finalists
    for k in range(responses):
        own = _own(night.table.size, size, responses, k)
        around = solution.local.variance(k, solution.factor[:, own])
        index = np.broadcast_to(scales.local[k], around.shape).ravel()
        pairs.append((index, (solution.local.centre[k] ** 2 + around).ravel(), around.ravel()))
    for index, moment, spread in pairs:
        second += np.bincount(index, moment, len(variance))
        seen += np.bincount(index, 1 - spread / variance[index], len(variance))
        count += np.bincount(index, minlength=len(variance))
    weight, believed = scales.weight, scales.prior(state.unit_variance)
    return (second + weight * believed) / (count + weight), np.maximum(seen, 0.0)


def _unit_variances(
    night: _Night, state: _State, work: _Working, learned: FloatArray
) -> FloatArray:
    """Return the renewed variance of a unit's own deviation, array (response,).

    A unit's squared residual counts as far as it is no noise; it is smaller than its deviation by
    the coefficients used to fit it.
    """
    believed = UNIT_SCALE.scales(len(state.unit_variance)) ** 2
    found = []
    for k, variance in enumerate(state.unit_variance):
        some = night.attempts[k] > 0
        spread = (work.noise[k] + variance)[some]
        shrunk = variance / spread
        robust = np.minimum(work.weight[k][some] * spread, 1.0) * work.residual[k][some] ** 2
        n = float(some.sum())
        used = float(learned[k :: len(believed)].sum())
        second = shrunk**2 * robust * n / max(n - used, n / 4, 1) + variance * (1 - shrunk)
        prior = UNIT_SCALE.weight * believed[k]
        found.append((second.sum() + prior) / (n + UNIT_SCALE.weight))
    return np.array(found)


def _posterior(night: _Night, fit: _Fit) -> PartialPosterior:
    """Return what the fit has found, with degrees of freedom by what each variance has learned."""
    scales, state, solution = night.scales, fit.state, fit.solution
    _, learned = _variances(night, state, solution)
    overall = FEWEST_DEGREES + night.attempts.shape[1] / UNITS_PER_DEGREE
    degrees = np.minimum(overall, np.maximum(SCALE_DEGREES + learned, scales.weight))
    return PartialPosterior(
        centre=solution.centre,
        factor=solution.factor,
        degrees=np.where(scales.dense < 0, overall, degrees[scales.dense]),
        coordinates=night.table.size,
        local=replace(solution.local, degrees=degrees[scales.local]),
        beyond=np.sqrt(state.variance[scales.beyond]),
        beyond_degrees=degrees[scales.beyond],
        unit_variance=state.unit_variance,
        fitted=fit.work.fitted,
        residual=fit.work.residual,
        noise=fit.work.noise,
        rounds=fit.rounds,
    )
