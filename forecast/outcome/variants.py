"""The forecast under named changes of the model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from forecast.errors import InputError
from forecast.outcome.summary import Variant

if TYPE_CHECKING:
    from forecast.outcome.forecast import Forecast

__all__ = ["model_variants"]

VARIANT_DRAWS = 20_000
"""Most draws per variant: with wins half of the time an error of 0.35 points, or 0.5 if the draws
of a pair always agree."""


def model_variants(forecast: Forecast, level: float) -> tuple[Variant, ...]:
    """Return a forecast as it is and under each variant of its prior, see `Forecast.variants`."""
    draws = forecast.simulation.draws
    found = {"as published": forecast}
    for name, prior in forecast.prior.variants().items():
        simulation = replace(
            forecast.simulation,
            sampler=prior.sampler(forecast.ledger),
            draws=draws if forecast.conditions else min(draws, VARIANT_DRAWS),
        )
        votes = simulation.votes()
        votes.setflags(write=False)
        other = replace(
            forecast,
            prior=prior,
            simulation=simulation,
            draw_votes=votes,
            pairs=simulation.pairs(),
            conditions=(),
        )
        try:
            found[name] = other.given(*forecast.conditions) if forecast.conditions else other
        except InputError:
            continue
    return tuple(
        Variant(
            name=name,
            win_probability={f: other.win_probability(f, level) for f in other.finalists},
            share={f: other.share(f, level) for f in other.finalists},
        )
        for name, other in found.items()
    )
