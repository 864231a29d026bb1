"""Empirical Bayes for coordinates of families: many contests on few days.

Day t has its own coordinates theta_t ~ Normal(theta, diag(D) 2^(distance / half-life)), so that
the day's shock is shared by its contests and distant days say less. Contest i of the day shows two
numbers::

    d_i = (log-ratio of the finalists' votes, logit of valid votes over the electorate)
    d_i = f_i(theta_t) + e_i

where f_i sums people over the transfer table and e_i is a swing and a mobilisation of this contest
alone, carried through the table by its derivative: a contest with many voters to win is less
certain. e_i is Student t. Each day is linearised at its mode and integrated out, so a step costs
one small matrix per day; theta is found by Gauss-Newton, D and the contests' variances by EM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.transfers.families.coordinates import GROUPS, FamilyCoordinates
from forecast.transfers.table.links import Utilities

CONTEST_TERMS = ("swing", "swing within a family", "mobilisation")
"""What moves one contest alone; its finalists may be of one family, about which families say
little."""
CONTEST_START = (0.3, 0.6, 0.2)
"""First guesses of their standard deviations, in logits."""
TAIL = 6.0
"""Degrees of freedom of a contest's own shock: a finalist may give up."""
ROUNDS, SETTLE = 12, 2
"""Gauss-Newton steps, and how many before variances are learned."""
PRIOR_DAYS, PRIOR_CONTESTS = 4.0, 5.0
"""Weight of the first guess of a variance between days and between contests."""
ROUNDING = 1e-4
"""Variance of counts beside the contests' terms."""
SCALE_SD, FIRST_FORWARD = 0.3, 3
"""Prior sd of the logarithm of the scale of systematic errors, assumed; the first day forecast
to learn it."""
LONGEST_STEP = 1.5
"""No coordinate moves by more logits in one step."""


class Block(NamedTuple):
    """Contests of one day whose finalists have the same families.

    `design` (origin, finalist, coordinate); `counts` (contest, origin); `seen` (contest, 2), the
    two numbers above; `within` says whether both finalists are of one family.
    """

    design: FloatArray
    counts: FloatArray
    seen: FloatArray
    within: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class FamilyFit:
    """What the past says about the coordinates."""

    mean: FloatArray  #: (coordinate,): posterior mean
    covariance: FloatArray  #: (coordinate, coordinate): posterior covariance
    day: FloatArray  #: (group,): variance between days by group of coordinates
    contest: FloatArray  #: (term,): squared scales of `CONTEST_TERMS`
    #: what the standard deviations of coordinates and days were multiplied by, 1 at least
    scale: float


def fit_families(
    days: Sequence[Sequence[Block]],
    coordinates: FamilyCoordinates,
    ages: FloatArray,
    half_life: float,
) -> FamilyFit:
    """Return the posterior of the coordinates, given the contests of every day.

    `ages` (day,) are years since each day, below 0 of days that come later; `half_life` are years
    after which a day counts as having half the information about today.
    """
    prior, group = coordinates.mean, coordinates.group
    start = np.array([g.day**2 for g in GROUPS.values()])
    first = np.square(CONTEST_START)
    day, contest = start.copy(), first
    modes = np.tile(prior, (len(days), 1))
    aged = 2 ** (ages / half_life)
    old = np.maximum(aged, 1 / aged)
    for step in range(ROUNDS):
        moments, found = np.zeros((2, len(CONTEST_TERMS))), []
        for t, blocks in enumerate(days):
            evidence, seen = _day_evidence(blocks, modes[t], contest)
            found.append(evidence._replace(spread=old[t] * day[group][evidence.active]))
            moments += seen / old[t]
        mean, covariance = _population(found, coordinates)
        squares, shown = np.zeros(len(prior)), np.zeros(len(prior))
        for t, evidence in enumerate(found):
            mode, square, share = _deviation(evidence, mean, covariance)
            here = evidence.active
            modes[t, here] += np.clip(mode - modes[t, here], -LONGEST_STEP, LONGEST_STEP)
            squares[here] += square / old[t]
            shown[here] += share
        if step >= SETTLE:
            above = np.bincount(group, squares, len(start)) + PRIOR_DAYS * start
            day = above / (np.bincount(group, shown, len(start)) + PRIOR_DAYS)
            contest = (moments[0] + PRIOR_CONTESTS * first) / (moments[1] + PRIOR_CONTESTS)
    scale = _forward_scale(
        days, found, coordinates, variance=day[group], contest=contest, aged=aged
    )
    return FamilyFit(
        mean=mean,
        covariance=scale**2 * covariance,
        day=scale**2 * day,
        contest=contest,
        scale=scale,
    )


def contest_direction(within: bool) -> FloatArray:
    """Return what each of `CONTEST_TERMS` does to the utilities, shape (finalist, term)."""
    swing = np.array([0.5, -0.5])
    none = np.zeros(2)
    return np.stack([none if within else swing, swing if within else none, np.ones(2)], axis=1)


class _Evidence(NamedTuple):
    """A day's normal approximation: the coordinates it shows, precision, precision times mode.

    `spread` is the variance of these coordinates' deviation from other days.
    """

    active: npt.NDArray[np.int64]
    precision: FloatArray
    vector: FloatArray
    spread: FloatArray


def _population(
    days: Sequence[_Evidence], coordinates: FamilyCoordinates
) -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance of the coordinates, the days' deviations integrated out."""
    precision = np.zeros((len(coordinates.names),) * 2)
    precision[np.diag_indices_from(precision)] = 1 / coordinates.sd**2
    vector = coordinates.mean / coordinates.sd**2
    for day in days:
        both = np.column_stack([day.precision, day.vector])
        left = np.linalg.solve(np.eye(len(both)) + day.precision * day.spread, both)
        precision[np.ix_(day.active, day.active)] += left[:, :-1]
        vector[day.active] += left[:, -1]
    covariance = np.linalg.inv((precision + precision.T) / 2)
    return np.asarray(covariance @ vector), np.asarray(covariance)


