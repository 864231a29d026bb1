"""LastReports: of all reports of a unit, from one table or from several, the one that counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.words.times import has_day, is_after
from forecast.files.text import in_short

MOST_LOST = 0.1
"""Most votes that a correction takes from a unit, as a fraction, if no time says what is later."""
MOST_GROWN = 0.1
"""Units that win votes for one that loses many, in reports that are in the wrong order."""
UNSAID = 0.5
"""Counted fraction of a unit of which nobody says how much of it is counted."""
SEVERAL = 0.5
"""Units that lose many votes in a later file, as a fraction of all, in files in the wrong order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What one row says.

    Parameters
    ----------
    unit : str
        Its name.
    part : str
        Which of its polling stations the row is of, empty for the whole unit.
    votes : tuple of int
        By finalist.
    fraction : float
        How much of it is counted.
    unsaid : bool
        Whether nobody says how much is counted, only that it is not all: `fraction` is a half.
    other : str
        The unit it is attached to, or an empty text.
    silent : bool
        Whether the row has no number at all: a later one without says nothing.
    listed : int
        Registered people, -1 where the table does not say.
    invalid : int
        Invalid ballots, -1 where the table does not say.
    reported : str
        When, or an empty text; the same count at another time is the same report.
    version : int
        Of two reports of a unit the one with the higher version counts, else the last.
    """

    unit: str
    part: str = ""
    votes: tuple[int, ...]
    fraction: float
    unsaid: bool = False
    other: str
    silent: bool = False
    listed: int = -1
    invalid: int = field(default=-1, compare=False)
    reported: str = field(default="", compare=False)
    version: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """What the row is of: a unit, or a station with its unit in front."""
        return f"{self.unit}, {self.part}" if self.part else self.unit


class LastReports:
    """The last report of each unit, or of its stations, while tables are read, one after another.

    Versions and times say which of two reports is the later; where they do not, the order of rows
    and tables does, but what is counted in part does not replace what is counted in full.
    """

    def __init__(self) -> None:
        self.of: dict[str, Report] = {}
        self.corrected: dict[str, None] = {}
        self.changes = 0

    def add(self, where: str, reports: Iterable[Report]) -> list[str]:
        """Read the reports of a table and return what to say of their order.

        Raises `InputError` if several units lost many votes, none won any, and nothing says which
        of their reports are the later: the newest seem to come first.
        """
        found = _Order()
        for report in reports:
            before = self.of.get(report.name)
            if before is not None and (report.silent and not report.other):
                continue
            if before is not None and (before == report or found.older(report, before)):
                # most files of a folder repeat what is known
                if before == report and _later(report, before):
                    self.of[report.name] = report
                continue
            if (before is not None and before.fraction > 0) or report.version > 1:
                self.corrected[report.name] = None
            self.of[report.name] = report
            found.here.add(report.name)
            self.changes += 1
        found.refuse(where, len(self.of))
        return found.notes()


class _Order:
    """What the reports of a table say of their order, and of that of the tables before."""

    def __init__(self) -> None:
        self.here: set[str] = set()
        self.earlier: dict[str, None] = {}
        self.partial: dict[str, None] = {}
        self.fewer: dict[str, None] = {}
        self.lost: dict[bool, dict[str, tuple[int, int]]] = {True: {}, False: {}}
        self.grown = {True: 0, False: 0}

    def older(self, report: Report, before: Report) -> bool:
        """Return whether the report of a unit before counts, and remember what votes it has."""
        now, seen = sum(report.votes), sum(before.votes)
        here, later = report.name in self.here, _later(report, before)
        if later is False:
            if report.version == before.version:
                self.earlier[report.name] = None
            return True
        part = now > 0 and before.fraction >= 1 > report.fraction and not report.other
        if later is None and part and (now < seen or (here and report.unsaid)):
            self.partial[report.name] = None
            return True
        if before.silent or report.silent:
            return False
        if now < seen and later:
            self.fewer[report.name] = None
        elif now < seen:
            self.lost[here][report.name] = (seen, now)
        self.grown[here] += now > seen
        return False

    def refuse(self, where: str, units: int) -> None:
        """Raise `InputError` if rows, or tables, seem to begin with the newest."""
        for here, least in ((True, 2.0), (False, max(2.0, SEVERAL * units))):
            pairs = self.lost[here].items()
            lost = {u: pair for u, pair in pairs if 0 < pair[1] < (1 - MOST_LOST) * pair[0]}
            if len(lost) < least or self.grown[here] > MOST_GROWN * len(lost):
                continue
            unit, (seen, now) = next(iter(lost.items()))
            what = f"such as {unit!r} from {seen:,} to {now:,}"
            if here:
                raise InputError(
                    f"{where}: the last report of a unit must be the latest - {len(lost)} units "
                    f"lose votes and few or none win any, {what}; sort the rows, oldest first, or "
                    "say which column tells with columns= (--columns 'NAME=reported' for times, "
                    "'NAME=version' for numbers)"
                )
            raise InputError(
                f"{where}: where a unit is in several files, the last by name must be the latest - "
                f"{len(lost)} units have fewer votes here than in a file before and few or none "
                f"have more, {what}; name the files in order, or add a column reported with day "
                "and time; if they count different ballots of these units, put the sums in one file"
            )

    def notes(self) -> list[str]:
        """Return sentences about units whose reports are in an odd order."""
        return [
            *about([*self.earlier], "reported at an earlier time than in a file before, left out"),
            *about([*self.partial], "counted in full before and in part in a later report, taken "
                   "as counted in full - check the order"),
            *about([*self.fewer], "with fewer votes in a later report - check it"),
            *about([*self.lost[True]], "with fewer votes in a later row, and no column "
                   "says when: check the order"),
            *about([*self.lost[False]], "with fewer votes in a later file, and no column "
                   "says when: check the order"),
        ]  # fmt: skip


def _later(report: Report, before: Report) -> bool | None:
    """Return whether a report is later than one before, None if nothing says it.

    An hour without a day does not say that a report with more votes is the earlier: a count may
    last for days.
    """
    if report.version != before.version:
        return report.version > before.version
    later = is_after(report.reported, before.reported)
    more = sum(report.votes) > sum(before.votes)
    return None if later is False and more and not has_day(report.reported) else later


def about(units: Sequence[str], what: str, *, head: str = "{n} unit") -> list[str]:
    """Return a sentence about some units, or rows, or none."""
    if not units:
        return []
    n, named = len(units), in_short(units)
    one = f"{head} {what}: {{names}}".format(n=1, names=named) if n == 1 else ""
    return [Message(f"{head}s {what}: {{names}}", n=n, names=named, english=one)]
