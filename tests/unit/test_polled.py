"""A prior conditioned on polls: what it uses, what it refuses, and how polls weigh."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import numpy as np
import pytest
import small
from scipy.special import logit
from scipy.stats import multivariate_normal, multivariate_t

from forecast import (
    Contest,
    InputError,
    Poll,
    elicited_prior,
    forecast_runoff,
    infer_transfers,
    learned_prior,
    load_contest,
    load_polls,
    load_returns,
    with_polls,
)
from forecast.data.priors import bundled_polls
from forecast.facts.polls import Answers
from forecast.randomness import stream
from forecast.simulation.engine import simulate
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.polls.errors import PollErrors
from forecast.transfers.polls.polled import TREATMENTS, PolledTransfers

PRIOR = small.elicited_prior()


def poll(share=0.5, pollster="Acme", **changes):
    facts = {"n": 1500, "shares": {"ada": share, "ben": 1 - share}, "base": "decided"}
    return Poll(pollster=pollster, **(facts | changes))


def share(*polls, prior=PRIOR, contest=None, **options):
    """Return the draws of Ada's share given polls."""
    contest = contest or small.contest()
    held = with_polls(prior, contest, polls, **options)
    votes = simulate(contest, held, draws=8192, seed=1, workers=1).votes()
    return votes[:, 0] / votes.sum(axis=1)


def width(draws):
    return np.subtract(*np.quantile(draws, [0.95, 0.05]))


def test_without_a_poll_about_the_runoff_the_prior_is_left_alone(contest):
    earlier = poll(round="first round")
    exit_poll = poll(kind="exit poll")
    assert with_polls(PRIOR, contest, []) is PRIOR
    assert with_polls(PRIOR, contest, [earlier, exit_poll]) is PRIOR


def test_polls_pull_the_share_towards_themselves_and_narrow_it():
    before, low, high = share(), share(poll(0.44)), share(poll(0.56))
    assert np.median(low) < np.median(before) - 0.01 < np.median(high) - 0.02
    assert max(width(low), width(high)) < width(before)


def test_polls_twenty_points_apart_leave_more_doubt_than_polls_that_agree():
    """Conflict of evidence: the disagreement shows that polls err here, so the share is wider."""
    agree = share(poll(0.5), poll(0.5, pollster="Beta"))
    apart = share(poll(0.4), poll(0.6, pollster="Beta"))
    assert width(apart) > 1.2 * width(agree)


def test_a_further_independent_poll_helps_less_than_its_size_says():
    """The bias that polls share stays: twenty agreeing polls are not twenty times as good."""
    polls = [poll(0.5, pollster=f"house {i}") for i in range(20)]
    one, twenty = share(polls[0]), share(*polls)
    assert width(one) / 3 < width(twenty) < width(one)


WIDE = Contest(
    name="wide", candidates=("ada", "ben", "cid"), finalists=("ada", "ben"), units=("all",),
    votes=[[3000, 2900, 9000]], invalid=[0], registered=None, electorate="voters",
    first_round=date(2030, 5, 1), runoff=date(2030, 11, 20),
)  # fmt: skip
"""A contest of which the prior knows little: its share has an sd of 12 points."""


def far(*polls, **options):
    """Return the draws of Ada's share in the wide contest."""
    return share(*polls, prior=generic_prior(WIDE), contest=WIDE, **options)


def test_ten_polls_that_agree_leave_some_three_points(contest):
    """Agreement is not accuracy: what all polls get wrong together stays; design: sd 3.4."""
    ten = [poll(0.56, pollster=f"house {i}", n=1000, end=date(2030, 11, 19)) for i in range(10)]
    for level in ("general", "national", "local"):
        found = far(*ten, errors=PollErrors.of(level))
        assert 0.03 < found.std() < 0.04
        assert np.median(found) == pytest.approx(0.558, abs=0.01)


def test_a_poll_of_june_is_none_of_november():
    """Five months of drift: half the weight and a wider share; their own order counts too."""
    june, november = (far(poll(0.6, end=date(2030, m, d))) for m, d in ((6, 15), (11, 18)))
    prior = np.median(far(poll(0.6, n=1)))
    assert width(june) > 1.3 * width(november)
    assert np.median(june) - prior < 0.9 * (np.median(november) - prior)
    moved = [
        np.median(
            far(poll(a, end=date(2030, 6, 15)), poll(b, pollster="B", end=date(2030, 11, 18)))
        )
        for a, b in ((0.6, 0.5), (0.5, 0.6))
    ]
    assert moved[1] > moved[0] + 0.02


