"""Layouts of official tables, turned into one row per unit and one table per round.

Understood are tables with a column per candidate, rows of unit, candidate, votes, one table of
candidates without units, and ministries' blocks of columns that repeat for every candidate; each
of one round or of both.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from forecast.errors import InputError
from forecast.facts.tables.lettered_columns import lettered
from forecast.facts.tables.long_tables import (
    ABOUT_UNITS,
    NAMES,
    is_outcome,
    leads,
    long_columns,
    with_headings,
    with_labels_of_kinds,
)
from forecast.facts.tables.parted_people import rounds_of_people, whole_people
from forecast.facts.tables.roles_said import check_said, role_in
from forecast.facts.tables.rounds import (
    is_round,
    refuse_unsaid_rounds,
    round_by_values,
    round_of_cell,
    round_of_name,
    rounds_of_values,
)
from forecast.facts.tables.thousands import refuse_thousands
from forecast.facts.tables.turned_tables import refuse_turned, upright
from forecast.facts.tables.unit_columns import unit_cells
from forecast.facts.tables.unnamed_totals import with_named_totals
from forecast.facts.tables.ways_to_vote import units_of_ways
from forecast.facts.words.column_words import has_votes, is_filler, is_total, role_of, words_of
from forecast.facts.words.names import one_spelling
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import bare_counts, filled_down, given_texts, is_missing

VOTES_OF = re.compile(r"(.*\w[)\]]?)[\s\-–:(_]+(\w+)\)?")
"""A name of a person and a word behind it."""
HEADING = ("votes", "candidate", "filler")
CANDIDATES = word_list("candidates")
"""What a heading over the names of several candidates says."""
MATTER = ("registered", "ballots", "invalid", "region", "counted")
"""Roles of columns that must say the same of a unit on all of its rows."""
LIST = re.compile(r"list[ae]? (?:\d{1,3}|[a-z])")
"""The name of one of several lists that stand, as folded."""
CODED = {
    "vol seznam": "registered", "odevz obal": "ballots", "pl hl celk": "valid",
    **dict.fromkeys(("vyd obalky", "oprava", "chyba", "typ form"), "ignored"),
}  # fmt: skip
"""Columns that the Czech statistical office shortens so that no word of them is whole."""
FEWEST = 3
"""Rows of a table whose last row may sum up the others."""
ROUNDS = 2


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One round of a table, one row per unit.

    Parameters
    ----------
    columns : Columns
        The table.
    candidates : tuple of str
        Columns that are candidates for certain, as rows named them; empty in a wide table.
    named_by : tuple of str
        Columns that the names of units were made of.
    of_people : mapping of str to str
        Columns that say something of candidates, and why they are left out.
    """

    columns: Columns
    candidates: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()
    of_people: Mapping[str, str] = field(default_factory=dict)


def laid_out(columns: Columns, known: Collection[str] = ()) -> dict[int, Layout]:
    """Return the rounds that a table tells of: 1 and 2, or 0 where it does not say which.

    What the user may say of columns are `forecast.facts.tables.roles_said.ROLES`. Raises
    `InputError` if what is said names no column, a round is neither 1 nor 2, or a pair occurs
    twice.
    """
    columns = upright(decoded(_renamed(columns, _rounds_of_rows(columns) or {})))
    check_said(columns)
    refuse_thousands(columns)
    columns = _with_total(_without_crosses(_with_bare_counts(columns)))
    columns = with_named_totals(with_labels_of_kinds(with_headings(columns)))
    columns = _without_votes(_without_heading(_filled_down(_with_labels(columns))))
    blocks = _blocks(columns)
    if blocks:
        return {0: _of_blocks(columns, blocks)}
    found: dict[int, Layout] = {}
    for which, part in _by_round(columns).items():
        person, votes, rows = long_columns(part)
        if person:
            for number, name in votes.items():
                only = rows.without({*votes.values()} - {name})
                layout = _of_rows(only, person, name, known)
                gone = {
                    n: "code" for n in part.names if n not in rows.names and role_of(n) == "code"
                }
                gone |= dict.fromkeys((n for n in votes.values() if n != name), "the other round")
                found[number or which] = replace(layout, of_people={**gone, **layout.of_people})
        else:
            refuse_turned(part)
            table = units_of_ways(part)
            table = table.saying({**_numbered_lists(table), **table.said})
            wide = {which: Layout(columns=table)} if which else _by_suffix(table)
            for n, layout in wide.items():
                found[n] = replace(layout, columns=whole_people(layout.columns))
    return found


