"""Simulation-based calibration of the population that learned priors come from.

What is calibrated is stage 2: given what each contest's counts say (a quadratic), the posterior of
the population, and the forecast of a contest on a night not seen. Stage 1 turns counts into those
quadratics with a tempered likelihood, which belongs to no model that data could be drawn from.
Draws are taken six steps of the chain apart, which makes them nearly independent.
"""

from dataclasses import replace

import numpy as np
import pytest
import sbc
from scipy.stats import invwishart

from forecast.transfers.roles.contest_summary import Evidence
from forecast.transfers.roles.learn import assumptions
from forecast.transfers.roles.population import fit_population

BASE = replace(assumptions(("government", "rival")), spread_weight=8.0)
CONTESTS, NIGHTS, DRAWS = 8, 2, 20
NIGHT = np.arange(CONTESTS) % NIGHTS


def drawn_population(rng):
    """Return coefficients (2, p), spread and factor sd from their priors."""
    p, k = BASE.factors.shape
    coefficients = np.array(
        [
            BASE.location + BASE.location_scale * rng.normal(size=p),
            BASE.slope_scale * rng.normal(size=p),
        ]
    )
    weight = BASE.spread_weight
    spread = invwishart(df=weight + p + 1, scale=weight * BASE.spread).rvs(random_state=rng)
    tau = BASE.factor_scale * np.sqrt(BASE.factor_weight / rng.chisquare(BASE.factor_weight, k))
    return coefficients, spread, tau


def drawn_contests(x, nights, population, rng):
    """Return coordinates (contest, p) of contests with design x on nights with factors."""
    coefficients, spread, _ = population
    noise = rng.multivariate_normal(np.zeros(len(spread)), spread, size=len(x))
    noise /= np.sqrt(rng.gamma(BASE.tail / 2, 2 / BASE.tail, len(x)))[:, None]
    return x @ coefficients + nights @ BASE.factors.T + noise


def replicate(rng, trust=1.0):
    """Return true values and draws: mean, log spread, log factor sd, and a contest to come.

    `trust` multiplies what the contests seem to say.
    """
    population = drawn_population(rng)
    coefficients, spread, tau = population
    p, k = BASE.factors.shape
    x = np.column_stack([np.ones(CONTESTS), rng.normal(size=CONTESTS)])
    factors = tau * rng.normal(size=(NIGHTS, k))
    theta = drawn_contests(x, factors[NIGHT], population, rng)
    evidence = []
    for each in theta:
        root = rng.normal(size=(p, p))
        precision = root @ root.T
        seen = each + np.linalg.solve(root.T, rng.normal(size=p))
        evidence.append(
            Evidence(precision=trust * precision, linear=trust * precision @ seen, point=each)
        )
    found = fit_population(evidence, x, NIGHT, BASE, rng=rng, draws=DRAWS, thin=6, warmup=20)
    new_x = np.array([1.0, rng.normal()])
    coming = drawn_contests(new_x[None], tau * rng.normal(size=(1, k)), population, rng)[0]
    truth = np.concatenate([coefficients.ravel(), np.log(np.diag(spread)), np.log(tau), coming])
    draws = np.concatenate(
        [
            found.coefficients.reshape(DRAWS, -1),
            np.log(np.diagonal(found.spread, axis1=1, axis2=2)),
            np.log(found.factor_sd),
            found.contest(new_x, np.arange(DRAWS), rng=rng),
        ],
        axis=1,
    )
    return truth, draws


def test_ranks_are_uniform():
    assert sbc.uniformity(sbc.ranks(replicate, 60, seed=3)) > sbc.FALSE_ALARM


@pytest.mark.slow
def test_ranks_are_uniform_over_many_histories():
    assert sbc.uniformity(sbc.ranks(replicate, 200, seed=4)) > sbc.FALSE_ALARM


def test_trusting_contests_too_much_is_noticed():
    """Negative control: every contest is taken to say twenty-five times what it says."""
    found = sbc.ranks(lambda rng: replicate(rng, trust=25.0), 60, seed=3)
    assert sbc.uniformity(found) < sbc.FALSE_ALARM
