"""What sums of columns say of them, whatever their names are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from itertools import takewhile
from typing import Any

import numpy as np

from forecast.arrays import IntArray
from forecast.errors import InputError
from forecast.facts.tables.asides import asides, further
from forecast.facts.tables.summed_columns import (
    accounts,
    candidates_by_sums,
    left_out,
    sums_of_runs,
)
from forecast.facts.words.column_words import (
    has_votes,
    is_double_named,
    is_votes,
    role_of,
    words_of,
)
from forecast.facts.words.everyday_names import few_words
from forecast.facts.words.number_shapes import MOST_INVALID, counts_on, is_sum, is_total_of
from forecast.files.columns import Columns

EXACT = ("unit", "region", "registered", "invalid", "ballots", "counted", "attached_to",
         "reported", "version", "source")  # fmt: skip
"""Names that always mean themselves."""
LISTS = ("registered", "ballots", "valid")
"""Roles of which one column is used."""
NO_NAME = "no name of a person"
"""Why a number of people or papers is no candidate's."""
ENOUGH = 100
"""People below which sums agree by accident."""
COUNTED = 5
"""Rows that are counted by no accident."""
FEWEST_UNITS = 8
"""Rows in which no two candidates look like lists and ballots."""
LEAST = 20
"""Fewest votes in every row of a column that is no other by accident."""
FAR = 5
"""How many times as many votes as there are invalid ballots everybody has, at least."""
FEWEST_ROWS = 3
"""Rows in which people must agree before arithmetic says what a column is."""


