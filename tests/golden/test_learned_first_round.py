"""The constants of polls before first rounds are the ones that were learned.

Source: polls of ten first rounds of France, Colombia and Romania; `benchmarks/before.py --learn`.
"""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import forecast
from forecast.first_round.errors import FirstRoundErrors

LEARNED = Path(forecast.__file__).parent / "data" / "learned" / "first_round.json"


@pytest.fixture(scope="module")
def learned():
    return json.loads(LEARNED.read_text("utf-8"))


def test_the_defaults_are_what_was_learned(learned):
    defaults = {k: v for k, v in vars(FirstRoundErrors()).items() if k != "source"}
    assert learned["errors"] == defaults
    assert set(learned["without"]) == {"France", "Colombia", "Romania"}
    assert len(learned["provenance"]["elections"]) == 10


def test_countries_do_not_contradict_each_other(learned):
    """Leaving one out moves the error at any distance by less than a half."""
    whole = FirstRoundErrors(**learned["errors"])
    for country, values in learned["without"].items():
        without = FirstRoundErrors(**values)
        for days in (3.0, 30.0, 120.0):
            ratio = float(without.of_days(days) / whole.of_days(days))
            assert 2 / 3 < ratio < 1.5, (country, days)


def test_errors_grow_as_published_ones_do():
    """About 2 points on the eve and 4 or more months before for a candidate of 20%.

    Source: Jennings and Wlezien 2018, Nature Human Behaviour 2, 276-283, presidential elections.
    """
    points = 20 * 0.8 * np.array([float(FirstRoundErrors().of_days(d)) for d in (1, 200)])
    assert 1.2 < points[0] < 3
    assert 4 < points[1] < 10


@pytest.mark.parametrize(
    ("file", "day", "questions", "last"),
    [
        ("co_2014.csv", date(2014, 5, 25), 19, {"oscar i zuluaga": 0.295}),
        ("co_2018.csv", date(2018, 5, 27), 45, {"ivan duque": 0.364}),
        ("ro_2014_polls.xlsx", date(2014, 11, 2), 24, {"Victor Ponta": 0.40}),
        ("ro_2019_polls_round1.xlsx", date(2019, 11, 10), 22, {"Klaus Iohannis": 0.41}),
        ("fr_presidentielle2002.json", date(2002, 4, 21), 95, {"Jacques Chirac": 0.19}),
    ],
)
def test_published_tables_are_read_without_results(forecast_data, file, day, questions, last):
    """Five layouts: wide CSV in Spanish, two spreadsheets, JSON; the count itself is no poll."""
    read = forecast.read_election(forecast_data / "polls" / "first_round" / file, election_day=day)
    assert len(read.asked) == questions
    assert all(p.end is None or p.end < day for p in read.asked)
    final = max((p for p in read.asked if p.end), key=lambda p: (p.end, p.published))
    for name, share in last.items():
        own = [p.shares[name] for p in read.asked if p.end == final.end]
        assert share in [pytest.approx(x, abs=0.006) for x in own], own
