"""What a history must hold before anything is learned from it, and of which day it serves."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from past import runoffs

from forecast import InputError, learn_prior
from forecast.facts.past_runoffs import usual_roles
from forecast.transfers.roles.file import read_learned, write_learned
from forecast.transfers.roles.learn import sum_up

DAY = date(2018, 10, 28)
NEW = replace(runoffs(1, 1, seed=5)[0][0], first_round=DAY, runoff=None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda *pair: pair[0], "must be a sequence of .Contest, Returns. - found Contest"),
        (lambda c, r: (r, c), "found Returns, Contest"),
        (lambda c, r: (c, replace(r, votes=0 * r.votes)), "votes for ada and ben - found 0"),
        (lambda c, r: (c, replace(r, votes=99 * r.votes)), "more votes than there were people"),
        (lambda c, r: (c, replace(r, finalists=("ada", "x"))), "must have votes for ada and ben"),
    ],
)
def test_a_contest_whose_runoff_cannot_be_followed_is_refused(change, message):
    history = runoffs(1, 2)
    with pytest.raises(InputError, match=message):
        sum_up([change(*history[0]), *history[1:]], roles=usual_roles)


def test_what_was_learned_from_a_contest_without_a_date_serves_no_day(tmp_path):
    """Not even where the contest's name looks like a day, nor after a round trip by file."""
    (contest, returns), *others = runoffs(1, 3)
    undated = (replace(contest, name="2016-10-30", first_round=None, runoff=None), returns)
    prior = learn_prior([undated, *others], roles=usual_roles)
    assert prior.latest == date(1990, 3, 15)
    assert prior.brief.startswith("3 runoffs, 1 without a date, on 1990-03-15; ")
    write_learned(prior, tmp_path / "prior.json")
    for found in (prior, read_learned(tmp_path / "prior.json")):
        with pytest.raises(InputError, match="runoff of '2016-10-30' has no date"):
            found.at(NEW, groups=usual_roles)
    alone = learn_prior([undated], roles=usual_roles)
    assert alone.latest is None
    assert alone.brief.startswith("1 runoff without a date; ")
    held = alone.at(replace(NEW, first_round=None), groups=usual_roles)
    with pytest.raises(InputError, match="has no date, so nobody can say"):
        held.as_of(DAY)


def test_units_that_cannot_be_followed_are_counted():
    """One of three is in the first round only, in another more people vote than there were."""
    (contest, returns), *others = runoffs(1, 3)
    units = {"units": ("a", "b", "c")}
    both = {
        name: np.repeat(getattr(contest, name), 3, axis=0)
        for name in ("votes", "invalid", "registered")
    }
    first = replace(contest, **units, **both)
    after = replace(
        returns, units=("a", "b"), votes=np.concatenate([returns.votes] * 2) * [[1], [9]]
    )
    prior = learn_prior([(first, after), *others], roles=usual_roles)
    assert prior.provenance["units left out"] == 2
    assert "2 units left out" in str(prior)
    whole = learn_prior([(contest, returns), *others], roles=usual_roles)
    assert "left out" not in str(whole)
