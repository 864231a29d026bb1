"""Figures of a backtest show its numbers."""

import numpy as np
import past
import pytest

from forecast import InputError, backtest
from forecast.validation.baselines import margin_only


@pytest.fixture(scope="module")
def found():
    return backtest(past.runoffs(3, 30), margin_only, draws=200)


def test_reliability_shows_every_bin(found):
    data = found.reliability()
    ax = found.plot("calibration")
    dots = ax.lines[1]
    np.testing.assert_allclose(dots.get_ydata(), 100 * data.frequency)
    assert len(ax.texts) == len(data.n)


def test_pit_counts_every_contest(found):
    bars = found.plot("pit").containers[0]
    assert sum(bar.get_height() for bar in bars) == 90


def test_share_error_is_actual_minus_forecast(found):
    errors = found.plot("errors").lines[1].get_ydata()
    assert errors.mean() == pytest.approx(-found.summary()["bias"])


def test_an_unknown_figure_is_refused(found):
    with pytest.raises(InputError, match="no figure 'roc' of a backtest"):
        found.plot("roc")
