"""Columns of the same people: parts of a vote with or without their total, or both rounds."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.tables.asides import asides, further
from forecast.facts.tables.rounds import MOST_DAYS, days_between, round_of_cell, rounds_of_values
from forecast.facts.words.column_words import (
    are_sexes,
    counted_in_parts,
    is_channel,
    is_total,
    role_of,
    without_sex,
    words_of,
)
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns

TOKEN = re.compile(r"[^\W\d_]+|\d+")
BETWEEN = " \t_.,:;-–—([#/|)]"
APART = re.compile(r"[(\[:/|]|\s[-–—]\s")
"""What stands between somebody's name and what is no word of it."""
FEWEST = 2
"""People who have the same parts, and parts that they have."""
MOST_PARTS = 40
"""Most parts of a person that are compared."""
ENOUGH = 100
"""People below which sums agree by accident."""
AGAIN = 0.5
"""Fewest votes of a runoff, as a fraction of the first round's, where no word says that it is one;
second preferences are fewer."""
JOINED = ({"x", "y"}, {"left", "right"})
"""What programs add, behind a mark, to the columns of two tables that they put side by side."""
PAIRS = (*JOINED, {"primary", "general"})
"""What tells such tables apart, or two elections."""
COUNTS = {"registered", "ballots", "valid", "invalid", "abstention", "turnout"}
NO_COUNTS = {"code", "percent", "margin", "area", "year", "date", "turnout"}
"""Roles of words of what is told beside somebody's votes."""
NOTED = 3
MOST_NAMES = 20_000
"""Names whose meaning is remembered."""

Words = tuple[str, ...]


