"""ElectionDraws: draws of both rounds of an election, and what can be read off them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, inference_data
from forecast.display import Displayed, Frames, Tabular
from forecast.errors import InputError
from forecast.facts.election import Election
from forecast.files.saved import Saved
from forecast.first_round.opinion import SOMEBODY
from forecast.outcome.paired_draws import Pairing, lead, pair_probability
from forecast.outcome.probability import Quantity, WinProbability, quantity
from forecast.signatures import refuses_other_kinds

if TYPE_CHECKING:
    import xarray
    from arviz import InferenceData

NAMED = 0.01
"""Least probability of a set of finalists that is named."""
SHOWN = 0.005
"""Least median share, or probability to advance, of a candidate who is shown."""


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ElectionDraws(Displayed, Tabular, Saved):
    """Draws of both rounds, and what can be read off them; base of `ElectionForecast`.

    Its fields are described there.
    """

    election: Election
    candidates: tuple[str, ...]
    first_votes: FloatArray
    invalid: FloatArray
    stayed: FloatArray
    runoff_votes: FloatArray
    elected: npt.NDArray[np.int64]
    outright: npt.NDArray[np.bool_]
    scattered: FloatArray | None = None

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.elected)

    @property
    def people(self) -> float:
        """The registered."""
        return float(self.first_votes[0].sum() + self.invalid[0] + self.stayed[0])

    @property
    def counted(self) -> bool:
        """Whether the first round is known."""
        return bool((self.first_votes[0] == self.first_votes).all())

    def label(self, candidate: str) -> str:
        """Return the name to print.

        Parameters
        ----------
        candidate : str
            The key.
        """
        return self.election.label(candidate)

    def _position(self, candidate: str) -> int:
        if candidate in self.candidates:
            return self.candidates.index(candidate)
        key = self.election.key(candidate)
        if key not in self.candidates:
            raise InputError(
                f"{candidate!r} does not stand in this forecast; those who may: "
                f"{', '.join(map(self.label, self.candidates[:20]))}"
            )
        return self.candidates.index(key)

    @cached_property
    def in_runoff(self) -> npt.NDArray[np.bool_]:
        """Who is in the runoff, shape (draw, candidate)."""
        return np.asarray(self.runoff_votes > 0)

    def shares(self) -> FloatArray:
        """Return fractions of the first round's valid vote, shape (draw, candidate)."""
        return np.asarray(self.first_votes / self.first_votes.sum(axis=1, keepdims=True))

    def share(self, candidate: str, level: float = 0.9) -> Quantity:
        """Return a candidate's fraction of the first round's valid vote, where standing.

        Parameters
        ----------
        candidate : str
            As people write the name.
        level : float
            Level of the credible interval.

        Returns
        -------
        Quantity
            Median and interval, fractions.

        Raises
        ------
        InputError
            If nobody is named so, or `level` is no probability.
        """
        own = self.first_votes[:, self._position(candidate)]
        stands = own > 0
        total = self.first_votes.sum(axis=1)
        return quantity(own[stands] / total[stands] if stands.any() else np.zeros(1), level)

    def stands(self, candidate: str) -> float:
        """Return the fraction of the draws in which a candidate stands.

        Parameters
        ----------
        candidate : str
            As people write the name.

        Raises
        ------
        InputError
            If nobody is named so.
        """
        return float((self.first_votes[:, self._position(candidate)] > 0).mean())

    def turnout(self, level: float = 0.9) -> Quantity:
        """Return ballots over registered people in the first round.

        Parameters
        ----------
        level : float
            Level of the credible interval.

        Raises
        ------
        InputError
            If `level` is no probability.
        """
        return quantity(self._turnouts, level)

    @property
    def _turnouts(self) -> FloatArray:
        """Turnout of the first round, shape (draw,)."""
        return np.asarray(1 - self.stayed / self.people)

    def advances(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(gets into the runoff).

        Parameters
        ----------
        candidate : str
            As people write the name.
        level : float
            Level of the credible interval.

        Returns
        -------
        WinProbability
            Value, Monte Carlo error and credible interval, between 0 and 1.

        Raises
        ------
        InputError
            If nobody is named so, or `level` is no probability.
        """
        return self.probability(self.in_runoff[:, self._position(candidate)], level)

    def elected_outright(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(elected in the first round).

        Parameters
        ----------
        candidate : str
            As people write the name.
        level : float
            Level of the credible interval.

        Returns
        -------
        WinProbability
            Value, Monte Carlo error and credible interval, between 0 and 1.

        Raises
        ------
        InputError
            If nobody is named so, or `level` is no probability.
        """
        wins = self.elected == self._position(candidate)
        return self.probability(wins & self.outright, level)

    def win_probability(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(elected), in the first round or in the runoff.

        Parameters
        ----------
        candidate : str
            As people write the name.
        level : float
            Level of the credible interval.

        Returns
        -------
        WinProbability
            Value, Monte Carlo error and credible interval, between 0 and 1.

        Raises
        ------
        InputError
            If nobody is named so, or `level` is no probability.
        """
        return self.probability(self.elected == self._position(candidate), level)

    def probability(
        self,
        event: npt.NDArray[np.bool_],
        level: float = 0.9,
        given: npt.NDArray[np.bool_] | None = None,
        margin: FloatArray | None = None,
    ) -> WinProbability:
        """Return the probability of an event, never 0 or 1.

        Parameters
        ----------
        event : ndarray of bool, shape (draw,)
            In which draws it happens.
        level : float
            Level of the credible interval.
        given : ndarray of bool, shape (draw,), optional
            Draws that count; all by default.
        margin : ndarray, shape (draw,), optional
            What the event is about, larger where it happens: correlations of margins are known
            from fewer draws than agreements of events.

        Returns
        -------
        WinProbability
            Without a credible interval where fewer than 50 pairs count.

        Raises
        ------
        InputError
            If `level` is no probability, or an array has not one entry per draw.
        """
        for name, array in (("event", event), ("given", given), ("margin", margin)):
            if array is not None and np.shape(array) != (self.draws,):
                raise InputError(
                    f"{name}: must have one entry for each of {self.draws} draws - found shape "
                    f"{np.shape(array)}"
                )
        return pair_probability(event, level, given, margin)

    def pairings(self, *, least: float = NAMED, level: float = 0.9) -> tuple[Pairing, ...]:
        """Return who may meet in the runoff, the likeliest first, the rare ones together last.

        Parameters
        ----------
        least : float
            Least probability of finalists who are named; the others' is the last pairing's.
        level : float
            Level of the credible intervals.

        Returns
        -------
        tuple of Pairing
            Finalists, how likely they meet, and how likely each of them then wins.

        Raises
        ------
        InputError
            If `level` is no probability.
        """
        goes = ~self.outright
        _, place, times = np.unique(
            np.packbits(self.in_runoff, axis=1), axis=0, return_inverse=True, return_counts=True
        )
        place = place.ravel()
        named = np.zeros(self.draws, dtype=bool)
        out = []
        for code in np.argsort(-times, kind="stable"):
            mine = (place == code) & goes
            if not mine.any() or mine.mean() < least:
                continue
            who = np.flatnonzero(self.in_runoff[np.flatnonzero(mine)[0]])
            logs = np.log(np.maximum(self.runoff_votes[:, who], 1e-12))
            wins = {
                c: self.probability(self.elected == c, level, mine, lead(logs, k))
                for k, c in enumerate(who.tolist())
            }
            ranked = sorted(wins, key=lambda c: -wins[c].value)
            names = tuple(self.candidates[c] for c in ranked)
            asked = sum(set(p.shares) == set(names) for p in self.election.head_to_head)
            named |= mine
            out.append(
                Pairing(
                    finalists=names,
                    probability=self.probability(mine, level),
                    wins={self.candidates[c]: wins[c] for c in ranked},
                    polls=asked,
                )
            )
        rest = goes & ~named
        if rest.any():
            out.append(
                Pairing(finalists=(), probability=self.probability(rest, level), wins={}, polls=0)
            )
        return tuple(out)

    def largest_errors(self, least: float = NAMED) -> tuple[float, float]:
        """Return the largest Monte Carlo errors of candidates' chances, and of those of pairings.

        Parameters
        ----------
        least : float
            Least probability of finalists who are named, as for `pairings`.
        """
        shown = self.shown_candidates
        chances = [p for c in shown for p in (self.advances(c), self.win_probability(c))]
        met = [p for m in self.pairings(least=least) for p in (m.probability, *m.wins.values())]
        most, of_pairs = (
            max((p.monte_carlo_error for p in each), default=0.0) for each in (chances, met)
        )
        return most, of_pairs

    def needed(self, candidate: str) -> float | None:
        """Return how many more points of share would make advancing as likely as not.

        Parameters
        ----------
        candidate : str
            Whose support is raised, everybody else's lowered in proportion; see `advance_gap`.

        Returns
        -------
        float or None
            A fraction of the valid vote, negative for whoever advances anyway; None if no change up
            to 40 points suffices.

        Raises
        ------
        InputError
            If nobody is named so.
        """
        from forecast.outcome.advance_gap import advance_gap

        return advance_gap(
            self.election.rule, self.first_votes, self._position(candidate),
            invalid=self.invalid, people=self.people, scattered=self.scattered,
        )  # fmt: skip

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Candidates by their chance to be elected, then by their share."""
        wins = np.bincount(self.elected, minlength=len(self.candidates))
        mean = self.shares().mean(axis=0)
        rank = np.lexsort((-mean, -wins))
        return tuple(self.candidates[c] for c in rank)

    @property
    def leader(self) -> str:
        """Whoever is elected most often."""
        return self.order[0]

    @property
    def shown_candidates(self) -> tuple[str, ...]:
        """Candidates worth a row: some share or some chance; "somebody else" last."""
        advance = self.in_runoff.mean(axis=0)
        kept = [
            c
            for c in self.order
            if c != SOMEBODY
            and (
                advance[self.candidates.index(c)] >= SHOWN
                or self.stands(c) * self.share(c).median >= SHOWN
            )
        ]
        return (*kept, *[SOMEBODY] * (SOMEBODY in self.candidates))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the draws, as 16 hexadecimal digits."""
        held = hashlib.sha256()
        for array in (self.first_votes, self.runoff_votes, self.elected):
            held.update(np.ascontiguousarray(array).tobytes())
        return held.hexdigest()[:16]

    def to_xarray(self) -> xarray.Dataset:
        """Return the draws as an `xarray.Dataset` with dimensions draw and candidate.

        Shares, invalid ballots, people who stayed at home and turnout are of the first round. There
        is no transfer table and no `contributions`: every pair of finalists has a table of its own,
        whose draws are summed as they are made. Ask the `forecast_runoff` of one pair for them.
        """
        import xarray

        coords = {"draw": np.arange(self.draws), "candidate": list(self.candidates)}
        both, one = ("draw", "candidate"), ("draw",)
        return xarray.Dataset(
            {
                "first_votes": (both, self.first_votes),
                "share": (both, self.shares()),
                "runoff_votes": (both, self.runoff_votes),
                "elected": (one, self.elected),
                "invalid": (one, self.invalid),
                "stayed": (one, self.stayed),
                "turnout": (one, self._turnouts),
            },
            coords,
        )

    def to_arviz(self) -> InferenceData | xarray.DataTree:
        """Return `to_xarray` as ArviZ data: InferenceData on ArviZ 0.x, a DataTree on 1.x."""
        return inference_data(self.to_xarray())

    def frames(self) -> Frames:
        """Return the tables of `to_frame`: candidates and pairings.

        A candidate's row has the share and its interval; the chances to advance and to win have
        theirs and a Monte Carlo error, too. A row of `pairings` is about one finalist of a pair, or
        about all rare pairs together, without one.

        Examples
        --------
        >>> import polars as pl
        >>> from datetime import date
        >>> from forecast.facts.poll_tables.election_table import read_election
        >>> from forecast.outcome.election_run import forecast_election
        >>> table = pl.DataFrame({"pollster": ["Acme"], "end": ["2030-04-01"], "n": [1000],
        ...                       "Ada": [40], "Ben": [30], "Cid": [20]})
        >>> election = read_election(table, election_day=date(2030, 5, 5))
        >>> found = forecast_election(election, draws=2000)
        >>> list(found.to_frame().columns[:4])
        ['candidate', 'stands', 'share', 'share_low']
        """
        return {"candidates": self._candidate_rows, "pairings": self._pairing_rows}

    def _pairing_rows(self) -> list[dict[str, Any]]:
        """Return a row per finalist of each pairing, and one for those too rare to be named."""
        return [
            {
                "finalists": ", ".join(map(self.label, pair.finalists)) or "others",
                **_in_columns("probability", pair.probability),
                "finalist": self.label(c),
                **_in_columns("wins", wins),
                "polls": pair.polls,
            }
            for pair in self.pairings()
            for c, wins in ((c, pair.wins.get(c)) for c in pair.finalists or ("",))
        ]

    def _candidate_rows(self) -> list[dict[str, Any]]:
        """Return a row per candidate."""
        return [
            {
                "candidate": self.label(c),
                "stands": self.stands(c),
                **self.share(c).columns("share"),
                **_in_columns("advances", self.advances(c)),
                **_in_columns("elected", self.win_probability(c)),
            }
            for c in self.candidates
        ]


def _in_columns(name: str, p: WinProbability | None) -> dict[str, float | None]:
    """Return a probability, its credible interval and its Monte Carlo error as columns."""
    if p is None:
        return {name + what: None for what in ("", "_low", "_high", "_monte_carlo_error")}
    return {**p.columns(name), f"{name}_monte_carlo_error": p.monte_carlo_error}
