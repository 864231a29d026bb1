"""Backtests hold out what they say, resume where they were killed, and run anywhere alike."""

import os
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import past
import pytest

from forecast import InputError
from forecast.transfers.elicited.generic import generic_prior
from forecast.validation import backtest as module
from forecast.validation.backtest import backtest
from forecast.validation.baselines import BASELINES, margin_only, unchanged_share
from forecast.validation.comparison import compare
from forecast.validation.models import Prediction, TransferModel, observed
from forecast.validation.provenance import model_key
from forecast.validation.store import Store

HISTORY = past.runoffs(4, 6)
SCRIPT = Path(__file__).parent.parent / "resumed_backtest.py"


def seen_by(split, **kwargs):
    """Return, by held-out contest, the names the model was shown."""
    seen = {}

    def model(history):
        def predict(contest, *, draws, rng):
            seen[contest.name] = {c.name for c, _ in history}
            return Prediction(np.full(draws, 0.5), None)

        return predict

    return backtest(HISTORY, model, split=split, draws=2, **kwargs), seen


def test_leave_one_election_out_shows_all_other_elections():
    _, seen = seen_by("leave-one-election-out")
    names = {c.name for c, _ in HISTORY}
    assert set(seen) == names
    for name, shown in seen.items():
        assert shown == {n for n in names if n[:2] != name[:2]}


def test_forward_shows_earlier_elections_only():
    found, seen = seen_by("forward")
    assert set(found.contests) == {c.name for c, _ in HISTORY if c.name[:2] != "e0"}
    for name, shown in seen.items():
        assert shown == {c.name for c, _ in HISTORY if c.name[:2] < name[:2]}


def test_elections_with_too_short_a_past_can_be_left_out():
    """The first forecasts of a history have too few runoffs before them for a regression."""
    history = past.runoffs(5, 2)
    with pytest.raises(InputError, match=r"at least 4 past contests - found 2; .*least="):
        backtest(history, margin_only, split="forward", draws=10)
    found = backtest(history, margin_only, split="forward", draws=10, least=4)
    assert found.contests == ("e2-0", "e2-1", "e3-0", "e3-1", "e4-0", "e4-1")
    with pytest.raises(InputError, match="at least 11 past contests"):
        backtest(history, margin_only, draws=10, least=11)
    with pytest.raises(InputError, match="least must be a whole number from 1"):
        backtest(history, margin_only, draws=10, least=0)


def test_forward_never_learns_from_a_runoff_after_the_first_round():
    """A runoff that fell between another election's rounds is not known to its forecast."""
    (early, r1), (late, r2) = past.runoffs(2, 1)
    late = replace(late, first_round=early.first_round, runoff=late.runoff)
    with pytest.raises(InputError, match="two elections"):
        backtest([(early, r1), (late, r2)], unchanged_share, split="forward")


def test_elections_and_clusters_can_be_named():
    found, seen = seen_by(
        "leave-one-election-out", election=lambda c: c.name, cluster=lambda c: str(c.runoff)
    )
    assert len(seen["e0-0"]) == len(HISTORY) - 1
    assert len(set(found.elections)) == 4
    by_year = backtest(
        HISTORY,
        unchanged_share,
        draws=10,
        election=lambda c: c.runoff.year,
        cluster=lambda c: len(c.units),
    )
    assert by_year.elections == ("1",) * len(HISTORY)
    assert "24" in str(by_year)


def test_the_truth_stays_with_its_contest():
    found = backtest(HISTORY, unchanged_share, draws=10)
    truth = {c.name: observed(c, r) for c, r in HISTORY}
    for i, name in enumerate(found.contests):
        assert (found.actual_share[i], found.actual_turnout[i]) == truth[name]


def test_any_executor_gives_the_same_bytes(tmp_path):
    serial = backtest(HISTORY, margin_only, draws=50)
    with ThreadPoolExecutor(3) as threads:
        assert backtest(HISTORY, margin_only, draws=50, executor=threads).digest == serial.digest
    with ProcessPoolExecutor(2) as processes:
        found = backtest(HISTORY, margin_only, draws=50, executor=processes, cache=tmp_path)
    assert found.share.tobytes() == serial.share.tobytes()
    assert backtest(HISTORY, margin_only, draws=50, cache=tmp_path).digest == serial.digest


