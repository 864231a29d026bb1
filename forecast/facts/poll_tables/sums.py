"""Which columns of a table of polls are answers: those with which its rows sum to 100%."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.facts.poll_tables.cells import PERCENT, Share
from forecast.facts.polls import ROUNDING

MOST_COLUMNS = 2
"""Columns that are missing or too many."""
FEWEST = 2
"""Rows, and people of a row, that say something."""
NEARLY_ALL, MANY = 0.9, 0.5
"""Parts of the rows that must sum to 100% with a change, and must not without it."""
RISE = 0.25
"""Least part of the shares of those who are not asked about that the others have in addition."""
SMALL, MONTHS, LARGE = 0.05, 0.125, 0.2
"""Shares that may be an error of sampling, a month, or hardly anything else by accident."""
EXACT = 0.011
"""How far rows may be from one with a column that is no answer by its name."""
ENOUGH = 4
"""Rows that do not sum to one by accident, or half as many of all answers."""
SURELY = 4.0
"""Least logarithm of how many times as likely sums are without a column as with it."""
FINEST, MOST_DIGITS = 0.001, 3
"""Least error of a sum by rounding, and digits of a percent that are counted."""

Cells = Sequence[Share | None]


def missing(
    answers: Mapping[str, Cells], people: Collection[str], doubtful: Mapping[str, Cells]
) -> tuple[str, ...]:
    """Return the columns that are answers because rows sum to 100% only with them.

    Parameters
    ----------
    answers : mapping of str to sequence of Share or None
        Columns known or thought to be answers.
    people : collection of str
        Those of them that are candidates.
    doubtful : mapping of str to sequence of Share or None
        Columns that are something else by their names. One that is small, as small in every row
        as the number of a month, or the lead of the first over the second, is no answer.

    Examples
    --------
    >>> from forecast.facts.poll_tables.cells import share_of
    >>> cells = {"Ada": "30 29", "Ben": "48 44", "Luna": "22 27", "Error": "3 4"}
    >>> told = {name: [*map(share_of, said.split())] for name, said in cells.items()}
    >>> known = {name: told.pop(name) for name in ("Ada", "Ben")}
    >>> missing(known, known, told)
    ('Luna',)
    """
    parts, large, asked = _large(answers, people, doubtful)
    complete = len(people) < len(answers)  # with those who named nobody
    witnesses = asked.sum() + FEWEST * complete
    least = SMALL if witnesses >= ENOUGH else LARGE if witnesses >= FEWEST else 1.0
    likely = {name: x for name, x in large.items() if np.median(x[asked]) >= least}
    return _completing(_sum(parts), likely, asked, within=EXACT) if asked.any() else ()


def fitting(
    answers: Mapping[str, Cells], people: Collection[str], doubtful: Mapping[str, Cells]
) -> tuple[str, ...]:
    """Return the columns that may be answers, each by itself, as rows do not exceed 100% with it.

    Parameters are those of `missing`.
    """
    parts, large, asked = _large(answers, people, doubtful)
    most = 1 + ROUNDING - _sum(parts)
    return tuple(name for name, x in large.items() if (x <= most)[asked].all())


def _large(
    answers: Mapping[str, Cells], people: Collection[str], doubtful: Mapping[str, Cells]
) -> tuple[dict[str, FloatArray], dict[str, FloatArray], npt.NDArray[np.bool_]]:
    """Return answers, what may be further ones by its size, and the rows that tell."""
    whole = _whole(answers, people)
    parts, rest = _fractions(answers, whole), _fractions(doubtful, whole)
    asked = _asked(parts, people)
    if not asked.any():
        return parts, {}, asked
    large = {
        name: x
        for name, x in rest.items()
        if np.median(x[asked]) >= (SMALL if np.ptp(x[asked]) else MONTHS)
        and not _is_lead(x, [parts[n] for n in people], asked)
    }
    return parts, large, asked


def beyond(
    answers: Mapping[str, Cells], people: Collection[str], doubtful: Collection[str]
) -> tuple[str, ...]:
    """Return the columns that are no answers because rows sum to 100% only without them.

    Parameters are those of `missing`.

    Examples
    --------
    >>> from forecast.facts.poll_tables.cells import share_of
    >>> cells = {"Ada": "30 29", "Ben": "48 44", "Cid": "22 27", "Cost": "5 7"}
    >>> told = {name: [*map(share_of, said.split())] for name, said in cells.items()}
    >>> beyond(told, told, told)
    ('Cost',)
    """
    parts = _fractions(answers, _whole(answers, people))
    asked = _asked(parts, people)
    less = {name: -x for name, x in parts.items()}
    found = _completing(_sum(parts), less, asked) if asked.sum() >= FEWEST else ()
    left = [parts[name] for name in people if name not in found]
    lead = any(_is_lead(parts[name], left, asked) for name in found)
    return found if {*found} <= {*doubtful} and not lead else ()


def nearer(
    answers: Mapping[str, Cells], people: Collection[str], doubtful: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the small columns that are no answers, and those that may be none.

    Without them rows sum to 100%, as nearly as rounded shares do, and with them to more. Where that
    may be an accident of rounding, or it is true without any of several, nobody can tell.

    Parameters are those of `missing`.

    Examples
    --------
    >>> from forecast.facts.poll_tables.cells import share_of
    >>> cells = {"Ada": "30 29 31", "Ben": "48 44 45", "Cid": "22 27 24", "Stars": "2 1 2"}
    >>> told = {name: [*map(share_of, said.split())] for name, said in cells.items()}
    >>> nearer(told, told, told)
    (('Stars',), ())
    """
    whole = _whole(answers, people)
    parts = _fractions(answers, whole)
    asked, total = _asked(parts, people), _sum(parts)
    variance = {name: _step(answers[name], whole) ** 2 / 12 for name in answers}
    loose = [n for n in answers if n in doubtful and asked.any()]
    loose = [n for n in loose if np.median(parts[n][asked]) <= SMALL]
    weights: dict[tuple[str, ...], float] = {}
    for names in (x for k in range(1, MOST_COLUMNS + 1) for x in combinations(loose, k)):
        if len({*people} - {*names}) < FEWEST:
            continue
        own = _sum({n: parts[n] for n in names})
        away, with_it = np.abs(total - own - 1), np.abs(total - 1)
        tells = asked & (own > 0)
        noise = max(sum(v for n, v in variance.items() if n not in names), FINEST**2)
        fits = (away <= max(EXACT, 2 * noise**0.5))[asked].mean() >= NEARLY_ALL
        if fits and 2 * tells.sum() >= asked.sum():
            weights[names] = float(np.sum((with_it**2 - away**2)[tells])) / (2 * noise)
    most = max(weights.values(), default=0.0)
    best = [names for names, weight in weights.items() if 0 < weight > most - SURELY]
    if len(best) == 1 and most >= SURELY and asked.sum() >= FEWEST:
        return best[0], ()
    return (), tuple(dict.fromkeys(name for names in best for name in names))


