"""Small pairs of files, each standing for a kind that was once answered wrongly."""

import numpy as np
import polars as pl
import pytest

from forecast import (
    Contest,
    InputError,
    Returns,
    flow_bounds,
    infer_transfers,
    nowcast,
    read_contest,
    read_partial_returns,
    read_returns,
)
from forecast.facts.comparable import comparable
from forecast.facts.partial_returns import partial_returns
from forecast.facts.readers import rounds_in, with_finalists_of
from forecast.facts.words.names import matched_people, matched_units

FIRST = (
    "unit,registered,invalid,Ada,Ben,Cid,Dot\n"
    "north,6000,60,1300,1150,1050,400\nsouth,5800,55,1200,1100,1080,420\n"
    "west,6200,70,1350,1200,1020,380\neast,5900,50,1150,1080,1150,450\n"
)
THREE = (
    "unit,Ada,Ben,Cid\nnorth,1330,1180,1480\nsouth,1230,1120,1510\nwest,1380,1240,1400\n"
    "east,1180,1100,1620\n"
)
TWO = "unit,Ada,Ben\nnorth,1930,1680\nsouth,1830,1620\nwest,1980,1740\neast,1780,1600\n"


@pytest.fixture
def file(tmp_path):
    def save(text, name="r2.csv"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return save


@pytest.fixture
def first(file):
    return read_contest(file(FIRST, "r1.csv"))


def test_an_eliminated_candidate_with_votes_is_refused_and_named(first, file):
    with pytest.raises(InputError, match=r"'Cid' has 6,010.*finalists 'Ada,Ben,Cid'"):
        nowcast(first, pl.read_csv(file(THREE)))
    with pytest.raises(InputError, match=r"must be a finalist - 'Cid'"):
        read_returns(file(THREE), contest=first)


def test_finalists_may_be_taken_from_the_returns(first, file):
    three = with_finalists_of(first, file(THREE))
    assert three.finalists == ("Ada", "Ben", "Cid")
    assert "finalists by the votes in the returns: Ada, Ben, Cid" in three.notes
    found = nowcast(three, read_partial_returns(file(THREE), three))
    assert found.decided == "Cid"
    assert found.returns.totals == {"Ada": 5120, "Ben": 4640, "Cid": 6010}
    assert with_finalists_of(first, file(TWO)) is first


def test_a_column_of_an_eliminated_candidate_without_votes_says_nothing(first, file):
    zeros = TWO.replace("Ada,Ben", "Ada,Ben,Dot").replace("0\n", "0,0\n")
    assert read_partial_returns(file(zeros), first).totals == {"Ada": 7520, "Ben": 6640}


def test_votes_of_nobody_known_are_refused(first, file):
    odd = "unit,Ada,Ben,Zoe\nnorth,1930,1680,900\nsouth,1830,1620,800\n"
    with pytest.raises(InputError, match=r"column 'Zoe'.*1,700 votes of nobody"):
        read_partial_returns(file(odd), first)
    found = read_partial_returns(file(odd), first, columns={"Zoe": "ignored"})
    assert found.totals == {"Ada": 3760, "Ben": 3300}
    assert "Zoe ignored" in " ".join(found.notes)


@pytest.mark.parametrize("blank", [",,", ",NA,NA", ",-,–", ",,0"])
def test_a_listed_unit_that_is_not_counted_is_open_known_or_not(first, file, blank):
    row = "Overseas" + (blank if blank != ",,0" else ",,")
    head = "unit,Ada,Ben" + (",counted" if blank == ",,0" else "")
    rows = TWO.split("\n", 1)[1].strip().split("\n")
    more = ",1" if blank == ",,0" else ""
    text = "\n".join([head, *(r + more for r in rows), row + (",0" if more else "")]) + "\n"
    found = read_partial_returns(file(text), first)
    assert found.units == 4
    assert not found.complete
    assert "Overseas" in " ".join(found.notes)
    assert nowcast(first, found).decided is None


def test_the_list_of_an_unknown_unit_limits_what_can_come(first, file):
    text = TWO.replace("Ada,Ben", "Ada,Ben,registered").replace("0\n", "0,6000\n")
    found = read_partial_returns(file(text + "Overseas,,,100\n"), first)
    assert found.elsewhere_open == 110
    assert nowcast(first, found).decided == "Ada"


def test_a_total_below_the_units_is_no_unit_that_is_awaited(first, file):
    found = read_partial_returns(file(TWO + "Total,,\n"), first)
    assert found.complete


def test_attached_units_are_read_as_one_by_every_command(first, file):
    merged = (
        "unit,Ada,Ben,attached_to\nnorth,1930,1680,\nsouth,0,0,west\nwest,3810,3360,\n"
        "east,1780,1600,\n"
    )
    returns = read_returns(file(merged), contest=first)
    assert returns.attached_to == ("", "west", "", "")
    one, runoff, notes = comparable(first, returns)
    assert one.units == ("north", "west", "east")
    assert one.votes[1].tolist() == [2550, 2300, 2100, 800]
    assert runoff.votes[1].tolist() == [3810, 3360]
    assert "attached or merged" in " ".join(notes)
    assert flow_bounds(first, returns).ledger.units == one.units
    assert infer_transfers(first, returns).units == one.units


@pytest.mark.parametrize("name", ["south+west", "West / South", "south and west", "west, south"])
def test_a_new_unit_named_after_missing_ones_is_their_merger(first, name):
    night = pl.DataFrame(
        {"unit": ["north", name, "east"], "Ada": [1930, 3810, 1780], "Ben": [1680, 3360, 1600]}
    )
    found = partial_returns(first, night)
    assert found.complete
    assert found.totals == {"Ada": 7520, "Ben": 6640}
    assert "is taken for the merger of" in " ".join(found.notes)


def test_another_new_unit_beside_missing_ones_is_offered_as_their_merger(first):
    night = pl.DataFrame(
        {"unit": ["north", "dale", "east"], "Ada": [19, 38, 17], "Ben": [16, 33, 9]}
    )
    found = partial_returns(first, night)
    assert not found.complete
    assert "give each a row with attached_to = dale" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("known", "found"),
    [
        (("1", "2", "3", "4"), ("0001", "0002", "0003", "0004")),
        (("001", "002", "003", "010"), ("1.0", "2.0", "3.0", "10.0")),
        (("North*", "South", "West (1)", "East"), ("North", "SOUTH", "West", "East ")),
        (("Łódź", "São Paulo", "İzmir", "Besançon"), ("Lodz", "SAO PAULO", "Izmir", "besancon")),
        (("Zone 01 - 7", "Zone 01 - 8", "a", "b"), ("zone 1 - 007", "Zone 1 - 8", "A", "B[a]")),
    ],
)
def test_units_written_differently_are_matched_and_said(first, known, found):
    contest = Contest(
        name="x", candidates=first.candidates, finalists=first.finalists, units=known,
        votes=first.votes, invalid=first.invalid, registered=first.registered,
    )  # fmt: skip
    night = pl.DataFrame({"unit": found, "Ada": [1930, 1830, 1980, 1780], "Ben": [1680] * 4})
    seen = partial_returns(contest, night)
    assert seen.complete
    assert seen.votes[:, 0].tolist() == [1930, 1830, 1980, 1780]
    assert "matched though written differently" in " ".join(seen.notes)


