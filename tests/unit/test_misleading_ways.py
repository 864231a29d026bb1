"""Rows of a unit for ways to vote, and rows of an office that count people: once refused."""

import io

import polars as pl
import pytest

from forecast import Contest, InputError, read_contest, read_partial_returns, read_returns
from forecast.facts.partial_returns import partial_returns

PEOPLE = "Ken Paxton,George P. Bush,Eva Guzman"
TOTALS = {"Ken Paxton": 154, "George P. Bush": 132, "Eva Guzman": 110}
PARTS = {
    "Bexar": ([40, 30, 20], [100, 90, 80]),
    "Val Verde": ([4, 3, 2], [10, 9, 8]),
}


def contest(text, tmp_path, **options):
    path = tmp_path / "votes.csv"
    path.write_text(text, "utf-8")
    return read_contest(path, **{"advancement": "top two", "electorate": "voters"} | options)


def votes(found):
    return dict(zip(found.candidates, found.votes.sum(axis=0).tolist(), strict=True))


def cells(counts):
    return ",".join(map(str, counts))


def rows(head, ways, *, order="unit", sums=""):
    """Return a table of units by ways to vote, and maybe their sums."""
    found = [
        (unit, way, counts)
        for unit, parts in PARTS.items()
        for way, counts in zip(ways, parts, strict=True)
    ]
    if sums:
        found += [(unit, sums, map(sum, zip(*parts, strict=True))) for unit, parts in PARTS.items()]
    found.sort(key=lambda row: row[order == "way"])
    lines = [f"{unit},{way},{cells(counts)}" for unit, way, counts in found]
    return "\n".join([f"{head},{PEOPLE}", *lines]) + "\n"


WAYS = ("Absentee", "Election Day")


@pytest.mark.parametrize("order", ["unit", "way"])
@pytest.mark.parametrize("unit", ["County", "Precinct", "Municipality", "unit", "Region", "Place"])
@pytest.mark.parametrize("name", ["Vote Type", "Voting Method", "Mode", "Channel", "Way", "X"])
def test_rows_of_ways_to_vote_are_summed(tmp_path, name, unit, order):
    found = contest(rows(f"{unit},{name}", WAYS, order=order), tmp_path)
    assert (found.units, votes(found)) == (("Bexar", "Val Verde"), TOTALS)
    assert any("Absentee, Election Day are summed" in str(note) for note in found.notes)


@pytest.mark.parametrize(
    "ways",
    [("Early Voting", "Election Day"), ("Mail-In", "In-Person"), ("Briefwahl", "Urnenwahl"),
     ("Brief", "Urne"), ("By post", "Polling place"), ("Provisional", "Advance in Person"),
     ("correo", "presencial"), ("ennakkoäänet", "vaalipäivä")],
)  # fmt: skip
def test_ways_to_vote_are_known_by_their_cells(tmp_path, ways):
    assert votes(contest(rows("County,Art", ways), tmp_path)) == TOTALS


@pytest.mark.parametrize("total", ["Total", "TOTAL", "Total votes", "Razem"])
def test_the_total_of_a_unit_is_taken_alone(tmp_path, total):
    found = contest(rows("County,Vote Type", WAYS, sums=total), tmp_path)
    assert votes(found) == TOTALS
    assert any(f"rows called {total} are taken" in str(note) for note in found.notes)


@pytest.mark.parametrize("label", [",", "Total,", ",Total"])
def test_a_last_row_of_all_units_is_no_unit(tmp_path, label):
    unit = "Total" if label != "," else ""
    way = "Total" if label == ",Total" else ""
    text = rows("County,Vote Type", WAYS) + f"{unit},{way},154,132,110\n"
    assert votes(contest(text, tmp_path)) == TOTALS


