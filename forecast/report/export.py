"""The forecast as plain data: what the JSON file holds and what the pages print."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.outcome.bounds import FlowBounds
from forecast.outcome.forecast import Forecast
from forecast.outcome.ladder import EvidenceLadder
from forecast.outcome.probability import Quantity, WinProbability
from forecast.signatures import refuses_other_kinds

if TYPE_CHECKING:
    from forecast.transfers.returns.posterior import TransferPosterior

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Levels of the published credible intervals."""


@refuses_other_kinds
def forecast_dict(
    forecast: Forecast, *, level: float = 0.9, evidence: EvidenceLadder | None = None
) -> dict[str, Any]:
    """Return a forecast as plain data, as described by ``forecast/report/schema.json``.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    level : float
        Level of intervals other than those of the shares.
    evidence : EvidenceLadder, optional
        How the forecast came about piece by piece.

    Returns
    -------
    dict
        Of numbers, text, lists and dicts, ready for JSON.

    Raises
    ------
    InputError
        If `level` is no probability.

    Examples
    --------
    >>> from forecast import forecast_runoff, load_contest
    >>> data = forecast_dict(forecast_runoff(load_contest("georgia-2018"), draws=2000))
    >>> data["finalists"]
    ['zurabishvili', 'vashadze']
    """
    known = forecast.contest.electorate == "registered"
    said = forecast.prior.describe()
    worth = forecast.simulation.sampler.effective_draws
    return {
        "contest": forecast.contest.name,
        "title": forecast.contest.title or forecast.contest.name,
        "as_of": forecast.as_of.isoformat() if forecast.as_of else None,
        "conditions": list(forecast.conditions),
        "notes": list(forecast.contest.notes),
        "estimated": forecast.contest.estimated,
        "finalists": list(forecast.finalists),
        "labels": {o: forecast.contest.label(o) for o in forecast.ledger.origins},
        "first_round": dict(
            zip(forecast.ledger.origins, forecast.ledger.totals.tolist(), strict=True)
        ),
        "draws": forecast.draws,
        "parameter_draws": round(worth) if np.isfinite(worth) else None,
        "seed": forecast.simulation.seed,
        "win_probability": {
            f: probability_dict(forecast.win_probability(f, level)) for f in forecast.finalists
        },
        "share": {
            f: quantity_dict([forecast.share(f, x) for x in LEVELS]) for f in forecast.finalists
        },
        "votes": {
            f: quantity_dict([forecast.votes(f, x) for x in LEVELS]) for f in forecast.finalists
        },
        "turnout": quantity_dict([forecast.turnout(x) for x in LEVELS]) if known else None,
        "transfers": _transfers(forecast, level),
        "contributions": forecast.contributions(level=level).to_dict(),
        "bounds": {
            r.finalist: {k: v for k, v in vars(r).items() if k != "finalist"}
            for r in forecast.requirements()
        },
        "break_even": [vars(b) | {"change": b.change} for b in forecast.break_evens()],
        "drivers": _drivers(forecast),
        "variants": [
            {
                "name": v.name,
                "win_probability": {f: probability_dict(p) for f, p in v.win_probability.items()},
                "share": {f: quantity_dict([q]) for f, q in v.share.items()},
            }
            for v in forecast.variants(level)
        ],
        "evidence": [
            {
                "label": piece.name,
                "finalist": forecast.leader,
                "share": quantity_dict([piece.forecast.share(forecast.leader, level)]),
                "win_probability": piece.forecast.win_probability(forecast.leader, level).value,
            }
            for piece in (evidence.pieces if evidence else ())
        ],
        "assumptions": said.to_dict(forecast.ledger.origins),
        "provenance": {
            "versions": versions(),
            "seed": forecast.simulation.seed,
            "contest_digest": forecast.contest.digest,
            "prior_digest": said.digest,
            "draws_digest": forecast.digest,
            "prior": forecast.prior.name,
            "source": forecast.contest.source,
        },
    }


