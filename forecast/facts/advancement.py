"""Who advances to the runoff: a rule with parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.words.rule_words import NUMBERS, SURE, fields_of_rule
from forecast.signatures import refuses_other_kinds

Base = Literal["valid", "ballots", "registered"]


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True)
class Advancement:
    """Rule that turns first-round totals into finalists.

    The candidate with more than `majority` of `majority_of` is elected at once, and so is one with
    at least `plurality` of it who is `lead` ahead of the second, provided that those votes also
    reach `quorum` of the registered and that nobody has as many. Fractions are taken as they are
    written: 7% of 100 is 7. Otherwise the first `seats` candidates advance, and with them
    everyone who reaches `threshold` of `threshold_of`.

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
    plurality : float or None
        Fraction of `majority_of` that is enough with a lead of `lead`.
    lead : float
        Distance to the second that `plurality` needs, a fraction of the same votes.
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
    >>> rule = Advancement.from_text("45%, or 40% and 10 points ahead")
    >>> rule.elected({"a": 41, "b": 30, "c": 29}), rule.elected({"a": 41, "b": 35, "c": 24})
    ('a', None)
    """

    seats: int = 2
    majority: float | None = 0.5
    majority_of: Base = "valid"
    quorum: float = 0.0
    threshold: float | None = None
    threshold_of: Base = "registered"
    plurality: float | None = None
    lead: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.seats, bool) or not isinstance(self.seats, int) or self.seats < 2:
            raise InputError(f"Advancement: seats must be at least 2 - found {self.seats}")
        for name in ("majority_of", "threshold_of"):
            if getattr(self, name) not in get_args(Base):
                raise InputError(
                    f"Advancement: {name} must be valid, ballots or registered - found "
                    f"{getattr(self, name)!r}"
                )
        for name in ("majority", "quorum", "threshold", "plurality", "lead"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise InputError(
                    f"Advancement: {name} must be a fraction in [0, 1] - found {value}; "
                    "divide a percentage by 100"
                )

    @classmethod
    def from_text(cls, text: str) -> Advancement:
        """Return the rule that a sentence says.

        Parameters
        ----------
        text : str
            Parts separated by semicolons, commas or "or": "majority", "45%", "two thirds" or "30%
            wins" (of valid, ballots or registered) elects; so does "40% and 10 points ahead";
            "quorum 25%" of the registered must be met as well, which "majority and 25% of
            registered" says too; "top two" or "top three" advance, and whoever has "12.5% of
            registered" (any part under 40%), "15% advance" or "threshold 20% of valid". Without a
            part that elects a majority of the valid votes does, but "top two" alone and "no
            majority" mean that nobody is elected.

        Raises
        ------
        InputError
            If a part, or a word of it, is not understood, or it is about turnout.

        Examples
        --------
        >>> print(Advancement.from_text("majority of ballots; 12.5% of the registered; quorum 25%"))
        majority of ballots; quorum 25% of registered; top two; 12.5% of registered advance
        """
        return cls(**fields_of_rule(text))

    def __str__(self) -> str:
        """Return the rule as `from_text` reads it."""
        of = "" if self.majority_of == "valid" else f" of {self.majority_of}"
        words = []
        if self.majority is None:
            more = self.plurality is not None or self.threshold is not None or self.quorum
            words += ["no majority"] * bool(more)
        else:
            wins = " wins" if self.majority < SURE else ""
            share = "majority" if self.majority == 0.5 else _percent(self.majority)
            words.append(share + of + wins)
        if self.plurality is not None:
            words.append(f"{_percent(self.plurality)}{of} and {100 * self.lead:g} points ahead")
        if self.quorum:
            words.append(f"quorum {_percent(self.quorum)} of registered")
        words.append(f"top {dict(zip(NUMBERS.values(), NUMBERS, strict=True))[self.seats]}"
                     if self.seats in NUMBERS.values() else f"top {self.seats}")  # fmt: skip
        if self.threshold is not None:
            words.append(f"{_percent(self.threshold)} of {self.threshold_of} advance")
        return "; ".join(words)

    def elected(
        self,
        votes: Mapping[str, int],
        *,
        invalid: int = 0,
        registered: int | None = None,
        scattered: int = 0,
    ) -> str | None:
        """Return who is elected without a runoff, or None.

        Parameters
        ----------
        votes : mapping of candidate to int
            First-round votes.
        invalid : int
            Invalid ballots, which count where a fraction is of ballots.
        registered : int, optional
            Registered people, where a fraction is of them.
        scattered : int
            Valid votes of several others together, who are not elected.

        Raises
        ------
        InputError
            If nobody stood, or the rule needs `registered` and it is unknown.
        """
        first, *others = self._ranked(votes)
        second = votes[others[0]] if others else 0

        def base(which: Base) -> int:
            return self._base(which, votes, invalid, registered, scattered)

        return first if self._wins(votes[first], second, base, _part) else None

    def finalists(
        self,
        votes: Mapping[str, int],
        *,
        invalid: int = 0,
        registered: int | None = None,
        scattered: int = 0,
    ) -> tuple[str, ...]:
        """Return the finalists, most votes first; empty if somebody is elected at once.

        Parameters
        ----------
        votes : mapping of candidate to int
            First-round votes.
        invalid : int
            Invalid ballots, which count where a fraction is of ballots.
        registered : int, optional
            Registered people, where a fraction is of them.
        scattered : int
            Valid votes of several others together, who do not advance.

        Raises
        ------
        InputError
            If fewer candidates than seats stood, if the last seat is tied, or the rule needs
            `registered` and it is unknown.
        """
        found = self.elected(votes, invalid=invalid, registered=registered, scattered=scattered)
        if found is not None:
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
        base = self._base(self.threshold_of, votes, invalid, registered, scattered)
        line = _part(self.threshold, base)
        return ranked[: self.seats] + tuple(c for c in ranked[self.seats :] if votes[c] >= line)

    def in_draws(
        self,
        votes: FloatArray,
        *,
        invalid: FloatArray,
        registered: FloatArray | float,
        scattered: FloatArray | None = None,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Return who is elected at once (-1: nobody) and who advances, for draws of first rounds.

        Those who are tied for the last place advance together.

        Parameters
        ----------
        votes : ndarray, shape (draw, candidate)
            Votes of everybody.
        invalid, registered : ndarray, shape (draw,)
            Invalid ballots and registered people.
        scattered : ndarray, shape (draw,), optional
            Valid votes of others, too small to be elected or to advance.

        Returns
        -------
        elected : ndarray of int, shape (draw,)
            Position of whoever is elected without a runoff, else -1.
        advance : ndarray of bool, shape (draw, candidate)
            Who is in the runoff; nobody where somebody is elected.

        Raises
        ------
        InputError
            If fewer candidates than seats stand.

        Examples
        --------
        >>> votes = np.array([[45.0, 35.0, 20.0], [60.0, 25.0, 15.0]])
        >>> elected, advance = Advancement().in_draws(
        ...     votes, invalid=np.zeros(2), registered=200.0)
        >>> elected.tolist(), advance.tolist()
        ([-1, 0], [[True, True, False], [False, False, False]])
        """
        n, k = votes.shape
        if k < self.seats:
            raise InputError(f"Advancement: {self.seats} candidates must advance - found {k}")
        valid = votes.sum(axis=1)
        if scattered is not None:
            valid = valid + scattered
        bases: dict[Base, FloatArray] = {
            "valid": valid,
            "ballots": valid + invalid,
            "registered": np.broadcast_to(np.asarray(registered, dtype=float), (n,)),
        }
        last = np.partition(votes, (k - self.seats, k - 2, k - 1), axis=1)
        first, second, line = last[:, k - 1], last[:, k - 2], last[:, k - self.seats]
        won = np.zeros(n, dtype=bool) | self._wins(first, second, bases.__getitem__, _parts)
        if self.threshold is not None:
            line = np.minimum(line, _parts(self.threshold, bases[self.threshold_of]))
        advance = votes >= np.maximum(line, np.finfo(float).tiny)[:, None]
        advance &= ~won[:, None]
        return np.where(won, votes.argmax(axis=1), -1), advance

    def _wins(
        self,
        first: Any,
        second: Any,
        base: Callable[[Base], Any],
        part: Callable[[float, Any], Any],
    ) -> Any:
        """Return whether the first is elected at once, in one first round or in draws."""
        won = False
        if self.majority is not None:
            won = first > part(self.majority, base(self.majority_of))
        if self.plurality is not None:
            whole = base(self.majority_of)
            leads = first - second >= part(self.lead, whole)
            won = won | (leads & (first >= part(self.plurality, whole)))
        won = won & (first > second)
        if self.quorum and np.any(won):
            won = won & (first >= part(self.quorum, base("registered")))
        return won

    @staticmethod
    def _ranked(votes: Mapping[str, int]) -> tuple[str, ...]:
        if not votes:
            raise InputError("Advancement: at least one candidate must stand - found none")
        return tuple(sorted(votes, key=lambda c: -votes[c]))

    @staticmethod
    def _base(
        base: Base,
        votes: Mapping[str, int],
        invalid: int,
        registered: int | None,
        scattered: int,
    ) -> int:
        valid = sum(votes.values()) + scattered
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


def rule_of(said: Advancement | str | None) -> Advancement:
    """Return a rule as it is, from words, or the usual one: a majority elects, else the top two."""
    return Advancement.from_text(said) if isinstance(said, str) else said or Advancement()


def _part(fraction: float, base: int) -> Fraction:
    """Return a part as it is written: 0.07 of 100 is 7, and not a float above it."""
    return Fraction(repr(float(fraction))) * Fraction(float(base))


def _parts(fraction: float, base: FloatArray) -> FloatArray:
    """Return it for draws, as nearly as six decimals are."""
    return np.round(fraction * base, 6)


def _percent(fraction: float) -> str:
    """Return a fraction as people write it: 12.5%, or 2/3."""
    text = f"{100 * fraction:g}"
    exact = float(text) / 100 == fraction
    return f"{text}%" if exact else str(Fraction(fraction).limit_denominator(1000))
