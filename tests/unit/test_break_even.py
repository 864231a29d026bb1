"""What would flip the winner really levels the margin."""

import numpy as np
import pytest
import small
from scipy.special import expit, logit

from forecast import InputError
from forecast.outcome.breakeven import break_even, break_even_turnout, frontier


def setup():
    ledger = small.contest().ledger()
    return ledger, ledger.totals, small.elicited_prior(shift=0.02).mean(ledger)


def margin(counts, table):
    votes = counts @ table
    return votes[0] - votes[1]


def with_preference(table, row, behind, split):
    """Return a table in which the row's votes for the two are split anew."""
    table = table.copy()
    both = table[row, 0] + table[row, 1]
    table[row, behind], table[row, 1 - behind] = both * split, both * (1 - split)
    return table


def test_the_needed_preference_levels_the_two():
    ledger, counts, table = setup()
    before = margin(counts, table)
    behind = int(before > 0)
    reached = 0
    for r, origin in enumerate(ledger.origins):
        found = break_even(ledger, table, origin)
        assert found.finalist == ledger.destinations[behind]
        assert found.expected == pytest.approx(table[r, behind] / table[r, :2].sum())
        if found.needed is None:
            assert margin(counts, with_preference(table, r, behind, 1.0)) * before > 0
            continue
        reached += 1
        level = margin(counts, with_preference(table, r, behind, found.needed))
        assert level == pytest.approx(0, abs=1e-6)
        assert found.change == pytest.approx(found.needed - found.expected)
    assert 1 <= reached < len(ledger.origins)


def test_an_origin_without_people_changes_nothing():
    ledger = small.pool(50, 30, 0).ledger()
    table = np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    found = break_even(ledger, table, "cid")
    assert found.needed is None
    assert found.change is None


def test_the_needed_turnout_levels_the_two():
    """Ada leads among the faithful, Ben among those who stayed at home: turnout decides."""
    ledger, counts, _ = setup()
    table = np.array(
        [[0.85, 0.05, 0.1], [0.05, 0.75, 0.2], [0.4, 0.3, 0.3], [0.3, 0.3, 0.4], [0.2, 0.2, 0.6],
         [0.04, 0.12, 0.84]]
    )  # fmt: skip
    found = break_even_turnout(ledger, table)
    voting = 1 - table[:, 2]
    assert found.expected == pytest.approx(counts @ voting / counts.sum())
    assert found.needed > found.expected
    low, high = -8.0, 8.0
    for _ in range(80):  # the shift of every logit that gives this turnout, by bisection
        shift = (low + high) / 2
        after = expit(logit(voting) + shift)
        low, high = (shift, high) if counts @ after < found.needed * counts.sum() else (low, shift)
    moved = table[:, :2] * (after / voting)[:, None]
    assert margin(counts, moved) == pytest.approx(0, abs=1e-3)


def test_no_turnout_helps_who_leads_nowhere():
    ledger, _, _ = setup()
    table = np.tile([0.3, 0.2, 0.5], (6, 1))
    assert break_even_turnout(ledger, table).needed is None


def test_every_point_of_the_frontier_levels_the_two():
    ledger, counts, table = setup()
    line = frontier(ledger, table, "cid", "non-voters")
    behind = ledger.destinations.index(line.finalist)
    valid = np.flatnonzero((line.second >= 0) & (line.second <= 1))
    assert valid.size > 10
    for i in valid:
        moved = with_preference(table, 2, behind, line.first[i])
        moved = with_preference(moved, 5, behind, line.second[i])
        assert margin(counts, moved) == pytest.approx(0, abs=1e-6)


def test_the_frontier_passes_through_the_single_break_even():
    ledger, _, table = setup()
    line = frontier(ledger, table, "cid", "non-voters")
    one = break_even(ledger, table, "non-voters")
    assert np.interp(line.expected[0], line.first, line.second) == pytest.approx(one.needed)


def test_impossible_questions():
    ledger, _, table = setup()
    with pytest.raises(InputError, match="two different origins"):
        frontier(ledger, table, "cid", "cid")
    with pytest.raises(InputError, match="no origin 'eve'"):
        break_even(ledger, table, "eve")
    empty = small.pool(50, 30, 0).ledger()
    with pytest.raises(InputError, match="casts no votes"):
        frontier(empty, table[:3], "ada", "cid")
