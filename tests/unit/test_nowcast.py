import gc
import re
import tracemalloc
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import small
from nights import drawn_night

from forecast import (
    Contest,
    InputError,
    Poll,
    Returns,
    learned_prior,
    load_contest,
    load_returns,
    nowcast,
    replay_night,
)
from forecast.facts.partial_returns import partial_returns
from forecast.outcome import nowcast_run
from forecast.outcome.decided import Remaining, remaining_electorate


@pytest.fixture(scope="module")
def night():
    return drawn_night(np.random.default_rng(4))


def part(night, n):
    return night.returns.select(night.returns.units[:n])


def now(night, n, **options):
    return nowcast(night.contest, part(night, n), prior=night.prior, draws=200, **options)


def test_everything_reported_is_the_counted_result(night):
    result = now(night, len(night.returns.units))
    assert np.all(result.draw_votes == night.returns.votes.sum(axis=0))
    assert result.share("ada").median == pytest.approx(night.returns.share("ada"), abs=1e-12)
    assert result.counted_share == 1
    assert result.electorate.people == 0
    assert result.decided == max(night.returns.totals, key=night.returns.totals.get)
    assert 0 < result.win_probability("ada").value < 1


def test_counted_votes_are_counted(night):
    result = now(night, 40)
    least = part(night, 40).votes.sum(axis=0)
    assert (result.draw_votes >= least).all()


def test_before_the_first_return_it_is_the_prior(night):
    from forecast import forecast_runoff

    before = nowcast(
        night.contest,
        Returns(units=(), finalists=night.contest.finalists, votes=np.zeros((0, 2), dtype=int)),
        prior=night.prior,
        draws=2000,
    )
    believed = forecast_runoff(night.contest, night.prior, draws=4000)
    assert before.share("ada").median == pytest.approx(believed.share("ada").median, abs=0.03)
    found, wanted = before.share("ada").interval, believed.share("ada").interval
    assert found.high - found.low > 0.8 * (wanted.high - wanted.low)


def test_unreported_counts_are_not_read(night):
    votes = np.array(night.returns.votes)
    votes[40:] = votes[40:, ::-1] // 2
    other = Returns(units=night.returns.units, finalists=night.contest.finalists, votes=votes)
    moved = nowcast(night.contest, other.select(other.units[:40]), prior=night.prior, draws=200)
    assert moved.digest == now(night, 40).digest


def test_the_seed_decides_everything(night):
    first = now(night, 30, seed=1).digest
    nowcast_run._eves.clear()  # the eve is drawn anew
    assert now(night, 30, seed=1).digest == first
    assert now(night, 30, seed=1).digest != now(night, 30, seed=2).digest


def test_a_half_counted_unit_speaks_for_its_rest(night):
    """The part that is counted tells what the rest will look like, and only that."""
    units, votes = night.returns.units, np.array(night.returns.votes)
    big = int(votes[:60].sum(axis=1).argmax())

    def rest(share, fraction):
        counts = votes.copy()
        counts[big] = np.array([share, 1 - share]) * votes[big].sum() // 2
        frame = pl.DataFrame(
            {
                "unit": units[:60],
                "ada": counts[:60, 0],
                "ben": counts[:60, 1],
                "counted": [fraction if u == big else 1.0 for u in range(60)],
            }
        )
        result = nowcast(night.contest, frame, prior=night.prior, draws=400)
        return result.remaining.sum(axis=0).mean(axis=1)

    strong, weak = (rest(share, 0.5) - rest(share, 1.0) for share in (0.9, 0.1))
    for more in (strong, weak):
        assert more.sum() == pytest.approx(votes[big].sum() / 2, rel=0.5)
    assert strong[0] / strong.sum() > weak[0] / weak.sum()


def test_misprints_move_little(night):
    votes = np.array(night.returns.votes[:80])
    votes[7] = votes[7, ::-1] * [3, 0]
    wrong = Returns(units=night.returns.units[:80], finalists=night.contest.finalists, votes=votes)
    counted = partial_returns(night.contest, wrong)
    moved = nowcast(night.contest, counted, prior=night.prior, draws=200)
    expected = moved.remaining.sum(axis=0) / moved.remaining.sum(axis=(0, 1))
    plain = now(night, 80)
    wanted = plain.remaining.sum(axis=0) / plain.remaining.sum(axis=(0, 1))
    assert np.median(expected[0]) == pytest.approx(np.median(wanted[0]), abs=0.01)


