"""One seed, the same bytes: whatever the blocks, the workers, the order of questions."""

import os
import subprocess
import sys

import numpy as np
import pytest
import small

from forecast.randomness import stream
from forecast.simulation.engine import CHUNK, simulate

PRIORS = {"logistic-normal": small.elicited_prior(), "Dirichlet": small.dirichlet_prior()}


def votes(prior, **options):
    return simulate(small.contest(), prior, **({"draws": 5 * CHUNK + 10, "seed": 7} | options))


@pytest.mark.parametrize("name", PRIORS)
@pytest.mark.parametrize("block", [1, CHUNK, 3 * CHUNK, 100 * CHUNK])
@pytest.mark.parametrize("workers", [1, 2])
def test_blocks_and_workers_change_no_byte(name, block, workers):
    reference = votes(PRIORS[name], workers=1).votes()
    found = votes(PRIORS[name], block=block, workers=workers).votes()
    assert found.tobytes() == reference.tobytes()


def test_asking_twice_gives_the_same():
    simulation = votes(PRIORS["Dirichlet"], workers=2)
    assert simulation.votes().tobytes() == simulation.votes().tobytes()
    one, two = (b"".join(u.tobytes() for u in simulation.unit_votes()) for _ in range(2))
    assert one == two


def test_more_draws_begin_with_the_same_chunks():
    few, many = votes(PRIORS["Dirichlet"], draws=CHUNK), votes(PRIORS["Dirichlet"], draws=4 * CHUNK)
    assert (few.votes() == many.votes()[:CHUNK]).all()


def test_different_seeds_differ():
    found = {
        votes(PRIORS["logistic-normal"], seed=s, draws=100).votes().tobytes() for s in range(9)
    }
    assert len(found) == 9


@pytest.mark.parametrize("name", PRIORS)
def test_chunks_are_independent(name):
    """Correlation of share between neighbouring chunks below 4.5 / sqrt(n): 7e-6 false alarms."""
    simulation = votes(PRIORS[name], draws=40 * CHUNK, workers=1).votes().reshape(40, CHUNK, 2)
    share = simulation[..., 0] / simulation.sum(axis=2)
    r = np.corrcoef(share[::2].ravel(), share[1::2].ravel())[0, 1]
    assert abs(r) < 4.5 / np.sqrt(20 * CHUNK)


def test_named_streams_are_unrelated():
    a, b = (stream(1, name).standard_normal(100_000) for name in ("simulation", "sensitivity"))
    assert abs(np.corrcoef(a, b)[0, 1]) < 4.5 / np.sqrt(100_000)
    c = stream(1, "simulation", 1).standard_normal(100_000)
    assert abs(np.corrcoef(a, c)[0, 1]) < 4.5 / np.sqrt(100_000)


@pytest.mark.parametrize("input_share", [0.0, 0.3, 0.8])
def test_normal_pairs_correlate_as_much_as_they_share(input_share):
    """On the logit scale exactly; 0.02 is 4.5 standard errors of a correlation of 51,200 pairs."""
    simulation = votes(small.elicited_prior(input_share=input_share), draws=50 * CHUNK, workers=1)
    rates = np.concatenate(list(simulation.map(lambda _, r: r)), axis=2)
    v = rates.sum(axis=1)
    for fraction in (v, rates[:, 0] / v):
        logits = np.log(fraction / (1 - fraction))[:, simulation.pairs()]
        found = [np.corrcoef(row.T)[0, 1] for row in logits]
        assert found == pytest.approx([input_share] * 6, abs=0.02)


@pytest.mark.parametrize("input_share", [0.0, 0.3, 0.8])
def test_dirichlet_pairs_correlate_about_as_much_as_they_share(input_share):
    """The gammas do exactly; normalising them bends this a little for rows far from certain."""
    simulation = votes(small.dirichlet_prior(input_share=input_share), draws=50 * CHUNK, workers=1)
    rates = np.concatenate(list(simulation.map(lambda _, r: r)), axis=2)
    paired = rates[:, 0][:, simulation.pairs()]
    found = [np.corrcoef(row.T)[0, 1] for row in paired]
    assert found == pytest.approx([input_share] * 6, abs=0.06)


@pytest.mark.parametrize("name", PRIORS)
def test_the_first_and_the_second_of_a_pair_are_alike(name):
    """Two-sample Kolmogorov-Smirnov distance below its 1e-5 quantile, 2.47 sqrt(2 / n)."""
    simulation = votes(PRIORS[name], draws=40 * CHUNK, workers=1)
    found = simulation.votes()
    share = (found[:, 0] / found.sum(axis=1))[simulation.pairs()]
    first, second = np.sort(share[:, 0]), np.sort(share[:, 1])
    grid = np.concatenate([first, second])
    distance = np.abs(np.searchsorted(first, grid) - np.searchsorted(second, grid)).max()
    assert distance / len(first) < 2.47 * np.sqrt(2 / len(first))


def test_every_draw_is_in_one_pair():
    simulation = votes(PRIORS["Dirichlet"])
    assert sorted(simulation.pairs().ravel()) == list(range(simulation.draws))


def test_units_add_up_to_the_total():
    simulation = votes(PRIORS["logistic-normal"], workers=2)
    by_unit = np.concatenate(list(simulation.unit_votes()))
    assert by_unit.shape == (simulation.draws, 3, 2)
    assert by_unit.sum(axis=1) == pytest.approx(simulation.votes(), rel=1e-12)


EVERYTHING = """
import hashlib, polars, forecast
contest = forecast.load_contest("georgia-2018")
night = polars.DataFrame({"unit": ["Vake", "Gldani"], "zurabishvili": [40407, 41663],
                          "vashadze": [20768, 31764]})
transfers = forecast.infer_transfers(contest, forecast.load_returns("georgia-2018"))
runoff = forecast.forecast_runoff(contest, draws=40_000, workers=1)
print(runoff.digest, forecast.forecast_dict(runoff),
      forecast.nowcast(contest, night).digest,
      hashlib.sha256(transfers.mean.tobytes()).hexdigest())
"""


def test_the_last_digits_do_not_depend_on_the_threads_of_linear_algebra():
    """The night's differed with two threads of OpenBLAS while its algebra was left alone.

    So did the Monte Carlo error of a forecast's probability.
    """
    found = set()
    for threads in ("1", "2"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment = {**os.environ, **dict.fromkeys(names, threads)}
        line = [sys.executable, "-c", EVERYTHING]
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1
