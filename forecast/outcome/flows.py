"""Flows of people: draws of the transfer table times the ledger, small origins together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Brief
from forecast.facts.ledger import Ledger

if TYPE_CHECKING:
    from forecast.outcome.forecast import Forecast

OTHERS = "others eliminated"
"""Name of the group of small eliminated candidates."""
OWN_ROWS = 4
"""Eliminated candidates with a row of their own."""
SMALL = 0.005
"""Fraction of all people under which an eliminated candidate is always small."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Flows(Brief):
    """People from groups of origins to destinations: mean, 5% and 95% points.

    Parameters
    ----------
    names, kinds : tuple of str
        Of the groups; kinds as in `Ledger`.
    destinations : tuple of str
        The finalists, then nobody.
    people : ndarray, shape (group,)
        Everybody who stood there.
    mean, low, high : ndarray, shape (group, destination)
        People.
    low_total, high_total : ndarray, shape (destination,)
        5% and 95% points of a destination's sum.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    destinations: tuple[str, ...]
    people: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    low_total: FloatArray
    high_total: FloatArray

    def taken(self, order: Sequence[int]) -> Flows:
        """Return the groups in another order."""
        at = list(order)
        arrays = {n: getattr(self, n)[at] for n in ("people", "mean", "low", "high")}
        names, kinds = (tuple(x[r] for r in at) for x in (self.names, self.kinds))
        return replace(self, names=names, kinds=kinds, **arrays)


def grouped_origins(ledger: Ledger) -> list[tuple[str, str, list[int]]]:
    """Return groups of origins: name, kind and positions in the ledger.

    All but the `OWN_ROWS` largest eliminated candidates, and all very small ones, are one group.
    """
    eliminated = [r for r, kind in enumerate(ledger.kinds) if kind == "eliminated"]
    large = [r for r in eliminated[:OWN_ROWS] if ledger.totals[r] >= SMALL * ledger.people]
    small = [r for r in eliminated if r not in large]
    if len(small) == 1:
        large, small = [*large, *small], []
    groups: list[tuple[str, str, list[int]]] = []
    for r, (origin, kind) in enumerate(zip(ledger.origins, ledger.kinds, strict=True)):
        if r in small:
            continue
        if kind not in ("finalist", "eliminated") and small:
            groups.append((OTHERS, "eliminated", small))
            small = []
        groups.append((origin, kind, [r]))
    return [*groups, (OTHERS, "eliminated", small)] if small else groups


def grouped_flows(forecast: Forecast) -> Flows:
    """Return flows between groups of origins and destinations, of the first 16,384 draws.

    The `OWN_ROWS` largest eliminated candidates are groups of their own.
    """
    ledger = forecast.ledger
    groups = grouped_origins(ledger)
    counts = ledger.totals.astype(float)
    tables = np.moveaxis(forecast.tables, 0, 2)
    people = np.stack([np.tensordot(counts[at], tables[at], axes=1) for _, _, at in groups])
    low, high = np.quantile(people, [0.05, 0.95], axis=2)
    low_total, high_total = np.quantile(people.sum(axis=0), [0.05, 0.95], axis=1)
    return Flows(
        names=tuple(name for name, _, _ in groups),
        kinds=tuple(kind for _, kind, _ in groups),
        destinations=ledger.destinations,
        people=np.array([counts[at].sum() for _, _, at in groups]),
        mean=people.mean(axis=2),
        low=low,
        high=high,
        low_total=low_total,
        high_total=high_total,
    )
