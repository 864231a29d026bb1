"""What the columns of a table of polls are: by their names, and by what its rows sum to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from forecast.arrays import grouped
from forecast.errors import InputError
from forecast.facts.poll_tables.cells import Share, is_empty, plain_text, share_of
from forecast.facts.poll_tables.sizes import sizes
from forecast.facts.poll_tables.sums import beyond, fitting, missing, nearer, outside
from forecast.facts.tables.asides import asides, further
from forecast.facts.tables.rounds import round_of_name, rounds_of_values
from forecast.facts.words.column_words import words_of
from forecast.facts.words.days import LATEST, UNTOLD, days_of_cells, is_month
from forecast.facts.words.poll_words import (
    ANSWERS,
    UNITS,
    beside_surname,
    is_surname,
    partly_known,
    role_of_answer,
    role_of_column,
)
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import unmarked

ASKED = ("", *ANSWERS)
"""Roles of columns of shares."""
SILENT = ("undecided", "would_not_vote", "blank")
"""Roles of columns of those who named nobody."""
NO_SHARE = (*ASKED, "number", "beside")
"""Roles of columns that are no candidate's whatever rows sum to."""
BEHIND_WEEKS = ("pollster", "start", "end", "published", "n")
"""Roles of columns behind one that numbers weeks."""
NUMBER = word_list("row number")
"""Words for the number of a row."""
NUMBERED = re.compile(r"(.*\S) ([1-9])")
"""A name and the number of the block of columns in which it comes again."""
PAIR, RUNOFF = 2, 2
"""People of a runoff, and the number of the first question about one."""
FEWEST = 2
"""Rows that are numbered by accident."""
ONLY_WITH = "rows sum to 100% only with it; read as a candidate's"
OUTSIDE = "rows exceed 100% with it, the others are shares of those who named somebody; left out"
WITHOUT = "rows sum to 100% without it; left out"
NEARER = "rows sum nearer to 100% without it; left out"
NEITHER = "may be no candidate's, as rows sum nearer to 100% without it; read as one"
TEXT = "the only text of an unknown name; read as who asked"
LARGE = "the only numbers above 100 of an unknown name; read as how many were asked"
DATED = "the only days of an unknown name; read as those of the field work"
PERCENT, MOST_ASKED = 100, 500_000
YEARS, SERIALS = range(1900, 2100), range(20_000, 80_000)
"""What spreadsheets leave of days."""
BETWEEN = "stands among candidates; read as one"


def roles_of_columns(
    columns: Columns, is_person: Callable[[str], bool]
) -> tuple[dict[str, list[str]], dict[str, tuple[str, int]], list[str]]:
    """Return columns by what they are, whom each is about and in which round, and notes.

    What nobody knows is an empty text. Where there is a column for each candidate, rows that sum to
    100% only with or without a column say what it is whatever its name. Where no column says how
    many were asked, one of the answers that were counted or weighted does, such as "unweighted n":
    see `sizes`. A name for which `is_person` holds is surely a candidate's.
    """
    roles, person = _by_name(columns, is_person)
    told, notes = sizes(columns, roles, is_person)
    roles |= told
    changes = {
        n: (role, "below a lesser head; left out") for n, role in roles.items() if role == "beside"
    }
    if not {"candidate", "share"} <= {*roles.values()}:
        kinds = _by_content(columns, roles, is_person)
        roles |= {name: role for name, (role, _) in kinds.items()}
        changes |= kinds | _unlike_names(columns, roles, person, is_person)
        roles |= {name: role for name, (role, _) in changes.items()}
    notes += [f"column {n!r}: {why}" for n, (_, why) in changes.items() if why]
    return grouped((role, name) for name, role in roles.items()), person, notes


def counts_rows(cells: Sequence[object]) -> bool:
    """Return whether a column only numbers the rows."""
    numbers = [str(k + 1) for k in range(len(cells))]
    return [str(x).strip().removesuffix(".") for x in cells] in (numbers, numbers[::-1])