def test_a_poll_from_before_the_first_round_says_less_than_its_age():
    """What the first round itself changes adds to the drift of the same number of days."""
    after = replace(WIDE, first_round=date(2030, 11, 1))
    before = replace(WIDE, first_round=date(2030, 11, 16))
    found = poll(0.6, end=date(2030, 11, 12))
    one, two = (share(found, prior=generic_prior(c), contest=c) for c in (after, before))
    assert width(two) > 1.05 * width(one)


def test_without_the_day_of_the_runoff_polls_are_aged_by_the_day_of_the_forecast():
    undated = replace(WIDE, runoff=None)
    prior, found = (
        generic_prior(undated),
        poll(0.6, end=date(2030, 6, 15), published=date(2030, 6, 16)),
    )
    today = with_polls(prior, undated, found, as_of=date(2030, 11, 19)).calendar.runoff
    assert today == date(2030, 11, 19)
    assert with_polls(prior, undated, found).calendar.runoff == date(2030, 6, 16)
    assert with_polls(prior, undated, poll()).calendar.days(poll()) == 7


@pytest.mark.parametrize("tails", [np.inf, 4.0])
def test_one_source_of_error_is_a_normal_or_a_student_t(tails):
    """Closed form: bias alone, 6 polls without sampling noise to speak of; SciPy's densities."""
    errors = PollErrors(
        bias=0.1, drift=0.02, crossing=0, house=0.0, undecided=0.0, tails=tails, recall=(0.0,),
        recall_weights=(1.0,),
    )  # fmt: skip
    days = (1, 4, 9, 30, 45, 90)
    polls = [
        poll(0.5 + 0.01 * i, f"house {i}", n=10**7, end=WIDE.runoff - timedelta(days=d))
        for i, d in enumerate(days)
    ]
    likelihood = with_polls(generic_prior(WIDE), WIDE, polls, errors=errors).likelihood(
        WIDE.ledger()
    )
    rates = generic_prior(WIDE).sampler(WIDE.ledger()).draw(6, rng=stream(1, "test"))
    votes = np.einsum("r,rkn->kn", WIDE.ledger().totals, rates)
    capped = np.minimum(days, 60)
    shape = 0.01 + 0.02**2 * np.minimum.outer(capped, capped) + 5e-7 * np.eye(6)
    off = logit([p.shares["ada"] for p in polls]) - np.log(votes[0] / votes[1])[:, None]
    law = (
        multivariate_normal(None, shape) if tails == np.inf else multivariate_t(None, shape, tails)
    )
    assert likelihood.log_density(rates) == pytest.approx(law.logpdf(off), abs=0.02)


def test_draws_above_the_pilot_are_kept_more_than_once(contest):
    """Whatever the level at which a draw is kept once, the distribution is the same; 5 errors."""
    sampler = with_polls(PRIOR, contest, [poll(0.53)]).sampler(contest.ledger())
    low = replace(sampler, most=sampler.most - 1.0)
    total = contest.ledger().totals.astype(float)
    found = []
    for one in (sampler, low):
        votes = np.einsum("r,rkn->kn", total, one.draw(16_384, rng=stream(1, "test"))[:, :, :8192])
        found.append(votes[0] / votes.sum(axis=0))
    error = found[0].std() * np.sqrt(2 / 8192 + 2 / 8192)  # the copies of a draw are the same
    assert abs(found[0].mean() - found[1].mean()) < 5 * error
    assert found[1].std() == pytest.approx(found[0].std(), rel=0.05)


def test_a_sponsored_poll_is_taken_to_lean_to_its_side():
    plain = np.median(share(poll(0.5)))
    for side, sign in (("ada", -1), ("ben", 1)):
        found = np.median(share(poll(0.5, sponsor="Daily", side=side)))
        assert sign * (found - plain) > 0.005


def test_more_undecided_people_say_less():
    some = {"base": "everybody", "shares": {"ada": 0.45, "ben": 0.45}, "undecided": 0.1}
    many = {"base": "everybody", "shares": {"ada": 0.25, "ben": 0.25}, "undecided": 0.5}
    assert width(share(poll(**some))) < width(share(poll(**many)))


