from itertools import pairwise

import numpy as np
import pytest
from nights import drawn_night

from forecast import Contest, InputError, Returns
from forecast.outcome.replay import ORDERS, replay_night, reporting_order


@pytest.fixture(scope="module")
def night():
    return drawn_night(np.random.default_rng(4), units=60)


@pytest.mark.parametrize("order", ORDERS)
def test_every_unit_reports_once(night, order):
    units = reporting_order(night.contest, night.returns, order, seed=3)
    assert sorted(units) == sorted(night.returns.units)
    assert units == reporting_order(night.contest, night.returns, order, seed=3)
    assert units != reporting_order(night.contest, night.returns, order, seed=4)


def test_regions_come_together(night):
    member = dict(zip(night.contest.units, night.contest.regions, strict=True))
    found = [member[u] for u in reporting_order(night.contest, night.returns, "region")]
    changes = sum(a != b for a, b in pairwise(found))
    assert changes == len(set(found)) - 1


def test_small_units_come_first(night):
    ballots = dict(zip(night.returns.units, night.returns.votes.sum(axis=1), strict=True))
    found = [ballots[u] for u in reporting_order(night.contest, night.returns, "small-first")]
    assert np.median(found[:20]) < np.median(found[20:40]) < np.median(found[40:])


@pytest.mark.parametrize(
    "late",
    [
        (2.0, 1.0, 3.0),
        ("9", "8", "10"),
        ("20:10", "19:50", "23:00"),
        ("9:50 ", "21:40", "11:00:30"),
        ("23:50", "22:10", "0:15"),
        ("2018-11-28 23:50", "2018-11-28T21:10:00", "2018-11-29 00:15"),
    ],
)
def test_an_order_of_ones_own(night, late):
    first = night.returns.units[:3]
    found = reporting_order(night.contest, night.returns, dict(zip(first, late, strict=True)))
    assert found[:3] == (first[1], first[0], first[2])
    assert sorted(found[3:]) == sorted(night.returns.units[3:])


@pytest.mark.parametrize("late", [("late", "1"), ("20:10", 3.0), ("nan", "1"), ("25:00", "20:00")])
def test_times_that_cannot_be_compared(night, late):
    order = dict(zip(night.returns.units, late, strict=False))
    with pytest.raises(InputError, match="times must be all numbers, all like 21:40"):
        reporting_order(night.contest, night.returns, order)


def test_times_of_units_that_are_not_there(night):
    with pytest.raises(InputError, match=r"units in the returns - found 'x001'"):
        reporting_order(night.contest, night.returns, {"x001": 1.0})


def test_an_unknown_order(night):
    with pytest.raises(InputError, match="did you mean 'random'"):
        reporting_order(night.contest, night.returns, "randm")


def test_no_regions(night):
    plain = Contest(
        name="plain",
        candidates=night.contest.candidates,
        finalists=night.contest.finalists,
        units=night.contest.units,
        votes=night.contest.votes,
        invalid=night.contest.invalid,
        registered=night.contest.registered,
    )
    with pytest.raises(InputError, match="has no regions"):
        reporting_order(plain, night.returns, "region")


def test_a_replay_ends_with_the_result(night):
    units = reporting_order(night.contest, night.returns, "random")
    found = list(
        replay_night(night.contest, night.returns, units, steps=(0.1, 0.5, 1), prior=night.prior)
    )
    assert [r.returns.units for r in found] == [6, 30, 60]
    assert found[-1].share("ada").median == pytest.approx(night.returns.share("ada"))
    widths = [r.share("ada").interval.high - r.share("ada").interval.low for r in found]
    assert widths[0] > widths[1] > widths[2] == pytest.approx(0)


@pytest.mark.parametrize("step", [0, 1.5, -0.1])
def test_steps_are_fractions(night, step):
    with pytest.raises(InputError, match="steps"):
        list(replay_night(night.contest, night.returns, night.returns.units, steps=(step,)))


def test_the_first_round_given_again_is_refused_before_a_part_is_forecast(night):
    first = night.contest
    again = Returns(
        units=first.units,
        finalists=first.finalists,
        votes=first.votes[:, [first.candidates.index(f) for f in first.finalists]],
    )
    steps = replay_night(first, again, first.units, steps=(0.02, 1.0))
    with pytest.raises(InputError, match=f"all {len(first.units)} units have exactly the votes"):
        next(steps)