def test_a_name_that_may_mean_two_units_is_matched_with_neither(first):
    contest = Contest(
        name="x", candidates=first.candidates, finalists=first.finalists,
        units=("West (1)", "West (2)", "a", "b"), votes=first.votes, invalid=first.invalid,
        registered=first.registered,
    )  # fmt: skip
    night = pl.DataFrame({"unit": ["West", "a", "b"], "Ada": [19, 18, 17], "Ben": [16, 15, 14]})
    assert partial_returns(contest, night).unknown == ("West",)


def test_a_station_that_cannot_be_explained_is_set_aside_and_named(file):
    rng = np.random.default_rng(0)
    rows = [f"u{k},{1000 + k},300,250,{100 + k},50" for k in range(40)]
    empty = "unit,registered,Ada,Ben,Cid,Dot\n" + "\n".join([*rows, "new,0,0,0,0,0"]) + "\n"
    contest = read_contest(file(empty, "r1.csv"))
    after = [f"u{k},{340 + int(rng.integers(40))},{290 + int(rng.integers(40))}" for k in range(40)]
    returns = read_returns(file("unit,Ada,Ben\n" + "\n".join([*after, "new,70,50"]) + "\n"))
    one, _, notes = comparable(contest, returns)
    assert len(one.units) == 40
    assert "new" in notes[-1]


def test_few_units_over_their_list_are_set_aside_and_counted_in_totals(file):
    rows = [f"u{k},{1000 + k},10,300,250,{100 + k % 7},50" for k in range(40)]
    rows[5] = "u5,300,10,300,250,105,50"
    contest = read_contest(
        file("unit,registered,invalid,Ada,Ben,Cid,Dot\n" + "\n".join(rows) + "\n")
    )
    assert contest.set_aside == ("u5",)
    assert "u5" in contest.notes[-1]
    assert contest.votes.sum(axis=0).tolist() == [12000, 10000, 4115, 2000]
    assert contest.registered[5] == 715
    night = partial_returns(
        contest, pl.DataFrame({"unit": ["u5", "u6"], "Ada": [9, 8], "Ben": [7, 6]})
    )
    assert night.changed[5]
    assert not night.changed[6]


