"""Tables of unit, candidate, votes: which column names candidates, and which has their votes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NoReturn

import numpy as np

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.tables.roles_said import role_in
from forecast.facts.tables.rounds import round_of_cell, round_of_name, rounds_of_values
from forecast.facts.tables.ways_to_vote import columns_of_ways, of_units, rows_of_ways
from forecast.facts.words.column_words import has_votes, is_channel, role_of, words_of
from forecast.facts.words.number_shapes import is_difference
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import filled_down, is_missing

ABOUT_UNITS = ("registered", "ballots", "valid", "invalid", "abstention", "turnout", "total",
               "average", "percent")  # fmt: skip
"""Roles of rows in a table of candidates that are no candidate."""
FEWEST = 2
"""Ranks that are told."""
NAMES = word_list("names of people")
"""Words of columns that name a person."""
PARTS, FAMILY = word_list("parts of names"), word_list("family names")
"""Those that no place has, and those among them for what comes first where one name is enough."""
OUTCOMES = word_list("outcome of a seat")
LISTS = ("ballots", "registered")
"""What a word beside that for votes may say, too: "votes polled"."""
PLACES = {"unit", "region", "contest"}
BESIDE_VOTES = {"votes", "unused", "year", "total"}
"""What words beside that for votes may mean: "votes received", "votes 2021"."""


def long_columns(columns: Columns) -> tuple[str, dict[int, str], Columns]:
    """Return the columns of candidates' names and votes by round, and the table.

    Empty where rows are no candidates'. A number that is the same for a candidate in all units and
    not for all candidates is a code, such as the place on the ballot paper, and is left out; ways
    to vote are summed.
    """
    columns = _with_whole_names(columns)
    for rows in (_without_codes(columns), columns):
        person = _person(rows)
        table, total = columns_of_ways(rows, person) if person else (rows, "")
        person, votes = (person, {0: total}) if total else _of_candidates(table)
        if person and votes:
            table = rows_of_ways(table, person, tuple(votes.values()))
            return person, votes, _without_lists(table, person, tuple(votes.values()))
    _refuse_several(columns)
    return "", {}, columns


def _without_lists(columns: Columns, person: str, votes: Sequence[str]) -> Columns:
    """Return a table with one row per candidate of a place where each of the lists has one.

    The votes of the candidate are the same on all of them, and what is said of lists is left out.
    """
    lists = [n for n in columns.of_kind("text") if role_of(n) in ("registered", "party")]
    places = [n for n in columns.names if PLACES.intersection((n, *words_of(n))) and n not in lists]
    keys = columns.different(person, *places) if lists else len(columns)
    if keys == len(columns) or columns.different(person, *places, *lists) < len(columns):
        return columns
    if columns.different(person, *places, *votes) > keys:
        return columns
    of_lists = [n for n in columns.free if columns.different(person, *places, n) > keys]
    rows = {key: i for i, key in reversed([*enumerate(columns.rows_of([person, *places]))])}
    said = "rows of {lists} repeat the votes of their candidates, which are counted once"
    once = columns.without(of_lists).select(sorted(rows.values()))
    return once.noting(Message(said, lists=" and ".join(lists)))


def of_ranks(columns: Columns) -> Columns:
    """Return a table of who was first, second and so on, each with votes, as rows of candidates.

    Somebody is in several of these columns of names.

    Examples
    --------
    >>> cells = {"unit": ["n", "s"], "Leader": ["Ada", "Ben"], "Leader votes": [5, 8],
    ...          "Second": ["Ben", "Ada"], "Second votes": [4, 7]}
    >>> of_ranks(Columns(where="x", values=cells)).values["candidate"]
    ['Ada', 'Ben', 'Ben', 'Ada']
    """
    pairs = [
        (name, votes)
        for name, votes in pairwise(columns.names)
        if role_of(re.sub(r" \d$", "", votes.removeprefix(f"{name} "))) == "votes"
        and "party" not in words_of(name)
        and columns.kind(name) == "text"
        and columns.kind(votes) == "whole"
    ]
    used = {name for pair in pairs for name in pair}
    people = [{*map(str, columns.values[name])} - {""} for name, _ in pairs]
    rest = [name for name in columns.names if name not in used]
    if len(pairs) < FEWEST or used & {*columns.said} or not rest or not people[0] & people[1]:
        return columns
    rows = [(i, *pair) for i in range(len(columns)) for pair in pairs
            if not is_missing(columns.values[pair[0]][i])]  # fmt: skip
    table = columns.without(used).select([i for i, _, _ in rows])
    return table.with_columns(
        {
            "candidate": [columns.values[name][i] for i, name, _ in rows],
            "votes": [columns.values[votes][i] for i, _, votes in rows],
        }
    )


def with_labels_of_kinds(columns: Columns) -> Columns:
    """Return a table in which rows without a name are called by their kind, such as "blank".

    A column of text says the kind of every row, and another names somebody where that is votes for
    somebody. The latter becomes the column of candidates, and kinds that are unknown are invalid.
    """
    texts = columns.of_kind("text", columns.free)
    texts = [n for n in texts if not {"unit", "region"}.intersection(words_of(n))]
    rows = {n: {i for i, cell in enumerate(columns.values[n]) if is_missing(cell)} for n in texts}
    people = [n for n in texts if role_of(n) == "candidate" or NAMES & {*folded(n).split()}]
    for name in (n for n in people or texts if 0 < len(rows[n]) < len(columns)):
        for kind in (n for n in texts if n != name and not rows[n]):
            cells = list(map(str, columns.values[kind]))
            unnamed = {cells[i] for i in rows[name]}
            named = {cell for i, cell in enumerate(cells) if i not in rows[name]}
            about = {k: role_of(k) in ABOUT_UNITS for k in unnamed}
            if len(named) == 1 and not unnamed & named and any(about.values()):
                short = {k: k if known else f"invalid - {k.casefold()}"
                         for k, known in about.items()}  # fmt: skip
                labels = [short[cells[i]] if i in rows[name] else cell
                          for i, cell in enumerate(columns.values[name])]  # fmt: skip
                label = name if "candidate" in {*columns.names} else "candidate"
                return columns.without([kind]).with_columns({name: labels}).renamed({name: label})
    return columns


def with_headings(columns: Columns) -> Columns:
    """Return a table with a column of units, where these stand over their rows of candidates.

    The first column is the only one of text and has both; rows of units have nothing else, and at
    least two rows below each of them are called alike.
    """
    label, *rest = columns.names
    texts = columns.of_kind("text")
    place = PLACES.intersection((label, *words_of(label)))
    if texts != [label] or not rest or columns.said or place:
        return columns
    if not all(is_missing(columns.values[n][0]) for n in rest):
        return columns
    empty = [all(map(is_missing, cells)) for cells in zip(*(columns.values[n] for n in rest),
                                                          strict=True)]  # fmt: skip
    starts = [i for i, heads in enumerate(empty) if heads]
    names = columns.texts(label) if len(starts) > 1 else ()
    blocks = [{*names[a + 1 : b]} for a, b in pairwise([*starts, len(columns)])] if names else []
    heads = {names[i] for i in starts} if names else set()
    if not blocks or len(set.intersection(*blocks)) < 2 or len(heads) < len(starts):
        return columns
    if any(heads & block for block in blocks):
        return columns
    units = filled_down([name if heads else None for name, heads in zip(names, empty, strict=True)])
    whole = columns.with_columns({"unit": units})
    return whole.select(i for i, heads in enumerate(empty) if not heads)


def _refuse_several(columns: Columns) -> None:
    """Raise `InputError` if rows name candidates and several columns may be their votes."""
    person, said = _person(columns), columns.said
    free = [n for n in columns.free if role_of(n) in ("", "candidate")]
    several = columns.of_kind("whole", free)
    places = [n for n in columns.names if "unit" in (said.get(n), n, *words_of(n))]
    if len(several) < 2 or not person or not places or "votes" in said.values():
        return
    n = len(columns)
    paired = any(columns.different(place, person) == n for place in places)
    if paired and all(columns.different(place) < n for place in places):
        _refuse_votes(columns, several)


def _refuse_votes(columns: Columns, several: Sequence[str]) -> NoReturn:
    raise InputError(
        f"{columns.where}: one column must be the votes of the candidates - found "
        f"{', '.join(several)}; say which with columns= (--columns '{several[0]}=votes')"
    )


def _of_candidates(columns: Columns) -> tuple[str, dict[int, str]]:
    """Return the column that names candidates row by row, and those of their votes by round."""
    texts, whole = columns.of_kind("text"), columns.of_kind("whole")
    person, said = _person(columns), columns.said
    both = _of_both_rounds(columns, whole) if person else {}
    if both:
        return person, both
    if {"candidate", "votes"} <= set(columns.names):
        return "candidate", {0: "votes"}
    votes = [n for n in whole if said.get(n, role_of(round_of_name(n)[0])) in ("votes", "round")]
    votes += [n for n in whole if n not in said and words_of(n) == ("candidate", "votes")]
    votes = [n for n in votes if n in said or not is_channel(n)] or votes
    votes = [n for n in votes if n in said or "unit" not in words_of(n)] or votes
    if not person and votes:
        people = (n for n in texts if not PLACES.intersection(words_of(n)))
        person = next((n for n in people if NAMES.intersection(folded(n).split())), "")
    if not person:
        found = _labels_and_numbers(columns, texts, whole)
        if found:
            return found[0], {0: found[1]}
    if not votes:
        votes = _likely_votes(columns, [n for n in whole if n not in said], person)
    if len(votes) == 2:
        numbers = [round_of_name(n)[1] or round_of_cell(n) for n in votes]
        return (person, dict(zip(numbers, votes, strict=True))) if numbers == [1, 2] else ("", {})
    return (person, {0: votes[0]}) if len(votes) == 1 else ("", {})


def _of_both_rounds(columns: Columns, whole: Sequence[str]) -> dict[int, str]:
    """Return the columns of votes of each round where only the second is called so, or by days.

    Beside "votes runoff" one other column of votes, such as "votes general", is of the first.
    Raises `InputError` for two that may be of either, such as "votes general" and "votes special".
    """
    names = [n for n in whole if n not in columns.said and role_of(n) in ("", "votes", "total")]
    names = [n for n in names if has_votes(n) and not is_channel(n)]
    rounds = {round_of_name(n)[1]: n for n in names}
    if len(names) == 2 and {*rounds} == {0, 2}:
        return {1: rounds[0], 2: rounds[2]}
    short = {" ".join(w for w in n.split() if role_of(w) != "votes"): n for n in names}
    days = rounds_of_values([*short])
    if days:
        return {which: short[day] for day, which in days.items()}
    one, two = ({*folded(n).split()} for n in names) if len(names) == 2 else (set(), set())
    if {*rounds} == {0} and len(one & two) == len(one - two) == len(two - one) == 1:
        _refuse_votes(columns, names)
    return {}


def _with_whole_names(columns: Columns) -> Columns:
    """Return a table in which surnames and first names in columns side by side are one column.

    It is that of the surnames alone where these come first and nobody else has the same.
    """
    texts = columns.of_kind("text", columns.free)
    texts = [n for n in texts if not {*PLACES, "party"}.intersection((n, *words_of(n)))]
    words = {n: {*folded(n).split()} for n in texts}
    parts = [n for n in texts if PARTS & words[n] and (len(words[n]) == 1 or NAMES & words[n])]
    if not all(any(kind & words[n] for n in parts) for kind in (FAMILY, PARTS - FAMILY)):
        beside = {n for a, b in pairwise(columns.names) for n in (a, b) if {a, b} & {*parts}}
        parts = [n for n in texts if n in parts or (n in beside and _names_people(n, words[n]))]
    if not parts or (_person(columns) or parts[0]) not in parts:
        return columns
    first, *rest = parts
    given = any(FAMILY & words[n] for n in rest) or PARTS & words[first]
    surnames = FAMILY & words[first] or not given
    if not (surnames and columns.different(first) == columns.different(*parts)):
        rows = zip(*(columns.values[n] for n in parts), strict=True)
        whole = [" ".join(str(c).strip() for c in row if not is_missing(c)) or None for row in rows]
        columns = columns.with_columns({first: whole})
    columns = columns.without(rest)
    return columns if "candidate" in columns.names else columns.renamed({first: "candidate"})


def _names_people(name: str, words: Collection[str]) -> bool:
    return not NAMES.isdisjoint(words) or role_of(name) == "candidate"


def _person(columns: Columns) -> str:
    """Return the column of text that is called candidate."""
    names = (n for n in columns.names if role_in(columns, n) == "candidate")
    return next(iter(columns.of_kind("text", names)), "")


def is_outcome(name: str) -> bool:
    """Return whether a row says who won a seat: "Labour hold", "Labour gain from Liberal"."""
    words = folded(name).split()
    return bool(OUTCOMES.intersection((*words[-1:], *(words if "from" in words else ()))))


def leads(wide: Mapping[str, Sequence[object]]) -> set[str]:
    """Return the rows called margin or lead that are one, or have no numbers, as "P hold" has none.

    Parameters
    ----------
    wide : mapping of str to sequence
        Numbers by unit of every row's name, None where there is none.
    """
    called = [n for n in wide if role_of(n) == "margin"]
    others = [n for n in wide if role_of(n) not in (*ABOUT_UNITS, "margin")] if called else []
    people = np.array([[x or 0 for x in wide[n]] for n in others], dtype=np.int64)
    found = {n for n in wide if is_outcome(n) and all(x is None for x in wide[n])}
    for name in called:
        here = [i for i, x in enumerate(wide[name]) if x is not None]
        own = np.array([wide[name][i] for i in here], dtype=np.int64)
        if not here or is_difference(own, people[:, here]):
            found.add(name)
    return found


def _without_codes(columns: Columns) -> Columns:
    """Return a table without numbers that are the same for a candidate in all units."""
    person = _person(columns)
    people = columns.different(person) if person else len(columns)
    if people == len(columns):
        return columns
    names = [n for n in columns.free if not PLACES.intersection(words_of(n))]
    codes = {
        name
        for name in columns.of_kind("whole", names)
        if columns.different(name) > 1 and columns.different(person, name) == people
    }
    return columns.without(codes)


def _likely_votes(columns: Columns, whole: Sequence[str], person: str) -> list[str]:
    """Return columns of numbers that may be votes although no word says just that, likeliest only.

    They have a word for votes, or no word that is known, or are valid votes of every candidate.
    Those that are the same for all candidates of a unit are none if others are not.
    """
    varied = [n for n in whole if not (person and of_units(columns, person, n))]
    whole = varied or whole
    beside = [n for n in whole if "votes" in words_of(n) and {*words_of(n)} <= BESIDE_VOTES]
    unknown = [n for n in whole if not words_of(n)]
    worded = [n for n in unknown if has_votes(n)]
    valid = [n for n in whole if role_of(n) == "valid"][:1] if person else []
    polled = [n for n in varied if person and role_of(n) in LISTS and has_votes(n)]
    rest = [n for n in unknown if not person or not _of_units(columns, n)]
    kinds = (beside, worded, unknown, rest, valid, polled)
    return next((names for names in kinds if len(names) == 1), [])


def _of_units(columns: Columns, name: str) -> bool:
    """Return whether a column is the same on all rows of some longer stretches, as of a unit."""
    cells = list(map(str, columns.values[name]))
    changes = sum(a != b for a, b in pairwise(cells))
    return 2 * changes < len(cells)


def _labels_and_numbers(
    columns: Columns, texts: Sequence[str], whole: Sequence[str]
) -> tuple[str, str] | None:
    """Return the columns of labels and of their numbers in a table whose header does not say.

    There is one column of numbers; every unit has every label once, or some labels are of lists,
    ballots or invalid votes.
    """
    said = columns.said
    free = [n for n in whole if role_of(n) in ("", "votes", "total") and n not in said]
    sure = len(free) == 1 and "unit" not in said.values()
    free = free if len(free) == 1 else [n for n in free if role_of(n) == "votes"]
    if not free and len(whole) == 1 and whole[0] not in said:  # "Voti validi" of every candidate
        free = [n for n in whole if role_of(n) in ("valid", "ballots")]
        sure = "unit" not in said.values()
    texts = [n for n in texts if n not in said and role_of(n) in ("", "code", "source", "party")]
    if len(free) != 1 or not texts:
        return None
    for label in texts:
        if any(map(is_missing, columns.values[label])):
            continue
        names = columns.texts(label)
        kinds, n = set(names), len(names)
        about = sum(role_of(name) in ABOUT_UNITS for name in kinds)
        if len(kinds) < 2 or about >= len(kinds) - 1 or not (sure or about):
            continue
        again = len(kinds) < n
        told = about > 0 if again else about > 1
        alike = again and n == len(kinds) * max(Counter(names).values())
        if told or (alike and _crossed(columns, label)):
            return label, free[0]
    return None


def _crossed(columns: Columns, label: str) -> bool:
    """Return whether some other column has every label once with each of its cells.

    It speaks of places, or is text of unknown words before the labels, in stretches of rows.
    """
    labels, n = columns.different(label), len(columns)
    before = columns.names[: columns.names.index(label)]
    others = [x for x in columns.names if x != label and PLACES.intersection((x, *words_of(x)))]
    others += [
        x for x in columns.of_kind("text", before) if not words_of(x) and _of_units(columns, x)
    ]
    return any(
        columns.different(other, label) == n == columns.different(other) * labels
        for other in others
    )
