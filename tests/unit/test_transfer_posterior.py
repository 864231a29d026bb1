"""infer_transfers and what it returns: inputs, tables, edges."""

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
import small
from counts import LOYAL, density_of, runoff_of, simulated

import forecast
from forecast.errors import InputError
from forecast.simulation.engine import simulate
from forecast.transfers.returns.check import Diagnostics
from forecast.transfers.returns.counts import counts_from_units
from forecast.transfers.returns.density import TransferDensity
from forecast.transfers.returns.infer import infer_transfers, runoff_ledger
from forecast.transfers.returns.laplace import NormalPosterior, fit_normal
from forecast.transfers.returns.raking import rake, unit_tables
from forecast.transfers.returns.reading import read_counts
from forecast.transfers.returns.rows import role_prior
from forecast.transfers.returns.settings import ARRAYS, RUNOFFS, Settings
from forecast.transfers.table.links import Contrasts, Voting
from forecast.transfers.table.normal import Normal

EXACT = replace(
    ARRAYS, own_context=1e-4, dilution=1.0, saturation=0.0, context=0.0, context_scale=0.0
)


@pytest.fixture(scope="module")
def georgia():
    contest = forecast.load_contest("georgia-2018").grouped()
    return contest, forecast.load_returns("georgia-2018")


@pytest.fixture(scope="module")
def posterior(georgia):
    return infer_transfers(*georgia)


def test_raking_meets_both_margins(rng):
    tables = rng.dirichlet(np.ones(12), size=5).reshape(5, 3, 4)
    people = rng.integers(1, 50, (3, 4)).astype(float)
    raked = rake(tables, people.sum(axis=1), people.sum(axis=0))
    assert np.allclose(raked.sum(axis=2), people.sum(axis=1))
    assert np.allclose(raked.sum(axis=1), people.sum(axis=0))


def test_raking_keeps_cross_ratios(rng):
    table = rng.uniform(0.5, 1.0, (2, 2))
    raked = rake(table, np.array([3.0, 7.0]), np.array([4.0, 6.0]))
    ratio = table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0])
    assert raked[0, 0] * raked[1, 1] / (raked[0, 1] * raked[1, 0]) == pytest.approx(ratio)


def test_unit_tables_meet_the_margins_of_every_unit(rng):
    contest = simulated(units=10, origins=3, destinations=3, rng=rng)
    by_unit = unit_tables(contest.table, counts_from_units(contest.first_round, contest.runoff))
    assert np.allclose(by_unit.sum(axis=1), contest.runoff, atol=1e-4)
    assert np.allclose(by_unit.sum(axis=2), contest.first_round)


def test_one_origin_and_an_empty_destination():
    found = infer_transfers(np.array([[50], [20]]), np.array([[50, 0], [20, 0]]))
    assert found.table == pytest.approx(np.array([[70.0, 0.0]]))
    assert found.backward is None


def test_no_units_give_the_prior():
    found = infer_transfers(np.zeros((0, 3), dtype=int), np.zeros((0, 3), dtype=int))
    assert found.mean == pytest.approx(np.full((3, 3), 1 / 3), abs=0.03)
    assert found.table.sum() == 0


def test_a_single_unit_is_totals_only():
    found = infer_transfers(np.array([[600, 300, 100]]), np.array([[550, 450]]))
    assert found.table.sum(axis=0) == pytest.approx([550, 450], abs=1e-3)
    low, high = found.interval(0.9)
    assert (high - low)[0, 0] > 0.15


def test_an_empty_origin_has_rates_and_no_people(rng):
    contest = simulated(units=20, origins=3, destinations=3, rng=rng)
    first = np.column_stack([contest.first_round, np.zeros(20)])
    found = infer_transfers(first, contest.runoff)
    assert found.table[3].sum() == pytest.approx(0, abs=1e-6)
    assert found.mean[3].sum() == pytest.approx(1)


