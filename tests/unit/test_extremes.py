"""Counts at the edge: right answers or clear errors, and no warning (warnings are errors here)."""

import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hostile import learned_seed

from forecast import (
    Contest,
    InputError,
    Poll,
    Returns,
    flow_bounds,
    forecast_dict,
    forecast_runoff,
    infer_transfers,
    learned_prior,
    load_contest,
    nowcast,
    read_learned,
    with_polls,
)
from forecast.data.priors import placed_prior
from forecast.outcome.sensitivity import sensitivity
from forecast.report.forecast_page import render_html, render_markdown
from forecast.report.nowcast_page import render_night
from forecast.transfers.elicited.generic import generic_prior

MOST = 10**10


def extreme(votes, registered=None, invalid=0):
    """Return a contest whose first two candidates are the finalists."""
    units, candidates = np.shape(votes)
    names = tuple(f"c{k}" for k in range(candidates))
    return Contest(
        name="extreme",
        candidates=names,
        finalists=names[:2],
        units=tuple(f"u{k}" for k in range(units)),
        votes=votes,
        invalid=[invalid] * units,
        registered=registered,
        electorate="voters" if registered is None else "registered",
    )


CONTESTS = {
    "one voter": extreme([[1, 0]]),
    "one voter, one at home": extreme([[0, 0, 1]], registered=[2]),
    "as many as can be": extreme([[5 * 10**9, 3 * 10**9, 10**9]], registered=[MOST]),
    "fifty such units": extreme([[MOST // 4] * 3] * 50, registered=[MOST] * 50),
    "two candidates": extreme([[60, 50]], registered=[200]),
    "two candidates, no non-voters": extreme([[60, 50]]),
    "a tie": extreme([[50, 50, 10]], registered=[200]),
    "all for one finalist": extreme([[100, 0, 0]], registered=[100]),
    "none for the finalists": extreme([[0, 0, 100]], registered=[100]),
    "everybody voted": extreme([[40, 30, 30]], registered=[100]),
    "a unit without people": extreme([[0, 0, 0], [40, 30, 30]], registered=[0, 100]),
    "one ballot in a million": extreme([[0, 0, 0], [1, 0, 0]], registered=[10**6, 1]),
    "all but one invalid": extreme([[1, 0, 0]], registered=[10**6], invalid=10**6 - 1),
}


@pytest.mark.parametrize("name", CONTESTS)
def test_a_forecast_at_the_edge(name):
    contest = CONTESTS[name]
    forecast = forecast_runoff(contest, draws=2000, workers=1)
    chances = [forecast.win_probability(f).value for f in forecast.finalists]
    assert sum(chances) == pytest.approx(1)
    assert all(0 < p < 1 for p in chances)
    votes = forecast.simulation.votes()
    assert (votes >= 0).all()
    assert (votes.sum(axis=1) <= contest.ledger().people * (1 + 1e-12)).all()
    found = sensitivity(forecast.simulation, draws=2048)
    assert np.isfinite(found.index).all()
    data = forecast_dict(forecast)
    assert json.loads(json.dumps(data, allow_nan=False))["draws"] == 2000
    assert "extreme" in render_markdown(forecast, data)


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTESTS)
def test_a_report_at_the_edge(name):
    page = render_html(forecast_runoff(CONTESTS[name], draws=2000, workers=1))
    text = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "Win probability" in text
    assert not re.findall(r"(?i)(?<![a-z])(?:nan|inf|infinity)(?![a-z])", text)


@pytest.mark.parametrize("name", ["a tie", "none for the finalists"])
def test_what_is_alike_wins_equally(name):
    """4.5 standard errors of 20,000 draws, in pairs that share inputs."""
    forecast = forecast_runoff(CONTESTS[name], draws=20_000, workers=1)
    assert forecast.win_probability("c0").value == pytest.approx(0.5, abs=4.5 * 0.5 / 10_000**0.5)


def test_counts_may_be_large_without_changing_the_answer():
    small, large = (
        forecast_runoff(
            extreme([[k * 40, k * 30, k * 20]], registered=[k * 100]), draws=2000, workers=1
        )
        for k in (1, MOST // 100)
    )
    assert small.shares() == pytest.approx(large.shares(), rel=1e-9)


@pytest.mark.parametrize("name", CONTESTS)
@pytest.mark.parametrize("kind", ["nobody", "all for one", "a tie"])
def test_transfers_and_bounds_at_the_edge(name, kind):
    contest = CONTESTS[name]
    people = contest.ledger("unit").counts.sum(axis=1)
    first = {"nobody": 0 * people, "all for one": people, "a tie": people // 2}[kind]
    second = people // 2 if kind == "a tie" else 0 * people
    returns = Returns(
        units=contest.units, finalists=contest.finalists, votes=np.column_stack([first, second])
    )
    table = infer_transfers(contest, returns).mean
    assert np.isfinite(table).all()
    assert table.sum(axis=1) == pytest.approx(np.ones(len(table)))
    low, high = flow_bounds(contest, returns).table()
    counts = contest.ledger().totals
    assert (low >= 0).all()
    assert (low <= high).all()
    assert (high <= counts[:, None]).all()
    if kind != "a tie":  # then everything is known
        column = 0 if kind == "all for one" else 2
        assert low[:, column].tolist() == counts.tolist()
        assert table[counts > 0, column] == pytest.approx(1, abs=0.01)


def test_more_runoff_votes_than_people_are_refused():
    contest = CONTESTS["two candidates"]
    returns = Returns(units=contest.units, finalists=contest.finalists, votes=[[500, 500]])
    for question in (flow_bounds, infer_transfers):
        with pytest.raises(InputError, match="more runoff votes than"):
            question(contest, returns)


def beliefs(contest, kind):
    """Return beliefs of another kind than the wide prior."""
    if kind == "Dirichlet":
        return generic_prior(contest).as_dirichlet()
    if kind == "polled":
        poll = Poll(pollster="Acme", n=500, shares={"c0": 0.5, "c1": 0.4})
        return with_polls(generic_prior(contest), contest, [poll])
    learned = learned_prior(load_contest("georgia-2018")).prior
    first, second = contest.finalists
    roles = {"*": "eliminated", first: "government", second: "other finalist"}
    roles |= dict.fromkeys(("invalid", "non-voters"), "non-voters")
    traits = dict.fromkeys(learned.traits, 1.0)
    return placed_prior(learned, contest, {"roles": roles, "traits": traits, "nationwide": True})


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["learned", "polled", "Dirichlet"])
@pytest.mark.parametrize("name", CONTESTS)
def test_other_beliefs_at_the_edge(name, kind):
    contest = replace(CONTESTS[name], first_round=date(2030, 1, 1))
    forecast = forecast_runoff(contest, beliefs(contest, kind), draws=2000, workers=1)
    chances = [forecast.win_probability(f).value for f in forecast.finalists]
    assert sum(chances) == pytest.approx(1)
    assert all(0 < p < 1 for p in chances)
    json.dumps(forecast_dict(forecast), allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("name", CONTESTS)
def test_a_night_at_the_edge(name, part):
    """Half of the units, and at least one, report nothing or everybody for the first finalist."""
    contest = CONTESTS[name]
    k = max(1, len(contest.units) // 2)
    first = part * contest.ledger("unit").counts.sum(axis=1)[:k]
    returns = Returns(
        units=contest.units[:k],
        finalists=contest.finalists,
        votes=np.column_stack([first, 0 * first]),
    )
    found = nowcast(contest, returns)
    assert 0 < found.win_probability("c0").value < 1
    assert 0 <= found.share("c0").median <= 1
    assert "extreme" in render_night(found)


@pytest.mark.slow
@pytest.mark.parametrize("every", [False, True])
def test_five_hundred_candidates(every):
    contest = extreme(np.arange(5000).reshape(10, 500)[:, ::-1], registered=[5_000_000] * 10)
    forecast = forecast_runoff(contest, draws=2000, workers=1, every_candidate=every)
    assert (len(forecast.ledger.origins) == 501) is every
    assert forecast.simulation.votes().shape == (2000, 2)
    assert sum(forecast.win_probability(f).value for f in forecast.finalists) == pytest.approx(1)


@pytest.mark.parametrize("name", CONTESTS)
def test_turnout_is_never_more_than_everybody(name):
    contest = CONTESTS[name]
    if contest.electorate == "registered":
        forecast = forecast_runoff(contest, draws=2000, workers=1)
        assert forecast.turnout(0.999).interval.high <= 1
        assert 0 < forecast.turnout().median <= 1


def test_turnout_where_nearly_everybody_votes_and_many_ballots_are_invalid():
    contest = extreme([[400, 350, 200]], registered=[1000], invalid=45)
    prior = generic_prior(contest)
    for origin in (*prior.finalists, "*", "invalid", "non-voters"):
        prior = prior.with_row(
            origin,
            participation=(0.98, 0.9, 0.999),
            preference={"c0": (0.5, 0.3, 0.7)},
            source="everybody comes",
        )
    forecast = forecast_runoff(contest, prior, draws=2000, workers=1)
    assert forecast.turnout(0.99).interval.high == 1
    moved = forecast.given("turnout >= 99%")
    assert moved.turnout(0.99).interval.high == 1


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("prior", [None, generic_prior])
def test_two_draws_are_enough_whatever_the_seed(georgia, seed, prior):
    prior = None if prior is None else prior(georgia)
    data = forecast_dict(forecast_runoff(georgia, prior, draws=2, seed=seed))
    assert json.loads(json.dumps(data, allow_nan=False))["draws"] == 2


@pytest.mark.parametrize(
    "votes",
    [
        [[2**62, 2**62, 2**62]] * 3,
        np.array([[2**63 + 5, 5, 5]], dtype=np.uint64),
        np.array([[-(2**63), 5, 5]]),
        np.array([[1e19, 5, 5]]),
        np.array([[np.inf, 5, 5]]),
    ],
)
def test_counts_that_no_integer_holds_are_refused(votes):
    with pytest.raises(InputError, match=r"at most 1,000,000,000,000 people|whole numbers"):
        extreme(votes)


@pytest.mark.parametrize("share", [5e-324, 1e-300, 1.0, -0.1, True, "0.5", float("nan")])
@pytest.mark.parametrize("name", ["input_share", "mobilisation", "swing", "partisan"])
def test_shares_of_variance_are_checked(georgia, name, share):
    with pytest.raises(InputError, match=name):
        replace(generic_prior(georgia), **{name: share})


@pytest.mark.parametrize("sd", [1e-10, 1e-300])
def test_a_trait_unlike_all_of_the_history_is_refused(georgia, sd):
    learned = learned_prior(georgia).prior
    odd = replace(learned, trait_sd=np.full_like(learned.trait_sd, sd))
    with pytest.raises(InputError, match="must be like those of the history"):
        placed_prior(odd, georgia)


@pytest.mark.parametrize("tail", [1e-300, 1.0, 2.0])
def test_a_population_without_a_variance_is_refused(tmp_path, tail):
    """A learned prior whose tail no draw could follow, found by mutation of its file."""
    content, path = json.loads(learned_seed()), tmp_path / "p.json"
    path.write_text(json.dumps({**content, "tail": tail}), "utf-8")
    with pytest.raises(InputError, match="tail must be more than 2"):
        read_learned(path)
