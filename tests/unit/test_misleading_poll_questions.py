"""Questions, scales and names in tables of polls: kinds that were once answered wrongly."""

from datetime import date

import asked
import polars as pl
import pytest
from asked import ELECTION, OF_ALL, SHARES, first_of, runoff_polls, table

import forecast as library
from forecast import InputError, read_election
from forecast.facts.polls import Answers


@pytest.fixture(name="contest")
def _contest():
    return asked.contest()


# --- several questions of one poll in rows of one answer each -------------------------------------

LIST = {"Ada": 40, "Ben": 30, "Cid": 15}
PAIR = {"Ada": 48, "Ben": 44}
LONG = "pollster,end,n,candidate,share"


def long_table(*questions, head=LONG, facts=("Acme,2030-05-01,1000",) * 9):
    """Return a table with a row for each answer; `facts` stand before those of each question."""
    rows = [
        [*fact.split(","), name, str(x)]
        for fact, answers in zip(facts, questions, strict=False)
        for name, x in answers.items()
    ]
    return pl.DataFrame(rows, schema=head.split(","), orient="row")


def shares_in(polls, **more):
    return [p.shares for p in read_election(polls, election_day=ELECTION, **more).polls]


def test_a_candidate_who_comes_again_begins_the_next_question():
    parts = {name: x / 100 for name, x in LIST.items()}
    pair = {name: x / 100 for name, x in PAIR.items()}
    assert shares_in(long_table(LIST, PAIR)) == [parts, pair]
    assert shares_in(long_table(LIST, PAIR, {"Ada": 50, "Cid": 35})) == [
        parts, pair, {"Ada": 0.5, "Cid": 0.35},
    ]  # fmt: skip
    one, two = read_election(
        long_table({**LIST, "Undecided": 15}, {**PAIR, "Undecided": 8}), election_day=ELECTION
    ).polls
    assert (one.undecided, two.undecided) == (0.15, 0.08)
    assert shares_in(long_table(LIST, LIST)) == shares_in(long_table(LIST, {"Ada": 40})) == [parts]


@pytest.mark.parametrize("answers", [
    [LIST, {"Ada": 50}], [{"Ada": 40}, {"ada": 41, "Ben": 30}],
    [{"Ada": 40}, {"Ada": 40}, {"Ben": 30}, {"Ben": 44, "Cid": 15}],
])  # fmt: skip
def test_two_shares_of_one_candidate_that_nobody_can_tell_apart(answers):
    with pytest.raises(InputError, match="give each question its own 'poll'"):
        shares_in(long_table(*answers))


@pytest.mark.parametrize("word", ["question_id", "Question", "wording"])
def test_a_column_tells_questions_apart_in_any_order(word):
    head = LONG.replace("candidate", f"{word},candidate").replace("candidate", "answer")
    facts = [f"Acme,2030-05-01,1000,q{k}" for k in (1, 2)]
    both = long_table(LIST, PAIR, head=head, facts=facts)
    assert shares_in(both.sort("answer")) == shares_in(both)
    assert shares_in(both)[1] == {"Ada": 0.48, "Ben": 0.44}


def test_questions_of_one_poll_that_has_a_number(contest, tmp_path):
    head = "poll_id,pollster_id,pollster,end_date,question_id,sample_size,population,candidate,pct"
    rows = "".join(
        f"1,11,Acme,2030-05-12,{q},900,{who},{name},{x}\n"
        for q, who, answers in ((1, "lv", LIST), (2, "rv", LIST), (3, "lv", PAIR))
        for name, x in answers.items()
    )
    found = runoff_polls(contest, tmp_path, f"{head}\n{rows}")
    assert [(p.pollster, p.round) for p in found] == [("Acme", "first round"), ("Acme", "runoff")]
    assert "line 5: rv asked as well as lv; left out" in found[0].note


# --- scales ---------------------------------------------------------------------------------------


def row(*shares, **more):
    """Return the table whose first row has these shares of Ada, Ben and Cid."""
    first = dict(zip(SHARES, shares, strict=True)) | more
    cells = {name: [str(x), *map(str, SHARES.get(name, [10] * 3)[1:])] for name, x in first.items()}
    return table(**cells)


