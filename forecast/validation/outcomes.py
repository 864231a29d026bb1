"""Backtest: what a model said of past runoffs, what came, and the scores of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Displayed, Frames, Shown, Tabular, figure
from forecast.errors import InputError
from forecast.files.saved import Saved
from forecast.randomness import stream
from forecast.validation.calibration import (
    LEVELS,
    Reliability,
    central_interval,
    coverage,
    pit,
    reliability,
)
from forecast.validation.scores import (
    brier_score,
    crps,
    energy_score,
    interval_score,
    log_density,
    log_score,
    threshold_crps,
)
from forecast.validation.skill import ClusteredMean, Skill, clustered_mean, skill

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INSIDE = 1e-6
"""Shares are kept this far from 0 and 1 where a logit is taken."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Backtest(Displayed, Tabular, Saved):
    """Forecasts of past runoffs; made by `backtest`.

    Parameters
    ----------
    model : str
        What the model is called.
    split : str
        How it was kept from seeing what it forecast.
    contests, elections : tuple of str
        Every forecast contest, and its election: the cluster of all standard errors.
    first_share : ndarray, shape (contest,)
        First finalist's fraction of the two finalists' first-round votes.
    share, turnout : ndarray, shape (draw, contest)
        Draws of that fraction in the runoff, and of valid votes over everybody; nan if unknown.
    actual_share, actual_turnout : ndarray, shape (contest,)
        What was counted.

    Examples
    --------
    >>> from forecast import backtest, past_runoffs
    >>> from forecast.validation.baselines import margin_only
    >>> history = past_runoffs("world")[:8]
    >>> found = backtest(history, margin_only, draws=200)
    >>> found.model, len(found.contests), found.share.shape
    ('margin_only', 8, (200, 8))
    >>> 0 < found.summary()["rmse"] < 20
    True
    """

    model: str
    split: str
    contests: tuple[str, ...]
    elections: tuple[str, ...]
    first_share: FloatArray
    share: FloatArray
    turnout: FloatArray
    actual_share: FloatArray
    actual_turnout: FloatArray

    @property
    def win_probability(self) -> FloatArray:
        """The first finalist's P(wins), shape (contest,), never 0 or 1; ties count half."""
        wins = (self.share > 0.5).sum(axis=0) + 0.5 * (self.share == 0.5).sum(axis=0)
        return np.asarray((wins + 0.5) / (len(self.share) + 1))

    @cached_property
    def knows_turnout(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Where turnout was both forecast and counted, shape (contest,)."""
        return np.asarray(np.isfinite(self.turnout).all(axis=0) & np.isfinite(self.actual_turnout))

    @cached_property
    def scores(self) -> dict[str, FloatArray]:
        """Scores by name, each (contest,), the lower the better; shares and turnout in points."""
        won, p = self.actual_share > 0.5, self.win_probability
        low, high = central_interval(self.share, 0.9)
        inside = np.clip(self.share, INSIDE, 1 - INSIDE)
        out = {
            "crps": 100 * crps(self.share, self.actual_share),
            "crps near one half": 100 * threshold_crps(self.share, self.actual_share),
            "interval": 100 * interval_score(low, high, self.actual_share, level=0.9),
            "brier": brier_score(p, won),
            "log": log_score(p, won),
            "minus log density": -log_density(
                inside, np.clip(self.actual_share, INSIDE, 1 - INSIDE)
            ),
        }
        known = self.knows_turnout
        if known.any():
            both = np.stack([self.share, self.turnout], axis=-1)[:, known]
            truth = np.stack([self.actual_share, self.actual_turnout], axis=-1)[known]
            out["turnout crps"], out["energy"] = np.full((2, len(known)), np.nan)
            out["turnout crps"][known] = 100 * crps(both[..., 1], truth[:, 1])
            out["energy"][known] = 100 * energy_score(both, truth, shifts=16)
        return out

    def mean(self, score: str) -> ClusteredMean:
        """Return the mean of a score over the contests that have it.

        Parameters
        ----------
        score : str
            Name, as in `scores`.

        Returns
        -------
        ClusteredMean
            With a standard error over elections.

        Raises
        ------
        InputError
            If there is no such score.

        Examples
        --------
        >>> from forecast import backtest, past_runoffs
        >>> from forecast.validation.baselines import margin_only
        >>> history = past_runoffs("world")[:8]
        >>> found = backtest(history, margin_only, draws=200)
        >>> crps = found.mean("crps")
        >>> crps.n, 0 < crps.value < 20
        (8, True)
        """
        values = self._score(score)
        known = np.isfinite(values)
        return clustered_mean(values[known], self._clusters(known))

    def coverage(self) -> dict[float, ClusteredMean]:
        """Return how often central intervals of the share contained the result, by level.

        Returns
        -------
        dict of float to ClusteredMean
            Fractions of the contests.
        """
        return coverage(self.share, self.actual_share, self.elections, LEVELS)

    def reliability(self, bins: int = 10) -> Reliability:
        """Return reliability data of the win probabilities.

        Parameters
        ----------
        bins : int
            Bins of equal width; empty ones are left out.

        Returns
        -------
        Reliability
            Forecast probabilities against frequencies, with bands.

        Raises
        ------
        InputError
            If `bins` is no whole number from 1.
        """
        return reliability(self.win_probability, self.actual_share > 0.5, bins=bins)

    def plot(self, kind: str = "calibration", ax: Axes | None = None) -> Axes:
        """Draw a figure and return its Axes.

        Parameters
        ----------
        kind : {"calibration", "pit", "errors"}
            Win probabilities against what came, where results fell in their forecasts, or actual
            minus forecast share against the first-round share.
        ax : matplotlib Axes, optional
            Where to draw.

        Raises
        ------
        InputError
            If there is no such figure.
        """
        return figure("backtest_figure", self, kind, ax)

    def pit(self) -> FloatArray:
        """Return the randomised PIT of the share, shape (contest,)."""
        return pit(self.share, self.actual_share, rng=stream(0, "backtest: pit"))

    def skill(self, baseline: Backtest, score: str = "crps") -> Skill:
        """Return the skill over another backtest of the same contests, paired.

        Parameters
        ----------
        baseline : Backtest
            Of the same contests, in any order.
        score : str
            Name, as in `scores`.

        Returns
        -------
        Skill
            1 is perfect, 0 no better than the baseline, negative worse.

        Raises
        ------
        InputError
            If the contests differ or there is no such score.

        Examples
        --------
        >>> from forecast import backtest, past_runoffs
        >>> from forecast.validation.baselines import margin_only, unchanged_share
        >>> history = past_runoffs("world")[:8]
        >>> found = backtest(history, margin_only, draws=200)
        >>> skill = found.skill(backtest(history, unchanged_share, draws=200))
        >>> skill.value < 1, skill.difference.n
        (True, 8)
        """
        order = {name: i for i, name in enumerate(baseline.contests)}
        if set(order) != set(self.contests):
            raise InputError(
                f"skill: {self.model!r} and {baseline.model!r} must have forecast the same contests"
            )
        place = [order[name] for name in self.contests]
        ours, theirs = self._score(score), baseline._score(score)[place]
        known = np.isfinite(ours) & np.isfinite(theirs)
        return skill(ours[known], theirs[known], self._clusters(known))

    def summary(self) -> dict[str, Any]:
        """Return bias, errors, mean scores, coverage and sizes as plain numbers."""
        error = 100 * (self.share.mean(axis=0) - self.actual_share)
        low, high = central_interval(self.share, 0.9)
        out: dict[str, Any] = {
            "n": len(self.contests),
            "clusters": len(set(self.elections)),
            "bias": float(error.mean()),
            "rmse": float(np.sqrt((error**2).mean())),
            "width 90": float(100 * (high - low).mean()),
        }
        out |= {name: self.mean(name).value for name in self.scores}
        for level, held in self.coverage().items():
            out[f"cover {100 * level:.0f}"] = held.value
            out[f"cover {100 * level:.0f} se"] = held.standard_error
        return out

    def by_election(self) -> dict[str, dict[str, Any]]:
        """Return `summary` of each election."""
        named: dict[str, set[str]] = {}
        for contest, election in zip(self.contests, self.elections, strict=True):
            named.setdefault(election, set()).add(contest)
        return {election: self.part(names).summary() for election, names in named.items()}

    def part(self, contests: Collection[str]) -> Backtest:
        """Return the forecasts of some of the contests.

        Parameters
        ----------
        contests : collection of str
            Their names.

        Raises
        ------
        InputError
            If there are none of these.
        """
        kept = [i for i, name in enumerate(self.contests) if name in contests]
        if not kept:
            raise InputError(
                f"backtest: must have some of these contests - found none of {list(contests)[:3]}"
            )
        return replace(
            self,
            contests=tuple(self.contests[i] for i in kept),
            elections=tuple(self.elections[i] for i in kept),
            first_share=self.first_share[kept],
            share=self.share[:, kept],
            turnout=self.turnout[:, kept],
            actual_share=self.actual_share[kept],
            actual_turnout=self.actual_turnout[kept],
        )

    @property
    def digest(self) -> str:
        """SHA-256 of contests and draws, as 16 hexadecimal digits."""
        sha = hashlib.sha256("\n".join(self.contests).encode())
        for array in (self.share, self.turnout, self.actual_share, self.actual_turnout):
            sha.update(np.ascontiguousarray(array).tobytes())
        return sha.hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the draws as plain data."""
        return {
            "model": self.model,
            "split": self.split,
            "digest": self.digest,
            "summary": self.summary(),
            "by election": self.by_election(),
            "contests": self._rows(),
        }

    def frames(self) -> Frames:
        """Return a row per contest."""
        return {"contests": self._rows}

    def shown(self) -> Shown:
        """Return the summary by election as a table."""
        columns = ("n", "bias", "rmse", "crps", "brier", "cover 50", "cover 90")
        parts = {**self.by_election(), "all": self.summary()}
        rows = [
            [name, *(f"{part[c]:.3f}" if c != "n" else str(part[c]) for c in columns)]
            for name, part in parts.items()
        ]
        return Shown(title=f"{self.model}, {self.split}", head=["election", *columns], rows=rows)

    def _score(self, name: str) -> FloatArray:
        if name not in self.scores:
            raise InputError(f"no score {name!r}; known: {', '.join(self.scores)}")
        return self.scores[name]

    def _clusters(self, known: Sequence[bool] | np.ndarray[Any, Any]) -> list[str]:
        return [e for e, k in zip(self.elections, known, strict=True) if k]

    def _rows(self) -> list[dict[str, Any]]:
        """Return one plain row per contest; nan becomes None."""
        low, high = central_interval(self.share, 0.9)
        columns = {
            "first_share": self.first_share,
            "share": self.share.mean(axis=0),
            "low": low,
            "high": high,
            "win_probability": self.win_probability,
            "actual_share": self.actual_share,
            "actual_turnout": self.actual_turnout,
            **self.scores,
        }
        plain = {k: [float(x) if np.isfinite(x) else None for x in v] for k, v in columns.items()}
        return [
            {"contest": c, "election": e, **{k: v[i] for k, v in plain.items()}}
            for i, (c, e) in enumerate(zip(self.contests, self.elections, strict=True))
        ]
