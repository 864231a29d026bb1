"""Conditions in words, and the forecast given them."""

import numpy as np
import pytest
import small

from forecast import InputError, forecast_runoff
from forecast.outcome.conditions import Condition


@pytest.fixture(scope="module")
def forecast():
    return forecast_runoff(small.contest(), small.elicited_prior(), draws=40_000, seed=5, workers=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("turnout >= 52 %", ("turnout", "", "", 0.52, 1)),
        ("turnout<=0.52", ("turnout", "", "", 0, 0.52)),
        ("participation of non-voters <= 10%", ("participation", "non-voters", "", 0, 0.1)),
        ("share of ben >= 48.5 %", ("share", "", "ben", 0.485, 1)),
        (" cid -> ben >= 70 % ", ("preference", "cid", "ben", 0.7, 1)),
    ],
)
def test_what_is_understood(text, expected):
    c = Condition.parse(text)
    assert (c.what, c.origin, c.finalist, c.low, c.high) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    ["", "turnout", "turnout >=", "turnout = 3", "turn-out >= 52 %", "turnout >= 52",
     "turnout >= 152 %", "turnout >= 1.2.3 %", "turnout >= -3 %", "cid >= 70 %", ">= 3 %"],
)  # fmt: skip
def test_what_is_not_understood(text):
    with pytest.raises(InputError, match="condition"):
        Condition.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("share of cid >= 3 %", "'cid' is no finalist"),
        ("cid -> dot >= 3 %", "'dot' is no finalist"),
        ("eve -> ada >= 3 %", "nobody is named 'eve'"),
        ("participation of eve >= 3 %", "nobody is named 'eve'"),
        ("turnout >= 100 %", "only 0 of 40,000 draws"),
    ],
)
def test_what_cannot_be_answered(forecast, text, message):
    with pytest.raises(InputError, match=message):
        forecast.given(text)


def test_the_draws_that_remain_meet_the_condition(forecast):
    middle = forecast.share("ada").median
    given = forecast.given(f"share of ada >= {middle:.6f}")
    assert given.draws == pytest.approx(20_000, abs=5)
    assert given.shares()[:, 0].min() >= middle - 1e-6
    assert given.conditions == (f"share of ada >= {middle:.6f}",)
    kept = forecast.draw_votes[forecast.shares()[:, 0] >= round(middle, 6)]
    assert (given.draw_votes == kept).all()


def test_a_condition_on_the_table_shows_in_the_table(forecast):
    given = forecast.given("cid -> ben >= 60 %", "participation of non-voters <= 10 %")
    table = given.transfers()
    cid, home = table.origins.index("cid"), table.origins.index("non-voters")
    low = table.low[cid] / (table.low[cid, 0] + table.low[cid, 1])
    assert low[1] > 0.5
    assert table.low[home, 2] >= 0.9
    assert given.share("ben").median > forecast.share("ben").median
    assert given.draws < forecast.draws


def test_conditions_add_up(forecast):
    one, two = "turnout >= 60 %", "cid -> ben >= 50 %"
    together, after = forecast.given(one, two), forecast.given(one).given(two)
    assert after.digest == together.digest
    assert after.conditions == together.conditions


def test_pairs_after_a_condition_are_pairs_of_before(forecast):
    given = forecast.given("turnout >= 60 %")
    assert given.pairs.max() < given.draws
    where = {vote.tobytes(): i for i, vote in enumerate(forecast.draw_votes)}
    partner = dict(forecast.pairs.tolist())
    for first, second in given.pairs[:200]:
        i, j = (where[given.draw_votes[k].tobytes()] for k in (first, second))
        assert partner[i] == j


def test_turnout_counts_invalid_ballots(forecast):
    found = forecast.turnout()
    expected = forecast.draw_votes.sum(axis=1) * (2120 + 40) / 2120 / 3400
    assert found.median == pytest.approx(np.median(expected))
    assert found.interval.low == pytest.approx(np.quantile(expected, 0.05))


def test_turnout_is_unknown_without_non_voters():
    contest = small.pool(500, 480, 200)
    prior = small.elicited_prior()
    forecast = forecast_runoff(contest, prior, draws=2000, workers=1)
    with pytest.raises(InputError, match="leaves non-voters out"):
        forecast.turnout()
    with pytest.raises(InputError, match="turnout"):
        forecast.given("turnout >= 50 %")


def test_names_may_be_written_as_people_do(georgia):
    forecast = forecast_runoff(georgia, draws=20_000, workers=1)
    one = forecast.given("davit bakradze -> Grigol Vashadze >= 70 %")
    assert one.digest == forecast.given("bakradze -> vashadze >= 70 %").digest
    with pytest.raises(InputError, match="did you mean 'bakradze'"):
        forecast.given("bakradse -> vashadze >= 70 %")


def test_a_rare_condition_still_gives_a_table_and_says_which_variants_have_none(georgia):
    """At this turnout hardly any draw without shared factors is left."""
    forecast = forecast_runoff(georgia, workers=2).given("turnout >= 62 %")
    assert forecast.transfers().mean.sum(axis=1) == pytest.approx(np.ones(27))
    names = [v.name for v in forecast.variants()]
    assert names[0] == "as published"
    assert "independent Dirichlet rows" not in names
    with pytest.raises(InputError, match="conditional"):
        forecast.sensitivity()


def test_a_conditional_forecast_keeps_its_three_uncertainties(forecast):
    """The error is that of the share of wins among the draws kept, within 40 %."""
    given = forecast.given("turnout >= 66 %")
    found = given.win_probability("ada")
    plain = np.sqrt(found.value * (1 - found.value) / given.draws)
    assert found.monte_carlo_error == pytest.approx(plain, rel=0.4)
    assert 0 < found.credible_interval.low < found.value < found.credible_interval.high < 1
    assert len(given.variants()) > 1


def test_a_condition_that_always_holds_changes_no_credible_interval(forecast):
    """Two estimates of one distribution, by moments and by ranks, differ by a few points."""
    found = forecast.given("turnout >= 0%").win_probability("ada").credible_interval
    usual = forecast.win_probability("ada").credible_interval
    assert (found.low, found.high) == pytest.approx((usual.low, usual.high), abs=0.05)
