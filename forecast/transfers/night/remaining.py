"""The votes still to come on an election night, from what is counted and what was believed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_ndtr, logit, ndtri

from forecast.arrays import FloatArray, IntArray
from forecast.facts.partial_returns import PartialReturns
from forecast.transfers.night.deviations import GROUPS
from forecast.transfers.night.fit import TAIL, fit_partial
from forecast.transfers.night.groundwork import Groundwork
from forecast.transfers.night.in_part import InPart
from forecast.transfers.night.local_table import LocalTable, log_normal_density
from forecast.transfers.night.outstanding import Outstanding
from forecast.transfers.night.posterior import Moves, PartialPosterior, t_draws
from forecast.transfers.night.resemblance import Resemblance, resemblance

LATE = GROUPS["arrival"]
"""What is believed of the correlation between when a unit reports and what it has of its own: the
same whether times of arrival are known, so that counts can speak, or not."""
STEEPEST, LOGISTIC = 10.0, 1.7
"""Prior sd of how steeply the log odds of having reported go with the log of a unit's ballots, and
a normal's standard deviations as a logistic's."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Remaining:
    """What is still to come."""

    outstanding: Outstanding  #: how the votes come about, by unit
    still: IntArray  #: units with votes still to come
    votes: FloatArray  #: (region, finalist, draw): votes still to come
    tables: FloatArray  #: (draw, origin, destination): transfer tables of the contest
    resemblance: Resemblance  #: how far what is counted speaks for it


def votes_to_come(
    returns: PartialReturns,
    start: Groundwork,
    *,
    arrival: FloatArray | None = None,
    draws: int,
    rng: np.random.Generator,
) -> Remaining:
    """Return draws of the votes that are still to be counted, given what is.

    `start` is the contest as it was before the first return; `arrival` (unit,) says when each unit
    reported, NaN for those that have not or are not known.
    """
    contest, done = returns.contest, returns.counted
    some = (contest.votes.sum(axis=1) > 0) & (returns.votes.sum(axis=1) > 0)
    learned = np.flatnonzero((done > 0) & ~returns.changed & some)
    still = np.flatnonzero(done < 1)
    table = start.table.seen_by(learned)
    parts = InPart.of(table, done, returns.votes.sum(axis=1).astype(float))
    deviations = start.deviations.drifting(parts.fraction)
    timed = deviations if arrival is None else deviations.arriving(arrival, done)
    in_time = timed is not deviations
    deviations = rest = timed
    if parts.some:
        deviations = deviations.further(parts.columns, *parts.groups)
        rest = rest.further(parts.of_rest, *parts.groups)
    reach, heard = _reach(table, parts.fraction), table.select(learned)
    posterior = fit_partial(
        replace(heard, people=heard.people * parts.fraction[learned, None]),
        returns.votes[learned].astype(float),
        deviations.select(learned),
        centre=start.centre,
        covariance=start.covariance,
        doubt=parts.doubt[learned],
    )
    regions, place = np.unique(deviations.member[still], return_inverse=True)
    moves = posterior.draw(draws, regions, rng=rng)
    if not len(learned):
        moves = _believed(moves, start, rng=rng)
    shift, turn, extra = _own_parts(posterior, learned, still, done)
    extra[-1] += parts.doubt_of_rest[still]
    if not in_time:
        shift[-1] += _short_counts(posterior, table, done)[still]
    outstanding = Outstanding(
        posterior=posterior,
        moves=moves,
        table=table.select(still),
        deviations=rest.select(still),
        place=place,
        counted=parts.counted[still],
        order=(posterior.centre[-1] + moves.dense[-1]) * parts.some,
        late=_late(posterior, reach, draws, rng=rng) * (not in_time),
        reach=reach,
        shift=shift,
        turn=turn,
        extra=extra,
    )
    votes = outstanding.votes(start.member[still], len(start.regions), rng=rng)
    rates = posterior.centre[: table.rates, None] + moves.dense[: table.rates]
    tables = start.table.table(rates.T)
    if not len(learned):
        votes = _as_on_the_eve(votes, tables, start)
    return Remaining(
        outstanding=outstanding,
        still=still,
        votes=votes,
        tables=tables,
        resemblance=resemblance(
            returns,
            start=start,
            table=table,
            deviations=deviations,
            posterior=posterior,
            learned=learned,
        ),
    )


def _believed(moves: Moves, start: Groundwork, *, rng: np.random.Generator) -> Moves:
    """Return moves whose rates are draws of the prior itself rather than of its normal form."""
    dense, rates = moves.dense.copy(), len(start.sample)
    chosen = rng.permutation(start.sample.shape[1])
    chosen = np.resize(chosen, dense.shape[1])
    dense[:rates] = start.sample[:, chosen] - start.centre[:rates, None]
    return replace(moves, dense=dense)


