"""States and remarks of a night's table: what says "in part", and what says nothing."""

from __future__ import annotations

import io

import polars as pl
import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns
from forecast.facts.tables.worded_parts import part_in_remark

FIRST = """unit,Ada,Ben,Cyd
Alfa,4292,3150,2077
Bravo,11017,10112,5480
Cedar,18205,12011,9840
Delta,7011,9120,4020
Echo,9650,9905,6011
Forest,16250,13980,9011
Gorna,5120,6010,2950
"""
UNITS = tuple(line.split(",")[0] for line in FIRST.splitlines()[1:])
FULL = ((4801, 4100), (13500, 12010), (20100, 18900), (9010, 10700), (12010, 12900),
        (19020, 18350), (6200, 7400))  # fmt: skip
PARTS = (1, 1, 1, 1, 0.8, 0, 0)


def frame(text):
    return pl.read_csv(io.StringIO(text), infer_schema=False)


@pytest.fixture(scope="module")
def contest():
    return Contest.from_frame(
        frame(FIRST), name="seven", finalists=["Ada", "Ben"], electorate="voters"
    )


def counted(contest, header, words, parts=PARTS, *, empty=False):
    """Return what a column says whose cells are words for all, for a part and for nothing."""
    full, part, none = words
    lines = [f"unit,{header},Ada,Ben"]
    for unit, votes, done in zip(UNITS, FULL, parts, strict=True):
        cell = full if done == 1 else part if done else none
        own = [str(int(v * done)) if done or not empty else "" for v in votes]
        lines.append(f'{unit},"{cell}",{",".join(own)}')
    try:
        return partial_returns(contest, frame("\n".join(lines))).counted.tolist()
    except InputError as refused:
        return str(refused)


STATES = [
    ("Status", "Final", "Partial", "Not reported"),
    ("الحالة", "نهائي", "جزئي", "لم يبدأ"),
    ("الحالة", "مكتمل", "غير مكتمل", "لم يبدأ"),
    ("وضعیت", "نهایی", "ناقص", "نامشخص"),
    ("Bureaux manquants", 0, 3, 8),
    ("Chybějící okrsky", 0, 3, 8),
    ("Manglende kredse", 0, 3, 8),
]
REMARKS = [
    ("Notes", "", "80% counted", ""),
    ("Notes", "", "80% (partial)", ""),
    ("Comment", "", "excl. postal votes", ""),
    ("Comment", "recount asked for", "excl. postal votes", "rain"),
    ("Bemerkung", "", "ohne Briefwahl", ""),
    ("Bemerkung", "", "noch 2 Wahlbezirke offen", ""),
    ("Bemerkung", "", "nur 12 von 15 Wahlbezirken", ""),
    ("Observaciones", "", "faltan 3 actas", ""),
    ("Remarque", "", "hors procurations", ""),
    ("Poznámka", "", "chybí 2 okrsky", ""),
    ("Remarks", "", "2 stations missing", ""),
    ("Remarks", "", "12 of 15 stations", ""),
    ("Remarks", "checked", "only 12 of 15 stations", ""),
    ("Zzz", "", "12/15 counted", ""),
]


def test_what_says_that_a_unit_is_counted_in_part_is_heard(contest):
    """It was passed over, or turned units that are complete into units in part."""
    wrong = {}
    for header, *words in [*STATES, *REMARKS]:
        found = counted(contest, header, words)
        if found != pytest.approx(PARTS, abs=0.02):
            wrong[header, words[1]] = found
    assert not wrong


UNKNOWN = [
    ("Final", "Partial", "No results yet"), ("Final", "Partial", "No result"),
    ("Endergebnis", "Zwischenergebnis", "ausstehend"), ("Végleges", "Részleges", "Nincs adat"),
    ("Définitif", "Provisoire", "Non parvenu"), ("Tamamlandı", "Devam ediyor", "Başlamadı"),
    ("Totalizada", "Parcial", "Não iniciada"), ("kompletne", "częściowe", "brak"),
    ("Complet", "Partiel", "Non saisi"), ("Τελικό", "Μερικό", "Εκκρεμεί"),
    ("Valmis", "Kesken", "Ei aloitettu"), ("15/15", "12/15", "zzz"),
]  # fmt: skip


@pytest.mark.parametrize("empty", [False, True])
def test_a_state_that_stands_only_where_there_are_no_votes_is_not_asked_about(contest, empty):
    found = {words: counted(contest, "Status", words, empty=empty) for words in UNKNOWN}
    assert not {w: f for w, f in found.items() if f != pytest.approx(PARTS, abs=0.02)}


def test_an_unknown_state_beside_votes_is_asked_about(contest):
    for part in ("zzz", "đang kiểm"):
        assert "--columns 'Status=ignored'" in counted(contest, "Status", ("Final", part, "zzz"))


def test_states_of_unknown_words_that_set_units_without_votes_apart_are_asked_about(contest):
    """Under a name that nobody knows, units counted to 80% were complete."""
    unknown = [
        ("Zzz", "bitmiş", "davam", "başlanmayıb"),
        ("Gjendja", "Mbyllur", "x", "y"),
        ("Vəziyyət", "tam", "yarı", "yox"),
        ("Төлөв", "а", "б", "в"),
        ("Called", "Called", "Too close to call", "No votes"),
    ]
    for header, *words in unknown:
        found = counted(contest, header, words)
        assert f"--columns '{header}=ignored'" in found
    everywhere = (1,) * len(UNITS)
    assert counted(contest, "Zzz", ("bitmiş", "", ""), everywhere) == [1.0] * len(UNITS)
    regions = counted(contest, "Zzz", ("North", "North", "South"))
    assert regions == [1.0] * 5 + [0.0] * 2


