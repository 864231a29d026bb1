"""How far what is counted speaks for what is open: said before any number of a nowcast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.arrays import FloatArray, IntArray
from forecast.facts.partial_returns import PartialReturns
from forecast.transfers.night.deviations import Deviations
from forecast.transfers.night.groundwork import Groundwork
from forecast.transfers.night.local_table import LocalTable, leans
from forecast.transfers.night.posterior import PartialPosterior
from forecast.transfers.table.coordinates import simplex_factor

LITTLE_OVERLAP, MUCH_OUTSIDE = 0.3, 0.2
"""Overlap under which, and people outside over which, there is a warning."""
CLEARLY_OUTSIDE = 0.25
"""Standard deviations beyond what counted units show from which a unit is outside."""
TAUGHT = 0.3
"""A row is still the prior if counts have removed less of its variance."""
ODD = 5.0
"""Standard deviations from its expectation at which a counted unit is odd."""
LEAST_ROW = 0.02
"""Fraction of the people that a row needs in order to be named."""
NAMED = 3
"""Odd units that a warning names."""
BINS = 10
"""Groups of equal numbers of people in which counted and open ones are compared."""


@dataclass(frozen=True, kw_only=True)
class OddUnit:
    """A counted unit far from what its first round suggests.

    Parameters
    ----------
    unit : str
        Its name.
    distance : float
        Distance in standard deviations, its own deviation and chance together.
    reason : str
        What it looks like.
    """

    unit: str
    distance: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class Resemblance:
    """How far counted units speak for open ones.

    Parameters
    ----------
    overlap : float or None
        Overlap of counted and open people in the direction in which they differ most, from 0 (two
        different worlds) to 1 (alike); None if nothing is counted or nothing is open.
    difference : str
        In what open units differ most from counted ones.
    outside : float
        Fraction of the open people in units of a lean, size or turnout not counted anywhere yet.
    learned : int
        Units from which the nowcast has learned.
    prior_rows : tuple of str
        Origins whose transfers are still what was believed before.
    odd : tuple of OddUnit
        Counted units far from what their first round suggests, the farthest first.

    Examples
    --------
    >>> found = Resemblance(overlap=0.1, difference="larger", outside=0.6, learned=40,
    ...                     prior_rows=(), odd=())
    >>> found.warnings()[1]
    '60% of the open people live in units unlike any counted so far'
    """

    overlap: float | None
    difference: str
    outside: float
    learned: int
    prior_rows: tuple[str, ...]
    odd: tuple[OddUnit, ...]

    def warnings(self) -> tuple[str, ...]:
        """Return what to know before reading a number, one sentence each."""
        found = []
        if self.overlap is not None and not self.learned:
            return ("nothing can be learned from what is counted; the rest is what was believed",)
        if self.overlap is not None and self.overlap < LITTLE_OVERLAP:
            found.append(
                "what is counted says little about what is open: they overlap by "
                f"{100 * self.overlap:.0f}%, open units {self.difference}"
            )
        if self.outside > MUCH_OUTSIDE:
            found.append(
                f"{100 * self.outside:.0f}% of the open people live in units unlike any counted "
                "so far"
            )
        if self.prior_rows and self.overlap is not None:
            found.append(f"still as believed before the count: {', '.join(self.prior_rows)}")
        if self.odd:
            named = "; ".join(f"{o.unit} ({o.reason})" for o in self.odd[:NAMED])
            more = len(self.odd) - NAMED
            found.append(f"odd units: {named}" + (f"; {more} more" if more > 0 else ""))
        return tuple(found)


def resemblance(
    returns: PartialReturns,
    *,
    start: Groundwork,
    table: LocalTable,
    deviations: Deviations,
    posterior: PartialPosterior,
    learned: IntArray,
) -> Resemblance:
    """Return how far counted units speak for open ones.

    The features of `table` are split into what counted units show and the rest; `learned` are the
    places of the units from which the posterior has learned.
    """
    done, people = returns.counted, deviations.people
    seen, still = people * done, people * (1 - done)
    overlap, difference = None, ""
    score = deviations.score(done)
    if score is not None:
        overlap = _overlap(score, seen, still)
        difference = _difference(returns, deviations, seen, still)
    far = (np.abs(table.beyond) > CLEARLY_OUTSIDE).any(axis=1)
    return Resemblance(
        overlap=overlap,
        difference=difference,
        outside=float(still @ far / still.sum()) if still.sum() else 0.0,
        learned=len(learned),
        prior_rows=tuple(map(returns.contest.label, _prior_rows(start, posterior))),
        odd=_odd(returns, posterior, learned),
    )


def _overlap(score: FloatArray, seen: FloatArray, still: FloatArray) -> float:
    """Return the overlap coefficient, the sum of the smaller fraction in every bin."""
    order = np.argsort(score, kind="stable")
    everybody = np.cumsum((seen + still)[order])
    group = np.minimum((everybody - 1e-9) * BINS / everybody[-1], BINS - 1).astype(np.int64)
    parts = [np.bincount(group, p[order], BINS) / p.sum() for p in (seen, still)]
    return float(np.minimum(*parts).sum())


def _difference(
    returns: PartialReturns, deviations: Deviations, seen: FloatArray, still: FloatArray
) -> str:
    """Return in which trait open units differ most from counted ones, as people say it."""
    label, finalists = returns.contest.label, returns.contest.finalists
    leaning = finalists[: 1 if len(finalists) == 2 else None]  # of two the second mirrors the first
    words = [(f"lean more to {label(f)}", f"lean less to {label(f)}") for f in leaning]
    words += [("are larger", "are smaller"), ("vote more", "vote less")]
    words += [("have more voters of the others", "have fewer voters of the others")]
    traits = deviations.traits[:, : len(words)]
    gap = still @ traits / still.sum() - seen @ traits / seen.sum()
    most = int(np.argmax(np.abs(gap)))
    return words[most][int(gap[most] < 0)]


def _prior_rows(start: Groundwork, posterior: PartialPosterior) -> tuple[str, ...]:
    """Return rows of which counts have taught little, 1 - (posterior sd / prior sd)^2.

    The variance of preference is that in all directions together.
    """
    shape = -1, len(start.origins)
    after = (posterior.factor[:, : len(start.sample)] ** 2).sum(axis=0).reshape(shape)
    before = np.diag(start.covariance)[: len(start.sample)].reshape(shape)
    preference = 1 - after[:-1].sum(axis=0) / before[:-1].sum(axis=0)
    taught = np.maximum(preference, 1 - after[-1] / before[-1])
    large = start.known > LEAST_ROW * start.known.sum()
    return tuple(
        name
        for name, gain, counts in zip(start.origins, taught, large, strict=True)
        if counts and gain < TAUGHT
    )


def _odd(
    returns: PartialReturns, posterior: PartialPosterior, learned: IntArray
) -> tuple[OddUnit, ...]:
    """Return units far from their expectation."""
    spread = np.sqrt(posterior.noise + posterior.unit_variance[:, None])
    away = posterior.residual / spread
    away = np.stack([np.sqrt((away[:-1] ** 2).sum(axis=0)), away[-1]])
    chosen = np.flatnonzero((np.abs(away) > ODD).any(axis=0))
    chosen = chosen[np.argsort(-np.abs(away[:, chosen]).max(axis=0), kind="stable")]
    return tuple(
        OddUnit(
            unit=returns.contest.units[learned[u]],
            distance=float(np.abs(away[:, u]).max()),
            reason=_reason(returns, posterior, away[:, u], int(u), int(learned[u])),
        )
        for u in chosen
    )


def _reason(
    returns: PartialReturns, posterior: PartialPosterior, away: FloatArray, u: int, unit: int
) -> str:
    """Return what an odd unit looks like: the reported one at place `u`, `unit` of the contest.

    `away` is how far it is off in preference, without a sign, and in participation.
    """
    votes: Sequence[int] = returns.votes[unit].tolist()
    fitted = posterior.fitted[:, u]
    if abs(away[-1]) > away[0]:
        return f"turnout much {'higher' if away[-1] > 0 else 'lower'} than elsewhere"
    logit = np.log((votes[0] + 0.5) / (votes[-1] + 0.5))
    if len(votes) == 2 and abs(-logit - fitted[0]) < abs(logit - fitted[0]) / 3:
        return "as if the finalists' columns were exchanged"
    own = leans(simplex_factor(len(votes)) @ (posterior.turn[u] @ posterior.residual[:, u])[:-1])
    most = int(np.abs(own).argmax())
    name = returns.contest.label(returns.contest.finalists[most])
    return f"far {'more' if own[most] > 0 else 'fewer'} votes for {name} than expected"