def test_undecided_people_are_treated_in_three_ways():
    """A lead of 60-40 among the decided shrinks if the undecided split evenly."""
    undecided = poll(shares={"ada": 0.42, "ben": 0.28}, undecided=0.3, base="everybody")
    medians = {t: np.median(share(undecided, undecided=t)) for t in TREATMENTS}
    assert medians["evenly"] < medians["as the decided"] - 0.005
    assert len(set(medians.values())) == 3


def test_a_pollster_that_erred_in_the_first_round_is_corrected(contest):
    """Ada got 52% of the finalists' first-round vote; whoever saw 60% sees her too high again."""
    dated = replace(contest, first_round=date(2030, 5, 1), runoff=date(2030, 5, 15))
    about = {"round": "first round", "end": date(2030, 4, 28)}
    now = poll(0.54)
    plain = np.median(share(now, contest=dated))
    erred = np.median(share(now, poll(0.60, **about), contest=dated))
    other = np.median(share(now, poll(0.60, pollster="Beta", **about), contest=dated))
    stale = share(now, poll(0.60, **about | {"end": date(2030, 4, 1)}), contest=dated)
    assert erred < other - 0.002
    assert erred < plain - 0.002
    assert np.median(stale) == plain


def rows_of(*polls, **options):
    contest = small.contest()
    held = with_polls(PRIOR, contest, polls, **options)
    rates = held.sampler(contest.ledger()).draw(8192, rng=stream(1, "test"))
    return dict(zip(contest.ledger().origins, rates[:, 0] / rates.sum(axis=1), strict=True))


def cross_tab(**rows):
    answers = {
        origin: Answers(n=n, shares={"ada": p, "ben": 1 - p}, base="decided")
        for origin, (n, p) in rows.items()
    }
    return Poll(pollster="Acme", by_origin=answers)


def test_a_cross_tab_moves_the_rows_it_is_about():
    prior = rows_of()
    found = rows_of(cross_tab(cid=(300, 0.75)))
    assert found["cid"].mean() > prior["cid"].mean() + 0.1
    assert abs(found["ben"].mean() - prior["ben"].mean()) < 0.05


def test_those_who_remember_voting_for_a_finalist_are_not_all_his():
    """A row 80-20 of recalled Ada voters is compatible with a more faithful row of true ones."""
    errors = PollErrors(recall=(0.0,), recall_weights=(1.0,))
    plain = rows_of(cross_tab(ada=(400, 0.80)), errors=errors)["ada"]
    errors = PollErrors(recall=(0.3,), recall_weights=(1.0,))
    inflated = rows_of(cross_tab(ada=(400, 0.80)), errors=errors)["ada"]
    assert inflated.mean() > plain.mean() + 0.01


def test_a_row_weighs_as_much_as_a_binomial_says():
    """Without other errors: against the exact posterior of the prior's own draws, 200 people."""
    errors = PollErrors(
        bias=0, drift=0, house=0, lean=0, lean_sd=0, sponsor=0, row=0, tails=np.inf,
        recall=(0,), recall_weights=(1,),
    )  # fmt: skip
    found = cross_tab(cid=(200, 0.6))
    found = rows_of(replace(found, design_effect=1.0), errors=errors)["cid"]
    prior = PRIOR.sampler(small.contest().ledger()).draw(200_000, rng=stream(2, "test"))
    q = (prior[:, 0] / prior.sum(axis=1))[small.contest().ledger().index("cid")]
    weight = np.exp(120 * np.log(q) + 80 * np.log1p(-q) - 200 * np.log(0.5))
    mean = np.average(q, weights=weight)
    sd = np.sqrt(np.average((q - mean) ** 2, weights=weight))
    assert found.mean() == pytest.approx(mean, abs=0.003)
    assert found.std() == pytest.approx(sd, rel=0.05)


def test_three_finalists():
    contest = small.three()
    shares = {"ada": 0.5, "ben": 0.3, "cid": 0.2}
    found = Poll(pollster="Acme", n=1000, shares=shares, base="decided", sponsor="x", side="cid")
    held = with_polls(generic_prior(contest), contest, [found])
    before = forecast_runoff(contest, generic_prior(contest), draws=4000)
    after = forecast_runoff(contest, held, draws=4000)
    assert after.share("ada").median > before.share("ada").median + 0.02
    assert after.share("cid").median < before.share("cid").median - 0.02


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (poll(n=None), "n must be known"),
        (poll(shares={"ada": 0.5}), "a share of every finalist must be known - found none for"),
        (poll(shares={"ada": 0.0, "ben": 0.0}), "somebody must have named a finalist"),
        (poll(0.999, n=500_000), "must agree with the prior now and then"),
    ],
)
def test_polls_that_cannot_be_weighed_are_refused(contest, found, message):
    errors = PollErrors(bias=0.01, drift=0.0, house=0.01, tails=np.inf)
    held = with_polls(PRIOR, contest, [found], errors=errors)
    with pytest.raises(InputError, match=message):
        held.sampler(contest.ledger())


