"""Which units the table cannot explain, and what may be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import betainc

from forecast.arrays import FloatArray, IntArray
from forecast.display import Displayed, Frames, Shown, Tabular
from forecast.files.saved import Saved
from forecast.transfers.returns.counts import Counts, Mask
from forecast.transfers.returns.density import TransferDensity
from forecast.transfers.returns.reading import Reading

SURE = 0.05
"""Units are named so that a contest without odd units names one in so many cases, at most."""
AS_USUAL = 0.05
"""An exchange explains a unit that would then be exceeded by at least this part of all units."""
MOST_ODD = 0.1
"""Largest part of the people in odd units that may count as expected: what many units do is how
people moved, whatever the table expects."""
MOST_NAMED, NAMED = 10, 3
"""Odd units that a printout names, and a sentence."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UnitResiduals(Displayed, Tabular, Saved):
    """How every unit fits the table.

    Parameters
    ----------
    units, destinations : tuple of str
        Names.
    counted, expected : array (unit, destination)
        People by destination, and those that the unit's origins and composition let one expect.
    weight : array (unit,)
        About one; an odd unit weighs less. Zero for units that were set aside.
    tail : array (unit,)
        How probable so large a distance is in one unit of the model.
    exchanged : mapping of int to pair of int
        Odd units that fit if two destinations are exchanged.
    aside : mapping of str to str
        Units that were left out of the inference, and why.
    labels : mapping of str to str
        Names to print instead.
    """

    units: tuple[str, ...]
    destinations: tuple[str, ...]
    counted: FloatArray
    expected: FloatArray
    weight: FloatArray
    tail: FloatArray
    exchanged: Mapping[int, tuple[int, int]]
    aside: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def odd(self) -> IntArray:
        """Places of the units that the table cannot explain, the oddest first."""
        found = np.flatnonzero(self.tail * max(len(self.units), 1) < SURE)
        return found[np.argsort(self.tail[found], kind="stable")]

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a unit: counted and expected by destination, weight, remark."""
        odd = set(self.odd.tolist())
        found = []
        for u, unit in enumerate(self.units):
            row: dict[str, Any] = {"unit": unit}
            for j, name in enumerate(self.destinations):
                row[f"{name}_counted"] = int(self.counted[u, j])
                row[f"{name}_expected"] = round(float(self.expected[u, j]), 1)
            row["weight"] = round(float(self.weight[u]), 3)
            row["remark"] = self.aside.get(unit, self._remark(u) if u in odd else "")
            found.append(row)
        return found

    def frames(self) -> Frames:
        """Return the rows."""
        return {"units": self.rows}

    def _remark(self, u: int) -> str:
        if u in self.exchanged:
            one, other = (self._label(j) for j in self.exchanged[u])
            return f"odd; fits if {one} and {other} are exchanged"
        return "odd"

    def _label(self, j: int) -> str:
        name = self.destinations[j]
        return self.labels.get(name, name)

    def lines(self) -> list[str]:
        """Return what should be said of odd units, one line each; nothing where all fit."""
        found = [f"set aside: {unit} ({reason})" for unit, reason in self.aside.items()]
        for u in self.odd:
            j = int(np.abs(self.counted[u] - self.expected[u]).argmax())
            found.append(
                f"unexplained: {self.units[u]} has {self.counted[u, j]:,.0f} for {self._label(j)}, "
                f"where {self.expected[u, j]:,.0f} are expected; it weighs {self.weight[u]:.2f}"
                + (f"; {self._remark(u)[5:]}" if u in self.exchanged else "")
            )
        more = len(found) - MOST_NAMED
        return found[:MOST_NAMED] + ([f"and {more:,} more such units"] if more > 0 else [])

    def shown(self) -> Shown:
        """Return the units that fit the table least, with people counted and expected."""
        odd = self.odd.tolist()
        fit = len({*self.units} - {self.units[u] for u in odd} - {*self.aside})
        rows = [
            [
                self.units[u],
                *(
                    f"{n:,.0f} ({x:,.0f})"
                    for n, x in zip(self.counted[u], self.expected[u], strict=True)
                ),
                f"{self.weight[u]:.2f}",
                self._remark(u) if u in odd else "",
            ]
            for u in np.argsort(self.tail, kind="stable")[: max(NAMED, min(len(odd), MOST_NAMED))]
        ]
        more = len(odd) - len(rows)
        return Shown(
            title=f"{fit:,} of {len(self.units):,} units fit the table" if fit < len(self.units)
            else f"all {fit:,} units fit the table",
            head=["unit", *map(self._label, range(len(self.destinations))), "weight", ""],
            rows=rows,
            notes=[
                *[f"and {more:,} more odd units"] * (more > 0),
                "people counted (expected) in the units that fit least",
                *[f"set aside: {u} ({why})" for u, why in [*self.aside.items()][:MOST_NAMED]],
            ],
        )  # fmt: skip


def as_expected(reading: Reading, aside: Mask) -> Reading:
    """Return a reading whose odd units, and those set aside, have the counts one expects of them.

    What cannot be explained must not move the totals that tables are made to meet: five hundred
    votes entered in the wrong column would otherwise be five hundred people who changed sides. The
    reading is from all units but those set `aside` (unit,).
    """
    origins, destinations = reading.cells
    part = reading.counts.select(origins, destinations, np.ones(len(aside), dtype=bool))
    expected, _, tail, _ = unit_residuals(reading.density, reading.mode, part)
    told = part.people > 0
    odd = told & (aside | (tail * max(int(told.sum()), 1) < SURE))
    if not odd.any() or reading.counts.people[odd].sum() > MOST_ODD * reading.counts.people.sum():
        return reading
    counts = reading.counts.destinations.copy()
    there = np.maximum(expected[odd], 0.0)
    there *= (reading.counts.people[odd] / np.maximum(there.sum(axis=1), 1e-9))[:, None]
    counts[:, odd] = 0.0
    counts[np.ix_(destinations, odd)] = there.T
    return replace(reading, counts=replace(reading.counts, destinations=counts))


def unit_residuals(
    density: TransferDensity, mode: FloatArray, counts: Counts
) -> tuple[FloatArray, FloatArray, FloatArray, dict[int, tuple[int, int]]]:
    """Return expectation, weight and tail probability by unit, and exchanges that explain.

    `counts` are of the units to look at, with the density's origins and destinations; `mode`
    (size,) is where the density is highest.

    Notes
    -----
    With t units, ``q / F`` follows an F distribution with F and nu degrees of freedom, and so
    ``P(q' > q)`` is a regularised incomplete beta function of ``nu / (nu + q)``.
    """
    vars(counts).update(composition=density.counts.composition)
    found = density.units(mode, counts)
    tail = _tail(found.distance, density)
    exchanged: dict[int, tuple[int, int]] = {}
    odd = np.flatnonzero(tail * max(len(tail), 1) < SURE)
    for one, other in combinations(range(density.shape[1]), 2):
        order = np.arange(density.shape[1])
        order[[one, other]] = other, one
        part = Counts(
            origins=counts.origins[:, odd], destinations=counts.destinations[:, odd][order]
        )
        vars(part).update(composition=density.counts.composition)
        for u in odd[_tail(density.units(mode, part).distance, density) > AS_USUAL]:
            exchanged.setdefault(int(u), (one, other))
    return found.expected, found.weight, tail, exchanged


def _tail(distance: FloatArray, density: TransferDensity) -> FloatArray:
    df, free = density.settings.df, density.shape[1] - 1
    return np.asarray(betainc(0.5 * df, 0.5 * free, df / (df + distance)))


def margin_notes(
    units: Sequence[str], counted: Counts, taken: Counts, pair: Sequence[int]
) -> tuple[str, ...]:
    """Return what was counted between two finalists, where some units are taken as expected.

    `counted` is what was counted, `taken` what the table meets; `pair` are two destinations.
    """
    odd = np.flatnonzero((counted.destinations != taken.destinations).any(axis=0))
    if not len(odd):
        return ()
    first, second = counted.destinations[list(pair)].sum(axis=1)
    more = f" and {len(odd) - NAMED} more" if len(odd) > NAMED else ""
    return (
        f"taken as expected, not as counted: {', '.join(units[u] for u in odd[:NAMED])}{more}; the "
        f"margin of all that was counted is {first - second:+,.0f}",
    )