@pytest.mark.parametrize("shares", [
    ("0.40", "30", "15"), ("40", "30", "0.15"), ("0.40", "30%", "15"),
])  # fmt: skip
def test_a_fraction_beside_percent_is_refused(shares):
    with pytest.raises(InputError, match="all percent or all fractions - found"):
        first_of(row(*shares))


@pytest.mark.parametrize("shares", [
    ("40%", "0.30", "0.15"), ("40%", "30", "15"), ("40%", "30%", "0.15"), ("0.40", "0.30", "15%"),
    ("0.40", "0.30", "0.15"),
])  # fmt: skip
def test_a_percent_sign_is_its_own_cells(shares):
    assert first_of(row(*shares)).shares == pytest.approx(OF_ALL)
    poll = first_of(row(*shares, Undecided="10%"))
    assert (poll.shares, poll.undecided) == (pytest.approx(OF_ALL), pytest.approx(0.1))


@pytest.mark.parametrize("small", [["0.5", "0.5", "0.4"], ["0.2", "1", "2"], ["<1", "0.5", "1"]])
def test_a_candidate_may_have_less_than_a_percent(small):
    found = read_election(table(Dan=small, Others=[14, 14, 13]), election_day=ELECTION)
    assert found.polls[0].shares["Dan"] < 0.0051
    assert read_election(table(Dan=small), election_day=ELECTION).polls[0].shares["Dan"] < 0.0051


def test_a_message_names_its_row_once():
    with pytest.raises(InputError) as error:
        first_of(table(n=["3 or 4", "900", "800"]))
    assert str(error.value).count("row 0") == 1


# --- candidates whose names are words -------------------------------------------------------------

WORDS = ("Lead", "Total", "Weight", "Marge", "Net", "Ahead", "Rest", "Blank")


@pytest.mark.parametrize("name", WORDS)
def test_a_candidate_who_is_known_to_stand_may_be_called_like_a_column(name):
    cells = {"Ada": 20, "Ben": [20, 19, 21], "Cid": ..., name: 45}
    found = read_election(table(**cells), election_day=ELECTION, candidates=["Ada", "Ben", name])
    assert found.candidates == ("Ada", "Ben", name)
    long = long_table({"Ada": 20, "Ben": 20, name: 45})
    assert shares_in(long, candidates=["Ada", name])[0][name] == 0.45


@pytest.mark.parametrize("name", ["Total", "Weight", "Marge", "Net"])
def test_a_number_that_is_left_out_by_its_name_is_named(name):
    found = read_election(table(**{name: 6}), election_day=ELECTION)
    assert f"no candidates by their names, left out: {name}" in found.notes
    found = read_election(long_table({**LIST, name: 6}), election_day=ELECTION)
    assert f"answer {name!r}: no candidate by its name; left out" in found.notes


@pytest.mark.parametrize("name", ["Joe Lead", "Sam Total", "Anna Blank", "Jos\u00e9 Blanco",
                                  "Anne Other", "Rating Party", "Unsure Party"])  # fmt: skip
def test_a_first_name_before_a_word_is_a_person(name):
    assert name in read_election(table(**{name: 6}), election_day=ELECTION).people


@pytest.mark.parametrize(
    "name", ["Ada Lead", "Net Lead", "Grand Total", "Total Votes", "Vote Blank"]
)
def test_a_known_word_before_such_a_word_is_none(name):
    numbers = {"Grand Total": [85, 85, 86]}.get(name, [10, 7, 13])
    assert read_election(table(**{name: numbers}), election_day=ELECTION).people == tuple(SHARES)


def test_a_lead_is_one_only_if_the_numbers_agree():
    cells = {"Ada": 20, "Ben": [20, 19, 21], "Lead": [45, 44, 43]}
    assert read_election(table(**cells), election_day=ELECTION).people == (*SHARES, "Lead")
    rounded = first_of(table(Lead=[11, 8, 12]))  # of shares before they were rounded
    assert rounded.shares == OF_ALL


def test_an_answer_that_may_be_a_person_is_named():
    found = read_election(long_table({**LIST, "Bianchi": 10}), election_day=ELECTION)
    assert (found.polls[0].undecided, found.people) == (0.1, tuple(LIST))
    assert "answer 'Bianchi': read as blank" in found.notes
    wide = read_election(table(Blanco=10), election_day=ELECTION)
    assert "column 'Blanco': read as blank" in wide.notes