def test_people_on_the_list_are_counted_once_and_percentages_left_out(tmp_path):
    text = f"County,Vote Type,Registered,{PEOPLE},Turnout %,Blank\n"
    text += "Bexar,Absentee,900,40,30,20,10.1,1\nBexar,Election Day,900,100,90,80,30.3,2\n"
    text += "Val Verde,Absentee,90,4,3,2,10.0,0\nVal Verde,Election Day,90,10,9,8,33.3,1\n"
    found = contest(text, tmp_path)
    assert (found.registered.tolist(), found.invalid.tolist()) == ([900, 90], [3, 1])


def test_precincts_of_one_number_in_two_counties_stay_apart(tmp_path):
    text = f"County,Precinct,Mode,{PEOPLE}\n"
    text += "".join(
        f"{county},101,{way},{cells(counts)}\n"
        for county, parts in PARTS.items()
        for way, counts in zip(WAYS, parts, strict=True)
    )
    found = contest(text, tmp_path)
    assert (len(found.units), votes(found)) == (2, TOTALS)


def test_units_that_are_ways_to_vote_themselves_stay(tmp_path):
    text = f"Gemeinde,Bezirk,Art,{PEOPLE}\nA,1,Urnenwahl,40,30,20\nA,2,Briefwahl,100,90,80\n"
    text += "B,1,Urnenwahl,4,3,2\nB,2,Briefwahl,10,9,8\n"
    assert len(contest(text, tmp_path).units) == 4


def test_a_row_given_twice_is_no_way_to_vote(tmp_path):
    with pytest.raises(InputError, match="every unit must occur once"):
        contest(rows("unit,Mode", ("Absentee", "Absentee")), tmp_path)


def test_rounds_and_results_by_ways_to_vote(tmp_path):
    both = f"County,Mode,Round,{PEOPLE}\n"
    for county, parts in PARTS.items():
        for way, counts in zip(WAYS, parts, strict=True):
            both += f"{county},{way},1,{cells(counts)}\n{county},{way},2,{cells(counts[:2])},\n"
    assert votes(contest(both, tmp_path)) == TOTALS
    first = contest(rows("County,Mode", WAYS), tmp_path)
    path = tmp_path / "runoff.csv"
    path.write_text(both.replace(",40,30,\n", ",41,30,\n"), "utf-8")
    assert read_returns(path, contest=first).votes.tolist() == [[141, 120], [14, 12]]


@pytest.mark.parametrize("unit", ["County", "Precinct", "unit"])
def test_ways_not_yet_reported_are_not_counted(unit):
    """Of two rows of one county the last counted alone, and the other county was counted out."""
    text = f"unit,registered,{PEOPLE}\nBexar,900,140,120,100\nVal Verde,90,14,12,10\n"
    first = pl.read_csv(io.StringIO(text))
    known = Contest.from_frame(first, name="two", finalists=["Ken Paxton", "George P. Bush"])
    text = f"{unit},Vote Type,Ken Paxton,George P. Bush\n"
    text += "Bexar,Absentee,40,30\nBexar,Election Day,101,90\nVal Verde,Absentee,4,3\n"
    night = partial_returns(known, pl.read_csv(io.StringIO(text)))
    assert night.votes.tolist() == [[141, 120], [4, 3]]
    assert night.counted[0] == 1
    assert night.counted[1] < 0.5


def test_a_unit_whose_total_is_not_yet_told_is_not_lost():
    text = f"unit,registered,{PEOPLE}\n"
    text += "".join(f"{unit},900,140,120,100\n" for unit in ("a", "b", "c"))
    first = pl.read_csv(io.StringIO(text))
    known = Contest.from_frame(first, name="three", finalists=["Ken Paxton", "George P. Bush"])
    text = "unit,Mode,Ken Paxton,George P. Bush\nc,Absentee,4,3\n"
    for unit in "ab":
        text += f"{unit},Absentee,40,30\n{unit},Election Day,101,90\n{unit},Total,141,120\n"
    night = partial_returns(known, pl.read_csv(io.StringIO(text)))
    assert night.votes.tolist() == [[141, 120], [141, 120], [4, 3]]
    assert night.counted[2] < 0.5


