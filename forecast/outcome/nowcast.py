"""nowcast: from a contest, a prior and partial returns to a `Nowcast`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.columns import IntArray
from forecast.contest import Contest
from forecast.errors import InputError
from forecast.ledger import NON_VOTERS
from forecast.outcome.night import Nowcast
from forecast.polls import Poll
from forecast.randomness import stream
from forecast.reporting import Reporting, reporting_of, unlisted_units
from forecast.transfers.coordinates import FloatArray
from forecast.transfers.defaults import default_prior
from forecast.transfers.deviations import Deviations, unit_deviations
from forecast.transfers.expected import remaining_votes
from forecast.transfers.local import SLOPES, LocalTable, local_table
from forecast.transfers.partial import TAIL, PartialPosterior, fit_partial
from forecast.transfers.polled import with_polls
from forecast.transfers.sampler import TransferDistribution

__all__ = ["nowcast"]

DRAWS = 1000
"""Draws by default."""
PRIOR_DRAWS = 4096
"""Draws behind the normal form of a prior."""
SMALL = 0.01
"""Candidates under this fraction of the votes are one origin together."""
NEWCOMERS = ((0.0, 1.0), (-2.0, 0.8))
"""Mean and sd of preference and participation, in logits, of people no ledger knows: where there
is no list of voters, as many may come as cast a ballot in the first round."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Start:
    """A contest made ready: nothing in it depends on the runoff."""

    table: LocalTable
    deviations: Deviations
    origins: tuple[str, ...]
    centre: FloatArray
    covariance: FloatArray
    member: IntArray
    regions: tuple[str, ...]


