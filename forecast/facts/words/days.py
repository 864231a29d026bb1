"""Days of field work as tables write them: "2018-05-16", "16.5.2018", "28 Sep - 2 Oct 2014"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from forecast.errors import InputError
from forecast.facts.words.months import month_words
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing

Days = tuple[date | None, date | None]
ISO = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?!\d)")
JOINED = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
SHORT = re.compile(r"(?<![\d/.])(\d{1,2})([/.])(\d{1,2})(?![\d/]|\.\d)")
"""Day and month in numbers without a year."""
TO = r"\s*\.?\s*(?:[-\u2013\u2014]|\b(?:to|a|al|au|do|bis|az|i|y|e|et|and|u|до|по)\b)\s*"
UP_TO = re.compile(
    rf"(?<![\d/.])(\d{{1,2}})(?:[/.](\d{{1,2}}))?{TO}"
    r"(?=\d{1,2}(?P<mark>[/.])(?P<month>\d{1,2})(?:(?P=mark)(?P<year>\d{4}|\d{2}))?(?!\d))",
    re.IGNORECASE,
)
"""The first of several days, whose year or month and year are those of the last."""
IN_ONE_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})/(\d{1,2})\s*[-\u2013]\s*(\d{1,2})/(\d{4}|\d{2})(?![\d/])"
)
"""Days as Americans write them: 4/12-14/26, which 4/1 - 4/14 and 3/30 - 4/14 are not."""
SHORT_ISO = re.compile(r"(?<![\d/.-])(\d\d)(?=([-./])(\d{1,2})\2(\d{1,2})(?!\d)(?!\2\d))")
"""A year of two digits, if the numbers behind it are month and day."""
DASHED = re.compile(r"(?<![\d/.-])(\d{1,2})-(\d{1,2})-(\d{4})(?![\d-])")
YEAR_FIRST = re.compile(
    r"(\d{4})(?P<mark>[-./])(\d{1,2})(?P=mark)(\d{1,2})\.?\s*[-\u2013\u2014]\s*"
    r"(?:(\d{1,2})(?P=mark))?(\d{1,2})\.?(?![\d./-])"
)
"""Days of which only the first has a year: 2026.04.12-14."""
ROMAN = re.compile(r"(?<!\d)(\d{1,2})[\s.]*\b(X?I{1,3}|I?V|VI{1,3}|I?X|XI{0,2})\b[\s.]*")
MONTHS = 12
ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
APART = re.compile(r"(?<=\d)\s*([./])\s+(?=\d)")
FOOTNOTE = re.compile(
    r"\[\w{1,3}\]|\(\d{1,2}\)\s*$|[\u00b9\u00b2\u00b3\u2070-\u2079*\u2020\u2021\u00a7]"
)
SHORT_YEAR = re.compile(r"['\u2018\u2019`](\d{2})(?!\d)")
TOKEN = re.compile(r"\d{4}|\d{1,2}|[^\W\d_]+")
YEAR = re.compile(r"(?:19|20)\d{2}")
MONTH_IN_NUMBERS = re.compile(r"((?:19|20)\d\d)[-./](\d\d?)|(\d\d?)[-./]((?:19|20)\d\d)")
SERIAL = re.compile(r"([2-7]\d{4})(?:\.0+)?")
DAY_0 = date(1899, 12, 30)
"""Day 0 of spreadsheets."""
CENTURY = 2000
NEVER = date.max.year
LONGEST_TERM = 7
"""Years between two elections, at most."""
HALF_A_YEAR = timedelta(days=180)
YEARS_BEFORE, YEARS_AFTER = 5, 1
"""Years before and after an election in which its polls are likely."""
PUBLISHED_AFTER = timedelta(days=1)
"""From the end of the field work, where the table does not say."""
YEAR_OF_DAYS, OUT_OF_ORDER = 365, 14
"""Days of a year, and how many a poll of an ordered table may be out of order."""
FEWEST_IN_ORDER = 5
"""Days that hardly stand in order by accident."""
LATEST = date(2100, 1, 1)
"""A day after all that may be told without a year."""
UNTOLD = ", whose day and month cannot be told apart"
UNSAID = {"?", "nd", "a_inserer_manuellement"}


def from_serials(cells: Sequence[object]) -> Sequence[object]:
    """Return a column of days that a spreadsheet left as its numbers of days, as days.

    Examples
    --------
    >>> from_serials(["46126", "46113.0", ""]), from_serials(["46126", "5 May"])
    (['2026-04-14', '2026-04-01', ''], ['46126', '5 May'])
    """
    texts = ["" if is_missing(cell) else str(cell).strip() for cell in cells]
    found = [SERIAL.fullmatch(text) for text in texts]
    if not any(found) or any(text and not m for text, m in zip(texts, found, strict=True)):
        return cells
    return [str(DAY_0 + timedelta(days=int(m[1]))) if m else "" for m in found]


def days_of_cells(
    cells: Sequence[object],
    columns: Columns,
    name: str,
    years: Sequence[str] | None = None,
    *,
    latest: date | None = None,
    remedy: str = "",
    beside: Sequence[object] = (),
) -> list[Days]:
    """Return first and last day of every cell; equal where there is one, None where there is none.

    Those of a month are its first and last day.

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
        Days without a year are the last such days to this one, or a year before where all are so
        and only then stand in order.
    remedy : str
        What else to do where `latest` is missing and a day has no year.
    beside : sequence
        Days of other columns of the table: they tell day from month where these do not.

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
    texts, others = (_in_order_of_numbers(days, latest)[0] for days in (cells, beside))
    words = month_words(texts, f"{columns.where}, {name!r}")
    month_first = _month_first(texts, latest, words)
    if month_first is None:
        month_first = _month_first(others, latest, words)
    out: list[Days] = []
    seen: dict[str, Days | None] = {}
    for i, cell in enumerate(texts):
        text = cell
        if years is not None and _lacks_year(text, words) and (year := YEAR.search(years[i])):
            text = _in_year(text, int(year[0]), words)
        if text not in seen:
            dated = text
            if _lacks_year(text, words):
                if latest is None:
                    raise InputError(
                        f"{columns.row(i)}, {name!r}: a day must have a year - found "
                        f"{text[:40]!r}; write it with its year{remedy}"
                    )
                dated = _with_year(text, latest, month_first, words)
            seen[text] = _days(dated, month_first, words)
        found = seen[text]
        if found is None:
            raise InputError(
                f"{columns.row(i)}, {name!r}: must be a day like 2018-11-23 - found "
                f"{str(cells[i]).strip()[:40]!r}{UNTOLD if _is_untold(dated) else ''}"
            )
        out.append(found)
    years_less = _years_less([last for _, last in out])
    if any(years_less) and all(not t or _lacks_year(t, words) for t in texts):
        for i, (_, last) in enumerate(out):
            if last and years_less[i]:
                text = _in_year(texts[i], last.year - years_less[i], words)
                out[i] = _days(text, month_first, words) or out[i]
    return out


