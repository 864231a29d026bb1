"""A contest made ready for its election night: nothing in it depends on the count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from forecast.arrays import FloatArray, IntArray
from forecast.facts.contest import OTHERS, SMALL, Contest
from forecast.facts.interim_turnout import InterimTurnout, unlisted_units
from forecast.facts.ledger import NON_VOTERS
from forecast.transfers.night.deviations import Deviations, unit_deviations
from forecast.transfers.night.local_table import SLOPES, LocalTable, alike_from_ratios, local_table
from forecast.transfers.table.coordinates import simplex_factor
from forecast.transfers.table.protocols import TransferDistribution

PRIOR_DRAWS = 4096
"""Draws behind the normal form of a prior."""
NEWCOMERS = ((0.0, 1.0), (-2.0, 0.8))
"""Mean and sd of preference (the log ratio of any two finalists) and participation, in logits, of
people no ledger knows: where there is no list of voters, as many may come as cast a ballot in the
first round."""
LEVEL_SD = 0.1
"""Standard deviation of the change of turnout in the end around that by some hour, in logits. By
17:00 the means of the Georgian runoffs of 2014, March 2016 and October 2016 were off by 0.01, 0.06
and 0.10, by 12:00 by 0.19, 0.02 and 0.04 (`benchmarks/past_nights.py`)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Groundwork:
    """People, design and prior of a night."""

    table: LocalTable  #: people by unit, and what their units are like
    deviations: Deviations  #: how units may deviate
    origins: tuple[str, ...]  #: names of the table's origins
    #: centre, covariance (size,) and (size, size): normal form of the prior in the table's rates
    #: and common slopes
    centre: FloatArray
    covariance: FloatArray
    sample: FloatArray  #: (rates, draw): draws of the rates from the prior itself
    #: (origin,): people of every origin as the ledger has them, without newcomers
    known: FloatArray
    member: IntArray  #: (unit,): region of each unit
    regions: tuple[str, ...]  #: regions, or the contest's name if it has none


def groundwork(
    contest: Contest,
    prior: TransferDistribution,
    turnout: InterimTurnout | None,
    *,
    rng: np.random.Generator,
) -> Groundwork:
    """Return the groundwork of a night: a first round, and what is believed before the runoff.

    Of what is known of turnout before the count, lists make units larger or smaller, the contest's
    change of turnout moves the prior, and each unit's change around it is a deviation.
    """
    people, listed, names, coordinates = _origins(contest, prior, rng)
    around = None
    if turnout is not None:
        people, listed = people * turnout.growth[:, None], listed * turnout.growth[:, None]
        change = turnout.smoothed(people.sum(axis=1))
        if change.basis > 0:
            around = change.around
            before = float(contest.votes.sum(axis=1) @ turnout.growth) / people.sum()
            coordinates = _informed(
                coordinates,
                people.sum(axis=0),
                wanted=float(logit(before)) + change.mean,
                sd=(LEVEL_SD**2 / change.basis + change.noise) ** 0.5,
                rng=rng,
            )
    table = local_table(people, len(contest.finalists))
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
    return Groundwork(
        table=table,
        deviations=unit_deviations(
            table,
            region=member if len(regions) > 1 else None,
            unlisted=unlisted_units(contest),
            interim=around,
        ),
        origins=names,
        centre=np.concatenate([coordinates.mean(axis=1), [mean for _, mean, _ in SLOPES]]),
        covariance=covariance,
        sample=coordinates,
        known=listed.sum(axis=0),
        member=member,
        regions=regions,
    )


def _origins(
    contest: Contest, prior: TransferDistribution, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, tuple[str, ...], FloatArray]:
    """Return people (unit, origin), those the ledger knows, names, and draws (rates, draw).

    Small candidates are one origin, and there is always one of people who did not vote, last.
    """
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
        names.insert(at, OTHERS)
    ratios, logits = [], []
    for group in groups:
        weight = totals[group] + 1e-9
        merged = np.tensordot(weight / weight.sum(), rates[group], axes=1)
        merged = np.clip(merged, 1e-9, 1.0)
        ratios.append(np.log(merged[:-1] / merged[-1]))
        logits.append(logit(np.clip(merged.sum(axis=0), 1e-9, 1 - 1e-9)))
    ballots = contest.ballots
    listed = np.stack(people, axis=1).astype(float)
    if names[-1] != NON_VOTERS:
        (q, q_sd), (v, v_sd) = NEWCOMERS
        noise = rng.standard_normal((len(contest.finalists), PRIOR_DRAWS))
        names.append("newcomers")
        listed = np.column_stack([listed, np.zeros(len(listed))])
        people.append(ballots)
        ratios.append(q + q_sd * (simplex_factor(len(contest.finalists)) @ noise[:-1]))
        logits.append(v + v_sd * noise[-1])
    else:
        most = np.maximum(people[-1], ballots)
        people[-1] = np.where(unlisted_units(contest), most, people[-1])
    preference = alike_from_ratios(np.stack(ratios, axis=1)).reshape(-1, PRIOR_DRAWS)
    coordinates = np.concatenate([preference, np.stack(logits)])
    return np.stack(people, axis=1).astype(float), listed, tuple(names), coordinates


def _informed(
    coordinates: FloatArray,
    people: FloatArray,
    *,
    wanted: float,
    sd: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Return draws of coordinates (size, draw) that know the logit of the contest's participation.

    Participation of the `people` (origin,) is `wanted` up to an error of `sd`. Every draw moves by
    the regression of the coordinates on participation, towards a perturbed observation: exact for
    normals.

    References
    ----------
    Burgers, G., van Leeuwen, P. J. & Evensen, G. (1998). Analysis scheme in the ensemble Kalman
    filter. Monthly Weather Review 126.
    """
    found = logit(people / people.sum() @ expit(coordinates[-len(people) :]))
    centred = found - found.mean()
    gain = (coordinates - coordinates.mean(axis=1, keepdims=True)) @ centred
    gain /= centred @ centred + len(centred) * sd**2
    error = wanted + sd * rng.standard_normal(len(found)) - found
    return np.asarray(coordinates + gain[:, None] * error)
