"""Is a prior given polls what Bayes' rule says, and do polls of the model find the truth?"""

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
import sbc
import small
from scipy.special import expit, logit
from scipy.stats import chi2, multivariate_normal

from forecast import Poll, with_polls
from forecast.facts.polls import Answers
from forecast.randomness import stream
from forecast.simulation.engine import CHUNK, runoff_votes, simulate
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.polls.errors import NODES, PollErrors, scale_nodes
from forecast.transfers.polls.sampler import FEW_ACCEPTED

PRIORS = {"logistic-normal": small.elicited_prior(), "Dirichlet": small.dirichlet_prior()}
ERRORS = PollErrors()


def dated():
    """Return the contest with days."""
    return replace(small.contest(), first_round=date(2030, 5, 1), runoff=date(2030, 5, 15))


def poll(share, pollster, **changes):
    facts = {"n": 1500, "shares": {"ada": share, "ben": 1 - share}, "base": "decided"}
    return Poll(pollster=pollster, **(facts | changes))


LATE, EARLY = {"end": date(2030, 5, 11)}, {"end": date(2030, 5, 6)}
POLLS = (
    poll(0.47, "Acme", sponsor="Daily", side="ben", undecided=0.2, would_not_vote=0.1, **LATE),
    poll(0.56, "Beta", sponsor="Weekly", side="ada", **EARLY),
    Poll(
        pollster="Beta",
        **EARLY,
        by_origin={
            "cid": Answers(n=150, shares={"ada": 0.6, "ben": 0.4}, base="decided"),
            "ada": Answers(n=300, shares={"ada": 0.9, "ben": 0.1}, base="decided"),
        },
    ),
)


def test_the_density_is_the_one_of_the_described_errors():
    """Every error is a latent normal with a column of its own; SciPy's multivariate normal.

    A fault of 1e-6 in any loading fails; the split each line sees is computed here once more.
    """
    contest = dated()
    ledger = contest.ledger()
    held = with_polls(PRIORS["logistic-normal"], contest, POLLS)
    likelihood = held.likelihood(ledger)
    rates = PRIORS["logistic-normal"].sampler(ledger).draw(4, rng=stream(3, "test"))
    found = likelihood.log_density(rates)
    counts = ledger.totals
    for d in range(4):
        table, total = rates[..., d], []
        votes = counts @ table
        for (square, p), (house, q), (memory, r) in product(
            zip(*scale_nodes(ERRORS.tails, NODES["scales"]), strict=True),
            zip(*scale_nodes(ERRORS.tails, NODES["house_scales"]), strict=True),
            zip(ERRORS.recall, ERRORS.recall_weights, strict=True),
        ):
            scales = np.sqrt([square, house])
            total.append(np.log(p * q * r) + _log_normal(scales, memory, table, votes, counts))
        assert found[d] == pytest.approx(np.logaddexp.reduce(total), abs=1e-6)


def _log_normal(scales, memory, table, votes, counts):
    shared, house = scales * (1, ERRORS.house)
    # Undecided at hand of the first poll: 0.2 / 0.9 of the people who may vote.
    hesitant, own = 0.2 / 0.9, ERRORS.hesitation
    old = counts[0] * table[0] + counts[1] * table[1]
    new = votes - old
    often = hesitant * votes.sum() / (own * old.sum() + new.sum())
    decided = old * (1 - own * often) + new * (1 - often)
    others = (votes - counts[0] * table[0]) / (counts.sum() - counts[0])
    recalled = (1 - memory) * table[0] + memory * others
    splits = [decided, votes, table[2], recalled]
    seen = [(1500 * 0.7, 0.47), (1500, 0.56), (150, 0.6), (300, 0.9)]
    y, own_variance = [], []
    for k, (people, fraction) in enumerate(seen):
        n = people / 1.2
        share = (n * fraction + 0.5) / (n + 1)
        y.append(logit(share))
        extra = [(ERRORS.undecided * hesitant) ** 2, 0, ERRORS.row**2, ERRORS.row**2][k]
        own_variance.append(1 / (n * share * (1 - share)) + extra)
    latents = np.array(
        [
            [shared * ERRORS.bias] * 4,
            # The polls ended 4, 9, 9 and 9 days before the runoff: the last four days are shared.
            [shared * ERRORS.drift * 4**0.5] * 4,
            [0, *[shared * ERRORS.drift * 5**0.5] * 3],
            [house, 0, 0, 0],
            [0, house, house, house],
            [-ERRORS.lean_sd, ERRORS.lean_sd, 0, 0],
            [-ERRORS.sponsor, 0, 0, 0],
            [0, ERRORS.sponsor, 0, 0],
        ]
    )
    covariance = np.diag(own_variance) + latents.T @ latents
    mean = ERRORS.lean * np.array([-1, 1, 0, 0])
    implied = np.array([np.log(s[0] / s[1]) for s in splits])
    return multivariate_normal(mean, covariance).logpdf(np.array(y) - implied)


