"""Polls of a region beside those of all of the electorate: they were pooled without a word."""

import asked
import pytest
from asked import ELECTION, OF_ALL, first_of, runoff_polls, table

from forecast import read_election
from forecast.facts.poll_tables.areas import is_national


def read(**cells):
    """Return the shares of Ada in each poll, and the notes."""
    found = read_election(table(**cells), election_day=ELECTION)
    return [poll.shares["Ada"] for poll in found.polls], found.notes


@pytest.mark.parametrize(
    ("word", "areas"),
    [
        ("Region", ["National", "National", "North region"]),
        ("Area", ["Nationwide", "Whole country", "Cork"]),
        ("State", ["National", "National", "Ohio"]),
        ("Scope", ["national", "National", "local"]),
        ("Geography", ["All", "Total", "Urban"]),
        ("Województwo", ["Ogólnopolski", "cały kraj", "mazowieckie"]),
        ("Zasięg", ["Cała Polska", "Cała Polska", "Śląsk"]),
        ("Departamento", ["Nacional", "Todo el país", "Antioquia"]),
        ("Ámbito", ["Nacional", "Nacional", "País Vasco"]),
        ("Área geográfica", ["", "", "Lima"]),
        ("Estado", ["Brasil", "Brasil", "Bahia"]),
        ("Kraj", ["Česko", "Česko", "Praha"]),
        ("Provincia", ["Nacional", "Nacional", "Distrito Nacional"]),
        ("Bundesland", ["bundesweit", "Bundesweit", "Tirol"]),
        ("Област", ["Цялата страна", "национално", "Пловдив"]),
        ("Область", ["вся Україна", "Вся країна", "Львівська"]),
        ("Județ", ["Național", "toată țara", "Cluj"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
def test_a_poll_of_a_part_of_the_country_is_left_out_beside_national_ones(word, areas, order):
    cells = {word: areas, "Ada": [40, 38, 60], "Cid": [15, 16, 5]}
    ordered = {name: [told[i] for i in order] for name, told in cells.items()}
    ada, notes = read(**ordered)
    assert ada == [0.4, 0.38]
    said = f"frame: 1 rows about a part of the electorate left out: {areas[2]}"
    assert said in notes


@pytest.mark.parametrize("word", ["Region", "Województwo", "Departamento", "Area"])
def test_polls_of_one_area_are_left_alone(word):
    assert first_of(table(**{word: "North"})).shares == OF_ALL
    assert not any("area" in note for note in read(**{word: "North"})[1])


def test_polls_of_different_areas_none_of_which_is_the_whole_are_noted():
    ada, notes = read(Departamento=["Lima", "Cusco", "Lima"])
    assert len(ada) == 3
    assert any("polls are of different areas - found Cusco, Lima; all are read" in n for n in notes)


@pytest.mark.parametrize("areas", [["Georgia", "Ohio", "Utah"], ["Ohio", "Utah", "Georgia"]])
def test_a_part_that_is_called_like_a_country_is_not_taken_for_the_whole(areas):
    assert len(read(State=areas)[0]) == 3


@pytest.mark.parametrize(
    "text", ["District of Columbia", "National Capital Region", "Distrito Nacional", "País Vasco"]
)
def test_names_of_parts_that_hold_a_word_for_the_whole(text):
    assert not is_national(text)


@pytest.mark.parametrize("word", ["Land", "State", "Zona", "Grad"])
def test_a_candidate_may_be_called_like_an_area(word):
    cells = {"Ben": [20, 22, 21], word: [35, 36, 35], "Undecided": [30, 26, 27]}
    found = read_election(table(**cells | {"Cid": [15, 16, 17], "Ada": ...}), election_day=ELECTION)
    assert word in found.people


def test_a_column_of_another_kind_is_no_area():
    ada, notes = read(Mode=["National panel", "web", "tel"], TV_station=["National", "Two", "Six"])
    assert len(ada) == 3
    assert not any("electorate" in note for note in notes)


def test_polls_of_a_runoff_are_of_the_whole_too(tmp_path):
    text = "pollster,end,n,Area,Ada Adler,Ben\nAcme,2030-05-12,900,National,46,44\n"
    text += "Loc,2030-05-13,500,North,60,30\n"
    (poll,) = runoff_polls(asked.contest(), tmp_path, text)
    assert poll.pollster == "Acme"
    assert "1 rows about a part of the electorate left out: North" in poll.note
