"""The prior used when nobody gives one: learned, else elicited, else openly wide."""

from __future__ import annotations

from forecast.facts.contest import Contest
from forecast.facts.ledger import INVALID, NON_VOTERS
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.prior import TransferPrior
from forecast.transfers.elicited.rows import ANY, Belief, ElicitedRow

__all__ = [
    "generic_prior",
]


@refuses_other_kinds
def generic_prior(contest: Contest) -> TransferPrior:
    """Return a wide prior that knows only who the finalists are.

    Finalists keep most of their voters, eliminated candidates' voters split evenly give or take
    everything plausible, few non-voters appear, and nobody knows whom they favour. How many come
    is set so that the turnout of 53 national runoffs is right on average: there the median is 2
    points too low and the 90% interval covers 92%.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> print(generic_prior(load_contest("georgia-2018")).row("bakradze").source)
    assumed, openly wide: nothing is known about this candidate's voters
    """
    finalists = contest.finalists
    even = 1 / len(finalists)

    def row(
        origin: str,
        v: tuple[float, float, float],
        q: tuple[float, float, float],
        source: str,
        finalist: str = finalists[0],
    ) -> ElicitedRow:
        return ElicitedRow(
            origin=origin,
            participation=Belief.of(v),
            preference=Belief.of(q),
            finalist=finalist,
            finalists=finalists,
            source=f"assumed, openly wide: {source}",
        )

    spread = (even, even * 0.3, even + (1 - even) * 0.7)
    rows = [
        row(f, (0.95, 0.82, 0.99), (0.94, 0.84, 0.99), "most voters come back to their finalist", f)
        for f in finalists
    ]
    source = "nothing is known about this candidate's voters"
    rows.append(row(ANY, (0.8, 0.5, 0.95), spread, source))
    source = "an invalid ballot may be a protest or a mistake"
    rows.append(row(INVALID, (0.4, 0.1, 0.8), spread, source))
    source = "in most runoffs few of those who stayed at home appear, in some many"
    rows.append(row(NON_VOTERS, (0.15, 0.03, 0.4), spread, source))
    return TransferPrior(name="generic, wide", finalists=finalists, rows=tuple(rows))
