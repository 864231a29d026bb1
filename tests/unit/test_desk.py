"""What people decide on an election night."""

import numpy as np
import polars as pl
import pytest
from nights import drawn_night

from forecast import InputError, nowcast
from forecast.outcome.desk import Desk, read_desk
from forecast.outcome.nowcast import Nowcast


@pytest.fixture(scope="module")
def night():
    return drawn_night(np.random.default_rng(4))


def now(night, n=50, **options):
    part = night.returns.select(night.returns.units[:n])
    return nowcast(night.contest, part, prior=night.prior, draws=300, **options)


def final(night, region):
    own = np.array(night.contest.regions) == region
    votes = night.returns.votes[own].sum(axis=0).tolist()
    return dict(zip(night.contest.finalists, votes, strict=True))


def test_a_unit_set_aside_counts_and_teaches_nothing(night):
    plain, aside = now(night), now(night, desk=Desk(set_aside=("u007",)))
    assert aside.returns.totals == plain.returns.totals
    assert aside.resemblance.learned == plain.resemblance.learned - 1
    assert any("set aside by hand" in note and "u007" in note for note in aside.notes)


def test_a_region_without_units_is_met_and_narrows_the_rest(night):
    region = night.contest.regions[0]
    plain = now(night)
    result = now(night, desk=Desk(totals={region: final(night, region)}))
    (own,) = (r for r in result.by_region() if r.region == region)
    for f, votes in final(night, region).items():
        assert own.counted[f] + own.remaining[f] == pytest.approx(votes)
    assert own.share["ada"].interval.high - own.share["ada"].interval.low < 1e-9
    before, after = (r.share("ada").interval for r in (plain, result))
    assert after.high - after.low < before.high - before.low


def test_a_total_of_all_is_the_result(night):
    totals = night.returns.totals
    result = now(night, desk=Desk(totals={"*": totals}))
    for f, votes in totals.items():
        assert result.votes(f).interval.low == pytest.approx(votes)
        assert result.votes(f).interval.high == pytest.approx(votes)


def stranger(night, n=40):
    """Return the night's first returns, and those of a unit that the first round did not have."""
    part = night.returns.select(night.returns.units[:n])
    rows = [
        {"unit": u, **dict(zip(night.contest.finalists, v, strict=True))}
        for u, v in zip(part.units, part.votes.tolist(), strict=True)
    ]
    return pl.DataFrame([*rows, {"unit": "abroad", "ada": 700, "ben": 300}])


def test_a_total_of_all_holds_units_that_the_first_round_did_not_have(night):
    totals = {"ada": 60_000, "ben": 45_000}
    result = nowcast(
        night.contest,
        stranger(night),
        prior=night.prior,
        draws=300,
        desk=Desk(totals={"*": totals}),
    )
    for f, votes in totals.items():
        assert result.votes(f).interval.low == pytest.approx(votes)
        assert result.votes(f).interval.high == pytest.approx(votes)


@pytest.mark.parametrize("order", [1, -1])
def test_totals_of_a_region_and_of_all_are_both_met_in_any_order(night, order):
    region = night.contest.regions[0]
    totals = {region: final(night, region), "*": night.returns.totals}
    result = now(night, desk=Desk(totals=dict([*totals.items()][::order])))
    (own,) = (r for r in result.by_region() if r.region == region)
    for f in night.contest.finalists:
        assert own.counted[f] + own.remaining[f] == pytest.approx(totals[region][f])
        assert result.votes(f).interval.low == pytest.approx(totals["*"][f])
        assert result.votes(f).interval.high == pytest.approx(totals["*"][f])


def test_totals_that_contradict_each_other_are_refused(night):
    regions = dict.fromkeys(night.contest.regions)
    totals = {region: final(night, region) for region in regions}
    more = {f: votes + 1 for f, votes in night.returns.totals.items()}
    with pytest.raises(InputError, match=r"totals of '\*': must agree with those of its regions"):
        now(night, desk=Desk(totals={**totals, "*": more}))
    result = now(night, desk=Desk(totals={**totals, "*": night.returns.totals}))
    assert result.share("ada").interval.high - result.share("ada").interval.low < 1e-9


def test_units_add_up_to_a_total_given_without_them(night):
    region = night.contest.regions[0]
    votes = {"ada": int(1.2 * final(night, region)["ada"]), "ben": final(night, region)["ben"]}
    result = now(night, desk=Desk(totals={region: votes}))
    own = np.array(night.contest.regions) == region
    came = result.by_unit().expected[own].sum(axis=0)
    np.testing.assert_allclose(came, list(votes.values()), rtol=0.01)


def test_a_saved_nowcast_keeps_what_its_totals_moved(night, tmp_path):
    region = night.contest.regions[0]
    result = now(night, desk=Desk(totals={region: final(night, region)}))
    again = Nowcast.load(result.save(tmp_path / "night.forecast"))
    np.testing.assert_array_equal(again.by_unit().expected, result.by_unit().expected)


def test_a_call_by_hand_is_printed_with_its_reason(night):
    result = now(night, desk=Desk(called="ben", reason="ada has conceded"))
    assert result.called == "ben"
    assert result.verdict == "called for ben by hand: ada has conceded"
    held = now(night, 150, desk=Desk(called="nobody", reason="recount in the north"))
    assert held.called is None or held.decided
    assert "recount in the north" in held.verdict or held.decided


def test_a_desk_file(night, tmp_path):
    file = tmp_path / "desk.toml"
    file.write_text(
        'set_aside = ["u001"]\ncalled = "nobody"\nreason = "wait"\n[totals."*"]\nada = 9\nben = 8\n'
    )
    desk = read_desk(file).checked(night.contest)
    assert desk == Desk(
        set_aside=("u001",), called="nobody", reason="wait", totals={"*": {"ada": 9, "ben": 8}}
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('called = "ben"', "a call by hand needs a reason"),
        ('called = "bem"\nreason = "x"', "ben"),
        ('set_aside = ["u999"]', "must be units of the contest - found 'u999'"),
        ("[totals.nowhere]\nada = 1\nben = 1", "must be of a region of the contest"),
        ('[totals."*"]\nada = 1', "must be a count for each of ada, ben"),
        ('[totals."*"]\nada = 1\nben = 2', "must not be less than what its units have counted"),
        ("set_aside = 3", "set_aside must be a list"),
        ("aside = []", "no key 'aside'"),
        ("called = ", "must be TOML"),
    ],
)
def test_a_desk_that_is_wrong(night, tmp_path, text, message):
    file = tmp_path / "desk.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        now(night, desk=read_desk(file))