def test_regions_add_up(night):
    result = now(night, 50)
    regions = result.by_region()
    assert sum(r.units for r in regions) == len(night.contest.units)
    assert sum(r.reported for r in regions) == 50
    for f in night.contest.finalists:
        assert sum(r.counted[f] for r in regions) == result.returns.totals[f]
        expected = sum(r.remaining[f] for r in regions) + result.returns.totals[f]
        assert expected == pytest.approx(result.votes(f).median, rel=0.02)
        mean = result.draw_votes[:, result.finalists.index(f)].mean()
        assert expected == pytest.approx(mean, rel=1e-9)


def test_units_add_up(night):
    result = now(night, 50)
    found = result.by_unit()
    assert found.expected.sum(axis=0) == pytest.approx(result.draw_votes.mean(axis=0), rel=0.01)
    truth = np.array(night.returns.votes)
    assert np.array_equal(found.expected[:50], truth[:50])
    assert np.array_equal(found.valid[:, :50], np.tile(truth[:50].sum(axis=1), (3, 1)))


def test_intervals_of_units_hold():
    """Six nights, 50 of 160 units: near the level or above, as a unit's own scale is not known."""
    held = {0.5: [], 0.9: []}
    for k in range(6):
        drawn = drawn_night(np.random.default_rng([k, 5]))
        result, votes = now(drawn, 50), drawn.returns.votes[50:]
        total = votes.sum(axis=1)
        for level, inside in held.items():
            found = result.by_unit(level)
            for low, _, high, wanted in (
                (*found.share[:, 50:, 0], votes[:, 0] / total),
                (*found.valid[:, 50:], total),
            ):
                inside.append(np.mean((low <= wanted) & (wanted <= high)))
    assert 0.45 < np.mean(held[0.5]) < 0.75
    assert 0.87 < np.mean(held[0.9]) < 0.985


def test_rows_of_units_say_what_is_counted(night):
    frame = pl.DataFrame({"unit": ["u000", "u001"], "ada": [90, 0], "ben": [80, 0],
                          "counted": [0.5, 1.0]})  # fmt: skip
    rows = nowcast(night.contest, frame, prior=night.prior, draws=200).by_unit().rows()
    assert [row["unit"] for row in rows] == list(night.contest.units)
    assert [(row["ada"], row["counted"]) for row in rows[:3]] == [(90, 0.5), (0, 1.0), (0, 0.0)]
    assert rows[0]["ada_expected"] > 90
    assert rows[0]["valid_votes_low"] >= 170
    assert np.isnan(rows[1]["ada_share"])
    assert 0 < rows[2]["ada_share_low"] < rows[2]["ada_share"] < rows[2]["ada_share_high"] < 1


def test_unknown_units_are_a_region_of_their_own(night):
    frame = {"unit": ["u000", "moon", "mars"], "ada": [90, 5, 7], "ben": [80, 4, 0]}
    few = pl.DataFrame({"unit": night.returns.units[1:40]} | dict(
        zip(("ada", "ben"), night.returns.votes[1:40].T.tolist(), strict=True)))  # fmt: skip
    result = nowcast(night.contest, pl.concat([few, pl.DataFrame(frame)]), draws=100)
    *regions, last = result.by_region()
    assert (last.region, last.units, last.counted) == (
        "units unknown in the first round", 2, {"ada": 12, "ben": 4},
    )  # fmt: skip
    total = result.overall()
    assert total.counted == result.returns.totals
    assert total.share["ada"] == result.share("ada")
    for f in result.finalists:
        assert sum(r.counted[f] for r in (*regions, last)) == total.counted[f]
        assert sum(r.remaining[f] for r in regions) == pytest.approx(total.remaining[f])
    assert sum(r.units for r in (*regions, last)) == total.units
    assert sum(r.reported for r in (*regions, last)) == total.reported


def test_rows_of_the_table_sum_to_one(night):
    table = now(night, 50).transfers()
    assert np.allclose(table.mean.sum(axis=1), 1)
    assert table.mean.shape == (len(table.origins), len(table.destinations))


@pytest.mark.parametrize("counted", [5, 50])
def test_the_table_times_the_people_is_the_expected_votes(night, counted):
    """It is of the people of the contest, as what each origin contributes is."""
    result = now(night, counted)
    people = result.people_by_cell()[0].sum(axis=2)
    votes = (result._tables_drawn() * people[..., None]).sum(axis=1)
    assert np.allclose(votes[:, :-1], result.draw_votes, rtol=1e-6)
    assert np.allclose(result.transfers().mean, result._tables_drawn().mean(axis=0))