def _deviation(
    day: _Evidence, mean: FloatArray, covariance: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a day's coordinates, their squared deviation, and how much of it the day shows."""
    here = day.active
    inner = np.linalg.inv(day.precision + np.diag(1 / day.spread))
    mode = inner @ (day.vector + mean[here] / day.spread)
    off = inner / day.spread - np.eye(len(here))
    left = np.diag(inner) + ((off @ covariance[np.ix_(here, here)]) * off).sum(axis=1)
    return mode, (mode - mean[here]) ** 2, 1 - left / day.spread


def _forward_scale(
    days: Sequence[Sequence[Block]],
    found: Sequence[_Evidence],
    coordinates: FamilyCoordinates,
    *,
    variance: FloatArray,
    contest: FloatArray,
    aged: FloatArray,
) -> float:
    """Return how far days are from what earlier days let expect, in terms of what they should.

    Slopes between contests of a day exaggerate how much days differ, as regressions between
    places do. So each day is forecast from those before it, and the scale of the systematic part
    maximises the mean log density of a contest's log-ratio, a day counting as one observation.
    `variance` is that of a day's coordinates, `aged` by how much its age multiplies it, so that
    ratios are of the time between two days.
    """
    errors = []
    for t in range(FIRST_FORWARD, len(days)):
        earlier = [
            past._replace(spread=aged[s] / aged[t] * variance[past.active])
            for s, past in enumerate(found[:t])
        ]
        mean, covariance = _population(earlier, coordinates)
        covariance[np.diag_indices_from(covariance)] += variance
        rows = []
        for block in days[t]:
            expected, slope, terms = _linear(block, mean)
            systematic = ((slope[:, 0] @ covariance) * slope[:, 0]).sum(axis=1)
            gap = block.seen[:, 0] - expected[:, 0]
            own = np.asarray(terms[:, 0] ** 2 @ contest + ROUNDING)
            rows.append(np.stack([gap, systematic, own]))
        errors.append(np.concatenate(rows, axis=1))

    from scipy.optimize import minimize_scalar
    from scipy.stats import t as student

    def loss(log_scale: float) -> float:
        total = (log_scale / SCALE_SD) ** 2 / 2
        for gap, systematic, own in errors:
            sd = np.sqrt(np.exp(2 * log_scale) * systematic + own)
            total -= float(student.logpdf(gap / sd, TAIL).mean() - np.log(sd).mean())
        return total

    best = float(np.exp(minimize_scalar(loss, bounds=(-1.5, 1.5), method="bounded").x))
    return max(best, 1.0)  # a calm past does not promise a calm future


def _day_evidence(
    blocks: Sequence[Block], mode: FloatArray, contest: FloatArray
) -> tuple[_Evidence, FloatArray]:
    """Return what a day says of its coordinates, and moments of its contests' own terms."""
    precision, vector = np.zeros((len(mode), len(mode))), np.zeros(len(mode))
    moments = np.zeros((2, len(contest)))
    for block in blocks:
        expected, slope, terms = _linear(block, mode)
        gap = block.seen - expected
        across = terms.transpose(0, 2, 1)
        inverse = np.linalg.inv((terms * contest) @ across + ROUNDING * np.eye(2))
        weight = (TAIL + 2) / (TAIL + np.einsum("ia,iab,ib->i", gap, inverse, gap))
        gain = contest[:, None] * (across @ inverse)
        effect = np.einsum("ifb,ib->if", gain, gap)
        left = contest - np.einsum("ifb,ibf->if", gain, terms) * contest
        active = np.abs(terms).sum(axis=1) > 0
        moments[0] += ((weight[:, None] * effect**2 + left) * active).sum(axis=0)
        moments[1] += active.sum(axis=0)
        weighted = ((inverse * weight[:, None, None]) @ slope).reshape(-1, len(mode))
        precision += (here := weighted.T @ slope.reshape(-1, len(mode)))
        vector += here @ mode + weighted.T @ gap.ravel()
    active = np.flatnonzero(np.diag(precision) > 0)
    part = precision[np.ix_(active, active)]
    return _Evidence(active, part, vector[active], np.empty(0)), moments


def _linear(block: Block, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return f (contest, 2) and its derivatives by coordinate and by term, (contest, 2, ...)."""
    rates = Utilities(3).in_place(block.design @ theta)
    votes = block.counts @ rates
    valid = votes.sum(axis=1)
    away = block.counts.sum(axis=1) - valid
    expected = np.stack([np.log(votes[:, 0] / votes[:, 1]), np.log(valid / away)], axis=1)
    # dT_X / du_Y = T_X (1[X = Y] - T_Y), for each origin: (origin, X, Y)
    table = rates[:, :, None] * (np.eye(2) - rates[:, None, :])
    change = block.counts[:, :, None, None] * table
    ratio = change[:, :, 0] / votes[:, None, 0, None] - change[:, :, 1] / votes[:, None, 1, None]
    turnout = change.sum(axis=2) * (1 / valid + 1 / away)[:, None, None]
    slope = np.stack([ratio, turnout], axis=1)  # (contest, 2, origin, Y)
    flat = slope.reshape(len(slope), 2, -1)
    whole = flat @ block.design.reshape(-1, block.design.shape[2])
    return expected, whole, slope.sum(axis=2) @ contest_direction(block.within)
