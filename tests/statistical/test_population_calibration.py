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
from forecast.transfers.roles.population import COUNTRY, COUNTRY_TAIL, DAY, Tie, fit_population

BASE = replace(assumptions(("government", "rival")), spread_weight=8.0)
TIE = Tie(  # as of a contest between equals of whom 96 and 5% prefer the first finalist
    offset=0.1,
    gradient=np.array([0.1, 0.07, 0.3, -0.09]),
    x=np.array([1.0, -0.5]),
    unit=np.array([0.0, 1.5, 0.75]),
)
CONTESTS, NIGHTS, DRAWS = 8, 2, 20
NIGHT = np.arange(CONTESTS) % NIGHTS


def drawn_coefficients(rng, base):
    """Return B (2, p) from its prior; with a tie kept as often as its country's prior says."""
    p = len(base.location)
    while True:
        scales = np.array([[base.location_scale], [base.slope_scale]])
        found = scales * rng.normal(size=(2, p))
        found[0] += base.location
        if base.tie is None:
            return found
        away = (base.tie.lean(found[None])[0] - COUNTRY[0]) / COUNTRY[1]
        if rng.random() < (1 + away**2 / COUNTRY_TAIL) ** (-(COUNTRY_TAIL + 1) / 2):
            return found


def drawn_population(rng, base=BASE):
    """Return coefficients (2, p), spread and factor sd from their priors."""
    p, k = BASE.factors.shape
    coefficients = drawn_coefficients(rng, base)
    weight = BASE.spread_weight
    spread = invwishart(df=weight + p + 1, scale=weight * BASE.spread).rvs(random_state=rng)
    tau = BASE.factor_scale * np.sqrt(BASE.factor_weight / rng.chisquare(BASE.factor_weight, k))
    if base.tie is not None:
        day = np.exp(DAY[0] + DAY[1] * rng.normal())
        tau = np.where(base.tie.unit > 0, day * base.tie.unit, tau)
    return coefficients, spread, tau


def drawn_contests(x, nights, population, rng):
    """Return coordinates (contest, p) of contests with design x on nights with factors."""
    coefficients, spread, _ = population
    noise = rng.multivariate_normal(np.zeros(len(spread)), spread, size=len(x))
    noise /= np.sqrt(rng.gamma(BASE.tail / 2, 2 / BASE.tail, len(x)))[:, None]
    return x @ coefficients + nights @ BASE.factors.T + noise


def replicate(rng, trust=1.0, base=BASE, believed=None):
    """Return true values and draws: mean, log spread, log factor sd, a contest, share at a tie.

    `trust` multiplies what the contests seem to say; `believed` are the priors of the fit, by
    default those the truth comes from, `base`.
    """
    population = drawn_population(rng, base)
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
    found = fit_population(
        evidence, x, NIGHT, believed or base, rng=rng, draws=DRAWS, thin=6, warmup=20
    )
    new_x = np.array([1.0, rng.normal()])
    coming = drawn_contests(new_x[None], tau * rng.normal(size=(1, k)), population, rng)[0]
    lean = TIE.lean(np.concatenate([coefficients[None], found.coefficients]))
    truth = np.concatenate(
        [coefficients.ravel(), np.log(np.diag(spread)), np.log(tau), coming, lean[:1]]
    )
    draws = np.concatenate(
        [
            found.coefficients.reshape(DRAWS, -1),
            np.log(np.diagonal(found.spread, axis1=1, axis2=2)),
            np.log(found.factor_sd),
            found.contest(new_x, np.arange(DRAWS), rng=rng),
            lean[1:, None],
        ],
        axis=1,
    )
    return truth, draws


def test_ranks_are_uniform_and_a_fifth_too_narrow_is_noticed_with_power():
    """The negative control is the same posterior with four fifths of its width."""
    as_is, narrow = np.split(sbc.ranks(sbc.narrowed(replicate, 0.8), 60, seed=3), 2, axis=1)
    assert sbc.uniformity(as_is) > sbc.FALSE_ALARM
    assert sbc.too_narrow(as_is) > sbc.FALSE_ALARM
    assert sbc.too_narrow(narrow) < sbc.FALSE_ALARM
    assert sbc.power(narrow) >= 0.9
    assert sbc.power(as_is) < 0.05


def test_the_test_of_width_raises_no_more_false_alarms_than_it_says():
    """2,000 sets of 60 repetitions of 20 even ranks, at 1%: a standard error is 0.22%."""
    rng = np.random.default_rng(5)
    found = [sbc.too_narrow(rng.random((60, 20))) for _ in range(2000)]
    assert np.mean(np.array(found) < 0.01) < 0.017


WITH_COUNTRY = replace(BASE, tie=TIE)


@pytest.mark.slow
def test_ranks_are_uniform_with_a_country_and_days_known_from_elsewhere():
    found = sbc.ranks(lambda rng: replicate(rng, base=WITH_COUNTRY), 120, seed=6)
    assert sbc.uniformity(found) > sbc.FALSE_ALARM


@pytest.mark.slow
def test_a_country_taken_to_lean_elsewhere_is_noticed():
    """The negative control: the fit takes countries to lean by 0.3 logits, 7 points, more."""
    believed = replace(WITH_COUNTRY, tie=replace(TIE, offset=TIE.offset - 0.3))
    wrong = lambda rng: replicate(rng, base=WITH_COUNTRY, believed=believed)  # noqa: E731
    assert sbc.uniformity(sbc.ranks(wrong, 120, seed=6)) < sbc.FALSE_ALARM


@pytest.mark.slow
def test_ranks_are_uniform_over_many_histories():
    assert sbc.uniformity(sbc.ranks(replicate, 200, seed=4)) > sbc.FALSE_ALARM


def test_trusting_contests_too_much_is_noticed():
    """Negative control: every contest is taken to say twenty-five times what it says."""
    found = sbc.ranks(lambda rng: replicate(rng, trust=25.0), 60, seed=3)
    assert sbc.uniformity(found) < sbc.FALSE_ALARM
