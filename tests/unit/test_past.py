"""Histories in a CSV file: read as documented, refused with a reason."""

from datetime import date

import pytest

from forecast import InputError, past_runoffs, read_past_runoffs

ROWS = """contest,round,date,unit,candidate,role,votes
x,1,2016-01-10,north,ada,government,40
x,1,2016-01-10,north,ben,rival,30
x,1,2016-01-10,north,cid,,20
x,1,2016-01-10,north,invalid,,3
x,1,2016-01-10,north,registered,,150
x,1,2016-01-10,south,ada,government,10
x,1,2016-01-10,south,ben,rival,60
x,1,2016-01-10,south,registered,,90
x,2,2016-01-24,north,ada,,44
x,2,2016-01-24,north,ben,,45
x,2,2016-01-24,north,invalid,,1
x,2,2016-01-24,south,ada,,15
x,2,2016-01-24,south,ben,,55
x,2,2016-01-24,south,invalid,,2
"""


def read(tmp_path, text):
    path = tmp_path / "history.csv"
    path.write_text(text, "utf-8")
    return read_past_runoffs(path)


def test_counts_and_roles_are_what_the_file_says(tmp_path):
    history = read(tmp_path, ROWS)
    ((contest, returns),) = history
    assert contest.units == returns.units == ("north", "south")
    assert contest.finalists == ("ben", "ada")  # by first-round votes
    assert contest.votes.tolist() == [[40, 30, 20], [10, 60, 0]]
    assert contest.invalid.tolist() == [3, 0]
    assert contest.registered.tolist() == [150, 90]
    assert returns.votes.tolist() == [[45, 44], [55, 15]]
    assert returns.invalid.tolist() == [1, 2]
    assert returns.registered is None
    assert str(contest.runoff) == "2016-01-24"
    assert history.roles["x"] == {
        "ada": "government",
        "ben": "rival",
        "cid": "eliminated",
        "invalid": "non-voters",
        "non-voters": "non-voters",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("x,2,2016-01-24,north,ada,,44", "x,3,2016-01-24,north,ada,,44", "round must be 1 or 2"),
        ("x,2,2016-01-24,north,ada,,44", "x,2,2016-01-24,north,dot,,44", "none for 'dot'"),
        ("x,2,2016-01-24,north,ada,,44", "x,2,2016-01-24,north,ben,,44", "found 'ben' again"),
        ("x,2,2016-01-24,north,ada,,44", "x,2,2016-01-25,north,ada,,44", "a round has one date"),
        ("x,2,2016-01-24,north,ada,,44", "x,2,2016-01-24,north,ada,odd,44", "has one role"),
        ("x,1,2016-01-10,south,registered,,90\n", "", "must be known, since non-voters"),
        ("2016-01-10", "tenth", "date must look like"),
        ("x,2", "y,2", "must have both rounds"),
        (",60", ",6.5", "whole number"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(tmp_path, old, new, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, ROWS.replace(old, new))


HEADS = {
    "contest,round,date,unit,candidate,role,votes": ("1", "2"),
    "circonscription,tour,date,commune,candidat,role,voix": ("1er tour", "2e tour"),
    "okręg,tura,data,gmina,kandydat,role,głosy": ("I", "II"),
    "contest,turno,data,município,candidato,role,votos": ("1º turno", "2º turno"),
    "contest,round,date,unit,candidate,role,votes ": ("first", "second"),
    "contest,round,date,precinct,candidate,role,Votes": ("R1", "R2"),
    "contest,тур,дата,дільниця,кандидат,role,голоси": ("перший", "другий"),
    "Wahlkreis,Wahlgang,Datum,Gemeinde,Kandidat,role,Stimmen": ("erster", "Stichwahl"),
    "obvod,kolo,datum,obec,kandidát,role,hlasy": ("1. kolo", "2. kolo"),
}


@pytest.mark.parametrize(("head", "rounds"), HEADS.items())
def test_columns_and_rounds_are_named_in_the_words_of_other_tables(tmp_path, head, rounds):
    lines = [head, *ROWS.splitlines()[1:]]
    for which, word in zip("12", rounds, strict=True):
        lines = [line.replace(f"x,{which},", f"x,{word},") for line in lines]
    plain, named = read(tmp_path, ROWS), read(tmp_path, "\n".join(lines))
    (first, returns), (known, counted) = named[0], plain[0]
    assert first == known
    assert (returns.units, returns.votes.tolist()) == (counted.units, counted.votes.tolist())
    assert named.roles == plain.roles


MANY = [f"{name},{which},2016-01-{day},{who},{votes * size}"
        for name, size in (("a", 10), ("b", 13), ("c", 19))
        for which, day, counts in (("1", 10, {"ada": 40, "ben": 30, "cid": 20, "registered": 150}),
                                   ("2", 24, {"ada": 52, "ben": 48}))
        for who, votes in counts.items()]  # fmt: skip


def total_of(name, kinds, size=42):
    return [f"{name},{which},,{who},{votes * size}"
            for which, who, votes in (("1", "ada", 40), ("1", "ben", 30), ("1", "cid", 20),
                                      ("1", "registered", 150), ("2", "ada", 52), ("2", "ben", 48))
            if who in kinds]  # fmt: skip


@pytest.mark.parametrize("name", ["Total", "Razem", "Итого", "Gesamt"])
@pytest.mark.parametrize("kinds", [("ada", "ben", "cid", "registered"), ("ada", "ben", "cid")])
def test_a_total_of_the_contests_is_no_runoff(tmp_path, name, kinds):
    rows = ["contest,round,date,candidate,votes", *MANY, *total_of(name, kinds)]
    found = read(tmp_path, "\n".join(rows))
    assert [contest.name for contest, _ in found] == ["a", "b", "c"]
    assert found.notes == (f"1 row that is a sum of others left out: {name}",)


@pytest.mark.parametrize(("cell", "gave_up"), [("", ()), ("no", ()), ("0", ()), ("non", ()),
    ("yes", ("b",)), ("finalist (Ada) gave up 2016-01-12", ("b",))])  # fmt: skip
def test_withdrawn_is_yes_or_no(tmp_path, cell, gave_up):
    rows = [f"{row}," for row in MANY]
    rows[-8] += cell
    text = "\n".join(["contest,round,date,candidate,votes,withdrawn", *rows])
    assert read(tmp_path, text).withdrawn == gave_up
    with pytest.raises(InputError, match="'withdrawn' must be yes or no - found 'perhaps'"):
        read(tmp_path, text.replace(f"{rows[-1]}", f"{rows[-1]}perhaps"))


@pytest.mark.parametrize("column", ["nuance", "elected", "day", "family"])
def test_a_label_that_changes_between_the_rounds_is_no_reason_to_refuse(tmp_path, column):
    told = {"nuance": ("DVG", "UG"), "elected": ("no", "yes"), "day": ("Sunday", "Sunday"),
            "family": ("left", "left union")}[column]  # fmt: skip
    rows = [f"contest,round,candidate,{column},votes"]
    rows += [f"Lyon,1,{c},{told[0]},{n}" for c, n in (("Ada", 90), ("Ben", 80), ("Cyd", 30))]
    rows += ["Lyon,1,registered,,400", f"Lyon,2,Ada,{told[1]},120", f"Lyon,2,Ben,{told[1]},100"]
    (tmp_path / "h.csv").write_text("\n".join(rows), "utf-8")
    found = read_past_runoffs(tmp_path / "h.csv")
    assert found[0][1].totals == {"Ada": 120, "Ben": 100}
    expected = (
        {}
        if column in ("elected", "day")
        else {"Lyon": dict.fromkeys(["Ada", "Ben", "Cyd"], told[0])}
    )
    assert {k: dict(v) for k, v in found.families.items()} == expected


def test_days_of_both_rounds_may_stand_in_columns_of_their_own(tmp_path):
    lines = ROWS.replace(",date,", ",first_round,runoff,").splitlines()
    days = {"2016-01-10": "2016-01-10,2016-01-24", "2016-01-24": "2016-01-10,2016-01-24"}
    rows = [lines[0]] + [
        line.replace(day, both) for line in lines[1:] for day, both in days.items() if day in line
    ]
    ((contest, _),) = read(tmp_path, "\n".join(rows))
    assert [contest.first_round, contest.runoff] == [date(2016, 1, 10), date(2016, 1, 24)]


def test_a_history_as_of_a_day_says_nothing_of_later_contests(tmp_path):
    """Who gave up later is not known, nor who had which role."""
    georgia = past_runoffs("georgia")
    assert georgia.withdrawn
    before = georgia.as_of(date(2015, 1, 1))
    names = {contest.name for contest, _ in before}
    assert 0 < len(before) < len(georgia)
    assert {*before.withdrawn, *before.roles, *before.families} <= names
