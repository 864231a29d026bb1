"""Priors: what was elicited is what is simulated."""

from datetime import date

import numpy as np
import pytest
import small
from scipy.integrate import quad
from scipy.special import expit, ndtr
from scipy.stats import norm

from forecast import InputError, TransferPrior, elicited_prior
from forecast.randomness import stream
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.elicited.rows import Belief, DirichletRow, ElicitedRow
from forecast.transfers.table.coordinates import MAX_SD, logistic_moments, match_location

BELIEFS = [
    (0.6, 0.4, 0.8),
    (0.07, 0.01, 0.2),
    (0.97, 0.9, 0.999),
    (0.5, 0.02, 0.98),
    (0.3, 0.29, 0.31),
    (0.2, 0.1, 0.4),
]


@pytest.mark.parametrize("belief", BELIEFS, ids=str)
def test_a_belief_has_the_mean_and_the_interval_that_were_elicited(belief):
    """By adaptive quadrature and by the normal law, neither of which the package uses for it."""
    mean, low, high = belief
    location, sd = Belief.of(belief).normal
    found = quad(
        lambda z: expit(location + sd * z) * norm.pdf(z), -12, 12, epsabs=1e-10, limit=500
    )[0]
    assert found == pytest.approx(mean, abs=1e-6)
    ends = np.log([low / (1 - low), high / (1 - high)])
    assert np.diff(ndtr((ends - location) / sd))[0] == pytest.approx(0.9, abs=1e-7)


@pytest.mark.parametrize("sd", [0.01, 1.0, 3.0, MAX_SD])
@pytest.mark.parametrize("mean", [0.01, 0.3, 0.5, 0.95])
def test_the_quadrature_holds_up_to_the_widest_belief(mean, sd):
    location = match_location(mean, sd)
    found = quad(
        lambda z: expit(location + sd * z) * norm.pdf(z),
        *(-12, 12),
        points=[-location / sd] if abs(location / sd) < 12 else None,
        limit=500,
    )[0]
    assert found == pytest.approx(mean, abs=1e-3)


def test_the_moments_of_a_logistic_normal():
    mean, variance = logistic_moments(0.7, 1.2)
    draws = expit(0.7 + 1.2 * np.random.default_rng(1).standard_normal(1_000_000))
    assert mean == pytest.approx(draws.mean(), abs=4.5 * draws.std() / 1000)
    assert variance == pytest.approx(draws.var(), rel=0.01)


@pytest.mark.parametrize("prior", [small.elicited_prior(), small.dirichlet_prior()])
def test_simulated_means_are_elicited_means(contest, prior):
    """Each of 12 means within 4.5 standard errors (under 1e-3): one false alarm in 12,000."""
    ledger, n = contest.ledger(), 400_000
    rates = prior.sampler(ledger).draw(n, rng=stream(3, "test"))
    # Draws i and i + n/2 are correlated: the error is that of the averages of pairs.
    pairs = rates.reshape(*rates.shape[:2], 2, -1).mean(axis=2)
    error = pairs.std(axis=2) / np.sqrt(n / 2)
    assert error.max() * 4.5 < 2.5e-3
    assert (np.abs(pairs.mean(axis=2) - prior.mean(ledger)[:, :-1]) < 4.5 * error).all()


def test_heavy_tails_leave_what_was_stated_and_surprise_more_often(contest):
    """Means within .002, 90% intervals within 1.5%, three times as many shifts beyond 3.5 sd."""
    ledger, n = contest.ledger(), 400_000
    far = {}
    for tail in (np.inf, 5.0):
        prior = small.elicited_prior(swing=0.8, partisan=0.0, tail=tail)
        rates = prior.sampler(ledger).draw(n, rng=stream(3, "test"))
        expected = prior.mean(ledger)[:, :-1]
        assert np.abs(rates.mean(axis=2) - expected).max() < 2e-3
        row, belief = rates[ledger.index("cid")], prior.row("cid").preference
        preference = row[0] / row.sum(axis=0)
        assert ((belief.low < preference) & (preference < belief.high)).mean() == pytest.approx(
            0.9, abs=0.015
        )
        location, sd = belief.normal
        far[tail] = (np.abs(np.log(preference / (1 - preference)) - location) > 3.5 * sd).mean()
    assert far[5.0] > 3 * far[np.inf]


def test_a_day_like_all_others_is_a_variant_where_tails_are_heavy():
    heavy, plain = small.elicited_prior(tail=5.0), small.elicited_prior()
    assert set(heavy.variants()) - set(plain.variants()) == {"a day like all others"}
    assert heavy.variants()["a day like all others"] == plain
    assert "heavy tails (t, 5)" in str(heavy)
    assert "heavy tails" not in str(plain)


