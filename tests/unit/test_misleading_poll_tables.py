"""Columns, rows, cells and days of tables of polls: kinds that were once answered wrongly."""

import json
from datetime import date
from itertools import permutations

import asked
import numpy as np
import pytest
from asked import ELECTION, OF_ALL, SHARES, first_of, runoff_polls, table

import forecast as library
from forecast import InputError, read_election, read_polls
from forecast.facts.words.days import days_of_cells
from forecast.files.columns import Columns


@pytest.fixture(name="contest")
def _contest():
    return asked.contest()


# --- days -----------------------------------------------------------------------------------------

AT_12_TO_14 = (date(2026, 4, 12), date(2026, 4, 14))
AT_14 = (date(2026, 4, 14), date(2026, 4, 14))


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["14-Apr-26", "1-Apr-26"], [AT_14, (date(2026, 4, 1),) * 2]),
        (["14 Apr 26"], [AT_14]),
        (["12-14 Apr '26", "30 Mar \u2013 1 Apr \u201926"],
         [AT_12_TO_14, (date(2026, 3, 30), date(2026, 4, 1))]),
        (["14-abr-26"], [AT_14]),
        (["14. dubna 26"], [AT_14]),
        (["12 Apr - 14 May"], [(date(2025, 4, 12), date(2025, 5, 14))]),
        (["28-Mar-26 - 02-Apr-26"], [(date(2026, 3, 28), date(2026, 4, 2))]),
        (["12\u201314 Apr 2026[3]", "14 Apr 2026 [12]"], [AT_12_TO_14, AT_14]),
        (["14 April 2026 (2)", "April 14[2]", "14 Apr 2026\u00b2"], [AT_14] * 3),
        (["12\u201314 Apr[2] 2026", "April 12-14, 2026*"], [AT_12_TO_14] * 2),
        (["12\u201314 IV 2026", "30 III \u2013 1 IV 2026", "12.-14.IV.2026"],
         [AT_12_TO_14, (date(2026, 3, 30), date(2026, 4, 1)), AT_12_TO_14]),
        (["12. - 14. 4. 2026", "30. 3. \u2013 1. 4. 2026"],
         [AT_12_TO_14, (date(2026, 3, 30), date(2026, 4, 1))]),
        (["12-14.04.2026", "12 a 14/04/2026", "12/04 a 14/04/2026"], [AT_12_TO_14] * 3),
        (["4/12-14/26", "4/12/26-4/14/26", "4/12 - 4/14/2026"], [AT_12_TO_14] * 3),
        (["4/12 - 4/14", "3/30 - 4/1"], [AT_12_TO_14, (date(2026, 3, 30), date(2026, 4, 1))]),
        (["28.12. - 3.1.", "12.-14. 4."], [(date(2025, 12, 28), date(2026, 1, 3)), AT_12_TO_14]),
        (["2026.04.12-14.", "2026/04/14"], [AT_12_TO_14, AT_14]),
        (["05/04/2026", "06/03/2026"], [(date(2026, 4, 5),) * 2, (date(2026, 3, 6),) * 2]),
    ],
)  # fmt: skip
def test_days_as_tables_write_them(cells, days):
    """A year of two digits and a footnote were days; of two readings one is after the election."""
    columns = Columns(where="polls", values={"end": cells})
    assert days_of_cells(cells, columns, "end", latest=date(2026, 5, 3)) == days


def test_days_that_a_spreadsheet_left_as_numbers():
    found = read_election(table(end=["47603", "47602", "47600"]), election_day=ELECTION)
    assert [p.end for p in found.polls] == [date(2030, 4, 30), date(2030, 4, 29), date(2030, 4, 27)]


def test_days_whose_year_is_in_another_column():
    found = read_election(table(end=["4/12 - 4/14", "4/3", "3/30 - 4/1"], year=2030))
    assert [p.end for p in found.polls] == [date(2030, 4, 14), date(2030, 4, 3), date(2030, 4, 1)]
    assert found.polls[0].start == date(2030, 4, 12)