def _by_name(
    columns: Columns, is_person: Callable[[str], bool]
) -> tuple[dict[str, str], dict[str, tuple[str, int]]]:
    roles, person = {}, {}
    heads, pairs = _heads(columns.names), _pairs(columns.names) | _by_day(columns)
    pairs |= _side_by_side(columns.names)
    ends = {(folded(other).split() or [""])[-1] for other in columns.names}
    for name in columns.names:
        said = heads.get(name, name)
        base, which = pairs.get(name) or _round(said)
        first = beside_surname(base)
        named = is_person(base) or (first and first not in ends)
        roles[name] = "" if named else role_of_column(said) or ""
        about = role_of_column(base) or "" if which else roles[name]
        if which and about in ASKED:
            roles[name] = about
        if not said:
            roles[name] = "beside"
        person[name] = (plain_text(base), which)
    paid = "sponsor" if "pollster" in roles.values() else "pollster"
    roles = {name: paid if role == "medium" else role for name, role in roles.items()}
    for name in (name for name, role in roles.items() if role == "sponsor"):
        cells = [cell for cell in columns.values[name] if not is_empty(cell)]
        if cells and all(map(share_of, cells)):
            roles[name] = "aside"
    return roles, person


def _round(name: str) -> tuple[str, int]:
    """Return a name without its round and what its numbers are in, and the round; 0 if none."""
    base, which = round_of_name(UNITS.sub("", name).rstrip(" %"))
    return (base, which) if which else (name, 0)


