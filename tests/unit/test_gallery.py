"""The gallery: forecasts of bundled runoffs as of their days, beside rules."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

import forecast
from forecast import load_contest, load_returns
from forecast.report.scorecard import render_gallery
from forecast.validation import gallery as module
from forecast.validation.gallery import Published, day_of, gallery, polls_average

NAMES = (
    "france-1965",
    "france-1969",
    "france-1974",
    "france-1981",
    "austria-1986",
    "portugal-1986",
    "romania-2014",
    "slovenia-2017",
)


@pytest.fixture(scope="module")
def found():
    return gallery([(load_contest(n), load_returns(n)) for n in NAMES], draws=200)


def test_contests_with_five_earlier_runoffs_are_in_the_table(found):
    assert {test.contests for test in found.day_after} == {
        ("austria-1986", "romania-2014", "slovenia-2017")
    }
    assert [test.model for test in found.eve[:2]] == ["this library", "last poll average"]
    assert found.eve[0].contests == ("romania-2014",)
    assert len(found.contests()) == 3
    assert found.to_frame().shape[0] == 3 * len(found.day_after) + len(found.eve)


def test_the_table_and_the_page_say_the_same(found):
    text, page = str(found), render_gallery(found)
    for row in found.shown().rows:
        assert row[1] in text
        assert row[3] in page
    assert "<svg" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_what_is_scored_is_what_anybody_gets_on_that_day():
    contest = load_contest("romania-2014")
    day = day_of(contest, "eve")
    assert day == contest.runoff - timedelta(days=1)
    drawn = Published("eve")([])(contest, draws=4000, rng=np.random.default_rng(0))
    shown = forecast.forecast_runoff(contest, as_of=day, draws=4000)
    assert np.median(drawn.share) == pytest.approx(
        shown.share(contest.finalists[0]).median, abs=0.006
    )


def test_the_average_takes_the_last_poll_of_each(monkeypatch):
    contest = load_contest("romania-2014")
    last = polls_average([])(contest, draws=4000, rng=np.random.default_rng(0)).share
    assert 0.5 < np.median(last) < 0.6
    monkeypatch.setattr(module, "bundled_polls", lambda _: ())
    nothing = polls_average([])(contest, draws=4000, rng=np.random.default_rng(0)).share
    assert nothing.std() == pytest.approx(12**-0.5, abs=0.02)


def test_no_result_of_its_own_or_later_moves_a_row(found):
    """The negative control turns an earlier result, which rules learn from."""

    def shares(*turned):
        pairs = [(load_contest(n), load_returns(n)) for n in NAMES]
        changed = [
            (c, replace(r, votes=r.votes[:, ::-1].copy()) if c.name in turned else r)
            for c, r in pairs
        ]
        return draws_of(gallery(changed, draws=200))

    def draws_of(one):
        return [test.part({"romania-2014"}).share.tobytes() for test in one.day_after]

    assert shares("romania-2014", "slovenia-2017") == draws_of(found)
    assert shares("portugal-1986") != draws_of(found)


def test_the_command_needs_a_folder_or_the_gallery(run):
    code, _, err = run("scorecard")
    assert code == 2
    assert "--gallery" in err


def test_the_benchmark_says_how_sure_the_coverage_of_both_days_is(found):
    """Three contests of three countries, and one: of one country nothing is known."""
    from gallery import covered

    day_after, eve = covered(found.day_after[0]), covered(found.eve[0])
    assert len(day_after) == len(eve) == len(found.day_after[0].coverage())
    assert all(line.endswith("3 contests in 3 countries") for line in day_after)
    assert all("[0, 100], 1 contests in 1 countries" in line for line in eve)
