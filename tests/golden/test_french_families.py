"""Political families on the official results of French legislative runoffs.

Source: Ministry of the Interior and the historical tables of 1958-1978, as described in the README
of the data; read by `benchmarks/france.py`.
"""

from __future__ import annotations

import france
import pytest


@pytest.mark.slow
def test_the_landslide_of_1981_is_forecast_from_elections_up_to_1978(forecast_data):
    """309 duels; the regression on the margin alone has more than twice the score."""
    runs = france.read(forecast_data / "france" / f"{france.FILES['legislative']}.parquet")
    runs = [run for run in runs if run.year <= 1981]
    table = france.year_table(runs, 1981, 200)
    found = table["families"]
    assert found["n"] == 309
    assert found["crps ratio"] < 0.5
    assert found["rmse"] < 3.5
    assert found["cover 90"] > 0.85
    assert found["brier"] < table["margin-only regression"]["brier"]
