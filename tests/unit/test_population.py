"""The population of past contests: a known one is recovered, and one outlier does no harm."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.transfers.roles.contest_summary import Evidence
from forecast.transfers.roles.population import Assumptions, fit_population


def quadratics(theta, scale, rng):
    """Return exact evidence of coordinates seen with independent errors of sd `scale`."""
    seen = theta + scale * rng.standard_normal(theta.shape)
    h = np.eye(theta.shape[1]) / scale**2
    return [Evidence(precision=h, linear=h @ s, point=s) for s in seen]


def test_mean_spread_and_night_are_recovered_from_exact_evidence():
    """200 contests of two coordinates: error of a correlation about 0.07, of an sd about 5%."""
    rng = np.random.default_rng(2)
    omega = np.array([[0.25, 0.1], [0.1, 0.16]])
    night = np.arange(200) % 2
    shift = np.array([[-0.5], [0.5]])
    x = np.column_stack([np.ones(200), rng.standard_normal(200)])
    truth = np.array([[1.0, -1.0], [0.3, 0.0]])
    theta = x @ truth + shift[night] + rng.standard_normal((200, 2)) @ np.linalg.cholesky(omega).T
    base = Assumptions(
        location=np.zeros(2),
        slope_scale=1.0,
        spread=np.eye(2) * 0.1,
        factors=np.ones((2, 1)),
        factor_scale=np.array([0.5]),
        tail=np.inf,
    )
    found = fit_population(
        quadratics(theta, 0.3, rng), x, night, base, rng=rng, draws=400, thin=2, warmup=200
    )
    assert found.coefficients[:, 1].mean(axis=0) == pytest.approx(truth[1], abs=0.13)
    between = found.days[:, 1, 0] - found.days[:, 0, 0]
    assert between.mean() == pytest.approx(1.0, abs=0.2)
    spread = found.spread.mean(axis=0)
    assert np.sqrt(np.diag(spread)) == pytest.approx(np.sqrt(np.diag(omega)), rel=0.2)
    assert spread[0, 1] == pytest.approx(0.1, abs=0.06)


def test_a_heavy_tail_keeps_one_strange_contest_from_widening_the_rest():
    rng = np.random.default_rng(3)
    theta = 0.3 * rng.standard_normal((40, 2))
    theta[0] = 6.0
    x, night = np.ones((40, 1)), np.zeros(40, dtype=np.int64)
    base = Assumptions(
        location=np.zeros(2),
        spread=np.eye(2) * 0.1,
        factors=np.ones((2, 1)),
        factor_scale=np.array([0.1]),
        tail=5.0,
    )
    evidence = quadratics(theta, 0.1, rng)
    sd = {}
    for tail in (5.0, np.inf):
        found = fit_population(
            evidence, x, night, replace(base, tail=tail), rng=rng, draws=200, thin=2, warmup=200
        )
        sd[tail] = np.sqrt(found.spread.mean(axis=0)[0, 0])
    assert sd[5.0] < 0.5
    assert sd[np.inf] > 0.8
