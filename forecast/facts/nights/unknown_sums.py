"""Rows of a night that no unit of the first round has, and that are sums of those that are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from forecast.arrays import IntArray, grouped
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.tables.last_reports import Report
from forecast.facts.tables.totals import left_out
from forecast.facts.words.column_words import is_total
from forecast.facts.words.names import by_plain_name, matched_units, merged_from

NEAR = 0.05
"""How far a sum may be off, as a fraction, when some of its parts came later or before."""
ENOUGH = 100
"""Votes from which no unit has by accident those of all others."""


def without_sums(
    reports: Mapping[str, Report], contest: Contest
) -> tuple[dict[str, Report], list[str]]:
    """Return the reports of units without those of unknown names that sum up others, and a note.

    Such a name is that of a region of the first round and has about the votes of its units; or it
    has exactly those of all others; or it is called a total. Raises `InputError` if nothing but its
    size says that it is one: about the votes of all others.
    """
    known = frozenset(contest.units)
    held = {report.other for report in reports.values()}
    new = (report for name, report in reports.items() if name not in known and name not in held)
    strange = [report.unit for report in new if any(report.votes) and not report.other]
    if not strange:
        return dict(reports), []
    votes = {name: np.array(report.votes, dtype=np.int64) for name, report in reports.items()}
    sums = _regions(strange, votes, contest)
    missing = by_plain_name(unit for unit in contest.units if unit not in reports)
    new_names = frozenset(strange)
    parts = [own for name, own in votes.items() if name not in new_names and own.any()]
    others, several = np.sum(parts, axis=0), len(parts) > 1
    rest = new_names.difference(sums) if parts else ()
    for name in sorted(rest, key=lambda name: (int(votes[name].sum()), name)):
        own = votes[name]
        exact = bool((own == others).all() and own.sum() >= ENOUGH)
        if exact or (several and is_total(name) and 2 * own.sum() >= others.sum()):
            sums.append(name)
            continue
        near = several and others.sum() >= ENOUGH and _near(own, others)
        if near and not merged_from(name, missing):
            raise InputError(
                f"returns: every row must be a unit - {name!r}, which the first round does not "
                f"have, has {_said(own)} votes where all others together have {_said(others)}; "
                "drop it if it is their sum; if it is a unit, put its own name into its column "
                "attached_to"
            )
        others, several = others + own, True
    gone = frozenset(sums)
    kept = {name: report for name, report in reports.items() if name not in gone}
    return kept, list(left_out(sums))


def _regions(strange: Sequence[str], votes: Mapping[str, IntArray], contest: Contest) -> list[str]:
    """Return the names of regions that have about the votes of their units."""
    if contest.regions is None:
        return []
    of_region = grouped(zip(contest.regions, contest.units, strict=True))
    sums = {region: np.sum([votes[u] for u in units if u in votes], axis=0)
            for region, units in of_region.items()}  # fmt: skip
    meant = matched_units(strange, tuple(sums))
    of = ((name, sums.get(meant.get(name, name))) for name in strange)
    return [name for name, own in of if own is not None and _near(votes[name], own)]


def _near(own: IntArray, others: IntArray) -> bool:
    """Return whether votes of every finalist are nearly those of others."""
    return bool(others.any() and (np.abs(own - others) <= NEAR * others).all())


def _said(votes: IntArray) -> str:
    return " and ".join(f"{n:,}" for n in votes.tolist())
