"""How much is counted, in wordings, lines and columns that were once passed over."""

from __future__ import annotations

import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns
from forecast.files.columns import Columns

FIRST = """unit,registered,invalid,Alder,Birch,Cedar
Ashton,20000,300,5000,4000,2600
Burford,30000,400,6500,7000,3900
Corley,10000,150,2500,2400,1100
Denham,15000,200,3300,3600,2100
"""
VOTES = {"Ashton": "20000,320,7000,5380", "Burford": "30000,210,4100,4690",
         "Corley": "10000,80,1500,1420"}  # fmt: skip
PLACES = [(20, 20), (15, 30), (5, 10)]
UNSAID = [1, 0.473, 0.456, 0]
"""What of the units is likely counted where a part of two of them is."""


def table(text):
    return Columns.from_text(text, "night.csv")


def night(header, cells, mark=""):
    rows = [f"{unit}{mark * (unit != 'Ashton')},{cell},{votes}"
            for cell, (unit, votes) in zip(cells, VOTES.items(), strict=True)]  # fmt: skip
    return "\n".join([f"Unit,{header},Registered,Invalid,Alder,Birch", *rows]) + "\n"


def first_of(header, cells):
    rows = [f"{unit},{cell},{votes},2600"
            for cell, (unit, votes) in zip(cells, VOTES.items(), strict=True)]  # fmt: skip
    text = "\n".join([f"Unit,{header},Registered,Invalid,Alder,Birch,Cedar", *rows])
    return Contest.from_frame(table(text), name="x", finalists=["Alder", "Birch"])


@pytest.fixture(scope="module")
def contest():
    return Contest.from_frame(table(FIRST), name="four", finalists=["Alder", "Birch"])


WORDINGS = ["{} sezioni su {}", "({}/{})", "{}⁄{}", "{}:{}", "{} in {}", "{} ud af {}", "{} iš {}",
            "{} από {}", "{} від {}", "{} van {}", "{} actas de {}", "{} of {}*", "[{} | {}]",
            "{} bureaux dépouillés sur {}", "@ % ({} of {})"]  # fmt: skip


@pytest.mark.parametrize("wording", WORDINGS)
@pytest.mark.parametrize("header", ["Stations", "Sezioni", "Mesas", "Obwody"])
def test_two_numbers_of_stations_are_a_part_in_any_words(contest, header, wording):
    cells = [wording.replace("@", f"{100 * a // b}").format(a, b) for a, b in PLACES]
    found = partial_returns(contest, table(night(header, cells)))
    assert found.counted.tolist() == [1, 0.5, 0.5, 0]
    with pytest.raises(InputError, match="must be counted out"):
        first_of(header, cells)
    assert first_of(header, [wording.replace("@", "100").format(b, b) for _, b in PLACES]).units


@pytest.mark.parametrize(
    "wording", ["{} ud af {}", "{} iš {}", "{} hoidas {}", "{} Wahlkreise in {}"]
)
@pytest.mark.parametrize("header", ["Zzz", "Sections", "Stemmesteder"])
def test_the_same_words_between_two_numbers_need_no_header(contest, header, wording):
    cells = [wording.format(a, b) for a, b in PLACES]
    found = partial_returns(contest, table(night(header, cells)))
    assert found.counted.tolist() == [1, 0.5, 0.5, 0]
    with pytest.raises(InputError, match="must be counted out"):
        first_of(header, cells)


@pytest.mark.parametrize("wording", ["{}% des bureaux", "{} percent", "{}%*", "% {}", "{} % (x)"])
@pytest.mark.parametrize("header", ["Stations", "Bureaux", "Progress"])
def test_a_percentage_of_stations_is_that_part(contest, header, wording):
    cells = [wording.format(100 * a // b) for a, b in PLACES]
    found = partial_returns(contest, table(night(header, cells)))
    assert found.counted.tolist() == [1, 0.5, 0.5, 0]


@pytest.mark.parametrize("cells", [("0 left", "15 left", "5 left"), ("20/20", "30/15", "5/10"),
                                   ("all 20", "15 + 2 + 3", "5")])  # fmt: skip
@pytest.mark.parametrize("header", ["Stations", "Sezioni", "Progress"])
def test_digits_of_progress_that_are_not_understood_are_refused(contest, header, cells):
    with pytest.raises(InputError, match=f"--columns '{header}=ignored'"):
        partial_returns(contest, table(night(header, cells)))


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Address", ("3 High St 14", "5 Low Rd 20", "7 Mill Ln 9")),
        ("Zzz", ("1-2", "3-4", "5-6")),
        ("Updated", ("20:20", "21:30", "22:10")),
        ("District", ("Ward 3 of 12", "Ward 4 of 12", "Ward 5 of 12")),
        ("Note", ("recounted 2 times", "", "see p. 5")),
        ("State", ("TX", "TX", "CA")),
        ("Reported", (1, 2, 3)),
        ("Reported", ("21:40", "21:50", "22:10")),
    ],
)
def test_what_says_nothing_of_the_count_leaves_units_complete(contest, header, cells):
    found = partial_returns(contest, table(night(header, cells)))
    assert found.counted.tolist() == [1, 1, 1, 0]


HALF = (
    "Unit,Invalid,Alder,Birch\nAshton,160,3500,2690\nBurford,210,4100,4690\nCorley,80,1500,1420\n"
)
TITLES = ["Partial results, 48.3% of stations counted", "Preliminary results: 61.2%",
          "Résultats partiels", "Resultados preliminares: 61,2%", "Wyniki częściowe",
          "Zwischenergebnis", "48,3 % des bureaux dépouillés", "Actas contabilizadas: 61.2%",
          "312 of 640 stations counted", "Scrutinate 312 sezioni su 640",
          "Vorläufiges Ergebnis: 61,2% ausgezählt", "Частичные результаты"]  # fmt: skip


