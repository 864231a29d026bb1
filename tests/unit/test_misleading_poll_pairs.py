"""Questions about a pair of candidates, as tables of all candidates write them."""

from datetime import date

import asked
import pytest
from asked import runoff_polls

from forecast import read_election
from forecast.files.columns import Columns

DAY = date(2030, 5, 5)


def read(order=None, **cells):
    """Return polls of as many rows as their cells, and the notes."""
    rows = len(next(iter(cells.values())))
    facts = {"pollster": [f"Pollster {k}" for k in range(rows)], "n": ["1000"] * rows,
             "end": ["2030-04-01"] * rows}  # fmt: skip
    order = order or range(rows)
    told = {name: [column[i] for i in order] for name, column in (facts | cells).items()}
    found = read_election(Columns(where="t", values=told), election_day=DAY)
    return [(poll.round, {**poll.shares}) for poll in found.polls], found.notes


PAIRS = {"Ada": ["31", "44", "33", "45"], "Ben": ["27", "40", "25", "0"],
         "Cid": ["22", "0", "20", "39"], "Undecided": ["20", "16", "22", "16"]}  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
@pytest.mark.parametrize("scale", [1, 100])
@pytest.mark.parametrize("zero", ["0", "0.0", "0%"])
def test_a_row_with_0_for_all_but_two_is_about_their_runoff(order, scale, zero):
    """It was a poll of the first round in which somebody has nobody's vote."""
    told = {
        name: [zero if x == "0" else f"{float(x) / scale:g}" for x in cells]
        for name, cells in PAIRS.items()
    }
    if "%" in zero:
        told = {name: [x if "%" in x else f"{float(x) * scale:g}%" for x in cells]
                for name, cells in told.items()}  # fmt: skip
    polls, notes = read(order, **told)
    runoffs = [{*shares} for which, shares in polls if which == "runoff"]
    assert len(runoffs) == 2
    assert {"Ada", "Ben"} in runoffs
    assert {"Ada", "Cid"} in runoffs
    assert sum("0 for all but two, taken for not asked about" in note for note in notes) == 2


def test_somebody_with_hardly_a_share_may_have_none():
    cells = {"Ada": ["51", "52"], "Ben": ["48", "48"], "Dan": ["1", "0"]}
    polls, notes = read(**cells)
    assert [which for which, _ in polls] == ["first round"] * 2
    assert not any("not asked" in note for note in notes)


def test_others_who_do_not_rise_leave_a_candidate_with_nothing():
    """He may have been at nothing before he rose."""
    cells = {"Ada": ["31", "30", "32"], "Ben": ["27", "28", "27"], "Cid": ["22", "0", "20"]}
    polls, _ = read(**cells)
    assert [which for which, _ in polls] == ["first round"] * 3


def test_a_row_of_three_with_a_0_is_about_the_first_round():
    cells = {"Ada": ["31", "40"], "Ben": ["27", "35"], "Cid": ["22", "25"], "Dan": ["20", "0"]}
    polls, _ = read(**cells)
    assert [which for which, _ in polls] == ["first round"] * 2


def test_zeros_in_polls_about_a_runoff(tmp_path):
    text = "pollster,end,n,Ada Adler,Ben,Cid\nAcme,2030-05-01,900,40,32,28\n"
    text += "Best,2030-05-12,900,52,48,0\n"
    found = runoff_polls(asked.contest(), tmp_path, text)
    assert [poll.round for poll in found] == ["first round", "runoff"]
    assert found[1].shares == {"Ada Adler": 0.52, "Ben": 0.48}


def merged(*rows):
    """Return polls of lines with who asked, when, how many, and shares of three and undecided."""
    names = ("pollster", "end", "n", "Ada", "Ben", "Cid", "Undecided")
    cells = zip(*(row.split(",") for row in rows), strict=True)
    told = {name: [*column] for name, column in zip(names, cells, strict=True)}
    return read_election(Columns(where="t", values=told), election_day=DAY)


FIRST = "Acme,1 May 2030,1000,31,27,22,20"


@pytest.mark.parametrize("who", ["", "Acme"])
@pytest.mark.parametrize("out", ["-", "", "–", "0"])
def test_rows_under_a_merged_pollster_are_further_questions_of_the_poll(who, out):
    """They were left out, as nobody was said to have asked."""
    last = "Best,3 May 2030,900,33,25,20,22"
    found = merged(FIRST, f"{who},,,44,40,{out},16", f"{who},,,45,{out},39,16", last)
    assert [(p.pollster, str(p.end), p.n, p.round) for p in found.polls] == [
        ("Acme", "2030-05-01", 1000, "first round"), ("Acme", "2030-05-01", 1000, "runoff"),
        ("Acme", "2030-05-01", 1000, "runoff"), ("Best", "2030-05-03", 900, "first round"),
    ]  # fmt: skip
    assert any("further questions of the poll above" in note for note in found.notes)


@pytest.mark.parametrize(
    "row", [",,,40,30,25,5", "Average,,,44,40,-,16", "Cent,,,44,40,-,16", ",,,,,,", ",,,3,,,"]
)
def test_rows_that_are_no_questions_of_the_poll_above(row):
    found = merged(FIRST, row, "Best,3 May 2030,900,33,25,20,22")
    assert [poll.pollster for poll in found.polls] == ["Acme", "Best"]


BLOCKS = """{a},{a},{a},{first},{first},{first},{first},{b},{b},{b},{c},{c}
Pollster,Date,Sample,Alder,Birch,Cedar,Undecided,Alder,Birch,Undecided,Cedar,Alder
Acme,2030-05-01,1000,31,27,22,20,44,40,16,48,52
"""


@pytest.mark.parametrize("repeated", [True, False])
@pytest.mark.parametrize(
    ("first", "pair"),
    [("First round", "{} v {}"), ("I tura", "II tura: {} – {}"), ("1er tour", "Second tour {}/{}"),
     ("First round", "{} vs. {}"), ("1. kolo", "{} x {}"), ("", "{}-{}")],
)  # fmt: skip
def test_pairs_in_blocks_of_columns_are_questions_of_their_own(first, pair, repeated, tmp_path):
    """All shares were those of one question, of 200%."""
    heads = {"a": "", "first": first, "b": pair.format("Alder", "Birch")}
    text = BLOCKS.format(**heads, c=pair.format("Alder", "Cedar"))
    if not repeated:
        upper, rest = text.split("\n", 1)
        cells = upper.split(",")
        cells = [x if x != before else "" for before, x in zip(["-", *cells], cells, strict=False)]
        text = ",".join(cells) + "\n" + rest
    path = tmp_path / "polls.csv"
    path.write_text(text, "utf-8")
    found = read_election(path, election_day=DAY).polls
    assert [(p.round, {**p.shares}, p.undecided) for p in found] == [
        ("first round", {"Alder": 0.31, "Birch": 0.27, "Cedar": 0.22}, 0.2),
        ("runoff", {"Alder": 0.44, "Birch": 0.4}, 0.16),
        ("runoff", {"Cedar": 0.48, "Alder": 0.52}, None),
    ]


def test_names_that_begin_alike_are_no_pair():
    cells = {"Ann Alder": ["31", "33"], "Ann Birch": ["27", "25"], "Ann": ["22", "20"]}
    polls, _ = read(**cells)
    assert [{*shares} for _, shares in polls] == [{*cells}] * 2
