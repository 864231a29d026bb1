"""Tables of many contests with a row per count: their columns, cells of yes or no, total rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from os import PathLike

import numpy as np

from forecast.errors import InputError
from forecast.facts.tables.counted_cells import NOTS, reading
from forecast.facts.tables.rounds import round_of_cell
from forecast.facts.tables.totals import total_rows
from forecast.facts.words.column_words import is_total, role_of, words_of
from forecast.facts.words.days import ISO, NUMERIC
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing

USUAL = {
    "candidate": "candidate", "family": "party", "votes": "votes", "round": "round", "date": "date",
}  # fmt: skip
"""Roles of words by which columns are found that have another name."""
PLACES = {"contest", "region", "unit"}
ADVANCED, LOST, WITHDRAWN, STAYED = map(word_list, ("outcomes", "lost", "withdrawn", "stayed"))
SAYING_YES = {"finalist": (ADVANCED | {"finalist"}) - LOST, "withdrawn": WITHDRAWN}
SAYING_NO = {"finalist": LOST, "withdrawn": STAYED}
"""Words that say yes or no in a column, besides words for that."""


def contest_rows(path: str | PathLike[str], *needed: str) -> Columns:
    """Return a table whose columns are called as `needed`, where one alone can be each.

    Parameters
    ----------
    path : path-like
        The CSV file (UTF-8).
    *needed : str
        Columns that must be there, of `USUAL`, and "contest". Those of units, days and families are
        found as well.

    Raises
    ------
    InputError
        If the file cannot be read or lacks a column.
    """
    columns = Columns.from_file(path)
    found = {wanted: [n for n in columns.names if role_of(n) == USUAL[wanted]]
             for wanted in {*needed, "date", "family"}.intersection(USUAL)}  # fmt: skip
    found["family"] = [n for n in found.get("family", ()) if not _answers_alone(columns, n)]
    texts = {n: "".join(map(str, columns.values[n])) for n in found.get("date", ())}
    found["date"] = [n for n, text in texts.items() if any(map(str.isdigit, text))]
    places = [n for n in columns.names if PLACES.intersection(words_of(n))]
    named = [n for n in places if role_of(n) == "contest"]
    regions = [n for n in places if role_of(n) == "region"]
    if named and columns.different(*named) < columns.different(*named, *regions):
        named = []  # "Ain 1" and "Aisne 1"
    found["contest"] = named or [n for n in places if n != "unit"] or places
    found["unit"] = [n for n in places if role_of(n) == "unit" and n not in found["contest"]]
    short = {names[0]: wanted for wanted, names in found.items()
             if len(names) == 1 and wanted not in columns.names}  # fmt: skip
    columns = columns.renamed(short)
    columns.require("contest", *needed)
    return columns


def _answers_alone(columns: Columns, name: str) -> bool:
    """Return whether a column has nothing but yes and no, as "elected" does."""
    return all(is_missing(cell) or reading(cell) is not None for cell in columns.values[name])


def answers(columns: Columns, name: str) -> list[bool]:
    """Return what a column of yes and no says in every row: no where it has no cell.

    A second round says that somebody advanced, a day that somebody withdrew. Raises `InputError` if
    a cell is neither.

    Examples
    --------
    >>> table = Columns(where="x", values={"withdrawn": ["", "no", "desistement", "x", 0]})
    >>> answers(table, "withdrawn"), answers(table, "finalist")
    ([False, False, True, True, False], [False, False, False, False, False])
    """
    found = []
    for i, cell in enumerate(columns.values.get(name, [""] * len(columns))):
        said = _answer(str(cell).strip(), name)
        if said is None:
            raise InputError(
                f"{columns.row(i)}: {name!r} must be yes or no - found {str(cell)[:40]!r}; "
                "write yes, or leave it empty"
            )
        found.append(said)
    return found


def _answer(text: str, name: str) -> bool | None:
    """Return whether a cell says yes, None where it says nothing that is understood."""
    said, words = None if is_missing(text) else reading(text), {*folded(text).split()}
    if is_missing(text) or (said and said.kind == "flag"):
        return bool(said and said.value)
    day = ISO.search(text) or NUMERIC.search(text)
    yes = bool(
        SAYING_YES[name] & words or (day if name == "withdrawn" else round_of_cell(text) == 2)
    )
    no = bool(SAYING_NO[name] & words or (yes and NOTS & words))
    return not no if yes or no else None


def sums_of_contests(
    where: str, counts: Mapping[str, Mapping[str, int]]
) -> tuple[Collection[str], tuple[str, ...]]:
    """Return the contests that are sums of the others, and notes of them.

    Counts are of everybody, of a family, or of a kind of people.

    Examples
    --------
    >>> counts = {"A": {"votes": 250, "listed": 900}, "B": {"votes": 310, "listed": 700}}
    >>> sums_of_contests("x", {**counts, "All": {"votes": 560, "listed": 1600}})[0]
    ['All']
    """
    names, called = list(counts), [name for name in counts if is_total(name, whole=True)]
    every = dict.fromkeys(kind for each in counts.values() for kind in each)
    kinds = [kind for kind in every if all(kind in counts[name] for name in called)]
    table = [np.array([each.get(kind, 0) for each in counts.values()]) for kind in kinds]
    found = total_rows(where, names, table)
    return [names[k] for k in found.rows.tolist()], found.notes
