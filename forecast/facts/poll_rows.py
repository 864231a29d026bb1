"""Which rows of a table have a day and a sample, as those of polls have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from forecast.facts.poll_cells import is_empty, people_asked
from forecast.files.columns import Columns

DAYS = ("start", "end", "published")
"""Roles of columns of days."""
MANY_TIMES = 20
"""Times the usual sample that no poll asks."""


def rows_asked(columns: Columns, roles: Mapping[str, Sequence[str]]) -> list[bool | None]:
    """Return of each row whether it has a day and a sample like the others.

    It is false if a row has neither and most others have both, None if nothing tells.

    Parameters
    ----------
    columns : Columns
        A table of polls.
    roles : mapping of str to sequence of str
        Its columns by what they are.

    Examples
    --------
    >>> cells = {"end": ["4 May", "6 May", "", "5 May"], "n": ["900", "", "", "1000"]}
    >>> rows_asked(Columns(where="polls", values=cells), {"end": ["end"], "n": ["n"]})
    [True, None, False, True]
    """
    told = [
        [
            [c for n in names if not is_empty(c := columns.values[n][i])]
            for names in ([n for role in DAYS for n in roles.get(role, ())], roles.get("n", ()))
        ]
        for i in range(len(columns))
    ]
    dated = [any(map(str.isdigit, "".join(map(str, days)))) for days, _ in told]
    sizes = [next(filter(None, map(people_asked, map(str, n))), 0) for _, n in told]
    usual = median(filter(None, sizes)) if any(sizes) else 0
    both = [day and 0 < n <= MANY_TIMES * usual for day, n in zip(dated, sizes, strict=True)]
    most = 2 * sum(both) >= len(columns)
    return [
        True if full else False if most and not (day or n) else None
        for full, day, (_, n) in zip(both, dated, told, strict=True)
    ]