def nowcast(
    contest: Contest,
    returns: Any,
    *,
    prior: TransferDistribution | None = None,
    polls: Iterable[Poll] = (),
    draws: int = DRAWS,
    seed: int = 0,
) -> Nowcast:
    """Forecast a runoff while it is being counted.

    Parameters
    ----------
    contest : Contest
        The first round.
    returns : Reporting, Returns or table
        What is counted so far, as `reporting_of` takes it; units may be missing, unknown, merged,
        repeated or half counted.
    prior : TransferDistribution, optional
        What was believed before the runoff; by default the contest's own.
    polls : iterable of Poll
        Polls of the runoff that were known before it.
    draws : int
        Number of draws.
    seed : int
        The seed.

    Returns
    -------
    Nowcast

    Raises
    ------
    InputError
        If the returns break a rule, belong to another contest, or the prior does not fit.

    Notes
    -----
    Counted votes are counted. In every other unit the votes are its ledger times a table that
    follows the unit's first round (`transfers.local`), moved by deviations of regions, size and
    kind of place (`transfers.deviations`), all learned from the units that have reported; only
    these units of the runoff are read.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> night = pl.DataFrame({"unit": ["Vake", "Gldani"], "zurabishvili": [40_407, 41_663],
    ...                       "vashadze": [20_768, 31_764]})
    >>> found = nowcast(load_contest("georgia-2018"), night)
    >>> found.reporting.units, 0.4 < found.share("zurabishvili").median < 0.8
    (2, True)
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 2:
        raise InputError(f"draws must be a whole number from 2 - found {draws!r}")
    reporting = returns if isinstance(returns, Reporting) else reporting_of(contest, returns)
    if reporting.contest is not contest and reporting.contest != contest:
        raise InputError("nowcast: the reporting belongs to another contest; match it anew")
    prior = default_prior(contest) if prior is None else prior
    known = tuple(polls)
    prior = with_polls(prior, contest, known) if known else prior
    start = _start(contest, prior, stream(seed, "night: prior"))
    done = reporting.counted
    learned = np.flatnonzero((done > 0) & ~reporting.changed & (contest.votes.sum(axis=1) > 0))
    seen = start.table.select(learned)
    part = LocalTable(
        people=seen.people * done[learned, None], lean=seen.lean, turnout=seen.turnout
    )
    posterior = fit_partial(
        part,
        reporting.votes[learned].astype(float),
        _chosen(start.deviations, learned),
        centre=start.centre,
        covariance=start.covariance,
    )
    rng = stream(seed, "night: draws")
    moves = posterior.draw(draws, rng=rng)
    still = np.flatnonzero(done < 1)
    shift, extra = _own_parts(posterior, learned, still, done, len(contest.units))
    votes = remaining_votes(
        posterior,
        start.table.select(still),
        _chosen(start.deviations, still),
        share=1 - done[still],
        shift=shift,
        extra=extra,
        region=start.member[still],
        regions=len(start.regions),
        moves=moves,
        rng=rng,
    )
    points = posterior.centre + moves
    return Nowcast(
        reporting=reporting,
        prior_name=prior.name,
        regions=start.regions,
        member=start.member,
        remaining=votes,
        origins=start.origins,
        tables=start.table.table(points[:, : posterior.coordinates]),
        seed=seed,
    )


def _chosen(deviations: Deviations, units: IntArray) -> Deviations:
    return Deviations(
        design=deviations.design[units], group=deviations.group, groups=deviations.groups
    )


def _own_parts(
    posterior: PartialPosterior, learned: IntArray, still: IntArray, done: FloatArray, units: int
) -> tuple[FloatArray, FloatArray]:
    """Return what half-counted units say about their own rest, and its variance.

    The rest of a unit differs from the counted part as much as a unit from its like: with s the
    unit variance, that of a t distribution, and e the noise of the part, the rest has mean
    ``s / (2 s + e)`` times the part's residual and variance ``2 s - s^2 / (2 s + e)``.
    """
    own = posterior.unit_variance[:, None] * TAIL / (TAIL - 2)
    shift = np.zeros((len(own), units))
    extra = np.tile(own, (1, units))
    half = done[learned] < 1
    trust = own / (2 * own + posterior.noise[:, half])
    where = learned[half]
    shift[:, where] = trust * posterior.residual[:, half]
    extra[:, where] = 2 * own - trust * own
    return shift[:, still], extra[:, still]


def _start(contest: Contest, prior: TransferDistribution, rng: np.random.Generator) -> _Start:
    """Return people by unit with room for newcomers, the design, and the prior's normal form."""
    ledger = contest.ledger(by="unit")
    totals, kinds = ledger.totals.astype(float), np.array(ledger.kinds)
    small = (kinds == "eliminated") & (totals < SMALL * contest.votes.sum())
    if small.sum() < 2:
        small[:] = False
    kept = np.flatnonzero(~small)
    rates = prior.sampler(contest.ledger()).draw(PRIOR_DRAWS, rng=rng)
    people, groups = [ledger.counts[:, r] for r in kept], [[int(r)] for r in kept]
    names = [ledger.origins[r] for r in kept]
    if small.any():
        at = int((kinds[kept] != "invalid").sum() - (NON_VOTERS in ledger.origins))
        people.insert(at, ledger.counts[:, small].sum(axis=1))
        groups.insert(at, np.flatnonzero(small).tolist())
        names.insert(at, "others")
    ratios, logits = [], []
    for group in groups:
        weight = totals[group] + 1e-9
        merged = np.tensordot(weight / weight.sum(), rates[group], axes=1)
        merged = np.clip(merged, 1e-9, 1.0)
        voting = np.clip(merged.sum(axis=0), 1e-9, 1 - 1e-9)
        ratios.append(np.log(merged[:-1] / merged[-1]))
        logits.append(np.log(voting / (1 - voting)))
    unlisted = unlisted_units(contest)
    ballots = contest.votes.sum(axis=1) + contest.invalid
    if names[-1] != NON_VOTERS:
        (q, q_sd), (v, v_sd) = NEWCOMERS
        noise = rng.standard_normal((len(contest.finalists), PRIOR_DRAWS))
        names.append("newcomers")
        people.append(ballots)
        ratios.append(q + q_sd * noise[:-1])
        logits.append(v + v_sd * noise[-1])
    else:
        people[-1] = np.where(unlisted, np.maximum(people[-1], ballots), people[-1])
    coordinates = np.concatenate(
        [np.stack(ratios, axis=1).reshape(-1, PRIOR_DRAWS), np.stack(logits)]
    )
    table = local_table(np.stack(people, axis=1).astype(float), len(contest.finalists))
    size = len(coordinates)
    covariance = np.zeros((size + len(SLOPES),) * 2)
    covariance[:size, :size] = np.cov(coordinates) + 1e-6 * np.eye(size)
    covariance[range(size, len(covariance)), range(size, len(covariance))] = [
        sd**2 for _, _, sd in SLOPES
    ]
    regions: tuple[str, ...] = (contest.name,)
    member = np.zeros(len(contest.units), dtype=np.int64)
    if contest.regions is not None:
        regions = tuple(dict.fromkeys(contest.regions))
        place = {name: r for r, name in enumerate(regions)}
        member = np.array([place[name] for name in contest.regions])
    return _Start(
        table=table,
        deviations=unit_deviations(
            table, region=member if len(regions) > 1 else None, unlisted=unlisted
        ),
        origins=tuple(names),
        centre=np.concatenate([coordinates.mean(axis=1), [mean for _, mean, _ in SLOPES]]),
        covariance=covariance,
        member=member,
        regions=regions,
    )
