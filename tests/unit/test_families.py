"""Political families: what is planted is learned, nights are shared, and nothing later is used."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecast import (
    Contest,
    InputError,
    Returns,
    backtest,
    forecast_runoff,
    forecast_simultaneous,
    learn_families,
)
from forecast.transfers.families.coordinates import FamilyCoordinates
from forecast.transfers.families.fit import Block, _linear
from forecast.transfers.table.day import Day
from forecast.transfers.table.links import Utilities
from forecast.validation.models import TransferModel

NIGHTS = [date(y, 6, 20) for y in (1980, 1985, 1990, 1995, 2000, 2005)]
PREFERENCE = {"green": 0.8, "front": 0.2, "centre": 0.5}
"""Planted: fraction of an eliminated family's voters who prefer the left to the right."""
BLOCKS = {"left": "left", "green": "left", "right": "right", "front": "right", "centre": "middle"}


def families(contest):
    return {candidate: candidate.split("-")[0] for candidate in contest.candidates}


def contest_of(first, *, night, name="new", finalists=("left", "right")):
    return Contest(
        name=name,
        candidates=tuple(first),
        finalists=finalists,
        units=("u",),
        votes=[list(first.values())],
        invalid=[200],
        registered=[sum(first.values()) + 15_200],
        first_round=night.replace(day=13),
        runoff=night,
    )


def past(rng, night, number, swing):
    """Return a contest of left and right whose tables are written out here, not by the library."""
    first = dict(zip(("left", "right"), rng.integers(8_000, 12_000, 2).tolist(), strict=True))
    first |= {f: int(rng.integers(2_000, 6_000)) for f in ("green", "front")}
    contest = contest_of(first, night=night, name=f"{night}/{number}")
    own = swing + 0.1 * rng.standard_normal()
    votes = np.array([0.97 * first["left"] + 0.01 * first["right"], 0.0])
    votes[1] = 0.97 * first["right"] + 0.01 * first["left"]
    groups = [(first[f], 0.7, PREFERENCE[f]) for f in ("green", "front")] + [(15_200, 0.06, 0.5)]
    for people, going, left in groups:
        odd = np.log(left / (1 - left)) + own
        votes += people * going * np.array([1, np.exp(-odd)]) / (1 + np.exp(-odd))
    return contest, Returns(units=("u",), finalists=("left", "right"), votes=[votes.astype(int)])


def made(contests=25, swing=0.2, seed=0, nights=NIGHTS):
    rng = np.random.default_rng(seed)
    shocks = swing * rng.standard_normal(len(nights))
    return [
        past(rng, night, i, shock)
        for night, shock in zip(nights, shocks, strict=True)
        for i in range(contests)
    ]


NEXT = date(2010, 6, 20)
FIRST = {"left": 10_000, "right": 10_000, "green": 4_000, "front": 4_000}


@pytest.fixture(scope="module")
def prior():
    return learn_families(made(), families=families, blocks=BLOCKS, as_of=date(2010, 6, 1))


def shares(prior, contest, *, seed=0, n=4000):
    ledger = contest.ledger()
    rates = prior.at(contest, groups=families).sampler(ledger)
    votes = np.tensordot(
        ledger.totals.astype(float), rates.draw(n, rng=np.random.default_rng(seed)), axes=(0, 0)
    )
    return votes[0] / votes.sum(axis=0)


def preference(prior, contest, origin):
    ledger = contest.ledger()
    sampler = prior.at(contest, groups=families).sampler(ledger)
    rates = sampler.draw(4000, rng=np.random.default_rng(1))[ledger.index(origin)]
    return rates[0] / rates.sum(axis=0)


def test_planted_preferences_are_learned(prior):
    contest = contest_of(FIRST, night=NEXT)
    for origin in ("green", "front"):
        found = preference(prior, contest, origin)
        assert np.median(found) == pytest.approx(PREFERENCE[origin], abs=0.1)
        low, high = np.quantile(found, [0.05, 0.95])
        assert low < PREFERENCE[origin] < high


def test_turnout_and_share_are_what_the_planted_table_gives(prior):
    contest = contest_of(FIRST, night=NEXT)
    found = forecast_runoff(contest, prior.at(contest, groups=families), draws=4000)
    valid = 2 * 10_000 * 0.98 + 8_000 * 0.7 + 15_200 * 0.06
    assert found.share("left").median == pytest.approx(0.5, abs=0.02)
    ballots = found.turnout().median * contest.ledger().people
    assert ballots == pytest.approx(valid * (1 + 200 / sum(FIRST.values())), rel=0.05)


