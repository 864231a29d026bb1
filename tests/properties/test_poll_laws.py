"""Laws of polls as evidence: what a better poll, a further one and an older one may do.

The posterior is that of 16,384 draws of the prior weighted by the density of the polls, always the
same draws, so that two sets of polls differ by nothing but what they say. The laws are about the
expected share. Chances have none: a poll that shows a candidate narrowly behind may lower a chance
that was mere ignorance. And a poll may be too good to be believed: from some 15 points off what
everything else says, its errors being heavy-tailed, it is discounted the more the better it is.
"""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from small import contest, elicited_prior

from forecast import Poll, with_polls
from forecast.randomness import stream

CONTEST = replace(contest(), first_round=date(2030, 5, 1), runoff=date(2030, 5, 29))
LEDGER = CONTEST.ledger()
PRIOR = elicited_prior()
FLAT = 5e-4
"""How far an expected share may go the wrong way: half a tenth of a point, for finite draws."""


@cache
def prior_draws():
    """Return rates (origin, finalist, draw) and Ada's share (draw,) of the prior."""
    rates = PRIOR.sampler(LEDGER).draw(16_384, rng=stream(3, "laws of polls"))
    votes = np.einsum("r,rkn->kn", LEDGER.totals.astype(float), rates)
    return rates, votes[0] / votes.sum(axis=0)


def expected(polls):
    """Return mean and sd of Ada's share given polls."""
    rates, share = prior_draws()
    log = with_polls(PRIOR, CONTEST, polls).likelihood(LEDGER).log_density(rates)
    weight = np.exp(log - log.max())
    mean = weight @ share / weight.sum()
    return mean, np.sqrt(weight @ (share - mean) ** 2 / weight.sum())


def poll(share, n=1000, days=1, house=0, **changes):
    """Return a poll with this share for Ada that ended so many days before the runoff."""
    facts = {"end": CONTEST.runoff - timedelta(days=days), "base": "decided", "n": n}
    return Poll(
        pollster=f"house {house}", shares={"ada": share, "ben": 1 - share}, **(facts | changes)
    )


plausible = st.builds(
    poll, st.floats(0.43, 0.57), st.integers(200, 5000), st.integers(0, 60), st.integers(0, 30)
)


@given(
    st.lists(plausible, min_size=1, max_size=5, unique_by=lambda p: p.pollster),
    st.floats(0.005, 0.04),
)
def test_a_better_poll_never_lowers_the_expected_share(polls, better):
    """Of polls up to 18 points apart, up to 11 points from what the prior expects."""
    raised = replace(
        polls[0],
        shares={"ada": polls[0].shares["ada"] + better, "ben": polls[0].shares["ben"] - better},
    )
    assert expected([raised, *polls[1:]])[0] >= expected(polls)[0] - FLAT


@given(st.floats(0.02, 0.98), st.integers(200, 5000), st.integers(0, 60))
def test_a_poll_however_strange_never_moves_the_share_away_from_itself(share, n, days):
    """A poll far off is discounted, down to nothing, and not held against its favourite."""
    prior = prior_draws()[1].mean()
    mean, _ = expected([poll(share, n, days)])
    side = np.sign(share - prior) if abs(share - prior) > 0.01 else 0
    assert side * (mean - prior) >= -2e-3


@given(st.floats(0.4, 0.6), st.integers(200, 5000), st.integers(0, 59), st.integers(1, 30))
def test_an_older_poll_moves_the_share_less(share, n, days, older):
    prior = prior_draws()[1].mean()
    young, old = (expected([poll(share, n, d)])[0] - prior for d in (days, days + older))
    assert abs(old) <= abs(young) + FLAT


@given(st.floats(0.4, 0.6), st.integers(300, 3000), st.integers(0, 20), st.integers(1, 8))
def test_a_further_poll_that_agrees_never_widens_the_share(share, n, days, number):
    polls = [poll(share, n, days, house) for house in range(number + 1)]
    assert expected(polls)[1] <= expected(polls[:-1])[1] + FLAT
