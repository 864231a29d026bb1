"""How many people a poll asked, where columns tell it in several ways: weighted, net, decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from forecast.facts.poll_tables.cells import people_asked
from forecast.facts.polls import ROUNDING
from forecast.facts.words.word_lists import folded, word_list
from forecast.files.columns import Columns
from forecast.files.numbers import is_missing

SIZE = word_list("people asked")
"""Words of columns that say how many were asked."""
KINDS = tuple(word_list(f"{kind} people") for kind in ("unweighted", "all", "net", "weighted",
                                                       "effective"))  # fmt: skip
"""Words for which of them are meant, the people themselves first."""
WEIGHTED = 3
"""The first of them that are no numbers of people."""
DECIDED = word_list("decided people")
"""Words for those who named a candidate."""
BASES = frozenset(("base", "bases"))
LEAST = 10
"""Fewest people of a base told by its number alone."""


def kind_of_size(name: str) -> int | None:
    """Return which of `KINDS` a column counts, -1 for the decided; None if it says neither.

    Examples
    --------
    >>> [kind_of_size(n) for n in ("Unweighted base", "n total", "Net n", "Weighted n", "Eff. n")]
    [0, 1, 2, 3, 4]
    >>> [kind_of_size(n) for n in ("n decided", "Sample size", "Net lead", "Total")]
    [-1, None, None, None]
    """
    words = {*folded(name).split()}
    sized = words & SIZE or (len(words) > 1 and words & (KINDS[0] | KINDS[WEIGHTED]))
    if not sized or not words <= SIZE.union(DECIDED, *KINDS):
        return None
    if words & DECIDED:
        return -1
    return next((k for k in reversed(range(len(KINDS))) if words & KINDS[k]), None)


def sizes(
    columns: Columns, roles: Mapping[str, str], is_person: Callable[[str], bool]
) -> tuple[dict[str, str], list[str]]:
    """Return the roles of columns that say how many were asked, and notes of what was chosen.

    A column that says so and no more comes first, then people before weighted and effective ones.
    """
    words = {n: {*folded(n).split()} for n in roles if not is_person(n)}
    told = {n: kind for n in words if (kind := kind_of_size(n)) is not None}
    for name, own in words.items():
        plain = own & BASES and own <= SIZE
        if _holds_sizes(columns.values[name]) if roles[name] == "base" else plain:
            told.setdefault(name, 1)
    decided = [n for n, kind in told.items() if kind < 0]
    found = dict.fromkeys(told, "aside") | dict.fromkeys(decided[:1], "n decided")
    notes = [
        f"column {n!r}: how many named a candidate; so many are asked where shares are of these "
        "alone, and more by the undecided where nothing else says how many"
        for n in decided[:1]
    ]
    plain = any(role == "n" and n not in told for n, role in roles.items())
    best = sorted((n for n in told if n not in decided), key=lambda n: told[n])[:1]
    for name in best if not plain else ():
        found[name] = "n"
        weighted = ", though weighted" if told[name] >= WEIGHTED else ""
        notes.append(f"column {name!r}: read as how many were asked{weighted}")
    return found, notes


def _holds_sizes(cells: Sequence[object]) -> bool:
    """Return whether a column "base" holds numbers of people, not words such as "decided"."""
    told = [str(cell) for cell in cells if not is_missing(cell)]
    return bool(told) and all((people_asked(cell) or 0) >= LEAST for cell in told)


def people_of(
    n: int | None, decided: int | None, *, named: float, silent: float, of_decided: bool
) -> int | None:
    """Return how many people the shares of a question are of, None if that is not known.

    Parameters
    ----------
    n, decided : int or None
        How many were asked, and how many of them named a candidate.
    named, silent : float
        Fractions that named a candidate, and that did not.
    of_decided : bool
        Whether the shares are said to be of the decided; so are those that sum to 1 beside no
        fraction of undecided.

    Examples
    --------
    >>> people_of(1000, 850, named=1.0, silent=0.0, of_decided=False)
    850
    >>> people_of(1000, 850, named=0.85, silent=0.15, of_decided=False)
    1000
    >>> people_of(None, 850, named=0.85, silent=0.15, of_decided=False)
    1000
    """
    if decided is None or (n is not None and silent):
        return n
    if silent:
        return round(decided / (1 - silent)) if silent < 1 else None
    return decided if of_decided or abs(named - 1) <= ROUNDING else n