def test_empty_origins_and_destinations_change_nothing(rng):
    """Today's other answer moved rates by 11 points where a destination was empty."""
    contest = simulated(units=30, origins=3, destinations=3, rng=rng)
    padded = [np.insert(x, 1, 0, axis=1) for x in (contest.first_round, contest.runoff)]
    plain, found = infer_transfers(contest.first_round, contest.runoff), infer_transfers(*padded)
    kept = np.ix_([0, 2, 3], [0, 2, 3])
    assert found.mean[kept] == pytest.approx(plain.mean, abs=5e-3)
    for one, other in zip(found.interval(), plain.interval(), strict=True):
        assert one[kept] == pytest.approx(other, abs=0.02)
    assert not found.table[:, 1].any()


def test_a_runoff_without_abstention_keeps_its_roles(rng):
    """Nobody stays at home, so `none` is empty, and preferences stay what they were."""
    table = np.array([[0.97, 0.03], [0.03, 0.97], [0.7, 0.3]])
    contest = simulated(units=60, origins=3, destinations=2, table=table, rng=rng)
    first = forecast.Contest(
        name="all",
        candidates=("a", "b", "c"),
        finalists=("a", "b"),
        units=tuple(map(str, range(60))),
        votes=contest.first_round.astype(int),
        invalid=np.zeros(60, dtype=int),
        registered=None,
        electorate="voters",
    )
    returns = forecast.Returns(
        units=first.units, finalists=first.finalists, votes=contest.runoff.astype(int)
    )
    found = infer_transfers(first, returns)
    assert not found.table[:, 2].any()
    assert found.mean[:3, 0] == pytest.approx(table[:, 0], abs=0.06)


def test_role_prior_is_what_it_says(rng):
    """The 5, 50 and 95% that `rows` states of every role."""
    prior = role_prior(("finalist", "finalist", "eliminated", "invalid", "non-voters"), 2)
    rates = prior.draw(20_000, rng=rng)
    comes = np.quantile(1.0 - rates[..., -1], [0.05, 0.5, 0.95], axis=0)
    own = np.quantile(rates[:, 0, 0] / (1.0 - rates[:, 0, -1]), [0.05, 0.5, 0.95])
    assert comes[:, 0] == pytest.approx([0.81, 0.968, 0.995], abs=0.01)
    assert comes[:, 2] == pytest.approx([0.45, 0.75, 0.92], abs=0.015)
    assert comes[:, 4] == pytest.approx([0.05, 0.17, 0.43], abs=0.015)
    assert own == pytest.approx([0.775, 0.976, 0.998], abs=0.01)
    three = role_prior(("finalist", "finalist", "finalist", "eliminated"), 3).draw(20_000, rng=rng)
    taken = three[..., :-1] / three[..., :-1].sum(axis=-1, keepdims=True)
    for k in range(3):
        assert np.median(taken[:, k, k]) == pytest.approx(0.976, abs=0.01)
        assert np.median(np.log(taken[:, 3, k] / taken[:, 3, k - 1])) == pytest.approx(0, abs=0.05)


def test_draws_with_few_moments_keep_them(rng):
    prior = role_prior(("finalist", "finalist", "eliminated"), 2)
    rates = prior.draw(50_000, rng=rng)
    kept = np.array([True, True, False])
    part = prior.select(np.ones(3, dtype=bool), kept).draw(50_000, rng=rng)
    expected = rates[..., :2] / rates[..., :2].sum(axis=-1, keepdims=True)
    assert part.mean(axis=0) == pytest.approx(expected.mean(axis=0), abs=0.01)
    assert Voting(3).coordinates(rates).std(axis=0)[2, 0] == pytest.approx(1.7, abs=0.05)


def test_many_units_recover_the_table(rng):
    contest = simulated(units=800, origins=4, destinations=3, rng=rng)
    counts = counts_from_units(contest.first_round, contest.runoff)
    found = read_counts(counts, settings=EXACT, method="laplace", rng=rng)
    table = found.people(500, rng=rng).mean(axis=0)
    assert np.abs(table - contest.people).sum() / contest.people.sum() < 0.04
    assert found.posterior.diagnostics.converged


