"""A forecast and a nowcast answer the same questions from draws of the runoff's votes."""

import numpy as np
import polars as pl
import pytest
import small
import xarray

from forecast import InputError, forecast_runoff, nowcast
from forecast.outcome.runoff_draws import RunoffDraws

VOTES = np.array([[60.0, 40.0], [30.0, 50.0], [45.0, 45.0]])


class VotesAlone(RunoffDraws):
    def transfers(self, level=0.9):  # noqa: ARG002
        raise AssertionError("nobody asked")

    def people_by_cell(self):
        raise AssertionError("nobody asked")

    def _tables_drawn(self):
        raise AssertionError("nobody asked")


DRAWS = VotesAlone(contest=small.contest(), draw_votes=VOTES)


def test_shares_votes_and_the_win_probability_follow_from_the_draws():
    assert DRAWS.shares()[:, 0].tolist() == [0.6, 0.375, 0.5]
    assert DRAWS.share("ada").median == 0.5
    assert DRAWS.votes("ben").median == 45
    assert DRAWS.win_probability("ada").value == (1 + 0.5 + 0.5) / 4
    assert DRAWS.win_probability("ada").credible_interval is None


def test_who_is_no_finalist_is_refused():
    with pytest.raises(InputError, match="'cid' is not in this runoff"):
        DRAWS.share("cid")


def answers(georgia):
    night = {"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]}
    return [forecast_runoff(georgia, draws=1000), nowcast(georgia, pl.DataFrame(night), draws=500)]


def test_both_kinds_turn_into_labelled_draws(georgia):
    import arviz as az

    for result in answers(georgia):
        labelled = result.to_xarray()
        assert labelled["share"].dims == ("draw", "finalist")
        data = result.to_arviz()
        share = data["posterior"]["share"]
        assert share.dims == ("chain", "draw", "finalist")
        assert share.shape == (4, result.draws // 4, 2)
        table = az.summary(data, var_names=["share"])
        mean = float(table["mean"].iloc[0])
        assert mean == pytest.approx(result.shares()[:, 0].mean(), abs=0.001)
        turnout = float(data["posterior"]["turnout"].median())
        assert turnout == pytest.approx(result.turnout().median)
        moved = data["posterior"]["transfers"]
        assert moved.dims == ("chain", "draw", "origin", "destination")
        assert moved.sum("destination").values == pytest.approx(1.0)
        assert moved.mean(("chain", "draw")).values == pytest.approx(result.transfers().mean)


def test_those_with_tables_are_the_draws_that_arviz_gets(georgia):
    result = forecast_runoff(georgia, draws=40_000)
    data = result.to_arviz()["posterior"]
    assert data.sizes["chain"] * data.sizes["draw"] < result.draws
    people = xarray.DataArray(result.ledger.totals, dims="origin")
    votes = (people * data["transfers"]).sum("origin").sel(destination=list(result.finalists))
    assert votes.values == pytest.approx(data["votes"].values)
