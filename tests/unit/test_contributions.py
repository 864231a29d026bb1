"""Who decided it: net votes of origins, whatever gave the table."""

from __future__ import annotations

import numpy as np
import pytest
import small

from forecast import InputError, Returns, forecast_runoff, infer_transfers, nowcast
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.table.contributions import contributions

COUNTED = Returns(
    units=("harbour", "hill", "valley"),
    finalists=("ada", "ben"),
    votes=[[520, 380], [250, 370], [310, 260]],
)


def kinds():
    contest = small.contest()
    forecast = forecast_runoff(contest, small.elicited_prior(), draws=4000)
    part = COUNTED.votes[:2]
    night = Returns(units=("harbour", "hill"), finalists=("ada", "ben"), votes=part)
    return {
        "forecast": forecast,
        "conditional": forecast.given("turnout >= 50%"),
        "nowcast": nowcast(contest, night, prior=small.elicited_prior()),
        "whole nowcast": nowcast(contest, COUNTED, prior=small.elicited_prior()),
        "posterior": infer_transfers(contest, COUNTED),
        "three": forecast_runoff(small.three(), generic_prior(small.three()), draws=4000),
    }


@pytest.fixture(scope="module", name="results")
def results_():
    return kinds()


@pytest.mark.parametrize("kind", ["forecast", "conditional", "nowcast", "posterior", "three"])
def test_net_votes_add_up_to_the_margin(results, kind):
    found = results[kind].contributions()
    assert found.votes[0].sum() == pytest.approx(found.margin[0], rel=1e-4, abs=0.01)
    low, high = found.votes[1:]
    assert (low <= found.votes[0] + 1e-9).all()
    assert (found.votes[0] <= high + 1e-9).all()
    assert ((found.decisive > 0) & (found.decisive < 1)).all()


@pytest.mark.parametrize("kind", ["posterior", "whole nowcast"])
def test_what_is_counted_is_the_margin(results, kind):
    found = results[kind].contributions()
    votes = COUNTED.votes.sum(axis=0)
    assert found.margin == pytest.approx([votes[0] - votes[1]] * 3, abs=0.5)


def test_the_other_side_is_the_mirror_image(results):
    found = results["forecast"]
    ada, ben = found.contributions("ada"), found.contributions("ben")
    assert ada.votes[0] == pytest.approx(-ben.votes[0])
    assert ada.votes[1] == pytest.approx(-ben.votes[2])
    assert ada.decisive == pytest.approx(ben.decisive)


def test_counterfactuals_by_hand():
    """Ten of x and eight of y vote: without x, 2 against 5 of 7; split evenly, 6.5 and 9.5."""
    table = np.array([[[8.0, 1.0, 1.0], [2.0, 5.0, 3.0]]] * 2)
    found = contributions(table, origins=["x", "y"], finalists=["ada", "ben"], level=0.9)
    lead = 4 / 16
    assert found.points_if_home[0] == pytest.approx([lead + 3 / 7, lead - 7 / 9])
    assert found.points_if_even[0] == pytest.approx([7 / 16, -3 / 16])
    assert found.decisive.tolist() == pytest.approx([2.5 / 3, 0.5 / 3])


def test_an_origin_that_splits_evenly_brings_nothing():
    table = np.array([[[50.0, 20.0, 0.0], [30.0, 30.0, 10.0]]])
    found = contributions(table, origins=["x", "y"], finalists=["ada", "ben"], level=0.9)
    assert found.votes[0].tolist() == [30.0, 0.0]


def test_who_is_no_finalist_is_refused(results):
    with pytest.raises(InputError, match="cid"):
        results["forecast"].contributions("cid")
    with pytest.raises(InputError, match="level"):
        results["posterior"].contributions(level=90)
    with pytest.raises(InputError, match="finalist"):
        results["posterior"].contributions("cid")


def test_the_text_names_the_sum_and_stays_short(results):
    text = str(results["forecast"].contributions())
    assert text.splitlines()[0] == "Net votes for ada against ben, by origin"
    assert any(line.startswith("all ") for line in text.splitlines())
    assert max(map(len, text.splitlines())) < 110
    assert len(repr(results["forecast"].contributions())) < 200
