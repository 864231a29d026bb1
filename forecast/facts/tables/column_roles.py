"""What every column of a table of counts is taken for: by its name, and by arithmetic."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import combinations

import numpy as np

from forecast.errors import InputError
from forecast.facts.tables.asides import YEAR
from forecast.facts.tables.rates import rates
from forecast.facts.tables.roles_by_sums import (
    ENOUGH,
    EXACT,
    FAR,
    FEWEST_ROWS,
    LISTS,
    MOST_PARTS,
    NO_NAME,
    RolesBySums,
)
from forecast.facts.tables.roles_said import ColumnRoles, check_said
from forecast.facts.tables.summed_columns import left_out
from forecast.facts.words.column_words import (
    counted_in_parts,
    counts_places,
    foreign,
    has_people,
    has_votes,
    has_word,
    is_added,
    is_filler,
    is_measure,
    is_part,
    is_rejected,
    is_total,
    is_voters,
    role_of,
    without_sex,
    words_of,
)
from forecast.facts.words.everyday_names import few_words, like_codes, one_word, position, twin
from forecast.facts.words.number_shapes import (
    MOST_INVALID,
    are_changes,
    are_padded,
    are_years,
    codes,
    counts_on,
    is_difference,
    rise,
)
from forecast.facts.words.poll_words import is_surname
from forecast.facts.words.word_lists import folded
from forecast.files.columns import Columns
from forecast.files.numbers import given_texts

IGNORED = ("average", "percent", "code", "coordinate", "area", "year", "party", "date",
           "turnout", "total", "margin", "channel", "unused", "stations", "other")  # fmt: skip
"""Roles of words that are of no use here; their names say why."""
PLACES = ("unit", "region", "contest", "source")
NO_FRACTION = "no fraction that is counted"
"""Why a number does not say how much is counted."""
NEVER_PEOPLE = ("turnout", "total", "margin", "unused", "stations", "other")
"""Words of columns that are of no use here, and of nobody among candidates."""
TAKEN = ("other", "total")
"""Those among them that are in names of parties, such as "Number One"."""
FEW = 0.05
"""Most rows that may contradict themselves, as a fraction of all."""
NO_COUNTS = "no whole numbers"
"""Why numbers are no votes."""
PERCENT = 100
UNNAMED = re.compile(r"column \d+|Unnamed: \d+")
MOST_SAME = 10
"""Most votes that somebody does not have in every row alike."""
MOST_KINDS = 6
"""Most kinds of invalid ballots of which some may not be in the box."""


def column_roles(
    columns: Columns,
    *,
    candidates: Collection[str] = (),
    rows: Collection[str] = (),
    front: Collection[str] = (),
) -> ColumnRoles:
    """Return what every column is taken for.

    Parameters
    ----------
    columns : Columns
        One row per unit; what the user says of it is not doubted.
    candidates : collection of str
        Columns that are known to be candidates.
    rows : collection of str
        Columns that were rows of candidates: these are all, but for what sums say.
    front : collection of str
        Columns in front of the names of units.

    Raises
    ------
    InputError
        If what the user says cannot be.
    """
    check_said(columns)
    sure = frozenset(rows).difference(columns.said, candidates)
    people = dict.fromkeys((*candidates, *rows), "candidate")
    search = _Search(columns.saying(people), sure)
    known, named = bool(candidates or rows), len(candidates) > 1
    return search.result(known=known, named=named, complete=bool(rows), front=front)


class _Search(RolesBySums):
    """One table while its columns are being recognised, by names, contents and sums."""

    def result(
        self, *, known: bool, named: bool, complete: bool, front: Collection[str]
    ) -> ColumnRoles:
        """Return the roles, arithmetic included."""
        for name in self.columns.names:
            if name not in self.said:
                self._by_content(name)
        self._parts_of_ballots()
        self._by_sums(front, self._doubtful())
        for name in self._whole(n for n in self.columns.names if n not in self.said):
            if not role_of(name) and is_rejected(name):
                self.roles[name], self.why[name] = "invalid", "rejected"
        self._in_parts()
        self._one_of_each()
        if complete or not known:
            self._refuse_larger_than_all(front)
        if not complete and not known:
            self._called_like_others()
        self._no_people(front)
        self._people_called_like_words(front, complete=complete, named=named)
        self._no_turnout()
        self._sums()
        self._beyond_valid()
        self._over_the_list()
        if not known and not self._agree():
            self._apart()
        return ColumnRoles(roles=self.roles, why=self.why)

    def _by_content(self, name: str) -> None:
        """Settle the role of a column by what it holds."""
        role, kind = self.roles[name], self.columns.kind(name)
        counts = kind == "whole" and counts_places(name)
        place = role in ("region", "contest", "source", "round") or (role == "unit" and not counts)
        if name in EXACT or place:
            return
        if self._stands_beside(name, role, kind):
            return
        if role == "counted":
            if kind == "text" or (kind == "whole" and self._people(name).max() > PERCENT):
                self._ignore(name, NO_FRACTION)
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
        elif name in self._padded:
            self._ignore(name, "codes: zeros in front")
        elif name in self.further:
            self._ignore(name, f"beside {self.further[name]}")
        elif kind == "whole" and (whole := self._whole_of(name)):
            self._ignore(name, f"a part of {whole}")
        elif not role and kind == "whole" and (is_measure(name) or [name] == self._of_one_sex):
            self._ignore(name, NO_NAME)
        elif not role and kind == "whole" and are_changes(self.columns.values[name]):
            self._ignore(name, "changes: every number has a sign")
        elif role == "coordinate" and kind == "whole" and self.called[role] == 1:
            self.roles[name] = "candidate"  # "Long", "Lange": coordinates come in pairs
        elif kind == "whole" and (role == "year" or YEAR.fullmatch(name)):
            named = YEAR.fullmatch(name) or are_years(self._people(name))
            self._settle(name, "a year" if named else "")
        elif role == "party" and kind == "whole" and not one_word(name):
            self._settle(name, "party" if like_codes(self._people(name)) else "")
        elif role == "unit":
            self._ignore(name, "stations")  # how many there are
        elif kind == "empty":
            self._ignore(name, "empty")
        else:
            return False
        return True

    @cached_property
    def _of_one_sex(self) -> list[str]:
        """Columns called men or women and nothing else, which come in pairs but for a part."""
        return [n for n in self.columns.names if without_sex(n) == " " and not is_surname(n)]

    @cached_property
    def _padded(self) -> list[str]:
        """Columns that zeros fill up, unless all numbers of the table have so many digits each."""
        whole = self._whole(self.columns.names)
        padded = [n for n in whole if are_padded(self.columns.values[n])]
        free = [n for n in padded if self.roles[n] not in (*LISTS, "invalid", "abstention")]
        widths = ({*map(len, given_texts(self.columns.values[n]))} for n in whole if free)
        return free if any(len(width) > 1 for width in widths) else []

    def _settle(self, name: str, why: str) -> None:
        """Ignore a column for a reason, or take it for a candidate called like a word."""
        self.roles[name], self.why[name] = ("ignored" if why else "candidate"), why or "no codes"

    def _whole_of(self, name: str) -> str:
        """Return of whom a column counts a part, by what its name or another one says, else "".

        Invalid ballots are a part of the ballots, but nobody else counts them where they stand
        alone: "davon ungültig".
        """
        names, invalid = self.columns.names, self.roles[name] == "invalid"
        if invalid and self.called["invalid"] > 1:
            words = {word for word in folded(name).split() if role_of(word) == "invalid"}
            others = (n for n in names if n != name and has_word(n, "included"))
            others = (n for n in others if words & {*folded(n).split()})
            if whole := next((n for n in others if role_of(n) == "invalid"), ""):
                return whole
        elif invalid and not self.called["ballots"]:
            return ""
        if not is_part(name):
            return ""
        before = [n for n in names[: names.index(name)] if not is_part(n)]
        held = self._whole(before[-1:]) and (self._people(name) <= self._people(before[-1])).all()
        return before[-1] if held else "others"

    def _missed(self, name: str) -> bool:
        """Return whether no column has the ballots, and this one may: it holds no percentages."""
        return "ballots" not in self.roles.values() and int(self._people(name).max()) > PERCENT

    def _no_turnout(self) -> None:
        """Leave out what was taken for ballots and is one part of every list, as a quorum is."""
        lists = self._numbers("registered")
        for name in self._named("ballots") if lists else ():
            counts, every = self._people(name), self._people(lists[0])
            part = every * counts.sum() / max(every.sum(), 1)
            if role_of(name) == "turnout" and (abs(counts - part) <= 1).all() and np.ptp(every):
                self._ignore(name, "turnout")

    def _in_parts(self) -> None:
        """Sum lists, ballots, valid or invalid that are told by sex or way to vote, and only so."""
        whole = self._whole(self.columns.names)
        told = {n: counted_in_parts(n) for n in whole if n not in self.said and n not in EXACT}
        groups = {r: [n for n in told if told[n] == r] for r in dict.fromkeys(told.values()) if r}
        groups = {role: parts for role, parts in groups.items() if len(parts) > 1}
        every = {n: self.roles[n] for parts in groups.values() for n in parts}
        self.roles |= dict.fromkeys(every, "ignored")
        for role, parts in groups.items():
            before = {n: every[n] for n in parts}
            own, counted = self._table(parts).sum(axis=0), self._counted()
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
            if role == "ballots":
                self._votes_received()
            if role == "ballots" and role not in self.roles:
                self._spoilt_papers()
                self._ballots_in_parts()
            if role == "registered" and role not in self.roles:
                self._lists_in_parts()
            names = self._named(role)
            if len(names) < 2 or all(name in (*self.said, *self.parts) for name in names):
                continue
            best = role if role in names else self._best(role, names)
            for name in names:
                if name != best and name not in self.said:
                    self._ignore(name, f"{best} is used")
                    if role == "registered" and self._holds_ballots(name):
                        self.roles[name], self.why[name] = "ballots", "a little over the votes"

    def _votes_received(self) -> None:
        """Take "votes received" or valid cards for the ballots that nobody is called.

        They hold the votes: cards may be valid though the votes on them are not.
        """
        unused = [n for n in self.columns.names if self.why.get(n) == "unused" and has_votes(n)]
        cards = [n for n in self._named("valid") if has_word(n, "cards") and n not in self.said]
        for name in self._whole([*unused, *cards]):
            if self._holds_ballots(name):
                self.roles[name], self.why[name] = "ballots", "a little over the votes"

    def _ballots_in_parts(self) -> None:
        """Take two or three columns of ballots that are those counted where no one holds them."""
        counted, names = self._counted(), [n for n in self._named("ballots") if n not in self.said]
        own = [self._people(n) for n in names]
        sets = [s for size in (2, 3) for s in combinations(range(len(names[:MOST_PARTS])), size)]
        fits = [s for s in sets if (np.sum([own[k] for k in s], axis=0) == counted).all()]
        if fits and counted.any() and not any((x >= counted).all() for x in own):
            pair = [names[k] for k in fits[-1]]
            self.parts.update(pair)
            for name in (n for n in names if n not in pair):
                self._ignore(name, f"{' and '.join(pair)} are used")

    def _spoilt_papers(self) -> None:
        """Ignore invalid papers that were replaced: those in the box are the votes and the others.

        Blank ones are in the box, whatever a column leaves out.
        """
        invalid = [n for n in self._numbers("invalid") if n not in self.said]
        ballots = self._numbers("ballots")
        votes = self._counted() - self._invalid()
        if votes.sum() < ENOUGH or not 2 <= len(invalid) <= MOST_KINDS:
            return
        whole = votes + self._invalid()
        if any((self._people(n) == whole).all() and not has_word(n, "issued") for n in ballots):
            return
        for size in range(len(invalid) - 1, 0, -1):
            for some in combinations(invalid, size):
                own = votes + self._table(some).sum(axis=0)
                box = next((n for n in ballots if (self._people(n) == own).all()), "")
                rest = [n for n in invalid if n not in some]
                if box and not any(has_word(n, "blank") for n in rest):
                    for name in rest:
                        self._ignore(name, f"{box} are the votes and {' and '.join(some)}")
                    return

    def _lists_in_parts(self) -> None:
        """Take the list with those added to it on the day, where no column holds them all."""
        whole = [n for n in self._whole(self.columns.names) if n not in self.said]
        added = [n for n in whole if n not in EXACT and is_added(n)]
        lists = [n for n in self._named("registered") if n not in added]
        if not added or not lists or any(map(is_total, lists)):
            return
        best = self._best("registered", lists)
        own, more = self._people(best), self._table(added).sum(axis=0)
        rest = [n for n in lists if n != best]
        if more.sum() >= own.sum() or any((self._people(n) >= own + more).all() for n in rest):
            return
        self.roles |= dict.fromkeys(added, "registered")
        self.parts.update((best, *added))
        for name in rest:
            self._ignore(name, f"{best} is used")

    def _voters_on_the_list(self) -> None:
        """Take voters for the list where nobody is called registered and far fewer voted."""
        whole = self._numbers("ballots")
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
        known = {n: self._people(n) for n in self._numbers("candidate") if n in self.said}
        for name, why in codes(self.columns.names, unsaid, lists, front, known).items():
            self._ignore(name, why)
        for name in self._alone(self._named("invalid")):
            if rise(self._people(name)):
                self._ignore(name, "codes, apart from the candidates")
        unsaid = {n: own for n, own in unsaid.items() if self.roles[n] == "candidate"}
        for name in rates(unsaid, [self._people(n) for n in lists], self._invalid()):
            self._ignore(name, "a percentage")
        left = [n for n in unsaid if self.roles[n] == "candidate"]
        same = [n for n in left if 0 < unsaid[n].min() == unsaid[n].max() <= MOST_SAME]
        if len(same) == 1 and same[0] in (left[0], left[-1]) and len(self.columns) >= FEWEST_ROWS:
            self._ignore(same[0], "the same in every row")
        for name in {*left[:1], *left[-1:]} if len(left) > FEWEST_ROWS else ():
            rest = np.min([unsaid[n] for n in left if n != name], axis=0)
            if has_people(name) and (FAR * unsaid[name] <= rest).all():
                self._ask(name, "of few people, as its name says, beside the votes", "ignored")

    def _apart(self) -> None:
        """Ignore a column without room that lists part from the candidates, or raise `InputError`.

        Candidates stand side by side.
        """
        names = self.columns.names  # somebody called Bianchi may stand beside "Schede bianche"
        sure = [n for n in self._named("invalid")
                if n in EXACT or not (one_word(n) or any(twin(o, [n]) for o in names))]  # fmt: skip
        for name in self._alone(sure) if len(self.columns) >= FEWEST_ROWS else ():
            if self._has_room(0 * self._people(name)) and not is_filler(name):
                self._ask(name, "apart from the other candidates", "ignored")
            self._ignore(name, "apart from the candidates")

    def _alone(self, invalid: Collection[str]) -> list[str]:
        """Return the columns that lists and invalid ballots part from several that may be votes."""
        runs: list[list[str]] = [[]]
        for name, role in self.roles.items():
            if role == "candidate":
                runs[-1].append(name)
            elif role in LISTS or name in invalid:
                runs.append([])
        most = max(map(len, runs))
        return [run[0] for run in runs if len(run) == 1 < most and run[0] in self._unsaid]

    def _called_like_others(self) -> None:
        """Take columns called like others with further words for people where lists have room.

        Raises `InputError` where there is no list; small numbers are no votes.
        """
        names = self._whole(n for n in self.further if self.roles[n] == "ignored")
        own = self._table(names)
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

    def _holds_ballots(self, name: str) -> bool:
        """Return whether people who are not the list are those who voted, as nobody else says."""
        own, counted = self._people(name), self._counted()
        near = counted.sum() < own.sum() <= (1 + MOST_INVALID) * counted.sum()
        return not self._named("ballots") and bool(near and (own >= counted).all())

    def _best(self, role: str, names: Sequence[str]) -> str:
        """Return the largest of columns, the least of what is counted, or of ballots that hold it.

        Ballots that were issued are more than those found, and some columns are parts of them.
        """
        names = sorted(names, key=lambda n: int(self._people(n).sum()))
        if role != "ballots":
            return names[0 if role == "counted" else -1]
        names = [n for n in names if not has_word(n, "issued")] or names
        counted = self._counted()
        fits = (n for n in names if (counted <= self._people(n)).mean() >= 1 - FEW)
        return next(fits, names[-1])

    def _people_called_like_words(
        self, front: Collection[str], *, complete: bool, named: bool
    ) -> None:
        """Take a column for a candidate whose name is a word, if arithmetic knows no other way.

        So where valid votes or ballots are a sum only with it, where it is called a margin and is
        no difference of two columns, or, unless candidates are known by name, where it stands among
        them.
        """
        strange, valid = foreign(self.columns.names), self._named("valid")
        settled = self._needed_by_sums()
        for name in 2 * self._doubtful() if not complete else ():
            if self.roles[name] == "candidate" or name in front:
                continue
            role, why, own = self.roles[name], self.why.get(name, ""), self._people(name)
            if role == "ignored" and why == "margin" and len(own) > 1 and not settled:
                if own.any() and not is_difference(own, self._votes()):  # no zeros for negatives
                    self._take(name, "no difference")
            elif role == "ignored" and name in strange and not valid and not self._coded(name):
                self._take(name, f"{why} in another language only")
            elif not (settled or named):
                self._among_candidates(name)
        for name in self._doubtful() if complete and not settled else ():
            if position(name, self.roles) == "between":
                self._among_candidates(name)

    def _coded(self, name: str) -> bool:
        """Return whether a column called a code holds codes: in order, or of so many digits each.

        Between candidates they may be votes.
        """
        own, place = self._people(name), position(name, self.roles)
        alike = len({len(str(x)) for x in own}) == 1 and len(np.unique(own)) == len(own) > 1
        return role_of(name) == "code" and place != "between" and (alike or like_codes(own))

    def _doubtful(self) -> list[str]:
        """Return columns of whole numbers that one word calls something else, by nobody's word."""
        found = []
        for name in self._whole(self.columns.names):
            role, known = self.roles[name], name in self.said or name in EXACT
            known = known or role == "candidate"
            why = self.why.get(name, "")
            other = role in (*PLACES, "total") or why in (role_of(name), NO_FRACTION)
            other = other or why.endswith(" is used")
            other = other or (role in LISTS and len(self._named(role)) > 1)
            may_be = (other and few_words(name)) or (role == "invalid" and one_word(name))
            if may_be and not known:
                found.append(name)
        return found

    def _needed_by_sums(self) -> bool:
        """Take columns for candidates that the sums need; return whether the sums agree."""
        total, invalid = self._votes().sum(axis=0), self._invalid()
        for whole, rest in (("valid", 0 * invalid), ("ballots", invalid)):
            names = self._numbers(whole)
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
        taken = role in TAKEN and not {"unit", "stations"}.intersection(words_of(name))
        never = role in NEVER_PEOPLE and not (taken and where == "between")
        never |= role == "percent" and any(name.startswith(f"{n} ") for n in self.roles)
        if not where or never or (role == "invalid" and not other):
            return
        if like_codes(own, small=where != "between"):
            return
        if not self._has_room(own * (role != "invalid")):
            return
        if where == "between":
            self._take(name, f"beside {other}" if other else "stands among candidates")
        elif role in PLACES and [n for n in self._named("region") if n != name]:
            self._take(name, "units and regions are known")
        else:
            raise InputError(
                f"{self.columns.where}: column {name!r} must be a candidate or not - its name says "
                f"{role}, and it stands beside candidates; say it with columns= (--columns "
                f"'{name}=candidate'), else with --columns '{name}=ignored'"
            )
