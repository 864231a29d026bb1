"""Interim turnout: what tables may say, what is refused, and what it does to a night."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import small
from nights import drawn_night
from scipy.special import expit, logit

from forecast import (
    InputError,
    Returns,
    interim_turnout,
    load_contest,
    load_turnout,
    nowcast,
    read_partial_returns,
    read_turnout,
)
from forecast.facts.interim_turnout import InterimTurnout, most_voters, unlisted_units
from forecast.facts.partial_returns import partial_returns
from forecast.transfers.night.groundwork import _informed


@pytest.fixture(scope="module")
def night():
    return drawn_night(np.random.default_rng(11), units=120, interim=True)


@pytest.fixture
def table(contest):
    lists = contest.registered
    return {
        "unit": list(contest.units),
        "first_round": np.round(0.3 * lists).astype(int).tolist(),
        "runoff": np.round(0.4 * lists).astype(int).tolist(),
    }


def nothing(contest):
    return Returns(units=(), finalists=contest.finalists, votes=np.zeros((0, 2), dtype=int))


def test_ballots_fractions_and_percentages_say_the_same(contest, table):
    wanted = logit(0.4) - logit(0.3)
    by_ballots = interim_turnout(contest, pl.DataFrame(table))
    assert by_ballots.change == pytest.approx(np.full(3, wanted), abs=0.02)
    assert (by_ballots.noise > 0).all()
    for first, later in ((0.3, 0.4), ("30%", "40%"), (30.0, 40.1), ("30", "40%")):
        spoken = {"unit": table["unit"], "first_round": [first] * 3, "runoff": [later] * 3}
        found = interim_turnout(contest, pl.DataFrame(spoken))
        assert found.change == pytest.approx(np.full(3, wanted), abs=0.005)
        assert (found.noise == 0).all()


@pytest.mark.parametrize(
    "names",
    ["unit,First round,Runoff", "Commune,1er tour,2e tour", "Município,1º turno,2º turno",
     "Gmina,I tura 17:00,II tura 17:00", "Gemeinde,1. Wahlgang (%),Stichwahl (%)",
     "region,Turnout 1st round,Turnout 2nd round"],
)  # fmt: skip
def test_places_and_rounds_have_the_names_of_other_tables(contest, names):
    place, first, later = names.split(",")
    cells = ["a", "b", "a"] if place == "region" else [*contest.units]
    held = replace(contest, regions=("a", "b", "a"))
    rows = {place: cells[:2] if place == "region" else cells}
    n = len(rows[place])
    found = interim_turnout(held, pl.DataFrame(rows | {first: ["%30,5"] * n, later: ["40.2%"] * n}))
    assert found.change == pytest.approx(np.full(3, logit(0.402) - logit(0.305)))


def test_hours_of_several_times_are_refused(contest, table):
    rows = {"unit": table["unit"], "round 1, 12:00": table["first_round"],
            "round 1, 17:00": table["first_round"], "round 2, 12:00": table["runoff"]}  # fmt: skip
    with pytest.raises(InputError, match="'first_round' and 'runoff'"):
        interim_turnout(contest, pl.DataFrame(rows))


def test_points_that_may_stand_between_thousands_are_asked_about(contest, table):
    rows = table | {"first_round": ["24.914", "31.405", "28.222"], "runoff": ["25.100"] * 3}
    with pytest.raises(InputError, match=r"24.914, which may be .* write 24914 or '24.914%'"):
        interim_turnout(contest, pl.DataFrame(rows))
    plain = {name: [f"{c}%" for c in rows[name]] for name in ("first_round", "runoff")}
    interim_turnout(contest, pl.DataFrame(rows | plain))
    mixed = rows | {"runoff": ["25.1", "40.223", "39.12"]}
    interim_turnout(contest, pl.DataFrame(mixed))


def test_points_stand_between_thousands_beside_numbers_of_people(contest, table):
    held = replace(contest, votes=10 * contest.votes, invalid=10 * contest.invalid,
                   registered=10 * contest.registered)  # fmt: skip
    whole = {n: [10 * x for x in table[n][:2]] + [740] for n in ("first_round", "runoff")}
    pointed = {n: [f"{x:,}".replace(",", ".") for x in cells] for n, cells in whole.items()}
    assert any("." in cell for cell in pointed["runoff"])
    found = interim_turnout(held, pl.DataFrame(table | pointed))
    assert found.change == pytest.approx(interim_turnout(held, pl.DataFrame(table | whole)).change)
    for cells in (["1.400", "1200", "740"], [1.4, 1.2, 740.0], ["1.40", "1.200", "740"]):
        with pytest.raises(InputError, match="people must be whole numbers"):
            interim_turnout(held, pl.DataFrame(table | {"first_round": cells}))


@pytest.mark.parametrize(("first", "later"), [("{:.1%}", "{:.1%}"), ("{:.3f}", "{:.3f}")])
def test_no_hour_has_more_turnout_than_the_first_round(contest, table, first, later):
    """Percentages and fractions too: exchanged rounds, or 0.8 that means 0.8%."""
    final = contest.ballots / contest.registered
    cells = {"first_round": [first.format(min(x + 0.05, 1)) for x in final],
             "runoff": [later.format(x / 2) for x in final]}  # fmt: skip
    with pytest.raises(InputError, match="at most the first round's turnout"):
        interim_turnout(contest, pl.DataFrame(table | cells))
    cells["first_round"] = [first.format(x) for x in final]
    interim_turnout(contest, pl.DataFrame(table | cells))


def test_turnout_is_over_the_list_of_its_round(contest, table):
    """A list that grows by a twelfth with as many more voters is no change of turnout."""
    table["registered"] = (13 * contest.registered // 12).tolist()
    table["runoff"] = [round(13 / 12 * n) for n in table["first_round"]]
    found = interim_turnout(contest, pl.DataFrame(table))
    assert found.growth == pytest.approx(np.full(3, 13 / 12), abs=0.01)
    assert found.change == pytest.approx(np.zeros(3), abs=0.01)


def test_a_table_of_regions_speaks_for_their_units():
    georgia = load_contest("georgia-2018")
    rows = {"region": ["Guria", "Adjara"], "first_round": [44.0, 40.5], "runoff": [48.0, 50.5]}
    found = interim_turnout(georgia, pl.DataFrame(rows))
    own = np.array(georgia.regions)
    assert found.units == np.isin(own, ["Guria", "Adjara"]).sum()
    assert set(np.round(found.change[own == "Guria"], 9)) == {
        round(float(logit(0.48) - logit(0.44)), 9)
    }


@pytest.mark.parametrize("cell", [None, 0])
def test_rows_without_numbers_say_nothing(contest, table, cell):
    """Nor do zeros: nobody by some hour is a unit that has not said."""
    table["runoff"][1] = cell
    found = interim_turnout(contest, pl.DataFrame(table))
    assert np.isfinite(found.change).tolist() == [True, False, True]
    assert found.units == 2
    (note,) = found.notes
    assert note.endswith("without turnout of both rounds, or with more than can be, left out: hill")


def test_a_misprint_among_many_rows_is_left_out_and_named():
    """As in the commission's own table: by 17:00 520 had voted where 497 had in the end."""
    georgia = load_contest("georgia-2018")
    rows = {
        "unit": georgia.units,
        "first_round": (0.3 * georgia.registered).astype(int).tolist(),
        "runoff": (0.4 * georgia.registered).astype(int).tolist(),
    }
    rows["runoff"][1] *= 10
    found = interim_turnout(georgia, pl.DataFrame(rows))
    assert np.isnan(found.change[1])
    assert found.units == 73
    assert found.notes[0].endswith("left out: Vake")


