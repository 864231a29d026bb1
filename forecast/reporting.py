"""Reporting: what is counted so far on runoff night, matched with the units of the first round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.columns import Columns, IntArray, frozen
from forecast.contest import Contest
from forecast.errors import InputError, suggest
from forecast.returns import Returns

__all__ = ["Reporting", "most_voters", "reporting_of", "unlisted_units"]

GROWTH = 0.1
"""How much a unit's list may have grown since the first round."""
UNLISTED_GROWTH = 3.0
"""The same where there is no list, as a multiple of the first round's ballots."""
LEAST_HEADROOM = 0.02
"""Where fewer non-voters than this fraction of the ballots are listed, the list is no list."""
MOST_UNKNOWN = 0.1
"""Most units without a first round, as a fraction of those reported, before the file is refused."""
NAMED = 5
"""Units named in a note."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reporting:
    """Counts of a runoff night, in the order of the contest's units.

    Parameters
    ----------
    contest : Contest
        The first round.
    votes : ndarray of int64, shape (unit, finalist)
        Votes counted so far, finalists in the contest's order.
    counted : ndarray, shape (unit,)
        Fraction of each unit that is counted: 0 nothing, 1 all of it.
    changed : ndarray of bool, shape (unit,)
        Units that are not the same as in the first round; their votes count and teach nothing.
    elsewhere : ndarray of int64, shape (finalist,)
        Votes of units that are unknown in the first round.
    unknown, corrected, partial, merged : tuple of str
        Names of the units that were unknown, reported again, half reported, or counted in another.
    notes : tuple of str
        What a reader should know, one sentence each.
    """

    contest: Contest
    votes: IntArray
    counted: npt.NDArray[np.float64]
    changed: npt.NDArray[np.bool_]
    elsewhere: IntArray
    unknown: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def totals(self) -> dict[str, int]:
        """Votes counted so far by finalist, those of unknown units included."""
        sums = self.votes.sum(axis=0) + self.elsewhere
        return dict(zip(self.contest.finalists, sums.tolist(), strict=True))

    @property
    def units(self) -> int:
        """Number of units that have reported something."""
        return int((self.counted > 0).sum())

    @property
    def complete(self) -> bool:
        """Whether every unit is counted in full."""
        return bool((self.counted >= 1).all())


def reporting_of(contest: Contest, returns: Returns | Columns | Any) -> Reporting:
    """Match returns with a contest.

    Parameters
    ----------
    contest : Contest
        The first round.
    returns : Returns, or table of them
        Columns `unit` and one per finalist; optional `counted` (fraction of the unit that is
        counted, or percent above 1), and `attached_to` (another unit that holds this one's votes,
        or whose voters vote here). A unit that occurs again replaces itself: its last row counts.

    Returns
    -------
    Reporting

    Raises
    ------
    InputError
        If a finalist is missing, a cell breaks a rule, or more than a tenth of the units are
        unknown.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> night = pl.DataFrame({"unit": ["Vake", "Vake"], "zurabishvili": [40_000, 40_407],
    ...                       "vashadze": [20_768, 20_768]})
    >>> found = reporting_of(load_contest("georgia-2018"), night)
    >>> found.totals["zurabishvili"], found.corrected
    (40407, ('Vake',))
    """
    if isinstance(returns, Returns):
        if set(returns.finalists) != set(contest.finalists):
            raise InputError(
                f"returns: must be of the finalists {contest.finalists} - found {returns.finalists}"
            )
        columns = Columns(
            where="returns",
            values={"unit": returns.units}
            | {f: returns.votes[:, k].tolist() for k, f in enumerate(returns.finalists)},
        )
    else:
        columns = returns if isinstance(returns, Columns) else Columns.from_frame(returns)
    columns.require("unit", *contest.finalists)
    if not len(columns):
        return _matched(contest, {}, {}, ())
    names = columns.texts("unit")
    votes = np.stack([columns.counts(f) for f in contest.finalists], axis=1)
    counted = _counted(columns)
    attached = _attached(columns)
    rows: dict[str, int] = {}
    corrected: dict[str, None] = {}
    for i, name in enumerate(names):
        if name in rows and (
            (votes[i] != votes[rows[name]]).any() or counted[i] != counted[rows[name]]
        ):
            corrected[name] = None
        rows[name] = i
    last = {name: (votes[i], float(counted[i])) for name, i in rows.items()}
    others = {name: attached[i] for name, i in rows.items() if attached[i]}
    return _matched(contest, last, others, tuple(corrected))


def _counted(columns: Columns) -> npt.NDArray[np.float64]:
    """Return the counted fraction of every row."""
    if "counted" not in columns.values:
        return np.ones(len(columns))
    found = []
    for i, text in enumerate(columns.texts("counted")):
        try:
            number = float(text.removesuffix("%").strip())
        except ValueError:
            number = np.nan
        number = number / 100 if text.endswith("%") or number > 1 else number
        if not 0 <= number <= 1:
            raise InputError(
                f"{columns.row(i)}, 'counted': must be a fraction from 0 to 1 or a percentage - "
                f"found {text!r}; correct it"
            )
        found.append(number)
    return np.array(found)


def _attached(columns: Columns) -> list[str]:
    """Return the unit every row is attached to, or an empty text."""
    cells = columns.values.get("attached_to", [""] * len(columns))
    texts = ["" if cell is None else str(cell).strip() for cell in cells]
    return ["" if text == "nan" else text for text in texts]


def _matched(
    contest: Contest,
    last: Mapping[str, tuple[IntArray, float]],
    attached: Mapping[str, str],
    corrected: tuple[str, ...],
) -> Reporting:
    place = {unit: u for u, unit in enumerate(contest.units)}
    votes = np.zeros((len(place), len(contest.finalists)), dtype=np.int64)
    counted, changed = np.zeros(len(place)), np.zeros(len(place), dtype=bool)
    elsewhere = np.zeros(len(contest.finalists), dtype=np.int64)
    unknown = tuple(name for name in last if name not in place)
    if len(unknown) > max(1, MOST_UNKNOWN * len(last)):
        raise InputError(
            f"returns: units must be those of the first round - {len(unknown)} of {len(last)} are "
            f"unknown, such as {unknown[0]!r}; {suggest(unknown[0], tuple(place))} - do the two "
            "files belong together?"
        )
    for name, (row, fraction) in last.items():
        if name in place:
            u = place[name]
            votes[u] = row
            counted[u] = fraction if fraction > 0 or not row.any() else 0.5
        else:
            elsewhere += row
    merged = []
    for name, other in attached.items():
        if name not in place:
            continue
        changed[place[name]] = True
        if other in place and other != name:
            changed[place[other]] = True
            merged.append(name)
            if not votes[place[name]].any():
                counted[place[name]] = counted[place[other]]
    partial = tuple(u for u in place if 0 < counted[place[u]] < 1)
    over = votes.sum(axis=1) > most_voters(contest)
    changed |= over
    notes = [
        *_note(unknown, "unknown in the first round; their votes are counted, nothing is learned"),
        *_note(corrected, "reported again; the last report counts"),
        *_note(partial, "counted in part"),
        *_note(
            tuple(u for u in place if over[place[u]] and u not in attached),
            "with more votes than its voters and a margin; counted, not learned - check it",
        ),
        *_note(tuple(attached), "attached or merged since the first round; counted, not learned"),
    ]
    return Reporting(
        contest=contest,
        votes=frozen(votes),
        counted=counted,
        changed=changed,
        elsewhere=frozen(elsewhere),
        unknown=unknown,
        corrected=corrected,
        partial=partial,
        merged=tuple(merged),
        notes=tuple(notes),
    )


def _note(units: Sequence[str], what: str) -> list[str]:
    """Return a sentence about some units, or none."""
    if not units:
        return []
    named = ", ".join(units[:NAMED]) + (", ..." if len(units) > NAMED else "")
    return [f"{len(units)} unit{'s' * (len(units) > 1)} {what}: {named}"]


def unlisted_units(contest: Contest) -> npt.NDArray[np.bool_]:
    """Return which units have no list of voters, such as those abroad; shape (unit,)."""
    ballots = contest.votes.sum(axis=1) + contest.invalid
    if contest.electorate == "voters" or contest.registered is None:
        return np.ones(len(ballots), dtype=bool)
    return np.asarray(contest.registered - ballots <= LEAST_HEADROOM * ballots)


def most_voters(contest: Contest) -> npt.NDArray[np.int64]:
    """Return how many can vote in each unit at most, shape (unit,).

    Its list and a tenth more, for people who join between the rounds; where there is no list, the
    first round's ballots four times over.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> georgia = load_contest("georgia-2018")
    >>> dict(zip(georgia.units, most_voters(georgia).tolist()))["Vake"]
    111729
    """
    ballots = contest.votes.sum(axis=1) + contest.invalid
    most = np.ceil((1 + UNLISTED_GROWTH) * ballots)
    if contest.registered is not None and contest.electorate == "registered":
        listed = np.ceil((1 + GROWTH) * contest.registered - 1e-6)
        most = np.where(unlisted_units(contest), most, listed)
    return frozen(most)
