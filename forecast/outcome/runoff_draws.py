"""RunoffDraws: what a forecast and a nowcast have in common, draws of the runoff's votes."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.arrays import FloatArray, check_level, inference_data
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

__all__ = ["RunoffDraws"]


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
        key = self.contest.key(candidate)
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

        Raises
        ------
        InputError
            If `candidate` is no finalist or `level` no probability.
        """
        return quantity(self._ascending[0][self._position(candidate)], level)

    def votes(self, candidate: str, level: float = 0.9) -> Quantity:
        """Return a finalist's votes in the runoff.

        Raises
        ------
        InputError
            If `candidate` is no finalist or `level` no probability.
        """
        return quantity(self._ascending[1][self._position(candidate)], level)

    def turnout(self, level: float = 0.9) -> Quantity:
        """Return ballots over registered, invalid ballots in proportion as in the first round.

        Raises
        ------
        InputError
            If the contest leaves non-voters out, or `level` is no probability.
        """
        if self.contest.electorate == "voters":
            raise InputError("turnout: unknown, since this contest leaves non-voters out")
        ballots = turnout_fraction(self._ascending[2], self.ballots_per_vote, self.people)
        return quantity(ballots, level)

    def win_probability(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(wins), the fraction of independent draws in which the candidate is first.

        Raises
        ------
        InputError
            If `candidate` is no finalist or `level` no probability.

        Notes
        -----
        ``(wins + 1/2) / (draws + 1)``, a tie half a win, which is never 0 or 1. Its Monte Carlo
        error is that of as many draws as they are worth.
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

        Raises
        ------
        InputError
            If `finalist` is no finalist or `level` no probability.
        """
        people, origins = self.people_by_cell()
        return contributions(
            people,
            origins=origins,
            finalists=self.finalists,
            level=level,
            finalist=None if finalist is None else self.finalists[self._position(finalist)],
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

    @abstractmethod
    def transfers(self, level: float = 0.9) -> TransferTable:
        """Return mean and interval of every transfer rate."""

    def _share_rows(self) -> list[dict[str, Any]]:
        """Return a row per finalist: share, votes, and how likely to win."""
        rows = []
        for f in self.finalists:
            row: dict[str, Any] = {"finalist": f}
            for name, q in (("share", self.share(f)), ("votes", self.votes(f))):
                row |= {name: q.median, f"{name}_low": q.interval.low}
                row[f"{name}_high"] = q.interval.high
            rows.append(row | {"win_probability": self.win_probability(f).value})
        return rows

    def _draw_rows(self) -> list[dict[str, Any]]:
        """Return a row per draw: every finalist's votes and share."""
        names = [*self.finalists, *(f"{f}_share" for f in self.finalists)]
        values = np.column_stack([self.draw_votes, self.shares()]).tolist()
        return [dict(zip(names, row, strict=True)) for row in values]

    @abstractmethod
    def people_by_cell(self) -> tuple[FloatArray, tuple[str, ...]]:
        """Return draws of people, shape (draw, origin, destination), and the origins' names."""

    def to_xarray(self) -> xarray.Dataset:
        """Return the draws as an `xarray.Dataset` with dimensions draw and finalist."""
        import xarray

        coords = {"draw": np.arange(self.draws), "finalist": list(self.finalists)}
        dims = ("draw", "finalist")
        return xarray.Dataset(
            {"votes": (dims, self.draw_votes), "share": (dims, self.shares())}, coords
        )

    def to_arviz(self) -> Any:
        """Return votes and shares as ArviZ data with dimensions chain, draw and finalist.

        Independent draws are cut into four chains. It is InferenceData on ArviZ 0.x, a DataTree on
        1.x.
        """
        return inference_data(self.to_xarray())
