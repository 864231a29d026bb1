"""Which round of an election a column or a cell speaks of, in many languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from forecast.errors import InputError
from forecast.facts.tables.roles_said import role_in
from forecast.facts.words.column_words import role_of, word_table, words_of
from forecast.facts.words.days import days_of_cells
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns

MARK = "(?:r|t|v|tour|round|turno|vuelta|tura)[\\s_.]?([12])"
LAST = re.compile(rf"^(.*?)(?:^|[\s_.\-(\[]+){MARK}[)\]]?$", re.IGNORECASE)
AHEAD = re.compile(rf"^[(\[]?{MARK}[)\]]?[\s_.\-:]+(.*)$", re.IGNORECASE)
FEWEST_DAYS, MOST_DAYS = 6, 300
"""Days between two rounds: in Austria they were 224 after a runoff was annulled."""
BETWEEN = r"[\s_.,:;()\[\]\-–]+"
ORDINAL = re.compile(r"(?<=\d)\.(?=[ºª°])")
"""A point between a number and its mark: "1.º"."""
DATED = re.compile(r"\d\D+\d|\d{5}")
"""A day with its year has two numbers, or five digits and more."""


@cache
def _ordinals() -> dict[str, int]:
    second = word_list("second") | word_list("runoff")
    return dict.fromkeys(word_list("first"), 1) | dict.fromkeys(second, 2)


@cache
def _round_words() -> frozenset[str]:
    named = " ".join(word_table()["round"].values())
    return word_list("runoff").union(folded(named).split())


def round_of_cell(cell: object) -> int:
    """Return 1 or 2 if a cell names that round, else 0.

    Examples
    --------
    >>> [round_of_cell(x) for x in (1, "2", "II", "first", "1er tour", "Runoff", "T2", "3")]
    [1, 2, 2, 1, 1, 2, 2, 0]
    """
    text = str(cell).strip().removesuffix(".0")
    short = LAST.match(text)
    if short and not short[1]:
        return int(short[2])
    found = {_ordinals()[word] for word in folded(text).split() if word in _ordinals()}
    return found.pop() if len(found) == 1 else 0


def is_round(name: str) -> bool:
    """Return whether a text says a round and nothing else.

    Examples
    --------
    >>> [is_round(text) for text in ("1.ª volta", "Stichwahl", "R2", "Ada II", "1st Avenue")]
    [True, True, True, False, False]
    """
    rest = {word for word in folded(name).split() if len(word) > 1 and not word.isdigit()}
    short = LAST.match(name.strip())
    alone = rest <= _round_words().union(_ordinals()) or bool(short and not short[1])
    return alone and round_of_cell(name) > 0


def round_of_name(name: str) -> tuple[str, int]:
    """Return the name of a column without its round, and the round, 0 if it names none.

    Examples
    --------
    >>> round_of_name("Ada_r1"), round_of_name("Ada (second round)"), round_of_name("R2 Ada")
    (('Ada', 1), ('Ada', 2), ('Ada', 2))
    >>> round_of_name("Ada Lovelace"), round_of_name("First round votes"), round_of_name("Votes 1")
    (('Ada Lovelace', 0), ('votes', 1), ('Votes 1', 0))
    """
    name = ORDINAL.sub("", name.strip())
    for pattern, base, which in ((LAST, 1, 2), (AHEAD, 2, 1)):
        short = pattern.match(name)
        if short and short[base].strip():
            return short[base].strip(" _.-:("), int(short[which])
    words = re.split(f"({BETWEEN})", name)
    plain = [folded(word) for word in words]
    for k in (k for k, word in enumerate(plain) if word in _round_words()):
        near = {j for j in range(max(0, k - 3), min(len(words), k + 4)) if plain[j] in _ordinals()}
        which_round = {_ordinals()[plain[j]] for j in near}
        rest = "".join(word for j, word in enumerate(words) if j not in {*near, k})
        rest = re.sub(f"^{BETWEEN}|{BETWEEN}$", "", re.sub(r"[\s_]{2,}", " ", rest))
        if len(which_round) == 1 and rest:
            return rest, which_round.pop()
    return name, 0


def rounds_of_values(cells: Sequence[object]) -> dict[str, int]:
    """Return the round of each of two values: as words say, or the earlier of two days first.

    It is empty where neither says it. A value beside that of a runoff is of the first round.

    Examples
    --------
    >>> rounds_of_values(["2022-10-30", "2022-10-02"]), rounds_of_values(["primary", "runoff"])
    ({'2022-10-30': 2, '2022-10-02': 1}, {'primary': 1, 'runoff': 2})
    >>> rounds_of_values(["Question 1", "Question 2"]), rounds_of_values(["Mayor", "Council"])
    ({}, {})
    """
    values = _two_values(cells)
    if not values:
        return {}
    named = [v if _round_words().intersection(folded(v).split()) else "" for v in values]
    rounds = [round_of_cell(value) for value in named]
    if sorted(rounds) in ([0, 2], [1, 2]):
        return {value: which or 1 for value, which in zip(values, rounds, strict=True)}
    between = days_between(values)
    if not FEWEST_DAYS <= abs(between) <= MOST_DAYS:
        return {}
    return {values[0]: 1 + (between < 0), values[1]: 1 + (between > 0)}


def _two_values(cells: Sequence[object]) -> list[str]:
    """Return the two different texts of a column, none if it has more or fewer."""
    values: dict[str, None] = {}
    for cell in cells:
        values[str(cell).strip()] = None
        if len(values) > 2:
            return []
    return list(values) if len(values) == 2 else []


def days_between(values: Sequence[str]) -> int:
    """Return the days from the first to the second of two texts, 0 where these are no days."""
    if not all(map(DATED.search, values)):
        return 0  # before the months of all languages are loaded
    try:
        days = [last for _, last in days_of_cells(values, Columns(where="", values={}), "")]
    except InputError:
        return 0
    return (days[1] - days[0]).days if days[0] and days[1] else 0


def refuse_unsaid_rounds(columns: Columns, used: Sequence[str], people: Sequence[str]) -> None:
    """Raise `InputError` if the names of units were made of a column that may tell rounds apart.

    It is unknown and has two values; all who stand beside one and not all who stand beside the
    other do so in the same places.
    """
    for name in used if len(used) > 1 else ():
        cells = list(map(str, columns.values[name]))
        values = sorted(set(cells))
        if words_of(name) or len(values) != 2:
            continue
        rest = columns.rows_of([n for n in used if n != name])
        places, stood = ([{row for row, cell in zip(rows, cells, strict=True) if cell == value}
                          for value in values] for rows in (rest, people))  # fmt: skip
        if places[0] == places[1] and (stood[0] < stood[1] or stood[1] < stood[0]):
            raise InputError(
                f"{columns.where}: a candidate must occur once per unit - column {name!r} has "
                f"{values[0]!r} and {values[1]!r} for the same {', '.join(set(used) - {name})}; "
                f"say what it is with columns= (--columns '{name}=round', '{name}=contest', or "
                f"'{name}=unit' with the other names of units)"
            )


def round_by_values(columns: Columns) -> str:
    """Return a column whose two values are the rounds of the same people in the same places.

    It has days or words for rounds, and each unit, or each candidate of a unit, once with each.
    What names places is none, though "09.05.03" could be a day. Days of two elections raise
    `InputError`.
    """
    for name in columns.free:
        named = {"source", "unit", "region"} & {role_of(name), *words_of(name)}
        cells = columns.values[name]
        if named or not (rounds_of_values(cells) or _elections(cells)):
            continue
        about = [n for n in columns.names if n != name and _tells_rows_apart(columns, n)]
        rows = columns.rows_of(about)
        pairs = set(zip(rows, map(str, cells), strict=True))
        if len(set(rows)) < len(pairs) == len(columns):
            _refuse_elections(columns, name)
            return name
    return ""


def _elections(cells: Sequence[object]) -> list[str]:
    """Return the days of two elections, the later first, if cells hold these and nothing else."""
    days = _two_values(cells)
    between = days_between(days) if days else 0
    return days[:: 1 if between < 0 else -1] if abs(between) > MOST_DAYS else []


def _refuse_elections(columns: Columns, name: str) -> None:
    """Raise `InputError` if a column has the days of two elections."""
    days = _elections(columns.values[name])
    if days:
        raise InputError(
            f"{columns.where}: must hold one election - found {' and '.join(days)} in column "
            f"{name!r}, too far apart for two rounds; choose one with columns= and contest= "
            f"(--columns '{name}=contest' --contest '{days[0]}')"
        )


def _tells_rows_apart(columns: Columns, name: str) -> bool:
    role = role_in(columns, name)
    if role == "unit" or "unit" in words_of(name):
        return True
    text = columns.kind(name) == "text"
    return role in ("region", "contest", "candidate") or (text and not words_of(name))