class RolesBySums:
    """One table while its columns are recognised, and what sums tell: candidates, lists, totals."""

    def __init__(self, columns: Columns, rows: frozenset[str]) -> None:
        said = columns.said
        self.columns, self.said, self.rows = columns, said, rows
        self.why: dict[str, str] = {}
        self.counts: dict[str, IntArray] = {}
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
            nobody = np.zeros(len(self.columns), dtype=np.int64)
            self.counts[name] = self.columns.sound_counts([name]).get(name, nobody)
        return self.counts[name]

    def _named(self, role: str) -> list[str]:
        return [name for name, found in self.roles.items() if found == role]

    def _whole(self, names: Iterable[str]) -> list[str]:
        """Return the columns of whole numbers among some."""
        return self.columns.of_kind("whole", names)

    @cached_property
    def _unsaid(self) -> list[str]:
        """Columns taken for candidates by nobody's word, of whole numbers."""
        return self._whole(n for n in self._named("candidate") if n not in self.said)

    def _numbers(self, role: str) -> list[str]:
        """Return the columns of a role that hold whole numbers."""
        return self._whole(self._named(role))

    def _table(self, names: Iterable[str]) -> Any:
        """Return the counts of some columns, shape (column, row)."""
        counts = [self._people(name) for name in names]
        return np.array(counts, dtype=np.int64).reshape(len(counts), len(self.columns))

    def _votes(self) -> Any:
        return self._table(self._numbers("candidate"))

    def _invalid(self) -> Any:
        """Return invalid ballots by unit; a column that is the sum of the others is dropped."""
        names = self._named("invalid")
        parts = self._table(names)
        if len(names) > 2:
            for k, name in enumerate(names):
                rest = np.delete(parts, k, axis=0).sum(axis=0)
                if name not in self.said and rest.sum() > 0 and (parts[k] == rest).all():
                    self._ignore(name, "the sum of the other invalid")
                    return rest
        return parts.sum(axis=0)

    def _counted(self) -> Any:
        votes = {*self._unsaid, *self._numbers("candidate")}
        return self._table((*self._named("invalid"), *votes)).sum(axis=0)

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

    def _by_sums(self, front: Collection[str], doubtful: Iterable[str]) -> None:
        """Settle what sums say in every row, in any language: candidates, valid votes, and lists.

        A name that is a word for something else, as of the doubtful, is a candidate's if the sum
        needs it.
        """
        valid = self._numbers("valid")
        free = [*self._named("candidate"), *(n for n, why in self.why.items() if why == NO_NAME)]
        free = [n for n in self._whole(free) if n not in front]
        maybe = [n for n in doubtful if self.roles[n] != "invalid" and few_words(n)
                 and self._people(n).any()]  # fmt: skip
        people = {n: self._people(n) for n in self.columns.names if n in (*free, *maybe)}
        wholes = {n: self._people(n) for n in (*valid, *self._numbers("ballots"), *free)}
        whole, run = candidates_by_sums(people, wholes, valid)
        few = not whole or sum(wholes[whole]) < ENOUGH
        if few or len(self.columns) < 2 or whole in self._fixed:
            return
        role, rest = self.roles[whole], [n for n in free if n not in (whole, *run, *self._fixed)]
        if role != "valid" and not self._named("invalid"):
            run = self._without_invalid(whole, run)
        if role != "ballots" and self._settled_beside(whole, {n: people[n] for n in rest}):
            for name in run:
                if self.roles[name] != "candidate":
                    self._take(name, f"the sum of {whole}{' votes' * (whole == 'valid')} needs it")
            self._other_than_valid(whole, [n for n in valid if n not in (whole, *self._fixed)])

    def _settled_beside(self, whole: str, rest: Mapping[str, IntArray]) -> bool:
        """Settle the columns that are no candidates, if they agree that one is the valid votes."""
        own, sure = self._people(whole), self.roles[whole] != "candidate"
        named = {r: [self._people(n) for n in self._numbers(r)]
                 for r in ("registered", "ballots")}  # fmt: skip
        valid = own - self._invalid() if self.roles[whole] == "ballots" else own
        found, agree = accounts(valid, self._invalid(), rest, named)
        few = [n for n in rest if (rest[n] <= MOST_INVALID * own).all()]
        told = len(self.columns) >= FEWEST_ROWS and rest.keys() <= {*found, *few}
        if not (sure or agree or told):
            return False
        for name, role in found.items():
            self.roles[name], self.why[name] = role, "by its sums"
        for name in rest if not sure else ():
            if name not in found:
                self._ignore(name, f"the others sum to {whole} without it")
        if not sure:
            self.roles[whole], self.why[whole] = "valid", "the sum of the candidates"
        return True

    def _other_than_valid(self, whole: str, names: Iterable[str]) -> None:
        """Ignore further columns of valid votes, or take one for the ballots nobody is called."""
        for name in names:
            beyond = self._people(name) - self._people(whole)
            invalid = self._invalid() if self._named("invalid") else beyond
            ballots = not self._named("ballots") and (beyond == invalid).all() and min(beyond) >= 0
            self._ignore(name, f"{whole} is used")
            if ballots and beyond.any():
                self.roles[name], self.why[name] = "ballots", "a little over the votes"

    def _without_invalid(self, whole: str, run: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns that sum to the ballots without those at the ends that are invalid.

        They are if a word of their names says so. Of others with few votes a note says that they
        may be: a minor candidate looks the same.
        """
        ends = [k for k in (0, -1) if run[k] not in self._fixed and not words_of(run[k])]
        told = [k for k in ends if any(role_of(word) == "invalid" for word in run[k].split())]
        for k in told if len(run) > FEWEST_ROWS else ():
            self.roles[run[k]], self.why[run[k]] = "invalid", f"completes {whole}"
            self.roles[whole] = "ballots"
        middle = np.median([self._people(n) for n in run], axis=0)
        for order in (run, run[::-1]) if len(run) > FEWEST_ROWS and not told else ():
            few = (name not in self._fixed and not words_of(name)
                   and (FAR * self._people(name) <= middle).all() for name in order)  # fmt: skip
            for name, _ in zip(order, takewhile(bool, few), strict=False):
                self.why[name] = f"or invalid? {whole} has no others"
        return tuple(n for n in run if self.roles[n] != "invalid")

    def _refuse_larger_than_all(self, front: Collection[str]) -> None:
        """Take the two columns at an end for lists and ballots if the others are the votes.

        Raises `InputError` if this may be accident, if a column at an end is larger than all
        others in every row, as the registered are, or if nobody stayed at home.
        """
        free = [n for n in self._numbers("candidate") if n not in (*front, *self._fixed)]
        free = [n for n in free if self._people(n).any()]
        known = [n for role in (*LISTS, "abstention", "total") for n in self._named(role)]
        if len(self.columns) < FEWEST_ROWS or len(free) < FEWEST_ROWS:
            return
        own = {n: self._people(n) for n in free}
        votes = np.sum([*own.values(), self._invalid()], axis=0)
        pairs = [pair for pair in (free[:2], free[-2:]) if len(free) > FEWEST_ROWS + 1]
        for pair in pairs if not known else ():
            ballots, listed = sorted(pair, key=lambda n: int(own[n].sum()))
            rest = votes - own[ballots] - own[listed]
            over = own[ballots] - rest
            near = (over >= 0) & (10 * over <= rest)
            if (near & (own[listed] > own[ballots])).all():
                if len(votes) < FEWEST_UNITS:
                    self._ask(listed, "larger than all others but one together", "registered")
                self.roles[listed], self.roles[ballots] = "registered", "ballots"
                self.why |= {listed: "far more than the votes", ballots: "a little over the votes"}
                return
        for name in (free[0], free[-1]) if not known else ():
            if (own[name] > votes - own[name]).all():
                self._ask(name, "larger than all others together in every row", "registered")
        lists = self._numbers("registered")
        if known == lists and len(lists) == 1 and (votes == self._people(lists[0])).all():
            name = max((free[0], free[-1]), key=lambda n: int(own[n].sum()))
            self._ask(name, f"what all others leave of {lists[0]!r} in every row", "abstention")

    def _ask(self, name: str, what: str, role: str) -> None:
        """Raise `InputError` that a column may be no candidate; of a row say so in the note."""
        if name in self.rows:
            self.why[name] = f"or {role}? {what}"
            return
        raise InputError(
            f"{self.columns.where}: column {name!r} must be a candidate or not - it is {what}; say "
            f"it with columns= (--columns '{name}=candidate'), else with --columns '{name}={role}'"
        )

    def _parts_of_invalid(self) -> None:
        """Ignore the columns behind invalid ballots that sum to them: why they are invalid."""
        order = list(self.columns.names)
        for whole in self._named("invalid"):
            own, behind = self._people(whole), order[order.index(whole) + 1 :]
            sums, k = 0 * own, 0
            while k < len(behind) and behind[k] in self._unsaid and (sums < own).any():
                sums = sums + self._people(behind[k])
                k += 1
            if k > 1 and (own > 0).sum() >= FEWEST_ROWS and (sums == own).all():
                for name in behind[:k]:
                    self._ignore(name, f"a part of {whole}")

    def _refuse_people_with_lists(
        self, people: Mapping[str, IntArray], runs: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Raise `InputError` where columns are sums of those behind, and there are no others.

        They may be candidates with their lists, or groups with their candidates.
        """
        names = list(people)
        every = [n for whole, run in runs.items() for n in (whole, *run)]
        behind = all(names.index(run[0]) == names.index(w) + 1 for w, run in runs.items())
        all_free = sorted(every) == sorted(names) and not {*names} & self._fixed
        if len(runs) > 1 and behind and all_free:
            whole, run = next(iter(runs.items()))
            raise InputError(
                f"{self.columns.where}: every column must be a candidate or not - {whole!r} is the "
                f"sum of {' and '.join(map(repr, run))}, and others are alike; if these are the "
                f"lists behind a candidate say so with columns= (--columns '{run[0]}=ignored' and "
                f"so on), if candidates of a group with --columns '{whole}=ignored'"
            )

    def _sums(self) -> None:
        """Find columns that are sums of others, and the parts of invalid ballots."""
        self._parts_of_invalid()
        people = self._votes()
        total, invalid = people.sum(axis=0), self._invalid()
        order = {n: (has_votes(n), k) for k, n in enumerate(self._unsaid)}
        copies = sorted(order, key=lambda n: order[n], reverse=True)
        counted = {n: self._people(n) for n in self._numbers("candidate")}
        runs = sums_of_runs(counted, counted) if len(counted) > FEWEST_ROWS else {}
        self._refuse_people_with_lists(counted, runs)
        for name in copies if len(self.columns) >= FEWEST_ROWS else ():
            if self.roles[name] != "candidate":
                continue
            what = self._of_rank(name) or ("the sum of some" if name in runs else "")
            if what:
                self._ignore(name, what)
                total = total - self._people(name)
        for name in self._unsaid:
            if words_of(name) or total.sum() < 2 * ENOUGH or len(people) < 4:
                continue
            own = self._people(name)
            if len(own) < FEWEST_ROWS and self._has_room(0 * own):
                continue
            if is_sum(own, total - own) or is_sum(own, total - own + invalid):
                self._ignore(name, "the sum of the others")
                total = total - own
        self._leads()
        for name in self._named("total"):
            own = self._people(name)
            double = is_double_named(name) or (few_words(name) and not is_votes(name))
            double = double and not {"unit", "stations"}.intersection(words_of(name))
            if double and not self._counts_everybody(name, total):
                self._take(name, "no sum of the others")
                total = total + own
                continue
            if (own == total).all():
                self.roles[name] = "valid" if not self._named("valid") else "ignored"
            elif (own >= total).all() and not self._named("ballots"):
                self.roles[name] = "ballots"
            else:
                some = any(map(is_double_named, name.split())) and self._counts_some(name)
                self._ignore(name, "the sum of some" if some else "total")
            self.why.setdefault(name, "the sum of the others" if (own == total).all() else "total")

    def _leads(self) -> None:
        """Ignore the column that is the lead of the first over the second of the others.

        Raises `InputError` if two are, as the second is what the lead leaves of the first.
        """
        names = self._named("candidate")
        if len(names) < FEWEST_ROWS or len(self.columns) < FEWEST_ROWS:
            return
        table, found = self._table(names), list[str]()
        for k, name in enumerate(names):
            for rows in (slice(LEAST), slice(None)):  # some rows tell most columns apart
                own, rest = table[k, rows], np.delete(table[:, rows], k, axis=0)
                second, first = np.partition(rest, (-2, -1), axis=0)[-2:]
                if (own != first - second).any():
                    break
            else:
                varied = own.sum() >= ENOUGH and len(np.unique(own)) >= FEWEST_ROWS
                found += [name] if varied and name not in self._fixed else []
        if len(found) == 1:
            self._ignore(found[0], "the lead of the first over the second")
        elif len(found) > 1 and len(names) > FEWEST_ROWS:
            self._ask(
                found[-1], "the lead of the first over the second, or the second is", "ignored"
            )

    def _of_rank(self, name: str) -> str:
        """Return whether a column is the first or second of the others in every row."""
        own, names = self._people(name), [n for n in self._named("candidate") if n != name]
        others = self._table(names)
        if len(others) < FEWEST_ROWS - 1 or own.min() < LEAST:
            return ""
        few = np.sort(others[:, :LEAST], axis=0)[-2:]  # some rows tell most columns apart
        ranks = [k for k in (1, 0) if (own[:LEAST] == few[k]).all()]
        twins = ranks and (own == others).all(axis=1).any() and self._has_room(0 * own)
        if not ranks or (twins and not has_votes(name)):
            return ""
        ranked = np.sort(others, axis=0)[-2:]
        fits = [k for k in ranks if (own == ranked[k]).all()]
        return f"the {('second', 'largest')[fits[0]]} of the others" if fits else ""

    def _counts_everybody(self, name: str, total: IntArray) -> bool:
        """Return whether a column called like a party or a total is one, of all or some others.

        Raises `InputError` in a row or two that may be accident.
        """
        own, whole = self._people(name), is_total_of(self._people(name), total, self._invalid())
        if whole and len(own) < FEWEST_ROWS and not is_sum(own, total):
            raise InputError(
                f"{self.columns.where}: column {name!r} must be a candidate or the total - it is a "
                f"little more than the others; say it with columns= (--columns '{name}=candidate'),"
                f" else with --columns '{name}=ballots' or '{name}=ignored'"
            )
        people = {n: self._people(n) for n in self._named("candidate")}
        beyond = len(own) >= FEWEST_ROWS and bool(left_out(people, total - own))
        return whole or beyond or not self._has_room(own) or self._counts_some(name)

    def _counts_some(self, name: str) -> bool:
        """Return whether a column is the sum of two or more candidates right before it."""
        names = list(self.columns.names)
        before = [n for n in names[: names.index(name)] if self.roles[n] == "candidate"]
        sums = 0 * self._people(name)
        for k, other in enumerate(reversed(before)):
            sums = sums + self._people(other)
            if k and sums.any() and (sums == self._people(name)).all():
                return True
        return False

    def _beyond_valid(self) -> None:
        """Ignore the columns without which the others sum to the valid votes in every row."""
        totals = [n for n in self._named("ignored") if self.why.get(n) == "total"]
        valid = self._whole(self._named("valid") or totals)
        people = {n: self._people(n) for n in self._unsaid if self.roles[n] == "candidate"}
        if len(valid) != 1 or not people or len(self._named("candidate")) < FEWEST_ROWS:
            return
        excess = self._votes().sum(axis=0) - self._people(valid[0])
        found = left_out(people, excess) if excess.sum() >= ENOUGH else []
        if len(found) > 1 and not totals:
            either = " or ".join(" and ".join(names) for names in found[:3])
            raise InputError(
                f"{self.columns.where}: the candidates must sum to {valid[0]!r} - they do without "
                f"{either}; say which is no candidate with columns= (--columns "
                f"'{found[0][0]}=ignored')"
            )
        for name in found[0] if len(found) == 1 else ():
            self.roles[valid[0]] = "valid"
            self._ignore(name, f"the others sum to {valid[0]} without it")

    def _over_the_list(self) -> None:
        """Ignore a column with which most units have more votes than people, or that is a code."""
        for name in self._unsaid:
            own = self._people(name)
            if self.roles[name] == "candidate" and len(own) >= COUNTED and counts_on(own):
                self._ignore(name, "counts the rows")
        lists = self._list()
        if not lists:
            return
        most = self._people(lists[0])
        while True:
            names = self._named("candidate")
            people = self._votes()
            if len(people) != len(names) or not names:
                return
            over = people.sum(axis=0) + self._invalid() > most
            if 2 * over.sum() <= len(over):
                return
            without = people.sum(axis=0) - people + self._invalid()
            fits = 2 * (without > most).sum(axis=1) <= len(most)
            worst = names[int(people.sum(axis=1).argmax())]
            if worst not in self._unsaid or len(names) < 3 or fits.sum() != 1:
                return  # none, or nobody can tell which it is
            if not fits[names.index(worst)]:
                return
            self._ignore(worst, f"larger than {lists[0]} leaves room for")
