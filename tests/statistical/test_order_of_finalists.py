"""It does not matter in which order the finalists of a night are named, least of all who is last.

When the last finalist had no deviations of its own, its interval was 30% narrower than under
another name's place, and a win probability was .10 or .05 by the order alone. With two finalists
there is one log ratio, which only changes its sign.
"""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from nights import drawn_night, night_of_three

from forecast import Returns, nowcast
from forecast.randomness import stream
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.night.deviations import unit_deviations
from forecast.transfers.night.fit import fit_partial
from forecast.transfers.night.groundwork import groundwork
from forecast.transfers.night.local_table import leans
from forecast.transfers.table.coordinates import simplex_factor
from forecast.transfers.table.protocols import Sampler

ORDERS = tuple(permutations(range(3)))
DRAWS = 4000
"""As many as there are different draws of the prior behind a nowcast, to the nearest thousand."""
LARGEST = 4.5
"""Standard errors of a difference allowed, one false alarm in 150,000 comparisons."""


def in_order(contest, returns, order):
    """Return the night with its finalists in another order."""
    finalists = tuple(contest.finalists[i] for i in order)
    votes = returns.votes[:, list(order)]
    turned = Returns(units=returns.units, finalists=finalists, votes=votes, counted=returns.counted)
    return replace(contest, finalists=finalists), turned


class Turned(Sampler):
    """The same draws of a prior whatever the order of the finalists, who are the first origins."""

    def __init__(self, contest, order):
        self.draws = generic_prior(contest).sampler(contest.ledger())
        self.order = list(order)

    def sampler(self, _ledger):
        return self

    def draw(self, n, *, rng):
        rates = self.draws.draw(n, rng=rng)
        k = len(self.order)
        return np.concatenate([rates[self.order], rates[k:]])[:, self.order]


def fitted(contest, returns, order):
    """Return what half of a night teaches, finalists in the order of the contest."""
    turned, votes = in_order(contest, returns, order)
    start = groundwork(turned, Turned(contest, order), None, rng=stream(0, "order"))
    some = np.arange(0, len(contest.units), 2)
    table = start.table.seen_by(some)
    posterior = fit_partial(
        table.select(some),
        votes.votes[some].astype(float),
        start.deviations.select(some),
        centre=start.centre,
        covariance=start.covariance,
    )
    swing = table.swing(posterior.centre[: table.size])
    back = np.argsort(order)
    ratios = simplex_factor(len(order)) @ swing.preference
    slope = posterior.factor[:, : table.size] @ swing.by_preference.transpose(0, 2, 1)
    return {
        "finalists' logs": leans(ratios.T)[:, back if len(order) > 2 else [0]],
        "variance by unit": (slope**2).sum(axis=(0, 1)),
        "turnout": swing.participation,
        "unit variance": posterior.unit_variance,
        "regions": (posterior.local_centre**2).sum(axis=(0, 2)),
        "degrees": np.sort(posterior.degrees),
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_fit_is_the_same_in_any_order(seed):
    """To rounding: with the same prior draws nothing random is left."""
    night = night_of_three(np.random.default_rng(seed))
    wanted = fitted(*night, ORDERS[0])
    for order in ORDERS[1:]:
        found = fitted(*night, order)
        for name, value in wanted.items():
            assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-11), (name, order)


def test_log_ratios_to_the_last_are_found_out(monkeypatch):
    """Deviations independent between log ratios move expected logs by 0.04 to 0.09."""
    for name in ("fit", "local_table"):
        place = f"forecast.transfers.night.{name}.simplex_factor"
        monkeypatch.setattr(place, lambda finalists: np.eye(finalists - 1))
    monkeypatch.setattr(f"{__name__}.simplex_factor", lambda finalists: np.eye(finalists - 1))
    night = night_of_three(np.random.default_rng(0))
    one, two = (fitted(*night, order)["finalists' logs"] for order in (ORDERS[0], ORDERS[-1]))
    assert np.abs(one - two).max() > 0.01


