"""Many runoffs of one day from a file: who advances, who withdraws, seats and constituencies."""

import csv
from datetime import date

import pytest
from test_families import BLOCKS, families, made
from test_languages import OTHERS, words_of

from forecast import InputError, learn_families
from forecast.facts.many_contests import read_contests
from forecast.outcome.many import by_constituency, forecast_many
from forecast.report.seats_page import render_seats
from forecast.transfers.families.changes import FamilyChanges, read_changes
from forecast.transfers.roles.file import write_learned

HEAD = "contest,candidate,family,votes,finalist,withdrawn"
RULE = "majority; 12.5% of registered"


def constituency(name, votes, registered=40_000, withdrawn=()):
    out = [
        f"{name},{name}-{family},{family},{n},,{'yes' if family in withdrawn else ''}"
        for family, n in votes.items()
    ]
    return [*out, f"{name},registered,,{registered},,", f"{name},invalid,,300,,"]


ROWS = [
    *constituency("A", {"left": 9000, "right": 8000, "front": 7000}),
    *constituency("B", {"left": 9000, "right": 8000, "front": 7000}, withdrawn=("left",)),
    *constituency("C", {"right": 15000, "left": 7000, "green": 3000}),
    *constituency("D", {"right": 9500, "list": 8000, "front": 6000, "green": 500}),
]


