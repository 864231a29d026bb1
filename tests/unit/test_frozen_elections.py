"""Forecasts of both rounds are frozen before the first, and scored by the counts of both."""

import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from forecast import (
    InputError,
    forecast_election,
    forecast_runoff,
    read_contest,
    read_election,
    read_returns,
)
from forecast.data.elections import load_election
from forecast.validation.frozen import freeze, frozen_text, read_frozen, score_frozen
from forecast.validation.provenance import digest_of
from forecast.validation.scorecard import entry
from forecast.validation.scores import crps

MADE = "2030-04-20T12:00:00+00:00"
FIRST = "candidate,votes\nAda,3900\nBen,3100\nCid,2000\nDan Unknown,300\ninvalid,100\n"
POLLS = {
    "pollster": ["Acme", "Best"], "end": ["2030-04-01", "2030-04-11"], "n": [1000, 900],
    "Ada": [40, 41], "Ben": [30, 29], "Cid": [20, 21],
}  # fmt: skip


@pytest.fixture(scope="module")
def election():
    return read_election(
        pl.DataFrame(POLLS), election_day=date(2030, 5, 5), title="Test, president"
    )


@pytest.fixture(scope="module")
def forecast(election):
    return forecast_election(election, draws=20_000)


@pytest.fixture
def frozen(forecast):
    return freeze(forecast, made=MADE)


def counts(tmp_path, text=FIRST, name="first.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_contest(path, advancement="top two", electorate="voters")


def test_scores_are_those_of_the_draws(forecast, frozen, tmp_path):
    scores = score_frozen(read_frozen(frozen_text(frozen)), None, first_round=counts(tmp_path))
    assert scores["advanced"] == ["Ada", "Ben"]
    assert "winner" not in scores
    assert scores["share"] == pytest.approx(
        {"Ada": 3900 / 9300, "Ben": 3100 / 9300, "Cid": 2000 / 9300, "somebody else": 300 / 9300}
    )
    met = next(p for p in forecast.pairings() if set(p.finalists) == {"Ada", "Ben"})
    assert scores["finalists log"] == pytest.approx(-math.log(met.probability.value))
    places = [forecast.candidates.index(c) for c in scores["share"]]
    actual = np.array([*scores["share"].values()])
    expected = 100 * crps(forecast.shares()[:, places], actual).mean()
    assert scores["first round crps"] == pytest.approx(float(expected), rel=0.02)


def test_the_runoff_says_who_won(forecast, frozen, tmp_path):
    first, path = counts(tmp_path), tmp_path / "second.csv"
    path.write_text("candidate,votes\nAda,4600\nBen,4700\n", "utf-8")
    returns = read_returns(path, contest=first)
    scores = score_frozen(frozen, returns, first_round=first)
    assert scores["winner"] == "Ben"
    p = forecast.win_probability("Ben").value
    assert scores["winner log"] == pytest.approx(-math.log(p))
    path.write_text("candidate,votes\nAda,4600\nCid,4700\n", "utf-8")
    with pytest.raises(InputError, match="must be of the finalists Ada, Ben"):
        score_frozen(frozen, read_returns(path), first_round=first)


def test_whoever_is_elected_at_once_needs_no_runoff(forecast, frozen, tmp_path):
    text = FIRST.replace("Ada,3900", "Ada,5900")
    scores = score_frozen(frozen, None, first_round=counts(tmp_path, text))
    assert (scores["winner"], scores["advanced"]) == ("Ada", [])
    outright = forecast.elected_outright("Ada").value
    assert scores["finalists log"] == pytest.approx(-math.log(outright))


def test_a_pair_that_no_draw_had_is_never_impossible(frozen, tmp_path):
    text = "candidate,votes\nCid,3100\nSomebody New,3000\nAda,2900\nBen,20\n"
    scores = score_frozen(frozen, None, first_round=counts(tmp_path, text))
    assert scores["finalists log"] == pytest.approx(math.log(2 * 20_001))


def test_somebody_whom_no_poll_named_may_win(forecast, frozen, tmp_path):
    text = "candidate,votes\nSomebody New,3300\nAda,3000\nBen,2900\nCid,900\n"
    first, path = counts(tmp_path, text), tmp_path / "second.csv"
    path.write_text("candidate,votes\nSomebody New,5000\nAda,4000\n", "utf-8")
    scores = score_frozen(frozen, read_returns(path, contest=first), first_round=first)
    assert (scores["advanced"], scores["winner"]) == (["somebody else", "Ada"], "somebody else")
    p = forecast.win_probability("somebody else").value
    assert scores["winner log"] == pytest.approx(-math.log(p))
    path.write_text("candidate,votes\nSomebody New,5000\nAda,5000\n", "utf-8")
    with pytest.raises(InputError, match="must have won - found a tie at 5,000"):
        score_frozen(frozen, read_returns(path, contest=first), first_round=first)


def test_two_candidates_are_never_taken_for_one(tmp_path):
    asked = {k.replace("Ada", "Ada Long").replace("Ben", "Ben Short"): v for k, v in POLLS.items()}
    held = read_election(pl.DataFrame(asked), election_day=date(2030, 5, 5))
    frozen = freeze(forecast_election(held, draws=2000), made=MADE)
    text = "candidate,votes\nAda Long,3000\nLong,2000\nBen Short,2500\nCid,900\n"
    with pytest.raises(InputError, match="whose name means 'Ada Long'"):
        score_frozen(frozen, None, first_round=counts(tmp_path, text))


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        (
            "Aida Kovalska,3900\nBen,3100\nCid,900\n",
            "'Aida Kovalska' must be somebody else than 'Ada ",
        ),
        (
            "Ada Kowalska,3900\nBen,3100\nA. Kowalska,500\nCid,900\n",
            "whose name means 'Ada Kowalska'",
        ),
        ("Dan,3900\nEve,3100\n", "found nobody whom the forecast names"),
    ],
    ids=["misspelt", "twice", "nobody"],
)
def test_whom_a_count_means_is_known_or_refused(tmp_path, rows, match):
    asked = {k.replace("Ada", "Ada Kowalska"): v for k, v in POLLS.items()}
    held = read_election(pl.DataFrame(asked), election_day=date(2030, 5, 5))
    frozen = freeze(forecast_election(held, draws=2000), made=MADE)
    first = counts(tmp_path, f"candidate,votes\n{rows}")
    with pytest.raises(InputError, match=match):
        score_frozen(frozen, None, first_round=first)


