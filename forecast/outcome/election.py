"""ElectionForecast: who gets into the runoff, and who is elected, before the first round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.arrays import read_only
from forecast.display import Message, Shown, figure
from forecast.errors import InputError
from forecast.facts.election import Election
from forecast.first_round.draws import draw_first_rounds, likely_lists
from forecast.first_round.errors import FirstRoundErrors
from forecast.first_round.opinion import UNDATED, Opinion, questions_of
from forecast.outcome.election_draws import SHOWN, ElectionDraws
from forecast.outcome.pairings import draw_runoffs
from forecast.outcome.poll_effects import PollEffect, poll_effects
from forecast.outcome.probability import WinProbability, percent
from forecast.outcome.timeline import Step, Timeline, course
from forecast.outcome.turnout_before import turnout_before
from forecast.randomness import stream
from forecast.signatures import refuses_other_kinds
from forecast.simulation.engine import available_workers
from forecast.transfers.table.protocols import LearnedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DRAWS = 2_000_000
ADVANCES, ELECTED = ("in the runoff", "90% credible"), ("elected", "90% credible")
"""Columns of a probability and its interval."""
MET = 0.03
"""Least probability of finalists who are printed."""

PEOPLE = 1_000_000
"""Registered people where their number is not known."""


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ElectionForecast(ElectionDraws):
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

    Examples
    --------
    >>> import polars as pl
    >>> from forecast import forecast_election, read_election
    >>> table = pl.DataFrame({"pollster": ["Acme"], "end": ["2030-04-01"], "n": [1000],
    ...                       "Ada": [40], "Ben": [30], "Cid": [20]})
    >>> election = read_election(table, election_day=date(2030, 5, 5))
    >>> found = forecast_election(election, draws=2000)
    >>> found.leader, found.advances("Ada").value > found.advances("Cid").value
    ('Ada', True)
    """

    as_of: date | None
    errors: FirstRoundErrors
    basis: str
    seed: int
    prior: Any = None

    def shown(self) -> Shown:
        """Return who advances and who is elected, as a table."""
        rows = []
        for c in self.shown_candidates:
            stands = self.stands(c)
            chances = (self.advances(c), self.win_probability(c))
            said = [(percent(p.value), str(p.credible_interval or "")) for p in chances]
            rows.append(
                [
                    self.label(c),
                    "" if stands > 0.999 else percent(stands),
                    self.share(c).text(),
                    *said[0],
                    *said[1],
                ]
            )
        facts = [f"as of {self.as_of}"] * bool(self.as_of)
        day = self.election.first_round
        facts += [f"first round on {day}" + self._days_to_go()] * bool(day)
        return Shown(
            title=self.election.title or self.election.name,
            facts=facts,
            head=["", "stands", "first round", *ADVANCES, *ELECTED],
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
        for pair in self.pairings(least=MET):
            chance = _with_interval(pair.probability)
            if not pair.finalists:
                lines.append(f"other finalists: {chance}")
                continue
            names = " against ".join(map(self.label, pair.finalists))
            wins = _with_interval(pair.wins[pair.finalists[0]])
            asked = f", {pair.polls} polls" if pair.polls > 1 else ", 1 poll" * pair.polls
            lines.append(f"{names}: {chance}, {self.label(pair.finalists[0])} wins {wins}{asked}")
        outright = self.probability(self.outright)
        if outright.value >= SHOWN:
            lines.append(f"elected in the first round: {_with_interval(outright)}")
        return lines

    def _notes(self) -> list[str]:
        most, of_pairs = (f"{100 * x:.2g}" for x in self.largest_errors(MET))
        return [
            f"90% intervals; Monte Carlo errors up to {most} points, {of_pairs} for pairs; "
            f"{self.draws:,} draws; rule: {self.election.rule}",
            self.basis,
            *self.election.notes,
        ]

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

        Returns
        -------
        Timeline
            One step a day: shares, and chances to advance and to win.

        Raises
        ------
        InputError
            If a day is later than the forecast, the first round is counted, or polls have no date.
        """
        if self.counted:
            raise InputError(
                "timeline: the first round is counted; ask a forecast of the runoff, as "
                "forecast_runoff makes it ('forecast timeline CONTEST')"
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
        check_draws(draws)
        return forecast_from_polls(
            election, self.prior, day, self.errors,
            draws=draws, seed=self.seed, workers=available_workers(),
        )  # fmt: skip

    def plot(self, kind: str = "shares", ax: Axes | None = None) -> Axes:
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


def check_draws(draws: int) -> None:
    """Raise `InputError` unless a number of draws is even and bearable."""
    whole = isinstance(draws, int | np.integer) and not isinstance(draws, bool)
    if not whole or draws % 2 or not 2 <= draws <= MOST_DRAWS:
        raise InputError(
            f"draws must be an even number from 2 to {MOST_DRAWS:,} - found {draws!r}; they come "
            "in pairs"
        )


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
    """Return the forecast of an election, as known on `day`, from its polls alone.

    Errors are those learned, if they are None; the rest is as for `forecast_election`.
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
    basis = Message(
        "transfers: {prior}; {turnout}",
        prior=runoffs.prior_name or Message("not needed"), turnout=turnout.source,
    )  # fmt: skip
    if held.first_round is None or day is None:
        away = "{basis}; no day given: the first round is taken to be {n} days away"
        basis = Message(away, basis=basis, n=int(days))
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


def _with_interval(p: WinProbability) -> str:
    ends = p.credible_interval
    return f"{percent(p.value)} ({ends})" if ends else percent(p.value)


def _step(found: ElectionForecast, day: date, published: tuple[str, ...]) -> Step:
    shown = found.shown_candidates
    return Step(
        day=day,
        published=published,
        share={c: found.share(c) for c in shown},
        advances={c: found.advances(c).value for c in shown},
        elected={c: found.win_probability(c) for c in shown},
    )