def test_unknown_rows_are_named():
    """A total row or a misprint among many rows is left out, and said so."""
    georgia = load_contest("georgia-2018")
    units = [*georgia.units[:-1], "Georgia"]
    rows = {"unit": units, "first_round": ["30%"] * 74, "runoff": ["40%"] * 74}
    found = interim_turnout(georgia, pl.DataFrame(rows))
    assert found.units == 73
    assert found.notes == ("turnout: 1 row unknown in the first round, left out: Georgia",)
    result = nowcast(georgia, nothing(georgia), turnout=found, draws=10)
    assert found.notes[0] in str(result)


@pytest.mark.parametrize("name", ["Total", "Razem", "სულ", "Gesamt"])
def test_a_row_of_the_total_is_left_out_of_a_small_table(contest, name):
    units = [*contest.units, name]
    rows = {"unit": units, "first_round": ["30%"] * len(units), "runoff": ["40%"] * len(units)}
    found = interim_turnout(contest, pl.DataFrame(rows))
    assert found.units == len(contest.units)
    assert found.notes == (f"turnout: 1 row unknown in the first round, left out: {name}",)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"runoff": None}, "must have columns 'first_round' and 'runoff'"),
        ({"unit": ["harbour", "moon", "mars"]}, "2 of 3 are unknown, such as 'moon'"),
        ({"unit": ["hill", "hill", "harbour"]}, "every unit must occur once"),
        ({"first_round": [-1, 4, 5]}, "row 0, 'first_round': must be a number from 0 on"),
        ({"first_round": ["x", 4, 5]}, "found 'x'"),
        ({"first_round": [30, 31, 32], "runoff": [40, 41, 42]}, "whole numbers of at most 100"),
        ({"runoff": [40, 41, 42]}, "found ballots and whole numbers of at most 100; write perc"),
        ({"runoff": ["40%"] * 3}, "alike in both columns - found ballots and percentages"),
        ({"first_round": ["30%", "412", ""]}, "found ballots and percentages"),
        ({"first_round": ["4,120"] * 3}, "without thousands separators"),
        (
            {"first_round": [0.3] * 3, "runoff": [0.4, 0.5, 0.6], "registered": [1500, 700, 600]},
            "must be the runoff's lists - in all found 2,800",
        ),
        ({"first_round": [None] * 3}, "must have turnout of both rounds in some row"),
        ({"registered": [9e9, 800, 700]}, "'registered': must be the runoff's list"),
        ({"first_round": [1400, 200, 150]}, "at most the ballots of the first round - found 1400"),
        ({"runoff": [300, 200, 9000]}, "row 2, 'runoff': must be at most all who can vote"),
    ],
)
def test_broken_tables_are_refused(contest, table, changed, message):
    table |= {name: cells for name, cells in changed.items() if cells is not None}
    for name in [name for name, cells in changed.items() if cells is None]:
        del table[name]
    with pytest.raises(InputError, match=message):
        interim_turnout(contest, pl.DataFrame(table, strict=False))