# --- counts of people in rows of an office --------------------------------------------------------

STOOD = {"Ken Paxton": (400, 200), "George P. Bush": (300, 150), "Eva Guzman": (250, 120)}
LISTED, CAST = (3000, 900), (1000, 500)


def offices(*more, counts=("Registered Voters", "Ballots Cast"), head="county,office", place=""):
    """Return rows as OpenElections writes them: a contest, and counts of people beside it."""
    lines = [f"{head},district,party,candidate,votes"]
    for u, unit in enumerate(("Bexar", "Val Verde")):
        numbers = (LISTED, CAST)
        lines += [
            f"{unit},{place}{name},,,,{n[u]}" for name, n in zip(counts, numbers, strict=True)
        ]
        lines += [f"{unit},{place}Attorney General,,REP,{who},{n[u]}" for who, n in STOOD.items()]
        lines += [f"{unit},{place}{line}" for line in more]
    return "\n".join(lines) + "\n"


def facts(found):
    return (found.registered.tolist(), found.invalid.tolist(), votes(found))


OF_ALL = ([3000, 900], [50, 30], {"Ken Paxton": 600, "George P. Bush": 450, "Eva Guzman": 370})
OTHERS = ("Railroad Commissioner,,REP,Ann,5", "Railroad Commissioner,,REP,Bob,6")


@pytest.mark.parametrize("chosen", [None, "Attorney General", "Eva Guzman"])
@pytest.mark.parametrize(
    "counts",
    [("Registered Voters", "Ballots Cast"), ("REGISTERED VOTERS", "Total Ballots Cast"),
     ("Registration", "Cards Cast"), ("Inscrits", "Votants"), ("Electores", "Voters")],
)  # fmt: skip
def test_counts_of_people_are_no_contest(tmp_path, counts, chosen):
    found = contest(offices(counts=counts), tmp_path, contest=chosen)
    assert facts(found) == OF_ALL
    assert any("are counts of people" in str(note) for note in found.notes)


@pytest.mark.parametrize("chosen", ["Attorney General", "Ken Paxton"])
def test_counts_of_people_are_of_every_contest(tmp_path, chosen):
    assert facts(contest(offices(*OTHERS), tmp_path, contest=chosen)) == OF_ALL
    with pytest.raises(InputError, match="found 2 in column 'office': Attorney General, Railroad"):
        contest(offices(*OTHERS), tmp_path)


def test_counts_of_people_of_precincts_and_of_another_party(tmp_path):
    text = offices(head="county,precinct,office", place="101,")
    assert facts(contest(text, tmp_path)) == OF_ALL
    text = offices("Ballots Cast,,DEM,,70").replace("Cast,,,,", "Cast,,REP,,")
    assert facts(contest(text, tmp_path)) == OF_ALL


def test_blank_ballots_of_all_contests_are_invalid_where_the_contest_has_none(tmp_path):
    assert contest(offices("Ballots Cast - Blank,,,,20"), tmp_path).invalid.tolist() == [20, 20]
    more = ("Ballots Cast - Blank,,,,20", "Attorney General,,,Under Votes,30")
    assert contest(offices(*more), tmp_path).invalid.tolist() == [30, 30]


def test_votes_on_election_day_are_no_place(tmp_path):
    """Units were called "200 101": by the votes on election day, and the precinct."""
    text = "county,precinct,office,candidate,early_voting,election_day,votes\n"
    for u, unit in enumerate(("Bexar", "Val Verde")):
        text += f"{unit},101,Registered Voters,,,,{LISTED[u]}\n"
        for who, n in STOOD.items():
            text += f"{unit},101,Attorney General,{who},{n[u] // 2},{n[u] // 2},{n[u]}\n"
    found = contest(text, tmp_path)
    assert found.units == ("Bexar 101", "Val Verde 101")
    assert found.registered.tolist() == [3000, 900]
    assert votes(found) == OF_ALL[2]


