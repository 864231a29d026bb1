"""What people see of a crowd of candidates: a pool with a name, or every one on request."""

import json

import numpy as np
import pytest
from small import crowd

from forecast import InputError, evidence_ladder, forecast_dict, forecast_runoff, what_if
from forecast.report.forecast_page import render_html, render_markdown
from forecast.simulation.engine import simulate
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.elicited.pooled_rows import pooled_row, split_moments
from forecast.transfers.elicited.pooling import LARGE
from forecast.transfers.elicited.rows import DirichletRow

POOL = f"{198 - LARGE} others eliminated"


@pytest.fixture(scope="module")
def contest():
    return crowd(600_000, 570_000, 20 + 30_000 * np.arange(1, 199) ** -1.2)


@pytest.fixture(scope="module")
def result(contest):
    return forecast_runoff(contest, draws=20_000, workers=1)


def test_the_small_of_a_crowd_are_one_origin(contest, result):
    ledger = result.ledger
    assert ledger.origins[-3:] == (POOL, "invalid", "non-voters")
    assert ledger.totals[-3] == contest.votes[0, 2 + LARGE :].sum()
    assert result.transfers().origins == ledger.origins
    assert result.contest.candidates == contest.candidates


def test_every_candidate_has_a_row_on_request(contest):
    full = forecast_runoff(contest, draws=2000, workers=1, every_candidate=True)
    assert full.ledger.origins == contest.ledger().origins
    assert full.break_even("c150").what == "c150"


def test_a_pool_answers_like_an_origin(result):
    assert result.break_even(POOL).what == POOL
    assert {b.what for b in result.break_evens()} >= {POOL, "c2", "turnout"}
    assert result.given(f"participation of {POOL} >= 60%").draws < result.draws
    assert what_if(result, participation={POOL: 0.9}).turnout.median > result.turnout().median
    assert any(POOL in name for name in result.sensitivity().inputs)


def test_a_pooled_candidate_is_named_in_the_complaint(result):
    for question in (lambda: result.break_even("c150"), lambda: result.given("c150 -> c0 >= 50%")):
        with pytest.raises(InputError, match=f"'c150'.*one of the {POOL}: ask for every candidate"):
            question()


def test_the_pool_stands_in_every_report(result):
    data = forecast_dict(result)
    assert data["first_round"][POOL] == result.ledger.totals[-3]
    assert POOL in render_markdown(result, data)
    assert POOL in render_html(result, data)
    json.dumps(data, allow_nan=False)


def test_special_beliefs_and_few_candidates_keep_their_rows(contest):
    prior = generic_prior(contest).with_row(
        "c150", participation=(0.5, 0.3, 0.7), preference={"c0": (0.9, 0.8, 0.96)}, source="a guess"
    )
    prior = prior.endorse("c170", "c0")
    kept = prior.pooled(contest.ledger()).origins
    assert {"c150", "c170"} <= set(kept)
    assert f"{198 - LARGE - 2} others eliminated" in kept
    few = crowd(600, 570, np.full(LARGE, 5))
    assert generic_prior(few).pooled(few.ledger()).pools == {}


def test_one_that_would_be_missed_keeps_its_row():
    """Where everybody else is nearly certain, the chance of the small is what decides."""
    contest = crowd(10, 10, np.full(100, 1000), at_home=0)
    assert generic_prior(contest).pooled(contest.ledger()).origins.count("c90") == 1


def test_candidates_without_a_vote_are_pooled():
    contest = crowd(6000, 5700, np.append(np.full(LARGE, 100), np.zeros(20)))
    pooled = generic_prior(contest).pooled(contest.ledger())
    assert pooled.pools == {"20 others eliminated": 1.0}


def test_a_pooled_dirichlet_row_has_the_mean_and_a_fraction_of_the_variance(rng):
    row = DirichletRow(origin="*", mean=(0.3, 0.2, 0.5), concentration=4.0, source="a guess")
    pool = pooled_row(row, 10.0)
    one, ten = (rng.dirichlet(r.alpha, size=200_000) for r in (row, pool))
    assert ten.mean(axis=0) == pytest.approx(one.mean(axis=0), abs=0.005)
    assert one.var(axis=0) / ten.var(axis=0) == pytest.approx([10] * 3, rel=0.03)


def test_a_pool_varies_with_the_factors_as_its_members_do(contest, rng):
    """Mean and variance of its people's votes: of 150 candidates, and of their pool."""
    prior, ledger = generic_prior(contest), contest.ledger()
    pooled = prior.pooled(ledger)
    draws = simulate(ledger, prior, draws=40_000, workers=1)
    small = [ledger.index(o) for o in ledger.origins if o not in pooled.origins]
    counts = ledger.totals[small]
    apart = np.concatenate(list(draws.map(lambda _, r: np.tensordot(counts, r[small], 1))), axis=1)
    of_pool = simulate(pooled, prior, draws=40_000, workers=1)
    at = pooled.index(POOL)
    together = counts.sum() * np.concatenate(list(of_pool.map(lambda _, r: r[at])), axis=1)
    assert together.mean(axis=1) == pytest.approx(apart.mean(axis=1), rel=0.02)
    assert together.std(axis=1) == pytest.approx(apart.std(axis=1), rel=0.03)
    assert np.corrcoef(together)[0, 1] == pytest.approx(np.corrcoef(apart)[0, 1], abs=0.03)


def test_moments_are_split_between_factors_and_chance(rng):
    shared, own = rng.standard_normal((2, 400_000))
    values = 1 / (1 + np.exp(-(0.3 + 0.6 * shared + 0.9 * own)))
    mean, between, within = split_moments(0.3, 0.6, 0.9)
    assert values.mean() == pytest.approx(mean, abs=0.002)
    assert values.var() == pytest.approx(between + within, rel=0.01)
    again = 1 / (1 + np.exp(-(0.3 + 0.6 * shared + 0.9 * rng.standard_normal(400_000))))
    assert np.cov(values, again)[0, 1] == pytest.approx(between, rel=0.02)


def test_the_evidence_ends_where_the_forecast_stands(contest, result):
    last = evidence_ladder(contest, draws=20_000).pieces[-1].forecast
    assert last.ledger.origins == result.ledger.origins
    assert last.digest == result.digest


def test_the_command_pools_or_not(run, tmp_path):
    names = [f"c{k}" for k in range(120)]
    votes = [60_000, 50_000, *range(300, 182, -1)]
    text = (
        ",".join(["unit", "registered", *names])
        + "\n"
        + f"all,400000,{','.join(map(str, votes))}\n"
    )
    (tmp_path / "crowd.csv").write_text(text)
    found = []
    for more in ((), ("--every-candidate",)):
        options = ("--draws", "2000", "--report", "r.md", "--json", "r.json", *more)
        assert run("run", "crowd.csv", *options)[0] == 0
        found.append(json.loads((tmp_path / "r.json").read_text())["first_round"])
    assert f"{118 - LARGE} others eliminated" in found[0]
    assert len(found[0]) == 2 + LARGE + 2
    assert len(found[1]) == 121
