"""Percentages in columns of unknown names: what is counted, or something else of the units."""

from __future__ import annotations

import io

import polars as pl
import pytest

from forecast import Contest, InputError
from forecast.facts.partial_returns import partial_returns

FIRST = """unit,registered,Ada,Ben,Cyd
Ashton,26792,5578,4630,3423
Birk,49502,9270,5352,6068
Corley,22364,4620,4313,1780
Dunmore,57595,12460,6673,5748
Eastham,42003,9426,8848,9655
Farley,59966,15421,9352,7417
Gorton,18883,3919,5290,3718
Hale,46069,13490,7591,4760
"""
UNITS = tuple(line.split(",")[0] for line in FIRST.splitlines()[1:])
LATE = ((6087, 6377), (9680, 8911), (4398, 5713), (13408, 13667), (13292, 8248), (11859, 13218),
        (6065, 7006), (10087, 11753))  # fmt: skip
NEARLY = (100, 100, 100, 100, 80, 100, 95, 100)
EARLY = (100, 100, 100, 100, 80, 0, 0, 0)
NAMES = ["Auszählungsstand", "Auszählungsgrad", "Avanzamento", "% procesat", "Açılma oranı",
         "Laskenta-aste", "Ääniä laskettu", "Räknat", "Ποσοστό ενσωμάτωσης", "დათვლილია %",
         "Numëruar %", "درصد شمارش", "Count progress", "Count status", "Преброяване", "Подсчёт %",
         "Hesablanıb", "Štetje", "Totalização", "Rösträkning", "Optælling", "Loendamine",
         "% hesaplanan"]  # fmt: skip


def frame(text):
    return pl.read_csv(io.StringIO(text), infer_schema=False)


@pytest.fixture(scope="module")
def contest():
    return Contest.from_frame(frame(FIRST), name="eight", finalists=["Ada", "Ben"])


def night(header, cells, votes):
    rows = (f'{u},"{cell}",{a},{b}' for u, cell, (a, b) in zip(UNITS, cells, votes, strict=True))
    return "\n".join([f"unit,{header},Ada,Ben", *rows])


def counted(contest, text, **options):
    try:
        found = partial_returns(contest, frame(text), **options)
    except InputError as refused:
        return str(refused)
    return found.counted.tolist()


def so_far(parts):
    full = zip(parts, LATE, NEARLY, strict=True)
    return [tuple(v * part // near for v in votes) for part, votes, near in full]


@pytest.mark.parametrize("parts", [EARLY, NEARLY])
@pytest.mark.parametrize(
    ("form", "of"), [("{:.1f}", 100), ("{:.1f}%", 100), ("{:.0f}", 100), ("{:.2f}", 1)]
)
def test_percentages_of_what_is_counted_are_read_or_asked_about(contest, parts, form, of):
    """They were passed over, and a night with units at 80% and 95% was decided."""
    wrong = {}
    for name in [*NAMES, "Zzz", "Xyz %"]:
        cells = [form.format(p * of / 100) for p in parts]
        found = counted(contest, night(name, cells, so_far(parts)))
        asked = isinstance(found, str) and f"--columns '{name}=ignored'" in found
        if not asked and found != pytest.approx([p / 100 for p in parts]):
            wrong[name] = found
        if asked and name in NAMES[:-1] and of > 1:
            wrong[name] = found
    assert not wrong


def test_the_answer_to_the_question_is_taken(contest):
    text = night("Zzz", NEARLY, so_far(NEARLY))
    assert "may say how much of each unit is counted" in counted(contest, text)
    assert counted(contest, text, columns={"Zzz": "ignored"}) == [1.0] * 8
    parts = [p / 100 for p in NEARLY]
    assert counted(contest, text, columns={"Zzz": "counted"}) == pytest.approx(parts)


def test_percentages_of_something_else_are_no_progress(contest):
    """Where units at a third have as many votes as others, nobody counted a third."""
    full = [tuple(v * 100 // near for v in votes) for votes, near in zip(LATE, NEARLY, strict=True)]
    lists = [int(line.split(",")[1]) for line in FIRST.splitlines()[1:]]
    ratio = [f"{100 * sum(v) / n:.1f}" for v, n in zip(full, lists, strict=True)]
    others = {
        "Urban %": (100, 100, 35, 100, 20, 100, 44, 100), "Zzz": (100, 30, 40, 100, 50, 60, 70, 20),
        "Turnout": ratio, "Frauen %": (51, 49.5, 50.2, 51, 52, 50, 49, 51),
        "Ada %": [f"{100 * a / (a + b):.2f}" for a, b in full], "Zz": (100,) * 8,
    }  # fmt: skip
    found = {name: counted(contest, night(name, cells, full)) for name, cells in others.items()}
    assert found == dict.fromkeys(others, [1.0] * 8)


def test_shares_of_a_finalist_who_has_all_or_nothing_are_those_of_the_votes(contest):
    """They are 0 where there are no votes, and 100 where the other one has none."""
    votes = [(500, 0), *LATE[1:5], (0, 0), (0, 0), (0, 0)]
    cells = [f"{100 * a / (a + b or 1):.2f}" for a, b in votes]
    assert counted(contest, night("Zzz", cells, votes)) == [1.0] * 5 + [0.0] * 3


def test_whole_percentages_that_go_with_the_votes_are_read_although_none_is_at_100(contest):
    parts = (99, 95, 72, 85, 80, 40, 63, 0)
    for unit in (slice(0, 8), slice(0, 7)):  # with units that have not reported, and without
        text = night("Zzz", parts, so_far(parts)).splitlines()[: unit.stop + 1]
        found = counted(contest, "\n".join(text))
        assert found == pytest.approx([p / 100 for p in parts])
    mixed = (40, 99, 85, 63, 95, 72, 80, 0)
    assert counted(contest, night("Zzz", mixed, so_far((*NEARLY[:7], 0)))) == [1.0] * 7 + [0.0]
