"""Who decided it: what every origin adds to the margin of one finalist over another.

Without the voters of origin r the margin of a over b is smaller by ``people_ra - people_rb``. That
is so if they stay at home, and it is so if as many of them vote and split evenly, since an even
split moves no margin: one number of votes answers both. The two differ in points of the vote, for
the votes themselves are there in the one and missing in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from forecast.arrays import FloatArray, check_level, tails
from forecast.display import Displayed, Frames, Shown, Tabular
from forecast.errors import InputError
from forecast.files.saved import Saved

TOLD = 0.2
"""Part of an interval that a mean must reach to tell something."""
MOST = 12
"""Origins that are printed, those with most net votes for either side."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Contributions(Displayed, Tabular, Saved):
    """What each origin adds to the margin between the leading two; made by `.contributions()`.

    Parameters
    ----------
    origins : tuple of str
        Rows.
    finalist, rival : str
        Whose margin over whom.
    level : float
        Level of the intervals.
    people : ndarray, shape (origin,)
        Everybody who stood there.
    votes : ndarray, shape (3, origin)
        Net votes for `finalist` against `rival`: mean, lower and upper end. In every draw they add
        up to the margin; they are what is lost if the origin stays at home, or splits evenly.
    points_if_home, points_if_even : ndarray, shape (3, origin)
        By how much of the vote the margin is larger than if the origin stayed at home, or voted
        as much and split evenly: fractions, likewise.
    decisive : ndarray, shape (origin,)
        Probability that somebody else is ahead without it; never 0 or 1.
    margin : ndarray, shape (3,)
        The margin of all together, in votes.
    labels : mapping of str to str
        Names to print.
    notes : tuple of str
        What else to know, one sentence each.
    """

    origins: tuple[str, ...]
    finalist: str
    rival: str
    level: float
    people: FloatArray
    votes: FloatArray
    points_if_home: FloatArray
    points_if_even: FloatArray
    decisive: FloatArray
    margin: FloatArray
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def order(self) -> list[int]:
        """Rows by how many net votes they bring, the most for either side first."""
        return [int(r) for r in np.argsort(-np.abs(self.votes[0]), kind="stable")]

    def label(self, name: str) -> str:
        """Return the name to print."""
        return self.labels.get(name, name)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per origin, ready for JSON, a data frame or a CSV file; fractions."""
        found = []
        for r, origin in enumerate(self.origins):
            row: dict[str, Any] = {"origin": origin, "people": float(self.people[r])}
            for name, values in (
                ("net_votes", self.votes),
                ("points_if_home", self.points_if_home),
                ("points_if_even", self.points_if_even),
            ):
                for end, value in zip(("", "_low", "_high"), values, strict=True):
                    row[name + end] = float(value[r])
            row["decisive"] = float(self.decisive[r])
            found.append(row)
        return found

    def frames(self) -> Frames:
        """Return the rows."""
        return {"contributions": self.rows}

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, ready for JSON."""
        mean, low, high = map(float, self.margin)
        return {
            "finalist": self.finalist,
            "rival": self.rival,
            "level": self.level,
            "margin": {"mean": mean, "low": low, "high": high},
            "rows": self.rows(),
        }

    def shown(self) -> Shown:
        """Return net votes, points and how often an origin decides, as a table."""
        rows = [
            [
                self.label(self.origins[r]),
                _signed(*self.votes[:, r]),
                _points(*self.points_if_home[:, r]),
                _points(*self.points_if_even[:, r]),
                _rounded(self.decisive[r]),
            ]
            for r in self.order[:MOST]
        ]
        a, b = self.label(self.finalist), self.label(self.rival)
        return Shown(
            title=f"Net votes for {a} against {b}, by origin",
            head=["from", "net votes", "points, if at home", "if split evenly", "decides it"],
            rows=rows,
            total=[*self._rest(), ["all", _signed(*self.margin), "", "", ""]],
            notes=[
                f"mean [{self.level:.0%} interval]; net votes are what the margin would lose if "
                "the origin stayed at home or split evenly",
                "decides it: probability that somebody else would be ahead without it",
                *self.notes,
            ],
        )

    def _rest(self) -> list[list[str]]:
        """Return one line for the rows that are not shown."""
        rest = self.order[MOST:]
        net = f"{float(self.votes[0, rest].sum()):+,.0f}"
        return [[f"{len(rest)} more", net, "", "", ""]] if rest else []

    def sentence(self, most: int = 3) -> str:
        """Return the largest net votes from outside the two finalists' own voters, in words.

        Left out are origins of which nobody can say to whom they bring votes: those whose mean is
        less than a fifth of the interval.
        """
        mean, low, high = self.votes
        told = np.abs(mean) > TOLD * (high - low)
        outside = [r for r in self.order if self.origins[r] not in (self.finalist, self.rival)]
        parts = [
            f"{self.label(self.origins[r])} {_signed(*self.votes[:, r])}"
            for r in outside[:most]
            if told[r]
        ]
        return f"net votes for {self.label(self.finalist)}: {'; '.join(parts)}" if parts else ""


