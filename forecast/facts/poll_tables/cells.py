"""Cells of tables of polls: shares, numbers of people, and what is on which scale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

from forecast.errors import InputError
from forecast.facts.polls import ROUNDING
from forecast.facts.words.poll_words import is_exit_poll
from forecast.files.columns import MAX_COUNT
from forecast.files.numbers import decimal, is_missing

UNKNOWN = {"nd", "n/d", "s/d", "n.d.", "x", "?", "a_inserer_manuellement", "n/c", "did not run",
           "did not stand", "not running", "not standing", "not a candidate", "not asked",
           "not included", "not tested", "not polled", "withdrew", "withdrawn", "dropped out",
           "no medido", "non testé", "n'est pas candidat", "não testado", "nicht gefragt",
           "nicht angetreten", "nie badano", "nie startował"}  # fmt: skip
"""Cells that say nothing, besides those of `is_missing`."""
SPACES = re.compile(r"[\s\u00a0\u202f\u2009]")
PEOPLE = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,' \N{RIGHT SINGLE QUOTATION MARK}]\d{3})+(?!\d)"
                    r"|\d+(?:[.,]\d+)?")  # fmt: skip
"""Numbers of people, with marks between the thousands or without."""
FOOTNOTE = re.compile(r"\[\w{1,3}\]|[*\u00b9\u00b2\u00b3\u2070-\u2079\u2020\u2021\u00a7]")
ERROR = re.compile(r"[(,;]?\s*(?:\u00b1|\+\s*/\s*[-\u2013])\s*\d+(?:[.,]\d+)?\s*(?:%|pp)?\s*\)?")
"""A margin of error beside a number of people."""
CHANGED = re.compile(
    r"(?<=[\d%])\s*(?:[(\[]\s*(?:[-+=\u2212\u2013\u00b1\u25b2\u25bc\u2191\u2193]\s*(?:\d+(?:[.,]\d+)?)?|0)"
    r"\s*(?:%|pp?)?\s*[)\]]|(?:\u00b1|\+\s*/\s*[-\u2212\u2013]|[\u25b2\u25bc\u2191\u2193])\s*\d+(?:[.,]\d+)?\s*(?:%|pp?)?)$"
)
"""A change, or a margin of error, behind a share."""
BETWEEN = re.compile(r"\s*(?:[-\u2013\u2014/]|\b(?:to|a|\u00e0|bis|do)\b)\s*")
"""What stands between the ends of a range."""
FEWEST_OF_RANGE, WIDEST = 100, 3
"""Least number of people at the lower end of a range, and how many times as many at the upper."""
THOUSAND = re.compile(r"\s*k\b", re.I)
PERCENT = 100.0
MOST_ASKED, MOST_OF_ALL, FEW = 500_000, 0.25, 20_000
"""Most people whom a poll asks, at all and of an electorate, unless they are few."""
ERROR_OF_ONE, NEAR = 98.0, 0.6
"""Margin of error of one answer, in percent, and how near those of polls are to what it implies."""
FEWEST = 2
"""Candidates of a question."""
MOST_TEXTS = 20_000
"""Cells whose share is remembered."""


class Share(NamedTuple):
    """A share as it is written, and whether it has a percent sign."""

    number: float
    percent: bool


def is_empty(cell: object) -> bool:
    """Return whether a cell says nothing."""
    text = plain_text(cell)
    return is_missing(text) or text.casefold() in UNKNOWN


def plain_text(cell: object) -> str:
    """Return a cell without its footnote."""
    return "" if is_missing(cell) else " ".join(FOOTNOTE.sub("", str(cell)).split())


def share_of(cell: object, *, parts: bool = False) -> Share | None:
    """Return a share as it is written without its footnote, None if there is none.

    Parameters
    ----------
    cell : object
        The cell; less than a number is half of it.
    parts : bool
        Whether words in brackets may say who is part of it.

    Examples
    --------
    >>> share_of("27[c]"), share_of("31,5 %")
    (Share(number=27.0, percent=False), Share(number=31.5, percent=True))
    >>> [share_of(cell).number for cell in ("31 (+1)", "31% ± 3", "31,5 ▼2", "22 (0)")]
    [31.0, 31.0, 31.5, 22.0]
    >>> share_of("11 (Elm 4)"), share_of("11 (Elm 4)", parts=True)
    (None, Share(number=11.0, percent=False))
    """
    return None if is_missing(cell) else _share_of_text(str(cell), parts)


@lru_cache(MOST_TEXTS)
def _share_of_text(cell: str, parts: bool) -> Share | None:
    text = CHANGED.sub("", plain_text(cell))
    if is_empty(cell):
        return None
    text = SPACES.sub("", re.sub(r"\(.*\)|\[.*\]", "", text) if parts else text)
    percent, text = "%" in text, text.replace("%", "")
    less = text.startswith(("<", "\N{LESS-THAN OR EQUAL TO}"))
    text = text.lstrip("<>~\N{LESS-THAN OR EQUAL TO}")
    try:
        value = decimal(text)
    except ValueError:
        return None
    if not 0 <= value < MAX_COUNT:
        return None
    return Share(value / 2 if less else value, percent)


def people_asked(cell: str) -> int | None:
    """Return the one number of people that a cell has, None if there is no such number.

    Of a range that is its lower end, so that no poll seems more certain than it may be.

    Examples
    --------
    >>> [people_asked(cell) for cell in ("about 1000", "ca. 1,000", "1.5k", "1\u202f004 LV[a]")]
    [1000, 1000, 1500, 1004]
    >>> [people_asked(cell) for cell in ("1002 (\u00b13.1)", "1,002 \u00b1 3.1%")]
    [1002, 1002]
    >>> [people_asked(cell) for cell in ("1000\u20131200", "1,000 / 1,200", "18-34")]
    [1000, 1000, None]
    >>> [people_asked(cell) for cell in ("1200-1000", "-5", "48%", "0.5", "many")]
    [None, None, None, None, None]
    """
    text = ERROR.sub("", SPACES.sub(" ", FOOTNOTE.sub("", cell))).strip()
    found = list(PEOPLE.finditer(text))
    if len(found) == 2 and BETWEEN.fullmatch(text[found[0].end() : found[1].start()]):
        low, high = (people_asked(number[0]) or 0 for number in found)
        return low if FEWEST_OF_RANGE <= low < high <= WIDEST * low else None
    if len(found) != 1 or "%" in text or text.startswith("-"):
        return None
    number, after = found[0][0], text[found[0].end() :]
    if THOUSAND.match(after):
        size = 1000 * float(number.replace(",", "."))
    elif re.fullmatch(r"\d+[.,]\d+", number) and not re.fullmatch(r"\d{1,3}[.,]\d{3}", number):
        size = float(number.replace(",", "."))
    else:
        size = float(re.sub(r"\D", "", number))
    return int(size) if 1 <= size < MAX_COUNT and size == int(size) else None


def is_range(cell: str) -> bool:
    """Return whether a number of people is told by its lowest and highest value.

    Examples
    --------
    >>> is_range("1000-1200"), is_range("1,000")
    (True, False)
    """
    return people_asked(cell) is not None and len(PEOPLE.findall(ERROR.sub("", cell))) > 1


def too_many(cells: Iterable[str], people: int, who: str = "") -> str:
    """Return why numbers of people are of no poll: a result has so many; of an electorate, or 0.

    `who` asked may have taken an exit poll, which many answer.

    Examples
    --------
    >>> too_many(["33,000,000"], 0), too_many(["1500"], 0), too_many(["45000"], 90_000)
    ('of 33,000,000 people, a result, not a poll', '', 'of 45,000 people, a result, not a poll')
    """
    n = max((people_asked(cell) or 0 for cell in cells), default=0)
    most = min(MOST_ASKED, max(MOST_OF_ALL * people, FEW) if people else MOST_ASKED)
    over = n > most and not is_exit_poll("", who)
    return f"of {n:,} people, a result, not a poll" if over else ""


def note_of_rows(rows: Sequence[str], note: str) -> list[str]:
    """Return a note that begins with the first of some rows and how many more, none of no rows.

    Examples
    --------
    >>> note_of_rows(["polls row 2", "polls row 3"], "left out"), note_of_rows([], "left out")
    (['polls row 2 and 1 more: left out'], [])
    """
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    return [f"{row}{more}: {note}" for row in rows[:1]]


def add_share(rest: dict[str, Share], role: str, more: Sequence[Share | None]) -> None:
    """Add shares to those of a role."""
    told = [*([rest[role]] if role in rest else []), *(share for share in more if share)]
    if told:
        rest[role] = Share(sum(x.number for x in told), any(x.percent for x in told))


def are_errors(shares: Iterable[Share | None], people: Iterable[int | None]) -> bool:
    """Return whether numbers are, nearly, the margins of error of polls of so many people.

    Examples
    --------
    >>> three, nine = Share(3.0, percent=False), Share(9.0, percent=False)
    >>> are_errors([three, three], [1000, 1870]), are_errors([three, nine], [1000, 1870])
    (True, False)
    """
    pairs = [(x.number, n) for x, n in zip(shares, people, strict=True) if x and n]
    parts = [(x if x > 1 else PERCENT * x) * sqrt(n) / ERROR_OF_ONE for x, n in pairs]
    return bool(parts) and NEAR <= min(parts) <= max(parts) <= 1 / NEAR


def check_shares(where: str, shares: Mapping[str, Share]) -> None:
    """Raise `InputError` if a share, as written, is more than 100."""
    for name, share in shares.items():
        if share.number > PERCENT:
            raise InputError(
                f"{where}, {name!r}: a share must be at most 100% - found {share.number:g}; if "
                "these are numbers of people divide them by n; leave the column out if it holds no "
                "shares"
            )


def on_one_scale(
    where: str, named: float, rest: Mapping[str, float], *, percent: bool, decided: bool = False
) -> dict[str, float]:
    """Return the undecided and others on the scale of the candidates' shares.

    Parameters
    ----------
    where : str
        The row, for messages.
    named : float
        Sum of the candidates' shares, as written.
    rest : mapping of str to float
        Other answers, as written.
    percent : bool
        Whether the shares are percent.
    decided : bool
        Whether they are shares of the decided, so that no sum says anything.

    Raises
    ------
    InputError
        If some seem to be of another scale, and the sum does not say so.

    Examples
    --------
    >>> on_one_scale("row 2", 90, {"undecided": 0.1}, percent=True)
    {'undecided': 10.0}
    """
    odd = {k: x for k, x in rest.items() if (0 < x < 1 if percent else x > 1)}
    if not odd:
        return dict(rest)
    whole, factor = (PERCENT, PERCENT) if percent else (1.0, 1 / PERCENT)
    alike = (named + sum(rest.values())) / whole
    mixed = alike + sum(odd.values()) * (factor - 1) / whole
    if not decided and abs(mixed - 1) <= ROUNDING < abs(alike - 1):
        return {**rest, **{k: x * factor for k, x in odd.items()}}
    if not decided and percent and (abs(alike - 1) <= ROUNDING or mixed > 1 + ROUNDING):
        return dict(rest)
    name, value = next(iter(odd.items()))
    raise InputError(
        f"{where}, {name!r}: must be {'percent' if percent else 'a fraction'}, as the shares of "
        f"candidates are - found {value:g} beside {named:g} in all for them; write "
        f"{f'{PERCENT * value:g} or {value:g}%' if percent else f'{value / PERCENT:g}'}"
    )
