"""Runoff counts."""

import pandas as pd
import polars as pl
import pytest

from forecast import InputError, Returns, read_returns

FRAME = {"unit": ["n", "s"], "ada": [60, 30], "ben": [20, 40], "invalid": [1, 2]}


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_from_a_frame(library):
    returns = Returns.from_frame(library(FRAME), source="the commission")
    assert returns.finalists == ("ada", "ben")
    assert returns.totals == {"ada": 90, "ben": 60}
    assert returns.share("ada") == 0.6
    assert returns.invalid.tolist() == [1, 2]
    assert returns.source == "the commission"


def test_from_a_file(tmp_path):
    path = tmp_path / "count.csv"
    path.write_text('unit;ben;ada;ballots;source\nn;20;60;85;"commission; final"\n', "utf-8")
    returns = read_returns(path, finalists=("ada", "ben"))
    assert returns.votes.tolist() == [[60, 20]]
    assert returns.ballots.tolist() == [85]
    assert returns.source == "commission; final"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"votes": [[1, 2]]}, "votes must have shape"),
        ({"votes": [[1, 2], [3, -4]]}, "must not be negative"),
        ({"finalists": ("ada", "ada")}, "two different finalists"),
        ({"units": ("n", "n")}, "every unit must occur once"),
        ({"invalid": [1]}, "invalid must have shape"),
    ],
)
def test_contradictions_are_refused(change, message):
    good = {"units": ("n", "s"), "finalists": ("ada", "ben"), "votes": [[1, 2], [3, 4]]}
    assert Returns(**good).totals == {"ada": 4, "ben": 6}
    with pytest.raises(InputError, match=message):
        Returns(**(good | change))


def test_there_is_no_share_of_nothing():
    returns = Returns(units=("n",), finalists=("ada", "ben"), votes=[[0, 0]])
    with pytest.raises(InputError, match="nothing was counted"):
        returns.share("ada")


def test_a_share_of_somebody_else():
    with pytest.raises(InputError, match="did you mean 'ben'"):
        Returns.from_frame(pl.DataFrame(FRAME)).share("benn")


def test_select_keeps_the_order_asked_for_and_refuses_unknown_units():
    returns = Returns.from_frame(pd.DataFrame(FRAME))
    assert returns.select(["s", "n"]).votes.tolist() == [[30, 40], [60, 20]]
    assert returns.select(["s"]).invalid.tolist() == [2]
    with pytest.raises(InputError, match="no unit 'w'"):
        returns.select(["w"])
    with pytest.raises(InputError, match="every unit must occur once"):
        returns.select(["n", "n"])


def test_a_place_where_nobody_is_listed_is_complete(tmp_path):
    path = tmp_path / "returns.csv"
    path.write_text("unit,registered,ada,ben\nn,900,300,250\ns,0,0,0\n", "utf-8")
    assert read_returns(path).open_units == ()
