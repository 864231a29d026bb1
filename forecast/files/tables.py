"""Rows and header of a table as people export it: title lines, unnamed and repeated columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice, pairwise, zip_longest

from forecast.errors import InputError
from forecast.files.numbers import column_kind, decimal, given_texts, is_missing
from forecast.files.text import UNNAMED, in_one_line

Rows = list[list[str]]

MOST_TITLES = 10
"""Most lines of text above the header."""
MOST_ABOVE = 40
"""Most lines above it where these are a table of their own."""
PERCENT, LOOKED_AT = 100, 200
"""The most that percentages are, and rows that tell how wide a table is."""
SEEN = 10
"""Rows below a header that tell what its columns hold."""
NOTE = re.compile(r"\w\s?:(?:\s|$)|https?://|^(?:\S+\s+){3,}\S+\.$")
"""What a note has: a colon behind a word, an address, or the end of a sentence."""
WORDS_OF_NOTES = (
    "sources?|notes?|notas?|remarks?|remarques?|quellen?|anmerkung(?:en)?|hinweise?|źródł[oa]|"
    "uwag[ai]|surs[ae]|zdroje?|pozn(?:ámka|ámky)?|forrás|megjegyzés|kaynak|lähde|huom|källa|"
    "источник|примечани[ея]|джерело|примітк[аи]|източник|забележка|წყარო|შენიშვნა|πηγή|σημείωση"
)
BEGINS_AS_NOTE = re.compile(
    rf"(?:{WORDS_OF_NOTES})\b\W*\s|(?:fuentes?|fonti?e?|bron|izvor|kilde|data)\s*[-–—=]\s",
    re.IGNORECASE,
)
"""How notes begin without a colon; with some of these words places begin, too: "Fonte Nuova"."""
HEADED = re.compile(rf"(?:{WORDS_OF_NOTES}|fuentes?|fonti?e?|bron|izvor|kilde)\s?:", re.IGNORECASE)
"""How a note begins that may have commas."""
PAGE = re.compile(
    r"(?:page|seite|p[áa]gina|strona|strana|oldal|sida|side|sivu|pagină|страница|стр\.?|"
    r"сторінка|sayfa|σελίδα)\s*\d+(?:\s*\D{1,6}\s*\d+)?",
    re.IGNORECASE,
)
"""A line that numbers a page: "Page 1 of 2"."""
PROSE = 5
"""Fewest words of a sentence that does not end with a point."""
WRAPPED = re.compile(r'(?<![^,;\t|\n])"(?:[^"]|"")*"')
"""A quoted cell, which may have several lines."""
DELIMITERS = ",;\t|"
HEAD = 1_000_000
"""Characters in which the header is looked for."""
FEWEST_NAMES, TITLE = 3, "Table"
"""Names of a header below the first, and the column of what stands over each table."""
FOOTNOTES = "*†‡§¹²³"
MOST_HEADERS = 3
"""Most lines of a header."""
YEARS = re.compile(r"(?:19|20)\d\d")
DAY = re.compile(r"\d{4}-\d\d?-\d\d?|\d\d?([./-])\d\d?\1(?:\d\d){1,2}\.?")
BRACKETS = re.compile(r"[(\[].*?[)\]]")
"""What may stand behind a number."""
LONGEST_BLOCK = 20
"""Most columns in a block that repeats."""


def check_cells(cells: int, where: str, most: int) -> None:
    """Raise `InputError` if a table has more than so many cells."""
    if cells > most:
        raise InputError(
            f"{where}: must have at most {most:,} cells - found about {cells:,}; "
            "leave out what is not needed, or merge units"
        )


def rows_of_text(text: str, where: str, *, most: int) -> tuple[Iterator[list[str]], int]:
    """Return the rows of a CSV text from its header on, and how many lines stand above it.

    The delimiter is the comma, semicolon, tab or bar that the header has most of.

    Raises
    ------
    InputError
        If it has too many cells, or, while rows are read, is not well formed.
    """
    titles, delimiter = _header_line(text)
    check_cells(text.count(delimiter) + text.count("\n"), where, most)
    lines = io.StringIO(text, newline="")
    for _ in range(titles):
        next(lines)
    reader = _well_formed(csv.reader(lines, delimiter=delimiter, strict=True), where)
    return (map(_unwrapped, reader) if '"' in text else reader), titles


def _unwrapped(row: list[str]) -> list[str]:
    """Return a row without line breaks within its cells."""
    return [*map(in_one_line, row)] if "\n" in "".join(row) else row


def _well_formed(rows: Iterator[list[str]], where: str) -> Iterator[list[str]]:
    """Yield rows one by one, so that a large table is in memory once."""
    try:
        yield from rows
    except csv.Error as error:
        raise InputError(
            f"{where}: must be well-formed CSV - {error}; check quotes and delimiters"
        ) from None


def _header_line(text: str) -> tuple[int, str]:
    """Return how many lines stand above the header, and the delimiter."""
    wrapped = WRAPPED.sub(lambda cell: "quoted" + "\v" * cell[0].count("\n"), text[:HEAD])
    head = io.StringIO(wrapped, newline="")
    lines = [re.sub(r'"[^"]*"', "quoted", line) for line in islice(head, MOST_ABOVE)]
    for k, (line, below) in enumerate(pairwise(lines[: MOST_TITLES + 2])):
        delimiter = _delimiter(line, below)
        several = len(_filled(line.split(delimiter))) > 1
        if several and 0 < line.count(delimiter) == below.count(delimiter):
            above = _below_block([each.split(delimiter) for each in lines], k)
            return above + "".join(lines[:above]).count("\v"), delimiter
        if not _is_title(line):
            break
    return 0, _delimiter(*lines[:2]) if lines else DELIMITERS[0]


def _delimiter(line: str, below: str = "") -> str:
    """Return what a header has most of: as much as the line below it if several may be meant.

    Commas are in names such as "Dupont, Jean", too.
    """
    return max(DELIMITERS, key=lambda d: (0 < line.count(d) == below.count(d), line.count(d),
                                          d != ","))  # fmt: skip


def _is_title(line: str) -> bool:
    """Return whether a line is text rather than names or numbers in columns."""
    cells = re.split(f"[{DELIMITERS}]", line)
    return len(cells) <= 2 or len(_filled(cells)) <= 1


def below_titles(rows: Rows) -> tuple[Rows, int]:
    """Return the rows of a sheet from its header on, and how many stand above it."""
    wide = (k for k, row in enumerate(rows[: MOST_TITLES + 1]) if len(_filled(row)) > 1)
    above = _below_block(rows, next(wide, 0))
    return rows[above:], above


def _below_block(rows: Rows, above: int) -> int:
    """Return where the header stands if a narrower table of its own stands in front of it.

    That has numbers, and the header has none, but a first cell and rows below it that are as wide.

    Examples
    --------
    >>> _below_block([["cast", "90"], ["", ""], ["no", "who", "votes"], ["1", "Ada", "50"]], 0)
    2
    """
    seen = [_filled(row) for row in rows[above:MOST_ABOVE]]
    numbers = [sum(column_kind([cell]) in ("whole", "number") for cell in row) for row in seen]
    width = len(seen[0]) if seen else 0
    for k, row in enumerate(seen):
        first = "".join(rows[above + k][:1]).strip()
        told = any(numbers[:k]) and sum(numbers[:k]) < sum(map(len, seen[:k]))  # not years alone
        if first and not numbers[k] and len(row) > width and told:
            below = [n for n, cells in zip(numbers, seen, strict=True) if len(cells) > width][1:]
            return above + k if any(below) and not any(len(r) > width for r in seen[:k]) else above
    return above


def one_header(rows: Rows) -> tuple[Rows, int]:
    """Return rows whose header of two or three lines is joined into one, and how many are gone.

    The upper line of such a header has one name over several columns, repeated or left empty, and
    the lower line tells these apart; or the lower line says more of some columns, such as a party,
    and nothing of the first. Below it there are numbers. A line that numbers the columns is left
    out.

    Examples
    --------
    >>> one_header([["unit", "Ada", ""], ["", "votes", "%"], ["n", "5", "50,0"]])
    ([['unit', 'Ada votes', 'Ada %'], ['n', '5', '50,0']], 1)
    >>> one_header([["unit", "Ada", "Ben"], ["1", "2", "3"], ["n", "5", "6"]])
    ([['unit', 'Ada', 'Ben'], ['n', '5', '6']], 1)
    """
    rows, gone = _without_numbering(rows)
    for _ in range(MOST_HEADERS - 1):
        rows, joined = _joined_header(rows)
        rows, more = _without_numbering(rows) if joined else (rows, 0)
        gone += joined + more
    return rows, gone


def _without_numbering(rows: Rows) -> tuple[Rows, int]:
    """Return rows without the one below the header that numbers the columns, if there is one."""
    if len(rows) < 3 or len(rows[0]) < 3:
        return rows, 0
    numbers = [cell.strip(" ().") for cell in rows[1]]
    counted = [str(k + 1) for k in range(len(rows[0]))]
    return ([rows[0], *rows[2:]], 1) if numbers == counted else (rows, 0)


def _joined_header(rows: Rows) -> tuple[Rows, int]:
    if len(rows) < 3 or len(rows[0]) != len(rows[1]):
        return rows, 0
    upper, lower = ([UNNAMED.sub("", cell).strip() for cell in row] for row in rows[:2])
    below = [k for k, cell in enumerate(lower) if cell]
    empty = any(map(is_missing, filter(None, lower)))
    merged = any(any(upper[:k]) and (not upper[k] or upper.count(upper[k]) > 1) for k in below)
    more_said = not any(upper[:2]) and all(lower)  # of the candidates, over their names
    grouped = below if merged or lower[:1] == [""] or more_said else []
    numbers = [
        any(any(map(str.isdigit, row[k])) for row in rows[2 : 2 + SEEN] if k < len(row))
        for k in grouped
        if any(upper[: k + 1])  # nothing stands over the columns that name units
    ]
    enough = any(numbers) if merged else numbers and all(numbers)
    if len(below) < 2 or empty or not enough or not _may_be_names(lower, rows):
        return rows, 0
    own_name, signs = _names_with_signs(upper, lower)
    last, names, once = "", list[str](), _stand_once(upper, lower)
    more = [bool(cell.strip()) and not any(map(str.isdigit, cell)) for cell in rows[2]]
    parts = zip_longest(upper, lower, more[: len(upper)], fillvalue=False)
    for k, (above, own, header) in enumerate(parts):
        goes_on = (own or header) and not once  # header: a third line has names, too
        last = str(above or (last if goes_on else ""))
        held = last if above or own else ""
        held = names[-1] if k in signs else "" if k in own_name else held
        names.append(held if own in ("", last) else f"{held} {own}".strip())
    if len({*names}) < len(names):
        names = _of_blocks(upper, lower, names)
    return [names, *rows[2:]], 1


def _stand_once(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Return whether the upper line says more of some columns side by side, each by one name.

    Examples
    --------
    >>> _stand_once(["", "", "Left", "Right", ""], ["unit", "cast", "Ada", "Ben", "invalid"])
    True
    >>> _stand_once(["", "Left", "", "Right", ""], ["unit", "Ada", "%", "Ben", "%"])
    False
    """
    named = [k for k, cell in enumerate(upper) if cell]
    beside = named[0] > 0 and named[-1] - named[0] == len(named) - 1 > 0 if named else False
    return beside and all(lower) and len({*lower}) == len(lower) and len({*upper}) > len(named)