@pytest.mark.slow
def test_new_nights_fall_inside_the_interval():
    """Forty forecasts of a night each from earlier nights of another world.

    Called wrong below 30 of 40 inside the 90% interval: a true 90% falls there once in 1,000.
    """
    inside = 0
    for seed in range(40):
        history = made(8, seed=seed)
        found = learn_families(history[:-8], families=families)
        contest, returns = history[-1]
        low, high = np.quantile(shares(found, contest, seed=seed), [0.05, 0.95])
        inside += low < returns.share("left") < high
    assert inside >= 30


def test_nights_that_differ_more_give_wider_forecasts():
    contest = contest_of(FIRST, night=NEXT)
    calm, wild = (
        shares(learn_families(made(swing=s, seed=1), families=families), contest).std()
        for s in (0.0, 1.2)
    )
    assert wild > 1.5 * calm


def test_contests_of_one_night_share_its_shock(prior):
    """With the same night the shares of two contests go together; without it they do not."""
    one = contest_of(FIRST, night=NEXT, name="one")
    two = contest_of({**FIRST, "left": 9_000}, night=NEXT, name="two")
    day = Day(seed=0, chunk=0)
    together, apart = [], []
    for seed, contest in enumerate((one, two), start=1):
        ledger = contest.ledger()
        sampler = prior.at(contest, groups=families).sampler(ledger)
        people = ledger.totals.astype(float)
        for kept, rates in (
            (together, sampler.draw(4000, rng=np.random.default_rng(seed), day=day)),
            (apart, sampler.draw(4000, rng=np.random.default_rng(seed))),
        ):
            votes = np.tensordot(people, rates, axes=(0, 0))
            kept.append(votes[0] / votes.sum(axis=0))
    assert np.corrcoef(together)[0, 1] > 0.4
    assert abs(np.corrcoef(apart)[0, 1]) < 0.08
    for a, b in zip(together, apart, strict=True):  # one contest alone cannot tell the difference
        assert np.quantile(a, [0.05, 0.5, 0.95]) == pytest.approx(
            np.quantile(b, [0.05, 0.5, 0.95]), abs=0.01
        )


def test_an_unseen_family_is_less_certain_and_starts_where_its_block_is(prior):
    contest = contest_of({**FIRST, "centre": 3_000}, night=NEXT)
    known, new = (preference(prior, contest, f) for f in ("front", "centre"))
    logit = [np.std(np.log(p / (1 - p))) for p in (known, new)]
    assert logit[1] > 1.5 * logit[0]
    assert np.median(new) == pytest.approx(0.5, abs=0.1)
    blocks = {**BLOCKS, "centre": "right"}
    beside = learn_families(made(), families=families, blocks=blocks, as_of=date(2010, 6, 1))
    assert np.median(preference(beside, contest, "centre")) < 0.4
    assert shares(prior, contest).std() > shares(prior, contest_of(FIRST, night=NEXT)).std()


def test_an_unseen_family_changes_nothing_known(prior):
    more = prior.with_families(["centre", "left"])
    assert more.coordinates.families == ("front", "green", "left", "right", "centre")
    here = [more.coordinates.place[name] for name in prior.coordinates.names]
    assert (more.mean[here] == prior.mean).all()
    assert (more.covariance[np.ix_(here, here)] == prior.covariance).all()
    assert prior.with_families(["left"]) is prior


def test_finalists_of_one_family_and_families_without_an_eliminated_candidate(prior):
    contest = contest_of(
        {"right-a": 9_000, "right-b": 8_000}, night=NEXT, finalists=("right-a", "right-b")
    )
    found = shares(prior, contest)
    assert 0.5 < np.median(found) < 0.6
    apart = contest_of({"left": 9_000, "right": 8_000}, night=NEXT)
    assert found.std() > 1.2 * shares(prior, apart).std()


def test_the_order_of_the_finalists_is_only_a_name(prior):
    contest = contest_of({**FIRST, "left": 9_000}, night=NEXT)
    turned = replace(contest, finalists=("right", "left"))
    one, two = shares(prior, contest, n=20_000), shares(prior, turned, n=20_000)
    assert np.quantile(one, [0.1, 0.5, 0.9]) == pytest.approx(
        1 - np.quantile(two, [0.9, 0.5, 0.1]), abs=0.004
    )


def test_the_fit_is_deterministic_and_ignores_the_order_of_history(prior):
    again = learn_families(made()[::-1], families=families, blocks=BLOCKS, as_of=date(2010, 6, 1))
    assert again.mean == pytest.approx(prior.mean, abs=1e-6)
    assert again.inputs == prior.inputs
    sampler = prior.at(contest_of(FIRST, night=NEXT), groups=families).sampler(
        contest_of(FIRST, night=NEXT).ledger()
    )
    one, two = (sampler.draw(64, rng=np.random.default_rng(5)) for _ in range(2))
    assert (one == two).all()
    assert (one > 0).all()
    assert (one.sum(axis=1) < 1).all()