def test_a_tight_prior_wins_over_few_returns(rng):
    contest = simulated(units=2, origins=3, destinations=3, rng=rng)
    centre = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
    link = Contrasts(3)
    prior = Normal(mean=link.coordinates(centre), covariance=np.eye(6) / 1e6, link=link)
    found = infer_transfers(contest.first_round, contest.runoff, prior=prior)
    rates = found.forward.rates(200, rng=rng).mean(axis=0)
    assert np.abs(rates - centre).max() < 0.02


def test_prior_alone_is_returned_exactly(rng):
    counts = counts_from_units(np.zeros((0, 2)), np.zeros((0, 3)))
    prior = Normal(mean=np.zeros((2, 2)), covariance=np.eye(4) / 4.0, link=Contrasts(3))
    density = TransferDensity(counts=counts, prior=prior, settings=ARRAYS)
    normal = fit_normal(density, rng=rng)
    covariance = (normal.factor @ normal.factor.T)[:4, :4]
    assert np.allclose(normal.centre[:4], 0.0, atol=0.05)
    assert np.allclose(covariance, np.eye(4) / 4.0, atol=0.02)
    assert normal.diagnostics.converged


def test_relabelling_destinations_relabels_the_mode(rng):
    contest = simulated(units=30, origins=3, destinations=3, rng=rng)
    order = np.array([2, 0, 1])
    plain = density_of(contest.first_round, contest.runoff, ARRAYS)
    swapped = density_of(contest.first_round, contest.runoff[:, order], ARRAYS)
    one = plain.tables(fit_normal(plain, rng=rng, check=False).mode[None])[0]
    other = swapped.tables(fit_normal(swapped, rng=rng, check=False).mode[None])[0]
    assert np.allclose(one[:, order], other, atol=1e-4)


def test_an_elicited_prior_whose_returns_weigh_nothing_gives_its_means_back():
    """The normal form keeps the first two moments of the log rates, not the means exactly."""
    contest = small.contest()
    prior = small.elicited_prior()
    some = forecast.Returns(
        units=contest.units, finalists=contest.finalists, votes=contest.votes[:, :2]
    )
    ledger, people = runoff_ledger(contest, some)
    settings = replace(RUNOFFS, dilution=1e9)
    found = infer_transfers(contest, some, prior=prior, settings=settings)
    rates = found.forward.rates(20_000, rng=np.random.default_rng(1)).mean(axis=0)
    assert people.sum() == ledger.people
    assert rates == pytest.approx(prior.mean(ledger), abs=0.03)


def test_georgia_meets_both_margins_and_its_bounds(georgia, posterior):
    """Votes abroad, which the table cannot explain, count as expected."""
    contest, returns = georgia
    report = posterior.residuals()
    assert [posterior.units[u] for u in report.odd] == ["Abroad"]
    unexplained = (report.counted - report.expected)[report.odd].sum(axis=0)[:2]
    totals = np.array(list(returns.totals.values())) - unexplained
    assert posterior.table.sum(axis=0)[:2] == pytest.approx(totals, abs=1)
    low, high = forecast.flow_bounds(contest, returns).table()
    assert (posterior.table >= low - 1).all()
    assert (posterior.table <= high + 1).all()
    assert np.allclose(posterior.unit_tables().sum(axis=0), posterior.table)


def test_georgia_says_what_is_known(posterior):
    """MODEL.md section 3: finalists keep most voters, Bakradze's mostly follow him to Vashadze."""
    mean = dict(zip(posterior.origins, posterior.mean, strict=True))
    assert mean["zurabishvili"][0] > 0.8
    assert mean["vashadze"][1] > 0.7
    assert mean["bakradze"][1] > mean["bakradze"][0]
    text = str(posterior)
    assert "Davit Bakradze" in text
    assert "74 units" in text
    assert "normal approximation" in text


