"""Forecast runoff elections from one table of vote transfers.

After a first round two candidates remain, or a few. A runoff moves people from where they stood
(origins) to the finalists or to nobody (destinations): one table. Priors, polls and counts are
evidence about it. One path for data::

    read -> Contest -> prior (+ polls) -> simulate -> Forecast -> report

Map of the package, each room importing only those before it:

- `errors`; `arrays`, `randomness`, `display`: arrays, streams of random numbers, how results print
- `files`: text of any origin, read and written whole
- `facts`: what was counted or published: contests, returns, polls, turnout, past runoffs; its rooms
  `words`, `tables`, `nights` and `poll_tables` read them as they are printed
- `first_round`: from polls to draws of a first round, before anybody has voted
- `transfers`: what we believe about the table, a room for each way to learn it
- `data`: bundled facts and priors; `simulation`: from the table to votes, and the exact oracle
- `outcome`: forecasts, nowcasts, and what can be asked of them
- `validation`: scores, baselines, backtests, frozen forecasts
- `report`, `cli`: figures, pages, commands

>>> import forecast
>>> georgia = forecast.load_contest("georgia-2018")
>>> print(forecast.forecast_runoff(georgia, draws=2000))  # doctest: +ELLIPSIS
Georgia, presidential election 2018
as of 2018-10-28
Salome Zurabishvili  share ...
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast.data import contests, load_contest, load_polls, load_turnout, past_runoffs
    from forecast.data.official import load_returns
    from forecast.data.priors import default_prior, elicited_prior, learned_prior
    from forecast.errors import ForecastError, InputError
    from forecast.facts.contest import Contest
    from forecast.facts.election import Election
    from forecast.facts.past_runoffs import read_past_runoffs
    from forecast.facts.poll_tables.election_table import read_election
    from forecast.facts.polls import Poll
    from forecast.facts.readers import (
        read_contest,
        read_partial_returns,
        read_polls,
        read_returns,
        read_turnout,
    )
    from forecast.facts.returns import Returns
    from forecast.facts.turnout_table import interim_turnout
    from forecast.outcome.bounds import flow_bounds
    from forecast.outcome.election import ElectionForecast
    from forecast.outcome.election_run import forecast_election
    from forecast.outcome.forecast import Forecast
    from forecast.outcome.ladder import evidence_ladder
    from forecast.outcome.nowcast import Nowcast
    from forecast.outcome.nowcast_run import nowcast
    from forecast.outcome.replay import replay_night, reporting_order
    from forecast.outcome.run import forecast_runoff
    from forecast.outcome.seats_run import forecast_simultaneous
    from forecast.outcome.whatif import what_if
    from forecast.report.export import forecast_dict
    from forecast.report.forecast_page import write_report
    from forecast.transfers.elicited.file import read_prior
    from forecast.transfers.elicited.prior import TransferPrior
    from forecast.transfers.families.learn import learn_families
    from forecast.transfers.polls.polled import with_polls
    from forecast.transfers.returns.infer import infer_transfers
    from forecast.transfers.roles.file import read_learned
    from forecast.transfers.roles.learn import learn_prior
    from forecast.validation.backtest import backtest

_HOMES = {
    "Contest": "facts.contest",
    "Election": "facts.election",
    "ElectionForecast": "outcome.election",
    "Forecast": "outcome.forecast",
    "ForecastError": "errors",
    "InputError": "errors",
    "Nowcast": "outcome.nowcast",
    "Poll": "facts.polls",
    "Returns": "facts.returns",
    "TransferPrior": "transfers.elicited.prior",
    "backtest": "validation.backtest",
    "contests": "data",
    "default_prior": "data.priors",
    "elicited_prior": "data.priors",
    "evidence_ladder": "outcome.ladder",
    "flow_bounds": "outcome.bounds",
    "forecast_dict": "report.export",
    "forecast_election": "outcome.election_run",
    "forecast_runoff": "outcome.run",
    "forecast_simultaneous": "outcome.seats_run",
    "infer_transfers": "transfers.returns.infer",
    "interim_turnout": "facts.turnout_table",
    "learn_families": "transfers.families.learn",
    "learn_prior": "transfers.roles.learn",
    "learned_prior": "data.priors",
    "load_contest": "data",
    "load_polls": "data",
    "load_returns": "data.official",
    "load_turnout": "data",
    "nowcast": "outcome.nowcast_run",
    "past_runoffs": "data",
    "read_contest": "facts.readers",
    "read_election": "facts.poll_tables.election_table",
    "read_learned": "transfers.roles.file",
    "read_partial_returns": "facts.readers",
    "read_past_runoffs": "facts.past_runoffs",
    "read_polls": "facts.readers",
    "read_prior": "transfers.elicited.file",
    "read_returns": "facts.readers",
    "read_turnout": "facts.readers",
    "replay_night": "outcome.replay",
    "reporting_order": "outcome.replay",
    "what_if": "outcome.whatif",
    "with_polls": "transfers.polls.polled",
    "write_report": "report.forecast_page",
}
"""Where each public name lives."""
_MOVED = {
    "Advancement": "facts.advancement.Advancement",
    "Answers": "facts.polls.Answers",
    "Backtest": "validation.outcomes.Backtest",
    "Belief": "transfers.elicited.rows.Belief",
    "DirichletRow": "transfers.elicited.rows.DirichletRow",
    "ElicitedRow": "transfers.elicited.rows.ElicitedRow",
    "Endorsement": "transfers.table.endorsement.Endorsement",
    "FamilyPrior": "transfers.families.prior.FamilyPrior",
    "InterimTurnout": "facts.interim_turnout.InterimTurnout",
    "LearnedPrior": "transfers.roles.prior.LearnedPrior",
    "Ledger": "facts.ledger.Ledger",
    "NightForecast": "outcome.seats.SimultaneousForecast",
    "PastRunoffs": "facts.past_runoffs.PastRunoffs",
    "Reporting": "facts.partial_returns.PartialReturns",
    "Simulation": "simulation.engine.Simulation",
    "TransferPosterior": "transfers.returns.posterior.TransferPosterior",
    "WhatIf": "outcome.whatif.WhatIf",
    "evidence": "outcome.ladder.evidence_ladder",
    "exact_win_probability": "simulation.exact.exact_win_probability",
    "forecast_night": "outcome.seats_run.forecast_simultaneous",
    "generic_prior": "transfers.elicited.generic.generic_prior",
    "histories": "data.histories",
    "placed_prior": "data.priors.placed_prior",
    "prior_toml": "transfers.elicited.file.prior_toml",
    "read_reporting": "facts.readers.read_partial_returns",
    "read_roles": "transfers.roles.file.read_roles",
    "reporting_of": "facts.partial_returns.partial_returns",
    "simulate": "simulation.engine.simulate",
    "write_learned": "transfers.roles.file.write_learned",
}
"""Names of version 0.1.0 that are no longer public here, and where they are."""

__all__ = [
    "Contest",
    "Election",
    "ElectionForecast",
    "Forecast",
    "ForecastError",
    "InputError",
    "Nowcast",
    "Poll",
    "Returns",
    "TransferPrior",
    "__version__",
    "backtest",
    "contests",
    "default_prior",
    "elicited_prior",
    "evidence_ladder",
    "flow_bounds",
    "forecast_dict",
    "forecast_election",
    "forecast_runoff",
    "forecast_simultaneous",
    "infer_transfers",
    "interim_turnout",
    "learn_families",
    "learn_prior",
    "learned_prior",
    "load_contest",
    "load_polls",
    "load_returns",
    "load_turnout",
    "nowcast",
    "past_runoffs",
    "read_contest",
    "read_election",
    "read_learned",
    "read_partial_returns",
    "read_past_runoffs",
    "read_polls",
    "read_prior",
    "read_returns",
    "read_turnout",
    "replay_night",
    "reporting_order",
    "what_if",
    "with_polls",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("runoff-forecast")
    if name in _MOVED:
        return _moved(name)
    if name not in _HOMES:
        raise AttributeError(f"module 'forecast' has no attribute {name!r}")
    value = getattr(import_module(f"forecast.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def _moved(name: str) -> Any:
    """Return what an old name stood for, with a warning that names the new place."""
    import warnings

    home, _, now = _MOVED[name].rpartition(".")
    place = f"forecast.{now}" if now in _HOMES else f"forecast.{home}.{now}"
    warnings.warn(
        f"forecast.{name} is now {place}; the old name goes with the next release",
        DeprecationWarning,
        stacklevel=3,
    )
    return getattr(import_module(f"forecast.{home}"), now)


def __dir__() -> list[str]:
    return sorted(__all__)
