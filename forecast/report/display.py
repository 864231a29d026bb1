"""Small tables that notebooks show: every name is escaped, nothing is loaded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from forecast.facts.contest import ledger_cells
from forecast.report.words import rate_range, share, wins

if TYPE_CHECKING:
    from forecast.arrays import FloatArray
    from forecast.facts.contest import Contest
    from forecast.outcome.forecast import Forecast
    from forecast.transfers.returns.posterior import TransferPosterior
    from forecast.transfers.table.describe import Description

__all__ = [
    "contest_html",
    "description_html",
    "forecast_html",
    "posterior_html",
    "table_html",
]

MOST_ROWS = 14
"""Rows of a table that are shown; the rest is counted."""


def table_html(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    left: Collection[int] = (0,),
    notes: Sequence[str] = (),
) -> str:
    """Return an HTML table of escaped text.

    Parameters
    ----------
    caption : str
        What the table is about.
    head : sequence of str
        Names of the columns.
    rows : sequence of sequence of str
        Cells; the first of each row heads it.
    left : collection of int
        Which columns to align on the left: those of words.
    notes : sequence of str
        Lines under the table.

    Examples
    --------
    >>> "<script>" in table_html("<script>", ["a"], [["<b>"]])
    False
    """
    from markupsafe import escape

    def cells(line: Sequence[str], tag: str, scope: str) -> str:
        out = ""
        for k, cell in enumerate(line):
            side = "left" if k in left else "right"
            name, extra = ("th", f' scope="{scope}"') if tag == "th" or k == 0 else ("td", "")
            out += f'<{name}{extra} style="text-align:{side}">{escape(cell)}</{name}>'
        return f"<tr>{out}</tr>"

    hidden = len(rows) - MOST_ROWS if len(rows) > MOST_ROWS + 1 else 0
    body = "".join(cells(row, "td", "row") for row in rows[: len(rows) - hidden])
    lines = [f"and {hidden} more rows"] * bool(hidden) + list(notes)
    below = "".join(f"<div>{escape(line)}</div>" for line in lines)
    return (
        f'<div><table><caption style="text-align:left;font-weight:bold">{escape(caption)}</caption>'
        f"<thead>{cells(head, 'th', 'col')}</thead><tbody>{body}</tbody></table>{below}</div>"
    )


def contest_html(contest: Contest) -> str:
    """Return the first round of a contest as a table."""
    days = [
        f"{w} {d}"
        for w, d in (("first round", contest.first_round), ("runoff", contest.runoff))
        if d
    ]
    caption = ", ".join([contest.title or contest.name, f"{len(contest.units):,} units", *days])
    notes = [f"everybody: {contest.ledger().people:,}"]
    notes += [f"source: {contest.source}"] if contest.source else []
    rows = ledger_cells(contest)
    return table_html(
        caption, ["origin", "kind", "people", "of valid"], rows, left=(0, 1), notes=notes
    )


def description_html(said: Description) -> str:
    """Return what a prior says as a table, in percent."""
    sources = any(row.source for row in said.rows)
    rows = [
        [said.row_name(row), *(rate_range(*triple) for triple in row.values)]
        + [row.source] * sources
        for row in said.rows
    ]
    head = [said.heading, *("nobody" if c == "none" else c for c in said.columns)] + [
        "source"
    ] * sources
    left = (0, len(head) - 1) if sources else (0,)
    return table_html(said.title, head, rows, left=left, notes=[said.note, *said.added])


def posterior_html(posterior: TransferPosterior) -> str:
    """Return a posterior of transfers as a table, in percent."""
    label = posterior.labels
    names = [label.get(o, o) for o in posterior.origins]
    heads = ["nobody" if d == "none" else label.get(d, d) for d in posterior.destinations]
    rows = _rate_rows(names, posterior.mean, *posterior.interval(0.9))
    notes = [f"percent of each origin, mean and 90 % interval; {len(posterior.units):,} units"]
    return table_html("Who moved where", ["origin", *heads], rows, notes=notes)


def forecast_html(forecast: Forecast) -> str:
    """Return a forecast as a table: share interval first, then the probability."""
    contest = forecast.contest
    rows = [
        [contest.label(f), share(forecast.share(f)), wins(forecast.win_probability(f))]
        for f in forecast.finalists
    ]
    if contest.electorate == "registered":
        rows.append(["turnout", share(forecast.turnout()), ""])
    caption = contest.title or contest.name
    caption += f", as of {forecast.as_of}" if forecast.as_of else ""
    notes = [f"if {text}" for text in forecast.conditions]
    notes.append(
        f"median and 90 % interval; {forecast.draws:,} draws; prior: {forecast.prior.name}"
    )
    return table_html(caption, ["forecast", "share", "wins"], rows, notes=notes)


def _ends(rates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the 5 % and 95 % points of draws, shape (draw, row, column)."""
    import numpy as np

    low, high = np.quantile(rates, [0.05, 0.95], axis=0)
    return low, high


def _rate_rows(
    names: Sequence[str], mean: FloatArray, low: FloatArray, high: FloatArray
) -> list[list[str]]:
    return [
        [name, *(rate_range(*cell) for cell in zip(*line, strict=True))]
        for name, *line in zip(names, mean, low, high, strict=True)
    ]
