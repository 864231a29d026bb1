"""The sizes of poll errors are the ones that were learned, and cover what is claimed.

Source: 641 polls of 79 runoffs; Poder360 (Brazil), datapolitics (France), and archives of
pollsters' releases for Colombia, Uruguay and Romania.
"""

import hashlib
import json
from pathlib import Path

import pytest

import forecast
from forecast.transfers.polls.errors import LEVELS

LEARNED = Path(forecast.__file__).parent / "data" / "learned" / "polls.json"


@pytest.fixture(scope="module")
def learned():
    return json.loads(LEARNED.read_text("utf-8"))


def test_the_defaults_are_what_was_learned(learned):
    """Source: benchmarks/polls.py --learn, which wrote the file."""
    assert learned["levels"] == LEVELS
    assert min(values["bias"] for values in LEVELS.values()) >= learned["floor_of_bias"]


def test_held_out_contests_are_covered_as_often_as_said(learned):
    """Source: the file itself; constants without the contest's country, in Brazil its year."""
    for days, row in learned["held_out"].items():
        assert 0.42 <= row["covers_50"] <= 0.60, days
        assert 0.86 <= row["covers_90"] <= 0.94, days
    assert learned["held_out"]["0"]["crps"] <= 2.65
    assert learned["held_out"]["0"]["runoffs"] == 78


def test_the_files_are_the_ones_it_was_learned_from(learned, forecast_data):
    for name, digest in learned["provenance"]["sha256"].items():
        path = forecast_data / "polls" / name
        if not path.is_file():
            pytest.skip(f"polls/{name} not found in {forecast_data}")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
