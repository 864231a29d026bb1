"""PrintedForecast: how a forecast of a runoff reads, as text and as a table."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import TYPE_CHECKING

from forecast.display import Shown, rate
from forecast.outcome.probability import Quantity, decimals_of, in_words, percent
from forecast.outcome.runoff_draws import RunoffDraws
from forecast.outcome.summary import Variant
from forecast.transfers.table.protocols import TransferDistribution


class PrintedForecast(RunoffDraws):
    """Base of `Forecast`, which prints it."""

    if TYPE_CHECKING:  # fields of a forecast
        prior: TransferDistribution
        as_of: date | None
        conditions: tuple[str, ...]

    @abstractmethod
    def variants(self, level: float = 0.9) -> tuple[Variant, ...]:
        """Return the forecast as it is, and under named changes of the model.

        Parameters
        ----------
        level : float
            Level of the intervals.
        """

    def __str__(self) -> str:
        """Return the forecast as aligned text: share interval first, then the probability."""
        return _text(self)

    def shown(self) -> Shown:
        """Return shares and win probabilities as a table."""
        return _table(self)


def _range_over_models(forecast: PrintedForecast) -> str:
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


def _text(forecast: PrintedForecast) -> str:
    """Return a forecast as aligned text: share interval first, then the probability."""
    label = forecast.contest.label
    lines = [forecast.contest.title or forecast.contest.name]
    if forecast.as_of:
        lines.append(f"as of {forecast.as_of.isoformat()}")
    lines += [f"if {text}" for text in forecast.conditions]
    width = max(len(label(f)) for f in forecast.finalists)
    decimals = decimals_of([*map(forecast.share, forecast.finalists)])
    for f in forecast.finalists:
        p = forecast.win_probability(f)
        ci = p.credible_interval
        inputs = f" (90% credible interval of that probability: {ci})" if ci else ""
        lines.append(
            f"{label(f):<{width}}  share {forecast.share(f).text(decimals)}  "
            f"wins in {percent(p.value)} of simulations{inputs}"
        )
    if forecast.contest.electorate == "registered":
        t = forecast.turnout()
        lines.append(
            f"{'turnout':<{width}}  {t.text()}"
            + " of an estimated number of registered people" * forecast.contest.estimated
        )
    return "\n".join([*lines, *_basis(forecast)])


def _basis(forecast: PrintedForecast) -> list[str]:
    """Return what the figures rest on: other models, draws, the prior and what it comes from."""
    prior = forecast.prior
    lines = [
        _range_over_models(forecast),
        forecast.contributions().sentence(),
        f"90% intervals; {forecast.draws:,} draws; prior: {prior.name}",
        prior.brief,
        f"chosen in hindsight: {prior.hindsight}" * bool(prior.hindsight),
    ]
    return [line for line in lines if line]


def _table(forecast: PrintedForecast) -> Shown:
    """Return a forecast as a table: share interval first, then the probability."""
    contest = forecast.contest
    rows = []
    decimals = decimals_of([*map(forecast.share, forecast.finalists)])
    for f in forecast.finalists:
        wins = forecast.win_probability(f).value
        cell = f"{in_words(wins)} ({percent(wins)})"
        rows.append([contest.label(f), _share(forecast.share(f), decimals), cell])
    if contest.electorate == "registered":
        rows.append(["turnout", _share(forecast.turnout()), ""])
    return Shown(
        title=contest.title or contest.name,
        facts=[f"as of {forecast.as_of.isoformat()}"] if forecast.as_of else [],
        head=["forecast", "share", "wins"],
        rows=rows,
        notes=[*(f"if {text}" for text in forecast.conditions), *_basis(forecast)],
    )


def _share(q: Quantity, decimals: int = 0) -> str:
    if decimals:
        return q.text(decimals)
    return f"{rate(q.median)}% [{rate(q.interval.low)}, {rate(q.interval.high)}]"
