"""The options of a contest, alike in all commands that take one: how to read it, what to print."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import forecast as library
from forecast.cli.arguments import columns_given, day_of, is_bundled
from forecast.errors import InputError, suggest

if TYPE_CHECKING:
    from forecast.facts.contest import Contest

Finalists = Annotated[
    str | None, typer.Option(help="Who advances, separated by commas; default: the top two.")
]
Registered = Annotated[
    int | None, typer.Option(help="Estimate of the registered, if the file has none.")
]
ColumnsGiven = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        metavar="NAME=ROLE",
        help="What a column is where its name does not say it: candidate, unit, region, "
        "registered, ballots, valid, invalid, ... or ignored; may be repeated.",
    ),
]
Part = Annotated[
    str | None,
    typer.Option(
        "--contest",
        metavar="CANDIDATE",
        help="Which contest of a file of several: one of its candidates.",
    ),
]
Rule = Annotated[
    str | None,
    typer.Option(
        metavar="RULE",
        help="Who advances, such as 'majority; top two', '40% and 10 points ahead', "
        "'12.5% of registered' or 'majority of ballots'.",
    ),
]
Title = Annotated[str | None, typer.Option(help="Title of the contest, as printed.")]
Day = Annotated[
    str | None, typer.Option("--date", metavar="DATE", help="Day of the first round, YYYY-MM-DD.")
]
Labels = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=TEXT", help="Name to print for a candidate; may be repeated."),
]
Parties = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=PARTY", help="Party to print behind a name; may be repeated."),
]
Colours = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=#RRGGBB", help="Colour of a finalist; may be repeated."),
]
Voters = Annotated[bool, typer.Option("--voters-only", help="Leave non-voters out of the ledger.")]
ScopeGiven = Annotated[
    str | None,
    typer.Option(
        "--scope",
        metavar="national|local",
        help="Whether a whole country votes or a place of it: which prior is used by default, and "
        "how polls err; default: not known.",
    ),
]
How = tuple[list[str] | None, str | None, str | None]
"""How to read files: what columns are, which contest, which rule."""


@dataclass(frozen=True, kw_only=True)
class AboutContest:
    """What the options of a command say of its contest."""

    finalists: Finalists = None
    registered: Registered = None
    voters_only: Voters = False
    columns: ColumnsGiven = None
    part: Part = None
    rule: Rule = None
    title: Title = None
    date: Day = None
    labels: Labels = None
    parties: Parties = None

    def read(
        self,
        name: str,
        *,
        scope: str | None = None,
        units: str | None = None,
        returns: str | Path | None = None,
    ) -> Contest:
        """Return the contest as it is to be read and printed; arguments as for `contest_of`."""
        found = contest_of(
            name,
            self.finalists,
            self.registered,
            self.voters_only,
            units,
            how=(self.columns, self.part, self.rule),
            returns=returns,
        )
        return dressed(of_scope(found, scope), self.title, self.date, self.labels, self.parties)


def about_contest(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a contest behind its first arguments; it gets them as `about`.

    Examples
    --------
    >>> @about_contest
    ... def show(contest: str, about: AboutContest) -> None:
    ...     print(contest, about.finalists)
    >>> show(contest="town.csv", finalists="ada,ben")
    town.csv ada,ben
    """
    options = inspect.signature(AboutContest, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True)

    def called(**given: Any) -> None:
        command(about=AboutContest(**{k: given.pop(k) for k in options if k in given}), **given)

    placed: list[inspect.Parameter] = []
    for parameter in own.parameters.values():
        placed += options.values() if parameter.name == "about" else [parameter]
    keyed = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in placed]
    called.__signature__ = own.replace(parameters=keyed)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in keyed}
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__module__ = command.__module__
    return called


