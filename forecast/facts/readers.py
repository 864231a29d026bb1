"""From files to contests, returns and polls: the only place that opens what a user names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.partial_returns import Reporting, reporting_of_tables
from forecast.facts.poll_table import polls_of_table
from forecast.facts.polls import Poll
from forecast.facts.returns import Returns
from forecast.facts.turnout_table import interim_turnout
from forecast.files.columns import Columns
from forecast.signatures import refuses_other_kinds

__all__ = [
    "read_contest",
    "read_partial_returns",
    "read_polls",
    "read_reporting",
    "read_returns",
    "read_turnout",
    "report_files",
]


@refuses_other_kinds
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


@refuses_other_kinds
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


@refuses_other_kinds
def read_polls(table: str | PathLike[str] | Any, contest: Contest) -> tuple[Poll, ...]:
    """Read polls about a contest from a CSV file or a data frame, one row per poll.

    Parameters
    ----------
    table : path-like or data frame
        A CSV file (UTF-8), or a pandas, polars or pyarrow table, with `pollster`, `n`, and one
        column per candidate of the share that named them; optional are the other fields of `Poll`
        (days as YYYY-MM-DD), `other` and `note`. Shares may be percent or fractions, with a point
        or a comma, the whole table alike: 47, 47%, 0.47 and "0,47" are the same; each poll's `note`
        says what was read. A cross-tab adds a column `poll` that is equal on all rows of a poll,
        and `origin` with the remembered first-round vote; there `n` and all shares are of that
        row's people.
    contest : Contest
        Whose candidates they are about.

    Raises
    ------
    InputError
        If the table cannot be read or breaks a rule.
    """
    file = isinstance(table, str | PathLike)
    return polls_of_table(Columns.from_csv(table) if file else Columns.from_frame(table), contest)


@refuses_other_kinds
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


@refuses_other_kinds
def read_partial_returns(
    path: str | PathLike[str], contest: Contest, *, turnout: InterimTurnout | None = None
) -> Reporting:
    """Read what is counted so far on runoff night, a CSV file or a folder of them.

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


read_reporting = read_partial_returns