def _step(cells: Cells, whole: float) -> float:
    """Return the last digit of a column's numbers as a fraction."""
    steps = [1 / PERCENT if x.percent else 1 / whole for x in cells if x]
    parts = [repr(x.number).partition(".")[2] for x in cells if x]
    digits = max((len(part) for part in parts if part != "0"), default=0)
    return float(max(max(steps, default=0.0) / 10**digits, FINEST / 10**MOST_DIGITS))


def outside(
    answers: Mapping[str, Cells], people: Collection[str], silent: Collection[str]
) -> tuple[str, ...]:
    """Return the columns of those who named nobody that shares of the others stand beside.

    With them rows exceed 100%, without them they do not, and no other column alone is too many.
    Rows that say nothing of them are no witnesses.

    Parameters are those of `missing`, and `silent`, the answers of those who named nobody.

    Examples
    --------
    >>> from forecast.facts.poll_tables.cells import share_of
    >>> cells = {"Ada": "40 39", "Ben": "48 44", "Abst.": "30 25"}
    >>> told = {name: [*map(share_of, said.split())] for name, said in cells.items()}
    >>> outside(told, ["Ada", "Ben"], ["Abst."])
    ('Abst.',)
    """
    parts = _fractions(answers, _whole(answers, people))
    asked, total = _asked(parts, people), _sum(parts)
    rest = total - _sum({name: parts[name] for name in silent})
    asked = asked & (total > rest)
    fits = (total > 1 + ROUNDING) & (rest <= 1 + ROUNDING) & (total - rest < 1)
    if not silent or not asked.any() or fits[asked].mean() < NEARLY_ALL:
        return ()
    others = (x for name, x in parts.items() if name not in silent)
    alone = any(_near_one(total - x, asked, EXACT) >= NEARLY_ALL for x in others)
    return () if alone else tuple(silent)


