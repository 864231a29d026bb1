"""`forecast stress`: what if all polls are off by so many points."""

from __future__ import annotations

from typing import Annotated

import typer

from forecast.cli.about import AboutBeliefs, AboutContest, grouped
from forecast.cli.app import app
from forecast.cli.arguments import AsOf, ContestName, Seed, day_of
from forecast.cli.screen import say, say_each


@app.command("stress")
@grouped
def stress(
    *,
    contest: ContestName,
    about: AboutContest,
    beliefs: AboutBeliefs,
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
    found, believed = beliefs.applied(about.read(contest, scope=beliefs.scope), day)
    say_each(found.notes)
    say(
        poll_stress(
            found,
            believed,
            polls=beliefs.polls_about(found),
            points=[x / 100 for x in off] if off else POINTS,
            as_of=day,
            draws=draws,
            seed=seed,
        )
    )
