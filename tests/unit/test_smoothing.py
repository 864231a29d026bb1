"""The smooth win probability: its points, its crossings, and when the draws are counted instead."""

import numpy as np
import pytest
import small
from scipy.special import logit, ndtr

from forecast import TransferPrior, forecast_runoff, load_contest
from forecast.data.priors import learned_prior
from forecast.outcome.probability import estimate_win_probability, win_margins
from forecast.simulation import smoothing
from forecast.simulation.engine import simulate
from forecast.simulation.smoothing import smooth_win_probability, sobol_normals
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.elicited.rows import Belief

SURE = Belief.of((0.9999, 0.9998, 0.99997))


def simulated(prior, **options):
    return simulate(small.contest().ledger(), prior, **({"draws": 20_000, "seed": 3} | options))


def test_sobol_normals_are_standard_normal_and_more_even():
    """A mean of 4096 independent normals has an sd of 0.016."""
    points = np.concatenate(list(sobol_normals(40, 4096, seed=3, scramble=0)), axis=1)
    assert points.shape == (40, 4096)
    assert np.isfinite(points).all()
    assert np.abs(points.mean(axis=1)).max() < 0.001
    assert points.std(axis=1) == pytest.approx(1, abs=0.01)
    pairs = np.corrcoef(points) - np.eye(40)
    assert np.abs(pairs).max() < 0.05


def test_another_scramble_gives_other_points_and_the_same_one_the_same():
    one, two, again = (next(sobol_normals(3, 64, seed=3, scramble=k)) for k in (0, 1, 0))
    assert not np.isin(one, two).any()
    assert np.array_equal(one, again)


def test_the_crossing_is_where_the_lead_changes_sign(rng):
    rise = np.array([0.6, 0.8, 0.0])
    axes = smoothing._Axes(rise=rise, slope=1.0, order=np.arange(3), mirror=np.zeros(3))
    normals = rng.standard_normal((3, 500))

    def lead(z):
        return np.sinh(z[0]) + 0.2 * z[1] + z[2] ** 2 - 0.5

    t = smoothing._crossing(lead, normals, axes)
    inside = np.abs(t) < 4
    assert inside.mean() > 0.8
    slope = (lead(normals + rise[:, None] * (t + 1e-3)) - lead(normals + rise[:, None] * t)) / 1e-3
    missed = lead(normals + rise[:, None] * t) / slope
    wrong = np.abs(missed * np.exp(-t * t / 2))  # of the probability, about
    assert wrong.mean() < 1e-5
    assert wrong.max() < 1e-3


@pytest.mark.parametrize("height", [-1.0, 1.0])
def test_a_lead_that_never_changes_sign_is_certain(height):
    axes = smoothing._Axes(rise=np.ones(1), slope=1.0, order=np.arange(1), mirror=np.zeros(1))
    t = smoothing._crossing(lambda z: height + 0 * z[0], np.zeros((1, 4)), axes)
    assert ndtr(-t) == pytest.approx(float(height > 0), abs=1e-6)


@pytest.mark.parametrize("prior", [small.elicited_prior(), small.dirichlet_prior()])
def test_rising_normals_raise_every_preference_and_no_participation(prior, rng):
    sampler = simulated(prior).sampler
    normals = rng.standard_normal((len(sampler.rising), 200))
    before = sampler.transform(normals.copy())
    assert sampler.rising.any()
    for i in np.flatnonzero(sampler.rising):
        moved = normals.copy()
        moved[i] += 0.3
        after = sampler.transform(moved)
        assert after.sum(axis=1) == pytest.approx(before.sum(axis=1))
        assert (after[:, 0] - before[:, 0] > -1e-12).all()


@pytest.mark.parametrize(("lead", "location", "sd"), [(0, 0.4, 0.8), (2000, -0.2, 0.7)])
def test_one_open_question_has_a_closed_form(lead, location, sd):
    """Ada wins where logit q exceeds that of (1 - lead / 10,000) / 2, but for 1 vote in 10,000."""
    rows = tuple(
        small.row(origin, SURE, preference, finalist)
        for origin, preference, finalist in [
            ("ada", SURE, "ada"),
            ("ben", SURE, "ben"),
            ("cid", small.belief(location, sd), "ada"),
        ]
    )
    prior = TransferPrior(name="one question", finalists=small.FINALISTS, rows=rows)
    ledger = small.pool(lead, 0, 10_000).ledger()
    value, error = smooth_win_probability(simulate(ledger, prior, draws=2000))
    c = logit((1 - lead / 10_000) / 2)
    assert value == pytest.approx(ndtr((location - c) / sd), abs=1e-4)
    assert error < 1e-4


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_change_no_byte(workers):
    found = smooth_win_probability(simulated(small.elicited_prior(), workers=workers))
    assert found == smooth_win_probability(simulated(small.elicited_prior(), workers=1))


def test_certainty_is_never_claimed():
    ledger = small.pool(1_000_000, 1, 1).ledger()
    value, error = smooth_win_probability(simulate(ledger, small.elicited_prior()))
    assert 0.999 < value < 1
    assert error > 0


def test_where_it_does_not_apply():
    three, georgia = small.three(), load_contest("georgia-2018")
    assert smooth_win_probability(simulate(three.ledger(), generic_prior(three))) is None
    learned = simulate(georgia.ledger(), learned_prior(georgia), draws=100)
    assert smooth_win_probability(learned) is None


def test_the_forecast_uses_it_and_agrees_with_its_draws():
    forecast = forecast_runoff(small.contest(), small.elicited_prior(), draws=20_000, seed=5)
    ada, ben = (forecast.win_probability(f) for f in ("ada", "ben"))
    assert (ada.value, ada.monte_carlo_error) == smooth_win_probability(forecast.simulation)
    assert ben.value == pytest.approx(1 - ada.value)
    assert ben.monte_carlo_error == ada.monte_carlo_error
    counted = estimate_win_probability(win_margins(forecast.draw_votes)[:, 0], forecast.pairs, 0.9)
    assert ada.value == pytest.approx(counted.value, abs=4.5 * counted.monte_carlo_error)
    assert ada.monte_carlo_error < counted.monte_carlo_error / 4
    assert forecast.leader == max(
        forecast.finalists, key=lambda f: forecast.win_probability(f).value
    )


def test_a_condition_is_answered_by_counting():
    forecast = forecast_runoff(small.contest(), small.elicited_prior(), draws=20_000, seed=5)
    given = forecast.given("turnout >= 50%")
    counted = estimate_win_probability(win_margins(given.draw_votes)[:, 0], given.pairs, 0.9)
    found = given.win_probability("ada")
    assert (found.value, found.monte_carlo_error) == (counted.value, counted.monte_carlo_error)
    assert found.credible_interval.low < found.value < found.credible_interval.high
