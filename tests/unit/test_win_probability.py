"""The three uncertainties of a win probability, against closed forms."""

import numpy as np
import pytest
import small
from scipy.special import logit, ndtr

from forecast import InputError, TransferPrior, forecast_runoff
from forecast.outcome.probability import estimate_win_probability, in_words, percent, win_margins
from forecast.simulation.engine import CHUNK
from forecast.transfers.elicited.rows import Belief

SURE = Belief.of((0.9999, 0.9998, 0.99997))
DRAWS = 200_000


def one_open_question(lead, location, sd, input_share):
    """Return a forecast that hangs on nothing but the preference of one pool of 10,000 votes.

    Finalists' voters and everybody's participation are certain to 1 in 10,000, so that Ada wins
    where logit q = location + sd z exceeds the logit of (1 - lead / 10,000) / 2.
    """
    contest = small.pool(lead, 0, 10_000)
    rows = tuple(
        small.row(origin, SURE, preference, finalist)
        for origin, preference, finalist in [
            ("ada", SURE, "ada"),
            ("ben", SURE, "ben"),
            ("cid", small.belief(location, sd), "ada"),
        ]
    )
    prior = TransferPrior(
        name="one question", finalists=small.FINALISTS, rows=rows, input_share=input_share
    )
    return forecast_runoff(contest, prior, draws=DRAWS, seed=11, workers=1)


@pytest.mark.parametrize(
    ("lead", "location", "sd", "input_share"),
    [
        (0, 0.0, 1.0, 0.5),
        (0, 0.4, 0.8, 0.5),
        (0, -0.7, 0.6, 0.3),
        (2000, -0.2, 0.7, 0.5),
        (2000, 0.1, 0.5, 0.8),
    ],
)
def test_the_credible_interval_has_a_closed_form(lead, location, sd, input_share):
    """P(win | inputs) = Phi((location + sqrt(share) sd z - c) / (sd sqrt(1 - share))).

    Its 5% and 95% points are those of z. Tolerance: with 2,000 sampled inputs an end has a standard
    error of 0.047 sd(input) in z, times at most 0.4 in P; 0.06 is above 3 of them for the widest
    interval, and the seed is fixed.
    """
    c = logit((1 - lead / 10_000) / 2)
    estimate = one_open_question(lead, location, sd, input_share).win_probability("ada")
    assert estimate.value == pytest.approx(
        ndtr((location - c) / sd), abs=4.5 * estimate.monte_carlo_error + 1e-4
    )
    z = np.array([-1.6448536, 1.6448536])
    low, high = ndtr(
        (location + np.sqrt(input_share) * sd * z - c) / (sd * np.sqrt(1 - input_share))
    )
    interval = estimate.credible_interval
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.03)


def test_without_ignorance_about_inputs_the_interval_is_a_point():
    """What is left of the noise of 48 runoffs for each input, after it is taken out."""
    estimate = one_open_question(0, 0.4, 0.8, 0.0).win_probability("ada")
    interval = estimate.credible_interval
    assert interval.low == pytest.approx(interval.high, abs=0.1)
    assert interval.low <= estimate.value <= interval.high


