"""Looking at returns that somebody else may be writing: what is whole is used, the rest is said."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.partial_returns import Reporting, corrected_since, reporting_of_tables
from forecast.facts.readers import report_files
from forecast.files.columns import Columns
from forecast.files.reading import read_text

__all__ = ["Lookout"]

SETTLED = 2.0
"""Seconds after which nobody is taken to be writing a file any more."""


@dataclass
class _Seen:
    """What was read: a digest of it, and the files whose last line has no end."""

    digest: str = ""
    cut: list[str] = field(default_factory=list)

    def add(self, file: Path, text: str) -> None:
        """Take in one more file."""
        own = sha256(text.encode()).hexdigest()
        self.digest = sha256(f"{self.digest} {own} {file}".encode()).hexdigest()
        if not text.endswith("\n"):
            self.cut.append(str(file))


class Lookout:
    """Looks at returns that somebody else may be writing at this moment.

    What was checked is what is used, and files that cannot be read are not used. What only seems
    cut short is used once it has stayed the same: fewer units than before until the next look, no
    line break at the end for `SETTLED` seconds, since some programs never write one.
    """

    def __init__(self, path: Path, contest: Contest, turnout: InterimTurnout | None = None) -> None:
        self.path, self.contest, self.turnout = path, contest, turnout
        self.used = self.doubted = self.refused = ""
        self.last: Reporting | None = None

    def look(self) -> Reporting | None:
        """Return the returns if they are new and sound, with what was corrected since."""
        try:
            seen = _Seen()
            for file, text in self._texts():
                seen.add(file, text)
            if seen.digest == self.used:
                self.refused = ""
                return None
            seen = _Seen()
            found = reporting_of_tables(self.contest, self._tables(seen), turnout=self.turnout)
        except (InputError, OSError) as error:
            if str(error) != self.refused:
                self._say(str(error))
            self.refused = str(error)
            return None
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
        self.used, self.refused = seen.digest, ""
        found = found if self.last is None else corrected_since(found, self.last)
        self.last = found
        return found

    def _texts(self) -> Iterator[tuple[Path, str]]:
        for file in report_files(self.path):
            yield file, read_text(file)

    def _tables(self, seen: _Seen) -> Iterator[Columns]:
        for file, text in self._texts():
            seen.add(file, text)
            yield Columns.from_text(text, file.name)

    def _settled(self) -> bool:
        latest = max(file.stat().st_mtime for file in report_files(self.path))
        return time.time() - latest >= SETTLED

    def _say(self, text: str) -> None:
        kept = "the last good forecast stays" if self.used else "waiting"
        print(f"returns not used: {text}; {kept}", file=sys.stderr, flush=True)
