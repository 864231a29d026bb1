"""Named columns from a data frame or a CSV file, checked cell by cell.

Everything a user hands over passes through `Columns`, so every complaint can say
where, which rule, what was found and what to do.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray, frozen
from forecast.errors import InputError, suggest
from forecast.files.reading import read_text
from forecast.files.text import check_printable_names

__all__ = [
    "MAX_COUNT",
    "Columns",
    "check_ballots",
    "read_text",
    "refuse_percentages",
    "refuse_totals",
    "shared_out",
]

MAX_COUNT = 10_000_000_000
"""Largest count believed: more people than live on Earth is a broken file."""
MAX_COLUMNS = 5_000
MAX_CELLS = 4_000_000
"""Largest table read, in cells; it takes up to about 400 MB of memory."""


THOUSANDS = re.compile(r"^[+-]?\d{1,3}([.,]\d{3})+$|_")
"""Cells that a person may have meant otherwise than `float` reads them."""
FIXED = (
    "unit", "region", "registered", "invalid", "ballots", "source", "candidate", "votes", "counted",
    "attached_to", "reported", "first_round", "runoff",
)  # fmt: skip
"""Column names that mean something; they may be written in capitals."""


def _by_column(rows: Iterator[list[str]], where: str) -> dict[str, list[object]]:
    """Return the cells of a CSV file by column, without the rows that are blank."""
    names = [_known(cell.strip()) for cell in next(rows, ())]
    if not any(names):
        raise InputError(f"{where}: must have a header line - found none; name the columns")
    _check_header(names, where)
    values: dict[str, list[object]] = {name: [] for name in names}
    columns = list(values.values())
    for line, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) != len(names):
            raise InputError(
                f"{where} line {line}: every row must have {len(names)} cells like the "
                f"header - found {len(cells)}; add or remove a delimiter"
            )
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    return values


def _known(name: str) -> str:
    return name.casefold() if name.casefold() in FIXED else name


@dataclass(frozen=True, kw_only=True)
class Columns:
    """A table of named columns that remembers where it came from.

    Parameters
    ----------
    where : str
        Name of the file or frame, for messages.
    values : mapping of str to sequence
        Column name to cells; every column has the same length.
    first_line : int
        Number printed for the first row (2 in a CSV file with a header).
    """

    where: str
    values: Mapping[str, Sequence[object]]
    first_line: int = 0

    @classmethod
    def from_frame(cls, frame: Any, *, where: str = "frame") -> Columns:
        """Read any eager data frame that narwhals understands (pandas, polars, pyarrow).

        Raises
        ------
        InputError
            If `frame` is no data frame, has duplicated column names or no rows.
        """
        import narwhals as nw

        try:
            table = nw.from_native(frame, eager_only=True)
        except (TypeError, ValueError) as error:
            if "unique" in str(error) or "uplicate" in str(error):
                raise InputError(
                    f"{where}: column names must be unique - {error}; rename one"
                ) from None
            raise InputError(
                f"{where}: must be a pandas, polars or pyarrow table - found "
                f"{type(frame).__name__}; convert it or write a CSV file"
            ) from None
        names = [_known(str(name)) for name in table.columns]
        _check_header(names, where)
        values = {_known(str(name)): table[name].to_list() for name in table.columns}
        return cls(where=where, values=values)._with_rows()

    @classmethod
    def from_csv(cls, path: str | PathLike[str]) -> Columns:
        """Read a CSV file: UTF-8, comma or semicolon or tab, first line the header.

        Raises
        ------
        InputError
            If the file cannot be read, is empty, is not UTF-8, or its rows differ in width.
        """
        return cls.from_text(read_text(path), Path(path).name)

    @classmethod
    def from_text(cls, text: str, where: str) -> Columns:
        """Read the text of such a file; `where` is what messages call it."""
        header = re.sub(r'"[^"]*"', "", text.split("\n", 1)[0])
        delimiter = max(",;\t", key=header.count)
        cells = text.count(delimiter) + text.count("\n")
        if cells > MAX_CELLS:
            raise InputError(
                f"{where}: must have at most {MAX_CELLS:,} cells - found about {cells:,}; "
                "leave out what is not needed, or merge units"
            )
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            values = _by_column(rows, where)
        except csv.Error as error:
            raise InputError(
                f"{where}: must be well-formed CSV - {error}; check quotes and delimiters"
            ) from None
        return cls(where=where, values=values, first_line=2)._with_rows()

    def _with_rows(self) -> Columns:
        if not len(self):
            raise InputError(f"{self.where}: must have at least one row - found none; add the data")
        return self

    def __len__(self) -> int:
        return len(next(iter(self.values.values()), ()))

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in their order."""
        return tuple(self.values)

    def row(self, index: int) -> str:
        """Return how to call row `index` in a message."""
        word = "line" if self.first_line else "row"
        return f"{self.where} {word} {index + self.first_line}"

    def require(self, *names: str) -> None:
        """Raise `InputError` unless every one of `names` is a column."""
        for name in names:
            if name not in self.values:
                raise InputError(
                    f"{self.where}: column {name!r} is required - found "
                    f"{', '.join(self.names[:20])}; add it ({suggest(name, self.names)})"
                )

    def texts(self, name: str) -> tuple[str, ...]:
        """Return column `name` as non-empty strings.

        Raises
        ------
        InputError
            If the column is missing or a cell is empty.
        """
        self.require(name)
        cells = []
        for i, cell in enumerate(self.values[name]):
            missing = cell is None or (isinstance(cell, float) and math.isnan(cell))
            text = "" if missing else str(cell).strip()
            if not text:
                raise InputError(f"{self.row(i)}: {name!r} must not be empty; fill it in")
            cells.append(text)
        return tuple(cells)

    def keys(self, name: str) -> tuple[str, ...]:
        """Return column `name` as strings of which no two are equal, or raise `InputError`."""
        cells = self.texts(name)
        seen: dict[str, int] = {}
        for i, cell in enumerate(cells):
            if cell in seen:
                raise InputError(
                    f"{self.row(i)}: every {name} must occur once - found {cell!r} again "
                    f"(first on {self.row(seen[cell])}); merge or rename"
                )
            seen[cell] = i
        return cells

    def counts(self, name: str) -> IntArray:
        """Return column `name` as whole numbers from 0 to `MAX_COUNT`.

        Raises
        ------
        InputError
            If a cell is missing, no number, negative, fractional or absurdly large.
        """
        self.require(name)
        cells = self.values[name]
        array = _plain_counts(cells)
        if array is not None and (array >= 0).all() and (array <= MAX_COUNT).all():
            return frozen(array)
        return frozen([self._count(i, name, cell) for i, cell in enumerate(cells)])

    def _count(self, index: int, name: str, cell: object) -> int:
        where, rule = f"{self.row(index)}, {name!r}", "must be a whole number of people"
        if isinstance(cell, bool) or cell is None or cell == "":
            raise InputError(f"{where}: {rule} - found {cell!r}; write 0 if nobody")
        text = str(cell).replace("\u00a0", "").replace(" ", "")
        try:
            if not isinstance(cell, int | float) and THOUSANDS.search(text):
                raise ValueError
            number = float(text)
        except ValueError:
            raise InputError(
                f"{where}: {rule} - found {str(cell)[:40]!r}; remove marks and thousands separators"
            ) from None
        if math.isnan(number):
            raise InputError(f"{where}: {rule} - found a missing value; write 0 if nobody")
        if number < 0:
            raise InputError(f"{where}: {rule} - found {cell!s:.40}; counts cannot be negative")
        if number > MAX_COUNT:
            raise InputError(
                f"{where}: {rule} below {MAX_COUNT:,} - found {cell!s:.40}; correct it"
            )
        if number != int(number):
            raise InputError(
                f"{where}: {rule} - found {cell!s:.40}; if these are percentages, give counts of "
                "votes instead"
            )
        return int(number)