def test_the_shared_factors_correlate_the_rows_as_documented(contest):
    """logit q of two eliminated candidates has correlation `swing`, and logit v `mobilisation`."""
    prior = small.elicited_prior(mobilisation=0.3, swing=0.5, partisan=0.2)
    rates = prior.sampler(contest.ledger()).draw(200_000, rng=stream(4, "test"))
    v = rates.sum(axis=1)
    q = rates[:, 0] / v
    logits = [np.log(x / (1 - x)) for x in (v, q)]
    participation, preference = (np.corrcoef(x) for x in logits)
    ada, ben, cid, dot, _, home = range(6)
    assert participation[cid, dot] == pytest.approx(0.3, abs=0.012)
    assert preference[cid, dot] == pytest.approx(0.5, abs=0.012)
    assert participation[ada, ben] == pytest.approx(0.3 - 0.2, abs=0.012)
    assert preference[home, cid] == pytest.approx(0.5, abs=0.012)
    across = np.corrcoef(logits[0][ada], logits[1][home])[0, 1]
    assert across == pytest.approx(0.2, abs=0.012)


@pytest.mark.parametrize(
    ("belief", "message"),
    [
        ((0.6, 0.7, 0.8), "0 < low < mean < high < 1"),
        ((60, 40, 80), "divide percentages by 100"),
        ((0.6, 0.0, 0.8), "0 < low < mean < high < 1"),
        ((float("nan"), 0.1, 0.8), "0 < low < mean < high < 1"),
        ((0.6, 0.4, 0.8, 90), "level must be between 0 and 1"),
        ((0.6, 0.4), "must be"),
        (0.6, "must be"),
        ("0.6", "must be"),
        (("a", "b", "c"), "must be numbers"),
        ({"mean": 0.6, "low": 0.4}, "must be"),
    ],
)
def test_impossible_beliefs(belief, message):
    with pytest.raises(InputError, match=message):
        Belief.of(belief)


def test_more_spread_than_a_fraction_can_have():
    with pytest.raises(InputError, match="more spread than a fraction can have"):
        _ = Belief.of((0.5, 0.499, 0.501, 0.0001)).normal


def test_a_row_of_ones_own(contest):
    prior = small.elicited_prior()
    changed = prior.with_row(
        "cid", participation=(0.8, 0.6, 0.95), preference={"ben": (0.7, 0.5, 0.85)}, source="why"
    )
    assert changed.row("cid").mean == pytest.approx([0.8 * 0.3, 0.8 * 0.7, 0.2])
    assert changed.row("dot") == prior.row("*")
    assert prior.origins == small.elicited_prior().origins
    again = changed.with_row(
        "cid", participation=(0.5, 0.3, 0.7), preference={"ada": (0.5, 0.3, 0.7)}, source="why"
    )
    assert again.origins == changed.origins


def test_preference_must_be_about_one_finalist():
    prior, belief = small.elicited_prior(), (0.5, 0.3, 0.7)
    for preference in ({}, {"ada": belief, "ben": belief}):
        with pytest.raises(InputError, match="about one finalist"):
            prior.with_row("cid", participation=belief, preference=preference, source="why")
    with pytest.raises(InputError, match="must be about a finalist"):
        prior.with_row("cid", participation=belief, preference={"cid": belief}, source="why")


def test_an_endorsement_moves_the_fraction_it_says(contest):
    prior = small.elicited_prior().endorse("cid", "ben", strength=0.4)
    (for_ada, for_ben), sd = prior.preference("cid")
    assert for_ada == pytest.approx(0.47 * 0.6)
    assert for_ben == pytest.approx(0.53 + 0.47 * 0.4)
    assert sd > small.elicited_prior().preference("cid")[1]
    before, after = small.elicited_prior().mean(contest.ledger()), prior.mean(contest.ledger())
    assert (before[3:] == after[3:]).all()
    assert after[2, 0] == pytest.approx(0.6 * 0.47 * 0.6)


def test_what_became_known_later_is_not_used():
    early, late = date(2018, 10, 28), date(2018, 11, 9)
    prior = small.elicited_prior().endorse("cid", "ben", published=early)
    prior = prior.endorse("dot", "ada", published=late)
    assert len(prior.as_of(late).endorsements) == 2
    assert [e.origin for e in prior.as_of(date(2018, 11, 8)).endorsements] == ["cid"]
    assert prior.as_of(date(2018, 10, 27)).endorsements == ()
    with pytest.raises(InputError, match="has no date"):
        prior.endorse("cid", "ada").as_of(late)


