"""What drives the outcome, against a brute-force Sobol index."""

from dataclasses import replace

import numpy as np
import pytest
import small
from scipy.special import expit

from forecast.outcome.sensitivity import sensitivity
from forecast.simulation.engine import simulate

POINTS = 1 << 17


def prior():
    """Return three rows whose coordinates the test can follow, with all three factors."""
    return small.elicited_prior(mobilisation=0.3, swing=0.4, partisan=0.2)


def share(normals, sampler, counts):
    """Return Ada's share from standard normals (input, draw), by MODEL.md's formula."""
    factors, own = normals[:3], normals[3:].reshape(len(counts), 2, -1)
    logits = sampler.location[:, :, None] + sampler.own.sd[:, :, None] * own
    logits = logits + np.einsum("rkf,fn->rkn", sampler.loading.reshape(len(counts), 2, 3), factors)
    q, v = expit(logits[:, 0]), expit(logits[:, 1])
    return (counts @ (v * q)) / (counts @ v)


def pick_freeze(sampler, counts, seed=8):
    """Return first-order Sobol indices by the estimator of Saltelli et al. (2010), table 2 (b)."""
    rng = np.random.default_rng(seed)
    size = 3 + 2 * len(counts)
    a, b = rng.standard_normal((2, size, POINTS))
    of_a, of_b = share(a, sampler, counts), share(b, sampler, counts)
    index = []
    for i in range(size):
        mixed = a.copy()
        mixed[i] = b[i]
        index.append(np.mean((of_b - of_b.mean()) * (share(mixed, sampler, counts) - of_a)))
    return np.array(index) / np.var(np.concatenate([of_a, of_b]))


def test_the_indices_are_those_of_pick_freeze(contest):
    """Both have standard errors below 0.005, so 0.025 is more than four of their difference."""
    ledger = contest.ledger()
    simulation = simulate(ledger, prior(), draws=2048, seed=1, workers=1)
    found = sensitivity(simulation)
    names = ["mobilisation", "swing", "partisan mobilisation"]
    names += [f"{o}: {x}" for o in ledger.origins for x in ("preference", "participation")]
    brute = dict(
        zip(names, pick_freeze(simulation.sampler, ledger.totals.astype(float)), strict=True)
    )
    assert set(found.inputs) == set(names)
    assert max(brute.values()) > 0.15
    for name, index in zip(found.inputs, found.index, strict=True):
        assert index == pytest.approx(brute[name], abs=0.025), name


def test_the_largest_comes_first_and_the_rest_is_interaction(contest):
    found = sensitivity(simulate(contest.ledger(), prior(), draws=2048, workers=1))
    assert found.index.tolist() == sorted(found.index, reverse=True)
    assert found.finalist == "ada"
    assert found.interactions == pytest.approx(max(0, 1 - found.index.sum()))
    assert 0 <= found.interactions < 0.1


def test_an_input_without_effect_explains_nothing(contest):
    quiet = small.elicited_prior(mobilisation=0.3, swing=0.0, partisan=0.0)
    found = sensitivity(simulate(contest.ledger(), quiet, draws=2048, workers=1))
    index = dict(zip(found.inputs, found.index, strict=True))
    assert index["swing"] < 0.005
    assert index["partisan mobilisation"] < 0.005


def test_one_dirichlet_row_explains_everything():
    """All votes are Cid's, so the share is Cid's preference and nothing else."""
    ledger = small.pool(0, 0, 1000).ledger()
    three = replace(small.dirichlet_prior(), rows=small.dirichlet_prior().rows[:3])
    found = sensitivity(simulate(ledger, three, draws=2048, workers=1))
    assert found.inputs[0] == "cid: preference"
    assert found.index[0] > 0.98
    assert found.index[1] < 0.02
