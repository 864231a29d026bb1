"""The posterior of a first round is calibrated where its own assumptions hold.

200 elections of five candidates are drawn from the model, each with 8 polls of 3 pollsters 10 to
60 days before. Squared errors of log-ratios over their variance then average 1 (sd .05 over 800
numbers, correlated within elections: .07): a posterior whose sd is 15% too small gives 1.38 and is
refused with a power of more than .99, at a false alarm of 1 in 1,000.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from forecast.facts.polls import Poll
from forecast.first_round.errors import FirstRoundErrors, spread_of_size
from forecast.first_round.opinion import Opinion, questions_of

DAY = date(2030, 5, 5)
NAMES = tuple("abcde")
ERRORS = replace(FirstRoundErrors(), rivals=0.0)


def made(rng):
    """Return an election's log support and polls, drawn from the model."""
    support = np.log([0.3, 0.25, 0.2, 0.15, 0.1]) + 0.2 * rng.standard_normal(5)
    share = np.exp(support) / np.exp(support).sum()
    sd = np.sqrt(spread_of_size(share, ERRORS.small))
    days = np.sort(rng.integers(10, 60, 8))
    steps = np.diff(np.concatenate([[0], days.astype(float) ** ERRORS.power]))
    walk = np.cumsum(np.sqrt(steps)[:, None] * rng.standard_normal((8, 5)), axis=0)
    bias, house = ERRORS.bias * rng.standard_normal(5), rng.standard_normal((3, 5))
    polls = []
    for k, t in enumerate(days.tolist()):
        off = bias + ERRORS.drift * walk[k] + ERRORS.house * house[k % 3]
        off = off + ERRORS.noise * rng.standard_normal(5)
        p = np.exp(support + sd * off)
        counts = rng.multinomial(int(900 / 1.2), p / p.sum())
        polls.append(
            Poll(
                pollster=f"p{k % 3}",
                n=900,
                shares=dict(zip(NAMES, (counts / counts.sum()).tolist(), strict=True)),
                end=DAY - timedelta(days=t),
                round="first round",
            )
        )
    return support, polls


def size(errors, elections=200):
    """Return the mean of squared standardised errors of log-ratios to the first candidate."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(elections):
        support, polls = made(rng)
        opinion = Opinion(questions=questions_of(polls, DAY), errors=errors)
        mean, covariance = opinion.support(np.ones(5, dtype=bool))
        contrast = np.column_stack([-np.ones(4), np.eye(4)])
        error = contrast @ (support - mean)
        found.append(error @ np.linalg.solve(contrast @ covariance @ contrast.T, error) / 4)
    return float(np.mean(found))


def test_errors_are_as_large_as_said():
    assert size(ERRORS) == pytest.approx(1.0, abs=0.23)


def test_a_posterior_that_is_too_narrow_is_found():
    """Negative control: bias and drift 30% smaller than those the elections were drawn with."""
    narrow = replace(ERRORS, bias=0.7 * ERRORS.bias, drift=0.7 * ERRORS.drift)
    assert size(narrow) > 1.23
