"""Forecast: the result object, and the function that makes it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.contest import Contest
from forecast.errors import InputError, suggest
from forecast.ledger import Ledger
from forecast.outcome import breakeven
from forecast.outcome.bounds import FlowBounds, Requirement, flow_bounds, requirements
from forecast.outcome.conditions import Condition
from forecast.outcome.probability import (
    Quantity,
    WinProbability,
    check_level,
    estimate_win_probability,
    quantity,
    winners,
)
from forecast.outcome.sensitivity import Sensitivity, sensitivity
from forecast.outcome.summary import TransferTable, Variant, summary_text
from forecast.returns import Returns
from forecast.simulation.engine import Simulation, runoff_votes, simulate
from forecast.transfers.coordinates import FloatArray
from forecast.transfers.defaults import default_prior
from forecast.transfers.prior import TransferPrior

__all__ = ["Forecast", "forecast_runoff"]

TABLE_CHUNKS = 8  # chunks of draws behind the transfer table's intervals: 32,768 draws
VARIANT_DRAWS = 50_000  # most draws per variant
FEWEST_DRAWS = 100  # fewest draws that may meet a condition


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A forecast of a runoff; made by `forecast_runoff`.

    Parameters
    ----------
    contest : Contest
        What was known after the first round.
    prior : TransferPrior
        What was believed about the transfers.
    simulation : Simulation
        How the draws were made.
    votes : ndarray, shape (draw, finalist)
        Runoff votes of the draws that meet `conditions`, read-only.
    pairs : ndarray of int, shape (pair, 2)
        Draws that share their inputs.
    as_of : datetime.date or None
        Nothing that became known later was used.
    conditions : tuple of str
        What was assumed on top, see `given`.
    """

    contest: Contest
    prior: TransferPrior
    simulation: Simulation
    votes: FloatArray
    pairs: npt.NDArray[np.int64]
    as_of: date | None = None
    conditions: tuple[str, ...] = ()

    @property
    def finalists(self) -> tuple[str, ...]:
        """The finalists, in the order of `votes`."""
        return self.contest.finalists

    @property
    def draws(self) -> int:
        """Number of draws behind the figures; after `given`, those that meet the conditions."""
        return len(self.votes)

    @cached_property
    def ledger(self) -> Ledger:
        """People by origin, in total."""
        return self.contest.ledger()

    def _position(self, candidate: str) -> int:
        if candidate not in self.finalists:
            raise InputError(
                f"{candidate!r} is not in this runoff; {suggest(candidate, self.finalists)}"
            )
        return self.finalists.index(candidate)

    def win_probability(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(wins) with its Monte Carlo error and credible interval.

        Parameters
        ----------
        candidate : str
            A finalist.
        level : float
            Level of the credible interval, over what is not known about the inputs.

        Raises
        ------
        InputError
            If `candidate` is no finalist or `level` no probability.
        """
        wins = winners(self.votes)[:, self._position(candidate)]
        return estimate_win_probability(wins, self.pairs, level)

    def shares(self) -> FloatArray:
        """Return fractions of the finalists' valid vote, shape (draw, finalist)."""
        return np.asarray(self.votes / self.votes.sum(axis=1, keepdims=True))

    def share(self, candidate: str, level: float = 0.9) -> Quantity:
        """Return a finalist's fraction of the finalists' valid vote."""
        return quantity(self.shares()[:, self._position(candidate)], level)

    def turnout(self, level: float = 0.9) -> Quantity:
        """Return ballots over registered, invalid ballots in proportion as in the first round.

        Raises
        ------
        InputError
            If the contest leaves non-voters out.
        """
        if self.contest.electorate == "voters":
            raise InputError("turnout: unknown, since this contest leaves non-voters out")
        ballots = self.votes.sum(axis=1) * self._ballots_per_vote
        return quantity(ballots / self.ledger.people, level)

    @property
    def _ballots_per_vote(self) -> float:
        return 1 + float(self.contest.invalid.sum()) / float(self.contest.votes.sum())

    def votes_of(self, candidate: str, level: float = 0.9) -> Quantity:
        """Return a finalist's runoff votes."""
        return quantity(self.votes[:, self._position(candidate)], level)

    def transfers(self, level: float = 0.9) -> TransferTable:
        """Return mean and interval of every transfer rate, from the first 32,768 draws."""
        check_level(level)
        parts = self.simulation.map(self._selected, TABLE_CHUNKS)
        rates = np.concatenate(list(parts), axis=2)
        table = np.concatenate([rates, 1 - rates.sum(axis=1, keepdims=True)], axis=1)
        low, high = np.quantile(table, [0.5 - level / 2, 0.5 + level / 2], axis=2)
        return TransferTable(
            origins=self.ledger.origins,
            destinations=self.ledger.destinations,
            level=level,
            mean=table.mean(axis=2),
            low=low,
            high=high,
        )

    def _selected(self, chunk: int, rates: FloatArray) -> FloatArray:
        return rates[..., self._meets(chunk, rates)] if self.conditions else rates

    def _meets(self, _: int, rates: FloatArray) -> npt.NDArray[np.bool_]:
        """Return which draws of a chunk meet all conditions."""
        votes = runoff_votes(self.ledger.totals.astype(float), rates)
        meets = np.ones(rates.shape[2], dtype=bool)
        for text in self.conditions:
            condition = Condition.parse(text)
            meets &= condition.holds(self.ledger, rates, votes, self._ballots_per_vote)
        return meets

    def given(self, *conditions: str) -> Forecast:
        """Return the forecast if some things turn out as stated.

        Parameters
        ----------
        *conditions : str
            Such as "turnout >= 52 %" or "bakradze -> vashadze >= 70 %".

        Returns
        -------
        Forecast
            Of the draws that meet all conditions; its `draws` says how many those are. Its
            credible interval is over pairs in which both draws meet them.

        Raises
        ------
        InputError
            If a condition cannot be read, or fewer than 100 draws meet it.
        """
        conditional = replace(self, conditions=(*self.conditions, *conditions))
        meets = np.concatenate(list(self.simulation.map(conditional._meets)))
        if meets.sum() < FEWEST_DRAWS:
            raise InputError(
                f"given {', '.join(conditions)}: only {meets.sum()} of {len(meets):,} draws meet "
                f"this, fewer than {FEWEST_DRAWS}; simulate more draws or relax the condition"
            )
        votes = _kept_votes(self.simulation)[meets]
        votes.setflags(write=False)
        both = self.simulation.pairs()
        both = both[meets[both].all(axis=1)]
        position = np.cumsum(meets) - 1
        return replace(conditional, votes=votes, pairs=position[both])

    def variants(self, level: float = 0.9) -> tuple[Variant, ...]:
        """Return the forecast of the first finalist under named changes of the model.

        The range over them is model uncertainty, which no interval of one model contains.
        """
        changed: dict[str, TransferPrior] = {
            "as published": self.prior,
            "without shared mobilisation": replace(self.prior, mobilisation=0.0, partisan=0.0),
            "without shared swing": replace(self.prior, swing=0.0),
            "independent Dirichlet rows": self.prior.as_dirichlet(),
        }
        if self.prior.endorsements:
            changed["endorsements ignored"] = replace(self.prior, endorsements=())
        out = []
        for name, prior in changed.items():
            other = _forecast(
                self.contest,
                prior,
                draws=min(self.simulation.draws, VARIANT_DRAWS),
                seed=self.simulation.seed,
                workers=self.simulation.workers,
            )
            other = other.given(*self.conditions) if self.conditions else other
            first = self.finalists[0]
            out.append(
                Variant(
                    name=name,
                    win_probability=other.win_probability(first, level),
                    share=other.share(first, level),
                )
            )
        return tuple(out)

    def requirements(self) -> tuple[Requirement, ...]:
        """Return what each finalist needs at the first round's number of valid votes."""
        return requirements(self.ledger)

    def bounds(self, runoff: Returns | Mapping[str, int] | None = None) -> FlowBounds:
        """Return what the margins alone allow.

        Parameters
        ----------
        runoff : Returns or mapping of finalist to votes, optional
            The counts of the runoff, by unit or in total; by default the forecast's median votes,
            so that the bounds are what that outcome would force.
        """
        if runoff is None:
            runoff = {f: round(self.votes_of(f).median) for f in self.finalists}
        return flow_bounds(self.contest, runoff)

    @cached_property
    def mean_table(self) -> FloatArray:
        """Mean transfer table, shape (origin, destination)."""
        return self.transfers().mean

    def break_even(self, what: str | None = None) -> tuple[breakeven.BreakEven, ...]:
        """Return how far one input must move to level the leading two, the rest unchanged.

        Parameters
        ----------
        what : str, optional
            An origin, or "turnout"; by default all of them, the smallest change first.
        """
        names = [what] if what else [*self.ledger.origins, "turnout"]
        found = [
            breakeven.break_even_turnout(self.ledger, self.mean_table)
            if name == "turnout"
            else breakeven.break_even(self.ledger, self.mean_table, name)
            for name in names
        ]
        return tuple(sorted(found, key=lambda b: abs(b.change) if b.change is not None else np.inf))

    def frontier(self, first: str, second: str) -> breakeven.Frontier:
        """Return the pairs of two origins' preferences at which the leading two are level."""
        return breakeven.frontier(self.ledger, self.mean_table, first, second)

    def sensitivity(self) -> Sensitivity:
        """Return the share of the outcome's variance that each input explains alone."""
        return sensitivity(self.simulation)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the draws, as 16 hexadecimal digits."""
        return hashlib.sha256(np.ascontiguousarray(self.votes).tobytes()).hexdigest()[:16]

    def to_xarray(self) -> Any:
        """Return the draws as an `xarray.Dataset` with dimensions draw and finalist."""
        import xarray

        coords = {"draw": np.arange(self.draws), "finalist": list(self.finalists)}
        dims = ("draw", "finalist")
        return xarray.Dataset({"votes": (dims, self.votes), "share": (dims, self.shares())}, coords)

    def __str__(self) -> str:
        """Return the forecast as aligned text: share interval first, then the probability."""
        return summary_text(self)


def _kept_votes(
    simulation: Simulation, progress: Callable[[float], None] | None = None
) -> FloatArray:
    """Return runoff votes of every draw, and refuse what would not fit in memory."""
    size = 8 * simulation.draws * (len(simulation.ledger.destinations) - 1)
    if size > 2**30:
        raise InputError(
            f"draws: keeping {simulation.draws:,} draws takes {size / 2**30:.1f} GiB, more than 1; "
            "use fewer, or go through forecast.simulate(...).map, which keeps nothing"
        )
    votes = simulation.votes(progress)
    votes.setflags(write=False)
    return votes


def forecast_runoff(
    contest: Contest,
    prior: TransferPrior | None = None,
    *,
    draws: int = 200_000,
    seed: int = 0,
    as_of: date | None = None,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Forecast:
    """Forecast a runoff.

    Parameters
    ----------
    contest : Contest
        What is known after the first round.
    prior : TransferPrior, optional
        Beliefs about the transfers; by default the contest's bundled prior, else a wide one.
    draws : int
        Number of draws (even).
    seed : int
        The seed; the same seed gives the same forecast.
    as_of : datetime.date, optional
        Use nothing that became known later; by default everything the prior knows.
    workers : int, optional
        Threads; all available processors by default.
    progress : callable, optional
        Called with the fraction of the draws that are done.

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        If an argument is out of range, the prior does not fit the contest, or `as_of` lies before
        the first round.

    Notes
    -----
    votes[j] = sum_r count[r] T[r, j] for every draw of the transfer table T.

    Examples
    --------
    >>> from forecast import forecast_runoff, load_contest
    >>> forecast = forecast_runoff(load_contest("georgia-2018"), draws=20_000)
    >>> 0.4 < forecast.share("zurabishvili").median < 0.6
    True
    """
    if as_of is not None and type(as_of) is not date:
        raise InputError(f"as_of: must be a datetime.date - found {as_of!r}")
    if as_of is not None and contest.first_round is not None and as_of < contest.first_round:
        raise InputError(
            f"as_of: must not be before the first round on {contest.first_round} - found {as_of}; "
            "choose a later day"
        )
    prior = default_prior(contest) if prior is None else prior
    if as_of is not None:
        prior = prior.as_of(as_of)
    else:
        known = [e.known for e in prior.endorsements if e.known]
        as_of = max([*known, *([contest.first_round] if contest.first_round else [])], default=None)
    forecast = _forecast(contest, prior, draws=draws, seed=seed, workers=workers, progress=progress)
    return replace(forecast, as_of=as_of)


def _forecast(
    contest: Contest,
    prior: TransferPrior,
    *,
    draws: int,
    seed: int,
    workers: int | None,
    progress: Callable[[float], None] | None = None,
) -> Forecast:
    simulation = simulate(contest.ledger(), prior, draws=draws, seed=seed, workers=workers)
    return Forecast(
        contest=contest,
        prior=prior,
        simulation=simulation,
        votes=_kept_votes(simulation, progress),
        pairs=simulation.pairs(),
    )
