"""`forecast stress`: what if all polls are off by so many points."""

from __future__ import annotations

from typing import Annotated

import typer

from forecast.cli.about import AboutContest, ScopeGiven, about_contest
from forecast.cli.app import app
from forecast.cli.arguments import (
    AsOf,
    ContestName,
    PollsFile,
    PriorFile,
    RolesFile,
    Seed,
    day_of,
    polls_of,
    with_prior,
)
from forecast.cli.screen import say


@app.command("stress")
@about_contest
def stress(  # noqa: PLR0917 - one parameter per option
    contest: ContestName,
    about: AboutContest,
    scope: ScopeGiven = None,
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
    found, believed = with_prior(about.read(contest, scope=scope), prior, roles, day=day)
    for note in found.notes:
        say(note)
    say(
        poll_stress(
            found,
            believed,
            polls=polls_of(polls, found),
            points=[x / 100 for x in off] if off else POINTS,
            as_of=day,
            draws=draws,
            seed=seed,
        )
    )
