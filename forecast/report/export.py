"""The forecast as plain data: what the JSON file holds and what the pages print."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np
from scipy.special import expit, ndtri

from forecast.facts.polls import Answers, Poll
from forecast.outcome.bounds import FlowBounds
from forecast.outcome.forecast import Forecast
from forecast.outcome.ladder import EvidenceLadder
from forecast.outcome.probability import Quantity, WinProbability
from forecast.transfers.elicited.file import prior_toml
from forecast.transfers.elicited.prior import TransferPrior
from forecast.transfers.polls.polled import PolledTransfers
from forecast.transfers.returns.posterior import TransferPosterior
from forecast.transfers.roles.describe import role_rates
from forecast.transfers.roles.prior import LearnedTransfers
from forecast.transfers.table.protocols import TransferDistribution

__all__ = ["LEVELS", "evidence_dict", "forecast_dict", "posterior_dict"]

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Levels of the published credible intervals."""


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

    Examples
    --------
    >>> from forecast import forecast_runoff, load_contest
    >>> data = forecast_dict(forecast_runoff(load_contest("georgia-2018"), draws=2000))
    >>> data["finalists"]
    ['zurabishvili', 'vashadze']
    """
    known = forecast.contest.electorate == "registered"
    return {
        "contest": forecast.contest.name,
        "title": forecast.contest.title or forecast.contest.name,
        "as_of": forecast.as_of.isoformat() if forecast.as_of else None,
        "conditions": list(forecast.conditions),
        "finalists": list(forecast.finalists),
        "labels": {o: forecast.contest.label(o) for o in forecast.ledger.origins},
        "first_round": dict(
            zip(forecast.ledger.origins, forecast.ledger.totals.tolist(), strict=True)
        ),
        "draws": forecast.draws,
        "seed": forecast.simulation.seed,
        "win_probability": {
            f: _probability(forecast.win_probability(f, level)) for f in forecast.finalists
        },
        "share": {f: _quantity([forecast.share(f, x) for x in LEVELS]) for f in forecast.finalists},
        "votes": {f: _quantity([forecast.votes(f, x) for x in LEVELS]) for f in forecast.finalists},
        "turnout": _quantity([forecast.turnout(x) for x in LEVELS]) if known else None,
        "transfers": _transfers(forecast, level),
        "bounds": {
            r.finalist: {
                "votes_to_win": r.votes_to_win,
                "own": r.own,
                "shortfall": r.shortfall,
                "eliminated": r.eliminated,
            }
            for r in forecast.requirements()
        },
        "break_even": [
            {
                "what": b.what,
                "finalist": b.finalist,
                "expected": b.expected,
                "needed": b.needed,
                "change": b.change,
            }
            for b in forecast.break_evens()
        ],
        "drivers": _drivers(forecast),
        "variants": [
            {
                "name": v.name,
                "win_probability": {f: _probability(p) for f, p in v.win_probability.items()},
                "share": {f: _quantity([q]) for f, q in v.share.items()},
            }
            for v in forecast.variants(level)
        ],
        "evidence": [
            {
                "label": piece.name,
                "finalist": forecast.leader,
                "share": _quantity([piece.forecast.share(forecast.leader, level)]),
                "win_probability": piece.forecast.win_probability(forecast.leader, level).value,
            }
            for piece in (evidence.pieces if evidence else ())
        ],
        "assumptions": _assumptions(forecast),
        "provenance": {
            "versions": _versions(),
            "seed": forecast.simulation.seed,
            "contest_digest": forecast.contest.digest,
            "prior_digest": _prior_digest(forecast.prior),
            "draws_digest": forecast.digest,
            "prior": forecast.prior.name,
            "source": forecast.contest.source,
        },
    }


def evidence_dict(evidence: EvidenceLadder, *, level: float = 0.9) -> dict[str, Any]:
    """Return what each piece of evidence did to a forecast as plain data.

    Parameters
    ----------
    evidence : EvidenceLadder
        The pieces.
    level : float
        Level of the intervals.

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
                "known": piece.known.isoformat() if piece.known else None,
                "source": piece.source,
                "share": {f: _quantity([found.share(f, level)]) for f in found.finalists},
                "win_probability": {
                    f: _probability(found.win_probability(f, level)) for f in found.finalists
                },
                "turnout": _quantity([found.turnout(level)]) if turnout else None,
            }
        )
    return {
        "contest": first.contest.name,
        "as_of": evidence.as_of.isoformat() if evidence.as_of else None,
        "draws": first.draws,
        "seed": first.simulation.seed,
        "rows": rows,
        "versions": _versions(),
    }


