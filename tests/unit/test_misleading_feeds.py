"""Rows and files that repeat units: which report counts, and which are parts to be added up."""

from __future__ import annotations

import io

import polars as pl
import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns
from forecast.facts.readers import read_partial_returns

UNITS = tuple(f"Place {letter}" for letter in "ABCDEFGH")
FULL = tuple((280 + 10 * k, 250 + 5 * k) for k in range(8))
PART = tuple((a // 4, b // 2) for a, b in FULL)
POSTAL = tuple((30 + k, 40) for k in range(8))


def frame(text):
    return pl.read_csv(io.StringIO(text), infer_schema_length=0)


def rows(votes, header="", cell="", units=UNITS):
    """Return lines of units, a cell, and votes."""
    cells = [cell] * len(units) if isinstance(cell, str) else cell
    head = ",".join(filter(None, ("unit", header, "Ada", "Ben")))
    lines = [
        ",".join(map(str, (u, *([c] if header else []), *v)))
        for u, c, v in zip(units, cells, votes, strict=False)
    ]
    return [head, *lines]


def totals(votes):
    return dict(zip(("Ada", "Ben"), map(sum, zip(*votes, strict=True)), strict=True))


@pytest.fixture(scope="module")
def contest():
    head = "unit,registered,invalid,Ada,Ben,Cyd"
    lines = [
        f"{u},{2 * (a + b)},5,{a - 60},{b - 60},120" for u, (a, b) in zip(UNITS, FULL, strict=True)
    ]
    return Contest.from_frame(
        frame("\n".join([head, *lines])), name="feeds", finalists=["Ada", "Ben"]
    )


def read(contest, tmp_path, **files):
    for name, lines in files.items():
        (tmp_path / f"{name.lstrip('_')}.csv").write_text("\n".join(lines) + "\n")
    return read_partial_returns(tmp_path, contest)


@pytest.mark.parametrize(("older", "newer"), [("2330", "0030"), ("partial", "final")])
def test_files_that_begin_with_the_newest_are_refused(contest, tmp_path, older, newer):
    """The older file was read last and decided the election."""
    with pytest.raises(InputError, match="8 units have fewer votes here than in a file before"):
        read(contest, tmp_path, **{f"_{older}": rows(PART), f"_{newer}": rows(FULL)})


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("2030-05-19 21:10", "2030-05-20 00:40"),
        ("21:10", "00:40"),
        ("19.05.2030 21:10", "01.06.2030 00:40"),
    ],
)
def test_times_tell_which_file_is_the_later_whatever_their_names(contest, tmp_path, early, late):
    for header in ("reported", "Updated"):
        found = read(contest, tmp_path, b=rows(PART, header, early), a=rows(FULL, header, late))
        assert found.totals == totals(FULL)
        assert found.complete
        assert any("reported at an earlier time" in note for note in found.notes)
        found = read(contest, tmp_path, a=rows(PART, header, early), b=rows(FULL, header, late))
        assert found.totals == totals(FULL)
        assert not any("earlier time" in note for note in found.notes)


def test_hours_of_two_days_do_not_say_which_file_is_the_later(contest, tmp_path):
    found = read(contest, tmp_path, a=rows(PART, "reported", "23:40"),
                 b=rows(FULL, "reported", "15:10"))  # fmt: skip
    assert found.totals == totals(FULL)


def test_a_full_count_is_not_replaced_by_a_part_of_it(contest, tmp_path):
    final, part = rows(FULL, "status", "final"), rows(PART, "status", "partial")
    found = read(contest, tmp_path, a=final, b=part)
    assert found.totals == totals(FULL)
    assert found.complete
    assert any("counted in full before and in part in a later report" in n for n in found.notes)
    late = rows(PART, "status,reported", "partial,23:10")
    found = read(contest, tmp_path, a=rows(FULL, "status,reported", "final,22:10"), b=late)
    assert found.totals == totals(PART)


