"""The constants of transfers from returns are the ones that were learned, and do what is claimed.

Source: New Zealand 2002-2014, votes by polling place and split-vote tables of the Electoral
Commission, via the R package ei.Datasets (Pavia 2021, CC BY 4.0).
"""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

import forecast
from forecast.transfers.returns.density import Settings

ROOT = Path(__file__).parents[2]
LEARNED = Path(forecast.__file__).parent / "data" / "learned" / "transfers.json"
SLACK = 0.01
"""Monte Carlo slack of a coverage; over 20 streams its sd was 0.002 by cells, 0.0045 by votes."""


@pytest.fixture(scope="module")
def learned():
    return json.loads(LEARNED.read_text("utf-8"))


@pytest.fixture
def truth(forecast_data, monkeypatch):
    """The benchmarks' module of that name, which knows how to read and to score."""
    for name in ("margins", "cross"):
        if not (forecast_data / "truth" / f"{name}.parquet").is_file():
            pytest.skip(f"truth/{name}.parquet not found in {forecast_data}")
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return pytest.importorskip("truth")


def test_the_defaults_are_what_was_learned(learned):
    """Source: benchmarks/learn_transfers.py, which wrote the file."""
    assert learned["settings"] == asdict(Settings())


def test_the_file_says_where_it_comes_from(learned):
    """Source: the file itself."""
    provenance = learned["provenance"]
    assert {"command", "date", "rule", "districts", "source", "sha256", "versions"} <= set(
        provenance
    )
    assert "ei.Datasets" in provenance["source"]
    assert "CC BY 4.0" in provenance["source"]


@pytest.mark.parametrize("shape", ["as they are", "as in a runoff"])
def test_held_out_districts_are_covered_as_often_as_said(learned, shape):
    """Source: the file itself; elections left out of the choice, ties decided by nothing."""
    held_out = learned["held_out"]["without the tie rule"][shape]
    assert held_out["districts"] == learned["provenance"]["districts"][shape]
    for coverage in ("covered_90", "covered_90_votes"):
        assert 0.88 - SLACK <= held_out[coverage] <= 0.93 + SLACK


@pytest.mark.parametrize("name", ["margins.parquet", "cross.parquet"])
def test_the_data_are_the_ones_learned_from(learned, forecast_data, name):
    """Source: truth/ of the official tables."""
    path = forecast_data / "truth" / name
    if not path.is_file():
        pytest.skip(f"truth/{name} not found in {forecast_data}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest == learned["provenance"]["sha256"][name]


def scored(truth, folder, settings, size=40):
    districts = truth.load_districts(folder)
    chosen = [districts[i] for i in truth.seed_one(districts)[:size]]
    return truth.means([truth.score(d, settings) for d in chosen])


def within(means):
    """Whether error and coverage, by cells and by votes, keep what is promised."""
    coverages = (means["covered_90"], means["covered_90_votes"])
    return means["error"] <= 6.0 and all(0.88 - SLACK <= c <= 0.93 + SLACK for c in coverages)


@pytest.mark.slow
def test_forty_districts_come_out_as_claimed(truth, forecast_data):
    """Source: the true tables of the 40 districts drawn with seed 1."""
    means = scored(truth, forecast_data, None)
    assert means["districts"] == 40
    assert within(means), means


@pytest.mark.slow
def test_the_claim_fails_without_tempering(truth, forecast_data):
    """Half of them: a likelihood taken at its word covers far too little, and this must show."""
    means = scored(truth, forecast_data, replace(Settings(), tempering=1.0), size=20)
    assert means["covered_90"] < 0.88 - 5 * SLACK
    assert not within(means), means
