"""Once the first round is counted, the forecast of an election is that of its runoff."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import forecast as library
from forecast import Contest, Election, InputError, Poll, forecast_election, read_election
from forecast.first_round.opinion import USUAL_N
from forecast.report.election_page import render_election

DRAWS = 4000
YEARS = (1988, 1995, 2002, 2007, 2012, 2017)
FILES = {
    **{f"france-{y}": (f"fr_presidentielle{y}.json",) for y in YEARS},
    "colombia-2014": ("co_2014.csv",),
    "colombia-2018": ("co_2018.csv",),
    "romania-2014": ("ro_2014_polls.xlsx", "ro_2014_polls.xlsx#Pres_Candidates_II"),
}  # fmt: skip


def colombia_2018():
    """Return the official count of the 27th of May 2018, which is not bundled."""
    votes = {
        "Iván Duque": 7616857, "Gustavo Petro": 4855069, "Sergio Fajardo": 4602916,
        "Germán Vargas Lleras": 1412392, "Humberto Delacalle": 396151,
        "Jorge Antonio Trujillo": 75614, "Viviane Morales": 41458,
    }  # fmt: skip
    return Contest(
        name="colombia-2018",
        candidates=tuple(votes),
        finalists=("Iván Duque", "Gustavo Petro"),
        units=("Colombia",),
        votes=[list(votes.values())],
        invalid=[19643676 - sum(votes.values())],
        registered=[36783940],
        first_round=date(2018, 5, 27),
        runoff=date(2018, 6, 17),
        scope="national",
    )


@cache
def known(name, folder):
    """Return a counted first round and the polls that were asked before and after it."""
    bundled = name in library.contests()
    contest = library.load_contest(name) if bundled else colombia_2018()
    tables = [str(folder / "polls" / "first_round" / file) for file in FILES[name]]
    days = {"election_day": contest.first_round, "runoff": contest.runoff}
    return contest, read_election(*tables, **days)


def under_names_of(contest, election, day):
    """Return the polls that a user of `forecast_runoff` would give: who is asked about, and n."""
    polls = []
    for poll in election.as_of(day).polls:
        shares = {}
        for name, share in poll.shares.items():
            try:
                shares[contest.key(name)] = share
            except InputError:
                continue
        if poll.round == "runoff" and set(shares) != set(contest.finalists):
            continue
        n = poll.n or (USUAL_N if poll.round == "runoff" else None)
        mine = replace(poll, shares=shares, n=n) if shares else None
        if mine is not None and mine not in polls:
            polls.append(mine)
    return polls


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("after", [1, None], ids=["day after", "eve"])
def test_it_is_the_runoffs_forecast(name, after, forecast_data):
    """The very draws; a poll lost or counted twice moves them by points."""
    contest, election = known(name, forecast_data)
    eve = contest.runoff - timedelta(days=1)
    day = contest.first_round + timedelta(days=after) if after else eve
    ours = forecast_election(election, contest=contest, as_of=day, draws=DRAWS)
    polls = under_names_of(contest, election, day)
    runoff = library.forecast_runoff(contest, polls=polls, as_of=day, draws=DRAWS)
    asked = sum(p.round == "runoff" for p in polls)
    assert ours.pairings()[0].polls == asked
    assert (asked > 0) == (not name.startswith("colombia") or after is None)
    for k, f in enumerate(contest.finalists):
        own = ours.runoff_votes[:, ours.candidates.index(f)]
        np.testing.assert_allclose(np.sort(own), np.sort(runoff.draw_votes[:, k]))
        one, other = ours.win_probability(f), runoff.win_probability(f)
        reach = 4 * np.hypot(one.monte_carlo_error, other.monte_carlo_error)
        assert one.value == pytest.approx(other.value, abs=reach)
        assert ours.advances(f).value > 0.999


def asked(shares, day, *, kind="first round", n=1000, pollster="Acme"):
    return Poll(
        pollster=pollster, n=n, shares=shares, end=day, published=day + timedelta(days=1),
        round=kind,
    )  # fmt: skip


DAY = date(2030, 5, 5)
SHARES = {"Ada Abel": 0.33, "Ben Bell": 0.27, "Cid Cole": 0.22}
PAIR = {"Ada Abel": 0.5, "Ben Bell": 0.4}


@pytest.fixture
def counted():
    return Contest(
        name="demo", candidates=("abel", "bell", "cole"), finalists=("abel", "bell"),
        labels={"abel": "Ada Abel", "bell": "Ben Bell", "cole": "Cid Cole"},
        units=("all",), votes=[[330, 270, 220]], invalid=[10], registered=[1200],
        first_round=DAY, runoff=DAY + timedelta(days=14),
    )  # fmt: skip


def draws_of(polls, counted, **changes):
    election = Election(name="demo", polls=polls, first_round=DAY, **changes)
    return forecast_election(election, contest=counted, as_of=DAY + timedelta(days=1), draws=DRAWS)


def test_a_poll_of_unknown_size_has_the_usual_one_and_a_note_says_so(counted):
    eve = DAY - timedelta(days=2)
    polls = [asked(SHARES, eve), asked(PAIR, eve, kind="runoff", n=None)]
    ours = draws_of(polls, counted)
    stated = draws_of([polls[0], replace(polls[1], n=USUAL_N)], counted)
    assert ours.digest == stated.digest
    said = "polls about the finalists without a stated sample size, taken as 900: 1"
    assert said in str(ours)
    assert said not in str(stated)
    page = html.unescape(render_election(ours, language="fr"))
    assert "sans taille d’échantillon indiquée" in page


def test_several_lists_of_one_poll_are_one_poll_the_list_nearest_to_the_ballot(counted):
    """Counted twice, the pollster would seem to have erred twice."""
    eve = DAY - timedelta(days=2)
    second = asked(PAIR, eve, kind="runoff")
    on_it = asked({**SHARES, "Dot Dean": 0.05}, eve)
    off = [asked({**SHARES, "Eve Ek": 0.1, "Fay Fox": 0.05}, eve), asked(PAIR | {"Dot": 0.1}, eve)]
    alone = draws_of([on_it, second], counted).digest
    assert draws_of([off[0], on_it, off[1], second, second], counted).digest == alone
    others = replace(on_it, pollster="Best")
    assert draws_of([on_it, others, second], counted).digest != alone
    undated = [replace(second, end=None, published=DAY - timedelta(days=k)) for k in (1, 2)]
    one, both = (draws_of([on_it, *polls], counted).digest for polls in (undated[:1], undated))
    assert one != both


def test_a_finalist_whom_no_poll_names_is_said(counted):
    polls = [asked({"Abel": 0.4, "B. Belle": 0.3, "Cole": 0.2}, DAY - timedelta(days=2))]
    found = draws_of(polls, counted)
    assert "in the runoff, but named in no poll: Ben Bell" in str(found)


def test_the_command_takes_the_count_too(run, forecast_data):
    """`before` with the count and `run` with the same polls, as of the same day."""
    polls = forecast_data / "polls" / "first_round" / "fr_presidentielle2012.json"
    day = "2012-04-23"
    options = ("--as-of", day, "--draws", DRAWS, "--json", "out.json")
    counts = ("--election-day", "2012-04-22", "--counted", "france-2012")
    code, _, err = run("before", polls, *counts, *options)
    assert code == 0, err
    found = json.loads(Path("out.json").read_text("utf-8"))
    assert found["counted"]
    contest, election = known("france-2012", forecast_data)
    asked = under_names_of(contest, election, date.fromisoformat(day))
    runoff = library.forecast_runoff(
        contest, polls=asked, as_of=date.fromisoformat(day), draws=DRAWS
    )
    elected = {row["key"]: row["elected"]["value"] for row in found["candidates"]}
    for f in contest.finalists:
        assert elected[f] == pytest.approx(runoff.win_probability(f).value, abs=0.02)
    page = Path("fr_presidentielle2012.html").read_text("utf-8")
    assert "after the first round" in page
    assert "before the first round" not in page
    assert "What would change our mind" not in page
    code, _, err = run("before", polls, "--election-day", "2012-04-22", "--as-of", day)
    assert code == 2
    assert "--counted" in err


def test_a_file_of_counts_has_the_days_and_the_scope_of_the_election(run):
    asked = ("pollster,end,n,Ada,Ben,Cid", "A,2030-05-01,900,40,30,20", "A,2030-05-01,900,50,45,")
    first = ("unit,registered,invalid,Ada,Ben,Cid", "all,12000,100,3300,2700,2200")
    Path("polls.csv").write_text("\n".join(asked))
    Path("first.csv").write_text("\n".join(first))
    options = ("--draws", DRAWS, "--as-of", "2030-05-06", "--counted", "first.csv")
    code, out, err = run("before", "polls.csv", "--election-day", "2030-05-05", *options)
    assert code == 0, err
    assert "national runoffs" in " ".join(out.split())
    assert "first round as counted" in out
