"""backtest: what a model would have said of past runoffs it did not see.

A work unit is one fold: learn from the training contests, draw the held-out ones. Its result
depends on nothing but its content (contests, returns, model, code, draws, seed), so it can be
computed by any worker, in any order, and kept under the digest of that content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, as_completed
from os import PathLike
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import History
from forecast.facts.returns import Returns
from forecast.randomness import stream
from forecast.signatures import refuses_other_kinds
from forecast.validation.folds import Fold, Split, check_history, folds
from forecast.validation.models import Model, observed
from forecast.validation.outcomes import Backtest
from forecast.validation.provenance import code_digest, digest_of, model_key
from forecast.validation.store import Store


class Work(NamedTuple):
    """All a worker needs."""

    model: Model
    history: list[tuple[Contest, Returns]]
    contests: list[Contest]
    draws: int
    seed: int


@refuses_other_kinds
def backtest(
    history: History,
    model: Model,
    *,
    split: Split = "leave-one-election-out",
    election: Callable[[Contest], object] | None = None,
    cluster: Callable[[Contest], object] | None = None,
    least: int = 1,
    draws: int = 2000,
    seed: int = 0,
    executor: Executor | None = None,
    cache: str | PathLike[str] | None = None,
    name: str = "",
    key: str | None = None,
) -> Backtest:
    """Forecast past runoffs from others, and score what a model said.

    Parameters
    ----------
    history : sequence of (Contest, Returns)
        Past contests with two finalists.
    model : callable
        ``model(history)`` learns and gives a `Predictor`; see `forecast.validation.models`. It is
        shown the first round of a held-out contest, never its returns.
    split : {"leave-one-election-out", "forward"}
        Learn from all other elections, or only from runoffs held before the election's first round
        (before its runoff, where the day of the first round is missing). The first election, which
        nothing precedes, is then left out.
    election : callable, optional
        Name of a contest's election, held out as a whole; by default the day of the runoff.
    cluster : callable, optional
        Name of the contests whose errors belong together; by default the election.
    least : int
        Past contests that a forecast needs: elections with fewer to learn from are left out.
    draws : int
        Draws per contest, even.
    seed : int
        The seed.
    executor : concurrent.futures.Executor, optional
        Where folds are computed; here and now by default. Any executor gives the same bytes. What
        runs in another process must be found there: a model that is a function of a module.
    cache : path-like, optional
        Folder in which finished folds are kept. Stop a backtest at any time and start it again:
        what is there is read, the rest computed.
    name : str
        What to call the model in tables; by default its own name.
    key : str, optional
        Stands for the model in the cache, instead of its source code and constants.

    Returns
    -------
    Backtest

    Raises
    ------
    InputError
        If a contest occurs twice, has other than two finalists or more votes than people, a date is
        missing that the split needs, nothing is left to forecast, the model gives anything but
        draws of fractions, or it cannot be told apart by content while there is a cache.

    Notes
    -----
    On a Dask cluster give ``executor=distributed.Client("tcp://HOST:8786").get_executor()`` (extra
    ``cluster``), after ``dask scheduler`` on HOST and ``dask worker tcp://HOST:8786`` on each
    machine, all with this package installed.

    Examples
    --------
    >>> from forecast import past_runoffs
    >>> from forecast.validation.baselines import margin_only
    >>> found = backtest(past_runoffs("world")[:8], margin_only, draws=200)
    >>> len(found.contests), round(found.coverage()[0.9].value, 1)
    (8, 0.9)
    >>> backtest(past_runoffs("world")[:1], margin_only)
    Traceback (most recent call last):
    forecast.errors.InputError: backtest: needs at least two elections - found one; add contests
    """
    history = list(history)
    _check(draws, least, executor)
    check_history(history)
    of = election or (lambda contest: str(contest.runoff or contest.name))
    named = [str(of(c)) for c, _ in history]
    clusters = named if cluster is None else [str(cluster(c)) for c, _ in history]
    parts = _parts(history, named, split, least)
    store = None if cache is None else Store(Path(cache))
    digests = [_pair_digest(c, r) for c, r in history]
    about = model_key(model) if key is None and store is not None else key
    addresses = [_address(fold, digests, draws, seed, about) for fold in parts] if store else []
    found: dict[int, FloatArray] = {}
    missing: list[int] = []
    for i, fold in enumerate(parts):
        kept = store.read(addresses[i]) if store else None
        if kept is None or kept.shape != (2, draws, len(fold.held_out)):
            missing.append(i)
        else:
            found[i] = kept
    units = {i: _work(history, model, parts[i], draws, seed) for i in missing}
    for i, result in _computed(units, executor):
        if store:
            store.write(addresses[i], result)
        found[i] = result
    held_out = [i for fold in parts for i in fold.held_out]
    both = np.concatenate([found[i] for i in range(len(parts))], axis=2)
    truth = np.array([observed(*history[i]) for i in held_out])
    return Backtest(
        model=name or str(getattr(model, "name", getattr(model, "__name__", "model"))),
        split=split,
        contests=tuple(history[i][0].name for i in held_out),
        elections=tuple(clusters[i] for i in held_out),
        first_share=np.array([_first_share(history[i][0]) for i in held_out]),
        share=both[0],
        turnout=both[1],
        actual_share=truth[:, 0],
        actual_turnout=truth[:, 1],
    )


def _check(draws: int, least: int, executor: Executor | None) -> None:
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 2 or draws % 2:
        raise InputError(f"draws must be an even whole number from 2 - found {draws!r}")
    if isinstance(least, bool) or not isinstance(least, int) or least < 1:
        raise InputError(f"least must be a whole number from 1 - found {least!r}")
    if executor is not None and not isinstance(executor, Executor):
        raise InputError(
            "executor: must be a concurrent.futures.Executor - found "
            f"{type(executor).__name__}; of a Dask client give client.get_executor()"
        )


def _parts(history: History, named: list[str], split: Split, least: int) -> list[Fold]:
    """Return the folds that have enough to learn from."""
    found = list(folds(history, named, split))
    if not found:
        raise InputError("backtest: needs at least two elections - found one; add contests")
    parts = [fold for fold in found if len(fold.learned) >= least]
    if not parts:
        raise InputError(
            f"backtest: a forecast needs at least {least} past contests (least=) - found at most "
            f"{max(len(fold.learned) for fold in found)}; add contests"
        )
    return parts


def _work(
    history: list[tuple[Contest, Returns]], model: Model, fold: Fold, draws: int, seed: int
) -> Work:
    contests = [history[i][0] for i in fold.held_out]
    return Work(model, [history[i] for i in fold.learned], contests, draws, seed)


def _computed(
    units: dict[int, Work], executor: Executor | None
) -> Iterator[tuple[int, FloatArray]]:
    """Yield results of work units as they are finished."""
    if executor is None:
        yield from ((i, computed_fold(unit)) for i, unit in units.items())
        return
    futures = {executor.submit(computed_fold, unit): i for i, unit in units.items()}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def computed_fold(work: Work) -> FloatArray:
    """Return shares and turnouts of a fold's contests, shape (2, draw, contest); nan is unknown."""
    predict = work.model(work.history)
    if not callable(predict):
        raise InputError(
            "model: must learn and give a function that forecasts a contest - gave "
            f"{type(predict).__name__}; see `forecast.validation.models`"
        )
    out = np.full((2, work.draws, len(work.contests)), np.nan)
    for i, contest in enumerate(work.contests):
        rng = stream(work.seed, f"backtest: {contest.name}")
        prediction = predict(contest, draws=work.draws, rng=rng)
        if not isinstance(prediction, tuple) or len(prediction) != 2:
            raise InputError(
                f"model: must give a Prediction of share and turnout of contest {contest.name!r} - "
                f"found {type(prediction).__name__}"
            )
        share, turnout = prediction
        out[0, :, i] = _fractions(share, "share", work.draws, contest)
        if turnout is not None:
            out[1, :, i] = _fractions(turnout, "turnout", work.draws, contest)
    return out


