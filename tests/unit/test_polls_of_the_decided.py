"""Polls of the decided and of all voters in one table, which their sums tell apart."""

from datetime import date

import pytest

from forecast import Contest, InputError, read_polls
from forecast.files.columns import Columns

CONTEST = Contest(
    name="demo", candidates=("Ada", "Ben", "Cid"), finalists=("Ada", "Ben"), units=("north",),
    votes=[[400, 350, 250]], invalid=[20], registered=[1500],
    first_round=date(2030, 5, 5), runoff=date(2030, 5, 19),
)  # fmt: skip


def read(shares, beside, name="Undecided", **more):
    rows = len(shares)
    cells = {"pollster": [f"Pollster {k}" for k in range(rows)], "n": ["1000"] * rows,
             "end": ["2030-05-10"] * rows, "Ada": [a for a, _ in shares],
             "Ben": [b for _, b in shares], name: beside}  # fmt: skip
    return read_polls(Columns(where="polls", values=cells | more), CONTEST)


@pytest.mark.parametrize("empty", ["", "–", "n/a"])
@pytest.mark.parametrize("name", ["Abstention", "Undecided", "Blancs et nuls"])
def test_one_row_without_abstention_changes_no_other(name, empty):
    shares = [("52.5 %", "47.5 %"), ("51 %", "49 %"), ("53%", "47%")]
    both = [read(shares, cells, name) for cells in (["28 %"] * 3, ["28 %", empty, "26 %"])]
    assert both[0][0].shares == {"Ada": 0.525, "Ben": 0.475}
    assert [p.shares for p in both[0]] == [p.shares for p in both[1]]
    assert {(p.base, p.undecided, p.would_not_vote) for polls in both for p in polls} == {
        ("everybody", None, None)
    }


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("scale", [1, 100])
@pytest.mark.parametrize(
    ("name", "field"), [("Undecided", "undecided"), ("Abstention", "would_not_vote")]
)
def test_rows_of_the_decided_beside_rows_of_all(name, field, scale, order):
    shares = [(a / scale, b / scale) for a, b in ((52, 48), (45, 44), (51, 50))][::order]
    polls = read(shares, [x / scale for x in (14, 11, 9)][::order], name)[::order]
    assert [p.base for p in polls] == ["decided", "everybody", "decided"]
    assert [getattr(p, field) for p in polls] == [0.14, 0.11, 0.09]
    assert polls[0].shares == {"Ada": 0.52, "Ben": 0.48}
    assert "100% together, so of the decided" in "".join(p.note for p in polls)


def test_rows_that_exceed_100_and_have_no_candidates_of_100_are_refused():
    with pytest.raises(InputError, match="must not exceed 1 together"):
        read([(52, 38), (45, 44)], [24, 11])


def test_rounding_makes_nobody_decided():
    polls = read([(52, 48), (45, 44)], [1, 11])
    assert [p.base for p in polls] == ["everybody"] * 2
