"""What the shell offers when Tab is pressed: bundled names, and files of the right kind."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable

LIBRARY: Traversable = files("forecast")
FACTS = LIBRARY / "data"
"""Looked into without importing anything: a shell waits for this at every Tab."""


def bundled(folder: str, ending: str = "csv", within: Traversable = FACTS) -> list[str]:
    """Return the names of bundled files of one kind."""
    names = (file.name for file in (within / folder).iterdir())
    return sorted(name[: -len(ending) - 1] for name in names if name.endswith(f".{ending}"))


def bundled_contests() -> list[str]:
    """Return the names of the bundled contests: one in a file, or many in one table."""
    text = (FACTS / "contests" / "national.csv").read_text("utf-8")
    many = {line.partition(",")[0] for line in text.splitlines()[1:]}
    return sorted({*bundled("contests", "toml"), *many})


def _completion(names: Callable[[], Iterable[str]], *endings: str) -> Callable[[str], list[str]]:
    """Return what completes a word to one of the names, a folder or a file of these endings."""

    def complete(incomplete: str) -> list[str]:
        found = [name for name in names() if name.startswith(incomplete)]
        for path in sorted(glob.glob(glob.escape(incomplete) + "*")):
            if os.path.isdir(path):
                found.append(os.path.join(path, ""))
            elif path.endswith(endings):
                found.append(path)
        return found

    return complete


complete_contest = _completion(bundled_contests, ".csv")
complete_history = _completion(lambda: bundled("histories"), ".csv")
complete_prior = _completion(lambda: ("learned", "elicited"), ".toml", ".json")
complete_units = _completion(
    lambda: ("districts", "stations", "departments", "counties", "country")
)
complete_order = _completion(lambda: ("random", "small-first", "region"), ".csv")
complete_language = _completion(lambda: ("en", *bundled("catalogues", "po", LIBRARY / "report")))