def test_two_whom_no_poll_named_may_both_be_in_the_runoff(frozen, tmp_path):
    text = "candidate,votes\nSomebody New,3300\nAnother One,3000\nAda,2900\nCid,900\n"
    first, path = counts(tmp_path, text), tmp_path / "second.csv"
    path.write_text("candidate,votes\nSomebody New,5000\nAnother One,4000\n", "utf-8")
    scores = score_frozen(frozen, read_returns(path, contest=first), first_round=first)
    assert scores["advanced"] == ["somebody else", "somebody else"]
    assert scores["not in the forecast"] == ["Somebody New", "Another One"]
    assert scores["finalists log"] == pytest.approx(math.log(2 * 20_001))


UNITS = "unit,registered,Ada,Ben,Cid\nN,9000,2000,1500,1000\nS,9000,1900,1600,1000\n"


@pytest.mark.parametrize(
    ("runoff", "match"),
    [
        ("unit,Ada,Ben\nN,2400,2300\nE,2400,2300\n", "'E' is in one of the two only"),
        ("unit,Ada,Ben\nN,2400,2300\nS,,\n", "must be complete"),
        ("candidate,votes\nAda,24000\nBen,23000\n", "must not have more votes than people"),
    ],
    ids=["others", "open", "too many"],
)
def test_a_runoff_that_cannot_decide_is_refused(frozen, tmp_path, runoff, match):
    first = tmp_path / "first.csv"
    first.write_text(UNITS, "utf-8")
    contest = read_contest(first, advancement="top two")
    second = tmp_path / "second.csv"
    second.write_text(runoff, "utf-8")
    with pytest.raises(InputError, match=match):
        score_frozen(frozen, read_returns(second), first_round=contest)


def test_the_total_of_the_runoff_is_enough(frozen, tmp_path):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(UNITS, "utf-8")
    second.write_text("candidate,votes\nAda,4600\nBen,4700\n", "utf-8")
    contest = read_contest(first, advancement="top two")
    assert score_frozen(frozen, read_returns(second), first_round=contest)["winner"] == "Ben"


def test_nobody_is_elected_at_once_and_again(frozen, tmp_path):
    first, second = counts(tmp_path, FIRST.replace("Ada,3900", "Ada,5900")), tmp_path / "two.csv"
    second.write_text("candidate,votes\nAda,4600\nBen,4700\n", "utf-8")
    with pytest.raises(InputError, match="'Ada' was elected in the first round"):
        score_frozen(frozen, read_returns(second), first_round=first)


