"""A forecast small enough for a page to recompute it: few draws, well spread, one byte a number.

The page's what-if panel does with these draws what `forecast.outcome.whatif.what_if` does with all.
A few thousand random draws would leave the win probability a percentage point off, so the draws are
not random. First, draws are picked whose shares have the quantiles of the whole forecast. Then they
are split at medians again and again, along whichever varies most: the lead, and how it answers to
more or less participation and preference (a k-d tree). One draw of each cell is kept.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.outcome.flows import grouped_origins
from forecast.outcome.probability import win_margins
from forecast.outcome.whatif import Shifts
from forecast.randomness import one_thread_of_algebra, stream
from forecast.report.languages import percent_sign, say
from forecast.simulation.engine import runoff_votes

if TYPE_CHECKING:
    from forecast.outcome.forecast import Forecast

KEPT, KEPT_MORE = 4096, 8192
"""Draws kept, powers of two: for two finalists, and for more, whose leads are no single line."""
SLIDERS = 3
"""Eliminated candidates with a slider."""
SPREAD = 3.0
"""How much more the lead counts than its answers when cells are split."""
LIMIT = 12.0
"""Largest logit kept; beyond it a fraction is 0 or 1."""


@one_thread_of_algebra
def compact_forecast(forecast: Forecast, leader: str) -> dict[str, Any] | None:
    """Return what the what-if panel needs, ready for JSON; None if the panel would not be true.

    That is where votes are more than the ledger times the transfers, as after a partial count. The
    sliders state preferences for the leader.
    """
    ledger, rates = forecast.ledger, np.moveaxis(forecast.tables, 0, 2)[:, :-1]
    counts, n = ledger.totals.astype(float), rates.shape[2]
    votes = runoff_votes(counts, rates).T
    if len(forecast.draw_votes) < n or not np.allclose(votes, forecast.draw_votes[:n], rtol=1e-6):
        return None
    groups = grouped_origins(ledger)
    people = np.array([counts[at].sum() for _, _, at in groups])
    used = [k for k in range(len(groups)) if people[k] > 0]
    groups, people = [groups[k] for k in used], people[used]
    rows = np.stack([np.tensordot(counts[at], rates[at], axes=1) for _, _, at in groups])
    rows /= people[:, None, None]
    position = forecast.finalists.index(leader)
    kept = _spread_out(forecast, rows, people, position)
    wins = [forecast.win_probability(f).value for f in forecast.finalists]
    low, step, coded = _bytes(rows[:, :, kept])
    return {
        "finalists": [forecast.contest.label(f) for f in forecast.finalists],
        "leader": position,
        "wins": [round(p, 6) for p in wins],
        "people": people.tolist(),
        "electorate": ledger.people if forecast.contest.electorate == "registered" else None,
        "ballotsPerVote": forecast.ballots_per_vote,
        "draws": len(kept),
        "low": [round(x, 6) for x in low.ravel().tolist()],
        "step": [round(x, 8) for x in step.ravel().tolist()],
        "bytes": base64.b64encode(coded.tobytes()).decode(),
        "words": panel_words(),
        "sliders": _sliders(forecast, groups, rows, people, position),
    }


def panel_words() -> dict[str, str]:
    """Return what the panel says, with the places of its numbers in braces."""
    return {
        "less": say("less than {p}", p="{p}"),
        "more": say("more than {p}", p="{p}"),
        "percent": percent_sign("{x}"),
        "median": say("median {median}", median="{x}"),
        "about": say("about {k} in {n}", k="{k}", n="{n}"),
        "lessIn": say("less than {k} in {n}", k="{k}", n="{n}"),
        "moreIn": say("more than {k} in {n}", k="{k}", n="{n}"),
    }


def _spread_out(
    forecast: Forecast, rows: FloatArray, people: FloatArray, position: int
) -> npt.NDArray[np.int64]:
    """Return which draws to keep: as many in every part of the distribution as belong there."""

    def leads(shifted: FloatArray) -> FloatArray:
        votes = runoff_votes(people, shifted)
        return np.asarray(win_margins(votes.T) / votes.sum(axis=0)[:, None])

    found = leads(rows)
    base = found[:, position]
    everything = win_margins(forecast.draw_votes)[:, position] / forecast.draw_votes.sum(axis=1)
    n = 2 ** int(np.log2(len(base)))
    order = np.argsort(base, kind="stable")
    steps = np.linspace(0, 1, len(everything))  # np.quantile is slow for so many of them
    wanted = np.interp((np.arange(n) + 0.5) / n, steps, np.sort(everything))
    pool = order[np.clip(np.searchsorted(base[order], wanted), 0, len(base) - 1)]
    still, none = np.zeros(len(rows)), np.zeros(rows.shape[:2])
    towards = np.arange(rows.shape[1]) == position
    others = () if found.shape[1] == 2 else np.delete(found, position, axis=1).T
    keys = [SPREAD * _standard(lead) for lead in (base, *others)]
    for logits in (1.0, -1.0):
        for shifts in (
            Shifts(participation=still + logits, preference=none),
            Shifts(participation=still, preference=none + logits * towards),
        ):
            keys.append(_standard(leads(shifts.applied(rows))[:, position] - base))
    values, cells = np.array(keys), pool[None]
    most = KEPT if found.shape[1] == 2 else KEPT_MORE
    while len(cells) < most and cells.shape[1] > 1:
        widest = values[:, cells].std(axis=2).argmax(axis=0)
        inside = np.argsort(values[widest[:, None], cells], axis=1, kind="stable")
        cells = np.take_along_axis(cells, inside, axis=1).reshape(2 * len(cells), -1)
    rng = stream(forecast.simulation.seed, "what if")
    chosen = rng.integers(cells.shape[1], size=len(cells))
    return np.asarray(cells[np.arange(len(cells)), chosen])


def _standard(values: FloatArray) -> FloatArray:
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-12))


def _bytes(rows: FloatArray) -> tuple[FloatArray, FloatArray, npt.NDArray[np.uint8]]:
    """Return lowest value, step and bytes of each row's coordinates, (row, coordinate, draw).

    The coordinates are log-ratios of preference to the last finalist, then logit participation.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        voting = rows.sum(axis=1, keepdims=True)
        ratios = np.log(rows[:, :-1]) - np.log(rows[:, -1:])
        logits = np.concatenate([ratios, np.log(voting) - np.log1p(-voting)], axis=1)
    logits = np.clip(np.nan_to_num(logits, nan=0.0, posinf=LIMIT, neginf=-LIMIT), -LIMIT, LIMIT)
    low, high = logits.min(axis=2), logits.max(axis=2)
    step = np.maximum(high - low, 1e-6) / 255
    coded = np.rint((logits - low[:, :, None]) / step[:, :, None])
    return low, step, np.clip(coded, 0, 255).astype(np.uint8)


