"""From files to contests and returns: the only place that opens what a user names."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.columns import Columns
from forecast.contest import Contest
from forecast.returns import Returns

__all__ = ["read_contest", "read_returns"]


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