def _of_blocks(upper: Sequence[str], lower: Sequence[str], names: list[str]) -> list[str]:
    """Return names in which a head that stands over several blocks says over whom.

    Examples
    --------
    >>> upper, lower = ["Runoff", "", "Runoff", ""], ["Ada", "Ben", "Ada", "Cyd"]
    >>> _of_blocks(upper, lower, ["Runoff Ada", "Runoff Ben", "Runoff Ada", "Runoff Cyd"])[1:3]
    ['Runoff Ada Ben Ben', 'Runoff Ada Cyd Ada']
    """
    starts = [*(k for k, head in enumerate(upper) if head), len(names)]
    found, seen = [*names], set[tuple[str, ...]]()
    for k, end in pairwise(starts):
        if upper.count(upper[k]) > 1:
            block = tuple(lower[k:end])
            if len({*filter(None, block)}) < max(len(block), 2) or block in seen:
                return names
            seen.add(block)
            found[k:end] = [f"{upper[k]} {' '.join(block)} {own}" for own in block]
    return found


def _may_be_names(lower: Sequence[str], rows: Rows) -> bool:
    """Return whether cells of the second line with digits are words or days over numbers.

    The first cell is empty or as above it; years alone are names where all cells are years.

    Examples
    --------
    >>> rows = [["unit", "Ada", ""], ["", "1st round", "2nd round"], ["n", "5", "6"]]
    >>> _may_be_names(rows[1], rows), _may_be_names(["", "6 [a]", "1,004 LV"], rows)
    (True, False)
    """
    told = [k for k, cell in enumerate(lower) if any(map(str.isdigit, cell))]
    bare = [BRACKETS.sub("", cell).strip(" %") for cell in lower]
    if told and lower[0] and rows[0][0].strip() not in ("", lower[0]):
        return False
    years = all(YEARS.fullmatch(cell) for cell in bare if cell)
    for k in told:
        below = [BRACKETS.sub("", row[k]) for row in rows[2 : 2 + SEEN] if k < len(row)]
        below = [cell for cell in below if not is_missing(cell)]
        named = any(map(str.isalpha, bare[k])) or DAY.fullmatch(bare[k])
        worded = any(any(map(str.isalpha, cell)) or DAY.fullmatch(cell) for cell in below)
        if not (named or years) or worded or not below:
            return False
    return True


