"""`forecast stress`: what if all polls are off by so many points."""

from __future__ import annotations

from typing import Annotated

import typer

from forecast.cli.app import app
from forecast.cli.arguments import (
    AsOf,
    ContestName,
    Finalists,
    PollsFile,
    PriorFile,
    Registered,
    RolesFile,
    Seed,
    Voters,
    contest_of,
    day_of,
    polls_of,
    prior_of,
)
from forecast.cli.screen import say


@app.command("stress")
def stress(  # noqa: PLR0917 - one parameter per option
    contest: ContestName,
    finalists: Finalists = None,
    registered: Registered = None,
    voters_only: Voters = False,
    prior: PriorFile = None,
    roles: RolesFile = None,
    polls: PollsFile = None,
    off: Annotated[
        list[float] | None,
        typer.Option(metavar="POINTS", help="Error of all polls in points; may be repeated."),
    ] = None,
    draws: Annotated[int, typer.Option(help="Simulated runoffs per row, even.")] = 10_000,
    seed: Seed = 0,
    as_of: AsOf = None,
) -> None:
    """Say what if all polls of the runoff are off by so many points, and how often they were."""
    from forecast.outcome.poll_stress import POINTS, poll_stress

    day = day_of(as_of)
    found = contest_of(contest, finalists, registered, voters_only)
    say(
        poll_stress(
            found,
            prior_of(prior, found, roles, day=day),
            polls=polls_of(polls, found),
            points=[x / 100 for x in off] if off else POINTS,
            as_of=day,
            draws=draws,
            seed=seed,
        )
    )