def test_frames_are_matched_by_unit(georgia):
    contest, returns = georgia
    ledger, people = runoff_ledger(contest, returns)
    first = pl.DataFrame(dict(zip(ledger.origins, ledger.counts.T, strict=True)))
    first = first.with_columns(pl.Series("unit", ledger.units))
    runoff = pd.DataFrame(people, columns=list(ledger.destinations))
    runoff["unit"] = ledger.units
    shuffled = runoff.sample(frac=1, random_state=1)
    straight, other = infer_transfers(first, runoff), infer_transfers(first, shuffled)
    assert straight.mean == pytest.approx(other.mean)
    assert straight.origins == ledger.origins


def test_the_posterior_is_a_prior_for_simulation(georgia, posterior):
    contest, returns = georgia
    votes = simulate(contest.ledger(), posterior, draws=4000).votes()
    share = votes[:, 0] / votes.sum(axis=1)
    assert np.median(share) == pytest.approx(returns.share("zurabishvili"), abs=0.03)


def test_same_seed_same_bytes(georgia, posterior):
    again = infer_transfers(*georgia)
    assert again.table.tobytes() == posterior.table.tobytes()
    assert again.interval()[0].tobytes() == posterior.interval()[0].tobytes()


def test_more_returns_narrow_the_interval_on_average():
    """Over four contests, each with all its units and with every second one."""
    widths = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        made = simulated(units=60, origins=4, destinations=3, table=LOYAL, rng=rng)
        contest, returns = runoff_of(made)
        half = replace(
            contest,
            units=contest.units[::2],
            votes=contest.votes[::2],
            invalid=contest.invalid[::2],
            registered=contest.registered[::2],
        )
        part = replace(returns, units=returns.units[::2], votes=returns.votes[::2])
        found = infer_transfers(half, part), infer_transfers(contest, returns)
        widths.append([np.subtract(*reversed(p.interval()))[:4].mean() for p in found])
    before, after = np.mean(widths, axis=0)
    assert after < before


def test_more_voters_than_people_join_the_non_voters():
    contest = small.contest()
    votes = np.zeros((len(contest.units), 2), dtype=int)
    votes[2, 0] = contest.registered[2] + 5
    returns = forecast.Returns(units=contest.units, finalists=contest.finalists, votes=votes)
    ledger, people = runoff_ledger(contest, returns)
    assert ledger.people == contest.registered.sum() + 5
    assert people[2, -1] == 0
    votes[2, 0] = contest.votes[2].sum() + contest.invalid[2] + 5
    returns = replace(returns, votes=votes)
    with pytest.raises(InputError, match="more runoff votes than first-round ballots"):
        runoff_ledger(replace(contest, electorate="voters"), returns)


def test_pure_units_leave_nothing_to_guess(rng):
    """Every unit has one origin only, so the counts force the table, and the intervals too."""
    first = np.zeros((30, 3), dtype=int)
    first[np.arange(30), np.arange(30) % 3] = rng.integers(50, 400, 30)
    runoff = np.array([rng.multinomial(n, [0.5, 0.3, 0.2]) for n in first.sum(axis=1)])
    found = infer_transfers(first, runoff)
    low, high = found.interval(0.9)
    least, most = found.bounds()
    assert least == pytest.approx(most)
    assert low == pytest.approx(least)
    assert high == pytest.approx(most)
    assert found.mean == pytest.approx(least, abs=1e-5)


def test_bounds_are_those_of_flow_bounds(georgia, posterior):
    low, high = forecast.flow_bounds(*georgia).table()
    people = posterior.counts.origins.sum(axis=1)[:, None]
    assert posterior.bounds()[0] == pytest.approx(low / people)
    assert posterior.bounds()[1] == pytest.approx(high / people)


def test_empty_units_change_nothing(rng):
    contest = simulated(units=40, origins=3, destinations=3, rng=rng)
    empty = np.zeros((700, 3), dtype=int)
    padded = [np.vstack([x, empty]) for x in (contest.first_round, contest.runoff)]
    one, other = infer_transfers(contest.first_round, contest.runoff), infer_transfers(*padded)
    assert other.mean == pytest.approx(one.mean, abs=1e-6)
    assert other.interval()[0] == pytest.approx(one.interval()[0], abs=1e-3)