@dataclass(frozen=True)
class Parted:
    """Columns of the same people.

    Parameters
    ----------
    parts : mapping of str to mapping of str to str
        What tells columns of one person apart, in order, to person to column; an empty text is
        the name alone.
    first : bool
        Whether that stands before the name.
    every : bool
        Whether these are all columns that may be people.
    """

    parts: Mapping[str, Mapping[str, str]]
    first: bool
    every: bool

    @property
    def everybody(self) -> dict[str, dict[str, str]]:
        """The columns of every person, by part."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for part, columns in self.parts.items():
            for person, name in columns.items():
                found[person][part] = name
        return found

    @property
    def people(self) -> dict[str, dict[str, str]]:
        """Those of everybody who has two or more."""
        return {who: names for who, names in self.everybody.items() if len(names) >= FEWEST}


def parted_people(columns: Columns) -> Parted | None:
    """Return the columns of the same people: two names or more with two same endings or beginnings.

    People of one name and many numbers, such as "List 1" and "List 2", are different. Columns of
    which the user says something are left as they are.

    Examples
    --------
    >>> names = ("Ada mail", "Ada booth", "Ben mail", "Ben booth")
    >>> found = parted_people(Columns(where="t", values=dict.fromkeys(names, [300, 200])))
    >>> found.parts["mail"], list(found.parts)
    ({'Ada': 'Ada mail', 'Ben': 'Ben mail'}, ['mail', 'booth'])
    """
    beside = {**asides(columns.names), **further(columns.names)}
    names = [n for n in columns.free if n not in beside and _may_be_a_person(columns, n)]
    ends = Counter(part for n in names for first in (False, True) for part, *_ in _splits(n, first))
    names = [n for n in names if not _counts_others(n, ends)]
    found = [(_group(names, first), first) for first in (False, True)]
    parts, first = max(found, key=lambda pair: _size(pair[0]))
    inside = {name for people in parts.values() for name in people.values()}
    return Parted(parts, first, inside == set(names)) if parts else None


def _may_be_a_person(columns: Columns, name: str) -> bool:
    counts = columns.kind(name) == "whole"
    of_everybody = counted_in_parts(name).strip()  # "Voters, women"
    return counts and not of_everybody and words_of(name) in ((), ("votes",))


def _counts_others(name: str, ends: Mapping[Words, int]) -> bool:
    """Return whether a name is a known word, such as "invalid", with what others have, too."""
    words = _words(name)
    cuts = [(words[:k], words[k:]) for k in range(1, len(words))]
    pairs = (*cuts, *(cut[::-1] for cut in cuts))
    return any(
        ends[part] > max(FEWEST, ends[base])
        and role_of(" ".join(base)) in COUNTS
        and not is_channel(" ".join(base))
        for base, part in pairs
    )


def _size(parts: Mapping[str, Mapping[str, str]]) -> tuple[int, int, int]:
    """Return how well a set of endings explains names: by columns, by what is known, by length."""
    known = sum(_is_marker(part) for part in parts)
    return sum(map(len, parts.values())), known, sum(map(len, parts))


def _is_marker(part: str) -> bool:
    """Return whether what tells columns apart is no word of a name."""
    words = _words(part)
    numbered = any(map(str.isdigit, words)) or all(len(word) == 1 for word in words)
    known = is_channel(part) or is_total(part) or words_of(part) or round_of_cell(part)
    return bool(numbered or known or without_sex(part))


def _group(names: Sequence[str], first: bool) -> dict[str, dict[str, str]]:
    """Return the largest set of endings (or beginnings) that people share, to person to column."""
    table: dict[Words, dict[Words, str]] = defaultdict(dict)
    shown: dict[Words, str] = {}
    for name in names:
        for part, base, text, person in _splits(name, first):
            table[part].setdefault(base, name)
            shown.setdefault(part, text)
            shown.setdefault(base, person)
    table = {
        part: {base: name for base, name in people.items() if not _no_person(" ".join(base))}
        for part, people in table.items()
        if len(people) >= FEWEST
    }
    of: dict[Words, list[Words]] = defaultdict(list)
    for part, people in table.items():
        for base in people if len(people) >= FEWEST else ():
            of[base].append(part)
    pairs = Counter(
        pair for parts in of.values() for pair in combinations(sorted(parts[:MOST_PARTS]), 2)
    )
    linked: list[set[Words]] = []
    for pair in (pair for pair, times in pairs.items() if times >= FEWEST):
        joined = [group for group in linked if group.intersection(pair)]
        linked = [*(group for group in linked if group not in joined), set(pair).union(*joined)]
    place = {name: k for k, name in enumerate(names)}
    best: dict[str, dict[str, str]] = {}
    for group in linked:
        ended = {name for part in group if part for name in table[part].values()}
        parts = {
            shown[part]: {shown[b]: n for b, n in table[part].items() if part or n not in ended}
            for part in sorted(group, key=lambda p: min(place[n] for n in table[p].values()))
        }
        best = max(best, parts, key=_size)
    return best


@lru_cache(MOST_NAMES)
def _splits(name: str, first: bool) -> list[tuple[Words, Words, str, str]]:
    """Return every way to part a name: what tells it apart and whose it is, compared and shown."""
    spots = [(m.start(), m.end()) for m in TOKEN.finditer(name)]
    words = tuple(folded(name[a:b]) for a, b in spots)
    found: list[tuple[Words, Words, str, str]] = [((), words, "", name)] if words else []
    for k in range(1, len(spots)):
        head, tail = name[: spots[k - 1][1]], name[spots[k][0] :]
        closed = re.match(r"[)\]]+", name[spots[k - 1][1] :])
        if first:
            found.append((words[:k], words[k:], head, tail))
        else:
            found.append((words[k:], words[:k], tail.rstrip(")]"), head + (closed or [""])[0]))
    return found


@lru_cache(MOST_NAMES)
def _no_person(text: str) -> bool:
    """Return whether a text is a number, a word for what is counted, or for the way to vote."""
    known = is_channel(text) or words_of(text) not in ((), ("votes",))
    return known or text.replace(" ", "").isdigit()


def rounds_of_people(columns: Columns) -> dict[str, tuple[str, int]]:
    """Return names without their rounds, and these, where people have columns of two."""
    parted = parted_people(columns)
    rounds = _rounds(columns, parted) if parted else {}
    if parted is None or not rounds:
        return {}
    named = {
        name: (person, rounds[part])
        for part, people in parted.parts.items()
        for person, name in people.items()
    }
    named |= {name: (name, rounds[next(iter(parted.parts))]) for name in _alone(columns, parted)}
    marks = {_words(part): which for part, which in rounds.items()}
    rest: dict[str, dict[int, str]] = defaultdict(dict)
    for name in (n for n in columns.free if n not in named):
        for part, which in marks.items():
            text = _without(name, part, parted.first)
            if text:
                rest[text].setdefault(which, name)
    for text, both in rest.items():
        named |= {name: (text, which) for which, name in both.items() if len(both) == FEWEST}
    return named


def _without(name: str, part: Words, first: bool) -> str:
    """Return the name of a column without what tells it apart, empty if it has nothing of it."""
    spots = list(TOKEN.finditer(name))
    words, k = _words(name), len(part)
    if len(words) <= k or (words[:k] if first else words[len(words) - k :]) != part or not k:
        return "" if k else name
    return name[spots[k].start() :] if first else name[: spots[-k].start()].rstrip(BETWEEN)


def _words(text: str) -> Words:
    return tuple(folded(word) for word in TOKEN.findall(text))


def _rounds(columns: Columns, parted: Parted) -> dict[str, int]:
    """Return the round of each of two parts, as words or days say; empty if they are no rounds.

    Numbers, ordinals, months and what programs add are rounds where some of the people of the one
    have no votes in the other, which has the two leaders and at least half as many votes, as in a
    runoff and unlike second preferences.
    """
    if len(parted.parts) != FEWEST:
        return {}
    (one, here), (two, there) = parted.parts.items()
    told = rounds_of_values([one, two]) if one else {}
    days = _days(one, two)
    if told and abs(days) <= MOST_DAYS:
        return told
    columns_of = {one: {**here, **{n: n for n in _alone(columns, parted)}}, two: dict(there)}
    votes = {part: {person: int(columns.partial_counts(name)[0].sum())
                    for person, name in people.items()}
             for part, people in columns_of.items()}  # fmt: skip
    people = {part: {person for person, n in own.items() if n} for part, own in votes.items()}
    less, more = sorted(people, key=lambda part: len(people[part]))
    if not people[less] < people[more] or not (days or _counted(more, less)):
        return {}
    leaders = sorted(people[more], key=lambda person: -votes[more][person])[:FEWEST]
    if not people[less].issuperset(leaders) or not _joined(parted):
        return {}
    again = sum(votes[less].values()) >= AGAIN * sum(votes[more][p] for p in parted.parts[more])
    return {more: 1, less: 2} if again else {}


def _joined(parted: Parted) -> bool:
    """Return whether x and y, or left and right, are behind a mark, as no words of a name are."""
    if {folded(part) for part in parted.parts} not in JOINED:
        return True
    pairs = ((part, name) for part, people in parted.parts.items() for name in people.values())
    return not parted.first and all(name[: -len(part)].endswith(("_", ".")) for part, name in pairs)


def _alone(columns: Columns, parted: Parted) -> list[str]:
    """Return people of the table of the first part who have no column of the second, nor a mark."""
    (one, here), (two, there) = parted.parts.items()
    after = min(columns.names.index(name) for name in there.values())
    names = [n for n in columns.names[:after] if one and n not in here.values()]
    names = [n for n in names if _may_be_a_person(columns, n)]
    marks = (_words(one), _words(two))
    return [n for n in names if not any(_without(n, mark, parted.first) for mark in marks)]


def _counted(first: str, second: str) -> bool:
    """Return whether two parts are numbered 1 and 2, or are a usual pair without numbers."""
    pair = [folded(first), folded(second)]
    if set(pair) in PAIRS:
        return True
    numbers = [re.findall(r"\d+", text) for text in pair]
    frames = [re.sub(r"\d+", "", text) for text in pair]
    if numbers == [["1"], ["2"]]:
        return frames[0] == frames[1] or bool(round_of_cell(first) and round_of_cell(second))
    if not first:
        return pair[1] in ("1", "2")
    return [round_of_cell(first), round_of_cell(second)] == [1, 2]


def _days(one: str, two: str) -> int:
    """Return the days between two days, or months; 0 if they are none or the same."""
    texts = [[f"{before}{text}{after}" for text in (one, two)]
             for before in ("", "1 ") for after in ("", " 2000")]  # fmt: skip
    return next(filter(None, map(days_between, texts)), 0)


def whole_people(columns: Columns) -> Columns:
    """Return one round with one column for everybody of whom there are parts.

    Their total is taken where there is one, by its name or by arithmetic; else parts are summed if
    all are known ways to vote, or the sexes. Raises `InputError` if nobody can tell what the
    columns of one person are.
    """
    if "ignored" in columns.said.values():
        _refuse_some_of_a_part(columns)
    parted = parted_people(columns)
    if parted is None:
        return columns
    parts = list(parted.parts)
    total = _total(columns, parted)
    if total is not None:
        rest = ", ".join(p for p in parts if p != total)[:80]
        note = Message("votes are {column}; parts of them, or beside them: {parts}",
                       column=total, parts=rest)  # fmt: skip
        alone = Message("votes are those by name alone; parts of them, or beside them: {parts}",
                        parts=rest)  # fmt: skip
        return _replaced(columns, parted, total).noting(note if total else alone)
    if all(part and is_channel(part) for part in parts) or are_sexes(parts):
        note = Message("votes are sums of {parts}", parts=", ".join(parts))
        return _replaced(columns, parted, None).noting(note)
    if not _are_of_somebody(parted):
        return columns
    person, names = next(iter(parted.people.items()))
    other = next(p for p in parted.people if p != person)
    listed = ", ".join(map(repr, list(names.values())[:NOTED]))
    raise InputError(
        f"{columns.where}: everybody must have one column of votes - {listed} are of {person!r}, "
        f"and {other!r} has the same; say which columns do not count, as parts or another round, "
        f"with columns= ({_said(parted.parts[parts[-1]].values(), 'ignored')}), or that these are "
        f"different people ({_said(list(names.values())[1:], 'candidate')})"
    )


def _are_of_somebody(parted: Parted) -> bool:
    """Return whether parts are no words of names: known, two days, or behind a bracket or dash."""
    parts = list(parted.parts)
    if all(map(_is_marker, parts)) or (len(parts) == FEWEST and _days(*parts)):
        return True
    pairs = [(part, name) for part, people in parted.parts.items() for name in people.values()]
    return parted.every and all(part and APART.search(name) for part, name in pairs)


def _refuse_some_of_a_part(columns: Columns) -> None:
    """Raise `InputError` if a part is ignored for some of its people and not said for others."""
    said = columns.said
    kept = {n: role for n, role in said.items() if role != "ignored"}
    parted = parted_people(replace(columns, said=kept))
    if parted is None or not (_are_of_somebody(parted) or _total(columns, parted) is not None):
        return
    several = {name for names in parted.people.values() for name in names.values()}
    for part, people in parted.parts.items():
        names = [name for name in people.values() if name in several]
        left = [name for name in names if name not in said]
        if part and left and len(left) < len(names):
            ignored = next(name for name in names if name in said)
            raise InputError(
                f"{columns.where}: a part must be ignored for everybody or nobody - {ignored!r} is "
                f"ignored and {left[0]!r} is not; say it of all with columns= "
                f"({_said(left, 'ignored')})"
            )


def _said(names: Iterable[str], role: str) -> str:
    """Return what the command line takes to say a role of columns."""
    return " ".join(f"--columns '{name}={role}'" for name in names)


def _total(columns: Columns, parted: Parted) -> str | None:
    """Return the part that is the sum of the others, or called so, or beside which are notes."""
    people = [names for names in parted.people.values() if len(names) == len(parted.parts)]
    counts = [{p: columns.partial_counts(n)[0] for p, n in names.items()} for names in people]
    for part in parted.parts if people else ():
        rest = [[own[p] for p in own if p != part] for own in counts]
        pairs = [(own[part], np.array(others)) for own, others in zip(counts, rest, strict=True)]
        whole = sum(int(own.sum()) for own, _ in pairs)
        sums = len(parted.parts) > FEWEST and whole >= ENOUGH
        if sums and all((own == others.sum(axis=0)).all() for own, others in pairs):
            return part
        if is_total(part, whole=True) and all((own >= others).all() for own, others in pairs):
            return part
    for part in parted.parts:
        beside = {role_of(other) for other in parted.parts if other != part}
        if (not part or role_of(part) == "votes") and beside <= NO_COUNTS:
            return part
    return None


def _replaced(columns: Columns, parted: Parted, total: str | None) -> Columns:
    """Return a table in which everybody has one column: a part, or the sum of what there is."""
    every = parted.everybody
    first = {next(iter(names.values())): person for person, names in every.items()}
    inside = {name for names in every.values() for name in names.values()}
    values: dict[str, Sequence[object]] = {}
    for name, cells in columns.values.items():
        if name in first:
            person, names = first[name], every[first[name]]
            taken = person in columns.names and person not in names.values()
            kept = [names[total]] if total in names else list(names.values())
            one = columns.values[kept[0]]
            values[name if taken else person] = columns.summed(kept) if len(kept) > 1 else one
        elif name not in inside:
            values[name] = cells
    return replace(columns, values=values)
