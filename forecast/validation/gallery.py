"""Every bundled runoff forecast as it could have been then, beside rules anybody can apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import expit, logit

from forecast.data.priors import bundled_polls
from forecast.display import Displayed, Frames, Shown, Tabular, figure
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import History
from forecast.facts.polls import Poll
from forecast.outcome.published import published_beliefs
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.polls.polled import known_by
from forecast.transfers.table.protocols import TransferDistribution
from forecast.validation.backtest import backtest
from forecast.validation.baselines import equal_split, margin_only, unchanged_share
from forecast.validation.models import Model, Prediction, Predictor, TransferModel
from forecast.validation.outcomes import Backtest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST = 5
"""Earlier runoffs that a rule needs to know its own error; earlier contests are in no table."""
POLL_ERROR, POLL_TAIL = 0.18, 4.0
"""Sd in logits, and degrees of freedom, of the error of an average of polls between the rounds: 4.4
points rms, measured by ``benchmarks/polls.py`` on 102 runoffs, most of them Brazilian mayors."""
RECENT = timedelta(days=14)
"""Polls that ended longer before the latest are not in its average."""
MODELS = 8
"""Models and days that are run."""
When = Literal["day after", "eve"]


@dataclass(frozen=True)
class Published:
    """The forecast that anybody gets who asks for one of a bundled contest, as a `Model`.

    Parameters
    ----------
    when : {"day after", "eve"}
        As of the day after the first round, or the day before the runoff.
    polls : bool
        Whether polls published by then are used.

    Examples
    --------
    >>> from forecast import load_contest
    >>> predict = Published("eve")([])
    >>> found = predict(load_contest("romania-2014"), draws=100, rng=np.random.default_rng(0))
    >>> found.share.shape
    (100,)
    """

    when: When
    polls: bool = True

    @property
    def name(self) -> str:
        """What to call it in tables."""
        return "this library" if self.polls else "this library, no polls"

    def __call__(self, history: History) -> Predictor:
        """Return the forecast; what it learns from is filtered by the day, not by the fold."""

        def believed(contest: Contest) -> TransferDistribution:
            polls, day = None if self.polls else (), day_of(contest, self.when)
            return published_beliefs(contest, polls=polls, as_of=day)[0]

        return TransferModel(lambda _: believed, self.name)(history)


def day_of(contest: Contest, when: When) -> date:
    """Return the day after the first round, or the day before the runoff.

    Raises
    ------
    InputError
        If the contest has no such day.

    Examples
    --------
    >>> from forecast import load_contest
    >>> day_of(load_contest("france-2017"), "eve").isoformat()
    '2017-05-06'
    """
    day = contest.first_round if when == "day after" else contest.runoff
    if day is None:
        raise InputError(f"gallery: contest {contest.name!r} must have the days of both rounds")
    return day + timedelta(days=1 if when == "day after" else -1)


def polls_average(history: History) -> Predictor:  # noqa: ARG001 - its error is known from mayors
    """Forecast the mean of every pollster's last poll, give or take what such means erred by.

    Without polls it says that anything can happen.
    """

    def predict(contest: Contest, *, draws: int, rng: np.random.Generator) -> Prediction:
        first = contest.finalists[0]
        last: dict[str, Poll] = {}
        for poll in sorted(_polls(contest), key=lambda poll: poll.end or date.min):
            last[poll.pollster] = poll
        if not last:
            return Prediction(rng.random(draws), None)
        latest = max(poll.end or date.min for poll in last.values())
        shares = [
            poll.shares[first] / sum(poll.shares.values())
            for poll in last.values()
            if (poll.end or date.min) >= latest - RECENT
        ]
        error = POLL_ERROR * rng.standard_t(POLL_TAIL, draws) / np.sqrt(2.0)
        return Prediction(expit(logit(np.mean(shares)) + error), None)

    return predict


def _polls(contest: Contest) -> list[Poll]:
    """Return the bundled polls of the runoff that were out on its eve."""
    used = [p for p in bundled_polls(contest) if p.kind == "poll" and p.round == "runoff"]
    return list(known_by(used, day_of(contest, "eve")))


@dataclass(frozen=True, kw_only=True, repr=False)
class Gallery(Displayed, Tabular):
    """Forecasts of many runoffs and of simple rules; made by `gallery`.

    Parameters
    ----------
    day_after : tuple of Backtest
        As of the day after the first round: the library's, then the rules'.
    eve : tuple of Backtest
        As of the day before the runoff, of the contests with polls; empty if none has any.
    """

    day_after: tuple[Backtest, ...]
    eve: tuple[Backtest, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """Return one plain row a model and day: scores, coverage, skill and its 90% interval."""
        out = []
        for when, tests in (("day after round one", self.day_after), ("eve", self.eve)):
            for test in tests:
                skill = tests[0].skill(test) if test is not tests[0] else None
                held = test.coverage()
                out.append(
                    {"as of": when, "model": test.model}
                    | test.summary()
                    | {
                        "skill": skill.value if skill else None,
                        "skill 90": skill.interval() if skill else None,
                        "cover 90 interval": held[0.9].interval(),
                    }
                )
        return out

    def shown(self) -> Shown:
        """Return the table of both days."""
        head = ["as of", "model", "contests", "CRPS", "cover 50", "cover 90", "Brier", "log"]
        lines = []
        for row in self.rows():
            percent = [f"{100 * row[c]:.0f}%" for c in ("cover 50", "cover 90")]
            skill = ""
            if row["skill"] is not None:
                skill = f"{100 * row['skill']:+.0f}%"
                ends = row["skill 90"]
                skill += f" [{100 * ends[0]:+.0f}, {100 * ends[1]:+.0f}]" if ends else ""
            lines.append(
                [
                    row["as of"],
                    row["model"],
                    f"{row['n']} ({row['clusters']})",
                    f"{row['crps']:.2f}",
                    *percent,
                    f"{row['brier']:.3f}",
                    f"{row['log']:.3f}",
                    skill,
                ]
            )
        return Shown(
            title="Real runoffs, each forecast from what was known then",
            head=[*head, "skill of this library over it"],
            rows=lines,
            notes=(
                "contests (countries); CRPS in points of share, Brier and log score of the winner: "
                "lower is better",
                f"skill with its 90% interval, clustered by country; contests with at least {LEAST}"
                " earlier runoffs",
            ),
            left=(0, 1),
        )

    def plot(self, kind: str = "calibration", ax: Axes | None = None) -> Axes:
        """Draw "calibration", "pit" or "errors" of the library's forecasts of the day after."""
        return figure("backtest_figure", self.day_after[0], kind, ax)

    def contests(self) -> list[dict[str, Any]]:
        """Return one plain row a contest: the library's forecasts of both days, and the result."""
        first, *last = [test.to_dict()["contests"] for test in (*self.day_after[:1], *self.eve[:1])]
        late = {row["contest"]: row for rows in last for row in rows}
        return [row | {"eve": late.get(row["contest"])} for row in first]

    def frames(self) -> Frames:
        """Return the table of `to_frame`: forecasts, one row a contest, model and day."""
        return {"forecasts": self._forecast_rows}

    def _forecast_rows(self) -> list[dict[str, Any]]:
        """Return one row a contest, model and day."""
        return [
            dict(row) | {"model": test.model, "as_of": when}
            for when, tests in (("day after", self.day_after), ("eve", self.eve))
            for test in tests
            for row in test.frames()["contests"]()
        ]


