"""Columns of polls for those who name nobody, for weeks, and for people called like them."""

from __future__ import annotations

from datetime import date

import polars as pl

from forecast import read_election

DAY = date(2029, 4, 29)
TABLE = {
    "pollster": ["Acme", "Best", "Core"],
    "end": ["2029-03-05", "2029-02-26", "2029-02-19"],
    "n": [1000, 1000, 1000],
    "Lula": [35, 34, 33],
    "Bolsonaro": [31, 32, 32],
    "Ciro": [12, 12, 13],
    "Tebet": [9, 8, 8],
}
PEOPLE = {"Lula", "Bolsonaro", "Ciro", "Tebet"}


def read(columns, at=None):
    names = list(TABLE)
    at = len(names) if at is None else at
    order = [*names[:at], *columns, *names[at:]]
    both = TABLE | columns
    return read_election(pl.DataFrame({name: both[name] for name in order}), election_day=DAY)


def test_answers_of_those_who_name_nobody_are_no_candidates():
    words = """Não sei|Odmowa odpowiedzi|Nežinau|Neatsakė|Не зная|Не знаю|Ei kerro|Nevolil bych|
        Не прийшов би на вибори|Не би гласао|Neodlučeni|Won’t say|Wouldn't say|Another candidate|
        Un autre|Anderer Kandidat|Weitere|Reste|Protesto oy|Nu știu încă|Ne želim odgovoriti|
        Ei osaa sanoa|Vill ej svara|Vil ikke svare|Prefiere no responder|Rehusó contestar|Odmawiam|
        Відмовились|Keine Präferenz|Nenurodė|
        Weitere Kandidaten|Les autres candidats|Nem válaszolt"""
    wrong = []
    for name in map(str.strip, words.split("|")):
        first = read({name: [13, 14, 14]}).polls[0]
        if {*first.shares} != PEOPLE or not (first.undecided or first.others):
            wrong.append(name)
    assert not wrong


def test_people_and_lists_that_begin_like_an_answer_stay_candidates():
    wrong = []
    for name in ("Ne Win", "Ne davimo Beograd", "Nečas", "Neumann", "Nicht", "LeBlanc", "Le Blanc",
                 "De Bianchi", "Di Bianco", "Nino", "Weigert", "Recep",
                 "Partido Blanco", "DeBlanc"):  # fmt: skip
        shares = read({name: [13, 14, 14]}).polls[0].shares
        if name not in shares:
            wrong.append((name, shares))
    assert not wrong
    for name in ("Blanco", "En Blanco", "Voto Blanco", "Blank"):
        assert read({name: [13, 14, 14]}).polls[0].undecided == 0.13


def test_people_called_white_stay_candidates_in_rows_of_answers():
    table = {"pollster": ["Acme"] * 4, "end": ["2029-03-05"] * 4, "n": [900] * 4,
             "candidate": ["LeBlanc", "Landry", "Ada", "Não sei"],
             "share": [42, 38, 10, 10]}  # fmt: skip
    (poll,) = read_election(pl.DataFrame(table), election_day=DAY).polls
    assert poll.shares == {"LeBlanc": 0.42, "Landry": 0.38, "Ada": 0.1}
    assert poll.undecided == 0.1


def test_numbers_of_weeks_and_waves_are_no_shares():
    wrong = []
    for name in ("Week", "Semana", "Ola", "Vague", "Welle", "Tydzień", "Неделя", "Unknown"):
        for numbers in ([9, 8, 7], [12, 11, 10]):
            if {*read({name: numbers}, at=1).polls[0].shares} != PEOPLE:
                wrong.append((name, numbers))
    assert not wrong
    for numbers in ([13, 14, 14], [13, 13, 15], [12, 13, 14]):
        assert read({"Haddad": numbers}).polls[0].shares["Haddad"] == numbers[0] / 100
        assert read({"Haddad": numbers}, at=3).polls[0].shares["Haddad"] == numbers[0] / 100