def _sliders(
    forecast: Forecast,
    groups: list[tuple[str, str, list[int]]],
    rows: FloatArray,
    people: FloatArray,
    position: int,
) -> list[dict[str, Any]]:
    """Return what can be moved: its key in the address, label, row, present value and ends."""
    label, voting = forecast.contest.label, rows.sum(axis=1)
    leader = label(forecast.finalists[position])
    found: list[dict[str, Any]] = []
    if forecast.contest.electorate == "registered":
        ballots = float(people @ voting.mean(axis=1)) * forecast.ballots_per_vote
        text = say("Turnout, ballots of the registered")
        found.append(_slider("turnout", "turnout", text, -1, ballots / forecast.ledger.people))
    eliminated = [
        k for k, (_, kind, at) in enumerate(groups) if kind == "eliminated" and len(at) == 1
    ]
    others = [k for k, (_, kind, _) in enumerate(groups) if kind == "non-voters"]
    for k in (*eliminated[:SLIDERS], *others):
        name, kind, _ = groups[k]
        if kind == "non-voters":
            text = say("Of the first-round non-voters, how many now vote")
            value = float(voting[k].mean())
            found.append(_slider(f"participation.{name}", "participation", text, k, value))
            text = say(
                "Of the first-round non-voters who now vote, how many choose {name}", name=leader
            )
        else:
            text = say(
                "Of {origin}’s voters who vote, how many choose {name}",
                origin=label(name),
                name=leader,
            )
        value = float(rows[k, position].sum() / voting[k].sum())
        found.append(_slider(f"preference.{name}", "preference", text, k, value))
    return found


def _slider(key: str, kind: str, label: str, row: int, value: float) -> dict[str, Any]:
    """Return a slider whose ends can be reached and leave room around the present value."""
    percent = 100 * value
    low, high = 1, 99
    if kind == "turnout":
        low, high = max(1, int(percent / 2)), min(99, int(percent * 1.6) + 1)
    elif kind == "participation":
        high = min(99, max(30, int(3 * percent)))
    now = min(max(round(percent), low), high)
    return {
        "key": key, "kind": kind, "label": label, "row": row, "now": now, "low": low, "high": high
    }  # fmt: skip