def _pairs(names: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return columns below a head that names two people, and no others, without it and its number.

    Each head is a question about a runoff of its own, from 2 on.
    """
    found: dict[str, tuple[str, int]] = {}
    number = RUNOFF
    for head, below in _below(names).items():
        people = [own for own in below if role_of_answer(own) not in ANSWERS]
        words = folded(head).split()
        rest = [w for w in words if w not in {x for own in people for x in folded(own).split()}]
        named = all({*folded(own).split()} <= {*words} for own in people)
        if len(people) == PAIR and named and len(rest) < len(words):
            found |= {name: (own, number) for own, name in below.items()}
            number += 1
    return found


def _side_by_side(names: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return columns of questions about pairs in blocks as long, without the number of the block.

    Names that come again in each block are numbered; each block is about a runoff of its own.
    """
    parted = {name: match for name in names if (match := NUMBERED.fullmatch(name))}
    most = max((int(match[2]) for match in parted.values()), default=1)
    own = [n for n in names if n in parted or role_of_column(n) in (None, *ANSWERS)]
    if most < PAIR:
        return {}
    size, answers = len(own) // most, (None, *ANSWERS)
    apart = size * most < len(own) or own != [*names[names.index(own[0]) :][: len(own)]]
    if apart or any(role_of_column(m[1]) not in answers for m in parted.values()):
        return {}
    found: dict[str, tuple[str, int]] = {}
    asked = set[frozenset[str]]()
    for number in range(1, most + 1):
        block = own[(number - 1) * size : number * size]
        bare = {n: parted[n][1] if n in parted else n for n in block}
        people = frozenset(own for own in bare.values() if role_of_column(own) is None)
        if len(people) != PAIR or any(n in parted and int(parted[n][2]) != number for n in block):
            return {}
        asked.add(people)
        found |= {n: (own, number + 1) for n, own in bare.items()}
    return found if len(asked) == most else {}


def _by_day(columns: Columns) -> dict[str, tuple[str, int]]:
    """Return columns that two days behind the same names tell apart without the day, and its round.

    Raises `InputError` if other words with numbers, such as "1st choice", do so.
    """
    heads: dict[frozenset[str], dict[str, dict[str, str]]] = {}
    for head, below in _below(columns.names).items():
        own = {tail: name for tail, name in below.items() if any(map(str.isdigit, tail))}
        if len(own) == PAIR and not role_of_column(head):
            heads.setdefault(frozenset(own), {})[head] = own
    for both, people in heads.items():
        said = any(_round(name)[1] for own in people.values() for name in own.values())
        if len(people) < PAIR or said or any(map(str.isdigit, both)):
            continue
        days = {tail: UNITS.sub("", tail).rstrip(" %") for tail in both}
        found = rounds_of_values([*days.values()])
        rounds = {tail: found[day] for tail, day in days.items() if found}
        if not rounds:
            name, other = next(iter(people.values())).values()
            raise InputError(
                f"{columns.where}: columns of the same people must say their rounds - found "
                f"{name!r} and {other!r}; write 'first round' and 'runoff' for "
                f"{' and '.join(sorted(both))}, or leave those of one out"
            )
        alone = {n: tail for tail in both for n in columns.names if n.endswith(f" {tail}")}
        return {n: (n.removesuffix(t).strip(), rounds[t]) for n, t in alone.items()}
    return {}


def _below(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the columns whose names begin alike, by their beginning and the rest of their name."""
    heads: dict[str, dict[str, str]] = {}
    for name in names:
        words = name.split()
        for k in range(1, len(words)):
            heads.setdefault(" ".join(words[:k]), {})[" ".join(words[k:])] = name
    return heads


def _heads(names: Sequence[str]) -> dict[str, str]:
    """Return columns below one of two heads by their names without it, none below the lesser head.

    The same people are below both, such as "All respondents" and "Decided voters", and answers
    below one. Heads of rounds are left alone.
    """
    heads = _below(names)
    held = {head: {*below} for head, below in heads.items() if len(below) > 1}
    full = [h for h, below in held.items() if any(role_of_answer(x) in ANSWERS for x in below)]
    pairs = [(a, b) for a in full for b in held if b != a and held[b] <= held[a]]
    if len({a for a, _ in pairs}) != 1 or any(round_of_name(f"{a} x")[1] for a, _ in pairs):
        return {}
    whole = pairs[0][0]
    lesser = {name: "" for _, head in pairs for name in heads[head].values()}
    return lesser | {name: own for own, name in heads[whole].items()}


def _by_content(
    columns: Columns, roles: Mapping[str, str], is_person: Callable[[str], bool]
) -> dict[str, tuple[str, str]]:
    """Return who asked, how many and when, where one unknown column alone can say it.

    They are words, numbers that no percentage is, and days.
    """
    days = [n for n in roles if not (roles[n] or is_person(n)) and _are_days(columns, n)]
    months = [n for n in roles if roles[n] == "month" and all(map(is_month, columns.values[n]))]
    days = days or months
    dated = len(days) == 1 and not {"start", "end", "published"} & {*roles.values()}
    found = {days[0]: ("end", DATED)} if dated else {}
    unknown = [n for n in roles if not (roles[n] or is_person(n) or words_of(n))]
    told = {n: [str(x) for x in columns.values[n] if not is_empty(x)] for n in unknown}
    told = {n: cells for n, cells in told.items() if n not in days}
    texts = [n for n, cells in told.items() if cells and all(x[0].isalpha() for x in cells)]
    large = [n for n, cells in told.items() if _are_large(cells)]
    for role, names, why in (("pollster", texts, TEXT), ("n", large, LARGE)):
        if len(names) == 1 and role not in roles.values():
            found[names[0]] = (role, why)
    return found


def _are_days(columns: Columns, name: str) -> bool:
    """Return whether all cells of a column are days, and none is a number."""
    cells = [cell for cell in columns.values[name] if not is_empty(cell)]
    if not cells or any(map(share_of, cells)):
        return False
    try:
        return all(last for _, last in days_of_cells(cells, columns, name, latest=LATEST))
    except InputError as error:
        return str(error).endswith(UNTOLD)


def _are_large(cells: Sequence[str]) -> bool:
    """Return whether all numbers are above 100, and they are no years, days or running numbers."""
    numbers = [
        float(x) if x.replace(".", "", 1).isdigit() else 0.0 for x in map(str, unmarked(cells))
    ]
    if not numbers or min(numbers) <= PERCENT or max(numbers) > MOST_ASKED:
        return False
    running = len(numbers) > 1 and max(numbers) - min(numbers) < len({*numbers})
    return not running and not any(all(x in days for x in numbers) for days in (YEARS, SERIALS))


def _unlike_names(
    columns: Columns,
    roles: Mapping[str, str],
    person: Mapping[str, tuple[str, int]],
    is_person: Callable[[str], bool],
) -> dict[str, tuple[str, str]]:
    """Return the columns that are something else than their names say, and notes of it."""
    roles = {**roles}
    sure = {name for name in roles if is_person(person[name][0])}
    found: dict[str, tuple[str, str]] = {}

    def change(names: Iterable[str], role: str, why: str) -> None:
        for name in names:
            found[name], roles[name] = (role, why), role

    shares = {name: cells for name in roles if (cells := _shares(columns, name, roles[name]))}
    change(_counters(columns, roles, sure), "number", "")
    pairs = _pairs(columns.names)
    words = [
        n
        for n in roles
        if not (roles[n] or n in pairs) or (roles[n] in ANSWERS and not _is_answer(person[n]))
    ]
    beside = {name: f"beside {base}" for name, base in further(words, shares=True).items()}
    beside |= asides(words, shares=True)
    for name in (n for n in beside if n not in sure):
        change([name], "beside", f"{beside[name]}; left out")
    answers = [n for n in _among(roles, shares) if roles[n] in ANSWERS and is_surname(n)]
    change(answers, "", BETWEEN)
    runoffs = sorted({which for _, which in person.values()} - {0, 1})
    for rounds in ((0, 1), *((which,) for which in runoffs)):
        asked = {n: x for n, x in shares.items() if roles[n] in ASKED and person[n][1] in rounds}
        people = [n for n in asked if not roles[n]]
        if not people:
            continue
        size = [n for n in roles if roles[n] == "n"][:1]
        others = [n for n in shares if roles[n] not in NO_SHARE and n not in size and 0 in rounds]
        loose = [n for n in asked if n not in sure and not _is_answer(person[n])]
        gone, _ = nearer(asked, people, loose)
        change(gone, "beside", NEARER)
        asked = {n: x for n, x in asked.items() if n not in gone}
        people = [n for n in people if n in asked]
        silent = [n for n in asked if roles[n] in SILENT and _is_answer(person[n])]
        silent = [*outside(asked, people, silent)] if "base" not in roles.values() else []
        change(silent, "beside", OUTSIDE)
        asked = {n: x for n, x in asked.items() if n not in silent}
        more = missing(asked, people, {n: shares[n] for n in others})
        change(more, "", ONLY_WITH)
        among = {n: shares[n] for n in _among(roles, people) if n in others}
        change(fitting(asked, people, among) if not more else (), "", BETWEEN)
        change(beyond(asked, people, loose) if not more else (), "beside", WITHOUT)
        asked = {n: x for n, x in asked.items() if roles[n] in ASKED}
        people = [n for n in people if n in asked]
        gone, unclear = nearer(asked, people, loose) if not more else ((), ())
        change(gone, "beside", NEARER)
        found.update({n: ("", NEITHER) for n in unclear if not roles[n]})
    return found


def _is_answer(person: tuple[str, int]) -> bool:
    """Return whether all of a name says that it is an answer such as "undecided"."""
    return role_of_answer(person[0]) in ANSWERS


def _shares(columns: Columns, name: str, role: str) -> list[Share | None] | None:
    """Return a column's shares, None if it holds something else."""
    cells = columns.values[name]
    told = [cell for cell in cells if not is_empty(cell)]
    if role in ASKED:
        found = [share_of(cell, parts=role != "") for cell in cells]
        return found if 2 * sum(x is not None for x in found) > len(told) else None
    return [*map(share_of, cells)] if told and all(map(share_of, told)) else None


def _counters(columns: Columns, roles: Mapping[str, str], sure: Collection[str]) -> list[str]:
    """Return the columns that number the rows: in front of the others whatever their names.

    Behind who asked, one or two rows are not enough: a candidate may have 1 and 2 percent.
    Elsewhere their names have to say it, or they rise or fall by one, as weeks do, in front of a
    column of who asked whom and when, and of all answers.
    """
    found: list[str] = []
    loose = {*ASKED, *(["pollster"] if list(roles.values()).count("pollster") > 1 else [])}
    asked = shares = False
    for name, behind in zip(columns.names, (*columns.names[1:], ""), strict=True):
        if roles[name] in ASKED and name not in sure and roles.get(behind) in BEHIND_WEEKS:
            found += [name] * (not shares and _by_one(columns.values[name]))
        counts = counts_rows(columns.values[name]) and name not in sure and roles[name] in loose
        called = NUMBER.issuperset(folded(name).split())
        if counts and (called if shares else not asked or len(columns) > FEWEST):
            found.append(name)
        elif roles[name] in ASKED and any(map(share_of, columns.values[name])):
            shares = True
        asked |= roles[name] == "pollster"
    return found


def _by_one(cells: Sequence[object]) -> bool:
    """Return whether whole numbers rise or fall by one from row to row, some of them repeated.

    Examples
    --------
    >>> _by_one(["12", "11", "11", "10"]), _by_one(["12", "10", "9"]), _by_one(["12", "11"])
    (True, False, False)
    """
    texts = [str(cell).strip() for cell in cells if not is_empty(cell)]
    if not all(text.isdecimal() for text in texts):
        return False
    steps = {b - a for a, b in pairwise(map(int, texts))}
    return len({*texts}) > FEWEST and (steps <= {0, 1} or steps <= {0, -1})


def _among(roles: Mapping[str, str], shares: Collection[str]) -> list[str]:
    """Return the columns called like people that stand before one and behind no other answer."""
    names = [*roles]
    people = {name for name in shares if not roles[name]}
    return [
        name
        for before, name, behind in zip(names, names[1:], names[2:], strict=False)
        if behind in people and roles[name] and (" " not in folded(name) or partly_known(name))
        and (before in people if roles[name] not in ANSWERS else roles[before] not in ANSWERS)
    ]  # fmt: skip
