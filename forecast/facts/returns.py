"""Returns: what was counted in the runoff, by unit, complete or partial."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecast.arrays import FloatArray, IntArray, frozen, summed_by
from forecast.display import Displayed, Shown
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.nights.station_rows import whole_units
from forecast.facts.tables.last_reports import LastReports, Report, about
from forecast.facts.unit_reports import RunoffTable, runoff_table
from forecast.files.columns import Columns, Table
from forecast.files.text import check_printable, check_printable_names
from forecast.signatures import refuses_other_kinds


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Returns(Displayed):
    """Official runoff counts.

    Parameters
    ----------
    units : tuple of str
        Units that have reported.
    finalists : tuple of str
        Who stood in the runoff.
    votes : ndarray of int64, shape (unit, finalist)
        Runoff votes.
    invalid, ballots, registered : ndarray of int64, shape (unit,), or None
        Invalid ballots, ballots cast, registered people, where published.
    counted : ndarray, shape (unit,), or None
        Fraction of each unit that is counted; None: all of all.
    attached_to : tuple of str or None
        Unit that holds the votes of each, or whose voters vote there; empty text for none.
    reported : tuple of str or None
        When each unit reported.
    source : str
        Where the counts come from.
    notes : tuple of str
        How the counts were read, one sentence each.

    Raises
    ------
    InputError
        If shapes or names contradict each other.

    Examples
    --------
    >>> import polars as pl
    >>> returns = Returns.from_frame(pl.DataFrame({"unit": ["n"], "ada": [700], "ben": [300]}),
    ...                              finalists=("ada", "ben"))
    >>> returns.share("ada")
    0.7
    """

    units: tuple[str, ...]
    finalists: tuple[str, ...]
    votes: IntArray
    invalid: IntArray | None = None
    ballots: IntArray | None = None
    registered: IntArray | None = None
    counted: FloatArray | None = None
    attached_to: tuple[str, ...] | None = None
    reported: tuple[str, ...] | None = None
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", tuple(self.units))
        object.__setattr__(self, "finalists", tuple(self.finalists))
        check_printable_names((*self.units, *self.finalists), "returns")
        check_printable(self.source, "returns, source")
        shapes: dict[str, tuple[int, ...]] = {"votes": (len(self.units), len(self.finalists))}
        shapes |= {
            name: (len(self.units),) for name in ("invalid", "ballots", "registered", "counted")
        }
        for name, shape in shapes.items():
            if getattr(self, name) is None:
                continue
            array = getattr(self, name)
            array = frozen(array) if name != "counted" else np.array(array, dtype=float)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
            if array.shape != shape:
                raise InputError(f"returns: {name} must have shape {shape} - found {array.shape}")
            if (array < 0).any():
                raise InputError(f"returns: {name} must not be negative - found {array.min()}")
        if self.counted is not None and not ((self.counted >= 0) & (self.counted <= 1)).all():
            raise InputError("returns: counted must be fractions from 0 to 1; divide percentages")
        for name in ("attached_to", "reported"):
            texts = getattr(self, name)
            if texts is not None:
                object.__setattr__(self, name, tuple(texts))
                if len(texts) != len(self.units):
                    raise InputError(
                        f"returns: {name} must have {len(self.units)} entries - found {len(texts)}"
                    )
        if len(set(self.finalists)) != len(self.finalists) or len(self.finalists) < 2:
            raise InputError(
                f"returns: needs at least two different finalists - found {self.finalists}"
            )
        if len(set(self.units)) != len(self.units):
            raise InputError("returns: every unit must occur once; merge repeated units")

    @classmethod
    def from_frame(
        cls,
        frame: Columns | Table,
        *,
        finalists: Sequence[str] | None = None,
        contest: Contest | None = None,
        columns: Mapping[str, str] | None = None,
        source: str = "",
    ) -> Returns:
        """Build returns from a table of the runoff, complete or not.

        Parameters
        ----------
        frame : pandas, polars or pyarrow table, or Columns
            As `forecast.facts.unit_reports.runoff_table` takes it: columns `unit`, one per
            finalist, optional `counted`, `attached_to`, `reported`, `invalid`, `ballots`,
            `registered`, `source`. Where a unit occurs again its last row counts.
        finalists : sequence of str, optional
            Who stood; by default the contest's finalists, or everybody with a column.
        contest : Contest, optional
            The first round, whose names of people and units are looked for.
        columns : mapping of str to str, optional
            What columns are where their names do not say it; see `Contest.from_frame`.
        source : str
            Where the counts come from; by default what the table's own column says.

        Raises
        ------
        InputError
            If a column is missing, somebody else has votes, or a cell breaks a rule.

        Examples
        --------
        >>> import polars as pl
        >>> night = pl.DataFrame({"unit": ["n", "s"], "ada": [700, 200], "ben": [300, 250],
        ...                       "counted": [1.0, 0.5]})
        >>> returns = Returns.from_frame(night)
        >>> returns.totals, returns.open_units
        ({'ada': 900, 'ben': 550}, ('s',))
        """
        table = Columns.from_frame(frame)
        found = runoff_table(table, contest=contest, finalists=finalists, given=columns)
        if len(found.finalists) < 2:
            raise InputError(
                f"{table.where}: needs one column of votes per finalist, at least two - found "
                f"{', '.join(found.finalists) or 'none'}; name them as in the contest"
            )
        latest = LastReports()
        said = latest.add(table.where, found.reports())
        last, summed = whole_units(latest.of, contest)
        extra = _extra(found, latest.of, last)
        again = about([*latest.corrected], "reported again; the last report counts")
        notes = (*found.notes, *said, *again, *summed)
        said_source = found.table.source
        fractions = [0.0 if r.silent else r.fraction for r in last.values()]
        others = tuple(r.other for r in last.values())
        return cls(
            units=tuple(last),
            finalists=found.finalists,
            votes=frozen([r.votes for r in last.values()]),
            counted=None if all(f == 1 for f in fractions) else np.array(fractions),
            attached_to=others if any(others) else None,
            **extra,
            notes=notes,
            source=source or said_source,
        )

    def select(self, units: Iterable[str]) -> Returns:
        """Return the returns of some units only, in the order given.

        Parameters
        ----------
        units : iterable of str
            Names of the units.

        Raises
        ------
        InputError
            If a unit has not reported or is named twice.
        """
        chosen = tuple(units)
        place = {unit: u for u, unit in enumerate(self.units)}
        for unit in chosen:
            if unit not in place:
                raise InputError(f"returns: no unit {unit!r}; {suggest(unit, self.units)}")
        rows = [place[unit] for unit in chosen]
        parts: dict[str, Any] = {
            n: None if getattr(self, n) is None else getattr(self, n)[rows]
            for n in ("votes", "invalid", "ballots", "registered", "counted")
        }
        for n in ("attached_to", "reported"):
            texts = getattr(self, n)
            parts[n] = None if texts is None else tuple(texts[i] for i in rows)
        return replace(self, units=chosen, **parts)

    @property
    def open_units(self) -> tuple[str, ...]:
        """Units that are not counted in full."""
        if self.counted is None:
            return ()
        done = zip(self.units, self.counted, strict=True)
        return tuple(unit for unit, fraction in done if fraction < 1)

    def shown(self) -> Shown:
        """Return each finalist's votes and share."""
        open_units = len(self.open_units)
        return Shown(
            title=f"Returns of {len(self.units):,} units",
            facts=[f"{open_units:,} of them not counted in full"] * bool(open_units),
            head=["finalist", "votes", "share"],
            rows=share_rows(self.totals),
            notes=[*[f"source: {self.source}"] * bool(self.source), *self.notes],
        )

    @property
    def totals(self) -> dict[str, int]:
        """Runoff votes of each finalist over the reported units."""
        return dict(zip(self.finalists, self.votes.sum(axis=0).tolist(), strict=True))

    def share(self, finalist: str) -> float:
        """Return a finalist's fraction of the finalists' valid vote in the reported units.

        Parameters
        ----------
        finalist : str
            As in `finalists`.

        Raises
        ------
        InputError
            If `finalist` did not stand or nothing was counted.
        """
        if finalist not in self.finalists:
            raise InputError(
                f"returns: no finalist {finalist!r}; {suggest(finalist, self.finalists)}"
            )
        total = sum(self.totals.values())
        if not total:
            raise InputError("returns: nothing was counted yet, so there is no share")
        return self.totals[finalist] / total


