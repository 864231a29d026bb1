"""Named columns from a data frame or a CSV file, checked cell by cell.

Everything a user hands over passes through `Columns`, so every complaint can say
where, which rule, what was found and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from math import isnan
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray, frozen
from forecast.errors import InputError, suggest
from forecast.files.numbers import column_kind, is_missing, unmarked
from forecast.files.reading import decoded, is_text, read_bytes, refuse_other_texts
from forecast.files.spreadsheets import SPREADSHEETS, sheet_rows
from forecast.files.tables import (
    SEEN,
    below_titles,
    check_cells,
    columns_of_rows,
    one_header,
    rows_of_text,
    stacked,
)
from forecast.files.text import check_printable_names, in_one_line, named


class Table(Protocol):
    """A table of pandas, polars or pyarrow, or `Columns`."""

    @property
    def columns(self) -> Any:
        """Its columns."""


ROUNDED = re.compile(r"\d[.,]?(\d*)[eE]\+?0*(\d+)")
"""Numbers such as 2.06E+06."""
MAX_COUNT = 10_000_000_000
"""Largest count believed: more people than live on Earth is a broken file."""
MAX_CELLS = 4_000_000
"""Largest table read, in cells; it takes up to about 400 MB of memory."""
MAX_COLUMNS = 5_000
MOST_SHEETS = 5
GROUPED = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+")
"""Cells that a person may have meant otherwise than `float` reads them."""
NO_NAMES = {"<NA>", "NA", "N/A", "#N/A", "nan", "NaN", "NaT", "None"}
"""How programs write that a name is missing."""
FIXED = (
    "unit", "region", "registered", "invalid", "ballots", "source", "candidate", "votes", "counted",
    "attached_to", "reported", "version", "first_round", "runoff",
)  # fmt: skip
"""Column names that mean something; they may be written in capitals."""


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
    titles, footnotes : tuple of str
        What stands above the header, and below the rows.
    sheet : str
        Sheet of a workbook, if nobody chose it among several.
    other_sheets : tuple of str
        The others, if they are not hidden.
    kept : tuple of int
        Where its rows were in the table they were selected from; empty if these are all.
    said : mapping of str to str
        What somebody says that columns are, in words that mean nothing here.
    notes : tuple of str
        What was done to it since it was read, one sentence each.
    """

    where: str
    values: Mapping[str, Sequence[object]]
    first_line: int = 0
    titles: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    kept: tuple[int, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    _read: dict[str, IntArray | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _kinds: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def from_frame(cls, frame: Columns | Table, *, where: str = "frame") -> Columns:
        """Read any eager data frame that narwhals understands; `Columns` stay as they are.

        Raises
        ------
        InputError
            If `frame` is no data frame, has duplicated column names or no rows.
        """
        if isinstance(frame, Columns):
            return frame
        import narwhals as nw

        try:
            table = nw.from_native(_with_text_names(frame), eager_only=True)
        except (TypeError, ValueError) as error:
            if "unique" in str(error) or "uplicate" in str(error):
                raise InputError(
                    f"{where}: column names must be unique - {error}; rename one"
                ) from None
            raise InputError(
                f"{where}: must be a pandas, polars or pyarrow table - found "
                f"{type(frame).__name__}; convert it or write a CSV file"
            ) from None
        cells = map(_cells, map(table.get_column, table.columns))
        return cls(where=where, values=_by_name(table.columns, cells, where))

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Columns:
        """Read a table: a CSV file, a spreadsheet, or ``-`` for what is piped in.

        Parameters
        ----------
        path : path-like
            CSV in UTF-8 with commas, semicolons or tabs; .xlsx, .ods and their like, of which the
            first sheet that is not hidden is read, or that named behind a hash as in
            ``counts.xlsx#round 1``.

        Raises
        ------
        InputError
            If the file cannot be read, is empty, is not UTF-8, or its rows differ in width.
        """
        name, _, sheet = str(path).partition("#")
        if sheet and Path(name).suffix.casefold() in SPREADSHEETS:
            return cls.from_bytes(read_bytes(name), f"{Path(name).name}#{sheet}", sheet=sheet)
        return cls.from_bytes(read_bytes(path), Path(path).name)

    @classmethod
    def from_bytes(cls, raw: bytes, where: str, *, sheet: str | None = None) -> Columns:
        """Read the content of such a file; `where` is what messages call it."""
        ending = Path(where).suffix.casefold()
        text = ending not in SPREADSHEETS or (ending == ".xls" and is_text(raw))
        if sheet is None and text:
            return cls.from_text(decoded(raw, where), where)
        cells, (read, *others) = sheet_rows(raw, where, sheet)
        with naming_sheets(where, others):
            rows, above = below_titles(cells)
            check_cells(sum(map(len, rows)), where, MAX_CELLS)
            table = cls._of_rows(rows, where, above, map(" ".join, cells[:above]))
        return replace(table, sheet=read, other_sheets=tuple(others)) if others else table

    @classmethod
    def from_text(cls, text: str, where: str) -> Columns:
        """Read the text of a CSV file; `where` is what messages call it."""
        refuse_other_texts(text, where)
        rows, above = rows_of_text(text, where, most=MAX_CELLS)
        return cls._of_rows(rows, where, above, text.split("\n", above)[:above])

    @classmethod
    def _of_rows(
        cls, rows: Iterable[list[str]], where: str, above: int, titles: Iterable[str] = ()
    ) -> Columns:
        lines = [line for line in titles if line.strip()]
        stream = iter(stacked([*rows], lines[-1].strip(' ,;\t"')) if lines else rows)
        head, more = one_header([*islice(stream, SEEN + 2)])
        rows, above = chain(head, stream), above + more
        names, cells, footnotes = columns_of_rows(rows, where, above + 2)
        return cls(
            where=where,
            values=_by_name(names, cells, where),
            first_line=above + 2,
            titles=tuple(lines),
            footnotes=footnotes,
        )

    def __len__(self) -> int:
        return len(next(iter(self.values.values()), ()))

    def kind(self, name: str) -> str:
        """Return whether a column holds whole numbers, "number"s, "text", or is "empty"."""
        if name not in self._kinds:
            self._kinds[name] = column_kind(self.values[name])
        return self._kinds[name]

    def of_kind(self, kind: str, names: Iterable[str] | None = None) -> list[str]:
        """Return the columns that hold whole numbers, other numbers, text or nothing.

        Examples
        --------
        >>> Columns(where="x", values={"unit": ["a"], "votes": [5]}).of_kind("whole")
        ['votes']
        """
        names = self.names if names is None else names
        return [name for name in names if self.kind(name) == kind]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in their order."""
        return tuple(self.values)

    @property
    def free(self) -> list[str]:
        """Names of the columns of which nobody said what they are."""
        return [name for name in self.values if name not in self.said]

    @property
    def words(self) -> set[str]:
        """All cells that are text."""
        cells = (cell for column in self.values.values() for cell in column)
        return {cell.strip() for cell in cells if isinstance(cell, str)}

    def row(self, index: int) -> str:
        """Return how to call row `index` in a message."""
        word = "line" if self.first_line else "row"
        place = self.kept[index] if self.kept else index
        return f"{self.where} {word} {place + self.first_line}"

    def select(self, rows: Iterable[int]) -> Columns:
        """Return some rows only, which messages still call as before.

        Examples
        --------
        >>> table = Columns(where="x.csv", values={"votes": [3, 5, 8]}, first_line=2)
        >>> table.select([0, 2]).values, table.select([0, 2]).row(1)
        ({'votes': [3, 8]}, 'x.csv line 4')
        """
        rows = tuple(rows)
        values = {name: [cells[i] for i in rows] for name, cells in self.values.items()}
        kept = tuple(self.kept[i] for i in rows) if self.kept else rows
        return replace(self, values=values, kept=kept)

    def with_columns(self, values: Mapping[str, Sequence[object]]) -> Columns:
        """Return the table with further columns, or with other cells in those it has."""
        return replace(self, values={**self.values, **values})

    def renamed(self, names: Mapping[str, str]) -> Columns:
        """Return the table with other names for some columns."""
        values = {names.get(n, n): cells for n, cells in self.values.items()}
        said = {names.get(n, n): what for n, what in self.said.items()}
        return replace(self, values=values, said=said)

    def without(self, names: Collection[str]) -> Columns:
        """Return all columns but some."""
        values = {n: cells for n, cells in self.values.items() if n not in names}
        said = {n: what for n, what in self.said.items() if n not in names}
        return replace(self, values=values, said=said)

    def saying(self, said: Mapping[str, str]) -> Columns:
        """Return the table with more said of its columns."""
        return self._with(said={**self.said, **said})

    def noting(self, *notes: str) -> Columns:
        """Return the table with more notes."""
        return self._with(notes=(*self.notes, *notes))

    def _with(self, **about: Any) -> Columns:
        """Return the same cells, of which what is known already is not looked for again."""
        made = replace(self, **about)
        made._read.update(self._read)
        made._kinds.update(self._kinds)
        return made

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
            text = "" if cell is None or (isinstance(cell, float) and isnan(cell)) else str(cell)
            text = text.strip()
            if not text or text in NO_NAMES:
                raise InputError(
                    f"{self.row(i)}: {name!r} must not be empty"
                    + (f" - found {text}, which says that it is missing" if text else "")
                    + "; fill it in"
                )
            cells.append(text)
        return tuple(cells)

    def rows_of(self, names: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the cells of some columns, maybe none, as text row by row.

        Examples
        --------
        >>> table = Columns(where="x.csv", values={"unit": ["n", "s"], "votes": [3, 5]})
        >>> table.rows_of(["unit", "votes"]), table.rows_of([])
        ([('n', '3'), ('s', '5')], [(), ()])
        """
        cells = [map(str, self.values[name]) for name in names]
        return list(zip(*cells, strict=True)) if names else [()] * len(self)

    def different(self, *names: str) -> int:
        """Return how many different rows some columns have, as text.

        Examples
        --------
        >>> table = Columns(where="x.csv", values={"unit": ["n", "n"], "votes": [3, 5]})
        >>> table.different("unit"), table.different("unit", "votes")
        (1, 2)
        """
        return len(set(self.rows_of(names)))

    def keys(self, name: str) -> tuple[str, ...]:
        """Return column `name` as strings of which no two are equal, or raise `InputError`."""
        cells = self.texts(name)
        seen: dict[str, int] = {}
        for i, cell in enumerate(cells):
            if seen.setdefault(cell, i) != i:
                raise InputError(
                    f"{self.row(i)}: every {name} must occur once - found {cell!r} again "
                    f"(first on {self.row(seen[cell])}); merge or rename"
                )
        return cells

    def counts(self, name: str) -> IntArray:
        """Return column `name` as whole numbers from 0 to `MAX_COUNT`.

        Marks between thousands are understood: spaces of any width and apostrophes, and points or
        commas where the whole column can have no other meaning.

        Raises
        ------
        InputError
            If a cell is missing, no number, negative, fractional or absurdly large.
        """
        self.require(name)
        array = self._plain(name)
        if array is not None:
            return array
        cells = unmarked(self.values[name])
        return frozen([self._count(i, name, cell) for i, cell in enumerate(cells)])

    def _plain(self, name: str) -> IntArray | None:
        """Return a column of nothing but plain counts, which is read once."""
        if name not in self._read:
            array = _plain_counts(self.values[name])
            if array is not None and not ((array >= 0) & (array <= MAX_COUNT)).all():
                array = None
            self._read[name] = None if array is None else frozen(array)
        return self._read[name]

    def partial_counts(self, name: str) -> tuple[IntArray, npt.NDArray[np.bool_]]:
        """Return column `name` as `counts` does with 0 where it is missing, and where it is given.

        Raises
        ------
        InputError
            If a cell that is not missing breaks a rule of `counts`.
        """
        self.require(name)
        cells, array = self.values[name], self._plain(name)
        if array is not None:
            return array, np.ones(len(cells), dtype=bool)
        given = np.array([not is_missing(cell) for cell in cells])
        filled = [cell if known else 0 for cell, known in zip(cells, given, strict=True)]
        return replace(self, values={name: filled}).counts(name), given

    def sound_counts(self, names: Iterable[str]) -> dict[str, IntArray]:
        """Return those of some columns that `partial_counts` can read, with 0 for what is missing.

        Whoever asks does not know yet what the columns are: a broken cell is named once that is
        settled.

        Examples
        --------
        >>> table = Columns(where="x.csv", values={"votes": ["3", "5"], "who": ["Ada", "Ben"]})
        >>> [*table.sound_counts(["votes", "who"])]
        ['votes']
        """
        found = {}
        for name in names:
            with suppress(InputError):
                found[name] = self.partial_counts(name)[0]
        return found

    def summed(self, names: Iterable[str]) -> list[int | None]:
        """Return the sum of some columns as `partial_counts` reads them, None where none is given.

        Raises
        ------
        InputError
            If a cell that is not missing breaks a rule of `counts`.
        """
        counts, given = zip(*map(self.partial_counts, names), strict=True)
        sums, some = np.sum(counts, axis=0).tolist(), np.any(given, axis=0)
        return [total if known else None for total, known in zip(sums, some, strict=True)]

    def _count(self, index: int, name: str, cell: object) -> int:
        where, rule = f"{self.row(index)}, {name!r}", "must be a whole number of people"
        found = str(self.values[name][index])[:40]
        if isinstance(cell, bool) or is_missing(cell):
            missing = f"{found}, which is missing" if found and is_missing(cell) else repr(found)
            raise InputError(f"{where}: {rule} - found {missing}; write 0 if nobody")
        try:
            number = float(cell) if isinstance(cell, int | float) else float(_certain(str(cell)))
        except (ValueError, OverflowError):
            raise InputError(
                f"{where}: {rule} - found {found!r}; remove marks and thousands separators"
            ) from None
        if number < 0:
            raise InputError(f"{where}: {rule} - found {found}; counts cannot be negative")
        if not number <= MAX_COUNT:
            raise InputError(f"{where}: {rule} below {MAX_COUNT:,} - found {found}; correct it")
        if (rounded := ROUNDED.fullmatch(found.strip())) and len(rounded[1]) < int(rounded[2]):
            raise InputError(
                f"{where}: {rule}, with all its digits - found {found}, as spreadsheets write "
                "large numbers in narrow columns; widen these, or format them as numbers, and save "
                "again"
            )
        if number != int(number):
            raise InputError(
                f"{where}: {rule} - found {found}; if these are percentages, give counts of "
                "votes instead"
            )
        return int(number)


@contextmanager
def naming_sheets(where: str, others: Sequence[str]) -> Iterator[None]:
    """Say in an `InputError` which other sheets a workbook has, for the first may be a cover."""
    try:
        yield
    except InputError as error:
        if not others:
            raise
        named = ", ".join(f"'{where}#{name}'" for name in others[:MOST_SHEETS])
        raise InputError(f"{error}; or read another sheet: {named}") from None


def _certain(text: str) -> str:
    """Return the text of a number; raise `ValueError` if a person may have meant another."""
    if "_" in text or GROUPED.fullmatch(text):
        raise ValueError
    return text


def _with_text_names(frame: Any) -> Any:
    """Return a pandas frame whose columns are named with text, its index among them.

    An index without a name is the units if it holds text, else it only counts the rows.
    """
    if type(frame).__module__.split(".")[0] != "pandas" or not hasattr(frame, "set_axis"):
        return frame
    names = list(frame.columns)
    texts = [named(n) if isinstance(n, tuple) else str(n) for n in names]
    frame = frame if texts == names else frame.set_axis(texts, axis=1)
    index, levels = frame.index, list(frame.index.names)
    if levels == [None] and "unit" not in texts and len(index) and set(map(type, index)) == {str}:
        levels = ["unit"]
    if None in levels or {str(level) for level in levels}.intersection(texts):
        return frame
    return frame.set_axis(index.set_names([str(level) for level in levels])).reset_index()


def _cells(column: Any) -> list[object]:
    """Return the cells of a narwhals series, None where one is missing."""
    cells: list[object] = column.to_list()
    cells = [in_one_line(cell) if isinstance(cell, str) else cell for cell in cells]
    if not column.is_null().any():
        return cells
    return [None if no else cell for cell, no in zip(cells, column.is_null(), strict=True)]


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


def _by_name(
    names: Sequence[str], columns: Iterable[Sequence[object]], where: str
) -> dict[str, Sequence[object]]:
    """Return columns by their names; raise `InputError` unless these are fit and there are rows."""
    if len(names) > MAX_COLUMNS:
        raise InputError(
            f"{where}: must have at most {MAX_COLUMNS:,} columns - found {len(names):,}; for rows "
            "of unit, candidate, votes use one row per pair"
        )
    names = [in_one_line(named([name])) for name in names]
    names = [name.casefold() if name.casefold() in FIXED else name for name in names]
    check_printable_names(names, where)
    found: dict[str, Sequence[object]] = {}
    for name, cells in zip(names, columns, strict=True):
        if not name:
            raise InputError(
                f"{where}: every column must have a name - column {len(found) + 1} has none; name "
                "or drop it"
            )
        if name in found:
            raise InputError(
                f"{where}: column names must be unique - found {name!r} twice; rename one"
            )
        found[name] = cells
    if not any(map(len, found.values())):
        raise InputError(f"{where}: must have at least one row - found none; add the data")
    return found
