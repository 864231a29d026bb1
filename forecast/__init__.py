"""Forecast runoff elections from one table of vote transfers.

After a first round two candidates remain. A runoff moves people from where they stood (origins)
to the finalists or to nobody (destinations): one table. Priors, polls and counts are evidence
about it. One path for data::

    read -> Contest -> TransferPrior -> simulate -> Forecast -> report

Map of the package, each layer importing only those before it:

- `contest`, `ledger`, `returns`, `advancement`: what was counted, and the people behind it
- `readers`, `data`: files and bundled facts
- `transfers`: what we believe about the table
- `simulation`: from transfers to votes, and the exact oracle
- `outcome`: the forecast and what can be asked of it
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
    from forecast.data import contests, load_contest
    from forecast.data.official import load_returns
    from forecast.errors import ForecastError, InputError
    from forecast.ledger import Ledger
    from forecast.outcome.bounds import flow_bounds
    from forecast.outcome.forecast import Forecast
    from forecast.outcome.runoff import forecast_runoff
    from forecast.readers import read_contest, read_returns
    from forecast.report.export import forecast_dict
    from forecast.report.page import write_report
    from forecast.returns import Returns
    from forecast.simulation.engine import Simulation, simulate
    from forecast.simulation.exact import exact_win_probability
    from forecast.transfers.defaults import default_prior, generic_prior, learned_prior
    from forecast.transfers.history import learn_prior
    from forecast.transfers.inference import infer_transfers
    from forecast.transfers.learned import LearnedPrior
    from forecast.transfers.learned_file import read_learned, write_learned
    from forecast.transfers.posterior import TransferPosterior
    from forecast.transfers.prior import TransferPrior
    from forecast.transfers.prior_file import prior_toml, read_prior
    from forecast.transfers.rows import Belief, DirichletRow, ElicitedRow, Endorsement

_HOMES = {
    "Advancement": "advancement",
    "Belief": "transfers.rows",
    "Contest": "contest",
    "DirichletRow": "transfers.rows",
    "ElicitedRow": "transfers.rows",
    "Endorsement": "transfers.rows",
    "Forecast": "outcome.forecast",
    "ForecastError": "errors",
    "InputError": "errors",
    "LearnedPrior": "transfers.learned",
    "Ledger": "ledger",
    "Returns": "returns",
    "Simulation": "simulation.engine",
    "TransferPrior": "transfers.prior",
    "contests": "data",
    "default_prior": "transfers.defaults",
    "exact_win_probability": "simulation.exact",
    "infer_transfers": "transfers.inference",
    "TransferPosterior": "transfers.posterior",
    "flow_bounds": "outcome.bounds",
    "forecast_dict": "report.export",
    "forecast_runoff": "outcome.runoff",
    "generic_prior": "transfers.defaults",
    "learn_prior": "transfers.history",
    "learned_prior": "transfers.defaults",
    "load_contest": "data",
    "load_returns": "data.official",
    "prior_toml": "transfers.prior_file",
    "read_contest": "readers",
    "read_learned": "transfers.learned_file",
    "read_prior": "transfers.prior_file",
    "read_returns": "readers",
    "simulate": "simulation.engine",
    "write_learned": "transfers.learned_file",
    "write_report": "report.page",
}

__all__ = [
    "Advancement",
    "Belief",
    "Contest",
    "DirichletRow",
    "ElicitedRow",
    "Endorsement",
    "Forecast",
    "ForecastError",
    "InputError",
    "LearnedPrior",
    "Ledger",
    "Returns",
    "Simulation",
    "TransferPosterior",
    "TransferPrior",
    "__version__",
    "contests",
    "default_prior",
    "exact_win_probability",
    "flow_bounds",
    "forecast_dict",
    "forecast_runoff",
    "generic_prior",
    "infer_transfers",
    "learn_prior",
    "learned_prior",
    "load_contest",
    "load_returns",
    "prior_toml",
    "read_contest",
    "read_learned",
    "read_prior",
    "read_returns",
    "simulate",
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