def _names_with_signs(upper: Sequence[str], lower: Sequence[str]) -> tuple[set[int], set[int]]:
    """Return which cells of the lower line are names by themselves, and the signs beside them.

    Under one cell several of them have the same sign on their right, such as "%".
    """
    groups = [k for k, cell in enumerate(upper) if cell and cell != upper[k - 1]]
    group = [sum(first <= k for first in groups) for k in range(len(lower))]
    times = Counter(zip(group, lower, strict=True))
    signs = {k for k, cell in enumerate(lower) if k and cell and not any(map(str.isalnum, cell))
             and times[group[k], cell] > 1 and lower[k - 1]}  # fmt: skip
    names = {k - 1 for k in signs}
    return (names if len({lower[k] for k in names}) == len(names) else set()), signs


def stacked(rows: Rows, title: str) -> Rows:
    """Return tables below each other as one, with a last column of what stands over each of them.

    Each has a line over it with one cell, and a header with names of the first one's only.

    Examples
    --------
    >>> rows = [["unit", "Ada", "Ben", "Cyd"], ["n", "5", "6", "7"], ["Runoff"],
    ...         ["unit", "Ada", "Ben"], ["n", "8", "9"]]
    >>> stacked(rows, "First")[1:]
    [['n', '5', '6', '7', 'First'], ['n', '8', '9', '', 'Runoff']]
    >>> stacked(rows[:2], "First") == rows[:2]
    True
    """
    head = [cell.strip() for cell in rows[0]] if rows else []
    names = {*head}
    starts = [
        k
        for k in range(2, len(rows))
        if rows[k] and rows[k][0].strip() == head[0] != ""
        and len(_filled(rows[k])) >= FEWEST_NAMES
        and len(_filled(rows[k - 1])) == 1
        and names.issuperset(_filled(rows[k]))
    ]  # fmt: skip
    titles = [title.strip(), *(_filled(rows[k - 1])[0] for k in starts)]
    if not starts or not titles[0] or len({*titles}) < len(titles):
        return rows
    whole, ends = [[*head, TITLE]], [*(k - 1 for k in starts), len(rows)]
    for first, last, said in zip([0, *starts], ends, titles, strict=True):
        place = {name.strip(): k for k, name in enumerate(rows[first]) if name.strip()}
        for row in (row for row in rows[first + 1 : last] if any(map(str.strip, row))):
            more = [row[k] if (k := place.get(n, len(row))) < len(row) else "" for n in head]
            whole.append([*more, said])
    return whole


