"""What a distribution of the transfer table is, and what a simulation needs of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.facts.contest import Contest
from forecast.facts.ledger import Ledger
from forecast.facts.polls import Poll
from forecast.transfers.table.day import Day
from forecast.transfers.table.describe import Description
from forecast.transfers.table.endorsement import Endorsement

IGNORANCE = {f"{part:.0%} of the uncertainty is ignorance": part for part in (0.2, 0.8)}
"""Variants of stated beliefs, by what part of the uncertainty is ignorance about the inputs: they
move no win probability, only its credible interval."""


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


class Proposed(NamedTuple):
    """Draws from a sampler, or from near to where its normals have some mean."""

    inputs: npt.NDArray[Any]  # (anything, draw): what draws of a pair share
    rates: FloatArray  # (origin, finalist, draw)
    normals: FloatArray  # (normal, draw); none of a sampler that is no function of normals
    log_weight: FloatArray  # (draw,): log density of the sampler's draws over that of these


class Sampler(Protocol):
    """What the simulation needs: named origins and draws of their rates."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins, in the order of the rates."""

    @property
    def effective_draws(self) -> float:
        """Independent draws that those of the inputs are worth."""

    @property
    def shares_day(self) -> bool:
        """Whether contests of one day have anything in common."""

    @property
    def history(self) -> tuple[str, int] | None:
        """Digest of a history, and identity of what was learned from it: who shares what."""

    @property
    def rising(self) -> npt.NDArray[np.bool_] | None:
        """Which normals move every origin's preference one way, and no participation (normal,).

        None unless the rates are a function of independent normals, `transform`.
        """

    def transform(self, normals: FloatArray) -> FloatArray:
        """Return rates of normals, shape (normal, draw), whose memory it may use."""

    def draw(self, n: int, *, rng: np.random.Generator, day: Day | None = None) -> FloatArray:
        """Return rates to the finalists, shape (origin, finalist, draw); `n` is even.

        With `day` they share with those of other contests what contests of a day share.
        """

    def draw_at(self, counts: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return rates where every draw has a first round of its own, `counts` (origin, draw)."""

    def inputs(self, n: int, *, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Return what draws of a pair share, shape (anything, draw); only `rates` reads it."""

    def rates(self, inputs: npt.NDArray[Any], *, rng: np.random.Generator) -> FloatArray:
        """Return rates given inputs: `draw` is `rates` of the same inputs twice."""

    def proposed(self, n: int, mean: FloatArray | None, *, rng: np.random.Generator) -> Proposed:
        """Return draws of which half have normals about `mean`, shape (normal,), if it is given."""

    def draw_inputs(
        self, n: int, *, rng: np.random.Generator
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the independent inputs by name, each (draw,), and the rates they give."""


class PlainSampler:
    """Base of samplers that share nothing with other contests and are drawn in no special way."""

    @property
    def effective_draws(self) -> float:
        """Infinitely many: draws of its inputs are independent."""
        return float("inf")

    @property
    def shares_day(self) -> bool:
        """False."""
        return False

    @property
    def history(self) -> tuple[str, int] | None:
        """None."""
        return None

    @property
    def rising(self) -> npt.NDArray[np.bool_] | None:
        """None: the rates are no function of normals alone."""
        return None

    def draw_at(self, counts: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return `draw`: the rates do not depend on how many people each origin has."""
        drawn: FloatArray = self.draw(counts.shape[1], rng=rng)  # type: ignore[attr-defined]
        return drawn

    def proposed(
        self,
        n: int,
        mean: FloatArray | None,  # noqa: ARG002
        *,
        rng: np.random.Generator,
    ) -> Proposed:
        """Return plain draws: there are no normals."""
        inputs = self.inputs(n, rng=rng)  # type: ignore[attr-defined]
        rates = self.rates(inputs, rng=rng)  # type: ignore[attr-defined]
        return Proposed(inputs, rates, np.empty((0, n)), np.zeros(n))

    def transform(self, normals: FloatArray) -> FloatArray:  # noqa: ARG002
        """Refuse: the rates are no function of normals."""
        raise TypeError("rates that are no function of normals cannot be had from normals")


class TransferDistribution(Protocol):
    """Anything that can be simulated: a prior, or a posterior used as one, of ONE contest."""

    @property
    def name(self) -> str:
        """What to call it in reports."""

    @property
    def brief(self) -> str:
        """What it was learned from, in one line; empty if it was not."""

    @property
    def hindsight(self) -> str:
        """What about it was decided when the result was known, in a clause; empty if nothing."""

    @property
    def finalists(self) -> tuple[str, ...]:
        """Destinations with a candidate."""

    @property
    def dated(self) -> tuple[Dated, ...]:
        """Everything it stands on: what cannot be taken away first, then the evidence."""

    @property
    def published(self) -> date | None:
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

    def with_evidence(self, evidence: Sequence[Endorsement | Poll]) -> TransferDistribution:
        """Return it with this evidence instead of what it has."""

    def as_of(self, day: date) -> TransferDistribution:
        """Return it without what was published after `day`."""

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

    def placed(
        self, contest: Contest, relation: Mapping[str, Any], *, as_of: date | None = None
    ) -> TransferDistribution:
        """Return what it says of one contest that relates to it as a file says (`read_roles`)."""


def at_contest(
    prior: TransferDistribution | LearnedModel,
    contest: Contest,
    relation: Mapping[str, Any] | None = None,
    *,
    as_of: date | None = None,
) -> TransferDistribution:
    """Return a distribution of the contest's table: as it is, or the learned model applied to it.

    Parameters
    ----------
    prior : TransferDistribution or LearnedModel
        What is believed.
    contest : Contest
        The contest.
    relation : mapping, optional
        How the contest relates to the model, as `read_roles` gives it; by default as usual.
    as_of : datetime.date, optional
        Day on which the forecast is made; by default the day of the first round.

    Raises
    ------
    InputError
        If the model knows the result, or needs to be told who belongs to which group.
    """
    if not isinstance(prior, LearnedModel):
        return prior
    if relation is None:
        return prior.at(contest, as_of=as_of)
    return prior.placed(contest, relation, as_of=as_of)
