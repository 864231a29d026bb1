"""Looking at returns that somebody else may be writing: what is whole is used, the rest is said."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from forecast.cli import screen
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.partial_returns import (
    PartialReturns,
    corrected_since,
    partial_returns_of_tables,
)
from forecast.facts.readers import report_files
from forecast.files.columns import Columns
from forecast.files.reading import read_bytes
from forecast.files.spreadsheets import SPREADSHEETS

SETTLED = 2.0
"""Seconds after which nobody is taken to be writing a file any more."""


@dataclass
class _Seen:
    """What was read: a digest of it, and the files whose last line has no end."""

    digest: str = ""
    cut: list[str] = field(default_factory=list)

    def add(self, file: Path, raw: bytes) -> None:
        """Take in one more file."""
        own = sha256(raw).hexdigest()
        self.digest = sha256(f"{self.digest} {own} {file}".encode()).hexdigest()
        if not raw.endswith((b"\n", b"\r")) and file.suffix.casefold() not in SPREADSHEETS:
            self.cut.append(str(file))


class Lookout:
    """Looks at returns, a file or a folder, that somebody else may be writing at this moment.

    What was checked is what is used, and files that cannot be read are not used. What only seems
    cut short is used once it has stayed the same: fewer units than before until the next look, no
    line break at the end for `SETTLED` seconds, since some programs never write one. Files are
    opened only when names, sizes or times of change differ from those of the last look. `say` gets
    one line on what was not used, and why; by default it goes to the error output.
    """

    def __init__(
        self,
        path: Path,
        contest: Contest,
        turnout: InterimTurnout | None = None,
        *,
        say: Callable[[str], None] | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        self.path, self.contest, self.turnout, self.columns = path, contest, turnout, columns
        self.used = self.doubted = self.refused = ""
        self.last: PartialReturns | None = None
        self.seen: dict[str, float] = {}
        self._print = say or partial(screen.say, err=True)
        self._stamps: frozenset[tuple[str, int, int, int]] | None = None

    def look(self) -> PartialReturns | None:
        """Return the returns if they are new and sound, with what was corrected since."""
        stamps = None
        try:
            stamps = self._stamps_now()
            if stamps is not None and stamps == self._stamps:
                return None
            found = self._read()
        except (InputError, OSError) as error:
            found, reason = None, str(error)
            if isinstance(error, OSError):
                reason = f"{error.filename or self.path}: {error.strerror or error}"
            if reason != self.refused:
                self._say(reason)
            self.refused = reason
        self._stamps = None if self.doubted else stamps
        return found

    @property
    def arrival(self) -> dict[str, float] | None:
        """At which look each unit was there first; None where the returns say when."""
        said = self.last is not None and any(row.reported for row in self.last.rows.values())
        return None if said else self.seen

    def _read(self) -> PartialReturns | None:
        """Return the returns if they differ from those used and do not seem cut short."""
        seen = _Seen()
        for file, raw in self._contents():
            seen.add(file, raw)
        if seen.digest == self.used:
            self.doubted = self.refused = ""
            return None
        seen = _Seen()
        found = partial_returns_of_tables(
            self.contest, self._tables(seen), turnout=self.turnout, columns=self.columns
        )
        doubt, where = "", str(self.path)
        missing = self.last.units - found.units if self.last else 0
        if missing > 0:
            doubt = f"{missing} units are missing that had reported"
        elif seen.cut and not self._settled():
            doubt, where = "the last line has no end", seen.cut[0]
        if doubt and seen.digest != self.doubted:
            self.doubted = seen.digest
            self._say(f"{where}: seems cut short - {doubt}; waiting whether it stays so")
            return None
        self.used, self.doubted, self.refused = seen.digest, "", ""
        found = found if self.last is None else corrected_since(found, self.last)
        self.last = found
        look = float(len(set(self.seen.values())))
        for unit, counted in zip(self.contest.units, found.counted, strict=True):
            if counted > 0:
                self.seen.setdefault(unit, look)
        return found

    def _stamps_now(self) -> frozenset[tuple[str, int, int, int]] | None:
        """Return name, number, size and time of change of every file, without opening one.

        None while one has just changed: another change may come within the clock's resolution.
        """
        if os.path.isdir(self.path):
            with os.scandir(self.path) as entries:
                found = [(e.name, e.stat()) for e in entries if e.is_file()]
        else:
            found = [(self.path.name, self.path.stat())]
        latest = max((stat.st_mtime for _, stat in found), default=0.0)
        if time.time() - latest < SETTLED:
            return None
        return frozenset((n, s.st_ino, s.st_size, s.st_ctime_ns) for n, s in found)

    def _contents(self) -> Iterator[tuple[Path, bytes]]:
        for file in report_files(self.path):
            yield file, read_bytes(file)

    def _tables(self, seen: _Seen) -> Iterator[Columns]:
        for file, raw in self._contents():
            seen.add(file, raw)
            yield Columns.from_bytes(raw, file.name)

    def _settled(self) -> bool:
        latest = max(file.stat().st_mtime for file in report_files(self.path))
        return time.time() - latest >= SETTLED

    def _say(self, text: str) -> None:
        kept = "the last good forecast stays" if self.used else "waiting"
        self._print(f"returns not used: {text}; {kept}")