def posterior_dict(
    posterior: TransferPosterior, bounds: FlowBounds | None = None
) -> dict[str, Any]:
    """Return a posterior of transfers as plain data.

    Parameters
    ----------
    posterior : TransferPosterior
        What was inferred.
    bounds : FlowBounds, optional
        What the margins alone allow, to stand beside it.
    """
    low, high = posterior.interval(0.9)
    least, most = bounds.table() if bounds is not None else (None, None)
    rows = []
    for r, origin in enumerate(posterior.origins):
        row = {
            "origin": origin,
            "people": posterior.table[r].tolist(),
            "mean": posterior.mean[r].tolist(),
            "interval": {"level": 0.9, "low": low[r].tolist(), "high": high[r].tolist()},
        }
        if least is not None and most is not None:
            row["bounds"] = {"low": least[r].tolist(), "high": most[r].tolist()}
        rows.append(row)
    return {
        "destinations": list(posterior.destinations),
        "units": len(posterior.units),
        "seed": posterior.seed,
        "rows": rows,
        "diagnostics": asdict(posterior.diagnostics),  # type: ignore[call-overload]
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
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


def _probability(p: WinProbability) -> dict[str, Any]:
    ci = p.credible_interval
    return {
        "value": p.value,
        "monte_carlo_error": p.monte_carlo_error,
        "credible_interval": {"level": ci.level, "low": ci.low, "high": ci.high} if ci else None,
    }


def _quantity(quantities: Sequence[Quantity]) -> dict[str, Any]:
    return {
        "median": quantities[0].median,
        "intervals": [
            {"level": q.interval.level, "low": q.interval.low, "high": q.interval.high}
            for q in quantities
        ],
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


def _assumptions(forecast: Forecast) -> dict[str, Any]:
    """Return the rows of an elicited prior with their sources, or what past runoffs taught."""
    prior, polls = forecast.prior, list[dict[str, Any]]()
    if isinstance(prior, PolledTransfers):
        polls = [_poll(poll) for poll in (*prior.polls, *prior.earlier)]
        prior = prior.base
    if not isinstance(prior, TransferPrior):
        empty: dict[str, Any] = {"rows": [], "endorsements": [], "shared_variance": None}
        learned = _learned(prior, forecast) if isinstance(prior, LearnedTransfers) else None
        return {"prior": prior.name, "polls": polls, "learned": learned} | empty
    rows = []
    for row in prior.rows:
        participation, preference = (np.round(x, 6).tolist() for x in row.describe())
        about = {"origin": row.origin, "participation": participation, "preference": preference}
        rows.append(about | {"source": row.source})
    return {
        "prior": prior.name,
        "polls": polls,
        "learned": None,
        "rows": rows,
        "endorsements": [
            {
                "origin": e.origin,
                "finalist": e.finalist,
                "strength": e.strength,
                "known": e.known.isoformat() if e.known else None,
                "source": e.source,
            }
            for e in prior.endorsements
        ],
        "shared_variance": {
            "mobilisation": prior.mobilisation,
            "swing": prior.swing,
            "partisan": prior.partisan,
            "input_share": prior.input_share,
        },
    }


def _learned(prior: LearnedTransfers, forecast: Forecast) -> dict[str, Any]:
    """Return what a learned prior stands on and expects of each role, and what moved it since."""
    rates, origins = role_rates(prior), forecast.ledger.origins
    low, high = np.quantile(rates, [0.05, 0.95], axis=0)
    return {
        "basis": prior.prior.brief,
        "roles": [
            {
                "role": role,
                "origins": [o for o in origins if prior.given.get(o) == role],
                "mean": rates[:, r].mean(axis=0).tolist(),
                "low": low[r].tolist(),
                "high": high[r].tolist(),
            }
            for r, role in enumerate(prior.prior.roles)
        ],
        "shifts": [
            {
                "origin": s.origin,
                "finalist": s.finalist,
                "logits": s.logits,
                "sd": s.sd,
                "of_half": expit(s.logits + s.sd * ndtri([0.5, 0.05, 0.95])).tolist(),
                "known": s.known.isoformat() if s.known else None,
                "source": s.source,
            }
            for s in prior.shifts
        ],
    }


def _poll(poll: Poll) -> dict[str, Any]:
    """Return what a poll found and who it is by."""
    return {
        "name": poll.name,
        "round": poll.round,
        "sponsor": poll.sponsor,
        "side": poll.side,
        "known": poll.known.isoformat() if poll.known else None,
        "design_effect": poll.design_effect,
        **_answers(poll.answers),
        "by_origin": {origin: _answers(a) for origin, a in poll.by_origin.items()},
        "source": poll.source,
    }


def _answers(answers: Answers) -> dict[str, Any]:
    return {
        "n": answers.n,
        "base": answers.base,
        "shares": dict(answers.shares),
        "undecided": answers.undecided,
        "would_not_vote": answers.would_not_vote,
    }


def _prior_digest(prior: TransferDistribution) -> str | None:
    if isinstance(prior, PolledTransfers):
        prior = prior.base
    if not isinstance(prior, TransferPrior):
        return None
    return hashlib.sha256(prior_toml(prior).encode()).hexdigest()[:16]
