"""Baselines recover the law of invented runoffs and cover what they claim."""

import numpy as np
import past
import pytest
from scipy.special import logit

from forecast import InputError
from forecast.validation.baselines import BASELINES, margin, margin_only, unchanged_share
from forecast.validation.models import observed


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_cover_what_they_claim(name):
    """90% intervals of share and turnout hold 500 new contests within five standard errors."""
    model = BASELINES[name](past.runoffs(1, 400, seed=1))
    held = []
    for contest, returns in past.runoffs(1, 500, seed=2):
        found = model(contest, draws=400, rng=np.random.default_rng(3))
        for draws, truth in zip(found, observed(contest, returns), strict=True):
            low, high = np.quantile(draws, [0.05, 0.95])
            held.append(low <= truth <= high)
    held = np.array(held).reshape(-1, 2)
    assert held[:, 0].mean() > 0.9 - 5 * np.sqrt(0.09 / 500)
    assert held[:, 1].mean() > 0.9 - 5 * np.sqrt(0.09 / 500)


def test_the_margin_regression_finds_slope_and_spread():
    predictor = margin_only(past.runoffs(1, 2000, seed=4, slope=0.7, spread=0.3))
    contest = past.runoffs(1, 1, seed=5)[0][0]
    z = logit(predictor(contest, draws=100_000, rng=np.random.default_rng(0)).share)
    assert z.mean() == pytest.approx(0.7 * margin(contest), abs=0.03)
    assert z.std() == pytest.approx(0.3, abs=0.02)


def test_a_short_history_widens_the_forecast():
    contest = past.runoffs(1, 1, seed=5)[0][0]
    rng = np.random.default_rng(0)
    wide, narrow = (
        np.ptp(np.quantile(m(contest, draws=20_000, rng=rng).share, [0.05, 0.95]))
        for m in (margin_only(past.runoffs(1, n, seed=6)) for n in (4, 400))
    )
    assert wide > narrow


def test_without_registered_people_there_is_no_turnout():
    history = past.runoffs(1, 20, electorate="voters")
    for model in BASELINES.values():
        found = model(history)(history[0][0], draws=10, rng=np.random.default_rng(0))
        assert found.turnout is None
        assert found.share.shape == (10,)


def test_relabelling_finalists_relabels_the_unchanged_share():
    """With symmetric errors the forecast of the other finalist is one minus this one's."""
    history = past.runoffs(1, 50)
    contest = history[0][0]
    other = type(contest)(**{**vars(contest), "finalists": ("ben", "ada")})
    predict = unchanged_share(history)
    ours, theirs = (
        predict(c, draws=50_001, rng=np.random.default_rng(0)).share for c in (contest, other)
    )
    assert np.median(ours) == pytest.approx(1 - np.median(theirs), abs=0.003)


def test_a_baseline_says_when_its_history_is_too_short():
    with pytest.raises(InputError, match="at least 4 past contests - found 3"):
        margin_only(past.runoffs(1, 3))
