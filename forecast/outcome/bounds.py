"""What the margins alone force, before any prior.

A flow x[r, j] >= 0 from origin r to destination j must add up to the counts of both rounds. The
smallest and largest sum of flows from a set of origins S to a set of destinations D is a linear
programme with a known solution (Duncan & Davis 1953, Frechet 1951)::

    max(0, n_S + m_D - N)  <=  x[S, D]  <=  min(n_S, m_D)

Summed over units it stays exact, since units do not constrain each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.arrays import IntArray, frozen
from forecast.data.bundle import AnyContest, contest_of
from forecast.display import Displayed, Frames, Shown, Tabular
from forecast.errors import InputError, suggest
from forecast.facts.comparable import comparable
from forecast.facts.ledger import Ledger
from forecast.facts.partial_returns import PartialReturns
from forecast.facts.readers import units_named
from forecast.facts.returns import Returns
from forecast.files.columns import Table
from forecast.files.saved import Saved
from forecast.signatures import refuses_other_kinds


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """What makes a finalist sure to win if as many valid votes are cast as in the first round.

    Parameters
    ----------
    finalist : str
        Who.
    votes_to_win : int
        Votes that make sure of winning: one more than half the first round's valid votes.
    own : int
        The finalist's first-round votes.
    shortfall : int
        Votes needed from others if all their own voters come back.
    eliminated : int
        Votes of all eliminated candidates together.
    """

    finalist: str
    votes_to_win: int
    own: int
    shortfall: int
    eliminated: int


def requirements(ledger: Ledger) -> tuple[Requirement, ...]:
    """Return for each finalist what winning takes at the first round's number of valid votes.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> needs = requirements(load_contest("georgia-2018").ledger())
    >>> [(n.finalist, n.shortfall) for n in needs]
    [('zurabishvili', 181014), ('vashadze', 195362)]
    """
    totals = dict(zip(ledger.origins, ledger.totals.tolist(), strict=True))
    eliminated = sum(
        totals[o]
        for o, kind in zip(ledger.origins, ledger.kinds, strict=True)
        if kind == "eliminated"
    )
    finalists = ledger.destinations[:-1]
    valid = eliminated + sum(totals[f] for f in finalists)
    need = valid // 2 + 1
    return tuple(
        Requirement(
            finalist=f,
            votes_to_win=need,
            own=totals[f],
            shortfall=max(0, need - totals[f]),
            eliminated=eliminated,
        )
        for f in finalists
    )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FlowBounds(Displayed, Tabular, Saved):
    """Ranges of every flow that the counts of both rounds allow.

    Parameters
    ----------
    ledger : Ledger
        First-round people by unit and origin.
    runoff : ndarray of int64, shape (unit, destination)
        Runoff people by unit and destination, `none` last.
    """

    ledger: Ledger
    runoff: IntArray

    def between(
        self, origins: Sequence[str], destinations: Sequence[str], *, by_unit: bool = True
    ) -> tuple[int, int]:
        """Return least and most people who moved from `origins` to `destinations`.

        Parameters
        ----------
        origins, destinations : sequence of str
            Sets of rows and columns.
        by_unit : bool
            Add up the bounds of units (tighter) or use the totals alone.

        Raises
        ------
        InputError
            If a name is unknown.
        """
        for name in destinations:
            if name not in self.ledger.destinations:
                raise InputError(
                    f"bounds: no destination {name!r}; {suggest(name, self.ledger.destinations)}"
                )
        rows = [self.ledger.index(o) for o in dict.fromkeys(origins)]
        columns = [self.ledger.destinations.index(d) for d in dict.fromkeys(destinations)]
        counts, runoff = self.ledger.counts, self.runoff
        if not by_unit:
            counts, runoff = counts.sum(axis=0, keepdims=True), runoff.sum(axis=0, keepdims=True)
        there = counts[:, rows].sum(axis=1)
        here = runoff[:, columns].sum(axis=1)
        low = np.maximum(0, there + here - counts.sum(axis=1)).sum()
        return int(low), int(np.minimum(there, here).sum())

    def table(self, *, by_unit: bool = True) -> tuple[IntArray, IntArray]:
        """Return least and most people of every flow, each of shape (origin, destination)."""
        cells = np.array(
            [
                [self.between([o], [d], by_unit=by_unit) for d in self.ledger.destinations]
                for o in self.ledger.origins
            ]
        )
        return cells[..., 0], cells[..., 1]

    def frames(self) -> Frames:
        """Return a row per origin and destination."""
        return {"flows": self._flow_rows}

    def _flow_rows(self) -> list[dict[str, Any]]:
        least, most = self.table()
        return [
            {"origin": o, "destination": d, "least": int(least[r, j]), "most": int(most[r, j])}
            for r, o in enumerate(self.ledger.origins)
            for j, d in enumerate(self.ledger.destinations)
        ]

    def shown(self) -> Shown:
        """Return least and most people of every flow."""
        least, most = self.table()
        rows = [
            [origin, *(f"{a:,} - {b:,}" for a, b in zip(least[r], most[r], strict=True))]
            for r, origin in enumerate(self.ledger.origins)
        ]
        return Shown(
            title="People moved, least to most that the counts allow",
            head=["from", *self.ledger.destinations],
            rows=rows,
        )


@refuses_other_kinds
def flow_bounds(
    contest: AnyContest, runoff: Returns | PartialReturns | Table | Mapping[str, int]
) -> FlowBounds:
    """Return what the margins allow, given runoff counts.

    Parameters
    ----------
    contest : Contest, str, path-like or data frame
        The first round, or the name of a bundled one, a file, or a table.
    runoff : Returns, PartialReturns, table, or mapping of finalist to votes
        Runoff counts by the contest's units, in a table as for `partial_returns`, or totals alone.
        Units that are not counted in full or contradict themselves are left out, as
        `forecast.facts.comparable` says.

    Returns
    -------
    FlowBounds
        Least and most people of every flow.

    Raises
    ------
    InputError
        If units or finalists differ, or the totals exceed the ledger. Where a unit has more
        runoff votes than people on its first list, the difference joins the non-voters.

    Examples
    --------
    >>> bounds = flow_bounds("georgia-2018", {"zurabishvili": 1_147_701, "vashadze": 780_680})
    >>> bounds.between(["vashadze", "invalid", "non-voters"], ["zurabishvili"])[0]
    155755
    """
    if not isinstance(runoff, Mapping):
        contest = contest_of(contest, units_named(runoff) if isinstance(contest, str) else ())
        from forecast.transfers.returns.infer import runoff_ledger

        ledger, people = runoff_ledger(*comparable(contest, runoff)[:2])
        return FlowBounds(ledger=ledger, runoff=people)
    contest = contest_of(contest)
    ledger = contest.ledger()
    votes = {f: frozen([v]) for f, v in runoff.items()}
    if set(votes) != set(contest.finalists):
        raise InputError(
            f"bounds: runoff votes must be of the finalists {contest.finalists} - found "
            f"{tuple(votes)}"
        )
    columns = np.stack([votes[f] for f in contest.finalists], axis=1)
    none = ledger.counts.sum(axis=1) - columns.sum(axis=1)
    if (none < 0).any() or (columns < 0).any():
        u = int(np.argmin(none))
        raise InputError(
            f"bounds: no more people can vote than the ledger holds - unit {ledger.units[u]!r} has "
            f"{columns[u].sum()} runoff votes but {ledger.counts[u].sum()} people"
        )
    return FlowBounds(ledger=ledger, runoff=np.column_stack([columns, none]))
