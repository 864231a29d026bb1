"""Polls that a table prints twice: with the undecided, and as shares of those who decided."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from forecast.arrays import grouped
from forecast.facts.polls import ROUNDING, Poll
from forecast.facts.words.word_lists import folded

SAME = 0.0125
"""How far shares of one question may be apart by rounding percent before and after the division."""
FEW_SILENT = 0.02
"""Least part of the undecided that tells the two apart."""


def once_each(polls: Iterable[Poll]) -> tuple[list[Poll], list[str]]:
    """Return polls without those that say another again without its undecided, and notes of them.

    The same pollster asked as many people on the same days, and shares of the decided are the same.

    Examples
    --------
    >>> from datetime import date
    >>> facts = {"pollster": "Acme", "n": 1000, "end": date(2030, 4, 1)}
    >>> full = Poll(shares={"ada": 0.4, "ben": 0.5}, undecided=0.1, **facts)
    >>> again = Poll(shares={"ada": 0.444, "ben": 0.556}, **facts)
    >>> kept, notes = once_each([again, full])
    >>> kept == [full], notes
    (True, ['Acme, 2030-04-01: printed with and without the undecided; read once, with them'])
    """
    kept = [*polls]
    full = grouped((_asked(p), p) for p in kept if _silent(p) >= FEW_SILENT and p.end is not None)
    again = [p for p in kept if any(_says_again(p, whole) for whole in full.get(_asked(p), ()))]
    said = "printed with and without the undecided; read once, with them"
    gone = {id(p) for p in again}
    return [p for p in kept if id(p) not in gone], [f"{p.name}: {said}" for p in again]


def _asked(poll: Poll) -> Hashable:
    """Return who asked, when, in which round and about whom."""
    return folded(poll.pollster), poll.start, poll.end, poll.round, frozenset(poll.shares)


def _says_again(poll: Poll, whole: Poll) -> bool:
    """Return whether a poll has the shares of the decided of another that asked alike."""
    if _silent(poll) or poll.by_origin or whole.by_origin:
        return False
    if poll.n and whole.n:
        decided = whole.n * (1 - _silent(whole))
        if poll.n != whole.n and abs(poll.n - decided) > SAME * whole.n:
            return False
    sums = [sum(p.shares.values()) for p in (poll, whole)]
    apart = (abs(x / sums[0] - whole.shares[name] / sums[1]) for name, x in poll.shares.items())
    return abs(sums[0] + (poll.others or 0) - 1) <= ROUNDING and max(apart) <= SAME


def _silent(poll: Poll) -> float:
    """Return the part of a poll that named nobody."""
    return (poll.undecided or 0.0) + (poll.would_not_vote or 0.0)
