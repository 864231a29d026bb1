"""What people decide on an election night."""

import numpy as np
import pytest
from nights import drawn_night

from forecast import InputError, nowcast
from forecast.outcome.desk import Desk, read_desk


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
    assert aside.reporting.totals == plain.reporting.totals
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