def test_three_finalists():
    contest = small.three()
    returns = Returns(units=("north",), finalists=contest.finalists, votes=[[500, 420, 380]])
    result = nowcast(contest, returns, draws=300)
    assert result.draw_votes.shape == (300, 3)
    assert np.allclose(result.shares().sum(axis=1), 1)
    assert sum(result.win_probability(f).value for f in contest.finalists) == pytest.approx(1, 0.01)


def test_three_finalists_are_treated_alike():
    """Naming the finalists in another order changes the answer by noise alone."""
    contest = small.three()
    other = Contest(
        name="three",
        candidates=contest.candidates,
        finalists=("cid", "ada", "ben"),
        units=contest.units,
        votes=contest.votes,
        invalid=contest.invalid,
        registered=contest.registered,
    )
    returns = Returns(units=("north",), finalists=contest.finalists, votes=[[500, 420, 380]])
    one, two = (nowcast(c, returns, draws=4000) for c in (contest, other))
    for f in contest.finalists:
        assert one.share(f).median == pytest.approx(two.share(f).median, abs=0.02)


def test_voters_only():
    contest = small.pool(500, 450, 200)
    contest = Contest(
        name="pool",
        candidates=contest.candidates,
        finalists=contest.finalists,
        units=("a", "b"),
        votes=[[500, 450, 200], [300, 350, 100]],
        invalid=[0, 0],
        registered=None,
        electorate="voters",
    )
    result = nowcast(contest, pl.DataFrame({"unit": ["a"], "ada": [650], "ben": [600]}), draws=300)
    assert result.draw_votes.sum(axis=1).min() > 1250
    with pytest.raises(InputError, match="leaves non-voters out"):
        result.turnout()


def test_it_is_decided_by_one_vote_more_than_can_come(contest):
    """Valley may still count 1,100: a list of 1,000 and a tenth."""

    def remaining(lead):
        votes = {"unit": ["harbour", "hill"], "ada": [lead, 1], "ben": [0, 1]}
        return remaining_electorate(partial_returns(contest, pl.DataFrame(votes)))

    assert remaining(1100) == Remaining(people=1100, lead=1100, leader="ada")
    assert not remaining(1100).decided
    assert remaining(1101).decided


def test_decided_is_said_and_called_implies_sure():
    georgia, returns = load_contest("georgia-2018"), load_returns("georgia-2018")
    said = []
    for n in (5, 37, 60, 74):
        result = nowcast(georgia, returns.select(returns.units[:n]), draws=200)
        said.append(result.verdict)
        if result.called:
            assert result.called == "zurabishvili"
        if result.called and not result.decided:
            assert "it fails if Grigol Vashadze gets" in result.verdict
        lead = abs(np.subtract(*result.returns.totals.values()))
        assert (result.decided is not None) == (lead > result.electorate.people)
    assert said[0] == "not decided"
    assert said[-1].startswith("decided: Salome Zurabishvili leads by 367,021")
    assert "74 of 74 units" in str(result)


@pytest.mark.parametrize("unit", [0, None])
def test_no_winner_is_named_on_a_misprint(unit):
    """Zurabishvili won; 3 million votes in one unit, known or not, are nobody's win."""
    returns = load_returns("georgia-2018")
    units = list(returns.units[:50])
    frame = {"unit": units, "zurabishvili": returns.votes[:50, 0].tolist()}
    ben = returns.votes[:50, 1].tolist()
    if unit is None:
        frame = {"unit": [*units, "moon"], "zurabishvili": [*frame["zurabishvili"], 0]}
        ben = [*ben, 3_000_000]
    else:
        ben[unit] = 3_000_000
    result = nowcast(load_contest("georgia-2018"), pl.DataFrame(frame | {"vashadze": ben}))
    assert result.leader == "vashadze"
    assert (result.called, result.decided) == (None, None)
    assert result.notes


@pytest.mark.parametrize("draws", [1, 0.5, True])
def test_draws_must_be_a_number(contest, draws):
    with pytest.raises(InputError, match="draws"):
        nowcast(contest, pl.DataFrame({"unit": ["hill"], "ada": [1], "ben": [2]}), draws=draws)


def test_reporting_of_another_contest(contest, night):
    with pytest.raises(InputError, match="another contest"):
        nowcast(contest, partial_returns(night.contest, part(night, 3)))


