"""The parts of a forecast that are tables and text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forecast.arrays import FloatArray
from forecast.display import Displayed, Frames, Shown, Tabular, rate_range
from forecast.files.saved import Saved
from forecast.outcome.probability import Quantity, WinProbability
from forecast.transfers.returns.estimate import cell_rows


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TransferTable(Displayed, Tabular, Saved):
    """Mean and central interval of every transfer rate, each of shape (origin, destination)."""

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    level: float
    mean: FloatArray
    low: FloatArray
    high: FloatArray

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per origin and destination: mean and ends of the interval."""
        values = {"mean": self.mean, "low": self.low, "high": self.high}
        return cell_rows(self.origins, self.destinations, values)

    def frames(self) -> Frames:
        """Return the rows."""
        return {"transfers": self.rows}

    def shown(self) -> Shown:
        """Return the table in percent."""
        cells = [
            [rate_range(*x) for x in zip(*row, strict=True)]
            for row in zip(self.mean.tolist(), self.low.tolist(), self.high.tolist(), strict=True)
        ]
        return Shown(
            title="",
            head=["from", *self.destinations],
            rows=[[o, *row] for o, row in zip(self.origins, cells, strict=True)],
            notes=[f"percent of each origin: mean [{self.level:.0%} interval]"],
        )


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The forecast under one named change of the model, by finalist."""

    name: str
    win_probability: Mapping[str, WinProbability]
    share: Mapping[str, Quantity]
