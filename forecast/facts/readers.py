"""From files to contests, returns and polls: the only place that opens what a user names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from os import PathLike
from pathlib import Path

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.advancement import Advancement
from forecast.facts.contest import Contest, Electorate, Scope
from forecast.facts.finalists import is_several
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.partial_returns import PartialReturns, partial_returns_of_tables
from forecast.facts.poll_tables.files import table_of_polls
from forecast.facts.poll_tables.table import polls_of_table
from forecast.facts.polls import Poll
from forecast.facts.returns import Returns
from forecast.facts.tables.layouts import laid_out
from forecast.facts.tables.roles_said import with_said
from forecast.facts.turnout_table import interim_turnout
from forecast.facts.unit_reports import people_in
from forecast.files.columns import Columns, Table, naming_sheets
from forecast.files.reading import STANDARD_INPUT
from forecast.files.spreadsheets import SPREADSHEETS
from forecast.signatures import refuses_other_kinds

ENDINGS = (".csv", ".tsv", *SPREADSHEETS)
"""Endings of files that a folder of returns is made of."""


@refuses_other_kinds
def read_contest(
    path: str | PathLike[str],
    *,
    name: str | None = None,
    finalists: Sequence[str] | None = None,
    registered: int | None = None,
    electorate: Electorate = "registered",
    advancement: Advancement | str | None = None,
    columns: Mapping[str, str] | None = None,
    contest: str | None = None,
    title: str = "",
    first_round: date | None = None,
    runoff: date | None = None,
    labels: Mapping[str, str] | None = None,
    source: str = "",
    scope: Scope = "",
    aliases: Mapping[str, str] | None = None,
) -> Contest:
    """Read a contest from a table of any layout, see `Contest.from_frame`.

    Parameters
    ----------
    path : path-like
        A CSV file (UTF-8), a spreadsheet (``counts.xlsx#sheet``), or ``-`` for standard input.
    name : str, optional
        Name of the contest; the file's stem by default.
    finalists : sequence of str, optional
        Who advances; by default the rule `advancement` (top two).
    registered, electorate, advancement, columns, contest
        As in `Contest.from_frame`.
    title, first_round, runoff, labels, source, scope, aliases
        As in `Contest.from_frame`.

    Returns
    -------
    Contest

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import polars as pl
    >>> table = pl.DataFrame({"unit": ["n", "s"], "registered": [90, 80],
    ...                       "ada": [30, 20], "ben": [25, 22], "cid": [5, 15]})
    >>> with TemporaryDirectory() as folder:
    ...     table.write_csv(Path(folder) / "demo.csv")
    ...     contest = read_contest(Path(folder) / "demo.csv")
    >>> contest.name, contest.finalists, contest.totals
    ('demo', ('ada', 'ben'), {'ada': 50, 'ben': 47, 'cid': 20})
    """
    table = Columns.from_file(path)
    stem = "contest" if str(path) == STANDARD_INPUT else Path(str(path).partition("#")[0]).stem
    with naming_sheets(table.where, table.other_sheets):
        return Contest.from_frame(
            table, name=name or stem, finalists=finalists, registered=registered,
            electorate=electorate, advancement=advancement, columns=columns, contest=contest,
            title=title, first_round=first_round, runoff=runoff, labels=labels, source=source,
            scope=scope, aliases=aliases,
        )  # fmt: skip


@refuses_other_kinds
def read_returns(
    path: str | PathLike[str],
    *,
    finalists: Sequence[str] | None = None,
    contest: Contest | None = None,
    columns: Mapping[str, str] | None = None,
    source: str = "",
) -> Returns:
    """Read runoff counts from a table of any layout, complete or not.

    Parameters
    ----------
    path : path-like
        A CSV file (UTF-8), a spreadsheet, or ``-``; see `Returns.from_frame`.
    finalists : sequence of str, optional
        Which columns are the finalists; by default the contest's, or all that can be.
    contest : Contest, optional
        The first round, whose names of people and units are looked for.
    columns : mapping of str to str, optional
        What columns are where their names do not say it.
    source : str
        Where the counts come from; by default what the table's own column says.

    Returns
    -------
    returns : Returns
        With `notes` on how the columns were read.

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import polars as pl
    >>> table = pl.DataFrame({"unit": ["n", "s"], "ada": [35, 24], "ben": [28, 30]})
    >>> with TemporaryDirectory() as folder:
    ...     table.write_csv(Path(folder) / "runoff.csv")
    ...     returns = read_returns(Path(folder) / "runoff.csv", finalists=("ada", "ben"))
    >>> returns.units, returns.totals
    (('n', 's'), {'ada': 59, 'ben': 58})
    """
    table = Columns.from_file(path)
    with naming_sheets(table.where, table.other_sheets):
        return Returns.from_frame(
            table, finalists=finalists, contest=contest, columns=columns, source=source
        )


def rounds_in(
    path: str | PathLike[str], *, columns: Mapping[str, str] | None = None
) -> tuple[int, ...]:
    """Return the rounds that a table holds, (0,) where it does not say which.

    Parameters
    ----------
    path : path-like
        The table.
    columns : mapping of str to str, optional
        What columns are where their names do not say it.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    return tuple(sorted(laid_out(with_said(Columns.from_file(path), columns or {}))))


def with_finalists_of(
    contest: Contest,
    path: str | PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
) -> Contest:
    """Return a contest whose finalists are those with votes in returns, if these are others.

    Parameters
    ----------
    contest : Contest
        The first round, its finalists by a rule.
    path : path-like
        Returns, as `read_partial_returns` takes them.
    columns : mapping of str to str, optional
        What columns are where their names do not say it.

    Raises
    ------
    InputError
        If a file cannot be read or breaks a rule.
    """
    voted: dict[str, None] = {}
    named: dict[str, None] = {}
    for file in report_files(path):
        people = people_in(Columns.from_file(file), contest, columns or {})
        people = {n: votes for n, votes in people.items() if not is_several(n)}
        named |= dict.fromkeys(people)
        voted |= dict.fromkeys(name for name, votes in people.items() if votes)
    if len(voted) < 2 or set(voted) <= set(contest.finalists):
        return contest
    chosen = [c for c in named if c in voted or c in contest.finalists]
    totals = contest.totals
    chosen.sort(key=lambda c: -totals[c])
    said = "finalists by the votes in the returns: {names}"
    note = Message(said, names=", ".join(map(contest.label, chosen)))
    return replace(contest, finalists=tuple(chosen), notes=(*contest.notes, note))


@refuses_other_kinds
def read_polls(table: str | PathLike[str] | Table, contest: Contest) -> tuple[Poll, ...]:
    """Read polls about a contest from a CSV file, a spreadsheet or a data frame.

    Parameters
    ----------
    table : path-like or data frame
        A table as `read_election` takes it, and as newsrooms and encyclopedias publish it: a row
        per question with a column per candidate, or a row per candidate, with who asked. Optional
        are the other fields of `Poll`; no forecast weighs a poll without `n`. Columns are found by
        their names, days as people write them; without a year they are the last to the runoff.
        Shares may be percent or fractions, with a point or a comma, the whole table alike: 47,
        47%, 0.47 and "0,47" are the same. A question about more people than the finalists is about
        the first round, if nothing says another round. Each poll's `note` says how it was read,
        that of the first also what was left out: results, averages, leads, parts of the electorate,
        runoffs with somebody who is out, and polls from after the runoff. A cross-tab adds a
        column `poll` that is equal on all rows of a poll, and `origin` with the remembered
        first-round vote; there `n` and all shares are of that row's people.
    contest : Contest
        Whose candidates they are about.

    Returns
    -------
    tuple of Poll
        In the order of the table.

    Raises
    ------
    InputError
        If the table cannot be read or breaks a rule.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> table = pl.DataFrame({"pollster": ["Acme"], "n": [1000], "end": ["2018-11-20"],
    ...                       "Zurabishvili": [45], "Vashadze": [40]})
    >>> (poll,) = read_polls(table, load_contest("georgia-2018"))
    >>> poll.name, dict(poll.shares)
    ('Acme, 2018-11-20', {'zurabishvili': 0.45, 'vashadze': 0.4})
    """
    return polls_of_table(table_of_polls(table), contest)


@refuses_other_kinds
def read_turnout(path: str | PathLike[str], contest: Contest) -> InterimTurnout:
    """Read interim turnout and the runoff's lists from a CSV file, as `interim_turnout` takes them.

    Parameters
    ----------
    path : path-like
        The CSV file (UTF-8) with `unit` or `region`, `first_round` and `runoff`, `registered`.
    contest : Contest
        The first round.

    Returns
    -------
    InterimTurnout
        By unit of the contest.

    Raises
    ------
    InputError
        If the file cannot be read or breaks a rule.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> table = pl.DataFrame({"unit": ["Vake", "Gldani"], "first_round": [0.30, 0.28],
    ...                       "runoff": [0.34, 0.31]})
    >>> with TemporaryDirectory() as folder:
    ...     table.write_csv(Path(folder) / "noon.csv")
    ...     came = read_turnout(Path(folder) / "noon.csv", load_contest("georgia-2018"))
    >>> came.units
    2
    """
    return interim_turnout(contest, Columns.from_file(path))


@refuses_other_kinds
def read_partial_returns(
    path: str | PathLike[str],
    contest: Contest,
    *,
    turnout: InterimTurnout | None = None,
    columns: Mapping[str, str] | None = None,
) -> PartialReturns:
    """Read what is counted so far on election night, a file or a folder of them.

    Parameters
    ----------
    path : path-like
        CSV (UTF-8) or a spreadsheet with `unit`, one column per finalist, optional `counted` and
        `attached_to`, as `partial_returns` takes them; of a folder all such files, in the order of
        their names, numbers in them as numbers (9.csv before 10.csv): where a unit occurs again,
        the later file counts, by `version` or `reported` where both files say these.
    contest : Contest
        The first round.
    turnout : InterimTurnout, optional
        What was known of turnout before anything was counted.
    columns : mapping of str to str, optional
        What columns are where their names do not say it.

    Returns
    -------
    PartialReturns
        In the order of the contest's units.

    Raises
    ------
    InputError
        If a file cannot be read or breaks a rule, or the folder has none.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> table = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
    >>> with TemporaryDirectory() as folder:
    ...     table.write_csv(Path(folder) / "21h.csv")
    ...     night = read_partial_returns(Path(folder), load_contest("georgia-2018"))
    >>> night.units, night.totals["vashadze"]
    (1, 20768)
    """
    tables = map(Columns.from_file, report_files(path))
    return partial_returns_of_tables(contest, tables, turnout=turnout, columns=columns)


def units_named(returns: Returns | PartialReturns | str | PathLike[str] | Table) -> set[str]:
    """Return the units that returns name, or all words of a table, a file or a folder of them."""
    if isinstance(returns, str | PathLike):
        return set().union(*(Columns.from_file(file).words for file in report_files(returns)))
    if isinstance(returns, PartialReturns):
        return set(returns.contest.units)
    return set(returns.units) if isinstance(returns, Returns) else Columns.from_frame(returns).words


def report_files(path: str | PathLike[str]) -> list[Path]:
    """Return the files of `read_partial_returns`, the latest last.

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
        if file.suffix.casefold() in ENDINGS and not file.name.startswith(".")
    ]
    if not files:
        raise InputError(f"{path}: must hold a file ending in .csv - found none; wait or add one")

    def place(file: Path) -> tuple[list[tuple[bool, int, str]], str]:
        parts = re.findall(r"[0-9]+|[^0-9]+", file.stem)
        return [(p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts], file.name

    return sorted(files, key=place)
