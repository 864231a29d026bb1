"""The posterior of the local table and its deviations from the units that have reported.

A generalised linear mixed model, fitted by iterated weighted least squares until it moves no more:
in every round the counts become working logits with known variance, the local table is linearised,
coordinates and deviations are solved for jointly as normals, and the scales of the deviations are
renewed by expectation-maximisation under inverse-gamma priors. Deviations of regions are eliminated
block by block, so that a contest may have thousands. Preferences among the finalists are fitted
together, in coordinates where all finalists are alike and with the covariance that their counts
have, so that it does not matter who is named last. Units far off lose weight as under a t
distribution, so that one misprint moves nothing; so do beliefs about who comes to vote, since one
side's voters may stay at home as nobody expected.

References
----------
Breslow, N. E. & Clayton, D. G. (1993). Approximate inference in generalized linear mixed models.
Journal of the American Statistical Association 88. McCullagh, P. & Nelder, J. A. (1989).
Generalized linear models, 2nd edition, chapter 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy
from scipy.special import expit

from forecast.arrays import FloatArray, IntArray
from forecast.transfers.night.deviations import GROUPS, UNIT_SCALE, Deviations, Group
from forecast.transfers.night.local_table import LocalTable
from forecast.transfers.night.posterior import (
    Local,
    PartialPosterior,
    bound_responses,
    by_response,
    own_places,
)
from forecast.transfers.table.coordinates import simplex_factor

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
LEAST_CHANCE = 1e-6
"""Fractions of votes or people are never nearer 0 or 1, so that logits stay finite."""
LARGEST_STEP = 1.0
"""How far a coordinate may move in one round, in logits."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scales:
    """Which variance each deviation has, and what is believed of it.

    Every group of deviations has two variances: of preference, in all directions, and of
    participation.
    """

    #: (size,): variance of each coordinate and deviation; -1 for coordinates that have a prior
    dense: IntArray
    #: (local,): of the deviations of regions, in preference and in participation
    local: tuple[IntArray, ...]
    beyond: IntArray  #: (features * rates,): of slopes
    middle: FloatArray  #: (size,): prior mean of each deviation
    #: believed, weight, relative (variance,): prior variance, how many deviations it is worth, and
    #: whether it is in units of a unit's own
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
    of_rate = (np.arange(table.rates) // table.people.shape[1] == responses - 1).astype(np.int64)
    first = len(deviations.groups)
    beyond = ((first + np.arange(features))[:, None] * 2 + of_rate).ravel()
    bound = bound_responses(responses)
    own = [np.tile(deviations.group * 2 + b, len(chosen)) for b, chosen in enumerate(bound)]
    column = [first + features + kinds.index(group) for group in deviations.local_groups]
    local = np.array(column, dtype=np.int64) * 2
    return _Scales(
        dense=np.concatenate([np.full(table.common, -1), beyond, *own]),
        local=tuple(np.tile(local + b, len(chosen)) for b, chosen in enumerate(bound)),
        beyond=beyond,
        middle=np.concatenate([np.zeros(table.size), deviations.means(responses).ravel()]),
        believed=np.concatenate([group.scales**2 for group in groups]),
        weight=np.repeat([group.weight for group in groups], 2),
        relative=np.repeat([group.relative for group in groups], 2),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Night:
    """What does not change from round to round: counts, design, beliefs.

    `attempts` are votes and whoever could vote, both (unit,); `shares` are fractions of them: of
    all finalists but the last (finalist - 1, unit), and of the votes (1, unit).
    """

    table: LocalTable
    deviations: Deviations
    attempts: tuple[FloatArray, FloatArray]
    shares: tuple[FloatArray, FloatArray]
    centre: FloatArray
    covariance: FloatArray
    scales: _Scales
    doubtful: IntArray
    doubt: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _State:
    """Where the fit stands: coordinates and deviations, those of regions, variances."""

    point: FloatArray
    local: tuple[FloatArray, ...]
    variance: FloatArray
    unit_variance: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Working:
    """The counts in logits around a state."""

    fitted: FloatArray  #: (response, unit): logits expected
    parts: tuple[_Part, ...]  #: preference and participation


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """Working logits of the responses that counts bind together, in independent directions."""

    #: (unit, response, direction): orthonormal directions in which a unit's noise is independent
    turn: FloatArray
    #: residual, noise, weight (direction, unit): residuals, their variance by chance, and what they
    #: count
    residual: FloatArray
    noise: FloatArray
    weight: FloatArray
    #: (direction * unit, own): derivatives by what matters for the responses, deviations of regions
    #: apart
    rows: FloatArray
    #: (direction * unit, response * local): derivatives by the deviations of the unit's region
    local: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Solution:
    """Normal of one round."""

    centre: FloatArray
    factor: FloatArray
    local: tuple[Local, ...]


def fit_partial(
    table: LocalTable,
    votes: FloatArray,
    deviations: Deviations,
    *,
    centre: FloatArray,
    covariance: FloatArray,
    doubt: FloatArray | float = 0.0,
) -> PartialPosterior:
    """Fit the reported units: their first round, runoff votes (unit, finalist) and design.

    The prior of the rates and the common slopes has this `centre` (size,) and `covariance`;
    `doubt` (unit,) is the variance of participation, in logits, as a unit's people are not known
    exactly.
    """
    doubt = np.broadcast_to(doubt, len(votes))
    night = _night(table, votes, deviations, centre, covariance, doubt=doubt)
    state, first = _start(night), 0
    if len(votes) >= 2 * COARSE:
        some = np.arange(0, len(votes), len(votes) // COARSE)
        chosen = table.select(some), votes[some], deviations.select(some)
        coarse = _night(*chosen, centre, covariance, doubt=doubt[some])
        state, first = _converged(coarse, state).state, LATE
    fit = _converged(night, state, first=first)
    return _posterior(night, fit)


def _night(
    table: LocalTable,
    votes: FloatArray,
    deviations: Deviations,
    centre: FloatArray,
    covariance: FloatArray,
    *,
    doubt: FloatArray,
) -> _Night:
    valid = votes.sum(axis=1)
    attempts = valid, np.maximum(table.people.sum(axis=1), valid + 1)
    counted = votes[:, :-1].T, valid[None]
    return _Night(
        table=table,
        deviations=deviations,
        attempts=attempts,
        shares=(counted[0] / np.maximum(attempts[0], 1), counted[1] / np.maximum(attempts[1], 1)),
        centre=centre,
        covariance=covariance,
        scales=_scales(table, deviations),
        doubtful=np.arange(table.rates - table.people.shape[1], table.rates - 1),
        doubt=doubt,
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
    unit_variance = UNIT_SCALE.scales**2
    return _State(
        point=np.append(night.centre, night.scales.middle[len(night.centre) :]),
        local=tuple(np.zeros((night.deviations.regions, len(own))) for own in night.scales.local),
        variance=night.scales.prior(unit_variance),
        unit_variance=unit_variance,
    )


def _work(night: _Night, state: _State, *, robust: bool) -> _Working:
    """Return the counts as working logits around a state."""
    table, deviations = night.table, night.deviations
    free = table.finalists - 1
    swing = table.swing(state.point[: table.size])
    effect = state.point[table.size :].reshape(table.finalists, -1)
    fitted = np.vstack([swing.preference, swing.participation]) + effect @ deviations.design.T
    local = by_response(state.local, table.finalists)
    fitted += np.einsum("uq,kuq->ku", deviations.local, local[:, deviations.member])
    slopes = swing.by_preference, swing.by_participation[None]
    factors = simplex_factor(table.finalists), np.ones((1, 1))
    parts = []
    for b, logits in enumerate((fitted[:free], fitted[free:])):
        turn, residual, noise = _residuals(logits, night.shares[b], night.attempts[b], factors[b])
        noise = noise + night.doubt * b  # of participation alone
        spread = noise + state.unit_variance[b]
        weight = 1 / spread
        if robust:
            away = (residual**2 / spread).sum(axis=0)
            weight = weight * np.minimum((TAIL + len(logits)) / (TAIL + away), 1.0)
        parts.append(
            _Part(
                turn=turn,
                residual=residual,
                noise=noise,
                weight=weight,
                rows=np.hstack([_turned(turn, slopes[b]), _apart(turn, deviations.design)]),
                local=_apart(turn, deviations.local),
            )
        )
    return _Working(fitted=fitted, parts=tuple(parts))


def _turned(turn: FloatArray, slopes: FloatArray) -> FloatArray:
    """Return derivatives (response, unit, size) by direction, (direction * unit, size)."""
    return np.asarray(np.einsum("urk,rus->kus", turn, slopes).reshape(-1, slopes.shape[2]))


def _apart(turn: FloatArray, design: FloatArray) -> FloatArray:
    """Return a design (unit, deviation) that every response has of its own, by direction.

    Array (direction * unit, response * deviation).
    """
    units, responses, directions = turn.shape
    apart = np.einsum("urk,ud->kurd", turn, design)
    return np.asarray(apart.reshape(directions * units, responses * design.shape[1]))


def _residuals(
    logits: FloatArray, shares: FloatArray, attempts: FloatArray, factor: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return directions (unit, response, direction), residuals and their variance by chance.

    Residuals of `shares` around those `factor @ logits` lead to, and variance, are in logits and
    arrays (direction, unit). Among several finalists with fractions p one vote has the information
    ``diag(p) - p p'`` on the log ratios to the last; its principal axes in the coordinates of the
    logits are the directions.
    """
    ratios = np.vstack([np.tensordot(factor, logits, axes=1), np.zeros((1, logits.shape[1]))])
    rest = [np.logaddexp.reduce(np.delete(ratios, j, axis=0)) for j in range(len(logits))]
    chance = np.clip(expit(ratios[:-1] - np.array(rest)), LEAST_CHANCE, 1 - LEAST_CHANCE)
    slope = -np.einsum("ju,lu->ujl", chance, chance)
    slope[:, range(len(chance)), range(len(chance))] = (chance * (1 - chance)).T
    information, turn = np.linalg.eigh(factor.T @ slope @ factor)
    information = np.maximum(information, LEAST_CHANCE / 2).T
    away = np.einsum("urk,ru->ku", turn, np.tensordot(factor.T, shares - chance, axes=1))
    residual = np.clip(away / information, -3.0, 3.0)
    noise = np.where(attempts > 0, 1 / (np.maximum(attempts, 1) * information), 1e9)
    return turn, residual * (attempts > 0), noise


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
    blocks, owns = [], []
    for part, chosen, local, column in zip(
        work.parts, bound_responses(responses), state.local, scales.local, strict=True
    ):
        own = own_places(table.size, size, responses, chosen)
        rows, weight = part.rows, part.weight.ravel()
        member = np.tile(night.deviations.member, len(chosen))
        goal = part.residual.ravel() + rows @ state.point[own]
        goal += (part.local * local[member]).sum(axis=1)
        block = _region_blocks(member, night.deviations.regions, part, goal, state.variance[column])
        held = block.cross.reshape(-1, len(own)), block.pull.reshape(-1, len(own))
        total[np.ix_(own, own)] += (rows * weight[:, None]).T @ rows - held[0].T @ held[1]
        pull[own] += rows.T @ (goal * weight) - held[1].T @ block.goal.ravel()
        blocks.append(block)
        owns.append(own)
    lower = scipy.linalg.cholesky(total, lower=True)
    centre = scipy.linalg.cho_solve((lower, True), pull)
    factor = scipy.linalg.solve_triangular(lower, np.eye(size), lower=True)
    found = tuple(
        Local(
            centre=(b.inverse @ b.goal[:, :, None])[:, :, 0] - b.pull @ centre[own],
            pull=b.pull,
            factor=np.asarray(np.linalg.cholesky(b.inverse), dtype=np.float64),
            degrees=np.full(b.goal.shape[1], np.inf),
        )
        for b, own in zip(blocks, owns, strict=True)
    )
    return _Solution(centre=centre, factor=factor, local=found)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Blocks:
    """Normal equations of the deviations of regions, for responses that counts bind together."""

    inverse: FloatArray  #: (region, local, local): inverse of their own precision
    #: (region, local, own): their precision with the coordinates and the other deviations
    cross: FloatArray
    goal: FloatArray  #: (region, local): their right-hand side
    pull: FloatArray  #: (region, local, own): ``inverse @ cross``


def _region_blocks(
    member: IntArray, regions: int, part: _Part, goal: FloatArray, variance: FloatArray
) -> _Blocks:
    """Return the blocks of the regions: those of different regions do not meet.

    `member` and `goal` are the region and the aim of every row.
    """
    from scipy.sparse import csr_array

    count, width = part.local.shape
    weighted = part.local * part.weight.reshape(-1, 1)
    together = np.column_stack([part.local, part.rows, goal])
    sums = np.zeros((regions, width, together.shape[1]))
    for q, column in enumerate(weighted.T):
        where = member, np.arange(count)
        sums[:, q] = csr_array((column, where), (regions, count)) @ together
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
    step[:size] = _not_too_long(step[:size], night.table) * (0.5 if turn >= LATE else 1)
    variance, learned = _variances(night, state, solution)
    unit_variance = state.unit_variance
    if turn >= FIRST_VARIANCE:
        unit_variance = _unit_variances(night, state, work, learned)
    return _State(
        point=state.point + step,
        local=tuple(part.centre for part in solution.local),
        variance=variance,
        unit_variance=unit_variance,
    )


def _not_too_long(step: FloatArray, table: LocalTable) -> FloatArray:
    """Return a step of the table's coordinates (size,), those of one preference as one."""
    length, shape = np.abs(step), (-1, table.finalists, table.people.shape[1])
    for part in (slice(table.rates), slice(table.common, None)):
        preference = step[part].reshape(shape)[:, :-1]
        length[part].reshape(shape)[:, :-1] = np.sqrt((preference**2).sum(axis=1, keepdims=True))
    return np.asarray(step / np.maximum(length / LARGEST_STEP, 1.0))


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
    bound = bound_responses(responses)
    for local, column, chosen in zip(solution.local, scales.local, bound, strict=True):
        own = own_places(night.table.size, size, responses, chosen)
        around = local.variance(solution.factor[:, own])
        index = np.broadcast_to(column, around.shape).ravel()
        pairs.append((index, (local.centre**2 + around).ravel(), around.ravel()))
    for index, moment, spread in pairs:
        second += np.bincount(index, moment, len(variance))
        seen += np.bincount(index, 1 - spread / variance[index], len(variance))
        count += np.bincount(index, minlength=len(variance))
    weight, believed = scales.weight, scales.prior(state.unit_variance)
    return (second + weight * believed) / (count + weight), np.maximum(seen, 0.0)


def _unit_variances(
    night: _Night, state: _State, work: _Working, learned: FloatArray
) -> FloatArray:
    """Return the renewed variances of a unit's own deviation, in preference and participation.

    A unit's squared residual counts as far as it is no noise; it is smaller than its deviation by
    the coefficients used to fit it.
    """
    believed = UNIT_SCALE.scales**2
    found = []
    for b, (part, variance) in enumerate(zip(work.parts, state.unit_variance, strict=True)):
        some = np.broadcast_to(night.attempts[b] > 0, part.noise.shape)
        spread = part.noise[some] + variance
        shrunk = variance / spread
        robust = np.minimum(part.weight[some] * spread, 1.0) * part.residual[some] ** 2
        n = float(some.sum())
        used = float(learned[b::2].sum())
        second = shrunk**2 * robust * n / max(n - used, n / 4, 1) + variance * (1 - shrunk)
        prior = UNIT_SCALE.weight * believed[b]
        found.append((second.sum() + prior) / (n + UNIT_SCALE.weight))
    return np.array(found)


def _posterior(night: _Night, fit: _Fit) -> PartialPosterior:
    """Return what the fit has found, with degrees of freedom by what each variance has learned."""
    scales, state, solution = night.scales, fit.state, fit.solution
    _, learned = _variances(night, state, solution)
    preference, participation = fit.work.parts
    free, units = preference.residual.shape
    turn = np.zeros((units, free + 1, free + 1))
    turn[:, :free, :free], turn[:, free:, free:] = preference.turn, participation.turn
    overall = FEWEST_DEGREES + units / UNITS_PER_DEGREE
    degrees = np.minimum(overall, np.maximum(SCALE_DEGREES + learned, scales.weight))
    return PartialPosterior(
        centre=solution.centre,
        factor=solution.factor,
        degrees=np.where(scales.dense < 0, overall, degrees[scales.dense]),
        coordinates=night.table.size,
        local=(
            replace(solution.local[0], degrees=degrees[scales.local[0]]),
            replace(solution.local[1], degrees=degrees[scales.local[1]]),
        ),
        beyond=np.sqrt(state.variance[scales.beyond]),
        beyond_degrees=degrees[scales.beyond],
        unit_variance=np.repeat(state.unit_variance, [free, 1]),
        fitted=fit.work.fitted,
        turn=turn,
        residual=np.vstack([preference.residual, participation.residual]),
        noise=np.vstack([preference.noise, participation.noise]),
        rounds=fit.rounds,
    )