def test_a_simulation_spreads_as_the_posterior_does(rng):
    contest = simulated(units=60, origins=4, destinations=4, rng=rng)
    first = forecast.Contest(
        name="four",
        candidates=("a", "b", "c", "d"),
        finalists=("a", "b", "c"),
        units=tuple(map(str, range(60))),
        votes=contest.first_round.astype(int),
        invalid=np.zeros(60, dtype=int),
        registered=None,
        electorate="voters",
    )
    votes = contest.runoff[:, :3].astype(int)
    returns = forecast.Returns(units=first.units, finalists=first.finalists, votes=votes)
    posterior = infer_transfers(first, returns)
    table = forecast.forecast_runoff(first, posterior, draws=8192).transfers()
    low, high = posterior.interval()
    assert table.mean == pytest.approx(posterior.mean, abs=0.04)
    assert (table.high - table.low) == pytest.approx(high - low, abs=0.06)


def test_a_forecast_from_the_result_says_whose_counts_it_knows(georgia, posterior):
    contest, _ = georgia
    result = forecast.forecast_runoff(contest, posterior, draws=2000)
    assert result.as_of == contest.runoff
    assert "the runoff's own returns" in str(result)
    assert forecast.forecast_dict(result)["assumptions"]["prior"] == posterior.name
    with pytest.raises(InputError, match="cannot be taken as of"):
        forecast.forecast_runoff(contest, posterior, draws=2000, as_of=contest.first_round)


def test_returns_of_another_contest_are_refused(georgia):
    contest, returns = georgia
    with pytest.raises(InputError, match="belong together"):
        infer_transfers(contest, replace(returns, votes=returns.votes * 10))