@pytest.fixture
def file(tmp_path):
    def write(rows=ROWS):
        path = tmp_path / "many.csv"
        path.write_text("\n".join([HEAD, *rows]), "utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def prior():
    return learn_families(made(), families=families, blocks=BLOCKS, as_of=date(2010, 6, 1))


def test_the_rule_says_who_advances_and_a_majority_is_a_seat(file):
    found = read_contests(file(), advancement=RULE)
    finalists = {c.name: [f.split("-")[1] for f in c.finalists] for c in found.contests}
    assert finalists == {
        "A": ["left", "right", "front"],
        "B": ["right", "front"],
        "D": ["right", "list", "front"],
    }
    assert found.elected == {"C": ("C-right", "right")}
    assert found.decided == {"right": 1}
    assert found.withdrawals == ("B: B-left (left) withdrew",)
    assert "3 runoffs (1 of 2 finalists, 2 of 3 finalists)" in str(found)


def test_in_a_pact_the_third_withdraws_and_the_second_does_not(file):
    found = read_contests(file(), advancement=RULE, third_withdraws=["front", "right"])
    assert {c.name: len(c.finalists) for c in found.contests} == {"A": 2, "B": 2, "D": 2}
    assert "D: D-front (front) withdrew" in found.withdrawals


def test_who_is_left_alone_is_elected(file):
    rows = constituency("E", {"left": 9000, "right": 8000, "green": 2000}, withdrawn=("right",))
    found = read_contests(file([*ROWS, *rows]), advancement=RULE)
    assert found.elected["E"] == ("E-left", "left")


def test_voters_of_who_withdrew_stay_an_origin(file):
    found = read_contests(file(), advancement=RULE, first_round=date(2010, 6, 13))
    ledger = next(c for c in found.contests if c.name == "B").ledger()
    assert ledger.kinds[ledger.index("B-left")] == "eliminated"
    assert ledger.totals[ledger.index("B-left")] == 9000


def test_seats_add_up_and_an_alliance_stands(file, prior):
    found = read_contests(file(), advancement=RULE, first_round=date(2010, 6, 13))
    changes = FamilyChanges(alliances={"list": {"left": 2, "green": 1}}, unsettled=("front",))
    result = forecast_many(found, prior, changes=changes, draws=400)
    assert result.total == 4
    assert (result.seats.sum(axis=1) == 4).all()
    assert all(c.shares_day for c in result.contests)
    rows = by_constituency(found, result)
    won = [row for row in rows if row["contest"] == "D"]
    assert sum(row["win_probability"] for row in won) == pytest.approx(1, abs=0.01)
    assert all(0 < row["win_probability"] < 1 for row in won)
    assert rows[-1]["win_probability"] == "elected"


def test_the_command_writes_seats_and_every_constituency(file, prior, run, tmp_path):
    write_learned(prior, tmp_path / "families.json")
    (tmp_path / "changes.toml").write_text(
        'third_withdraws = ["front"]\n[alliances.list]\nleft = 2\ngreen = 1\n', "utf-8"
    )
    options = ["--prior", "families.json", "--changes", "changes.toml", "--rule", RULE]
    code, out, err = run(
        "many", str(file()), *options, "--first-round", "2010-06-13", "--draws", "200"
    )
    assert code == 0, err
    assert "3 withdrew" in out
    with (tmp_path / "seats.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["contest"] for row in rows] == ["A", "A", "B", "B", "D", "D", "C"]
    page = (tmp_path / "seats.html").read_text("utf-8")
    assert "D-list" in page
    assert "Withdrawals" in page


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["A,ada,,5,,", "A,registered,,9,,"], "needs a family"),
        (["A,ada,left,5,,"], "registered people of 'A' must be known"),
        (["A,ada,left,5,,", "A,ada,left,5,,", "A,registered,,20,,"], "occur once"),
        (constituency("A", {"left": 900, "right": 800, "green": 5}, withdrawn=("green",)), "only"),
        (
            constituency("A", {"left": 9, "right": 8, "green": 2}, 20, withdrawn=("left", "right")),
            "leave one",
        ),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(file, rows, message):
    with pytest.raises(InputError, match=message):
        read_contests(file(rows))


def test_a_pact_needs_a_family_that_stands(file):
    with pytest.raises(InputError, match="did you mean 'front'"):
        read_contests(file(), third_withdraws=["frnt"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unsetled = []", "did you mean 'unsettled'"),
        ('unsettled = "left"', "must be a list"),
        ("alliances = 3", "must be tables"),
    ],
)
def test_a_file_of_changes_that_breaks_a_rule_is_refused(tmp_path, text, message):
    path = tmp_path / "changes.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        read_changes(path)


def test_a_prior_by_role_is_refused(file, run):
    from pathlib import Path

    import forecast

    bundled = Path(forecast.__file__).parent / "data/priors/georgia-runoffs-2014-2016.json"
    code, _, err = run("many", str(file()), "--prior", str(bundled), "--rule", RULE)
    assert code == 2
    assert "political families" in err


@pytest.mark.parametrize("language", OTHERS)
def test_the_page_of_seats_speaks_one_language(file, prior, language):
    found = read_contests(file(), advancement=RULE, first_round=date(2010, 6, 13))
    result = forecast_many(found, prior, draws=400)
    rows = by_constituency(found, result)
    assert "2 of 3 finalists" in words_of(render_seats(found, result, rows))
    text = words_of(render_seats(found, result, rows, language=language))
    english = ("Seats", "finalists", "withdrew", "draws", "Every", "interval of", "wins", "elected")
    assert [word for word in english if word in text] == []


YES = ("yes", "Oui", "1", "x", "✓", "да", "désistement", "2024-07-02", "Wycofany")
NO = ("no", "non", "0", "False", "-", "n/a", "нет", "ei", "maintenu", "not withdrawn", "✗")


@pytest.mark.parametrize(
    ("cell", "withdrew"), [*((cell, 1) for cell in YES), *((cell, 0) for cell in NO)]
)
def test_withdrawn_is_read_as_yes_or_no(file, cell, withdrew):
    rows = [row + cell if row.startswith("A,A-front") else row for row in ROWS]
    assert len(read_contests(file(rows), advancement=RULE).withdrawals) == 1 + withdrew


@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), ("2e tour", "éliminé"), ("si", ""),
                                         ("qualified", "0"), ("wybrany", "нет")])  # fmt: skip
def test_finalist_is_read_as_yes_or_no(file, yes, no):
    first = {"left": yes, "right": no, "front": yes}
    rows = [f"A,A-{f},{f},{9000 - k},{cell}," for k, (f, cell) in enumerate(first.items())]
    rows = [*rows, "A,registered,,40000,,"]
    (found,) = read_contests(file(rows), advancement=RULE).contests
    assert found.finalists == ("A-left", "A-front")


