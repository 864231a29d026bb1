"""The parts of a forecast that are tables and text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecast.arrays import FloatArray
from forecast.display import Brief, Shown, rate
from forecast.outcome.probability import Quantity, WinProbability, in_words, percent

if TYPE_CHECKING:
    from forecast.outcome.forecast import Forecast

__all__ = ["TransferTable", "Variant", "forecast_table", "summary_text"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TransferTable(Brief):
    """Mean and central interval of every transfer rate, each of shape (origin, destination)."""

    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    level: float
    mean: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The forecast under one named change of the model, by finalist."""

    name: str
    win_probability: Mapping[str, WinProbability]
    share: Mapping[str, Quantity]


def range_over_models(forecast: Forecast) -> str:
    """Return by how far named changes of the model move the leader's win probability.

    Empty unless some change moves it out of the credible interval, which says the rest.
    """
    leader = forecast.leader
    inside = forecast.win_probability(leader).credible_interval
    found = {v.name: v.win_probability[leader].value for v in forecast.variants()}
    least, most = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    if inside is None or (inside.low <= found[least] and found[most] <= inside.high):
        return ""
    return (
        f"other models give {forecast.contest.label(leader)} {percent(found[least])} ({least}) to "
        f"{percent(found[most])} ({most})"
    )


def summary_text(forecast: Forecast) -> str:
    """Return a forecast as aligned text: share interval first, then the probability."""
    label = forecast.contest.label
    lines = [forecast.contest.title or forecast.contest.name]
    if forecast.as_of:
        lines.append(f"as of {forecast.as_of.isoformat()}")
    lines += [f"if {text}" for text in forecast.conditions]
    width = max(len(label(f)) for f in forecast.finalists)
    for f in forecast.finalists:
        share, p = forecast.share(f), forecast.win_probability(f)
        ci = p.credible_interval
        inputs = f" (90% credible interval of that probability: {ci})" if ci else ""
        lines.append(
            f"{label(f):<{width}}  share {100 * share.median:.0f}% "
            f"[{100 * share.interval.low:.0f}, {100 * share.interval.high:.0f}]  "
            f"wins in {percent(p.value)} of simulations{inputs}"
        )
    if forecast.contest.electorate == "registered":
        t = forecast.turnout()
        lines.append(
            f"{'turnout':<{width}}  {100 * t.median:.0f}% "
            f"[{100 * t.interval.low:.0f}, {100 * t.interval.high:.0f}]"
        )
    lines += [text for text in [range_over_models(forecast)] if text]
    lines.append(f"90% intervals; {forecast.draws:,} draws; prior: {forecast.prior.name}")
    if forecast.prior.brief:
        lines.append(forecast.prior.brief)
    hindsight = getattr(getattr(forecast.prior, "base", forecast.prior), "hindsight", "")
    lines += [f"chosen in hindsight: {hindsight}"] * bool(hindsight)
    return "\n".join(lines)


def forecast_table(forecast: Forecast) -> Shown:
    """Return a forecast as a table: share interval first, then the probability."""
    contest = forecast.contest
    rows = []
    for f in forecast.finalists:
        wins = forecast.win_probability(f).value
        cell = f"{in_words(wins)} ({percent(wins)})"
        rows.append([contest.label(f), _share(forecast.share(f)), cell])
    if contest.electorate == "registered":
        rows.append(["turnout", _share(forecast.turnout()), ""])
    return Shown(
        title=contest.title or contest.name,
        facts=[f"as of {forecast.as_of.isoformat()}"] if forecast.as_of else [],
        head=["forecast", "share", "wins"],
        rows=rows,
        notes=[
            *(f"if {text}" for text in forecast.conditions),
            f"median and 90% interval; {forecast.draws:,} draws; prior: {forecast.prior.name}",
        ],
    )


def _share(q: Quantity) -> str:
    return f"{rate(q.median)}% [{rate(q.interval.low)}, {rate(q.interval.high)}]"