def test_cached_answers_cannot_be_changed(posterior):
    for array in (posterior.mean, posterior.table, posterior.unit_tables()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9


def test_impossible_options(georgia):
    for options, message in (
        ({"prior": "x"}, "prior must be"),
        ({"settings": 3}, "settings must be"),
    ):
        with pytest.raises(InputError, match=message):
            infer_transfers(*georgia, **options)
    with pytest.raises(InputError, match="dilution must be positive"):
        Settings(dilution=0.0)
    with pytest.raises(InputError, match="saturation must not be negative"):
        Settings(saturation=-1.0)
    with pytest.raises(InputError, match="one table has a column 'unit'"):
        infer_transfers(pl.DataFrame({"unit": ["n"], "a": [3]}), [[2, 1]])


@pytest.mark.parametrize(
    ("first_round", "runoff", "message"),
    [
        ([[3, 4]], [[5, 3]], "same people"),
        ([[3, -4]], [[-1, 0]], "not negative"),
        ([[3.5, 4]], [[7.5, 0]], "whole numbers"),
        ([[3, 4]], [[7]], "two destinations"),
        ([[3, 4]], [[7, 0], [1, 0]], "one row per unit"),
        ([3, 4], [[7, 0]], r"shape \(unit, origin\)"),
        ([["a", "b"]], [[7, 0]], "whole numbers"),
        ([[1, 2], [3]], [[3, 0], [3, 0]], "same number of cells"),
    ],
)
def test_bad_counts_are_refused(first_round, runoff, message):
    with pytest.raises(InputError, match=message):
        infer_transfers(first_round, runoff)


def test_mixed_inputs_and_unknown_methods_are_refused(georgia):
    contest, returns = georgia
    with pytest.raises(InputError, match="a Contest goes with Returns"):
        infer_transfers(contest, returns.votes)
    with pytest.raises(InputError, match="'laplace' or 'nuts'"):
        infer_transfers(contest, returns, method="advi")
    other = replace(returns, units=[f"elsewhere {u}" for u in range(len(returns.units))])
    with pytest.raises(InputError, match=r"are unknown.*belong together"):
        infer_transfers(contest, other)


def test_the_plot_returns_its_axes(posterior):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert posterior.plot(ax) is ax
    assert len(ax.texts) == posterior.mean.size


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(11)
    return runoff_of(simulated(units=50, origins=4, destinations=3, table=LOYAL, rng=rng))


@pytest.fixture(scope="module")
def loyal(made):
    return infer_transfers(*made)


def test_units_that_fit_are_not_named(loyal):
    assert loyal.residuals().odd.size == 0
    assert str(loyal.residuals()).startswith("all 50 units fit the table\nunit ")


def changed(returns, unit, votes):
    moved = returns.votes.copy()
    moved[unit] = votes
    return replace(returns, votes=moved)


@pytest.mark.parametrize("fault", ["exchanged", "all for one", "nobody", "no list"])
def test_one_odd_unit_moves_no_cell_by_more_than_a_quarter_of_its_interval(made, loyal, fault):
    contest, returns = made
    u = int(np.argmax(np.abs(np.diff(returns.votes, axis=1))))
    votes = {
        "exchanged": returns.votes[u, ::-1],
        "all for one": (int(contest.registered[u]), 0),
        "nobody": (0, 0),
        "no list": returns.votes[u],
    }[fault]
    if fault == "no list":
        contest = replace(
            contest,
            votes=np.where(np.arange(50)[:, None] == u, 0, contest.votes),
            registered=np.where(np.arange(50) == u, 0, contest.registered),
        )
    found = infer_transfers(contest, changed(returns, u, votes))
    low, high = loyal.interval()
    names = [o for o in loyal.origins if o != "invalid"]
    rows = [loyal.origins.index(o) for o in names]
    there = [found.origins.index(o) for o in names]
    away = np.abs(found.mean[there] - loyal.mean[rows])
    assert (away <= 0.25 * (high - low)[rows] + 0.005).all(), (100 * away).round(1)
    report = found.residuals()
    assert contest.units[u] in str(found)
    assert len(report.units) == 49 or report.odd.tolist() == [u] or report.aside


def test_the_margin_says_what_was_counted_where_an_odd_unit_counts_as_expected(made, loyal):
    contest, returns = made
    assert loyal.contributions().notes == ()
    u = int(np.argmax(np.abs(np.diff(returns.votes, axis=1))))
    given = changed(returns, u, returns.votes[u, ::-1])
    found = infer_transfers(contest, given).contributions()
    a, b = (given.finalists.index(f) for f in (found.finalist, found.rival))
    counted = given.votes[:, a].sum() - given.votes[:, b].sum()
    (note,) = found.notes
    assert contest.units[u] in note
    assert note.endswith(f"the margin of all that was counted is {counted:+,}")
    assert note in str(found)


def test_exchanged_finalists_are_suggested(made):
    contest, returns = made
    u = int(np.argmax(np.abs(np.diff(returns.votes, axis=1))))
    report = infer_transfers(contest, changed(returns, u, returns.votes[u, ::-1])).residuals()
    assert report.exchanged == {u: (0, 1)}
    assert "fits if a and b are exchanged" in str(report)
    row = report.rows()[u]
    assert row["unit"] == contest.units[u]
    assert row["weight"] < 0.3
    assert row["remark"].startswith("odd")


def test_what_the_counts_taught(loyal):
    """Of the invalid, who are none, nothing; of the others more than half."""
    learnt = dict(zip(loyal.origins, loyal.learnt, strict=True))
    assert learnt.pop("invalid", 0.0) == 0.0
    assert min(learnt.values()) > 0.5
    assert "not identified" in str(infer_transfers(np.array([[600, 300]]), np.array([[500, 400]])))


def test_rates_of_groups_and_their_differences(loyal):
    stay = loyal.rate("a", "none") - loyal.rate("b", "none")
    assert stay.interval()[0] < 0 < stay.interval()[1]
    assert 0 < stay.above() < 1
    both = loyal.moved(["a", "c"], "a")
    assert both.mean == pytest.approx(loyal.moved("a", "a").mean + loyal.moved("c", "a").mean)
    voters = loyal.rate("c", "a", voters=True)
    assert voters.mean == pytest.approx(loyal.preference[loyal.origins.index("c"), 0], abs=0.02)
    assert str(voters).startswith("c to a among voters: ")
    with pytest.raises(InputError, match="no origin 'x'"):
        loyal.rate("x", "a")
    with pytest.raises(InputError, match="one kind"):
        _ = loyal.rate("a", "a") - loyal.moved("a", "a")


def test_variants_bracket_the_estimate(loyal):
    assert set(loyal.variants()) == {
        "own context twice as large",
        "no common context",
        "roles ignored",
    }
    low, high = loyal.range()
    assert (low <= loyal.mean).all()
    assert (loyal.mean <= high).all()
    assert (high - low).max() > 0.005


def test_two_elections_by_the_same_units(made):
    contest, _ = made
    rng = np.random.default_rng(3)
    people = np.column_stack([contest.votes, contest.registered - contest.votes.sum(axis=1)])
    table = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.02, 0.03, 0.95]]
    moved = sum(rng.multinomial(people[:, r], table[r]) for r in range(4))
    other = forecast.Contest(
        name="parliament",
        candidates=("reds", "blues"),
        finalists=("reds", "blues"),
        units=contest.units[::-1],
        votes=moved[::-1, :2],
        invalid=np.zeros(50, dtype=int),
        registered=contest.registered[::-1] + 3,
        electorate="registered",
    )
    found = infer_transfers(contest, other)
    assert found.destinations == ("reds", "blues", "none")
    assert found.table.sum() == pytest.approx(contest.registered.sum() + 150)
    low, high = found.interval(0.98)
    for name, expected in zip(("a", "b", "c", "non-voters"), table, strict=True):
        r = found.origins.index(name)
        assert (low[r] - 0.02 <= expected).all()
        assert (expected <= high[r] + 0.02).all()
    fewer = replace(other, units=("x", *other.units[1:]))
    assert infer_transfers(contest, fewer).aside["x"] == "in the second election only"
    with pytest.raises(InputError, match="nine in ten units"):
        infer_transfers(contest, replace(other, units=tuple(f"x{u}" for u in range(50))))


