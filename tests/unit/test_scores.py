"""Scores agree with `scoringrules`, an independent implementation, and with their definitions."""

import numpy as np
import pytest
import scoringrules as sr

from forecast import InputError
from forecast.validation.scores import (
    brier_score,
    crps,
    energy_score,
    interval_score,
    log_density,
    log_score,
    threshold_crps,
)

DRAWS, CONTESTS = 60, 7


@pytest.fixture
def shares(rng):
    """Return draws (draw, contest) and what came."""
    return rng.beta(5, 4, size=(DRAWS, CONTESTS)), rng.beta(5, 4, size=CONTESTS)


@pytest.mark.parametrize(("fair", "estimator"), [(True, "fair"), (False, "nrg")])
def test_crps_agrees(shares, fair, estimator):
    draws, truth = shares
    theirs = sr.crps_ensemble(truth, draws, m_axis=0, estimator=estimator)
    np.testing.assert_allclose(crps(draws, truth, fair=fair), theirs, atol=1e-12)


def test_threshold_crps_agrees(shares):
    draws, truth = shares
    theirs = sr.twcrps_ensemble(truth, draws, a=0.45, b=0.55, m_axis=0, estimator="fair")
    np.testing.assert_allclose(threshold_crps(draws, truth), theirs, atol=1e-12)


def test_threshold_crps_tends_to_the_brier_score(shares):
    draws, truth = shares
    narrow = threshold_crps(draws, truth, width=1e-7, fair=False) / 2e-7
    expected = brier_score((draws > 0.5).mean(axis=0), truth > 0.5)
    np.testing.assert_allclose(narrow, expected, atol=1e-6)


def test_interval_score_agrees(shares):
    draws, truth = shares
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    theirs = sr.interval_score(truth, low, high, 0.1)
    np.testing.assert_allclose(interval_score(low, high, truth, level=0.9), theirs)


@pytest.mark.parametrize("draws", [6, 7])
@pytest.mark.parametrize(("fair", "estimator"), [(True, "fair"), (False, "nrg")])
def test_energy_score_agrees(rng, draws, fair, estimator):
    x, y = rng.normal(size=(draws, CONTESTS, 2)), rng.normal(size=(CONTESTS, 2))
    theirs = sr.es_ensemble(y, x.transpose(1, 0, 2), estimator=estimator)
    np.testing.assert_allclose(energy_score(x, y, fair=fair), theirs, atol=1e-12)


def test_energy_score_from_some_pairs_is_near(rng):
    x, y = rng.normal(size=(4000, 2)), np.zeros(2)
    assert abs(energy_score(x, y, shifts=8) - energy_score(x, y)) < 0.02


def test_probability_scores_agree(rng):
    p, y = rng.uniform(0.01, 0.99, 50), rng.random(50) < 0.5
    np.testing.assert_allclose(brier_score(p, y), sr.brier_score(y, p))
    np.testing.assert_allclose(log_score(p, y), sr.log_score(y, p))


def test_a_fair_crps_does_not_depend_on_the_number_of_draws(rng):
    """Mean over 20,000 forecasts of few draws: fair as with many, plain dearer by their spread."""
    few = rng.normal(size=(4, 20_000))
    exact = 1 / np.sqrt(np.pi)  # E|X - Y| - E|X - X'| / 2 of standard normals
    truth = rng.normal(size=20_000)
    assert abs(crps(few, truth).mean() - exact) < 0.02
    assert crps(few, truth, fair=False).mean() > exact + 0.1


def test_log_density_integrates_to_one(shares):
    draws, _ = shares
    grid = np.linspace(0.0005, 0.9995, 2000)
    density = np.exp(log_density(np.tile(draws[:, :1], len(grid)), grid))
    assert abs(density.sum() * (grid[1] - grid[0]) - 1) < 0.01


def test_scores_refuse_what_they_cannot_score(shares):
    draws, truth = shares
    with pytest.raises(InputError, match="draws must have shape"):
        crps(draws, truth[:-1])
    with pytest.raises(InputError, match="finite"):
        crps(draws, np.full(CONTESTS, np.nan))
    with pytest.raises(InputError, match="fair=False"):
        crps(draws[:1], truth)
    with pytest.raises(InputError, match="between 0 and 1"):
        brier_score([90], [True])
    with pytest.raises(InputError, match="strictly between"):
        log_density(draws, np.ones(CONTESTS))
    with pytest.raises(InputError, match="low end"):
        interval_score(0.6, 0.4, 0.5, level=0.9)
    with pytest.raises(InputError, match="width"):
        threshold_crps(draws, truth, width=0)
    with pytest.raises(InputError, match="floor"):
        log_score([0.5], [True], floor=0)
    for score in (brier_score, log_score):
        with pytest.raises(InputError, match=r"yes or no - found 0\.6"):
            score([0.5], [0.6])  # a share, not whether it won
    with pytest.raises(InputError, match="found none"):
        crps(draws[:0], truth, fair=False)
    with pytest.raises(InputError, match="numbers"):
        crps([["a"], ["b"]], [0.5])
    with pytest.raises(InputError, match="finite"):
        interval_score(0.1, np.nan, 0.5, level=0.9)
    with pytest.raises(InputError, match="one shape"):
        interval_score([0.1, 0.2, 0.3], [0.4, 0.5], 0.5, level=0.9)
    pairs = np.stack([draws, 1 - draws], axis=-1)
    for shifts in (0, -1):
        with pytest.raises(InputError, match="shifts"):
            energy_score(pairs, pairs[0], shifts=shifts)
    with pytest.raises(InputError, match="axis of quantities"):
        energy_score(draws[:, 0], truth[0])
