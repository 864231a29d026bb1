"""What goes to ArviZ is read by ArviZ, of version 0 (InferenceData) and 1 (DataTree)."""

from __future__ import annotations

import warnings
from importlib.metadata import version

import numpy as np
import pytest
from counts import simulated

from forecast.transfers.returns.infer import infer_transfers

pytestmark = pytest.mark.filterwarnings("ignore")  # of ArviZ 0 about ArviZ 1


@pytest.fixture(scope="module")
def arviz():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("arviz")


@pytest.fixture(scope="module")
def posterior():
    contest = simulated(units=12, origins=2, destinations=3, rng=np.random.default_rng(1))
    return infer_transfers(contest.first_round, contest.runoff)


@pytest.fixture(scope="module")
def exported(posterior):
    return posterior.to_arviz(draws=4000)


def test_the_form_is_that_of_the_installed_version(exported):
    form = "DataTree" if int(version("arviz").split(".")[0]) else "InferenceData"
    assert type(exported).__name__ == form
    rates = exported["posterior"]["transfers"]
    assert rates.dims == ("chain", "draw", "origin", "destination")
    assert rates.sum("destination").to_numpy() == pytest.approx(1)


def test_its_summary_is_ours(arviz, exported, posterior):
    summary = arviz.summary(exported, round_to="none")
    assert len(summary) == posterior.mean.size
    first = summary.loc[f"transfers[{posterior.origins[0]}, {posterior.destinations[0]}]"]
    low, high = (bound[0, 0] for bound in posterior.interval(0.9))
    assert float(first["mean"]) == pytest.approx(posterior.mean[0, 0], abs=0.01)
    assert float(first["sd"]) == pytest.approx((high - low) / 3.29, rel=0.2)
    assert exported["posterior"].sizes["chain"] == 4
    assert (summary["r_hat"].astype(float) < 1.02).all()


def test_it_draws_a_forest(arviz, exported, posterior):
    """Version 1 returns a collection of figures, version 0 an array of axes."""
    import matplotlib.pyplot as plt

    drawn = arviz.plot_forest(exported)
    figure = drawn.viz["figure"].item() if hasattr(drawn, "viz") else np.ravel(drawn)[0].figure
    words = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    words += " ".join(label.get_text() for axes in figure.axes for label in axes.get_yticklabels())
    plt.close(figure)
    assert all(origin in words for origin in posterior.origins)