def _fractions(values: npt.ArrayLike, what: str, draws: int, contest: Contest) -> FloatArray:
    """Return a model's draws of a fraction; raise `InputError` if they are none."""
    rule = f"model: the {what} of contest {contest.name!r} must be {draws} draws from 0 to 1"
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{rule} - found no numbers") from None
    if found.shape != (draws,):
        raise InputError(f"{rule} - found shape {found.shape}")
    wrong = found[~((found >= 0) & (found <= 1))]
    if len(wrong):
        raise InputError(f"{rule} - found {wrong[0]}; 0.55 means 55%")
    return found


def _first_share(contest: Contest) -> float:
    """Return the first finalist's fraction of the two finalists' first-round votes."""
    votes = contest.votes.sum(axis=0)[[contest.candidates.index(f) for f in contest.finalists]]
    return float(votes[0] / votes.sum())


def _pair_digest(contest: Contest, returns: Returns) -> str:
    sha = hashlib.sha256(f"{contest.digest} {returns.units} {returns.finalists}\n".encode())
    sha.update(np.ascontiguousarray(returns.votes).tobytes())
    return sha.hexdigest()


def _address(fold: Fold, digests: list[str], draws: int, seed: int, about: str | None) -> str:
    """Return the digest of all that a fold's result depends on."""
    content = {
        "code": code_digest(),
        "versions": [np.__version__, scipy.__version__],
        "model": about,
        "learned": [digests[i] for i in fold.learned],
        "held out": [digests[i] for i in fold.held_out],
        "draws": draws,
        "seed": seed,
    }
    return digest_of(content)