def test_a_killed_backtest_resumes(tmp_path):
    """Killed with SIGKILL in its fifth fold: four are kept, none of those is computed again."""
    log, cache = tmp_path / "log", tmp_path / "cache"
    command = [sys.executable, str(SCRIPT), str(log), str(cache)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([*command, "stop"], env=environment)
    while not log.exists() or len(log.read_text("utf-8").splitlines()) < 5:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in cache.glob("*.npz")}
    assert len(kept) == 4
    again = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert kept.items() <= {p.name: p.stat().st_mtime_ns for p in cache.glob("*.npz")}.items()
    assert len(log.read_text("utf-8").splitlines()) == 5 + 8
    plain = [sys.executable, str(SCRIPT), str(tmp_path / "other log"), str(tmp_path / "other")]
    whole = subprocess.run(plain, env=environment, check=True, capture_output=True, text=True)
    assert again.stdout == whole.stdout
    assert len(again.stdout.split()) == 2


def test_a_torn_file_is_computed_again(tmp_path):
    whole = backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path)
    for i, path in enumerate(sorted(tmp_path.glob("*.npz"))):
        path.write_bytes(b"" if i == 0 else path.read_bytes()[:-40])
    assert backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path).digest == whole.digest


def test_a_damaged_file_is_computed_again_whatever_is_wrong_with_it(tmp_path):
    """Every byte of a kept fold is changed in turn, to three values."""
    store, kept = Store(tmp_path), np.arange(12.0).reshape(2, 3, 2)
    store.write("fold", kept)
    path = tmp_path / "fold.npz"
    whole = path.read_bytes()
    for i in range(len(whole)):
        for value in (0, 1, 255):
            path.write_bytes(whole[:i] + bytes([value]) + whole[i + 1 :])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # zipfile's own, about names
                found = store.read("fold")
            assert found is None or np.array_equal(found, kept)


def test_a_kept_fold_of_another_shape_is_computed_again(tmp_path):
    whole = backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path)
    path = next(tmp_path.glob("*.npz"))
    Store(tmp_path).write(path.stem, np.full((2, 10, 5), 0.5))
    assert backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path).digest == whole.digest


def test_a_kept_fold_that_was_changed_or_renamed_is_computed_again(tmp_path):
    """Right shape and readable, but not what was kept, or kept for another fold."""
    whole = backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path)
    first, second = sorted(tmp_path.glob("*.npz"))[:2]
    with np.load(first) as file:
        parts = {**file, "draws": file["draws"] / 2}
    with first.open("wb") as file:
        np.savez(file, **parts)
    assert backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path).digest == whole.digest
    second.write_bytes(first.read_bytes())
    assert backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path).digest == whole.digest


def test_the_cache_never_executes_what_it_reads(tmp_path):
    backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path)
    path = next(tmp_path.glob("*.npz"))
    with path.open("wb") as file:
        np.savez(file, draws=np.array([print], dtype=object))
    assert backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path).share.shape[0] == 10


def test_changed_inputs_are_computed_anew(tmp_path, monkeypatch):
    """Draws, seed, a count and the model each get folds of their own."""
    calls = []
    inner = module.computed_fold
    monkeypatch.setattr(module, "computed_fold", lambda w: (calls.append(1), inner(w))[1])
    contest, returns = HISTORY[0]
    moved = [(replace(contest, votes=contest.votes + 1), returns), *HISTORY[1:]]
    backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path)
    for kwargs in ({"draws": 12}, {"draws": 10, "seed": 1}):
        backtest(HISTORY, unchanged_share, cache=tmp_path, **kwargs)
    backtest(HISTORY, margin_only, draws=10, cache=tmp_path)
    backtest(moved, unchanged_share, draws=10, cache=tmp_path)
    assert len(calls) == 5 * 4
    backtest(HISTORY, unchanged_share, draws=10, cache=tmp_path)
    assert len(calls) == 5 * 4


def sized(size):
    """Return a model that differs from its siblings in nothing but a default."""

    def model(history, size=size):
        return unchanged_share(history[:size])

    return model


@dataclass(frozen=True)
class Unchanged:
    def __call__(self, history):
        return self.learn(history)

    def learn(self, history):
        return unchanged_share(history)


@dataclass(frozen=True, slots=True)
class Shrunk(Unchanged):
    learn = staticmethod(margin_only)


def test_models_alike_in_their_text_are_told_apart(tmp_path):
    """By their defaults, where a function is made in a loop; else the cache refuses them."""
    few, many = (backtest(HISTORY, sized(n), draws=10, cache=tmp_path) for n in (8, 18))
    assert few.digest != many.digest
    assert few.digest == backtest(HISTORY, sized(8), draws=10).digest
    pair = [lambda h: unchanged_share(h), lambda h: margin_only(h)]  # noqa: PLW0108
    for model in pair:
        with pytest.raises(InputError, match=r"more than one lambda.*give key="):
            backtest(HISTORY, model, draws=10, cache=tmp_path)
    shared = "def learn(self, history)"
    assert shared in model_key(Unchanged())
    assert shared in model_key(Shrunk())  # what a class inherits is its own code too


