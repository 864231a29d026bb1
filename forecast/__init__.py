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
    from forecast.advancement import Advancement
    from forecast.contest import Contest
    from forecast.data import (
        contests,
        histories,
        load_contest,
        load_polls,
        load_turnout,
        past_runoffs,
    )
    from forecast.data.official import load_returns
    from forecast.errors import ForecastError, InputError
    from forecast.interim import InterimTurnout
    from forecast.interim_table import interim_turnout
    from forecast.ledger import Ledger
    from forecast.outcome.bounds import flow_bounds
    from forecast.outcome.evidence import evidence
    from forecast.outcome.forecast import Forecast
    from forecast.outcome.night import Nowcast
    from forecast.outcome.nowcast import nowcast
    from forecast.outcome.replay import replay_night, reporting_order
    from forecast.outcome.runoff import forecast_runoff
    from forecast.outcome.seats import NightForecast
    from forecast.outcome.simultaneous import forecast_night
    from forecast.outcome.whatif import WhatIf, what_if
    from forecast.past import PastRunoffs, read_past_runoffs
    from forecast.polls import Answers, Poll
    from forecast.readers import (
        read_contest,
        read_polls,
        read_reporting,
        read_returns,
        read_turnout,
    )
    from forecast.report.export import forecast_dict
    from forecast.report.page import write_report
    from forecast.reporting import Reporting, reporting_of
    from forecast.returns import Returns
    from forecast.simulation.engine import Simulation, simulate
    from forecast.simulation.exact import exact_win_probability
    from forecast.transfers.defaults import (
        default_prior,
        elicited_prior,
        generic_prior,
        learned_prior,
        placed_prior,
        read_roles,
    )
    from forecast.transfers.families import learn_families
    from forecast.transfers.family_prior import FamilyPrior
    from forecast.transfers.history import learn_prior
    from forecast.transfers.inference import infer_transfers
    from forecast.transfers.learned import LearnedPrior
    from forecast.transfers.learned_file import read_learned, write_learned
    from forecast.transfers.polled import with_polls
    from forecast.transfers.posterior import TransferPosterior
    from forecast.transfers.prior import TransferPrior
    from forecast.transfers.prior_file import prior_toml, read_prior
    from forecast.transfers.rows import Belief, DirichletRow, ElicitedRow, Endorsement
    from forecast.validation.backtest import backtest
    from forecast.validation.outcomes import Backtest

_HOMES = {
    "Advancement": "advancement",
    "Answers": "polls",
    "Backtest": "validation.outcomes",
    "Belief": "transfers.rows",
    "Contest": "contest",
    "DirichletRow": "transfers.rows",
    "ElicitedRow": "transfers.rows",
    "Endorsement": "transfers.rows",
    "FamilyPrior": "transfers.family_prior",
    "Forecast": "outcome.forecast",
    "ForecastError": "errors",
    "InputError": "errors",
    "InterimTurnout": "interim",
    "LearnedPrior": "transfers.learned",
    "Ledger": "ledger",
    "Poll": "polls",
    "NightForecast": "outcome.seats",
    "Nowcast": "outcome.night",
    "Reporting": "reporting",
    "Returns": "returns",
    "Simulation": "simulation.engine",
    "TransferPrior": "transfers.prior",
    "backtest": "validation.backtest",
    "contests": "data",
    "default_prior": "transfers.defaults",
    "elicited_prior": "transfers.defaults",
    "evidence": "outcome.evidence",
    "exact_win_probability": "simulation.exact",
    "histories": "data",
    "infer_transfers": "transfers.inference",
    "interim_turnout": "interim_table",
    "TransferPosterior": "transfers.posterior",
    "flow_bounds": "outcome.bounds",
    "forecast_dict": "report.export",
    "forecast_night": "outcome.simultaneous",
    "forecast_runoff": "outcome.runoff",
    "generic_prior": "transfers.defaults",
    "learn_families": "transfers.families",
    "learn_prior": "transfers.history",
    "learned_prior": "transfers.defaults",
    "load_contest": "data",
    "load_polls": "data",
    "load_returns": "data.official",
    "load_turnout": "data",
    "past_runoffs": "data",
    "placed_prior": "transfers.defaults",
    "prior_toml": "transfers.prior_file",
    "read_contest": "readers",
    "read_learned": "transfers.learned_file",
    "read_polls": "readers",
    "PastRunoffs": "past",
    "read_past_runoffs": "past",
    "read_prior": "transfers.prior_file",
    "nowcast": "outcome.nowcast",
    "read_reporting": "readers",
    "read_returns": "readers",
    "read_turnout": "readers",
    "replay_night": "outcome.replay",
    "reporting_of": "reporting",
    "reporting_order": "outcome.replay",
    "read_roles": "transfers.defaults",
    "simulate": "simulation.engine",
    "WhatIf": "outcome.whatif",
    "what_if": "outcome.whatif",
    "with_polls": "transfers.polled",
    "write_learned": "transfers.learned_file",
    "write_report": "report.page",
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
