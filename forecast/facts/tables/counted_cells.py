"""What a cell says of how much of its unit is counted: a part, a percentage, a state, a flag."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from forecast.display import Message
from forecast.facts.tables.report_order import DOTTED, are_times
from forecast.facts.words.column_words import (
    NUMBER_OF,
    is_channel,
    is_filler,
    is_part,
    role_of,
    single_words,
    words_of,
)
from forecast.facts.words.times import CLOCK
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import decimal, given_texts, is_missing, part_of_whole

MARKS = {**dict.fromkeys("✓✔☑✅●*", 1.0), **dict.fromkeys("✗✘☐❌○×", 0.0)}
PERCENT_SIGN = re.compile(r"[<>≈~]?\s*(?:%\s*(\d{1,3}(?:[.,]\d+)?)|(\d{1,3}(?:[.,]\d+)?)\s*%)")
BESIDE = re.compile(r"^(?:ca|approx|about|est)\b\.?\s*|(?<=[\d%])\s*(?:\(.*\)|[^\W\d_]+)$", re.I)
"""What may stand before or behind such a number: "45/90 precincts", "45 of 90 (50%)"."""
PLAIN = re.compile(r"[<>≈~]?\s*\d{1,3}(?:[.,]\d+)?")
NOTHING = re.compile(r"0\s*/\s*0")
PERCENT = 100
VOTERS = 20
"""Fewest voters of a polling place on average."""
WHOLES = word_list("all there is")
PEOPLE = frozenset(("registered", "ballots", "valid", "invalid", "abstention", "turnout", "votes",
                    "percent", "candidate"))  # fmt: skip
"""Roles of words of columns that count no stations."""
NO_CAST = frozenset(("valid", "invalid", "abstention", "negation", "unit"))
"""Roles of words of columns that count other ballots than those that were cast."""
MISSING = 0.05
"""Ballots of a unit that are not counted, as a fraction, that say that the count goes on."""
VOTERS_IN, BALLOTS = frozenset(("ballots", "counted", "unit")), 0.1
"""Roles of words for voters in reporting precincts, and how many more they are than ballots."""
OF_STATIONS = frozenset(("counted", "stations", "unit", "total", "other"))
BESIDE_STATIONS = frozenset(("votes", "unused"))
"""Roles of words of columns that count stations, and what may stand there: "Bureaux de vote"."""
BARE = re.compile(r"%?\s*\d+([.,]\d+)?\s*%?")
"""A number or percentage without words."""
NUMBERED = 3
"""Rows that show that they are numbered."""
MOST_STATES, FIRST_CELLS = 8, 500
"""Different texts of a column that tells how far the count is, and cells that show it."""
NO_PROGRESS = frozenset(("unit",))
"""Roles of words that tell no progress by themselves."""
ABOUT = ("counted", "percent", "unit", "stations", "total")
"""Roles of words of columns that say how much is counted."""
COUNTED = "{column} says how much of each unit is counted"
MOST_CELLS = 20_000
"""Texts of cells whose meaning is remembered."""


FINALS, PARTIALS, WEAKS, NOTS = map(word_list, ("final", "partial", "provisional", "not"))
RESULTS, AMBIGUOUS = word_list("result") | {"%"}, word_list("uncertain")
"""Words that may stand beside a final one, and words for states that mean other things, too."""
ANSWERS = {**dict.fromkeys(word_list("no"), 0.0), **dict.fromkeys(word_list("yes"), 1.0)}
REMARKS, TERRITORIES = word_list("remarks"), word_list("states of a land")
"""Words of columns for remarks of any kind, and for states, which are parts of a land, too."""
STATES, REMAININGS, PROGRESS = map(word_list, ("state", "remaining", "counted"))
"""Words of columns that say whether a unit is counted out, how much remains, or is counted."""
NONE = frozenset(("no", "none", "nothing", "kein"))
"""Words before what remains that say that nothing does."""
STAGES = word_list("stages")
"""Words for how far stations have come: "received", "verified"."""


class Said(NamedTuple):
    """What a cell says: a "part", "percent", "number", "state" or "flag", and how much is counted.

    That is a fraction, and 0 for a state that is not final and for "no".
    """

    kind: str
    value: float


def reading(cell: object) -> Said | None:
    """Return what a cell says of how much is counted, None if nothing that is understood.

    Examples
    --------
    >>> reading("45 of 90"), reading("50,0 %"), reading("Partially counted")
    (Said(kind='part', value=0.5), Said(kind='percent', value=0.5), Said(kind='state', value=0.0))
    >>> reading("not final").value, reading("Unofficial final").value, reading("reviewed")
    (0.0, 1.0, None)
    """
    return _reading(str(cell).strip())


@lru_cache(MOST_CELLS)
def _reading(text: str) -> Said | None:
    found = _number(text)
    if found is not None:
        return found
    flag = ANSWERS.get(folded(text), MARKS.get(text))
    if flag is not None:
        return Said("flag", flag)
    words = set(folded(text).split())
    undone = words & NOTS and words & (FINALS | REMAININGS if words.isdisjoint(NONE) else FINALS)
    if words & PARTIALS or undone or {word.removeprefix("ne") for word in words - FINALS} & FINALS:
        return Said("state", 0.0)
    if not words & FINALS:
        return Said("state", 0.0) if words & WEAKS else None
    # "final except postal" and "nearly complete" are not final, and "final?" is not sure
    plain = all(w in FINALS | WEAKS | RESULTS or is_filler(w) or role_of(w) for w in words)
    return Said("state", 1.0) if plain and "?" not in text else None


def is_plain_state(cell: object) -> bool:
    """Return whether a cell has a word that can mean nothing but a state of the count.

    Examples
    --------
    >>> is_plain_state("partial"), is_plain_state("open"), is_plain_state("Early Street")
    (True, False, False)
    """
    words = set(folded(str(cell)).split())
    return bool(words & ((FINALS | PARTIALS | WEAKS) - AMBIGUOUS))


def _number(text: str) -> Said | None:
    """Return what a cell of numbers says."""
    time = CLOCK.fullmatch(text)
    text = BESIDE.sub("", text)
    if time and DOTTED.fullmatch(text) and text != time[0]:  # "20.10 Uhr"
        return None
    part, percent = part_of_whole(text), PERCENT_SIGN.fullmatch(text)
    if part or NOTHING.fullmatch(text):
        return Said("part", part[0] / part[1] if part else 0.0)
    if percent:
        number = decimal(percent[1] or percent[2])
        return Said("percent", number / PERCENT) if number <= PERCENT else None
    if not PLAIN.fullmatch(text):
        return None
    number = decimal(text.lstrip("<>≈~ "))
    return Said("flag" if text in ("0", "1", "0.0", "1.0") else "number", number)


def speaks(name: str) -> bool:
    """Return whether the name of a column says that it is about how much is counted.

    Examples
    --------
    >>> [speaks(name) for name in ("fully_reported", "État saisie", "Precincts left", "Region")]
    [True, True, True, False]
    """
    words = set(single_words(name))
    known = FINALS | PARTIALS | WEAKS | STATES | REMAININGS
    return bool(words & known) or any(role_of(word) == "counted" for word in words)


def about_count(name: str) -> bool:
    """Return whether percentages under a name are of what is counted: "% in", "% actas".

    Examples
    --------
    >>> about_count("Est. % in"), about_count("% of votes"), about_count("Avance")
    (True, False, True)
    """
    words = set(single_words(name))
    stations = "percent" in words_of(name) and any(role_of(word) == "unit" for word in words)
    return speaks(name) or stations or bool(words & PROGRESS)


def names_progress(name: str) -> bool:
    """Return whether a word of a name, beside those for stations, is of progress, or of the rest.

    Examples
    --------
    >>> [names_progress(name) for name in ("Actas contabilizadas", "% actas", "Actas observadas")]
    [True, False, False]
    """
    words = [word for word in single_words(name) if role_of(word) != "unit"]
    return _tells_progress(words) or not REMAININGS.isdisjoint(words)


def turned(name: str) -> bool:
    """Return whether a column tells what is still to be counted.

    Examples
    --------
    >>> turned("Precincts remaining"), turned("Precincts reporting")
    (True, False)
    """
    words = set(single_words(name))
    negated = bool(words & (NOTS - {"no"})) and speaks(name)
    return negated or bool(words & REMAININGS) or {"to", "count"} <= words


def fractions(name: str, cells: Sequence[object]) -> list[float] | None:
    """Return the counted fraction of every row, None if a cell is not understood.

    A state that is not final is 0, which beside votes means that nobody says how much is counted. A
    cell without a text is not final, if any other is.
    """
    said = [None if is_missing(cell) else reading(cell) for cell in cells]
    known = [s for s, cell in zip(said, cells, strict=True) if not is_missing(cell)]
    if not known or None in known:
        return None
    kinds = {s.kind for s in known if s}
    most = max((s.value for s in known if s and s.kind == "number"), default=0.0)
    if most > PERCENT:
        return None
    # 0 and 1 beside other numbers are numbers
    scaled = {"number", "flag"} if most > 1 else set()
    flags = kinds == {"flag"}
    words = set(single_words(name))
    back = turned(name) or (flags and bool(words & (PARTIALS | WEAKS)) and not words & FINALS)
    final = any(s and s.value for s in known)
    unsaid = float(flags if back else not (final or speaks(name)))
    found = []
    for one in said:
        value = unsaid if one is None else one.value / (PERCENT if one.kind in scaled else 1)
        found.append(1 - value if back and one is not None and one.kind != "state" else value)
    return found


def counted_pair(columns: Columns, names: Iterable[str]) -> tuple[str, str] | None:
    """Return the columns that count what is reported and all there is, None if there are none.

    They are two columns of whole numbers of which the first never exceeds the second. It speaks of
    progress, and the second says the same without that, or that it is all: "reported" and
    "expected", "VE_reported" and "VE_total", "Obwody zliczone" and "Obwody". Either may count what
    remains: "Stations counted" and "Stations remaining", "Actas por procesar" and "Actas". Of
    stages of one whole, such as "received" and "verified", it is the one that counts fewest.
    """
    words = {n: _of_stations(n) for n in columns.of_kind("whole", names)}
    words = {n: own for n, own in words.items() if not {*map(role_of, own)} & PEOPLE}
    found = _pairs(columns, words, NO_PROGRESS) or _pairs(columns, words, frozenset())
    if not found:
        return counted_of(columns, words)
    found.sort(key=lambda pair: bool(words[pair[0]] & PARTIALS))
    part, whole = found[0]
    for other, all_of in found[1:]:
        if all_of == whole and not (turned(part) or turned(other) or words[other] & PARTIALS):
            less, more = (columns.partial_counts(n)[0] for n in (other, part))
            part = other if less.any() and (less <= more).all() else part
    return part, whole


def _of_stations(name: str) -> set[str]:
    """Return the words of a name, without those for votes in "Bureaux de vote"."""
    words = {*single_words(name)}
    places = {"unit", "stations"}.intersection(words_of(name))
    return {w for w in words if role_of(w) not in PEOPLE} if places else words


def _pairs(
    columns: Columns, words: Mapping[str, set[str]], silent: Collection[str]
) -> list[tuple[str, str]]:
    """Return the pairs of columns of which one counts part of the other.

    Words for stations, such as "actas", tell no progress if they are silent.
    """
    found = []
    for part, own in words.items():
        for whole, all_of in words.items():
            more = all_of - own
            if _and_the_rest(part, whole, own, all_of):
                found.append((part, whole))
                continue
            telling = {w for w in (own if more else own - all_of) if role_of(w) not in silent}
            if own <= all_of or not (_tells_progress(telling) or turned(part)):
                continue
            more = {w for w in more if not is_filler(w) and w not in NUMBER_OF}
            if not all(map(_is_whole, more)) or not (own & all_of or any(map(_is_plain, more))):
                continue
            if is_within(columns, part, whole):
                found.append((part, whole))
    return found


def counted_of(columns: Columns, names: Iterable[str]) -> tuple[str, str] | None:
    """Return columns such as "Counted" and "Of", or "Stations", side by side, None without them.

    What they count is few beside the people of another column.
    """
    counts = columns.sound_counts(columns.of_kind("whole"))
    known, most = counts.keys() & {*names}, max((own.sum() for own in counts.values()), default=0)
    for part, of in [pair for two in pairwise(columns.names) for pair in (two, two[::-1])]:
        if not {part, of} <= known:
            continue
        tells = all(w in PROGRESS or role_of(w) == "counted" for w in single_words(part))
        words = [w for w in single_words(of) if not (is_filler(w) or w in NUMBER_OF) or w in WHOLES]
        if tells and words and all(map(_is_whole, words)):
            some, every = counts[part], counts[of]
            if (some <= every).all() and 0 < VOTERS * every.sum() <= most:
                return part, of
    return None


def is_within(columns: Columns, part: str, whole: str) -> bool:
    """Return whether one column of counts never exceeds another, which counts something."""
    some, every = (columns.partial_counts(name)[0] for name in (part, whole))
    return bool((some <= every).all() and every.any())


def people_counted(
    columns: Columns, names: Iterable[str], ballots: int | None = None
) -> tuple[str, str] | None:
    """Return the columns of registered people where votes are counted, and everywhere.

    The latter is empty where no column has them; None if there is no column of the former. "Voters
    in reporting precincts" are registered people if they are clearly more than all ballots that are
    counted.
    """
    words = {n: {*single_words(n)} for n in columns.of_kind("whole", names)}
    roles = {n: {role_of(n), *map(role_of, own)} for n, own in words.items()}
    lists = {n: own for n, own in words.items() if "registered" in roles[n] or (
             ballots is not None and roles[n] >= VOTERS_IN
             and columns.partial_counts(n)[0].sum() > (1 + BALLOTS) * ballots)}  # fmt: skip
    told = [n for n, own in lists.items() if "counted" in map(role_of, own)]
    part = next((n for n in told if not turned(n) and not words[n] & PARTIALS), None)
    if part is None:
        return None
    others = (n for n in lists if n not in told)
    return part, next((whole for whole in others if is_within(columns, part, whole)), "")


def ballots_counted(columns: Columns, names: Iterable[str]) -> tuple[str, str] | None:
    """Return the columns of ballots that are counted, and of all that were cast, None without them.

    The former are fewer, and the rest is not what another column calls invalid. Ballots that were
    "received" are papers to hand out where some are unused.
    """
    counts = columns.sound_counts(columns.of_kind("whole"))
    roles = {n: [*map(role_of, single_words(n))] for n in names if n in counts}
    spare = sum("unused" in own for own in roles.values()) > 1
    roles = {n: own for n, own in roles.items()
             if "ballots" in own and role_of(n) != "registered" and NO_CAST.isdisjoint(own)
             and not (spare and "unused" in own)}  # fmt: skip
    told = [n for n, own in roles.items() if "counted" in own or FINALS.intersection(
            {*single_words(n)} - AMBIGUOUS)]  # fmt: skip
    every = sorted((n for n in roles if n not in told), key=lambda n: role_of(n) != "ballots")
    bad = [own for n, own in counts.items() if role_of(n) == "invalid"]
    for part in (n for n in told if not turned(n)):
        for whole in (n for n in every if _alike_cast(part, n)):
            rest = counts[whole] - counts[part]
            some = (rest >= 0).all() and (rest > MISSING * counts[whole]).any()
            if some and not (bad and (rest == np.sum(bad, axis=0)).all()):
                return part, whole
    return None


def _alike_cast(part: str, whole: str) -> bool:
    """Return whether a column counts ballots of one way to vote only if another does.

    "Absentee ballots counted" are no progress of "Ballots cast".
    """
    ways = ({word for word in single_words(n) if is_channel(word)} for n in (part, whole))
    return next(ways) <= next(ways)


def _and_the_rest(part: str, whole: str, own: set[str], others: set[str]) -> bool:
    """Return whether a column counts what is counted, and another what is not yet."""
    same = own & others or any(role_of(word) == "unit" for word in own | others)
    counts_all = any(word in WHOLES or role_of(word) == "total" for word in own)
    progress = [word for word in own - others if role_of(word) != "unit"]
    some = bool(same) and not counts_all and _tells_progress(progress)
    return some and turned(whole) and not turned(part)


def may_be_stations(name: str) -> bool:
    """Return whether the name of a column does not say that it counts something else.

    Examples
    --------
    >>> [may_be_stations(name) for name in ("Zzz", "Number of stations", "Bureaux de vote")]
    [True, True, True]
    >>> [may_be_stations(name) for name in ("Code du bureau de vote", "Proxies", "of which late")]
    [False, False, False]
    """
    roles, words = {*words_of(name)}, single_words(name)
    many = words[:2] == ["no", "of"] or not NUMBER_OF.isdisjoint(words[:1])  # "Number of", no code
    coded = not many and any(role_of(word) == "code" for word in words)
    beside = OF_STATIONS | {"code"} | (BESIDE_STATIONS if "unit" in roles else set())
    return not coded and not is_part(name) and roles <= beside


def parts_counted(columns: Columns, part: str, whole: str) -> list[float]:
    """Return what part of one column of counts another is, 0 where there are none.

    The first may count what is left of the second, and the second what is left beside the first.
    """
    some, every = (columns.partial_counts(n)[0] for n in (part, whole))
    if turned(part):
        some = every - some
    elif turned(whole):
        every = some + every
    return [float(x) for x in some / np.maximum(every, 1)]


def _tells_progress(words: Collection[str]) -> bool:
    known = FINALS | PROGRESS | STAGES
    return any(word in known or role_of(word) == "counted" for word in words)


def _is_whole(word: str) -> bool:
    """Return whether a word says that a column counts all there is, or stations."""
    return word in WHOLES or role_of(word) in ("total", "unit")


def _is_plain(word: str) -> bool:
    """Return whether such a word alone cannot mean all votes, as "total" can."""
    return word in ("of", "expected", "due") or role_of(word) == "unit"


def said_of_parts(part: str, whole: str) -> str:
    """Return a sentence about the columns of `parts_counted`."""
    if turned(part) or turned(whole):
        ratio = f"1 - {part} / {whole}" if turned(part) else f"{part} / ({part} + {whole})"
        return Message(COUNTED, column=ratio)
    note = "{part} of {whole} is how much of each unit is counted"
    return Message(note, part=part, whole=whole)


def not_counted_out(name: str, cells: Sequence[object], *, sure: bool = False) -> list[int]:
    """Return the rows of which a column says that they are counted in part, or not at all.

    If it is not `sure` to say so, it speaks of nothing else and some row is counted in full, or
    has parts of stations.

    Examples
    --------
    >>> not_counted_out("% reporting", ["100", "40", 0]), not_counted_out("Ana in %", ["100", "40"])
    ([1, 2], [])
    """
    found = fractions(name, cells)
    words = single_words(name)
    known = FINALS | PARTIALS | STATES | REMAININGS | PROGRESS | RESULTS
    told = all(w in known or w in WHOLES or is_filler(w) or role_of(w) in (*ABOUT, "votes")
               for w in words)  # fmt: skip
    if found is None or not (told or sure) or are_times(cells, words):
        return []
    kinds = kinds_of(cells)
    if "number" in kinds and not sure and role_of(name) not in ("percent", "counted"):
        return []
    if "state" in kinds and not any(map(is_plain_state, cells)):
        return []
    roles = {*map(role_of, words)}
    of_count = "percent" in roles and ("counted" in roles or not PROGRESS.isdisjoint(words))
    plain = about_count(name) and (1.0 in found or of_count)
    if not (sure or "part" in kinds or plain):
        return []
    weak = {i for i, cell in enumerate(cells) if WEAKS.intersection(folded(str(cell)).split())}
    return [i for i, part in enumerate(found)
            if part < 1 and i not in weak and not is_missing(cells[i])]  # fmt: skip


def kinds_of(cells: Sequence[object]) -> set[str]:
    """Return the kinds of what cells say; "" stands for what is not understood.

    Examples
    --------
    >>> sorted(kinds_of(["45/90", "final", "reviewed", None]))
    ['', 'part', 'state']
    """
    said = (reading(cell) for cell in dict.fromkeys(cells) if not is_missing(cell))
    return {"" if s is None else s.kind for s in said}


def are_row_numbers(cells: Sequence[object]) -> bool:
    """Return whether parts such as "1 of 12" and "2 of 12" are the numbers of the rows."""
    parts = [part_of_whole(cell) for cell in cells]
    numbers = [part[0] if part else 0 for part in parts]
    return len(numbers) >= NUMBERED and numbers == [*range(1, len(numbers) + 1)]


def has_percentages(name: str, cells: Sequence[object], kinds: set[str]) -> bool:
    """Return whether a column holds percentages: by signs, by its name, or as its numbers look."""
    if kinds == {"percent"}:
        return True
    if not kinds <= {"percent", "number", "flag"} or not kinds - {"flag"}:
        return False
    values = [said.value for cell in cells if (said := reading(cell)) is not None]
    if max(values) > PERCENT or role_of(name) == "counted":
        return False
    full = values.count(PERCENT) > 1 or (max(values) <= 1 and speaks(name))
    full = full or (PERCENT in values and speaks(name))
    full = full or not all(value.is_integer() for value in values)
    may_be = role_of(name) in ("", "margin", "stations") or about_count(name)
    return "percent" in words_of(name) or (full and may_be)


def are_plain(cells: Sequence[object]) -> bool:
    """Return whether cells are numbers, percentages or parts without words or other signs."""
    texts = set(given_texts(cells))
    return all(BARE.fullmatch(text) or part_of_whole(text) for text in texts)


def says_nothing(cells: Sequence[object]) -> bool:
    """Return whether a long column of text says nothing of the count in its first cells."""
    some = [cell for cell in cells[:FIRST_CELLS] if not is_missing(cell)]
    return len(set(map(str, some))) > MOST_STATES and kinds_of(some) == {""}


def are_few(cells: Sequence[object]) -> bool:
    """Return whether a column has few different texts, as states are."""
    return len(set(map(str, cells))) <= MOST_STATES


def some_of(cells: Sequence[object], *, unknown: bool = False) -> str:
    """Return some of the different cells of a column, for a message."""
    texts = [c for c in cells if not is_missing(c) and not (unknown and reading(c) is not None)]
    return ", ".join(repr(text[:30]) for text in list(dict.fromkeys(map(str, texts)))[:3])
