"""Contests from frames and files, and the ledger of people behind them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from forecast import Contest, InputError
from forecast.facts.advancement import Advancement
from forecast.facts.ledger import INVALID, NON_VOTERS, Ledger

WIDE = {
    "unit": ["n", "s"],
    "region": ["up", "down"],
    "registered": [90, 80],
    "ada": [30, 20],
    "ben": [25, 22],
    "cid": [5, 15],
    "invalid": [2, 1],
}


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame, pa.table])
def test_every_kind_of_frame_gives_the_same_contest(library):
    contest = Contest.from_frame(library(WIDE), name="demo")
    assert contest.candidates == ("ada", "ben", "cid")
    assert contest.finalists == ("ada", "ben")
    assert contest.votes.tolist() == [[30, 25, 5], [20, 22, 15]]
    assert contest.regions == ("up", "down")
    assert contest.digest == Contest.from_frame(pd.DataFrame(WIDE), name="demo").digest


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_long_and_wide_frames_agree(library):
    rows = [
        {"unit": unit, "candidate": c, "votes": WIDE[c][i]}
        for c in ("ada", "ben", "cid")
        for i, unit in enumerate(WIDE["unit"])
    ]
    units = library({k: WIDE[k] for k in ("unit", "region", "registered", "invalid")})
    long = Contest.from_long(library(rows), name="demo", units=units)
    assert long.digest == Contest.from_frame(library(WIDE), name="demo").digest


def test_a_long_frame_needs_every_unit_in_the_table_of_units():
    rows = pl.DataFrame({"unit": ["n", "s"], "candidate": ["ada", "ben"], "votes": [3, 2]})
    units = pl.DataFrame({"unit": ["n"], "registered": [9]})
    with pytest.raises(InputError, match="is in one only"):
        Contest.from_long(rows, name="demo", units=units)


def test_a_long_frame_may_not_call_a_total_a_candidate():
    rows = pl.DataFrame({"unit": ["n", "n"], "candidate": ["ada", "invalid"], "votes": [3, 2]})
    with pytest.raises(InputError, match=r"at least two - found ada .*invalid as named"):
        Contest.from_long(rows, name="demo", electorate="voters")


def test_the_ledger_by_total(contest):
    ledger = contest.ledger()
    assert ledger.origins == ("ada", "ben", "cid", "dot", INVALID, NON_VOTERS)
    assert ledger.kinds == (
        *("finalist", "finalist", "eliminated", "eliminated"),
        *("invalid", "non-voters"),
    )
    assert ledger.destinations == ("ada", "ben", "none")
    assert ledger.counts.tolist() == [[840, 800, 350, 130, 40, 1240]]
    assert ledger.units == ("small",)


def test_the_ledger_by_unit_and_region(contest):
    by_unit, by_region = contest.ledger(by="unit"), contest.ledger(by="region")
    assert by_unit.units == contest.units
    assert by_unit.counts[0].tolist() == [400, 300, 150, 60, 20, 570]
    assert by_region.units == ("coast", "inland")
    assert by_region.counts[1].tolist() == (by_unit.counts[1] + by_unit.counts[2]).tolist()


@pytest.mark.parametrize("by", ["total", "unit", "region"])
def test_people_are_conserved(contest, by):
    ledger = contest.ledger(by=by)
    assert ledger.people == contest.registered.sum() == 3400
    assert ledger.totals.tolist() == contest.ledger().totals.tolist()


def test_voters_only_leaves_out_those_who_stayed_at_home(contest):
    frame = pd.DataFrame(WIDE).drop(columns="registered")
    ledger = Contest.from_frame(frame, name="demo", electorate="voters").ledger()
    assert NON_VOTERS not in ledger.origins
    assert ledger.people == 117 + 3


def test_no_invalid_ballots_no_such_origin():
    frame = pd.DataFrame(WIDE).drop(columns="invalid")
    assert INVALID not in Contest.from_frame(frame, name="demo").ledger().origins


@pytest.mark.parametrize("estimate", [120, 121, 170, 10_001, 123_456_789])
def test_an_estimate_of_registered_is_shared_out_to_the_last_person(estimate):
    frame = pd.DataFrame(WIDE).drop(columns="registered")
    contest = Contest.from_frame(frame, name="demo", registered=estimate)
    assert contest.registered.sum() == contest.ledger().people == estimate
    assert contest.registered == pytest.approx(np.array([62, 58]) * estimate / 120, abs=1)


def test_an_estimate_below_the_ballots_cast_is_refused():
    frame = pd.DataFrame(WIDE).drop(columns="registered")
    with pytest.raises(InputError, match="at least the ballots cast"):
        Contest.from_frame(frame, name="demo", registered=119)


def test_the_rule_decides_who_advances():
    rule = Advancement(threshold=0.1, threshold_of="registered")
    contest = Contest.from_frame(pd.DataFrame(WIDE), name="demo", advancement=rule)
    assert contest.finalists == ("ada", "ben", "cid")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": ("a", "a", "b")}, "every unit must occur once"),
        ({"candidates": ("ada", "ada", "ben", "dot")}, "every candidate must occur once"),
        ({"candidates": ("ada", "cid", "ben", "none")}, "'none' is no candidate's name"),
        ({"candidates": ("ada", "cid", "ben", "non-voters")}, "no candidate's name"),
        ({"finalists": ("ada", "eve")}, "finalists must be candidates"),
        ({"votes": [[1, 2, 3, 4]]}, "votes must have shape"),
        ({"invalid": [1, 2]}, "invalid must have shape"),
        ({"invalid": [-1, 2, 3]}, "must not be negative"),
        ({"registered": [1, 2, 3]}, "more ballots than registered"),
        ({"registered": None}, "registered"),
        ({"regions": ("coast",)}, "regions must name 3 units"),
        ({"electorate": "everybody"}, "electorate must be"),
    ],
)
def test_contradictions_are_refused(contest, change, message):
    with pytest.raises(InputError, match=message):
        replace(contest, **change)


def test_a_contest_cannot_be_changed(contest):
    with pytest.raises(ValueError, match="read-only"):
        contest.votes[0, 0] = 1
    with pytest.raises(AttributeError):
        contest.name = "other"


def test_a_contest_keeps_its_own_copy():
    votes = np.array([[3, 2]])
    contest = Contest(
        name="demo", candidates=("a", "b"), finalists=("a", "b"), units=("u",), votes=votes,
        invalid=[0], registered=[9],
    )  # fmt: skip
    votes[0, 0] = 100
    assert contest.votes.tolist() == [[3, 2]]


def test_the_digest_sees_every_count(contest):
    votes = np.array(contest.votes)
    votes[2, 3] += 1
    assert replace(contest, votes=votes).digest != contest.digest
    assert replace(contest).digest == contest.digest


@pytest.mark.parametrize("by", ["units", "", None])
def test_an_unknown_level_of_the_ledger(contest, by):
    with pytest.raises(InputError, match="'total', 'unit' or 'region'"):
        contest.ledger(by=by)


def test_regions_must_exist(contest):
    with pytest.raises(InputError, match="no regions"):
        replace(contest, regions=None).ledger(by="region")


def test_an_unknown_origin_is_answered_with_the_nearest(contest):
    ledger = contest.ledger()
    assert isinstance(ledger, Ledger)
    assert ledger.index("dot") == 3
    with pytest.raises(InputError, match="did you mean 'cid'"):
        ledger.index("cidd")
