"""Polls of which only the month is known: nothing is forecast from them before it is over."""

from datetime import date

import polars as pl
import pytest
from asked import ELECTION, RUNOFF, contest, table

from forecast import InputError, read_election, read_polls

MONTHS = ("April 2030", "mid-April 2030", "Apr 2030[a]", "late April 2030", "04/2030", "2030-04",
          "04.2030", "4/2030", "abril de 2030", "April ’30")  # fmt: skip


def days(polls):
    return [(str(p.start), str(p.end), str(p.published)) for p in polls]


def first(cell, **more):
    found = read_election(table(end=[cell] * 3, **more), election_day=ELECTION)
    return days(found.polls), found.notes


def test_a_month_ends_with_its_last_day():
    wrong = [m for m in MONTHS if first(m)[0][0] != ("2030-04-01", "2030-04-30", "2030-05-01")]
    assert not wrong
    assert any("a month, no day; taken to end with the month" in n for n in first("04/2030")[1])


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("March–April 2030", ("2030-03-01", "2030-04-30", "2030-05-01")),
        ("Dec 2029 - Jan 2030", ("2029-12-01", "2030-01-31", "2030-02-01")),
        ("Feb 2028", ("2028-02-01", "2028-02-29", "2028-03-01")),
        ("May 2030", ("2030-05-01", "2030-05-04", "2030-05-05")),
        ("4 May 2030", ("2030-05-04", "2030-05-04", "2030-05-05")),
    ],
)
def test_the_month_of_the_first_round_ends_the_day_before(cell, expected):
    assert first(cell)[0][0] == expected


def test_a_month_of_a_runoff():
    shares = {"Ada Adler": [46, 47], "Ben": [42, 44]}
    cells = {"pollster": ["Acme", "Best"], "end": ["6 May 2030", "May 2030"], "n": [900, 800]}
    polls = read_polls(pl.DataFrame(cells | shares), contest())
    assert date(2030, 5, 19) == RUNOFF
    assert days(polls)[1] == ("2030-05-01", "2030-05-18", "2030-05-19")


def test_a_month_of_publication_is_over_before_a_poll_is_known():
    found = first("3 April 2030", published=["April 2030"] * 3)[0]
    assert found[0] == ("2030-04-03", "2030-04-03", "2030-04-30")


@pytest.mark.parametrize("cell", ["May", "2030", "13/2030", "00/2030"])
def test_what_is_no_month_of_a_year(cell):
    with pytest.raises(InputError):
        first(cell)


def test_a_column_of_months_says_when_where_no_other_does():
    found = read_election(table(end=..., Month=["April 2030"] * 3), election_day=ELECTION)
    assert days(found.polls)[0] == ("2030-04-01", "2030-04-30", "2030-05-01")