def test_draws_of_a_pair_share_the_coordinates_and_nothing_else(prior):
    contest = contest_of(FIRST, night=NEXT)
    sampler = prior.at(contest, groups=families).sampler(contest.ledger())
    inputs, rates = sampler.draw_inputs(4000, rng=np.random.default_rng(3))
    assert (rates == sampler.draw(4000, rng=np.random.default_rng(3))).all()
    for name, values in inputs.items():
        chance = "this day" in name or "this contest" in name or name.startswith("tail of")
        same = np.corrcoef(values[:2000], values[2000:])[0, 1]
        assert abs(same) < 0.1 if chance else same == pytest.approx(1)


def test_derivatives_agree_with_differences():
    coordinates = FamilyCoordinates(families=("a", "b", "c"), blocks=dict.fromkeys("abc", ""))
    kinds = ["finalist", "finalist", "eliminated", "non-voters"]
    design = coordinates.design(kinds, ["a", "b", "c", ""])
    rng = np.random.default_rng(0)
    block = Block(design, rng.integers(10, 99, (3, 4)).astype(float), np.zeros((3, 2)), False)
    theta = rng.standard_normal(len(coordinates.names))
    _, slope, _ = _linear(block, theta)
    for i in range(len(theta)):
        step = 1e-6 * (np.arange(len(theta)) == i)
        ahead, behind = (_linear(block, theta + s)[0] for s in (step, -step))
        assert slope[:, :, i] == pytest.approx((ahead - behind) / 2e-6, abs=1e-6)


def test_huge_utilities_stay_rates():
    rates = Utilities(3).in_place(np.array([[800.0, -800.0], [-800.0, -800.0]]))
    assert rates.tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_only_units_that_reported_are_learned_from():
    history = made(5)
    contest, returns = history[0]
    wider = replace(
        contest,
        units=("u", "late"),
        votes=np.vstack([contest.votes, 3 * contest.votes]),
        invalid=[200, 7],
        registered=np.append(contest.registered, 9 * contest.registered),
    )
    both = [
        learn_families([(c, returns), *history[1:]], families=families).mean
        for c in (contest, wider)
    ]
    assert (both[0] == both[1]).all()


def test_later_contests_change_nothing_whatever_their_result(prior):
    rng = np.random.default_rng(3)
    for swing in (-3.0, 3.0):
        later = [past(rng, date(2010, 6, 20), i, swing) for i in range(3)]
        again = learn_families(
            [*made(), *later], families=families, blocks=BLOCKS, as_of=date(2010, 6, 1)
        )
        assert (again.mean == prior.mean).all()
        assert (again.covariance == prior.covariance).all()
        assert set(again.left_out) == {c.name for c, _ in later}


def test_a_contest_before_the_evidence_or_part_of_it_is_refused(prior):
    early = contest_of(FIRST, night=date(2004, 6, 20))
    with pytest.raises(InputError, match="must not use anything later than 2004-06-13"):
        prior.at(early, groups=families)
    with pytest.raises(InputError, match="must not know the result"):
        prior.at(made()[0][0], groups=families)
    late = contest_of(FIRST, night=NEXT)
    with pytest.raises(InputError, match="must not use anything later"):
        prior.at(late, groups=families).as_of(date(2000, 1, 1))
    with pytest.raises(InputError, match="has no date; give as_of="):
        prior.at(replace(late, first_round=None), groups=families)


def test_a_day_can_be_left_out_among_earlier_and_later_ones():
    """Each is forecast from the others; leaving out the last is what a forecast of it would be."""

    def learn(history):
        return lambda contest: learn_families(
            history, families=families, blocks=BLOCKS, reference=contest.first_round
        ).at(contest, groups=families, as_of=date.max)

    history, model = made(6), TransferModel(learn, "families")
    every = backtest(history, model, draws=400)
    forward = backtest(history, model, split="forward", draws=400)
    assert every.elections == tuple(str(c.runoff) for c, _ in history)
    assert 0.8 <= every.coverage()[0.9].value <= 1.0
    last = [i for i, day in enumerate(every.elections) if day == str(NIGHTS[-1])]
    seen = [i for i, day in enumerate(forward.elections) if day == str(NIGHTS[-1])]
    assert every.share[:, last].tolist() == forward.share[:, seen].tolist()


