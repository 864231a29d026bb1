"""One poll that a table has twice, and polls that only look alike."""

import asked
import pytest
from asked import ELECTION, runoff_polls

from forecast import read_election
from forecast.files.columns import Columns

WITH = {"Ada": [40, 38], "Ben": [30, 32], "Cid": [20, 18], "Undecided": [10, 12]}
DECIDED = {"Ada": [44.4, 43.2], "Ben": [33.3, 36.4], "Cid": [22.2, 20.5], "Undecided": ["", ""]}


def both(order=(0, 1, 2, 3), **changed):
    """Return a table of two polls, each with and without the undecided, in any order."""
    facts = {"pollster": ["Acme", "Best"] * 2, "n": [1000, 900] * 2,
             "end": ["2030-05-01", "2030-04-30"] * 2}  # fmt: skip
    cells = {name: [*map(str, told), *map(str, DECIDED[name])] for name, told in WITH.items()}
    cells = {name: [told[i] for i in order] for name, told in (facts | cells | changed).items()}
    return Columns(where="polls", values=cells)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 1, 3), (2, 3, 0, 1)])
def test_a_poll_with_and_without_the_undecided_is_one(order):
    found = read_election(both(order), election_day=ELECTION)
    assert [poll.undecided for poll in found.polls] == pytest.approx([0.1, 0.12])
    said = "Acme, 2030-05-01: printed with and without the undecided; read once, with them"
    assert said in found.notes


@pytest.mark.parametrize("decided", [[44, 43], [44.4, 43.2]])
def test_shares_may_be_rounded_and_fewer_people_decided(decided):
    cells = {"Ada": [*WITH["Ada"], *decided], "n": [1000, 900, 900, 792]}
    assert len(read_election(both(**cells), election_day=ELECTION).polls) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"pollster": ["Acme", "Best", "Cent", "Dent"]},
        {"end": ["2030-05-01", "2030-04-30", "2030-04-10", "2030-04-11"]},
        {"n": [1000, 900, 1500, 1400]},
        {"Ada": [40, 38, 40.4, 39.2], "Ben": [30, 32, 37.3, 40.4]},
        {"Undecided": [10, 12, 10, 12], "Ada": [40, 38, 39, 39], "Ben": [30, 32, 31, 31]},
    ],
)
def test_polls_that_say_something_else_are_others(changed):
    assert len(read_election(both(**changed), election_day=ELECTION).polls) == 4


def test_a_poll_of_a_runoff_is_read_once_too(tmp_path):
    text = "pollster,end,n,Ada Adler,Ben,Undecided\nAcme,2030-05-12,900,46,44,10\n"
    text += "Acme,2030-05-12,900,51,49,\nAcme,2030-05-13,900,51,49,\n"
    first, second = runoff_polls(asked.contest(), tmp_path, text)
    assert (first.undecided, second.undecided) == (0.1, None)
    assert "printed with and without the undecided" in first.note
