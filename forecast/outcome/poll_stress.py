"""What if all polls are off by so many points: the forecast, and how often they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from forecast.arrays import FloatArray
from forecast.data.bundle import bundled_file
from forecast.display import Displayed, Shown
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.polls import Poll
from forecast.files.saved import Saved
from forecast.outcome.probability import Quantity, fraction_of, percent, quantity
from forecast.outcome.published import published_beliefs
from forecast.simulation.engine import simulate
from forecast.transfers.table.protocols import LearnedModel, TransferDistribution

POINTS = (0.02, 0.04, 0.06)
"""Errors that are tried, as fractions of those who named a finalist."""
LARGEST = 0.2
"""Largest error at which a change of the winner is looked for."""
EXACT = 0.005
"""How closely it is found."""


@dataclass(frozen=True, kw_only=True)
class PastError:
    """A past runoff: what the last two weeks of polls said of one finalist, and what came."""

    contest: str
    scope: str
    polls: float
    result: float


@cache
def past_errors() -> tuple[PastError, ...]:
    """Return the final averages of polls of past runoffs, two-way shares.

    Source: `forecast/data/learned/polls.json`, made by `benchmarks/polls.py`.

    Examples
    --------
    >>> len(past_errors())
    78
    """
    with bundled_file("learned", "polls.json") as path:
        found = json.loads(path.read_text("utf-8"))["final_averages"]
    return tuple(PastError(**row) for row in found)


@dataclass(frozen=True, kw_only=True)
class StressRow:
    """The forecast if polls show a finalist too high by `error` (a fraction; negative: too low)."""

    error: float
    share: Quantity
    win_probability: float


@dataclass(frozen=True, kw_only=True, repr=False)
class PollStress(Displayed, Saved):
    """Forecasts under errors that all polls about the runoff share.

    Parameters
    ----------
    contest : Contest
        Which.
    finalist : str
        The favourite given the polls as published: errors are in this finalist's favour.
    rows : tuple of StressRow
        From the largest error in the favourite's favour to the largest against.
    flip : float or None
        Error in the favourite's favour from which somebody else is the favourite; None if there is
        none up to `LARGEST`.
    as_of : datetime.date or None
        Nothing published later is in it.
    """

    contest: Contest
    finalist: str
    rows: tuple[StressRow, ...]
    flip: float | None
    as_of: date | None

    def as_often(self, error: float) -> tuple[int, int]:
        """Return in how many past runoffs polls erred at least so much, and of how many.

        Of the contest's scope where that is known.
        """
        past = [x for x in past_errors() if self.contest.scope in ("", x.scope)]
        return sum(abs(x.polls - x.result) >= abs(error) for x in past), len(past)

    def shown(self) -> Shown:
        """Return the table, and what would have to be wrong for somebody else to be ahead."""
        name, title = self.contest.label(self.finalist), self.contest.title or self.contest.name
        kind = f"{self.contest.scope} " if self.contest.scope else ""
        rows = [
            [
                _said(row.error),
                *row.share.text().split(" ", 1),
                percent(row.win_probability),
                "{} of {}".format(*self.as_often(row.error)) if row.error else "",
            ]
            for row in self.rows
        ]
        return Shown(
            title=f"{title}: if all polls show {name} too high or too low"
            + (f", as of {self.as_of.isoformat()}" if self.as_of else ""),
            head=["polls", "share", "90%", "wins", f"past {kind}runoffs off by that, either way"],
            rows=rows,
            notes=[self._flip_said(name, kind)],
        )

    def _flip_said(self, name: str, kind: str) -> str:
        if self.flip is None:
            return f"No error up to {100 * LARGEST:.0f} points would make {name} trail."
        often, of = self.as_often(self.flip)
        return (
            f"If polls show {name} {100 * self.flip:.0f} points too high, the runoff is open; "
            f"their final average was off by as much, either way, in {often} of {of} past "
            f"{kind}runoffs."
        )


def _said(error: float) -> str:
    if not error:
        return "as published"
    return f"{100 * abs(error):g} points too {'high' if error > 0 else 'low'}"


def poll_stress(
    contest: Contest,
    prior: TransferDistribution | LearnedModel | None = None,
    *,
    polls: Iterable[Poll] | None = None,
    points: Sequence[float] = POINTS,
    as_of: date | None = None,
    draws: int = 10_000,
    seed: int = 0,
    workers: int | None = None,
) -> PollStress:
    """Forecast a runoff as if all polls about it were off by so much.

    Parameters
    ----------
    contest, prior, polls, as_of, seed, workers
        As in `forecast_runoff`.
    points : sequence of float
        Errors to try, fractions of those who named a finalist, in and against favour of whoever is
        ahead.
    draws : int
        Number of draws (even) behind each forecast.

    Returns
    -------
    PollStress

    Raises
    ------
    InputError
        If no poll is about the runoff, or an error is no fraction below a fifth; also as
        `forecast_runoff` does.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> stress = poll_stress(load_contest("georgia-2018"), as_of=date(2018, 11, 27), draws=2000)
    >>> stress.rows[0].win_probability < stress.rows[-1].win_probability
    True
    """
    _check_points(points)
    held, day = published_beliefs(contest, prior, polls, as_of)
    if not any(isinstance(x, Poll) for x in held.evidence):
        raise InputError(
            "polls: at least one must be about the runoff - found none; give polls, or a later day"
        )
    names, ledger = contest.finalists, held.pooled(contest.ledger())

    def shares(finalist: str, error: float) -> FloatArray:
        believed = held.with_evidence(
            [
                x.lowered(finalist, error) if isinstance(x, Poll) and x.round == "runoff" else x
                for x in held.evidence
            ]
        )
        votes = simulate(ledger, believed, draws=draws, seed=seed, workers=workers).votes()
        return np.asarray(votes / votes.sum(axis=1, keepdims=True))

    def row(finalist: str, error: float) -> StressRow:
        found = shares(finalist, error)
        own, wins = found[:, names.index(finalist)], found.argmax(axis=1) == names.index(finalist)
        chance = fraction_of(wins.sum(), draws)
        return StressRow(error=error, share=quantity(own, 0.9), win_probability=chance)

    favourite = names[int(np.bincount(shares(names[0], 0.0).argmax(axis=1)).argmax())]
    errors = sorted({0.0, *points, *(-x for x in points)}, reverse=True)
    return PollStress(
        contest=contest,
        finalist=favourite,
        rows=tuple(row(favourite, error) for error in errors),
        flip=_flip(lambda error: row(favourite, error).win_probability),
        as_of=day,
    )


def _flip(chance: Callable[[float], float]) -> float | None:
    """Return the error at which a chance falls to one half, by bisection; None up to `LARGEST`."""
    low, high = 0.0, LARGEST
    if chance(high) >= 0.5:
        return None
    while high - low > EXACT:
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) >= 0.5 else (low, middle)
    return (low + high) / 2


def _check_points(points: Sequence[float]) -> None:
    for x in points:
        if isinstance(x, bool) or not isinstance(x, int | float) or not 0 < x < LARGEST:
            raise InputError(
                f"points: must be fractions between 0 and {LARGEST:g} - found {x!r}; 0.03 means "
                "three points"
            )
