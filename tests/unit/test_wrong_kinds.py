"""Whatever a public function is given, it answers or raises `InputError`, never another error.

Every public name is tried: each parameter takes values of kinds it does not state, while the others
keep values that serve. A new name with a parameter that `VALID` does not know fails the test.
"""

from __future__ import annotations

import inspect
import warnings
from dataclasses import replace
from datetime import date

import numpy as np
import past
import polars as pl
import pytest
import small

import forecast as library
from forecast import InputError
from forecast.data import past_runoffs
from forecast.facts.past_runoffs import usual_roles
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.file import prior_toml
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.elicited.rows import Belief

WRONG = {
    "None": None,
    "number": 5,
    "fraction": 0.3,
    "not a number": float("nan"),
    "huge": 10**40,
    "text": "elicited",
    "bytes": b"x",
    "anything": object(),
    "list of nothing": [None],
    "list of numbers": [1, 2],
    "mapping of nothing": {"ada": None},
    "array of texts": np.array(["a"]),
    "array": np.array([1.5]),
    "data frame": pl.DataFrame({"unit": ["a"], "ada": [1]}),
    "date": date(2018, 1, 1),
    "contest": small.contest(),
}
MADE_BY_US = {"ElectionForecast", "Forecast", "ForecastError", "InputError", "Nowcast"}
"""Classes whose objects functions return; nobody else makes them."""


SLOW = {"learn_prior", "learn_families"}
"""Functions that take seconds when a value serves: they get only values that never do."""


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """Values that serve, by the name of the parameter."""
    folder = tmp_path_factory.mktemp("kinds")
    contest = small.contest()
    returns = library.Returns(
        units=contest.units, finalists=contest.finalists, votes=contest.votes[:, :2]
    )
    history = past.runoffs(2, 3, seed=3)
    learned = library.learn_prior(history, roles=usual_roles)
    prior = generic_prior(contest)
    names = ("c.csv", "returns.csv", "polls.csv", "asked.csv", "prior.toml", "learned.json",
             "out.html")  # fmt: skip
    paths = {name: folder / name for name in names}
    heads = ["unit", "registered", "invalid", *contest.candidates]
    lines = [
        [u, n, i, *v]
        for u, n, i, v in zip(
            contest.units, contest.registered, contest.invalid, contest.votes, strict=True
        )
    ]
    rows = [",".join(map(str, line)) for line in [heads, *lines]]
    paths["c.csv"].write_text("\n".join(rows) + "\n")
    ada, ben = contest.finalists
    paths["returns.csv"].write_text(f"unit,{ada},{ben}\n{contest.units[0]},5,4\n")
    paths["polls.csv"].write_text(f"pollster,n,{ada},{ben}\nAcme,800,0.52,0.48\n")
    paths["asked.csv"].write_text("pollster,end,n,ada,ben,cid\nAcme,2030-04-01,800,40,30,20\n")
    paths["prior.toml"].write_text(prior_toml(prior))
    frame = pl.read_csv(paths["returns.csv"])
    poll = library.Poll(pollster="Acme", n=800, shares={ada: 0.52, ben: 0.48})
    belief = Belief(mean=0.5, low=0.3, high=0.7)
    return {
        "contest": contest, "returns": returns, "runoff": returns, "first_round": contest,
        "first": contest,
        "prior": prior, "transfers": prior, "ledger": contest.ledger(), "polls": [poll],
        "history": history, "roles": usual_roles, "model": lambda *_: None, "name": "georgia-2018",
        "learned": learned, "path": paths["c.csv"], "finalists": contest.finalists,
        "forecast": library.forecast_runoff(contest, draws=200), "draws": 20, "table": frame,
        "order": "random", "contests": [contest],
        "parties": lambda c: dict.fromkeys(c.finalists, "p"),
        "families": lambda c: dict.fromkeys(c.candidates, "f"), "origin": contest.candidates[2],
        "finalist": ada, "participation": belief, "preference": belief, "source": "a guess",
        "mean": 0.5, "low": 0.3, "high": 0.7, "rows": prior.rows, "pollster": "Acme", "n": 800,
        "shares": {ada: 0.52, ben: 0.48}, "candidates": contest.candidates, "units": contest.units,
        "votes": contest.votes, "invalid": contest.invalid, "registered": contest.registered,
        "concentration": 9.0, "strength": 0.2, "evidence": None, "logits": None,
        "paths": paths, "frame": frame,
        "election": paths["asked.csv"],
        "plain": replace(prior, mobilisation=0, swing=0, partisan=0),
    }  # fmt: skip