@pytest.mark.parametrize("cells", [["05/04/2026", "06/04/2026"], ["5/4/26"]])
def test_a_day_that_nobody_can_tell_from_a_month(cells):
    columns = Columns(where="polls", values={"end": cells})
    with pytest.raises(InputError, match="must be a day like"):
        days_of_cells(cells, columns, "end", latest=date(2026, 12, 31))


# --- columns that are no people -------------------------------------------------------------------

LEADS = (
    "Lead", "Écart", "Ventaja", "Diferença", "Dif.", "Przewaga", "Fark", "Razlika", "Náskok", "Ero",
    "Vorsprung", "Prednost", "Avance", "Ahead", "Delta", "Δ", "Net", "Spread", "Разлика", "Отрыв",
    "Előny", "Διαφορά", "Vantaggio", "Selisih", "სხვაობა",
)  # fmt: skip
ASIDES = {
    "Błąd": [3.1, 3.2, 3], "Marge": 3.1, "Margem de erro": [3, 3, 2], "Fehlermarge": 3.1,
    "+/-": [3.1, 3.2, 3],
    "Weight": [0.8, 1.2, 1], "Waga": [0.8, 1.2, 1], "Turnout": [71, 70, 72], "Frekwencja": 61,
    "Wahlbeteiligung": 70, "Would vote": [71, 69, 70], "Total": 100, "Promedio": 3,
}  # fmt: skip


@pytest.mark.parametrize("word", LEADS)
def test_a_lead_is_no_candidate_in_any_language(word):
    assert first_of(table(**{word: [10, 7, 13]})).shares == OF_ALL


@pytest.mark.parametrize("word", [*ASIDES])
def test_what_is_no_share_is_no_candidate(word):
    assert first_of(table(**{word: ASIDES[word]})).shares == OF_ALL


@pytest.mark.parametrize("errors", ["3", "2.3 3.1", "0.03"])
def test_margins_of_error_are_no_candidate_where_shares_leave_room_for_one(errors):
    """They are no differences of shares, and nothing sums to 100% without them."""
    told = (errors.split() * 2)[:2]
    cells = {"n": ["1870", "968"], "Ada": ["40", "42"], "Ben": ["33", "31"], "margin": told}
    if errors == "0.03":
        cells |= {"Ada": ["0.40", "0.42"], "Ben": ["0.33", "0.31"]}
    cells |= {"pollster": ["Acme", "Best"], "end": ["2026-04-01", "2026-04-02"]}
    cells |= {"round": ["first round"] * 2}
    found = read_election(Columns(where="t", values=cells), election_day=ELECTION)
    assert found.people == ("Ada", "Ben")
    assert "no candidates by their names, left out: margin" in found.notes


@pytest.mark.parametrize("place", [(), ("Gap to 2nd",)])
@pytest.mark.parametrize("order", list(permutations(SHARES))[:3])
def test_the_first_minus_the_second_share_is_a_lead_whatever_its_name(order, place):
    cells = {"Gap to 2nd": [10, 7, 13], "Others": [15, 15, 14]}
    found = read_election(table((*place, *order), **cells), election_day=ELECTION)
    assert set(found.people) == {*SHARES}
    assert found.polls[0].shares == pytest.approx(OF_ALL)
    assert "column 'Gap to 2nd': is the lead of the first over the second; left out" in found.notes
    signed = read_election(table(Gap=["-10", "7", "13"]), election_day=ELECTION)
    assert signed.people == tuple(SHARES)


@pytest.mark.parametrize("shares", [(50, 30, 20), (49, 30, 21), (50, 26, 24), (40, 39, 1)])
def test_a_candidate_with_as_much_as_the_first_leads_by_or_the_others_have_stays_one(shares):
    """By accident, in polls of 100% or less in all."""
    cells = dict(zip(SHARES, shares, strict=True))
    assert read_election(table(**cells), election_day=ELECTION).people == ("Ada", "Ben", "Cid")


@pytest.mark.parametrize("word", ["Ogółem", "Spolu", "Gesamt", "All"])
@pytest.mark.parametrize("cells", [100, [85, 85, 86], [99.9, 100, 100.1]])
def test_a_column_that_is_the_sum_of_the_others_is_their_total_in_any_language(word, cells):
    assert first_of(table(**{word: cells})).shares == OF_ALL