def test_many_units_over_their_list_are_refused(file):
    rows = [f"u{k},{300 if k < 5 else 1000},10,300,250,100,50" for k in range(40)]
    with pytest.raises(InputError, match="more ballots than registered people - unit 'u0'"):
        read_contest(file("unit,registered,invalid,Ada,Ben,Cid,Dot\n" + "\n".join(rows) + "\n"))


@pytest.mark.parametrize("factor", [1.0, 1.04, 0.97])
@pytest.mark.parametrize("name", ["TOTAL", "Country", "Ogółem", "Total général", "Итого", "სულ"])
@pytest.mark.parametrize("place", [0, 4])
def test_a_row_called_a_total_is_left_out_and_named(file, factor, name, place):
    lines = FIRST.strip().split("\n")
    sums = np.array([[int(x) for x in line.split(",")[1:]] for line in lines[1:]]).sum(axis=0)
    lines.insert(place + 1, f"{name}," + ",".join(str(int(factor * x)) for x in sums))
    contest = read_contest(file("\n".join(lines) + "\n"))
    assert contest.units == ("north", "south", "west", "east")
    assert name in contest.notes[-1]


def test_a_row_near_the_sum_that_nobody_calls_a_total_is_refused(file):
    lines = FIRST.strip().split("\n")
    sums = np.array([[int(x) for x in line.split(",")[1:]] for line in lines[1:]]).sum(axis=0)
    text = "\n".join([*lines, "Utopia," + ",".join(str(int(1.02 * x)) for x in sums)]) + "\n"
    with pytest.raises(InputError, match="'Utopia' is within 5% of the sum"):
        read_contest(file(text))


def test_subtotals_of_runs_of_rows_are_left_out(file):
    lines = FIRST.strip().split("\n")
    counts = [[int(x) for x in line.split(",")[1:]] for line in lines[1:]]

    def row(name, part):
        return f"{name}," + ",".join(str(sum(c)) for c in zip(*part, strict=True))

    text = "\n".join(
        [lines[0], *lines[1:3], row("Upper", counts[:2]), *lines[3:], row("Lower", counts[2:]),
         row("All of it", counts)]
    )  # fmt: skip
    contest = read_contest(file(text + "\n"))
    assert contest.units == ("north", "south", "west", "east")
    assert "3 rows that are sums of others left out: Upper, Lower, All of it" in contest.notes


def test_a_half_of_the_country_is_a_unit(file):
    """A unit with as many voters as all others, who voted otherwise, is kept."""
    text = FIRST + "capital,23900,240,4000,6000,4100,1400\n"
    assert "capital" in read_contest(file(text)).units


def test_one_percent_of_the_votes_of_a_half_counted_unit_is_asked_about(first):
    night = pl.DataFrame(
        {"unit": ["north", "south"], "Ada": [17, 18], "Ben": [16, 12], "counted": [0.9, 0.6]}
    )
    with pytest.raises(InputError, match=r"'counted'.*are they percentages\? Write 0.9 percent as"):
        partial_returns(first, night)


@pytest.mark.parametrize(
    "text",
    [
        "round,unit,candidate,votes\n1,n,Ada,120\n1,n,Ben,100\n1,n,Cid,80\n1,s,Ada,90\n1,s,Ben,95\n"
        "1,s,Cid,70\n2,n,Ada,150\n2,n,Ben,138\n2,s,Ada,145\n2,s,Ben,109\n",
        "unit,Ada_r1,Ben_r1,Cid_r1,Ada_r2,Ben_r2\nn,120,100,80,150,138\ns,90,95,70,145,109\n",
        "unit;Ada (1st round);Ben (1st round);Cid (1st round);Ada (2nd round);Ben (2nd round)\n"
        "n;120;100;80;150;138\ns;90;95;70;145;109\n",
        "bureau;T1 Ada;T1 Ben;T1 Cid;T2 Ada;T2 Ben\nn;120;100;80;150;138\ns;90;95;70;145;109\n",
        "unit,tour,Ada,Ben,Cid\nn,premier,120,100,80\ns,premier,90,95,70\nn,second,150,138,0\n"
        "s,second,145,109,0\n",
        "gmina,tura,Ada,Ben,Cid\nn,I,120,100,80\ns,I,90,95,70\nn,II,150,138,\ns,II,145,109,\n",
    ],
    ids=["long", "suffix", "ordinal", "prefix", "rows", "Polish"],
)
def test_both_rounds_in_one_file(file, text):
    path = file(text)
    assert rounds_in(path) == (1, 2)
    contest = read_contest(path, electorate="voters")
    assert contest.votes.tolist() == [[120, 100, 80], [90, 95, 70]]
    assert contest.finalists == ("Ada", "Ben")
    returns = read_returns(path, contest=contest)
    assert returns.votes.tolist() == [[150, 138], [145, 109]]