def own(name, valid):
    """Return what serves one function and no other."""
    paths, contest = valid["paths"], valid["contest"]
    bundled = {"name": "georgia-2018", "units": "districts"}
    return {
        "Contest": {"name": "x"},
        "DirichletRow": {"mean": (0.4, 0.4, 0.2)},
        "Returns": {"votes": contest.votes[:, :2]},
        "exact_win_probability": {"prior": valid["plain"]},
        "Endorsement": {"logits": None, "sd": None},
        "past_runoffs": {"name": "georgia"},
        "read_returns": {"path": paths["returns.csv"]},
        "read_partial_returns": {"path": paths["returns.csv"]},
        "Election": {"polls": library.read_election(paths["asked.csv"]).polls, "name": "x"},
        "read_election": {"path": paths["asked.csv"]},
        "read_polls": {"path": paths["polls.csv"]},
        "read_prior": {"path": paths["prior.toml"]},
        "write_report": {"path": paths["out.html"]},
        "write_learned": {"prior": valid["learned"], "path": paths["learned.json"]},
        "placed_prior": {"prior": valid["learned"]},
        "load_contest": bundled,
        "load_returns": bundled,
        "load_turnout": bundled,
        "infer_transfers": {"second": valid["returns"]},
        "nowcast": {"returns": valid["frame"]},
        "interim_turnout": {"table": pl.DataFrame(
            {"unit": contest.units[:1], "first_round": [0.3], "runoff": [0.4]}
        )},
    }.get(name, {})  # fmt: skip


def callables():
    return [n for n in library.__all__ if n not in MADE_BY_US and callable(getattr(library, n))]


