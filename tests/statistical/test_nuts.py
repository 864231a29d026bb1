"""The reference sampler has the same density and finds the same posterior."""

import logging
import warnings

import numpy as np
import pytest
from counts import density_of, runoff_density, simulated

from forecast.errors import InputError
from forecast.transfers.returns.infer import infer_transfers
from forecast.transfers.returns.laplace import fit_normal
from forecast.transfers.returns.nuts import (
    SamplingDiagnostics,
    SamplingError,
    build_model,
    run_nuts,
    without_announcements,
)
from forecast.transfers.returns.settings import ARRAYS, RUNOFFS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("build", "settings", "origins", "destinations"),
    [
        (density_of, ARRAYS, 1, 2),
        (density_of, ARRAYS, 2, 5),
        (runoff_density, RUNOFFS, 5, 3),
        (runoff_density, RUNOFFS, 6, 4),
    ],
)
def test_log_densities_are_equal(build, settings, origins, destinations, rng):
    contest = simulated(units=8, origins=origins, destinations=destinations, rng=rng)
    density = build(contest.first_round, contest.runoff, settings)
    with without_announcements():
        symbolic = build_model(density).compile_logp()
    for _ in range(20):
        point = density.start + rng.normal(0.0, 0.5, density.size)
        assert float(symbolic({"point": point})) == pytest.approx(density(point)[0], rel=1e-10)


def test_posterior_means_agree(rng):
    contest = simulated(units=40, origins=3, destinations=3, rng=rng)
    density = density_of(contest.first_round, contest.runoff, ARRAYS)
    sampled = run_nuts(density, rng=rng, draws=2000, chains=2)
    exact = density.tables(sampled.sampled)
    fast = density.tables(fit_normal(density, rng=rng).points(20_000, rng=rng))
    difference = (fast.mean(axis=0) - exact.mean(axis=0)) / exact.std(axis=0)
    # Sampling error of either mean is below 0.03 posterior standard deviations.
    assert np.abs(difference).max() < 0.2
    assert np.abs(fast.std(axis=0) / exact.std(axis=0) - 1.0).max() < 0.35


def test_the_gate_fails_loudly():
    bad = SamplingDiagnostics(r_hat=1.2, effective_size=9.0, divergences=3)
    with pytest.raises(SamplingError, match=r"R-hat is 1\.200.*effective size is 9.*3 divergent"):
        bad.require()


def test_what_pymc_warns_of_its_draws_is_still_heard(caplog):
    caplog.set_level(logging.INFO, logger="pymc")  # as PyMC sets it where no test listens
    with without_announcements():
        logging.getLogger("pymc").info("Initializing")
        logging.getLogger("pymc").warning("3 divergences")
        with pytest.warns(UserWarning, match="of the draws"):
            warnings.warn("of the draws", UserWarning, stacklevel=1)
    assert caplog.messages == ["3 divergences"]


def test_the_public_path_samples_and_exports(rng, capfd, caplog):
    contest = simulated(units=12, origins=2, destinations=2, rng=rng)
    fast = infer_transfers(contest.first_round, contest.runoff)
    caplog.set_level(logging.INFO, logger="pymc")
    reference = infer_transfers(
        contest.first_round, contest.runoff, method="nuts", nuts={"chains": 2, "draws": 4000}
    )
    assert (*capfd.readouterr(), caplog.messages) == ("", "", [])  # a warning would be an error
    assert reference.mean == pytest.approx(fast.mean, abs=0.02)
    assert "R-hat" in str(reference)
    exported = reference.to_arviz()["posterior"]["transfers"]
    assert exported.dims == ("chain", "draw", "origin", "destination")
    assert exported.shape[:2] == (2, 4000)
    chains = exported.to_numpy().reshape(2, 4000, -1)
    assert np.ptp(chains.mean(axis=1), axis=0).max() < 0.2 * chains.std()
    assert reference.to_arviz(draws=100)["posterior"].sizes["draw"] == 25
    assert exported.sum("destination").to_numpy() == pytest.approx(1)


def test_a_setting_that_the_sampler_lacks_is_refused():
    with pytest.raises(InputError, match="did you mean 'draws'"):
        infer_transfers(np.ones((3, 2)), np.ones((3, 2)), method="nuts", nuts={"draw": 100})
