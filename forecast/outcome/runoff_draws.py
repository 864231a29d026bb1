"""RunoffDraws: what a forecast and a nowcast have in common, draws of the runoff's votes."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

import numpy as np

from forecast.arrays import FloatArray, check_level, inference_data, tails
from forecast.display import Displayed, Frames, Tabular
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.files.saved import Saved
from forecast.outcome.probability import (
    Quantity,
    WinProbability,
    quantity,
    turnout_fraction,
    win_fraction,
    win_margins,
)
from forecast.outcome.summary import TransferTable
from forecast.transfers.table.contributions import Contributions, contributions

if TYPE_CHECKING:
    import xarray
    from arviz import InferenceData
    from xarray import DataTree
from forecast.signatures import refuses_other_kinds

Owner = TypeVar("Owner")
Asked = TypeVarTuple("Asked")
Answer = TypeVar("Answer")
CHAINS = 4
"""Independent draws are shown as so many chains, so that diagnostics by chain work on them."""


def remembered(method: Callable[[Owner, *Asked], Answer]) -> Callable[[Owner, *Asked], Answer]:
    """Return a method that computes each of its answers once and keeps it with the object."""
    place = f"{method.__name__} remembered"

    @wraps(method)
    def answer(self: Owner, *asked: *Asked) -> Answer:
        known: dict[Any, Answer] = self.__dict__.setdefault(place, {})
        if asked not in known:
            known[asked] = method(self, *asked)
        return known[asked]

    return answer


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RunoffDraws(Displayed, Tabular, Saved):
    """Draws of the votes of a runoff, and what can be read off them.

    Parameters
    ----------
    contest : Contest
        The first round.
    draw_votes : ndarray, shape (draw, finalist)
        Votes of the finalists, in the contest's order, read-only.
    """

    contest: Contest
    draw_votes: FloatArray

    if TYPE_CHECKING:

        @property
        def origins(self) -> tuple[str, ...]:
            """Rows of the transfer tables."""

    @property
    def finalists(self) -> tuple[str, ...]:
        """The finalists, in the order of `draw_votes`."""
        return self.contest.finalists

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.draw_votes)

    @property
    def effective_draws(self) -> int:
        """How many independent draws they are worth."""
        return self.draws

    @property
    def people(self) -> float:
        """Everybody who may vote in the runoff, the denominator of turnout."""
        return self.contest.ledger().people

    @property
    def ballots_per_vote(self) -> float:
        """Ballots, invalid ones included, per valid vote of the first round."""
        return 1 + float(self.contest.invalid.sum()) / float(self.contest.votes.sum())

    def _position(self, candidate: str) -> int:
        known = candidate in self.finalists  # else all candidates are gone through
        key = candidate if known else self.contest.key(candidate)
        if key not in self.finalists:
            raise InputError(
                f"{candidate!r} is not in this runoff; {suggest(candidate, self.finalists)}"
            )
        return self.finalists.index(key)

    def shares(self) -> FloatArray:
        """Return fractions of the finalists' valid vote, shape (draw, finalist)."""
        totals = np.add.reduce(self.draw_votes.T)  # along draws, faster than across finalists
        return np.asarray(self.draw_votes / np.maximum(totals, 1e-9)[:, None])

    @cached_property
    def _ascending(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Shares, votes (finalist, draw) and their sum (draw,), sorted: quantiles come quickly."""
        votes = self.draw_votes.T
        return np.sort(self.shares().T), np.sort(votes), np.sort(np.add.reduce(votes))

    @cached_property
    def _margins(self) -> FloatArray:
        """Votes more than the best rival, shape (draw, finalist)."""
        return win_margins(self.draw_votes)

    def share(self, candidate: str, level: float = 0.9) -> Quantity:
        """Return a finalist's fraction of the finalists' valid vote.

        Parameters
        ----------
        candidate : str
            A finalist, as people write the name.
        level : float
            Level of the credible interval.

        Returns
        -------
        Quantity
            Median and interval, fractions.

        Raises
        ------
        InputError
            If `candidate` is no finalist or `level` no probability.

        Examples
        --------
        >>> from forecast import forecast_runoff, load_contest
        >>> forecast = forecast_runoff(load_contest("georgia-2018"), draws=1000)
        >>> share = forecast.share("zurabishvili", level=0.8)
        >>> share.interval.low < share.median < share.interval.high
        True
        """
        return quantity(self._ascending[0][self._position(candidate)], level)

    def votes(self, candidate: str, level: float = 0.9) -> Quantity:
        """Return a finalist's votes in the runoff.

        Parameters
        ----------
        candidate : str
            A finalist, as people write the name.
        level : float
            Level of the credible interval.

        Returns
        -------
        Quantity
            Median and interval, in votes.

        Raises
        ------
        InputError
            If `candidate` is no finalist or `level` no probability.
        """
        return quantity(self._ascending[1][self._position(candidate)], level, fraction=False)

    def turnout(self, level: float = 0.9) -> Quantity:
        """Return ballots over registered.

        Invalid ballots are in proportion to votes as in the first round, or on election night as in
        the counts of the runoff that tell them.

        Parameters
        ----------
        level : float
            Level of the credible interval.

        Returns
        -------
        Quantity
            Median and interval, fractions.

        Raises
        ------
        InputError
            If the contest leaves non-voters out, or `level` is no probability.
        """
        if self.contest.electorate == "voters":
            raise InputError("turnout: unknown, since this contest leaves non-voters out")
        return quantity(self._turnouts(self._ascending[2]), level)

    def _turnouts(self, votes: FloatArray) -> FloatArray:
        return turnout_fraction(votes, self.ballots_per_vote, self.people)

    def win_probability(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(wins), the fraction of independent draws in which the candidate is first.

        Parameters
        ----------
        candidate : str
            A finalist, as people write the name.
        level : float
            Level of the credible interval, where there is one.

        Raises
        ------
        InputError
            If `candidate` is no finalist or `level` no probability.

        Notes
        -----
        ``(wins + 1/2) / (draws + 1)``, a tie half a win, which is never 0 or 1. Its Monte Carlo
        error is that of as many draws as they are worth.

        Examples
        --------
        >>> import polars as pl
        >>> from forecast import load_contest, nowcast
        >>> night = pl.DataFrame({"unit": ["Vake", "Gldani"], "zurabishvili": [40_407, 41_663],
        ...                       "vashadze": [20_768, 31_764]})
        >>> found = nowcast(load_contest("georgia-2018"), night, draws=200)
        >>> wins = found.win_probability("zurabishvili")
        >>> 0.5 < wins.value < 1, wins.credible_interval
        (True, None)
        """
        check_level(level)
        value = win_fraction(self._margins[:, self._position(candidate)])
        error = float(np.sqrt(value * (1 - value) / self.effective_draws))
        return WinProbability(value=value, monte_carlo_error=error, credible_interval=None)

    @property
    def leader(self) -> str:
        """The finalist with the largest win probability."""
        return self.finalists[int(np.argmax((self._margins > 0).mean(axis=0)))]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the draws, as 16 hexadecimal digits."""
        return hashlib.sha256(np.ascontiguousarray(self.draw_votes).tobytes()).hexdigest()[:16]

    def contributions(self, finalist: str | None = None, level: float = 0.9) -> Contributions:
        """Return what each origin adds to the margin: who decided it.

        Net votes of an origin are what the margin would lose if it stayed at home, or voted as much
        and split evenly; in every draw they add up to it.

        Parameters
        ----------
        finalist : str, optional
            Whose margin over the strongest other; by default of who has most votes on average.
        level : float
            Level of the intervals.

        Returns
        -------
        Contributions
            Net votes of every origin, and points of the margin.

        Raises
        ------
        InputError
            If `finalist` is no finalist or `level` no probability.
        """
        whose = None if finalist is None else self.finalists[self._position(finalist)]
        return self._contributions(whose, level)

    @remembered
    def _contributions(self, finalist: str | None, level: float) -> Contributions:
        people, origins = self.people_by_cell()
        return contributions(
            people,
            origins=origins,
            finalists=self.finalists,
            level=level,
            finalist=finalist,
            labels={name: self.contest.label(name) for name in origins},
        )

    def frames(self) -> Frames:
        """Return the tables of `to_frame`: shares, transfers, contributions, draws."""
        return {
            "shares": self._share_rows,
            "transfers": lambda: self.transfers().rows(),
            "contributions": lambda: self.contributions().rows(),
            "draws": self._draw_rows,
        }

    @cached_property
    def mean_table(self) -> FloatArray:
        """Mean transfer table, shape (origin, destination)."""
        return np.asarray(self._tables_drawn().mean(axis=0))

    def transfers(self, level: float = 0.9) -> TransferTable:
        """Return mean and interval of every transfer rate, of the people of the whole contest.

        Of a forecast they are those of the first 16,384 draws; of a nowcast the means, times the
        people of the origins, are the expected votes.

        Parameters
        ----------
        level : float
            Level of the credible interval.

        Returns
        -------
        TransferTable
            Rates of shape (origin, destination): fractions of each origin's people.

        Raises
        ------
        InputError
            If `level` is no probability.
        """
        low, high = np.quantile(self._tables_drawn(), tails(level), axis=0)
        return TransferTable(
            origins=self.origins,
            destinations=self.contest.ledger().destinations,
            level=level,
            mean=self.mean_table,
            low=low,
            high=high,
        )

    def _share_rows(self) -> list[dict[str, Any]]:
        """Return a row per finalist: share, votes, and how likely to win."""
        return [
            {
                "finalist": f,
                **self.share(f).columns("share"),
                **self.votes(f).columns("votes"),
                "win_probability": self.win_probability(f).value,
            }
            for f in self.finalists
        ]

    def _draw_rows(self) -> list[dict[str, Any]]:
        """Return a row per draw: every finalist's votes and share."""
        names = [*self.finalists, *(f"{f}_share" for f in self.finalists)]
        values = np.column_stack([self.draw_votes, self.shares()]).tolist()
        return [dict(zip(names, row, strict=True)) for row in values]

    @abstractmethod
    def people_by_cell(self) -> tuple[FloatArray, tuple[str, ...]]:
        """Return draws of people, shape (draw, origin, destination), and the origins' names."""

    def to_xarray(self) -> xarray.Dataset:
        """Return the draws as an `xarray.Dataset` with dimensions draw and finalist.

        Votes, shares and, unless the contest leaves non-voters out, the turnout of each draw.
        """
        import xarray

        both = ("draw", "finalist")
        found = xarray.Dataset(
            {"votes": (both, self.draw_votes), "share": (both, self.shares())},
            {"draw": np.arange(self.draws), "finalist": list(self.finalists)},
        )
        if self.contest.electorate == "registered":
            found["turnout"] = ("draw", self._turnouts(self.draw_votes.sum(axis=1)))
        return found

    def to_arviz(self) -> InferenceData | DataTree:
        """Return votes, shares, turnout and transfers as ArviZ data.

        Draws that have a transfer table (the first, of a large forecast) are cut into four chains,
        which come before draw, finalist, origin and destination. It is InferenceData on ArviZ 0.x,
        a DataTree on 1.x.

        Examples
        --------
        >>> from forecast import forecast_runoff
        >>> data = forecast_runoff("georgia-2018", draws=400).to_arviz()["posterior"]
        >>> dict(data["transfers"].sizes)
        {'chain': 4, 'draw': 100, 'origin': 27, 'destination': 3}
        """
        tables, named = self._tables_drawn(), self.transfers()
        few = (len(tables) - len(tables) % CHAINS) or len(tables)
        found = self.to_xarray().isel(draw=slice(few)).assign_coords(
            origin=list(named.origins), destination=list(named.destinations)
        )  # fmt: skip
        found["transfers"] = (("draw", "origin", "destination"), tables[:few])
        return inference_data(found, CHAINS)

    @abstractmethod
    def _tables_drawn(self) -> FloatArray:
        """Return transfer tables, shape (draw, origin, destination), of the first draws or all."""
