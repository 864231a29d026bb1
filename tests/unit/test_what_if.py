"""What if: moved means are reached, people conserved, and the answer goes the right way."""

from dataclasses import replace

import numpy as np
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit

import forecast
from forecast import InputError, what_if
from forecast.outcome.whatif import Shifts, _root, _solved, moved
from forecast.simulation.engine import runoff_votes
from forecast.transfers.table.coordinates import match_location


@pytest.fixture(scope="module")
def result():
    return forecast.forecast_runoff(small.contest(), small.elicited_prior(), draws=8192)


def after(result, **stated):
    """Return rates of all draws after the shifts."""
    shifts = _solved(
        result, stated.get("turnout"), stated.get("participation", {}), stated.get("preference", {})
    )
    return shifts.applied(np.moveaxis(result.tables, 0, 2)[:, :-1])


def test_nothing_moved_is_the_forecast_itself(result):
    same = what_if(result)
    for f in result.finalists:
        assert same.share[f].median == pytest.approx(result.share(f).median, abs=1e-12)
        p, counted = result.win_probability(f), same.win_probability[f]
        error = p.monte_carlo_error + counted.monte_carlo_error
        assert abs(counted.value - p.value) < 3 * error
    assert same.turnout.median == pytest.approx(result.turnout().median, abs=1e-12)


def test_it_prints_as_a_table(result):
    lines = str(what_if(result, turnout=0.55)).splitlines()
    assert lines[0].split() == ["what", "if", "share", "90%", "interval", "wins"]
    assert [line.split()[0] for line in lines[1:]] == ["ada", "ben", "turnout"]
    share = what_if(result, turnout=0.55).share["ada"]
    assert f"{100 * share.median:.0f}%" in lines[1]
    assert str(share.interval) in lines[1]


@pytest.mark.parametrize("turnout", [0.3, 0.55, 0.8])
def test_turnout_gets_the_stated_mean(result, turnout):
    rates = after(result, turnout=turnout)
    counts = result.ledger.totals.astype(float)
    ballots = runoff_votes(counts, rates).sum(axis=0) * result.ballots_per_vote / counts.sum()
    assert ballots.mean() == pytest.approx(turnout, abs=1e-6)
    before = np.moveaxis(result.tables, 0, 2)[:, :-1]
    inside = before / before.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(rates / rates.sum(axis=1, keepdims=True), inside, atol=1e-9)
    shift = logit(rates.sum(axis=1)) - logit(before.sum(axis=1))
    np.testing.assert_allclose(shift, shift[0, 0], atol=1e-6)  # everybody by the same amount


def test_preference_and_participation_get_the_stated_means(result):
    r = result.ledger.index("cid")
    rates = after(result, preference={"cid": {"ben": 0.9}}, participation={"non-voters": 0.3})
    assert rates[r, 1].sum() / rates[r].sum() == pytest.approx(0.9, abs=1e-6)
    n = result.ledger.index("non-voters")
    assert rates[n].sum(axis=0).mean() == pytest.approx(0.3, abs=1e-6)
    others = [k for k in range(len(rates)) if k not in (r, n)]
    np.testing.assert_allclose(
        rates[others], np.moveaxis(result.tables, 0, 2)[others, :-1], atol=1e-12
    )


@pytest.mark.parametrize(
    ("turnout", "participation"),
    [(0.45, {"cid": 0.9, "ada": 0.8}), (0.6, {"non-voters": 0.2}), (0.5, {"invalid": 0.9})],
)
def test_all_that_is_stated_together_is_reached(result, turnout, participation):
    """Shifts were found one by one and added: a turnout of 45% became 53%."""
    choice = {"cid": {"ben": 0.7}}
    rates = after(result, turnout=turnout, participation=participation, preference=choice)
    for name, value in participation.items():
        there = rates[result.ledger.index(name)].sum(axis=0).mean()
        assert there == pytest.approx(value, abs=1e-6)
    counts = result.ledger.totals.astype(float)
    ballots = runoff_votes(counts, rates).sum(axis=0) * result.ballots_per_vote / counts.sum()
    assert ballots.mean() == pytest.approx(turnout, abs=1e-6)
    own = rates[result.ledger.index("cid")]
    assert own[1].sum() / own.sum() == pytest.approx(0.7, abs=1e-6)
    with pytest.raises(InputError, match="turnout cannot become"):
        what_if(result, turnout=0.1, participation={"ada": 0.99})


