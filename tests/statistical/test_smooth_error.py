"""The smooth win probability agrees with the exact oracle, and its Monte Carlo error is honest.

Over 200 seeds the z-scores ``(estimate - exact) / error`` of an error from 16 independent
scrambles have Student's t distribution with 15 degrees of freedom, of sd 1.07. The sd found has a
standard error of 0.06 and the mean one of 0.08, so the bounds below are over 4 of those away:
fewer than one false alarm in 10,000. An error that is half of what it should be, or an estimate
off by one of its errors, is detected with certainty for all practical purposes; the twins plant
both.
"""

from functools import cache

import numpy as np
import pytest
import small

from forecast.randomness import stream
from forecast.simulation import smoothing
from forecast.simulation.engine import simulate
from forecast.simulation.exact import exact_win_probability

SEEDS = 200
INDEPENDENT = {"mobilisation": 0.0, "swing": 0.0, "partisan": 0.0}
PRIORS = {
    "logistic-normal": small.elicited_prior(**INDEPENDENT),
    "Dirichlet": small.dirichlet_prior(),
    "three factors": small.elicited_prior(mobilisation=0.3, swing=0.4, partisan=0.2),
    "heavy tails": small.elicited_prior(mobilisation=0.0, swing=0.6, partisan=0.0, tail=4.0),
}


@cache
def oracle(name):
    """Return the exact win probability: off by 1e-4 at most: two nodes more change 5e-5."""
    factor_nodes = 32 if name == "heavy tails" else 8
    return exact_win_probability(
        small.contest().ledger(), PRIORS[name], nodes=16, factor_nodes=factor_nodes
    )


def scores(prior, name):
    """Return the z-scores of the smallest number of points over all seeds."""
    ledger, exact = small.contest().ledger(), oracle(name)
    found = [
        smoothing.smooth_win_probability(simulate(ledger, prior, draws=2, seed=seed, workers=1))
        for seed in range(SEEDS)
    ]
    value, error = np.array(found).T
    assert error.max() < 0.02
    return (value - exact) / error


def honest(z):
    return abs(z.mean()) < 0.4 and 0.75 < z.std() < 1.4


@pytest.mark.slow
@pytest.mark.parametrize("name", PRIORS)
def test_the_error_is_honest(name):
    assert honest(scores(PRIORS[name], name))


@pytest.mark.slow
def test_a_wrong_estimate_is_caught():
    """Prior means off by two points."""
    assert not honest(scores(small.dirichlet_prior(shift=0.02), "Dirichlet"))


@pytest.mark.slow
def test_an_error_that_is_too_small_is_caught(monkeypatch):
    """Every four scrambles are the same: the spread over 16 then understates the error by half."""
    monkeypatch.setattr(smoothing, "stream", lambda seed, name, i: stream(seed, name, i // 4))
    assert not honest(scores(PRIORS["three factors"], "three factors"))


@pytest.mark.parametrize("name", PRIORS)
def test_it_beats_counting_by_far(name):
    """Sixteen scrambles of 2048 points against the 131,072 draws that come with them."""
    ledger, prior = small.contest().ledger(), PRIORS[name]
    value, error = smoothing.smooth_win_probability(simulate(ledger, prior, draws=2**17))
    exact = oracle(name)
    assert abs(value - exact) < 6 * error + 1e-6  # t with 15 degrees of freedom: 2e-5
    assert error < np.sqrt(exact * (1 - exact) / 2**17) / 6
