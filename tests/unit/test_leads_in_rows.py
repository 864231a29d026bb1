"""Rows and columns with the lead of the first over the second, whatever they are called."""

from __future__ import annotations

import pytest

from forecast import Contest, InputError
from forecast.files.columns import Columns

PEOPLE = ("Anna Berg", "Ivan Cole", "Mara Dorn")
UNITS = ("Alfa", "Bravo", "Cedar", "Delta")
VOTES = [[4292, 3150, 2077], [11017, 10112, 5480], [9205, 12011, 9840], [7011, 9120, 4020]]
WORDS = ("Majority", "Lead", "Margin", "Ventaja", "Diferencia", "Vorsprung", "Écart", "Przewaga",
         "Scarto", "Разница", "Fark", "Előny", "Zzz")  # fmt: skip


def lead(row):
    first, second = sorted(row)[:-3:-1]
    return first - second


def columns(rows):
    return Columns.from_text("\n".join(",".join(map(str, row)) for row in rows) + "\n", "t.csv")


def contest(rows, **options):
    return Contest.from_frame(columns(rows), name="c", finalists=PEOPLE[:2], **options)


def long(*more, votes=VOTES, people=PEOPLE):
    rows = [["Constituency", "Party", "Candidate", "Votes", "%"]]
    for unit, row in zip(UNITS, votes, strict=True):
        rows += [[unit, "P", n, x, "30.1"] for n, x in zip(people, row, strict=False)]
        rows += [[unit, *(cell(row) if callable(cell) else cell for cell in cells)]
                 for cells in more]  # fmt: skip
        rows.append([unit, "", "Registered electors", 3 * sum(row), ""])
    return rows


@pytest.mark.parametrize("n", [2, 3])
def test_a_row_with_the_lead_is_no_candidate(n):
    for word in WORDS:
        votes = [row[:n] for row in VOTES]
        found = contest(long(["", word, lead, "2.2"], votes=votes))
        assert found.candidates == PEOPLE[:n], word
        assert found.votes.tolist() == votes, word


@pytest.mark.parametrize("n", [2, 3])
def test_a_column_with_the_lead_is_no_candidate(n):
    for word in WORDS:
        rows = [["unit", "registered", *PEOPLE[:n], word]]
        rows += [[u, 3 * sum(v), *v[:n], lead(v[:n])] for u, v in zip(UNITS, VOTES, strict=True)]
        assert contest(rows).candidates == PEOPLE[:n], word


@pytest.mark.parametrize(
    "more",
    [
        [["Majority", "", lead, "2.2"], ["P hold", "Swing", "", "+1.5"]],
        [["", "Majority", lead, "2.2"], ["Labour gain from Liberal", "", "", ""]],
        [["", "Majority", "", ""], ["", "Labour hold", "", "1.2"]],
        [["Turnout", "", sum, "60.1"], ["Majority", "", lead, "2.2"]],
    ],
)
def test_rows_of_a_box_of_results_are_no_candidates(more):
    found = contest(long(*more))
    assert found.candidates == PEOPLE
    assert found.votes.tolist() == VOTES


@pytest.mark.parametrize("name", ["Majority", "Lead", "Vorsprung", "Zzz", "Hold", "Win"])
def test_somebody_called_so_with_votes_of_their_own_stays(name):
    found = contest(long(["Q", name, lambda row: row[2] // 2 + 77, "2.2"]))
    assert name in found.candidates


def test_the_lead_is_asked_about_where_the_second_is_what_it_leaves():
    votes = [[9000 + 311 * i, 1000 + 97 * i, 600 + 41 * i] for i in range(4)]
    rows = [["unit", "registered", *PEOPLE, "Zzz"]]
    rows += [[u, 3 * sum(v), *v, lead(v)] for u, v in zip(UNITS, votes, strict=True)]
    with pytest.raises(InputError, match=r"'Zzz' must be a candidate or not.*'Zzz=ignored'"):
        contest(rows)
    rows = long(["", "Majority", lead, "2.2"], votes=votes)
    assert contest(rows).candidates == PEOPLE
