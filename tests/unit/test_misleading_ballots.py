"""Ballots counted beside ballots cast, and voters where votes are counted: units in part."""

from __future__ import annotations

import io

import polars as pl
import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns

FIRST = """unit,registered,invalid,Alder,Birch,Cedar
Ashton,20000,300,5000,4000,2600
Burford,30000,400,6500,7000,3900
Corley,10000,150,2500,2400,1100
Denham,15000,200,3300,3600,2100
"""
NIGHT = """Unit,Registered,{names},Invalid,Alder,Birch
Ashton,20000,12700,12700,320,7000,5380
Burford,30000,9000,18900,210,4100,4690
Corley,10000,3000,6300,80,1500,1420
Denham,15000,,,,,
"""
LISTS = """Unit,Registered,{name},Invalid,Alder,Birch
Ashton,20000,{a},320,7000,5380
Burford,30000,{b},210,4100,4690
Corley,10000,{c},80,1500,1420
"""


def frame(text):
    return pl.read_csv(io.StringIO(text), infer_schema_length=None)


@pytest.fixture(scope="module")
def contest():
    return Contest.from_frame(frame(FIRST), name="four", finalists=["Alder", "Birch"])


@pytest.mark.parametrize(
    "names",
    ["Ballots counted,Ballots cast", "Ballots counted,ballots", "Ballots counted,Ballots received",
     "Ballots counted,Ballots returned", "Ballots counted,Estimated ballots",
     "Ballots processed,Ballots cast", "Bulletins dépouillés,Votants",
     "Karty przeliczone,Karty wydane", "Ausgezählte Stimmzettel,Abgegebene Stimmzettel",
     "Papeletas escrutadas,Votantes", "Schede scrutinate,Votanti", "Sayılan zarf,Kullanılan zarf",
     "Boletins apurados,Comparecimento", "Обработано бюллетеней,Проголосовавших",
     "Sečtené obálky,Odevzdané obálky", "Prebrojano listića,Izašlo birača",
     "Getelde stembiljetten,Uitgebrachte stembiljetten", "Преброени бюлетини,Гласували",
     "Suskaičiuota biuletenių,Dalyvavo", "Καταμετρημένα ψηφοδέλτια,Ψηφίσαντες"],
)  # fmt: skip
def test_ballots_counted_of_those_cast_are_how_much_is_counted(contest, names):
    found = partial_returns(contest, frame(NIGHT.format(names=names)))
    assert found.counted.tolist() == pytest.approx([1, 9 / 18.9, 3 / 6.3, 0])
    assert found.totals == {"Alder": 12600, "Birch": 11490}
    part, whole = names.split(",")
    assert any(f"{part} of {whole}" in note for note in found.notes)


@pytest.mark.parametrize(
    "rows",
    ["12690,12700,310,7000,5380", "12000,12700,700,7000,5000"],
)
def test_ballots_that_are_spoilt_or_lost_are_not_still_to_come(contest, rows):
    text = f"Unit,Registered,Ballots counted,Ballots cast,Invalid,Alder,Birch\nAshton,20000,{rows}"
    found = partial_returns(contest, frame(text))
    assert found.counted.tolist() == [1, 0, 0, 0]


def test_papers_to_hand_out_are_no_ballots_cast(contest):
    text = """Unit,Ballots counted,Ballots received,Unused ballots,Invalid,Alder,Birch
Ashton,12700,20000,7300,320,7000,5380
Burford,19000,30000,11000,210,9100,9690"""
    assert partial_returns(contest, frame(text)).counted.tolist() == [1, 1, 0, 0]


def test_a_first_round_of_some_of_the_ballots_is_refused():
    text = """Unit,Registered,Ballots counted,Ballots cast,Invalid,Alder,Birch,Cedar
Ashton,20000,12700,12700,320,5000,4380,3000
Burford,30000,9000,18900,210,4100,2690,2000
"""
    with pytest.raises(InputError, match="must be counted out"):
        Contest.from_frame(frame(text), name="x")
    whole = text.replace("9000,18900", "9000,9010").replace("12700,12700", "12700,12710")
    assert Contest.from_frame(frame(whole), name="x", finalists=["Alder", "Birch"]).units


@pytest.mark.parametrize(
    "name",
    ["Voters in reporting precincts", "Voters in counted stations", "Electors of counted stations",
     "Électeurs des bureaux dépouillés", "Electores de mesas escrutadas",
     "Wahlberechtigte der ausgezählten Wahlbezirke", "Uprawnieni w przeliczonych obwodach",
     "Elettori delle sezioni scrutinate", "Votantes de mesas escrutadas"],
)  # fmt: skip
def test_voters_where_votes_are_counted_are_part_of_the_list(contest, name):
    text = LISTS.format(name=name, a=20000, b=15000, c=5000)
    found = partial_returns(contest, frame(text))
    assert found.counted.tolist() == [1, 0.5, 0.5, 0]


def test_those_who_voted_where_votes_are_counted_are_ballots(contest):
    text = LISTS.format(name="Votantes de mesas escrutadas", a=12700, b=9000, c=3000)
    assert partial_returns(contest, frame(text)).counted.tolist() == [1, 1, 1, 0]
