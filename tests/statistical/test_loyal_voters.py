"""Ecological inference where nearly all of the finalists' voters come back."""

import numpy as np
import pytest

import forecast
from forecast.transfers.returns.infer import infer_transfers


@pytest.mark.parametrize("loyal", [0.97, 0.98])
def test_very_loyal_voters_are_covered(rng, loyal):
    """98 of 100 of a finalist's voters may come back: the prior must not hold them down."""
    covered, away = [], []
    for _ in range(6):
        other = (1 - loyal) / 2
        table = np.array([[loyal, other / 2, 1.5 * other], [other / 2, loyal, 1.5 * other],
                          [0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.05, 0.04, 0.91]])  # fmt: skip
        size = rng.integers(500, 2000, 120)
        votes = np.stack(
            [rng.multinomial(int(0.65 * n), rng.dirichlet([8, 7, 4, 2])) for n in size]
        )
        people = np.column_stack([votes, size - votes.sum(axis=1)])
        rates = np.stack([[rng.dirichlet(200 * row) for row in table] for _ in size])
        moved = np.stack([rng.multinomial(people[:, r], rates[:, r]) for r in range(5)], axis=1)
        units = tuple(f"u{u}" for u in range(len(size)))
        contest = forecast.Contest(
            name="loyal", candidates=tuple("abcd"), finalists=("a", "b"), units=units, votes=votes,
            invalid=np.zeros(len(size), dtype=int), registered=size,
        )  # fmt: skip
        returns = forecast.Returns(
            units=units, finalists=("a", "b"), votes=moved.sum(axis=1)[:, :2]
        )
        found = infer_transfers(contest, returns, below=0)
        truth = moved.sum(axis=0) / moved.sum(axis=(0, 2))[:, None]
        low, high = found.interval(0.9)
        for k, name in enumerate("ab"):
            r = found.origins.index(name)
            covered.append(low[r, k] <= truth[k, k] <= high[r, k])
            away.append(found.mean[r, k] - truth[k, k])
    assert np.mean(covered) >= 0.75
    assert np.mean(away) > -0.03