def decoded(columns: Columns) -> Columns:
    """Return a table with what its columns with the codes or letters of an office are."""
    found = {name: CODED[folded(name)] for name in columns.names if folded(name) in CODED}
    several = len({*found.values()} - {"ignored"}) > 1
    return columns.saying({**(found if several else lettered(columns)), **columns.said})


def _numbered_lists(columns: Columns) -> dict[str, str]:
    """Return columns called "List A", "List B" or "List 1", "List 2" as candidates."""
    lists = columns.of_kind("whole", (n for n in columns.names if LIST.fullmatch(folded(n))))
    return dict.fromkeys(lists, "candidate") if len(lists) > 1 else {}


def _with_bare_counts(columns: Columns) -> Columns:
    """Return a table whose counts stand alone: "300" for "300 (42.1%)"."""
    values = {n: cells if {"unit", "region", "code", "counted"}.intersection((n, *words_of(n)))
              else bare_counts(cells) for n, cells in columns.values.items()}  # fmt: skip
    return replace(columns, values=values)


def _without_crosses(columns: Columns) -> Columns:
    """Return a table in which votes that are a cross are missing: of who is not in a runoff."""
    crossed = {n: [None if str(c).strip() in ("X", "x") else c for c in columns.values[n]]
               for n in columns.names
               if has_votes(n) or role_of(n) in ("percent", "registered")}  # fmt: skip
    return columns.with_columns({n: c for n, c in crossed.items() if any(map(given_texts, [c]))})


def _with_total(columns: Columns) -> Columns:
    """Return a table in which a last row without a name that sums up all others is called so."""
    if len(columns) < FEWEST:
        return columns
    last = {n: is_missing(cells[-1]) for n, cells in columns.values.items()}
    texts = [n for n, missing in last.items() if missing and _may_name(columns, n)]
    named = [n for n, missing in last.items() if not missing]
    named = [n for n in named if columns.kind(n) != "number"]  # percentages
    if not texts or len(named) < 2 or columns.of_kind("whole", named) != named:
        return columns
    counts = columns.sound_counts(named)
    if len(counts) < len(named) or any(own[-1] != own[:-1].sum() for own in counts.values()):
        return columns
    values = {n: [*columns.values[n][:-1], "Total"] for n in texts}
    return columns.with_columns(values)


def _filled_down(columns: Columns) -> Columns:
    """Return a table in which merged cells of places are filled: each name stands once, on top."""
    filled = {}
    for name in (n for n in columns.names if role_in(columns, n) in ("region", "unit")):
        cells = columns.values[name]
        given = [str(cell) for cell in cells if str(cell or "").strip()]
        merged = 1 < len(set(given)) == len(given) and 3 * len(given) <= 2 * len(cells)
        if merged and not is_missing(cells[0]):
            filled[name] = filled_down(cells)
    return columns.with_columns(filled)


def _without_heading(columns: Columns) -> Columns:
    """Return a table whose candidates are not called "Votes for candidates Ada" but "Ada"."""
    short = {}
    for name in columns.names:
        words = name.split()
        known = [role_of(word) or ("filler" if not folded(word) or is_filler(word) else "")
                 for word in words]  # fmt: skip
        n = next((k for k, role in enumerate(known) if role not in HEADING), len(words))
        head, rest = words[:n], " ".join(words[n:])
        plural = len(head) == 1 and folded(head[0]) in CANDIDATES
        if len(rest) > 1 and not words_of(rest) and (("votes" in known[:n] and n > 1) or plural):
            short[name] = rest
    return _renamed(columns, short)


def _with_labels(columns: Columns) -> Columns:
    """Return a table in whose rows of totals the label stands in all columns that name units.

    Official tables write "Total" into one of these columns and leave the others empty, and leave
    that of candidates empty in rows of ballots, too.
    """
    free = columns.free
    people = [n for n in free if role_of(n) == "candidate"]
    texts = columns.of_kind("text", free) if people else []
    names = [n for n in free if n in {*people, *texts} or _may_name(columns, n)]
    cells = {n: list(columns.values[n]) for n in names}
    empty = {n: [i for i, cell in enumerate(c) if is_missing(cell)] for n, c in cells.items()}
    few = {n for n, rows in empty.items() if n in people
           or (rows and 2 * len(rows) <= len(columns) and _may_name(columns, n))}  # fmt: skip
    for name in few:
        for i in empty[name]:
            found = (str(c[i]).strip() for n, c in cells.items() if i not in empty[n])
            about = (*ABOUT_UNITS, "margin") if name in people else ()
            label = next((t for t in found if is_total(t) or role_of(t) in about
                          or (about and is_outcome(t))), "")  # fmt: skip
            cells[name][i] = label or cells[name][i]
    return columns.with_columns({n: cells[n] for n in few})