@pytest.mark.parametrize("line", TITLES)
def test_no_unit_is_final_where_a_title_says_that_the_count_is_partial(contest, line):
    for text in (f'"{line}"\n{HALF}', f'{HALF}"Note: {line}"\n'):
        found = partial_returns(contest, table(text))
        assert (found.partial, found.complete) == (("Ashton", "Burford", "Corley"), False)
        assert any(line in note and "in part" in note for note in found.notes)
    with pytest.raises(InputError, match="must be counted out"):
        Contest.from_frame(table(f'"{line}"\n{FIRST}'), name="x")
    told = partial_returns(contest, table(f'"{line}"\n{night("Counted", ("100%", "50%", "5%"))}'))
    assert told.counted.tolist() == [1, 0.5, 0.05, 0]


@pytest.mark.parametrize(
    "line",
    ["Preliminary results", "Vorläufiges amtliches Endergebnis", "Turnout 48.3%", "Page 1 of 3",
     "By-election, 100% counted", "Élection partielle de 2019", "Elecciones parciales 2020",
     "Résultats de l'élection partielle", "Resultados del proceso electoral", "Ward 3 of 12",
     "Escrutinio definitivo", "Results of 100.00% of stations", "640 of 640 stations counted",
     "Turnout in counted stations 61%", "Quorum: 50% of registered voters"],
)  # fmt: skip
def test_other_titles_leave_units_final(contest, line):
    found = partial_returns(contest, table(f'"{line}"\n{HALF}'))
    assert found.counted.tolist() == [1, 1, 1, 0]
    assert Contest.from_frame(table(f'"{line}"\n{FIRST}'), name="x").units


@pytest.mark.parametrize("mark", ["*", "†"])
@pytest.mark.parametrize(
    "words",
    ["partial count", "count not complete", "dépouillement partiel", "noch nicht ausgezählt"],
)
def test_units_with_a_mark_are_counted_in_part_if_its_note_says_so(contest, mark, words):
    text = night("x", ("", "", ""), mark).replace(",x,", ",").replace(",,", ",")
    found = partial_returns(contest, table(f"{text}{mark} {words}\n"))
    assert found.counted.tolist() == pytest.approx(UNSAID, abs=1e-3)
    votes = text.replace(mark, "").replace("4690", f"4690{mark}").replace("1420", f"1420{mark}")
    found = partial_returns(contest, table(f"{votes}{mark} {words}\n"))
    assert found.counted.tolist() == pytest.approx(UNSAID, abs=1e-3)
    other = partial_returns(contest, table(f"{text}{mark} includes postal votes\n"))
    assert other.counted.tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("State", ("closed", "open", "open")), ("Zustand", ("closed", "open", "open")),
        ("Zustand", ("geschlossen", "offen", "offen")), ("Zzz", ("closed", "open", "open")),
        ("Estado", ("cerrada", "abierta", "abierta")), ("Stato", ("chiuso", "aperto", "aperto")),
        ("is_partial", ("false", "true", "true")), ("is_final", ("true", "false", "false")),
        ("Note", ("", "partial count", "partial count")),
        ("Remark", ("recounted twice", "partial count", "partial count")),
        ("Uwagi", ("zob. s. 3", "wyniki częściowe", "wyniki częściowe")),
    ],
)  # fmt: skip
def test_states_are_read_whatever_their_column_is_called(contest, header, cells):
    found = partial_returns(contest, table(night(header, cells)))
    assert found.counted.tolist() == pytest.approx(UNSAID, abs=1e-3)


@pytest.mark.parametrize(("header", "final"), [("is_partial", "false"), ("Status", "final")])
def test_a_unit_that_is_called_final_without_a_vote_has_not_reported(contest, header, final):
    text = night(header, (final, final, final)) + f"Denham,{final},15000,0,0,0\n"
    found = partial_returns(contest, table(text))
    assert found.counted.tolist() == [1, 1, 1, 0]
    assert partial_returns(contest, table(text.replace(f",{final},", ",1,").replace(header,
                           "counted"))).complete  # fmt: skip


@pytest.mark.parametrize(
    "header",
    ["Counted,Of", "Reported,Of", "In,Of", "Counted,Total", "Counted,All", "Zliczone,Wszystkie",
     "Escrutadas,Total", "Dépouillés,Total"],
)  # fmt: skip
def test_counted_and_of_stand_side_by_side(contest, header):
    cells = [f"{a},{b}" for a, b in PLACES]
    found = partial_returns(contest, table(night(header, cells)))
    assert found.counted.tolist() == [1, 0.5, 0.5, 0]
    with pytest.raises(InputError, match="must be counted out"):
        first_of(header, cells)


def test_a_percentage_beside_all_votes_is_no_number_of_stations(contest):
    found = partial_returns(
        contest, table(night("Counted,Total", ("100,12380", "50,8790", "49,2920")))
    )
    assert found.counted.tolist() == [1, 0.5, 0.49, 0]


def test_plain_numbers_that_are_reported_may_be_stations_or_times(contest):
    text = night("Reported", (20, 15, 5))
    with pytest.raises(InputError, match="may say how many stations"):
        partial_returns(contest, table(text))
    told = partial_returns(contest, table(text), columns={"reported": "reported"})
    assert told.counted.tolist() == [1, 1, 1, 0]
