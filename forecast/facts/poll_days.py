"""Days of field work as tables write them: "2018-05-16", "16.5.2018", "28 Sep - 2 Oct 2014"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from forecast.errors import InputError
from forecast.facts.column_words import folded
from forecast.facts.months import month_words
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing

__all__ = ["days_of_cells", "lacks_year"]

Days = tuple[date | None, date | None]
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
TOKEN = re.compile(r"\d{4}|\d{1,2}|[^\W\d_]+")
YEAR = re.compile(r"(?:19|20)\d{2}")
CENTURY = 2000
UNSAID = {"?", "nd", "a_inserer_manuellement"}


def days_of_cells(
    cells: Sequence[object],
    columns: Columns,
    name: str,
    years: Sequence[str] | None = None,
    latest: date | None = None,
) -> list[Days]:
    """Return first and last day of every cell; equal where there is one, None where there is none.

    Parameters
    ----------
    cells : sequence
        Days as text, or days.
    columns : Columns
        The table, for messages.
    name : str
        The column, for messages.
    years : sequence of str, optional
        For each cell a text that holds the year, where the cell itself may not.
    latest : datetime.date, optional
        Days without a year are the last such days to this one.

    Raises
    ------
    InputError
        If a cell is no day, nobody can tell day from month, or a day has no year and `latest` is
        not given.

    Examples
    --------
    >>> cells = ["5/16/2018", "5/2/2018", "Sep 28-Oct 2, 2014"]
    >>> table = Columns(where="polls", values={"end": cells})
    >>> [str(last) for _, last in days_of_cells(table.values["end"], table, "end")]
    ['2018-05-16', '2018-05-02', '2014-10-02']
    """
    texts = [
        "" if is_missing(c) or str(c).strip().casefold() in UNSAID else str(c).strip()
        for c in cells
    ]
    month_first = _month_first(texts)
    words = month_words(texts, f"{columns.where}, {name!r}")
    out: list[Days] = []
    seen: dict[str, Days | None] = {}
    for i, cell in enumerate(texts):
        text = cell
        if years is not None and text and not YEAR.search(text):
            text += f" {year[0]}" if (year := YEAR.search(years[i])) else ""
        if text not in seen:
            if _lacks_year(text, words):
                text = _with_year(text, latest, words, f"{columns.row(i)}, {name!r}")
            seen[text] = _days(text, month_first, words)
        found = seen[text]
        if found is None:
            raise InputError(
                f"{columns.row(i)}, {name!r}: must be a day like 2018-11-23 - found {text[:40]!r}"
            )
        out.append(found)
    return out


def lacks_year(text: str) -> bool:
    """Return whether a text is days with a month in words and without a year.

    Examples
    --------
    >>> [lacks_year(text) for text in ("1-4 April", "1-4 April 2030", "April", "2030-04-01")]
    [True, False, False, False]
    """
    return _lacks_year(text, month_words([text], "a day"))


def _lacks_year(text: str, words: Mapping[str, int]) -> bool:
    tokens = TOKEN.findall(folded(text))
    days = [t for t in tokens if t.isdigit() and len(t) < 3]
    dated = any(len(t) == 4 and t.isdigit() for t in tokens)
    return bool(days) and not dated and any(t in words for t in tokens)


def _with_year(text: str, latest: date | None, words: Mapping[str, int], where: str) -> str:
    """Return days with the year that makes them the last such days to `latest`."""
    if latest is None:
        raise InputError(
            f"{where}: a day must have a year - found {text[:40]!r}; write '{text[:40]} 2030', or "
            "say when the first round is with election_day= (--election-day)"
        )
    for year in range(latest.year, latest.year - 5, -1):
        found = _days(f"{text} {year}", None, words)
        if found is not None and found[1] is not None and found[1] <= latest:
            return f"{text} {year}"
    return text


def _month_first(texts: Sequence[str]) -> bool | None:
    """Return whether numbers are month/day; None if both are possible."""
    found = [m for text in texts for m in NUMERIC.finditer(text)]
    if any(int(m[1]) > 12 for m in found) or any(m[2] == "." for m in found):
        return False
    if any(int(m[3]) > 12 for m in found):
        return True
    return None


def _days(text: str, month_first: bool | None, words: Mapping[str, int]) -> Days | None:
    """Return first and last day, None if it is no day; a day nobody can tell is None too."""
    if not text:
        return None, None
    try:
        iso = [date(*map(int, m.groups())) for m in ISO.finditer(text)]
        if iso:
            return min(iso), max(iso)
        numeric = list(NUMERIC.finditer(text))
        if numeric:
            same = all(m[1] == m[3] for m in numeric)
            if month_first is None and not same:
                return None
            days = [_numeric(m, bool(month_first)) for m in numeric]
            return min(days), max(days)
        return _worded(text, words)
    except ValueError:
        return None


def _numeric(m: re.Match[str], month_first: bool) -> date:
    a, b, year = int(m[1]), int(m[3]), int(m[4])
    year += CENTURY if year < 100 else 0
    return date(year, a, b) if month_first else date(year, b, a)


def _worded(text: str, words: Mapping[str, int]) -> Days | None:
    """Return days whose month is a word; without a year they are unknown."""
    tokens = TOKEN.findall(folded(text))
    years = [int(t) for t in tokens if t.isdigit() and len(t) == 4]
    numbers = [int(t) for t in tokens if t.isdigit() and len(t) < 3]
    months = [words[t] for t in tokens if t in words]
    if not months:
        return None
    if not years or not numbers:
        return None, None
    last = date(years[-1], months[-1], numbers[-1])
    first = date(years[0], months[0], numbers[0])
    if first > last:
        first = first.replace(year=first.year - 1)
    return first, last