def test_a_region_needs_a_contest_with_regions(contest):
    bare = replace(contest, regions=None)
    rows = pl.DataFrame({"region": ["x"], "first_round": [0.3], "runoff": [0.4]})
    with pytest.raises(InputError, match="needs a contest with regions"):
        interim_turnout(bare, rows)


def smoothed(change, noise, regions):
    """Return the smoothed change of the first stations of Georgia, told to lie in `regions`."""
    stations, n = load_contest("georgia-2018", units="stations"), len(change)
    kept = replace(
        stations,
        units=stations.units[:n],
        votes=stations.votes[:n],
        invalid=stations.invalid[:n],
        registered=stations.registered[:n],
        regions=regions,
    )
    found = InterimTurnout(contest=kept, change=change, noise=noise, growth=np.ones(n))
    return found.smoothed(np.ones(n))


def test_unknown_units_are_like_their_region():
    found = smoothed(
        [0.2, 0.4, np.nan, 1.0, np.nan], [0, 0, np.nan, 0, np.nan], ("a", "a", "a", "b", "c")
    )
    assert found.mean == pytest.approx(1.6 / 3)
    assert found.basis == pytest.approx(0.6)
    assert found.noise == 0
    wanted = np.array([0.2, 0.4, 0.3, 1.0, 1.6 / 3])
    assert found.around + found.mean == pytest.approx(wanted, abs=0.06)
    assert (found.around + found.mean)[[0, 1, 3]] == pytest.approx(wanted[[0, 1, 3]], abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_noise_is_taken_out_of_units(rng, n):
    """As much noise as variance within regions and between them, whatever the size of regions.

    A unit is forecast better than by its own number, and as far from its region's mean as half of
    what it says.
    """
    regions = 3000 // n
    truth = np.repeat(rng.normal(0, 0.2, regions), n) + rng.normal(0, 0.2, regions * n)
    change = truth + rng.normal(0, 0.2, regions * n)
    names = tuple(f"r{r}" for r in np.repeat(np.arange(regions), n))
    found = smoothed(change, np.full(regions * n, 0.04), names)
    error = found.around + found.mean - truth
    assert np.sqrt(np.mean(error**2)) < 0.9 * 0.2
    assert found.noise == pytest.approx(0.04 / (regions * n))
    if n > 1:
        own, said = (
            x.reshape(regions, n) - x.reshape(regions, n).mean(axis=1, keepdims=True)
            for x in (found.around, change)
        )
        assert (own * said).sum() / (said**2).sum() == pytest.approx(0.5, abs=0.05)


def test_one_small_unit_says_little_of_its_region(rng):
    """A few people who came twice as often are no reason to expect that of ten thousand others."""
    change = np.concatenate([rng.normal(0, 0.05, 300), [1.3, np.nan, np.nan]])
    noise = np.concatenate([np.full(300, 0.001), [0.16, np.nan, np.nan]])
    found = smoothed(change, noise, ("a",) * 100 + ("b",) * 100 + ("c",) * 100 + ("d",) * 3)
    assert np.abs(found.around[301:]).max() < 0.1


def test_a_draw_moves_as_a_normal_conditioned_on_participation(rng):
    """With one origin, participation is a coordinate: the closed form of two normals."""
    prior = np.stack([rng.normal(0, 1, 40_000), rng.normal(-0.5, 0.3, 40_000)])
    prior[0] += 0.5 * (prior[1] + 0.5) / 0.3
    wanted, sd = 0.1, 0.1
    found = _informed(prior, np.array([100.0]), wanted=wanted, sd=sd, rng=rng)
    gain = 0.3**2 / (0.3**2 + sd**2)
    assert found[1].mean() == pytest.approx(-0.5 + gain * 0.6, abs=0.005)
    assert found[1].std() == pytest.approx(np.sqrt(gain) * sd, rel=0.03)
    assert found[0].mean() == pytest.approx(0.5 / 0.3 * gain * 0.6, abs=0.03)


def test_before_the_first_return_turnout_is_what_is_known(night):
    found = nowcast(night.contest, nothing(night.contest), prior=night.prior, turnout=night.turnout)
    plain = nowcast(night.contest, nothing(night.contest), prior=night.prior)
    truth = night.returns.votes.sum() / night.contest.registered.sum()
    near, far = (result.turnout().interval for result in (found, plain))
    assert near.high - near.low < 0.6 * (far.high - far.low)
    wide = found.turnout(level=0.99).interval
    assert wide.low < truth < wide.high
    people = night.contest.registered.astype(float)
    change = night.turnout.smoothed(people).mean
    before = night.contest.votes.sum() / people.sum()
    assert found.turnout().median == pytest.approx(expit(logit(before) + change), abs=0.03)


def test_more_voters_are_expected_where_more_have_come(night):
    """Twice the same units: what came by some hour decides which of two regions has more left."""
    own = np.array(night.contest.regions) == night.contest.regions[0]

    def rest(sign):
        change = np.where(own, 0.3 * sign, -0.3 * sign)
        told = replace(night.turnout, change=change)
        found = nowcast(night.contest, nothing(night.contest), prior=night.prior, turnout=told)
        votes = found.remaining[found.regions.index(night.contest.regions[0])].sum(axis=0)
        return votes.mean()

    assert rest(1) > 1.2 * rest(-1)


def test_votes_follow_a_longer_list(night):
    grown = np.where(np.arange(120) == 7, 2.0, 1.0)
    lists = replace(night.turnout, change=np.full(120, np.nan), growth=grown)
    part = night.returns.select([u for u in night.returns.units if u != "u007"])
    found = nowcast(night.contest, part, prior=night.prior, turnout=lists)
    plain = nowcast(night.contest, part, prior=night.prior)
    ratio = found.remaining.sum(axis=(0, 1)).mean() / plain.remaining.sum(axis=(0, 1)).mean()
    assert ratio == pytest.approx(2, rel=0.1)
    room = found.electorate.people - plain.electorate.people
    assert room == pytest.approx(1.1 * night.contest.registered[7], rel=0.01)


def test_a_longer_list_makes_many_votes_no_misprint(night):
    """A unit abroad whose list has grown by half: its votes count, and teach, as others do."""
    most = most_voters(night.contest)
    votes = np.array(night.returns.votes)
    votes[3] = [most[3] * 6 // 10, most[3] * 6 // 10]
    counted = replace(night.returns, votes=votes)
    plain = partial_returns(night.contest, counted)
    assert plain.changed[3]
    assert "more votes than voters" in str(plain.notes)
    grown = replace(night.turnout, growth=np.where(np.arange(120) == 3, 1.6, 1.0))
    told = partial_returns(night.contest, counted, turnout=grown)
    assert not told.changed[3]
    assert told.notes == ()
    assert told.most[3] == np.ceil(1.1 * 1.6 * night.contest.registered[3] - 1e-6)


def test_turnout_belongs_to_a_contest_and_is_given_once(night, contest):
    with pytest.raises(InputError, match="belongs to another contest"):
        nowcast(contest, nothing(contest), prior=small.elicited_prior(), turnout=night.turnout)
    matched = partial_returns(night.contest, nothing(night.contest), turnout=night.turnout)
    nowcast(night.contest, matched, prior=night.prior, turnout=night.turnout, draws=10)
    with pytest.raises(InputError, match="bring their own turnout"):
        nowcast(night.contest, matched, prior=night.prior, turnout=replace(night.turnout), draws=10)


def test_what_was_known_is_said(night):
    found = nowcast(night.contest, nothing(night.contest), prior=night.prior, turnout=night.turnout)
    assert str(found).splitlines()[-1].endswith("; interim turnout of 120 units")
    lists = replace(night.turnout, change=np.full(120, np.nan), growth=np.full(120, 1.02))
    found = nowcast(night.contest, nothing(night.contest), prior=night.prior, turnout=lists)
    assert found.basis.endswith("; the runoff's lists")
    same = replace(lists, growth=np.ones(120))
    found = nowcast(night.contest, nothing(night.contest), prior=night.prior, turnout=same)
    assert found.basis == night.prior.name


def test_files_are_read(contest, table, tmp_path):
    path = tmp_path / "turnout.csv"
    pl.DataFrame(table).write_csv(path)
    found = read_turnout(path, contest)
    assert found.units == 3
    (tmp_path / "night.csv").write_text(
        f"unit,{','.join(contest.finalists)}\n{contest.units[0]},10,9\n"
    )
    told = read_partial_returns(tmp_path / "night.csv", contest, turnout=found)
    assert told.turnout is found


def test_where_there_is_no_list_ballots_tell():
    """Polling stations abroad: no list, so that as many again may come; a list changes nothing."""
    georgia = load_contest("georgia-2018", units="stations")
    abroad = np.flatnonzero(unlisted_units(georgia) & (np.array(georgia.regions) == "Abroad"))
    bundled = load_turnout("georgia-2018", units="stations")
    assert (bundled.growth[abroad] == 1).all()
    u = int(abroad[0])
    ballots = int(georgia.votes[u].sum())
    rows = {"unit": [georgia.units[u]], "first_round": [ballots], "runoff": [ballots // 2]}
    found = interim_turnout(georgia, pl.DataFrame(rows | {"registered": [10**6]}))
    assert found.growth[u] == 1
    assert found.change[u] < 0


def test_a_list_of_nobody_is_not_known(contest, table):
    found = interim_turnout(contest, pl.DataFrame(table | {"registered": [0, None, 600]}))
    assert found.growth[:2].tolist() == [1, 1]
    assert found.growth[2] == 600 / contest.registered[2]


def test_a_region_whose_list_grew_much_must_say_where():
    """All of it may be in one unit, and then a lead is not what it seems."""
    georgia = load_contest("georgia-2018")
    own = np.array(georgia.regions) == "Guria"
    listed = int(georgia.registered[own].sum())
    for factor, refused in ((1.05, False), (1.5, True)):
        rows = pl.DataFrame({"region": ["Guria"], "registered": [int(factor * listed)]})
        if refused:
            with pytest.raises(InputError, match="must be given by unit"):
                interim_turnout(georgia, rows)
        else:
            assert interim_turnout(georgia, rows).growth[own] == pytest.approx(1.05, abs=1e-4)


def test_turnout_of_nobody_changes_nothing(night):
    """The only unit with a known change has no people."""
    empty = replace(
        night.contest,
        votes=np.vstack([0 * night.contest.votes[:1], night.contest.votes[1:]]),
        registered=np.append(0, night.contest.registered[1:]),
    )
    told = InterimTurnout(
        contest=empty,
        change=np.append(0.5, np.full(119, np.nan)),
        noise=np.append(0.1, np.full(119, np.nan)),
        growth=np.ones(120),
    )
    found, plain = (
        nowcast(empty, nothing(empty), prior=night.prior, turnout=t, draws=50) for t in (told, None)
    )
    assert found.digest == plain.digest
    assert np.isnan(found.by_unit().share[:, 0]).all()
