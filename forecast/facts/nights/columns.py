"""Columns of a night's table that say how much of a unit is counted, and when it was reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.nights.cells import FAR, FULL, NEARLY, NightCells
from forecast.facts.tables.counted_cells import (
    COUNTED,
    TERRITORIES,
    about_count,
    are_few,
    are_plain,
    are_row_numbers,
    ballots_counted,
    counted_of,
    counted_pair,
    fractions,
    has_percentages,
    is_plain_state,
    kinds_of,
    may_be_stations,
    names_progress,
    parts_counted,
    people_counted,
    reading,
    said_of_parts,
    says_nothing,
    some_of,
    speaks,
    turned,
)
from forecast.facts.tables.layouts import round_column
from forecast.facts.tables.partial_lines import partial_rows
from forecast.facts.tables.report_order import (
    VERSIONS,
    are_at,
    are_times,
    are_times_by,
    bulletin_numbers,
    last_rows,
    numbers_bulletins,
    order_reports,
    times_of,
)
from forecast.facts.tables.roles_said import check_said, role_in
from forecast.facts.tables.worded_parts import with_plain_parts
from forecast.facts.words.column_words import has_votes, role_of, words_of
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import bare_counts, filled_down, given_texts, is_missing

PEOPLE = ("registered", "ballots", "valid", "invalid", "abstention", "turnout", "votes")
NO_STATE = ("party", "candidate", "code", "year", "coordinate", "area")
"""Roles of columns whose cells say nothing of the count."""
NUMBERS = frozenset(("number", "percent", "part", "flag"))
"""Kinds of cells that are numbers, with or without words beside them."""
MOST_STATIONS = 1000
"""Numbers below which a column may count the polling stations of units."""
EXPECTED = word_list("expected")
BINARY = frozenset(("0", "1", "0.0", "1.0"))
"""Numbers that mean no and yes."""


def night_table(
    columns: Columns, *, people: Mapping[str, str], first: Mapping[str, int]
) -> tuple[Columns, tuple[str, ...]]:
    """Return a table in which what says how much is counted, and when, is called so; and notes.

    A column is understood by the words of its name and of its cells; where its name is unknown, by
    what its cells look like: "45/90" in every row, or "final" and "partial". What looks so and is
    not understood is refused, as it might say that nothing is complete: a state in unknown words,
    yes and no, a percentage that is no ratio of other columns. So is a column of a few values where
    the units of one have far fewer votes of those in the first round than those of another. What
    the user says of columns is left alone, but for one that is `counted`. `people` are columns of
    people and who they are, `first` the units that are known and their votes in the first round.
    Raises `InputError` if a column may say how much is counted and does not say it in known words.
    """
    search = _Search(columns, people, first)
    search.read_words()
    search.fill_merged_cells()
    search.find_uncounted()
    search.find_attached()
    search.find_times()
    search.find_votes()
    search.find_people()
    search.find_expected()
    search.find_stations()
    search.find_counted()
    search.find_lines()
    return search.columns, tuple(search.notes)


class _Search(NightCells):
    """A table while its columns are being recognised."""

    def _call(self, name: str, role: str, cells: Sequence[object], note: str) -> None:
        said = {n: x for n, x in self.columns.said.items() if n != name}
        table = replace(self.columns.with_columns({name: cells}), said=said)
        self.columns = table.renamed({name: role})
        if note:
            self.notes.append(Message(note, column=name))

    def _call_parts(self, part: str, whole: str) -> None:
        """Put the counted fraction in place of the part that one column is of another."""
        self._call(part, "counted", parts_counted(self.columns, part, whole), "")
        self.notes.append(said_of_parts(part, whole))

    def _say(self, names: Iterable[str], role: str = "ignored") -> None:
        self.columns = self.columns.saying(dict.fromkeys(names, role))

    @property
    def _is_told(self) -> set[str]:
        """Roles that some column is said to have, or called by."""
        return {*self.columns.said.values(), *self.columns.names}

    def read_words(self) -> None:
        """Write "15 of 30" for what says that in other words, and votes without marks."""
        self.line, self.marked = partial_rows(self.columns)
        bare = {n: bare_counts(self.columns.values[n]) for n in self.people}
        self.columns = self.columns.with_columns(bare)
        free = [
            name
            for name, cells in self._free()
            if role_of(name) not in NO_STATE and not self._names_units(name, cells)
        ]
        self.columns = with_plain_parts(self.columns, free, sure=self.wide)

    def fill_merged_cells(self) -> None:
        """Repeat in all rows of a unit what only the first of its candidates' rows says."""
        if self.wide:
            return
        names = self._unit_names()
        firsts = [i for i, unit in enumerate(names) if i == 0 or unit != names[i - 1]]
        if len(firsts) < len(set(names)) or 2 * len(firsts) > len(names) or not names:
            return
        for name, cells in list(self._free()):
            said = [i for i, cell in enumerate(cells) if not is_missing(cell)]
            told = role_of(name) == "counted" or speaks(name) or reading(cells[0]) is not None
            if said == firsts and told and role_of(name) not in ("votes", "candidate"):
                self.columns = self.columns.with_columns({name: filled_down(cells)})

    def find_attached(self) -> None:
        """Call the column `attached_to` in which units without votes name other units."""
        people = self._votes()
        if not people or "attached_to" in self._is_told:
            return
        none = np.sum(people, axis=0) == 0
        for name, cells in list(self._free()):
            said = [i for i, cell in enumerate(cells) if not is_missing(cell)]
            others = {str(cells[i]).strip() for i in said}
            if len(said) < len(cells) and none[said].all() and others <= self.first.keys():
                self._call(name, "attached_to", cells, "{column} names the units that hold the "
                           "votes of others")  # fmt: skip
                return

    def find_uncounted(self) -> None:
        """Empty the cells of votes that say in words that they are still to be counted."""
        votes = {n: self.columns.values[n] for n in self.columns.names
                 if n in self.people or role_in(self.columns, n) == "votes"}  # fmt: skip
        words = {str(cell) for cells in votes.values() for cell in cells if isinstance(cell, str)}
        words = {text for text in words if not any(map(str.isdigit, text))}
        states = {text: said for text in words if (said := reading(text)) is not None}
        undone = {text for text, said in states.items() if said.kind == "state" and not said.value}
        if undone:
            values = {n: [None if cell in undone else cell for cell in cells]
                      for n, cells in votes.items()}  # fmt: skip
            self.columns = self.columns.with_columns(values)

    def find_votes(self) -> None:
        """Call the column `counted` that says how many of the votes are in, before stations do."""
        if "counted" in self._is_told:
            return
        for name, cells in list(self._free()):
            words = folded(name).split()
            expected = "eevp" in words  # the "estimated expected vote percentage" of feeds
            of_votes = has_votes(name) or expected or "ballots" in map(role_of, words)
            if of_votes and self._found(name, cells) == "precise" and self._take(name):
                return

    def find_people(self) -> None:
        """Put the counted fraction in place of the column of people whose votes are counted.

        Ballots that are counted, beside all that were cast, say it, too.
        """
        if "counted" in self._is_told:
            return
        named = {"registered", "ballots"}.intersection(self.columns.names)
        free = [*named, *(n for n, _ in self._free())]
        bad = [n for n in self.columns.names if role_of(n) == "invalid"]
        ballots = [*self._votes(), *self._all_counts(bad)]
        pair = people_counted(self.columns, free, int(np.sum(ballots)))
        papers = None if pair else ballots_counted(self.columns, free)
        if papers:
            parts = parts_counted(self.columns, *papers)
            self.columns = self.columns.with_columns({"counted": parts})
            self._say(papers[1:])
            self.notes.append(said_of_parts(*papers))
        if pair is None:
            return
        part, whole = pair
        if not whole:
            raise InputError(
                f"{self.columns.where}: column {part!r} must stand beside one of all registered "
                "people - it has those of what is counted, and no other column says how much that "
                "is; give all of them, too, or columns of stations counted and of all, or leave it "
                f"out with columns= (--columns '{part}=ignored')"
            )
        self._call_parts(part, whole)

    def find_expected(self) -> None:
        """Put the counted fraction in place of the votes so far and of those that are expected.

        The former are those of the people who are known, and perhaps invalid ones.
        """
        people, free = self._votes(), {n: self._counts(n) for n, _ in self._free()}
        if "counted" in self._is_told or not people:
            return
        own, counts = np.sum(people, axis=0), {n: c for n, c in free.items() if c is not None}
        told = [n for n in counts if not EXPECTED.isdisjoint(folded(n).split())]
        for part, some in counts.items():
            if not has_votes(part) or (some < own).any() or own.sum() < NEARLY * some.sum():
                continue
            for whole in (n for n in told if n != part and (some <= counts[n]).all()):
                self._say([whole])
                self._call_parts(part, whole)
                return

    def find_stations(self) -> None:
        """Put the counted fraction in place of the columns of stations reported, and of all."""
        numbers = {n: c for n, _ in self._free() if (c := self._counts(n)) is not None}
        said = [n for n, role in self.columns.said.items() if role == "counted"]
        pair: tuple[str, ...] | None = None
        if len(said) > 1:
            counts = {n: c.sum() for n in said if (c := self._counts(n)) is not None}
            least = tuple(sorted(counts, key=lambda n: counts[n]))
            pair = counted_pair(self.columns, counts) or least
        elif not said and "counted" not in self.columns.names:
            pair = counted_pair(self.columns, numbers)
            numbers = {n: c for n, c in numbers.items() if may_be_stations(n)}
            pair = pair or self._progress.pair_among(numbers)
        elif not said:
            pair = counted_of(self.columns, ["counted", *numbers])
        if pair and len(pair) > 1:
            self._say(pair[1:])
            self._call_parts(*pair)

    def find_times(self) -> None:
        """Call the column of times `reported`, and that of versions so."""
        told = self._is_told
        free = [(n, c, set(folded(n).split())) for n, c in self._free()]
        named = {name: words for name, cells, words in free if are_times(cells, words)}
        others = {n for n, w in named.items() if are_at(w) and not self._speaks(n)}  # "Opened at"
        times = [name for name in named if name not in others]
        times += [n for n, c, _ in free if n not in named and self._are_times_of_count(n, c)]
        behind = {n: self._order_reports_by(c) for n, c, _ in free}
        times += [n for n, number in behind.items() if number and n not in times]
        times.sort(key=lambda name: -behind[name])
        self._say(others.difference(times))
        for name in times:
            if name == "reported" or name == round_column(self.columns):
                continue
            if "reported" in told:
                self._say([name])
                continue
            cells = self.columns.values[name]
            if not self.wide and self._order_reports_by(cells):
                self._keep_last(times_of(cells))
                cells = self.columns.values[name]
            self._call(name, "reported", cells, "{column} says when rows were reported")
            told.add("reported")
        for name, cells, words in (one for one in free if one[0] not in (*times, *others)):
            if "version" not in told and words & VERSIONS and self.columns.kind(name) == "whole":
                self._call(name, "version", cells, "{column} numbers the versions of a row")
                told.add("version")
        self._find_bulletins(told)

    def _find_bulletins(self, told: set[str]) -> None:
        """Say which column numbers bulletins, if there is none of times or versions."""
        texts = [(n, c) for n, c in self._free() if self.columns.kind(n) == "text"]
        numbers = {n: found for n, c in texts if (found := bulletin_numbers(c)) is not None}
        self.columns = self.columns.with_columns(numbers)
        free = [name for name, _ in self._free()]
        named = [n for n in free if numbers_bulletins(n) and self._counts(n) is not None]
        named = [*numbers, *named]
        if told & {"reported", "version"}:
            self._say(named)
            return
        for name in (named or [n for n in free if self._orders_reports(n)])[:1]:
            if not (self.wide or self._keep_last(self._counts(name))):
                continue
            self._say([name], "reported")
            self.notes.append(Message("{column} says when rows were reported", column=name))

    def _keep_last(self, numbers: Any) -> bool:
        """Keep the last report of each unit in rows of candidates; return whether they are any."""
        who = (n for n in self.columns.names if role_of(n) == "candidate")
        rows = last_rows(numbers, self._unit_names(), [self.columns.texts(n) for n in who])
        if rows is not None:
            self.columns = self.columns.select(rows)
            self.__dict__.pop("_progress", None)
        return rows is not None

    def _orders_reports(self, name: str) -> bool:
        """Return whether a column of unknown name numbers the reports of units."""
        numbers, votes, units = self._counts(name), self._votes(), self._unit_names()
        if not (self.wide and votes) or role_of(name) or numbers is None:
            return False
        return order_reports(numbers, units, np.sum(votes, axis=0))

    def find_counted(self) -> None:
        """Call the column that says how much is counted `counted`."""
        said = next((n for n, role in self.columns.said.items() if role == "counted"), "")
        said = said or ("counted" if "counted" in self.columns.names else "")
        if said:
            check_said(replace(self.columns, said={said: "counted"}))
            self._said(said, self.columns.values[said])
            return
        found: dict[str, str] = {}
        for name, cells in list(self._free()):
            if name == "reported" and are_times(cells, {"time"}):
                self._refuse_stations(cells)
            else:
                found[name] = self._found(name, cells)
        precise, states = ([n for n in found if found[n] == how] for how in ("precise", "state"))
        doubted = [n for n, told in found.items() if told and n not in (*precise, *states)]
        if not precise and not self._by_name() and doubted and not states:
            name = doubted[0]
            raise InputError(
                f"{self.columns.where}: column {name!r} may say how much of each unit is counted - "
                f"found {found[name]}; say what it is with columns=: --columns '{name}=ignored' if "
                f"it says something else, '{name}=counted' if it has percentages, or final and "
                "partial"
            )
        if precise:
            named = [*precise, *self._by_name()]
            self._take(self._least([n for n in named if names_progress(n)] or named))
        elif states and not self._by_name():
            self._take(self._least(states))

    def find_lines(self) -> None:
        """Take units as counted in part of which a line above or below the table says so."""
        if "counted" in self._is_told:
            return
        line, rows = self.line, self.marked
        if not line or not self._are_of_units([True] * len(self.columns)):
            return
        votes = self._progress.votes
        done = np.where(votes > 0, 1.0, 0.0) if rows else np.zeros(len(self.columns))
        units = self._unit_names()
        marked = {units[i] for i in rows} if units else set()
        parts = [0.0 if i in rows or (units and units[i] in marked) else float(done[i])
                 for i in range(len(self.columns))]  # fmt: skip
        self.columns = self.columns.with_columns({"counted": parts})
        self.notes.append(Message("by the line {text}, units are counted in part", text=repr(line)))

    def _refuse_stations(self, cells: Sequence[object]) -> None:
        """Raise `InputError` if `reported` may be how many stations have, and not when they did."""
        numbers, units = self._counts("reported"), self._unit_names()
        if numbers is None or numbers.max() >= MOST_STATIONS or len({*units}) < len(units):
            return
        order = sorted(numbers.tolist()) == [*range(1, len(cells) + 1)]
        if not order and self._progress.before.any() and not self._progress.looks_full:
            name = "reported"
            raise InputError(
                f"{self.columns.where}: column {name!r} may say how many stations of a unit are "
                f"counted, or when it reported - found {some_of(cells)}; add a column of all "
                f"stations, or say so with columns= (--columns '{name}=reported') if these are "
                f"times, with --columns '{name}=counted' if they are percentages"
            )

    def _by_name(self) -> list[str]:
        """Return the columns of numbers that are known by name to say how much is counted."""
        return [
            name
            for name, _ in self._free()
            if role_of(name) == "counted"
            and self.columns.kind(name) in ("whole", "number")
            and not self._is_large(name)
        ]

    def _least(self, names: Sequence[str]) -> str:
        """Return the column by which no unit is counted further than by another, or the first."""
        least = names[0]
        for name in names[1:]:
            own, other = (self._fractions(n, self.columns.values[n]) for n in (name, least))
            if own is not None and other is not None and np.less_equal(own, other).all():
                least = name
        return least

    def _fractions(self, name: str, cells: Sequence[object]) -> list[float] | None:
        return self._still_to_come(name, cells) or fractions(name, cells)

    def _take(self, name: str) -> bool:
        """Call a column `counted` if its cells are understood, and return whether they are."""
        cells = self.columns.values[name]
        found = self._fractions(name, cells)
        if found is not None:
            if kinds_of(cells) <= {"state", "flag"}:
                found = self._without_silent(found)
            still = "{column} says how much is still to be counted"
            self._call(name, "counted", found, still if turned(name) else COUNTED)
        return found is not None

    def _without_silent(self, found: Sequence[float]) -> list[float]:
        """Return parts in which no unit is final that has no votes, where some were before."""
        votes, seen = self._votes(), self._progress
        if not votes or not self.wide:
            return [*found]
        silent = (np.sum(votes, axis=0) == 0) & (seen.before > 0)
        return [0.0 if none else part for part, none in zip(found, silent, strict=True)]

    def _said(self, name: str, cells: Sequence[object]) -> None:
        """Read a column that is `counted` for certain, if it does not hold numbers alone."""
        kinds = kinds_of(cells)
        texts = set(given_texts(cells))
        numbers = "number" in kinds or kinds <= {"part", "percent"} or texts <= BINARY
        if numbers and not turned(name) and (are_plain(cells) or fractions(name, cells) is None):
            return
        found = self._fractions(name, cells)
        if found is None and "state" in kinds:
            strange = next(c for c in cells if not is_missing(c) and reading(c) is None)
            raise InputError(
                f"{self.columns.where}, {name!r}: must say how much of each unit is counted - "
                f"found {str(strange)[:40]!r}; write final or partial, or percentages"
            )
        if found is not None:
            self._call(name, "counted", found, COUNTED)

    def _found(self, name: str, cells: Sequence[object]) -> str:
        """Return "precise" or "state" for a column that tells, or what makes it doubtful, or ""."""
        remarks = self._remarks(name, cells)
        if remarks or self._is_something_else(name, cells):
            return "state" if remarks else ""
        kinds, role = kinds_of(cells), role_of(name)
        if "part" in kinds and kinds <= {"part", "percent"} and role != "date":
            return self._parts(name, cells)
        worded = role == "counted" and kinds <= NUMBERS and not are_plain(cells)
        if worded or self._still_to_come(name, cells) is not None:
            return "precise"
        if has_percentages(name, cells, kinds) or (not role and self._as_counted(cells)):
            return self._percentages(name, cells)
        if kinds & {"state", "part"} or (kinds == {"flag"} and role not in NO_STATE):
            return self._states(name, cells, kinds)
        return self._unknown(name, cells)

    def _parts(self, name: str, cells: Sequence[object]) -> str:
        """Return whether parts such as "5 of 10" are of what is counted, not of rows or pages."""
        role = role_of(name)
        unknown = role in ("", "percent") and not about_count(name)
        other = are_row_numbers(cells) or role in (*NO_STATE, "region")
        if other or (unknown and self.wide and self._as_full(cells)):
            self._say([name])
            return ""
        return "precise"

    def _unknown(self, name: str, cells: Sequence[object]) -> str:
        """Return what makes a column doubtful whose cells are not understood."""
        words, role = set(folded(name).split()), role_of(name)
        percent = role == "percent" and about_count(name)
        known = not percent and role not in ("", "counted")
        known = known or {str(c) for c in cells if not is_missing(c)} <= {*self.people}
        if known or not self._are_of_units(cells) or not are_few(cells) or "by" in words:
            return ""
        alike = self._differ(cells, NEARLY) is False
        alike = alike and (len({*map(str, cells)}) > 1 or self._progress.looks_full)
        silent = self._sets_silent_apart(cells)
        doubted = percent or (speaks(name) and not are_times_by(words) and (silent or not alike))
        differ = self._differ(cells, NEARLY if silent else FAR) is True
        return some_of(cells) if doubted or differ else ""

    def _is_something_else(self, name: str, cells: Sequence[object]) -> bool:
        """Return whether a column counts people or names units, by its first cells."""
        kind = self.columns.kind(name)
        if kind == "whole":
            return self._is_large(name) and not turned(name)
        return kind == "text" and (says_nothing(cells) or self._names_units(name, cells))

    def _states(self, name: str, cells: Sequence[object], kinds: set[str]) -> str:
        role, words = role_of(name), folded(name).split()
        sure = speaks(name) and "by" not in words
        both = len({s.value for c in cells if (s := reading(c))}) > 1
        named = not TERRITORIES.isdisjoint(words)  # "State", but of the count, not of a land
        if kinds == {"state"} and (named or (both and not self._as_full(cells))):
            return "state"
        unsure = not sure and kinds != {"flag"} and not any(map(is_plain_state, cells))
        full = self._as_full(cells) or (self._is_remark(name) and self._progress.looks_full)
        if unsure and (role in ("unit", "region") or (self.wide and full)):
            return ""
        if "" in kinds:
            told = [cell for cell in cells if not is_missing(cell)]
            strange = [cell for cell in told if reading(cell) is None]
            sure = sure and role in ("", "counted")
            if sure and kinds & {"state", "part"} and self._are_silent(cells, strange):
                cells = [None if reading(cell) is None else cell for cell in cells]
                self.columns = self.columns.with_columns({name: cells})
                return self._states(name, cells, kinds - {""})
            other = 2 * len(strange) > len(told) and not sure
            source = role == "source" and self._differ(cells, FAR) is not True
            other = other or role in NO_STATE or source or not are_few(strange)
            return "" if other or not self._are_of_units(cells) else some_of(cells, unknown=True)
        if kinds & {"state", "part"} or (sure and role not in PEOPLE):
            return "" if role in NO_STATE else "state"
        several = len({None if is_missing(cell) else str(cell) for cell in cells}) > 1
        doubted = self.wide and several and role in ("", "total")
        return some_of(cells) if doubted and self._differ(cells, NEARLY) is not False else ""

    def _percentages(self, name: str, cells: Sequence[object]) -> str:
        """Return whether percentages are of what is counted: of nothing else that is there."""
        about, role = about_count(name), role_of(name)
        others = {role_of(word) for word in folded(name).split()}.intersection(PEOPLE)
        if role in NO_STATE or (others and not (about and others == {"votes"})):
            return ""
        values = [0.0 if s is None else s.value for s in map(reading, cells)]
        numbers = np.array(values)
        numbers = numbers * FULL if numbers.max() <= 1 else numbers
        if self._is_ratio(numbers) or self._is_share(numbers):
            if not role and self.wide:
                self._say([name])
            return ""
        seen, full = self._progress, bool((numbers == FULL).any())
        if about and (role != "margin" or full or seen.explains(numbers / FULL)):
            return "precise"
        other = (role == "margin" and not about) or self._about_somebody(name)
        if other or not self._are_of_units(cells):
            return ""
        if seen.goes_with(numbers / FULL):
            return "precise"
        if self._as_counted(cells):
            nothing = False
        elif seen.before.any():
            nothing = seen.looks_full or seen.refutes(numbers / FULL) or self._as_full(cells)
        else:
            nothing = not full and bool(words_of(name))
        return "" if nothing else some_of(cells)

    def _still_to_come(self, name: str, cells: Sequence[object]) -> list[float] | None:
        """Return the counted fractions of units of which votes or stations remain."""
        remaining = self._counts(name)
        if not turned(name) or remaining is None or "percent" in words_of(name):
            return None
        if {str(cell).strip() for cell in cells} <= BINARY:
            return None
        papers = any(role_of(n) == "unused" for n, _ in self._free() if n != name)
        people = self._votes()
        if papers or not people or (remaining > 0).all():
            return None
        votes = np.sum(people, axis=0)
        ballots = any(role_of(word) in ("ballots", "votes") for word in folded(name).split())
        part = votes / np.maximum(votes + remaining, 1) if ballots else 0.0 * votes
        return [float(p) for p in np.where(remaining > 0, part, 1.0)]
