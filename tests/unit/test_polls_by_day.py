"""Polls with a column for each day, and questions about several pairs side by side."""

from datetime import date

import pytest
from asked import ELECTION, contest

from forecast import InputError, read_election, read_polls

ROWS = (["Ada Adler", "46%", "45%"], ["Ben", "42%", "44%"], ["Undecided", "12%", "11%"])
HEADS = (
    ["Acme poll for The Post", "8 May 2030", "12 May 2030"],
    ["Acme", "2030-05-08", "2030-05-12"],
    ["Candidate", "Acme 8 May 2030", "Acme: May 12 2030"],
    ["", "Acme (8 May)", "Acme – 10–12 May"],
)


def write(tmp_path, *lines):
    path = tmp_path / "polls.csv"
    path.write_text("".join(";".join(map(str, line)) + "\n" for line in lines), "utf-8")
    return path


def told(polls):
    return [(p.pollster, p.end, *p.shares.values(), p.undecided) for p in polls]


@pytest.mark.parametrize("head", HEADS)
def test_a_column_for_each_day(head, tmp_path):
    expected = [("Acme", date(2030, 5, 8), 0.46, 0.42, 0.12),
                ("Acme", date(2030, 5, 12), 0.45, 0.44, 0.11)]  # fmt: skip
    polls = read_polls(write(tmp_path, head, *ROWS), contest())
    assert told(polls) == expected
    assert {p.sponsor for p in polls} == {"The Post" if "for" in head[0] else ""}
    turned = [[row[0], row[2], row[1]] for row in (head, *ROWS)]
    assert told(read_polls(write(tmp_path, *turned), contest())) == expected[::-1]


def test_a_column_for_each_day_below_who_asked(tmp_path):
    head = ["Candidate", "8 May 2030", "12 May 2030"]
    polls = read_polls(write(tmp_path, ["Acme"], head, *ROWS), contest())
    assert [p.pollster for p in polls] == ["Acme", "Acme"]


@pytest.mark.parametrize(
    "head",
    [
        ["Candidate", "8 May 2030", "12 May 2030"],  # nobody asked
        ["Candidate", "8 May 2030", "Change"],
        ["Acme", "Wave 1", "Wave 2"],
    ],
)
def test_columns_that_are_no_polls_of_a_day(head, tmp_path):
    with pytest.raises(InputError):
        read_polls(write(tmp_path, head, *ROWS), contest())


PAIRS = (
    (["Ada Adler", "Ben", "Und.", "Ada Adler", "Cid", "Und."], [46, 42, 12, 44, 40, 16]),
    (["Ada Adler", "Cid", "Und.", "Ada Adler", "Ben", "Und."], [44, 40, 16, 46, 42, 12]),
)


@pytest.mark.parametrize(("names", "shares"), PAIRS)
def test_pairs_side_by_side(names, shares, tmp_path):
    path = write(tmp_path, ["Pollster", "Date", "Sample", *names],
                 ["Acme", "8 May 2030", 1000, *shares],
                 ["Best", "9 May 2030", 900, *shares])  # fmt: skip
    polls = read_polls(path, contest())
    assert [(*p.shares.values(), p.undecided) for p in polls] == [(0.46, 0.42, 0.12)] * 2


def test_pairs_side_by_side_before_a_first_round(tmp_path):
    names, shares = PAIRS[0]
    first = ["1 May 2030", 1000, 40, 30, 20]
    path = write(tmp_path, ["Pollster", "Date", "Sample", *names],
                 ["Acme", "1 May 2030", 1000, *shares])  # fmt: skip
    rounds = write(tmp_path.parent, ["Pollster", "Date", "Sample", "Ada Adler", "Ben", "Cid"],
                   ["Acme", *first])  # fmt: skip
    found = read_election(rounds, path, election_day=ELECTION)
    assert found.people == ("Ada Adler", "Ben", "Cid")
    pairs = [tuple(p.shares) for p in found.polls if p.round == "runoff"]
    assert pairs == [("Ada Adler", "Ben"), ("Ada Adler", "Cid")]


@pytest.mark.parametrize(
    "names",
    [
        ["Ada Adler", "Ben", "Und.", "Ada Adler", "Ben", "Und."],
        ["Ada Adler", "Ben", "Cid", "Ada Adler", "Ben", "Dan"],
    ],
)
def test_the_same_people_twice_are_asked_about(names, tmp_path):
    path = write(tmp_path, ["Pollster", "Date", "Sample", *names],
                 ["Acme", "8 May 2030", 1000, *PAIRS[0][1]])  # fmt: skip
    with pytest.raises(InputError):
        read_polls(path, contest())