def test_polls_move_the_start_of_the_night(contest):
    poll = Poll(
        pollster="demo", n=4000, shares={"ada": 0.75, "ben": 0.25}, base="decided", source="demo"
    )
    returns = pl.DataFrame({"unit": ["hill"], "ada": [250], "ben": [300]})
    prior = small.elicited_prior()
    plain = nowcast(contest, returns, prior=prior, draws=400)
    polled = nowcast(contest, returns, prior=prior, polls=[poll], draws=400)
    assert polled.share("ada").median > plain.share("ada").median + 0.01


def test_warnings_say_how_far_the_count_speaks(night):
    """Small units first: they say little of the large ones, and the warning comes first."""
    small_first = np.argsort(night.contest.votes.sum(axis=1), kind="stable")
    units = [night.returns.units[u] for u in small_first[:16]]
    result = nowcast(night.contest, night.returns.select(units), prior=night.prior, draws=200)
    found = result.resemblance
    assert found.overlap < 0.3
    assert found.difference == "are larger"
    assert found.outside > 0.5
    lines = str(result).splitlines()
    assert lines[2].startswith("warning: what is counted says little about what is open")
    random = np.random.default_rng(1).permutation(night.returns.units)[:80]
    alike = nowcast(night.contest, night.returns.select(random), prior=night.prior, draws=200)
    assert alike.resemblance.overlap > 0.6
    assert alike.resemblance.outside < 0.2


def test_exchanged_columns_and_turnout_are_named(night):
    votes = np.array(night.returns.votes[:80])
    lean = np.log(votes[:, 0] / votes[:, 1])
    lean[votes.sum(axis=1) < 200] = 0
    wrong, empty = int(np.argmax(np.abs(lean))), int(np.argsort(votes.sum(axis=1))[50])
    assert wrong != empty
    votes[wrong] = votes[wrong, ::-1]
    votes[empty] //= 20
    counted = Returns(units=night.returns.units[:80], finalists=("ada", "ben"), votes=votes)
    odd = nowcast(night.contest, counted, prior=night.prior, draws=200).resemblance.odd
    reasons = {o.unit: o.reason for o in odd}
    assert reasons[night.returns.units[wrong]] == "as if the finalists' columns were exchanged"
    assert reasons[night.returns.units[empty]] == "turnout much lower than elsewhere"


def test_nothing_to_learn_from_is_a_warning(night):
    """All counted units have more votes than voters: they count, and the rest is the prior."""
    votes = np.tile([60_000, 40_000], (3, 1))
    wrong = Returns(units=night.returns.units[:3], finalists=("ada", "ben"), votes=votes)
    result = nowcast(night.contest, wrong, prior=night.prior, draws=200)
    assert result.resemblance.warnings()[0].startswith("nothing can be learned")
    assert result.draw_votes.sum(axis=1).min() > 300_000


def test_before_the_first_return_it_is_the_eve(night):
    """Mean and 5% quantiles of share and votes, each within four Monte Carlo errors."""
    from forecast import forecast_runoff

    nothing = night.returns.select(())
    before = nowcast(night.contest, nothing, prior=night.prior, draws=4000)
    eve = forecast_runoff(night.contest, night.prior, draws=40_000)
    for f in night.contest.finalists:
        for one, other in ((before.share(f), eve.share(f)), (before.votes(f), eve.votes(f))):
            width = other.interval.high - other.interval.low
            assert one.median == pytest.approx(other.median, abs=0.03 * width)
            assert one.interval.low == pytest.approx(other.interval.low, abs=0.05 * width)
            assert one.interval.high == pytest.approx(other.interval.high, abs=0.05 * width)


def test_a_correlation_of_order_and_result_is_learned_from_times():
    """Units report the better for Ada the earlier, beyond what they are like; with times the
    forecast is nearer the result, on average over nights."""
    plain, timed = [], []
    for k in range(8):
        drawn = drawn_night(np.random.default_rng([k, 9]))
        first = drawn.contest.votes[:, [0, 1]] + 1
        votes = drawn.returns.votes + 1
        beyond = np.log(votes[:, 0] / votes[:, 1]) - np.log(first[:, 0] / first[:, 1])
        order = np.argsort(-beyond, kind="stable")[:48]
        units = [drawn.returns.units[u] for u in order]
        counted = drawn.returns.select(units)
        when = {unit: float(n) for n, unit in enumerate(units)}
        for found, arrival in ((plain, None), (timed, when)):
            result = nowcast(drawn.contest, counted, prior=drawn.prior, arrival=arrival, draws=200)
            found.append(result.share("ada").median - drawn.returns.share("ada"))
    assert np.mean(np.abs(timed)) < 0.97 * np.mean(np.abs(plain))
    assert np.mean(plain) > 0


