"""`forecast learn`: from past runoffs to a learned prior."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import forecast as library
from forecast.cli.app import app
from forecast.cli.arguments import Seed, day_of
from forecast.cli.completion import complete_history
from forecast.cli.screen import say, say_each
from forecast.errors import InputError
from forecast.files.writing import check_outputs, write_whole

if TYPE_CHECKING:
    from forecast.facts.past_runoffs import PastRunoffs


@app.command("learn")
def learn(  # noqa: PLR0917 - one parameter per option
    history: Annotated[
        list[str],
        typer.Argument(
            help="Past runoffs: bundled ('georgia', 'world') or a CSV file with one count per row: "
            "contest, round, candidate (or 'registered', 'invalid'), votes; optional unit, date, "
            "role, family, title, withdrawn, source.",
            autocompletion=complete_history,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where to write the prior: .json.")],
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="Leave out runoffs after YYYY-MM-DD.")
    ] = None,
    turnout: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="National runoffs that tell how many turn out in a nationwide contest, such as "
            "'world'.",
            autocompletion=complete_history,
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the prior.")] = None,
    families: Annotated[
        bool,
        typer.Option(
            "--families",
            help="Learn political families instead, by the column 'family', for 'forecast many'.",
        ),
    ] = False,
    seed: Seed = 0,
) -> None:
    """Learn a prior from past runoffs, print it and write it as JSON."""
    from forecast.transfers.roles.file import learned_json, write_learned

    day = day_of(as_of)
    check_outputs([(out, (".json",))], [*history, turnout])
    read = [_history(given) for given in history]
    say_each(note for part in read for note in part.notes)
    pairs = [pair for part in read for pair in part]
    withdrawn = [contest for part in read for contest in part.withdrawn]
    called = name or f"learned from {', '.join(part.name for part in read)}"
    if families:
        if turnout is not None:
            raise InputError("--turnout: is for roles, not for --families; leave one out")
        two = [(contest, counted) for contest, counted in pairs if len(contest.finalists) == 2]
        say(f"{len(two):,} of {len(pairs):,} runoffs have two finalists, from which is learned")
        prior = library.learn_families(
            two,
            families={contest: said for part in read for contest, said in part.families.items()},
            withdrawn=withdrawn,
            as_of=day,
            name=called,
        )
        say(f"{prior.name}: {prior.brief}; {', '.join(prior.groups)}")
        say(f"wrote {write_learned(prior, out)}; use it with forecast many --prior {out}")
        return
    found = library.learn_prior(
        pairs,
        roles={contest: role for part in read for contest, role in part.roles.items()},
        withdrawn=withdrawn,
        as_of=day,
        name=called,
        seed=seed,
        world=None if turnout is None else _history(turnout),
    )
    words = ["forecast learn", *history, "--out", out.name]
    words += [f"--{k} {v}" for k, v in (("as-of", as_of), ("turnout", turnout)) if v is not None]
    words += [f"--name '{name}'"] * (name is not None) + [f"--seed {seed}"] * (seed != 0)
    found = replace(found, provenance={**found.provenance, "command": " ".join(words)})
    say(found)
    say(f"wrote {write_whole(out, learned_json(found))}; use it with --prior {out}")


def _history(name: str) -> PastRunoffs:
    """Return a bundled history, or read one from a file."""
    if not Path(name).suffix and not os.path.exists(name):
        return library.past_runoffs(name)
    return library.read_past_runoffs(name)
