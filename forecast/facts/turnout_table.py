"""Tables of interim turnout, matched with the units of a contest."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray, IntArray, grouped
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import GROWTH, InterimTurnout, most_voters, unlisted_units
from forecast.facts.tables.last_reports import about
from forecast.facts.tables.rounds import is_round, round_of_cell, round_of_name
from forecast.facts.words.column_words import is_total, role_of
from forecast.facts.words.names import matched_units
from forecast.files.columns import MAX_COUNT, Columns, Table
from forecast.files.numbers import decimal, is_missing
from forecast.signatures import refuses_other_kinds

HOURS = ("first_round", "runoff")
PLACES = ("unit", "region")
OF_TURNOUT = ("", "round", "turnout", "ballots", "percent")
"""Roles by its name that a column of turnout may have."""
LARGEST_CHANGE = 1.5
"""Largest change of turnout believed of a unit, in logits."""
NOISE = 0.5
"""Noise of a unit's change of turnout over that of as many people drawn twice: most do twice the
same. A half is judgement, after a look at Georgia 2018: with it participation followed turnout by
station about one to one in small and in large ones. Its bundled turnout, by district, has none."""
LARGEST_GROWTH = 3.0
"""Largest growth of a list believed, as a factor; its inverse is the smallest."""
UNACCOUNTED, FEW = 0.02, 10
"""Ballots cast beyond those counted: a fraction, and as many in any unit."""
ROUNDED = 0.02
"""Turnout beyond that of the first round that rounding, or another list, may make of it."""
THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")
"""Numbers whose point may stand between thousands."""
DIGITS = 3
"""Digits that stand between two marks for thousands."""
DECIMAL_COMMA = re.compile(r"%?\s*(\d+,\d{1,2}|0,\d+)\s*%?|\d{1,2},\d+\s*%|%\s*\d{1,2},\d+")
"""Numbers whose comma is a decimal one."""
MOST_UNKNOWN = 0.1
"""Most rows without a unit of the first round, or with more turnout than can be, as a fraction,
before the table is refused."""


@refuses_other_kinds
def interim_turnout(contest: Contest, table: Columns | Table) -> InterimTurnout:
    """Match a table of interim turnout with the units of a contest.

    Parameters
    ----------
    contest : Contest
        The first round.
    table : pandas, polars or pyarrow table, or Columns
        Column `unit` or `region`. Columns `first_round` and `runoff`: ballots cast by the same hour
        of both rounds, or turnout by then as fractions or percentages. Column `registered`: the
        runoff's list. Either may be left out, and cells may be empty. Places and rounds may have
        other names ("Commune", "1er tour", "II tura 17:00").

    Returns
    -------
    InterimTurnout

    Raises
    ------
    InputError
        If a column is missing, a cell breaks a rule, it cannot be told whether numbers are ballots
        or percentages, or more than a tenth of the rows are unknown or cannot be.

    Notes
    -----
    Turnout is ballots over the list of the round. Where there is no list (abroad) and ballots are
    given, as many people as had voted in the first round are taken to have stayed at home.

    Examples
    --------
    >>> import polars as pl
    >>> from forecast.data import load_contest
    >>> table = pl.DataFrame({"region": ["Tbilisi"], "first_round": ["35.0%"],
    ...                       "runoff": ["45.2%"]})
    >>> found = interim_turnout(load_contest("georgia-2018"), table)
    >>> found.units, round(float(found.change[0]), 2)
    (10, 0.43)
    """
    columns = _usual(Columns.from_frame(table), contest)
    by = "region" if "region" in columns.values and "unit" not in columns.values else "unit"
    columns.require(by)
    hours = [name for name in HOURS if name in columns.values]
    if len(hours) == 1 or not (hours or "registered" in columns.values):
        raise InputError(
            f"{columns.where}: must have columns 'first_round' and 'runoff' (turnout by the same "
            "hour of both) or 'registered' (the runoff's list) - found "
            f"{', '.join(columns.names[:20])}; name the columns like that"
        )
    found = columns.keys(by)
    known = contest.units if by == "unit" else tuple(dict.fromkeys(contest.regions or ()))
    written = matched_units(found, known)
    names = [written.get(name, name) for name in found]
    members = _members(columns, names, by, contest)
    unlisted = unlisted_units(contest)
    ballots = contest.ballots
    lists = ballots if contest.registered is None else contest.registered
    people = np.where(unlisted, 2 * ballots, lists)
    growth = np.ones(len(members))
    if "registered" in columns.values and not unlisted.all():
        growth = _growth(columns, members, np.where(unlisted, 0, lists), by)
    change, noise = np.full((2, len(members)), np.nan)
    if hours:
        longer = np.ones(len(people))
        for units, factor in zip(members, growth, strict=True):
            longer[units] = factor
        room = np.stack([people, ballots, most_voters(contest, longer)])
        of_row = np.array([room[:, units].sum(axis=1) for units in members]).T
        change, noise = _change(columns, growth, *of_row)
    by_unit = np.tile([[np.nan], [np.nan], [1.0]], len(people))
    for units, *row in zip(members, change, noise, growth, strict=True):
        by_unit[:, units] = np.array(row)[:, None]
    if hours and not np.isfinite(by_unit[0]).any():
        raise InputError(
            f"{columns.where}: must have turnout of both rounds in some row - found none; leave "
            "the two columns out if it is not known"
        )
    return InterimTurnout(
        contest=contest,
        change=by_unit[0],
        noise=by_unit[1],
        growth=np.where(unlisted, 1.0, by_unit[2]),
        notes=_notes(names, members, change if hours else None, written),
    )


def _usual(columns: Columns, contest: Contest) -> Columns:
    """Return a table whose columns of places and of both rounds have the names they are read by."""
    names, short = columns.names, dict[str, str]()
    places = [n for n in names if role_of(n) in PLACES]
    if places and not {*PLACES}.intersection(names):
        cells = {str(cell).strip() for cell in columns.values[places[0]]}
        known = {"unit": contest.units, "region": contest.regions or ()}
        hits = {by: len(cells.intersection(of)) for by, of in known.items()}
        short[places[0]] = max(known, key=lambda by: hits[by])
    rounds = {n: _round_of(n) for n in names if role_of(n) in OF_TURNOUT}
    own = [[n for n, which in rounds.items() if which == k] for k in (1, 2)]
    if all(len(each) == 1 for each in own):
        short |= {each[0]: hour for each, hour in zip(own, HOURS, strict=True)}
    return columns.renamed(short)


def _round_of(name: str) -> int:
    """Return the round that the name of a column says, 0 if it says none."""
    return round_of_name(name)[1] or (round_of_cell(name) if is_round(name) else 0)


def _notes(
    names: Sequence[str],
    members: Sequence[IntArray],
    change: FloatArray | None,
    written: Mapping[str, str],
) -> tuple[str, ...]:
    """Return sentences about rows that are written differently or say nothing."""
    unknown = [name for name, units in zip(names, members, strict=True) if not len(units)]
    silent = [] if change is None else [
        name
        for name, units, one in zip(names, members, change, strict=True)
        if len(units) and not np.isfinite(one)
    ]  # fmt: skip
    matched = [f"{theirs} is {ours}" for theirs, ours in written.items()]
    return (
        *about(matched, "matched though written differently", head="turnout: {n} row"),
        *about(unknown, "unknown in the first round, left out", head="turnout: {n} row"),
        *about(silent, "without turnout of both rounds, or with more than can be, left out",
               head="turnout: {n} row"),
    )  # fmt: skip


def _members(columns: Columns, names: Sequence[str], by: str, contest: Contest) -> list[IntArray]:
    """Return the units each row is about; none for a row of an unknown unit."""
    if by == "region" and contest.regions is None:
        raise InputError(
            f"{columns.where}: column 'region' needs a contest with regions - {contest.name!r} has "
            "none; give rows by 'unit'"
        )
    labels = contest.units if by == "unit" else contest.regions or ()
    places = grouped((label, u) for u, label in enumerate(labels))
    found = [np.array(places.get(name, ()), dtype=np.int64) for name in names]
    unknown = [name for name, units in zip(names, found, strict=True) if not len(units)]
    unknown = [name for name in unknown if not is_total(name, whole=True)]
    if len(unknown) > MOST_UNKNOWN * len(names):
        remedy = suggest(unknown[0], tuple(places))
        raise InputError(
            f"{columns.where}: every {by} must be one of the first round - {len(unknown)} of "
            f"{len(names)} are unknown, such as {unknown[0]!r}; {remedy}"
        )
    return found


def _growth(columns: Columns, members: Sequence[IntArray], lists: IntArray, by: str) -> FloatArray:
    """Return the runoff's list over the first round's for every row, 1 where it is not said."""
    after = np.array(_numbers(columns, "registered"))
    before = np.array([lists[units].sum() for units in members], dtype=float)
    growth = np.where((after > 0) & (before > 0), after / np.maximum(before, 1), 1.0)
    for i in np.flatnonzero((growth > LARGEST_GROWTH) | (growth < 1 / LARGEST_GROWTH)):
        raise InputError(
            f"{columns.row(int(i))}, 'registered': must be the runoff's list - found "
            f"{after[i]:,.0f} where the first round had {before[i]:,.0f}; correct it or leave the "
            "cell empty"
        )
    said = (after > 0) & (before > 0)
    if before[said].sum() > lists.sum() / 2:
        change = float(after[said].sum() / before[said].sum())
        if abs(change - 1) > GROWTH:
            raise InputError(
                f"{columns.where}, 'registered': must be the runoff's lists - in all found "
                f"{after[said].sum():,.0f} where the first round had {before[said].sum():,.0f}; "
                "leave the column out if they are of another year"
            )
    for i in np.flatnonzero(growth > 1 + GROWTH) if by == "region" else ():
        raise InputError(
            f"{columns.row(int(i))}, 'registered': a region's list that grew by more than "
            f"{GROWTH:.0%} must be given by unit, for one unit may have all of it - found "
            f"{after[i]:,.0f} where the first round had {before[i]:,.0f}; give lists by 'unit' or "
            "leave the cell empty"
        )
    return growth


def _change(
    columns: Columns,
    growth: FloatArray,
    people: FloatArray,
    ballots: FloatArray,
    most: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the change of the logit of turnout and its noise for every row, NaN where not said.

    Of each row are given growth, people and ballots of the first round, and most runoff voters.
    Nobody by some hour is a unit that has not said.
    """
    cells = np.array([_numbers(columns, name) for name in HOURS])
    cells = np.where(cells > 0, cells, np.nan)
    lists, scale = np.stack([people, people * growth]), _scale(columns, cells)
    if scale == "ballots":
        cast = (1 + UNACCOUNTED) * ballots + FEW
        over = np.stack([cells[0] > cast, cells[1] > most + FEW]) & (people > 0)
        rules = "at most the ballots of the first round", "at most all who can vote"
        possible = _possible(columns, over, rules, cells)
        fractions = (cells + 0.5) / (lists + 1)
    else:
        fractions = cells / 100 if scale == "percentages" else cells
        _refuse_points(columns)
        late = fractions[0] * people > (1 + UNACCOUNTED) * ballots + ROUNDED * people + FEW
        rule = f"{scale} of all who can vote, at most the first round's turnout"
        _possible(columns, np.stack([late & (people > 0), late & False]), (rule, ""), cells)
        rules = (f"{scale} of all who can vote",) * 2  # a row may be of the district around it
        possible = _possible(columns, fractions > 1, rules, cells)
    fractions = np.clip(fractions, 0.005, 0.98)
    logits = np.log(fractions / (1 - fractions))
    change = np.clip(logits[1] - logits[0], -LARGEST_CHANGE, LARGEST_CHANGE)
    change = np.where(possible, change, np.nan)
    by_chance = (1 / ((lists + 1) * fractions * (1 - fractions))).sum(axis=0)
    return change, np.where(np.isfinite(change), NOISE * (scale == "ballots") * by_chance, np.nan)


