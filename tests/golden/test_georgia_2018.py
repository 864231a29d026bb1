"""Georgia 2018 as published by the Central Election Commission (tables via geoelectionsdata).

The figures are the commission's national totals: https://archiveresults.cec.gov.ge, presidential
election of 28 October 2018 and its second round of 28 November 2018.
"""

import csv
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from compile_facts import BUNDLED as COMPILED
from scipy.special import logit

import forecast
from forecast import flow_bounds, forecast_runoff, load_contest, load_returns, load_turnout
from forecast.data import unit_kinds

BUNDLED = Path(forecast.__file__).parent / "data"


@pytest.fixture(scope="module")
def returns():
    return load_returns("georgia-2018")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_first_round_totals(georgia):
    """Source: the commission's first-round protocol, national row."""
    totals = dict(zip(georgia.candidates, georgia.votes.sum(axis=0).tolist(), strict=True))
    assert len(totals) == 25
    assert totals["zurabishvili"] == 615_572
    assert totals["vashadze"] == 601_224
    assert sum(totals.values()) == 1_593_170
    assert georgia.registered.sum() == 3_518_877
    assert len(georgia.units) == 74


def test_first_round_ballots():
    """Source: the commission's turnout table, 1,647,878 voted; the file keeps the column."""
    ballots = [int(row["ballots"]) for row in rows(BUNDLED / "contests/georgia-2018.csv")]
    assert sum(ballots) == 1_647_878


def test_runoff_totals(returns):
    """Source: the commission's second-round protocol, national row."""
    assert returns.totals == {"zurabishvili": 1_147_701, "vashadze": 780_680}
    assert returns.votes.sum() == 1_928_381
    assert returns.ballots.sum() == 1_988_787
    assert returns.registered.sum() == 3_528_658
    assert returns.share("zurabishvili") == pytest.approx(0.595163, abs=1e-6)


@pytest.mark.parametrize("name", ["georgia-2018", "georgia-2018-stations"])
@pytest.mark.parametrize("folder", ["contests", "returns", "turnout"])
def test_every_row_has_a_source(folder, name):
    """Source: the bundled files themselves; CC BY 4.0 asks for attribution."""
    for row in rows(BUNDLED / folder / f"{name}.csv"):
        assert row["source"].startswith(
            ("Central Election Commission of Georgia", "CEC of Georgia")
        )
        assert "CC BY 4.0" in row["source"]


def test_stations_add_up_to_their_districts(georgia, returns):
    """Source: the commission's tables by polling station; their numbers begin with a district's."""
    stations = load_contest("georgia-2018", units="stations")
    counted = load_returns("georgia-2018", units="stations")
    assert unit_kinds("georgia-2018") == ("districts", "stations")
    assert len(stations.units) == len(counted.units) == 3694
    assert stations.units == counted.units
    district = np.array([unit.split("-")[0] for unit in stations.units])
    order = {c: k for k, c in enumerate(stations.candidates)}
    same = [order[c] for c in georgia.candidates]
    for numbers, wanted in (
        (stations.votes[:, same], georgia.votes),
        (counted.votes, returns.votes),
    ):
        sums = [numbers[district == name].sum(axis=0) for name in dict.fromkeys(district)]
        assert sorted(map(tuple, sums)) == sorted(map(tuple, wanted))
    abroad = np.array(stations.regions) == "Abroad"
    assert stations.registered[~abroad].sum() == pytest.approx(
        georgia.registered.sum() - georgia.registered[-1], rel=1e-3
    )


def test_turnout_by_five_in_the_afternoon():
    """Source: the commission's turnout table: 1,340,344 and 1,665,872 had voted by 17:00."""
    counted = rows(BUNDLED / "turnout/georgia-2018.csv")
    assert sum(int(row["first_round"]) for row in counted) == 1_340_344
    assert sum(int(row["runoff"]) for row in counted) == 1_665_872
    found = load_turnout("georgia-2018")
    change = found.smoothed(found.contest.registered.astype(float))
    wanted = logit(1_665_872 / 3_528_658) - logit(1_340_344 / 3_518_877)
    assert (change.basis, change.mean) == (1.0, pytest.approx(wanted, abs=0.01))
    by_station = load_turnout("georgia-2018", units="stations")
    assert by_station.units == 3694
    vake = by_station.contest.units.index("02-001")
    assert by_station.change[vake] == pytest.approx(
        found.change[found.contest.units.index("Vake")], abs=1e-3
    )