def test_chains_take_the_place_of_a_normal_that_drifts(georgia):
    """Little is known of small candidates, whose rows are far from normal."""
    found = infer_transfers(*georgia)
    assert found.diagnostics.reliable
    assert ("of their draws" in str(found.diagnostics)) == (found.diagnostics.drawn > 0)


def test_seeds_agree_whether_the_normal_is_taken(georgia, made):
    """A border case passed under some seeds and not under others, and its intervals jumped."""
    for contest, returns in (georgia, made):
        found = [infer_transfers(contest, returns, seed=seed) for seed in range(4)]
        assert len({one.diagnostics.drawn for one in found}) == 1
        ends = np.array([one.interval() for one in found])
        assert np.sqrt(ends.var(axis=0, ddof=1).mean()) < 0.012


def test_draws_of_chains_are_taken_evenly():
    drawn = np.random.default_rng(0).standard_normal((40, 3))
    normal = NormalPosterior(
        mode=np.zeros(3), centre=np.zeros(3), factor=np.eye(3), drawn=drawn,
        diagnostics=Diagnostics(converged=True, gradient_norm=0.0, evaluations=1),
    )  # fmt: skip
    twice = normal.points(80, rng=np.random.default_rng(0))
    assert np.sort(twice[:, 0]) == pytest.approx(np.sort(np.tile(drawn[:, 0], 2)))
    assert len(np.unique(normal.points(30, rng=np.random.default_rng(0)), axis=0)) == 30


def test_many_units_are_checked_where_all_of_them_have_their_mode(rng):
    """A few units stand for 3,000: their own mode is a third of a standard deviation away."""
    made = simulated(units=3000, origins=4, destinations=4, rng=rng)
    posterior = infer_transfers(made.first_round, made.runoff)
    for reading in (posterior.forward, posterior.backward):
        density, mode = reading.density, reading.mode
        few = density.thinned(600, at=mode)
        assert few(mode)[1] == pytest.approx(density(mode)[1], abs=1e-6)
        assert reading.posterior.diagnostics.converged
