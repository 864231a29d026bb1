"""The bundled prior learned from Georgian runoffs of 2014-2016: what it says and where from.

Source: tables of the Central Election Commission by polling station (via geoelectionsdata).
"""

import hashlib
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import forecast
from forecast import learn_prior, load_returns, read_learned
from forecast.simulation.engine import simulate

FILE = Path(forecast.__file__).parent / "data/priors/georgia-runoffs-2014-2016.json"
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
AS_OF = date(2018, 10, 28)


@pytest.fixture(scope="module")
def prior():
    return read_learned(FILE)


@pytest.fixture(scope="module")
def read(forecast_data):
    """Return the module that reads the official tables, pointed at them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORECAST_DATA", str(forecast_data))
        patch.syspath_prepend(str(BENCHMARKS))
        import georgia_history

        yield georgia_history
    sys.modules.pop("georgia_history", None)


def roles(contest):
    known = dict(zip(contest.finalists, ("government", "other finalist"), strict=True))
    known |= {"invalid": "non-voters", "non-voters": "non-voters"}
    return {o: known.get(o, "eliminated") for o in contest.ledger().origins}


def rival(_):
    return {"main rival": 1.0}


def share_of(prior, georgia):
    transfers = prior.at(georgia, roles=roles, traits=rival, as_of=AS_OF)
    votes = simulate(georgia.ledger(), transfers, draws=40_000, seed=0, workers=1).votes()
    return np.quantile(votes[:, 0] / votes.sum(axis=1), [0.05, 0.5, 0.95])


def test_nothing_in_it_is_later_than_the_first_round_of_2018(prior):
    assert prior.latest == date(2016, 10, 30)
    assert prior.as_of == AS_OF
    assert len(prior.contests) == 73
    assert dict(prior.left_out) == {
        "parl2016_41": "a finalist gave up",
        "parl2016_66": "a finalist gave up",
    }


def test_it_states_how_it_was_made_and_how_well_it_forecasts(prior):
    scores = prior.provenance["cross-validation"]["leave one contest out"]
    assert scores["rmse"] < 6.5
    assert abs(scores["bias"]) < 1
    assert 0.88 <= scores["cover 90"] <= 0.92
    assert prior.provenance["command"].startswith("python benchmarks/history.py")


def test_its_forecast_of_2018_alone(prior, georgia):
    """Without endorsements and polls; the official share of Zurabishvili was 59.5 %."""
    low, median, high = share_of(prior, georgia)
    assert low < load_returns("georgia-2018").share("zurabishvili") < high
    assert median == pytest.approx(0.64, abs=0.01)


def test_its_inputs_are_the_official_tables(prior, read):
    sha = hashlib.sha256(b"".join(path.read_bytes() for path in read.files())).hexdigest()
    assert prior.provenance["files"]["sha256"] == sha


@pytest.mark.slow
def test_learning_again_gives_the_same_prior(prior, read, georgia):
    """The chain is not the same to the last digit on every machine; its answers are."""
    data = read.read()
    again = learn_prior(
        data.history,
        roles=read.pooled,
        as_of=AS_OF,
        withdrawn=sorted(data.gave_up),
        traits=lambda c: {"main rival": float(c.name in data.main_rival)},
    )
    assert again.provenance["inputs"] == prior.provenance["inputs"]
    assert dict(again.contests) == dict(prior.contests)
    assert again.mean_table == pytest.approx(prior.mean_table, abs=0.02)
    assert share_of(again, georgia) == pytest.approx(share_of(prior, georgia), abs=0.012)
