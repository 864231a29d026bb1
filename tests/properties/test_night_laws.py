"""Laws of election night: what holds for every set of returns."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from nights import drawn_night

from forecast import nowcast

NIGHT = drawn_night(np.random.default_rng(11), units=50)
UNITS = NIGHT.returns.units


def frame(units, order=None):
    place = {u: k for k, u in enumerate(UNITS)}
    rows = [place[u] for u in (order or units)]
    votes = NIGHT.returns.votes[rows]
    return pl.DataFrame({"unit": [UNITS[r] for r in rows], "ada": votes[:, 0], "ben": votes[:, 1]})


def now(returns, draws=60):
    return nowcast(NIGHT.contest, returns, prior=NIGHT.prior, draws=draws)


subsets = st.lists(st.sampled_from(UNITS), min_size=1, max_size=50, unique=True)


@given(subsets, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(units, random):
    shuffled = list(units)
    random.shuffle(shuffled)
    assert now(frame(units)).digest == now(frame(units, shuffled)).digest


@given(subsets)
def test_nobody_votes_twice_and_counted_votes_stay(units):
    result = now(frame(units))
    counted = np.array([result.returns.totals[f] for f in result.finalists])
    assert (result.draw_votes >= counted).all()
    open_people = sum(
        int(n) for u, n in zip(UNITS, NIGHT.contest.registered, strict=True) if u not in set(units)
    )
    spread = 6 * np.sqrt(open_people + 1)
    assert (result.draw_votes.sum(axis=1) <= counted.sum() + open_people + spread).all()
    assert result.electorate.people >= open_people


@given(subsets)
def test_shares_and_probabilities_add_up(units):
    result = now(frame(units))
    assert np.allclose(result.shares().sum(axis=1), 1)
    values = [result.win_probability(f).value for f in result.finalists]
    assert all(0 < value < 1 for value in values)
    assert abs(sum(values) - 1) < 0.02


@given(subsets, st.integers(1, 4000), st.integers(1, 4000))
def test_an_unknown_unit_adds_its_votes_and_nothing_else(units, a, b):
    known = now(frame(units))
    more = pl.concat(
        [frame(units), pl.DataFrame({"unit": ["moon"], "ada": [a], "ben": [b]})],
        how="vertical_relaxed",
    )
    found = now(more)
    assert found.returns.unknown == ("moon",)
    assert np.allclose(found.draw_votes - known.draw_votes, [a, b])


def test_more_returns_never_widen_on_average():
    """Over nights, not in each: a surprise may widen one."""
    steps, widths = (5, 15, 30, 45, 50), []
    for k in range(12):
        night = drawn_night(np.random.default_rng(100 + k), units=50)
        widths.append([])
        for n in steps:
            part = night.returns.select(night.returns.units[:n])
            share = nowcast(night.contest, part, prior=night.prior, draws=200).share("ada")
            widths[-1].append(share.interval.high - share.interval.low)
    mean = np.mean(widths, axis=0)
    assert (np.diff(mean) < 0).all()