def _filled(row: Sequence[str]) -> list[str]:
    """Return the cells of a row that are not empty."""
    return [cell.strip() for cell in row if cell.strip()]


def columns_of_rows(
    rows: Iterable[list[str]], where: str, first_line: int
) -> tuple[list[str], list[list[str]], tuple[str, ...]]:
    """Return the names of the columns, which may be repeated, their cells, and footnotes below.

    Blank rows are left out, blocks of repeated names are numbered, columns without a name are
    called by their place. `first_line` is the number of the line below the header.

    Raises
    ------
    InputError
        If there is no header, or rows differ in width.
    """
    stream = iter(rows)
    header, *head = [*islice(stream, LOOKED_AT + 1)] or [[]]
    names = [cell.strip() for cell in header]
    if not any(names):
        raise InputError(f"{where}: must have a header line - found none; name the columns")
    named = names[: max(k for k, name in enumerate(names) if name) + 1]  # sheets pad the header
    more = _continued(named, head)
    names = named + more if more else names
    columns: list[list[str]] = [[] for _ in names]
    short = len(named) if more else len(names)

    def add(line: int, row: list[str]) -> None:
        if len(row) < short or any(map(str.strip, row[len(names) :])):
            raise InputError(
                f"{where} line {line}: every row must have {len(names)} cells like the header - "
                f"found {len(row)}; add or remove a delimiter"
            )
        for column, cell in zip_longest(columns, row[: len(names)], fillvalue=""):
            column.append(cell.strip())  # type: ignore[union-attr]

    below: list[tuple[int, list[str]]] = []
    for line, row in enumerate(chain(head, stream), start=first_line):
        if not any(map(str.strip, row)) or row == header:  # repeated on every page
            continue
        if PAGE.fullmatch(row[0].strip()) and len(_filled(row)) == 1:
            continue
        if _is_footnote(row, len(names)) and columns[0]:
            below.append((line, row))
            continue
        for held in (*below, (line, row)):  # no footnotes if there are rows below them
            add(*held)
        below.clear()
    kept = [k for k, name in enumerate(names) if name or any(columns[k])]
    notes = tuple(" ".join(filter(None, map(str.strip, row))) for _, row in below)
    columns = [columns[k] for k in kept]
    names = [names[k] for k in kept]
    return _named(_behind_counts(_behind_texts(names, columns), columns)), columns, notes