def test_what_is_read_as_no_candidate_by_a_part_of_its_name_is_named():
    found = read_election(table(**{"Probably undecided": 6}), election_day=ELECTION)
    assert "column 'Probably undecided': read as undecided" in found.notes


# --- polls that are of no use for the runoff ------------------------------------------------------


def test_a_poll_about_a_runoff_with_somebody_who_is_out_is_left_out(contest, tmp_path):
    text = """pollster,end,n,list,Ada,Ben,Cid
Acme,2030-05-01,1000,all,40,30,15
Acme,2030-05-01,1000,runoff,46,44,
Acme,2030-05-01,1000,runoff,55,,35
Best,2030-05-01,1000,runoff,,50,40
"""
    found = runoff_polls(contest, tmp_path, text)
    assert [p.round for p in found] == ["first round", "runoff"]
    assert "polls.csv line 4: about a runoff with Cid, who is out; left out" in found[0].note
    with pytest.raises(InputError, match=r"found none; polls.csv line 2: about a runoff with Cid"):
        runoff_polls(contest, tmp_path, "pollster,n,Ada,Cid\nAcme,1000,55,35\n")


def test_a_poll_of_a_later_day_than_the_runoff_is_left_out(contest, tmp_path):
    text = "pollster,end,n,Ada,Ben\nAcme,2030-05-25,1000,60,30\nBest,2030-05-12,,46,44\n"
    (poll,) = runoff_polls(contest, tmp_path, text)
    assert (poll.pollster, poll.n) == ("Best", None)
    assert "line 2: of 2030-05-25, after the runoff on 2030-05-19; left out" in poll.note


def test_polls_of_later_days_alone_are_said_to_be_late(contest, tmp_path):
    found = runoff_polls(contest, tmp_path, "pollster,end,n,Ada,Ben\nAcme,2030-05-25,1000,60,30\n")
    with pytest.raises(InputError, match="must be published by the runoff on 2030-05-19 - found"):
        library.forecast_runoff(contest, polls=found, draws=200, seed=1)


def test_a_table_without_the_number_of_people_asked(contest, tmp_path):
    (poll,) = runoff_polls(contest, tmp_path, "pollster,end,Ada,Ben\nAcme,2030-05-12,46,44\n")
    assert (poll.n, poll.shares) == (None, {"Ada Adler": 0.46, "Ben": 0.44})


# --- parts of the electorate, and several populations of one poll ---------------------------------

PARTS = ("gender", "Age", "Segment", "filter", "First round vote", "crosstab", "Question", "Zz")


@pytest.mark.parametrize("word", PARTS)
def test_rows_about_a_part_of_the_people_asked_are_left_out(word, contest, tmp_path):
    parts = {"Total": (1000, 46, 44), "Men": (480, 40, 50), "Women": (520, 52, 38)}
    text = f"pollster,end,n,{word},Ada,Ben\n" + "".join(
        f"Acme,2030-05-12,{n},{part},{ada},{ben}\n" for part, (n, ada, ben) in parts.items()
    )
    (poll,) = runoff_polls(contest, tmp_path, text)
    assert (poll.n, poll.shares) == (1000, {"Ada Adler": 0.46, "Ben": 0.44})
    assert "2 rows about a part of the electorate left out: Men, Women" in poll.note
    long = long_table(
        LIST, {**LIST, "Ada": 20}, head=f"pollster,end,n,{word},candidate,share",
        facts=["Acme,2030-05-01,1000,All", "Acme,2030-05-01,1000,Men"],
    )  # fmt: skip
    assert shares_in(long) == [OF_ALL]


def test_a_text_that_names_no_whole_is_no_part():
    mode = table(**{"pollster": "Acme", "end": "2030-05-01", "Mode of asking": ["web", "tel", ""]})
    assert len(read_election(mode, election_day=ELECTION).polls) == 3
    groups = {"Ada": "Left", "Ben": "Right", "Cid": "All"}
    rows = [["Acme", "2030-05-01", "1000", c, g, str(LIST[c])] for c, g in groups.items()]
    head = ["pollster", "end", "n", "candidate", "group", "share"]
    assert shares_in(pl.DataFrame(rows, schema=head, orient="row")) == [OF_ALL]


