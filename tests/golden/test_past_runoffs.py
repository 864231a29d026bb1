"""The bundled histories are what the official tables say.

Sources: tables of the Central Election Commission of Georgia (via geoelectionsdata); presidential
runoffs as transcribed from the pages named in each row.
"""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import forecast
from forecast import load_contest, past_runoffs
from forecast.data import histories

BUNDLED = Path(forecast.__file__).parent / "data/histories"


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_polling_stations_add_up_to_the_georgian_totals(forecast_data):
    """Another table than the one the totals come from; two contests merge a repeated vote."""
    sums = {}
    for row in rows(forecast_data / "georgia/past_runoffs_precincts.csv"):
        votes = [int(pair.split(":")[1]) for pair in row["votes"].split(";") if pair]
        total = sums.setdefault((row["contest_id"], row["round"]), Counter())
        total.update(votes=sum(votes), registered=int(row["main_list"] or 0))
    checked = 0
    for contest, returns in past_runoffs("georgia"):
        if (contest.name, "1") in sums and (contest.name, "2") in sums:
            assert sums[contest.name, "1"]["votes"] == contest.votes.sum()
            assert sums[contest.name, "2"]["votes"] == returns.votes.sum()
            checked += 1
    assert checked == 75


def test_the_histories_hold_what_they_should_and_no_bundled_contest():
    georgian, world = past_runoffs("georgia"), past_runoffs("world")
    assert (len(georgian), len(world)) == (81, 54)
    assert georgian.withdrawn == ("parl2016_41", "parl2016_66")
    assert len({c.name.rpartition("-")[0] for c, _ in world}) == 25
    assert max(c.runoff for c, _ in (*georgian, *world)) < load_contest("georgia-2018").first_round
    for history in (georgian, world):
        for contest, returns in history:
            assert returns.votes.sum() <= contest.registered.sum()
            roles = history.roles[contest.name]
            assert len({roles[f] for f in contest.finalists}) == 2


def test_facts_anybody_can_look_up():
    """France 2002 is missing; 1981, 2007 and Chile 2017 are well known."""
    world = {c.name: (c, r) for c, r in past_runoffs("world")}
    contest, returns = world["france-1981"]
    assert returns.totals == {"Valéry Giscard d'Estaing": 14642306, "François Mitterrand": 15708262}
    assert contest.registered.sum() == 36398659
    assert world["france-2007"][0].runoff == date(2007, 5, 6)
    assert world["chile-2017"][1].share("Sebastián Piñera") == pytest.approx(0.5457, abs=1e-4)


def test_every_row_names_its_source():
    for name in histories():
        assert all(row["source"] for row in rows(BUNDLED / f"{name}.csv"))


def test_runoffs_after_a_day_are_left_out():
    early = past_runoffs("world").as_of(date(1990, 1, 1))
    assert {c.name for c, _ in early} >= {"france-1981", "austria-1986"}
    assert max(c.runoff for c, _ in early) <= date(1990, 1, 1)