def _plain_counts(cells: Sequence[object]) -> npt.NDArray[Any] | None:
    """Return the usual case, integers or a few digits each, without looking at every cell."""
    kinds = set(map(type, cells))
    if kinds == {int} or kinds <= {np.int64, np.int32}:
        try:
            return np.array(cells, dtype=np.int64)
        except OverflowError:
            return None
    if kinds != {str}:
        return None
    texts: list[str] = list(cells)  # type: ignore[arg-type]
    joined = "".join(texts)
    if min(map(len, texts)) < 1 or max(map(len, texts)) > 11:
        return None
    if not (joined.isascii() and joined.isdigit()):
        return None
    return np.fromiter(map(int, texts), dtype=np.int64, count=len(texts))


def _check_header(names: Sequence[str], where: str) -> None:
    if len(names) > MAX_COLUMNS:
        raise InputError(
            f"{where}: must have at most {MAX_COLUMNS:,} columns - found {len(names):,}; for rows "
            "of unit, candidate, votes use one row per pair"
        )
    check_printable_names(names, where)
    seen: set[str] = set()
    for k, name in enumerate(names):
        if not name:
            raise InputError(
                f"{where}: every column must have a name - column {k + 1} has none; name or drop it"
            )
        if name in seen:
            raise InputError(
                f"{where}: column names must be unique - found {name!r} twice; rename one"
            )
        seen.add(name)


