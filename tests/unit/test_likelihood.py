"""The formula, its gradient, and its invariances."""

import numpy as np
import pytest
from counts import density_of, runoff_density, simulated
from scipy.stats import multivariate_normal, multivariate_t

from forecast.transfers.returns import likelihood
from forecast.transfers.returns.counts import Counts, counts_from_units
from forecast.transfers.returns.laplace import find_mode
from forecast.transfers.returns.likelihood import (
    invert_by_unit,
    returns_log_density,
    units_log_density,
)
from forecast.transfers.returns.settings import ARRAYS, RUNOFFS
from forecast.transfers.table.links import Contrasts, Voting, contrast_basis


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
        value = returns_log_density(table, log_kappa, context, counts)[0]
        expected = by_hand(table, log_kappa, context, contest.first_round, contest.runoff)
        assert value == pytest.approx(expected, rel=1e-11)


def units_by_hand(table, slopes, log_kappa, df, contest):
    """The formula of the units with SciPy's t density; its constant depends on units only."""
    first_round, runoff = contest.first_round, contest.runoff
    overall = first_round.sum(axis=0) / first_round.sum()
    free, total = slopes.shape[1], 0.0
    for x, y in zip(first_round, runoff, strict=True):
        lean = x - x.sum() * overall
        weight = x * (1.0 + np.maximum(x - 1.0, 0.0) / (np.exp(log_kappa) + 1.0))
        cov = sum(w * (np.diag(t) - np.outer(t, t)) for w, t in zip(weight, table, strict=True))
        cov = (cov + 0.25 * (np.eye(len(y)) - 1.0 / len(y)))[:-1, :-1]
        mean = x.sum() * (overall @ table)[:-1] + lean @ slopes
        peak = multivariate_t(np.zeros(free), np.eye(free), df=df).logpdf(np.zeros(free))
        total += multivariate_t(mean, cov, df=df).logpdf(y[:-1]) - peak
    return total


@pytest.mark.parametrize("destinations", [2, 3, 6])
@pytest.mark.parametrize("origins", [1, 4])
def test_units_are_multivariate_t(origins, destinations, rng):
    contest = simulated(units=7, origins=origins, destinations=destinations, rng=rng)
    counts = counts_from_units(contest.first_round, contest.runoff)
    tables = rng.dirichlet(np.full(destinations, 2.0), size=(3, origins))
    slopes = tables[..., :-1] + rng.normal(0.0, 0.1, (3, origins, destinations - 1))
    log_kappa = rng.normal(3.0, 1.0, (3, origins))
    values = units_log_density(tables, slopes, log_kappa, 10.0, counts).value
    for value, *at in zip(values, tables, slopes, log_kappa, strict=True):
        expected = units_by_hand(*at, 10.0, contest)
        assert value == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("kind", [(density_of, ARRAYS), (runoff_density, RUNOFFS)])
@pytest.mark.parametrize(("origins", "destinations"), [(3, 2), (5, 3), (6, 5)])
def test_gradient_agrees_with_differences(kind, origins, destinations, rng):
    build, settings = kind
    if build is runoff_density and destinations == 2:
        destinations = 3
    contest = simulated(units=9, origins=origins, destinations=destinations, rng=rng)
    density = build(contest.first_round, contest.runoff, settings)
    steps = 1e-5 * np.eye(density.size)
    for _ in range(3):
        point = density.start + rng.normal(0.0, 0.3, density.size)
        for some in (density, density.around(density.start), density.thinned(4)):
            _, gradient = some(point)
            values = [some.at(point + sign * steps)[0] for sign in (1, -1)]
            slope = (values[0] - values[1]) / 2e-5
            assert gradient == pytest.approx(slope, rel=2e-6, abs=2e-6 * abs(gradient).max())


def test_blocks_of_units_change_nothing(rng, monkeypatch):
    contest = simulated(units=200, origins=3, destinations=3, rng=rng)
    density = density_of(contest.first_round, contest.runoff, ARRAYS)
    points = density.start + rng.normal(0.0, 0.2, (5, density.size))
    whole = density.at(points)
    monkeypatch.setattr(likelihood, "BLOCK", 1)
    for one, other in zip(whole, density.at(points), strict=True):
        assert one == pytest.approx(other, rel=1e-12)


def test_all_units_thinned_are_all_units(rng):
    contest = simulated(units=30, origins=3, destinations=3, rng=rng)
    density = density_of(contest.first_round, contest.runoff, ARRAYS)
    assert density.thinned(30)(density.start)[0] == pytest.approx(density(density.start)[0])


def test_information_is_positive_definite_and_near_the_curvature(rng):
    contest = simulated(units=60, origins=4, destinations=3, rng=rng)
    density = density_of(contest.first_round, contest.runoff, ARRAYS)
    mode = find_mode(density)[0]
    information = density.information(mode)
    assert np.allclose(information, information.T)
    root = np.linalg.cholesky(np.linalg.inv(information))
    steps = 1e-4 * root.T
    curvature = (density.at(mode - steps)[1] - density.at(mode + steps)[1]) @ root / 2e-4
    assert np.linalg.eigvalsh(curvature)[0] > 0.2
    assert np.linalg.eigvalsh(curvature)[-1] < 3.0


def test_an_odd_unit_weighs_little(rng):
    contest = simulated(units=60, origins=3, destinations=3, rng=rng)
    runoff = contest.runoff.copy()
    runoff[7] = runoff[7, ::-1]
    density = density_of(contest.first_round, runoff, ARRAYS)
    found = density.units(find_mode(density)[0], density.counts)
    assert found.weight.argmin() == 7
    assert found.weight[7] < 0.5 < np.median(found.weight)
    assert found.expected.sum(axis=1) == pytest.approx(runoff.sum(axis=1))


def test_relabelling_destinations_changes_nothing(rng):
    contest = simulated(units=9, origins=3, destinations=4, rng=rng)
    table = rng.dirichlet(np.ones(4), size=3)
    log_kappa, order = np.array([2.0, 3.0, 4.0]), np.array([2, 0, 3, 1])
    plain = counts_from_units(contest.first_round, contest.runoff)
    swapped = counts_from_units(contest.first_round, contest.runoff[:, order])
    one = returns_log_density(table, log_kappa, 0.1, plain)[0]
    other = returns_log_density(table[:, order], log_kappa, 0.1, swapped)[0]
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
    value, by_rate, _ = returns_log_density(np.full((3, 2), 0.5), np.zeros(3), 0.0, counts)
    assert value == 0.0
    assert not by_rate.any()


@pytest.mark.parametrize("link", [Contrasts(2), Contrasts(4), Voting(3), Voting(5)])
def test_links_invert_and_know_their_slopes(link, rng):
    point = rng.normal(0.0, 1.5, (6, link.destinations - 1))
    rates = link.rates(point)
    assert rates.sum(axis=-1) == pytest.approx(1.0)
    assert link.coordinates(rates) == pytest.approx(point)
    slopes = link.slopes(rates)
    for j, step in enumerate(1e-6 * np.eye(link.destinations - 1)):
        change = (link.rates(point + step) - link.rates(point - step)) / 2e-6
        assert slopes[..., j] == pytest.approx(change, abs=1e-8)
