"""Credible intervals of probabilities from pairs of draws that share their inputs."""

import numpy as np
import pytest
from scipy.stats import norm

from forecast.outcome.paired_draws import pair_probability

LEVEL, LINE = 0.9, 1.2


def margins(alike, n, seed):
    """Return draws of a margin of which d and d + n / 2 correlate by `alike`."""
    rng = np.random.default_rng(seed)
    shared = np.tile(rng.standard_normal(n // 2), 2)
    return np.sqrt(alike) * shared + np.sqrt(1 - alike) * rng.standard_normal(n) - LINE


def true_interval(alike):
    reach = np.sqrt(alike) * norm.ppf(0.5 + LEVEL / 2)
    return norm.cdf((-LINE + np.array([-reach, reach])) / np.sqrt(1 - alike))


@pytest.mark.parametrize("by_margin", [True, False])
@pytest.mark.parametrize("alike", [0.0, 0.01, 0.1])
def test_few_draws_never_say_that_nothing_is_unknown(alike, by_margin):
    widths = []
    for seed in range(40):
        own = margins(alike, 1000, seed)
        found = pair_probability(own > 0, LEVEL, margin=own if by_margin else None)
        assert found.credible_interval.low < found.value < found.credible_interval.high
        widths.append(found.credible_interval.high - found.credible_interval.low)
    assert np.median(widths) > 0.9 * np.diff(true_interval(alike))[0]


@pytest.mark.parametrize("by_margin", [True, False])
@pytest.mark.parametrize("alike", [0.1, 0.3, 0.7])
def test_many_draws_find_the_interval(alike, by_margin):
    own = margins(alike, 100_000, 1)
    found = pair_probability(own > 0, LEVEL, margin=own if by_margin else None).credible_interval
    assert (found.low, found.high) == pytest.approx(true_interval(alike), abs=0.03)
