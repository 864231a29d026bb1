"""PIT, coverage, reliability and skill, against closed forms and simulation."""

import numpy as np
import pytest
from scipy import stats

from forecast import InputError
from forecast.validation.calibration import coverage, pit, reliability
from forecast.validation.skill import clustered_mean, skill


def test_pit_is_uniform_even_with_ties(rng):
    """Truth and draws from one distribution on five values; Kolmogorov-Smirnov at 1e-4."""
    values = rng.integers(0, 5, size=(20, 4000)).astype(float)
    found = pit(values[1:], values[0], rng=rng)
    assert stats.kstest(found, "uniform").pvalue > 1e-4


def test_pit_notices_intervals_that_are_too_narrow(rng):
    """Negative control: draws with half the spread."""
    draws, truth = rng.normal(size=(99, 1000)) / 2, rng.normal(size=1000)
    assert stats.kstest(pit(draws, truth, rng=rng), "uniform").pvalue < 1e-4


def test_coverage_is_the_level_of_calibrated_intervals(rng):
    draws, truth = rng.normal(size=(999, 4000)), rng.normal(size=4000)
    for level, held in coverage(draws, truth, [str(i) for i in range(4000)]).items():
        assert abs(held.value - level) < 4 * np.sqrt(level * (1 - level) / 4000)
        assert held.standard_error == pytest.approx(np.sqrt(level * (1 - level) / 4000), rel=0.2)


def test_reliability_bands_hold_all_bins_at_their_level(rng):
    """Of 400 calibrated forecasters at least 90% stay inside everywhere, up to 1e-4 of luck."""
    inside = 0
    for _ in range(400):
        p = rng.random(120)
        inside += reliability(p, rng.random(120) < p, bins=5).inside
    assert inside > stats.binom.ppf(1e-4, 400, 0.9)


def test_reliability_bands_notice_overconfidence(rng):
    """Negative control: probabilities pushed to the ends."""
    p = rng.random(400)
    said = np.clip(0.5 + 2 * (p - 0.5), 0.01, 0.99)
    assert not reliability(said, rng.random(400) < p).inside


def test_false_alarm_and_power_of_reliability_bands_are_as_frequent_as_they_say(rng):
    """4,000 diagrams each; the second from intervals a fifth too narrow."""
    p = rng.random(300)
    said = reliability(p, rng.random(300) < p)
    assert said.false_alarm <= 0.1 < said.power
    for truth, rate in (
        (p, said.false_alarm),
        (stats.norm.cdf(0.8 * stats.norm.ppf(p)), said.power),
    ):
        place = np.minimum((p * 10).astype(int), 9)
        happened = rng.random((4000, 300)) < truth
        frequency = np.stack([happened[:, place == b].mean(axis=1) for b in range(10)], axis=1)
        outside = ((frequency < said.low - 1e-9) | (frequency > said.high + 1e-9)).any(axis=1)
        assert abs(outside.mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / 4000)


def test_clustered_error_is_that_of_cluster_means():
    """Equal clusters: the standard error of the mean of their means."""
    values = np.array([1.0, 2.0, 4.0, 5.0, 7.0, 9.0])
    found = clustered_mean(values, ["a", "a", "b", "b", "c", "c"])
    means = values.reshape(3, 2).mean(axis=1)
    assert found.standard_error == pytest.approx(means.std(ddof=1) / np.sqrt(3))
    assert (found.n, found.clusters) == (6, 3)
    low, high = found.interval(0.9)
    half = stats.t.ppf(0.95, 2) * found.standard_error
    assert (low, high) == pytest.approx((found.value - half, found.value + half))
    for few in (["a"] * 6, ["a", "b"] * 3):
        assert clustered_mean(values, few).standard_error is None
        assert clustered_mean(values, few).interval() is None


def test_intervals_of_few_clusters_cover_what_they_say(rng):
    """Five elections, 2,000 times: 90% within 0.033, five standard errors; the normal has 83%."""
    held, normal = 0, 0
    for _ in range(2000):
        values = np.repeat(rng.normal(size=5), 4) + 0.1 * rng.normal(size=20)
        found = clustered_mean(values, np.repeat(list("abcde"), 4).tolist())
        low, high = found.interval()
        held += low < 0 < high
        normal += abs(found.value) < stats.norm.ppf(0.95) * found.standard_error
    assert held / 2000 == pytest.approx(0.9, abs=0.033)
    assert normal / 2000 < 0.867  # the negative control


def test_clustered_error_is_the_spread_over_repetitions(rng):
    """40 elections of 25 contests that share half their variance, 400 times over."""
    means, errors = [], []
    clusters = np.repeat([str(i) for i in range(40)], 25).tolist()
    for _ in range(400):
        values = rng.normal(size=1000) + np.repeat(rng.normal(size=40), 25)
        found = clustered_mean(values, clusters)
        means.append(found.value)
        errors.append(found.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.15)


def test_skill_has_the_spread_it_says(rng):
    """The delta method against 400 repetitions, paired scores of correlated models."""
    clusters, found = [str(i) for i in range(200)], []
    for _ in range(400):
        base = rng.gamma(4, size=200)
        found.append(skill(0.8 * base * rng.uniform(0.5, 1.5, 200), base, clusters))
    values = [s.value for s in found]
    assert np.mean(values) == pytest.approx(0.2, abs=0.01)
    assert np.mean([s.standard_error for s in found]) == pytest.approx(np.std(values), rel=0.15)


def test_calibration_refuses_what_does_not_fit():
    with pytest.raises(InputError, match="one for every contest"):
        clustered_mean([1.0, 2.0], ["a"])
    with pytest.raises(InputError, match="paired"):
        skill([1.0], [1.0, 2.0], ["a"])
    with pytest.raises(InputError, match="positive"):
        skill([1.0], [0.0], ["a"])
    with pytest.raises(InputError, match="level"):
        coverage(np.zeros((3, 1)), [0.0], ["a"], [90])
    with pytest.raises(InputError, match="shapes"):
        reliability([0.1, 0.2], [True])
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="shape"):
        pit(np.zeros((3, 2)), [0.0], rng=rng)
    for draws, truth in ((np.full((3, 1), np.nan), [0.0]), (np.zeros((3, 1)), [np.nan])):
        with pytest.raises(InputError, match="finite"):
            pit(draws, truth, rng=rng)
        with pytest.raises(InputError, match="finite"):
            coverage(draws, truth, ["a"])
    with pytest.raises(InputError, match="finite"):
        clustered_mean([np.nan, 1.0], ["a", "b"])
    with pytest.raises(InputError, match="yes or no"):
        reliability([0.5], [0.6])
    with pytest.raises(InputError, match="bins"):
        reliability([0.5], [True], bins=2.5)