def test_wrong_errors_and_treatments_are_refused(contest):
    with pytest.raises(InputError, match="recall_weights must be a probability"):
        PollErrors(recall=(1.0,))
    with pytest.raises(InputError, match="tails must be at least 1 degree of freedom"):
        PollErrors(tails=0.5)
    with pytest.raises(InputError, match="did you mean 'national'"):
        PollErrors.of("nation")
    with pytest.raises(InputError, match="bias must be a number from 0"):
        PollErrors(bias=-1)
    with pytest.raises(InputError, match="did you mean 'evenly'"):
        with_polls(PRIOR, contest, [poll()], undecided="even")
    with pytest.raises(InputError, match="must be a poll about the runoff"):
        PolledTransfers(base=PRIOR, polls=(poll(kind="exit poll"),))


def test_no_poll_counts_twice(contest):
    """Twice the same answers are no second opinion, and polls share what they get wrong."""
    with pytest.raises(InputError, match="each must occur once - found 'Acme' again"):
        with_polls(PRIOR, contest, [poll(), poll()])
    held = with_polls(PRIOR, contest, poll())
    assert held.polls == (poll(),)
    for again in (
        lambda: with_polls(held, contest, [poll()]),
        lambda: held.given(poll()),
        lambda: forecast_runoff(contest, held, polls=[poll()], draws=2000),
    ):
        with pytest.raises(InputError, match="each must occur once - found 'Acme' again"):
            again()
    more = poll(0.4)
    assert with_polls(held, contest, more) == with_polls(PRIOR, contest, [poll(), more])
    with pytest.raises(InputError, match="each must be a Poll - found str"):
        with_polls(PRIOR, contest, ["polls.csv"])


def test_variants_name_what_was_assumed_about_polls(contest):
    found = poll(sponsor="Daily", side="ada", undecided=0.2)
    names = set(with_polls(PRIOR, contest, [found]).variants())
    assert names >= {
        "polls ignored", "undecided vote evenly", "undecided vote as the decided",
        "sponsors of polls ignored", "without shared swing", "no drift of opinion",
        "bias of polls twice as large",
    }  # fmt: skip
    assert "undecided vote evenly" not in with_polls(PRIOR, contest, [poll()]).variants()


NOON = date(2018, 11, 20)


@pytest.mark.parametrize("learned", [False, True])
def test_nothing_known_later_changes_a_byte(georgia, learned, monkeypatch, tmp_path):
    """Every poll and endorsement after 20 November is changed, and the official returns too."""
    prior = (learned_prior if learned else elicited_prior)(georgia)
    before = forecast_runoff(georgia, prior, as_of=NOON, draws=4000)
    polls = load_polls("georgia-2018")
    later = [
        replace(p, shares=dict(zip(p.shares, reversed(p.shares.values()), strict=True)), n=777)
        if p.published > NOON
        else p
        for p in polls
    ]
    assert sum(a != b for a, b in zip(polls, later, strict=True)) == 3
    official = "unit,vashadze,zurabishvili\nall,1500000,100\n"
    (tmp_path / "returns").mkdir()
    (tmp_path / "returns/georgia-2018.csv").write_text(official)
    monkeypatch.setattr(
        "forecast.data.official.bundled_file", lambda *parts: nullcontext(tmp_path.joinpath(*parts))
    )
    after = forecast_runoff(georgia, prior, polls=later, as_of=NOON, draws=4000)
    assert after.digest == before.digest
    assert "1 poll" in before.prior.name

    def endorsed(known):
        base = before.prior.base
        if learned:
            held = base.endorse("kukava", "vashadze", logits=1.0, sd=0.5, published=known)
        else:
            held = base.endorse("kukava", "vashadze", published=known)
        return forecast_runoff(georgia, held, as_of=NOON, draws=4000).digest

    assert endorsed(date(2018, 11, 21)) == before.digest
    assert endorsed(NOON) != before.digest
    with pytest.raises(InputError, match="has no date; give the day"):
        endorsed(None)