def refuse_percentages(where: str, votes: IntArray, registered: IntArray | None) -> None:
    """Raise `InputError` if every unit's votes sum to about 100 and units are not that small."""
    sums = votes.sum(axis=1)
    as_percent = ((sums >= 99) & (sums <= 101)).all()
    if as_percent and (len(sums) > 1 or registered is None or (registered > 1000).any()):
        raise InputError(
            f"{where}: votes must be counts of people - every unit's votes sum to about 100, "
            "which looks like percentages; multiply them by the unit's valid votes"
        )


def refuse_totals(columns: Columns, candidates: Sequence[str], votes: IntArray) -> None:
    """Raise `InputError` if a column is the sum of the others, or a row the sum of the others."""
    totals = votes.sum(axis=1)
    if totals.sum() < 100:  # a toy, where sums agree by accident
        return
    for k, name in enumerate(candidates):
        if len(votes) > 1 and len(candidates) > 2 and (2 * votes[:, k] == totals).all():
            raise InputError(
                f"{columns.where}: column {name!r} must hold a candidate's votes - it is the sum "
                "of all the others in every unit; drop it"
            )
    everything = votes.sum(axis=0)
    for u in np.flatnonzero(2 * totals == totals.sum()):
        if len(votes) > 2 and (2 * votes[u] == everything).all():
            raise InputError(
                f"{columns.row(int(u))}: every row must be a unit - this one is the sum of all the "
                "others; drop it"
            )


def check_ballots(columns: Columns, units: Sequence[str], counted: IntArray) -> None:
    """Raise `InputError` where more was counted than the column `ballots` has."""
    ballots = columns.counts("ballots")
    over = np.flatnonzero(counted > ballots)
    if over.size:
        u = int(over[0])
        raise InputError(
            f"{columns.row(u)}: votes and invalid ballots cannot exceed ballots - unit "
            f"{units[u]!r} has {counted[u]} counted but {ballots[u]} ballots; fix the row or drop "
            "the ballots column"
        )


def shared_out(total: int, ballots: IntArray, where: str) -> IntArray:
    """Share an estimated electorate out over units in proportion to ballots, whole people."""
    total = int(Columns(where=where, values={"registered": [total]}).counts("registered")[0])
    if total < ballots.sum():
        raise InputError(
            f"{where}: registered must be at least the ballots cast ({ballots.sum():,}) - found "
            f"{total:,}; correct the estimate"
        )
    if not ballots.sum():
        raise InputError(f"{where}: somebody must have voted - found no votes at all")
    exact = total * (ballots / ballots.sum())
    shared = np.floor(exact).astype(np.int64)
    order = np.argsort(shared - exact, kind="stable")
    shared[order[: total - int(shared.sum())]] += 1
    return frozen(shared)