def _years_less(days: Sequence[date | None]) -> list[int]:
    """Return how many years before the last such day each is, if only then all stand in order.

    Examples
    --------
    >>> days = [date(2029, 3, 7), date(2028, 12, 12), date(2028, 5, 3), date(2029, 4, 22)]
    >>> days = [date(2029, 4, 1), *days]
    >>> _years_less(days), _years_less(days[::-1]), _years_less(days[:-1])
    ([0, 0, 0, 0, 1], [1, 0, 0, 0, 0], [0, 0, 0, 0])
    """
    found = []
    rows = [(i, day.toordinal()) for i, day in enumerate(days) if day]
    if len({day for _, day in rows}) < FEWEST_IN_ORDER:
        return [0] * len(days)
    for order in (rows, rows[::-1]):
        less, before, straight = [0] * len(days), NEVER * YEAR_OF_DAYS, True
        for i, day in order:
            less[i] = max(0, round((day - before) / YEAR_OF_DAYS))
            back = day - less[i] * YEAR_OF_DAYS
            straight &= back <= before + OUT_OF_ORDER
            before = min(back, before)
        if straight:
            found.append(less)
    return min(found, key=sum, default=[0] * len(days))


def _in_order_of_numbers(
    cells: Sequence[object], latest: date | None
) -> tuple[list[str], list[str]]:
    """Return days as text, and those of them whose year may be their first number or their last.

    It is the first where the days are near an election, or each other, then and not otherwise.
    """
    texts = ["" if is_missing(c) or str(c).strip().casefold() in UNSAID else str(c) for c in cells]
    plain = [_plain(text, latest) for text in texts]
    full = [SHORT_ISO.sub(rf"{CENTURY // 100}\1", text) for text in texts]
    if full == texts:
        return plain, []
    first = [_plain(text, latest) for text in full]
    as_first = _years(first, False)
    as_last = min((_years(plain, order) for order in (False, True)), key=lambda y: y[1] - y[0])
    if latest is None:
        other = NEVER > as_last[1] - as_last[0] > as_first[1] - as_first[0] + 1
        return first if other else plain, []
    near = range(latest.year - YEARS_BEFORE, latest.year + YEARS_AFTER + 1)
    both = [y[0] in near and y[1] in near for y in (as_first, as_last)]
    doubtful = [a for a, b in zip(texts, full, strict=True) if a != b] if all(both) else []
    return (first if both == [True, False] else plain), doubtful


