"""Candidates in rows and units in columns: beside percentages, and in the runoff's returns."""

from __future__ import annotations

import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns
from forecast.files.columns import Columns

PEOPLE = ("Anna Berg", "Ivan Cole", "Mara Dorn")
UNITS = ("Alfa", "Bravo", "Cedar")
VOTES = [[4292, 3150, 2077], [11017, 10112, 5480], [18205, 12011, 9840]]
SECOND = [[4801, 4100], [13500, 12010], [20100, 18900]]


def columns(rows):
    return Columns.from_text("\n".join(",".join(map(str, row)) for row in rows) + "\n", "t.csv")


def rows(votes, *, pairs="", more=()):
    """Return rows of people, each unit's percentage beside its votes: behind, before, or none."""
    lines = [[n, *(row[i] for row in votes)] for i, n in enumerate(PEOPLE[: len(votes[0])])]
    lines += [[name, *cells] for name, *cells in more]
    if not pairs:
        return [["", *UNITS], *lines]
    first = ["votes", pairs][:: -1 if pairs.startswith("<") else 1]
    heads = [h.lstrip("<") for h in first]
    whole = [sum(row) for row in votes]
    beside = lambda c, k: f"{100 * c / whole[k]:.1f}" if isinstance(c, int) else ""  # noqa: E731
    back = -1 if pairs.startswith("<") else 1
    pair = [[name, *(x for k, c in enumerate(cells) for x in (c, beside(c, k))[::back])]
            for name, *cells in lines]  # fmt: skip
    return [["", *(x for u in UNITS for x in (u, ""))], ["", *heads * len(UNITS)], *pair]


def contest(table, **options):
    return Contest.from_frame(table, name="c", finalists=PEOPLE[:2], **options)


LISTS = [("Invalid", 310, 820, 1200), ("Registered", 16761, 49820, 78300)]


@pytest.mark.parametrize("pairs", ["", "%", "<%", "in %", "percent", "Prozent", "(%)"])
@pytest.mark.parametrize("more", [LISTS, LISTS[::-1], [("Valid", 9519, 26609, 40056), *LISTS]])
def test_units_in_pairs_of_columns_are_turned(pairs, more):
    found = contest(columns(rows(VOTES, pairs=pairs, more=more)))
    assert found.units == UNITS
    assert found.candidates == PEOPLE
    assert found.votes.tolist() == VOTES
    assert found.registered.tolist() == [16761, 49820, 78300]
    assert found.invalid.tolist() == [310, 820, 1200]


@pytest.mark.parametrize("pairs", ["", "%", "<%"])
@pytest.mark.parametrize(
    "more",
    [(), [("Turnout %", "61.0", "55.5", "58.1")], [("Registered", 16761, 49820, 78300)],
     [("Valid", *map(sum, SECOND))]],
)  # fmt: skip
def test_turned_returns_are_known_by_their_people_and_units(pairs, more):
    night = partial_returns(
        contest(columns(rows(VOTES, more=LISTS))), columns(rows(SECOND, pairs=pairs, more=more))
    )
    assert night.votes.tolist() == SECOND
    assert night.unknown == ()


def test_turned_returns_say_how_much_is_counted():
    table = rows(SECOND, more=[("Stations reporting", "10 of 10", "10 of 10", "5 of 10")])
    night = partial_returns(contest(columns(rows(VOTES, more=LISTS))), columns(table))
    assert night.counted.tolist() == [1.0, 1.0, 0.5]


def test_a_total_a_party_and_a_rank_are_no_units_of_turned_returns():
    lines = rows(SECOND)
    head, body = lines[0], lines[1:]
    table = [[*head, "Total", "Rank", "Party"]]
    table += [[*row, sum(row[1:]), k, "AB"[k]] for k, row in enumerate(body)]
    night = partial_returns(contest(columns(rows(VOTES, more=LISTS))), columns(table))
    assert night.votes.tolist() == SECOND
    assert night.unknown == ()


def test_returns_of_units_that_are_not_known_are_not_turned():
    table = columns([["", "Xa", "Xb", "Xc"], *rows(SECOND)[1:]])
    with pytest.raises(InputError, match="'Anna Berg' is required"):
        partial_returns(contest(columns(rows(VOTES, more=LISTS))), table)


def test_pairs_of_candidates_stay_candidates():
    lines = [["unit", "Registered", *(f"{n} {w}" for n in PEOPLE for w in ("votes", "%"))]]
    for unit, row in zip(UNITS, VOTES, strict=True):
        pairs = [x for v in row for x in (v, f"{100 * v / sum(row):.1f}")]
        lines.append([unit, 3 * sum(row), *pairs])
    found = contest(columns(lines))
    assert found.units == UNITS
    assert found.candidates == PEOPLE