def test_an_endorsement_counts_once():
    """The same again is refused, as a poll is; another of the same origin adds to it."""
    once = small.elicited_prior().endorse("cid", "ben", source="a speech")
    with pytest.raises(InputError, match=r"'cid' for 'ben' twice"):
        once.endorse("cid", "ben", source="a speech")
    with pytest.raises(InputError, match="twice"):
        once.given(*once.evidence)
    assert len(once.endorse("cid", "ben", source="an interview").evidence) == 2


@pytest.mark.parametrize("origin", ["ada", "non-voters", "eve"])
def test_only_the_eliminated_endorse(origin, contest):
    prior = small.elicited_prior().endorse(origin, "ben")
    with pytest.raises(InputError, match="only an eliminated candidate can endorse"):
        prior.sampler(contest.ledger())


@pytest.mark.parametrize("stated", [(0.101, 0.1, 0.9), (0.2, 0.19, 0.8), (0.2, 0.1, 0.9)])
def test_a_mean_at_the_edge_of_its_interval_is_refused(stated):
    with pytest.raises(InputError, match="well inside"):
        _ = Belief.of(stated).normal


@pytest.mark.parametrize("strength", [0, 1, -0.1, 40])
def test_impossible_strengths(strength):
    with pytest.raises(InputError, match="strength must be between 0 and 1"):
        small.elicited_prior().endorse("cid", "ben", strength=strength)


def test_impossible_endorsements():
    with pytest.raises(InputError, match="only a finalist can be endorsed"):
        small.elicited_prior().endorse("cid", "dot")
    for wrong in ({"strength": 0.2, "logits": 1.0}, {"strength": 0.2, "sd": 1.0}, {"logits": "1"}):
        with pytest.raises(InputError, match=r"endorsement by 'cid': .*found"):
            small.elicited_prior().endorse("cid", "ben", **wrong)


@pytest.mark.parametrize("make", [small.elicited_prior, small.dirichlet_prior])
@pytest.mark.parametrize("size", [{"strength": 0.4}, {"logits": 1.0, "sd": 0.5}])
def test_an_endorsement_moves_the_mean_by_what_it_says(make, size, contest):
    """A strength by its fraction of the others; logits by that much on the logit of the mean."""
    plain, moved = make(), make().endorse("cid", "ben", **size)
    ledger = contest.ledger()
    cid = ledger.index("cid")
    before, after = (prior.mean(ledger)[cid] for prior in (plain, moved))
    q, moved_q = (row[1] / row[:2].sum() for row in (before, after))
    if "strength" in size:
        assert moved_q == pytest.approx(q + 0.4 * (1 - q))
    else:
        assert np.log(moved_q / (1 - moved_q)) == pytest.approx(np.log(q / (1 - q)) + 1)
    assert after[2] == pytest.approx(before[2])
    rates = moved.sampler(ledger).draw(40_000, rng=np.random.default_rng(1))
    assert rates[cid].mean(axis=1) == pytest.approx(after[:2], abs=0.006)
    spread = [
        np.log(r[cid, 1] / r[cid, 0]).std()
        for r in (rates, plain.sampler(ledger).draw(40_000, rng=np.random.default_rng(1)))
    ]
    assert spread[0] > spread[1] + 0.02


def test_dirichlet_rows_keep_means_and_the_spread_of_the_margin(contest):
    """Variances of T_A - T_B agree within 2% (sampling error of a variance here: 0.5%)."""
    prior = small.elicited_prior(mobilisation=0, swing=0, partisan=0).endorse("cid", "ben")
    other, ledger = prior.as_dirichlet(), contest.ledger()
    assert all(isinstance(row, DirichletRow) for row in other.rows)
    assert other.mean(ledger) == pytest.approx(prior.mean(ledger))
    spread = [
        np.subtract(*p.sampler(ledger).draw(300_000, rng=stream(5, "test")).transpose(1, 0, 2))
        for p in (prior, other)
    ]
    assert spread[1].var(axis=1) == pytest.approx(spread[0].var(axis=1), rel=0.02)


