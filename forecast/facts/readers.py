"""From files to contests, returns and polls: the only place that opens what a user names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.partial_returns import Reporting, reporting_of_tables
from forecast.facts.polls import Answers, Poll
from forecast.facts.returns import Returns
from forecast.facts.turnout_table import interim_turnout
from forecast.files.columns import Columns

__all__ = [
    "read_contest",
    "read_polls",
    "read_reporting",
    "read_returns",
    "read_turnout",
    "report_files",
]

POLL_WORDS = ("pollster", "sponsor", "side", "round", "kind", "base", "source")
POLL_DAYS = ("start", "end", "known")
POLL_FRACTIONS = ("undecided", "would_not_vote")
NO_CANDIDATES = ("poll", "origin", "n", "design_effect", "other", "note")


def read_contest(
    path: str | PathLike[str],
    *,
    name: str | None = None,
    finalists: Sequence[str] | None = None,
    **options: Any,
) -> Contest:
    """Read a contest from a CSV file, one row per unit or rows of `unit, candidate, votes`.

    Parameters
    ----------
    path : path-like
        The CSV file (UTF-8).
    name : str, optional
        Name of the contest; the file's stem by default.
    finalists : sequence of str, optional
        Who advances; by default the rule `advancement` (top two).
    **options
        As in `Contest.from_frame`, for instance ``registered=`` or ``electorate="voters"``.

    Returns
    -------
    Contest

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule.
    """
    columns = Columns.from_csv(path)
    build = (
        Contest.from_long if {"candidate", "votes"} <= set(columns.names) else Contest.from_frame
    )
    return build(columns, name=name or Path(path).stem, finalists=finalists, **options)


def read_returns(path: str | PathLike[str], *, finalists: Sequence[str] | None = None) -> Returns:
    """Read runoff counts from a CSV file with one row per unit.

    Parameters
    ----------
    path : path-like
        The CSV file (UTF-8) with `unit`, one column per finalist, optional `invalid`, `ballots`.
    finalists : sequence of str, optional
        Which columns are the finalists; all unreserved columns by default.

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule.
    """
    return Returns.from_frame(Columns.from_csv(path), finalists=finalists)


def read_polls(path: str | PathLike[str], contest: Contest) -> tuple[Poll, ...]:
    """Read polls about a contest from a CSV file, one row per poll.

    Parameters
    ----------
    path : path-like
        The CSV file (UTF-8) with `pollster`, `n`, and one column per candidate of the fraction that
        named them; optional are the other fields of `Poll` (days as YYYY-MM-DD), `other` and
        `note`. A cross-tab adds a column `poll` that is equal on all rows of a poll, and `origin`
        with the remembered first-round vote; there `n` and all fractions are of that row's people.
    contest : Contest
        Whose candidates they are about.

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule.
    """
    columns = Columns.from_csv(path)
    columns.require("pollster", "n")
    known = (*POLL_WORDS, *POLL_DAYS, *POLL_FRACTIONS, *NO_CANDIDATES)
    candidates = [name for name in columns.names if name not in known]
    for name in candidates:
        try:
            contest.key(name)
        except InputError as error:
            raise InputError(f"{columns.where}: column {name!r} - {error}") from None
    groups: dict[object, list[int]] = {}
    for i in range(len(columns)):
        groups.setdefault(_cell(columns, "poll", i) or i, []).append(i)
    return tuple(_poll(columns, rows, candidates, contest) for rows in groups.values())


def _poll(
    columns: Columns, rows: Sequence[int], candidates: Sequence[str], contest: Contest
) -> Poll:
    heads = [i for i in rows if not _cell(columns, "origin", i)]
    if len(heads) > 1:
        raise InputError(
            f"{columns.row(heads[1])}: a poll must have one row without an origin - found another "
            "of the same poll; give it a name of its own"
        )
    head = heads[0] if heads else rows[0]
    facts: dict[str, Any] = {
        name: _cell(columns, name, head) for name in POLL_WORDS if _cell(columns, name, head)
    }
    facts |= {name: _day(columns, name, head) for name in POLL_DAYS}
    design = _number(columns, "design_effect", head)
    facts |= {} if design is None else {"design_effect": design}
    if heads:
        facts |= _answers(columns, head, candidates)
    try:
        rest = {
            _cell(columns, "origin", i): Answers(
                base=facts.get("base", "everybody"), **_answers(columns, i, candidates)
            )
            for i in rows
            if i not in heads
        }
        return Poll(by_origin=rest, **{"pollster": ""} | facts).of(contest)
    except InputError as error:
        raise InputError(f"{columns.row(head)}: {error}") from None


def _answers(columns: Columns, i: int, candidates: Sequence[str]) -> dict[str, Any]:
    """Return the fields of `Answers` but for the base."""
    shares = {name: _number(columns, name, i) for name in candidates}
    n = _number(columns, "n", i)
    found: dict[str, Any] = {name: _number(columns, name, i) for name in POLL_FRACTIONS}
    found["n"] = int(n) if n is not None and n == int(n) else n
    found["shares"] = {name: x for name, x in shares.items() if x is not None}
    return found


def _cell(columns: Columns, name: str, i: int) -> str:
    return str(columns.values[name][i]).strip() if name in columns.values else ""


def _number(columns: Columns, name: str, i: int) -> float | None:
    text = _cell(columns, name, i)
    try:
        value = float(text) if text else None
    except ValueError:
        value = float("nan")
    if value is not None and not abs(value) < float("inf"):
        raise InputError(
            f"{columns.row(i)}, {name!r}: must be a number such as 0.42 - found {text[:40]!r}; "
            "leave it empty if it was not published"
        )
    return value


def _day(columns: Columns, name: str, i: int) -> date | None:
    text = _cell(columns, name, i)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(
            f"{columns.row(i)}, {name!r}: must be a day like 2018-11-23 - found {text[:40]!r}"
        ) from None


def read_turnout(path: str | PathLike[str], contest: Contest) -> InterimTurnout:
    """Read interim turnout and the runoff's lists from a CSV file, as `interim_turnout` takes them.

    Parameters
    ----------
    path : path-like
        The CSV file (UTF-8) with `unit` or `region`, `first_round` and `runoff`, `registered`.
    contest : Contest
        The first round.

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule.
    """
    return interim_turnout(contest, Columns.from_csv(path))


def read_reporting(
    path: str | PathLike[str], contest: Contest, *, turnout: InterimTurnout | None = None
) -> Reporting:
    """Read what is counted so far on election night, a CSV file or a folder of them.

    Parameters
    ----------
    path : path-like
        CSV (UTF-8) with `unit`, one column per finalist, optional `counted` and `attached_to`, as
        `reporting_of` takes them; of a folder all files ending in .csv, in the order of their
        names, numbers in them as numbers (9.csv before 10.csv): where a unit occurs again, the
        later file counts.
    contest : Contest
        The first round.
    turnout : InterimTurnout, optional
        What was known of turnout before anything was counted.

    Raises
    ------
    InputError
        If a file cannot be read or breaks a rule, or the folder has none.
    """
    tables = map(Columns.from_csv, report_files(path))
    return reporting_of_tables(contest, tables, turnout=turnout)


def report_files(path: str | PathLike[str]) -> list[Path]:
    """Return the files of `read_reporting`, the latest last.

    Numbers in names count as numbers, so that 10.csv is later than 9.csv; hidden files are left
    out.

    Raises
    ------
    InputError
        If it is a folder without any.
    """
    path = Path(path)
    if not os.path.isdir(path):
        return [path]
    files = [
        file
        for file in path.iterdir()
        if file.suffix.casefold() == ".csv" and not file.name.startswith(".")
    ]
    if not files:
        raise InputError(f"{path}: must hold a file ending in .csv - found none; wait or add one")

    def place(file: Path) -> tuple[list[tuple[bool, int, str]], str]:
        parts = re.findall(r"[0-9]+|[^0-9]+", file.stem)
        return [(p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts], file.name

    return sorted(files, key=place)