@pytest.mark.parametrize("name", PRIORS)
def test_draws_are_the_prior_weighted_by_the_polls(name):
    """Against importance weights: quantiles of share and rows within 5 standard errors.

    With 40,960 draws and an effective 10,000 weighted ones a shift of 0.06 sd fails.
    """
    contest = dated()
    held = with_polls(PRIORS[name], contest, POLLS)
    sampler = held.sampler(contest.ledger())
    found = np.concatenate(
        [sampler.draw(CHUNK, rng=stream(4, "test", k)) for k in range(10)], axis=2
    )
    agree_with_weights(found, PRIORS[name], held, 60, worth=found.shape[2] / 2)  # pairs are alike


@pytest.mark.parametrize(("share", "prior_draws"), [(0.7, 150), (0.8, 600)])
def test_draws_are_so_where_polls_contradict_the_prior(share, prior_draws):
    """Each half of the pairs: few draws of a prior with heavy tails agree with such a poll."""
    contest = dated()
    prior = generic_prior(contest, kind="national")
    held = with_polls(prior, contest, [poll(share, "Acme", **LATE)])
    sampler = held.sampler(contest.ledger())
    assert sampler.accepted < FEW_ACCEPTED
    drawn = [sampler.draw(CHUNK, rng=stream(6, "test", k)) for k in range(6)]
    for half in range(2):
        found = np.concatenate([np.split(part, 2, axis=2)[half] for part in drawn], axis=2)
        agree_with_weights(found, prior, held, prior_draws, worth=found.shape[2] / 2)


def agree_with_weights(found, prior, held, chunks, *, worth):
    """Assert that mean and quantiles are those of prior draws, weighted by the polls' density."""
    ledger = dated().ledger()
    base, likelihood = prior.sampler(ledger), held.likelihood(ledger)
    drawn = [base.draw(CHUNK, rng=stream(5, "test", k)) for k in range(chunks)]
    weight = np.concatenate([likelihood.log_density(part) for part in drawn])
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    effective = 1 / (weight**2).sum()
    assert effective > 2000
    for of in (_share, lambda r: r[0, 0], lambda r: r[2, 0] / r[2].sum(axis=0), _turnout):
        ours, theirs = of(found), np.concatenate([of(part) for part in drawn])
        mean = weight @ theirs
        sd = np.sqrt(weight @ (theirs - mean) ** 2)
        error = sd * np.sqrt(1 / effective + 1 / worth)
        assert abs(ours.mean() - mean) < 5 * error
        for q in (0.1, 0.5, 0.9):
            below = weight @ (theirs <= np.quantile(ours, q))
            assert below == pytest.approx(q, abs=5 * 0.5 * error / sd)


def _share(rates):
    votes = runoff_votes(small.contest().ledger().totals.astype(float), rates)
    return votes[0] / votes.sum(axis=0)


def _turnout(rates):
    return runoff_votes(small.contest().ledger().totals.astype(float), rates).sum(axis=0)


@pytest.mark.parametrize("name", PRIORS)
def test_both_of_a_pair_are_alike_and_share_their_inputs(name):
    """Kolmogorov-Smirnov below its 1e-5 quantile; polls leave some ignorance that pairs share."""
    contest = dated()
    correlation = {}
    for held in (PRIORS[name], with_polls(PRIORS[name], contest, POLLS[:2])):
        simulation = simulate(contest, held, draws=20 * CHUNK, seed=2, workers=1)
        votes = simulation.votes()
        pairs = (votes[:, 0] / votes.sum(axis=1))[simulation.pairs()]
        first, second = np.sort(pairs[:, 0]), np.sort(pairs[:, 1])
        grid = np.concatenate([first, second])
        distance = np.abs(np.searchsorted(first, grid) - np.searchsorted(second, grid)).max()
        assert distance / len(first) < 2.47 * np.sqrt(2 / len(first))
        correlation[held.name] = np.corrcoef(pairs.T)[0, 1]
    before, after = correlation.values()
    assert 0.2 < before < 0.9
    assert 0.2 < after < 0.99


@pytest.mark.parametrize(("block", "workers"), [(1, 1), (3 * CHUNK, 2), (100 * CHUNK, 2)])
def test_blocks_and_workers_change_no_byte(block, workers):
    held = with_polls(PRIORS["logistic-normal"], dated(), POLLS)
    options = {"draws": 3 * CHUNK + 10, "seed": 7}
    reference = simulate(small.contest(), held, workers=1, **options).votes()
    found = simulate(small.contest(), held, block=block, workers=workers, **options).votes()
    assert found.tobytes() == reference.tobytes()


