"""Times and days in a night's table: they are when a unit was counted, and not how much of it."""

from __future__ import annotations

import io

import polars as pl
import pytest

from forecast import Contest, InputError, read_contest, read_returns
from forecast.facts.partial_returns import partial_returns
from forecast.facts.words.times import comparable_times

FIRST = """unit,Ada,Ben,Cyd
Alfa,4292,3150,2077
Bravo,11017,10112,5480
Cedar,18205,12011,9840
Delta,7011,9120,4020
Echo,9650,9905,6011
Forest,16250,13980,9011
"""
UNITS = tuple(line.split(",")[0] for line in FIRST.splitlines()[1:])
FULL = ((4801, 4100), (13500, 12010), (20100, 18900), (9010, 10700), (12010, 12900), (19020, 18350))
TOTALS = {"Ada": 78441, "Ben": 76960}


def frame(text):
    return pl.read_csv(io.StringIO(text), infer_schema=False)


@pytest.fixture(scope="module")
def contest():
    return Contest.from_frame(
        frame(FIRST), name="six", finalists=["Ada", "Ben"], electorate="voters"
    )


def night(header, cells, votes=FULL):
    rows = (f'{u},"{cell}",{a},{b}' for u, cell, (a, b) in zip(UNITS, cells, votes, strict=True))
    return "\n".join([f"unit,{header},Ada,Ben", *rows])


def read(contest, text, **options):
    try:
        return partial_returns(contest, frame(text), **options)
    except InputError as refused:
        return str(refused)


def counted(contest, text, **options):
    found = read(contest, text, **options)
    return found if isinstance(found, str) else [round(part, 3) for part in found.counted.tolist()]


HEADERS = ("Time", "Stand", "Status", "Counted at", "Declared at", "counted_at", "published_at",
           "Reporting time", "Updated", "Ausgezählt um", "Scrutinate alle", "Notes",
           "État", "Completed at")  # fmt: skip
FORMS = ("20.1{}", "20.1{} Uhr", "20.1{} WIB", "kl. 20.1{}", "klo 20.1{}", "20:1{}", "20h1{}",
         "2025-06-01T20:1{}:00Z", "1 June 2025 20:1{}", "1.6. 20:1{}", "9:1{} p. m.")  # fmt: skip


def test_a_column_of_times_does_not_say_how_much_is_counted(contest):
    """Of a full count 20% were counted, by a clock."""
    wrong = {}
    for header in HEADERS:
        for form in FORMS:
            found = counted(contest, night(header, [form.format(k) for k in range(len(UNITS))]))
            if found != [1.0] * len(UNITS):
                wrong[header, form] = found
    assert not wrong


DAYS = [("19 May 2024", "20 May 2024"), ("19. Mai 2024", "20. Mai 2024"),
        ("19 juin 2022", "20 juin 2022"), ("19 mei 2024", "20 mei 2024"),
        ("19 de mayo de 2024", "20 de mayo de 2024"), ("19 мая 2024 г.", "20 мая 2024 г."),
        ("2024-05-19", "2024-05-20"), ("May 19, 2024", "May 20, 2024"),
        ("19 May 2024 23:50", "20 May 2024 0:15")]  # fmt: skip


def test_days_before_and_after_midnight_are_not_so_many_of_2024_stations(contest):
    wrong = {}
    for header in ("Updated", "Last updated", "Date", "Notes", "Time", "Counted at", "Zzz"):
        for days in DAYS:
            found = counted(contest, night(header, [days[k > 2] for k in range(len(UNITS))]))
            if found != [1.0] * len(UNITS):
                wrong[header, days] = found
    assert not wrong