def test_dirichlet_rows_are_dirichlet(contest):
    row = DirichletRow(origin="cid", mean=(0.3, 0.2, 0.5), concentration=10, source="why")
    (v, v_low, v_high), (q, q_low, q_high) = row.describe()
    assert (v, q) == pytest.approx((0.5, 0.6))
    draws = np.random.default_rng(6).dirichlet(row.alpha, 200_000)
    voting = draws[:, :2].sum(axis=1)
    assert np.quantile(voting, [0.05, 0.95]) == pytest.approx([v_low, v_high], abs=0.005)
    assert np.quantile(draws[:, 0] / voting, [0.05, 0.95]) == pytest.approx(
        [q_low, q_high], abs=0.005
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean": (0.5, 0.5, 0.5)}, "sum to 1"),
        ({"mean": (1.0, 0.0, 0.0)}, "positive fractions"),
        ({"concentration": 0}, "concentration must be positive"),
        ({"concentration": float("inf")}, "concentration must be positive"),
        ({"concentration": float("nan")}, "concentration must be positive"),
    ],
)
def test_impossible_dirichlet_rows(change, message):
    good = {"origin": "cid", "mean": (0.3, 0.2, 0.5), "concentration": 10, "source": "why"}
    with pytest.raises(InputError, match=message):
        DirichletRow(**(good | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mobilisation": 1.0}, "mobilisation must be 0 or a fraction"),
        ({"swing": float("nan")}, "swing must be 0 or a fraction"),
        ({"mobilisation": 0.7, "partisan": 0.4}, "must not exceed 1 together"),
        ({"input_share": 1}, "input_share must be 0 or a fraction"),
        ({"tail": 2}, "tail must be degrees of freedom, more than 2"),
        ({"tail": 1e9}, "tail must be degrees of freedom, more than 2 and up to 1000"),
        ({"tail": float("nan")}, "tail must be degrees of freedom"),
        ({"tail": True}, "tail must be degrees of freedom"),
    ],
)
def test_impossible_shares_of_variance(change, message):
    with pytest.raises(InputError, match=message):
        small.elicited_prior(**change)


def test_contradictory_rows():
    good = small.elicited_prior()
    with pytest.raises(InputError, match="every origin must have one row"):
        TransferPrior(name="p", finalists=small.FINALISTS, rows=(*good.rows, good.rows[0]))
    with pytest.raises(InputError, match="must be about the finalists"):
        TransferPrior(name="p", finalists=("ben", "ada"), rows=good.rows)
    with pytest.raises(InputError, match="must have 4 means"):
        TransferPrior(name="p", finalists=("a", "b", "c"), rows=small.dirichlet_prior().rows)


def test_a_prior_must_fit_the_contest(contest):
    ledger, prior = contest.ledger(), small.elicited_prior()
    stranger = prior.with_row(
        "bbn", participation=(0.5, 0.3, 0.7), preference={"ada": (0.5, 0.3, 0.7)}, source="why"
    )
    with pytest.raises(InputError, match=r"row for 'bbn', who is no origin.*did you mean 'ben'"):
        stranger.sampler(ledger)
    with pytest.raises(InputError, match="must be about the finalists"):
        prior.sampler(small.three().ledger())
    missing = TransferPrior(name="p", finalists=small.FINALISTS, rows=prior.rows[:-1])
    with pytest.raises(InputError, match="no row for 'non-voters'"):
        missing.sampler(ledger)


def test_the_rest_of_a_preference_is_shared_as_asked():
    belief = Belief.of((0.5, 0.3, 0.7))
    fields = {
        "origin": "dot", "participation": belief, "preference": belief, "finalist": "ben",
        "finalists": ("ada", "ben", "cid"), "source": "why",
    }  # fmt: skip
    assert ElicitedRow(**fields).preference_mean == pytest.approx((0.25, 0.5, 0.25))
    assert ElicitedRow(**fields, rest=(0.8, 0.2)).preference_mean == pytest.approx((0.4, 0.5, 0.1))
    for rest in [(0.8, 0.3), (1.0, 0.0), (1.0,)]:
        with pytest.raises(InputError, match="rest must be 2 positive fractions"):
            ElicitedRow(**fields, rest=rest)


def test_a_printed_prior_says_everything(georgia):
    prior = elicited_prior(georgia)
    text = str(prior)
    for row in prior.rows:
        assert row.source in text
    assert "other eliminated" in text
    assert "bakradze backs vashadze, 25% of the others follow" in text
    assert "swing 40%" in text
    assert all(row.source for row in prior.rows)


def test_the_wide_prior_is_narrower_for_a_nation(contest):
    national, local = (generic_prior(contest, kind=kind) for kind in ("national", "local"))
    lows = [prior.row("*").preference.low for prior in (national, local)]
    assert lows == pytest.approx([0.2, 0.15])
    assert generic_prior(contest) == local
    with pytest.raises(InputError, match="kind: must be national or local"):
        generic_prior(contest, kind="regional")
