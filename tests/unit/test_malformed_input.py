"""Whatever is wrong with a file, the message says where, which rule, what was found."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from forecast import Contest, InputError, read_contest, read_returns

GOOD = "unit,registered,ada,ben,cid\nnorth,900,300,250,60\nsouth,800,200,260,70\n"


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "votes.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def complaint(path, **options):
    with pytest.raises(InputError) as caught:
        read_contest(path, **options)
    return str(caught.value)


def test_the_good_file_is_good(write):
    contest = read_contest(write(GOOD))
    assert (contest.name, contest.finalists) == ("votes", ("ben", "ada"))
    assert contest.votes.tolist() == [[300, 250, 60], [200, 260, 70]]


@pytest.mark.parametrize("content", ["", " \n\n ", "\ufeff"], ids=["nothing", "blank", "BOM"])
def test_empty_file(write, content):
    message = complaint(write(content))
    assert "votes.csv" in message
    assert "empty" in message or "header" in message


def test_header_without_rows(write):
    message = complaint(write("unit,registered,ada,ben\n"))
    assert "votes.csv: must have at least one row" in message


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("cid\n", "ada\n", ["votes.csv", "unique", "'ada' twice"]),
        ("cid\n", "\n", ["votes.csv", "column 5", "name"]),
        ("south", "north", ["votes.csv line 3", "unit", "'north' again", "line 2"]),
        ("south", "", ["votes.csv line 3", "'unit' must not be empty"]),
        (",250,", ",-250,", ["votes.csv line 2", "'ben'", "-250", "negative"]),
        (",250,", ",250.5,", ["votes.csv line 2", "'ben'", "250.5", "whole number"]),
        (",250,", ",nan,", ["votes.csv line 2", "'ben'", "missing"]),
        (",250,", ",,", ["votes.csv line 2", "'ben'", "write 0 if nobody"]),
        (",250,", ",inf,", ["votes.csv line 2", "'ben'", "inf"]),
        (",250,", ",99999999999999999999999,", ["line 2", "'ben'", "10,000,000,000", "999"]),
        (",250,", ",1e300,", ["line 2", "'ben'", "10,000,000,000", "1e300"]),
        (",250,", ',"1,25",', ["line 2", "'ben'", "'1,25'", "thousands separators"]),
        (",250,", ",many,", ["line 2", "'ben'", "'many'"]),
        (",250,", ",", ["votes.csv line 2", "5 cells", "found 4"]),
        (",250,", ",250,9,", ["votes.csv line 2", "5 cells", "found 6"]),
        ("north,900", "north,500", ["'north'", "610 ballots", "500 registered"]),
        ("north", "no\0rth", ["votes.csv", "NUL"]),
    ],
)
def test_one_broken_cell(write, old, new, expected):
    message = complaint(write(GOOD.replace(old, new, 1)))
    for part in expected:
        assert part in message


def test_more_counted_than_ballots(write):
    text = GOOD.replace("cid\n", "cid,ballots\n").replace("60\n", "60,600\n")
    message = complaint(write(text.replace("70\n", "70,600\n")))
    assert "votes.csv line 2" in message
    assert "'north' has 610 counted but 600 ballots" in message


def test_wrong_encoding(write):
    message = complaint(write(GOOD.replace("north", "Düren").encode("latin-1")))
    assert "votes.csv" in message
    assert "UTF-8" in message


def test_utf_16_needs_its_byte_order_mark(write):
    assert "votes.csv" in complaint(write(GOOD.encode("utf-16-le")))
    assert "votes.csv" in complaint(write(GOOD.encode("utf-16")[:-1]))
    assert read_contest(write(GOOD.encode("utf-16"))).digest == read_contest(write(GOOD)).digest


@pytest.mark.parametrize("estimate", [300.5, "many", float("nan"), 10**30, True, -5])
def test_an_estimate_of_registered_that_is_no_count(write, estimate):
    message = complaint(write("unit,ada,ben,cid\nnorth,30,25,6\n"), registered=estimate)
    assert "'registered': must be a whole number of people" in message


def test_an_unclosed_quote(write):
    assert "votes.csv" in complaint(write(GOOD.replace("south", '"south')))


def test_unknown_registered_offers_both_ways_out(write):
    message = complaint(write("unit,ada,ben,cid\nnorth,300,250,60\n"))
    assert "registered=" in message
    assert 'electorate="voters"' in message


def test_percentages_instead_of_counts(write):
    text = "unit,registered,ada,ben,cid\nnorth,5000,40,35,25\nsouth,4000,30,45,25\n"
    message = complaint(write(text))
    assert "votes.csv" in message
    assert "percentages" in message
    assert "percentages" in complaint(write(text.replace("40,35,25", "40.5,34.5,25")))


def test_unknown_finalist(write):
    message = complaint(write(GOOD), finalists=("ada", "benn"))
    assert "'votes'" in message
    assert "did you mean 'ben'?" in message


def test_a_finalist_twice(write):
    message = complaint(write(GOOD), finalists=("ada", "ada"))
    assert "every finalist must occur once" in message
    assert "'ada' twice" in message


@pytest.mark.parametrize("finalists", [(), ("ada",)])
def test_too_few_finalists(write, finalists):
    assert "at least two finalists" in complaint(write(GOOD), finalists=finalists)


def test_one_candidate_only(write):
    message = complaint(write("unit,registered,ada\nnorth,900,300\n"))
    assert "at least two" in message
    assert "--columns" in message


def test_nobody_voted(write):
    text = "unit,registered,ada,ben\nnorth,900,0,0\n"
    assert "no votes" in complaint(write(text), finalists=("ada", "ben"))


def test_nobody_voted_and_registered_is_an_estimate(write):
    text = "unit,ada,ben\nnorth,0,0\n"
    assert "no votes" in complaint(write(text), finalists=("ada", "ben"), registered=500)


def test_a_first_round_that_settles_it(write):
    message = complaint(write(GOOD.replace("300,250", "600,50")))
    assert "'ada' has an absolute majority" in message


@pytest.mark.parametrize("path", ["missing.csv", "."])
def test_unreadable_path(tmp_path, path):
    assert "readable file" in complaint(tmp_path / path)


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("north", '"north"').replace("300", '"300"'),
        GOOD.replace("300", " 300 ").replace("ada,", "ada ,"),
        GOOD + "\n\n",
        GOOD.replace("300", "300.0"),
    ],
    ids=["semicolon", "tab", "BOM", "CRLF", "CR", "quoted", "spaces", "blank lines", "300.0"],
)
def test_harmless_dialects(write, text):
    contest = read_contest(write(text))
    assert contest.digest == read_contest(write(GOOD)).digest


def test_delimiters_inside_quotes_do_not_count(write):
    text = GOOD.replace("ada,", '"a; d; a; a; d; a",')
    assert read_contest(write(text)).candidates == ("a; d; a; a; d; a", "ben", "cid")


def test_long_files_are_recognised(write):
    text = "unit,candidate,votes\nn,ada,30\nn,ben,20\ns,ben,15\ns,cid,9\n"
    contest = read_contest(write(text), electorate="voters")
    assert contest.votes.tolist() == [[30, 20, 0], [0, 15, 9]]
    message = complaint(write(text + "n,ada,1\n"), electorate="voters")
    assert "votes.csv" in message
    assert "'ada' again in 'n'" in message


@pytest.mark.parametrize("library", [pd, pl], ids=["pandas", "polars"])
@pytest.mark.parametrize("cell", [None, float("nan"), -1, 2.5, 10**12, "x"], ids=repr)
def test_a_broken_cell_of_a_frame_is_named(library, cell):
    values = (
        [cell, "20"] if isinstance(cell, str) else [5.0 if isinstance(cell, float) else 5, cell]
    )
    frame = library.DataFrame({"unit": ["n", "s"], "ada": [30, 20], "ben": values})
    with pytest.raises(InputError, match=r"frame row [01], 'ben': must be a whole number"):
        Contest.from_frame(frame, name="demo", electorate="voters")


def test_a_frame_with_duplicated_columns():
    frame = pd.DataFrame([["n", 1, 2]], columns=["unit", "ada", "ada"])
    with pytest.raises(InputError, match="unique"):
        Contest.from_frame(frame, name="demo", electorate="voters")


@pytest.mark.parametrize("thing", [[1, 2], "votes.csv", None, {"unit": ["n"]}, np.zeros((2, 2))])
def test_what_is_no_frame(thing):
    with pytest.raises(InputError, match="pandas, polars or pyarrow"):
        Contest.from_frame(thing, name="demo")


@pytest.mark.parametrize("frame", [pd.DataFrame(), pl.DataFrame(), pd.DataFrame({"unit": []})])
def test_a_frame_without_rows(frame):
    with pytest.raises(InputError, match="frame"):
        Contest.from_frame(frame, name="demo")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unit,ada,ben\nn,30,-1\n", "line 2, 'ben'"),
        ("unit,ada\nn,30\n", "at least two"),
        ("ada,ben\n1,2\n3,4\n", "'unit' is required"),
        ("unit,ada,ben,ballots\nn,10,20,25\n", "30 counted but 25 ballots"),
        ("unit,ada,ben\nn,40.2,59.8\nm,50.1,49.9\n", "percentages"),
        ("unit,ada,ben\nn,40,60\nm,50,50\n", "percentages"),
    ],
)
def test_broken_returns(write, text, expected):
    with pytest.raises(InputError, match=expected):
        read_returns(write(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unit,ada,ben,cid\nn,3.000,2.000,1.000\n", "remove marks and thousands separators"),
        ("unit,ada,ben,cid\nn,3_000,2,1\n", "remove marks and thousands separators"),
        (
            "unit,candidate,votes,registered\nn,ada,30,90\nn,ben,25,91\n",
            "must be the same on every",
        ),
    ],
)
def test_what_looks_like_something_else_is_refused(tmp_path, text, message):
    path = tmp_path / "first.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_contest(path, electorate="voters")


def test_headings_may_be_in_capitals_and_long_tables_may_hold_the_registered(tmp_path):
    path = tmp_path / "first.csv"
    path.write_text("Unit,Candidate,Votes,Registered\nn,ada,30,90\nn,ben,25,90\nn,cid,5,90\n")
    contest = read_contest(path)
    assert contest.candidates == ("ada", "ben", "cid")
    assert contest.registered.tolist() == [90]


def test_a_row_whose_candidates_are_all_words(write):
    """Found by the fuzzer: a list of the registered and no column of votes to compare with it."""
    table = (
        "unit,region,registered,invalid,ada,ben,cid\nn%x,389,10,300,t<region,region+region,inva40\n"
    )
    message = complaint(write(table))
    assert "one column of votes per candidate" in message
    assert "ada, ben, cid (text) ignored" in message