def test_remarks_that_do_not_speak_of_the_count_say_nothing(contest):
    silent = ("rain", "recount asked for", "no stations missing", "0 stations missing", "Sala 12",
              "incl. postal votes", "turnout 56%", "without observers", "56%", "all counted",
              "station 12 closed early", "opened late", "12/15", "Ada 56% of votes")  # fmt: skip
    assert {text: part_in_remark(text) for text in silent} == dict.fromkeys(silent, "")
    everywhere = (1,) * len(UNITS)
    for text in silent[:-2]:
        assert counted(contest, "Remarks", (text, "", ""), everywhere) == [1.0] * len(UNITS), text


@pytest.mark.parametrize("heads", ["Status,Notes", "Notes,Status"])
def test_a_remark_beside_a_final_state_counts(contest, heads):
    lines = [f"unit,{heads},Ada,Ben"]
    for unit, votes, done in zip(UNITS, FULL, (1, 1, 1, 1, 0.8, 1, 1), strict=True):
        cells = ["final", "excl. postal votes" if done < 1 else ""]
        cells = cells if heads.startswith("Status") else cells[::-1]
        lines.append(",".join([unit, *cells, *(str(int(v * done)) for v in votes)]))
    found = partial_returns(contest, frame("\n".join(lines))).counted.tolist()
    assert found == pytest.approx((1, 1, 1, 1, 0.8, 1, 1), abs=0.02)


def test_a_remark_at_every_unit_is_of_the_table_where_votes_look_complete(contest):
    """Postal votes are a unit of their own, in the first round as in the runoff."""
    words = ("ohne Briefwahl", "ohne Briefwahl", "")
    assert counted(contest, "Bemerkung", words, (1,) * len(UNITS)) == [1.0] * len(UNITS)
    some = counted(contest, "Bemerkung", words, (0.4,) * len(UNITS))
    assert all(0 < part < 1 for part in some)


STATIONS = (10, 12, 9, 14, 15, 8, 7)
HEADS = [("Stations total", "Stations counted"), ("Stations", "Counted"), ("Counted", "Stations"),
         ("Polling stations", "Reported"), ("Wahllokale", "Ausgezählt"), ("Mesas", "Escrutadas"),
         ("Number of stations", "Counted"), ("Bureaux", "Dépouillés"), ("Total", "Counted"),
         ("Komisje", "Przeliczone"), ("Of", "counted")]  # fmt: skip


def test_numbers_counted_stand_beside_those_of_stations(contest):
    """They were refused as fractions above 1."""
    wrong = {}
    for heads in HEADS:
        lines = [",".join(("unit", *heads, "Ada", "Ben"))]
        for unit, votes, done, every in zip(UNITS, FULL, PARTS, STATIONS, strict=True):
            some = int(every * done)
            pair = (some, every) if heads[0] == "Counted" else (every, some)
            lines.append(",".join(map(str, (unit, *pair, *(int(v * done) for v in votes)))))
        found = partial_returns(contest, frame("\n".join(lines))).counted.tolist()
        if found != pytest.approx(PARTS, abs=0.02):
            wrong[heads] = found
    assert not wrong


def test_percentages_counted_beside_stations_stay_percentages(contest):
    lines = ["unit,Stations,Counted,Ada,Ben"]
    for unit, votes, done, every in zip(UNITS, FULL, PARTS, STATIONS, strict=True):
        lines.append(
            f"{unit},{every},{100 * done:.0f},{','.join(str(int(v * done)) for v in votes)}"
        )
    assert partial_returns(contest, frame("\n".join(lines))).counted.tolist() == [*PARTS]


@pytest.mark.parametrize(
    "name",
    ["Absentee Ballots Counted", "Quorum", "Postal ballots counted", "Early ballots counted"],
)
def test_ballots_of_one_way_to_vote_and_a_quorum_say_nothing_of_all_ballots(name):
    """A finished first round was refused as counted to 0%."""
    lines = [f"unit,Registered Voters,Total Votes Cast,{name},Rejected Ballots,Ada,Ben,Cyd"]
    for line in FIRST.splitlines()[1:]:
        unit, *votes = line.split(",")
        cast = sum(map(int, votes)) + 100
        some = cast // 2 if name == "Quorum" else cast // 300
        lines.append(f"{unit},{2 * cast},{cast},{some},100,{','.join(votes)}")
    found = Contest.from_frame(frame("\n".join(lines)), name="first")
    assert found.candidates == ("Ada", "Ben", "Cyd")
    assert found.invalid.tolist() == [100] * len(UNITS)
    part = [line.replace(name, "Ballots counted", 1) for line in lines]
    with pytest.raises(InputError, match="must be counted out"):
        Contest.from_frame(frame("\n".join(part)), name="first")


def test_a_quorum_is_not_the_ballots_where_no_column_has_these():
    lines = ["unit,Registered,Quorum,Rejected,Ada,Ben,Cyd"]
    for line in FIRST.splitlines()[1:]:
        unit, *votes = line.split(",")
        listed = 2 * sum(map(int, votes)) + 1
        lines.append(f"{unit},{listed},{listed // 4},100,{','.join(votes)}")
    found = Contest.from_frame(frame("\n".join(lines)), name="first")
    assert found.candidates == ("Ada", "Ben", "Cyd")
    assert found.ballots.tolist() == (found.votes.sum(axis=1) + 100).tolist()
    turnout = [lines[0].replace("Quorum", "Turnout")]
    for k, line in enumerate(lines[1:]):
        cells = line.split(",")
        cells[2] = str(sum(map(int, cells[3:])) + k)
        turnout.append(",".join(cells))
    ballots = Contest.from_frame(frame("\n".join(turnout)), name="first").ballots
    assert ballots.sum() >= found.ballots.sum()
