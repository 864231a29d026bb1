"""Nights by polling station beside a first round by municipality, once the last station of each."""

from __future__ import annotations

import io

import polars as pl
import pytest

from forecast import Contest, InputError, Returns
from forecast.facts.partial_returns import partial_returns, partial_returns_of_tables
from forecast.files.columns import Columns

FIRST = """unit,registered,invalid,Alder,Birch,Cedar
Ashton,20000,300,5000,4000,2600
Burford,30000,400,6500,7000,3900
Corley,10000,150,2500,2400,1100
Denham,15000,200,3300,3600,2100
"""
HEAD = "Municipality,Station,Registered,Invalid,Alder,Birch"
ROWS = (
    "Ashton,1,9000,150,3100,2900",
    "Ashton,2,11000,170,3900,2600",
    "Burford,1,14000,200,4000,4800",
    "Burford,2,16000,240,4600,5100",
    "Corley,1,10000,160,3100,2900",
    "Denham,1,15000,220,4100,4600",
)
TOTALS = {"Alder": 22800, "Birch": 22900}


def table(*lines):
    return Columns.from_text("\n".join(lines), "night.csv")


def without(lines, column):
    cells = [line.split(",") for line in lines]
    return [",".join(row[:column] + row[column + 1 :]) for row in cells]


@pytest.fixture(scope="module")
def contest():
    frame = pl.read_csv(io.StringIO(FIRST))
    return Contest.from_frame(frame, name="four", finalists=["Alder", "Birch"])


@pytest.mark.parametrize(
    "header",
    ["Station", "Polling place", "Sezione", "Nr obwodu", "Bureau de vote", "Wahllokal", "Mesa",
     "Box", "Sandık", "Участок", "Ward", "Zzz", "id", "Name"],
)  # fmt: skip
@pytest.mark.parametrize("names", [(1, 2, 1, 2, 1, 1), (1, 2, 3, 4, 5, 6), (*"ABCDEF",)])
def test_stations_are_added_up(contest, header, names):
    rows = [row.replace(",1,", f",{x},").replace(",2,", f",{x},")
            for row, x in zip(ROWS, names, strict=True)]  # fmt: skip
    found = partial_returns(contest, table(HEAD.replace("Station", header), *rows))
    assert found.totals == TOTALS
    assert found.complete
    assert any(header in note and "added up" in note for note in found.notes)
    returns = Returns.from_frame(table(HEAD.replace("Station", header), *rows), contest=contest)
    assert (returns.totals, returns.counted) == (TOTALS, None)
    assert returns.registered.tolist() == [20000, 30000, 10000, 15000]
    assert returns.invalid.tolist() == [320, 440, 160, 220]


@pytest.mark.parametrize("header", ["Station", "Sezione", "N° BV", "Obwód"])
def test_stations_need_no_lists_if_their_column_is_called_so(contest, header):
    lines = without((HEAD.replace("Station", header), *ROWS), 2)
    found = partial_returns(contest, table(*lines))
    assert (found.totals, found.complete) == (TOTALS, True)
    found = partial_returns(contest, table(*lines[:4], *lines[5:]))
    assert found.counted.tolist() == pytest.approx([1, 0.495, 1, 1], abs=1e-3)
    assert not partial_returns(contest, table(*lines[:2], lines[3], *lines[5:])).complete


@pytest.mark.parametrize("header", ["No", "Code", "Zzz", "Name"])
def test_rows_that_may_be_stations_or_reports_are_refused(contest, header):
    lines = without((HEAD.replace("Station", header), *ROWS), 2)
    with pytest.raises(InputError, match="polling stations must be told apart"):
        partial_returns(contest, table(*lines))
    with pytest.raises(InputError, match="polling stations must be told apart"):
        partial_returns(contest, table(*without((HEAD, *ROWS), 1)))