def _scale(columns: Columns, cells: FloatArray) -> str:
    """Return whether turnout is given as "ballots", "percentages" or "fractions"."""
    found = []
    for name, values in zip(HOURS, cells, strict=True):
        given = values[np.isfinite(values)]
        signed = any("%" in str(cell) for cell in columns.values[name])
        if not given.size:
            continue
        if signed or (given.max() <= 100 and (given != np.floor(given)).any()):
            found.append("percentages" if signed or given.max() > 1 else "fractions")
        elif given.max() > 100:
            found.append("ballots")
        else:
            found.append("whole numbers of at most 100")
        if signed and given.max() > 100:
            found.append("ballots")
    kinds = set(found) or {"fractions"}
    if kinds == {"percentages", "whole numbers of at most 100"}:
        kinds = {"percentages"}
    if kinds - {"ballots", "percentages", "fractions"} or len(kinds) > 1:
        raise InputError(
            f"{columns.where}: turnout must be ballots, percentages or fractions, alike in both "
            f"columns - found {' and '.join(sorted(kinds))}; write percentages as '46%'"
        )
    return kinds.pop()


def _refuse_points(columns: Columns) -> None:
    """Raise `InputError` if every number has a point before three digits, as thousands may."""
    cells = [str(cell).strip() for name in HOURS for cell in columns.values[name]]
    cells = [cell for cell in cells if not is_missing(cell)]
    if all(map(THOUSANDS.fullmatch, cells)) and not all(cell.startswith("0") for cell in cells):
        raise InputError(
            f"{columns.where}: turnout must be ballots, percentages or fractions - found "
            f"{cells[0]}, which may be thousands or a percentage; write "
            f"{cells[0].replace('.', '')} or '{cells[0]}%'"
        )