def test_the_runoff_of_an_office_has_its_counts_of_people(tmp_path):
    first = contest(offices(), tmp_path)
    text = offices(*OTHERS, counts=("Registered Voters", "Ballots Cast"))
    path = tmp_path / "runoff.csv"
    kept = [line for line in text.splitlines() if "Eva" not in line]
    path.write_text("\n".join(kept).replace("Paxton,400", "Paxton,410") + "\n", "utf-8")
    assert read_returns(path, contest=first).votes.tolist() == [[410, 300], [200, 150]]


@pytest.mark.parametrize("kinds", ["Machine Paper Total", "Urna Carta Totale", "Booth Home Gesamt"])
def test_unknown_ways_to_vote_beside_their_exact_total(tmp_path, kinds):
    """They were units of their own, and every vote was counted twice."""
    one, two, whole = kinds.split()
    rows = []
    for k, unit in enumerate(("Ashby", "Burton", "Corby")):
        first, second = (140 + 7 * k, 131, 51), (153, 140 - k * k, 52)
        both = [a + b for a, b in zip(first, second, strict=True)]
        for kind, votes in ((one, first), (two, second), (whole, both)):
            rows.append(f"{unit},{kind},1900,{','.join(map(str, votes))}")
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["Precinct,Type,Registered,Ada,Ben,Cid", *rows]) + "\n", "utf-8")
    found = read_contest(path, advancement="top two")
    assert found.units == ("Ashby", "Burton", "Corby")
    assert found.registered.sum() == 5700
    assert found.totals["Cid"] == 309


@pytest.mark.parametrize(
    "order", [("voted_12", "voted_17", "voted"), ("voted", "voted_17", "voted_12")]
)
def test_of_voters_at_several_hours_those_of_all_day_are_taken(tmp_path, order):
    """In the runoff, where the finalists are known, voters by noon were the ballots."""
    hours = {"voted_12": (100, 90, 120), "voted_17": (300, 250, 280), "voted": (500, 420, 470)}
    names = ",".join(order)
    for name, people, rows in (
        ("f", "Ada,Ben,Cid", ("200,180,100", "150,140,110", "170,150,130")),
        ("r", "Ben,Ada", ("280,205", "230,180", "250,210")),
    ):
        lines = [f"unit,registered,{names},invalid,{people}"]
        for k, row in enumerate(rows):
            cells = ",".join(str(hours[hour][k]) for hour in order)
            lines.append(f"{'nsw'[k]},900,{cells},{(15, 10, 10)[k]},{row}")
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    contest = read_contest(tmp_path / "f.csv", advancement="top two")
    found = read_partial_returns(tmp_path / "r.csv", contest)
    assert found.votes.tolist() == [[205, 280], [180, 230], [210, 250]]
    assert any("voted ballots" in note for note in found.notes)


@pytest.mark.parametrize("head", ["Area", "Área", "Fläche", "Площ", "Name", "Superficie", "Place"])
def test_a_place_under_any_heading_tells_rows_of_ways_apart(tmp_path, head):
    """Area may be a size, of which ways to vote may have several, and a name anybody's."""
    rows = [
        f"{unit},{who},{way},{votes}"
        for unit, own in (("Ashton", (400, 100, 300, 90)), ("Burford", (500, 150, 600, 170)))
        for (who, way), votes in zip(
            [(who, way) for who in ("Ada", "Ben") for way in ("In person", "By mail")],
            own,
            strict=True,
        )
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join([f"{head},Candidate,Mode,Votes", *rows]) + "\n", "utf-8")
    found = read_contest(path, electorate="voters", finalists=["Ada", "Ben"])
    assert found.units == ("Ashton", "Burford")
    assert found.votes.tolist() == [[500, 390], [650, 770]]
