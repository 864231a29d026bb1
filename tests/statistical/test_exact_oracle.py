"""Simulator and exact oracle agree, at a stated error rate, and an injected bug is caught.

The check accepts a difference below 4.5 Monte Carlo standard errors: it fails a correct simulator
with probability 7e-6 per case. With 200,000 draws the error is at most 0.0014, so it detects a
win probability that is off by 0.011 with probability over 99.9%. The negative controls
inject such bugs.
"""

from dataclasses import replace

import numpy as np
import pytest
import small
from scipy.special import ndtr

from forecast import TransferPrior
from forecast.errors import InputError
from forecast.simulation.engine import simulate
from forecast.simulation.exact import exact_win_probability
from forecast.transfers.elicited.rows import DirichletRow

LIMIT = 4.5
DRAWS = 200_000

INDEPENDENT = {"mobilisation": 0.0, "swing": 0.0, "partisan": 0.0}
PRIORS = {
    "logistic-normal": small.elicited_prior(**INDEPENDENT),
    "Dirichlet": small.dirichlet_prior(),
    "mixed": small.elicited_prior(**INDEPENDENT).replace_row(small.dirichlet_prior().row("cid")),
    "swing": small.elicited_prior(**(INDEPENDENT | {"swing": 0.6})),
    "three factors": small.elicited_prior(mobilisation=0.3, swing=0.4, partisan=0.2),
    "heavy tails": small.elicited_prior(**(INDEPENDENT | {"swing": 0.6}), tail=3.0),
    "endorsed": small.elicited_prior(**INDEPENDENT).endorse("cid", "ben", strength=0.3),
    "no shared inputs": small.elicited_prior(**INDEPENDENT, input_share=0.0),
}
FAULTS = {
    "logistic-normal": small.elicited_prior(shift=0.02, **INDEPENDENT),
    "Dirichlet": small.dirichlet_prior(shift=0.02),
    "three factors": small.elicited_prior(shift=0.02, mobilisation=0.3, swing=0.4, partisan=0.2),
    "swing": small.elicited_prior(**INDEPENDENT),  # forgets that the rows are correlated
}


def errors_apart(ledger, prior, oracle_prior, seed=1):
    """Return how many Monte Carlo errors lie between the simulation and the oracle."""
    simulation = simulate(ledger, prior, draws=DRAWS, seed=seed, workers=1)
    wins = np.diff(simulation.votes(), axis=1)[:, 0] < 0
    pairs = wins[simulation.pairs()].mean(axis=1)
    error = pairs.std() / np.sqrt(len(pairs))
    assert error < 0.0015
    exact = exact_win_probability(ledger, oracle_prior, nodes=16, factor_nodes=6)
    return abs(pairs.mean() - exact) / error


@pytest.mark.parametrize("name", PRIORS)
def test_the_simulator_agrees_with_the_oracle(name):
    ledger = small.contest().ledger()
    assert errors_apart(ledger, PRIORS[name], PRIORS[name]) < LIMIT


@pytest.mark.parametrize("name", FAULTS)
def test_an_injected_bug_is_caught(name):
    """Prior means off by two points, or a forgotten factor, as a broken simulator would have."""
    ledger = small.contest().ledger()
    assert errors_apart(ledger, FAULTS[name], PRIORS[name]) > LIMIT


def test_a_fault_in_the_ledger_is_caught():
    contest = small.contest()
    stayed = replace(contest, votes=contest.votes - [[0, 0, 20, 0]])
    prior = PRIORS["logistic-normal"]
    exact = exact_win_probability(contest.ledger(), prior)
    simulation = simulate(stayed.ledger(), prior, draws=DRAWS, workers=1)
    wins = np.diff(simulation.votes(), axis=1)[:, 0] < 0
    assert abs(wins.mean() - exact) > LIMIT * 0.0015


def test_one_origin_that_decides_alone_is_refused():
    with pytest.raises(InputError, match="several origins"):
        exact_win_probability(small.pool(0, 0, 1000).ledger(), small.elicited_prior(**INDEPENDENT))


def test_the_oracle_near_the_central_limit():
    """Forty equal rows: the margin is normal but for a skewness the bound allows for."""
    names = [f"c{i}" for i in range(40)]
    contest = small.pool(0, 0, 1)
    contest = replace(contest, candidates=("ada", "ben", *names), votes=[[0, 0, *[100] * 40]])
    row = DirichletRow(origin="*", mean=(0.31, 0.29, 0.4), concentration=9, source="invented")
    rows = (row, *small.dirichlet_prior().rows[:2])
    prior = TransferPrior(name="forty", finalists=small.FINALISTS, rows=rows)
    a, b = row.mean[:2]
    variance = (a + b - (a - b) ** 2) / (row.concentration + 1)
    expected = ndtr(np.sqrt(40) * (a - b) / np.sqrt(variance))
    assert exact_win_probability(contest.ledger(), prior) == pytest.approx(expected, abs=2e-3)


def test_more_nodes_change_nothing():
    ledger, prior = small.contest().ledger(), PRIORS["mixed"]
    coarse = exact_win_probability(ledger, prior, nodes=16)
    assert exact_win_probability(ledger, prior, nodes=64) == pytest.approx(coarse, abs=1e-4)
