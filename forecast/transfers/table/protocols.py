"""What a distribution of the transfer table is, and what a simulation needs of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.facts.contest import Contest
from forecast.facts.ledger import Ledger
from forecast.facts.polls import Poll
from forecast.transfers.table.describe import Description
from forecast.transfers.table.endorsement import Endorsement

__all__ = [
    "Dated",
    "LearnedModel",
    "Sampler",
    "SmoothSampler",
    "TransferDistribution",
    "at_contest",
]


@dataclass(frozen=True, kw_only=True)
class Dated:
    """Something a distribution stands on, and when it was published.

    Parameters
    ----------
    what : str
        What it is.
    published : datetime.date or None
        When it became public, where that is known.
    source : str
        Where it comes from.
    """

    what: str
    published: date | None
    source: str


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
    """Anything that can be simulated: a prior, or a posterior used as one, of ONE contest."""

    @property
    def name(self) -> str:
        """What to call it in reports."""

    @property
    def brief(self) -> str:
        """What it was learned from, in one line; empty if it was not."""

    @property
    def finalists(self) -> tuple[str, ...]:
        """Destinations with a candidate."""

    @property
    def dated(self) -> tuple[Dated, ...]:
        """Everything it stands on: what cannot be taken away first, then the evidence."""

    @property
    def known(self) -> date | None:
        """Day of the latest datum in it that has a date."""

    @property
    def takes_polls(self) -> bool:
        """Whether a contest's bundled polls would add to it: it has none, nor the counts."""

    @property
    def evidence(self) -> tuple[Endorsement | Poll, ...]:
        """Endorsements, then polls."""

    @property
    def unpolled(self) -> Any:
        """The same without polls."""

    def given(self, *evidence: Endorsement | Poll) -> TransferDistribution:
        """Return it conditioned on more evidence."""

    def as_of(self, day: date) -> TransferDistribution:
        """Return it without what became known after `day`."""

    def steps(
        self, label: Callable[[str], str] = str
    ) -> Iterator[tuple[Dated, TransferDistribution]]:
        """Yield each piece of evidence, and what is believed with it and all before it."""

    def describe(self) -> Description:
        """Return what it says and where from."""

    def variants(self) -> Mapping[str, TransferDistribution]:
        """Return named changes of the model."""

    def pooled(self, ledger: Ledger) -> Ledger:
        """Return the ledger with small origins as one, where nobody could tell the difference."""

    def sampler(self, ledger: Ledger) -> Sampler:
        """Return a sampler whose origins are the ledger's."""


@runtime_checkable
class LearnedModel(Protocol):
    """What was learned from many contests, of none in particular."""

    @property
    def name(self) -> str:
        """What to call it in reports."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups of voters it knows: roles, or political families."""

    @property
    def at(self) -> Callable[..., TransferDistribution]:
        """``at(contest, *, groups=None, as_of=None)``: what it says of one contest.

        `groups` tells which group each origin belongs to; None stands for the usual ones.
        """


def at_contest(
    prior: TransferDistribution | LearnedModel,
    contest: Contest,
    *,
    as_of: date | None = None,
    **relation: Any,
) -> TransferDistribution:
    """Return a distribution of the contest's table: as it is, or the learned model applied to it.

    Parameters
    ----------
    prior : TransferDistribution or LearnedModel
        What is believed.
    contest : Contest
        The contest.
    as_of : datetime.date, optional
        Day on which the forecast is made; by default the day of the first round.
    **relation
        How the contest relates to the model, see the model's `at`.

    Raises
    ------
    InputError
        If the model knows the result, or needs to be told who belongs to which group.
    """
    if isinstance(prior, LearnedModel):
        return prior.at(contest, as_of=as_of, **relation)
    return prior
