"""What columns of a night's table hold beside the votes, and beside those of the first round."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.nights.progress import MOST_CHANGE, Progress
from forecast.facts.tables.counted_cells import (
    REMARKS,
    about_count,
    is_plain_state,
    kinds_of,
    reading,
    speaks,
    turned,
)
from forecast.facts.tables.report_order import (
    are_clocks,
    are_only_times,
    are_times,
    times_order_reports,
)
from forecast.facts.tables.worded_parts import part_in_remark
from forecast.facts.words.column_words import role_of, words_of
from forecast.facts.words.names import matched_units
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns
from forecast.files.numbers import given_texts, is_missing

NAMED = ("unit", "region", "registered", "invalid", "ballots", "attached_to", "source")
"""Names that always mean themselves, and nothing of the count."""
COUNTS = ("counted", "stations", "percent")
"""Roles of columns that have numbers of what is counted."""
MOST_KINDS = 4
"""Different cells of a column whose units are compared."""
NEAR = 0.6
"""Points by which a percentage may miss the ratio that it is."""
NEARLY, FAR = 0.85, 0.7
"""Votes of some units, as a part of those of others, that say that they are counted in part."""
LOOKED_AT = 500
"""Rows in which percentages are compared with ratios."""
FULL = 100
DIGITS = " 0123456789"
"""What numbers the columns of a block for each candidate: "Voix 1", "Voix 2"."""


def _hundredths(cells: Sequence[object]) -> FloatArray:
    """Return numbers as hundredths, 0 where they are missing."""
    texts = ["0" if is_missing(cell) else str(cell) for cell in cells]
    return np.array(texts, dtype=float) / FULL


class NightCells:
    """The columns of a night's table, those that are known and those that are not."""

    def __init__(
        self,
        columns: Columns,
        people: Mapping[str, str],
        first: Mapping[str, int],
    ) -> None:
        self.columns, self.people, self.first = columns, people, first
        self.wide = len(set(people.values())) > 1
        self.notes: list[str] = []

    def _free(self) -> Iterator[tuple[str, Sequence[object]]]:
        """Yield the columns of which nobody knows what they are."""
        for name in self.columns.free:
            cells = self.columns.values[name]
            known = name in self.people or name in NAMED
            known = known or (name == "version" and not are_times(cells, {name}))
            if not known and not all(map(is_missing, cells)):
                yield name, cells

    def _votes(self) -> list[Any]:
        """Return the columns of votes of people who are known."""
        return self._all_counts(self.people)

    def _all_counts(self, names: Iterable[str]) -> list[Any]:
        """Return the columns of whole numbers among some."""
        return [*self.columns.sound_counts(self.columns.of_kind("whole", names)).values()]

    def _counts(self, name: str) -> Any:
        """Return a column of whole numbers, None if it is no such column."""
        return self.columns.sound_counts(self.columns.of_kind("whole", [name])).get(name)

    def _unit_names(self) -> list[str]:
        """Return the unit of every row, empty if no single column names it."""
        values = self.columns.values
        named = (cells for name, cells in values.items() if self._names_units(name, cells))
        return [str(cell).strip() for cell in values.get("unit") or next(named, ())]

    def _names_units(self, name: str, cells: Sequence[object]) -> bool:
        """Return whether a column names the units, as no other does."""
        texts = [str(cell).strip() for cell in cells]
        if self.first:
            distinct = dict.fromkeys(texts)
            hits = distinct.keys() & self.first.keys()
            hits = hits or {*matched_units([*distinct], tuple(self.first))}
            return 2 * len(hits) > len(distinct) or len(distinct) == len(texts) <= 2 * len(hits)
        others = (n for n in self.columns.names if n != name)
        return role_of(name) == "unit" and not any("unit" in (n, role_of(n)) for n in others)

    def _are_of_units(self, cells: Sequence[object]) -> bool:
        """Return whether every unit has one cell: in a row for it, or in its candidates' rows."""
        people = (n for n in self.columns.names if role_of(n) == "candidate")
        if self.wide or not self.columns.of_kind("text", people):
            return self.wide
        names = self._unit_names()
        return len({*zip(names, map(str, cells), strict=False)}) == len({*names}) > 0

    def _differ(self, cells: Sequence[object], least: float) -> bool | None:
        """Return whether units of some cells have far fewer votes than others, None if unknown.

        That is where the median of their votes over those of the first round is less than a part
        of that of the others.
        """
        values = {*map(str, cells)}
        if len(values) > MOST_KINDS or 2 * len(values) > len(cells) or values <= {*self.people}:
            return None
        medians = self._medians([str(cell) for cell in cells])
        return min(medians) < least * max(medians) if len(medians) > 1 else None

    def _medians(self, groups: Sequence[object]) -> list[float]:
        """Return the median of the votes of each group of units over those of the first round."""
        seen = self._progress
        known = (seen.before > 0) & (seen.votes > 0)
        if not known.any() or len(set(self._unit_names())) < len(groups):
            return []
        part, labels = seen.votes[known] / seen.before[known], np.array(groups)[known]
        return [float(np.median(part[labels == label])) for label in np.unique(labels)]

    @cached_property
    def _progress(self) -> Progress:
        """Return the votes of the unit of every row, in the runoff and in the first round."""
        texts, votes = self._unit_names(), self._votes() or self._votes_of_rows()
        if not votes or not texts:
            return Progress(votes=np.zeros(len(self.columns)), before=np.zeros(len(self.columns)))
        written = matched_units(texts, tuple(self.first))
        before = np.array([self.first.get(written.get(t, t), 0) for t in texts])
        _, place = np.unique(texts, return_inverse=True)
        sums = np.sum(votes, axis=0)
        return Progress(votes=sums if self.wide else np.bincount(place, sums)[place], before=before)

    def _votes_of_rows(self) -> list[Any]:
        """Return the votes of a table with a row, or a block of columns, for each candidate."""
        names = [n for n in self.columns.names if role_of(n) == "votes"]
        names = [n for n in names if "unit" not in words_of(n)]
        return self._all_counts(n for n in names if n.rstrip(DIGITS) == names[0].rstrip(DIGITS))

    def _is_share(self, numbers: Any) -> bool:
        """Return whether percentages in rows of candidates are those of their votes in a unit."""
        votes, texts = self._votes_of_rows(), self._unit_names()
        if self.wide or len(votes) != 1 or not texts:
            return False
        _, place = np.unique(texts, return_inverse=True)
        sums, own = (np.bincount(place, x)[place] for x in (numbers, votes[0]))
        shares = sums * votes[0] / np.maximum(own, 1)
        apart = len({*zip(place.tolist(), numbers.tolist(), strict=True)}) > place.max() + 1
        return apart and bool((np.abs(shares - numbers) <= NEAR).all())

    def _are_times_of_count(self, name: str, cells: Sequence[object]) -> bool:
        """Return whether a column whose name speaks of the count has times, and says no more.

        Hours and minutes such as 20.10 may be percentages: the votes tell, or it is refused.
        """
        if not self._speaks(name):
            return False
        if are_only_times(cells) or not are_clocks(cells) or "percent" in words_of(name):
            return are_only_times(cells)
        if self._are_clocks(cells):
            return True
        if role_of(name) in COUNTS or self._progress.goes_with(_hundredths(cells)):
            return False
        raise InputError(
            f"{self.columns.where}: column {name!r} may have times or percentages - found "
            f"{', '.join(given_texts(cells)[:3])}; say which with columns=: --columns "
            f"'{name}=reported' for times, '{name}=counted' for percentages"
        )

    def _speaks(self, name: str) -> bool:
        """Return whether a name speaks of the count, and not of what remains."""
        return (speaks(name) or role_of(name) in COUNTS) and not turned(name)

    def _are_clocks(self, cells: Sequence[object]) -> bool:
        """Return whether numbers like 20.10 are times: as percentages they leave no such votes."""
        if not are_clocks(cells):
            return False
        seen = self._progress
        return bool(0 < (_hundredths(cells) * seen.before).sum() < MOST_CHANGE * seen.votes.sum())

    def _order_reports_by(self, cells: Sequence[object]) -> int:
        """Return how many reports of units the times of a column of any name put behind others."""
        if not (are_only_times(cells) or self._are_clocks(cells)):
            return 0
        names, votes = self._unit_names(), self._votes()
        if not self.wide:
            who = [n for n in self.columns.names if role_of(n) == "candidate"]
            names = [
                " ".join(row) for row in zip(names, *map(self.columns.texts, who), strict=False)
            ]
            votes = self._all_counts(n for n in self.columns.names if role_of(n) == "votes")[:1]
        return times_order_reports(cells, names, np.sum(votes, axis=0)) if votes else 0

    def _as_full(self, cells: Sequence[object]) -> bool:
        """Return whether units that cells seem to call partial have as many votes as the others."""
        values = [0.0 if s is None else s.value for s in map(reading, cells)]
        most = FULL if max(values) > 1 else 1
        medians = self._medians([value <= FAR * most for value in values])
        return len(medians) > 1 and min(medians) >= NEARLY * max(medians)

    def _remarks(self, name: str, cells: Sequence[object]) -> bool:
        """Write "final" for what remarks leave unsaid, and return whether some say "in part".

        None of the others may speak of the count. What stands beside all units of which the votes
        look complete is said of the whole table, and left.
        """
        if self.columns.kind(name) != "text" or not self._are_of_units(cells):
            return False
        if not self._is_remark(name) and (
            role_of(name) or speaks(name) or about_count(name) or not any(map(is_missing, cells))
        ):
            return False
        said = {cell: part_in_remark(str(cell)) for cell in {*cells} if not is_missing(cell)}
        if not any(said.values()) or any(is_plain_state(c) for c, part in said.items() if not part):
            return False
        parts, voted = [said.get(cell, "") for cell in cells], self._progress.votes > 0
        beside = np.array([bool(part) for part in parts])
        if beside[voted].all() and self._progress.looks_full:
            return False
        kept = [part or ("final" if some else None)
                for part, some in zip(parts, voted.tolist(), strict=True)]  # fmt: skip
        self.columns = self.columns.with_columns({name: kept})
        return True

    def _is_remark(self, name: str) -> bool:
        """Return whether a column is called one of remarks."""
        return not REMARKS.isdisjoint(folded(name).split())

    def _are_silent(self, cells: Sequence[object], texts: Collection[object]) -> bool:
        """Return whether some texts stand only beside units without votes."""
        rows = np.isin(np.array([*map(str, cells)]), [*map(str, texts)])
        return len(rows) == len(self._progress.votes) and not self._progress.votes[rows].any()

    def _sets_silent_apart(self, cells: Sequence[object]) -> bool:
        """Return whether all units without votes have one cell, and those with votes several."""
        texts, voted = np.array([*map(str, cells)]), self._progress.votes > 0
        none, some = {*texts[~voted].tolist()}, {*texts[voted].tolist()}
        return len(none) == 1 < len(some) and none.isdisjoint(some)

    def _as_counted(self, cells: Sequence[object]) -> bool:
        """Return whether percentages may well be of what is counted, by where they are 0 and 100.

        They go with the votes; or some units are at 100 and others on the way, and those at 0 are
        those without votes; where every unit has votes, most are at 100, and nothing shows that the
        others are complete.
        """
        kinds = kinds_of(cells)
        if not kinds <= {"percent", "number", "flag"} or kinds <= {"flag"}:
            return False
        values = np.array([0.0 if s is None else s.value for s in map(reading, cells)])
        most = FULL if values.max() > 1 else 1
        if values.max() <= most and self._progress.goes_with(values / most):
            return True
        full, voted = values == most, self._progress.votes > 0
        if not full.any() or not (~full & (values > 0)).any() or not voted.any():
            return False
        if not voted.all():
            return bool(((values > 0) == voted).all())
        return bool((values > 0).all() and 2 * full.sum() >= len(full) and not self._as_full(cells))

    def _is_large(self, name: str) -> bool:
        """Return whether a column counts more than a percentage can be."""
        counts = self._counts(name)
        return counts is not None and int(counts.max()) > FULL

    def _about_somebody(self, name: str) -> bool:
        """Return whether the name of a column has a word of a name of people."""
        people = {word for n in (*self.people, *self.people.values()) for word in folded(n).split()}
        return not people.isdisjoint(folded(name).split())

    def _is_ratio(self, numbers: Any) -> bool:
        """Return whether percentages are those of two columns of counts, or a lead."""
        rows = slice(0, LOOKED_AT)
        counts = self._all_counts(self.columns.names)
        if not counts:
            return False
        table = np.array(counts, dtype=float)[:, rows]
        people = self._votes()
        voted = [np.asarray(c, dtype=float)[rows] for c in people]
        sums = [np.sum(voted, axis=0)] if people else []
        leads = [abs(voted[0] - voted[1])] if len(people) == 2 else []
        parts = [*table, *leads, *sums]
        for whole in (*table, *sums):
            known = whole > 0
            near = abs(FULL * np.array(parts)[:, known] / whole[known] - numbers[rows][known])
            if known.any() and (near <= NEAR).all(axis=1).any():
                return True
        return False
