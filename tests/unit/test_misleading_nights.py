"""Nights as files tell them: kinds that were once answered wrongly without a word."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest

from forecast import Contest, InputError, nowcast
from forecast.facts.partial_returns import partial_returns
from forecast.facts.times import comparable_times
from forecast.facts.totals import total_rows
from forecast.facts.unit_reports import runoff_table
from forecast.files.columns import Columns

FIRST = """unit,registered,invalid,Ada,Ben,Cyd
u1,1000,5,200,180,120
u2,1500,5,300,310,150
u3,1200,5,250,240,160
u4,900,5,150,160,110
"""


def frame(text):
    return pl.read_csv(io.StringIO(text), infer_schema_length=None)


@pytest.fixture(scope="module")
def contest():
    return Contest.from_frame(frame(FIRST), name="four", finalists=["Ada", "Ben"])


def counted(contest, text, **options):
    return partial_returns(contest, frame(text), **options)


@pytest.mark.parametrize(
    ("header", "values", "parts"),
    [
        ("status", ("partial", "final", "final", "partial"), (0.5, 1, 1, 0.5)),
        ("is_final", ("FALSE", "true", "TRUE", "no"), (0.5, 1, 1, 0.5)),
        ("complete", ("no", "yes", "yes", "no"), (0.5, 1, 1, 0.5)),
        ("preliminary", ("yes", "no", "no", "yes"), (0.5, 1, 1, 0.5)),
        ("Stand", ("Zwischenergebnis", "Endergebnis", "Endergebnis", "Teilergebnis"),
         (0.5, 1, 1, 0.5)),
        ("status", ("częściowe", "ostateczne", "ostateczne", "wstępne"), (0.5, 1, 1, 0.5)),
        ("Auszählungsstand", ("5 von 10", "10 von 10", "10 von 10", "1 von 4"),
         (0.5, 1, 1, 0.25)),
        ("Protokoły", ("5 z 10", "10 z 10", "3 z 3", "1 z 4"), (0.5, 1, 1, 0.25)),
        ("Sezioni pervenute", ("5 su 10", "2 su 2", "2 su 2", "1 su 4"), (0.5, 1, 1, 0.25)),
        ("Açılan sandık oranı", ("%50", "%100", "%100", "%25"), (0.5, 1, 1, 0.25)),
        ("Actas procesadas", ("50.000%", "100.000%", "100.000%", "25.000%"), (0.5, 1, 1, 0.25)),
    ],
)  # fmt: skip
def test_what_is_counted_in_part_is_read(contest, header, values, parts):
    votes = ["140,125", "400,380", "350,340", "50,55"]
    lines = [f"u{i + 1},{v},{n}" for i, (v, n) in enumerate(zip(values, votes, strict=True))]
    found = counted(contest, "\n".join([f"unit,{header},Ada,Ben", *lines]))
    assert found.counted.tolist() == pytest.approx(parts)
    assert any(header in note for note in found.notes)


def test_a_text_that_says_nothing_of_the_count_is_no_state(contest):
    text = "unit,status,Ada,Ben\nu1,reviewed,280,250\nu2,final,400,380\n"
    assert counted(contest, text).counted.tolist() == [1, 1, 0, 0]


def test_far_fewer_votes_than_ballots_are_a_part(contest):
    text = "unit,ballots,Ada,Ben\nu1,600,100,120\nu2,830,400,420\nu3,720,350,360\nu4,500,250,240\n"
    found = counted(contest, text)
    assert 0.3 < found.counted[0] < 0.45
    assert found.counted[1:].tolist() == [1, 1, 1]
    assert any("far fewer votes than ballots" in note and "u1" in note for note in found.notes)


def test_columns_say_what_a_column_is_whatever_its_name(contest):
    newer = "unit,rev,Ada,Ben\nu1,2,290,290\nu1,1,280,250\nu2,1,400,380\n"
    assert counted(contest, newer, columns={"rev": "version"}).totals == {"Ada": 690, "Ben": 670}
    merged = "unit,merged into,Ada,Ben\nu1,,280,250\nu2,,400,380\nu3,,350,340\nu4,u3,,\n"
    assert counted(contest, merged, columns={"merged into": "attached_to"}).complete
    part = "unit,counted,Ada,Ben\nu1,50,140,125\nu2,100,400,380\n"
    assert counted(contest, part).counted[0] == 0.5
    assert counted(contest, part, columns={"counted": "ignored"}).counted[0] == 1
    when = "unit,updated,Ada,Ben\nu1,00:40,290,290\nu1,23:10,280,250\n"
    assert counted(contest, when, columns={"updated": "reported"}).totals["Ada"] == 290


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("23:10", "00:40"),
        ("09:10 PM", "01:40 AM"),
        ("9:10 p.m.", "11:05 p.m."),
        ("31.05.2026 23:10", "01.06.2026 00:40"),
        ("05/31/2026 11:10 PM", "06/01/2026 12:40 AM"),
        ("2026-05-31 23:10", "2026-06-01 00:40"),
    ],
)
def test_the_later_report_counts_past_midnight_too(contest, first, last):
    rows = [f"u1,{last},290,290", f"u1,{first},280,250"]
    found = counted(contest, "\n".join(["unit,reported,Ada,Ben", *rows]))
    assert found.totals == {"Ada": 290, "Ben": 290}
    times = comparable_times({"a": first, "b": last})
    assert times["a"] < times["b"]


@pytest.mark.parametrize(
    "name", ["TOTAL", "Razem", "Ogółem", "Insgesamt", "Total general", "Toplam"]
)
def test_what_is_called_a_total_is_none_of_the_units_however_far_off(name):
    found = Contest.from_frame(frame(f"{FIRST}{name},4968,21,972,961,583\n"), name="off")
    assert found.units == ("u1", "u2", "u3", "u4")
    assert any(f"{name} is called a total and has 8.0% more" in note for note in found.notes)


def test_a_village_may_be_called_like_a_total():
    counts = [np.array([300, 40, 280, 310]), np.array([200, 20, 220, 190])]
    assert total_rows("t", ["a", "Suma", "c", "d"], counts).rows.size == 0


def test_a_total_in_the_returns_is_not_an_unknown_unit(contest):
    text = "unit,Ada,Ben\nu1,280,250\nu2,400,380\nTotal,1100,1000\n"
    found = counted(contest, text)
    assert found.totals == {"Ada": 680, "Ben": 630}
    assert found.unknown == ()


def test_the_first_rounds_own_file_is_no_runoff(contest):
    with pytest.raises(InputError, match="exactly the votes of the first round"):
        counted(contest, FIRST.replace("Cyd", "nobody"), columns={"nobody": "ignored"})


def test_a_misprint_decides_nothing_when_all_is_counted(contest):
    """A zero for a finalist, whose units would turn the result."""
    plain = "unit,Ada,Ben\nu1,280,250\nu2,400,380\nu3,330,340\nu4,220,230\n"
    whole = nowcast(contest, frame(plain), draws=200)
    assert whole.decided == "Ada"
    missing = nowcast(contest, frame(plain.replace("u3,330", "u3,0")), draws=200)
    assert missing.reporting.complete
    assert missing.decided is None
    assert missing.called is None
    assert "odd units" in missing.verdict
    assert any("u3" in text for text in missing.resemblance.warnings())


def test_a_finalist_without_a_row_is_named(contest):
    rows = [("u1", "Ada", 280), ("u1", "Ben", 250), ("u2", "Ben", 380), ("u2", "Ada", 400),
            ("u3", "Ben", 340)]  # fmt: skip
    long = pl.DataFrame(rows, schema=["unit", "candidate", "votes"], orient="row")
    table = runoff_table(Columns.from_frame(long), contest=contest)
    assert any("without a row of every finalist" in n and "u3" in n for n in table.notes)


def test_units_of_two_columns_may_be_written_differently():
    rows = [("North", "0001", 200, 180, 120), ("North", "0002", 300, 310, 150),
            ("South", "0001", 250, 240, 160), ("South", "0002", 150, 160, 110)]  # fmt: skip
    names = ["Commune", "Bureau", "Ada", "Ben", "Cyd"]
    first = Contest.from_frame(
        pl.DataFrame(rows, schema=names, orient="row"), name="two", electorate="voters"
    )
    later = pl.DataFrame(
        [("NORTH", "1", 280, 250), ("SOUTH", "2", 220, 230)], schema=names[:4], orient="row"
    )
    found = partial_returns(first, later)
    assert found.unknown == ()
    assert found.counted.tolist() == [1, 0, 0, 1]
