"""Laws of inferred transfers that hold for every input."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.facts.ledger import Ledger
from forecast.outcome.bounds import FlowBounds
from forecast.transfers.returns.infer import infer_transfers


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    units=st.integers(0, 6),
    origins=st.integers(1, 4),
    destinations=st.integers(2, 4),
)
def test_every_table_is_a_ledger_within_its_bounds(seed, units, origins, destinations):
    rng = np.random.default_rng(seed)
    people = rng.integers(0, 40, (units, origins, destinations))
    people *= rng.integers(0, 2, (units, origins, destinations))
    first_round, runoff = people.sum(axis=2), people.sum(axis=1)
    found = infer_transfers(first_round, runoff, seed=seed)
    scale = max(first_round.sum(), 1)
    for table in (found.table, *found.people(20, rng=rng)):
        assert np.abs(table.sum(axis=1) - first_round.sum(axis=0)).max() < 1e-6 * scale
        assert np.abs(table.sum(axis=0) - runoff.sum(axis=0)).max() < 1e-3 * scale
    rates = found.draws(20, rng=rng)
    assert np.allclose(rates.sum(axis=-1), 1)
    assert (rates >= 0).all()
    assert np.allclose(found.mean.sum(axis=-1), 1)
    by_unit = found.unit_tables()
    assert by_unit.shape == (units, origins, destinations)
    assert np.allclose(by_unit.sum(axis=2), first_round, atol=1e-6 * scale)
    ledger = Ledger(
        origins=found.origins,
        kinds=("eliminated",) * origins,
        destinations=found.destinations,
        units=found.units,
        counts=first_round,
    )
    low, high = FlowBounds(ledger=ledger, runoff=runoff).table()
    assert (found.table >= low - 0.01 * scale).all()
    assert (found.table <= high + 0.01 * scale).all()