@pytest.mark.parametrize("cell", ["maybe", "?", "peut-être", "12"])
@pytest.mark.parametrize("column", ["finalist", "withdrawn"])
def test_what_is_neither_yes_nor_no_is_refused(file, column, cell):
    rows = [f"A,ada,left,900,{cell},", *ROWS] if column == "finalist" else [
        f"A,ada,left,900,,{cell}", *ROWS]  # fmt: skip
    with pytest.raises(InputError, match=f"line 2: '{column}' must be yes or no"):
        read_contests(file(rows), advancement=RULE)


def summed(name, *, part=1.0):
    return constituency(name, {"left": int(25_000 * part), "right": 40_500, "front": 20_000,
                               "green": 3_500, "list": 8_000}, registered=160_000)  # fmt: skip


@pytest.mark.parametrize("name", ["Total", "Ogółem", "Insgesamt", "Всего", "France entière"])
def test_a_contest_that_sums_the_others_is_no_seat(file, name):
    rows = [row.replace("invalid,,300", "invalid,,1200") for row in summed(name)]
    found = read_contests(file([*ROWS, *rows]), advancement=RULE)
    assert len(found.contests) + len(found.elected) == 4
    assert found.notes == (f"1 row that is a sum of others left out: {name}",)


def test_a_total_that_misses_votes_is_left_out_with_a_note(file):
    found = read_contests(file([*ROWS, *summed("Total", part=0.5)]), advancement=RULE)
    assert len(found.contests) + len(found.elected) == 4
    assert "is called a total and has" in found.notes[0]


@pytest.mark.parametrize("name", ["Total", "E"])
def test_a_contest_that_sums_nothing_stays(file, name):
    rows = constituency(name, {"left": 9100, "right": 8200, "front": 7300})
    assert len(read_contests(file([*ROWS, *rows]), advancement=RULE).contests) == 4


@pytest.mark.parametrize(
    "votes", [{"left": 99_999, "right": 8517}, {"left": 30_000, "right": 9900}]
)
def test_more_votes_than_registered_are_refused_even_of_the_elected(file, votes):
    with pytest.raises(InputError, match=r"'E' has .* ballots but 40,000 registered"):
        read_contests(file([*ROWS, *constituency("E", votes)]), advancement=RULE)


def test_numbers_of_constituencies_that_come_again_are_no_contests(tmp_path):
    rows = [f"{place};{k};{who}-{place};{who};{votes}" for place in ("Ain", "Aisne") for k in (1, 2)
            for who, votes in (("left", 900), ("right", 800), ("registered", 4000))]  # fmt: skip
    path = tmp_path / "many.csv"
    path.write_text("\n".join(["département;circonscription;candidat;nuance;voix", *rows]), "utf-8")
    with pytest.raises(InputError, match="column 'contest' is required"):
        read_contests(path, advancement=RULE)


def test_families_are_learned_from_a_file_of_both_rounds(file, run, tmp_path):
    """What `forecast learn --families` writes is what `forecast many` takes."""
    rows = ["contest,round,date,candidate,family,votes"]
    for k, (left, right, front) in enumerate([(9, 8, 5), (7, 9, 4), (8, 6, 5), (6, 8, 3)] * 3):
        one, two = ("2007-06-10", "2007-06-17") if k % 2 else ("2002-06-09", "2002-06-16")
        votes = {"left": left, "right": right, "front": front}
        rows += [f"c{k},1,{one},{f} {k},{f},{n}000" for f, n in votes.items()]
        rows += [f"c{k},1,{one},registered,,40000", f"c{k},2,{two},left {k},left,{left}900"]
        rows += [f"c{k},2,{two},right {k},right,{right + front}000"]
    (tmp_path / "history.csv").write_text("\n".join(rows), "utf-8")
    code, out, err = run("learn", "history.csv", "--families", "--out", "families.json")
    assert (code, "front, left, right" in out) == (0, True), err
    options = ["--prior", "families.json", "--rule", RULE, "--first-round", "2010-06-13"]
    code, out, err = run("many", str(file(ROWS[:10])), *options, "--draws", "200")
    assert code == 0, err
    assert "left" in out
    code, _, err = run(
        "learn", "history.csv", "--families", "--out", "x.json", "--turnout", "world"
    )
    assert (code, "--turnout" in err, (tmp_path / "x.json").exists()) == (2, True, False)
