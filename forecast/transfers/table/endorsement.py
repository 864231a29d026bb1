"""Shift: what moved the voters of one origin towards a finalist, such as an endorsement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from forecast.errors import InputError
from forecast.facts.ledger import Ledger

__all__ = ["Shift", "shifts_by_origin", "shifts_known_by"]


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A shift of an origin's log-ratio of preference.

    Parameters
    ----------
    origin, finalist : str
        Whose preference moves to whom.
    logits, sd : float
        By how much, and how uncertain that is.
    known : datetime.date or None
        When what moved it became known.
    source : str
        Where that was said, and where `logits` comes from.
    """

    origin: str
    finalist: str
    logits: float
    sd: float
    known: date | None = None
    source: str = "assumed"


def shifts_known_by(shifts: Iterable[Shift], day: date) -> tuple[Shift, ...]:
    """Return the shifts known on `day`; raise `InputError` if one has no date."""
    found = []
    for shift in shifts:
        if shift.known is None:
            raise InputError(f"as_of: the shift of {shift.origin!r} has no date; give known=")
        if shift.known <= day:
            found.append(shift)
    return tuple(found)


def shifts_by_origin(shifts: Iterable[Shift], ledger: Ledger) -> dict[int, tuple[float, float]]:
    """Return mean and sd of the sum of each origin's shifts towards the first finalist."""
    found: dict[int, tuple[float, float]] = {}
    for shift in shifts:
        r = ledger.index(shift.origin)
        mean, sd = found.get(r, (0.0, 0.0))
        sign = 1 if shift.finalist == ledger.destinations[0] else -1
        found[r] = (mean + sign * shift.logits, float(np.hypot(sd, shift.sd)))
    return found