@pytest.mark.parametrize(
    ("word", "said"),
    [("population", "rv lv a"), ("Screen", "RV LV A"),
     ("base", "everybody likely\u00a0voters decided"),
     ("Universe", "Registered\u00a0voters Likely\u00a0voters Adults")],
)  # fmt: skip
def test_one_population_of_a_poll_is_kept(word, said, contest, tmp_path):
    cells = [cell.replace("\u00a0", " ") for cell in said.split(" ")]
    same = {"pollster": "Acme", "end": "2030-05-01", word: cells}
    found = read_election(table(**same), election_day=ELECTION)
    (poll,) = found.polls
    assert (poll.shares["Ada"], poll.base) == (0.38, "likely voters")
    assert f"frame row 0: {cells[0]} asked as well as {cells[1]}; left out" in found.notes
    rows = "".join(f"Acme,2030-05-12,1000,{cell},46,44\n" for cell in cells)
    (poll,) = runoff_polls(contest, tmp_path, f"pollster,end,n,{word},Ada,Ben\n{rows}")
    assert poll.base == "likely voters"


def test_populations_of_different_polls_and_questions_are_kept():
    apart = table(population=["rv", "lv", "a"])
    assert [p.n for p in read_election(apart, election_day=ELECTION).polls] == [1000, 900, 800]
    other = table(pollster="Acme", end="2030-05-01", population=["rv", "lv", "lv"],
                  Dan=["5", None, None])  # fmt: skip
    assert len(read_election(other, election_day=ELECTION).polls) == 3
    head = LONG.replace("candidate", "population,candidate")
    facts = [f"Acme,2030-05-01,1000,{who}" for who in ("rv", "lv")]
    assert (
        shares_in(long_table(LIST, {**LIST, "Ada": 44}, head=head, facts=facts))[0]["Ada"] == 0.44
    )


# --- numbers that are no shares -------------------------------------------------------------------


@pytest.mark.parametrize(("word", "cells"), [
    ("n decided", [850, 840, 830]), ("n weighted", 990), ("question_id", [92001, 92002, 92003]),
    ("cycle", 2030), ("Days", 3), ("Wave", [12, 13, 14]), ("numeric_grade", 2.9), ("Age min", 18),
    ("transparency_score", 9), ("seat_number", 1), ("Right track", 25), ("Confidence", 95),
])  # fmt: skip
def test_numbers_about_a_poll_are_no_shares(word, cells):
    assert first_of(table(**{word: cells})).shares == OF_ALL


@pytest.mark.parametrize("head", ["Unweighted n", "n (unweighted)", "Weighted n,Unweighted n"])
def test_how_many_were_asked_may_be_told_by_parts_alone(head):
    asked = {"Weighted n": [990, 980, 970]}
    cells = {name: asked.get(name, [903, 904, 905]) for name in head.split(",")}
    found = read_election(table(n=[...] * 3, **cells), election_day=ELECTION)
    assert [poll.n for poll in found.polls] == [903, 904, 905]


SIZES = ("Unweighted base", "Weighted base", "Base (unweighted)", "Base size", "Nett n", "Net n",
         "n (raw)", "Effective n", "Eff. n", "Base", "Bases", "Unweighted total", "Raw n",
         "Total n", "Effective sample size", "Gewichtet n", "Basis (ungewichtet)")  # fmt: skip


@pytest.mark.parametrize("head", SIZES)
@pytest.mark.parametrize("asked", [[1003, 904, 805], [93, 94, 95]])
def test_how_many_were_asked_by_other_names(head, asked):
    """It was left out as no candidate, or refused as no word for a base."""
    found = read_election(table(n=[...] * 3, **{head: asked}), election_day=ELECTION)
    assert [poll.n for poll in found.polls] == asked
    assert found.people == tuple(SHARES)
    weighted = ", though weighted" * head.casefold().startswith(("weighted", "eff", "gew"))
    assert f"column {head!r}: read as how many were asked{weighted}" in found.notes


@pytest.mark.parametrize(("people", "other"), [
    ("Unweighted base", "Weighted base"), ("Base (unweighted)", "Base (weighted)"),
    ("Unweighted sample", "Weighted sample"), ("n (raw)", "Effective n"), ("Net n", "Weighted n"),
    ("Weighted base", "Effective base"), ("Sample size", "Weighted n"), ("Base", "Weighted base"),
])  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_people_themselves_come_before_weighted_and_effective_ones(people, other, first):
    cells = {people: [1003, 904, 805], other: [990, 880, 770]}
    order = ("pollster", *(cells if first else reversed(cells)))
    found = read_election(table(order, n=[...] * 3, **cells), election_day=ELECTION)
    assert [poll.n for poll in found.polls] == [1003, 904, 805]
    assert found.people == tuple(SHARES)
    assert any(f"left out: {other}" in note for note in found.notes)