@pytest.mark.parametrize(
    "word",
    ["Befragte", "Δείγμα", "Respondenci", "Liczba respondentów", "Uzorak", "Извадка", "Выборка",
     "Örneklem", "Otos", "Vzorek", "Próba", "Campione", "Personnes interrogées", "Zz"],
)  # fmt: skip
@pytest.mark.parametrize("cells", [["1.002", "1.500", "1.100"], ["1002", "1500", "ok. 1100"]])
def test_people_asked_are_no_candidate_in_any_language(word, cells):
    """An unknown word is one for the people asked if nobody else can be so many."""
    assert first_of(table(n=[...] * 3, **{word: cells})).n == 1002


@pytest.mark.parametrize("n", ["1002 (\u00b13.1)", "1,002 \u00b1 3.1%", "ok. 1002", "1 002 (n)"])
def test_people_asked_beside_a_margin_of_error(n):
    assert first_of(table(n=n)).n == 1002


SILENT = (
    "Не мога да преценя", "Колебаещи се", "Нет ответа", "Затрудняюсь", "Затрудняюсь / отказ",
    "Ще не вирішили", "Ne zna / odbija", "Weiß nicht/k.A.", "w.n./k.A.", "Non sa/Non risponde",
    "Não sabem", "Sans réponse", "არ ვიცი/უარი პასუხზე", "Rahasia", "Belum menentukan pilihan",
    "نامشخص", "لا أعرف", "مترددون", "Դժվարանում եմ պատասխանել", "Sijui", "Ei kantaa", "Без мнение",
    "Leerstimme", "Nevolil", "Не піду на вибори", "Проти всіх", "Няма да гласувам", "Spoil ballot",
    "Нема да гласам", "Ne bi izašao", "Sandığa gitmem", "En contra de todos", "Нерешили",
    "Ne zna / zz zz", "No preference", "Sin respuesta", "No sabe o no contesta",
    "Weiß nicht oder keine Angabe", "Не знаю или отказ",
    "Wouldn't vote", "Will not vote", "Refused", "Und.", "Abs.", "NOTA", "NSPP", "DK/NA",
    "Não sabe/Não respondeu", "Не са решили", "En osaa sanoa", "Neopredijeljeni", "ΔΓ/ΔΑ",
    "ვერ გადაწყვიტა", "Not sure", "Nevím", "Не знаю", "Blanco/Nulo", "Branco/Nulo/Indeciso",
    "Undecided / Would not vote", "Nieważne", "Ungültige", "Nessuno", "Ei äänestäisi",
)  # fmt: skip
OTHERS = (
    "Oth.",
    "Misc.",
    "Resto",
    "Iný",
    "Any other",
    "Ostali kandidati",
    "Другие кандидаты",
    "سایر",
    "غيرهم",
    "آخرون",
    "Wengine",
    "Бусад",
    "Minor candidates",
    "Field",
    "Write-in",
)


@pytest.mark.parametrize("word", SILENT)
def test_who_names_nobody_is_no_candidate(word):
    assert first_of(table(**{word: 12})).undecided == pytest.approx(0.12)


@pytest.mark.parametrize("word", OTHERS)
def test_further_words_for_others(word):
    assert first_of(table(**{word: 12})).others == pytest.approx(0.12)


@pytest.mark.parametrize("name", ["Marge Simpson", "Niko", "Delta Burke", "Michel Blanc", "Long",
                                  "Razem", "Ensemble", "Spolu", "Bos"])  # fmt: skip
def test_people_whose_names_hold_such_words_are_people(name):
    assert name in read_election(table(**{name: 5}), election_day=ELECTION).people


def test_shares_of_the_decided_and_changes_are_left_out_beside_the_shares():
    more = {"Ada change": [1, 2, 0], "Ada 2-way": 57, "Ben 2-way": 43}
    found = read_election(table(**more), election_day=ELECTION)
    assert found.people == tuple(SHARES)
    assert any("'Ada 2-way': beside Ada; left out" in note for note in found.notes)


# --- what rows sum to says what a column is -------------------------------------------------------

