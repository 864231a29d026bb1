"""What a distribution of the transfer table is and does, and what a simulation needs of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.display import Displayed, Shown, figure
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.history_rules import refuse_later
from forecast.facts.ledger import Ledger
from forecast.facts.polls import Poll
from forecast.files.saved import Saved
from forecast.signatures import renamed
from forecast.transfers.table.day import Day
from forecast.transfers.table.describe import Description
from forecast.transfers.table.endorsement import Endorsement

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Evidence = Endorsement | Poll

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


class Sampler:
    """Named origins and draws of their rates: what a simulation needs.

    Every kind has its own of what is only declared; the rest is as here where draws share nothing
    with those of other contests and are had in no special way.
    """

    if TYPE_CHECKING:  # a field of some kinds, a property of others

        @property
        def origins(self) -> tuple[str, ...]:
            """Origins, in the order of the rates."""

        def draw(self, n: int, *, rng: np.random.Generator, day: Day | None = None) -> FloatArray:
            """Return rates to the finalists, shape (origin, finalist, draw); `n` is even.

            With `day` they share with those of other contests what contests of a day share.
            """

        def inputs(self, n: int, *, rng: np.random.Generator) -> npt.NDArray[Any]:
            """Return what draws of a pair share, shape (anything, draw); only `rates` reads it."""

        def rates(self, inputs: npt.NDArray[Any], *, rng: np.random.Generator) -> FloatArray:
            """Return rates given inputs: `draw` is `rates` of the same inputs twice."""

        def draw_inputs(
            self, n: int, *, rng: np.random.Generator
        ) -> tuple[dict[str, FloatArray], FloatArray]:
            """Return the independent inputs by name, each (draw,), and the rates they give."""

    @property
    def effective_draws(self) -> float:
        """Independent draws that those of the inputs are worth."""
        return float("inf")

    @property
    def shares_day(self) -> bool:
        """Whether contests of one day have anything in common."""
        return False

    @property
    def history(self) -> tuple[str, int] | None:
        """Digest of a history, and identity of what was learned from it: who shares what."""
        return None

    @property
    def rising(self) -> npt.NDArray[np.bool_] | None:
        """Which normals move every origin's preference one way, and no participation (normal,).

        None unless the rates are a function of independent normals, `transform`.
        """
        return None

    def transform(self, normals: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return rates of normals, shape (normal, draw), whose memory it may use."""
        raise TypeError("rates that are no function of normals cannot be had from normals")

    def draw_at(self, counts: FloatArray, *, rng: np.random.Generator) -> FloatArray:
        """Return rates where every draw has a first round of its own, `counts` (origin, draw).

        They are those of `draw` where rates do not depend on how many people each origin has.
        """
        return self.draw(counts.shape[1], rng=rng)

    def proposed(
        self,
        n: int,
        mean: FloatArray | None,  # noqa: ARG002
        *,
        rng: np.random.Generator,
    ) -> Proposed:
        """Return draws of which half have normals about `mean`, shape (normal,), if it is given.

        Plain draws where there are no normals.
        """
        inputs = self.inputs(n, rng=rng)
        return Proposed(inputs, self.rates(inputs, rng=rng), np.empty((0, n)), np.zeros(n))


def published_by(evidence: Evidence, day: date) -> bool:
    """Return whether evidence was public on `day`; raise `InputError` if it has no date."""
    if evidence.published is None:
        if isinstance(evidence, Endorsement):
            what = f"the endorsement by {evidence.origin!r}"
        else:
            what = f"poll {evidence.name!r}"
        raise InputError(
            f"as_of: {what} must have the day it was published - it has no date; give "
            "the day (published), if need be the last on which it can have been"
        )
    return evidence.published <= day


def _dated(evidence: Evidence, label: Callable[[str], str] = str) -> Dated:
    if isinstance(evidence, Endorsement):
        what = f"endorsement: {label(evidence.origin)} backs {label(evidence.finalist)}"
    else:
        what = f"poll: {evidence.name}"
    return Dated(what=what, published=evidence.published, source=evidence.source)