def share_rows(totals: Mapping[str, int], label: Callable[[str], str] = str) -> list[list[str]]:
    """Return a row of text per finalist: name, votes, and share in percent once some are counted.

    Parameters
    ----------
    totals : mapping of finalist to int
        Votes.
    label : callable
        Name to print.

    Examples
    --------
    >>> share_rows({"ada": 3000, "ben": 1000})
    [['ada', '3,000', '75.0%'], ['ben', '1,000', '25.0%']]
    """
    counted = sum(totals.values())
    return [
        [label(f), f"{n:,}", f"{100 * n / counted:.1f}%" if counted else ""]
        for f, n in totals.items()
    ]


def _extra(
    found: RunoffTable, last: Mapping[str, Report], units: Mapping[str, Report]
) -> dict[str, Any]:
    """Return the other counts of each unit, those of its stations summed, where all have them."""
    names = zip(found.units, found.parts, strict=True)
    rows = {pair: i for i, pair in enumerate(names)}
    picked = [rows[report.unit, report.part] for report in last.values()]
    place = {unit: u for u, unit in enumerate(units)}
    groups = [place[report.unit] for report in last.values()]
    extra: dict[str, Any] = {}
    for name in ("invalid", "ballots", "registered"):
        counts = getattr(found.table, name)
        if counts is not None and (counts[picked] >= 0).all():
            extra[name] = summed_by(groups, counts[picked], len(units))
    if found.reported is not None and len(picked) == len(units):
        extra["reported"] = tuple(found.reported[i] for i in picked)
    return extra