@pytest.mark.parametrize(
    "row",
    ["Burford,2,16000,,,", "Burford,2,16000,0,0,0", None],
)
def test_a_unit_is_complete_when_all_its_stations_are(contest, row):
    rows = [*ROWS[:3], *[row] * (row is not None), *ROWS[4:]]
    found = partial_returns(contest, table(HEAD, *rows))
    assert found.counted.tolist() == pytest.approx([1, 14 / 30, 1, 1])
    assert found.partial == ("Burford",)
    first = partial_returns(contest, table(HEAD, ROWS[0], ROWS[3], *ROWS[4:]))
    assert first.counted.tolist() == pytest.approx([0.45, 16 / 30, 1, 1])


def test_a_second_report_of_a_station_replaces_the_first(contest):
    again = "Ashton,2,11000,170,3950,2650"
    found = partial_returns(contest, table(HEAD, *ROWS, again))
    assert found.totals == {"Alder": 22850, "Birch": 22950}
    assert found.corrected == ("Ashton, 2",)
    two = partial_returns_of_tables(contest, [table(HEAD, *ROWS), table(HEAD, again)])
    assert (two.totals, two.complete) == (found.totals, True)
    timed = [f"{line},{time}" for line, time in zip((HEAD, again, *ROWS), ("Reported at", "23:00",
             *["22:00"] * 6), strict=True)]  # fmt: skip
    assert partial_returns(contest, table(*timed)).totals == found.totals


def test_stations_may_come_in_several_files(contest):
    parts = [table(HEAD, *ROWS[::2]), table(HEAD, *ROWS[1::2])]
    found = partial_returns_of_tables(contest, parts)
    assert (found.totals, found.complete) == (TOTALS, True)
    whole = table("unit,Registered,Invalid,Alder,Birch", "Ashton,20000,100,3000,2900")
    with pytest.raises(InputError, match="as a whole, or by polling stations"):
        partial_returns_of_tables(contest, [whole, table(HEAD, *ROWS)])


def test_sums_of_stations_are_no_stations(contest):
    found = partial_returns(contest, table(HEAD, *ROWS, "Ashton,Total,20000,320,7000,5500"))
    assert (found.totals, found.complete) == (TOTALS, True)


def test_a_station_that_is_not_final_makes_its_unit_partial(contest):
    states = ("Status", "final", "partial", "final", "final", "final", "partial")
    lines = [f"{line},{x}" for line, x in zip((HEAD, *ROWS), states, strict=True)]
    found = partial_returns(contest, table(*lines))
    assert (found.totals, found.partial) == (TOTALS, ("Ashton", "Denham"))


@pytest.mark.parametrize(
    "lines",
    [
        ("unit,Registered,Invalid,Alder,Birch", "Ashton,20000,100,3000,2900",
         "Ashton,20000,300,7000,5500"),
        ("unit,id,Registered,Invalid,Alder,Birch", "Ashton,1,20000,100,3000,2900",
         "Ashton,2,20000,300,7000,5500"),
        ("unit,Station,Registered,Alder,Birch", "Ashton,Town hall,20000,3000,2900",
         "Ashton,School,20000,7000,5500"),
        ("unit,id,Alder,Birch", "Ashton,1,3000,2900", "Ashton,2,7000,5500"),
        ("unit,Alder,Birch", "Ashton,3000,2900", "Ashton,7000,5500"),
        ("unit,reported,Alder,Birch", "Ashton,22:00,7000,5500", "Ashton,21:00,3000,2900"),
        ("unit,id,reported,Alder,Birch", "Ashton,8,22:00,2500,2000", "Ashton,7,21:00,1000,900"),
    ],
)  # fmt: skip
def test_reports_of_a_unit_replace_each_other(contest, lines):
    found = partial_returns(contest, table(*lines))
    assert found.totals in ({"Alder": 7000, "Birch": 5500}, {"Alder": 2500, "Birch": 2000})
    assert found.corrected == ("Ashton",)