def test_days_count_by_their_distance_whether_before_or_after():
    """Greens prefer the left on the early half of the days, the right on the late half."""
    early, late = made(8, nights=NIGHTS[:3]), made(8, nights=NIGHTS[3:])
    turned = [(c, replace(r, votes=r.votes[:, ::-1])) for c, r in late]
    options = {"families": families, "blocks": BLOCKS, "half_life": 2.0}
    first, last = (
        learn_families(early + turned, reference=day, **options) for day in (NIGHTS[0], NIGHTS[-1])
    )
    contest = contest_of(FIRST, night=NEXT)
    assert np.median(preference(first, contest, "green")) > 0.6
    assert np.median(preference(last, contest, "green")) < 0.4
    assert (first.reference, first.latest) == (NIGHTS[0], NIGHTS[-1])


def crowded():
    """Return a history whose first contest has more votes in the runoff than people."""
    (contest, returns), *others = made(1)
    return [(contest, replace(returns, votes=100 * returns.votes)), *others]


def faulty(change):
    """Return a history whose first contest breaks one rule."""
    history = made(1)
    contest, returns = history[0]
    return [(replace(contest, **change), returns), *history[1:]]


@pytest.mark.parametrize(
    ("history", "options", "message"),
    [
        (made(1), {"as_of": date(1970, 1, 1)}, "found none whose runoff was by 1970-01-01"),
        (made(1), {"families": {}}, "every candidate of contest .* needs a family"),
        (made(1), {"families": lambda c: dict.fromkeys(c.candidates, 1)}, "a family - found 1"),
        (made(1), {"families": "left"}, "must be a function of the contest or a mapping"),
        (made(1), {"half_life": 0}, "half_life must be above 0"),
        (made(1) * 2, {}, "every contest must occur once"),
        (faulty({"runoff": None}), {}, "has no date, so its day is unknown"),
        (faulty({"electorate": "voters"}), {}, "non-voters must be known"),
        (faulty({"finalists": ("left", "front")}), {}, "the returns of contest"),
        (crowded(), {}, "must not have more votes in the runoff than people"),
        (
            faulty({"finalists": ("left", "front", "right")}),
            {},
            "needs contests with two finalists",
        ),
    ],
)
def test_a_history_that_breaks_a_rule_is_refused(history, options, message):
    with pytest.raises(InputError, match=message):
        learn_families(history, **{"families": families, **options})


def test_a_contest_the_prior_cannot_be_about_is_refused(prior):
    contest = contest_of(FIRST, night=NEXT)
    transfers = prior.at(contest, groups=families)
    with pytest.raises(InputError, match="must be about the finalists"):
        transfers.sampler(replace(contest, finalists=("left", "front")).ledger())
    with pytest.raises(InputError, match="has no family for 'new'"):
        transfers.sampler(contest_of({**FIRST, "new": 5}, night=NEXT).ledger())


def test_variants_are_named_and_narrower(prior):
    contest = contest_of(FIRST, night=NEXT)
    transfers = prior.at(contest, groups=families)
    people = contest.ledger().totals.astype(float)
    spread = {}
    for name, variant in {"": transfers, **transfers.variants()}.items():
        rates = variant.sampler(contest.ledger()).draw(4000, rng=np.random.default_rng(0))
        votes = np.tensordot(people, rates, axes=(0, 0))
        spread[name] = (votes[0] / votes.sum(axis=0)).std()
    assert spread["a day like all others"] < spread[""]
    assert spread["contests without outliers"] < spread[""]


def test_a_night_of_many_contests_draws_its_shock_once(prior):
    contests = [contest_of({**FIRST, "left": 10_000 + i}, night=NEXT, name=f"{i}") for i in (1, 2)]
    found = forecast_simultaneous(
        contests, lambda c: prior.at(c, groups=families), parties=families, draws=6000
    )
    wins = found.winners[:, 0] == found.winners[:, 1]
    p = [contest.win_probability[0] for contest in found.contests]
    by_luck = p[0] * p[1] + (1 - p[0]) * (1 - p[1])
    assert all(contest.shares_day for contest in found.contests)
    assert wins.mean() > by_luck + 0.05
    assert found.seats_of("left").interval.high == 2


def test_seats_of_a_night_go_together(prior):
    """Twenty even contests: their seats vary more than twenty coins would."""
    contests = [contest_of(FIRST, night=NEXT, name=f"c{i}") for i in range(20)]
    priors = [prior.at(contest, groups=families) for contest in contests]
    found = forecast_simultaneous(
        contests,
        priors,
        parties=lambda c: dict(zip(c.finalists, c.finalists, strict=True)),
        draws=2000,
    )
    assert found.seats[:, 0].var() > 2 * 20 * 0.25


