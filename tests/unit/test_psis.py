"""Pareto smoothing against ArviZ, against theory, and where nothing can be said."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from forecast.transfers.returns.laplace import RELIABLE_SHAPE, effective_draws, pareto_smooth


@pytest.mark.parametrize("spread", [0.3, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("size", [100, 400])
def test_agrees_with_arviz(spread, size, rng):
    """At sizes whose tail is a whole number of draws: ArviZ rounds it down, the paper up."""
    log_ratios = rng.normal(0.0, spread, size)
    log_weights, shape = pareto_smooth(log_ratios)
    reference, reference_shape = array_stats.psislw(-log_ratios)  # it takes log likelihoods
    assert shape == pytest.approx(float(reference_shape), abs=1e-9)
    assert np.allclose(log_weights, reference, atol=1e-9)


@pytest.mark.parametrize("truth", [0.2, 0.7])
def test_recovers_a_pareto_shape(truth, rng):
    """Weights from a generalised Pareto distribution of a known shape."""
    uniform = rng.uniform(size=20_000)
    _, shape = pareto_smooth(np.log(np.expm1(-truth * np.log(uniform)) / truth))
    assert shape == pytest.approx(truth, abs=0.08)  # 425 draws of the tail: three errors of 0.03


@pytest.mark.parametrize("spread", [0.3, 1.0, 2.0])
def test_smooths_the_tail_alone(spread, rng):
    log_ratios = rng.normal(0.0, spread, 1000)
    log_weights, _ = pareto_smooth(log_ratios)
    low = np.argsort(log_ratios)[:800]
    steps = np.diff(log_weights[low]) - np.diff(log_ratios[low])
    assert np.abs(steps).max() < 1e-9
    assert np.exp(log_weights).sum() == pytest.approx(1.0)
    assert (np.argsort(log_weights) == np.argsort(log_ratios)).all()


def test_equal_weights_are_worth_all_draws():
    log_weights, shape = pareto_smooth(np.zeros(50))
    assert effective_draws(log_weights) == pytest.approx(50.0)
    assert shape == 0.0


TOO_LITTLE = {
    "three draws": np.array([0.0, 0.3, 1.0]),
    "ten draws": np.linspace(0.0, 1.0, 10),
    "one draw outweighs all": np.r_[np.zeros(99), 50.0],
    "one draw has all the weight": 1e4 * np.sin(np.arange(100.0)),
    "two values": np.r_[np.full(50, -10.0), np.zeros(50)],
}


@pytest.mark.parametrize("log_ratios", TOO_LITTLE.values(), ids=TOO_LITTLE)
def test_a_tail_that_says_nothing_is_not_reliable(log_ratios):
    log_weights, shape = pareto_smooth(log_ratios)
    assert shape > RELIABLE_SHAPE
    assert np.exp(log_weights).sum() == pytest.approx(1.0)
    assert log_weights.argmax() == log_ratios.argmax()