PEOPLE = (
    "Luna", "Mes", "Tour", "Tur", "Cliente", "Delta", "Peso", "Net", "Voto Católico", "Marge",
    "Total Change", "Ana Torres (National Party)", "Yanukovych (Party of Regions)", "Casa", "Size",
    "Asfura National Party", "Smith (Country Party)", "Data", "Gap",
)  # fmt: skip
ANSWERS_TOO = ("Blanco", "Bianchi", "Bianca", "Rest", "Field")
NUMBERS = {
    "Days to election": [12, 8, 5], "Regions": [12, 14, 10], "Quality": [2.5, 2.9, 3.1],
    "Marja": [3.1, 3.3, 3], "Refusal rate": [12, 13, 14], "Better off": [40, 44, 39],
    "Zz": [2900, 3100, 2800], "No. of zz": [120, 130, 125], "Undecided before": [22, 25, 20],
}  # fmt: skip
LIST = {name: cells[0] for name, cells in SHARES.items()}
WHOLE = {"Undecided": [10, 11, 9], "Others": [5, 4, 5]}
"""What makes the rows of `SHARES` sum to 100."""


@pytest.mark.parametrize("among", [True, False])
@pytest.mark.parametrize("name", [*PEOPLE, *ANSWERS_TOO])
def test_a_candidate_whose_name_is_a_word_is_one_if_the_rows_say_so(name, among):
    """The leader was left out without a note; where words may be answers their place tells."""
    order = ("pollster", "n", "end", "Ada", name) if among or name in ANSWERS_TOO else ()
    cells = {"Ada": [20, 22, 21], "Ben": [25, 26, 25], name: [40, 37, 37]}
    sums = read_election(table(order, **cells), election_day=ELECTION)
    assert {*sums.people} == {*SHARES, name}
    assert any(f"column {name!r}: " in note for note in sums.notes) or "Party" in name
    if among:
        short = read_election(table(order, **cells | {"Cid": [6, 5, 4]}), election_day=ELECTION)
        assert {*short.people} == {*SHARES, name}


@pytest.mark.parametrize("name", ["Luna", "Tour", "Cliente", "Delta"])
def test_a_word_that_nothing_says_is_a_person_is_left_out_with_a_note(name):
    found = read_election(table(**{name: [31, 30, 32], "Ben": [22, 21, 20]}), election_day=ELECTION)
    assert found.people == tuple(SHARES)
    assert f"no candidates by their names, left out: {name}" in found.notes


@pytest.mark.parametrize("first", [(), ("Ada",), ("pollster", "n")])
@pytest.mark.parametrize("name", [*NUMBERS])
def test_a_column_on_top_of_rows_that_sum_to_100_is_no_answer(name, first):
    """All shares were scaled down."""
    poll = first_of(table((*first, name) if first else (), **WHOLE, **{name: NUMBERS[name]}))
    assert (poll.shares, poll.undecided) == (OF_ALL, pytest.approx(0.1))


def test_a_column_that_nobody_can_tell_from_a_candidate_stays_in_the_sum():
    with pytest.raises(InputError, match="must not exceed 100% together"):
        read_election(table(**WHOLE, Left=SHARES["Ada"]), election_day=ELECTION)
    noted = read_election(table(**WHOLE, Zz=[5, 7, 6]), election_day=ELECTION).notes
    assert "column 'Zz': rows sum to 100% without it; left out" in noted


@pytest.mark.parametrize("cells", [[1, 2, 3], [3, 2, 1], ["1.", "2.", "3."]])
@pytest.mark.parametrize(
    "word", ["No", "No.", "№", "Poll no.", "Sl. No.", "Month no.", "Round of polling", "Lp."]
)
def test_a_column_in_front_that_counts_the_rows_is_no_answer(word, cells):
    for more in ({}, WHOLE):
        poll = first_of(table((word,), **{word: cells}, **more))
        assert (poll.pollster, poll.shares) == ("Acme", OF_ALL)
        assert poll.undecided == (0.1 if more else None)


def test_a_candidate_with_1_and_2_percent_numbers_no_rows():
    polls = table(Dan=[1, 2, 3]).head(2)
    assert read_election(polls, election_day=ELECTION).people == (*SHARES, "Dan")


