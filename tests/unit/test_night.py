"""A night of runoffs: what contests share, seats, and what may not change them."""

import json
from dataclasses import replace

import numpy as np
import pytest
import small

from forecast import InputError, TransferPrior, learned_prior
from forecast.outcome.run import forecast_runoff
from forecast.outcome.seats_run import forecast_simultaneous
from forecast.randomness import stream
from forecast.simulation.engine import runoff_votes
from forecast.transfers.elicited.rows import DirichletRow
from forecast.transfers.table.day import Day
from forecast.transfers.table.protocols import Sampler


def named(name, finalists=("ada", "ben")):
    return replace(small.contest(), name=name, finalists=finalists)


def prior_of(contest):
    return small.elicited_prior().reordered(contest.finalists)


def reds_and_blues(contest):
    """Ada is red everywhere, Ben blue, whoever is named first."""
    return {"ada": "red", "ben": "blue"}


def night(contests, *, national=0.8, draws=20_000, parties=reds_and_blues, **kwargs):
    return forecast_simultaneous(
        contests, prior_of, parties=parties, national=national, draws=draws, **kwargs
    )


def together(found):
    """Return the correlation of the first two contests going to red."""
    reds = [found.winners[:, i] == c.parties.index("red") for i, c in enumerate(found.contests)]
    return float(np.corrcoef(reds[0], reds[1])[0, 1])


def test_each_contest_is_what_it_is_alone():
    """Sharing moves contests together and leaves each one's own forecast, up to five errors."""
    contest = named("north")
    alone = forecast_runoff(contest, prior_of(contest), draws=100_000)
    found = night([contest, named("south")], draws=100_000)
    expected = alone.win_probability("ada")
    for each in found.contests:
        assert each.win_probability[0] == pytest.approx(expected.value, abs=5 * 0.5 / 50_000**0.5)
        assert each.share[0].median == pytest.approx(alone.share("ada").median, abs=0.003)
        assert each.share[0].interval.low == pytest.approx(
            alone.share("ada").interval.low, abs=0.005
        )


def test_a_swing_is_towards_a_party_however_finalists_are_listed():
    same = together(night([named("north"), named("south")]))
    turned = together(night([named("north"), named("south", ("ben", "ada"))]))
    assert same > 0.3
    assert turned == pytest.approx(same, abs=0.04)


def test_contests_share_less_with_one_party_in_common_and_nothing_without_a_national_part():
    def other(contest):
        return {"ada": "red", "ben": "blue" if contest.name == "north" else "green"}

    contests = [named("north"), named("south")]
    all_alike = together(night(contests))
    half = together(night(contests, parties=other))
    nothing = together(night(contests, national=0.0))
    assert 0.15 < half < all_alike - 0.1
    assert abs(nothing) < 0.03


def test_two_finalists_of_one_party_keep_their_spread():
    contest = named("north")
    alone = forecast_runoff(contest, prior_of(contest), draws=100_000).share("ada")
    found = night([contest], parties=lambda _: {"ada": "red", "ben": "red"}, draws=100_000)
    (each,) = found.contests
    assert each.share[0].interval.high == pytest.approx(alone.interval.high, abs=0.005)
    assert found.seats_of("red").median == 1


def test_workers_and_seed():
    contests = [named(f"c{i}") for i in range(5)]
    one, two = (night(contests, draws=9000, workers=w) for w in (1, 2))
    assert one.winners.tobytes() == two.winners.tobytes()
    assert one.winners.tobytes() != night(contests, draws=9000, seed=1).winners.tobytes()
    fewer = night(contests[2:], draws=9000)
    assert fewer.winners.tobytes() == np.ascontiguousarray(one.winners[:, 2:]).tobytes()


def test_seats_add_up():
    found = night([named(f"c{i}") for i in range(4)], decided={"red": 3, "green": 2})
    assert found.total == 9
    assert (found.seats.sum(axis=1) == 9).all()
    assert set(found.parties) == {"red", "blue", "green"}
    assert found.seats_of("green").interval.low == found.seats_of("green").interval.high == 2
    red = found.seats[:, found.parties.index("red")]
    assert found.probability_of("red") == pytest.approx((red >= 5).mean(), abs=1e-4)
    assert 0 < found.probability_of("green") < 0.001
    assert found.probability_of("red", "blue", "green", seats=0) < 1
    assert "9 seats, 5 decided before" in str(found)
    data = found.to_dict()
    assert data["seats"]["red"]["median"] == found.seats_of("red").median


def test_sharing_widens_the_interval_of_seats():
    """The point of it all: 30 alike contests won together or lost together."""
    contests = [named(f"c{i}") for i in range(30)]
    widths = [
        np.ptp(
            [(i := night(contests, national=w, draws=4000).seats_of("red").interval).low, i.high]
        )
        for w in (0.0, 0.9)
    ]
    assert widths[1] > 1.5 * widths[0]


