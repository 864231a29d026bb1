"""What every column of a table of counts is taken for: by its name, and by arithmetic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from forecast.arrays import IntArray
from forecast.errors import InputError
from forecast.facts.asides import asides, further
from forecast.facts.column_kinds import column_kind, of_kind
from forecast.facts.column_words import (
    foreign,
    is_double_named,
    is_part,
    is_voters,
    role_of,
    words_of,
)
from forecast.facts.everyday_names import like_codes, one_word, position, twin
from forecast.facts.number_shapes import (
    are_changes,
    are_years,
    is_counter,
    is_difference,
    is_sum,
    is_total_of,
)
from forecast.facts.place_codes import codes, counts_on
from forecast.facts.rates import rates
from forecast.facts.roles_said import ColumnRoles, roles_given
from forecast.facts.sexes import counted_in_parts
from forecast.facts.valid_votes import left_out
from forecast.files.columns import Columns

__all__ = ["NO_COUNTS", "ColumnRoles", "column_roles", "roles_given"]

EXACT = ("unit", "region", "registered", "invalid", "ballots", "counted", "attached_to",
         "reported", "version", "source")  # fmt: skip
"""Names that always mean themselves."""
IGNORED = ("average", "percent", "code", "coordinate", "area", "year", "party", "date",
           "turnout", "total", "margin", "channel", "unused", "stations", "other")  # fmt: skip
"""Roles of words that are of no use here; their names say why."""
PLACES = ("unit", "region", "contest", "source")
DOUBTED = ("invalid", "ignored", *PLACES)
"""Roles of columns that may be people called like a word."""
NEVER_PEOPLE = ("turnout", "total", "margin", "unused", "stations", "other")
"""Words of columns that are of no use here, and of nobody among candidates."""
FEW = 0.05
"""Most rows that may contradict themselves, as a fraction of all."""
ENOUGH = 100
"""People below which sums agree by accident."""
NO_COUNTS = "no whole numbers"
"""Why numbers are no votes."""
PERCENT = 100
MOST_INVALID = 0.2
"""Most that ballots exceed the votes, as a fraction of these, where nobody calls them ballots."""
UNNAMED = re.compile(r"column \d+|Unnamed: \d+")
FEWEST_ROWS = 3
"""Rows in which people must agree before arithmetic says what a column is."""


def column_roles(
    columns: Columns,
    *,
    given: Mapping[str, str] | None = None,
    candidates: Collection[str] = (),
    complete: bool = False,
    front: Collection[str] = (),
) -> ColumnRoles:
    """Return what every column is taken for.

    Parameters
    ----------
    columns : Columns
        One row per unit.
    given : mapping of str to str, optional
        What the user says; it is not doubted.
    candidates : collection of str
        Columns that are known to be candidates.
    complete : bool
        Whether these are all, as where rows named them.
    front : collection of str
        Columns in front of the names of units.

    Raises
    ------
    InputError
        If what the user says cannot be.
    """
    said = roles_given(given, columns.names, columns.where)
    search = _Search(columns, said | dict.fromkeys(candidates, "candidate"))
    search.known = bool(candidates)
    return search.result(complete=complete, front=front)


class _Search:
    """One table while its columns are being recognised."""

    def __init__(self, columns: Columns, said: Mapping[str, str]) -> None:
        self.columns, self.said = columns, said
        self.why: dict[str, str] = {}
        self.counts: dict[str, IntArray] = {}
        self.known = False
        self.parts: set[str] = set()
        self.roles = {n: said.get(n) or (n if n in EXACT else role_of(n)) for n in columns.names}
        self.called = Counter(self.roles.values())
        self.asides = {
            name: why
            for name, why in asides(columns.names).items()
            if name not in said and name not in EXACT
        }
        self.further = {n: of for n, of in further(columns.names).items() if n not in said}

    def result(self, *, complete: bool, front: Collection[str]) -> ColumnRoles:
        """Return the roles, arithmetic included."""
        for name in self.columns.names:
            if name not in self.said:
                self._by_content(name)
        self._in_parts()
        self._one_of_each()
        if not complete and not self.known:
            self._called_like_others()
        self._no_people(front)
        if not complete:
            self._people_called_like_words()
        self._sums()
        self._beyond_valid()
        self._over_the_list()
        return ColumnRoles(roles=self.roles, why=self.why)

    def _ignore(self, name: str, why: str) -> None:
        self.roles[name], self.why[name] = "ignored", why

    def _by_content(self, name: str) -> None:
        """Settle the role of a column by what it holds."""
        role, kind = self.roles[name], column_kind(self.columns.values[name])
        if name in EXACT or role in ("unit", "region", "contest", "source", "round"):
            return
        if self._stands_beside(name, role, kind):
            return
        if role == "counted":
            if kind == "text" or (kind == "whole" and self._people(name).max() > PERCENT):
                self._ignore(name, "no fraction that is counted")
        elif role == "turnout" and kind == "whole" and self._missed(name):
            self.roles[name] = "ballots"
        elif role == "total" and kind == "whole":
            self.roles[name] = "total"
        elif role in IGNORED:
            self._ignore(name, role)
        elif kind == "text":
            self._ignore(name, "text")
        elif kind == "number":
            self._ignore(name, NO_COUNTS)
        elif role in ("", "candidate", "votes"):
            self.roles[name] = "candidate"
            unnamed = UNNAMED.fullmatch(name)
            if unnamed and kind == "whole" and counts_on(self._people(name)):
                self._ignore(name, "counts the rows")
            elif unnamed and kind == "whole":
                raise InputError(
                    f"{self.columns.where}: every column must have a name - {name} has none; name "
                    "or drop it"
                )

    def _stands_beside(self, name: str, role: str, kind: str) -> bool:
        """Settle the role of a column that stands beside others, or should and does not."""
        if name in self.asides:
            self._ignore(name, self.asides[name])
        elif name in self.further:
            self._ignore(name, f"beside {self.further[name]}")
        elif kind == "whole" and self._whole_of(name):
            self._ignore(name, f"a part of {self._whole_of(name)}")
        elif not role and kind == "whole" and are_changes(self.columns.values[name]):
            self._ignore(name, "changes: every number has a sign")
        elif role == "coordinate" and kind == "whole" and self.called[role] == 1:
            self.roles[name] = "candidate"  # "Long", "Lange": coordinates come in pairs
        elif role == "year" and kind == "whole":
            self._settle(name, "a year" if are_years(self._people(name)) else "")
        elif role == "party" and kind == "whole" and not one_word(name):
            self._settle(name, "party" if like_codes(self._people(name)) else "")
        elif kind == "empty":
            self._ignore(name, "empty")
        else:
            return False
        return True

    def _settle(self, name: str, why: str) -> None:
        """Ignore a column for a reason, or take it for a candidate called like a word."""
        self.roles[name], self.why[name] = ("ignored" if why else "candidate"), why or "no codes"

    def _whole_of(self, name: str) -> str:
        """Return the column before one called "of which ..." if it holds all its people."""
        names = self.columns.names
        before = [n for n in names[: names.index(name)] if not is_part(n)]
        if not is_part(name) or not before:
            return ""
        whole = before[-1]
        held = self._whole([whole]) and (self._people(name) <= self._people(whole)).all()
        return whole if held else ""

    def _missed(self, name: str) -> bool:
        """Return whether no column has the ballots, and this one may: it holds no percentages."""
        return "ballots" not in self.roles.values() and int(self._people(name).max()) > PERCENT

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

    def _in_parts(self) -> None:
        """Sum lists, ballots, valid or invalid that are told by sex or way to vote, and only so."""
        whole = self._whole(self.columns.names)
        told = {n: counted_in_parts(n) for n in whole if n not in self.said and n not in EXACT}
        for role in (*dict.fromkeys(told.values()),):
            parts = [n for n in told if role and told[n] == role]
            if len(parts) < 2:
                continue
            before = {n: self.roles[n] for n in parts}
            self.roles |= dict.fromkeys(parts, "ignored")
            own, counted = np.sum([self._people(n) for n in parts], axis=0), self._counted()
            taken, near = role, own.sum() <= (1 + MOST_INVALID) * counted.sum()
            if role == " " or (role == "ballots" and all(is_voters(n) for n in parts)):
                taken = "ballots" if near else "registered"
            holds = role in ("invalid", "abstention") or (own >= counted).mean() >= 1 - FEW
            if self._named(taken):
                self.why |= dict.fromkeys(parts, f"parts of {taken}")
            elif holds:
                self.roles |= dict.fromkeys(parts, taken)
                self.parts.update(parts)
            else:
                self.roles |= before

    def _one_of_each(self) -> None:
        """Keep one column of lists and of ballots: as named, else the one that fits best."""
        self._voters_on_the_list()
        for role in ("registered", "ballots", "valid", "abstention", "counted"):
            names = self._named(role)
            if len(names) < 2 or all(name in (*self.said, *self.parts) for name in names):
                continue
            best = role if role in names else self._best(role, names)
            for name in names:
                if name != best and name not in self.said:
                    self._ignore(name, f"{best} is used")
                    if role == "registered" and self._holds_ballots(name):
                        self.roles[name], self.why[name] = "ballots", "a little over the votes"

    def _voters_on_the_list(self) -> None:
        """Take voters for the list where nobody is called registered and far fewer voted."""
        whole = self._whole(self._named("ballots"))
        voters = [n for n in whole if n not in self.said and is_voters(n)]
        if self._named("registered") or len(voters) != 1:
            return
        own, rest = self._people(voters[0]), [n for n in whole if n != voters[0]]
        voted = np.max([self._people(n) for n in rest], axis=0) if rest else self._counted()
        far = own.sum() > (1 + (FEW if rest else MOST_INVALID)) * voted.sum()
        if far and (own >= voted).all():
            self.roles[voters[0]], self.why[voters[0]] = "registered", "far more than the votes"

    def _no_people(self, front: Collection[str]) -> None:
        """Ignore codes of places and percentages among the columns of unknown meaning."""
        lists = [*self._named("registered"), *self._named("ballots")]
        unsaid = {n: self._people(n) for n in self.columns.names if n in self._unsaid}
        if self._agree():
            return
        for name, why in codes(self.columns.names, unsaid, lists, front).items():
            self._ignore(name, why)
        unsaid = {n: own for n, own in unsaid.items() if self.roles[n] == "candidate"}
        for name in rates(unsaid, [self._people(n) for n in lists], self._invalid()):
            self._ignore(name, "a percentage")

    def _called_like_others(self) -> None:
        """Take columns called like others with further words for people where lists have room.

        Raises `InputError` where there is no list; small numbers are no votes.
        """
        names = self._whole(n for n in self.further if self.roles[n] == "ignored")
        own = np.array([self._people(name) for name in names], dtype=np.int64)
        if own.max(initial=0) <= PERCENT < self._votes().max(initial=0) or not names:
            return
        lists = [n for role in ("valid", "ballots", "registered") for n in self._named(role)]
        lists = self._whole(lists)
        if not lists:
            each = [" ".join(f"--columns '{n}={role}'" for n in names)
                    for role in ("candidate", "ignored")]  # fmt: skip
            raise InputError(
                f"{self.columns.where}: every column of numbers must be a candidate or not - "
                f"{names[0]!r} is called like {self.further[names[0]]!r}; if these are different "
                f"people say so with columns= ({each[0]}), else with {each[1]}"
            )
        counted = self._votes().sum(axis=0) + own.sum(axis=0)
        over = [counted + self._invalid() * (self.roles[n] != "valid") > self._people(n)
                for n in lists]  # fmt: skip
        for name in names if max(rows.mean() for rows in over) <= FEW else ():
            self._take(name, "lists have room")

    def _agree(self) -> bool:
        """Return whether the votes of all columns are the valid votes, or ballots, in every row."""
        votes, invalid = self._votes().sum(axis=0), self._invalid()
        return np.sum(votes) >= ENOUGH and any(
            (self._people(name) == votes + rest).all()
            for role, rest in (("valid", 0 * invalid), ("ballots", invalid))
            for name in self._named(role)
        )

    def _counted(self) -> IntArray:
        parts = self._named("invalid") + self._unsaid
        table = np.array([self._people(n) for n in parts], dtype=np.int64)
        return np.asarray(table.sum(axis=0), dtype=np.int64)

    def _holds_ballots(self, name: str) -> bool:
        """Return whether people who are not the list are those who voted, as nobody else says."""
        own, counted = self._people(name), self._counted()
        near = counted.sum() < own.sum() <= (1 + MOST_INVALID) * counted.sum()
        return not self._named("ballots") and bool(near and (own >= counted).all())

    def _best(self, role: str, names: Sequence[str]) -> str:
        """Return the largest of columns; of ballots the least that holds what was counted.

        Ballots that were issued are more than those found, and some columns are parts of them.
        """
        names = sorted(names, key=lambda n: int(self._people(n).sum()))
        if role != "ballots":
            return names[-1]
        counted = self._counted()
        fits = (n for n in names if (counted <= self._people(n)).mean() >= 1 - FEW)
        return next(fits, names[-1])

    @cached_property
    def _unsaid(self) -> list[str]:
        """Columns taken for candidates by nobody's word, of whole numbers."""
        return self._whole(n for n in self._named("candidate") if n not in self.said)

    def _parts_of_invalid(self) -> None:
        """Ignore the columns behind invalid ballots that sum to them: why they are invalid."""
        order = list(self.columns.names)
        for whole in self._named("invalid"):
            own, sums, k = self._people(whole), np.zeros(len(self.columns), dtype=np.int64), 0
            behind = order[order.index(whole) + 1 :]
            while k < len(behind) and behind[k] in self._unsaid and (sums < own).any():
                sums = sums + self._people(behind[k])
                k += 1
            if k > 1 and (own > 0).sum() >= FEWEST_ROWS and (sums == own).all():
                for name in behind[:k]:
                    self._ignore(name, f"a part of {whole}")

    def _sums(self) -> None:
        """Find columns that are sums of others, and the parts of invalid ballots."""
        self._parts_of_invalid()
        people = self._votes()
        total = people.sum(axis=0) if len(people) else np.zeros(len(self.columns), dtype=np.int64)
        invalid = self._invalid()
        for name in self._unsaid[2:]:
            own = self._people(name)
            rest = [self._people(n) for n in self._named("candidate") if n != name]
            if len(own) < FEWEST_ROWS or len(rest) < 3 or own.min() < ENOUGH:
                continue
            twins = any((own == other).all() for other in rest) and self._has_room(0 * own)
            if (own == np.max(rest, axis=0)).all() and not twins:
                self._ignore(name, "the largest of the others")
                total = total - own
        for name in self._unsaid:
            if words_of(name) or total.sum() < 2 * ENOUGH or len(people) < 4:
                continue
            own = self._people(name)
            if len(own) < FEWEST_ROWS and self._has_room(0 * own):
                continue
            if is_sum(own, total - own) or is_sum(own, total - own + invalid):
                self._ignore(name, "the sum of the others")
                total = total - own
        for name in self._named("total"):
            own = self._people(name)
            if is_double_named(name) and not self._counts_everybody(name, total):
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
        sums = np.zeros(len(self.columns), dtype=np.int64)
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

    def _people_called_like_words(self) -> None:
        """Take a column for a candidate whose name is a word, if arithmetic knows no other way.

        So where valid votes or ballots are a sum only with it, where it is called a margin and is
        no difference of two columns, or where it stands among candidates.
        """
        strange, valid = foreign(self.columns.names), self._named("valid")
        settled = self._needed_by_sums()
        for name in self._doubtful():
            role, why, own = self.roles[name], self.why.get(name, ""), self._people(name)
            if role == "ignored" and why == "margin" and len(own) > 1 and not settled:
                if own.any() and not is_difference(own, self._votes()):  # no zeros for negatives
                    self._take(name, "no difference")
            elif role == "ignored" and name in strange and not valid:
                self._take(name, f"{why} in another language only")
            elif not settled:
                self._among_candidates(name)

    def _doubtful(self) -> list[str]:
        """Return columns of whole numbers that one word calls something else, by nobody's word."""
        found = []
        for name in self._whole(self.columns.names):
            role, known = self.roles[name], name in self.said or name in EXACT
            other = role in ("invalid", *PLACES) or self.why.get(name, "") == role_of(name)
            if not known and other and role in DOUBTED and one_word(name):
                found.append(name)
        return found

    def _take(self, name: str, why: str) -> None:
        self.roles[name], self.why[name] = "candidate", why

    def _needed_by_sums(self) -> bool:
        """Take columns for candidates that the sums need; return whether the sums agree."""
        total, invalid = self._votes().sum(axis=0), self._invalid()
        for whole, rest in (("valid", 0 * invalid), ("ballots", invalid)):
            names = self._whole(self._named(whole))
            if not names or np.sum(total) < ENOUGH:
                continue
            missing = self._people(names[0]) - total - rest
            known = {n: self._people(n) for n in self._doubtful()}
            if whole == "ballots":
                known = {n: own for n, own in known.items() if self.roles[n] != "invalid"}
            found = left_out(known, missing)
            for name in found[0] if len(found) == 1 else ():
                self._take(name, f"the sum of {whole}{' votes' * (whole == 'valid')} needs it")
            if len(found) == 1 or not missing.any():
                return True
        return False

    def _among_candidates(self, name: str) -> None:
        """Take a column for a candidate that stands among them and does not look like codes.

        Beside the first or the last of them nobody can tell.
        """
        role, own = role_of(name), self._people(name)
        other = twin(name, [n for n in self._named("invalid") if n != name])
        where = position(name, self.roles)
        if (
            not where
            or like_codes(own)
            or role in NEVER_PEOPLE
            or (role == "invalid" and not other)
        ):
            return
        if not self._has_room(own * (role != "invalid")):
            return
        if where == "between":
            self._take(name, f"beside {other}" if other else "stands among candidates")
        else:
            raise InputError(
                f"{self.columns.where}: column {name!r} must be a candidate or not - its name says "
                f"{role}, and it stands beside candidates; say it with columns= (--columns "
                f"'{name}=candidate'), else with --columns '{name}=ignored'"
            )

    def _has_room(self, own: IntArray) -> bool:
        """Return whether the lists, if there are any, have room for more votes in every row."""
        lists = self._list()
        if not lists:
            return True
        counted = self._votes().sum(axis=0) + self._invalid() + own
        return bool((counted <= self._people(lists[0])).all())

    def _list(self) -> list[str]:
        """Return the first column of the registered, else of ballots, if it is whole numbers."""
        return self._whole((self._named("registered") or self._named("ballots"))[:1])

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

    def _over_the_list(self) -> None:
        """Ignore a column with which most units have more votes than people, or that is a code."""
        for name in self._unsaid:
            if self.roles[name] == "candidate" and is_counter(self._people(name)):
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
