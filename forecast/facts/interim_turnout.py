"""Interim turnout: how many had voted by some hour of each round, and the runoff's lists.

Many countries publish it while people still vote (Georgia at 12:00 and 17:00, Poland at 12:00 and
17:00, France at noon and 17:00). It is known before the first vote is counted, and it says where
more people come out than in the first round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, frozen, read_only
from forecast.display import Displayed, Shown
from forecast.facts.contest import Contest
from forecast.signatures import refuses_other_kinds

MOST = 12
"""Units that are printed, those whose turnout changed most."""
LEAST_VARIANCE = 1e-4
"""Least variance of changes between units or regions."""


class Change(NamedTuple):
    """The change of turnout, in logits.

    Parameters
    ----------
    around : ndarray, shape (unit,)
        That of each unit, around the contest's.
    mean : float
        That of the contest: the mean by people.
    noise : float
        Variance of the sampling noise in the mean.
    basis : float
        Fraction of the people of whom it is known.
    """

    around: FloatArray
    mean: float
    noise: float
    basis: float


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InterimTurnout(Displayed):
    """What is known of turnout on the day of a runoff before anything is counted.

    Parameters
    ----------
    contest : Contest
        The first round.
    change : ndarray, shape (unit,)
        Logit of turnout by some hour of the runoff minus that by the same hour of the first round;
        NaN where it is not known.
    noise : ndarray, shape (unit,)
        Variance of the sampling noise in it; 0 where turnout was given as a fraction, which may be
        that of a larger area.
    growth : ndarray, shape (unit,)
        The runoff's list over the first round's; 1 where it is not known.
    notes : tuple of str
        What a reader should know, one sentence each.

    Examples
    --------
    >>> from forecast import load_turnout
    >>> came = load_turnout("georgia-2018")
    >>> came.units, came.change.shape
    (74, (74,))
    """

    contest: Contest
    change: FloatArray
    noise: FloatArray
    growth: FloatArray
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("change", "noise", "growth"):
            array = read_only(np.array(getattr(self, name), dtype=float))
            object.__setattr__(self, name, array)

    def shown(self) -> Shown:
        """Return the units where turnout changed most, in logits."""
        known = np.flatnonzero(np.isfinite(self.change))
        order = known[np.argsort(-np.abs(self.change[known]), kind="stable")]
        rows = [
            [self.contest.units[u], f"{self.change[u]:+.2f}", f"{self.growth[u]:.3f}"]
            for u in order[:MOST]
        ]
        more = len(order) - len(rows)
        return Shown(
            title=f"{self.contest.title or self.contest.name}: turnout on the day of the runoff",
            facts=[f"known of {self.units:,} of {len(self.change):,} units"],
            head=["unit", "change, in logits", "list, of the first round's"],
            rows=rows,
            notes=[*[f"and {more:,} more units"] * (more > 0), *self.notes],
        )

    @property
    def units(self) -> int:
        """Number of units whose change of turnout is known."""
        return int(np.isfinite(self.change).sum())

    def smoothed(self, people: FloatArray) -> Change:
        """Return the change of every unit with its sampling noise taken out.

        Parameters
        ----------
        people : ndarray, shape (unit,)
            People of each unit.

        Notes
        -----
        With v the noise of a unit, t the variance between units of a region and b that between
        regions (by moments, since means are fitted), the mean of a region keeps ``b / (b + e)`` of
        its distance from the contest's, e being its error, and a unit ``t / (t + v)`` of its
        distance from that. A unit that is not known is like its region, or like the contest if
        nothing of the region is.
        """
        known = np.isfinite(self.change) & (people > 0)
        weight = np.where(known, people, 0.0)
        change, noise = (np.where(known, x, 0.0) for x in (self.change, self.noise))
        total = max(float(weight.sum()), 1e-9)
        mean = float(weight @ change) / total
        member = np.zeros(len(change), dtype=np.int64)
        if self.contest.regions is not None:
            _, member = np.unique(np.asarray(self.contest.regions), return_inverse=True)
        sums = np.bincount(member, weight)
        part = weight / np.maximum(sums, 1e-9)[member]
        centre = np.bincount(member, part * (change - mean))
        away = np.where(known, change - mean - centre[member], 0.0)
        accident = np.bincount(member, part**2 * noise)
        freedom = 1 - 2 * part + np.bincount(member, part**2)[member]
        left = away**2 - (1 - 2 * part) * noise - accident[member]
        between = max(float(weight @ left) / max(float(weight @ freedom), 1e-9), LEAST_VARIANCE)
        error = accident + between * np.bincount(member, part**2)
        regions = max(float(sums @ (centre**2 - error)) / total, LEAST_VARIANCE)
        kept = (centre * regions / (regions + error))[member]
        away = np.where(known, change - mean - kept, 0.0)
        return Change(
            around=kept + away * between / (between + noise),
            mean=mean,
            noise=float(weight**2 @ noise) / total**2,
            basis=float(weight.sum() / max(people.sum(), 1e-9)),
        )


GROWTH = 0.1
"""How much a unit's list may have grown since the first round."""


UNLISTED_GROWTH = 3.0
"""The same where there is no list, as a multiple of the first round's ballots."""


LEAST_HEADROOM = 0.02
"""Where fewer non-voters than this fraction of the ballots are listed, the list is no list."""


def unlisted_units(contest: Contest) -> npt.NDArray[np.bool_]:
    """Return which units have no list of voters, such as those abroad; shape (unit,)."""
    ballots = contest.ballots
    if contest.electorate == "voters" or contest.registered is None:
        return np.ones(len(ballots), dtype=bool)
    return np.asarray(contest.registered - ballots <= LEAST_HEADROOM * ballots)


def most_voters(
    contest: Contest, growth: npt.NDArray[np.float64] | None = None
) -> npt.NDArray[np.int64]:
    """Return how many can vote in each unit at most, shape (unit,).

    Its list and a tenth more, for people who join between the rounds; where there is no list, the
    first round's ballots four times over, or an estimate shared out over the units if that is more.

    Parameters
    ----------
    contest : Contest
        The first round.
    growth : ndarray, shape (unit,), optional
        The runoff's list over the first round's, where it is known; the list is then the longer.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> georgia = load_contest("georgia-2018")
    >>> dict(zip(georgia.units, most_voters(georgia).tolist()))["Vake"]
    111729
    """
    ballots = contest.ballots
    most = np.ceil((1 + UNLISTED_GROWTH) * ballots)
    if contest.registered is not None and contest.electorate == "registered":
        longer = contest.registered * (1.0 if growth is None else np.maximum(growth, 1.0))
        listed = np.ceil((1 + GROWTH) * longer - 1e-6)
        most = np.where(unlisted_units(contest), most, listed)
        exact = contest.registered.sum() * (ballots / max(ballots.sum(), 1))
        if len(ballots) > 1 and (np.abs(contest.registered - exact) <= 1).all():
            most = np.maximum(np.ceil((1 + UNLISTED_GROWTH) * ballots), listed)
    return frozen(most)