def test_more_draws_shrink_one_error_and_not_the_other():
    forecast = one_open_question(0, 0.4, 0.8, 0.5)
    margins, given = win_margins(forecast.draw_votes)[:, 0], forecast._given_inputs[:, 0]
    small_sample, many = (
        estimate_win_probability(margins[:n], forecast.pairs[: n // 2], 0.9, given_inputs=given)
        for n in (CHUNK, DRAWS)
    )
    assert small_sample.monte_carlo_error / many.monte_carlo_error == pytest.approx(
        np.sqrt(DRAWS / CHUNK), rel=0.1
    )
    width = [e.credible_interval.high - e.credible_interval.low for e in (small_sample, many)]
    assert width[0] == pytest.approx(width[1], rel=0.05)


def test_a_finite_posterior_sample_is_part_of_the_monte_carlo_error():
    """sd(P | inputs) / sqrt(100), beside which the error of 20,000 draws is small."""
    margins, pairs, given = paired_margins(0.0)
    found = estimate_win_probability(margins, pairs, 0.9, given_inputs=given, effective_draws=100)
    assert found.monte_carlo_error == pytest.approx(given.std() / 10, rel=0.02)


def test_the_monte_carlo_error_of_counting_is_the_spread_over_seeds():
    """Standard deviation over 60 seeds: relative error 9%, so 40% is 4.4 of those."""
    contest, prior = small.contest(), small.elicited_prior()
    found = []
    for seed in range(60):
        forecast = forecast_runoff(contest, prior, draws=2048, seed=seed, workers=1)
        margins = win_margins(forecast.draw_votes)[:, 0]
        found.append(estimate_win_probability(margins, forecast.pairs, 0.9))
    spread = np.std([e.value for e in found], ddof=1)
    assert np.mean([e.monte_carlo_error for e in found]) == pytest.approx(spread, rel=0.4)


def paired_margins(shift, draws=20_000, r=0.5):
    """Return margins of pairs with correlation r, pairs, P(wins | input); P(wins) = Phi(shift)."""
    rng = np.random.default_rng(3)
    common, own = rng.standard_normal(draws // 2), rng.standard_normal((2, draws // 2))
    margins = shift + np.sqrt(r) * common + np.sqrt(1 - r) * own
    given = ndtr((shift + np.sqrt(r) * common) / np.sqrt(1 - r))
    return margins.ravel(), np.arange(draws).reshape(2, -1).T, given


@pytest.mark.parametrize("shift", [-9, -4, -3.3, -2, 0, 1, 3, 4, 9])
def test_the_interval_holds_its_value_in_the_tails_and_has_width(shift):
    """Phi((shift +- sqrt(r) 1.645) / sqrt(1 - r)), however few draws win or lose."""
    margins, pairs, given = paired_margins(shift)
    found = estimate_win_probability(margins, pairs, 0.9, given_inputs=given)
    interval = found.credible_interval
    assert 0 < interval.low <= found.value <= interval.high <= 1
    assert 0 < found.value < 1
    assert found.monte_carlo_error > 0
    assert interval.high > interval.low
    if abs(shift) <= 3.3:
        ends = (shift + np.array([-1, 1]) * np.sqrt(0.5) * 1.6448536) / np.sqrt(0.5)
        assert (interval.low, interval.high) == pytest.approx(ndtr(ends), abs=0.02)


def test_win_probabilities_of_all_finalists_sum_to_one():
    forecast = one_open_question(0, 0.4, 0.8, 0.5)
    total = sum(forecast.win_probability(f).value for f in forecast.finalists)
    assert total == pytest.approx(1, abs=2 / DRAWS)


def test_the_two_finalists_have_mirrored_intervals():
    margins, pairs, given = paired_margins(1.5)
    ada, ben = (
        estimate_win_probability(m, pairs, 0.9, given_inputs=p)
        for m, p in ((margins, given), (-margins, 1 - given))
    )
    assert ada.value == pytest.approx(1 - ben.value)
    assert ada.credible_interval.low == pytest.approx(1 - ben.credible_interval.high)
    assert ada.credible_interval.high == pytest.approx(1 - ben.credible_interval.low)


def test_ties_are_split():
    votes = np.array([[3.0, 2.0], [2.0, 2.0], [1.0, 2.0], [2.0, 2.0]])
    margins = win_margins(votes)
    assert margins[:, 0].tolist() == [1, 0, -1, 0]
    pairs = np.array([[0, 1], [2, 3]])
    assert estimate_win_probability(margins[:, 0], pairs, 0.9).value == pytest.approx(0.5)


@pytest.mark.parametrize("level", [0, 1, 90, -0.1, float("nan"), "0.9", None])
def test_impossible_levels(level):
    forecast = one_open_question(0, 0.0, 1.0, 0.5)
    for question in (forecast.win_probability, forecast.share, forecast.votes):
        with pytest.raises(InputError, match="level must be between 0 and 1"):
            question("ada", level)


def test_words_and_percent_never_claim_certainty():
    for p in np.linspace(0, 1, 201):
        assert percent(p) not in ("0%", "100%")
        assert in_words(p)[:5] in ("about", "less ", "more ")
