"""Lettered columns of election offices, of which sums say what they are."""

from __future__ import annotations

import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns
from forecast.facts.tables.lettered_columns import lettered
from forecast.files.columns import Columns

VOTES = [[4292 + 977 * (7 * i % 5), 3150 + 611 * (3 * i % 5), 2077 + 53 * i] for i in range(4)]
UNITS = ("Alfa", "Bravo", "Cedar", "Delta")
GERMAN = ("datum", "wahl", "ags", "gebiet-nr", "gebiet-name", "max-schnellmeldungen",
          "anz-schnellmeldungen", "A1", "A2", "A3", "A", "B", "B1", "C", "D")  # fmt: skip


def columns(rows):
    return Columns.from_text("\n".join(";".join(map(str, row)) for row in rows) + "\n", "t.csv")


def german(votes, *, done=(1, 1, 1, 1), order=None, wrong=0):
    n = len(votes[0])
    rows = [[*GERMAN, *(f"D{k + 1}" for k in range(n))]]
    for i, (unit, row) in enumerate(zip(UNITS, votes, strict=True)):
        valid, invalid, listed = sum(row), 31 + 7 * i, 3 * sum(row)
        rows.append(["13.09.2020", "Oberbürgermeisterwahl", "05315000", 101 + i, unit, 1, done[i],
                     listed - 900, 890, 10, listed, valid + invalid + wrong, 850, invalid, valid,
                     *row])  # fmt: skip
    place = list(range(len(rows[0]))) if order is None else sorted(range(len(rows[0])), key=order)
    return columns([[row[k] for k in place] for row in rows])


def first(table, **options):
    return Contest.from_frame(table, name="c", finalists=("D1", "D2"), **options)


@pytest.mark.parametrize("order", [None, lambda k: -k, lambda k: (k * 7) % 18])
@pytest.mark.parametrize("n", [2, 3])
def test_the_columns_of_german_town_halls(order, n):
    votes = [row[:n] for row in VOTES]
    found = first(german(votes, order=order if n == 3 else None))
    assert found.units == UNITS
    assert {c: found.votes[:, k].tolist() for k, c in enumerate(found.candidates)} == {
        f"D{k + 1}": [row[k] for row in votes] for k in range(n)
    }
    assert found.registered.tolist() == [3 * sum(row) for row in votes]
    assert found.invalid.tolist() == [31 + 7 * i for i in range(4)]


def test_returns_of_german_town_halls_say_how_much_is_counted():
    votes = [[2200 + 31 * i, 1900 + 53 * i] for i in range(4)]
    night = partial_returns(first(german(VOTES)), german(votes, done=(1, 1, 0, 1)))
    assert night.votes[[0, 1, 3]].tolist() == [votes[i] for i in (0, 1, 3)]
    assert night.counted.tolist()[2] < 1


@pytest.mark.parametrize("letters", ["abcdef", "ABCDEF", "abefcd"])
def test_the_minutes_of_romanian_stations(letters):
    a, b, c, d, e, f = letters
    people = ("ANNA BERG", "IVAN COLE", "MARA DORN")
    rows = [["precinct_nr", "precinct_name", a, f"{a}1", f"{a}2", b, f"{b}1", f"{b}2", c, d, e, f,
             *(f"{n}-voturi" for n in people)]]  # fmt: skip
    for i, (unit, row) in enumerate(zip(UNITS, VOTES, strict=True)):
        valid, invalid, listed = sum(row), 31 + 7 * i, 3 * sum(row)
        all_of = valid + invalid
        rows.append([i + 1, unit, listed, listed - 15, 15, all_of, all_of - 120, 120, valid,
                     invalid, all_of + 400, 397, *row])  # fmt: skip
    found = Contest.from_frame(columns(rows), name="c", finalists=people[:2])
    assert found.candidates == people
    assert found.votes.tolist() == VOTES
    assert found.registered.tolist() == [3 * sum(row) for row in VOTES]
    assert found.invalid.tolist() == [31 + 7 * i for i in range(4)]


def test_letters_whose_sums_do_not_agree_are_not_taken_for_lines_of_a_form():
    assert lettered(german(VOTES, wrong=1)) == {}


def test_parties_called_by_letters_stay_candidates():
    rows = [["unit", "registered", "A", "B", "C", "D"]]
    rows += [[u, 3 * sum(v), *v, 70 + i] for i, (u, v) in enumerate(zip(UNITS, VOTES, strict=True))]
    found = Contest.from_frame(columns(rows), name="c", finalists=("A", "B"))
    assert found.candidates == ("A", "B", "C", "D")


def test_what_is_said_of_a_lettered_column_is_not_doubted():
    with pytest.raises(InputError):
        first(german(VOTES), columns={"D": "candidate", "D1": "ignored"})
