"""What the margins force, against linear programmes solved by somebody else."""

import numpy as np
import pytest
import small
from scipy.optimize import linprog

from forecast import InputError, Returns, flow_bounds
from forecast.facts.ledger import Ledger
from forecast.outcome.bounds import FlowBounds, requirements

ORIGINS, DESTINATIONS = ("ada", "ben", "cid", "non-voters"), ("ada", "ben", "none")


def random_bounds(seed):
    """Return three units whose two margins come from a random table of whole people."""
    rng = np.random.default_rng(seed)
    flows = rng.integers(0, rng.choice([3, 40, 5000]), (3, 4, 3)) * (rng.random((3, 4, 3)) < 0.6)
    ledger = Ledger(
        origins=ORIGINS,
        kinds=("finalist", "finalist", "eliminated", "non-voters"),
        destinations=DESTINATIONS,
        units=("a", "b", "c"),
        counts=flows.sum(axis=2),
    )
    return FlowBounds(ledger=ledger, runoff=flows.sum(axis=1))


def by_linear_programme(rows, columns, origins, destinations):
    """Return least and most flow from a set of rows to a set of columns, by HiGHS."""
    r, c = len(rows), len(columns)
    cost = np.zeros((r, c))
    cost[np.ix_(origins, destinations)] = 1
    margins = [np.kron(np.eye(r)[i], np.ones(c)) for i in range(r)]
    margins += [np.kron(np.ones(r), np.eye(c)[j]) for j in range(c)]
    totals = [*rows, *columns]
    ends = [linprog(sign * cost.ravel(), A_eq=margins, b_eq=totals) for sign in (1, -1)]
    assert all(end.status == 0 for end in ends)
    return round(ends[0].fun), round(-ends[1].fun)


@pytest.mark.parametrize("seed", range(6))
def test_bounds_are_the_solution_of_the_linear_programme(seed):
    bounds, rng = random_bounds(seed), np.random.default_rng(seed + 100)
    for _ in range(4):
        rows = np.flatnonzero(rng.random(4) < 0.5)
        columns = np.flatnonzero(rng.random(3) < 0.5)
        names = [ORIGINS[r] for r in rows], [DESTINATIONS[c] for c in columns]
        units = [
            by_linear_programme(x, y, rows, columns)
            for x, y in zip(bounds.ledger.counts, bounds.runoff, strict=True)
        ]
        assert bounds.between(*names) == tuple(np.sum(units, axis=0))
        national = by_linear_programme(
            bounds.ledger.counts.sum(axis=0), bounds.runoff.sum(axis=0), rows, columns
        )
        assert bounds.between(*names, by_unit=False) == national


@pytest.mark.parametrize("seed", range(3))
def test_bounds_by_unit_are_within_those_of_the_totals(seed):
    bounds = random_bounds(seed)
    (low, high), (outer_low, outer_high) = bounds.table(), bounds.table(by_unit=False)
    assert (outer_low <= low).all()
    assert (low <= high).all()
    assert (high <= outer_high).all()


def test_units_may_come_in_any_order(contest):
    votes = np.array([[500, 480], [300, 350], [290, 260]])
    order = [2, 0, 1]
    straight = Returns(units=contest.units, finalists=("ada", "ben"), votes=votes)
    mixed = Returns(
        units=[contest.units[i] for i in order],
        finalists=("ben", "ada"),
        votes=votes[order][:, ::-1],
    )
    one, other = flow_bounds(contest, straight), flow_bounds(contest, mixed)
    assert one.runoff.tolist() == other.runoff.tolist()
    assert one.runoff.sum() == contest.ledger().people


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        ({"ada": 3000, "ben": 500}, "no more people can vote"),
        ({"ada": -1, "ben": 500}, "no more people can vote"),
        ({"ada": 300}, "runoff votes must be of the finalists"),
        ({"ada": 300, "ben": 10, "cid": 10}, "runoff votes must be of the finalists"),
    ],
)
def test_impossible_runoffs(contest, votes, message):
    with pytest.raises(InputError, match=message):
        flow_bounds(contest, votes)


def test_units_that_one_round_does_not_have_are_left_out(contest):
    returns = Returns(units=("hill", "dale"), finalists=("ada", "ben"), votes=[[1, 2], [3, 4]])
    assert flow_bounds(contest, returns).ledger.units == ("hill",)


def test_unknown_names(contest):
    bounds = flow_bounds(contest, {"ada": 1000, "ben": 900})
    with pytest.raises(InputError, match="no origin 'eve'"):
        bounds.between(["eve"], ["ada"])
    with pytest.raises(InputError, match="no destination 'nobody'"):
        bounds.between(["ada"], ["nobody"])


def test_a_name_given_twice_counts_once(contest):
    bounds = flow_bounds(contest, {"ada": 1000, "ben": 900})
    assert bounds.between(["cid", "cid"], ["ada", "ada"]) == bounds.between(["cid"], ["ada"])


def test_what_winning_takes(contest):
    """2120 valid votes, so 1061 make sure; Ada has 840 and Ben 800; 480 were eliminated."""
    ada, ben = requirements(contest.ledger())
    assert (ada.votes_to_win, ada.own, ada.shortfall, ada.eliminated) == (1061, 840, 221, 480)
    assert ben.shortfall == 261


def test_what_winning_takes_when_it_is_done_or_nobody_was_eliminated():
    ada, ben = requirements(small.pool(60, 40, 0).ledger())
    assert (ada.votes_to_win, ada.shortfall, ben.shortfall) == (51, 0, 11)
