"""Nights as files tell them: kinds that were once answered wrongly without a word."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest

from forecast import Contest, InputError, Returns, nowcast, read_partial_returns
from forecast.facts.partial_returns import partial_returns
from forecast.facts.tables.totals import total_rows
from forecast.facts.unit_reports import runoff_table
from forecast.facts.words.times import comparable_times
from forecast.files.columns import Columns

FIRST = """unit,registered,invalid,Ada,Ben,Cyd
u1,1000,5,200,180,120
u2,1500,5,300,310,150
u3,1200,5,250,240,160
u4,900,5,150,160,110
"""


UNSAID = (0.508, 1, 1, 0.24)
"""What four units have counted of what the first round makes likely."""


def frame(text):
    return pl.read_csv(io.StringIO(text), infer_schema_length=None)


@pytest.fixture(scope="module")
def contest():
    return Contest.from_frame(frame(FIRST), name="four", finalists=["Ada", "Ben"])


def counted(contest, text, **options):
    return partial_returns(contest, frame(text), **options)


@pytest.mark.parametrize(
    ("header", "values", "parts"),
    [
        ("status", ("partial", "final", "final", "partial"), UNSAID),
        ("is_final", ("FALSE", "true", "TRUE", "no"), UNSAID),
        ("complete", ("no", "yes", "yes", "no"), UNSAID),
        ("preliminary", ("yes", "no", "no", "yes"), UNSAID),
        ("Stand", ("Zwischenergebnis", "Endergebnis", "Endergebnis", "Teilergebnis"),
         UNSAID),
        ("status", ("częściowe", "ostateczne", "ostateczne", "wstępne"), UNSAID),
        ("Auszählungsstand", ("5 von 10", "10 von 10", "10 von 10", "1 von 4"),
         (0.5, 1, 1, 0.25)),
        ("Protokoły", ("5 z 10", "10 z 10", "3 z 3", "1 z 4"), (0.5, 1, 1, 0.25)),
        ("Sezioni pervenute", ("5 su 10", "2 su 2", "2 su 2", "1 su 4"), (0.5, 1, 1, 0.25)),
        ("Açılan sandık oranı", ("%50", "%100", "%100", "%25"), (0.5, 1, 1, 0.25)),
        ("Actas procesadas", ("50.000%", "100.000%", "100.000%", "25.000%"), (0.5, 1, 1, 0.25)),
    ],
)  # fmt: skip
def test_what_is_counted_in_part_is_read(contest, header, values, parts):
    votes = ["140,125", "400,380", "350,340", "50,55"]
    lines = [f"u{i + 1},{v},{n}" for i, (v, n) in enumerate(zip(values, votes, strict=True))]
    found = counted(contest, "\n".join([f"unit,{header},Ada,Ben", *lines]))
    assert found.counted.tolist() == pytest.approx(parts, abs=1e-3)
    assert any(header in note for note in found.notes)


def night_of(header, values, rows=("140,125", "400,380", "350,340", "50,55")):
    lines = [f"u{i + 1},{v},{n}" for i, (v, n) in enumerate(zip(values, rows, strict=True))]
    return "\n".join([f"unit,{header},Ada,Ben", *lines])


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Status", ("In progress", "Final", "Complete", "Partial")),
        ("Status", ("Partial", "Certified", "Declared", "Counting")),
        ("Status", ("Partially counted", "Counted", "Counted", "Not final")),
        ("Status", ("Provisional", "Unofficial final", "Official", "Not counted")),
        ("Status", ("51%", "Final", "Final", "24 of 100")),
        ("Result", ("Too early", "Final", "Final results", "Partial results")),
        ("Stato", ("parziale", "completo", "definitivo", "parziale")),
        ("Estado", ("Parcial", "Totalizado", "final", "incompleto")),
        ("État", ("En cours", "Définitif", "Complet", "partiel")),
        ("Etat saisie", ("Incomplet", "Complet", "Complet", "Partiel")),
        ("Situação", ("Em apuração", "Totalizado", "Encerrado", "Parcial")),
        ("Stav", ("částečné", "konečné", "Sečteno", "Sčítá se")),
        ("Stan", ("w trakcie", "zakończono", "zakończono", "częściowe")),
        ("Stand", ("läuft noch nicht: Teilergebnis", "fertig", "Endergebnis", "vorläufig")),
        ("Durum", ("Devam ediyor", "Tamamlandı", "kesin", "kısmi")),
        ("Статус", ("частично", "полностью", "окончательно", "не завершено")),
        ("Anything", ("partial", "final", "final", "partial")),
        ("Notes", ("partial", "", "", "partial")),
        ("complete", ("0", "1", "1", "0")),
        ("is_final", ("0", "1", "1", "0")),
        ("reporting_complete", ("0", "1", "1", "0")),
        ("fully_reported", ("false", "true", "true", "false")),
        ("Done", ("", "x", "x", "")),
        ("Complete?", ("", "✓", "✓", "")),
        ("Preliminar", ("Sí", "No", "No", "Sí")),
        ("counted", ("partial", "final", "final", "partial")),
        ("Counting done", ("N", "Y", "Y", "N")),
        ("Remaining", ("yes", "no", "no", "yes")),
    ],
)
def test_a_unit_that_is_not_final_is_counted_in_part(contest, header, values):
    """One unknown word once made a whole column mean nothing, and flags once were candidates."""
    found = counted(contest, night_of(header, values))
    assert found.counted.tolist() == pytest.approx(UNSAID, abs=3e-3)
    assert found.totals == {"Ada": 940, "Ben": 900}
    assert not found.complete


def test_a_part_that_nobody_states_is_read_off_the_first_round():
    """It was a half: 20% counted everywhere and called final nowhere was 73% of the vote."""
    names = [f"u{k}" for k in range(12)]
    first = pl.DataFrame({"unit": names, "Ada": [400] * 12, "Ben": [380] * 12, "Cyd": [220] * 12})
    contest = Contest.from_frame(first, name="parts", electorate="voters")
    told = {"unit": names, "status": ["final"] * 4 + ["in progress"] * 8}
    told |= {"Ada": [420] * 4 + [84] * 8, "Ben": [380] * 4 + [76] * 8}
    found = partial_returns(contest, pl.DataFrame(told))
    assert found.counted[:4].tolist() == [1, 1, 1, 1]
    np.testing.assert_allclose(found.counted[4:], 0.2)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        *((name, ("45/90", "10/10", "5/5", "1/4")) for name in (
            "Obrađeno biračkih mjesta", "Boxes counted", "PS reported", "Wards declared",
            "Обработени протоколи", "Äänestysalueita laskettu", "Precincts", "Polling stations",
            "УИК", "Sandık", "Units in", "Zzz")),
        ("Mesas", ("45 de 90", "10 de 10", "5 de 5", "1 de 4")),
        *((name, ("50", "100", "100", "25")) for name in (
            "Est. % in", "pct_in", "Percent of expected vote", "% actas", "eevp", "Completion",
            "Обработено")),
        *((name, ("50%", "100%", "100%", "25%")) for name in (
            "Avance", "Avanço", "Ενσωμάτωση", "Expected vote", "Progress", "Counted so far",
            "Votes counted", "counted")),
        ("Actas contabilizadas", ("50.0", "100", "100", "25.0")),
        ("Precincts remaining", ("5 of 10", "0 of 10", "0 of 5", "3 of 4")),
        *((name, ("5 of 10", "0 of 10", "0 of 5", "3 of 4")) for name in (
            "Not counted", "Nicht ausgezählt", "Non dépouillés", "Actas por contabilizar")),
        ("Expected % in", ("~50", ">100", "100", "<25")),
        ("Precincts outstanding", ("45/90", "0/10", "0/5", "3/4")),
        *((name, ("50%", "0%", "0%", "75%")) for name in (
            "remaining", "Left to count", "Faltan", "Ausstehend")),
        ("% remaining", ("50", "0", "0", "75")),
        ("Reporting", ("45 of 90 (50%)", "10 of 10 (100%)", "5/5", "1 of 4 (25%)")),
        ("Reporting", ("45/90 stations", "10/10 stations", "5/5 stations", "1/4 stations")),
        ("Complete", ("0.5", "1", "1", "0.25")),
        ("Boxes", ("45/90", "final", "5/5", "1/4")),
        ("Fraction counted", ("0.5", "1.0", "1.0", "0.25")),
        ("Ballots remaining", ("265", "0", "0", "315")),
        ("Uncounted votes", ("265", "0", "0", "315")),
    ],
)  # fmt: skip
def test_how_much_is_counted_is_read_whatever_its_column_is_called(contest, header, values):
    found = counted(contest, night_of(header, values))
    assert found.counted.tolist() == pytest.approx([0.5, 1, 1, 0.25])
    assert found.totals == {"Ada": 940, "Ben": 900}
    assert any(header in note for note in found.notes)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("status", ("reviewed", "final", "final", "final")),
        ("status", ("A", "B", "B", "A")),
        ("Anything", ("partial", "zzz", "zzz", "partial")),
        ("status", ("1", "2", "2", "1")),
        ("Anything", ("yes", "no", "no", "yes")),
        ("Anything", ("0", "1", "1", "0")),
        ("Anything", ("a", "b", "b", "a")),
        ("Closed stations", ("4", "5", "5", "3")),
        ("Anything", ("45/90", "10/10", "zzz", "1/4")),
        ("Anything", ("50%", "100%", "100%", "12%")),
        ("Anything", ("50", "100", "100", "12")),
    ],
)
def test_what_may_say_how_much_is_counted_must_be_understood(contest, header, values):
    text = night_of(header, values)
    with pytest.raises(InputError, match=f"--columns '{header}=ignored'"):
        counted(contest, text)
    assert counted(contest, text, columns={header: "ignored"}).complete


def test_states_beside_rows_of_candidates(contest):
    """A state is of the unit if both of its rows say it; else of the candidate."""

    def rows(first, second, third="final"):
        return (f"unit,candidate,votes,status\nu1,Ada,280,{first}\nu1,Ben,250,{second}\n"
                f"u2,Ada,400,{third}\nu2,Ben,380,{third}\n")  # fmt: skip

    assert counted(contest, rows("partial", "partial")).counted.tolist() == [0.95, 1, 0, 0]
    assert counted(contest, rows("elected", "eliminated")).counted.tolist() == [1, 1, 0, 0]
    with pytest.raises(InputError, match="found 'zzz'"):
        counted(contest, rows("zzz", "zzz"))


@pytest.mark.parametrize("values", [("yes", "no"), ("1", "0"), ("A", "B"), ("nord", "sud")])
def test_unknown_answers_are_no_states_where_units_have_like_votes(contest, values):
    rows = ("220,200", "330,310", "260,250", "170,170")
    found = counted(contest, night_of("Anything", (*values, *values), rows))
    assert found.complete


def test_the_user_may_say_that_a_column_tells_how_much_is_counted(contest):
    text = night_of("Anything", ("yes", "no", "no", "yes"))
    found = counted(contest, text, columns={"Anything": "counted"})
    assert found.counted.tolist() == [1, 0.95, 0.95, 1]
    strange = night_of("Anything", ("yes", "partial", "zzz", "yes"))
    with pytest.raises(InputError, match="'zzz'; write final or partial"):
        counted(contest, strange, columns={"Anything": "counted"})


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Province", ("North", "North", "South", "South")),
        ("Landsdel", ("Nord", "Nord", "Syd", "Syd")),
        ("Winner", ("Ada", "Ada", "Ada", "Ben")),
        ("Notes", ("recount", "", "", "see annex")),
        ("Turnout", ("27%", "53%", "58%", "12%")),
        ("Turnout %", ("27", "53", "58", "12")),
        ("Elected", ("yes", "no", "no", "no")),
        ("Lead", ("15", "20", "10", "-5")),
        ("Margin", ("+15", "+20", "+10", "-5")),
        ("Écart", ("15", "20", "10", "5")),
        ("Lead %", ("5.7", "2.6", "1.4", "-4.8")),
        ("Ada %", ("52.8", "51.3", "50.7", "47.6")),
        ("Ada share", ("0.528", "0.513", "0.507", "0.476")),
        ("Anything", ("52.8%", "51.3%", "50.7%", "47.6%")),
        ("Code", ("1", "2", "3", "4")),
        ("Unused ballots", ("300", "200", "100", "50")),
        ("Write-in", ("3", "0", "1", "2")),
    ],
)
def test_other_columns_leave_units_complete(contest, header, values):
    found = counted(contest, night_of(header, values))
    assert found.complete
    assert found.totals == {"Ada": 940, "Ben": 900}


def test_a_place_may_be_called_like_a_state():
    first = Contest.from_frame(frame(FIRST.replace("u1", "Early")), name="e")
    text = "County,Ada,Ben\nEarly,280,250\nu2,400,380\nu3,350,340\n"
    found = partial_returns(first, frame(text))
    assert found.counted.tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize(
    "header",
    ["Ada %,Ben %", "Ada share,Ben share", "% Ada,% Ben", "Ada percent,Ben percent"],
)
@pytest.mark.parametrize("sign", ["", "%"])
def test_percentages_beside_the_votes_of_the_finalists_are_set_aside(contest, header, sign):
    text = (f"unit,Ada,Ben,{header},Margin\nu1,280,250,52.8{sign},47.2{sign},+30\n"
            f"u2,380,400,48.7{sign},51.3{sign},-20\n")  # fmt: skip
    found = counted(contest, text)
    assert found.totals == {"Ada": 660, "Ben": 650}
    assert any("(percent)" in note and "Margin (margin)" in note for note in found.notes)


def test_far_fewer_votes_than_ballots_are_a_part(contest):
    text = "unit,ballots,Ada,Ben\nu1,600,100,120\nu2,830,400,420\nu3,720,350,360\nu4,500,250,240\n"
    found = counted(contest, text)
    assert 0.3 < found.counted[0] < 0.45
    assert found.counted[1:].tolist() == [1, 1, 1]
    assert any("far fewer votes than ballots" in note and "u1" in note for note in found.notes)


def test_columns_say_what_a_column_is_whatever_its_name(contest):
    newer = "unit,rev,Ada,Ben\nu1,2,290,290\nu1,1,280,250\nu2,1,400,380\n"
    assert counted(contest, newer, columns={"rev": "version"}).totals == {"Ada": 690, "Ben": 670}
    merged = "unit,merged into,Ada,Ben\nu1,,280,250\nu2,,400,380\nu3,,350,340\nu4,u3,,\n"
    assert counted(contest, merged, columns={"merged into": "attached_to"}).complete
    part = "unit,counted,Ada,Ben\nu1,50,140,125\nu2,100,400,380\n"
    assert counted(contest, part).counted[0] == 0.5
    assert counted(contest, part, columns={"counted": "ignored"}).counted[0] == 1
    when = "unit,updated,Ada,Ben\nu1,00:40,290,290\nu1,23:10,280,250\n"
    assert counted(contest, when, columns={"updated": "reported"}).totals["Ada"] == 290


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("23:10", "00:40"),
        ("09:10 PM", "01:40 AM"),
        ("9:10 p.m.", "11:05 p.m."),
        ("31.05.2026 23:10", "01.06.2026 00:40"),
        ("05/31/2026 11:10 PM", "06/01/2026 12:40 AM"),
        ("2026-05-31 23:10", "2026-06-01 00:40"),
    ],
)
def test_the_later_report_counts_past_midnight_too(contest, first, last):
    rows = [f"u1,{last},290,290", f"u1,{first},280,250"]
    found = counted(contest, "\n".join(["unit,reported,Ada,Ben", *rows]))
    assert found.totals == {"Ada": 290, "Ben": 290}
    times = comparable_times({"a": first, "b": last})
    assert times["a"] < times["b"]


@pytest.mark.parametrize(
    "header",
    ["updated", "updated at", "last_updated", "timestamp", "time", "Hora", "Zeit", "Godzina",
     "Heure", "Stand", "as of", "report time", "reported_at", "Reported", "revision", "version",
     "Время", "Saat"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-11-05T21:10:00", "2026-11-05T23:58:00"),
        ("2026-11-05 21:10:00Z", "2026-11-06 00:58:00Z"),
        ("21:10", "00:58"),
        ("9:10 PM", "11:58 PM"),
        ("22:58 CET", "23:58 CET"),
        ("21.10 Uhr", "23.58 Uhr"),
        ("05.11.2026 21:10", "06.11.2026 00:58"),
    ],
)
def test_the_newest_report_counts_where_a_feed_begins_with_it(contest, header, first, last):
    rows = [f"{last},u1,290,290", f"{last},u2,400,380", f"{first},u1,100,90", f"{first},u2,150,150"]
    found = counted(contest, "\n".join([f"{header},unit,Ada,Ben", *rows]))
    assert found.totals == {"Ada": 690, "Ben": 670}
    assert found.counted.tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("reported_at", "22.58", "23.58"),
        ("Hora", "22.58", "0.58"),
        ("timestamp", "1731870000", "1731880000"),
        ("updated", "20261105225800", "20261105235800"),
        ("revision", "1", "2"),
        ("Version", "9", "10"),
    ],
)
def test_numbers_may_tell_which_report_is_the_later(contest, header, first, last):
    rows = [f"{last},u1,290,290", f"{first},u1,100,90"]
    found = counted(contest, "\n".join([f"{header},unit,Ada,Ben", *rows]))
    assert found.totals == {"Ada": 290, "Ben": 290}
    assert found.counted[0] == 1


@pytest.mark.parametrize("header", ["Hora,", ""])
def test_reports_that_all_shrink_must_say_which_is_the_later(contest, header):
    cell = "No. two," * bool(header), "No. one," * bool(header)
    rows = [f"{cell[0]}u1,290,290", f"{cell[0]}u2,400,380", f"{cell[1]}u1,100,90",
            f"{cell[1]}u2,90,95"]  # fmt: skip
    with pytest.raises(InputError, match="such as 'u1' from 580 to 190; sort the rows"):
        counted(contest, "\n".join([f"{header}unit,Ada,Ben", *rows]))
    found = counted(contest, "\n".join([f"{header}unit,Ada,Ben", *rows[::-1]]))
    assert found.totals == {"Ada": 690, "Ben": 670}
    found = counted(contest, "\n".join([f"{header}unit,Ada,Ben", *rows[:3]]))
    assert any("no column says when: check the order: u1" in note for note in found.notes)


def test_a_small_correction_downwards_is_told(contest):
    found = counted(contest, "unit,Ada,Ben\nu1,290,290\nu1,280,290\n")
    assert found.totals == {"Ada": 280, "Ben": 290}
    assert any("fewer votes in a later row" in note for note in found.notes)


@pytest.mark.parametrize(
    "name", ["TOTAL", "Razem", "Ogółem", "Insgesamt", "Total general", "Toplam"]
)
def test_what_is_called_a_total_is_none_of_the_units_however_far_off(name):
    found = Contest.from_frame(frame(f"{FIRST}{name},4968,21,972,961,583\n"), name="off")
    assert found.units == ("u1", "u2", "u3", "u4")
    assert any(f"{name} is called a total and has 8.0% more" in note for note in found.notes)


def test_a_village_may_be_called_like_a_total():
    counts = [np.array([300, 40, 280, 310]), np.array([200, 20, 220, 190])]
    assert total_rows("t", ["a", "Suma", "c", "d"], counts).rows.size == 0


def test_a_total_in_the_returns_is_not_an_unknown_unit(contest):
    text = "unit,Ada,Ben\nu1,280,250\nu2,400,380\nTotal,1100,1000\n"
    found = counted(contest, text)
    assert found.totals == {"Ada": 680, "Ben": 630}
    assert found.unknown == ()


def test_the_first_rounds_own_file_is_no_runoff(contest):
    with pytest.raises(InputError, match="exactly the votes of the first round"):
        counted(contest, FIRST.replace("Cyd", "nobody"), columns={"nobody": "ignored"})


def test_a_misprint_decides_nothing_when_all_is_counted(contest):
    """A zero for a finalist, whose units would turn the result."""
    plain = "unit,Ada,Ben\nu1,280,250\nu2,400,380\nu3,330,340\nu4,220,230\n"
    whole = nowcast(contest, frame(plain), draws=200)
    assert whole.decided == "Ada"
    missing = nowcast(contest, frame(plain.replace("u3,330", "u3,0")), draws=200)
    assert missing.returns.complete
    assert missing.decided is None
    assert missing.called is None
    assert "odd units" in missing.verdict
    assert any("u3" in text for text in missing.resemblance.warnings())


def test_a_finalist_without_a_row_is_named(contest):
    rows = [("u1", "Ada", 280), ("u1", "Ben", 250), ("u2", "Ben", 380), ("u2", "Ada", 400),
            ("u3", "Ben", 340)]  # fmt: skip
    long = pl.DataFrame(rows, schema=["unit", "candidate", "votes"], orient="row")
    table = runoff_table(Columns.from_frame(long), contest=contest)
    assert any("without a row of every finalist" in n and "u3" in n for n in table.notes)


def test_units_of_two_columns_may_be_written_differently():
    rows = [("North", "0001", 200, 180, 120), ("North", "0002", 300, 310, 150),
            ("South", "0001", 250, 240, 160), ("South", "0002", 150, 160, 110)]  # fmt: skip
    names = ["Commune", "Bureau", "Ada", "Ben", "Cyd"]
    first = Contest.from_frame(
        pl.DataFrame(rows, schema=names, orient="row"), name="two", electorate="voters"
    )
    later = pl.DataFrame(
        [("NORTH", "1", 280, 250), ("SOUTH", "2", 220, 230)], schema=names[:4], orient="row"
    )
    found = partial_returns(first, later)
    assert found.unknown == ()
    assert found.counted.tolist() == [1, 0, 0, 1]


NAMES = tuple(f"Place {letter}" for letter in "ABCDEFGHIJKL")
FULL = tuple((280 + 10 * k, 250 + 5 * k) for k in range(12))
QUARTER = tuple((a // 4, b // 4) if k % 2 else (a, b) for k, (a, b) in enumerate(FULL))


def dozen(names=NAMES):
    pairs = zip(names, FULL, strict=True)
    lines = [f"{u},{2 * (a + b)},5,{a - 60},{b - 60},120" for u, (a, b) in pairs]
    return Contest.from_frame(frame("\n".join([f"{FIRST.splitlines()[0]}", *lines])), name="dozen")


def side(header, cells, votes=FULL, names=NAMES):
    """Return a night of twelve units with a column whose cells are repeated."""
    rows = [f"{u},{a},{b},{cells[k % len(cells)]}"
            for k, (u, (a, b)) in enumerate(zip(names, votes, strict=True))]  # fmt: skip
    return frame("\n".join([f"unit,Ada,Ben,{header}", *rows]))


@pytest.mark.parametrize(
    "cell",
    ["Final (postal votes to come)", "Final except postal", "Nearly complete", "Almost done",
     "Mostly counted", "half complete", "semi-final", "FINAL?", "Final, 3 boxes pending"],
)  # fmt: skip
@pytest.mark.parametrize("header", ["Status", "Remarks"])
def test_a_word_for_final_does_not_make_any_phrase_final(header, cell):
    night = side(header, ("Final", f'"{cell}"'), QUARTER)
    if "pending" in cell:
        found = partial_returns(dozen(), night)
        assert found.counted.tolist() == pytest.approx([1, 0.25] * 6, abs=0.02)
        return
    with pytest.raises(InputError, match=f"--columns '{header}=ignored'"):
        partial_returns(dozen(), night)


@pytest.mark.parametrize(
    "cell", ["Final results", "Official result", "Fully counted", "100% final", "Unofficial final"]
)
def test_phrases_that_are_final(cell):
    found = partial_returns(dozen(), side("Status", (cell, "Partial"), QUARTER))
    assert found.counted[::2].tolist() == [1] * 6


@pytest.mark.parametrize("name", ["Final", "Open", "Closed", "Partial"])
def test_a_state_may_be_called_like_one_of_the_units(name):
    names = (*NAMES[:3], name, *NAMES[4:])
    night = side("status", ("final", "partial"), QUARTER, names)
    assert partial_returns(dozen(names), night).counted[1] < 1
    night = side("status", ("Closed", "Open"), QUARTER, names)
    assert partial_returns(dozen(names), night).counted[1] < 1


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Ward", ("Early", "Open")),
        ("Type", ("open", "closed")),
        ("Remarks", (*[""] * 10, "early voting high", "counted by hand")),
        ("Validated by observers", ("yes", "no")),
        ("Part", ("1/2", "2/2")),
        ("Page", ("1/2", "2/2")),
        *((n, [f"{k + 1}/{k + 20}" for k in range(12)]) for n in ("Code", "AD/ED")),
        *((n, [f"{k + 1} of 12" for k in range(12)]) for n in ("Mesa", "Sheet", "Rank")),
        ("% urban", [50 + k if k > 3 else 100 for k in range(12)]),
        ("Stan", ("GA", "FL")),
        ("Status", ("town", "village", "city")),
        ("Legal status", ("city", "rural")),
        ("Municipality status", ("city", "village")),
        ("Declared winner", ("Ada", "Ben")),
        ("District", ("Progress", "Hope")),
    ],
)
def test_side_columns_beside_full_votes_say_nothing_of_the_count(header, cells):
    found = partial_returns(dozen(), side(header, cells))
    assert found.complete
    assert found.totals == {"Ada": sum(a for a, _ in FULL), "Ben": sum(b for _, b in FULL)}


@pytest.mark.parametrize("header", ["counted", "Counted", "% counted"])
@pytest.mark.parametrize(
    ("full", "part"),
    [("100%", "~25%"), ("10/10 stations", "10/40 stations"), ("100% (40 of 40)", "25% (10 of 40)"),
     ("100 percent", "25 percent"), (">99", "25")],
)  # fmt: skip
def test_a_column_called_counted_is_read_as_others_are(header, full, part):
    found = partial_returns(dozen(), side(header, (full, part), QUARTER))
    assert found.counted.tolist() == pytest.approx([1, 0.25] * 6, abs=0.02)


def test_a_state_is_compared_with_the_ballots():
    rows = [f"{u},{a},{b},{a + b if k else 4 * (a + b)},final"
            for k, (u, (a, b)) in enumerate(zip(NAMES, FULL, strict=True))]  # fmt: skip
    found = partial_returns(dozen(), frame("\n".join(["unit,Ada,Ben,ballots,status", *rows])))
    assert found.complete
    assert any("far fewer votes than ballots, though" in note for note in found.notes)


@pytest.mark.parametrize("header", ["unit", "Mesa", "Polling station", "Okrug"])
@pytest.mark.parametrize("names", [("09.05.03", "09.05.09"), ("1-2-12", "1-2-20"), ("I", "II")])
def test_two_units_whose_names_could_be_days_or_rounds_are_units(header, names):
    first = f"{header},Ada,Ben,Cyd\n{names[0]},40,30,20\n{names[1]},30,45,25\n"
    found = Contest.from_frame(
        frame(first), name="two", columns={header: "unit"}, electorate="voters"
    )
    assert found.units == names
    night = f"{header},Ada,Ben\n{names[0]},50,40\n{names[1]},40,55\n"
    assert partial_returns(found, frame(night)).totals == {"Ada": 90, "Ben": 95}
    both = Returns(units=names, finalists=("Ada", "Ben"), votes=np.array([[50, 40], [40, 55]]))
    assert partial_returns(found, both).totals == {"Ada": 90, "Ben": 95}


def test_a_new_name_is_told_with_the_missing_unit_it_is_most_like():
    first = "unit,registered,Ada,Ben,Cyd\n" + "".join(
        f"{name},900,200,180,120\n" for name in ("Alba", "Burg", "Caro", "Dora", "Elba", "Vake")
    )
    found = Contest.from_frame(frame(first), name="six", finalists=["Ada", "Ben"])
    (note,) = [n for n in counted(found, "unit,Ada,Ben\nVakee,210,190\n").notes if "awaited" in n]
    assert "new: Vakee; awaited: Vake, Alba, " in note


@pytest.mark.parametrize("head", ["Reported", "Counted", "Version", "Source"])
def test_columns_are_said_by_the_names_that_a_file_gives_them(tmp_path, contest, head):
    """A name that always means itself was known in small letters only: else a KeyError."""
    path = tmp_path / "night.csv"
    rows = "".join(f"{u},50,{7 + k},{5 + k}\n" for k, u in enumerate(contest.units))
    path.write_text(f"Unit,{head},{contest.finalists[0]},{contest.finalists[1]}\n{rows}", "utf-8")
    found = read_partial_returns(path, contest, columns={head: "counted"})
    assert found.counted.tolist() == [0.5] * len(contest.units)
    with pytest.raises(InputError, match="columns names 'Parts'"):
        read_partial_returns(path, contest, columns={"Parts": "counted"})
