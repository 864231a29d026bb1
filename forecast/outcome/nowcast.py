"""Nowcast: the forecast on election night, counted plus expected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, IntArray
from forecast.display import Frames, Message, Shown, figure
from forecast.facts.contest import OTHERS
from forecast.facts.first_round import ESTIMATED
from forecast.facts.partial_returns import PartialReturns
from forecast.facts.unit_reports import ASSUMED_FULL
from forecast.outcome.decided import Remaining, doubtful_votes, remaining_electorate
from forecast.outcome.desk import NOBODY, WHOLE, Desk
from forecast.outcome.probability import (
    Quantity,
    decimals_of,
    in_words,
    percent,
    quantity,
    win_fraction,
    win_margins,
)
from forecast.outcome.runoff_draws import RunoffDraws
from forecast.outcome.unit_forecasts import UnitForecasts, unit_forecasts
from forecast.signatures import refuses_other_kinds, renamed
from forecast.transfers.night.groundwork import PRIOR_DRAWS
from forecast.transfers.night.outstanding import Outstanding
from forecast.transfers.night.resemblance import LITTLE_OVERLAP, Resemblance
from forecast.transfers.returns.raking import rake

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHECK = "check it"
"""In notes on counts that look wrong."""

CALL_PROBABILITY, CALL_COUNTED, CALL_UNITS = 0.995, 0.05, 30
CALL_STRETCH, UNLIKE_STRETCH = 1.5, 2.0
CALL_LATE, CALL_IN_TIME = 0.5, 0.25
"""See `decided.CALL_RULE`."""
UNKNOWN, ALL = "units unknown in the first round", "all together"


@dataclass(frozen=True, kw_only=True)
class RegionCount:
    """One region on the night.

    Parameters
    ----------
    region : str
        Its name.
    units, reported : int
        Units, and those that have reported something.
    counted : dict of str to int
        Votes counted so far by finalist.
    remaining : dict of str to float
        Votes expected to come by finalist: the mean, so that regions add up.
    share : dict of str to Quantity or None
        Final share of every finalist; None where nobody is expected to vote.
    """

    region: str
    units: int
    reported: int
    counted: dict[str, int]
    remaining: dict[str, float]
    share: dict[str, Quantity] | None


@renamed(reporting="returns")
@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Nowcast(RunoffDraws):
    """A forecast from partial returns; made by `nowcast`.

    It answers what a `Forecast` answers, see `RunoffDraws`; and `by_region`, `by_unit`, `decided`,
    `called`. Its win probability has no credible interval, since it is conditional on the counts.

    Parameters
    ----------
    contest : Contest
        The first round.
    draw_votes : ndarray, shape (draw, finalist)
        Final votes, counted and expected, read-only.
    returns : PartialReturns
        What is counted.
    prior_name : str
        What was believed beforehand.
    regions : tuple of str
        Regions, or the contest's name if it has none.
    member : ndarray of int, shape (unit,)
        Region of each unit.
    remaining : ndarray, shape (region, finalist, draw)
        Votes still to come.
    outstanding : Outstanding
        How they come about, by unit.
    still : ndarray of int
        Units with votes still to come.
    origins : tuple of str
        Rows of the tables.
    tables : ndarray, shape (draw, origin, destination)
        Transfer tables of the contest.
    resemblance : Resemblance
        How far what is counted speaks for what is open; its `warnings` stand before any number.
    desk : Desk
        What people have decided.
    scale : ndarray, shape (region, finalist, draw), or None
        By how much totals given without units have moved the votes to come.
    seed : int
        The seed.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast import load_contest, nowcast
    >>> night = pl.DataFrame({"unit": ["Vake", "Gldani"], "zurabishvili": [40_407, 41_663],
    ...                       "vashadze": [20_768, 31_764]})
    >>> found = nowcast(load_contest("georgia-2018"), night, draws=200)
    >>> found.leader, found.decided, 0 < found.counted_share < 0.2
    ('zurabishvili', None, True)
    >>> found.verdict
    'not decided'
    """

    returns: PartialReturns
    prior_name: str
    regions: tuple[str, ...]
    member: IntArray
    remaining: FloatArray
    outstanding: Outstanding
    still: IntArray
    origins: tuple[str, ...]
    tables: FloatArray
    resemblance: Resemblance
    desk: Desk
    scale: FloatArray | None = None
    seed: int

    @property
    def effective_draws(self) -> int:
        """How many independent draws they are worth: what is believed is drawn so often once."""
        return min(self.draws, PRIOR_DRAWS)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was odd about the returns and the interim turnout."""
        came = self.returns.turnout
        estimated = [note for note in self.contest.notes if note.startswith(ESTIMATED)]
        totals = ", ".join("all" if name == WHOLE else name for name in self.desk.totals)
        by_hand = [Message("totals given without units: {names}", names=totals)] if totals else []
        return (*self.returns.notes, *estimated, *(() if came is None else came.notes), *by_hand)

    @property
    def basis(self) -> str:
        """What was known before anything was counted, as people say it."""
        came = self.returns.turnout
        if came is None:
            return self.prior_name
        if came.units:
            said, n = "{prior}; interim turnout of {n} units", came.units
            one = f"{self.prior_name}; interim turnout of 1 unit" if n == 1 else ""
            return Message(said, prior=self.prior_name, n=n, english=one)
        if (came.growth != 1).any():
            return Message("{prior}; the runoff's lists", prior=self.prior_name)
        return self.prior_name

    @cached_property
    def people(self) -> float:
        """Everybody who may vote in the runoff, by its own lists where they are known."""
        people = self.contest.ledger(by="unit").counts.sum(axis=1)
        came = self.returns.turnout
        return float(people.sum() if came is None else people @ came.growth)

    @property
    def ballots_per_vote(self) -> float:
        """Ballots per valid vote, as in the counts that tell invalid ones, or the first round."""
        return self.returns.ballots_per_vote or super().ballots_per_vote

    @cached_property
    def counted_share(self) -> float:
        """Votes counted over votes expected in the end, from 0 to 1."""
        counted = sum(self.returns.totals.values())
        return float(np.median(counted / np.maximum(self.draw_votes.sum(axis=1), 1)))

    @cached_property
    def electorate(self) -> Remaining:
        """Everybody who can still be counted, and the lead."""
        return remaining_electorate(self.returns)

    @cached_property
    def odd(self) -> npt.NDArray[np.bool_]:
        """Which counted units are far from what their first round suggests, shape (unit,)."""
        return np.isin(self.contest.units, [found.unit for found in self.resemblance.odd])

    @property
    def assumed_full(self) -> bool:
        """Whether far fewer votes than before are taken for a full count, which nothing says."""
        told = (note.template for note in self.returns.notes if isinstance(note, Message))
        return ASSUMED_FULL in told

    @property
    def decided(self) -> str | None:
        """Who wins whatever is still counted, odd units included, or None."""
        if not self.electorate.decided or self.assumed_full:
            return None
        sure = not self.odd.any() or remaining_electorate(self.returns, self.odd).decided
        return self.electorate.leader if sure else None

    @property
    def called(self) -> str | None:
        """Who may be named the winner by `CALL_RULE` or by the desk, or None."""
        if self.decided:
            return self.decided
        if self.desk.called:
            return None if self.desk.called == NOBODY else self.desk.called
        if self.assumed_full:
            return None
        enough = self.counted_share >= CALL_COUNTED and self.returns.units >= CALL_UNITS
        own, doubtful = self._position(self.leader), doubtful_votes(self.returns, self.odd)
        middle = self.draw_votes.mean(axis=0)
        overlap = self.resemblance.overlap
        unlike = overlap is not None and overlap < LITTLE_OVERLAP
        stretch = UNLIKE_STRETCH if unlike else CALL_STRETCH
        stretched = middle + stretch * (self.draw_votes - middle)
        moved = self._against(own, CALL_IN_TIME if self.outstanding.in_time else CALL_LATE)
        sure = all(
            win_fraction(win_margins(votes)[:, own]) > CALL_PROBABILITY
            for votes in (self.draw_votes, stretched - moved, stretched - moved - doubtful)
        )
        return self.leader if enough and sure else None

    def _against(self, own: int, correlation: float) -> FloatArray:
        """Return votes (finalist,) lost if late units are against one as much as order allows."""
        coming = self.remaining.sum(axis=0).mean(axis=1)
        valid = max(float(coming.sum()), 1e-9)
        moved = coming * -float(coming[own]) / valid
        moved[own] = coming[own] * (1 - coming[own] / valid)
        return np.asarray(moved * self.outstanding.if_late(correlation))

    def by_region(self, level: float = 0.9) -> tuple[RegionCount, ...]:
        """Return every region's counts, what is expected, and its final share.

        Units that are unknown in the first round stand last, as a region of their own, so that
        counted votes add up to the totals.

        Parameters
        ----------
        level : float
            Level of the credible interval.

        Returns
        -------
        tuple of RegionCount
            Votes counted, votes expected to come, and final shares by finalist.

        Raises
        ------
        InputError
            If `level` is no probability.

        Examples
        --------
        >>> import polars as pl
        >>> from forecast import load_contest, nowcast
        >>> night = pl.DataFrame({"unit": ["Vake", "Gldani"], "zurabishvili": [40_407, 41_663],
        ...                       "vashadze": [20_768, 31_764]})
        >>> found = nowcast(load_contest("georgia-2018"), night, draws=200)
        >>> region = found.by_region()[0]
        >>> region.region, region.reported, region.units, region.counted["vashadze"]
        ('Tbilisi', 2, 10, 52532)
        """
        reported, found = self.returns.counted > 0, []
        for r, name in enumerate(self.regions):
            own = self.member == r
            counted = self.returns.votes[own].sum(axis=0)
            units = int(own.sum()), int(reported[own].sum())
            found.append(self._region(name, units, counted, self.remaining[r], level))
        unknown = len(self.returns.unknown)
        if unknown:
            none, counted = np.zeros(self.remaining.shape[1:]), self.returns.elsewhere
            found.append(self._region(UNKNOWN, (unknown, unknown), counted, none, level))
        return tuple(found)

    def by_unit(self, level: float = 0.9) -> UnitForecasts:
        """Return every unit's counts, what is expected of it, and its interval.

        Parameters
        ----------
        level : float
            Level of the credible interval.

        Returns
        -------
        UnitForecasts
            In the contest's order of units.

        Raises
        ------
        InputError
            If `level` is no probability.
        """
        moved = None if self.scale is None else (self.scale, self.member)
        return unit_forecasts(
            self.returns, self.outstanding, self.still, moved=moved, level=level, seed=self.seed
        )

    def frames(self) -> Frames:
        """Return the tables of `to_frame`: shares, units, transfers, contributions, draws."""
        return {**super().frames(), "units": lambda: self.by_unit().rows()}

    def overall(self, level: float = 0.9) -> RegionCount:
        """Return the sum of `by_region`.

        Parameters
        ----------
        level : float
            Level of the credible interval.

        Returns
        -------
        RegionCount

        Raises
        ------
        InputError
            If `level` is no probability.
        """
        counted = np.array([self.returns.totals[f] for f in self.finalists])
        unknown = len(self.returns.unknown)
        units = len(self.contest.units) + unknown, self.returns.units + unknown
        return self._region(ALL, units, counted, self.remaining.sum(axis=0), level)

    def _region(
        self,
        name: str,
        units: tuple[int, int],
        counted: IntArray,
        remaining: FloatArray,
        level: float,
    ) -> RegionCount:
        votes = remaining + counted[:, None]
        shares = votes / np.maximum(votes.sum(axis=0), 1e-9)
        some = bool(votes.sum(axis=0).min() > 0)
        return RegionCount(
            region=name,
            units=units[0],
            reported=units[1],
            counted=dict(zip(self.finalists, counted.tolist(), strict=True)),
            remaining=dict(zip(self.finalists, remaining.mean(axis=1).tolist(), strict=True)),
            share={f: quantity(shares[k], level) for k, f in enumerate(self.finalists)}
            if some
            else None,
        )

    def _tables_drawn(self) -> FloatArray:
        people = self._people_by_cell.sum(axis=2, keepdims=True)
        return np.where(people > 0, self._people_by_cell / np.maximum(people, 1e-9), self.tables)

    def people_by_cell(self) -> tuple[FloatArray, tuple[str, ...]]:
        """Return the tables' people, raked to the votes of each draw, and the origins' names.

        The tables are of a unit like the contest; so is each what is nearest to it, in relative
        entropy, that has the first round's people and the draw's votes. Voters beyond the lists
        are of the last origin.
        """
        return self._people_by_cell, self.origins

    @cached_property
    def _people_by_cell(self) -> FloatArray:
        """People of each draw, shape (draw, origin, destination)."""
        ledger, came = self.contest.ledger(by="unit"), self.returns.turnout
        counts = ledger.counts.astype(float)
        known = counts.sum(axis=0) if came is None else came.growth @ counts
        own = dict(zip(ledger.origins, known.tolist(), strict=True))
        small = known.sum() - sum(own.get(name, 0.0) for name in self.origins)
        people = np.array([own.get(name, small * (name == OTHERS)) for name in self.origins])
        votes = self.draw_votes
        nobody = np.maximum(people.sum() - votes.sum(axis=1), 0.0)
        columns = np.column_stack([votes, nobody])
        rows = np.tile(people, (len(votes), 1))
        rows[:, -1] += columns.sum(axis=1) - people.sum()
        return rake(self.tables * rows[..., None], rows, columns)

    @property
    def rival(self) -> str:
        """Who is expected to come second."""
        votes, own = self.draw_votes.mean(axis=0), self._position(self.leader)
        return self.finalists[
            max((k for k in range(len(votes)) if k != own), key=lambda k: votes[k])
        ]

    @property
    def rival_needs(self) -> tuple[float, float]:
        """What the rival needs, and is expected to get, of what is to come between the two."""
        votes, own = self.draw_votes.mean(axis=0), self._position(self.leader)
        rival = self._position(self.rival)
        coming = self.remaining.sum(axis=0).mean(axis=1)
        both = max(float(coming[own] + coming[rival]), 1.0)
        lead = votes[own] - coming[own] - votes[rival] + coming[rival]
        return 0.5 * (1 + float(lead) / both), float(coming[rival]) / both

    @property
    def needed(self) -> str:
        """What the nearest rival would need of the votes still to come, in words."""
        needed, expected = self.rival_needs
        if needed > 1:
            return "it fails only if counted votes are corrected, since too few are still to come"
        return (
            f"it fails if {self.contest.label(self.rival)} gets {100 * needed:.0f}% of what is "
            f"still to come between the two, where {100 * expected:.0f}% are expected"
        )

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Notes on counts that look wrong and should be checked."""
        return tuple(note for note in self.returns.notes if CHECK in note)

    @property
    def unlearned(self) -> tuple[str, ...]:
        """Origins whose rows are still what was believed before the count."""
        if not self.resemblance.learned:
            return self.origins
        rows = self.resemblance.prior_rows
        return tuple(o for o in self.origins if self.contest.label(o) in rows)

    @property
    def ruling(self) -> Message:
        """Whether it is decided, called or open, as pages say it."""
        label, rest = self.contest.label, self.electorate
        if self.decided:
            return Message(
                "Decided: {name} leads by {lead} and at most {votes} votes can still come or be "
                "corrected",
                name=label(self.decided),
                lead=rest.lead,
                votes=rest.people,
            )
        if self.desk.called:
            if self.called is None:
                return Message("Not called by hand: {reason}", reason=self.desk.reason)
            text, whom = "Called for {name} by hand: {reason}", label(self.called)
            return Message(text, name=whom, reason=self.desk.reason)
        if self.called:
            needed, expected = self.rival_needs
            text = (
                "Called for {name}, not yet decided by arithmetic; it fails if {rival} gets "
                "{needed} of what is still to come between the two, where {expected} are expected"
                if needed <= 1
                else "Called for {name}, not yet decided by arithmetic; it fails only if counted "
                "votes are corrected, since too few are still to come"
            )
            whom, rival = label(self.called), label(self.rival)
            return Message(text, name=whom, rival=rival, needed=needed, expected=expected)
        if rest.decided:
            text = (
                "Not decided: {name} leads by {lead}, but the returns do not say that all is "
                "counted; a column counted would tell"
                if self.assumed_full
                else "Not decided: {name} leads by {lead}, but odd units have more voters than "
                "that; check them"
            )
            return Message(text, name=label(rest.leader), lead=rest.lead)
        return Message("Not decided")

    @property
    def verdict(self) -> str:
        """Whether it is decided, called or open, in a sentence."""
        return self.ruling[:1].lower() + self.ruling[1:]

    def plot(self, finalist: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw a finalist's share so far and in the end, together and by region; return the Axes.

        Parameters
        ----------
        finalist : str, optional
            Whose; by default the leader's.
        ax : matplotlib Axes, optional
            Where to draw.

        Raises
        ------
        InputError
            If nobody of that name is a finalist.
        """
        if finalist is not None:
            finalist = self.finalists[self._position(finalist)]
        return figure("night_regions", self, finalist, ax)

    def shown(self) -> Shown:
        """Return what is counted, share interval and probability as a table."""
        label, totals, done = self.contest.label, self.returns.totals, self.returns
        valid, rows = max(sum(totals.values()), 1), []
        shares = {f: self.share(f) for f in self.finalists}
        decimals = decimals_of(list(shares.values()))
        for f, share in shares.items():
            p = self.win_probability(f)
            running = f"{100 * totals[f] / valid:.1f}%" if sum(totals.values()) else "-"
            wins = f"{in_words(p.value)} ({percent(p.value)})"
            rows.append([label(f), f"{totals[f]:,}", running, share.text(decimals), wins])
        counted = (
            f"{done.units:,} of {len(self.contest.units):,} units have reported, about "
            f"{100 * self.counted_share:.1f}% of the expected vote"
        )
        return Shown(
            title=self.contest.title or self.contest.name,
            facts=[
                counted,
                *(f"warning: {text}" for text in (*self.resemblance.warnings(), *self.doubtful)),
            ],
            head=["finalist", "counted", "so far", "in the end", "wins"],
            rows=rows,
            notes=[
                self.verdict,
                *(f"note: {note}" for note in self.notes if note not in self.doubtful),
                f"90% intervals; {self.draws:,} draws; prior: {self.basis}",
            ],
        )