@pytest.mark.parametrize("name", callables())
def test_wrong_kinds_are_refused_in_words(name, valid, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function = getattr(library, name)
    parameters = {
        key: p
        for key, p in inspect.signature(function).parameters.items()
        if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }
    serving = {**valid, **own(name, valid)}
    required = [key for key, p in parameters.items() if p.default is p.empty]
    unknown = [key for key in required if key not in serving]
    assert unknown == [], f"{name}: give `VALID` a value that serves for {unknown}"
    few = {"draws": 20} if "draws" in parameters else {}
    base = {key: serving[key] for key in required} | few
    failed = []
    for key in parameters:
        for word in WRONG if name not in SLOW else ("anything", "list of nothing"):
            value = WRONG[word]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    found = function(**{**base, key: value})
                    if inspect.isgenerator(found):
                        next(found, None)
                except InputError:
                    pass
                except Exception as error:
                    failed.append(f"{key}={word}: {type(error).__name__}: {error}"[:150])
    assert failed == []


OBJECTS = ("contest", "returns", "poll", "prior", "forecast", "nowcast", "election")
"""Of each kind of object, all public methods are tried."""
WRITERS = {"save", "to_csv", "plot"}
"""Methods that take a place to write to, or to draw on."""


def methods():
    kinds = dict(zip(OBJECTS, (
        library.Contest, library.Returns, library.Poll, library.TransferPrior,
        library.Forecast, library.Nowcast, library.ElectionForecast,
    ), strict=True))  # fmt: skip
    return [
        (whose, name)
        for whose, kind in kinds.items()
        for name in dir(kind)
        if not name.startswith("_") and name not in WRITERS and not name.startswith("load")
        and callable(getattr(kind, name))
        and len(inspect.signature(getattr(kind, name)).parameters) > 0
    ]  # fmt: skip


@pytest.fixture(scope="module")
def objects(valid):
    contest, prior = valid["contest"], valid["prior"]
    return {
        "contest": contest, "returns": valid["returns"], "poll": valid["polls"][0], "prior": prior,
        "forecast": library.forecast_runoff(contest, prior, draws=40),
        "nowcast": library.nowcast(contest, valid["returns"], prior=prior, draws=20),
        "election": library.forecast_election(valid["paths"]["asked.csv"], draws=40),
    }  # fmt: skip


@pytest.mark.parametrize(("whose", "name"), methods())
def test_methods_refuse_wrong_kinds_in_words(whose, name, valid, objects):
    """Each argument in turn is of a wrong kind, the others are left out or serve."""
    method = getattr(objects[whose], name)
    parameters = dict(inspect.signature(method).parameters)
    serving = {**valid, "candidate": "ada", "level": 0.9, "key": "ada", "text": "majority",
               "first": "cid", "second": "dot"}  # fmt: skip
    required = [
        key for key, p in parameters.items()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]  # fmt: skip
    base = {key: serving[key] for key in required if key in serving}
    failed = []
    for key, parameter in parameters.items():
        if set(required) - {*base, key} or parameter.kind is parameter.VAR_KEYWORD:
            continue
        for word, value in WRONG.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    if parameter.kind is parameter.VAR_POSITIONAL:
                        method(value, **base)
                    else:
                        method(**{**base, key: value})
                except InputError:
                    pass
                except Exception as error:
                    failed.append(f"{key}={word}: {type(error).__name__}: {error}"[:150])
    assert failed == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Belief(mean=None, low=0.1, high=0.2), "mean"),
        (lambda: library.Poll(pollster=5, n=800, shares={"ada": 0.5, "ben": 0.5}), "pollster"),
        (lambda: library.forecast_runoff(small.contest(), "elicited"), "prior"),
        (lambda: library.forecast_runoff(5), "contest"),
        (lambda: library.forecast_runoff("georgia-2019"), "did you mean 'georgia-2018'"),
        (lambda: library.forecast_runoff(small.contest(), polls=[None]), "polls"),
    ],
)
def test_the_message_names_the_argument(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_a_contest_can_be_named_read_or_given_as_a_table(valid, georgia):
    whole = library.forecast_runoff(georgia, draws=200).digest
    assert library.forecast_runoff("georgia-2018", draws=200).digest == whole
    path = valid["paths"]["c.csv"]
    read = library.forecast_runoff(path, draws=200).digest
    assert library.forecast_runoff(str(path), draws=200).digest == read
    assert library.forecast_runoff(pl.read_csv(path), draws=200).digest == read


def test_what_methods_cannot_do_is_refused_in_words(valid):
    prior, history = valid["prior"], past_runoffs("world")
    posterior = library.infer_transfers(np.ones((3, 2)) * 9, np.ones((3, 2)) * 9)
    wide = next(row for row in prior.rows if hasattr(row, "participation"))
    scored = library.backtest(history[:4], lambda _: lambda _, *, draws, rng: (
        rng.random(draws), None), draws=20)  # fmt: skip
    for call, words in (
        (lambda: prior.reordered(["moon", "sun"]), "must be ordered by its finalists"),
        (lambda: wide.describe(level=2), "level must be"),
        (lambda: history.as_of("2010-01-01"), r"write datetime.date\(2010, 1, 1\)"),
        (lambda: posterior.draws(0, np.random.default_rng(1)), "must be 1 or more - found 0"),
        (lambda: scored.part(["moon"]), r"found none of \['moon'\]"),
    ):
        with pytest.raises(InputError, match=words):
            call()


def test_an_error_of_ours_is_not_hidden():
    """A negative control: where every argument is of its kind, the error passes as it is."""

    @refuses_other_kinds
    def broken(x: float) -> float:
        raise KeyError(x)

    with pytest.raises(KeyError):
        broken(1.0)
    with pytest.raises(InputError, match="x must be a number - found text 'one'"):
        broken("one")


def test_an_error_in_a_function_of_the_users_is_theirs():
    """A pair of two kinds is no sequence of the first, so the history is not to blame."""
    history = list(past_runoffs("world"))[:4]

    def broken(*_):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        library.backtest(history, broken)
    with pytest.raises(KeyError, match="mine"):
        library.learn_prior(history, roles=broken)
    with pytest.raises(InputError, match="model must be a function - found text 'margin_only'"):
        library.backtest(history, "margin_only")
    with pytest.raises(InputError, match="must learn and give a function"):
        library.backtest(history, lambda _: None)
