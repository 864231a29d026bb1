"""forecast_election: from polls before a first round to who is elected."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from forecast.arrays import read_only
from forecast.data.bundle import AnyContest, contest_of
from forecast.data.elections import load_election
from forecast.display import Message
from forecast.errors import InputError, check_day
from forecast.facts.advancement import Advancement
from forecast.facts.contest import Contest, Scope
from forecast.facts.election import Election
from forecast.facts.poll_tables.election_table import read_election
from forecast.facts.polls import Poll
from forecast.facts.words.names import matched_people
from forecast.first_round.errors import FirstRoundErrors
from forecast.first_round.opinion import USUAL_N
from forecast.outcome.election import ElectionForecast, check_draws, forecast_from_polls
from forecast.outcome.published import published_beliefs
from forecast.randomness import one_thread_of_algebra
from forecast.signatures import refuses_other_kinds
from forecast.simulation.engine import available_workers, simulate
from forecast.transfers.table.protocols import LearnedModel

Polls = Election | str | PathLike[str] | Any
"""An election, or a table of polls as `read_election` takes it."""


@refuses_other_kinds
@one_thread_of_algebra
def forecast_election(
    election: Polls,
    prior: LearnedModel | None = None,
    *,
    contest: AnyContest | None = None,
    as_of: date | None = None,
    errors: FirstRoundErrors | None = None,
    draws: int = 100_000,
    seed: int = 0,
    workers: int | None = None,
    election_day: date | None = None,
    runoff: date | None = None,
    rule: Advancement | str | None = None,
    candidates: Iterable[str] | None = None,
    declared: date | None = None,
    name: str | None = None,
    title: str = "",
    country: str = "",
    registered: int | None = None,
    scope: Scope = "national",
    withdrawn: Mapping[str, date] | None = None,
    labels: Mapping[str, str] | None = None,
) -> ElectionForecast:
    """Forecast an election before its first round: who advances, who meets whom, who is elected.

    Parameters
    ----------
    election : Election, str, path-like or data frame
        Polls, days and rule; the name of a bundled election, or a table of polls, which
        `read_election` reads.
    prior : LearnedModel, optional
        What is believed about transfers to finalists nobody knows yet; by default what
        `forecast_runoff` would take for each set of finalists.
    contest : Contest, str, path-like or data frame, optional
        The first round as counted. It is used from its day on, and then the forecast has the draws
        of `forecast_runoff` with the same polls of both rounds: those about the finalists, taken as
        of 900 people where they do not say, and one list of each poll of the first round. Credible
        intervals of probabilities are read from pairs of draws here, which far from one half gives
        ends a few points from those there.
    as_of : datetime.date, optional
        Use nothing that was published later; by default the day of the latest poll.
    errors : FirstRoundErrors, optional
        How polls of first rounds err; by default as learned from ten elections, 1988 to 2019.
    draws : int
        Number of draws, even.
    seed : int
        The seed; the same seed gives the same forecast.
    workers : int, optional
        Threads; all available processors by default.
    election_day, runoff, rule, candidates, declared, name
        As in `read_election`, where `election` is a table.
    title, country, registered, scope, withdrawn, labels
        As in `read_election`, likewise.

    Returns
    -------
    ElectionForecast

    Raises
    ------
    InputError
        If a table breaks a rule, no poll of the first round was published by `as_of`, or the prior
        is about finalists.

    Notes
    -----
    ``P(elected) = P(elected at once) + sum over sets of finalists P(set) P(wins | set)``, every
    term counted over the same draws. Shares: `forecast.first_round.opinion`. The runoff: each
    draw's own people, the finalists by the election's rule, and the table of transfers that
    `forecast_runoff` believes in, given the polls about these finalists, each as old as it is.
    Polls about a runoff teach what its table is, and nothing about who gets into it.

    Examples
    --------
    >>> import polars as pl
    >>> table = pl.DataFrame({"pollster": ["Acme", "Best"], "end": ["2030-04-01", "2030-04-08"],
    ...                       "n": [1000, 900], "Ada": [40, 39], "Ben": [30, 33], "Cid": [20, 18]})
    >>> found = forecast_election(table, election_day=date(2030, 5, 5), draws=4000)
    >>> found.leader, found.advances("Ada").value > found.advances("Cid").value
    ('Ada', True)
    """
    check_draws(draws)
    if workers is not None and (type(workers) is not int or workers < 1):
        raise InputError(f"workers must be a whole number from 1 - found {workers!r}")
    if isinstance(election, str) and not Path(election).suffix and not os.path.exists(election):
        election = load_election(election)
    told: dict[str, Any] = {
        "election_day": election_day, "runoff": runoff, "rule": rule, "candidates": candidates,
        "declared": declared, "name": name, "title": title, "country": country,
        "registered": registered, "scope": scope, "withdrawn": withdrawn, "labels": labels,
    }  # fmt: skip
    usual = {"title": "", "country": "", "scope": "national"}
    told = {k: v for k, v in told.items() if v != usual.get(k)}
    if told and isinstance(election, Election):
        first = next(iter(told))
        raise InputError(f"forecast_election: {first} belongs to the Election; set it there")
    held = election if isinstance(election, Election) else read_election(election, **told)
    known = None if contest is None else contest_of(contest)
    day = _day(held, known, as_of)
    held = held if day is None else held.as_of(day)
    threads = available_workers() if workers is None else workers
    if known is not None and _is_counted(known, day):
        return _after(held, known, prior, day, errors, draws=draws, seed=seed, workers=threads)
    return forecast_from_polls(held, prior, day, errors, draws=draws, seed=seed, workers=threads)


def _day(held: Election, contest: Contest | None, as_of: date | None) -> date | None:
    """Return the day of the forecast: that of the latest poll, or of the counted first round."""
    if as_of is not None:
        check_day(as_of, "as_of")
        if contest is None and held.first_round is not None and as_of >= held.first_round:
            raise InputError(
                f"as_of: must be before the first round on {held.first_round} - found {as_of}; "
                "give its counts with contest= (--counted), or choose an earlier day"
            )
        return as_of
    if contest is not None:
        return contest.first_round
    dated = [p.published for p in held.asked if p.published is not None]
    if len(dated) < len(held.asked):
        return None
    last = max(held.days)
    eve = held.first_round and held.first_round - timedelta(days=1)
    return min(last, eve) if eve else last


def _is_counted(contest: Contest, day: date | None) -> bool:
    return contest.first_round is None or day is None or day >= contest.first_round


def _after(
    held: Election,
    contest: Contest,
    prior: LearnedModel | None,
    day: date | None,
    errors: FirstRoundErrors | None,
    *,
    draws: int,
    seed: int,
    workers: int,
) -> ElectionForecast:
    """Return the forecast from the counted first round: that of `forecast_runoff`."""
    held, polls = _of_contest(held, contest)
    beliefs, day = published_beliefs(contest, prior, polls, day)
    ledger = beliefs.pooled(contest.ledger())
    simulation = simulate(ledger, beliefs, draws=draws, seed=seed, workers=workers)
    votes = simulation.votes()
    # Draws of a pair stand half the draws apart here, as before the first round.
    order = simulation.pairs().T.ravel()
    places = [contest.candidates.index(f) for f in contest.finalists]
    runoff = np.zeros((draws, len(contest.candidates)))
    runoff[:, places] = votes[order]
    first = np.broadcast_to(contest.votes.sum(axis=0).astype(float), runoff.shape)
    spoilt = float(contest.invalid.sum())
    people = contest.registered
    stayed = 0.0 if people is None else float(people.sum()) - float(first[0].sum()) - spoilt
    return ElectionForecast(
        election=held,
        candidates=contest.candidates,
        first_votes=read_only(first),
        invalid=read_only(np.full(draws, spoilt)),
        stayed=read_only(np.full(draws, stayed)),
        runoff_votes=read_only(runoff),
        elected=read_only(runoff.argmax(axis=1)),
        outright=read_only(np.zeros(draws, dtype=bool)),
        as_of=day,
        errors=errors or FirstRoundErrors(),
        prior=prior,
        basis=Message("transfers: {prior}; the first round as counted", prior=beliefs.name),
        seed=seed,
    )


def _of_contest(held: Election, contest: Contest) -> tuple[Election, list[Poll]]:
    """Return polls about the contest's people, under its names, and the election with them.

    A poll about the finalists that does not say how many it asked gets the usual number; of several
    lists that a poll asked about in the first round, the one nearest to the ballot counts.
    """
    known = {contest.label(c): c for c in contest.candidates} | {c: c for c in contest.candidates}
    names = {held.label(p): p for p in held.people}
    found = {names[name]: key for name, key in matched_people(list(names), known).items()}
    polls = list(held.polls)
    about: dict[tuple[Any, ...], tuple[int, Poll]] = {}
    supposed = 0
    for i, poll in enumerate(held.polls):
        shares = {found[name]: x for name, x in poll.shares.items() if name in found}
        second = poll.round == "runoff"
        if not shares or (second and set(shares) != set(contest.finalists)):
            continue
        mine = replace(poll, shares=shares)
        days = (poll.start, poll.end, poll.published)
        asked: tuple[Any, ...] = (poll.pollster, *days, poll.n, poll.kind, second)
        if second:
            supposed += poll.n is None and poll.kind == "poll"
            polls[i] = mine = replace(mine, n=poll.n or USUAL_N)
            asked += tuple(sorted(shares.items()))
        near = 2 * len(shares) - len(poll.shares)
        if asked not in about or near > about[asked][0]:
            about[asked] = near, mine
    notes = list(held.notes)
    if supposed:
        said = "polls about the finalists without a stated sample size, taken as {usual}: {n}"
        notes.append(Message(said, usual=USUAL_N, n=supposed))
    if missing := [contest.label(f) for f in contest.finalists if f not in found.values()]:
        said = "in the runoff, but named in no poll: {names}; check the spelling"
        notes.append(Message(said, names=", ".join(missing)))
    labels = {**held.labels, **contest.labels}
    election = replace(held, polls=tuple(polls), labels=labels, notes=tuple(notes))
    return election, [poll for _, poll in about.values()]
