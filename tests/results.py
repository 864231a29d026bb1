"""One of every public object, by the name of its class: small, and made as a user makes it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import polars as pl
import small

import forecast as f
from forecast.outcome.poll_stress import poll_stress
from forecast.validation.baselines import margin_only

FAMILIES = {"ada": "left", "ben": "right", "cid": "green", "dot": "centre"}


def _runoffs() -> list[tuple[f.Contest, f.Returns]]:
    """Return three made-up runoffs of one election after another."""
    found = []
    for year in (2001, 2006, 2011):
        contest = f.Contest(
            name=f"small {year}",
            candidates=("ada", "ben", "cid", "dot"),
            finalists=("ada", "ben"),
            units=("all",),
            votes=[[4000, 3500 + year % 7, 2000, 500]],
            invalid=[100],
            registered=[18_000],
            first_round=date(year, 5, 1),
            runoff=date(year, 5, 15),
        )
        won = [[5000 + 90 * (year % 5), 5100]]
        found.append((contest, f.Returns(units=("all",), finalists=("ada", "ben"), votes=won)))
    return found


def _election() -> f.Election:
    table = pl.DataFrame(
        {"pollster": ["Acme"], "end": ["2030-04-01"], "n": [1000],
         "Ada": [40], "Ben": [30], "Cid": [20]}
    )  # fmt: skip
    return f.read_election(table, election_day=date(2030, 5, 5))


@cache
def all_results() -> dict[str, Any]:
    """Return one object of every public class and of every class that a public function returns."""
    contest, prior = small.contest(), small.elicited_prior()
    history = f.past_runoffs("world")
    counted = f.Returns(
        units=contest.units, finalists=("ada", "ben"), votes=[[520, 380], [260, 360], [300, 260]]
    )
    night = pl.DataFrame({"unit": ["hill"], "ada": [260], "ben": [360]})
    poll = f.Poll(
        pollster="Acme", n=800, shares={"ada": 0.5, "ben": 0.4}, published=date(2030, 5, 9)
    )
    found = f.forecast_runoff(contest, prior, draws=1000)
    posterior = f.infer_transfers(contest, counted)
    tonight = f.nowcast(contest, night, prior=prior, draws=200)
    election = _election()
    before = f.forecast_election(election, draws=1000)
    families = f.learn_families(_runoffs(), families=lambda _: FAMILIES)
    objects = [
        contest, counted, poll, history, f.load_turnout("georgia-2018"), election,
        tonight.returns, prior, f.with_polls(prior, contest, [poll]),
        f.learned_prior(f.load_contest("georgia-2018")),
        f.learned_prior(f.load_contest("georgia-2018")).prior,
        families, families.at(contest, groups=lambda _: FAMILIES, as_of=date(2030, 5, 9)),
        posterior, found,
        found.transfers(), found.sensitivity(), found.contributions(), found.bounds(),
        tonight, before, before.timeline(draws=400),
        f.evidence_ladder(contest, prior.given(poll), draws=1000),
        f.what_if(found, turnout=0.5),
        f.forecast_simultaneous([contest], lambda _: prior, draws=1000, parties=lambda _: FAMILIES),
        f.backtest(history[:8], margin_only, draws=100),
        poll_stress(contest, prior.given(poll), draws=1000),
        posterior.residuals(), tonight.by_unit(),
    ]  # fmt: skip
    return {type(thing).__name__: thing for thing in objects}
