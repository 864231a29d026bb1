"""Pooling small candidates changes no probability by more than it promises, whatever their sizes.

Win probabilities come from the exact oracle, or from the smooth estimate with its own error, so
that the promise of 0.001 is seen and not lost in the noise of draws. A pool that varies like one
candidate, which is what merging them in the contest gives, must fail the same test.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import crowd

from forecast.simulation.engine import simulate
from forecast.simulation.exact import exact_win_probability
from forecast.simulation.smoothing import smooth_win_probability
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.elicited.pooling import LARGE, MOST_CHANGE

INDEPENDENT = {"mobilisation": 0.0, "swing": 0.0, "partisan": 0.0}


@st.composite
def crowds(draw, most=120):
    """Return crowds of equal sizes, of long tails, and of anything between."""
    number = draw(st.integers(LARGE + 5, most))
    slope = draw(st.floats(0, 2))
    others = 20 + 40_000 * np.arange(1, number + 1) ** -slope
    first = draw(st.integers(100_000, 900_000))
    lead = draw(st.floats(0.75, 1.0))
    return crowd(first, int(first * lead), others, at_home=draw(st.floats(0, 1)))


def changes(contest, prior):
    """Return by how much the pool changes the exact win probability, and whether there is one."""
    full = contest.ledger()
    pooled = prior.pooled(full)
    before, after = (exact_win_probability(x, prior, nodes=16) for x in (full, pooled))
    return abs(after - before), bool(pooled.pools)


@settings(max_examples=25)
@given(contest=crowds(), dirichlet=st.booleans())
def test_the_promise_is_kept_exactly_where_chance_is_all_there_is(contest, dirichlet):
    prior = replace(generic_prior(contest), **INDEPENDENT)
    change, _ = changes(contest, prior.as_dirichlet() if dirichlet else prior)
    assert change <= MOST_CHANGE


@settings(max_examples=8)
@given(contest=crowds())
def test_the_promise_is_kept_with_shared_factors(contest):
    """The errors are of 16 scrambles each: t with about 30 degrees of freedom, 1e-5 at 5.3."""
    prior, full = generic_prior(contest), contest.ledger()
    (p, e), (q, f) = (
        smooth_win_probability(simulate(ledger, prior, draws=2**17, workers=1))
        for ledger in (full, prior.pooled(full))
    )
    assert abs(p - q) <= MOST_CHANGE + 5.3 * np.hypot(e, f)


@pytest.mark.parametrize("slope", [0.0, 0.7, 1.5])
def test_shares_and_turnout_keep_their_distributions(slope):
    """The promise, and 4.5 standard errors of twice 200,000 draws in pairs that share inputs."""
    contest = crowd(600_000, 570_000, 20 + 30_000 * np.arange(1, 200) ** -slope)
    prior, full = generic_prior(contest), contest.ledger()
    pooled = prior.pooled(full)
    assert len(pooled.origins) < len(full.origins) - 30
    n = 200_000
    one, two = (simulate(x, prior, draws=n).votes() for x in (full, pooled))
    for a, b in ((one[:, 0] / one.sum(1), two[:, 0] / two.sum(1)), (one.sum(1), two.sum(1))):
        for level in (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975):
            noise = 4.5 * np.sqrt(2 * level * (1 - level) * 2 / n)
            assert abs((b <= np.quantile(a, level)).mean() - level) < MOST_CHANGE + noise


def test_a_pool_drawn_like_one_candidate_is_caught():
    """Negative control: the same people as one origin with the chance of one candidate."""
    contest = crowd(600_000, 540_000, np.full(90, 4000))
    prior = replace(generic_prior(contest), **INDEPENDENT)
    full = contest.ledger()
    pooled = prior.pooled(full)
    before, right, wrong = (
        exact_win_probability(ledger, prior, nodes=16)
        for ledger in (full, pooled, replace(pooled, pools={}))
    )
    assert pooled.pools
    assert abs(right - before) <= MOST_CHANGE < abs(wrong - before)


@given(contest=crowds())
def test_people_are_conserved_and_the_large_keep_their_rows(contest):
    full = contest.ledger("unit")
    pooled = generic_prior(contest).pooled(full)
    assert pooled.counts.sum(axis=1).tolist() == full.counts.sum(axis=1).tolist()
    assert pooled.origins[: LARGE + 2] == full.origins[: LARGE + 2]
    assert len(pooled.kinds) == len(pooled.origins) == pooled.counts.shape[1]
    for name, members in pooled.pools.items():
        assert 1 <= members <= len(full.origins) - len(pooled.origins) + 1 + 1e-9
        assert pooled.kinds[pooled.origins.index(name)] == "eliminated"
