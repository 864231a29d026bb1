"""What the columns of a table are taken for so far, and the counts that they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from forecast.arrays import IntArray
from forecast.errors import InputError
from forecast.facts.asides import asides, further
from forecast.facts.column_kinds import of_kind
from forecast.facts.column_words import role_of
from forecast.files.columns import Columns

__all__ = ["RolesSoFar"]

EXACT = ("unit", "region", "registered", "invalid", "ballots", "counted", "attached_to",
         "reported", "version", "source")  # fmt: skip
"""Names that always mean themselves."""


class RolesSoFar:
    """One table while its columns are being recognised."""

    def __init__(self, columns: Columns, said: Mapping[str, str]) -> None:
        self.columns, self.said = columns, said
        self.why: dict[str, str] = {}
        self.counts: dict[str, IntArray] = {}
        self.known = False
        self.rows: frozenset[str] = frozenset()
        self.parts: set[str] = set()
        self.roles = {n: said.get(n) or (n if n in EXACT else role_of(n)) for n in columns.names}
        self.called = Counter(self.roles.values())
        self.asides = {
            name: why
            for name, why in asides(columns.names).items()
            if name not in said and name not in EXACT
        }
        self.further = {n: of for n, of in further(columns.names).items() if n not in said}

    @property
    def _fixed(self) -> set[str]:
        """Columns of which nobody has to be told more, rows of candidates aside."""
        return {*self.said} - self.rows

    def _ignore(self, name: str, why: str) -> None:
        self.roles[name], self.why[name] = "ignored", why

    def _take(self, name: str, why: str) -> None:
        self.roles[name], self.why[name] = "candidate", why

    def _people(self, name: str) -> IntArray:
        if name not in self.counts:
            try:
                self.counts[name] = self.columns.partial_counts(name)[0]
            except InputError:  # a broken cell is named once the roles are settled
                self.counts[name] = np.zeros(len(self.columns), dtype=np.int64)
        return self.counts[name]

    def _named(self, role: str) -> list[str]:
        return [name for name, found in self.roles.items() if found == role]

    def _whole(self, names: Iterable[str]) -> list[str]:
        """Return the columns of whole numbers among some."""
        return of_kind("whole", self.columns, names)

    @cached_property
    def _unsaid(self) -> list[str]:
        """Columns taken for candidates by nobody's word, of whole numbers."""
        return self._whole(n for n in self._named("candidate") if n not in self.said)

    def _votes(self) -> Any:
        names = self._whole(self._named("candidate"))
        return np.array([self._people(name) for name in names], dtype=np.int64)

    def _invalid(self) -> Any:
        """Return invalid ballots by unit; a column that is the sum of the others is dropped."""
        names = self._named("invalid")
        parts = np.array([self._people(name) for name in names], dtype=np.int64)
        if len(names) > 2:
            for k, name in enumerate(names):
                rest = np.delete(parts, k, axis=0).sum(axis=0)
                if name not in self.said and rest.sum() > 0 and (parts[k] == rest).all():
                    self._ignore(name, "the sum of the other invalid")
                    return rest
        return parts.sum(axis=0) if len(names) else np.zeros(len(self.columns), dtype=np.int64)

    def _counted(self) -> IntArray:
        parts = self._named("invalid") + self._unsaid
        table = np.array([self._people(n) for n in parts], dtype=np.int64)
        return np.asarray(table.sum(axis=0), dtype=np.int64)

    def _list(self) -> list[str]:
        """Return the first column of the registered, else of ballots, if it is whole numbers."""
        return self._whole((self._named("registered") or self._named("ballots"))[:1])

    def _has_room(self, own: IntArray) -> bool:
        """Return whether the lists, if there are any, have room for more votes in every row."""
        lists = self._list()
        if not lists:
            return True
        counted = self._votes().sum(axis=0) + self._invalid() + own
        return bool((counted <= self._people(lists[0])).all())
