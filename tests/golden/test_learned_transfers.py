"""The constants of ecological inference are the ones that were learned, and do what is claimed.

Sources: New Zealand 2002-2014, votes by polling place and split-vote tables of the Electoral
Commission, via the R package ei.Datasets (Pavia 2021, CC BY 4.0); polls and exit polls of France
2012 and 2017 and Poland 2015 with their URLs in transfers/published_transfers.csv.
"""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

import forecast
from forecast.transfers.returns.infer import infer_transfers
from forecast.transfers.returns.settings import ARRAYS, RUNOFFS

ROOT = Path(__file__).parents[2]
LEARNED = Path(forecast.__file__).parent / "data" / "learned" / "transfers.json"
SLACK = 0.01
"""Monte Carlo slack of a coverage; over 20 streams its sd was 0.002 by cells, 0.0045 by votes."""


@pytest.fixture(scope="module")
def learned():
    return json.loads(LEARNED.read_text("utf-8"))


@pytest.fixture
def benchmarks(forecast_data):
    """Return a function that imports a module of benchmarks/, once its data are there."""
    for name in ("truth/margins.parquet", "transfers/published_transfers.csv"):
        if not (forecast_data / name).is_file():
            pytest.skip(f"{name} not found in {forecast_data}")
    return pytest.importorskip


@pytest.mark.parametrize(("kind", "shipped"), [("arrays", ARRAYS), ("runoffs", RUNOFFS)])
def test_the_defaults_are_what_was_learned(learned, kind, shipped):
    """Source: benchmarks/learn_transfers.py, which wrote the file."""
    assert learned[kind]["settings"] == asdict(shipped)


def test_the_file_says_where_it_comes_from(learned):
    """Source: the file itself."""
    provenance = learned["provenance"]
    assert {"command", "date", "rule", "objective", "source", "sha256", "versions"} <= set(
        provenance
    )
    assert "ei.Datasets" in provenance["source"]
    assert "CC BY 4.0" in provenance["source"]


def test_the_data_are_the_ones_learned_from(learned, forecast_data):
    """Source: truth/ and transfers/ of the official tables."""
    for name, digest in learned["provenance"]["sha256"].items():
        path = forecast_data / name
        if not path.is_file():
            pytest.skip(f"{name} not found in {forecast_data}")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def scored(truth, folder, settings, every):
    districts = truth.load_districts(folder)
    chosen = [districts[i] for i in truth.seed_one(districts)][::every]
    return truth.means([truth.score(d, settings) for d in chosen])


@pytest.mark.slow
def test_forty_districts_come_out_as_claimed(benchmarks, forecast_data):
    """Source: the true tables of the 40 districts drawn with seed 1."""
    means = scored(benchmarks("truth"), forecast_data, ARRAYS, 1)
    assert means["districts"] == 40
    assert means["error"] <= 6.1, means
    assert 0.87 - SLACK <= means["covered_90"] <= 0.93 + SLACK, means


@pytest.mark.slow
def test_the_claim_fails_at_full_power_without_own_context(benchmarks, forecast_data):
    """A negative control: a likelihood taken at its word covers far too little."""
    trusting = replace(ARRAYS, own_context=1e-4, dilution=1.0, saturation=0.0, context_scale=0.0)
    means = scored(benchmarks("truth"), forecast_data, trusting, 3)
    assert means["covered_90"] < 0.87 - 5 * SLACK, means


def test_published_cells_are_near_the_intervals(benchmarks, forecast_data):
    """Source: the polls' and the exit poll's own pages, URLs in the table.

    85 in 100 cells at least within the 90% interval or 4 points of it; CRPS not above 11 points,
    what the design was chosen with, in any contest.
    """
    published = benchmarks("published")
    near = []
    for case in published.published(forecast_data):
        cells = published.score_cells(case, infer_transfers(case.contest, case.returns, below=0))
        near += [cell.near for cell in cells]
        assert 100 * np.mean([cell.crps for cell in cells]) < 11, case.name
    assert len(near) == 36
    assert np.mean(near) >= 0.85


@pytest.mark.parametrize("place", [0, 2, 4, 6, 7])
def test_simulated_runoffs_are_covered(benchmarks, forecast_data, place):
    """Coverage of 90% intervals over four contests of a kind, 60 cells; finalists within 10 points.

    A posterior that covers .88 falls below .75 once in 200 such tests.
    """
    simulated = benchmarks("simulated_runoffs")
    covered, loyal = [], []
    for seed in range(4):
        made = simulated.simulated_runoff(simulated.KINDS[place], seed)
        posterior = infer_transfers(made.contest, made.returns)
        kept = [r for r, name in enumerate(posterior.origins) if name != "invalid"]
        low, high = (ends[kept] for ends in posterior.interval())
        covered.append((low <= made.truth) & (made.truth <= high))
        loyal.append(np.diag((posterior.mean[kept] - made.truth)[:2, :2]))
    assert np.mean(covered) >= 0.75
    assert abs(np.mean(loyal)) < 0.10
