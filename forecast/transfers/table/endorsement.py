"""Endorsement: what moved the voters of one origin towards a finalist, on every kind of prior.

It is stated as people say it, by the fraction who follow of those who would choose somebody else,
or as a shift of the log-ratio of preference with its standard deviation. A stated strength holds on
average: the shift is found such that the mean preference moves by it, whatever the prior's spread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from numbers import Real
from typing import NamedTuple, Protocol, TypeGuard

import numpy as np
from scipy.special import expit, logit

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.ledger import Ledger
from forecast.randomness import stream
from forecast.signatures import refuses_other_kinds, renamed
from forecast.transfers.table.coordinates import MAX_SD, find_root

DRAWS = 4096
"""Draws of a prior behind the shift that a stated strength makes."""
REACH = 40.0
"""No shift of a log-ratio is larger."""


@renamed(known="published")
@refuses_other_kinds
@dataclass(frozen=True, kw_only=True)
class Endorsement:
    """Somebody, such as an eliminated candidate, moves the voters of an origin to a finalist.

    Parameters
    ----------
    origin, finalist : str
        Whose voters move to whom.
    strength : float, optional
        Fraction of the origin's voters who would choose somebody else and follow; in (0, 1).
    logits : float, optional
        Instead of `strength`: by how much the log-ratio of preference moves.
    sd : float, optional
        How uncertain `logits` is; by default half of it, as with a strength.
    published : datetime.date or None
        When it became public.
    source : str
        Where it was said, and where its size comes from.

    Raises
    ------
    InputError
        Unless there is either a strength in (0, 1), or finite logits with an sd from 0.

    Examples
    --------
    >>> Endorsement(origin="cid", finalist="ben", logits=1.0).sd
    0.5
    """

    origin: str
    finalist: str
    strength: float | None = None
    logits: float | None = None
    sd: float | None = None
    published: date | None = None
    source: str = "assumed"

    def __post_init__(self) -> None:
        where = f"endorsement by {self.origin!r}"
        if (self.strength is None) == (self.logits is None):
            raise InputError(
                f"{where}: needs a strength, or logits and an sd - found strength "
                f"{self.strength!r}, logits {self.logits!r}; give one of the two"
            )
        if self.strength is not None:
            if not (_is_number(self.strength) and 0 < self.strength < 1) or self.sd is not None:
                raise InputError(
                    f"{where}: strength must be between 0 and 1, without an sd - found "
                    f"{self.strength!r}, sd {self.sd!r}; it is the fraction who follow of those "
                    "otherwise against"
                )
            return
        logits, sd = self.logits, self.sd
        if sd is None and _is_number(logits):
            sd = abs(logits) / 2
        if not (_is_number(logits) and _is_number(sd) and sd >= 0):
            raise InputError(
                f"{where}: a shift needs an origin, a finalist, logits and an sd from 0 - found "
                f"logits {self.logits!r}, sd {self.sd!r}; correct them"
            )
        object.__setattr__(self, "sd", sd)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def endorsed(
    means: Sequence[float], sd: float, finalist: int, endorsement: Endorsement
) -> tuple[tuple[float, ...], float]:
    """Return preference means and logit sd after an endorsement.

    A fraction of those who would choose somebody else follow it. The shift this makes on the logit
    scale is itself uncertain, with an sd of half its size unless it says otherwise.

    Examples
    --------
    >>> followed = Endorsement(origin="cid", finalist="ben", strength=0.5)
    >>> means, sd = endorsed((0.4, 0.6), 1.0, 1, followed)
    >>> means, round(sd, 2)
    ((0.2, 0.8), 1.11)
    """
    strength = endorsement.strength
    if strength is None:
        after = float(expit(logit(means[finalist]) + endorsement.logits))
        strength = (after - means[finalist]) / (1 - means[finalist])
    moved = [m * (1 - strength) + strength * (k == finalist) for k, m in enumerate(means)]
    shift = logit(moved[finalist]) - logit(means[finalist])
    own = shift / 2 if endorsement.sd is None else endorsement.sd
    return tuple(round(m, 15) for m in moved), min(float(np.hypot(sd, own)), MAX_SD)


class Draws(Protocol):
    """Something that draws rates to the finalists, shape (origin, finalist, draw)."""

    def draw(self, n: int, *, rng: np.random.Generator) -> FloatArray:
        """Return `n` draws."""


class Move(NamedTuple):
    """A normal shift of the log-ratio of one origin towards one finalist."""

    origin: int
    finalist: int
    logits: float
    sd: float


def moves_of(
    endorsements: Sequence[Endorsement],
    ledger: Ledger,
    before: Callable[[Ledger], Draws],
) -> tuple[Move, ...]:
    """Return what endorsements, in this order, do to log-ratios of preference, added up by origin.

    `before` returns a sampler of the ledger before any endorsement; it is only asked for where a
    strength is stated.

    Notes
    -----
    A strength s moves the mean preference m to m + s (1 - m). The shift is Normal(delta, sd^2)
    with sd half the change of the mean's logit, and delta such that the mean comes out. Between two
    finalists all moves of an origin are written as one towards the first.
    """
    finalists = ledger.destinations[:-1]
    found: dict[tuple[int, int], tuple[float, float]] = {}
    held: FloatArray | None = None
    if any(e.strength is not None for e in endorsements):
        held = before(ledger).draw(DRAWS, rng=stream(0, "endorsement: before"))
    for i, e in enumerate(endorsements):
        r, k = ledger.index(e.origin), finalists.index(e.finalist)
        size, sd = float(e.logits or 0.0), float(e.sd or 0.0)
        if held is not None:
            if e.strength is not None:
                size, sd = shift_of(held[r, k] / held[r].sum(axis=0), e.strength)
            noise = stream(0, "endorsement: noise", i).standard_normal((1, DRAWS))
            held = move_rates(held, (Move(r, k, size, sd),), noise)
        at, sign = (0, 1 - 2 * k) if len(finalists) == 2 else (k, 1)
        mean, spread = found.get((r, at), (0.0, 0.0))
        found[r, at] = (mean + sign * size, float(np.hypot(spread, sd)))
    return tuple(Move(r, k, size, sd) for (r, k), (size, sd) in found.items())


def shift_of(preference: FloatArray, strength: float) -> tuple[float, float]:
    """Return mean and sd of the shift of a log-ratio that a stated strength makes.

    `preference` (draw,) is that for the finalist, before; `strength` the fraction who follow of
    those who would choose somebody else.

    Examples
    --------
    >>> size, sd = shift_of(np.full(DRAWS, 0.5), 0.25)
    >>> 0.5 < size < 0.54, round(sd, 2)  # from 0.5 to 0.625: 0.51, a little more with a spread
    (True, 0.26)
    """
    mean = float(preference.mean())
    wanted = mean + strength * (1 - mean)
    ratios = logit(np.clip(preference, 1e-12, 1 - 1e-12))
    sd = float(logit(wanted) - logit(mean)) / 2
    noise = sd * stream(0, "endorsement: strength").standard_normal(len(ratios))

    def excess(size: float) -> float:
        return float(expit(ratios + noise + size).mean()) - wanted

    return find_root(excess, -REACH, REACH), min(sd, MAX_SD)


def move_rates(rates: FloatArray, moves: Sequence[Move], normals: FloatArray) -> FloatArray:
    """Return rates after moves; who votes at all stays as it is.

    `rates` (origin, finalist, draw) are overwritten where an origin moves; `normals` (move, draw)
    are standard.

    Examples
    --------
    >>> rates = np.array([[[0.4], [0.4]]])
    >>> move_rates(rates, (Move(0, 0, np.log(3), 0.0),), np.zeros((1, 1))).ravel().round(3).tolist()
    [0.6, 0.2]
    """
    for (r, k, size, sd), z in zip(moves, normals, strict=True):
        voting = rates[r].sum(axis=0)
        rates[r, k] *= np.exp(size + sd * z)
        rates[r] *= voting / np.maximum(rates[r].sum(axis=0), np.finfo(float).tiny)
    return rates
