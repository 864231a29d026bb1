"""A runoff of three, from the first round to the report of its shares."""

import numpy as np
import pytest
import small

from forecast import InputError, elicited_prior, forecast_runoff
from forecast.simulation.exact import exact_win_probability
from forecast.transfers.elicited.generic import generic_prior

DRAWS = 100_000


@pytest.fixture(scope="module")
def forecast():
    return forecast_runoff(small.three(), draws=DRAWS, seed=2, workers=1)


def test_the_generic_prior_is_used(forecast):
    assert elicited_prior(forecast.contest) == generic_prior(forecast.contest)
    assert forecast.finalists == ("ada", "ben", "cid")


def test_simulated_means_are_elicited_means(forecast):
    """Each of 3 x 6 means within 4.5 standard errors: one false alarm in 8,000."""
    rates = np.concatenate(list(forecast.simulation.map(lambda _, r: r)), axis=2)
    expected = forecast.prior.mean(forecast.ledger)
    assert expected.sum(axis=1) == pytest.approx(np.ones(6))
    error = rates.std(axis=2) * np.sqrt(1.5 / DRAWS)  # pairs correlate by a half
    assert (np.abs(rates.mean(axis=2) - expected[:, :3]) < 4.5 * error).all()


def test_people_are_conserved(forecast):
    rates = forecast.simulation.rates(0)
    assert (rates >= 0).all()
    assert (rates.sum(axis=1) <= 1 + 1e-12).all()


def test_somebody_wins(forecast):
    found = [forecast.win_probability(f).value for f in forecast.finalists]
    assert sum(found) == pytest.approx(1, abs=1e-4)
    assert found == sorted(found, reverse=True)


def test_everything_can_be_asked(forecast):
    assert forecast.transfers().mean.shape == (6, 4)
    assert len(forecast.variants()) == 7
    assert {b.finalist for b in forecast.break_evens()} == {"ben"}
    assert forecast.given("dot -> cid >= 40%").share("cid").median > forecast.share("cid").median
    assert 0.8 < forecast.sensitivity().index.sum() <= 1.05
    assert "swing to ada" in forecast.sensitivity().inputs
    assert str(forecast).count("share") == 3


def test_a_preference_about_the_second_of_three():
    contest = small.three()
    prior = generic_prior(contest).with_row(
        "dot", participation=(0.8, 0.6, 0.95), preference={"ben": (0.6, 0.4, 0.8)}, source="why"
    )
    prior = prior.endorse("dot", "cid", strength=0.5)
    forecast = forecast_runoff(contest, prior, draws=DRAWS, seed=3, workers=1)
    mean = forecast.transfers().mean[forecast.ledger.index("dot")]
    assert mean == pytest.approx([0.8 * 0.1, 0.8 * 0.3, 0.8 * 0.6, 0.2], abs=0.006)


def test_symmetric_finalists_are_treated_alike():
    """Equal votes and a generic prior: each wins a third of the time, within 4.5 errors."""
    contest = small.three()
    votes = np.array([[400, 400, 400, 300]])
    same = type(contest)(
        name="even", candidates=contest.candidates, finalists=contest.finalists, units=("all",),
        votes=votes, invalid=[20], registered=[2500],
    )  # fmt: skip
    forecast = forecast_runoff(same, draws=DRAWS, seed=4, workers=1)
    for finalist in forecast.finalists:
        found = forecast.win_probability(finalist)
        assert found.value == pytest.approx(1 / 3, abs=4.5 * found.monte_carlo_error)


def test_the_oracle_is_for_two():
    contest = small.three()
    with pytest.raises(InputError, match="needs two finalists - found 3"):
        exact_win_probability(contest.ledger(), generic_prior(contest))
