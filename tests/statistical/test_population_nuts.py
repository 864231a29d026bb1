"""The population's Gibbs sampler and PyMC's NUTS, on the same model, find the same posterior."""

from dataclasses import replace

import numpy as np
import pytest
from population_nuts import build_population_model, run_population_nuts
from scipy.stats import invgamma, kstest, multivariate_normal, norm

from forecast.transfers.roles.contest_summary import Evidence
from forecast.transfers.roles.population import Assumptions, fit_population

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:PyTensor could not link to a BLAS"),
]


def history(rng):
    """Return 16 contests on 3 days, two coordinates, evidence of which some is singular."""
    day = np.arange(16) % 3
    x = np.column_stack([np.ones(16), rng.standard_normal(16)])
    shift = np.array([[-0.4], [0.0], [0.5]])
    theta = x @ np.array([[0.5, -1.0], [0.2, 0.0]]) + shift[day]
    theta = theta + 0.4 * rng.standard_normal((16, 2))
    evidence = []
    for i, t in enumerate(theta):
        h = np.array([[9.0, 2.0], [2.0, 4.0]]) if i % 4 else np.array([[4.0, 4.0], [4.0, 4.0]])
        seen = t + rng.multivariate_normal(np.zeros(2), np.linalg.inv(h + 0.1 * np.eye(2)))
        evidence.append(Evidence(precision=h, linear=h @ seen, point=seen))
    base = Assumptions(
        location=np.zeros(2),
        slope_scale=0.5,
        spread=np.array([[0.2, 0.05], [0.05, 0.2]]),
        factors=np.array([[1.0], [1.0]]),
        factor_scale=np.array([0.3]),
        tail=5.0,
    )
    return evidence, x, day, base


def summaries(population):
    """Return what is compared, by name, each (draw, ...): all but bounded below are near normal."""
    spread = population.spread
    variance = np.diagonal(spread, axis1=1, axis2=2)
    return {
        "coefficients": population.coefficients,
        "days": population.days,
        "log factor sd": np.log(population.factor_sd),
        "log spread": np.log(variance),
        "correlation": spread[:, 0, 1] / np.sqrt(variance.prod(axis=1)),
    }


def furthest(exact, fast):
    """Return the largest difference of means in posterior sd, and of sd as a ratio less one."""
    pairs = list(zip(summaries(exact).values(), summaries(fast).values(), strict=True))
    means = [np.abs(b.mean(axis=0) - a.mean(axis=0)) / a.std(axis=0) for a, b in pairs]
    ratios = [np.abs(b.std(axis=0) / a.std(axis=0) - 1) for a, b in pairs]
    return max(m.max() for m in means), max(r.max() for r in ratios)


def test_gibbs_and_nuts_agree_and_a_wrong_prior_is_told_apart():
    """Means within 0.2 posterior sd, sd within 20%; the negative control has half the prior spread.

    The gate of NUTS asks for 400 effective draws of each of the 15 numbers, so that a mean is off
    by at most 0.05 sd and an sd by 4 to 6% (one standard error); Gibbs has several times as many.
    """
    evidence, x, day, base = history(np.random.default_rng(20181128))
    rng = np.random.default_rng(1)
    sampler = {"tune": 800, "draws": 1000, "target_accept": 0.98}
    exact = run_population_nuts(evidence, x, day, base, rng=rng, **sampler)
    settings = {"draws": 3000, "thin": 2, "warmup": 300}
    fast = fit_population(evidence, x, day, base, rng=rng, **settings)
    mean, sd = furthest(exact, fast)
    assert mean < 0.2
    assert sd < 0.2
    wrong = replace(base, spread=base.spread / 2)
    mean, _ = furthest(exact, fit_population(evidence, x, day, wrong, rng=rng, **settings))
    assert mean > 0.4


def test_the_log_density_is_that_of_the_formulas():
    """Against SciPy, coordinates integrated out; at twelve points, up to one constant."""
    rng = np.random.default_rng(5)
    evidence, x, day, base = history(rng)
    evidence = [  # SciPy needs evidence that is a normal density
        Evidence(precision=h, linear=h @ e.point, point=e.point)
        for e in evidence
        for h in [e.precision + np.eye(2)]
    ]
    model = build_population_model(evidence, x, day, replace(base, tail=np.inf))
    ours, theirs = [], []
    names = ("coefficients", "days", "spread")
    outputs = [*model.potentials, *(model[name] for name in names)]
    outputs = model.replace_rvs_by_values(outputs)
    terms = model.compile_fn(outputs, inputs=model.value_vars)
    for _ in range(12):
        point = model.initial_point()
        point = {name: v + 0.5 * rng.standard_normal(v.shape) for name, v in point.items()}
        found, coefficients, days, spread = terms(point)
        mean = x @ coefficients + days[day] @ base.factors.T
        ours.append(found)
        theirs.append(
            sum(
                multivariate_normal(m, np.linalg.inv(e.precision) + spread).logpdf(e.point)
                for e, m in zip(evidence, mean, strict=True)
            )
        )
    assert np.ptp(theirs) > 5
    assert np.subtract(ours, theirs) == pytest.approx(ours[0] - theirs[0], abs=1e-8)


def test_priors_are_those_of_the_gibbs_sampler():
    """Against SciPy's inverse gamma and normal: each margin at a false alarm rate of 1e-4."""
    import pymc as pm

    evidence, x, day, base = history(np.random.default_rng(5))
    model = build_population_model(evidence, x, day, base)
    names = ("spread", "factor_sd", "coefficients")
    drawn = pm.draw([model[name] for name in names], draws=3000, random_seed=4)
    spread, factor_sd, coefficients = drawn
    weight, p = base.spread_weight, len(base.spread)
    # The diagonal of an inverse Wishart of weight + p + 1 degrees of freedom.
    variance = invgamma((weight + 2) / 2, scale=weight * base.spread[1, 1] / 2)
    half = base.factor_weight / 2
    tau = invgamma(half, scale=half * base.factor_scale[0] ** 2)
    for values, law in (
        (spread[:, 0, 0], variance),
        (spread[:, 1, 1], variance),
        (factor_sd[:, 0] ** 2, tau),
        (coefficients[:, 0, 1], norm(0, base.location_scale)),
        (coefficients[:, 1, 0], norm(0, base.slope_scale)),
    ):
        assert kstest(values, law.cdf).pvalue > 1e-4
    precision = np.linalg.inv(spread).mean(axis=0)
    expected = (weight + p + 1) / weight * np.linalg.inv(base.spread)
    assert precision == pytest.approx(expected, rel=0.1)