def _years(texts: Sequence[str], month_first: bool) -> tuple[int, int]:
    """Return the first and last year of days in numbers, far apart if one of them is no day."""
    found = [_days(text, month_first, {}) for text in texts if any(map(str.isdigit, text))]
    years = [last.year for _, last in filter(None, found) if last]
    return (min(years), max(years)) if years and len(years) == len(found) else (0, NEVER)


def _is_untold(text: str) -> bool:
    """Return whether a text is a day whichever of two numbers is the month."""
    return all(_days(text, order, {}) is not None for order in (False, True))


def notes_of_years(cells: Sequence[object], days: Sequence[date | None], latest: date) -> list[str]:
    """Return notes of the days without a year, and of those whose year may be another number.

    Examples
    --------
    >>> notes_of_years(["4 May", "2030-05-02"], [date(2030, 5, 4), date(2030, 5, 2)], date.max)
    ['days without a year: taken to be the last such days to 9999-12-31, from 2030-05-04 on']
    """
    texts, doubtful = _in_order_of_numbers(cells, latest)
    words = month_words(texts, "days")
    taken = [d for text, d in zip(texts, days, strict=True) if d and _lacks_year(text, words)]
    said = "days without a year: taken to be the last such days to"
    notes = [f"{said} {latest}, from {min(taken)} on"] if taken else []
    read = "days such as {!r}: the last number taken for the year"
    return notes + [read.format(text) for text in doubtful[:1]]


def _plain(text: str, latest: date | None = None) -> str:
    """Return days without footnotes, months and years of all of them in full numbers.

    Two numbers behind a dash are a day and its month unless a year near `latest` is among them.

    Examples
    --------
    >>> _plain("12-14 IV 2026[3]"), _plain("30. 3. - 1. 4. 2026"), _plain("4/12-14/26")
    ('12.4.2026 - 14.4.2026', '30.3.2026 - 1.4.2026', '4/12/26 - 4/14/26')
    """
    text = SHORT_YEAR.sub(rf"{CENTURY // 100}\1", FOOTNOTE.sub(" ", text)).strip()
    text = DASHED.sub(r"\1/\2/\3", JOINED.sub(r"\1-\2-\3", text))
    text = ROMAN.sub(lambda m: f"{m[1]}.{ROMANS.index(m[2]) + 1}.", text)
    text = IN_ONE_MONTH.sub(lambda m: _in_one_month(m, latest), APART.sub(r"\1", text))
    text = YEAR_FIRST.sub(lambda m: f"{m[1]}-{m[3]}-{m[4]} {m[1]}-{m[5] or m[3]}-{m[6]}", text)
    return UP_TO.sub(_in_full, text)