def test_few_votes_beside_days_are_not_a_hundredth_of_the_count(contest):
    few = tuple((a // 120, b // 120) for a, b in FULL)
    cells = ["19 May 2024"] * 3 + ["20 May 2024"] * 3
    assert counted(contest, night("Updated", cells, few)) == [1.0] * len(UNITS)


def test_days_in_words_tell_the_rounds_apart_in_the_returns_too(tmp_path):
    first = [tuple(map(int, line.split(",")[1:])) for line in FIRST.splitlines()[1:]]
    rows = [f"{day},{unit},{name},{n}"
            for day, rounds in (("5 May 2024", first), ("19 May 2024", FULL))
            for unit, votes in zip(UNITS, rounds, strict=True)
            for name, n in zip(("Ada", "Ben", "Cyd"), votes, strict=False)]  # fmt: skip
    (tmp_path / "both.csv").write_text("\n".join(["Date,Unit,Candidate,Votes", *rows]))
    contest = read_contest(tmp_path / "both.csv", electorate="voters")
    assert read_returns(tmp_path / "both.csv", contest=contest).totals == TOTALS


def test_numbers_that_could_be_times_are_percentages_where_the_votes_say_so(contest):
    parts = (0.2010, 0.0545, 0.1230, 0.2259, 0.1801, 0.0915)
    votes = [(round(a * p), round(b * p)) for (a, b), p in zip(FULL, parts, strict=True)]
    cells = [f"{100 * part:.2f}" for part in parts]
    for header in ("Stand", "Status", "Counted", "Ausgezählt", "% in"):
        found = counted(contest, night(header, cells, votes))
        assert found == pytest.approx([round(part, 3) for part in parts], abs=1e-3), header


def test_numbers_that_may_be_either_are_asked_about(contest):
    cells, half = ["20.10", "20.15", "20.20", "20.10", "20.40", "20.12"], (0.1, 0.3, 0.5, 0.1, 0.2)
    votes = [(round(a * p), round(b * p)) for (a, b), p in zip(FULL, (*half, 0.2), strict=True)]
    text = night("Stand", cells, votes)
    assert "may have times or percentages" in read(contest, text)
    assert counted(contest, text, columns={"Stand": "reported"}) == [1.0] * len(UNITS)
    found = counted(contest, text, columns={"Stand": "counted"})
    assert found[0] == pytest.approx(0.201)


def test_percentages_early_in_the_night_are_no_times_because_votes_differ_from_them(contest):
    """They look like hours and minutes, and units have a third more or less than they say."""
    parts = (0.2010, 0.0545, 0.1230, 0.2259, 0.1801, 0.0915)
    noise = (0.7, 1.4, 0.8, 1.3, 0.6, 1.5)
    votes = [(round(a * p * x), round(b * p * x))
             for (a, b), p, x in zip(FULL, parts, noise, strict=True)]  # fmt: skip
    cells = [f"{100 * part:.2f}" for part in parts]
    assert "may have times or percentages" in read(contest, night("Stand", cells, votes))
    assert counted(contest, night("Ausgezählt", cells, votes)) == pytest.approx(parts, abs=1e-3)


def test_when_polls_opened_is_not_when_a_unit_reported(contest):
    opened = [f"0{7 + k % 2}:00" for k in range(len(UNITS))]
    text = night("Opened at", opened)
    assert not any("Opened at says" in note for note in read(contest, text).notes)
    rows = [f"{k % 2 + 7}.00,{row[0]},{','.join(map(str, row[1:]))}"
            for k, row in enumerate(snapshots(ORDERED[0]))]  # fmt: skip
    found = read(contest, "\n".join(["Opened at,Zzz,unit,Ada,Ben", *rows]))
    assert found.totals == TOTALS


def test_parts_of_stations_are_no_times(contest):
    """Hours that are never more than minutes may be stations of stations."""
    cells = ["10:15", "12:20", "9:18", "11:11", "5:10", "20:40"]
    for header in ("Counted", "Status", "Mesas"):
        found = read(contest, night(header, cells))
        assert isinstance(found, str) or found.partial, header
    words = ["10 von 15", "12 von 20", "9 von 18", "11 von 11", "5 von 10", "20 von 40"]
    parts = (10 / 15, 0.6, 0.5, 1, 0.5, 0.5)
    votes = [(round(a * p), round(b * p)) for (a, b), p in zip(FULL, parts, strict=True)]
    for header in ("Stand", "Zzz", "Time"):
        assert counted(contest, night(header, words, votes))[4] == 0.5, header


def test_a_first_round_is_counted_out_whenever_it_was(contest):
    lines = FIRST.splitlines()
    for form in ("20.1{}", "20:1{}", "20.1{} Uhr", "19 May 2024 20:1{}"):
        for header in ("Counted at", "Published at", "Stand"):
            rows = [f"{line},{form.format(k)}" for k, line in enumerate(lines[1:])]
            text = "\n".join([f"{lines[0]},{header}", *rows])
            found = Contest.from_frame(frame(text), name="first", electorate="voters")
            assert len(found.units) == len(UNITS), (form, header)


UNKNOWN = ("timestamp", "Heure", "Mise à jour", "Actualización", "Corte", "Boletín", "Hodina",
           "Aggiornamento", "Aktualizacja", "Време", "Обновлено", "Güncelleme", "Päivitetty",
           "الوقت", "დრო", "published_at", "Zzz", "As at")  # fmt: skip
ORDERED = [("21:00", "22:30", "0:15"), ("2025-06-01T21:00", "2025-06-01T22:30", "2025-06-02T00:15"),
           ("1 June 2025 21:00", "1 June 2025 22:30", "2 June 2025 0:15"),
           ("1.6.2025 21.00", "1.6.2025 22.30", "2.6.2025 0.15"), ("21.00", "22.30", "23.45"),
           ("9:00 pm", "10:30 pm", "0:15 am"),
           ("2025-06-01 21:00 CEST", "2025-06-01 22:30 CEST", "2025-06-02 00:15 CEST"),
           ("2025-06-01T22:00:00+02:00", "2025-06-01T20:30:00Z", "2025-06-01T22:15:00Z"),
           ]  # fmt: skip
SHUFFLED = (4, 17, 9, 0, 13, 6, 2, 11, 15, 7, 1, 16, 10, 5, 12, 3, 14, 8)


def snapshots(times):
    rows = [(time, unit, *(int(v * part) for v in votes))
            for time, part in zip(times, (0.3, 0.7, 1), strict=True)
            for unit, votes in zip(UNITS, FULL, strict=True)]  # fmt: skip
    return [rows[k] for k in SHUFFLED]


@pytest.mark.parametrize("long", [False, True])
def test_times_under_any_name_say_which_report_of_a_unit_is_the_last(contest, long):
    """The last row counted, although votes increased with the time in another column."""
    wrong = {}
    for header in UNKNOWN:
        for times in ORDERED:
            if long:
                rows = [(t, u, n, v) for t, u, *votes in snapshots(times)
                        for n, v in zip(("Ada", "Ben"), votes, strict=True)]  # fmt: skip
                heads = (header, "unit", "candidate", "votes")
            else:
                rows, heads = snapshots(times), (header, "unit", "Ada", "Ben")
            text = "\n".join(",".join(map(str, row)) for row in (heads, *rows))
            found = read(contest, text)
            if isinstance(found, str) or found.totals != TOTALS:
                wrong[header, times[0]] = found if isinstance(found, str) else found.totals
    assert not wrong


def test_of_a_day_and_a_time_the_one_that_tells_more_reports_apart_counts(contest):
    rows = [("2025-06-02" if row[0] == "0:15" else "2025-06-01", *row)
            for row in snapshots(ORDERED[0])]  # fmt: skip
    for heads in (("Date", "Zzz"), ("Fecha", "Hora"), ("Zzz", "Yyy")):
        lines = [",".join(map(str, row)) for row in ((*heads, "unit", "Ada", "Ben"), *rows)]
        found = read(contest, "\n".join(lines))
        assert found.totals == TOTALS
        assert any(f"{heads[1]} says when rows were reported" in note for note in found.notes)


def test_times_that_votes_do_not_follow_order_nothing(contest):
    rows = [(time, *row[1:]) for time, row in zip(
        ("08:00", "21:00", "07:30") * 6, snapshots(ORDERED[0]), strict=True)]  # fmt: skip
    last = {unit: votes for _, unit, *votes in rows}
    text = "\n".join(",".join(map(str, row)) for row in (("Zzz", "unit", "Ada", "Ben"), *rows))
    found = read(contest, text)
    assert found.totals == {n: sum(v[k] for v in last.values()) for k, n in enumerate(TOTALS)}


def test_days_in_words_are_in_order():
    for one, other in [*DAYS, ("19.5. 23:30", "20.5. 0:15"), ("28.11.18 21:40", "29.11.18 0:10")]:
        found = comparable_times({"one": one, "other": other})
        assert found["one"] < found["other"], one
    for words in ("5 of 10", "12 mesas", "12 stations 2024", "Ward 5 2024", "5 March"):
        with pytest.raises(InputError):
            comparable_times({"one": words})