def test_returns_say_what_is_counted_and_select_keeps_it(file, first):
    text = (
        "unit,Ada,Ben,counted,reported\nnorth,1930,1680,1,21:40\nsouth,900,800,0.5,22:10\n"
        "east,,,0,\n"
    )
    returns = read_returns(file(text), contest=first)
    assert returns.counted.tolist() == [1, 0.5, 0]
    assert returns.open_units == ("south", "east")
    part = returns.select(["south"])
    assert (part.counted.tolist(), part.reported) == ([0.5], ("22:10",))
    found = partial_returns(first, returns)
    assert found.counted.tolist() == [1, 0.5, 0, 0]


def test_the_latest_report_of_a_unit_counts_by_its_time(first):
    night = {"unit": ["north", "north"], "Ada": [1930, 100], "Ben": [1680, 90]}
    night = pl.DataFrame(night | {"reported": ["22:10", "21:00"]})
    assert partial_returns(first, night).votes[0].tolist() == [1930, 1680]


def test_counted_must_be_a_fraction_in_returns():
    with pytest.raises(InputError, match="counted must be fractions"):
        Returns(units=("n",), finalists=("a", "b"), votes=[[1, 2]], counted=np.array([50.0]))


@pytest.mark.parametrize(
    ("found", "known"),
    [
        ("Lyon (2)", "Lyon (1)"),
        ("Lyon [2]", "Lyon [1]"),
        ("Lyon ²", "Lyon ¹"),
        ("Kraków (b)", "Kraków (a)"),
        ("U-", "U+"),
        ("U+", "U"),
        ("1", "-1"),
        ("2. Bezirk", "1. Bezirk"),
        ("m. Łódź", "g. Łódź"),
    ],
)
def test_two_different_marks_are_two_units(found, known):
    assert matched_units([found], [known]) == {}
    assert matched_units([known], [found]) == {}


@pytest.mark.parametrize(
    ("found", "known"),
    [
        ("Lyon (1)", "Lyon"),
        ("Lyon¹", "Lyon (1)"),
        ("Lyon [1]", "Lyon (1)"),
        ("North *", "North"),
        ("1. North", "North"),
        ("12) North", "NORTH"),
        ("m. Łódź", "Łódź"),
        ("St-Denis", "Saint-Denis"),
        ("Ste. Marie", "Sainte-Marie"),
        ("St. Pölten", "Sankt Pölten"),
        ("001", "1"),
        ("North-East", "North East"),
    ],
)
def test_what_lists_write_beside_a_name_is_no_part_of_it(found, known):
    assert matched_units([found], [known]) == {found: known}
    assert matched_units([known], [found]) == {known: found}


FULL = {name: name for name in ("Duda Andrzej", "Rafał Trzaskowski", "Marine Le Pen", "Ann Lee",
                                "Eva Lee")}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("A. Duda", "Duda Andrzej"),
        ("DUDA A.", "Duda Andrzej"),
        ("R Trzaskowski", "Rafał Trzaskowski"),
        ("M. Le Pen", "Marine Le Pen"),
        ("A. Lee", "Ann Lee"),
        ("B. Duda", ""),
        ("X. Lee", ""),
        ("A.", ""),
    ],
)
def test_a_first_name_may_be_a_letter(name, means):
    assert matched_people([name], FULL).get(name, "") == means
    assert matched_people([means], {name: name}).get(means, "") == (name if means else "")


def test_a_letter_that_may_mean_two_people_means_nobody():
    assert matched_people(["A. Lee"], {"Ann Lee": "a", "Ada Lee": "b"}) == {}


@pytest.mark.parametrize(
    ("found", "known"),
    [("Fulton County", "Fulton"), ("Fulton", "Fulton County"), ("01 - Ain", "Ain"),
     ("Región de Valparaíso", "Valparaíso"), ("Precinct 7", "7"),
     ("gmina Bolesławiec", "BOLESLAWIEC")],
)  # fmt: skip
def test_words_for_places_beside_a_name_do_not_matter(found, known):
    assert matched_units([found], [known, "Elsewhere"]) == {found: known}
    assert matched_units([found, "Elsewhere"], [known, "Elsewhere"]) == {found: known}


def test_two_places_of_one_name_are_not_mixed_up():
    assert not matched_units(["Fulton"], ["Fulton County", "Fulton City"])
    assert not matched_units(["Fulton City"], ["Fulton County"])
    assert not matched_units(["1 Lyon", "2 Lyon"], ["Lyon"])
