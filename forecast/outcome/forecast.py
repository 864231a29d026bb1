"""Forecast: the result object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, read_only
from forecast.display import Frames, Shown, figure, rate
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.ledger import Ledger
from forecast.outcome.conditions import Condition
from forecast.outcome.levers import ForecastLevers
from forecast.outcome.probability import (
    Quantity,
    WinProbability,
    conditional_probabilities,
    decimals_of,
    estimate_win_probability,
    in_words,
    percent,
    win_probability_given_inputs,
)
from forecast.outcome.runoff_draws import remembered
from forecast.outcome.sensitivity import Sensitivity, sensitivity
from forecast.outcome.summary import Variant
from forecast.outcome.timeline import Step, Timeline, course
from forecast.randomness import one_thread_of_algebra
from forecast.signatures import refuses_other_kinds
from forecast.simulation.engine import Simulation, runoff_votes
from forecast.simulation.smoothing import smooth_win_probability
from forecast.transfers.table.protocols import IGNORANCE, TransferDistribution

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TABLE_DRAWS = 16_384  # fewest draws behind the transfer table, if there are so many
TABLE_BYTES = 40_000_000  # most memory they may take, but for the first chunk
FEWEST_DRAWS = 100  # fewest draws that may meet a condition
AS_IT_IS = "as published"
"""What the forecast itself is called beside its variants."""
VARIANT_DRAWS = 10_000
"""Most draws per variant: with wins half of the time an error of 0.5 points, or 0.7 if the draws
of a pair always agree."""


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Forecast(ForecastLevers):
    """A forecast of a runoff; made by `forecast_runoff`.

    Parameters
    ----------
    contest : Contest
        What was known after the first round.
    draw_votes : ndarray, shape (draw, finalist)
        Runoff votes of the draws that meet `conditions`, read-only.
    prior : TransferDistribution
        What was believed about the transfers.
    simulation : Simulation
        How the draws were made.
    pairs : ndarray of int, shape (pair, 2)
        Draws that share their inputs.
    as_of : datetime.date or None
        Nothing that was published later was used.
    conditions : tuple of str
        What was assumed on top, see `given`.

    Examples
    --------
    >>> from forecast import forecast_runoff, load_contest
    >>> forecast = forecast_runoff(load_contest("georgia-2018"), draws=1000)
    >>> forecast.leader, forecast.draws, forecast.draw_votes.shape
    ('zurabishvili', 1000, (1000, 2))
    >>> 0.5 < forecast.share("zurabishvili").median < 0.7
    True
    """

    prior: TransferDistribution
    simulation: Simulation
    pairs: npt.NDArray[np.int64]
    as_of: date | None = None
    conditions: tuple[str, ...] = ()

    @cached_property
    def ledger(self) -> Ledger:
        """People by origin, small candidates of a crowd together."""
        return self.simulation.ledger

    @property
    def origins(self) -> tuple[str, ...]:
        """Rows of the transfer table."""
        return self.ledger.origins

    @property
    def people(self) -> float:
        """Everybody who may vote in the runoff, as far as the first round knows."""
        return self.ledger.people

    def win_probability(self, candidate: str, level: float = 0.9) -> WinProbability:
        """Return P(wins) with its Monte Carlo error and credible interval.

        Parameters
        ----------
        candidate : str
            A finalist.
        level : float
            Level of the credible interval, over what is not known about the inputs.

        Returns
        -------
        WinProbability
            Value, Monte Carlo error and credible interval, between 0 and 1.

        Raises
        ------
        InputError
            If `candidate` is no finalist or `level` no probability.

        Notes
        -----
        Between two finalists, and unless the prior or a condition forbids, the estimate is that of
        `smooth_win_probability`, whose error is about a tenth of that of the fraction of draws the
        candidate wins. The two differ within the Monte Carlo error of the latter. The credible
        interval is that of P(wins | inputs), from a nested simulation: `nested_votes`.

        Examples
        --------
        >>> from forecast import forecast_runoff, load_contest
        >>> forecast = forecast_runoff(load_contest("georgia-2018"), draws=1000)
        >>> wins = forecast.win_probability("zurabishvili")
        >>> 0.7 < wins.value < 0.95, wins.credible_interval.low < wins.value
        (True, True)
        """
        return self._estimate_with_interval(self._position(candidate), level)

    @remembered
    @one_thread_of_algebra
    def _estimate_with_interval(self, position: int, level: float) -> WinProbability:
        return self._estimate(position, level, self._given_inputs[:, position])

    def _estimate(
        self, position: int, level: float, given_inputs: FloatArray | None
    ) -> WinProbability:
        """Return P(wins) of a finalist by position; without `given_inputs` it has no interval."""
        smooth = self._smooth
        if smooth is not None and position == 1:
            smooth = (1 - smooth[0], smooth[1])
        return estimate_win_probability(
            self._margins[:, position],
            self.pairs,
            level,
            given_inputs=given_inputs,
            smooth=smooth,
            effective_draws=self.simulation.sampler.effective_draws,
        )

    @cached_property
    def _given_inputs(self) -> FloatArray:
        """P(wins | inputs) of a sample of inputs, shape (input, finalist)."""
        if not self.conditions:
            return win_probability_given_inputs(self.simulation)

        def meets(rates: FloatArray) -> tuple[FloatArray, FloatArray]:
            votes, kept = self._meeting(rates)
            return votes.T, kept.astype(float)

        return conditional_probabilities(self.simulation, meets)

    @cached_property
    @one_thread_of_algebra
    def _smooth(self) -> tuple[float, float] | None:
        """P(the first finalist wins) and its error without the noise of draws, where possible."""
        return None if self.conditions else smooth_win_probability(self.simulation)

    @property
    def leader(self) -> str:
        """The finalist with the largest win probability."""
        if self._smooth is not None:
            return self.finalists[int(self._smooth[0] < 0.5)]
        return super().leader

    @cached_property
    @one_thread_of_algebra
    def tables(self) -> FloatArray:
        """Transfer tables of up to `TABLE_DRAWS` draws, shape (draw, origin, destination)."""
        parts: list[FloatArray] = []
        for part in self.simulation.map(self.selected):
            parts.append(part[0])
            done = sum(p.shape[2] for p in parts)
            if done >= TABLE_DRAWS or 2 * done * part[0][..., 0].nbytes > TABLE_BYTES:
                break
        rates = np.concatenate(parts, axis=2)
        whole = np.concatenate([rates, 1 - rates.sum(axis=1, keepdims=True)], axis=1)
        return np.moveaxis(whole, 2, 0)

    def _tables_drawn(self) -> FloatArray:
        return self.tables

    def people_by_cell(self) -> tuple[FloatArray, tuple[str, ...]]:
        """Return people of the draws behind the transfer table, and the origins' names."""
        people = self.tables * self.ledger.totals[:, None]
        return people, self.ledger.origins

    def selected(
        self, _: int, rates: FloatArray
    ) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
        """Return a chunk's rates and votes (draw, finalist) that meet the conditions, and which.

        Parameters
        ----------
        rates : ndarray, shape (origin, finalist, draw)
            Transfer rates of a chunk.
        """
        votes, meets = self._meeting(rates)
        kept = rates[..., meets] if self.conditions else rates
        return kept, votes[:, meets].T, meets

    def _meeting(self, rates: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        """Return votes (finalist, draw), and which draws meet the conditions."""
        votes = runoff_votes(self.ledger.totals.astype(float), rates)
        meets = np.ones(rates.shape[2], dtype=bool)
        for text in self.conditions:
            condition = Condition.parse(text, self.key)
            meets &= condition.holds(self.ledger, rates, votes, self.ballots_per_vote)
        return votes, meets

    @one_thread_of_algebra
    def given(self, *conditions: str) -> Forecast:
        """Return the forecast if some things turn out as stated.

        Parameters
        ----------
        *conditions : str
            Such as "turnout >= 52%" or "bakradze -> vashadze >= 70%".

        Returns
        -------
        Forecast
            Of the draws that meet all conditions; its `draws` says how many those are.

        Raises
        ------
        InputError
            If a condition cannot be read, or fewer than 100 draws meet it.

        Examples
        --------
        >>> from forecast import forecast_runoff, load_contest
        >>> forecast = forecast_runoff(load_contest("georgia-2018"), draws=1000)
        >>> high = forecast.given("turnout >= 52%")
        >>> high.conditions, 100 < high.draws < 1000, high.turnout().interval.low > 0.5
        (('turnout >= 52%',), True, True)
        """
        conditional = replace(self, conditions=(*self.conditions, *conditions))
        parts = list(self.simulation.map(lambda c, rates: conditional.selected(c, rates)[1:]))
        votes, meets = (np.concatenate(part) for part in zip(*parts, strict=True))
        if len(votes) < FEWEST_DRAWS:
            raise InputError(
                f"given {', '.join(conditions)}: only {len(votes)} of {len(meets):,} draws meet "
                f"this, fewer than {FEWEST_DRAWS}; simulate more draws or relax the condition"
            )
        both = self.simulation.pairs()
        both = both[meets[both].all(axis=1)]
        return replace(conditional, draw_votes=read_only(votes), pairs=(np.cumsum(meets) - 1)[both])

    def variants(self, level: float = 0.9) -> tuple[Variant, ...]:
        """Return the forecast as it is, and under named changes of the model.

        The range over them is model uncertainty, which no interval of one model contains. A
        variant in which fewer than 100 draws meet the conditions is left out.

        Parameters
        ----------
        level : float
            Level of the intervals.

        Returns
        -------
        tuple of Variant
            The forecast itself first; name, shares and win probabilities of each.

        Raises
        ------
        InputError
            If `level` is no probability.

        Examples
        --------
        >>> from forecast import forecast_runoff, load_contest
        >>> forecast = forecast_runoff(load_contest("georgia-2018"), draws=200)
        >>> found = {v.name: v.win_probability["zurabishvili"].value for v in forecast.variants()}
        >>> next(iter(found)), "endorsements ignored" in found
        ('as published', True)
        """
        return self._variants(level)

    @remembered
    def _variants(self, level: float) -> tuple[Variant, ...]:
        return _model_variants(self, level)

    def frames(self) -> Frames:
        """Return the tables of `to_frame`: shares, transfers, contributions, draws, pairs, ..."""
        return {
            **super().frames(),
            "pairs": lambda: [{"one": int(a), "other": int(b)} for a, b in self.pairs],
            "variants": lambda: [
                {
                    "variant": v.name,
                    "finalist": f,
                    "share": v.share[f].median,
                    "win_probability": p.value,
                }
                for v in self.variants()
                for f, p in v.win_probability.items()
            ],
        }

    def sensitivity(self, candidate: str | None = None) -> Sensitivity:
        """Return the share of the outcome's variance that each input explains alone.

        With polls it is about the prior before them: given polls inputs are not independent.

        Parameters
        ----------
        candidate : str, optional
            Whose share; the leader's by default.

        Returns
        -------
        Sensitivity
            A fraction of the variance for each input.

        Raises
        ------
        InputError
            In a conditional forecast: there the inputs are no longer independent.
        """
        if self.conditions:
            raise InputError("sensitivity: a conditional forecast has none; ask the unconditional")
        return self._sensitivity(self._position(candidate or self.leader))

    @remembered
    def _sensitivity(self, position: int) -> Sensitivity:
        return sensitivity(self.simulation, finalist=position)

    def timeline(self, days: Iterable[date] | None = None, *, draws: int = 20_000) -> Timeline:
        """Return the forecast as it stood on each day on which something was published.

        Parameters
        ----------
        days : iterable of datetime.date, optional
            Which days; by default that of the first round and all with evidence since.
        draws : int
            Draws of each day's forecast, even.

        Returns
        -------
        Timeline
            One step a day: shares and win probabilities.

        Raises
        ------
        InputError
            If a day is before the first round or after that of the forecast, or nothing has a date.

        Examples
        --------
        >>> from forecast import forecast_runoff, load_contest
        >>> georgia = load_contest("georgia-2018")
        >>> found = forecast_runoff(georgia, as_of=date(2018, 11, 27), draws=2000)
        >>> [step.day.isoformat() for step in found.timeline(draws=2000).steps][:2]
        ['2018-10-28', '2018-11-15']
        """
        first = self.contest.first_round
        published: dict[date, list[str]] = {}
        if first is not None:
            published[first] = ["the first round"]
        for piece in self.prior.dated:
            day = piece.published
            if day is not None and (first is None or day > first):
                published.setdefault(day, []).append(piece.what)

        def step(day: date, what: tuple[str, ...]) -> Step:
            if first is not None and day < first:
                raise InputError(
                    f"timeline: days must not be before the first round on {first} - found {day}; "
                    "forecast_election knows earlier days"
                )
            return self._as_of(day, what, draws)

        contest = self.contest
        return course(
            days, published, self.as_of, step,
            title=contest.title or contest.name, labels=contest.labels,
        )  # fmt: skip

    @one_thread_of_algebra
    def _as_of(self, day: date, published: tuple[str, ...], draws: int) -> Step:
        """Return the forecast of another day, with the same random numbers."""
        held = self.prior.as_of(day)
        simulation = replace(self.simulation, sampler=held.sampler(self.ledger), draws=draws)
        found = simulated_forecast(self.contest, held, simulation, as_of=day)
        return Step(
            day=day,
            published=published,
            share={f: found.share(f) for f in found.finalists},
            advances={},
            elected={f: found.win_probability(f) for f in found.finalists},
        )

    def kept(self) -> Self:
        """Return it without its sampler, which is made of functions."""
        bare: Any = replace(self.simulation, sampler=None)  # type: ignore[arg-type]
        return replace(self, simulation=bare)

    def whole(self) -> Self:
        """Return what was kept with its sampler made anew from the prior."""
        sampler = self.prior.sampler(self.simulation.ledger)
        return replace(self, simulation=replace(self.simulation, sampler=sampler))

    def plot(self, kind: str = "share", ax: Axes | None = None) -> Axes:
        """Draw a figure on Axes `ax` (new ones by default) and return them.

        Parameters
        ----------
        kind : {"share", "transfers", "flow", "drivers", "frontier"}
            The density of the share, the transfer table, where the people go, what drives the
            outcome, or which pairs of preferences level the leading two.
        ax : matplotlib Axes, optional
            Where to draw.

        Raises
        ------
        InputError
            If there is no such figure of this forecast.
        """
        return figure("forecast_figure", self, kind, ax)

    def __str__(self) -> str:
        """Return the forecast as aligned text: share interval first, then the probability."""
        label = self.contest.label
        width = max(len(label(f)) for f in self.finalists)
        decimals = decimals_of([*map(self.share, self.finalists)])
        lines = [self.contest.title or self.contest.name, *self._facts()]
        lines += [f"if {text}" for text in self.conditions]
        for f in self.finalists:
            p = self.win_probability(f)
            ci = p.credible_interval
            inputs = f" (90% credible interval of that probability: {ci})" if ci else ""
            lines.append(
                f"{label(f):<{width}}  share {self.share(f).text(decimals)}  "
                f"wins in {percent(p.value)} of simulations{inputs}"
            )
        if self.contest.electorate == "registered":
            estimated = " of an estimated number of registered people" * self.contest.estimated
            lines.append(f"{'turnout':<{width}}  {self.turnout().text()}{estimated}")
        return "\n".join([*lines, *self._basis()])

    def shown(self) -> Shown:
        """Return shares and win probabilities as a table."""
        contest, rows = self.contest, []
        decimals = decimals_of([*map(self.share, self.finalists)])
        for f in self.finalists:
            wins = self.win_probability(f).value
            cell = f"{in_words(wins)} ({percent(wins)})"
            rows.append([contest.label(f), _share(self.share(f), decimals), cell])
        if contest.electorate == "registered":
            rows.append(["turnout", _share(self.turnout()), ""])
        return Shown(
            title=contest.title or contest.name,
            facts=self._facts(),
            head=["forecast", "share", "wins"],
            rows=rows,
            notes=[*(f"if {text}" for text in self.conditions), *self._basis()],
        )

    def _facts(self) -> list[str]:
        return [f"as of {self.as_of.isoformat()}"] if self.as_of else []

    def _basis(self) -> list[str]:
        """Return what the figures rest on: other models, draws, the prior and its origin."""
        prior = self.prior
        lines = [
            self._range_over_models(),
            self.contributions().sentence(),
            f"90% intervals; {self.draws:,} draws; prior: {prior.name}",
            prior.brief,
            f"chosen in hindsight: {prior.hindsight}" * bool(prior.hindsight),
        ]
        return [line for line in lines if line]

    def _range_over_models(self) -> str:
        """Return by how far named changes of the model move the leader's win probability.

        Empty unless some change moves it out of the credible interval, which says the rest.
        """
        leader = self.leader
        inside = self.win_probability(leader).credible_interval
        found = {v.name: v.win_probability[leader].value for v in self.variants()}
        least, most = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
        if inside is None or (inside.low <= found[least] and found[most] <= inside.high):
            return ""
        return (
            f"other models give {self.contest.label(leader)} {percent(found[least])} ({least}) to "
            f"{percent(found[most])} ({most})"
        )


def _share(q: Quantity, decimals: int = 0) -> str:
    if decimals:
        return q.text(decimals)
    return f"{rate(q.median)}% [{rate(q.interval.low)}, {rate(q.interval.high)}]"


def simulated_forecast(
    contest: Contest,
    prior: TransferDistribution,
    simulation: Simulation,
    *,
    as_of: date | None,
    progress: Callable[[float], None] | None = None,
) -> Forecast:
    """Return the forecast with all draws kept."""
    return Forecast(
        contest=contest,
        prior=prior,
        simulation=simulation,
        draw_votes=read_only(simulation.votes(progress)),
        pairs=simulation.pairs(),
        as_of=as_of,
    )


@one_thread_of_algebra
def _model_variants(forecast: Forecast, level: float) -> tuple[Variant, ...]:
    """Return a forecast as it is and under each variant of its prior, see `Forecast.variants`."""
    draws, finalists = forecast.simulation.draws, forecast.finalists
    found = {AS_IT_IS: forecast}
    for name, prior in forecast.prior.variants().items():
        simulation = replace(
            forecast.simulation,
            sampler=prior.sampler(forecast.ledger),
            draws=draws if forecast.conditions else min(draws, VARIANT_DRAWS),
        )
        other = simulated_forecast(forecast.contest, prior, simulation, as_of=forecast.as_of)
        try:
            found[name] = other.given(*forecast.conditions) if forecast.conditions else other
        except InputError:
            continue
    return tuple(
        Variant(
            name=name,
            win_probability={f: _chance(name, other, f, level) for f in finalists},
            share={f: other.share(f, level) for f in finalists},
        )
        for name, other in found.items()
    )


def _chance(variant: str, other: Forecast, finalist: str, level: float) -> WinProbability:
    """Return P(wins) under a variant, with an interval, which is dear, only where it matters."""
    if variant == AS_IT_IS or variant in IGNORANCE:
        return other.win_probability(finalist, level)
    return other._estimate(other.finalists.index(finalist), level, None)
