"""Which past runoffs a model may learn from, and which it must forecast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import History
from forecast.facts.returns import Returns

Split = Literal["leave-one-election-out", "forward"]


class Fold(NamedTuple):
    """A work unit: positions of its contests in the history, and the name of what is held out."""

    election: str
    learned: list[int]
    held_out: list[int]


def folds(history: History, named: Sequence[str], split: Split) -> Iterator[Fold]:
    """Yield the folds of a split; elections that nothing precedes have none when looking forward.

    `named` are the elections of the history's contests; the splits are those of `backtest`.

    Raises
    ------
    InputError
        If the split is unknown or needs a day that is missing.
    """
    if split not in ("leave-one-election-out", "forward"):
        raise InputError(f"split must be 'leave-one-election-out' or 'forward' - found {split!r}")
    if split == "forward":
        for contest, _ in history:
            if contest.runoff is None:
                raise InputError(
                    f"backtest: 'forward' needs the day of every runoff - contest "
                    f"{contest.name!r} has none; give it one or leave one election out"
                )
    for election in dict.fromkeys(named):
        held_out = [i for i, name in enumerate(named) if name == election]
        rest = [i for i, name in enumerate(named) if name != election]
        if split == "forward":
            days = [history[i][0].first_round or history[i][0].runoff for i in held_out]
            start = min(day for day in days if day is not None)
            rest = [i for i in rest if (history[i][0].runoff or date.max) < start]
        if rest:
            yield Fold(election, rest, held_out)


def check_history(history: History) -> None:
    """Raise `InputError` unless every contest occurs once, with two finalists and their counts."""
    seen = set()
    for pair in history:
        contest, returns = pair if isinstance(pair, tuple) and len(pair) == 2 else (pair, None)
        if not isinstance(contest, Contest) or not isinstance(returns, Returns):
            raise InputError(
                "backtest: history must hold pairs of Contest and Returns - found "
                f"{type(contest).__name__} with {type(returns).__name__}; give both rounds"
            )
        if len(contest.finalists) != 2 or set(returns.finalists) != set(contest.finalists):
            raise InputError(
                f"backtest: needs two finalists, the same in returns - contest {contest.name!r} "
                f"has {contest.finalists} and {returns.finalists}; leave it out"
            )
        if contest.name in seen:
            raise InputError(f"backtest: every contest must occur once - {contest.name!r} again")
        votes, listed = int(returns.votes.sum()), contest.registered
        if listed is not None and votes > listed.sum():
            raise InputError(
                f"backtest: contest {contest.name!r} must not have more votes than people - found "
                f"{votes:,} of {int(listed.sum()):,}; correct the registered or leave it out"
            )
        seen.add(contest.name)