def _behind_texts(names: Sequence[str], columns: Rows) -> Sequence[str]:
    """Return names of which the only repeated one, behind texts of the same words, has their names.

    Examples
    --------
    >>> _behind_texts(["First", "Votes", "Second", "Votes"], [["a", "b"], [], ["b", "a"], []])
    ['First', 'First Votes', 'Second', 'Second Votes']
    """
    again = [name for name, times in Counter(names).items() if times > 1 and name]
    places = [k for k, name in enumerate(names) if again == [name]]
    texts = [columns[k - 1] for k in places if k and column_kind(columns[k - 1]) == "text"]
    if len(places) < 2 or len(texts) < len(places) or not {*texts[0]} & {*texts[1]} - {""}:
        return names
    return [f"{names[k - 1]} {name}" if k in places else name for k, name in enumerate(names)]


def _behind_counts(names: Sequence[str], columns: Rows) -> Sequence[str]:
    """Return names of which the only repeated one, behind counts each time, has theirs.

    Its numbers are at most 100, as percentages and ranks are, and those before it are not.

    Examples
    --------
    >>> _behind_counts(["Ada", "pct", "Ben", "pct"], [["900"], ["60"], ["600"], ["40"]])
    ['Ada', 'Ada pct', 'Ben', 'Ben pct']
    """
    again = [name for name, times in Counter(names).items() if times > 1 and name]
    places = [k for k, name in enumerate(names) if again == [name]]
    if not places or {*range(places[0], places[-1] + 1, 2)} != {*places} or not places[0]:
        return names
    for k in places:
        counts = [int("".join(filter(str.isdigit, c)) or 0) for c in given_texts(columns[k - 1])]
        try:
            most = max(decimal(c.strip("% ")) for c in given_texts(columns[k]))
        except ValueError:  # no number, or none at all
            return names
        if not 0 <= most <= PERCENT < max(counts, default=0):
            return names
    return [f"{names[k - 1]} {name}" if k in places else name for k, name in enumerate(names)]