def contributions(
    people: FloatArray,
    *,
    origins: Sequence[str],
    finalists: Sequence[str],
    level: float,
    finalist: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> Contributions:
    """Return what each origin adds to the margin between the leading two.

    Parameters
    ----------
    people : ndarray, shape (draw, origin, destination)
        People by cell; the finalists are the first destinations.
    origins, finalists : sequence of str
        Names.
    level : float
        Level of the intervals.
    finalist : str, optional
        Whose margin over the strongest other; by default of who has most votes on average.
    labels : mapping of str to str, optional
        Names to print.

    Raises
    ------
    InputError
        If `finalist` is none of the finalists, there are fewer than two, or `level` is no
        probability.

    Notes
    -----
    With V the votes, v those of an origin, c its net votes and m the margin, the points of the
    margin are ``m / V``; without the origin ``(m - c) / (V - v)``, and with its votes split evenly
    ``(m - c) / V``.

    Examples
    --------
    >>> table = np.array([[[8.0, 1.0, 1.0], [2.0, 5.0, 3.0]]])
    >>> found = contributions(table, origins=["x", "y"], finalists=["ada", "ben"], level=0.9)
    >>> found.finalist, found.votes[0].tolist(), float(found.margin[0])
    ('ada', [7.0, -3.0], 4.0)
    """
    check_level(level)
    if len(finalists) < 2:
        raise InputError("contributions: a margin needs two finalists - found fewer")
    cells = people[:, :, : len(finalists)]
    votes = cells.sum(axis=1)
    a, b = _leading_two(votes, finalists, finalist)
    net, margin = cells[..., a] - cells[..., b], votes[:, a] - votes[:, b]
    own, valid = cells.sum(axis=2), votes.sum(axis=1)[:, None]
    whole = margin[:, None] / np.maximum(valid, 1e-9)
    without = (margin[:, None] - net) / np.maximum(valid - own, 1e-9)
    return Contributions(
        origins=tuple(origins),
        finalist=finalists[a],
        rival=finalists[b],
        level=level,
        people=people.sum(axis=2).mean(axis=0),
        votes=_middle(net, level),
        points_if_home=_middle(whole - without, level),
        points_if_even=_middle(net / np.maximum(valid, 1e-9), level),
        decisive=_decisive(cells, votes),
        margin=_middle(margin, level),
        labels=dict(labels or {}),
    )


def _leading_two(
    votes: FloatArray, finalists: Sequence[str], finalist: str | None
) -> tuple[int, int]:
    if finalist is not None and finalist not in finalists:
        raise InputError(
            f"contributions: must be of a finalist - found {finalist!r}; choose one of "
            f"{', '.join(finalists)}"
        )
    ranked = [int(k) for k in np.argsort(-votes.mean(axis=0), kind="stable")]
    first = ranked[0] if finalist is None else list(finalists).index(finalist)
    return first, next(k for k in ranked if k != first)


def _middle(draws: FloatArray, level: float) -> FloatArray:
    """Return mean and ends of the central interval over the first axis, stacked in front."""
    ends = np.quantile(draws, tails(level), axis=0)
    return np.stack([draws.mean(axis=0), *ends])


def _decisive(cells: FloatArray, votes: FloatArray) -> FloatArray:
    """Return P(another is ahead without an origin), shape (origin,)."""
    left = (votes[:, None] - cells).argmax(axis=2)
    changed = (left != votes.argmax(axis=1)[:, None]).sum(axis=0)
    return np.asarray((changed + 0.5) / (len(votes) + 1.0))


def _signed(mean: float, low: float, high: float) -> str:
    m, a, b = (f"{float(f'{x:.3g}') + 0.0:+,.0f}" for x in (mean, low, high))
    return f"{m} [{a}, {b}]"


def _points(mean: float, low: float, high: float) -> str:
    m, a, b = (f"{round(100 * x, 1) + 0.0:+.1f}" for x in (mean, low, high))
    return f"{m} [{a}, {b}]"


def _rounded(p: float) -> str:
    return "<1%" if p < 0.01 else ">99%" if p > 0.99 else f"{100 * p:.0f}%"
