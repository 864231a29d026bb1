"""Nights with rows that sum up others, and columns beside that of what is counted."""

from __future__ import annotations

import io
import time

import polars as pl
import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns

FIRST = """region,unit,registered,invalid,Ada,Ben,Cyd
Coast,Alpha,3000,60,800,700,340
Coast,Bravo,2900,50,600,750,300
Hills,Charlie,1900,30,500,450,220
Hills,Delta,4000,30,900,950,320
Hills,Echo,2000,30,400,350,320
"""
ROWS = "Alpha,900,850\nCharlie,550,500\n"
SUMS = ("Total nacional", "Koko maa", "France entière", "Nation", "Spolu SR", "Total Perú",
        "Statewide results", "Total counted")  # fmt: skip


def frame(text):
    return pl.read_csv(io.StringIO(text), infer_schema_length=None)


@pytest.fixture(scope="module")
def contest():
    return Contest.from_frame(frame(FIRST), name="five", finalists=["Ada", "Ben"])


def counted(contest, rows, head="unit,Ada,Ben"):
    return partial_returns(contest, frame(f"{head}\n{rows}"))


def test_an_unknown_row_with_exactly_the_votes_of_all_others_is_their_sum(contest):
    wrong = []
    for name in SUMS:
        for text in (f"{ROWS}{name},1450,1350\n", f"{name},1450,1350\n{ROWS}"):
            found = counted(contest, text)
            if found.totals != {"Ada": 1450, "Ben": 1350} or found.unknown:
                wrong.append((name, found.totals))
    listed = "Alpha,3000,900,850\nCharlie,1900,550,500\nKoko maa,13800,1450,1350\n"
    assert not wrong
    assert counted(contest, listed, "unit,registered,Ada,Ben").unknown == ()


def test_an_unknown_row_that_misses_the_votes_of_all_others_by_a_few_is_asked_about(contest):
    with pytest.raises(InputError, match=r"'Nation', .* drop it if it is their sum"):
        counted(contest, f"Nation,1451,1350\n{ROWS}")
    called = counted(contest, f"Total general del país,1451,1350\n{ROWS}")
    assert called.totals == {"Ada": 1450, "Ben": 1350}
    night = "Nation,1451,1350,Nation\nAlpha,900,850,\nCharlie,550,500,\n"
    own = counted(contest, night, "unit,Ada,Ben,attached_to")
    assert own.totals == {"Ada": 2901, "Ben": 2700}


def test_new_units_that_are_large_or_small_are_no_sums(contest):
    for row, votes in (("Abroad,1450,1200", 1450), ("Abroad,700,200", 700), ("Abroad,14,13", 14)):
        assert counted(contest, f"{ROWS}{row}\n").totals["Ada"] == 1450 + votes
    alone = counted(contest, "Alpha,40,30\nAbroad,40,30\n")
    assert alone.totals == {"Ada": 80, "Ben": 60}
    merged = counted(contest, f"{ROWS}Bravo+Delta,1450,1360\n")
    assert merged.totals["Ben"] == 2710


def test_rows_of_regions_are_sums_while_units_are_still_out(contest):
    night = "Coast,5900,900,850\nAlpha,3000,900,850\nHILLS,7900,1001,950\nCharlie,1900,550,500\n"
    night += "Echo,2000,450,450\nTotal,13800,1901,1800\n"
    found = counted(contest, night, "unit,registered,Ada,Ben")
    assert found.totals == {"Ada": 1900, "Ben": 1800}
    assert any("2 rows that are sums of others left out: Coast, HILLS" in n for n in found.notes)


def test_percentages_of_sheets_that_are_set_aside_do_not_say_how_much_is_counted(contest):
    wrong = []
    for progress in ("Actas contabilizadas", "Actas procesadas", "% actas escrutadas"):
        for aside in ("Actas para envío al JEE", "Actas anuladas", "% actas impugnadas",
                      "Actas con inconsistencias", "Actas observadas"):  # fmt: skip
            rows = "Alpha,100.0%,0.0%,900,850\nBravo,50.0%,10.0%,300,400\nCharlie,0.0%,0.0%,0,0\n"
            found = counted(contest, rows, f"unit,{progress},{aside},Ada,Ben")
            if found.counted.tolist() != [1, 0.5, 0, 0, 0]:
                wrong.append((progress, aside, found.counted.tolist()))
    assert not wrong


