"""Forecast runoff elections from one table of vote transfers.

After a first round two candidates remain. A runoff moves people from where they stood (origins)
to the finalists or to nobody (destinations): one table. Priors, polls and counts are evidence
about it. One path for data::

    read -> Contest -> TransferPrior (+ polls) -> simulate -> Forecast -> report

Map of the package, each layer importing only those before it:

- `contest`, `ledger`, `returns`, `advancement`: what was counted, and the people behind it
- `polls`: what people told a pollster
- `interim`, `roll`, `reporting`: turnout while people vote, who may vote, what is counted so far
- `readers`, `data`: files and bundled facts
- `transfers`: what we believe about the table
- `simulation`: from transfers to votes, and the exact oracle
- `outcome`: the forecast and what can be asked of it; nights of many runoffs
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
    from forecast.data import (
        contests,
        histories,
        load_contest,
        load_polls,
        load_turnout,
        past_runoffs,
    )
    from forecast.data.official import load_returns
    from forecast.data.priors import default_prior, elicited_prior, learned_prior, placed_prior
    from forecast.errors import ForecastError, InputError
    from forecast.facts.advancement import Advancement
    from forecast.facts.contest import Contest
    from forecast.facts.interim_turnout import InterimTurnout
    from forecast.facts.ledger import Ledger
    from forecast.facts.partial_returns import Reporting, reporting_of
    from forecast.facts.past_runoffs import PastRunoffs, read_past_runoffs
    from forecast.facts.polls import Answers, Poll
    from forecast.facts.readers import (
        read_contest,
        read_polls,
        read_reporting,
        read_returns,
        read_turnout,
    )
    from forecast.facts.returns import Returns
    from forecast.facts.turnout_table import interim_turnout
    from forecast.outcome.bounds import flow_bounds
    from forecast.outcome.forecast import Forecast
    from forecast.outcome.ladder import evidence
    from forecast.outcome.nowcast import Nowcast
    from forecast.outcome.replay import replay_night, reporting_order
    from forecast.outcome.run import forecast_runoff, nowcast
    from forecast.outcome.seats import NightForecast
    from forecast.outcome.seats_run import forecast_night
    from forecast.outcome.whatif import WhatIf, what_if
    from forecast.report.export import forecast_dict
    from forecast.report.forecast_page import write_report
    from forecast.simulation.engine import Simulation, simulate
    from forecast.simulation.exact import exact_win_probability
    from forecast.transfers.elicited.file import prior_toml, read_prior
    from forecast.transfers.elicited.generic import generic_prior
    from forecast.transfers.elicited.prior import TransferPrior
    from forecast.transfers.elicited.rows import Belief, DirichletRow, ElicitedRow
    from forecast.transfers.families.learn import learn_families
    from forecast.transfers.families.prior import FamilyPrior
    from forecast.transfers.polls.polled import with_polls
    from forecast.transfers.returns.infer import infer_transfers
    from forecast.transfers.returns.posterior import TransferPosterior
    from forecast.transfers.roles.file import read_learned, read_roles, write_learned
    from forecast.transfers.roles.learn import learn_prior
    from forecast.transfers.roles.prior import LearnedPrior
    from forecast.transfers.table.endorsement import Endorsement
    from forecast.validation.backtest import backtest
    from forecast.validation.outcomes import Backtest

_HOMES = {
    "Advancement": "facts.advancement",
    "Answers": "facts.polls",
    "Backtest": "validation.outcomes",
    "Belief": "transfers.elicited.rows",
    "Contest": "facts.contest",
    "DirichletRow": "transfers.elicited.rows",
    "ElicitedRow": "transfers.elicited.rows",
    "Endorsement": "transfers.table.endorsement",
    "FamilyPrior": "transfers.families.prior",
    "Forecast": "outcome.forecast",
    "ForecastError": "errors",
    "InputError": "errors",
    "InterimTurnout": "facts.interim_turnout",
    "LearnedPrior": "transfers.roles.prior",
    "Ledger": "facts.ledger",
    "Poll": "facts.polls",
    "NightForecast": "outcome.seats",
    "Nowcast": "outcome.nowcast",
    "Reporting": "facts.partial_returns",
    "Returns": "facts.returns",
    "Simulation": "simulation.engine",
    "TransferPrior": "transfers.elicited.prior",
    "backtest": "validation.backtest",
    "contests": "data",
    "default_prior": "data.priors",
    "elicited_prior": "data.priors",
    "evidence": "outcome.ladder",
    "exact_win_probability": "simulation.exact",
    "histories": "data",
    "infer_transfers": "transfers.returns.infer",
    "interim_turnout": "facts.turnout_table",
    "TransferPosterior": "transfers.returns.posterior",
    "flow_bounds": "outcome.bounds",
    "forecast_dict": "report.export",
    "forecast_night": "outcome.seats_run",
    "forecast_runoff": "outcome.run",
    "generic_prior": "transfers.elicited.generic",
    "learn_families": "transfers.families.learn",
    "learn_prior": "transfers.roles.learn",
    "learned_prior": "data.priors",
    "load_contest": "data",
    "load_polls": "data",
    "load_returns": "data.official",
    "load_turnout": "data",
    "past_runoffs": "data",
    "placed_prior": "data.priors",
    "prior_toml": "transfers.elicited.file",
    "read_contest": "facts.readers",
    "read_learned": "transfers.roles.file",
    "read_polls": "facts.readers",
    "PastRunoffs": "facts.past_runoffs",
    "read_past_runoffs": "facts.past_runoffs",
    "read_prior": "transfers.elicited.file",
    "nowcast": "outcome.run",
    "read_reporting": "facts.readers",
    "read_returns": "facts.readers",
    "read_turnout": "facts.readers",
    "replay_night": "outcome.replay",
    "reporting_of": "facts.partial_returns",
    "reporting_order": "outcome.replay",
    "read_roles": "transfers.roles.file",
    "simulate": "simulation.engine",
    "WhatIf": "outcome.whatif",
    "what_if": "outcome.whatif",
    "with_polls": "transfers.polls.polled",
    "write_learned": "transfers.roles.file",
    "write_report": "report.forecast_page",
}

__all__ = [
    "Advancement",
    "Answers",
    "Backtest",
    "Belief",
    "Contest",
    "DirichletRow",
    "ElicitedRow",
    "Endorsement",
    "FamilyPrior",
    "Forecast",
    "ForecastError",
    "InputError",
    "InterimTurnout",
    "LearnedPrior",
    "Ledger",
    "NightForecast",
    "Nowcast",
    "PastRunoffs",
    "Poll",
    "Reporting",
    "Returns",
    "Simulation",
    "TransferPosterior",
    "TransferPrior",
    "WhatIf",
    "__version__",
    "backtest",
    "contests",
    "default_prior",
    "elicited_prior",
    "evidence",
    "exact_win_probability",
    "flow_bounds",
    "forecast_dict",
    "forecast_night",
    "forecast_runoff",
    "generic_prior",
    "histories",
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
    "placed_prior",
    "prior_toml",
    "read_contest",
    "read_learned",
    "read_past_runoffs",
    "read_polls",
    "read_prior",
    "read_reporting",
    "read_returns",
    "read_roles",
    "read_turnout",
    "replay_night",
    "reporting_of",
    "reporting_order",
    "simulate",
    "what_if",
    "with_polls",
    "write_learned",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("runoff-forecast")
    if name not in _HOMES:
        raise AttributeError(f"module 'forecast' has no attribute {name!r}")
    value = getattr(import_module(f"forecast.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
