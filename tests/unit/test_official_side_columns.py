"""Columns of official tables beside registered and invalid that are nobody's votes."""

from __future__ import annotations

import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns
from forecast.files.columns import Columns

PEOPLE = ("Anna Berg", "Ivan Cole", "Mara Dorn")
UNITS = ("Alfa", "Bravo", "Cedar", "Delta", "Echo", "Forest")
VOTES = [[4292 + 977 * (7 * i % 5), 3150 + 611 * (3 * i % 5), 2077 + 53 * i] for i in range(6)]
CODES = (3, 17, 42, 58, 101, 166)
BESIDE = {
    "Voličské průkazy": 40, "Voličské preukazy": 40, "Wahlschein": 4, "Pakiety wyborcze": 40,
    "Zaświadczenia": 40, "Открепительные удостоверения": 300, "Выдано досрочно": 9,
    "Votos reclamados": 900, "Urnas": 1000, "Εκλογικά τμήματα": 1000, "Urna mobilă": 300,
    "Po pošti": 90, "Predčasno": 50, "Retraits de cartes": 12, "2016": 2, "Electoral votes": 700,
}  # fmt: skip
NUMBERED = (
    "Kod", "Lp.", "L.p.", "R.br.", "Р.бр.", "Nr. crt.", "S/N", "Sl. No.", "#", "α/α", "Poř. č.",
    "ردیف", "GKZ", "BFS-Nr.", "LAU2", "SIRUTA", "DIVIPOLA", "KOATUU", "CISOB", "NIS", "ONS code",
    "PS code", "Prov. code", "Код района", "Код ОИК", "Kommunenr", "Kuntanumero", "KSH kód",
    "Vald kood", "Kode Wilayah", "gebiet-nr", "Zzz",
)  # fmt: skip


def columns(rows):
    return Columns.from_text("\n".join(",".join(map(str, row)) for row in rows) + "\n", "t.csv")


def contest(more, *, place=2, people=PEOPLE):
    """Return the contest of a table with some more columns, the first of them at a place."""
    rows = [["Constituency", "Registered voters", "Rejected ballots", *people]]
    rows += [[u, 3 * sum(v), 31 + i, *v] for i, (u, v) in enumerate(zip(UNITS, VOTES, strict=True))]
    for name, cells in more.items():
        for row, cell in zip(rows, (name, *cells), strict=True):
            row.insert(place, cell)
    return Contest.from_frame(columns(rows), name="c", finalists=people[:2])


def parts(of):
    return [max(sum(v) // of + i % 2, 1) for i, v in enumerate(VOTES)]


@pytest.mark.parametrize("place", [1, 2])
def test_what_official_tables_tell_beside_the_count_is_no_candidate(place):
    for name, of in BESIDE.items():
        found = contest({name: parts(of)}, place=place)
        assert found.candidates == PEOPLE, name
        assert found.votes.tolist() == VOTES, name


def test_people_who_were_added_are_registered():
    for name in ("Дописани", "DPTb"):
        found = contest({name: parts(60)})
        assert found.candidates == PEOPLE, name
        assert found.registered.sum() == sum(3 * sum(v) for v in VOTES) + sum(parts(60)), name


def test_papers_called_kasserade_are_invalid():
    assert contest({"Kasserade": parts(90)}).invalid.sum() == sum(31 + i for i in range(6)) + sum(
        parts(90)
    )


def test_a_column_apart_from_the_candidates_is_asked_about():
    for name in ("QV", "BN", "Change", "Обработени ИМ", "Votes until noon", "Zed Zola"):
        with pytest.raises(InputError, match=rf"'{name}' must be .* apart from the other"):
            contest({name: parts(9)})
        assert contest({name: parts(9)}, place=6).candidates == (*PEOPLE, name)


def test_a_column_apart_for_which_lists_have_no_room_is_no_candidate():
    assert contest({"QV": [3 * sum(v) for v in VOTES]}).candidates == PEOPLE


@pytest.mark.parametrize("own", [CODES, (10112, 10233, 10415, 20318, 30911, 40120)])
def test_codes_behind_the_unit_are_no_candidates(own):
    for name in NUMBERED:
        assert contest({name: own}, place=1).candidates == PEOPLE, name


def test_codes_in_no_order_are_known_by_a_word_or_asked_about():
    own = (10415, 20318, 10112, 30911, 10233, 40120)
    for name in ("GKZ", "ONS code", "Код района", "Kommunenr", "DIVIPOLA", "BFS-Nr."):
        assert contest({name: own}, place=1).candidates == PEOPLE, name
    with pytest.raises(InputError, match=r"'Zzz' must be .* apart from the other"):
        contest({"Zzz": parts(9)}, place=1)


@pytest.mark.parametrize("own", [CODES, (101, 17, 42, 166, 58, 3)])
def test_codes_before_the_unit_are_left_out_in_both_rounds(own):
    for name in NUMBERED:
        first = contest({name: own}, place=0)
        assert first.candidates == PEOPLE, name
        rows = [[name, "Constituency", *PEOPLE[:2]]]
        rows += [
            [c + 3100, u, v[0] + 99, v[1] + 77] for c, u, v in zip(own, UNITS, VOTES, strict=True)
        ]
        night = partial_returns(first, columns(rows))
        assert night.votes.tolist() == [[v[0] + 99, v[1] + 77] for v in VOTES], name


def test_candidates_with_few_rows_or_among_others_stay():
    rows = [["unit", "Ada", "registered", "Ben", "Cyd"]]
    rows += [["a", 7, 1000, 250, 200], ["b", 9, 1000, 260, 220]]
    found = Contest.from_frame(columns(rows), name="c", finalists=("Ben", "Cyd"))
    assert "Ada" in found.candidates
    rising = contest({"Code Blue": [901 + 90 * i for i in range(6)]}, place=4)
    assert "Code Blue" not in rising.candidates
    assert "Dan Blue" in contest({"Dan Blue": [901 + 90 * i for i in range(6)]}, place=4).candidates
