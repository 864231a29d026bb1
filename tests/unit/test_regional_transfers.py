"""Tables of regions: what differs is told apart, what does not is pooled."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from counts import LOYAL, runoff_of, simulated

from forecast.errors import InputError
from forecast.transfers.returns.infer import infer_transfers
from forecast.transfers.table.links import Voting


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(11)
    return runoff_of(simulated(units=50, origins=4, destinations=3, table=LOYAL, rng=rng))


def in_two_regions(rng, there):
    """Return a contest whose second half of units moves by another table, and its returns."""
    parts = [
        simulated(units=60, origins=4, destinations=3, table=table, rng=rng)
        for table in (LOYAL, there)
    ]
    both = replace(
        parts[0],
        first_round=np.concatenate([p.first_round for p in parts]),
        runoff=np.concatenate([p.runoff for p in parts]),
    )
    first, returns = runoff_of(both)
    return replace(first, regions=("here",) * 60 + ("there",) * 60), returns


def test_regions_that_differ_are_told_apart():
    """The third row is 50:30 here and 20:60 there, a difference of 30 points."""
    there = LOYAL.copy()
    there[2] = 0.2, 0.6, 0.2
    contest, returns = in_two_regions(np.random.default_rng(5), there)
    found = infer_transfers(contest, returns).by_region()
    contrast = found.rate("here", "c", "a") - found.rate("there", "c", "a")
    low, high = contrast.interval()
    assert 0.05 < low < 0.3 < high
    assert found.people[:, 1, :, 0].sum(axis=1) == pytest.approx(returns.votes[60:, 0].sum(), 1e-3)
    assert any(row[:3] == ["here", "c", "a"] for row in found.shown().rows)
    voters = found.rate("there", ["c", "non-voters"], "b", voters=True)
    assert voters.what == "there, c and non-voters to b among voters"
    frame = found.to_frame().set_index(["region", "origin", "destination"])
    assert frame["mean"]["there", "c", "a"] == pytest.approx(found.rate("there", "c", "a").mean)
    assert len(frame) == found.mean.size


def test_regions_that_do_not_differ_are_pooled():
    contest, returns = in_two_regions(np.random.default_rng(6), LOYAL)
    posterior = infer_transfers(contest, returns)
    found = posterior.by_region()
    for origin, destination in product(posterior.origins[:3], posterior.destinations):
        one, other = (found.rate(r, origin, destination) for r in found.regions)
        low, high = (one - other).interval(0.98)
        assert low < 0 < high
    assert np.median(found.scale) < 0.25
    kinds = dict.fromkeys(posterior.units, "village") | {"u0": "town", "u1": "town"}
    assert posterior.by_region(kinds).regions == ("town", "village")


def test_regions_with_one_table_differ_by_chance_where_few_people_are():
    """Rates are those of the people counted, and three units have few of them."""
    contest, returns = in_two_regions(np.random.default_rng(8), LOYAL)
    kinds = ["small"] * 3 + ["large"] * 117
    found = infer_transfers(contest, returns).by_region(kinds)
    people = found.people.sum(axis=-1)[0]
    for r in range(4):
        rate = found.rate("small", found.origins[r], "a").draws
        chance = np.sqrt(rate.mean() * (1.0 - rate.mean()) / people[0, r])
        away = found.rate("small", found.origins[r], "a") - found.rate(
            "large", found.origins[r], "a"
        )
        assert away.draws.std() > 0.7 * chance


def test_how_far_regions_differ_is_learned_before_counts_are_tempered():
    """Tempered counts let one expect 0.77 of the sd between regions that there is."""
    link, found, there = Voting(3), [], []
    centre = link.coordinates(LOYAL)
    for seed in range(9, 17):
        rng = np.random.default_rng(seed)
        apart = np.array([0.8 * rng.standard_normal(centre.shape) for _ in range(6)])
        parts = [
            simulated(units=12, origins=4, destinations=3, table=link.rates(centre + u), rng=rng)
            for u in apart
        ]
        both = replace(
            parts[0],
            first_round=np.concatenate([p.first_round for p in parts]),
            runoff=np.concatenate([p.runoff for p in parts]),
        )
        regions = [f"r{g}" for g in range(6) for _ in range(12)]
        found.append(np.median(infer_transfers(*runoff_of(both)).by_region(regions).scale))
        there.append(apart.std(axis=0, ddof=1).mean())
    assert 0.85 < np.mean(found) / np.mean(there) < 1.15


def test_a_region_that_was_not_counted_has_the_table_of_all(made):
    posterior = infer_transfers(*made)
    quiet = replace(posterior, aside=dict.fromkeys(posterior.units[40:], "not counted"))
    found = quiet.by_region(["one"] * 25 + ["two"] * 15 + ["three"] * 10)
    assert np.isfinite(found.mean).all()
    assert found.mean.sum(axis=-1) == pytest.approx(np.ones((3, len(posterior.origins))), abs=1e-6)


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        (None, "add a column 'region'"),
        (["a"] * 50, "two at least"),
        (["a", "b"], "one for each of 50 units - found 2"),
        ({"u0": "a"}, "unit 'u1' has none"),
    ],
)
def test_regions_are_checked(made, regions, message):
    posterior = infer_transfers(*made)
    with pytest.raises(InputError, match=message):
        posterior.by_region(regions)
