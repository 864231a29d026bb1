"""Models side by side on the same contests: one table, whoever wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forecast.display import aligned
from forecast.errors import InputError
from forecast.validation.outcomes import Backtest

COLUMNS = ("bias", "rmse", "crps", "crps near one half", "interval", "brier", "log", "energy")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Backtests of several models on the same contests.

    Parameters
    ----------
    rows : tuple of dict
        One per model: its name, `Backtest.summary`, and the skill of the first model over it in
        `score`, with its clustered standard error and 90% interval.
    score : str
        Score by which skill is taken.
    """

    rows: tuple[dict[str, Any], ...]
    score: str

    def __str__(self) -> str:
        """Return the table as aligned text; skill is the first model's over the row's."""
        head = ["", *COLUMNS, "cover 50", "cover 90", "cover 95", "width 90", "skill"]
        lines = []
        for row in self.rows:
            cells = [_number(row.get(column)) for column in head[1:-1]]
            lines.append([row["model"], *cells, _skill(row["skill"], row["skill 90"])])
        first = self.rows[0]
        end = (
            f"{first['n']} contests, {first['clusters']} elections; points of share; skill of "
            f"{first['model']} by {self.score} and its 90% interval, t by elections, none for two"
        )
        return "\n".join([*aligned(head, lines), end])


def compare(backtests: Sequence[Backtest], score: str = "crps") -> Comparison:
    """Set backtests of the same contests side by side.

    Parameters
    ----------
    backtests : sequence of Backtest
        The model first, then what it is compared with.
    score : str
        Score by which its skill is taken.

    Raises
    ------
    InputError
        If there is none or the contests differ.
    """
    if not backtests:
        raise InputError("compare: needs at least one backtest - found none")
    first, rows = backtests[0], []
    for other in backtests:
        found = first.skill(other, score) if other is not first else None
        rows.append(
            {"model": other.model}
            | other.summary()
            | {
                "skill": found.value if found else None,
                "skill se": found.standard_error if found else None,
                "skill 90": found.interval() if found else None,
            }
        )
    return Comparison(rows=tuple(rows), score=score)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _skill(value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None:
        return ""
    return f"{value:+.3f}" + (f" [{interval[0]:+.3f}, {interval[1]:+.3f}]" if interval else "")