def test_corrections_of_a_few_units_are_told(contest, tmp_path):
    some = [(a // 2, b) for a, b in FULL[:2]]
    found = read(contest, tmp_path, a=rows(FULL), b=rows(some, units=UNITS[:2]))
    assert found.totals == totals((*some, *FULL[2:]))
    assert any("with fewer votes in a later file" in note for note in found.notes)


@pytest.mark.parametrize("last", ["provisional", "partial"])
def test_the_final_row_of_a_unit_counts_before_a_provisional_one(contest, last):
    more = [(a + 40, b) for a, b in FULL]
    lines = [*rows(FULL, "status", "final"), *rows(more, "status", last)[1:]]
    found = partial_returns(contest, frame("\n".join(lines)))
    assert found.totals == totals(FULL)
    assert found.complete
    assert any("check the order" in note for note in found.notes)


def by_kind(header, first, second):
    """Return rows of both kinds of ballots of every unit, that sum up to all of them."""
    rest = [(a - x, b - y) for (a, b), (x, y) in zip(FULL, POSTAL, strict=True)]
    head, *ones = rows(POSTAL, header, first)
    twos = rows(rest, header, second)[1:]
    pairs = [line for pair in zip(ones, twos, strict=True) for line in pair]
    return [[head, *ones, *twos], [head, *twos, *ones], [head, *pairs]]


@pytest.mark.parametrize(
    ("header", "first", "second"),
    [
        ("kind", "postal", "election day"),
        ("Type of ballot", "mail", "in person"),
        ("vote type", "Absentee", "Election Day"),
        ("Wahlart", "Briefwahl", "Urnenwahl"),
        ("source", "postal", "polling place"),
        ("status", "early", "election day"),
    ],
)
def test_rows_for_kinds_of_ballots_are_added_up(contest, header, first, second):
    """One of the two was thrown away."""
    for lines in by_kind(header, first, second):
        found = partial_returns(contest, frame("\n".join(lines)))
        assert found.totals == totals(FULL)
        assert found.complete
        assert found.corrected == ()
        assert any(f"rows of {header} are added up" in note for note in found.notes)


def test_a_kind_of_ballots_may_be_missing_or_have_its_own_state(contest):
    lines = by_kind("kind", "postal", "election day")[0]
    found = partial_returns(contest, frame("\n".join([lines[0], "Place A,postal,,", *lines[2:]])))
    assert 0 < found.counted[0] < 1
    assert found.counted[1:].tolist() == [1] * 7
    states = [line.replace("postal", "postal,partial") for line in lines]
    states = [line.replace("day", "day,final").replace("kind", "kind,status") for line in states]
    found = partial_returns(contest, frame("\n".join(states)))
    assert found.totals == totals(FULL)
    assert ((found.counted > 0) & (found.counted < 1)).all()


def test_a_total_of_all_kinds_is_the_unit(contest):
    lines = [*by_kind("kind", "postal", "election day")[0], *rows(FULL, "kind", "total")[1:]]
    found = partial_returns(contest, frame("\n".join(lines)))
    assert found.totals == totals(FULL)
    assert found.complete


def test_a_kind_may_be_corrected_and_so_may_a_few_units(contest):
    lines = by_kind("kind", "postal", "election day")[0]
    found = partial_returns(contest, frame("\n".join([*lines, "Place A,postal,31,41"])))
    assert found.totals == {name: n + 1 for name, n in totals(FULL).items()}
    again = ["Place A,corrected,281,251", "Place B,corrected,291,256"]
    lines = [*rows(FULL, "note", "original"), *again]
    found = partial_returns(contest, frame("\n".join(lines)))
    assert found.totals == {name: n + 2 for name, n in totals(FULL).items()}
    assert found.corrected == UNITS[:2]


@pytest.mark.parametrize(
    ("header", "first", "second"),
    [("channel", "EV", "ED"), ("count", "special", "ordinary"), ("Mode", "zzz", "yyy")],
)
def test_rows_that_may_be_parts_must_be_explained(contest, header, first, second):
    for lines in by_kind(header, first, second):
        with pytest.raises(InputError, match=f"--columns '{header}=ignored'"):
            partial_returns(contest, frame("\n".join(lines)))
    lines = by_kind(header, first, second)[0]
    found = partial_returns(contest, frame("\n".join(lines)), columns={header: "ignored"})
    assert found.corrected == UNITS


@pytest.mark.parametrize(
    ("header", "cells"),
    [("reported", ("21:10", "23:40")), ("Updated", ("21:10", "23:40")), ("rev", ("a1", "a2")),
     ("status", ("partial", "final")), ("note", ("", "correction"))],
)  # fmt: skip
def test_rows_that_replace_others_are_no_kinds_of_ballots(contest, header, cells):
    lines = [*rows(PART, header, cells[0]), *rows(FULL, header, cells[1])[1:]]
    assert partial_returns(contest, frame("\n".join(lines))).totals == totals(FULL)


@pytest.mark.parametrize(
    "header", ["merged into", "Merged with", "moved to", "now in", "Counted with", "New unit"]
)
def test_a_unit_without_votes_may_name_the_one_that_holds_them(contest, header):
    """It stayed open for ever."""
    lines = [*rows(FULL[:7], header, ""), f"Place H,{UNITS[0]},,"]
    found = partial_returns(contest, frame("\n".join(lines)))
    assert found.complete
    assert found.merged == ("Place H",)
    assert any(f"{header} names the units" in note for note in found.notes)


@pytest.mark.parametrize(
    ("header", "full", "part"),
    [("status", "final", "partial"), ("% counted", "100", "25"), ("% counted", "100%", "25%"),
     ("stations", "4 of 4", "1 of 4"), ("complete", "yes", "no")],
)  # fmt: skip
def test_a_state_may_stand_in_the_first_of_a_units_rows(contest, header, full, part):
    lines = [f"unit,{header},candidate,votes"]
    for k, (unit, (a, b)) in enumerate(zip(UNITS, FULL, strict=True)):
        share, cell = (4, part) if k % 2 else (1, full)
        lines += [f"{unit},{cell},Ada,{a // share}", f"{unit},,Ben,{b // share}"]
    found = partial_returns(contest, frame("\n".join(lines)))
    assert found.counted.tolist() == pytest.approx([1, 0.25] * 4, abs=0.02)


BULLETINS = ["Boletín", "Boletín n", "Boletín No.", "Corte", "bulletin no.", "Bulletin",
             "Bulletin n°", "Report no.", "Report", "Update", "Publikacja", "Nr komunikatu",
             "Buletin", "Batch", "Boletim", "Bülten no", "Zzz"]  # fmt: skip
ORDERS = ((2, 3, 1), (3, 1, 2), (1, 3, 2), (3, 2, 1))


def bulletins(name):
    """Return rows of three numbered bulletins of every unit, in no order."""
    lines = [f"unit,{name},Ada,Ben"]
    for k, (unit, (a, b)) in enumerate(zip(UNITS, FULL, strict=True)):
        lines += [f"{unit},{n},{a * n // 3},{b * n // 3}" for n in ORDERS[k % len(ORDERS)]]
    return lines


@pytest.mark.parametrize("name", BULLETINS)
def test_the_highest_of_numbered_bulletins_counts(contest, name):
    """The last row did, whatever its number, and the column was a candidate's."""
    found = partial_returns(contest, frame("\n".join(bulletins(name))))
    assert found.totals == totals(FULL)
    assert found.corrected == UNITS
    assert any(f"{name} " in note and "candidate" not in note for note in found.notes)


@pytest.mark.parametrize("name", ["Boletín", "Bulletin no."])
def test_rows_of_candidates_may_have_numbered_bulletins(contest, name):
    lines = [line.split(",") for line in bulletins(name)[1:]]
    rows = [f"{u},{n},{who},{v}" for u, n, a, b in lines for who, v in (("Ada", a), ("Ben", b))]
    found = partial_returns(contest, frame("\n".join([f"unit,{name},candidate,votes", *rows])))
    assert found.totals == totals(FULL)


def test_the_number_of_a_ballot_paper_is_no_bulletin(contest):
    """The rows of whoever had the lower number would be dropped."""
    pairs = zip(UNITS, FULL, strict=True)
    ones = [(u, row) for u, (a, b) in pairs for row in (("1,Ada", a), ("2,Ben", b))]
    rows = [f"{u},{who},{v}" for u, (who, v) in ones]
    found = partial_returns(contest, frame("\n".join(["unit,Bulletin n°,candidate,votes", *rows])))
    assert found.totals == totals(FULL)


@pytest.mark.parametrize("name", ["Boletín", "Bulletin no.", "Publikacja", "Update", "Report no."])
def test_the_number_of_a_bulletin_is_nobody_in_the_first_round(name):
    first = "\n".join([f"unit,{name},Ada,Ben,Cyd", "A,62,200,140,80", "B,62,200,160,100"])
    found = Contest.from_frame(frame(first), name="x", electorate="voters")
    assert found.candidates == ("Ada", "Ben", "Cyd")


@pytest.mark.parametrize("name", ["Corte", "Zzz", "note"])
@pytest.mark.parametrize("cell", ["Boletín {}", "Boletín n. {}", "Report #{}"])
def test_cells_may_number_bulletins(contest, name, cell):
    head, *lines = bulletins(name)
    parts = [line.split(",") for line in lines]
    lines = [",".join((u, cell.format(n), *votes)) for u, n, *votes in parts]
    found = partial_returns(contest, frame("\n".join([head, *lines])))
    assert found.totals == totals(FULL)


@pytest.mark.parametrize("name", ["Boletín", "Zzz"])
def test_bulletins_are_not_how_many_of_the_stations_are_counted(contest, name):
    head, *lines = bulletins(name)
    found = partial_returns(
        contest, frame("\n".join([head + ",Mesas", *(f"{line},3" for line in lines)]))
    )
    assert found.complete
    lines = [f"{line},{line.split(',')[1]},3" for line in lines]
    found = partial_returns(
        contest, frame("\n".join([head + ",Mesas informadas,Mesas", *lines[:-3], lines[-1]]))
    )
    assert found.counted.tolist() == [*[1.0] * 7, 1 / 3]


def test_numbers_of_bulletins_tell_which_file_is_the_later(contest, tmp_path):
    found = read(contest, tmp_path, a=rows(FULL, "Boletín", "12"), b=rows(PART, "Boletín", "9"))
    assert found.totals == totals(FULL)
    once = partial_returns(contest, frame("\n".join(rows(FULL, "Boletín", "12"))))
    assert once.corrected == ()
    assert once.totals == totals(FULL)


def test_numbers_that_do_not_grow_with_the_votes_order_nothing(contest):
    """Districts of a unit may be numbered; their votes are no reports of one count."""
    lines = ["unit,Zzz,Ada,Ben"]
    for unit, (a, b) in zip(UNITS, FULL, strict=True):
        lines += [f"{unit},1,{a - 90},{b - 90}", f"{unit},2,90,90"]
    with pytest.raises(InputError, match="must be the latest"):
        partial_returns(contest, frame("\n".join(lines)))