def _possible(
    columns: Columns, wrong: npt.NDArray[np.bool_], rules: Sequence[str], cells: FloatArray
) -> npt.NDArray[np.bool_]:
    """Return which rows are not wrong; raise `InputError` if more than a few are."""
    rows = np.asarray(wrong.any(axis=0))
    if rows.sum() > MOST_UNKNOWN * len(rows):
        k, i = np.argwhere(wrong)[0]
        raise InputError(
            f"{columns.row(int(i))}, {HOURS[k]!r}: must be {rules[k]} - found {cells[k, i]:g}; "
            "correct it or leave the cell empty (are the columns of the two rounds exchanged?)"
        )
    return np.asarray(~rows)


def _counts_people(text: str) -> bool:
    """Return whether a number without a percent sign is more than any percentage."""
    whole = text.partition(".")[0]
    return whole.isdecimal() and int(whole) > 100


def _numbers(columns: Columns, name: str) -> list[float]:
    """Return a column of numbers from 0 on, NaN where a cell is empty; a % sign is left out.

    A comma before one or two digits, after a 0 or in a percentage is a decimal comma; "4,120"
    may be thousands. A point stands between thousands beside numbers that count people: "1.400"
    beside "740".
    """
    found = []
    texts = ["" if is_missing(cell) else str(cell).strip() for cell in columns.values[name]]
    count = any(_counts_people(text) for text in texts)
    if count and not any(text.isdigit() and len(text) > DIGITS for text in texts):
        texts = [t.replace(".", "") if THOUSANDS.fullmatch(t) else t for t in texts]
    for i, (cell, text) in enumerate(zip(columns.values[name], texts, strict=True)):
        try:
            if "," in text and not DECIMAL_COMMA.fullmatch(text):
                raise ValueError
            number = decimal(text.replace("%", "")) if text else math.nan
        except ValueError:
            number = -1.0
        if count and "%" not in text and number % 1 > 0:
            raise InputError(
                f"{columns.row(i)}, {name!r}: people must be whole numbers - found "
                f"{str(cell)[:40]!r} beside numbers above 100; write 1.400 as 1400"
            )
        if number < 0 or number > MAX_COUNT:
            raise InputError(
                f"{columns.row(i)}, {name!r}: must be a number from 0 on, such as 4120, 46.8% or "
                f"46,8%, without thousands separators - found {str(cell)[:40]!r}; correct it or "
                "leave the cell empty"
            )
        found.append(number)
    return found
