"""Laws that every score keeps: relabelling changes nothing, honesty pays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.validation.scores import (
    brier_score,
    crps,
    energy_score,
    interval_score,
    log_density,
    log_score,
    threshold_crps,
)

SHARES = arrays(float, (12, 3), elements=st.floats(0.01, 0.99))
TRUTH = arrays(float, 3, elements=st.floats(0.01, 0.99))


@given(SHARES, TRUTH)
def test_naming_the_other_finalist_first_changes_no_score(draws, truth):
    for score in (crps, threshold_crps):
        np.testing.assert_allclose(score(draws, truth), score(1 - draws, 1 - truth), atol=1e-9)
    if (np.ptp(draws, axis=0) > 0.01).all():
        np.testing.assert_allclose(
            log_density(draws, truth), log_density(1 - draws, 1 - truth), atol=1e-6
        )
    low, high = draws.min(axis=0), draws.max(axis=0)
    np.testing.assert_allclose(
        interval_score(low, high, truth, level=0.8),
        interval_score(1 - high, 1 - low, 1 - truth, level=0.8),
        atol=1e-9,
    )


@given(SHARES, TRUTH)
def test_the_order_of_draws_does_not_matter(draws, truth):
    turned = draws[::-1]
    np.testing.assert_allclose(crps(draws, truth), crps(turned, truth), atol=1e-12)
    both, actual = np.stack([draws, 1 - draws], axis=-1), np.stack([truth, 1 - truth], axis=-1)
    np.testing.assert_allclose(
        energy_score(both, actual), energy_score(both[::-1], actual), atol=1e-12
    )


@given(SHARES, TRUTH)
def test_the_energy_score_of_one_quantity_is_the_crps(draws, truth):
    np.testing.assert_allclose(
        energy_score(draws[..., None], truth[:, None]), crps(draws, truth), atol=1e-12
    )


@given(st.floats(0.05, 0.95), st.floats(0.01, 0.99))
def test_nobody_scores_better_by_saying_what_they_do_not_believe(p, said):
    """The expected score under p is least at p."""
    for score in (brier_score, log_score):
        expected = [p * float(score(q, True)) + (1 - p) * float(score(q, False)) for q in (p, said)]
        assert expected[0] <= expected[1] + 1e-12


@given(TRUTH)
def test_certainty_that_proves_right_costs_nothing(truth):
    draws = np.tile(truth, (5, 1))
    assert crps(draws, truth) == pytest.approx(np.zeros(3))
    assert crps(draws, truth, fair=False) == pytest.approx(np.zeros(3))
