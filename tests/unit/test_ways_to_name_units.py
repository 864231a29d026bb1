"""One way to name the units of both rounds: the one in which the first round's units are found."""

from __future__ import annotations

import pytest

from forecast import Contest, InputError, Returns
from forecast.facts.partial_returns import partial_returns
from forecast.files.columns import Columns

PEOPLE = ("Anna Berg", "Ivan Cole", "Mara Dorn")
FIRST = [[4292 + 311 * i, 3150 + 127 * i, 2077 + 53 * i] for i in range(8)]
SECOND = [[4801 + 300 * i, 4100 + 211 * i, 0] for i in range(8)]
CZECH = ("ID_OKRSKY", "OKRES", "OBEC", "OKRSEK", "KOLO", "VOL_SEZNAM", "ODEVZ_OBAL", "PL_HL_CELK")
FRENCH = ("Id", "Code département", "Code commune", "Bureau", "Tour", "Inscrits", "Votants",
          "Exprimés")  # fmt: skip
NAMES = tuple("12345678")


def columns(rows, name="table.csv"):
    text = "\n".join(",".join(map(str, row)) for row in rows)
    return Columns.from_text(text + "\n", name)


def stations(head, rounds, places=range(8), *, per_town=2, left_out=()):
    """Return rows of stations: an identity over the land, the town, and a number within it."""
    rows = [[*head, *PEOPLE]]
    for which in rounds:
        for i in places:
            votes = (FIRST if which == 1 else SECOND)[i]
            town = 500_000 + i // per_town
            rows.append([i + 1, 1100, town, i % per_town + 1, which, 3 * sum(FIRST[i]),
                         sum(votes) + 9, sum(votes), *votes])  # fmt: skip
    kept = [k for k, name in enumerate(rows[0]) if name not in left_out]
    return columns([[row[k] for k in kept] for row in rows])


@pytest.mark.parametrize("head", [CZECH, FRENCH])
@pytest.mark.parametrize("per_town", [1, 2, 4])
@pytest.mark.parametrize(
    "left_out", [(), ("OKRES", "Code département"), ("VOL_SEZNAM", "Inscrits")]
)
@pytest.mark.parametrize("rounds", [(1, 2), (2, 1), (2,)])
def test_stations_of_both_rounds_are_matched_one_by_one(head, per_town, left_out, rounds):
    first = stations(head, (1,), per_town=per_town, left_out=left_out)
    contest = Contest.from_frame(first, name="c", electorate="voters", finalists=PEOPLE[:2])
    table = stations(head, rounds, per_town=per_town, left_out=left_out)
    night, returns = partial_returns(contest, table), Returns.from_frame(table, contest=contest)
    assert returns.units == contest.units
    assert night.units == 8
    assert night.unknown == ()
    assert night.votes.tolist() == [row[:2] for row in SECOND]


@pytest.mark.parametrize("places", [(4, 5, 6, 7), (0, 1), (0,), (2, 4, 6)])
def test_some_stations_of_a_night_are_found_by_their_identity(places):
    contest = Contest.from_frame(stations(CZECH, (1,)), name="c", finalists=PEOPLE[:2])
    night = partial_returns(contest, stations(CZECH, (2,), places))
    votes = dict(zip(contest.units, night.votes.tolist(), strict=True))
    assert {u: v for u, v in votes.items() if any(v)} == {str(i + 1): SECOND[i][:2] for i in places}


@pytest.mark.parametrize("places", [(2, 3), (3,)])
def test_rows_that_two_columns_name_are_asked_about(places):
    contest = Contest.from_frame(stations(CZECH, (1,)), name="c", finalists=PEOPLE[:2])
    table = stations(CZECH, (2,), places)
    with pytest.raises(InputError, match=r"ID_OKRSKY or OKRSEK.*--columns 'ID_OKRSKY=unit'"):
        partial_returns(contest, table)
    night = partial_returns(contest, table, columns={"ID_OKRSKY": "unit"})
    assert sum(map(any, night.votes.tolist())) == len(places)


@pytest.mark.parametrize("places", [range(8), (4, 5, 6, 7), (0, 1), (2, 3)])
def test_long_tables_name_units_as_the_first_round_does(places):
    head = ("ID_OKRSKY", "OBEC", "OKRSEK", "candidate", "votes")
    first, second = (
        columns([head, *([i + 1, 500_000 + i // 2, i % 2 + 1, n, x]
                         for i in some for n, x in zip(PEOPLE, votes[i], strict=False))])
        for votes, some in ((FIRST, range(8)), ([row[:2] for row in SECOND], places))
    )  # fmt: skip
    contest = Contest.from_frame(first, name="c", electorate="voters", finalists=PEOPLE[:2])
    assert contest.units == NAMES
    if places == (2, 3):
        with pytest.raises(InputError, match=r"ID_OKRSKY or OKRSEK|OKRSEK or ID_OKRSKY"):
            partial_returns(contest, second)
        return
    night = partial_returns(contest, second)
    found = [u for u, v in zip(contest.units, night.votes.tolist(), strict=True) if any(v)]
    assert found == [NAMES[i] for i in places]


def test_stations_of_towns_are_added_up_as_before():
    head = ("Town", "Station", "Registered", *PEOPLE)
    first = [["Town", "Registered", *PEOPLE], ["Alfa", 20000, 4000, 3000, 900],
             ["Bravo", 22000, 4100, 3900, 700]]  # fmt: skip
    contest = Contest.from_frame(
        columns(first), name="c", electorate="voters", finalists=PEOPLE[:2]
    )
    rows = [["Alfa", 1, 9000, 2100, 1900, 0], ["Alfa", 2, 11000, 2200, 1800, 0],
            ["Bravo", 1, 12000, 2300, 2000, 0], ["Bravo", 2, 10000, 1900, 2100, 0]]  # fmt: skip
    night = partial_returns(contest, columns([head, *rows]))
    assert night.votes.tolist() == [[4300, 3700], [4200, 4100]]


def regions_of(head, cells=("Lisboa", "Lisboa", "Porto", "Porto"), unit="Concelho"):
    rows = {head: cells, unit: ["Cascais", "Sintra", "Maia", "Gaia"],
            "Inscritos": ["17000", "30000", "12000", "26000"], "Nulos": ["80", "180", "60", "130"],
            "Ada": ["4000", "7000", "3100", "6500"], "Ben": ["3000", "6000", "2100", "4500"],
            "Cid": ["2500", "3500", "1500", "3000"]}  # fmt: skip
    table = Columns(where="t", values=rows)
    return Contest.from_frame(table, name="t", advancement="top two")


def test_regions_have_their_words_or_are_the_larger_of_two_places():
    words = """Distrito|Regiune|Stadtteil|Apgabals|Επαρχία|Rajoni|Volilna enota|Raion|Região|
        Comarca|Окръг|Maakond|Município"""
    wrong = []
    for head in map(str.strip, words.split("|")):
        found = regions_of(head)
        if found.regions != ("Lisboa", "Lisboa", "Porto", "Porto") or found.units[0] != "Cascais":
            wrong.append((head, found.regions, found.units))
    assert not wrong
    for head in ("Distrito", "Estado", "Zona"):  # of its own for each unit, or the same for all
        assert regions_of(head, ("a", "b", "c", "d")).regions is None
        assert regions_of(head, ("a",) * 4).regions is None
