"""Who advances, by rules that exist."""

import numpy as np
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


@pytest.mark.parametrize("percent", range(1, 100))
def test_a_fraction_is_what_is_written(percent):
    """7% of 100 is 7, though 0.07 * 100 is a float above it."""
    fraction, one = percent / 100, np.array([[percent, 100 - percent, 0.0]])
    votes = dict(zip("abc", [percent, 100 - percent, 0], strict=True))
    rules = (
        Advancement(majority=None, plurality=fraction),
        Advancement(majority=fraction),
        Advancement(majority=None, plurality=0.0, quorum=fraction),
    )
    chosen = "a" if percent > 50 else None if percent == 50 else "b"
    for rule, elected in zip(rules, (chosen, None if percent >= 50 else "b", chosen), strict=True):
        found, _ = rule.in_draws(one, invalid=np.zeros(1), registered=100.0)
        assert rule.elected(votes, registered=100) == elected
        assert found.tolist() == [-1 if elected is None else "abc".index(elected)]


@pytest.mark.parametrize("percent", range(1, 33))
def test_whoever_has_the_threshold_exactly_advances(percent):
    rest = 100 - percent
    votes = {"a": rest // 2 + 1, "b": rest - rest // 2 - 1, "c": percent}
    rule = Advancement(majority=None, threshold=percent / 100, threshold_of="valid")
    assert rule.finalists(votes) == ("a", "b", "c")
    draws = np.array([list(votes.values())], dtype=float)
    _, advance = rule.in_draws(draws, invalid=np.zeros(1), registered=100.0)
    assert advance.all()


def test_a_tie_for_the_first_place_elects_nobody():
    rule, votes = Advancement(majority=0.3), {"a": 40, "b": 40, "c": 20}
    assert rule.elected(votes) is None
    assert rule.finalists(votes) == ("a", "b")
    draws = np.array([list(votes.values())], dtype=float)
    elected, advance = rule.in_draws(draws, invalid=np.zeros(1), registered=100.0)
    assert elected.tolist() == [-1]
    assert advance.tolist() == [[True, True, False]]