def test_three_finalists_keep_the_ratio_of_the_others():
    contest = small.three()
    result = forecast.forecast_runoff(contest, draws=4000)
    rates = after(result, preference={"dot": {"ben": 0.6}})
    r = result.ledger.index("dot")
    before = np.moveaxis(result.tables, 0, 2)[r, :-1]
    np.testing.assert_allclose(rates[r, 0] / rates[r, 2], before[0] / before[2], rtol=1e-9)
    assert rates[r, 1].sum() / rates[r].sum() == pytest.approx(0.6, abs=1e-6)
    total = sum(p.value for p in what_if(result, turnout=0.5).win_probability.values())
    assert total == pytest.approx(1, abs=1e-3)


@given(value=st.floats(0.05, 0.9), step=st.floats(0.01, 0.09))
def test_more_preference_never_means_a_lower_share(value, step):
    result = RESULT
    low = what_if(result, preference={"cid": {"ada": value}})
    high = what_if(result, preference={"cid": {"ada": value + step}})
    assert high.share["ada"].median >= low.share["ada"].median
    assert high.win_probability["ada"].value >= low.win_probability["ada"].value


RESULT = forecast.forecast_runoff(small.contest(), small.elicited_prior(), draws=500)


@given(fraction=st.floats(0.001, 0.999), first=st.floats(-8, 8), second=st.floats(-8, 8))
def test_shifts_add_up(fraction, first, second):
    x = np.array([fraction])
    twice = moved(moved(x, first), second)
    np.testing.assert_allclose(twice, moved(x, first + second), rtol=1e-6, atol=1e-12)


def test_a_row_of_nobody_stays_so():
    shifts = Shifts(participation=np.array([2.0]), preference=np.zeros((1, 2)))
    assert shifts.applied(np.zeros((1, 2, 3))).tolist() == [[[0.0] * 3] * 2]


def test_it_agrees_with_a_prior_whose_means_are_moved(result):
    """Moving the belief about a row and moving its draws are the same on the logit scale."""
    prior = small.elicited_prior()
    row = prior.row("*")
    v = row.participation.mean
    wanted = what_if(result, participation={"cid": 0.75}, preference={"cid": {"ada": 0.7}})
    (_, sd), (_, spread) = row.participation.normal, row.preference.normal
    changed = replace(
        row,
        origin="cid",
        participation=small.belief(match_location(0.75, sd), sd),
        preference=small.belief(match_location(0.7, spread), spread),
    )
    other = forecast.forecast_runoff(
        small.contest(), prior.replace_row(changed), draws=result.draws
    )
    assert v < 0.75
    assert other.share("ada").median == pytest.approx(wanted.share["ada"].median, abs=0.003)
    assert other.win_probability("ada").value == pytest.approx(
        wanted.win_probability["ada"].value, abs=0.01
    )


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"turnout": 55}, "turnout must be a fraction"),
        ({"participation": {"cidd": 0.5}}, "did you mean 'cid'"),
        ({"preference": {"cid": {"dot": 0.5}}}, "must be for one finalist"),
        ({"preference": {"cid": {"ada": 0.5, "ben": 0.5}}}, "must be for one finalist"),
    ],
)
def test_what_cannot_be(result, stated, message):
    with pytest.raises(InputError, match=message):
        what_if(result, **stated)


def test_what_no_shift_can_reach():
    with pytest.raises(InputError, match=r"cannot become 0\.5; it can lie between 0\.2 and 0\.2"):
        _root(lambda _: 0.2, 0.5, "participation of 'cid'")


def test_without_non_voters_there_is_no_turnout():
    contest = replace(small.contest(), electorate="voters")
    result = forecast.forecast_runoff(contest, small.elicited_prior(), draws=1000)
    assert what_if(result).turnout is None
    with pytest.raises(InputError, match="turnout is unknown"):
        what_if(result, turnout=0.5)