def test_the_number_on_the_ballot_is_no_number_of_a_bulletin():
    first = "town,station,registered,Ada,Ben,Cyd\nAlston,1,5681,1354,1032,444\n"
    first += "Alston,2,5282,979,794,287\nBran,1,3000,600,700,200\n"
    contest = Contest.from_frame(frame(first), name="towns", finalists=["Ada", "Ben"])
    for head in ("Nr. buletin", "Report no.", "Bulletin"):
        night = f"town,station,{head},candidate,votes\nAlston,1,1,Ada,659\nAlston,1,2,Ben,631\n"
        night += "Bran,1,1,Ada,700\nBran,1,2,Ben,800\n"
        assert partial_returns(contest, frame(night)).totals == {"Ada": 1359, "Ben": 1431}


def test_misspelt_units_cost_no_quadratic_time():
    n = 6000
    units = [f"Town {k // 40}, {k % 40}" for k in range(n)]
    votes = {"Ada": [200 + k % 31 for k in range(n)], "Ben": [180 + k % 29 for k in range(n)]}
    first = {"unit": units, **votes, "Cyd": [100 + k % 23 for k in range(n)]}
    contest = Contest.from_frame(
        pl.DataFrame(first), name="many", finalists=["Ada", "Ben"], electorate="voters"
    )
    written = [u.replace("Town", "Twn") if k % 11 == 0 else u for k, u in enumerate(units)]
    start = time.process_time()
    found = partial_returns(
        contest, pl.DataFrame({"unit": written, "Ada": votes["Ben"], "Ben": votes["Ada"]})
    )
    assert len(found.unknown) == 546
    assert time.process_time() - start < 5  # it was 20 seconds and more


def test_shares_in_rows_of_candidates_do_not_say_how_much_is_counted(contest):
    wrong = []
    for head in ("Anteil in %", "in Prozent", "Anteil Stimmen in Prozent", "% in"):
        rows = "Alpha,Ada,659,51.1\nAlpha,Ben,631,48.9\nBravo,Ada,700,46.7\nBravo,Ben,800,53.3\n"
        found = counted(contest, rows, f"unit,candidate,votes,{head}")
        if found.counted.tolist() != [1, 1, 0, 0, 0]:
            wrong.append((head, found.counted))
    assert not wrong
    rows = "Alpha,Ada,659,100\nAlpha,Ben,631,100\nBravo,Ada,300,50\nBravo,Ben,400,50\n"
    assert counted(contest, rows, "unit,candidate,votes,% in").counted.tolist() == [1, 0.5, 0, 0, 0]


def test_the_number_on_the_ballot_beside_surname_and_first_name(contest):
    for heads in ("Ballot number,Surname,First name", "Ballot number,Nume,Prenume"):
        rows = "Alpha,1,Ada,A.,659\nAlpha,2,Ben,B.,631\nBravo,1,Ada,A.,700\nBravo,2,Ben,B.,800\n"
        assert counted(contest, rows, f"unit,{heads},Votes").totals == {"Ada": 1359, "Ben": 1431}
    rows = "Alpha,1500,Ada,659\nAlpha,1400,Ben,631\n"
    with pytest.raises(InputError, match="must be the same on every row of a unit"):
        counted(contest, rows, "unit,Ballots,candidate,Votes")


def test_votes_counted_and_expected_say_how_much_is_counted(contest):
    rows = "Alpha,1750,1750,900,850\nBravo,710,1420,300,400\n"
    for heads in ("Votes counted,Expected total", "Votes so far,Estimated total votes",
                  "Votos contados,Votos esperados"):  # fmt: skip
        assert counted(contest, rows, f"unit,{heads},Ada,Ben").counted.tolist() == [1, 0.5, 0, 0, 0]
    with pytest.raises(InputError, match="must be somebody in the runoff"):
        counted(contest, rows, "unit,Zoe,Expected total,Ada,Ben")


def test_postal_votes_without_a_list_are_not_counted_before_they_have_votes():
    first = (
        "unit,registered,invalid,Ada,Ben,Cyd\nAlpha,1495,3,174,164,58\nBravo,1284,3,112,184,101\n"
    )
    first += "Briefwahl I,,2,50,84,23\n"
    contest = Contest.from_frame(frame(first), name="mayor", finalists=["Ada", "Ben"])
    assert contest.registered.sum() == 1495 + 1284
    night = "unit,registered,Ada,Ben\nAlpha,1495,204,194\nBravo,1284,212,184\nBriefwahl I,0,0,0\n"
    found = partial_returns(contest, frame(night))
    assert found.counted.tolist() == [1, 1, 0]
    assert not found.changed.any()
