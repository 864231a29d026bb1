"""Every frozen forecast of a folder, scored where the result is in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.errors import InputError
from forecast.facts.returns import Returns
from forecast.validation.calibration import central_interval
from forecast.validation.frozen import read_frozen, score_frozen
from forecast.validation.frozen_elections import FORMAT as ELECTION

COVERS = "90% interval covers"
MEANS = ("brier", "log", "crps", "crps near one half", "interval")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a scorecard.

    Parameters
    ----------
    file : str
        Name of the file.
    frozen, scores : dict or None
        The forecast and its scores; None if it was altered, or its result is not in.
    problem : str
        Why it was not scored, if for another reason than waiting.
    """

    file: str
    frozen: dict[str, Any] | None
    scores: dict[str, Any] | None
    problem: str = ""

    @property
    def before_runoff(self) -> bool | None:
        """Whether the forecast was made before the day of the runoff, by its own date."""
        if self.frozen is None or self.frozen["runoff"] is None:
            return None
        return str(self.frozen["made"])[:10] < str(self.frozen["runoff"])

    @property
    def leader(self) -> str:
        """The finalist more likely to win."""
        assert self.frozen is not None
        chances: dict[str, float] = self.frozen["win_probability"]
        return max(chances, key=lambda f: chances[f])

    @property
    def interval(self) -> tuple[float, float]:
        """The leader's 90% interval of the share."""
        assert self.frozen is not None
        low, high = central_interval(np.array(self.frozen["share"][self.leader]), 0.9)
        return float(low), float(high)


def entry(
    file: str, read: Callable[[], str], result: Callable[[dict[str, Any]], Returns | None]
) -> Entry:
    """Return the line of one file, whatever is wrong with it.

    `read` gives its text, `result` the returns of a frozen forecast's contest, or None while there
    are none.
    """
    try:
        frozen = read_frozen(read(), where=file)
    except InputError as error:
        return Entry(file=file, frozen=None, scores=None, problem=str(error))
    if frozen["format"] == ELECTION:
        return Entry(file=file, frozen=frozen, scores=None)
    try:
        returns = result(frozen)
        scores = None if returns is None else score_frozen(frozen, returns)
        return Entry(file=file, frozen=frozen, scores=scores)
    except InputError as error:
        return Entry(file=file, frozen=frozen, scores=None, problem=str(error))


def totals(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return numbers of forecasts, mean scores of those scored, and coverage of 90% intervals.

    Forecasts made after their runoff, and conditional ones, count in no mean.
    """
    counted = [
        e.scores
        for e in entries
        if e.scores and e.frozen and e.before_runoff is not False and not e.frozen["conditions"]
    ]
    out: dict[str, Any] = {
        "forecasts": len(entries),
        "scored": sum(e.scores is not None for e in entries),
        "counted": len(counted),
    }
    if counted:
        out |= {name: float(np.mean([s[name] for s in counted])) for name in MEANS}
        out[COVERS] = float(np.mean([s[COVERS] for s in counted]))
    return out
