"""Several contests on one ballot paper, told apart by a column: mayor and council."""

from __future__ import annotations

from collections.abc import Sequence

from forecast.display import Message
from forecast.errors import InputError, suggest
from forecast.facts.tables.asides import YEAR
from forecast.facts.tables.roles_said import role_in
from forecast.facts.tables.rounds import rounds_of_values
from forecast.facts.tables.ways_to_vote import are_ways
from forecast.facts.words.column_words import are_sexes, is_channel, is_office, role_of, words_of
from forecast.facts.words.names import matched_people
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing
from forecast.files.text import in_short

ABOUT, OUTCOMES = map(word_list, ("about people", "outcomes"))
"""Words of columns that are about candidates, and of what became of these."""
OFFICES = word_list("offices")
"""What people are elected to."""
YES, NO = map(word_list, ("yes", "no"))
OF_PEOPLE = ("registered", "ballots", "invalid", "abstention", "turnout", "percent")
"""What an "office" counts that is none, such as "Registered Voters"."""
ABOUT_CONTESTS = ("region", "contest", "code", "party", "date", "year", "round")
"""Roles of columns that say of a row which contest it is of."""


def refuse_two_elections(where: str, names: Sequence[str]) -> None:
    """Raise `InputError` if names of candidates say that they stood in different elections.

    That is where an office or a year stands in the names of two or more, and another or none in
    those of two or more others; or where somebody is there with a year and without.

    Examples
    --------
    >>> refuse_two_elections("t.csv", ["Ada", "Ben", "Senate: Cid", "Senate: Dan"])
    Traceback (most recent call last):
    ...
    forecast.errors.InputError: t.csv: must hold one election - by its name 'Senate: Cid' is of \
another than 'Ada'; say which are no candidates with columns= (--columns 'Senate: Cid=ignored')
    """
    words = {name: folded(name).split() for name in names}
    groups: dict[str, list[str]] = {}
    for name, own in words.items():
        found = [word for word in own if word in OFFICES or YEAR.fullmatch(word)]
        label = found[0] if len(found) == 1 < len(own) else ""
        groups.setdefault("yes or no" if {*own} <= {*YES, *NO} else label, []).append(name)
    several = [group for group in groups.values() if len(group) > 1]
    others = several[1:2] if len(several) > 1 else []
    for label, group in groups.items() if not others else ():
        mine = {
            word
            for word in words[group[0]]
            if len(word) > 2 and word != label and role_of(word) != "year"
        }
        if YEAR.fullmatch(label) and any(mine & {*words[n]} for n in names if n not in group):
            others, several = (
                [group],
                [[n for n in names if mine & {*words[n]} - {label}], *several],
            )
    for group in others:
        first = next(n for n in several[0] if n not in group)
        raise InputError(
            f"{where}: must hold one election - by its name {group[0]!r} is of another than "
            f"{first!r}; say which are no candidates with columns= (--columns "
            f"'{group[0]}=ignored')"
        )


def of_one_office(columns: Columns, chosen: str | None) -> tuple[Columns, tuple[str, ...]]:
    """Return the rows of one contest and a note, or all rows where no column tells several apart.

    One is chosen as its column names it, or by one of its candidates. Raises `InputError` if there
    are several contests and none of them is chosen.
    """
    name = _told_by(columns)
    if not name:
        return columns, ()
    cells = [str(cell).strip() for cell in columns.values[name]]
    offices = _offices(cells)
    if chosen is None and len(offices) == 1:
        return _of(columns, name, offices[0]), _counts_in(cells, name)
    if chosen is None:
        raise InputError(
            f"{columns.where}: must hold one contest - found {len(offices)} in column {name!r}: "
            f"{in_short(offices)}; choose one with contest= (--contest {offices[0]!r}), or if they "
            f"are none say so with columns= (--columns '{name}=ignored')"
        )
    wanted = [office for office in offices if folded(office) == folded(chosen)]
    wanted = wanted or _offices_of(columns, cells, [chosen])
    if len(wanted) != 1:
        raise InputError(
            f"{columns.where}: no contest {chosen!r} in column {name!r}; {suggest(chosen, offices)}"
        )
    part = _of(columns, name, wanted[0])
    said = "contest {contest}: {some} of {all} rows"
    note = Message(said, contest=wanted[0], some=len(part), all=len(columns))
    return part, (note, *_counts_in(cells, name))


def of_people(columns: Columns, people: Sequence[str]) -> Columns:
    """Return the rows of the only contest in which people stood, else all rows."""
    name = _told_by(columns)
    if not name:
        return columns
    cells = [str(cell).strip() for cell in columns.values[name]]
    offices = _offices_of(columns, cells, people)
    if len(offices) != 1:
        return columns
    return _of(columns, name, offices[0])