def test_counts_of_other_elections_and_wrong_files_are_refused(frozen, tmp_path, georgia):
    with pytest.raises(InputError, match="found nobody whom the forecast names"):
        score_frozen(frozen, None, first_round=georgia)
    with pytest.raises(InputError, match="needs the counts of the first round"):
        score_frozen(frozen, None)
    runoff = freeze(forecast_runoff(georgia, draws=200), made=MADE)
    with pytest.raises(InputError, match="is of the runoff"):
        score_frozen(runoff, None, first_round=georgia)
    with pytest.raises(InputError, match="needs the counts of the runoff"):
        score_frozen(runoff, None)


def test_a_first_round_that_is_counted_is_not_forecast_any_more(election, tmp_path):
    told = counts(tmp_path, FIRST.replace("Dan Unknown,300\n", ""))
    with pytest.raises(InputError, match="the first round is counted"):
        freeze(forecast_election(election, contest=told, draws=200), made=MADE)


@pytest.mark.parametrize(
    "changes",
    [
        {"advances": {"Ada": 0.5}}, {"win_probability": {}}, {"candidates": ["Ada"]},
        {"rule": "nonsense"}, {"pairings": [{"finalists": ["Eve"], "probability": 0.5}]},
        {"pairings": []}, {"share": {}}, {"draws": 0}, {"seed": "0"}, {"first_round": "soon"},
        {"labels": {}}, {"made": "x"}, {"conditions": ["if"]}, {"title": 5}, {"outright": None},
    ],
    ids=str,
)  # fmt: skip
def test_every_part_is_checked(frozen, changes):
    content = {**frozen, **changes}
    del content["sha256"]
    with pytest.raises(InputError, match="lacks parts of a frozen forecast"):
        read_frozen(json.dumps(content | {"sha256": digest_of(content)}))
    with pytest.raises(InputError, match="was altered since it was frozen"):
        read_frozen(json.dumps({**frozen, **changes}))


def test_a_scorecard_awaits_it(frozen):
    found = entry("a.json", lambda: frozen_text(frozen), lambda _: pytest.fail("not asked for"))
    assert (found.problem, found.scores, found.leader) == ("", None, "Ada")


def test_commands(run, tmp_path):
    polls, place = tmp_path / "polls.csv", tmp_path / "a.json"
    pl.DataFrame(POLLS).write_csv(polls)
    args = ["before", str(polls), "--election-day", "2030-05-05", "--draws", "2000"]
    args += ["--report", str(tmp_path / "a.html"), "--freeze", str(place)]
    code, out, _ = run(*args)
    assert (code, "SHA-256" in out) == (0, True)
    code, _, error = run(*args)
    assert (code, "exists already; choose another place" in error) == (2, True)
    first = tmp_path / "first.csv"
    first.write_text(FIRST, "utf-8")
    code, _, error = run("score", place)
    assert (code, "--first-round" in error) == (2, True)
    code, out, _ = run("score", place, "--first-round", first)
    assert code == 0
    assert "in the runoff: Ada\nin the runoff: Ben\n" in out


def test_nothing_is_written_where_the_first_round_is_counted(run, tmp_path):
    first = FIRST.replace("Dan Unknown,300\n", "").replace("invalid", "registered,12000\ninvalid")
    pl.DataFrame(POLLS).write_csv(tmp_path / "polls.csv")
    (tmp_path / "first.csv").write_text(first, "utf-8")
    before = {path.name for path in tmp_path.iterdir()}
    code, _, error = run(
        "before", "polls.csv", "--election-day", "2030-05-05", "--as-of", "2030-05-06",
        "--counted", "first.csv", "--draws", 2000, "--freeze", "a.json",
    )  # fmt: skip
    assert (code, "forecast_runoff" in error) == (2, False)
    assert "'forecast freeze CONTEST'" in error
    assert {path.name for path in tmp_path.iterdir()} == before


def test_the_frozen_forecast_of_the_book_is_whole():
    file = Path(__file__).parents[2] / "notebooks" / "france-2027-frozen.json"
    frozen = read_frozen(file.read_text("utf-8"))
    assert frozen["contest"] == "france-2027"
    assert frozen["made"][:10] < frozen["first_round"]
    assert set(frozen["candidates"]) <= {*load_election("france-2027").people, "somebody else"}