@pytest.mark.parametrize(
    ("word", "cells"), [("Age min", 15), ("Month", [10, 11, 9]), ("Wave", [15, 15, 13])]
)
def test_a_number_that_completes_rows_by_accident_is_no_candidate(word, cells):
    """Where nobody else is missing, few rows do not say it."""
    assert first_of(table(**{word: cells})).shares == OF_ALL


# --- rows that are no polls -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Average", "Poll average", "RCP Average", "7-day average", "Weighted average", "Moyenne",
     "Średnia sondaży", "Promedio de encuestas", "Média das pesquisas", "Durchschnitt", "Ortalama",
     "Media", "Средно", "Poll of polls", "Keskiarvo", "Average[a]"],
)  # fmt: skip
@pytest.mark.parametrize("day", ["", "2030-05-02"])
def test_averages_are_no_polls(name, day, contest, tmp_path):
    cells = {"pollster": ["Acme", name, "Cent"], "end": ["2030-05-01", day, "2030-04-28"],
             "n": ["1000", "", "800"]}  # fmt: skip
    found = read_election(table(**cells), election_day=ELECTION)
    assert [p.pollster for p in found.polls] == ["Acme", "Cent"]
    assert any("an average of polls; left out" in note for note in found.notes)
    text = f"pollster,n,end,ada,ben\n{name},,{day},48,45\nAcme,1000,2030-05-12,46,44\n"
    (one,) = runoff_polls(contest, tmp_path, text)
    assert (one.pollster, "an average of polls; left out" in one.note) == ("Acme", True)


@pytest.mark.parametrize("name", ["Pulse Media", "Media Research", "Meaning", "Gallup Media"])
def test_pollsters_whose_names_hold_a_word_for_a_mean_ask(name):
    found = read_election(table(pollster=["Acme", name, "Cent"]), election_day=ELECTION)
    assert found.polls[1].pollster == name


def test_polls_of_a_part_of_the_electorate_stand_beside_those_of_all():
    cells = {"pollster": ["Acme", "Acme", "Best"], "end": "2030-05-01", "Ada": [40, 50, 41]}
    for area, whole in (("Region", "National"), ("Area", ""), ("Obszar", "Ogółem")):
        areas = {area: [whole, "North", whole]}
        found = read_election(table(**cells, **areas), election_day=ELECTION)
        assert [p.shares["Ada"] for p in found.polls] == [0.4, 0.41]
        assert any(
            "1 rows about a part of the electorate left out: North" in n for n in found.notes
        )
    with pytest.raises(InputError, match="must be of all of the electorate - found North, South"):
        read_election(table(**cells, region=["North", "South", "North"]), election_day=ELECTION)
    same = read_election(table(region="North"), election_day=ELECTION)
    apart = read_election(table(region=["North", "South", "North"]), election_day=ELECTION)
    assert len(same.polls) == len(apart.polls) == 3


EVENTS = (
    ["11 Apr 2026", *["First televised debate"] * 6],
    ["", "1 May 2030", "", "Elm withdraws and endorses Ada", "", "", ""],
    ["pollster", "end", "n", "ABC", "DEF", "GHI", "JKL"],
    ["", "", "", "ABC", "DEF", "GHI", "JKL"],
)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_rows_of_words_are_no_polls(event, at, tmp_path):
    rows = [["Acme", "2030-05-01", "1000", "40", "30", "15", "10"],
            ["Best", "2030-04-30", "900", "38", "31", "16", "10"]]  # fmt: skip
    rows.insert(at, event)
    path = tmp_path / "polls.csv"
    lines = [["pollster", "end", "n", "Ada", "Ben", "Cid", "Others"], *rows]
    path.write_text("\n".join(map(",".join, lines)), "utf-8")
    found = read_election(path, election_day=ELECTION)
    assert [p.pollster for p in found.polls] == ["Acme", "Best"]
    if any(event[:1]) or at:  # a line of parties below the header is joined to it
        assert any("no poll; left out" in note for note in found.notes)