def _offices(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the offices that a column names, without counts of people if there are others."""
    named = tuple(dict.fromkeys(cells))
    return tuple(office for office in named if role_of(office) not in OF_PEOPLE) or named


def _counts_in(cells: Sequence[str], name: str) -> tuple[str, ...]:
    """Return a note of the counts of people that a column of offices names."""
    offices = _offices(cells)
    counts = [cell for cell in dict.fromkeys(cells) if cell not in offices]
    told = "{column}: {counts} are counts of people, of every contest in the same place"
    note = Message(told, column=repr(name), counts=", ".join(counts))
    return (note,) * bool(counts)


def _of(columns: Columns, name: str, office: str) -> Columns:
    """Return the rows of one contest, and those of the people in its places, named by the count.

    What the latter leave empty, such as a district, is as on the first row of the contest there.
    """
    cells = [str(cell).strip() for cell in columns.values[name]]
    own = [i for i, cell in enumerate(cells) if cell == office]
    people = columns.of_kind("text", _called(columns))[:1]
    offices = _offices(cells)
    counts = [i for i, cell in enumerate(cells) if cell not in offices]
    if not (people and counts):
        return columns.select(own)
    roles = {n: role_in(columns, n) for n in columns.names}
    told = [n for n, role in roles.items() if role == "unit" or "unit" in words_of(n)]
    told += [n for n, role in roles.items() if role == "region" and n not in told
             and not any(is_missing(columns.values[n][i]) for i in counts)]  # fmt: skip
    places = columns.rows_of(told)
    first = {places[i]: i for i in reversed(own)}
    labels = {role_of(str(columns.values[people[0]][i])) for i in own}
    parties = {n: {columns.values[n][i] for i in own} for n, r in roles.items() if r == "party"}
    rows = {
        i: first[places[i]]
        for i in counts
        if places[i] in first
        and (role_of(cells[i]) != "invalid" or "invalid" not in labels)  # blank in this contest
        and all(is_missing(c := columns.values[n][i]) or c in x for n, x in parties.items())
    }
    about = {n for n, role in roles.items() if role in ABOUT_CONTESTS and not is_channel(n)}
    filled = {n: [*columns.values[n]] for n in {*columns.of_kind("text"), *about}}
    for i, like in rows.items():
        for n, own_cells in filled.items():
            if n == name or is_missing(own_cells[i]):
                own_cells[i] = columns.values[n][like]
        filled[people[0]][i] = cells[i]
    return columns.with_columns(filled).select(sorted([*own, *rows]))


def _told_by(columns: Columns) -> str:
    """Return the column that tells apart contests in the same places, empty if there is none.

    It is called so, or it is text of an unknown kind and gives every candidate to one of its
    values, two or more to each.
    """
    given = columns.said
    names = [n for n in columns.names if given.get(n, "contest" * is_office(n)) == "contest"]
    names = [n for n in names if n in given or not rounds_of_values(columns.values[n])]
    names.sort(key=lambda n: columns.kind(n) != "text")
    ways = {n for n in names if are_ways([n]) or are_ways(columns.values[n])}  # "Election day"
    names = [n for n in names if n in given or n not in ways]
    names += [n for n in columns.free if _parts_people(columns, n)]
    for name in names:
        offices = list(map(str, columns.values[name]))
        places = _places(columns, name, offices)
        pairs = set(zip(places, offices, strict=True))
        if len(set(places)) < len(pairs) and (len(pairs) < len(columns) or _is_wide(columns)):
            return name
    return ""


def _places(columns: Columns, name: str, offices: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the place of each row; a district that belongs to an office is no part of it."""
    about = {n: role_in(columns, n) for n in columns.names if n != name}
    units = [n for n, role in about.items() if role == "unit" or "unit" in words_of(n)]
    places = columns.rows_of(units)
    within = list(zip(places, offices, strict=True))
    for n, role in about.items():
        cells = list(map(str, columns.values[n]))
        if role == "round" or (
            role == "region"
            and n not in units
            and (not units or len(set(zip(within, cells, strict=True))) > len(set(within)))
        ):
            units.append(n)
    return columns.rows_of(units)


def _parts_people(columns: Columns, name: str) -> bool:
    """Return whether an unknown column of text gives two or more candidates to each value."""
    people = _people(columns)
    unknown = words_of(name) in ((), ("code",))
    if not people or not unknown or columns.kind(name) != "text":
        return False
    if are_ways(columns.values[name]) or _about_people(name, columns.values[name]):
        return False
    stood: dict[str, set[str]] = {}
    for cell, person in zip(columns.values[name], people, strict=True):
        if not role_of(person):
            stood.setdefault(str(cell), set()).add(person)
    several = len(stood) > 1 and all(len(group) > 1 for group in stood.values())
    return several and sum(map(len, stood.values())) == len(set().union(*stood.values()))


def _about_people(name: str, cells: Sequence[object]) -> bool:
    """Return whether a column says what became of candidates, which sex they are, or yes and no."""
    kinds = {str(cell) for cell in cells if not is_missing(cell)}
    words = {folded(kind) for kind in kinds}
    if len(kinds) < 2 or (words <= YES | NO and words & NO):
        return True
    outcomes = all(not OUTCOMES.isdisjoint(folded(kind).split()) for kind in kinds)
    return outcomes or are_sexes(kinds) or not ABOUT.isdisjoint(folded(name).split())


def _called(columns: Columns) -> list[str]:
    """Return the columns that are called candidates."""
    return [n for n in columns.names if role_in(columns, n) == "candidate"]


def _people(columns: Columns) -> list[str]:
    """Return the cells of the column that names candidates, empty if there is none."""
    texts = columns.of_kind("text", _called(columns))
    return list(map(str, columns.values[texts[0]])) if texts else []


def _is_wide(columns: Columns) -> bool:
    """Return whether several columns may be candidates, so that no row is only one of them."""
    return len(columns.of_kind("whole", (n for n in columns.names if not words_of(n)))) > 1


def _offices_of(columns: Columns, cells: Sequence[str], people: Sequence[str]) -> list[str]:
    """Return the contests in which a column of candidates names some people."""
    stood = _people(columns)
    if not stood:
        return []
    meant = matched_people(people, {name: name for name in stood})
    return list(
        dict.fromkeys(c for c, name in zip(cells, stood, strict=True) if name in meant.values())
    )
