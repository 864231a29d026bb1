"""What the wide prior says of runoffs that were held: national ones of 25 countries."""

from dataclasses import replace

import numpy as np
import pytest

from forecast import past_runoffs
from forecast.simulation.engine import simulate
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.elicited.rows import Belief


def turnouts(change=lambda prior: prior):
    """Return actual valid votes over the list, (contest,), and draws of them, (contest, draw)."""
    actual, drawn = [], []
    for contest, returns in past_runoffs("world"):
        ledger = contest.ledger()
        votes = simulate(ledger, change(generic_prior(contest)), draws=2000, workers=1).votes()
        actual.append(returns.votes.sum() / ledger.people)
        drawn.append(votes.sum(axis=1) / ledger.people)
    return np.array(actual), np.array(drawn)


def held(actual, drawn):
    low, high = np.quantile(drawn, [0.05, 0.95], axis=1)
    return np.mean((low <= actual) & (actual <= high))


def test_turnout_is_right_on_average_and_its_interval_holds():
    actual, drawn = turnouts()
    assert np.mean(np.median(drawn, axis=1) - actual) == pytest.approx(-0.017, abs=0.002)
    assert held(actual, drawn) == pytest.approx(0.925, abs=0.02)


def test_beliefs_that_fewer_come_back_fail():
    def fewer(prior):
        chances = {"*": (0.6, 0.3, 0.87), "non-voters": (0.07, 0.01, 0.2)}
        rows = [
            replace(row, participation=Belief.of(chances[row.origin]))
            if row.origin in chances
            else row
            for row in prior.rows
        ]
        return replace(prior, rows=tuple(rows))

    assert held(*turnouts(fewer)) < 0.7