@pytest.mark.parametrize(
    "row", [["", "", "", "39", "30", "15", "10"], ["2029"] * 7, ["2029", *[""] * 6]]
)
def test_rows_by_nobody_and_headings_are_no_polls(row, tmp_path):
    """Such as the last average of a page, and a year above its polls."""
    path = tmp_path / "polls.csv"
    lines = [["pollster", "end", "n", "Ada", "Ben", "Cid", "Others"], row,
             ["Acme", "2030-05-01", "1000", "40", "30", "15", "10"]]  # fmt: skip
    path.write_text("\n".join(map(",".join, lines)), "utf-8")
    assert [p.pollster for p in read_election(path, election_day=ELECTION).polls] == ["Acme"]


def test_a_row_for_each_answer_may_be_a_lead_or_a_total(contest, tmp_path):
    rows = (("Ada", 46), ("Ben", 44), ("Lead", 2), ("Total", 100), ("Undecided", 10))
    text = "".join(f"Acme,2030-05-12,1000,{name},{x}\n" for name, x in rows)
    (poll,) = runoff_polls(contest, tmp_path, f"pollster,date,n,candidate,share\n{text}")
    assert (poll.shares, poll.undecided) == ({"Ada Adler": 0.46, "Ben": 0.44}, 0.1)


def test_the_first_round_and_an_exit_poll_are_no_polls_of_a_runoff(contest, tmp_path):
    text = """Pollster,Fieldwork date,Sample size,Ada,Ben
Runoff result,19 May 2030,,52,48
First round,5 May 2030,,40,35
Acme (exit poll),19 May 2030,30000,51,49
Acme,12 May 2030,1000,46,44
"""
    found = runoff_polls(contest, tmp_path, text)
    assert [(p.pollster, p.kind) for p in found] == [
        ("Acme (exit poll)", "exit poll"), ("Acme", "poll"),
    ]  # fmt: skip


def test_who_asked_stands_above_in_merged_cells():
    found = read_election(table(pollster=["Acme", None, ""]), election_day=ELECTION)
    assert [p.pollster for p in found.polls] == ["Acme"] * 3
    assert any("row 1 and 1 more: nobody said to have asked, taken" in n for n in found.notes)
    below = table(pollster=["Acme", "Average", None])
    assert read_election(below, election_day=ELECTION).polls[1].pollster == "unknown"


# --- layouts --------------------------------------------------------------------------------------


def test_a_table_of_polls_in_columns(tmp_path, contest):
    path = tmp_path / "polls.csv"
    path.write_text(
        ",Acme,Best\nDate,1 May 2030,2 May 2030\nSample,1000,900\nAda,40,41\nBen,30,29\nCid,15,14\n"
        "Undecided,15,16\n", "utf-8"
    )  # fmt: skip
    found = read_election(path, election_day=ELECTION)
    assert [(p.pollster, p.n, p.undecided) for p in found.polls] == [
        ("Acme", 1000, 0.15), ("Best", 900, 0.16),
    ]  # fmt: skip
    assert found.polls[0].shares == OF_ALL
    assert read_polls(path, contest)[0].shares["Ada Adler"] == 0.4


HEADS_OF_BLOCKS = {
    "First round,,,,Second round,,": "Ada,Ben,Cid,Undecided,Ada,Ben,Undecided",
    "All respondents,,,,Decided voters,,": "Ada,Ben,Cid,Undecided,Ada,Ben,Cid",
}


@pytest.mark.parametrize("head", [*HEADS_OF_BLOCKS])
def test_heads_over_blocks_of_columns(head, tmp_path):
    path = tmp_path / "polls.csv"
    path.write_text(
        f",,,{head}\nPollster,Date(s) administered,Sample,{HEADS_OF_BLOCKS[head]}\n"
        "Acme,1 May 2030,1000,40,30,15,15,50,35,15\nBest,20300502,900,41,29,14,16,51,34,15\n"
    )
    found = read_election(path, election_day=ELECTION)
    assert found.people == tuple(SHARES)
    assert (found.polls[0].shares, found.polls[0].undecided) == (OF_ALL, 0.15)
    assert len(found.head_to_head) == 2 * ("Second" in head)
    assert found.asked[1].end == date(2030, 5, 2)


@pytest.mark.parametrize("said", ["excl. undecided", "(votos válidos)", "válidos", "(decided)"])
def test_shares_of_the_decided_beside_those_of_all(said):
    more = {f"{name} {said}": cells for name, cells in SHARES.items()}
    poll = first_of(table(**WHOLE, **more))
    assert (poll.shares, poll.undecided) == (OF_ALL, pytest.approx(0.1))


