"""Parts of stations in any words, "15 sezioni su 30" or "(15/30)", written as "15 of 30"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from forecast.errors import InputError
from forecast.facts.tables.counted_cells import (
    FINALS,
    NOTS,
    PARTIALS,
    PROGRESS,
    REMAININGS,
    Said,
    about_count,
    is_plain_state,
    reading,
    speaks,
    turned,
)
from forecast.facts.tables.report_order import VERSIONS, are_only_times, are_times
from forecast.facts.words.column_words import (
    counts_places,
    is_channel,
    is_filler,
    role_of,
    words_of,
)
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import decimal, is_missing

COUNT = r"\d{1,3}(?:[.,'’ ]\d{3})+|\d{1,9}"
PAIR = re.compile(rf"([^\d%]*)({COUNT})([^\d%]*[^\d%.,])({COUNT})([^\d%]*)")
"""Two whole numbers with any words in front, between and behind."""
RATE = re.compile(r"%\s*\d{1,3}(?:[.,]\d+)?|\d{1,3}(?:[.,]\d+)?\s*%")
"""A percentage within other words."""
CLOCK = re.compile(r"\d{1,2}[:.]\d{2}")
"""What may be a time as well as a part."""
WITHOUT = word_list("without")
"""Words of remarks before what is not counted: "excl. postal votes"."""
ONLY = word_list("only")
"""Words of remarks that say nothing else."""
KNOWN = PROGRESS | FINALS | PARTIALS
ABOUT_COUNT = ("counted", "unit", "stations")
"""Words, and roles of words, of which a remark on how much is counted has some."""
FULL = 100
FEWEST = 2
"""Cells in the same words that show what the words of a column are."""


def with_plain_parts(columns: Columns, names: Iterable[str], *, sure: bool) -> Columns:
    """Return a table whose parts in other words are "15 of 30", and percentages alone.

    They stand under a name that speaks of stations, progress or status, or all cells of a column
    have the same words behind the first number and between both. If this is `sure`, a cell with
    digits that is not understood is refused under such a name. Raises `InputError` if there is such
    a cell.
    """
    found: dict[str, Sequence[object]] = {}
    for name in columns.of_kind("text", names):
        cells, words = columns.values[name], set(folded(name).split())
        told = counts_places(name) or role_of(name) in ("stations", "counted")
        told = told or speaks(name) or about_count(name)
        if are_times(cells, {*words, "time"} if not told else words) or words & VERSIONS:
            continue
        if are_only_times(cells):
            continue
        given = [cell for cell in dict.fromkeys(cells) if not is_missing(cell)]
        read = {cell: _plain(str(cell), name) for cell in given}
        strange = [cell for cell, text in read.items() if text is None]
        if strange and told and sure:
            raise InputError(
                f"{columns.where}, {name!r}: must say how many stations of how many are counted, "
                f"as 5 of 10 or 50%, or final and partial - found {str(strange[0])[:40]!r}; write "
                "it so, or if the column says something else leave it out with columns= (--columns "
                f"'{name}=ignored')"
            )
        if not strange and (told or _alike(read)):
            found[name] = [read.get(cell, cell) for cell in cells]
    return columns.with_columns(found)


def _plain(text: str, name: str) -> str | None:
    """Return what a cell says in plain words, None if it has digits and is not understood."""
    text = unicodedata.normalize("NFKC", text).replace("⁄", "/").strip()
    said = reading(text)
    if not any(map(str.isdigit, text)) or (said is not None and said.kind == "state"):
        return text
    left = not turned(name) and REMAININGS.intersection(folded(text).split())
    words = " ".join("%" if role_of(word) == "percent" and word.isalpha() else word
                     for word in text.split())  # fmt: skip
    rates, rest = RATE.findall(words), RATE.sub("", words)
    pair = PAIR.fullmatch(rest)
    if left or (len(rates) == 1 and not any(map(str.isdigit, rest))):
        rate = decimal(rates[0].strip("% ")) if rates and not left else FULL + 1
        part, whole = round(FULL * rate), FULL * FULL
        return None if rate > FULL else f"{part} of {whole}" if counts_places(name) else f"{rate}%"
    clock = CLOCK.fullmatch(text) and "unit" not in words_of(name)
    if pair and not clock and (rates or said is None):
        part, whole = (int(re.sub(r"\D", "", pair[k])) for k in (2, 4))
        return f"{part} of {whole}" if part <= whole else None
    return None if said is None else text


def part_in_remark(text: str) -> str:
    """Return how much of a unit a remark says is counted, empty if it does not speak of that.

    Where it says only that something is missing, that is "partial".

    Examples
    --------
    >>> part_in_remark("80% counted"), part_in_remark("2 stations missing"), part_in_remark("rain")
    ('80%', 'partial', '')
    """
    words = [word for word in folded(text).split() if word not in ONLY]
    numbers = [int(word) for word in words if word.isdigit()]
    left = not REMAININGS.isdisjoint(words)
    if 0 < len(numbers) <= FEWEST and not left and all(map(_tells_part, words)):
        text = " ".join(word for word in text.split() if folded(word) not in ONLY)
        rate, said = RATE.search(text), _plain(text, "stations")
        found = rate[0] if rate else said if said and PAIR.fullmatch(said) else ""
        return found if any(map(_is_of_count, words)) else ""
    if is_plain_state(text) and reading(text) == Said("state", 0.0):
        return "partial"
    left = left and NOTS.isdisjoint({*words} - {"noch"})
    if not (left or not WITHOUT.isdisjoint(words)) or 0 in numbers:
        return ""
    return "partial" if any(role_of(w) == "unit" or is_channel(w) for w in words) else ""


def _is_of_count(word: str) -> bool:
    """Return whether a word speaks of stations or of the count."""
    return word in KNOWN or role_of(word) in ABOUT_COUNT


def _tells_part(word: str) -> bool:
    """Return whether a word may stand in a remark that says how much is counted, and no more."""
    plain = word.isdigit() or is_filler(word) or role_of(word) in ("percent", "votes", "total")
    return plain or _is_of_count(word)


def _alike(read: Mapping[object, str | None]) -> bool:
    """Return whether cells are parts in the same words, which stand between two numbers."""
    texts = [unicodedata.normalize("NFKC", str(cell)).strip() for cell in read]
    pairs = [PAIR.fullmatch(text) for text in texts]
    between = {(pair[1], pair[3], pair[5]) if pair else ("", "", "") for pair in pairs}
    first, words, _ = next(iter(between), ("x", "", ""))
    return len(pairs) >= FEWEST and len(between) == 1 and not first and any(map(str.isalpha, words))