def _as_on_the_eve(votes: FloatArray, tables: FloatArray, start: Groundwork) -> FloatArray:
    """Return votes whose sums are those of the contest's ledger, as before the count.

    Deviations of units and the curvature of logits would widen and move the sums a little.
    """
    wanted = np.einsum("o,dof->fd", start.known, tables[:, :, :-1])
    return np.asarray(votes * (wanted / np.maximum(votes.sum(axis=0), 1e-9)))


def _reach(table: LocalTable, done: FloatArray) -> float:
    """Return how far open units lie from counted ones in a normal order of arrival.

    If a fraction q has arrived, ``phi(z) / (q (1 - q))`` standard deviations, with z the normal
    quantile of q; 0 before the first.
    """
    people = table.people.sum(axis=1)
    q = float(np.clip(people @ done / people.sum(), 1e-3, 1 - 1e-3))
    return float(np.exp(log_normal_density(ndtri(q)))) / (q * (1 - q)) if done.any() else 0.0


def _late(
    posterior: PartialPosterior, reach: float, draws: int, *, rng: np.random.Generator
) -> FloatArray:
    """Return how open units differ because they are late, array (response, draw), in logits.

    If arrival and a unit's own deviation have correlation r, their mean differs by ``r sd reach``.
    """
    responses = len(posterior.unit_variance)
    scale = np.append(np.full(responses - 1, LATE.preference), LATE.participation)
    sd = (scale * np.sqrt(posterior.unit_variance))[:, None]
    return np.asarray(reach * sd * t_draws(2 + LATE.weight, (responses, draws), rng=rng))


def _short_counts(posterior: PartialPosterior, table: LocalTable, done: FloatArray) -> FloatArray:
    """Return how participation of open units differs because short counts end first, in logits.

    Where small units report before large ones, or after, the order goes by the ballots to count;
    among units of like size those are open whose turnout was higher, or lower. If a unit is counted
    with probability ``Phi(a)``, a linear in the log of first-round ballots, and r is the
    correlation of a unit's own deviation with the order, that deviation has mean ``r sd phi(a) /
    Phi(a)`` among counted units, which the fit has taken for the contest's, and ``-r sd phi(a) /
    Phi(-a)`` among open ones.

    References
    ----------
    Heckman, J. J. (1979). Sample selection bias as a specification error. Econometrica 47.
    """
    counted, sd = done > 0, float(np.sqrt(posterior.unit_variance[-1]))
    if not posterior.fitted.size or counted.all():
        return np.zeros(len(done))
    voted = table.people.sum(axis=1) - table.people[:, -1]
    size = np.log(np.maximum(voted, 0) + 5)
    a, slope = _probit(size - size.mean(), counted)
    own = sd * float(1 - expit(posterior.fitted[-1]).mean())  # in the log of ballots
    moved = float(np.clip(own * slope, -1, 1)) * sd
    ahead = moved * np.exp(log_normal_density(a) - log_ndtr(a))[counted].mean()
    return np.asarray(-moved * np.exp(log_normal_density(a) - log_ndtr(-a)) - ahead)


def _probit(x: FloatArray, happened: npt.NDArray[np.bool_]) -> tuple[FloatArray, float]:
    """Return ``a`` of ``P(happened) = Phi(a)`` for each, and its slope, by logistic regression.

    A logit is about 1.7 times a probit. The slope has a normal prior, since sorted data have none.
    """
    rows = np.column_stack([np.ones_like(x), x])
    point, prior = np.array([logit(happened.mean()), 0.0]), np.diag([1e-3, STEEPEST**-2])
    for _ in range(25):
        p = expit(rows @ point)
        weighted = rows * (p * (1 - p))[:, None]
        step = np.linalg.solve(weighted.T @ rows + prior, rows.T @ (happened - p) - prior @ point)
        point = point + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    return rows @ point / LOGISTIC, float(point[1]) / LOGISTIC


def _own_parts(
    posterior: PartialPosterior, learned: IntArray, still: IntArray, done: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what half-counted units say about their own rest, and directions with its variance.

    The rest of a unit differs from the counted part as much as a unit from its like: with s the
    unit variance, that of a t distribution, and e the noise of the part, the rest has mean
    ``s / (2 s + e)`` times the part's residual and variance ``2 s - s^2 / (2 s + e)``.
    """
    own = posterior.unit_variance[:, None] * TAIL / (TAIL - 2)
    shift = np.zeros((len(own), len(done)))
    turn = np.tile(np.eye(len(own)), (len(done), 1, 1))
    extra = np.tile(own, (1, len(done)))
    half = done[learned] < 1
    trust = own / (2 * own + posterior.noise[:, half])
    where = learned[half]
    turn[where] = posterior.turn[half]
    shift[:, where] = np.einsum("urk,ku->ru", turn[where], trust * posterior.residual[:, half])
    extra[:, where] = 2 * own - trust * own
    return shift[:, still], turn[still], extra[:, still]