def _may_name(columns: Columns, name: str) -> bool:
    """Return whether a column speaks of places by its name, or is text of an unknown kind."""
    if words_of(name):
        return role_of(name) in ("unit", "region", "contest", "code")
    return columns.kind(name) == "text"


def _without_votes(columns: Columns) -> Columns:
    """Return a table whose candidates are not called "Ada - votes" but "Ada"."""
    short = {}
    for name in columns.names:
        parted = VOTES_OF.fullmatch(name)
        base, last = parted.groups() if parted else ("", "")
        named = base and not words_of(base) and (len(base) == 1 or not words_of(name))
        if named and role_of(last) == "votes" and not is_round(base):
            short[name] = base
    return _renamed(columns, short if _rounds_of_rows(columns) is None else {})


def _rounds_of_rows(columns: Columns) -> dict[str, str] | None:
    """Return names of two columns of votes of candidates' rows by round, None if they are none.

    Words say the rounds, and then the names may stay; or all who have numbers in one column have
    them in the other, and most of the others have none: these are out.
    """
    people = (n for n in columns.names if role_of(n) == "candidate")
    parted = {n: x for n in columns.names if (x := VOTES_OF.fullmatch(n))}
    votes = [n for n, x in parted.items() if role_of(x[2]) == "votes"]
    if len(votes) != ROUNDS or not columns.of_kind("text", people):
        return None
    if {round_of_name(name)[1] for name in votes} == {1, 2}:
        return {}
    rows = {n: {i for i, cell in enumerate(columns.values[n]) if not is_missing(cell)}
            for n in votes}  # fmt: skip
    first, second = sorted(votes, key=lambda n: len(rows[n]), reverse=True)
    if not rows[second] < rows[first] or len(rows[first]) < FEWEST:
        return None
    return {first: "Votes (1st round)", second: "Votes (2nd round)"}


def _renamed(columns: Columns, short: Mapping[str, str]) -> Columns:
    """Return a table some of whose columns have shorter names, if they are several and unique."""
    taken = set(columns.names) | set(short.values())
    if len(short) < 2 or len(taken) < len(columns.names) + len(short):
        return columns
    return columns.renamed(short)


def round_column(columns: Columns) -> str:
    """Return the column that tells rounds apart, empty if there is none.

    That is one that is said to, one called so, or one that holds two days or words for rounds.
    """
    told = [n for n in columns.names if columns.said.get(n) == "round"]
    called = [n for n in columns.free if role_of(n) == "round"]
    name = (*told, *sorted(called, key=lambda n: n != "round"), "")[0]
    if told or (name and all(map(round_of_cell, columns.values[name]))):
        return name
    return round_by_values(columns)


def _by_round(columns: Columns) -> dict[int, Columns]:
    """Return the rows of each round, by a column that says it."""
    name = round_column(columns)
    if not name:
        return {0: columns}
    cells = columns.values[name]
    known = rounds_of_values(cells)
    rounds = np.array([known.get(str(cell).strip()) or round_of_cell(cell) for cell in cells])
    for i in np.flatnonzero(rounds == 0).tolist()[:1]:
        raise InputError(
            f"{columns.row(i)}: {name!r} must be 1 or 2, words for rounds, or one of two days - "
            f"found {str(cells[i])[:40]!r}"
        )
    table = columns.without([name])
    rows = {which: np.flatnonzero(rounds == which).tolist() for which in (1, 2)}
    parts = {which: table.select(kept) for which, kept in rows.items() if kept}
    return parts if len(parts) > 1 else {0: next(iter(parts.values()))}


def of_round(columns: Columns, which: int) -> Columns:
    """Return the rows of one round where a column tells rounds apart, else all."""
    try:
        rounds = _by_round(columns)
    except InputError:  # a broken cell is named once the table is laid out
        return columns
    return rounds.get(which) or next(iter(rounds.values()))


