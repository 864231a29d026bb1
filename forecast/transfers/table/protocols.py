"""What a distribution of the transfer table is, and what a simulation needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.facts.ledger import Ledger

__all__ = ["Sampler", "SmoothSampler", "TransferDistribution"]


class Sampler(Protocol):
    """What the simulation needs: named origins and draws of their rates."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins, in the order of the rates."""

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even."""

    def inputs(self, n: int, *, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Return what draws of a pair share, shape (anything, draw); only `rates` reads it."""

    def rates(self, inputs: npt.NDArray[Any], *, rng: np.random.Generator) -> FloatArray:
        """Return rates given inputs: `draw` is `rates` of the same inputs twice."""

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the independent inputs by name, each (draw,), and the rates they give."""


@runtime_checkable
class SmoothSampler(Sampler, Protocol):
    """A sampler that is a function of independent standard normals."""

    @property
    def rising(self) -> npt.NDArray[np.bool_]:
        """Which normals move every origin's preference one way, and no participation (normal,)."""

    def transform(self, normals: FloatArray) -> FloatArray:
        """Return rates of normals, shape (normal, draw), whose memory it may use."""


class TransferDistribution(Protocol):
    """Anything that can be simulated: a prior, or a posterior used as one."""

    @property
    def name(self) -> str:
        """What to call it in reports."""

    @property
    def finalists(self) -> tuple[str, ...]:
        """Destinations with a candidate."""

    @property
    def known(self) -> date | None:
        """Day of the latest datum in it that has a date."""

    def as_of(self, day: date) -> TransferDistribution:
        """Return it without what became known after `day`."""

    def variants(self) -> Mapping[str, TransferDistribution]:
        """Return named changes of the model."""

    def sampler(self, ledger: Ledger) -> Sampler:
        """Return a sampler whose origins are the ledger's."""