def quantities(contest, returns, order, share, seed):
    """Return medians and widths of shares, win probabilities, and those of units still open."""
    turned, votes = in_order(contest, returns, order)
    some = votes.select(votes.units[: round(share * len(votes.units))])
    found = nowcast(turned, some, prior=generic_prior(turned), draws=DRAWS, seed=seed)
    low, middle, high = found.by_unit().share[:, len(some.units) :][:, :, np.argsort(order)]
    shares = [found.share(f) for f in contest.finalists]
    chances = [found.win_probability(f) for f in contest.finalists]
    return {
        "median": np.array([s.median for s in shares]),
        "width": np.array([s.interval.high - s.interval.low for s in shares]),
        "win": np.array([c.value for c in chances]),
        "win error": np.array([c.monte_carlo_error for c in chances]),
        "unit median": middle,
        "unit width": high - low,
    }


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.2, 0.6])
@pytest.mark.parametrize("seed", [11, 12])
def test_a_night_is_the_same_in_any_order(seed, share):
    """Every order against the mean of all six.

    Of n draws with standard deviation s a median has the standard error 1.25 s / sqrt(n), a 90%
    interval .83 of its width 3.29 s / sqrt(n), those of normals; t distributions are allowed half
    as much again. Of units the mean over all open ones is compared, and each one's median.
    """
    night = night_of_three(np.random.default_rng(seed))
    found = [quantities(*night, order, share, seed) for order in ORDERS]
    mean = {name: np.mean([q[name] for q in found], axis=0) for name in found[0]}
    error = LARGEST * 1.5 / np.sqrt(DRAWS)
    for q in found:
        sd = mean["width"] / 3.29
        assert (np.abs(q["median"] - mean["median"]) < 1.25 * sd * error).all()
        assert (np.abs(q["width"] / mean["width"] - 1) < 0.83 * error).all()
        assert (np.abs(q["win"] - mean["win"]) < LARGEST * mean["win error"] + 1e-4).all()
        sd = mean["unit width"] / 3.29
        assert (np.abs(q["unit median"] - mean["unit median"]) < 1.25 * sd * error).all()
        width = q["unit width"].mean(axis=0) / mean["unit width"].mean(axis=0)
        assert (np.abs(width - 1) < 0.83 * error).all()


@pytest.mark.slow
def test_every_place_in_the_order_covers_alike():
    """40 nights, half of them region by region, every finalist once in each place.

    Coverage by place differs by few nights in which an end is nearly the truth: 3 points are
    allowed, .950 / .933 / .867 were found when the last had no deviations. Of 120 intervals at 90%
    between 80 and 98% hold.
    """
    held, widths = np.zeros((2, 3, 40, 3))
    for k in range(40):
        contest, returns = night_of_three(np.random.default_rng(1000 + k))
        truth = returns.votes.sum(axis=0) / returns.votes.sum()
        order = np.argsort(contest.regions, kind="stable")[:40] if k % 2 else np.arange(30)
        units = [returns.units[u] for u in order]
        for turn in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
            turned, votes = in_order(contest, returns, turn)
            part = votes.select(units)
            found = nowcast(turned, part, prior=generic_prior(turned), draws=800)
            for place, i in enumerate(turn):
                interval = found.share(contest.finalists[i]).interval
                held[place, k, i] = interval.low <= truth[i] <= interval.high
                widths[place, k, i] = (interval.high - interval.low) / truth[i]
    coverage, width = held.mean(axis=(1, 2)), widths.mean(axis=(1, 2))
    assert np.ptp(coverage) <= 0.03
    assert np.ptp(width) < 0.04 * width.mean()
    assert ((coverage > 0.8) & (coverage < 0.98)).all()


def test_half_counted_units_are_the_same_in_any_order():
    """What is counted of a unit speaks for its rest in all directions: within 4.5 errors."""
    contest, returns = night_of_three(np.random.default_rng(5), 60)
    fraction = np.where(np.arange(60) % 3 == 0, 0.4, 1.0)[:40]
    votes = np.rint(returns.votes[:40] * fraction[:, None]).astype(int)
    votes[0] = votes[0] * [3, 1, 1]
    part = Returns(
        units=returns.units[:40], finalists=returns.finalists, votes=votes, counted=fraction
    )
    found = []
    for order in ORDERS[:3]:
        turned, some = in_order(contest, part, order)
        result = nowcast(turned, some, prior=generic_prior(turned), draws=DRAWS)
        found.append(result.by_unit().share[:, :40:3, np.argsort(order)])
    mean = np.mean(found, axis=0)
    sd = (mean[2] - mean[0]) / 3.29
    for low, middle, high in found:
        assert (np.abs(middle - mean[1]) < 1.25 * sd * LARGEST * 1.5 / np.sqrt(DRAWS)).all()
        assert (high - low).mean(axis=0) == pytest.approx(3.29 * sd.mean(axis=0), rel=0.05)


def test_two_finalists_exchanged_mirror_each_other():
    """To rounding: with the same prior draws nothing random is left."""
    night = drawn_night(np.random.default_rng(3), units=60)
    one, two = (fitted(night.contest, night.returns, order) for order in ((0, 1), (1, 0)))
    two["finalists' logs"] = -two["finalists' logs"]
    for name, value in one.items():
        assert two[name] == pytest.approx(value, rel=1e-9, abs=1e-11), name


def test_every_finalist_has_a_lean_of_its_own():
    """A walk along each one's lean, so that none is without."""
    contest, _ = night_of_three(np.random.default_rng(0), 40)
    table = groundwork(contest, Turned(contest, (0, 1, 2)), None, rng=stream(0, "order")).table
    assert table.features.shape[1] == 3 + 2
    design = unit_deviations(table, region=None, unlisted=np.zeros(40, dtype=bool))
    assert design.traits.shape[1] == 3 + 3 + 1