def _is_footnote(row: Sequence[str], width: int) -> bool:
    """Return whether a row of few cells is a note: after a mark, a colon, or as a sentence.

    A row that was cut off is none, so that the end of a broken file is not lost.

    Examples
    --------
    >>> [_is_footnote([text], 3) for text in ("Source : UN", "Note 1 - x", "Votes are final")]
    [True, True, False]
    >>> [_is_footnote([text], 3) for text in ("Figures are not yet final", "Rest of the land")]
    [True, False]
    """
    cells = _filled(row)
    first = cells[0]
    if len(row) < width and first[0] in FOOTNOTES and " " in first:
        return True
    if HEADED.match(first) and len(cells) != width:
        return True
    if len(cells) > max(1, width // 3) or any(c[:1].isdigit() for c in cells[1:]):
        return False
    marked = not (first[0].isalnum() or first[0] in "-+") and " " in first
    marked = marked and (first[0] != "(" or ")" in first)
    alone = len(cells) == 1 and (BEGINS_AS_NOTE.match(first) or _is_prose(first))
    return marked or bool(alone or NOTE.search(first))


def _is_prose(text: str) -> bool:
    """Return whether a text has a capital at its beginning, and behind it words in small letters.

    All of them are, if they are few, so that "Villa Rica de la Veracruz" is a place.
    """
    first, *words = text.split()
    small = sum(word[0].islower() for word in words)
    most = small == len(words) if len(words) < 2 * PROSE else 2 * small > len(words)
    return first[0].isupper() and len(words) + 1 >= PROSE and most


def _continued(names: Sequence[str], rows: Rows) -> list[str]:
    """Return names for columns beyond the header: its last block of columns again and again.

    Ministries name the columns of the first candidate only. A block is as long as what the
    columns hold (whole numbers, other numbers, text) repeats itself.
    """
    if 2 * sum(len(row) > len(names) for row in rows) <= len(rows):
        return []
    columns = [*zip_longest(*rows, fillvalue="")]
    kinds = [column_kind(column) for column in columns]
    while kinds[-1] == "empty" and len(kinds) > len(names):  # sheets pad the rows, too
        kinds.pop()
    columns = columns[: len(kinds)]
    width, beyond = len(names), len(columns) - len(names)
    for block in range(2, min(LONGEST_BLOCK, width) + 1):
        alike = (kinds[k] in (kinds[k - block], "empty") for k in range(width, len(columns)))
        if beyond % block == 0 and all(alike):
            return list(names[-block:]) * (beyond // block)
    return []


def _named(names: Sequence[str]) -> list[str]:
    """Return names of which repeated blocks are numbered, and empty ones called by their place.

    A repeated sign such as "%" or "+/-" belongs to the name on its left, as do the only words that
    are repeated, such as "1st round", or with a percent sign, such as "% of valid".

    Examples
    --------
    >>> _named(["unit", "Ada", "%", "Ben", "%"]), _named(["Ada", "in %", "Ben", "in %"])
    (['unit', 'Ada', 'Ada %', 'Ben', 'Ben %'], ['Ada', 'Ada in %', 'Ben', 'Ben in %'])
    >>> _named(["unit", "Ada", "Ben", "%", "%"])
    ['unit', 'Ada', 'Ben', 'Ada %', 'Ben %']
    """
    names = [name or f"column {k + 1}" for k, name in enumerate(names)]
    times = Counter(names)
    signs = {n for n in times if times[n] > 1 and not any(c.isalnum() and c not in "Δδ" for c in n)}
    again = [n for n in times if times[n] > 1]
    if len(again) == 1 and any(map(str.isdigit, again[0])) and names[0] != again[0]:
        signs = {*again}  # "1st round", "2018"
    if all("%" in n or n in signs for n in again):
        signs = {*again}
    beside, plain, side_by_side = list[str](), names[:1], 0
    for name, run in groupby(names):
        n = len([*run])
        if name in signs:
            left = plain[-n:] if 1 < n <= side_by_side else plain[-1:] * n
            beside += [f"{one} {name}" for one in left]
        else:
            beside += [name] * n
            plain += [name] * n
        side_by_side = 0 if name in signs else side_by_side + n
    names = beside
    times = Counter(names)
    repeated = {name for name in names if times[name] > 1}
    if len(repeated) < 2 or len({times[name] for name in repeated}) != 1:
        return names
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} {seen[name]}" if name in repeated else name)
    return numbered if len(set(numbered)) == len(names) else names
