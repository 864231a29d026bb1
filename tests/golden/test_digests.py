"""What version gives which draws: a digest per prior for Georgia 2018, seed 0.

Promised: on one machine with one version of NumPy and of this library the same seed gives the same
bytes, whatever the blocks, threads and processes. Between machines the last bits may differ (NumPy
computes exp and log with what the processor offers), so votes are digested in hundreds of people.
NumPy may change how its generators turn bits into normals and gammas in any minor release (NEP 19);
raw bits of SFC64 and `SeedSequence` are stable. If it does, these tests are skipped.

A failure means that results change: say so in the change log and record what the test found.
"""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from forecast import default_prior, elicited_prior, learned_prior, load_contest
from forecast.randomness import stream
from forecast.simulation.engine import simulate
from forecast.transfers.elicited.generic import generic_prior

STREAMS = "992c3b642c2deec1"
PRIORS = {
    "elicited": (elicited_prior, "7be6216311467811"),
    "generic": (generic_prior, "a865c99b7d82167a"),
    "learned": (learned_prior, "f3811b27a848b4bd"),
    "Dirichlet": (lambda c: elicited_prior(c).as_dirichlet(), "a79773443b0662b2"),
}


def digest(numbers):
    return hashlib.sha256(np.round(numbers).astype("<i8").tobytes()).hexdigest()[:16]


def streams():
    rng = stream(0, "golden")
    drawn = [rng.standard_normal(1000), rng.gamma(0.4, size=1000), rng.gamma(7.0, size=1000)]
    return digest(np.concatenate([*drawn, rng.integers(0, 400, 1000)]) * 1e6)


@pytest.mark.parametrize("name", PRIORS)
def test_draws_are_those_recorded(name):
    if streams() != STREAMS:
        pytest.skip(f"NumPy {np.__version__} draws other normals or gammas than was recorded")
    georgia = load_contest("georgia-2018")
    prior, recorded = PRIORS[name]
    votes = simulate(georgia.ledger(), prior(georgia), draws=4096, seed=0, workers=1).votes()
    assert digest(votes / 100) == recorded


def test_raw_streams_are_those_recorded():
    """SeedSequence and SFC64 are promised by NumPy for ever."""
    assert stream(0, "golden").bit_generator.random_raw() == 8437485830217933129


def test_a_change_of_one_draw_changes_the_digest():
    votes = np.full((4096, 2), 1e6)
    before = digest(votes / 100)
    votes[17, 1] += 100
    assert digest(votes / 100) != before


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "2"])
def test_processes_and_threads_of_libraries_change_no_byte(threads):
    code = (
        "import hashlib, forecast; g = forecast.load_contest('georgia-2018'); "
        "from forecast.simulation.engine import simulate; "
        "s = simulate(g.ledger(), forecast.default_prior(g), draws=9000, seed=5, "
        f"workers={threads}, block={threads} * 700); "
        "print(hashlib.sha256(s.votes().tobytes()).hexdigest())"
    )
    georgia = load_contest("georgia-2018")
    here = simulate(georgia.ledger(), default_prior(georgia), draws=9000, seed=5).votes()
    environment = {"OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    assert done.stdout.strip() == hashlib.sha256(here.tobytes()).hexdigest()
