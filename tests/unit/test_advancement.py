"""Who advances, by rules that exist."""

import pytest

from forecast import InputError
from forecast.facts.advancement import Advancement

FRANCE = Advancement(quorum=0.25, threshold=0.125, threshold_of="registered")


def test_top_two():
    assert Advancement().finalists({"a": 20, "b": 45, "c": 35}) == ("b", "c")


@pytest.mark.parametrize(
    ("votes", "elected"),
    [({"a": 50, "b": 30, "c": 20}, None), ({"a": 51, "b": 30, "c": 19}, "a")],
)
def test_exactly_half_is_no_majority(votes, elected):
    assert Advancement().elected(votes) == elected
    assert bool(Advancement().finalists(votes)) is (elected is None)


def test_what_the_majority_is_counted_of():
    votes = {"a": 51, "b": 49}
    assert Advancement(majority_of="valid").elected(votes, invalid=2) == "a"
    assert Advancement(majority_of="ballots").elected(votes, invalid=2) is None
    assert Advancement(majority_of="registered").elected(votes, registered=101) == "a"
    assert Advancement(majority_of="registered").elected(votes, registered=102) is None


def test_a_line_of_forty_percent():
    rule = Advancement(majority=0.4)
    assert rule.elected({"a": 41, "b": 39, "c": 20}) == "a"
    assert rule.elected({"a": 40, "b": 39, "c": 21}) is None


def test_a_rule_that_always_has_a_runoff():
    assert Advancement(majority=None).finalists({"a": 90, "b": 6, "c": 4}) == ("a", "b")


@pytest.mark.parametrize(
    ("registered", "elected"), [(204, "a"), (205, None)], ids=["a quarter", "below a quarter"]
)
def test_the_french_quorum(registered, elected):
    assert FRANCE.elected({"a": 51, "b": 25, "c": 24}, registered=registered) == elected


@pytest.mark.parametrize(
    ("registered", "finalists"),
    [(160, ("a", "b", "c", "d")), (176, ("a", "b", "c")), (240, ("a", "b"))],
)
def test_the_french_threshold_lets_others_advance(registered, finalists):
    votes = {"a": 30, "b": 28, "c": 22, "d": 20}
    assert FRANCE.finalists(votes, registered=registered) == finalists


def test_the_first_two_advance_even_below_the_threshold():
    assert FRANCE.finalists({"a": 3, "b": 2, "c": 1}, registered=1000) == ("a", "b")


def test_a_tie_for_the_last_place_is_not_decided_by_the_order_of_columns():
    with pytest.raises(InputError, match="tied between 'b' and 'c'"):
        Advancement().finalists({"a": 40, "b": 30, "c": 30})


def test_a_tie_for_the_first_place_is_no_problem():
    assert Advancement().finalists({"a": 40, "b": 40, "c": 20}) == ("a", "b")


def test_a_rule_that_needs_the_registered_says_so():
    with pytest.raises(InputError, match="registered, who are unknown"):
        FRANCE.finalists({"a": 40, "b": 35, "c": 25})


@pytest.mark.parametrize("votes", [{}, {"a": 0}])
def test_too_few_candidates(votes):
    with pytest.raises(InputError, match=r"found (none|1)"):
        Advancement().finalists(votes)


@pytest.mark.parametrize(
    "broken",
    [{"seats": 1}, {"majority": 50}, {"threshold": 12.5}, {"quorum": -0.1}],
)
def test_impossible_rules(broken):
    with pytest.raises(InputError, match=next(iter(broken))):
        Advancement(**broken)
