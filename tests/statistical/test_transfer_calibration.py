"""Simulation-based calibration of the posterior of returns, with a twin that must fail."""

import numpy as np
from counts import simulated

from forecast.transfers.density import RowPrior, Settings, TransferDensity, contrast_basis
from forecast.transfers.laplace import fit_normal
from forecast.transfers.likelihood import counts_from_units

EXACT = Settings(tempering=1.0, context=0.0, context_scale=0.0)


def calibration_ranks(repeats: int, constants: Settings, seed: int) -> np.ndarray:
    """Ranks of true contrasts among posterior draws, tables drawn from the prior."""
    rng = np.random.default_rng(seed)
    ranks = []
    for _ in range(repeats):
        contrasts = constants.row_scale * (
            rng.normal(size=(3, 2)) + np.sqrt(constants.common_scale) * rng.normal(size=2)
        )
        logits = contrasts @ contrast_basis(3).T
        table = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        contest = simulated(units=25, origins=3, destinations=3, rng=rng, table=table, kappa=150.0)
        counts = counts_from_units(contest.first_round, contest.runoff)
        prior = RowPrior(centre=np.zeros((3, 3)), precision=_prior_precision(constants))
        density = TransferDensity(counts=counts, prior=prior, settings=constants)
        normal = fit_normal(density, rng=rng, check_draws=0)
        rates = density.tables(normal.points(199, rng=rng))
        ranks.append((rates < table).sum(axis=0))
    return np.array(ranks) / 199.0


def _prior_precision(s: Settings) -> np.ndarray:
    among = np.eye(3) + s.common_scale
    return np.kron(np.linalg.inv(among) / s.row_scale**2, np.eye(2))


def coverage_error(ranks: np.ndarray, level: float = 0.8) -> float:
    """Coverage of central intervals minus the level, over cells and repeats."""
    inside = (ranks > 0.5 - level / 2) & (ranks < 0.5 + level / 2)
    return float(inside.mean() - level)


def test_simulation_based_calibration():
    """80 % intervals cover within 6 points.

    Over 150 contests and 9 cells, of which 6 are free, the standard error of the coverage is at
    most 0.8 * 0.2 / sqrt(150) ** 0.5 = 3.3 points if the cells of a contest moved as one and 1.6
    points if independent; a calibrated posterior fails less than once in 100 seeds.
    """
    ranks = calibration_ranks(150, EXACT, seed=11)
    assert abs(coverage_error(ranks)) < 0.06
    assert abs(ranks.mean() - 0.5) < 0.05


def test_calibration_notices_overconfidence():
    """The twin that must fail: a likelihood counted five times."""
    ranks = calibration_ranks(60, Settings(tempering=5.0, context=0.0), seed=11)
    assert coverage_error(ranks) < -0.12
