"""Numbers as people write them: with thousands marks of any kind, as percentages, or missing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

MISSING = {"", "-", "–", "—", "..", "...", "…", "n/a", "na", "nan", "<na>", "none", "null", "nat",
           "n/d", "n.d.", "#n/a", "#n/d", "s/d", "b/d", "no data",
           "sin datos", "sem dados", "brak danych", "keine daten", "нет данных",
           "k. a.", "k.a.", "entfällt", "няма данни", "немає даних"}  # fmt: skip
"""How a cell of numbers says that it has none."""
DIGITS = {chr(zero + k): str(k) for zero in (0x660, 0x6F0, 0x966, 0x9E6) for k in range(10)}
"""Digits of Arabic, Persian, Hindi and Bengali."""
SPACES = str.maketrans(
    DIGITS | dict.fromkeys("\u0020\u00a0\u202f\u2009\u2007\u2008\u066c'’‘`´", "")
)
"""Marks between thousands that can be nothing else, and digits."""
GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
LAKHS = re.compile(r"[+-]?[1-9]\d?(?:(,)\d{2})(?:,\d{2})*,\d{3}")
"""Thousands as India writes them: 12,34,567."""
PART = re.compile(
    r"(\d{1,9})\s*(?:/|\b(?:of|out of|de|di|do|din|sur|su|von|z|ze|из|з|от|dari|av|od)\b)"
    r"\s*(\d{1,9})"
)
"""A part of a whole in whole numbers."""
COUNT = r"\d[\d.,'’\u00a0\u202f ]*"
GROUPED = r"\d{1,3}(?:[.,'’]\d{3})+|\d+"
SHARE = r"\d{1,3}(?:[.,]\d+)?\s*%"
MARKED = re.compile(
    rf"({COUNT})\s*(?:[*†‡§¹²³]+|\[\w{{1,3}}\]|[(\[]\s*{SHARE}\s*[)\]])"
    rf"|{SHARE}\s*[(\[]\s*({COUNT})[)\]]"
    rf"|({COUNT})\s*[/|–—-]\s*{SHARE}|{SHARE}\s*[/|–—-]\s*({COUNT})"
    rf"|({GROUPED})\s+{SHARE}|{SHARE}\s+({GROUPED})"
)
"""A count with a footnote or a percentage beside it."""
BESIDE = re.compile("[*†‡§¹²³[%]")
WHOLE = re.compile(r"(?<=\d)[.,]0{1,2}$")
"""Decimals of a whole number."""
PLAIN, FOUR = re.compile(r"[+-]?\d{1,3}"), re.compile(r"[+-]?[1-9]\d{3}")
DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
LOOKED_AT = 200
"""Cells that tell numbers from text."""


def is_missing(cell: object) -> bool:
    """Return whether a cell of numbers has none.

    Examples
    --------
    >>> [is_missing(cell) for cell in (None, float("nan"), "NA", "–", 0, "0")]
    [True, True, True, True, False, False]
    """
    if cell is None or isinstance(cell, float):
        return cell is None or math.isnan(cell)
    return isinstance(cell, str) and cell.strip().casefold() in MISSING


def given_texts(cells: Iterable[object]) -> list[str]:
    """Return the cells that are not missing as text without spaces around.

    Examples
    --------
    >>> given_texts([" 12", None, 7, "n/a"])
    ['12', '7']
    """
    return [str(cell).strip() for cell in cells if not is_missing(cell)]


def filled_down(cells: Iterable[object]) -> list[object]:
    """Return a column in which merged cells are filled: what is missing is as above it.

    Examples
    --------
    >>> filled_down(["North", None, "", "South", ""])
    ['North', 'North', 'North', 'South', 'South']
    """
    filled: list[object] = []
    for cell in cells:
        filled.append(filled[-1] if filled and is_missing(cell) else cell)
    return filled


def part_of_whole(cell: object) -> tuple[int, int] | None:
    """Return the numbers of a cell such as "12/15" or "12 of 15", None if it is no such part.

    Examples
    --------
    >>> part_of_whole("12 / 15"), part_of_whole("3 de 9"), part_of_whole("9/3"), part_of_whole(0.5)
    ((12, 15), (3, 9), None, None)
    """
    found = PART.fullmatch(str(cell).strip().casefold())
    part, whole = map(int, found.groups()) if found else (1, 0)
    return (part, whole) if part <= whole and whole else None


def bare_counts(cells: Sequence[object]) -> Sequence[object]:
    """Return a column of counts without footnotes and percentages beside them.

    Other columns stay as they are.

    Examples
    --------
    >>> bare_counts(["300 (42.1%)", "931*", "70[1]", "-", "5"])
    ['300', '931', '70', '-', '5']
    >>> bare_counts(["42.1% (300)", "50 % (1,254)"]), bare_counts(["North*", "5*"])
    (['300', '1,254'], ['North*', '5*'])
    >>> bare_counts(["1,300 / 42.1%", "931 57.9%"]), bare_counts(["42.1% | 1,300", "57.9% 931"])
    (['1,300', '931'], ['1,300', '931'])
    """
    if not BESIDE.search("".join(cell for cell in cells if isinstance(cell, str))):
        return cells
    texts = {cell for cell in cells if isinstance(cell, str) and BESIDE.search(cell)}
    found = {}
    for text in texts:
        marked = MARKED.fullmatch(text.strip())
        if marked:
            found[text] = next(filter(None, marked.groups())).strip()
        elif not is_missing(text):
            return cells
    plain = (cell for cell in cells if cell not in texts and not is_missing(cell))
    if not found or not all(str(cell)[:1].isdigit() for cell in plain):
        return cells
    return [found.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]


def spoken_for(cell: str) -> str:
    """Return the text of a number without the marks that can only stand between thousands.

    Examples
    --------
    >>> spoken_for("1\u202f234 567"), spoken_for("1’234")
    ('1234567', '1234')
    """
    return cell.translate(SPACES)


def decimal(text: str) -> float:
    """Return the number that a text is, with a decimal point or comma.

    Raises
    ------
    ValueError
        If it is none, or its marks may mean several things.

    Examples
    --------
    >>> decimal("43,5"), decimal("1 234.5"), decimal("-2")
    (43.5, 1234.5, -2.0)
    """
    plain = spoken_for(text)
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not DECIMAL.fullmatch(plain):
        raise ValueError(text)
    return float(plain)


def unmarked(cells: Sequence[object]) -> Sequence[object]:
    """Return a column without the points or commas between thousands, if all of them can be that.

    A point before three digits may also be a decimal point. It is a mark where every number from
    1,000 on has it, or every one from 10,000 on as in Spanish, no number has a point of another
    kind, and one has two marks, or none, or does not end in .000 as programs print whole numbers;
    otherwise cells stay as they are.

    Examples
    --------
    >>> unmarked(["1.234", "987", "12.345.678"])
    ['1234', '987', '12345678']
    >>> unmarked(["12,34,567", "8,900"]), unmarked(["1,000", "900"]), unmarked(["1.234,00", "9,0"])
    (['1234567', '8900'], ['1000', '900'], ['1234', '9'])
    >>> unmarked(["1.234", "98.7"]), unmarked(["1.234", "2345"])
    (['1.234', '98.7'], ['1.234', '2345'])
    >>> unmarked(["11.234", "2345", "87"])
    ['11234', '2345', '87']
    """
    texts = [WHOLE.sub("", spoken_for(cell)) if isinstance(cell, str) else cell for cell in cells]
    marks, last, sure, four, least = set(), set(), False, False, len("10000")
    for text in texts:
        if not isinstance(text, str) or is_missing(text):
            continue
        if PLAIN.fullmatch(text):
            sure = sure or text.strip("+-") != "0"
            continue
        if FOUR.fullmatch(text):
            four = True
            continue
        found = GROUPS.fullmatch(text) or LAKHS.fullmatch(text)
        if found is None:
            return texts
        marks.add(found[1])
        last.add(text[-3:])
        least = min(least, sum(map(str.isdigit, text)))
        sure = sure or text.count(found[1]) > 1
    if len(marks) != 1 or (last == {"000"} and not sure) or (four and least < len("10000")):
        return texts
    mark = marks.pop()
    return [text.replace(mark, "") if isinstance(text, str) else text for text in texts]


def column_kind(cells: Sequence[object]) -> str:
    """Return what a column holds by most of its first cells: whole, number, text or empty.

    Examples
    --------
    >>> column_kind(["1,234", "987"]), column_kind(["50.1%", "49.9%"]), column_kind(["a", "b", 7])
    ('whole', 'number', 'text')
    """
    kinds = {"whole": 0, "number": 0, "text": 0}
    given = 0
    for cell in cells:
        if is_missing(cell):
            continue
        given += 1
        kinds[_kind_of(cell)] += 1
        if given >= LOOKED_AT:
            break
    if not given:
        return "empty"
    if kinds["text"] * 2 > given:
        return "text"
    return "whole" if kinds["whole"] >= kinds["number"] else "number"


def _kind_of(cell: object) -> str:
    """Return what one cell is."""
    if isinstance(cell, bool):
        return "text"
    if isinstance(cell, int | float):
        return "whole" if cell == np.floor(cell) else "number"
    text = spoken_for(str(cell))
    if text.isdigit():
        return "whole"
    plain = text.removesuffix("%").replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        parts = plain.removeprefix("-").removeprefix("+").split(".")
        return "whole" if all(p.isdigit() for p in parts) and len(parts) > 2 else "text"
    fraction = len(plain.partition(".")[2])
    grouped = fraction == 3 and not plain.startswith("0")
    return "whole" if text != plain + "%" and (number == np.floor(number) or grouped) else "number"
