"""Intervals in the tables of ``benchmarks/before.py``: what is one observation, and how sure."""

from __future__ import annotations

from dataclasses import asdict, replace

import before_table as table
import numpy as np
import pytest


@pytest.fixture
def rows():
    """Two elections as of three days, whose favourites lose and win."""
    found = []
    for name, won in (("A", False), ("B", True)):
        for days in (60, 30, 3):
            chances = (table.Chance("x", 0.7, won), table.Chance("y", 0.2, not won))
            found.append(
                table.Scored(
                    election=name, country=name, days=days, pair=0.5, pair_normal=0.4,
                    pair_last=1.0, crps=1.0, crps_normal=1.5 if won else 2.0, crps_last=3.0,
                    covered=1.0, covered_normal=0.5, elected=chances,
                )
            )  # fmt: skip
    return found


def test_one_candidate_on_several_days_is_one_outcome(rows):
    """Counted as six, the interval would be half as wide."""
    found = {round(b.said, 1): b for b in table.calibration(rows)}
    assert set(found) == {0.2, 0.7}
    assert (found[0.7].came, found[0.7].forecasts, found[0.7].outcomes) == (0.5, 6, 2)
    assert found[0.7].interval == table.wilson(0.5, 2)
    low, high = table.wilson(0.5, 6)
    assert found[0.7].interval[1] - found[0.7].interval[0] > 1.3 * (high - low)
    assert table.effective([3, 1]) == 1.6


def test_wilsons_interval_is_that_of_the_score_test():
    """Its ends p solve (rate - p)^2 = z^2 p (1 - p) / n; 0 of 477 are no certainty."""
    for rate, n in ((0.7, 10), (0.0, 106), (1.0, 7)):
        for end in table.wilson(rate, n):
            score = (rate - end) ** 2 - 1.6448536**2 * end * (1 - end) / n
            assert score == pytest.approx(0, abs=1e-7)
    assert table.wilson(0.7, 10) == pytest.approx((0.442, 0.873), abs=0.001)


def test_an_election_is_one_observation_whatever_its_days(rows):
    elections = [replace(r, election=r.election + k) for k in "12" for r in rows]
    found = table.difference(elections, "crps", "crps_normal")
    assert (found.value, found.clusters) == (-0.75, 4)
    again = table.difference([*elections, *elections], "crps", "crps_normal")
    assert again == found
    assert np.isclose(found.standard_error, 0.25 / np.sqrt(3))


def test_the_summary_has_an_interval_of_everything_by_horizon(rows):
    elections = [replace(r, election=r.election + k) for k in "12" for r in rows]
    text = table.summary(elections)
    assert text.count("pair - normal +0.10 [+0.10, +0.10]") == 4
    assert text.count("covered 100% [100, 100]") == 4
    assert "70.0%   50.0% [" in text
    assert asdict(table.calibration(elections)[0])["forecasts"] == 12