def test_scores_and_table():
    """The margin regression beats the unchanged share where the margin shrinks."""
    history = past.runoffs(6, 40, slope=0.5)
    found = [backtest(history, m, draws=400, name=n) for n, m in BASELINES.items()]
    ours, unchanged = found[3], found[1]
    gain = ours.skill(unchanged)
    assert gain.value > 3 * gain.standard_error
    table = compare([ours, unchanged])
    assert "margin-only regression" in str(table)
    assert table.rows[1]["skill"] == gain.value
    assert ours.summary()["n"] == 240
    assert ours.summary()["clusters"] == 6
    assert set(ours.by_election()) == set(ours.elections)
    assert abs(ours.coverage()[0.9].value - 0.9) < 0.1
    frame = ours.to_frame()
    assert len(frame) == 240
    assert frame["crps"].mean() == pytest.approx(ours.mean("crps").value)
    assert ours.to_dict()["summary"]["crps"] == pytest.approx(ours.mean("crps").value)
    assert "unchanged share" in str(unchanged)


def saying(share, turnout=None):
    """Return a model that gives the same numbers for every contest."""

    def model(history):
        def predict(contest, *, draws, rng):
            return Prediction(share, turnout)

        return predict

    return model


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ((np.ones(1), None), r"share .* must be 10 draws .* found shape \(1,\)"),
        ((np.full(10, 55.0), None), "from 0 to 1 .* found 55.0; 0.55 means 55%"),
        ((np.full(10, np.nan), None), "share .* found nan"),
        ((["a"] * 10, None), "share .* must be 10 draws"),
        ((np.full(10, 0.5), np.full(10, 55.0)), "turnout .* found 55.0"),
        ((np.full(10, 0.5), np.array([0.5])), r"turnout .* found shape \(1,\)"),
    ],
)
def test_what_is_no_draws_of_fractions_is_refused(said, message):
    with pytest.raises(InputError, match=message):
        backtest(HISTORY, saying(*said), draws=10)


def test_a_model_must_give_share_and_turnout():
    def model(history):
        def predict(contest, *, draws, rng):
            return np.full(draws, 0.5)

        return predict

    with pytest.raises(InputError, match="Prediction"):
        backtest(HISTORY, model, draws=10)


def test_win_probabilities_are_never_certain():
    found = backtest(HISTORY, saying(np.full(10, 0.9)), draws=10)
    assert found.win_probability == pytest.approx(1 - 0.5 / 11)


def test_a_transfer_model_is_a_model():
    model = TransferModel(lambda _: generic_prior, "wide prior")
    found = backtest(HISTORY, model, draws=200)
    assert found.model == "wide prior"
    assert np.isfinite(found.turnout).all()


def test_backtest_refuses_what_it_cannot_hold_out(tmp_path):
    undated = [(replace(c, runoff=None), r) for c, r in HISTORY]
    with pytest.raises(InputError, match="'forward' needs the day of every runoff"):
        backtest(undated, margin_only, split="forward")
    with pytest.raises(InputError, match="split must be"):
        backtest(HISTORY, margin_only, split="random")
    with pytest.raises(InputError, match="must occur once"):
        backtest(HISTORY + HISTORY, margin_only)
    with pytest.raises(InputError, match="draws must be an even"):
        backtest(HISTORY, margin_only, draws=3)
    with pytest.raises(InputError, match="same contests"):
        backtest(HISTORY, margin_only).skill(backtest(HISTORY[:12], margin_only))
    with pytest.raises(InputError, match="no score"):
        backtest(HISTORY, margin_only).mean("luck")
    outside = 3

    def closed(history):
        return outside

    with pytest.raises(InputError, match="a digest cannot see"):
        backtest(HISTORY, closed, cache=tmp_path)
    contest, returns = HISTORY[0]
    crowded = [(contest, replace(returns, votes=1000 * returns.votes)), *HISTORY[1:]]
    with pytest.raises(InputError, match="more votes than people"):
        backtest(crowded, margin_only)
    for wrong in (4, "threads"):
        with pytest.raises(InputError, match=r"executor: must be .*get_executor"):
            backtest(HISTORY, margin_only, executor=wrong)
    with pytest.raises(InputError, match="pairs of Contest and Returns - found Contest"):
        backtest([contest for contest, _ in HISTORY], margin_only)