def evidence_dict(evidence: EvidenceLadder) -> dict[str, Any]:
    """Return what each piece of evidence did to a forecast as plain data.

    Examples
    --------
    >>> from forecast import evidence_ladder, load_contest
    >>> data = evidence_dict(evidence_ladder(load_contest("georgia-2018"), draws=2000))
    >>> [row["evidence"] for row in data["rows"]][-1]
    'endorsement: Davit Bakradze backs Grigol Vashadze'
    """
    first = evidence.pieces[0].forecast
    rows = []
    for piece in evidence.pieces:
        found = piece.forecast
        turnout = found.contest.electorate == "registered"
        rows.append(
            {
                "evidence": piece.name,
                "published": piece.published.isoformat() if piece.published else None,
                "source": piece.source,
                "share": {f: quantity_dict([found.share(f)]) for f in found.finalists},
                "win_probability": {
                    f: probability_dict(found.win_probability(f)) for f in found.finalists
                },
                "turnout": quantity_dict([found.turnout()]) if turnout else None,
            }
        )
    return {
        "contest": first.contest.name,
        "as_of": evidence.as_of.isoformat() if evidence.as_of else None,
        "draws": first.draws,
        "seed": first.simulation.seed,
        "estimated": first.contest.estimated,
        "rows": rows,
        "versions": versions(),
    }


def posterior_dict(
    posterior: TransferPosterior, bounds: FlowBounds | None = None
) -> dict[str, Any]:
    """Return a posterior of transfers as plain data, beside what the margins alone allow."""
    low, high = posterior.interval(0.9)
    lowest, highest = posterior.range()
    least, most = bounds.table() if bounds is not None else (None, None)
    rows = []
    for r, origin in enumerate(posterior.origins):
        row = {
            "origin": origin,
            "people": posterior.table[r].tolist(),
            "mean": posterior.mean[r].tolist(),
            "interval": {"level": 0.9, "low": low[r].tolist(), "high": high[r].tolist()},
            "before": posterior.prior_mean[r].tolist(),
            "specifications": {"low": lowest[r].tolist(), "high": highest[r].tolist()},
            "learnt": float(posterior.learnt[r]),
        }
        if least is not None and most is not None:
            row["bounds"] = {"low": least[r].tolist(), "high": most[r].tolist()}
        rows.append(row)
    decided = posterior.contributions() if len(posterior.finalists) > 1 else None
    return {
        "destinations": list(posterior.destinations),
        "units": len(posterior.units),
        "seed": posterior.seed,
        "rows": rows,
        "specifications": list(posterior.variants()),
        "contributions": decided.to_dict() if decided is not None else None,
        "unexplained": posterior.residuals().lines(),
        "diagnostics": asdict(posterior.diagnostics),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions that a forecast was made with."""
    names = ("runoff-forecast", "numpy", "scipy")
    return {name: version(name) for name in names} | {"python": platform.python_version()}


def _drivers(forecast: Forecast) -> dict[str, Any] | None:
    if forecast.conditions:
        return None
    found = forecast.sensitivity()
    return {
        "finalist": found.finalist,
        "share_of_variance": dict(zip(found.inputs, found.index.tolist(), strict=True)),
        "interactions": found.interactions,
        "mean_share": found.mean,
        "tenths": {
            name: {"low": low, "high": high}
            for name, low, high in zip(
                found.inputs, found.low.tolist(), found.high.tolist(), strict=True
            )
        },
    }


def probability_dict(p: WinProbability) -> dict[str, Any]:
    """Return a probability with its errors as plain data."""
    ci = p.credible_interval
    return {
        "value": p.value,
        "monte_carlo_error": p.monte_carlo_error,
        "credible_interval": ci.to_dict() if ci else None,
    }


def quantity_dict(quantities: Sequence[Quantity]) -> dict[str, Any]:
    """Return a quantity with its intervals at several levels as plain data."""
    return {
        "median": quantities[0].median,
        "intervals": [q.interval.to_dict() for q in quantities],
    }


def _transfers(forecast: Forecast, level: float) -> dict[str, Any]:
    table, people = forecast.transfers(level), forecast.ledger.totals.tolist()
    return {
        "destinations": list(table.destinations),
        "level": level,
        "rows": [
            {
                "origin": origin,
                "label": forecast.contest.label(origin),
                "people": people[r],
                "mean": table.mean[r].tolist(),
                "low": table.low[r].tolist(),
                "high": table.high[r].tolist(),
            }
            for r, origin in enumerate(table.origins)
        ],
    }