def test_contests_whose_priors_know_other_families_are_refused_on_one_night(prior):
    """Each would draw nights of its own, and the seats would be those of unrelated contests."""
    first = {**FIRST, "new": 5_000}
    known = contest_of(FIRST, night=NEXT, name="known")
    newer = [contest_of(first, night=NEXT, name=f"new {i}") for i in range(2)]
    for contests in ([known, newer[0]], newer):
        with pytest.raises(InputError, match=r"with_families.*every contest"):
            forecast_simultaneous(
                contests, lambda c: prior.at(c, groups=families), parties=families, draws=200
            )
    everybody = prior.with_families({"new"})
    found = forecast_simultaneous(
        [known, *newer],
        lambda c: everybody.at(c, groups=families),
        parties=families,
        draws=200,
    )
    assert all(contest.shares_day for contest in found.contests)


def test_a_family_with_new_allies_makes_the_day_wider():
    contest, prior = contest_of(FIRST, night=NEXT), learn_families(made(), families=families)
    changed = prior.with_unsettled({"green"})
    touched = changed.coordinates.about({"green"})
    ratio = changed.day_variance / prior.day_variance
    assert ratio[touched] == pytest.approx(2.5**2)
    assert ratio[~touched] == pytest.approx(1.0)
    assert changed.with_families({"pirates"}).unsettled == ("green", "pirates")
    widths = []
    for one in (prior, changed):
        found = forecast_runoff(contest, one.at(contest, groups=families), draws=4000)
        interval = found.share("left").interval
        widths.append(interval.high - interval.low)
    assert widths[1] > 1.05 * widths[0]
    with pytest.raises(InputError, match="unsettled family must be one it knows"):
        prior.with_unsettled({"grene"})


MEMBERS = {"green": 0.75, "front": 0.25}


def test_an_alliance_inherits_a_mixture_of_its_members(prior):
    allied = prior.with_alliance("list", MEMBERS)
    place, old = allied.coordinates.place, prior.coordinates.place
    here = [place[name] for name in prior.coordinates.names]
    assert np.array_equal(allied.mean[here], prior.mean)
    assert np.array_equal(allied.covariance[np.ix_(here, here)], prior.covariance)
    mean = sum(w * prior.mean[old[f"affinity of {m} to left"]] for m, w in MEMBERS.items())
    new = place["affinity of list to left"]
    assert allied.mean[new] == pytest.approx(mean)
    between = sum(
        w * (prior.mean[old[f"affinity of {m} to left"]] - mean) ** 2 for m, w in MEMBERS.items()
    )
    assert between > 0.05
    own = [old[f"affinity of {m} to left"] for m in MEMBERS]
    within = sum(w * prior.covariance[k, k] for w, k in zip(MEMBERS.values(), own, strict=True))
    assert allied.covariance[new, new] == pytest.approx(within + between)
    assert np.linalg.eigvalsh(allied.covariance).min() > -1e-9
    assert "list" in allied.unsettled


def test_voters_of_an_alliance_go_between_its_members(prior):
    """And less surely than the members' own: it is unsettled, and nobody knows who stands."""
    middle = {
        name: contest_of({"left": 10_000, "right": 10_000, name: 4_000}, night=date(2006, 6, 20))
        for name in ("green", "front", "list")
    }
    allied = prior.with_alliance("list", MEMBERS)
    found = {name: preference(allied, contest, name) for name, contest in middle.items()}
    assert found["front"].mean() < found["list"].mean() < found["green"].mean()
    assert found["list"].std() > max(found["front"].std(), found["green"].std())


def test_an_alliance_of_one_is_that_family(prior):
    """But for the day, which is wider."""
    allied = prior.with_alliance("list", {"green": 2.0})
    place = allied.coordinates.place
    for text in ("participation of {}", "appeal of {}", "affinity of {} to right"):
        one, other = place[text.format("list")], place[text.format("green")]
        assert allied.mean[one] == pytest.approx(allied.mean[other])
        assert allied.covariance[one, one] == pytest.approx(allied.covariance[other, other])


@pytest.mark.parametrize(
    ("name", "members", "message"),
    [
        ("left", {"green": 1.0}, "name of its own"),
        ("list", {}, "must have members"),
        ("list", {"grene": 1.0}, "did you mean 'green'"),
        ("list", {"green": 0.0}, "positive numbers"),
    ],
)
def test_an_alliance_that_breaks_a_rule_is_refused(prior, name, members, message):
    with pytest.raises(InputError, match=message):
        prior.with_alliance(name, members)
