"""A contest as aligned text: its days and its ledger of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.text import aligned

if TYPE_CHECKING:
    from forecast.contest import Contest

__all__ = ["contest_text", "ledger_cells"]


def ledger_cells(contest: Contest) -> list[list[str]]:
    """Return one line per origin: name, kind, people, percent of the valid vote."""
    ledger, valid = contest.ledger(), int(contest.votes.sum())
    return [
        [
            contest.label(origin),
            kind,
            f"{count:,}",
            f"{100 * count / valid:.2f} %" if kind in ("finalist", "eliminated") else "",
        ]
        for origin, kind, count in zip(ledger.origins, ledger.kinds, ledger.totals, strict=True)
    ]


def contest_text(contest: Contest) -> str:
    """Return the first round of a contest as aligned text."""
    lines = [f"{contest.title or contest.name}, {len(contest.units):,} units"]
    for day, word in ((contest.first_round, "first round"), (contest.runoff, "runoff")):
        if day:
            lines.append(f"{word} {day.isoformat()}")
    rows = ledger_cells(contest)
    rows.append(["everybody", "", f"{contest.ledger().people:,}", ""])
    lines += aligned(["", "", "people", "of valid"], rows, left=2)
    if contest.source:
        lines.append(f"source: {contest.source}")
    return "\n".join(lines)
