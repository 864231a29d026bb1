"""Units that resemble each other, or scatter little, tell little: intervals must say so."""

import numpy as np
import pytest

from forecast import infer_transfers


@pytest.mark.parametrize("units", [2, 20, 400])
@pytest.mark.parametrize("people", [100, 10_000])
def test_units_that_are_all_the_same_teach_nothing(units, people):
    """Intervals were 2 points wide at 400 units, since a prior expected some scatter."""
    first, runoff = np.array([60, 40]) * (people // 100), np.array([55, 45]) * (people // 100)
    found = infer_transfers(np.tile(first, (units, 1)), np.tile(runoff, (units, 1)))
    low, high = found.interval()
    assert (high - low).min() > 0.45
    least, most = found.bounds()
    assert found.learnt.max() < 0.75  # the bounds themselves tell the larger row a part
    assert ((least - 1e-9 <= low) & (high <= most + 1e-9)).all()


@pytest.mark.parametrize("alike", [0, 500, 50], ids=["all alike", "nearly alike", "different"])
@pytest.mark.parametrize("people", [300, 5000])
@pytest.mark.parametrize("table", [[[0.6, 0.4], [0.475, 0.525]], [[0.9, 0.1], [0.2, 0.8]]])
def test_people_who_move_one_by_one(alike, people, table):
    """The 90% intervals of 200 units covered none of these tables, to be missed by up to .37."""
    rng, shares = np.random.default_rng(7), np.tile([0.6, 0.4], (200, 1))
    if alike:
        shares = rng.dirichlet([0.6 * alike, 0.4 * alike], 200)
    first = rng.multinomial(people, shares) if alike else np.rint(people * shares).astype(int)
    runoff = sum(rng.multinomial(first[:, k], table[k]) for k in range(2))
    low, high = infer_transfers(first, runoff).interval()
    assert ((low <= table) & (table <= high)).all()
