"""Second lines of headers with digits: rounds, days, numbers on the ballot, and of parties."""

from datetime import date

import pytest

from forecast import InputError, read_contest, read_election, read_polls
from forecast.facts.contest import Contest

POLLED, RUNOFF = date(2030, 5, 5), date(2030, 5, 19)
CONTEST = Contest(
    name="demo", candidates=("Ada Adler", "Ben Birk", "Cid Cole"),
    finalists=("Ada Adler", "Ben Birk"), units=("north",), votes=[[400, 350, 250]], invalid=[20],
    registered=[1500], first_round=POLLED, runoff=RUNOFF,
)  # fmt: skip
ROUNDS = (
    ("First round", "Second round"), ("1st round", "2nd round"), ("1er tour", "2e tour"),
    ("1. kolo", "2. kolo"), ("1. Wahlgang", "Stichwahl"), ("1ª vuelta", "2ª vuelta"),
    ("1.º turno", "2.º turno"), ("Turul 1", "Turul 2"), ("1 тур", "2 тур"), ("R1", "R2"),
    ("Putaran 1", "Putaran 2"), ("Round 1", "Round 2"), ("T1", "T2"), ("1e ronde", "2e ronde"),
    ("1. omgang", "2. omgang"), ("5 May 2030", "19 May 2030"), ("2030-05-05", "2030-05-19"),
)  # fmt: skip
UNITS = (("north", 900, 10, 200, 300, 190, 250, 90), ("south", 950, 12, 210, 290, 180, 280, 100))
POLLS = (["Acme", "2–4 April 2030", "1000", "31", "48", "27", "42"],
         ["Best", "20–24 April 2030", "900", "33", "47", "25", "43"])  # fmt: skip


def write(tmp_path, *lines):
    path = tmp_path / "table.csv"
    path.write_text("".join(";".join(map(str, line)) + "\n" for line in lines), "utf-8")
    return path


def totals(contest):
    return {contest.label(name): votes for name, votes in contest.totals.items()}


def test_rounds_below_names_in_tables_of_polls(tmp_path):
    wrong = []
    for first, second in ROUNDS:
        for rounds in ([first, second], [f"{first} (%)", f"{second} (%)"]):
            head = [["Pollster", "Date", "Sample", "Ada Adler", "", "Ben Birk", ""],
                    ["", "", "", *rounds, *rounds]]  # fmt: skip
            path = write(tmp_path, *head, *POLLS)
            before = read_election(path, election_day=POLLED).polls
            for polls in (read_polls(path, CONTEST), before):
                found = [(p.round, *p.shares.values()) for p in polls]
                expected = [("first round", 0.31, 0.27), ("runoff", 0.48, 0.42)]
                if found[:2] != expected or len(found) != 4:
                    wrong.append((rounds, found))
    assert not wrong


def test_rounds_below_names_in_counts(tmp_path):
    wrong = []
    for first, second in ROUNDS:
        for a, b in ((first, second), (second, first)):
            head = [["Unit", "Registered", "Invalid", "Ada", "", "Ben", "", "Cid"],
                    ["", "", "", a, b, a, b, first]]  # fmt: skip
            rows = UNITS if a == first else [[*x[:3], x[4], x[3], x[6], x[5], x[7]] for x in UNITS]
            try:
                found = totals(read_contest(write(tmp_path, *head, *rows), advancement="top two"))
            except InputError as error:
                found = str(error)
            wrong += [(a, b, found)] * (found != {"Ada": 410, "Ben": 370, "Cid": 190})
    assert not wrong


@pytest.mark.parametrize(
    ("upper", "lower", "people"),
    [
        (["Kandidáti", "", ""], ["1. Ada", "2. Ben", "3. Cid"], ["1. Ada", "2. Ben", "3. Cid"]),
        (["Ada", "Ben", "Cid"], ["Movement 21", "R24", "SDP"],
         ["Ada Movement 21", "Ben R24", "Cid SDP"]),
        (["Ada", "Ben", "Cid"], ["1st choice votes"] * 3,
         ["Ada 1st choice", "Ben 1st choice", "Cid 1st choice"]),
        (["Ada", "Ben", "Cid"], ["2030"] * 3, ["Ada 2030", "Ben 2030", "Cid 2030"]),
    ],
)  # fmt: skip
def test_names_with_digits_below_names(upper, lower, people, tmp_path):
    head = [["Unit", "Registered", "Invalid", *upper], ["", "", "", *lower]]
    rows = [[*x[:4], x[5], x[7]] for x in UNITS]
    found = totals(read_contest(write(tmp_path, *head, *rows), advancement="top two"))
    assert found == dict(zip(people, (410, 370, 190), strict=True))


@pytest.mark.parametrize(
    "row",
    [
        ["", "1 May 2030", "1,004 LV", "44%", "43%"],
        ["", "1 May 2030", "1,004", "44 (+1)", "43 (−2)"],
        ["", "3 May 2030", "", "Cid out by 3 May", ""],
        ["", "", "", "45", "44"],
    ],
)
def test_rows_without_a_pollster_are_no_header(row, tmp_path):
    head = ["Pollster", "Date", "Sample", "Ada Adler", "Ben Birk"]
    rows = [["Acme", "4 April 2030", "1,000 LV", "48%", "42%"], ["Best", "5 May 2030", 900, 47, 43]]
    path = write(tmp_path, head, row, *rows)
    if "%" in row[-1] or "(" in row[-1]:
        with pytest.raises(InputError, match="line 2: poll: pollster must be text"):
            read_polls(path, CONTEST)
    else:
        assert [p.pollster for p in read_polls(path, CONTEST)] == ["Acme", "Best"]


def test_people_twice_with_words_that_are_no_rounds_are_asked_about(tmp_path):
    choices = ["1st choice", "2nd choice"]
    head = [["Pollster", "Date", "Sample", "Ada Adler", "", "Ben Birk", ""],
            ["", "", "", *choices, *choices]]  # fmt: skip
    path = write(tmp_path, *head, *POLLS)
    for read in (lambda: read_polls(path, CONTEST), lambda: read_election(path)):
        with pytest.raises(InputError, match="must say their rounds - found 'Ada Adler 1st choice"):
            read()


@pytest.mark.parametrize("silent", [(), ("Undecided",)])
def test_pairs_below_the_same_word_are_runoffs_of_their_own(tmp_path, silent):
    first = [["First round", "", ""], ["Ada", "Ben", "Cid"], [40, 30, 20]]
    pairs = (["Ada", "Ben", *silent], ["Ada", "Cid", *silent])
    heads = [head for pair in pairs for head in ("Second round", *[""] * (len(pair) - 1))]
    below = [name for pair in pairs for name in pair]
    told = [x for shares in ((50, 44, 6), (52, 40, 8)) for x in shares[: len(pairs[0])]]
    path = write(tmp_path, ["Pollster", "Date", "n", *first[0], *heads],
                 ["", "", "", *first[1], *below], ["Acme", "2 April 2030", 1000, *first[2], *told],
                 ["Best", "4 April 2030", 900, *first[2], *told])  # fmt: skip
    found = read_election(path, election_day=POLLED).polls
    runoffs = [tuple(poll.shares) for poll in found if poll.round == "runoff"]
    assert runoffs == [("Ada", "Ben"), ("Ada", "Cid")] * 2
