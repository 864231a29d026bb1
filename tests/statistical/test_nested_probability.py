"""The credible interval of a win probability against brute force, for every kind of distribution.

Brute force counts wins in 600 runoffs for each of 1,024 inputs; ours sees the first 48 of them. The
inputs are the same, so what differs is the noise that ours must take out: with 600 runoffs a
probability has a standard error of 0.02 at most, and a quantile of a thousand of them far less. The
ends differ by 0.01 to 0.02, and 0.03 is asked for. Counting the 48 alone, which is the negative
control, is off by 0.1 where the inputs leave nothing open.
"""

from datetime import date

import numpy as np
import past
import pytest
import small

from forecast import (
    Contest,
    Poll,
    infer_transfers,
    learn_families,
    learned_prior,
    load_contest,
    with_polls,
)
from forecast.facts.past_runoffs import usual_roles
from forecast.outcome.probability import estimate_win_probability, win_margins
from forecast.simulation.engine import simulate
from forecast.simulation.nested import INNER, nested_votes, probability_given_inputs
from forecast.transfers.roles.learn import sum_up

LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]
ENOUGH = 0.03
ALONE = 1.64 * (0.25 / 600) ** 0.5
"""How far the noise of brute force alone spreads its ends where the inputs leave nothing open."""
POLLS = [
    Poll(pollster=name, n=800, shares={"ada": a, "ben": 1 - a}, base="decided")
    for name, a in (("Acme", 0.53), ("Bolt", 0.49))
]


def coming() -> Contest:
    """Return a contest after those of `past.runoffs`."""
    contest, _ = past.runoffs(1, 1, seed=9)[0]
    return Contest(
        name="coming",
        candidates=contest.candidates,
        finalists=contest.finalists,
        units=contest.units,
        votes=[[3900, 4100, 2000]],
        invalid=[0],
        registered=contest.registered,
        first_round=date(2020, 3, 1),
        runoff=date(2020, 3, 15),
    )


def families():
    """Return a contest and its prior by family."""
    by_name = lambda c: {candidate: candidate for candidate in c.candidates}  # noqa: E731
    prior = learn_families(past.runoffs(5, 12), families=by_name)
    return coming(), prior.at(coming(), groups=by_name)


def returns():
    """Return a contest and what its own counts say: a posterior, which leaves no input open."""
    contest, counted = past.runoffs(1, 1, seed=2)[0]
    return contest, infer_transfers(contest, counted)


def bundled():
    """Return Georgia 2018 and its learned prior."""
    contest = load_contest("georgia-2018")
    return contest, learned_prior(contest)


KINDS = {
    "elicited": lambda: (small.contest(), small.elicited_prior()),
    "Dirichlet": lambda: (small.contest(), small.dirichlet_prior()),
    "polled": lambda: (
        small.contest(),
        with_polls(small.elicited_prior(), small.contest(), POLLS),
    ),
    "learned by role": bundled,
    "learned by family": families,
    "from returns": returns,
}


def margins_of(kind):
    contest, distribution = KINDS[kind]()
    simulation = simulate(contest.ledger(), distribution, draws=2, seed=4, workers=2)
    votes = nested_votes(simulation, outer=1024, inner=600)
    return votes[..., 0] - votes[..., 1]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_interval_agrees_with_brute_force(kind):
    margins = margins_of(kind)
    exact = np.quantile((margins > 0).mean(axis=1), LEVELS)
    ours = np.quantile(probability_given_inputs(margins[:, :INNER]), LEVELS)
    noise = ALONE if kind == "from returns" else 0.0
    assert ours == pytest.approx(exact, abs=ENOUGH + noise)


@pytest.mark.slow
def test_counting_few_runoffs_is_caught():
    """The negative control."""
    margins = margins_of("from returns") - np.median(margins_of("from returns"))
    counted = np.quantile((margins[:, :INNER] > 0).mean(axis=1), LEVELS)
    assert np.abs(counted - 0.5).max() > 3 * ENOUGH


def test_an_unknown_scale_is_part_of_the_interval():
    """Margins 1 + s e with s known only by chance: P = Phi(1 / s), from .69 to .98."""
    rng = np.random.default_rng(1)
    s = np.exp(rng.uniform(np.log(0.5), np.log(2.0), 4096))
    found = probability_given_inputs(1 + s[:, None] * rng.standard_normal((4096, INNER)))
    middle = np.quantile(found, [0.05, 0.5, 0.95])
    assert middle == pytest.approx([0.704, 0.841, 0.969], abs=0.015)


def population_scores(seeds, **changes):
    """Return (estimate - mean) / Monte Carlo error over seeds of a population of few draws."""
    evidence = sum_up(past.runoffs(3, 4), roles=usual_roles)
    found = []
    for seed in range(seeds):
        prior = evidence.learn(seed=seed, draws=100, thin=2)
        simulation = simulate(
            coming().ledger(), prior.at(coming(), groups=usual_roles), draws=8192, seed=seed
        )
        margins = win_margins(simulation.votes())[:, 0]
        votes = nested_votes(simulation)
        found.append(
            estimate_win_probability(
                margins,
                simulation.pairs(),
                0.9,
                given_inputs=probability_given_inputs(votes[..., 0] - votes[..., 1]),
                **{"effective_draws": simulation.sampler.effective_draws} | changes,
            )
        )
    value = np.array([f.value for f in found])
    return (value - value.mean()) / np.array([f.monte_carlo_error for f in found])


@pytest.mark.slow
def test_the_monte_carlo_error_contains_the_finite_posterior_sample():
    """The sd of 60 scores has a standard error of 9%: 0.6 and 1.5 are 4 of those away from 1.

    Without the posterior sample's part scores scatter by more than 2, which is the control.
    """
    assert 0.6 < population_scores(60).std() < 1.5
    assert population_scores(20, effective_draws=np.inf).std() > 1.5
