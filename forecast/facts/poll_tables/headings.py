"""Years, and months, that a table of polls says above its rows, not in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from forecast.errors import InputError
from forecast.facts.poll_tables.cells import is_empty, plain_text
from forecast.facts.words.months import month_words
from forecast.facts.words.poll_words import SURVEY
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns

YEAR = re.compile(r"(?:19|20)\d\d")
DAYS_ALONE = re.compile(r"\d{1,2}\.?(?:\s*[-\u2013\u2014/]\s*\d{1,2}\.?)?")
BESIDE = SURVEY | word_list("beside a year")
"""Words that may stand beside a year that is that of polls."""


def heading_of(text: str) -> str:
    """Return the year, maybe with a month, that a text says of polls and nothing else, or nothing.

    Examples
    --------
    >>> [heading_of(text) for text in ("2024", "Polls in 2024", "Sondaże: marzec 2025", "Rok 2024")]
    ['2024', '2024', 'marzec 2025', '2024']
    >>> [heading_of(text) for text in ("2025 election", "Since 2024", "2023-24", "Ada 2024", "May")]
    ['', '', '', '', '']
    """
    numbers = re.findall(r"\d+", text)
    if len(numbers) != 1 or not YEAR.fullmatch(numbers[0]):
        return ""
    words = [w for w in folded(text).split() if w not in BESIDE and w != numbers[0]]
    try:
        months = month_words([text], "") if words else {}
    except InputError:
        return ""
    return " ".join([*words, *numbers]) if len(words) < 2 and {*words} <= {*months} else ""


def headings_of(columns: Columns) -> dict[int, str]:
    """Return the rows that say only of which year, or month, the polls below are, and which."""
    found = {}
    for i in range(len(columns)):
        texts = {
            plain_text(cells[i]) for cells in columns.values.values() if not is_empty(cells[i])
        }
        if len(texts) == 1 and (said := heading_of(texts.pop())):
            found[i] = said
    return found


def title_year(titles: Iterable[str], latest: date | None) -> str:
    """Return the one year that titles say of polls, if it is one before that of `latest`.

    The last such days to `latest` are in its own year or, late in it, in the one before.

    Examples
    --------
    >>> title_year(["Opinion polls", "Polls in 2024;;"], date(2025, 5, 4))
    '2024'
    """
    found = {said for title in titles if (said := heading_of(title.strip(" ,;\t|")))}
    said = found.pop() if len(found) == 1 else ""
    return said if latest is None or (said and int(said[-4:]) < latest.year) else ""


def said_above(columns: Columns, latest: date | None) -> list[str]:
    """Return of each row the year, maybe with a month, that the last heading above it says.

    Examples
    --------
    >>> table = Columns(where="polls", values={"end": ["March 2025", "1-3", "2024", "5 May"]})
    >>> said_above(table, None)
    ['march 2025', 'march 2025', '2024', '2024']
    """
    headings, said = headings_of(columns), title_year(columns.titles, latest)
    found = []
    for i in range(len(columns)):
        said = headings.get(i, said)
        found.append(said)
    return found


def with_month(cell: object, said: str) -> object:
    """Return days with the month above them where they have none.

    Examples
    --------
    >>> [with_month(cell, "march 2025") for cell in ("1-3", "1-3 May")], with_month("5", "2024")
    (['1-3 march 2025', '1-3 May'], '5')
    """
    alone = " " in said and DAYS_ALONE.fullmatch(plain_text(cell))
    return f"{plain_text(cell)} {said}" if alone else cell