def _by_suffix(columns: Columns) -> dict[int, Layout]:
    """Return both rounds of a wide table in which the names of columns say the round."""
    named = {name: round_of_name(name) for name in columns.free}
    named = _other_round({n: (_votes_of(base, named), k) for n, (base, k) in named.items()})
    numbers = [which for _, which in named.values()]
    if numbers.count(1) < 2 or numbers.count(2) < 2:
        named = rounds_of_people(columns)
    if not named:
        return {0: Layout(columns=columns)}
    rounds = {}
    for which in (1, 2):
        values = {
            (named[name][0] if name in named and named[name][1] else name): cells
            for name, cells in columns.values.items()
            if name not in named or named[name][1] in (0, which)
        }
        rounds[which] = Layout(columns=replace(columns, values=values))
    return rounds


def _votes_of(base: str, names: Collection[str]) -> str:
    """Return a name without words for votes, if another column is called so."""
    short = " ".join(word for word in base.split() if role_of(word) != "votes")
    return short if short in names else base


def _other_round(named: Mapping[str, tuple[str, int]]) -> dict[str, tuple[str, int]]:
    """Return names with their rounds, where all that say one are of the same round.

    Beside "Ada (first round)" a column "Ada" is of the second, and beside "Ada runoff" and "Ben
    runoff" the columns "Ada", "Ben", "Cyd" and "invalid" are of the first.
    """
    said = {base: which for base, which in named.values() if which}
    people = {base for base in said if not words_of(base)}
    if len(people) < 2 or len(set(said.values())) > 1 or not people <= named.keys():
        return dict(named)
    other = 3 - next(iter(said.values()))
    return {n: (n, other) if not which and _of_one_round(n) else (base, which)
            for n, (base, which) in named.items()}  # fmt: skip


def _of_one_round(name: str) -> bool:
    """Return whether a column is a person's or counts ballots, unlike lists and places."""
    return role_of(name) in ("", "ballots", "valid", "invalid", "abstention", "turnout", "total")


def _of_rows(columns: Columns, person: str, votes: str, known: Collection[str]) -> Layout:
    """Return rows of unit, candidate, votes as one row per unit."""
    said, about = columns.said, [n for n in columns.names if n not in (person, votes)]
    units, used = unit_cells(columns, about, columns.texts(person), known)
    names, notes = one_spelling(columns.texts(person), units)
    if not said:
        refuse_unsaid_rounds(columns, used, names)
    kept = {name: columns.values[name] for name in about if name not in used}
    place = {unit: u for u, unit in enumerate(dict.fromkeys(units))}
    rows = np.array([place[unit] for unit in units])
    first = np.unique(rows, return_index=True)[1].tolist()
    values: dict[str, Sequence[object]] = {"unit": tuple(place)}
    for name, cells in kept.items():
        changes = [i for i, u in enumerate(rows) if cells[i] != cells[first[u]]]
        if not changes:
            values[name] = [cells[i] for i in first]
        elif (
            role_in(columns, name) in MATTER
            and (name in said or name == "region" or columns.kind(name) != "text")
            and not _numbers_people(columns, name, votes)
        ):
            i = int(changes[0])
            raise InputError(
                f"{columns.row(i)}: {name!r} must be the same on every row of a unit - found "
                f"{cells[i]!r} and {cells[first[rows[i]]]!r} in {units[i]!r}; correct it"
            )
    counts, given = columns.partial_counts(votes)
    wide = _wide(columns, tuple(place), rows, names, np.where(given, counts, -1))
    layout = _layout(columns.noting(*notes), values, wide, used)
    left = [n for n in kept if n not in values and n not in said]
    return replace(layout, of_people=dict.fromkeys(left, "of candidates"))


def _numbers_people(columns: Columns, name: str, votes: str) -> bool:
    """Return whether a column is the number of candidates on a list or ballot, not of people."""
    if name in columns.said or role_of(name) not in ("registered", "ballots"):
        return False
    numbers, most = (columns.partial_counts(n)[0] for n in (name, votes))
    return bool((numbers < most.max()).all()) and len(set(numbers.tolist())) == len(numbers)