@refuses_other_kinds
def gallery(
    history: History,
    *,
    draws: int = 2000,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Gallery:
    """Forecast bundled runoffs as of the day after round one and as of the eve, and score that.

    Parameters
    ----------
    history : sequence of (Contest, Returns)
        Bundled contests and their results, such as ``(load_contest(n), load_returns(n)) for n in
        contests()``. Results are used to score and, by the rules, once they were known.
    draws : int
        Draws per contest, even.
    seed : int
        The seed.
    progress : callable, optional
        Called with the fraction of the work that is done.

    Returns
    -------
    Gallery

    Raises
    ------
    InputError
        If a contest lacks a day, or too few have earlier ones.

    Notes
    -----
    Rules learn their error from all runoffs of the history before a contest's first round. Standard
    errors are clustered by country: a name without its last part.
    """
    pairs = list(history)
    rules: dict[str, Model] = {
        "share of round one kept": unchanged_share,
        "equal split of the eliminated": equal_split,
        "margin-only regression": margin_only,
        "generic prior": TransferModel(lambda _: generic_prior, "generic prior"),
    }

    done = 0

    def run(model: Model, name: str) -> Backtest:
        nonlocal done
        found = backtest(
            pairs,
            model,
            split="forward",
            cluster=lambda c: c.name.rpartition("-")[0] or c.name,
            least=LEAST,
            draws=draws,
            seed=seed,
            name=name,
        )
        done += 1
        if progress is not None:
            progress(done / MODELS)
        return found

    first = [Published("day after"), Published("day after", polls=False)]
    day_after = [run(model, model.name) for model in first]
    day_after += [run(model, name) for name, model in rules.items()]
    polled = {c.name for c, _ in pairs if _polls(c)} & set(day_after[0].contests)
    late: list[Backtest] = []
    if polled:
        late = [run(Published("eve"), Published("eve").name).part(polled)]
        late += [run(polls_average, "last poll average").part(polled)]
        late += [test.part(polled) for test in day_after[1:]]
    return Gallery(day_after=tuple(day_after), eve=tuple(late))