def test_three_finalists_keep_each_one_its_spread():
    contest = small.three()
    means = {
        "ada": (0.8, 0.03, 0.03), "ben": (0.03, 0.8, 0.03), "cid": (0.03, 0.03, 0.8),
        "*": (0.2, 0.2, 0.2), "invalid": (0.1, 0.1, 0.1), "non-voters": (0.05, 0.05, 0.05),
    }  # fmt: skip
    rows = tuple(
        DirichletRow(origin=o, mean=(*m, 1 - sum(m)), concentration=20, source="a test")
        for o, m in means.items()
    )
    prior = TransferPrior(name="three", finalists=contest.finalists, rows=rows)
    found = forecast_simultaneous(
        [contest], [prior], parties=lambda _: dict(zip(["ada", "ben", "cid"], "xyz", strict=True)),
        draws=4000,
    )  # fmt: skip
    assert sum(found.contests[0].win_probability) == pytest.approx(1, abs=1e-3)


def test_a_night_refuses_what_does_not_fit():
    contests = [named("north"), named("south")]
    with pytest.raises(InputError, match="must occur once"):
        night([contests[0], contests[0]])
    with pytest.raises(InputError, match="needs a party"):
        night(contests, parties={"north": {"ada": "red", "ben": "blue"}})
    with pytest.raises(InputError, match="has no prior"):
        forecast_simultaneous(contests, {"north": prior_of(contests[0])}, parties=reds_and_blues)
    with pytest.raises(InputError, match="one prior per contest"):
        forecast_simultaneous(contests, [prior_of(contests[0])], parties=reds_and_blues)
    with pytest.raises(InputError, match="national"):
        night(contests, national=1.2)
    with pytest.raises(InputError, match="even"):
        night(contests, draws=3)
    with pytest.raises(InputError, match="at least one"):
        night([])
    with pytest.raises(InputError, match="no party 'rad'"):
        night(contests, draws=100).seats_of("rad")
    for wrong in ({"red": -1}, {"red": 1.5}, {"red": True}, {3: 1}, [3]):
        with pytest.raises(InputError, match="must be a count"):
            night(contests, draws=100, decided=wrong)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"contests": named("north")}, "sequence of Contest"),
        ({"contests": [(named("north"), None)]}, "sequence of Contest .* found tuple"),
        ({"priors": small.elicited_prior()}, "one prior per contest .* found TransferPrior"),
        ({"parties": lambda c: c.finalists}, r"needs a party .* found \('ada', 'ben'\)"),
        ({"parties": lambda _: {"ada": None, "ben": "blue"}}, "needs a party .* found None"),
        ({"parties": 3}, "parties: must be a function .* found 3"),
        ({"workers": 0}, "workers must be a whole number from 1 - found 0"),
        ({"national": "half"}, "national must be a fraction .* found 'half'"),
    ],
)
def test_a_night_says_what_was_mistaken(changes, message):
    given = {"contests": [named("north"), named("south")], "priors": prior_of}
    given |= {"parties": reds_and_blues, "draws": 100} | changes
    with pytest.raises(InputError, match=message):
        forecast_simultaneous(given.pop("contests"), given.pop("priors"), **given)


def test_seats_decided_before_may_come_from_an_array():
    found = night([named("north")], draws=100, decided={"red": np.int64(3)})
    assert found.to_dict()["decided"] == {"red": 3}
    assert json.dumps(found.to_dict())


def test_learned_priors_share_the_population_and_its_night(georgia):
    """Two contests alike in everything but their name, with and without the common part."""
    prior = learned_prior(georgia)
    ledger = georgia.ledger()
    sampler = prior.sampler(ledger)
    counts = ledger.totals.astype(float)

    def shares(seed, shared):
        votes = runoff_votes(counts, sampler.draw(4000, rng=stream(seed, "own"), day=shared))
        return votes[0] / votes.sum(axis=0)

    def day():
        return Day(seed=0, chunk=0)

    both = np.corrcoef(shares(1, day()), shares(2, day()))[0, 1]
    apart = np.corrcoef(shares(1, None), shares(2, None))[0, 1]
    assert both > 0.2
    assert abs(apart) < 0.1


class Nightly(Sampler):
    """A prior and its sampler that draws its nights once: contests lean as the night does."""

    @property
    def shares_day(self):
        return True

    def __init__(self):
        self.drawn = 0

    def nights(self, n, *, rng):
        self.drawn += 1
        return rng.standard_normal((1, n))

    def sampler(self, ledger):
        self.origins = ledger.origins
        return self

    def draw(self, n, *, rng, day):
        nights = day.once("nightly", lambda: self.nights(n, rng=day.rng("nightly")))
        lean = 1 / (1 + np.exp(-nights[0] - 0.1 * rng.standard_normal(n)))
        return np.stack([np.stack([lean, 1 - lean])] * len(self.origins))


def test_a_prior_may_draw_its_nights_once_for_all_contests():
    contests = [named("north"), named("south"), named("east")]
    prior = Nightly()
    found = forecast_simultaneous(
        contests, [prior] * 3, parties=reds_and_blues, draws=4000, workers=1
    )
    assert prior.drawn == 1
    assert together(found) > 0.9
    assert all(c.shares_day for c in found.contests)
