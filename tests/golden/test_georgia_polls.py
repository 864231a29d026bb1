"""Polls before the rounds of 2018, as news pages of the time give them; see each row's source."""

import csv
from datetime import date
from pathlib import Path

import pytest

import forecast
from forecast import forecast_runoff, load_polls

BUNDLED = Path(forecast.__file__).parent / "data/polls/georgia-2018.csv"


def test_every_row_has_a_source():
    with BUNDLED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert "." in row["source"]
            assert "/" in row["source"]


def test_the_two_polls_about_the_runoff():
    """Source: georgiatoday.ge/news/13211 (38 to 34, 18 undecided, 10 for no one); report.az (52 to
    48 of the decided, 37 undecided, 9 not voting)."""
    edison, gallup, *_ = [p for p in load_polls("georgia-2018") if p.round == "runoff"]
    assert edison.shares == {"zurabishvili": 0.34, "vashadze": 0.38}
    assert (edison.undecided, edison.would_not_vote, edison.n) == (0.18, 0.1, 2000)
    assert (edison.start, edison.end) == (date(2018, 11, 1), date(2018, 11, 9))
    assert edison.published == date(2018, 11, 15), "released in the first half of November"
    assert gallup.shares == {"zurabishvili": 0.52, "vashadze": 0.48}
    assert (gallup.undecided, gallup.would_not_vote, gallup.n) == (0.37, 0.09, 2400)
    assert gallup.published == date(2018, 11, 23)
    assert (edison.side, gallup.side) == ("vashadze", "zurabishvili")


@pytest.mark.slow
def test_two_polls_for_two_sides_narrow_the_forecast_less_than_their_margins_say(georgia):
    """Their stated margins are 3 points; the model, which sees how the pollsters' sponsors leaned
    before the first round, keeps more than that, and the later poll for the other side pulls back.
    """
    days = (date(2018, 10, 28), date(2018, 11, 20), date(2018, 11, 27))
    prior = forecast.elicited_prior(georgia)
    found = [forecast_runoff(georgia, prior, as_of=day, draws=20_000) for day in days]
    none, one, two = (f.share("zurabishvili") for f in found)
    assert two.interval.high - two.interval.low < none.interval.high - none.interval.low
    assert two.interval.high - two.interval.low > 0.08
    assert two.median < one.median
