"""The formula, its gradient, and its invariances."""

import numpy as np
import pytest
from counts import density_of, simulated
from scipy.stats import multivariate_normal

from forecast.transfers.returns.density import Settings, contrast_basis
from forecast.transfers.returns.likelihood import (
    Counts,
    counts_from_units,
    invert_by_unit,
    returns_log_density,
)


def by_hand(table, log_kappa, context, first_round, runoff):
    """The formula of MODEL 3, unit by unit, with SciPy's normal density."""
    overall = first_round.sum(axis=0) / first_round.sum()
    total = 0.0
    for x, y in zip(first_round, runoff, strict=True):
        exposure = x + context * (x - x.sum() * overall)
        weight = x * (1.0 + np.maximum(x - 1.0, 0.0) / (np.exp(log_kappa) + 1.0))
        cov = sum(w * (np.diag(t) - np.outer(t, t)) for w, t in zip(weight, table, strict=True))
        cov = (cov + 0.25 * (np.eye(len(y)) - 1.0 / len(y)))[:-1, :-1]
        total += multivariate_normal((exposure @ table)[:-1], cov).logpdf(y[:-1])
    return total


@pytest.mark.parametrize("destinations", [2, 3, 6])
@pytest.mark.parametrize("origins", [1, 4])
def test_value_is_the_formula(origins, destinations, rng):
    contest = simulated(units=7, origins=origins, destinations=destinations, rng=rng)
    counts = counts_from_units(contest.first_round, contest.runoff)
    for _ in range(5):
        table = rng.dirichlet(np.full(destinations, 2.0), size=origins)
        log_kappa, context = rng.normal(3.0, 1.0, origins), rng.normal(0.1, 0.2)
        value = returns_log_density(table, log_kappa, context, counts).value
        expected = by_hand(table, log_kappa, context, contest.first_round, contest.runoff)
        assert value == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(("origins", "destinations"), [(1, 2), (3, 2), (5, 3), (4, 6)])
def test_gradient_agrees_with_differences(origins, destinations, rng):
    contest = simulated(units=9, origins=origins, destinations=destinations, rng=rng)
    density = density_of(contest.first_round, contest.runoff, Settings())
    for _ in range(3):
        point = density.start + rng.normal(0.0, 0.5, density.size)
        _, gradient = density(point)
        step = 1e-5
        assert density.value(point) == density(point)[0]
        for i, unit in enumerate(np.eye(density.size)):
            slope = (density(point + step * unit)[0] - density(point - step * unit)[0]) / (2 * step)
            assert gradient[i] == pytest.approx(slope, rel=2e-6, abs=2e-6 * abs(gradient).max())


def test_information_is_positive_definite_and_near_the_curvature(rng):
    contest = simulated(units=60, origins=4, destinations=3, rng=rng)
    density = density_of(contest.first_round, contest.runoff, Settings())
    point = density.start
    information = density.information(point)
    assert np.allclose(information, information.T)
    assert np.linalg.eigvalsh(information)[0] > 0.0


def test_relabelling_destinations_changes_nothing(rng):
    contest = simulated(units=9, origins=3, destinations=4, rng=rng)
    table = rng.dirichlet(np.ones(4), size=3)
    log_kappa, order = np.array([2.0, 3.0, 4.0]), np.array([2, 0, 3, 1])
    plain = counts_from_units(contest.first_round, contest.runoff)
    swapped = counts_from_units(contest.first_round, contest.runoff[:, order])
    one = returns_log_density(table, log_kappa, 0.1, plain).value
    other = returns_log_density(table[:, order], log_kappa, 0.1, swapped).value
    assert one == pytest.approx(other, rel=1e-12)


def test_sweep_inverts(rng):
    factors = rng.normal(size=(5, 4, 4))
    matrices = factors @ factors.transpose(0, 2, 1) + 0.1 * np.eye(4)
    inverse, log_det = invert_by_unit(matrices.transpose(1, 2, 0))
    assert np.allclose(inverse.transpose(2, 0, 1), np.linalg.inv(matrices))
    assert np.allclose(log_det, np.linalg.slogdet(matrices)[1])


@pytest.mark.parametrize("size", [2, 3, 7])
def test_contrasts_are_orthonormal_and_sum_to_zero(size):
    basis = contrast_basis(size)
    assert np.allclose(basis.T @ basis, np.eye(size - 1))
    assert np.allclose(basis.sum(axis=0), 0.0)


def test_leans_sum_to_zero_by_unit_and_origin(rng):
    contest = simulated(units=9, origins=3, destinations=2, rng=rng)
    lean = counts_from_units(contest.first_round, contest.runoff).lean
    assert np.allclose(lean.sum(axis=0), 0.0)
    assert np.allclose(lean.sum(axis=1), 0.0)


def test_no_units_have_density_zero():
    counts = Counts(origins=np.zeros((3, 0)), destinations=np.zeros((2, 0)))
    fit = returns_log_density(np.full((3, 2), 0.5), np.zeros(3), 0.0, counts)
    assert fit.value == 0.0
    assert not fit.by_rate.any()
