"""Laws of a decided runoff: no completion of the count overturns it, and it is said at once.

Every completion is tried in the small: contests of two or three units of a few people each, so
that all possible final counts can be listed.
"""

from itertools import product

import numpy as np
import polars as pl
from hypothesis import assume, example, given
from hypothesis import strategies as st

from forecast import Contest, InputError
from forecast.facts.partial_returns import most_voters, partial_returns
from forecast.outcome.decided import remaining_electorate

FINALISTS = ("ada", "ben", "cid")


def contest_of(sizes, finalists):
    """Return units with these lists of voters, of whom a few voted in the first round."""
    return Contest(
        name="tiny",
        candidates=FINALISTS,
        finalists=FINALISTS[:finalists],
        units=tuple(f"u{k}" for k in range(len(sizes))),
        votes=[[1, 1, 0]] * len(sizes),
        invalid=[0] * len(sizes),
        registered=sizes,
    )


def compositions(people, finalists):
    """Return every way in which at most so many people can vote, array (way, finalist)."""
    ways = np.array(list(product(range(people + 1), repeat=finalists)))
    return ways[ways.sum(axis=1) <= people]


def completions(reporting, contest):
    """Return every final result that the counts so far allow, array (result, finalist)."""
    possible = np.array([reporting.elsewhere])
    if reporting.elsewhere.any():  # unknown units may be none of this contest's
        possible = np.vstack([possible, 0 * possible])
    for u, most in enumerate(most_voters(contest).tolist()):
        votes, done = reporting.votes[u], reporting.counted[u] >= 1
        if votes.sum() > most:
            ways = np.vstack([votes, compositions(most, len(votes))])
        else:
            ways = votes + compositions(0 if done else most - int(votes.sum()), len(votes))
        possible = np.unique((possible[:, None] + ways).reshape(-1, len(votes)), axis=0)
    return possible


def winners(results):
    """Return who can win alone, and whether a tie for the first place is possible."""
    best = results.max(axis=1, keepdims=True)
    first = results == best
    alone = first.sum(axis=1) == 1
    return set(first[alone].argmax(axis=1).tolist()), bool((~alone).any())


@st.composite
def counts(draw):
    finalists = draw(st.sampled_from([2, 3]))
    sizes = draw(st.lists(st.integers(3, 6), min_size=2, max_size=3 if finalists == 2 else 2))
    votes = st.tuples(*[st.integers(0, 9)] * finalists)
    rows = [(draw(votes), draw(st.sampled_from([0.0, 0.5, 1.0]))) for _ in sizes]
    return sizes, rows, draw(st.one_of(st.none(), votes))


@given(counts())
@example(([9, 6], [((7, 0), 1.0), ((0, 0), 0.0)], None))  # a tie can still come
@example(([9, 6], [((8, 0), 1.0), ((0, 0), 0.0)], None))  # it cannot any more
@example(([6, 6], [((5, 0), 1.0), ((0, 0), 0.0)], (9, 0)))  # an unknown unit does not decide
@example(([9, 6], [((8, 0), 1.0), ((0, 0), 0.0)], (0, 2)))  # but may undo it
@example(([6, 6], [((9, 0), 1.0), ((0, 0), 0.0)], None))  # a misprint does not
@example(([3, 3, 3], [((0, 8), 1.0), ((0, 9), 1.0), ((0, 0), 0.0)], None))  # nor do two
@example(([9, 3], [((8, 0), 1.0), ((0, 9), 1.0)], None))  # what looks like one may be true
@example(([6, 6], [((5, 0, 4), 1.0), ((0, 0, 0), 0.0)], None))
def test_decided_exactly_when_no_completion_has_another_winner(night):
    sizes, rows, unknown = night
    finalists = len(rows[0][0])
    contest = contest_of(sizes, finalists)
    table = [(f"u{k}", *votes, done) for k, (votes, done) in enumerate(rows)]
    table += [("moon", *unknown, 1.0)] if unknown else []
    schema = ["unit", *FINALISTS[:finalists], "counted"]
    try:
        reporting = partial_returns(contest, pl.DataFrame(table, schema=schema, orient="row"))
    except InputError as error:  # half of a unit with more votes than people: a percentage?
        assume("fraction of each unit" not in str(error))
        raise
    can_win, tie = winners(completions(reporting, contest))
    found = remaining_electorate(reporting)
    assert found.decided == (len(can_win) == 1 and not tie)
    if found.decided:
        assert can_win == {contest.finalists.index(found.leader)}
