"""Small columns of tables of polls that are no candidates, by their words or by sums of rows."""

import asked
import pytest
from asked import ELECTION, OF_ALL, SHARES, first_of, table

from forecast import read_election, read_polls
from forecast.facts.poll_tables.cells import share_of
from forecast.files.columns import Columns

WHOLE = {"Undecided": [10, 11, 9], "Others": [5, 4, 5]}
"""What makes the rows of `SHARES` sum to 100."""
ERRORS = (
    "Margines błędu", "Błąd (pp)", "Margen de error (±)", "Marge d'erreur", "Fehlertoleranz",
    "Margem de erro", "Margine di errore", "Statistická chyba", "Margina greške", "Napaka",
    "Статистическа грешка", "Погрешность", "Похибка", "Marja de eroare", "Hibahatár", "Hata payı",
    "Περιθώριο σφάλματος", "Feilmargin", "Veapiir", "Kļūda", "Statistinė paklaida",
    "Virhemarginaali", "ცდომილება", "هامش الخطأ",
)  # fmt: skip
BESIDE = ("Change", "Zmiana", "Variación", "Промяна", "Rank", "Ranking", "Score", "Stars", "Grade",
          "Poll number", "Position", "Points")  # fmt: skip


@pytest.mark.parametrize("cells", [[2, 2, 1], [3.1, 3.3, 3.5]])
@pytest.mark.parametrize("word", [*ERRORS, *BESIDE])
def test_words_say_that_a_small_column_is_no_candidate(word, cells):
    """They do so where the shares leave room for one, too."""
    for more in ({}, WHOLE):
        assert first_of(table(**{word: cells}, **more)).shares == OF_ALL


@pytest.mark.parametrize("order", [(), ("Zz",), ("pollster", "Zz"), ("pollster", "Ada", "Zz")])
@pytest.mark.parametrize(
    "cells", [[2, 2, 2], [1, 2, 1], [2, 1, 3], ["1.9", "2.0", "2.1"], ["2%", "2%", "1%"]]
)
def test_rows_that_sum_to_100_without_a_small_column_say_it_of_any_name(cells, order):
    """Shares were scaled to make room for it."""
    found = read_election(table(order, **WHOLE, Zz=cells), election_day=ELECTION)
    assert found.people == tuple(SHARES)
    assert found.polls[0].shares == OF_ALL
    assert "column 'Zz': rows sum nearer to 100% without it; left out" in found.notes


def test_two_small_columns_may_be_none():
    found = read_election(table(**WHOLE, Zz=[2, 1, 2], Yy=[1, 2, 2]), election_day=ELECTION)
    assert found.people == tuple(SHARES)


def test_fractions_are_read_like_percent():
    cells = {name: [x / 100 for x in told] for name, told in (SHARES | WHOLE).items()}
    found = read_election(table(**cells, Zz=[0.02, 0.02, 0.01]), election_day=ELECTION)
    assert found.people == tuple(SHARES)


@pytest.mark.parametrize("small", [[1, 1, 1], [2, 2, 2], [1, 2, 1], [0.9, 1.1, 1.2]])
def test_a_candidate_with_a_percent_or_two_is_one_where_rows_sum_to_100_with_them(small):
    cells = {"Undecided": [x - y for x, y in zip(WHOLE["Undecided"], small, strict=True)]}
    found = read_election(table(**WHOLE | cells, Dan=small), election_day=ELECTION)
    assert found.people == (*SHARES, "Dan")
    assert not any("Dan" in note for note in found.notes)


def test_one_row_that_rounding_may_explain_is_noted():
    """Shares are whole numbers: five of them may sum to 101."""
    polls = table(**WHOLE, Dan=1).head(1)
    found = read_election(polls, election_day=ELECTION)
    assert found.people == (*SHARES, "Dan")
    said = "may be no candidate's, as rows sum nearer to 100% without it; read as one"
    assert f"column 'Dan': {said}" in found.notes


def test_who_is_known_to_stand_is_a_person_whatever_rows_sum_to():
    found = read_election(
        table(**WHOLE, Zz=[2, 2, 2]), election_day=ELECTION, candidates=(*SHARES, "Zz")
    )
    assert found.people == (*SHARES, "Zz")


@pytest.mark.parametrize("word", ["Nr", "No.", "Lp.", "Number", "Numero", "№"])
def test_a_column_at_the_end_that_numbers_rows_is_no_candidate(word):
    assert first_of(table(**{word: [1, 2, 3]})).shares == OF_ALL
    assert first_of(table(**{word: [3, 2, 1]}, **WHOLE)).shares == OF_ALL


def test_polls_of_a_runoff_have_no_small_candidates_either():
    cells = {"pollster": ["Acme", "Best"], "n": ["900", "800"], "Ada Adler": ["46", "48"],
             "Ben": ["44", "43"], "Undecided": ["10", "9"], "Stars": ["2", "3"]}  # fmt: skip
    found = read_polls(Columns(where="t", values=cells), asked.contest())
    assert [poll.shares["Ben"] for poll in found] == [0.44, 0.43]


@pytest.mark.parametrize(
    "more",
    [" (+1)", "(-2)", " (0)", " (=)", " (\u00b10)", " [+1.5]", " (+1%)", " (+2 pp)", " \u00b1 3",
     "+/-3", " \u25b22", " (\u25bc1,5)", " (\u2212)", "% (+1)", "% \u00b1 3%", "[a] (+1)"],
)  # fmt: skip
def test_a_change_or_an_error_beside_a_share_is_none(more):
    cells = {name: [f"{x}{more}" for x in told] for name, told in SHARES.items()}
    assert first_of(table(**cells)).shares == OF_ALL


@pytest.mark.parametrize("cell", ["31 (12)", "31-33", "(+1)", "31 (Dan 4)", "31 / 33"])
def test_a_cell_of_two_shares_is_none(cell):
    assert share_of(cell) is None