def asked_of_two(answers: Mapping[str, Cells]) -> list[int]:
    """Return the rows in which all but two people have 0 because nobody was asked about them.

    Somebody of them has a clear share in rows with more people, and there the two have less.

    Examples
    --------
    >>> from forecast.facts.poll_tables.cells import share_of
    >>> cells = {"Ada": "40 54 56", "Ben": "35 46 0", "Cid": "25 0 44"}
    >>> asked_of_two({name: [*map(share_of, said.split())] for name, said in cells.items()})
    [1, 2]
    """
    parts = np.array([*_fractions(answers, _whole(answers, answers)).values()])
    zeros = np.array(
        [[x is not None and not x.number for x in cells] for cells in answers.values()]
    )
    named = (parts > 0).sum(axis=0) if len(parts) else np.zeros(0)
    many = named > FEWEST
    if not many.any():
        return []
    usual = np.array([np.median(row[row > 0]) if (row > 0).any() else 0 for row in parts[:, many]])
    found = []
    for i in np.flatnonzero((named == FEWEST) & zeros.any(axis=0)):
        two, gone = parts[:, i] > 0, usual[zeros[:, i]]
        rise = parts[two, i] - usual[two]
        if gone.max() >= SMALL and rise.min() >= -ROUNDING and rise.sum() >= RISE * gone.sum():
            found.append(int(i))
    return found


def _completing(
    total: FloatArray,
    columns: Mapping[str, FloatArray],
    asked: npt.NDArray[np.bool_],
    *,
    within: float = ROUNDING,
) -> tuple[str, ...]:
    """Return the fewest columns that make rows sum to one; none if nobody can tell which."""
    if _near_one(total, asked) >= MANY:
        return ()
    for k in range(1, MOST_COLUMNS + 1):
        found = [
            names
            for names in combinations(columns, k)
            if _near_one(total + _sum({n: columns[n] for n in names}), asked, within) >= NEARLY_ALL
        ]
        if found:
            return found[0] if len(found) == 1 else ()
    return ()


def _near_one(total: FloatArray, asked: npt.NDArray[np.bool_], within: float = ROUNDING) -> float:
    """Return the part of the rows that sum to one."""
    return float((np.abs(total - 1) <= within)[asked].mean())


def _is_lead(own: FloatArray, people: Sequence[FloatArray], asked: npt.NDArray[np.bool_]) -> bool:
    """Return whether a column is the first minus the second share in all rows."""
    first = np.sort(people, axis=0)[::-1]
    return len(people) >= FEWEST and bool(
        (np.abs(own - first[0] + first[1]) <= ROUNDING)[asked].all()
    )


def _whole(answers: Mapping[str, Cells], people: Collection[str]) -> float:
    """Return what most columns of people are parts of: 100, or one if none of them exceeds it."""
    plain = [[x.number for x in answers[n] if x and not x.percent] for n in people]
    return PERCENT if 2 * sum(max(x, default=0) > 1 for x in plain) >= len(plain) else 1.0


def _fractions(columns: Mapping[str, Cells], whole: float) -> dict[str, FloatArray]:
    """Return shares as fractions, 0 where there is none."""
    return {
        name: np.array([x.number / (PERCENT if x.percent else whole) if x else 0 for x in cells])
        for name, cells in columns.items()
    }


def _asked(parts: Mapping[str, FloatArray], people: Collection[str]) -> npt.NDArray[np.bool_]:
    """Return the rows that have shares of several people."""
    return np.asarray(_sum({name: parts[name] > 0 for name in people}) >= FEWEST)


def _sum(columns: Mapping[str, npt.NDArray[Any]]) -> FloatArray:
    return np.asarray(np.sum([*columns.values()], axis=0, dtype=float))
