"""Who advances to the runoff: a rule with parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from forecast.errors import InputError
from forecast.signatures import refuses_other_kinds

__all__ = ["Advancement"]

Base = Literal["valid", "ballots", "registered"]


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True)
class Advancement:
    """Rule that turns first-round totals into finalists.

    The candidate with more than `majority` of `majority_of` is elected at once, provided that
    those votes also exceed `quorum` of the registered. Otherwise the first `seats` candidates
    advance, and with them everyone who reaches `threshold` of `threshold_of`.

    Parameters
    ----------
    seats : int
        Number of candidates who advance in any case.
    majority : float or None
        Fraction to be exceeded for election in the first round; None: always a runoff.
    majority_of : {"valid", "ballots", "registered"}
        What `majority` is a fraction of.
    quorum : float
        Fraction of the registered that the elected candidate must reach as well.
    threshold : float or None
        Fraction that lets further candidates advance; None: only `seats` do.
    threshold_of : {"valid", "ballots", "registered"}
        What `threshold` is a fraction of.

    Raises
    ------
    InputError
        If `seats` is below 2 or a fraction is outside [0, 1].

    Examples
    --------
    >>> Advancement().finalists({"a": 45, "b": 35, "c": 20})
    ('a', 'b')
    >>> france = Advancement(quorum=0.25, threshold=0.125, threshold_of="registered")
    >>> france.finalists({"a": 40, "b": 32, "c": 28}, registered=160)
    ('a', 'b', 'c')
    >>> Advancement().elected({"a": 51, "b": 30, "c": 19})
    'a'
    """

    seats: int = 2
    majority: float | None = 0.5
    majority_of: Base = "valid"
    quorum: float = 0.0
    threshold: float | None = None
    threshold_of: Base = "registered"

    def __post_init__(self) -> None:
        if self.seats < 2:
            raise InputError(f"Advancement: seats must be at least 2 - found {self.seats}")
        for name in ("majority", "quorum", "threshold"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise InputError(
                    f"Advancement: {name} must be a fraction in [0, 1] - found {value}; "
                    "divide a percentage by 100"
                )

    def elected(
        self, votes: Mapping[str, int], *, invalid: int = 0, registered: int | None = None
    ) -> str | None:
        """Return who is elected without a runoff, or None.

        Raises
        ------
        InputError
            If nobody stood, or the rule needs `registered` and it is unknown.
        """
        first = self._ranked(votes)[0]
        if self.majority is None:
            return None
        base = self._base(self.majority_of, votes, invalid, registered)
        if votes[first] <= self.majority * base:
            return None
        if self.quorum:
            base = self._base("registered", votes, invalid, registered)
            if votes[first] < self.quorum * base:
                return None
        return first

    def finalists(
        self, votes: Mapping[str, int], *, invalid: int = 0, registered: int | None = None
    ) -> tuple[str, ...]:
        """Return the finalists, most votes first; empty if somebody is elected at once.

        Raises
        ------
        InputError
            If fewer candidates than seats stood, if the last seat is tied, or the rule needs
            `registered` and it is unknown.
        """
        if self.elected(votes, invalid=invalid, registered=registered) is not None:
            return ()
        ranked = self._ranked(votes)
        if len(ranked) < self.seats:
            raise InputError(
                f"Advancement: {self.seats} candidates must advance - found {len(ranked)}"
            )
        if len(ranked) > self.seats and votes[ranked[self.seats - 1]] == votes[ranked[self.seats]]:
            raise InputError(
                f"Advancement: the last place is tied between {ranked[self.seats - 1]!r} and "
                f"{ranked[self.seats]!r}; name the finalists yourself"
            )
        if self.threshold is None:
            return ranked[: self.seats]
        line = self.threshold * self._base(self.threshold_of, votes, invalid, registered)
        return ranked[: self.seats] + tuple(c for c in ranked[self.seats :] if votes[c] >= line)

    @staticmethod
    def _ranked(votes: Mapping[str, int]) -> tuple[str, ...]:
        if not votes:
            raise InputError("Advancement: at least one candidate must stand - found none")
        return tuple(sorted(votes, key=lambda c: -votes[c]))

    @staticmethod
    def _base(base: Base, votes: Mapping[str, int], invalid: int, registered: int | None) -> int:
        valid = sum(votes.values())
        if base == "valid":
            return valid
        if base == "ballots":
            return valid + invalid
        if registered is None:
            raise InputError(
                "Advancement: this rule counts against the registered, who are unknown; "
                "give `registered` or choose another base"
            )
        return registered