def _in_one_month(m: re.Match[str], latest: date | None) -> str:
    """Return days of one month as two days, and two days of neighbouring months as they are."""
    month, first, last, year = map(int, m.groups())
    away = latest.year - CENTURY - year if latest else -YEARS_AFTER if year > MONTHS else NEVER
    if month > MONTHS or (len(m[4]) == 2 and not -YEARS_AFTER <= away <= YEARS_BEFORE):
        return m[0]
    if len(m[4]) == 2 and (last in (month, month + 1) or last <= first):
        return m[0]
    return f"{m[1]}/{m[2]}/{m[4]} - {m[1]}/{m[3]}/{m[4]}"


def _in_full(m: re.Match[str]) -> str:
    """Return the first of several days with the month and year of the last."""
    return m["mark"].join(filter(None, (m[1], m[2] or m["month"], m["year"]))) + " - "


def _tokens(text: str, words: Mapping[str, int]) -> list[str]:
    """Return numbers and months, years of two digits in full: they follow a day and its month."""
    found = [t for t in TOKEN.findall(folded(text)) if t.isdigit() or t in words]
    for k in range(1, len(found) - 1):
        day, month, year, *after = found[k - 1 : k + 3]
        numbers = day.isdigit() and len(day) < 3 and year.isdigit() and len(year) == 2
        if month in words and numbers and found[0] not in words and not words.keys() & after[:1]:
            found[k + 1] = str(CENTURY + int(year))
    return found


def _lacks_year(text: str, words: Mapping[str, int]) -> bool:
    if ISO.search(text) or NUMERIC.search(text):
        return False
    tokens = _tokens(text, words)
    days = [t for t in tokens if t.isdigit() and len(t) < 3]
    dated = any(len(t) == 4 and t.isdigit() for t in tokens)
    named = any(t in words for t in tokens)
    return bool(days) and not dated and (named or _is_short(text, words))


def _is_short(text: str, words: Mapping[str, int]) -> bool:
    """Return whether a text is one or two days without a year and, but for these, has no number."""
    if any(t in words for t in _tokens(text, words)):
        return False
    return not any(map(str.isdigit, SHORT.sub("", text))) and bool(SHORT.search(text))


def _in_year(text: str, year: int, words: Mapping[str, int]) -> str:
    if _is_short(text, words):
        return SHORT.sub(rf"\1\2\3\g<2>{year}", text)
    return f"{text} {year}"


def _with_year(text: str, latest: date, month_first: bool | None, words: Mapping[str, int]) -> str:
    """Return days with the year that makes them the last such days to `latest`."""
    for year in range(latest.year, latest.year - 5, -1):
        found = _days(_in_year(text, year, words), month_first, words)
        if found is not None and found[1] is not None and found[1] <= latest:
            return _in_year(text, year, words)
    return text


def _month_first(
    texts: Sequence[str], latest: date | None, words: Mapping[str, int]
) -> bool | None:
    """Return whether numbers are month/day; None if both are possible.

    Both are not where one of them has a day after `latest`.
    """
    found = [m for text in texts for m in NUMERIC.finditer(text)]
    found += [m for text in texts if _is_short(text, words) for m in SHORT.finditer(text)]
    if any(int(m[1]) > 12 for m in found) or any(m[2] == "." for m in found):
        return False
    if any(int(m[3]) > 12 for m in found):
        return True
    if latest is None:
        return None
    dated = [text for text in texts if NUMERIC.search(text)]
    lasts = {order: [(_days(text, order, {}) or (None, None))[1] for text in dated]
             for order in (False, True)}  # fmt: skip
    fits = [order for order, days in lasts.items() if all(day and day <= latest for day in days)]
    return fits[0] if len(fits) == 1 else None


