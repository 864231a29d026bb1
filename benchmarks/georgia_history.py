"""Georgian runoffs of 2014-2016 by polling station, as contests and returns with their roles."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from forecast import Contest, Returns
from forecast.facts.ledger import INVALID, NON_VOTERS

Row = Mapping[str, str]

RULING, MAIN_RIVAL = "gd", "unm"
BACKED = {"parl2016_1": "42"}
"""Ballot number of a finalist whom the ruling party backed without being its candidate: in
Mtatsminda 2016 it put up nobody against Salome Zurabishvili and supported her."""

GROUPS = ("government", "other finalist", "eliminated", INVALID, NON_VOTERS)


class Georgia(NamedTuple):
    """The history and what is known of it besides the counts."""

    history: list[tuple[Contest, Returns]]
    totals: dict[str, dict[str, int]]
    """Official runoff totals by contest: votes by finalist."""
    gave_up: frozenset[str]
    main_rival: frozenset[str]
    nights: dict[str, str]


def folder() -> Path:
    """Return the folder with the official tables."""
    return Path(os.environ.get("FORECAST_DATA", "../shared/data")) / "georgia"


def files() -> tuple[Path, ...]:
    """Return the files that are read, for a digest of the inputs."""
    names = ("past_runoffs.csv", "past_runoffs_precincts.csv", "past_runoffs_turnout.csv")
    return tuple(folder() / name for name in names)


def read() -> Georgia:
    """Read every contest that has both rounds by polling station.

    Contests of 2017 have no first round in the tables; those for the Ajarian council of 2016 have
    no stations and repeat the same night's parliamentary contests of the same districts.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of(files()[0]):
        rows[row["contest_id"]].append(row)
    stations: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in rows_of(files()[1]):
        stations[row["contest_id"], row["round"]][row["precinct_id"]] = row
    history, totals, gave_up, main = [], {}, set(), set()
    for name, lines in rows.items():
        first, runoff = stations[name, "1"], stations[name, "2"]
        if not first or not runoff:
            continue
        finals = {row["cand_no"]: row for row in lines if row["round"] == "2"}
        backed = BACKED.get(name) or next(n for n in finals if finals[n]["party"] == RULING)
        (other,) = set(finals) - {backed}
        history.append(_contest(name, lines, (backed, other), first, runoff))
        totals[name] = {n: int(finals[n]["votes"]) for n in (backed, other)}
        if any(row["finalist_gave_up"] for row in lines):
            gave_up.add(name)
        if finals[other]["party"] == MAIN_RIVAL:
            main.add(name)
    return Georgia(
        history,
        totals,
        frozenset(gave_up),
        frozenset(main),
        {contest.name: str(contest.runoff) for contest, _ in history},
    )


def roles(contest: Contest) -> dict[str, str]:
    """Return the role of every origin; the finalist backed by the government comes first."""
    known = dict(zip(contest.finalists, GROUPS, strict=False))
    known |= {INVALID: INVALID, NON_VOTERS: NON_VOTERS}
    return {origin: known.get(origin, "eliminated") for origin in contest.ledger().origins}


def pooled(contest: Contest) -> dict[str, str]:
    """Return `roles` with invalid ballots pooled with non-voters."""
    return {o: NON_VOTERS if r == INVALID else r for o, r in roles(contest).items()}


def _contest(
    name: str,
    lines: list[Row],
    finalists: tuple[str, str],
    first: Mapping[str, Row],
    runoff: Mapping[str, Row],
) -> tuple[Contest, Returns]:
    candidates = tuple(dict.fromkeys(row["cand_no"] for row in lines if row["round"] == "1"))
    opened = [u for u in first if int(first[u]["voted"]) and _votes(first[u])]
    votes = np.array([[_votes(first[u]).get(c, 0) for c in candidates] for u in opened])
    invalid = np.array([int(first[u]["invalid"]) for u in opened])
    listed = np.array([int(first[u]["main_list"]) for u in opened])
    contest = Contest(
        name=name,
        candidates=candidates,
        finalists=finalists,
        units=tuple(opened),
        votes=votes,
        invalid=invalid,
        registered=np.maximum(listed, votes.sum(axis=1) + invalid),
        first_round=date.fromisoformat(lines[0]["date_r1"]),
        runoff=date.fromisoformat(lines[0]["date_r2"]),
        title=f"{lines[0]['unit']}, {lines[0]['office']}, {lines[0]['date_r1'][:4]}",
        source=lines[0]["source"],
    )
    counted = [u for u in runoff if int(runoff[u]["voted"]) and _votes(runoff[u])]
    returns = Returns(
        units=tuple(counted),
        finalists=finalists,
        votes=np.array([[_votes(runoff[u]).get(f, 0) for f in finalists] for u in counted]),
    )
    return contest, returns


def _votes(row: Row) -> dict[str, int]:
    pairs = (pair.split(":") for pair in row["votes"].split(";") if pair)
    return {number: int(votes) for number, votes in pairs}


def rows_of(path: Path) -> list[Row]:
    """Return the rows of an official table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
