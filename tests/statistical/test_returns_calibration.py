"""Simulation-based calibration of the posterior of returns.

What is calibrated is the model as it is assumed before it is made careful: tempering 1, a context
that is known, and rows with a prior of their own (the default prior looks at the runoff's margin).
Counts are drawn from the very normal the likelihood states, with overdispersion from its prior, so
that all that is left to find is an error of the posterior itself. The shipped constants temper that
likelihood and spread context by its prior; what they cover is measured on known tables instead.
"""

import numpy as np
import pytest
import sbc

from forecast.transfers.returns.density import RowPrior, Settings, contrast_basis, softmax
from forecast.transfers.returns.likelihood import Counts
from forecast.transfers.returns.reading import read_counts

ORIGINS, DESTINATIONS, UNITS, DRAWS = 3, 3, 40, 99
SCALE, CONTEXT = 0.5, 0.15
ASSUMED = Settings(tempering=1.0, context=CONTEXT, context_scale=0.0)
CENTRE = np.log([[0.7, 0.15, 0.15], [0.2, 0.55, 0.25], [0.2, 0.2, 0.6]])


def drawn_counts(table, log_kappa, rng):
    """Return counts from the normal of the likelihood, written down again from its formula."""
    people = rng.integers(400, 1200, UNITS)
    x = (rng.dirichlet([2.0] * ORIGINS, UNITS) * people[:, None]).round()
    n = x.sum(axis=1)
    lean = x - np.outer(n, x.sum(axis=0) / x.sum())
    weight = x * (1 + np.maximum(x - 1, 0) / (np.exp(log_kappa) + 1))
    free = DESTINATIONS - 1
    shapes = np.array([np.diag(t) - np.outer(t, t) for t in table])[:, :free, :free]
    covariance = np.einsum("ur,rij->uij", weight, shapes)
    covariance += 0.25 * (np.eye(free) - 1 / DESTINATIONS)
    mean = ((x + CONTEXT * lean) @ table)[:, :free]
    noise = np.einsum("uij,uj->ui", np.linalg.cholesky(covariance), rng.normal(size=(UNITS, free)))
    y = mean + noise
    runoff = np.column_stack([y, n - y.sum(axis=1)])
    return Counts(origins=np.ascontiguousarray(x.T), destinations=np.ascontiguousarray(runoff.T))


def replicate(rng, settings=ASSUMED):
    """Return the true rates and log kappa, and draws of them."""
    contrasts = SCALE * rng.normal(size=(ORIGINS, DESTINATIONS - 1))
    table = softmax(CENTRE + contrasts @ contrast_basis(DESTINATIONS).T)
    log_kappa = ASSUMED.kappa_mean + ASSUMED.kappa_scale * rng.normal(size=ORIGINS)
    counts = drawn_counts(table, log_kappa, rng)
    precision = np.eye(ORIGINS * (DESTINATIONS - 1)) / SCALE**2
    prior = RowPrior(centre=CENTRE, precision=precision)
    reading = read_counts(counts, settings=settings, method="laplace", rng=rng, prior=prior)
    points = reading.posterior.points(DRAWS, rng=rng)
    density = reading.density
    draws = np.concatenate(
        [density.tables(points).reshape(DRAWS, -1), density.split(points)[1]], axis=1
    )
    return np.concatenate([table.ravel(), log_kappa]), draws


def test_ranks_are_uniform():
    assert sbc.uniformity(sbc.ranks(replicate, 60, seed=1)) > sbc.FALSE_ALARM


@pytest.mark.slow
def test_ranks_are_uniform_over_many_contests():
    assert sbc.uniformity(sbc.ranks(replicate, 400, seed=2)) > sbc.FALSE_ALARM


def test_counting_everything_thrice_is_noticed():
    """Negative control: a likelihood to the third power."""
    faulty = Settings(tempering=3.0, context=CONTEXT, context_scale=0.0)
    found = sbc.ranks(lambda rng: replicate(rng, faulty), 60, seed=1)
    assert sbc.uniformity(found) < sbc.FALSE_ALARM


def test_ignoring_context_is_noticed():
    """Negative control: where people live is taken for how they vote."""
    faulty = Settings(tempering=1.0, context=0.0, context_scale=0.0)
    found = sbc.ranks(lambda rng: replicate(rng, faulty), 60, seed=1)
    assert sbc.uniformity(found) < sbc.FALSE_ALARM
