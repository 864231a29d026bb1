"""Histories in a CSV file: read as documented, refused with a reason."""

import pytest

from forecast import InputError, read_past_runoffs

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