def test_the_column_of_times_is_read(night):
    votes = night.returns.votes[:40]
    frame = {"unit": night.returns.units[:40], "ada": votes[:, 0], "ben": votes[:, 1]}
    minutes = np.random.default_rng(3).permutation(40)
    times = [f"2{m // 60}:{m % 60:02d}" for m in minutes]
    given = dict(zip(night.returns.units, minutes.astype(float).tolist(), strict=False))
    read = nowcast(
        night.contest, pl.DataFrame(frame | {"reported": times}), prior=night.prior, draws=200
    )
    said = nowcast(night.contest, pl.DataFrame(frame), prior=night.prior, arrival=given, draws=200)
    assert read.digest == said.digest
    assert (
        read.digest
        != nowcast(night.contest, pl.DataFrame(frame), prior=night.prior, draws=200).digest
    )
    with pytest.raises(InputError, match="arrival: times must be of units"):
        nowcast(night.contest, pl.DataFrame(frame), prior=night.prior, arrival={"moon": 1.0})
    counted = night.returns.select(night.returns.units[:40])
    own = replace(counted, reported=tuple(times))
    assert nowcast(night.contest, own, prior=night.prior, draws=200).digest == read.digest


def test_times_that_are_the_same_for_many_say_little(night):
    """With a handful of looks nothing is learned from when a unit came."""
    part = night.returns.select(night.returns.units[:60])
    few = {unit: float(k // 30) for k, unit in enumerate(part.units)}
    plain = nowcast(night.contest, part, prior=night.prior, draws=200)
    looked = nowcast(night.contest, part, prior=night.prior, draws=200, arrival=few)
    assert looked.digest == plain.digest


def test_a_call_withstands_late_units_that_are_against_it(night):
    """With more at stake in the order of arrival, what was called is not."""
    part = night.returns.select(night.returns.units[:140])
    result = nowcast(night.contest, part, prior=night.prior)
    own = result.finalists.index(result.leader)
    moved = result._against(own, 0.5)
    assert moved[own] > 0
    assert moved.sum() == pytest.approx(0, abs=1e-6)
    late = replace(result.outstanding, reach=1e3)
    assert replace(result, outstanding=late).called in (None, result.decided)
    assert replace(result, outstanding=replace(late, reach=0.0)).called == result.leader


def test_updates_share_the_eve_and_keep_nothing(night):
    """An update starts from the same groundwork, and many take no more memory than few."""
    first = nowcast(night.contest, night.returns.select(night.returns.units[:20]))
    before = nowcast_run._eves[0]
    tracemalloc.start()
    sizes = []
    for n in range(21, 45):
        nowcast(night.contest, night.returns.select(night.returns.units[:n]), draws=100)
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert nowcast_run._eves == [before]
    assert first.prior_name == before.prior.name
    assert max(sizes[12:]) < max(sizes[:12]) + 200_000


def test_a_nowcast_draws_itself(night):
    result = nowcast(night.contest, night.returns.select(night.returns.units[:50]), draws=100)
    ax = result.plot("ben")
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels[0] == "all together"
    assert set(labels[1:]) == set(night.contest.regions)
    assert ax.get_xlabel().startswith("ben in the end")
    with pytest.raises(InputError, match="moon"):
        result.plot("moon")


def test_names_with_night_and_reporting_warn(night):
    count = nowcast(night.contest, night.returns.select(night.returns.units[:20]), draws=100)
    with pytest.warns(DeprecationWarning, match="Nowcast: reporting is now returns"):
        assert count.reporting is count.returns
    learned = learned_prior(load_contest("georgia-2018"))
    with pytest.warns(DeprecationWarning, match="LearnedPrior: nights is now days"):
        assert learned.prior.nights == learned.prior.days
    with (
        pytest.warns(DeprecationWarning, match="at: night is now day"),
        pytest.raises(InputError, match="day must be one of 2014"),
    ):
        learned.prior.at(load_contest("georgia-2018"), night="2018-11-28")


def test_the_returns_may_be_a_file_and_then_name_the_units(tmp_path):
    night = pl.DataFrame({"unit": ["Vake"], "zurabishvili": [40_407], "vashadze": [20_768]})
    night.write_csv(tmp_path / "night.csv")
    read = nowcast("georgia-2018", tmp_path / "night.csv", draws=100)
    given = nowcast("georgia-2018", night, draws=100)
    assert len(read.contest.units) == 74
    assert read.draw_votes.tolist() == given.draw_votes.tolist()


def test_more_than_is_to_come_is_not_asked_for(georgia, monkeypatch):
    found = nowcast(georgia, pl.DataFrame({"unit": ["Vake"], "zurabishvili": [9], "vashadze": [2]}))
    monkeypatch.setattr(type(found), "rival_needs", (1034.5, 0.4))
    assert found.needed.startswith("it fails only if counted votes are corrected")


def test_decimals_only_where_whole_percents_tell_too_little(georgia):
    """Screen, line of a replay and page: none far apart, one inside a point or all but counted."""
    from forecast.cli.night import _line
    from forecast.report.nowcast_page import render_night

    returns = load_returns("georgia-2018")
    early, late = replay_night(georgia, returns, returns.units, steps=(0.05, 1.0))
    for found, wanted in ((early, r"\d\d% \[\d\d, \d\d\]"), (late, r"59\.5% \[59\.5, 59\.5\]")):
        assert re.search(rf"\s{wanted}", str(found))
        assert re.search(rf" {wanted}, wins", _line(found))
    caption = re.search("expected to have ([^<]*) of the vote, ([^<]*)%", render_night(early))
    assert "." not in caption[1] + caption[2]
    assert "59.5% of the vote, 59.5 to 59.5%" in render_night(late)


@pytest.mark.parametrize("first", ["small", "large", "any"])
@pytest.mark.parametrize("fraction", [0.3, 0.5, 0.8])
def test_a_part_of_the_stations_is_not_the_same_part_of_the_people(first, fraction):
    """Georgia 2018 in places of many stations, of which those of some size came first."""
    stations = load_contest("georgia-2018", units="stations")
    returns = load_returns("georgia-2018", units="stations")
    place = {unit: u for u, unit in enumerate(returns.units)}
    votes = np.array([returns.votes[place[u]] if u in place else (0, 0) for u in stations.units])
    code = np.array([unit[:2] for unit in stations.units])
    names = sorted(set(code))

    def summed(counts):
        return np.array([counts[code == name].sum(axis=0) for name in names])

    contest = Contest(
        name="places", candidates=stations.candidates, finalists=stations.finalists,
        units=tuple(names), votes=summed(stations.votes), invalid=summed(stations.invalid),
        registered=summed(stations.registered),
    )  # fmt: skip
    sizes = {"small": stations.registered, "large": -stations.registered,
             "any": np.random.default_rng(0).random(len(code))}[first]  # fmt: skip
    done = np.argsort(np.argsort(sizes)) < fraction * len(code)
    counted = [done[code == name].mean() for name in names]
    part = Returns(
        units=tuple(names), finalists=contest.finalists,
        votes=summed(votes * done[:, None]), counted=counted,
    )  # fmt: skip
    now = nowcast(contest, part)
    truth = votes.sum(axis=0)
    for k, finalist in enumerate(contest.finalists):
        interval = now.votes(finalist, level=0.95).interval
        assert interval.low < truth[k] < interval.high
        interval = now.share(finalist, level=0.95).interval
        assert interval.low < truth[k] / truth.sum() < interval.high
    assert now.counted_share == pytest.approx(votes[done].sum() / truth.sum(), abs=0.05)


def test_turnout_of_the_night_counts_the_invalid_ballots_that_are_told():
    """More than twice as many were invalid in the French runoff of 2017 as in its first round."""
    contest, returns = load_contest("france-2017"), load_returns("france-2017")
    official = (returns.votes.sum() + returns.invalid.sum()) / contest.registered.sum()
    assert nowcast(contest, returns).turnout().median == pytest.approx(official, abs=1e-6)
    untold = replace(returns, invalid=None, ballots=None)
    assert nowcast(contest, untold).turnout().median < official - 0.05


def test_votes_are_printed_as_numbers(night):
    found = now(night, 20)
    votes = found.votes(found.finalists[0])
    low, high = votes.interval.low, votes.interval.high
    assert str(votes) == f"{votes.median:,.0f} [{low:,.0f}, {high:,.0f}]"
    assert str(votes.interval) == f"{low:,.0f} to {high:,.0f}"
    assert str(found.share(found.finalists[0])).count("%") == 1