def _days(text: str, month_first: bool | None, words: Mapping[str, int]) -> Days | None:
    """Return first and last day, None if it is no day; a day nobody can tell is None too."""
    if not text:
        return None, None
    try:
        iso = [date(int(m[1]), int(m[3]), int(m[4])) for m in ISO.finditer(text)]
        if iso:
            return min(iso), max(iso)
        numeric = list(NUMERIC.finditer(text))
        if numeric:
            same = all(m[1] == m[3] for m in numeric)
            if month_first is None and not same:
                return None
            days = [_numeric(m, bool(month_first)) for m in numeric]
            return _in_order(days[0], days[-1])
        return _worded(text, words)
    except ValueError:
        return None


def _in_order(first: date, last: date) -> Days:
    """Return two days in order: 28 December to 3 January began in the year before."""
    if first - last > HALF_A_YEAR:
        first = first.replace(year=last.year - 1)
    return min(first, last), max(first, last)


def _numeric(m: re.Match[str], month_first: bool) -> date:
    a, b, year = int(m[1]), int(m[3]), int(m[4])
    year += CENTURY if year < 100 else 0
    return date(year, a, b) if month_first else date(year, b, a)


def _worded(text: str, words: Mapping[str, int]) -> Days | None:
    """Return days whose month is a word, or those of a month; without a year they are unknown."""
    if month := MONTH_IN_NUMBERS.fullmatch(text):
        told = int(month[1] or month[4]), int(month[2] or month[3])
        return _of_months(told, told)
    tokens = _tokens(text, words)
    years = [int(t) for t in tokens if t.isdigit() and len(t) == 4]
    numbers = [int(t) for t in tokens if t.isdigit() and len(t) < 3]
    months = [words[t] for t in tokens if t in words]
    if not months:
        return None
    if years and not numbers:
        return _of_months((years[0], months[0]), (years[-1], months[-1]))
    if not years:
        return None, None
    last = date(years[-1], months[-1], numbers[-1])
    first = date(years[0], months[0], numbers[0])
    if first > last:
        first = first.replace(year=first.year - 1)
    return first, last


def _of_months(first: tuple[int, int], last: tuple[int, int]) -> Days:
    """Return the first day of one month and the last of another, each a year and its month."""
    start, end = date(*first, 1), date(*last, monthrange(*last)[1])
    return (start, end) if start <= end else (start.replace(year=start.year - 1), end)


def is_month(cell: object) -> bool:
    """Return whether a cell has a year and no day, but its month.

    Examples
    --------
    >>> [is_month(x) for x in ("May 2025", "mid-May 2025", "05/2025", "5 May 2025")]
    [True, True, True, False]
    """
    text = "" if is_missing(cell) else FOOTNOTE.sub(" ", str(cell)).strip()
    if MONTH_IN_NUMBERS.fullmatch(text):
        return True
    numbers = re.findall(r"\d+", text)
    return bool(numbers) and all(map(YEAR.fullmatch, numbers)) and not text.isdigit()


def published_on(end: date | None, stated: date | None, last: date | None = None) -> date | None:
    """Return the day of publication: as stated, else the day after the field work, at most `last`.

    Examples
    --------
    >>> str(published_on(date(2030, 5, 4), None)), published_on(None, None)
    ('2030-05-05', None)
    """
    if stated:
        return max(stated, end) if end else stated
    if end is None:
        return None
    return max(end, min(end + PUBLISHED_AFTER, last or date.max))


def long_before(day: date | None, latest: date | None) -> str:
    """Return why a day is of no poll about an election that is years away, or nothing.

    Examples
    --------
    >>> long_before(date(2001, 3, 25), date(2025, 5, 4)), long_before(date(2024, 3, 25), None)
    ('of 2001-03-25, more than 7 years before 2025-05-04', '')
    """
    away = latest.year - day.year if day and latest else 0
    return f"of {day}, more than {LONGEST_TERM} years before {latest}" * (away > LONGEST_TERM)