def test_the_contest_is_described(georgia):
    """Source: the commission's calendar; 28 October and 28 November 2018."""
    assert (georgia.first_round, georgia.runoff) == (date(2018, 10, 28), date(2018, 11, 28))
    assert set(georgia.labels) == set(georgia.candidates)
    assert georgia.label("vashadze") == "Grigol Vashadze"
    assert georgia.finalists == ("zurabishvili", "vashadze")


def test_votes_from_outside_the_eliminated(georgia, returns):
    """Source: arithmetic on the protocols; 1,147,701 - 615,572 - 376,374 = 155,755.

    With all her own voters and everyone of the eliminated candidates', at least that many must
    have come from elsewhere.
    """
    totals = flow_bounds(georgia, returns.totals)
    elsewhere = ["vashadze", "invalid", "non-voters"]
    low, _ = totals.between(elsewhere, ["zurabishvili"])
    assert low == 155_755
    by_unit, _ = flow_bounds(georgia, returns).between(elsewhere, ["zurabishvili"])
    assert by_unit >= 155_755
    eliminated = georgia.votes.sum() - 615_572 - 601_224
    assert eliminated == 376_374


def test_both_rounds_have_the_same_units(georgia, returns):
    """Source: the commission's district tables of both rounds."""
    assert returns.units == georgia.units
    assert flow_bounds(georgia, returns).runoff.min() >= 0


def test_the_actual_outcome_is_not_ruled_out(georgia, returns):
    """Source: the second-round protocol. A forecast may miss, but not call the truth impossible."""
    found = forecast_runoff(georgia, draws=20_000, seed=0)
    assert 0.02 < found.win_probability("zurabishvili").value < 0.98
    interval = found.share("zurabishvili", level=0.99).interval
    assert interval.low < returns.share("zurabishvili") < interval.high


@pytest.mark.parametrize("name", COMPILED)
def test_the_bundled_text_is_what_the_official_tables_give(forecast_data, name):
    """Source: the tables of the archive, and of national runoffs of the world."""
    assert COMPILED[name](forecast_data) == (BUNDLED / name).read_text("utf-8")


@pytest.mark.parametrize(("which", "name"), [(1, "contests"), (2, "returns")])
def test_districts_add_up_to_the_national_row(forecast_data, which, name):
    """Source: 2018_round1_national, 2018_round2_national, 2018_turnout_national of the archive."""
    districts = rows(BUNDLED / name / "georgia-2018.csv")
    national = {
        row["candidate"]: int(row["votes"])
        for row in rows(forecast_data / f"georgia/2018_round{which}_national.csv")
    }
    for candidate, votes in national.items():
        assert sum(int(row[candidate]) for row in districts) == votes
    people = rows(forecast_data / "georgia/2018_turnout_national.csv")
    (turnout,) = [row for row in people if row["round"] == str(which)]
    for column, official in [("registered", "main_list"), ("ballots", "voted"),
                             ("invalid", "invalid")]:  # fmt: skip
        assert sum(int(row[column]) for row in districts) == int(turnout[official])


def test_people_of_the_ledger_are_the_registered():
    """Source: the commission's turnout table; 3,518,877 registered."""
    ledger = load_contest("georgia-2018").ledger(by="unit")
    assert ledger.people == 3_518_877
    assert (ledger.counts >= 0).all()
    assert np.array_equal(ledger.totals, load_contest("georgia-2018").ledger().totals)


def test_districts_add_up_to_the_bundled_national_row():
    """The national row of the Central Election Commission's first-round table, bundled beside."""
    facts = (BUNDLED / "contests/georgia-2018.toml").read_text("utf-8")
    national = tomllib.loads(facts)["national"]
    georgia = load_contest("georgia-2018")
    totals = dict(zip(georgia.candidates, georgia.votes.sum(axis=0).tolist(), strict=True))
    assert totals == national["votes"]
    assert sum(totals.values()) == national["valid"] == 1_593_170
    assert georgia.registered.sum() == national["registered"] == 3_518_877
    assert georgia.invalid.sum() == national["invalid"] == 53_847