@pytest.mark.parametrize("answers", [
    {"results": LIST}, {"tours": [{"tour": "1", "listes": [{"answers": [
        {"candidat": name, "intentions": x, "parti": ["Z"]} for name, x in LIST.items()]}]}]},
    {"fieldwork": {"start": "2030-04-30"}, "shares": LIST},
])  # fmt: skip
def test_json_of_polls_with_answers_below(answers, tmp_path):
    path = tmp_path / "polls.json"
    path.write_text(json.dumps([
        {"pollster": who, "end": "2030-05-01", "n": 1000, **answers} for who in ("Acme", "Best")
    ]))  # fmt: skip
    assert [p.pollster for p in read_election(path, election_day=ELECTION).polls] == [
        "Acme",
        "Best",
    ]
    assert read_election(path, election_day=ELECTION).polls[0].shares == OF_ALL


# --- cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["11[b]", "11 (Elm 4)", "11 %", "11*", "11\u00b9", "11 (Elm 4)[c]"]
)
def test_others_with_a_footnote_are_others(cell):
    assert first_of(table(Others=[cell, "10", "12"])).others == pytest.approx(0.11)


def test_footnotes_of_shares_names_and_pollsters():
    cells = {"Ada[a]": ["40[c]", "38", "41*"], "Ada": [...] * 3, "pollster": ["Acme[1]", "B", "C"]}
    poll = first_of(table(("pollster", "n", "end", "Ada[a]"), **cells))
    assert (poll.pollster, poll.shares) == ("Acme", OF_ALL)


@pytest.mark.parametrize("cell", ["did not run", "Not asked", "withdrew"])
def test_somebody_who_was_not_asked_about(cell):
    found = read_election(table(Cid=["15", cell, "17"]), election_day=ELECTION)
    assert [p.shares.get("Cid") for p in found.polls] == [0.15, None, 0.17]


@pytest.mark.parametrize("cell", ["11-12", "1l1"])
def test_others_that_nobody_can_read_are_refused(cell):
    with pytest.raises(InputError, match="'Others': must be a share"):
        read_election(table(Others=[cell, "10", "12"]), election_day=ELECTION)


# --- polls of a runoff in the same tables ---------------------------------------------------------

HEADS = (
    "Pollster,Fieldwork date,Sample size,Ada,Ben,Undecided,Lead",
    "Polling firm,date,n,Ada Adler (ABC),Ben (DEF),DK/NA,Margin of error",
    "Institut,Dates,Échantillon,A. Adler,Ben DEF,Ne se prononce pas,Écart",
    "Institut,Zeitraum,Befragte,Adler,Ben,Unentschlossen,Vorsprung",
    "Firma,data,Próba,Ada,Ben,Niezdecydowani,Frekwencja",
    "Pollster,Fieldwork,Respondents,Ada,Ben,Others / Undecided,Turnout",
)
DAYS = ("12-14 May 2030", "12.-14.05.2030", "12/05/2030 - 14/05/2030", "2030-05-12/2030-05-14",
        "May 12-14[3]", "12-14 V 2030", "12\u201314 May '30", "5/12 - 5/14")  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("day", DAYS)
def test_polls_of_a_runoff_are_read_as_those_before_a_first_round(head, day, contest, tmp_path):
    text = f'{head}\nAcme,{day},"1,002",46[a],44,10,2\nAverage,,,46,44,10,2\n'
    (poll,) = runoff_polls(contest, tmp_path, text)
    assert (poll.n, poll.shares) == (1002, {"Ada Adler": 0.46, "Ben": 0.44})
    assert (poll.undecided, poll.round) == (0.1, "runoff")
    assert (poll.start, poll.end) == (date(2030, 5, 12), date(2030, 5, 14))
    assert poll.published == date(2030, 5, 15)