OF_DECIDED = {
    "of the decided": ("Ada,Ben", "54,46", 850),
    "said to be": ("base,Ada,Ben", "decided,54,46", 850),
    "said to be, and undecided": ("base,Ada,Ben,Undecided", "decided,54,46,15", 1000),
    "of all": ("Ada,Ben,Undecided", "46,39,15", 1000),
    "of all, as nothing else says": ("Ada,Ben", "46,39", 1000),
}


@pytest.mark.parametrize("kind", OF_DECIDED)
@pytest.mark.parametrize("total", ["n total", "Sample size", ""])
def test_shares_of_the_decided_are_of_so_many(kind, total, contest, tmp_path):
    """They had as many people as all who were asked, and were weighed as if nobody hesitated."""
    head, cells, n = OF_DECIDED[kind]
    sizes, names = ("1000,850", f"{total},n decided") if total else ("850", "n decided")
    text = f"Pollster,end,{names},{head}\nAcme,12 May 2030,{sizes},{cells}\n"
    (poll,) = runoff_polls(contest, tmp_path, text)
    assert poll.n == (n if total or not kind.endswith("says") else None)
    assert "'n decided': how many named a candidate" in poll.note
    if poll.n:
        assert Answers(n=poll.n, shares=poll.shares, base=poll.base, undecided=poll.undecided
                       ).named == pytest.approx(850)  # fmt: skip


def test_before_a_first_round_shares_of_the_decided_are_of_so_many():
    more = {"n decided": [850, 740, 630]}
    of_all = read_election(table(**more, Undecided=[15, 15, 14]), election_day=ELECTION)
    assert [poll.n for poll in of_all.polls] == [1000, 900, 800]
    whole = read_election(table(**more, Others=[15, 15, 14]), election_day=ELECTION)
    assert [poll.n for poll in whole.polls] == [850, 740, 630]


def test_a_column_that_makes_every_question_exceed_100_percent_is_refused():
    with pytest.raises(InputError, match="no candidate's of Ada, Ben, Cid, Better off"):
        read_election(table(**{"Better off": [25, 24, 23]}), election_day=ELECTION)
    with pytest.raises(InputError, match="leave the column out if it holds no shares"):
        read_election(table(**{"Better off": [425, 424, 423]}), election_day=ELECTION)


def test_shares_that_are_scaled_to_100_percent_are_noted():
    found = read_election(table(Dan=[18, 15, 14], Abstention=[5, 5, 25]), election_day=ELECTION)
    assert sum(found.polls[0].shares.values()) + found.polls[0].undecided == pytest.approx(1)
    said = "more than 100% together, scaled to 100%: frame row 0, frame row 1, frame row 2"
    assert any(said in note for note in found.notes)


# --- what messages say ----------------------------------------------------------------------------


def test_another_column_of_days_tells_day_from_month():
    cells = {"start": ["28/04/2030", "27/04/2030", "25/03/2030"],
             "end": ["01/05/2030", "02/05/2030", "01/04/2030"]}  # fmt: skip
    ends = [p.end for p in read_election(table(**cells)).polls]
    assert ends == [date(2030, 5, 1), date(2030, 5, 2), date(2030, 4, 1)]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"end": "5/6/2030"}, "found '5/6/2030', whose day and month cannot be told apart"),
        ({"end": "12 May"}, "a day must have a year - found '12 May'; write it with its year, or"),
        ({"end": "soon"}, "must be a day like 2018-11-23 - found 'soon'$"),
    ],
)
def test_what_is_wrong_with_a_day(cells, message):
    with pytest.raises(InputError, match=message):
        read_election(table(**cells))


def test_an_election_day_before_all_polls():
    with pytest.raises(InputError, match="found 3 polls that ended after it, and no other"):
        read_election(table(), election_day=date(2029, 5, 5))


def test_no_poll_of_the_first_round_says_what_was_left_out():
    with pytest.raises(InputError, match="found none; answer 'Lead': no candidate by its name"):
        shares_in(long_table({"Ada": 30, "Ben": 20, "Lead": 45}))
