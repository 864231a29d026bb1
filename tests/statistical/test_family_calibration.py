"""Simulation-based calibration of what political families think of each other.

Coordinates are drawn from what is assumed of them, nights and contests with their scales at the
first guesses, around which the fit shrinks them; what a contest shows is computed from the table.
What is ranked are affinities and what is published: share and turnout of a contest to come on a
night to come. Retention is not: it saturates, its posterior is skewed, and the normal taken for it
is too low (mean rank 0.66 over 300 histories), which the forecasts do not notice.
"""

import numpy as np
import pytest
import sbc

from forecast.facts.ledger import NON_VOTERS
from forecast.transfers.families import fit as fitting
from forecast.transfers.families.coordinates import GROUPS, FamilyCoordinates
from forecast.transfers.families.levels import family_levels
from forecast.transfers.table.links import Utilities
from forecast.transfers.table.sampler import TableSampler

FAMILIES = ("front", "green", "left", "right")
COORDINATES = FamilyCoordinates(families=FAMILIES, blocks=dict.fromkeys(FAMILIES, ""))
PAIRS = (("left", "right"), ("green", "right"), ("front", "left"))
KINDS = ["finalist", "finalist", *["eliminated"] * len(FAMILIES), NON_VOTERS]
NIGHTS, CONTESTS, DRAWS = 5, 6, 99
AGES = 2.0 * np.arange(NIGHTS)[::-1]
HALF_LIFE = 12.0
DAY_SD = np.array([GROUPS[group].day for group in COORDINATES.names.values()])
WATCHED = [
    COORDINATES.place[name] for name in ("affinity of green to left", "affinity of front to right")
]


def drawn_shock(number, rng):
    """Return utilities' shocks of contests alone, shape (finalist, contest)."""
    tail = rng.gamma(fitting.TAIL / 2, 2 / fitting.TAIL, number)
    terms = np.array(fitting.CONTEST_START)[:, None] * rng.normal(size=(3, number))
    return fitting.contest_direction(within=False) @ (terms / np.sqrt(tail))


def drawn_counts(pair, number, rng):
    """Return people by finalist, family and non-voters, shape (contest, origin)."""
    counts = rng.integers(2_000, 12_000, (number, len(KINDS))).astype(float)
    counts[:, [2 + FAMILIES.index(family) for family in pair]] = 0
    counts[:, -1] = rng.integers(10_000, 20_000, number)
    return counts


def shown(counts, rates):
    """Return log-ratio and logit of turnout, (contest, 2), of rates (origin, finalist, contest)."""
    votes = np.einsum("ir,rki->ik", counts, rates)
    valid = votes.sum(axis=1)
    away = counts.sum(axis=1) - valid
    return np.stack([np.log(votes[:, 0] / votes[:, 1]), np.log(valid / away)], axis=1)


def drawn_block(pair, theta, number, rng):
    """Return contests of two families on a night with coordinates theta."""
    design = COORDINATES.design(KINDS, [*pair, *FAMILIES, NON_VOTERS])
    counts = drawn_counts(pair, number, rng)
    utilities = (design @ theta)[:, :, None] + drawn_shock(number, rng)
    return fitting.Block(
        design, counts, shown(counts, Utilities(3).in_place(utilities)), within=False
    )


def replicate(rng, doubt=1.0):
    """Return true affinities, share and turnout of a contest to come, and draws of them.

    `doubt` multiplies every variance of the forecast.
    """
    theta = COORDINATES.mean + COORDINATES.sd * rng.normal(size=len(DAY_SD))
    nights = []
    for old in 2 ** (AGES / HALF_LIFE):
        here = theta + np.sqrt(old) * DAY_SD * rng.normal(size=len(theta))
        nights.append([drawn_block(pair, here, CONTESTS, rng) for pair in PAIRS])
    fit = fitting.fit_families(nights, COORDINATES, AGES, HALF_LIFE)
    coming = drawn_block(PAIRS[0], theta + DAY_SD * rng.normal(size=len(theta)), 1, rng)
    levels = family_levels(
        COORDINATES,
        coming.design,
        PAIRS[0],
        covariance=doubt * fit.covariance,
        day_variance=doubt * fit.day[COORDINATES.group],
        contest=doubt * fit.contest,
        tail=fitting.TAIL,
        day_tail=np.inf,
    )
    sampler = TableSampler(
        origins=tuple(KINDS),
        finalists=PAIRS[0],
        link=Utilities(3),
        location=coming.design @ fit.mean,
        levels=levels,
    )
    rates = sampler.rates(sampler.inputs(DRAWS, rng=rng), rng=rng)
    here = np.ix_(WATCHED, WATCHED)
    known = rng.multivariate_normal(fit.mean[WATCHED], doubt * fit.covariance[here], DRAWS)
    forecast = shown(np.repeat(coming.counts, DRAWS, axis=0), rates)
    truth = np.concatenate([theta[WATCHED], coming.seen[0]])
    return truth, np.concatenate([known, forecast], axis=1)


def test_ranks_are_uniform():
    assert sbc.uniformity(sbc.ranks(replicate, 60, seed=5)) > sbc.FALSE_ALARM


@pytest.mark.slow
def test_ranks_are_uniform_over_many_histories():
    assert sbc.uniformity(sbc.ranks(replicate, 400, seed=6)) > sbc.FALSE_ALARM


def test_being_surer_than_the_past_allows_is_noticed():
    """Negative control: a fifth of every variance."""
    found = sbc.ranks(lambda rng: replicate(rng, doubt=0.2), 60, seed=5)
    assert sbc.uniformity(found) < sbc.FALSE_ALARM
