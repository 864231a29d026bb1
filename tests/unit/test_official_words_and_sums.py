"""What official tables call invalid papers, envelopes, and the names of places beside codes."""

from __future__ import annotations

import pytest

from forecast import Contest
from forecast.facts.partial_returns import partial_returns
from forecast.facts.words.column_words import is_rejected
from forecast.files.columns import Columns

PEOPLE = ("Anna Berg", "Ivan Cole", "Mara Dorn")
UNITS = ("Alfa", "Bravo", "Cedar", "Delta")
VOTES = [[4292 + 977 * (7 * i % 5), 3150 + 611 * (3 * i % 5), 2077 + 53 * i] for i in range(4)]
INVALID = [31, 38, 45, 52]


def columns(rows):
    return Columns.from_text("\n".join(",".join(map(str, row)) for row in rows) + "\n", "t.csv")


def contest(rows, **options):
    return Contest.from_frame(columns(rows), name="c", finalists=PEOPLE[:2], **options)


REJECTED = ("Rejected first preferences", "Rejected at first count", "Rejected 1st choice papers",
            "Spoilt or unclear", "Invalid for want of a mark")  # fmt: skip


@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize("place", [2, 5])
def test_rejected_papers_are_invalid_whatever_words_follow(good, place):
    for name in REJECTED:
        rows = [["Constituency", "Electorate", *PEOPLE, *["Good votes"] * good]]
        rows += [[u, 3 * sum(v), *v, *[sum(v)] * good] for u, v in zip(UNITS, VOTES, strict=True)]
        for row, cell in zip(rows, (name, *INVALID), strict=True):
            row.insert(place, cell)
        found = contest(rows)
        assert found.candidates == PEOPLE, name
        assert found.invalid.tolist() == INVALID, name


def test_names_of_people_and_parties_are_no_rejected_papers():
    for name in ("Rejected Smith", "White rose", "Rejected", "Blanc de blanc", "Rose rejected"):
        assert not is_rejected(name), name


@pytest.mark.parametrize("stations", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_envelopes_that_were_handed_in_are_the_ballots(stations, turned):
    envelopes = ["Vydané obálky", "Odevzdané obálky"][:: -1 if turned else 1]
    rows = [["Kraj", *["Okrsky"] * stations, "Voliči v seznamu", *envelopes, "Platné hlasy",
             *PEOPLE]]  # fmt: skip
    for i, (unit, v) in enumerate(zip(UNITS, VOTES, strict=True)):
        pair = [sum(v) + INVALID[i] + 60, sum(v) + INVALID[i]][:: -1 if turned else 1]
        rows.append([unit, *[1130] * stations, 3 * sum(v), *pair, sum(v), *v])
    assert contest(rows).invalid.tolist() == INVALID


NAMED = (("Code du département", "Libellé du département"), ("GKZ", "Gebietsname"),
         ("№ ТВО", "Регіон"), ("code", "name"), ("PROVINCIA_CODIGO", "PROVINCIA_NOMBRE"),
         ("CISOB", "Název"), ("Zzz code", "Yyy"))  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("codes", [("11", "12", "13", "14"), ("G10", "G20", "G30", "G40")])
def test_units_are_named_by_names_beside_codes(order, codes):
    for pair in NAMED:
        rows = [[*pair[::order], "registered", "invalid", *PEOPLE]]
        for c, u, v, x in zip(codes, UNITS, VOTES, INVALID, strict=True):
            rows.append([*(c, u)[::order], 3 * sum(v), x, *v])
        found = contest(rows)
        assert found.units == UNITS, pair
        more = [[v[0] + 99, v[1] + 77] for v in VOTES]
        night = [["name", *PEOPLE[:2]], *([u, *v] for u, v in zip(UNITS, more, strict=True))]
        assert partial_returns(found, columns(night)).votes.tolist() == more, pair
        both = [[*pair[::order], *PEOPLE[:2]]]
        both += [[*(c, u)[::order], *v] for c, u, v in zip(codes, UNITS, more, strict=True)]
        assert partial_returns(found, columns(both)).votes.tolist() == more, pair


def test_units_of_long_tables_are_named_by_names_beside_codes():
    rows = [["PROVINCIA_CODIGO", "PROVINCIA_NOMBRE", "CANDIDATO_NOMBRE", "OP_NOMBRE", "VOTOS"]]
    for i, (unit, row) in enumerate(zip(UNITS, VOTES, strict=True)):
        rows += [[i + 1, unit, n, "P", x] for n, x in zip(PEOPLE, row, strict=True)]
    found = contest(rows, electorate="voters")
    assert found.units == UNITS
    assert found.regions is None


def test_names_that_are_not_one_for_each_code_do_not_name_the_units():
    rows = [["code", "Zzz", "registered", *PEOPLE]]
    rows += [[11 + i, "XXYY"[i], 3 * sum(v), *v] for i, v in enumerate(VOTES)]
    assert contest(rows).units == ("11", "12", "13", "14")
