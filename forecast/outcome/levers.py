"""ForecastLevers: what it would take for another finalist to win."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from forecast.facts.ledger import Ledger
from forecast.facts.returns import Returns
from forecast.outcome import breakeven
from forecast.outcome.bounds import FlowBounds, Requirement, flow_bounds, requirements
from forecast.outcome.runoff_draws import RunoffDraws


class ForecastLevers(RunoffDraws):
    """Base of `Forecast`, which asks what would have to change."""

    if TYPE_CHECKING:  # a property of a forecast

        @property
        def ledger(self) -> Ledger:
            """People by origin."""

    def key(self, name: str) -> str:
        """Return the key of an origin as people name it; see `Contest.key`.

        Parameters
        ----------
        name : str
            As people write it.

        Raises
        ------
        InputError
            If nobody is named so.
        """
        return name if name in self.ledger.origins else self.contest.key(name)

    def requirements(self) -> tuple[Requirement, ...]:
        """Return what each finalist needs at the first round's number of valid votes."""
        return requirements(self.ledger)

    def bounds(self, runoff: Returns | Mapping[str, int] | None = None) -> FlowBounds:
        """Return what the margins alone allow.

        Parameters
        ----------
        runoff : Returns or mapping of finalist to votes, optional
            The counts of the runoff, by unit or in total; by default the closest runoff with as
            many valid votes as the first round, which needs no model.

        Returns
        -------
        FlowBounds
            Least and most people of every flow.

        Raises
        ------
        InputError
            If units or finalists differ, or the votes exceed the ledger; see `flow_bounds`.
        """
        if runoff is None:
            valid, k = int(self.contest.votes.sum()), len(self.finalists)
            runoff = {f: valid // k + (i < valid % k) for i, f in enumerate(self.finalists)}
        return flow_bounds(self.contest, runoff)

    def break_even(self, what: str) -> breakeven.BreakEven:
        """Return how far one input must move to level the leading two, the rest unchanged.

        Their mean votes are level then; where draws are skewed their probabilities are not quite.

        Parameters
        ----------
        what : str
            An origin, whose preference moves, or "turnout", for which everybody's participation
            does.

        Returns
        -------
        BreakEven
            Where the input is, and where it would have to be; fractions.

        Raises
        ------
        InputError
            If nobody is named so.
        """
        if what == "turnout":
            return breakeven.break_even_turnout(self.ledger, self.mean_table, self.ballots_per_vote)
        return breakeven.break_even(self.ledger, self.mean_table, self.key(what))

    def break_evens(self) -> tuple[breakeven.BreakEven, ...]:
        """Return the break-even of every origin and of turnout, the smallest change first."""
        found = [self.break_even(name) for name in (*self.ledger.origins, "turnout")]
        return tuple(sorted(found, key=lambda b: abs(b.change) if b.change is not None else np.inf))

    def frontier(self, first: str, second: str) -> breakeven.Frontier:
        """Return the pairs of two origins' preferences at which the leading two are level.

        Parameters
        ----------
        first, second : str
            Keys of two origins.

        Returns
        -------
        Frontier
            Fractions of the two origins' valid votes.

        Raises
        ------
        InputError
            If there is no such origin, or it is one twice.
        """
        return breakeven.frontier(self.ledger, self.mean_table, first, second)