def contest_of(
    name: str,
    finalists: str | None,
    registered: int | None,
    voters_only: bool,
    units: str | None = None,
    *,
    how: How = (None, None, None),
    returns: str | Path | None = None,
) -> Contest:
    """Return a bundled contest, or read one from a file.

    Its finalists are those named, else those with votes in `returns`, else those of the rule.
    """
    columns, part, rule = how
    chosen = names_in_list(finalists) if finalists is not None else None
    if is_bundled(name):
        if columns or part or rule:
            raise InputError(
                f"--columns, --contest, --rule: are for files; leave them out of {name}"
            )
        found = library.load_contest(name, units=units)
        return _changed(found, chosen, registered, voters_only)
    if units is not None:
        raise InputError(f"--units: is for bundled contests; {name} has the units it has")
    found = library.read_contest(
        name,
        finalists=chosen,
        registered=registered,
        electorate="voters" if voters_only else "registered",
        advancement=rule,
        contest=part,
        columns=columns_given(columns, name, returns),
    )
    if chosen is None and returns is not None and not is_bundled(str(returns)):
        from forecast.facts.readers import with_finalists_of

        found = with_finalists_of(found, returns, columns=columns_given(columns, returns, name))
    return found


def _changed(
    found: Contest, chosen: list[str] | None, registered: int | None, voters_only: bool
) -> Contest:
    """Return a bundled contest with other finalists or without non-voters."""
    if registered is not None:
        raise InputError(f"--registered: {found.name} knows its registered; leave it out")
    if chosen is None and not voters_only:
        return found
    from dataclasses import replace

    changes: dict[str, Any] = {"electorate": "voters"} if voters_only else {}
    if chosen is not None:
        changes["finalists"] = tuple(map(found.key, chosen))
    return replace(found, **changes)


def of_scope(found: Contest, scope: str | None) -> Contest:
    """Return a contest of the scope that is given, if one is."""
    if scope is None:
        return found
    from dataclasses import replace

    if scope not in ("national", "local"):
        raise InputError(
            f"--scope: must be national or local - found {scope!r}; "
            f"{suggest(scope, ('national', 'local'))}"
        )
    return replace(found, scope=scope)  # type: ignore[arg-type]


def names_in_list(text: str) -> list[str]:
    """Return names separated by commas; one with a comma in it stands in double quotes.

    Raises
    ------
    InputError
        If a quote is never closed.

    Examples
    --------
    >>> names_in_list('Ada, "Lovelace, Ada"')
    ['Ada', 'Lovelace, Ada']
    """
    import csv

    try:
        names = next(csv.reader([text], skipinitialspace=True, strict=True))
    except (csv.Error, StopIteration):
        raise InputError(
            f"--finalists: must be names separated by commas - found {text!r}; close the quotes"
        ) from None
    return [name.strip() for name in names]


def said_of(texts: list[str] | None, option: str, contest: Contest) -> dict[str, str]:
    """Return what is said of candidates, by key, from texts NAME=TEXT.

    Raises
    ------
    InputError
        If a text is not NAME=TEXT, or nobody is named so.
    """
    found = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise InputError(f"{option}: must be NAME=TEXT - found {text!r}")
        found[contest.key(name.strip())] = value.strip()
    return found


def dressed(
    contest: Contest,
    title: str | None,
    day: str | None,
    labels: list[str] | None,
    parties: list[str] | None,
) -> Contest:
    """Return a contest with the title, the day and the names that are to be printed.

    Raises
    ------
    InputError
        If nobody is named so, or the day is none or not that of a bundled contest.
    """
    from dataclasses import replace

    first_round = day_of(day, "--date")
    if first_round is not None and contest.first_round not in (None, first_round):
        raise InputError(
            f"--date: the first round of {contest.name} was on {contest.first_round}; leave it out"
        )
    contest = contest.labelled(said_of(labels, "--labels", contest))
    behind = said_of(parties, "--parties", contest)
    contest = contest.labelled({k: f"{contest.label(k)} ({p})" for k, p in behind.items()})
    return replace(
        contest,
        title=contest.title if title is None else title,
        first_round=first_round or contest.first_round,
    )


def colours_of(texts: list[str] | None, contest: Contest) -> dict[str, str]:
    """Return the colours of finalists, by key.

    Raises
    ------
    InputError
        If a colour is not #RRGGBB, or of somebody who is no finalist.
    """
    import re

    found = said_of(texts, "--colours", contest)
    for key, colour in found.items():
        if re.fullmatch("#[0-9a-fA-F]{6}", colour) is None:
            raise InputError(f"--colours: must be like #0072b2 - found {colour!r}")
        if key not in contest.finalists:
            raise InputError(
                f"--colours: {key!r} is not in the runoff; {suggest(key, contest.finalists)}"
            )
    return found