def _wide(
    columns: Columns, units: Sequence[str], rows: Any, names: Sequence[str], counts: Any
) -> dict[str, list[object]]:
    """Return a column per name over all units; None where there is no row of it or no number.

    Invalid ballots that have rows elsewhere are 0 where they have none, as rows without votes are
    left out.
    """
    place = {name: k for k, name in enumerate(dict.fromkeys(names))}
    where = np.array([place[name] for name in names])
    pairs = rows * len(place) + where
    once = np.unique(pairs, return_index=True)[1]
    if len(once) < len(pairs):
        i = int(np.setdiff1d(np.arange(len(pairs)), once)[0])
        raise InputError(
            f"{columns.row(i)}: a candidate must occur once per unit - found {names[i]!r} "
            f"again in {units[rows[i]]!r}; merge the rows, or say which column tells rounds or "
            "contests apart with columns= (--columns 'NAME=round' or 'NAME=contest')"
        )
    table = np.full((len(place), len(units)), -1, dtype=np.int64)
    table[[role_of(name) == "invalid" for name in place]] = 0
    table[where, rows] = counts
    return {name: [None if x < 0 else x for x in table[k].tolist()] for name, k in place.items()}


def _layout(
    columns: Columns,
    values: dict[str, Sequence[object]],
    wide: Mapping[str, Sequence[object]],
    used: Sequence[str],
) -> Layout:
    """Return a layout of what rows said of units and of candidates."""
    for name in set(values) & set(wide):
        raise InputError(f"{columns.where}: {name!r} is a column and a candidate; rename one")
    about = {n for n in wide if role_of(n) in ABOUT_UNITS} | leads(wide)
    people = [n for n in wide if n not in about and words_of(n) != ("code", "unit")]
    said = {name: role for name, role in columns.said.items() if name in values}
    unknown = [n for n in values if n != "unit" and role_of(n) in ("", "candidate", "votes")]
    said |= {n: "ignored" for n in unknown if n not in said}  # else taken for candidates
    return Layout(
        columns=Columns(
            where=columns.where, values={**values, **wide}, said=said, notes=columns.notes
        ),
        candidates=tuple(people),
        named_by=tuple(used),
    )


class _Block(NamedTuple):
    """The columns of one candidate: of the votes, of parts of the name, and all of them."""

    votes: str
    people: tuple[str, ...]
    columns: tuple[str, ...]


def _blocks(columns: Columns) -> list[_Block]:
    """Return the blocks of columns that repeat for every candidate."""
    found: dict[int, dict[str, str]] = {}
    for name in columns.names:
        numbered = re.fullmatch(r"(.*\D)[\s_.]*(\d{1,3})", name)
        if numbered:
            found.setdefault(int(numbered[2]), {})[numbered[1].strip(" _.")] = name
    bases = found.get(1, {})
    votes = [b for b in bases if role_of(b) == "votes"]
    texts = {*columns.of_kind("text", bases.values())}
    people = [b for b in bases if bases[b] in texts and _names_a_person(b)]
    if len(found) < 2 or len(votes) != 1 or not people or len(bases) < 2:
        return []
    return [
        _Block(b[votes[0]], tuple(b[p] for p in people if p in b), tuple(b.values()))
        for b in found.values()
        if votes[0] in b and people[0] in b
    ]


def _names_a_person(base: str) -> bool:
    words = set(folded(base).split())
    if role_of(base) in ("party", "code"):
        return False
    return bool(NAMES & words) or (role_of(base) == "candidate" and "party" not in words_of(base))


def _of_blocks(columns: Columns, blocks: Sequence[_Block]) -> Layout:
    """Return a table with blocks of columns as one row per unit and one column per candidate."""
    inside = {name for block in blocks for name in block.columns}
    about = [name for name in columns.names if name not in inside]
    units, used = unit_cells(columns, about, None)
    rows, names, counts = [], [], []
    for block in blocks:
        people = [columns.values[name] for name in block.people]
        votes, given = columns.partial_counts(block.votes)
        for u, parts in enumerate(zip(*people, strict=True)):
            name = " ".join(str(part).strip() for part in parts if not is_missing(part))
            if name:
                rows.append(u)
                names.append(name)
                counts.append(int(votes[u]) if given[u] else -1)
    values: dict[str, Sequence[object]] = {"unit": units}
    values |= {name: columns.values[name] for name in about if name not in used}
    wide = _wide(columns, units, np.array(rows), names, np.array(counts))
    return _layout(columns, values, wide, used)
