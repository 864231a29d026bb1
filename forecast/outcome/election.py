"""ElectionForecast: who gets into the runoff, and who is elected, before the first round."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, inference_data, read_only
from forecast.display import Displayed, Frames, Shown, Tabular, figure
from forecast.errors import InputError
from forecast.facts.election import Election
from forecast.files.saved import Saved
from forecast.first_round.draws import SOMEBODY, draw_first_rounds, likely_lists
from forecast.first_round.errors import FirstRoundErrors
from forecast.first_round.opinion import UNDATED, Opinion, questions_of
from forecast.outcome.paired_draws import Pairing, lead, pair_probability
from forecast.outcome.pairings import draw_runoffs
from forecast.outcome.poll_effects import PollEffect, poll_effects
from forecast.outcome.probability import (
    Quantity,
    WinProbability,
    percent,
    quantity,
)
from forecast.outcome.timeline import Step, Timeline, course
from forecast.outcome.turnout_before import turnout_before
from forecast.randomness import stream
from forecast.simulation.engine import available_workers
from forecast.transfers.table.protocols import LearnedModel

__all__ = ["ElectionForecast", "forecast_from_polls"]

PEOPLE = 1_000_000
"""Registered people where their number is not known."""

NAMED = 0.01
"""Least probability of a set of finalists that is named."""
SHOWN = 0.005
"""Least median share, or probability to advance, of a candidate who is shown."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ElectionForecast(Displayed, Tabular, Saved):
    """A forecast of both rounds; made by `forecast_election`.

    Parameters
    ----------
    election : Election
        What was known: polls, days, rule.
    candidates : tuple of str
        Who may stand; "somebody else" is whoever no poll asked about, and the "others" of polls.
    first_votes : ndarray, shape (draw, candidate)
        Votes of the first round, 0 for whoever does not stand.
    invalid, stayed : ndarray, shape (draw,)
        Invalid ballots of the first round, and people who stayed at home.
    runoff_votes : ndarray, shape (draw, candidate)
        Votes of the runoff, 0 for whoever is not in it.
    elected : ndarray of int, shape (draw,)
        Position of the winner.
    outright : ndarray of bool, shape (draw,)
        Whether the first round elected the winner.
    as_of : datetime.date or None
        Nothing published later was used.
    errors : FirstRoundErrors
        How polls of the first round err.
    basis : str
        What was believed about the transfers and about turnout.
    seed : int
        The seed.
    prior : LearnedModel or None
        What it was asked to believe about transfers.
    scattered : ndarray, shape (draw,), optional
        Where polls have "others", what of somebody else's votes is not the largest person's.

    Notes
    -----
    Draws d and d + n / 2 share what is not known today, how wrong polls are and where opinion
    stands. Of an event with probability p in which the two of a pair agree more often than chance,
    the covariance v is the variance of P(event | what is not known today); its credible interval is
    that of the Beta distribution with mean p and variance v.
    """

    election: Election
    candidates: tuple[str, ...]
    first_votes: FloatArray
    invalid: FloatArray
    stayed: FloatArray
    runoff_votes: FloatArray
    elected: npt.NDArray[np.int64]
    outright: npt.NDArray[np.bool_]
    as_of: date | None
    errors: FirstRoundErrors
    basis: str
    seed: int
    prior: Any = None
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
        """Return the name to print."""
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
        """Return the fraction of the draws in which a candidate stands."""
        return float((self.first_votes[:, self._position(candidate)] > 0).mean())

    def turnout(self, level: float = 0.9) -> Quantity:
        """Return ballots over registered people in the first round."""
        return quantity(1 - self.stayed / self.people, level)

    def advances(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(gets into the runoff).

        Raises
        ------
        InputError
            If nobody is named so, or `level` is no probability.
        """
        return self.probability(self.in_runoff[:, self._position(candidate)], level)

    def elected_outright(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(elected in the first round); see `advances`."""
        wins = self.elected == self._position(candidate)
        return self.probability(wins & self.outright, level)

    def win_probability(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(elected), in the first round or in the runoff; see `advances`."""
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
            If `level` is no probability.
        """
        return pair_probability(event, level, given, margin)

    def pairings(self, *, least: float = NAMED, level: float = 0.9) -> tuple[Pairing, ...]:
        """Return who may meet in the runoff, the likeliest first, the rare ones together last.

        Parameters
        ----------
        least : float
            Least probability of finalists who are named; the others' is the last pairing's.
        level : float
            Level of the credible intervals.

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

    def needed(self, candidate: str) -> float | None:
        """Return how many more points of share would make advancing as likely as not.

        Parameters
        ----------
        candidate : str
            Whose support is raised, everybody else's lowered in proportion; see `advance_gap`.
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

    def shown(self) -> Shown:
        """Return who advances and who is elected, as a table."""
        rows = []
        for c in self.shown_candidates:
            share, stands = self.share(c), self.stands(c)
            rows.append(
                [
                    self.label(c),
                    "" if stands > 0.999 else percent(stands),
                    share.text(),
                    percent(self.advances(c).value),
                    percent(self.win_probability(c).value),
                    str(self.win_probability(c).credible_interval or ""),
                ]
            )
        facts = [f"as of {self.as_of}"] * bool(self.as_of)
        day = self.election.first_round
        facts += [f"first round on {day}" + self._days_to_go()] * bool(day)
        return Shown(
            title=self.election.title or self.election.name,
            facts=facts,
            head=["", "stands", "first round", "in the runoff", "elected", "90% credible"],
            rows=rows,
            notes=[*self._pairs_said(), *self._notes()],
        )

    def _days_to_go(self) -> str:
        day = self.election.first_round
        if self.as_of is None or day is None or day <= self.as_of:
            return ""
        return f", in {(day - self.as_of).days} days"

    def _pairs_said(self) -> list[str]:
        lines = []
        for pair in self.pairings(least=0.03):
            chance = percent(pair.probability.value)
            if not pair.finalists:
                lines.append(f"other finalists: {chance}")
                continue
            names = " against ".join(map(self.label, pair.finalists))
            wins = percent(pair.wins[pair.finalists[0]].value)
            asked = f", {pair.polls} polls" if pair.polls > 1 else ", 1 poll" * pair.polls
            lines.append(f"{names}: {chance}, {self.label(pair.finalists[0])} wins {wins}{asked}")
        outright = float(self.outright.mean())
        if outright >= SHOWN:
            lines.append(f"elected in the first round: {percent(outright)}")
        return lines

    def _notes(self) -> list[str]:
        return [
            f"90% intervals; {self.draws:,} draws; rule: {self.election.rule}",
            self.basis,
            *self.election.notes,
        ]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the draws, as 16 hexadecimal digits."""
        held = hashlib.sha256()
        for array in (self.first_votes, self.runoff_votes, self.elected):
            held.update(np.ascontiguousarray(array).tobytes())
        return held.hexdigest()[:16]

    def to_xarray(self) -> Any:
        """Return the draws as an `xarray.Dataset` with dimensions draw and candidate."""
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
            },
            coords,
        )

    def to_arviz(self) -> Any:
        """Return the draws as ArviZ data: InferenceData on ArviZ 0.x, a DataTree on 1.x."""
        return inference_data(self.to_xarray())

    def frames(self) -> Frames:
        """Return the table of `to_frame`: candidates.

        A row each: share, interval, chances to advance and to win.

        Examples
        --------
        >>> import polars as pl
        >>> from forecast.facts.election_table import read_election
        >>> from forecast.outcome.election_run import forecast_election
        >>> table = pl.DataFrame({"pollster": ["Acme"], "end": ["2030-04-01"], "n": [1000],
        ...                       "Ada": [40], "Ben": [30], "Cid": [20]})
        >>> election = read_election(table, election_day=date(2030, 5, 5))
        >>> found = forecast_election(election, draws=2000)
        >>> list(found.to_frame().columns[:4])
        ['candidate', 'stands', 'share', 'share_low']
        """
        return {"candidates": self._candidate_rows}

    def _candidate_rows(self) -> list[dict[str, Any]]:
        """Return a row per candidate."""
        rows = []
        for c in self.candidates:
            share, wins = self.share(c), self.win_probability(c)
            ends = wins.credible_interval
            rows.append(
                {
                    "candidate": self.label(c),
                    "stands": self.stands(c),
                    "share": share.median,
                    "share_low": share.interval.low,
                    "share_high": share.interval.high,
                    "advances": self.advances(c).value,
                    "elected": wins.value,
                    "elected_low": ends.low if ends else None,
                    "elected_high": ends.high if ends else None,
                    "monte_carlo_error": wins.monte_carlo_error,
                }
            )
        return rows

    def effects(self, *, most: int = 8, draws: int = 10_000) -> tuple[PollEffect, ...]:
        """Return which of the latest polls moved what: the forecast with each and without it.

        Parameters
        ----------
        most : int
            How many polls, the latest.
        draws : int
            Draws of each forecast, even; all share their random numbers.

        Returns
        -------
        tuple of PollEffect
            The largest effect first; none if there is only one poll, or the first round is counted.
        """
        if self.counted:
            return ()

        def chances(held: Election) -> dict[str, tuple[float, float]]:
            found = self._again(held, self.as_of, draws)
            return {
                c: (found.advances(c).value, found.win_probability(c).value)
                for c in self.shown_candidates
                if c in found.candidates
            }

        return poll_effects(self.election, chances, most=most)

    def timeline(self, days: Iterable[date] | None = None, *, draws: int = 10_000) -> Timeline:
        """Return the forecast as it stood on each day on which a poll was published.

        Parameters
        ----------
        days : iterable of datetime.date, optional
            Which days; by default all with evidence, up to that of the forecast.
        draws : int
            Draws of each day's forecast, even.

        Raises
        ------
        InputError
            If a day is later than the forecast, the first round is counted, or polls have no date.
        """
        if self.counted:
            raise InputError(
                "timeline: the first round is counted; ask a forecast of the runoff, as "
                "forecast_runoff makes it"
            )
        published: dict[date, list[str]] = {}
        for poll in self.election.polls:
            if poll.published is not None:
                names = published.setdefault(poll.published, [])
                names += [poll.pollster] * (poll.pollster not in names)
        for name, gone in self.election.withdrawn.items():
            published.setdefault(gone, []).append(f"{self.label(name)} withdraws")
        asked = {p.published for p in self.election.asked if p.published}
        published = {d: x for d, x in published.items() if asked and d >= min(asked)}

        def step(day: date, what: tuple[str, ...]) -> Step:
            return _step(self._again(self.election.as_of(day), day, draws), day, what)

        return course(
            days, published, self.as_of, step,
            title=self.election.title or self.election.name, labels=self.election.labels,
        )  # fmt: skip

    def _again(self, election: Election, day: date | None, draws: int) -> ElectionForecast:
        """Return the forecast of other polls or another day, with the same random numbers."""
        return forecast_from_polls(
            election, self.prior, day, self.errors,
            draws=draws, seed=self.seed, workers=available_workers(),
        )  # fmt: skip

    def plot(self, kind: str = "shares", ax: Any = None) -> Any:
        """Draw the forecast and return the Axes.

        Parameters
        ----------
        kind : {"shares", "pairs"}
            Shares of the first round with their intervals, or who may meet whom.
        ax : matplotlib.axes.Axes, optional
            Where to.

        Raises
        ------
        InputError
            If there is no such figure.
        """
        return figure("election_figure", self, kind, ax)


def forecast_from_polls(
    held: Election,
    prior: LearnedModel | None,
    day: date | None,
    errors: FirstRoundErrors | None,
    *,
    draws: int,
    seed: int,
    workers: int,
) -> ElectionForecast:
    """Return the forecast of an election from its polls alone; see `forecast_election`.

    Parameters
    ----------
    held : Election
        What was known on the day.
    prior : LearnedModel or None
        What is believed about transfers.
    day : datetime.date or None
        Day of the forecast.
    errors : FirstRoundErrors or None
        How polls err; None for what was learned.
    draws, seed, workers : int
        As for `forecast_election`.
    """
    opinion = Opinion(
        questions=questions_of(held.asked, held.first_round), errors=errors or FirstRoundErrors()
    )
    days = UNDATED
    if held.first_round is not None and day is not None:
        days = float((held.first_round - day).days)
    turnout = turnout_before(held.country, day)
    rounds = draw_first_rounds(
        opinion,
        likely_lists(opinion, candidates=held.candidates, withdrawn=held.withdrawn, days=days),
        turnout,
        days=days,
        people=float(held.registered or PEOPLE),
        draws=draws,
        somebody=not held.candidates,
        rng=lambda name: stream(seed, f"first round: {name}"),
    )
    runoffs = draw_runoffs(held, rounds, prior, as_of=day, seed=seed, workers=workers)
    basis = f"transfers: {runoffs.prior_name or 'not needed'}; {turnout.source}"
    return ElectionForecast(
        election=held,
        candidates=rounds.candidates,
        first_votes=read_only(rounds.votes),
        invalid=read_only(rounds.invalid),
        stayed=read_only(rounds.stayed),
        runoff_votes=read_only(runoffs.votes),
        elected=read_only(runoffs.elected),
        outright=read_only(runoffs.outright),
        as_of=day,
        errors=opinion.errors,
        prior=prior,
        basis=basis,
        seed=seed,
        scattered=None if rounds.scattered is None else read_only(rounds.scattered),
    )


def _step(found: ElectionForecast, day: date, published: tuple[str, ...]) -> Step:
    shown = found.shown_candidates
    return Step(
        day=day,
        published=published,
        share={c: found.share(c) for c in shown},
        advances={c: found.advances(c).value for c in shown},
        elected={c: found.win_probability(c) for c in shown},
    )
