"""What if all polls are off: the forecast moves as it should, and the past is counted right."""

from dataclasses import replace
from datetime import date

import pytest
import small

from forecast import InputError, Poll, forecast_runoff
from forecast.outcome.poll_stress import past_errors, poll_stress
from forecast.transfers.elicited.generic import generic_prior

CONTEST = replace(
    small.contest(), first_round=date(2030, 5, 1), runoff=date(2030, 5, 15), scope="local"
)
PRIOR = generic_prior(CONTEST)


def poll(share, pollster="Acme"):
    return Poll(
        pollster=pollster, n=2000, shares={"ada": share, "ben": 1 - share}, base="decided",
        end=date(2030, 5, 13), published=date(2030, 5, 14),
    )  # fmt: skip


def stress(*polls, **options):
    return poll_stress(CONTEST, PRIOR, polls=polls, draws=4000, workers=1, **options)


def test_the_forecast_as_published_is_the_row_in_the_middle():
    found = stress(poll(0.55), poll(0.54, "Beta"), points=[0.03])
    published = forecast_runoff(
        CONTEST, PRIOR, polls=[poll(0.55), poll(0.54, "Beta")], draws=4000, workers=1
    )
    high, as_published, low = found.rows
    assert [row.error for row in found.rows] == [0.03, 0.0, -0.03]
    assert as_published.share.median == published.share("ada").median
    assert high.share.median < as_published.share.median - 0.01 < low.share.median - 0.02
    assert high.win_probability < as_published.win_probability < low.win_probability


def test_polls_that_show_the_favourite_too_high_by_the_flip_leave_an_open_runoff():
    found = stress(poll(0.55))
    again = stress(poll(0.55).lowered("ada", found.flip))
    middle = next(row for row in again.rows if row.error == 0)
    assert found.finalist == "ada"
    assert middle.win_probability == pytest.approx(0.5, abs=0.05)
    assert 0.03 < found.flip < 0.09, "the prior knows little, so about what polls lead by"


def test_the_favourite_may_be_the_second():
    found = stress(poll(0.42))
    assert found.finalist == "ben"
    assert [row.share.median for row in found.rows] == sorted(r.share.median for r in found.rows)


def test_past_errors_are_counted_by_scope():
    """Source: forecast/data/learned/polls.json; two thirds of the errors exceed 2 points."""
    found = stress(poll(0.55))
    assert found.as_often(0.0) == (67, 67)
    assert found.as_often(0.04)[0] == sum(
        abs(x.polls - x.result) >= 0.04 for x in past_errors() if x.scope == "local"
    )
    assert replace(found, contest=replace(CONTEST, scope="")).as_often(0.0) == (78, 78)
    assert "past local runoffs" in str(found)
    assert "points too high, the runoff is open" in str(found)


@pytest.mark.parametrize("points", [[0], [-0.03], [3], [True], ["three"]])
def test_errors_that_are_no_fractions_are_refused(points):
    with pytest.raises(InputError, match="points: must be fractions between 0 and"):
        stress(poll(0.55), points=points)


def test_without_polls_there_is_nothing_to_be_wrong():
    with pytest.raises(InputError, match="polls: at least one must be about the runoff"):
        poll_stress(CONTEST, PRIOR, polls=[], draws=2000)
