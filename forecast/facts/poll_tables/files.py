"""Files of polls: a table, a spreadsheet, JSON, or a data frame."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from forecast.errors import InputError
from forecast.facts.poll_tables.cells import PERCENT, share_of
from forecast.facts.words.days import LATEST, days_of_cells
from forecast.facts.words.months import month_words
from forecast.facts.words.poll_words import role_of_column
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns
from forecast.files.reading import json_of, read_text

UNNAMED = re.compile(r"column \d+")
FOR_WHOM = re.compile(r"(.+?) polls? for (.+)", re.IGNORECASE)
"""Who asked for whom."""


def table_of_polls(table: str | PathLike[str] | Any) -> Columns:
    """Return the columns of a file or a data frame; of JSON, a row for each answer.

    Raises `InputError` if it cannot be read.
    """
    if not isinstance(table, str | PathLike):
        return _upright(Columns.from_frame(table))
    if Path(str(table)).suffix.casefold() == ".json":
        return _columns_of_json(json_of(read_text(table), Path(str(table)).name), str(table))
    return _upright(Columns.from_file(table))


def _columns_of_json(content: Any, path: str) -> Columns:
    """Return a list of polls, each with a list of answers, as rows of one answer each."""
    where = Path(path).name
    content = (
        next((v for v in content.values() if isinstance(v, list)), None)
        if isinstance(content, dict)
        else content
    )
    if not isinstance(content, list) or not all(isinstance(x, dict) for x in content):
        raise InputError(f"{where}: must be a list of polls - found something else; see the guide")
    rows: list[dict[str, Any]] = []
    for k, item in enumerate(content):
        found = _rows_of(item, {})
        rows += [{"poll": k, **row} for row in found] if len(found) > 1 else found
    names = list(dict.fromkeys(key for row in rows for key in row))
    text = {n: ["" if r.get(n) is None else str(r[n]) for r in rows] for n in names}
    return Columns(where=where, values=text)


def _rows_of(item: Mapping[str, Any], above: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is said of a poll in a row for each of its answers, however deep they are."""
    held = [v for v in item.values() if isinstance(v, list | dict)]
    own = {**above, **{key: v for key, v in item.items() if not isinstance(v, list | dict)}}
    for inner in held:
        answers = inner
        if isinstance(inner, dict) and inner and all(map(_is_share, inner.values())):
            answers = [{"candidate": name, "share": x} for name, x in inner.items()]
        if isinstance(answers, list) and answers and all(isinstance(x, dict) for x in answers):
            return [row for answer in answers for row in _rows_of(answer, own)]
    return [own]


def _is_share(x: object) -> bool:
    share = None if isinstance(x, list | dict) else share_of(x)
    return x is None or (share is not None and share.number <= PERCENT)


def _upright(columns: Columns) -> Columns:
    """Return a table whose columns are polls and whose rows say what is told of them in rows.

    The first column of such a table holds names of columns, among them one of days.
    """
    first, *polls = columns.names
    names = [str(cell).strip() for cell in columns.values[first]]
    days = ("start", "end", "published")
    unique = len({*names, ""}) > len(names)
    turned = any(role_of_column(name) in days for name in names) and unique
    unnamed = UNNAMED.fullmatch(first)
    if not turned and unique and (unnamed or role_of_column(first) in (None, "candidate")):
        return _by_day(columns, names)
    if not turned or any(role_of_column(name) in days for name in columns.names):
        return columns
    rows = {name: [columns.values[n][i] for n in polls] for i, name in enumerate(names)}
    pollsters = (
        {} if any(role_of_column(name) == "pollster" for name in names) else {"pollster": polls}
    )
    return replace(columns, values={**pollsters, **rows}, first_line=0)


def _by_day(columns: Columns, names: Sequence[str]) -> Columns:
    """Return a table whose columns are called by days, and maybe who asked, with a row for each.

    Where they do not say who asked, the first cell of the header does, or the line above it.
    """
    first, *polls = columns.names
    try:
        words = month_words(polls, columns.where)
        parted = [_who_and_when(name, words) for name in polls]
        told = days_of_cells([day for _, day in parted], columns, first, latest=LATEST)
    except InputError:
        return columns
    if not polls or not all(last for _, last in told):
        return columns
    corner = "" if UNNAMED.fullmatch(first) or role_of_column(first) else first
    above = next((title.strip(" ,;\t|") for title in columns.titles if title.strip(" ,;\t|")), "")
    said = FOR_WHOM.fullmatch(corner or above)
    asked = {"pollster": [who or (said[1] if said else corner or above) for who, _ in parted]}
    asked |= {"sponsor": [said[2]] * len(polls)} if said else {}
    rows = {name: [columns.values[n][i] for n in polls] for i, name in enumerate(names)}
    end = {"end": [day for _, day in parted]}
    return replace(columns, values={**asked, **end, **rows}, first_line=0)


def _who_and_when(name: str, months: Collection[str]) -> tuple[str, str]:
    """Return what stands in front of a day, and the day: two blanks where there is none.

    Examples
    --------
    >>> _who_and_when("Acme, May 26, 2025", ["may"]), _who_and_when("20 May", ["may"])
    (('Acme', 'May 26, 2025'), ('', '20 May'))
    """
    for word in re.finditer(r"[^\W_]+", name):
        if word[0][0].isdigit() or folded(word[0]) in months:
            return name[: word.start()].strip(" ,:;–—-("), name[word.start() :].rstrip(" )")
    return "", ""
