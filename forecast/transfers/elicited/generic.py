"""The prior used when nobody gives one: learned, else elicited, else openly wide."""

from __future__ import annotations

from typing import Literal

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.ledger import INVALID, NON_VOTERS
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.prior import TransferPrior
from forecast.transfers.elicited.rows import Belief, ElicitedRow
from forecast.transfers.table.describe import ANY

SPREAD = {"national": 0.6, "local": 0.7}
"""How far from an even split nine in ten preferences of unknown voters lie, as a part of the way to
all: with two finalists from 20 to 80% and from 15 to 85%."""
TAIL = 7.0
"""Degrees of freedom of what rows share. Where the surprises of 54 national runoffs are t errors, 4
to 7 are the likeliest (2.6 to 2.8 log units over a normal), though none without France 2002; 7 is
what 84 of them have by share. Without polls CRPS is the same within 1%; with polls, which may then
contradict the prior, it is 4 to 5% lower for mayors and presidents together (research log)."""


@refuses_other_kinds
def generic_prior(
    contest: Contest, *, kind: Literal["national", "local"] = "local"
) -> TransferPrior:
    """Return a wide prior that knows only who the finalists are.

    Parameters
    ----------
    contest : Contest
        The contest.
    kind : {"national", "local"}
        Whether a country votes, or a place of it, where candidates count for more: preferences
        nobody knows are then wider. The safe default for a contest of unknown kind is "local".

    Raises
    ------
    InputError
        If the kind is another.

    Notes
    -----
    Finalists keep most of their voters, eliminated candidates' voters split evenly give or take
    everything plausible, few non-voters appear, and nobody knows whom they favour. How many come
    is set so that the turnout of 53 national runoffs is right on average: there the median is 2
    points too low and the 90% interval covers 92%. By share (``python benchmarks/wide.py``) 90%
    intervals of 54 national runoffs cover 91%, or 89% each country with a spread chosen on the
    others, of 107 Brazilian mayoral runoffs 88%, of 173 Bulgarian ones 98%: too wide there.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> print(generic_prior(load_contest("georgia-2018")).row("bakradze").source)
    assumed, openly wide: nothing is known about this candidate's voters
    """
    if kind not in SPREAD:
        raise InputError(f"kind: must be {' or '.join(SPREAD)} - found {kind!r}; choose one")
    return wide_prior(contest, SPREAD[kind])


def wide_prior(contest: Contest, spread: float) -> TransferPrior:
    """Return `generic_prior` with another entry of `SPREAD`."""
    finalists = contest.finalists
    even = 1 / len(finalists)

    def row(
        origin: str,
        v: tuple[float, float, float],
        q: tuple[float, float, float],
        source: Message,
        finalist: str = finalists[0],
    ) -> ElicitedRow:
        return ElicitedRow(
            origin=origin,
            participation=Belief.of(v),
            preference=Belief.of(q),
            finalist=finalist,
            finalists=finalists,
            source=source,
        )

    low, high = even * (1 - spread), even + (1 - even) * spread
    unknown = (even, round(low, 12), round(high, 12))  # as people write them
    source = Message("assumed, openly wide: most voters come back to their finalist")
    rows = [row(f, (0.95, 0.82, 0.99), (0.94, 0.84, 0.99), source, f) for f in finalists]
    source = Message("assumed, openly wide: nothing is known about this candidate's voters")
    rows.append(row(ANY, (0.8, 0.5, 0.95), unknown, source))
    source = Message("assumed, openly wide: an invalid ballot may be a protest or a mistake")
    rows.append(row(INVALID, (0.4, 0.1, 0.8), unknown, source))
    source = Message(
        "assumed, openly wide: in most runoffs few of those who stayed at home appear, in some many"
    )
    rows.append(row(NON_VOTERS, (0.15, 0.03, 0.4), unknown, source))
    return TransferPrior(
        name=Message("generic, wide"), finalists=finalists, rows=tuple(rows), tail=TAIL
    )