def test_a_row_for_each_candidate_of_a_runoff(contest, tmp_path):
    text = "pollster,date,n,candidate,share\n" + "".join(
        f"{who},2030-05-12,1000,{name},{x}\n"
        for who, shares in (("Acme", (46, 44, 10)), ("Best", (50, 45, 5)))
        for name, x in zip(("Adler", "Ben", "Undecided"), shares, strict=True)
    )
    one, two = runoff_polls(contest, tmp_path, text)
    assert (one.shares, one.undecided) == ({"Ada Adler": 0.46, "Ben": 0.44}, 0.1)
    assert two.shares == {"Ada Adler": 0.5, "Ben": 0.45}


def test_json_of_a_runoff(contest, tmp_path):
    answers = [{"candidate": c, "share": x} for c, x in (("Ada", 46), ("Ben", 44))]
    poll = {"institute": "Acme", "end": "12 May 2030", "sample": "1,000", "answers": answers}
    path = tmp_path / "polls.json"
    path.write_text(json.dumps([poll]))
    assert read_polls(path, contest)[0].shares == {"Ada Adler": 0.46, "Ben": 0.44}


def test_a_question_about_more_people_is_about_the_first_round(contest, tmp_path):
    text = """pollster,date,n,Ada,Ben,Cid,Others
Acme,2030-05-12,1000,46,44,,
Best,2030-04-12,1000,36,34,20,4
"""
    one, two = runoff_polls(contest, tmp_path, text)
    assert (one.round, two.round, two.others) == ("runoff", "first round", 0.04)


@pytest.mark.parametrize(
    ("first", "second"),
    [("1st", "2nd"), ("First round", "Second round"), ("1", "2"), ("first round", "runoff"),
     ("I tura", "II tura")],
)  # fmt: skip
def test_a_column_says_which_round_was_asked_about(first, second, contest, tmp_path):
    text = f"pollster,n,Round,Ada,Ben\nA,1000,{first},36,34\nB,1000,{second},46,44\n"
    assert [p.round for p in runoff_polls(contest, tmp_path, text)] == ["first round", "runoff"]


HEADS_OF_BOTH = (
    "Ada,Ben,Cid,Ada (runoff),Ben (runoff)", "Ada,Ben,Cid,Ada second round,Ben second round",
    "Ada R1,Ben R1,Cid R1,Ada R2,Ben R2",
    "First round,First round,First round,Second round,Second round\n"
    "Pollster,date,n,Ada,Ben,Cid,Ada,Ben",
)  # fmt: skip


@pytest.mark.parametrize("head", HEADS_OF_BOTH)
def test_a_row_about_both_rounds_is_two_questions(head, contest, tmp_path):
    rows = "Acme,2030-05-01,1000,40,30,15,52,48\nBest,2030-05-02,900,41,30,15,,\n"
    text = f"Pollster,date,n,{head}\n{rows}"
    first, second, third = runoff_polls(contest, tmp_path, text)
    assert (first.round, second.round, third.round) == ("first round", "runoff", "first round")
    assert second.shares == {"Ada Adler": 0.52, "Ben": 0.48}
    found = read_election(tmp_path / "polls.csv", election_day=ELECTION)
    assert found.people == ("Ada", "Ben", "Cid")
    assert (len(found.asked), len(found.head_to_head)) == (2, 1)


def test_a_candidate_may_be_called_like_a_column(tmp_path):
    contest = library.Contest(
        name="c", candidates=("Blank", "Lead", "Cid"), finalists=("Blank", "Lead"),
        units=("north",), votes=np.array([[300, 200, 100]]), invalid=np.array([5]),
        registered=np.array([1000]),
    )  # fmt: skip
    (poll,) = runoff_polls(contest, tmp_path, "pollster,n,Blank,Lead\nAcme,1000,46,44\n")
    assert poll.shares == {"Blank": 0.46, "Lead": 0.44}


def test_two_columns_of_one_candidate_are_refused(contest, tmp_path):
    with pytest.raises(InputError, match="found 'Ada' and 'Ada ABC'; leave one out"):
        runoff_polls(contest, tmp_path, "pollster,n,Ada,Ada ABC,Ben\nAcme,1000,46,44,40\n")


def test_blank_ballots_are_no_votes_in_a_runoff(contest, tmp_path):
    text = "pollster,n,Ada,Ben,Blank,Abstention\nAcme,1000,46,34,7,13\n"
    assert runoff_polls(contest, tmp_path, text)[0].would_not_vote == pytest.approx(0.2)
