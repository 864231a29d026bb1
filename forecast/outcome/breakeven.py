"""What would flip the winner: the smallest change of one transfer, of turnout, or of two transfers.

All of it is arithmetic on the mean transfer table; no draw is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.ledger import Ledger
from forecast.outcome.probability import turnout_fraction
from forecast.transfers.table.coordinates import find_root


@dataclass(frozen=True, kw_only=True)
class BreakEven:
    """How far one input must move to level the two leading finalists.

    Parameters
    ----------
    what : str
        An origin (its preference), or "turnout".
    finalist : str
        The finalist behind, whom the change would help.
    expected : float
        The input now: the fraction for `finalist` of the origin's votes for the leading two, or
        ballots as a fraction of the ledger.
    needed : float or None
        The input at which the two are level; None if no value does it.
    """

    what: str
    finalist: str
    expected: float
    needed: float | None

    @property
    def change(self) -> float | None:
        """Needed minus expected; None if impossible."""
        return None if self.needed is None else self.needed - self.expected

    def __str__(self) -> str:
        """Return what it says in a line.

        Examples
        --------
        >>> print(BreakEven(what="cid", finalist="ada", expected=0.4, needed=0.55))
        ada draws level with 55% rather than 40% of the votes from cid
        """
        if self.needed is None:
            alone = "turnout" if self.what == "turnout" else f"preference of {self.what}"
            return f"no {alone} alone brings {self.finalist} level"
        values = f"{100 * self.needed:.0f}% rather than {100 * self.expected:.0f}%"
        if self.what == "turnout":
            return f"{self.finalist} draws level at a turnout of {values}"
        return f"{self.finalist} draws level with {values} of the votes from {self.what}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Frontier:
    """Pairs of preferences at which the leading two are level.

    Parameters
    ----------
    origins : tuple of two str
        Whose preferences.
    finalist : str
        Whom the preferences are for.
    first, second : ndarray, shape (point,)
        Preference of each origin; where `second` is outside [0, 1], no preference of the second
        origin levels the two.
    expected : tuple of two float
        Where the forecast stands.
    """

    origins: tuple[str, str]
    finalist: str
    first: FloatArray
    second: FloatArray
    expected: tuple[float, float]


def _leaders(counts: FloatArray, table: FloatArray) -> tuple[int, int]:
    """Return the destinations of the two leading finalists, first the one behind."""
    votes = counts @ table[:, :-1]
    ahead, behind = np.argsort(-votes, kind="stable")[:2]
    return int(behind), int(ahead)


def _weights(ledger: Ledger, table: FloatArray) -> tuple[int, FloatArray, FloatArray, float]:
    """Return who is behind, votes for the two by origin, their split, and the margin."""
    counts = ledger.totals.astype(float)
    behind, ahead = _leaders(counts, table)
    votes = counts * (table[:, behind] + table[:, ahead])
    split = np.divide(counts * table[:, behind], votes, out=np.zeros_like(votes), where=votes > 0)
    return behind, votes, split, float(votes @ (2 * split - 1))


def break_even(ledger: Ledger, table: FloatArray, origin: str) -> BreakEven:
    """Return the preference of one origin at which the leading two are level, all else unchanged.

    The table is the mean transfer table, shape (origin, destination).

    Raises
    ------
    InputError
        If the ledger has no such origin.
    """
    r = ledger.index(origin)
    behind, votes, split, margin = _weights(ledger, table)
    needed = split[r] - margin / (2 * votes[r]) if votes[r] else np.inf
    return BreakEven(
        what=origin,
        finalist=ledger.destinations[behind],
        expected=float(split[r]),
        needed=float(needed) if 0 <= needed <= 1 else None,
    )


def break_even_turnout(
    ledger: Ledger, table: FloatArray, ballots_per_vote: float = 1.0
) -> BreakEven:
    """Return the turnout at which the leading two are level.

    Every origin's participation moves by the same amount on the logit scale; preferences stay.
    """
    counts = ledger.totals.astype(float)
    behind, ahead = _leaders(counts, table)
    voting = np.clip(1 - table[:, -1], 1e-12, 1 - 1e-12)
    lead = counts * (table[:, behind] - table[:, ahead]) / voting

    def margin(shift: float) -> float:
        return float(lead @ expit(logit(voting) + shift))

    def turnout(shift: float) -> float:
        voters = counts @ expit(logit(voting) + shift)
        return float(turnout_fraction(voters, ballots_per_vote, float(counts.sum())))

    shifts = np.linspace(-8, 8, 321)
    signs = np.sign([margin(s) for s in shifts])
    roots = [
        find_root(margin, float(shifts[i]), float(shifts[i + 1]))
        for i in np.flatnonzero(signs[:-1] * signs[1:] < 0)
    ]
    needed = turnout(min(roots, key=abs)) if roots else None
    return BreakEven(
        what="turnout",
        finalist=ledger.destinations[behind],
        expected=turnout(0.0),
        needed=needed,
    )


def frontier(ledger: Ledger, table: FloatArray, first: str, second: str) -> Frontier:
    """Return the pairs of two origins' preferences at which the leading two are level.

    Raises
    ------
    InputError
        If an origin is unknown, the two are the same, or the second casts no votes.
    """
    a, b = ledger.index(first), ledger.index(second)
    behind, votes, split, margin = _weights(ledger, table)
    if a == b:
        raise InputError(f"frontier: needs two different origins - found {first!r} twice")
    if not votes[b]:
        raise InputError(f"frontier: {second!r} casts no votes for the leading two; choose another")
    x = np.linspace(0, 1, 101)
    rest = margin - votes[a] * (2 * split[a] - 1) - votes[b] * (2 * split[b] - 1)
    y = (1 - (rest + votes[a] * (2 * x - 1)) / votes[b]) / 2
    return Frontier(
        origins=(first, second),
        finalist=ledger.destinations[behind],
        first=x,
        second=y,
        expected=(float(split[a]), float(split[b])),
    )