def test_inputs_and_rates_are_draws_too():
    """`rates` of `inputs` has the distribution of `draw`: 4.5 standard errors, 2 x 40,960 draws."""
    contest = dated()
    for held in (*PRIORS.values(), with_polls(PRIORS["Dirichlet"], contest, POLLS)):
        sampler = held.sampler(contest.ledger())
        one = np.concatenate(
            [sampler.draw(CHUNK, rng=stream(6, "a", k)) for k in range(10)], axis=2
        )
        rngs = [stream(6, "b", k) for k in range(10)]
        two = np.concatenate(
            [sampler.rates(sampler.inputs(CHUNK, rng=r), rng=r) for r in rngs], axis=2
        )
        a, b = _share(one), _share(two)
        assert abs(a.mean() - b.mean()) < 4.5 * a.std() * np.sqrt(3 / a.size)
        assert a.std() == pytest.approx(b.std(), rel=0.03)


def _simulated(rng, truth, errors):
    """Return a contest's polls drawn from the described errors: three houses, one earlier poll.

    They end 1, 5 and 9 days before the runoff; the one about the first round 3 days before it.
    """
    scale, houses = np.sqrt(1 / rng.gamma(errors.tails / 2, 2 / errors.tails, size=2))
    now, then = scale * errors.bias * rng.standard_normal(2)
    then += scale * errors.drift * 3**0.5 * rng.standard_normal()
    steps = [1, 2, 2]  # square roots of the 1, 4 and 4 days that each poll is older
    drift = scale * errors.drift * np.cumsum(steps * rng.standard_normal(3))
    lean = errors.lean + errors.lean_sd * rng.standard_normal()
    out = []
    totals = small.contest().ledger().totals
    for k, side in enumerate((None, "ada", "ben")):
        house = houses * errors.house * rng.standard_normal()
        towards = {None: 0, "ada": 1, "ben": -1}[side]
        house += towards * (lean + errors.sponsor * rng.standard_normal())
        who = {"sponsor": f"sponsor {k}", "side": side} if side else {}
        for about, share, bias, end in (
            ("runoff", truth, now + drift[k], date(2030, 5, 14 - 4 * k)),
            ("first round", totals[0] / (totals[0] + totals[1]), then, date(2030, 4, 28)),
        ):
            if about == "first round" and k != 1:
                continue
            y = logit(share) + bias + house
            y += rng.standard_normal() * np.sqrt(1.2 / (2000 * expit(y) * (1 - expit(y))))
            out.append(poll(expit(y), f"house {k}", n=2000, round=about, end=end, **who))
    return out


def _ranked(rng):
    """Return the true share and turnout of a contest, and draws of them given its polls."""
    contest = dated()
    prior = PRIORS["logistic-normal"]
    truth = prior.sampler(contest.ledger()).draw(2, rng=rng)[..., :1]
    polls = _simulated(rng, _share(truth)[0], ERRORS)
    held = with_polls(prior, contest, polls, errors=ERRORS)
    draws = held.sampler(contest.ledger()).draw(254, rng=rng)[..., :127]
    both = [np.stack([_share(rates), _turnout(rates)], axis=-1) for rates in (truth, draws)]
    return both[0][0], both[1]


def test_the_truth_ranks_evenly_in_a_few_contests():
    """The small version of the next test, of turnout as well."""
    found = sbc.ranks(lambda rng: _ranked(stream(int(rng.integers(2**31)), "few")), 60, seed=7)
    assert sbc.uniformity(found) > sbc.FALSE_ALARM


@pytest.mark.slow
@pytest.mark.parametrize(("assumed", "found"), [(ERRORS, True), (None, False)])
def test_the_truth_ranks_evenly_among_draws_given_polls_of_the_model(assumed, found):
    """Simulation-based calibration, 240 contests, 8 bins: chi-square at 1e-4.

    The negative control takes polls at face value but for a thirtieth of their errors.
    """
    contest = dated()
    tiny = {name: getattr(ERRORS, name) / 30 for name in ("bias", "drift", "house", "lean_sd")}
    errors = assumed or PollErrors(**tiny, tails=np.inf)
    prior, ranks = PRIORS["logistic-normal"], []
    base = prior.sampler(contest.ledger())
    for k in range(240):
        rng = stream(11, "calibration", k)
        truth = _share(base.draw(2, rng=rng))[0]
        held = with_polls(prior, contest, _simulated(rng, truth, ERRORS), errors=errors)
        try:
            draws = held.sampler(contest.ledger()).draw(254, rng=rng)[..., :127]
        except ValueError:
            assert not found  # polls and prior contradict each other
            continue
        ranks.append((_share(draws) < truth).sum())
    counts = np.bincount(np.array(ranks) // 16, minlength=8)
    statistic = ((counts - len(ranks) / 8) ** 2 / (len(ranks) / 8)).sum()
    assert (chi2.sf(statistic, 7) > 1e-4) == found
