"""Tables of polls of a made-up election, and the contest of its runoff."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

import forecast as library
from forecast import read_election, read_polls

ELECTION = date(2030, 5, 5)
RUNOFF = date(2030, 5, 19)
SHARES = {"Ada": [40, 38, 41], "Ben": [30, 31, 28], "Cid": [15, 16, 17]}
OF_ALL = {"Ada": 0.4, "Ben": 0.3, "Cid": 0.15}


def table(first=(), **cells):
    """Return three polls whose shares sum to 85; `first` names columns that stand first."""
    facts = {"pollster": ["Acme", "Best", "Cent"], "n": [1000, 900, 800],
             "end": ["2030-05-01", "2030-04-30", "2030-04-28"], **SHARES}  # fmt: skip
    facts |= {k: v if isinstance(v, list) else [v] * 3 for k, v in cells.items()}
    facts = {name: facts[name] for name in (*first, *(k for k in facts if k not in first))}
    return pl.DataFrame({k: v for k, v in facts.items() if v[0] is not ...}, strict=False)


def first_of(polls):
    """Return the first poll of an election whose candidates are those of `SHARES`."""
    found = read_election(polls, election_day=ELECTION)
    assert found.people == tuple(SHARES)
    assert len(found.polls) == 3
    return found.polls[0]


def contest():
    """Return the contest whose runoff is asked about."""
    return library.Contest(
        name="c", candidates=("Ada Adler", "Ben", "Cid"), finalists=("Ada Adler", "Ben"),
        units=("north", "south"), votes=np.array([[300, 200, 100], [200, 300, 100]]),
        invalid=np.array([5, 5]), registered=np.array([1000, 900]), runoff=RUNOFF,
    )  # fmt: skip


def runoff_polls(contest, tmp_path, text):
    """Return the polls of a file with its table, a row per line."""
    path = tmp_path / "polls.csv"
    path.write_text(text, "utf-8")
    return read_polls(path, contest)
