"""Percentages and changes beside votes: signs in a row, lines of the header, plus and minus."""

from datetime import date

import pytest

from forecast import Contest, InputError, read_contest, read_partial_returns

CONTEST = Contest(
    name="demo", candidates=("Ada Adler", "Ben Birk", "Cid Cole"),
    finalists=("Ada Adler", "Ben Birk"), units=("north", "south", "west"),
    votes=[[400, 350, 250], [300, 350, 150], [200, 190, 90]], invalid=[20, 10, 5],
    registered=[1500, 1400, 900],
    first_round=date(2030, 5, 5), runoff=date(2030, 5, 19),
)  # fmt: skip
VOTES = (("north", 480, 420), ("south", 380, 410), ("west", 250, 220))
TOTALS = {"Ada Adler": 1110, "Ben Birk": 1050}


def write(tmp_path, *lines):
    path = tmp_path / "table.csv"
    path.write_text("".join(";".join(map(str, line)) + "\n" for line in lines), "utf-8")
    return path


def percent(a, b):
    return f"{100 * a / (a + b):.2f}", f"{100 * b / (a + b):.2f}"


TABLES = {
    "signs in a row": (
        [["unit", "Ada Adler", "Ben Birk", "%", "%"]],
        lambda u, a, b: [u, a, b, *percent(a, b)],
    ),
    "signs by turns": (
        [["unit", "Ada Adler", "%", "Ben Birk", "%"]],
        lambda u, a, b: [u, a, percent(a, b)[0], b, percent(a, b)[1]],
    ),
    "votes, then percent": (
        [["unit", "Votes", "", "%", ""], ["", "Adler", "Birk", "Adler", "Birk"]],
        lambda u, a, b: [u, a, b, *percent(a, b)],
    ),
    "percent, then votes": (
        [["unit", "%", "", "Votes", ""], ["", "Adler", "Birk", "Adler", "Birk"]],
        lambda u, a, b: [u, *percent(a, b), a, b],
    ),
    "changes": (
        [["unit", "Adler", "+/- vs R1", "Birk", "+/- vs R1"]],
        lambda u, a, b: [u, a, f"{a - 400:+d}", b, f"{b - 415:+d}"],
    ),
    "changes of an unknown name": (
        [["unit", "Adler", "zzz", "Birk", "yyy"]],
        lambda u, a, b: [u, a, f"{a - 400:+d}", b, f"{b - 415:+d}%"],
    ),
}


@pytest.mark.parametrize("table", [*TABLES])
def test_a_night(table, tmp_path):
    head, row = TABLES[table]
    found = read_partial_returns(write(tmp_path, *head, *(row(*x) for x in VOTES)), CONTEST)
    assert found.totals == TOTALS
    assert any("changes left out: " in note for note in found.notes) == ("changes" in table)


def test_votes_with_a_plus_are_votes(tmp_path):
    """Changes go both ways: a column in which all go up may be somebody's votes."""
    path = write(tmp_path, ["Unit", "Registered", "Invalid", "Ada", "Ben"],
                 ["north", 1500, 20, "+480", 420], ["south", 1400, 10, "+380", 410])  # fmt: skip
    assert read_contest(path, finalists=("Ada", "Ben")).totals == {"Ada": 860, "Ben": 830}


def test_a_first_round_with_changes(tmp_path):
    path = write(tmp_path, ["Unit", "Registered", "Invalid", "Ada", "vs 2025", "Ben", "vs 2025"],
                 ["north", 1500, 20, 480, "+20", 420, "−15"],
                 ["south", 1400, 10, 380, "-31", 410, "+2"])  # fmt: skip
    found = read_contest(path, finalists=("Ada", "Ben"))
    assert (found.candidates, found.totals) == (("Ada", "Ben"), {"Ada": 860, "Ben": 830})


def test_negative_votes_without_a_plus_are_refused(tmp_path):
    path = write(tmp_path, ["unit", "Adler", "Birk"], ["north", 480, "-5"], ["south", 380, "-6"])
    with pytest.raises(InputError):
        read_partial_returns(path, CONTEST)


RANKS = (
    (["Leader", "Votes", "Runner-up", "Votes"], ()),
    (["1st", "Votes", "%", "2nd", "Votes", "%"], ("53.2",)),
    (["Winner", "Stimmen", "Second", "Stimmen"], ()),
)


def ranked(names, more, rows=VOTES):
    found = []
    for unit, a, b in rows:
        two = sorted([(a, "Ada Adler"), (b, "Ben Birk")], reverse=True)
        found.append([unit, *(x for votes, who in two for x in (who, votes, *more))])
    return [["unit", *names], *found]


@pytest.mark.parametrize(("names", "more"), RANKS)
def test_who_is_first_and_second_with_votes(names, more, tmp_path):
    path = write(tmp_path, *ranked(names, more))
    assert read_partial_returns(path, CONTEST).totals == TOTALS
    found = read_contest(path, finalists=("Ada Adler", "Ben Birk"), electorate="voters")
    assert (dict(found.totals), found.units) == (TOTALS, CONTEST.units)


def test_columns_of_votes_behind_texts_that_are_no_people(tmp_path):
    """Nobody is in two of the columns, or these are parties."""
    rows = [("north", 480, 420), ("south", 380, 310)]
    with pytest.raises(InputError, match="column names must be unique"):
        read_partial_returns(write(tmp_path, *ranked(RANKS[0][0], (), rows)), CONTEST)
    parties = [["unit", "Leader", "Party", "Votes", "Second", "Party", "Votes"],
               ["north", "Ada Adler", "Left", 480, "Ben Birk", "Right", 420],
               ["south", "Ben Birk", "Right", 410, "Ada Adler", "Left", 380]]  # fmt: skip
    with pytest.raises(InputError):
        read_partial_returns(write(tmp_path, *parties), CONTEST)


BESIDE = {
    "Population": (2900, 2800, 1700), "Early votes": (300, 260, 150), "Postal votes": (61, 55, 31),
    "Votes to win": (451, 396, 236), "Required to win": (451, 396, 236),
    "Adler 1st round": (400, 300, 200), "Cid Cole (1er tour)": (250, 150, 90),
}  # fmt: skip
SOMEBODY = {"Zed": (451, 396, 240), "Cid Cole": (451, 396, 236), "Zed 1st round": (90, 80, 50)}


def beside(name, at):
    head, numbers = ["unit", "Adler", "Birk"], (BESIDE | SOMEBODY)[name]
    rows = [[*x[:at], n, *x[at:]] for x, n in zip(VOTES, numbers, strict=True)]
    return [[*head[:at], name, *head[at:]], *rows]


def test_columns_that_are_nobody_where_the_finalists_are_known(tmp_path):
    wrong = []
    for name in BESIDE:
        for at in (1, 2, 3):
            try:
                found = read_partial_returns(write(tmp_path, *beside(name, at)), CONTEST).totals
            except InputError as error:
                found = str(error)
            wrong += [(name, at, found)] * (found != TOTALS)
    assert not wrong


@pytest.mark.parametrize("name", SOMEBODY)
def test_columns_that_may_be_somebody_stay_refused(name, tmp_path):
    with pytest.raises(InputError):
        read_partial_returns(write(tmp_path, *beside(name, 3)), CONTEST)
