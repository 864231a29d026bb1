"""What can be asked of a forecast."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import small

from forecast import InputError, default_prior, elicited_prior, forecast_runoff
from forecast.transfers.elicited.generic import generic_prior


@pytest.fixture(scope="module")
def forecast():
    prior = small.elicited_prior().endorse("cid", "ben", published=date(2020, 3, 1))
    return forecast_runoff(small.contest(), prior, draws=40_000, seed=5, workers=1)


def test_votes_and_shares_agree(forecast):
    assert forecast.draw_votes.shape == (40_000, 2)
    assert forecast.shares().sum(axis=1) == pytest.approx(np.ones(40_000))
    votes, share = forecast.votes("ada", 0.5), forecast.share("ada", 0.5)
    assert votes.median == np.median(forecast.draw_votes[:, 0])
    assert share.interval.low == np.quantile(forecast.shares()[:, 0], 0.25)
    assert share.interval.low < share.median < share.interval.high


def test_wider_levels_contain_narrower_ones(forecast):
    inner, outer = forecast.share("ben", 0.5).interval, forecast.share("ben", 0.95).interval
    assert outer.low < inner.low < inner.high < outer.high


def test_the_transfer_table_sums_to_one_and_matches_the_prior(forecast):
    table = forecast.transfers()
    assert table.mean.sum(axis=1) == pytest.approx(np.ones(6))
    assert table.mean == pytest.approx(forecast.prior.mean(forecast.ledger), abs=0.01)
    assert (table.low <= table.mean).all()
    assert (table.mean <= table.high).all()


def test_the_variants_are_named_and_the_first_is_the_forecast_itself(forecast):
    variants = {v.name: v for v in forecast.variants()}
    assert next(iter(variants)) == "as published"
    assert len(variants) == 7
    published = variants["as published"]
    assert published.win_probability["ada"] == forecast.win_probability("ada")
    assert variants["endorsements ignored"].share["ada"].median > published.share["ada"].median
    width = {
        n: v.share["ada"].interval.high - v.share["ada"].interval.low for n, v in variants.items()
    }
    assert width["independent Dirichlet rows"] < width["as published"]


def test_how_much_is_ignorance_moves_the_credible_interval_alone(forecast):
    """Shares .2 and .8 of the variance, where the prior has a half."""
    found = {v.name: v.win_probability["ada"] for v in forecast.variants()}
    few, as_it_is, many = (
        found[name]
        for name in (
            "20% of the uncertainty is ignorance",
            "as published",
            "80% of the uncertainty is ignorance",
        )
    )
    for other in (few, many):  # of 10,000 draws
        assert other.value == pytest.approx(as_it_is.value, abs=0.02)
    ends = [p.credible_interval for p in (few, as_it_is, many)]
    width = [interval.high - interval.low for interval in ends]
    assert width[0] + 0.05 < width[1] < width[2] - 0.05
    assert found["without shared swing"].credible_interval is None


def test_break_evens_come_smallest_change_first(forecast):
    found = forecast.break_evens()
    assert {b.what for b in found} == {*forecast.ledger.origins, "turnout"}
    changes = [abs(b.change) for b in found if b.change is not None]
    assert changes == sorted(changes)
    assert [b.change is None for b in found] == sorted(b.change is None for b in found)


def test_nothing_later_than_as_of_is_used(forecast):
    contest, prior = forecast.contest, forecast.prior
    early = forecast_runoff(contest, prior, draws=2000, as_of=date(2020, 2, 29))
    assert early.prior.endorsements == ()
    assert early.as_of == date(2020, 2, 29)
    assert forecast.as_of == date(2020, 3, 1)


def test_as_of_before_the_first_round(georgia):
    with pytest.raises(InputError, match="not be before the first round"):
        forecast_runoff(georgia, draws=2000, as_of=date(2018, 10, 27))


@pytest.mark.parametrize(
    "broken",
    [{"draws": 0}, {"draws": 3}, {"draws": 2.0}, {"draws": True}, {"workers": 0}, {"seed": -1},
     {"seed": 1.5}, {"seed": "1"}],
    ids=str,
)  # fmt: skip
def test_impossible_arguments(contest, broken):
    options = {"draws": 2000} | broken
    with pytest.raises(InputError, match=next(iter(broken))):
        forecast_runoff(contest, small.elicited_prior(), **options)


def test_draws_that_would_not_fit_in_memory(contest):
    with pytest.raises(InputError, match="GiB"):
        forecast_runoff(contest, small.elicited_prior(), draws=10**9)


def test_somebody_who_is_not_in_the_runoff(forecast):
    for question in (forecast.win_probability, forecast.share, forecast.votes):
        with pytest.raises(InputError, match="'cid' is not in this runoff"):
            question("cid")


def test_the_printed_forecast_puts_the_share_first(forecast):
    line = next(x for x in str(forecast).splitlines() if x.startswith("ada"))
    assert line.index("share") < line.index("wins")
    assert "turnout" in str(forecast)
    assert "if turnout >= 50%" in str(forecast.given("turnout >= 50%"))


def test_labelled_arrays(forecast):
    dataset = forecast.to_xarray()
    assert dict(dataset.sizes) == {"draw": 40_000, "finalist": 2}
    ada = dataset["share"].sel(finalist="ada")
    assert float(ada.median()) == forecast.share("ada").median


def test_draws_are_read_only(forecast):
    with pytest.raises(ValueError, match="read-only"):
        forecast.draw_votes[0, 0] = 1


def test_the_bundled_prior_is_for_the_bundled_facts_only(georgia):
    assert elicited_prior(georgia).name == "elicited for georgia-2018"
    votes = np.array(georgia.votes)
    votes[0, 0] -= 1
    impostor = replace(georgia, votes=votes)
    retitled = replace(georgia, title="x", electorate="voters")
    assert elicited_prior(retitled).name == "elicited for georgia-2018"
    turned = replace(georgia, finalists=georgia.finalists[::-1])
    there, here = (elicited_prior(c).mean(c.ledger()) for c in (turned, georgia))
    assert there[[1, 0, *range(2, 27)]][:, [1, 0, 2]] == pytest.approx(here)
    assert elicited_prior(impostor).name == "learned from 54 national runoffs"
    local = replace(impostor, scope="")
    assert elicited_prior(local) == generic_prior(local)


def test_the_default_is_the_learned_prior_where_one_is_bundled(georgia):
    assert default_prior(georgia).name == "learned from Georgian runoffs 2014-2016"
    votes = np.array(georgia.votes)
    votes[0, 0] -= 1
    for other in (replace(georgia, votes=votes), replace(georgia, electorate="voters")):
        assert default_prior(other) == elicited_prior(other)
    text = str(forecast_runoff(georgia, draws=2000))
    assert "learned from 73 runoffs on 2 election days" in text
    assert "as of 2018-10-28" in text


def test_a_forecast_is_the_same_again(forecast):
    again = forecast_runoff(forecast.contest, forecast.prior, draws=40_000, seed=5, workers=2)
    assert again.digest == forecast.digest
    other = forecast_runoff(forecast.contest, forecast.prior, draws=40_000, seed=6, workers=2)
    assert other.digest != forecast.digest


def test_equality_is_of_contents(georgia):
    assert georgia == replace(georgia)
    assert hash(georgia) == hash(replace(georgia))
    assert georgia != replace(georgia, title="x")
    assert len({georgia, replace(georgia)}) == 1


def test_bounds_by_default_are_of_the_closest_runoff(forecast):
    """2120 valid votes make 1060 each; 840 of Ada's may be her own."""
    found = forecast.bounds()
    assert found.runoff[0, :2].tolist() == [1060, 1060]
    others = [o for o in forecast.ledger.origins if o != "ada"]
    assert found.between(others, ["ada"])[0] == 220


def test_as_of_must_lie_between_the_rounds(georgia):
    with pytest.raises(InputError, match="nor after the"):
        forecast_runoff(georgia, draws=2000, as_of=date(2030, 1, 1))


def test_without_a_day_there_is_none(contest):
    """What a prior was learned from says nothing of the day it is used on."""
    undated = replace(contest, first_round=None, runoff=None, scope="national")
    assert forecast_runoff(undated, draws=200).as_of is None
