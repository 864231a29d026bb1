"""Many runoffs of one day from one table and a prior of families: seats, and every constituency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from forecast.errors import InputError
from forecast.facts.many_contests import ManyContests
from forecast.outcome.seats import SimultaneousForecast
from forecast.outcome.seats_run import forecast_simultaneous
from forecast.signatures import refuses_other_kinds
from forecast.transfers.families.changes import FamilyChanges
from forecast.transfers.families.prior import FamilyPrior


@refuses_other_kinds
def forecast_many(
    many: ManyContests,
    prior: FamilyPrior,
    *,
    changes: FamilyChanges | None = None,
    as_of: date | None = None,
    draws: int = 20_000,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> SimultaneousForecast:
    """Forecast all runoffs of one day that one prior of families speaks of.

    Families that the prior does not know are unsettled; seats decided without a runoff are
    included. Without `as_of` the forecast is made on the day of the first round; the rest is as for
    `forecast_simultaneous`.

    Raises
    ------
    InputError
        If there is no runoff, the prior was learned from something later, or an alliance breaks a
        rule.
    """
    if not many.contests:
        raise InputError("forecast_many: needs at least one runoff - found none; all are decided")
    everyone = {family for named in many.families.values() for family in named.values()}
    ready = (changes or FamilyChanges()).applied(prior, everyone)
    return forecast_simultaneous(
        many.contests,
        [ready.at(c, groups=many.families, as_of=as_of) for c in many.contests],
        parties=many.families,
        decided=many.decided,
        draws=draws,
        seed=seed,
        progress=progress,
    )


def by_constituency(many: ManyContests, forecast: SimultaneousForecast) -> list[dict[str, Any]]:
    """Return one plain row a finalist, and one for every seat that is decided.

    Columns are ``contest, candidate, family, win_probability, share, low, high``, fractions; a
    decided seat says "elected" and has no numbers.
    """
    rows: list[dict[str, Any]] = []
    for contest in forecast.contests:
        for k, finalist in enumerate(contest.finalists):
            share = contest.share[k]
            rows.append(
                {
                    "contest": contest.name,
                    "candidate": finalist,
                    "family": contest.parties[k],
                    "win_probability": round(contest.win_probability[k], 4),
                    "share": round(share.median, 4),
                    "low": round(share.interval.low, 4),
                    "high": round(share.interval.high, 4),
                }
            )
    for name, (candidate, family) in many.elected.items():
        decided = {"contest": name, "candidate": candidate, "family": family}
        rows.append(decided | {"win_probability": "elected", "share": "", "low": "", "high": ""})
    return rows