class TransferDistribution(Displayed, Saved, ABC):
    """What can be simulated of ONE contest: a prior, or a posterior used as one.

    It is a basis, and evidence on top of it. A kind says what its `basis` is, which evidence it
    holds, and what it becomes with other evidence; all else follows.
    """

    takes_polls = True
    """Whether a contest's bundled polls would add to it: it has none, nor the runoff's counts."""
    _called = "a prior or a posterior"

    if TYPE_CHECKING:  # fields of some kinds, properties of others

        @property
        def name(self) -> str:
            """What to call it in reports."""

        @property
        def finalists(self) -> tuple[str, ...]:
            """Destinations with a candidate."""

        @property
        def unpolled(self) -> Any:
            """The same without polls."""

    @property
    @abstractmethod
    def basis(self) -> Dated:
        """What it stands on before any evidence, and cannot be without."""

    @property
    @abstractmethod
    def evidence(self) -> tuple[Evidence, ...]:
        """Endorsements, then polls."""

    @abstractmethod
    def endorsed_by(self, endorsements: Sequence[Endorsement]) -> Self:
        """Return it with these endorsements instead of those it has.

        Parameters
        ----------
        endorsements : sequence of Endorsement
            In the order in which they apply.
        """

    @abstractmethod
    def with_evidence(self, evidence: Sequence[Evidence]) -> TransferDistribution:
        """Return it with this evidence instead of what it has.

        Parameters
        ----------
        evidence : sequence of Endorsement or Poll
            In the keys of the contest.
        """

    @abstractmethod
    def describe(self) -> Description:
        """Return what it says and where from."""

    @abstractmethod
    def variants(self) -> Mapping[str, TransferDistribution]:
        """Return named changes of the model."""

    @abstractmethod
    def sampler(self, ledger: Ledger) -> Sampler:
        """Return a sampler whose origins are the ledger's.

        Parameters
        ----------
        ledger : Ledger
            People by origin.
        """

    @property
    def brief(self) -> str:
        """What it was learned from, in one line; empty if it was not."""
        return ""

    @property
    def hindsight(self) -> str:
        """What about it was decided when the result was known, in a clause; empty if nothing."""
        return ""

    @property
    def dated(self) -> tuple[Dated, ...]:
        """Everything it stands on: the basis, then the evidence."""
        return (self.basis, *map(_dated, self.evidence))

    @property
    def published(self) -> date | None:
        """Day of the latest datum in it that has a date."""
        return max((d.published for d in self.dated if d.published), default=None)

    def given(self, *evidence: Evidence) -> TransferDistribution:
        """Return it conditioned on more evidence, as it stands.

        Parameters
        ----------
        *evidence : Endorsement or Poll
            In the keys of the contest. `with_polls` also reads names, counts days from those of the
            contest, and leaves out polls of the first round that tell nothing.

        Raises
        ------
        InputError
            If a piece is neither, occurs twice, or is about somebody unknown.
        """
        for piece in evidence:
            if not isinstance(piece, Endorsement | Poll):
                raise InputError(
                    f"evidence: must be an Endorsement or a Poll - found {type(piece).__name__}"
                )
        refuse_repeated((*self.evidence, *evidence))
        return self.with_evidence((*self.evidence, *evidence))

    @renamed(known="published")
    def endorse(
        self,
        origin: str,
        finalist: str,
        *,
        strength: float | None = None,
        logits: float | None = None,
        sd: float | None = None,
        published: date | None = None,
        source: str = "assumed",
    ) -> Self:
        """Return a distribution in which `origin` has backed `finalist`.

        Parameters
        ----------
        origin, finalist : str
            Who backs whom.
        strength : float, optional
            Fraction who follow of the origin's voters who would choose somebody else; by default a
            quarter.
        logits, sd : float, optional
            Instead of a strength: by how much the log-ratio of preference moves, and how uncertain
            that is, by default half of it.
        published : datetime.date, optional
            When it became public.
        source : str
            Where it was said.

        Raises
        ------
        InputError
            If the names are unknown, a number is out of range, or it has this endorsement.

        Examples
        --------
        >>> from forecast import elicited_prior, load_contest
        >>> backed = elicited_prior(load_contest("france-2017")).endorse(
        ...     "François Fillon", "Emmanuel Macron", strength=0.2, source="his speech that night")
        >>> [(e.finalist, e.strength) for e in backed.endorsements]
        [('Emmanuel Macron', 0.2)]
        """
        endorsement = Endorsement(
            origin=origin,
            finalist=finalist,
            strength=0.25 if strength is None and logits is None else strength,
            logits=logits,
            sd=sd,
            published=published,
            source=source,
        )
        old = [e for e in self.evidence if isinstance(e, Endorsement)]
        refuse_repeated((*old, endorsement))
        return self.endorsed_by((*old, endorsement))

    def as_of(self, day: date) -> TransferDistribution:
        """Return it without what was published after `day`.

        Parameters
        ----------
        day : datetime.date
            The last day whose publications are kept.

        Raises
        ------
        InputError
            If its basis was published later, or a piece of evidence has no date.
        """
        self.check_basis(day)
        return self.with_evidence([e for e in self.evidence if published_by(e, day)])

    def check_basis(self, day: date) -> None:
        """Refuse a day on which the basis was not public.

        Parameters
        ----------
        day : datetime.date
            Day of the forecast.

        Raises
        ------
        InputError
            If the basis was published later.
        """
        refuse_later(self.name, self.basis.published, day)

    def steps(
        self, label: Callable[[str], str] = str
    ) -> Iterator[tuple[Dated, TransferDistribution]]:
        """Yield each piece of evidence, and what is believed with it and all before it.

        Polls about the first round, which tell how pollsters err, come with the first poll about
        the runoff.

        Parameters
        ----------
        label : callable
            Name to print of an origin or finalist.
        """
        yield self.basis, self.with_evidence(())
        earlier = [e for e in self.evidence if isinstance(e, Poll) and e.round == "first round"]
        held = list[Evidence]()
        for piece in self.evidence:
            if piece not in earlier:
                held.append(piece)
                yield _dated(piece, label), self.with_evidence([*held, *earlier])

    def pooled(self, ledger: Ledger) -> Ledger:
        """Return the ledger with small origins as one, where nobody could tell; here as it is.

        Parameters
        ----------
        ledger : Ledger
            People by origin.
        """
        return ledger

    def check_finalist(self, finalist: str) -> None:
        """Refuse whoever is no finalist of this distribution.

        Parameters
        ----------
        finalist : str
            The key.

        Raises
        ------
        InputError
            If it is none of `finalists`.
        """
        if finalist not in self.finalists:
            raise InputError(
                f"prior {self.name!r}: only a finalist can be endorsed - found {finalist!r}; "
                f"{suggest(finalist, self.finalists)}"
            )

    def check_finalists(self, ledger: Ledger) -> None:
        """Refuse a ledger of other finalists, or in another order.

        Parameters
        ----------
        ledger : Ledger
            People by origin.

        Raises
        ------
        InputError
            If its finalists are not those of this distribution.
        """
        if ledger.destinations[:-1] != self.finalists:
            raise InputError(
                f"prior {self.name!r}: must be about the finalists {ledger.destinations[:-1]} - "
                f"found {self.finalists}"
            )

    def shown(self) -> Shown:
        """Return what it says as a table, in percent."""
        return self.describe().shown()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what it says on Axes `ax` (new ones by default); return them.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw.
        """
        return figure("description_figure", self.describe(), ax)


def refuse_repeated(evidence: Sequence[Evidence]) -> None:
    """Raise `InputError` if an endorsement occurs twice, which would count twice."""
    known: list[Endorsement] = []
    for piece in evidence:
        if isinstance(piece, Endorsement) and piece in known:
            raise InputError(
                f"endorsements: each must be given once - found {piece.origin!r} for "
                f"{piece.finalist!r} twice; leave one out"
            )
        known += [piece] if isinstance(piece, Endorsement) else []


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
