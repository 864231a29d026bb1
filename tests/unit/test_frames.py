"""Results as data frames, and the short form of every public object."""

from __future__ import annotations

import pytest
import small
from test_contributions import COUNTED

import forecast
from forecast import InputError


@pytest.fixture(scope="module", name="results")
def results_(georgia):
    contest, prior = small.contest(), small.elicited_prior()
    found = forecast.forecast_runoff(contest, prior, draws=1000)
    posterior = forecast.infer_transfers(contest, COUNTED)
    return {
        "contest": contest,
        "big contest": georgia,
        "returns": COUNTED,
        "prior": prior,
        "learned": forecast.learned_prior(georgia),
        "forecast": found,
        "nowcast": forecast.nowcast(contest, COUNTED, prior=prior),
        "posterior": posterior,
        "ladder": forecast.evidence_ladder(contest, prior, draws=1000),
        "bounds": forecast.flow_bounds(contest, COUNTED),
        "what if": forecast.what_if(found, turnout=0.5),
        "past": forecast.past_runoffs("georgia"),
        "polls": forecast.load_polls("georgia-2018")[0],
        "transfers": found.transfers(),
        "drivers": found.sensitivity(),
        "contributions": found.contributions(),
        "residuals": posterior.residuals(),
        "units": forecast.nowcast(contest, COUNTED, prior=prior).by_unit(),
    }


TABLES = {
    "forecast": {"shares": 2, "transfers": 18, "contributions": 6, "draws": 1000, "pairs": 500},
    "nowcast": {"shares": 2, "units": 3, "draws": 1000},
    "posterior": {"transfers": 18, "units": 3, "contributions": 6},
    "bounds": {"flows": 18},
    "ladder": {"pieces": 2},
    "transfers": {"transfers": 18},
    "drivers": {"inputs": None},
    "contributions": {"contributions": 6},
    "residuals": {"units": 3},
    "units": {"units": 3},
}


@pytest.mark.parametrize("name", TABLES)
def test_a_result_is_a_data_frame(results, name):
    result = results[name]
    assert set(TABLES[name]) <= set(result.frames())
    for what, rows in TABLES[name].items():
        frame = result.to_frame(what)
        assert len(frame) == (len(frame) if rows is None else rows) > 0
    assert result.to_frame().equals(result.to_frame(next(iter(result.frames()))))
    with pytest.raises(InputError, match="no table 'nothing'"):
        result.to_frame("nothing")


def test_a_frame_says_what_the_methods_say(results):
    found = results["forecast"]
    row = found.to_frame().set_index("finalist").loc["ada"]
    assert row["share"] == found.share("ada").median
    assert row["win_probability"] == found.win_probability("ada").value
    moved = found.to_frame("transfers").groupby("origin")["mean"].sum()
    assert moved.to_numpy() == pytest.approx(1.0)


def test_the_short_form_is_short_and_html_is_bounded(results):
    for name, result in results.items():
        assert len(repr(result)) < 400, name
        html = getattr(result, "_repr_html_", None)
        assert html is None or len(html()) < 20_000, name
