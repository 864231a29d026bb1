"""The parts of a forecast that are tables and text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forecast.arrays import FloatArray
from forecast.display import Brief
from forecast.outcome.probability import Quantity, WinProbability

__all__ = ["TransferTable", "Variant"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TransferTable(Brief):
    """Mean and central interval of every transfer rate, each of shape (origin, destination)."""

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    level: float
    mean: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The forecast under one named change of the model, by finalist."""

    name: str
    win_probability: Mapping[str, WinProbability]
    share: Mapping[str, Quantity]
