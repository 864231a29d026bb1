"""How many turn out: a known world is recovered, local days are pooled, the factor fits."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.special import expit, logit

from forecast import Contest, InputError, Returns
from forecast.transfers.roles.turnout_change import (
    KIND,
    DayTurnout,
    NationalTurnout,
    day_turnouts,
    learn_mobilisation,
)

SLOPES = np.array([-0.2, -0.3])


def world(n, *, sd=0.2, country=0.0, mean=0.1, seed=0):
    """Return runoffs of countries with five each, whose turnout follows the model."""
    rng = np.random.default_rng(seed)
    deviation = country * rng.standard_normal(n)
    pairs = []
    for i in range(n):
        first, margin = rng.normal(0.5, 0.6), abs(rng.normal(0.3, 0.2))
        people, voters = 10**7, int(10**7 * expit(first))
        lead = expit(margin) * 0.7
        votes = np.array([[lead, 0.7 - lead, 0.3]]) * voters
        change = mean + SLOPES @ [first - 0.5, margin - 0.3] + deviation[i // 5]
        second = expit(first + change + sd * rng.standard_normal())
        contest = Contest(
            name=f"c{i // 5}-{i}",
            candidates=("a", "b", "c"),
            finalists=("a", "b"),
            units=("all",),
            votes=votes.astype(np.int64),
            invalid=[0],
            registered=[people],
            first_round=date(1990, 1, 1),
            runoff=date(1990, 1, 20) + timedelta(days=i),
        )
        after = Returns(
            units=("all",), finalists=("a", "b"), votes=[[int(people * second / 2)] * 2]
        )
        pairs.append((contest, after))
    return pairs


def test_a_known_world_is_recovered():
    """Standard errors with 400 runoffs: 0.01 of mean and sd, 0.02 and 0.05 of the slopes."""
    found = learn_mobilisation(world(400), rng=np.random.default_rng(1))
    mean = found.coefficients.mean(axis=0)
    assert mean[0] == pytest.approx(0.1, abs=0.05)
    assert mean[1:] == pytest.approx(SLOPES, abs=0.15)
    assert found.spread.mean() == pytest.approx(0.2, abs=0.03)
    assert found.country.std() < 0.06


def test_local_days_weigh_what_normal_shrinkage_says():
    """Closed form with the spreads at their posterior means; no slope moves a day at the mean.

    With countries that differ by 0.3 a day's weight is v / (v + KIND^2 + s_e^2 + error^2).
    """
    pairs = world(120, country=0.3)
    plain = learn_mobilisation(pairs, rng=np.random.default_rng(1))
    day = DayTurnout(day="x", change=0.1, error=0.05, traits=tuple(float(c) for c in plain.centre))
    found = learn_mobilisation(pairs, days=[day], rng=np.random.default_rng(1))
    between = plain.country.std() ** 2
    expected = between / (between + KIND**2 + 0.2**2 + 0.05**2)
    assert found.weights["x"] == pytest.approx(expected, abs=0.05)
    far = DayTurnout(day="x", change=-1.0, error=0.05, traits=day.traits)
    moved = learn_mobilisation(pairs, days=[far], rng=np.random.default_rng(1))
    shift = (moved.coefficients[:, 0] + moved.country).mean()
    shift -= (found.coefficients[:, 0] + found.country).mean()
    assert shift == pytest.approx(-1.1 * found.weights["x"], abs=0.06)


def test_intervals_cover_new_runoffs():
    """200 new runoffs: a nominal 90% counts as wrong below 82% or above 98%."""
    pairs = world(300, seed=3)
    found = learn_mobilisation(pairs[:100], rng=np.random.default_rng(1))
    z = []
    for contest, returns in pairs[100:]:
        mean, sd = found.change(contest)
        first, second = (logit(x.votes.sum() / 10**7) for x in (contest, returns))
        z.append((second - first - mean.mean()) / np.hypot(sd.mean(), mean.std()))
    assert 0.82 <= np.mean(np.abs(z) < 1.645) <= 0.98


def test_later_runoffs_change_nothing():
    pairs, day = world(40), date(1990, 2, 10)
    early = [p for p in pairs if p[0].runoff <= day]
    one, two = (
        learn_mobilisation(part, as_of=day, rng=np.random.default_rng(1)) for part in (pairs, early)
    )
    assert (one.coefficients == two.coefficients).all()
    assert dict(one.contests) == dict(two.contests)
    assert one.latest <= day
    contest, returns = pairs[0]
    undated = [(replace(contest, runoff=None), returns), *pairs[1:]]
    for as_of in (None, day):
        with pytest.raises(InputError, match="has no date; give it one"):
            learn_mobilisation(undated, as_of=as_of, rng=np.random.default_rng(1))
    with pytest.raises(InputError, match="at least ten national runoffs"):
        learn_mobilisation(pairs, as_of=date(1989, 1, 1), rng=np.random.default_rng(1))


def test_turnout_of_a_night_is_the_mean_of_its_contests():
    pairs = world(6)
    (found,) = day_turnouts(pairs, ["n"] * 6)
    changes = [logit(r.votes.sum() / 10**7) - logit(c.votes.sum() / 10**7) for c, r in pairs]
    assert found.change == pytest.approx(np.mean(changes))
    assert found.error == pytest.approx(np.std(changes, ddof=1) / np.sqrt(6))


def test_a_list_that_grew_counts_where_it_was_published():
    """The same votes of a list twice as long are half the turnout."""
    ((contest, returns),) = world(1)
    longer = replace(returns, registered=[2 * 10**7])
    changes = [day_turnouts([(contest, r)], ["n"])[0].change for r in (returns, longer)]
    second = returns.votes.sum() / 10**7
    assert changes[1] - changes[0] == pytest.approx(logit(second / 2) - logit(second))


def test_the_factor_gives_the_turnout_it_should():
    people = np.array([400.0, 300.0, 200.0, 900.0])
    participation = np.array([[1.5, 1.2, 0.2, -2.5], [2.0, 1.0, 0.0, -3.0]])
    mean, sd = np.array([0.1, -0.4]), np.array([0.3, 0.3])
    turnout = NationalTurnout(people=people, first=0.5, mean=mean, sd=sd)
    shift, scale = turnout.factor(participation, np.zeros((2, 4, 4)))
    for i in range(2):
        for z in (0.0, 0.1, -0.1):
            rate = expit(participation[i] + shift[i] + scale[i] * z)
            assert logit(people @ rate / 1800) == pytest.approx(mean[i] + 0.3 * z, abs=2e-3)
    wide = np.tile(np.eye(4) * 0.5, (2, 1, 1))
    assert (turnout.factor(participation, wide)[1] < scale).all()