def test_bundled_polls_are_of_the_contest_by_whatever_units(georgia):
    """By stations as by districts, and not of other finalists."""
    stations = load_contest("georgia-2018", units="stations")
    assert bundled_polls(stations) == bundled_polls(georgia) != ()
    assert bundled_polls(replace(georgia, finalists=("zurabishvili", "bakradze"))) == ()
    swapped = georgia.votes[:, ::-1]
    assert bundled_polls(replace(georgia, votes=swapped)) == ()


def test_a_conditioned_prior_forgets_what_was_not_known_yet(georgia):
    held = with_polls(learned_prior(georgia), georgia, load_polls("georgia-2018"))
    assert held.published == date(2018, 11, 23)
    assert len(held.as_of(NOON).polls) == 1
    assert held.as_of(date(2018, 10, 28)) is held.base
    with pytest.raises(InputError, match="must not use anything later"):
        held.as_of(date(2016, 1, 1))


def test_a_poll_without_a_date_is_refused_as_of_a_day(georgia):
    undated = Poll(pollster="Acme", n=900, shares={"vashadze": 0.5, "zurabishvili": 0.5})
    assert forecast_runoff(georgia, polls=[undated], draws=2000).as_of is None
    with pytest.raises(InputError, match="must have the day it was published"):
        forecast_runoff(georgia, polls=[undated], as_of=NOON, draws=2000)


def test_a_poll_known_after_the_runoff_is_refused(georgia):
    late = Poll(
        pollster="Acme", n=900, shares={"vashadze": 0.5, "zurabishvili": 0.5},
        published=date(2018, 12, 1),
    )  # fmt: skip
    with pytest.raises(InputError, match="by the runoff on 2018-11-28 - found 2018-12-01"):
        forecast_runoff(georgia, polls=[late], draws=2000)


@pytest.mark.parametrize("number", [2, 3])
def test_the_order_of_the_finalists_does_not_change_the_density(number):
    """Polls with a sponsor, undecided people, a cross-tab and a first-round poll; any order."""
    contest = small.three() if number == 3 else small.contest()
    names = contest.finalists
    shares = dict(zip(names, (0.4, 0.3, 0.2), strict=False))
    by_origin = {
        names[0]: Answers(n=200, shares=shares, base="decided"),
        "dot": Answers(n=90, shares=shares, base="decided"),
    }
    dated = replace(contest, first_round=date(2030, 5, 1), runoff=date(2030, 5, 15))
    polls = [
        Poll(pollster="A", n=900, shares=shares, undecided=0.1, sponsor="x", side=names[-1]),
        Poll(pollster="A", n=800, shares=shares, sponsor="y", side=names[0]),
        Poll(pollster="B", by_origin=by_origin),
        Poll(pollster="B", n=700, shares=shares, round="first round", end=date(2030, 4, 28)),
    ]
    ledger = dated.ledger()
    held = with_polls(generic_prior(dated), dated, polls)
    rates = generic_prior(dated).sampler(ledger).draw(6, rng=stream(1, "test"))
    reference = held.likelihood(ledger).log_density(rates)
    for order in permutations(range(number)):
        other = replace(dated, finalists=tuple(names[k] for k in order))
        rows = [ledger.index(origin) for origin in other.ledger().origins]
        likelihood = with_polls(generic_prior(other), other, polls).likelihood(other.ledger())
        found = likelihood.log_density(rates[rows][:, list(order)])
        assert found == pytest.approx(reference, rel=1e-9)


def test_exit_polls_enter_no_forecast_even_on_the_day_of_the_runoff(georgia):
    before = forecast_runoff(georgia, as_of=date(2018, 11, 27), draws=2000)
    after = forecast_runoff(georgia, as_of=georgia.runoff, draws=2000)
    assert before.digest == after.digest


def test_what_holds_the_result_is_refused_before_the_runoff(georgia):
    grouped = georgia.grouped()
    posterior = infer_transfers(grouped, load_returns("georgia-2018"))
    with pytest.raises(InputError, match="holds counts of a runoff on 2018-11-28"):
        forecast_runoff(grouped, posterior, as_of=date(2018, 11, 27), draws=2000)


def test_bundled_polls_are_for_the_bundled_counts_alone(georgia):
    votes = georgia.votes.copy()
    votes[0, 0] += 1
    other = replace(georgia, votes=votes, registered=georgia.registered + 1)
    name = forecast_runoff(other, as_of=NOON, draws=2000).prior.name
    assert "poll" not in name
