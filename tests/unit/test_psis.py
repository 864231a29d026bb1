"""Pareto smoothing against its reference implementation and against theory."""

import warnings

import numpy as np
import pytest

from forecast.transfers.returns.laplace import (
    effective_draws,
    fit_generalised_pareto,
    pareto_smooth,
)


@pytest.mark.parametrize("spread", [0.3, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("size", [100, 1000])
def test_agrees_with_arviz(spread, size, rng):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import arviz as az

        log_ratios = rng.normal(0.0, spread, size)
        reference, reference_shape = az.psislw(log_ratios.copy())
    log_weights, shape = pareto_smooth(log_ratios)
    assert shape == pytest.approx(float(reference_shape), abs=1e-6)
    assert np.allclose(log_weights, np.asarray(reference), atol=1e-6)


@pytest.mark.parametrize("truth", [-0.2, 0.2, 0.7])
def test_recovers_a_pareto_shape(truth, rng):
    uniform = rng.uniform(size=20_000)
    shape, scale = fit_generalised_pareto(np.sort(np.expm1(-truth * np.log(uniform)) / truth))
    assert shape == pytest.approx(truth, abs=0.04)
    assert scale == pytest.approx(1.0, abs=0.05)


def test_equal_weights_are_worth_all_draws():
    log_weights, _ = pareto_smooth(np.zeros(50))
    assert effective_draws(log_weights) == pytest.approx(50.0)
    assert np.exp(log_weights).sum() == pytest.approx(1.0)
