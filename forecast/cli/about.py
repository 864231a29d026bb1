"""Options that commands share in groups: of a contest, of what is believed of it, of files."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import forecast as library
from forecast.cli.arguments import (
    NOTHING,
    FiguresDir,
    JsonFile,
    PollsFile,
    PriorFile,
    RolesFile,
    TablesPlace,
    columns_given,
    day_of,
    is_bundled,
)
from forecast.cli.screen import say
from forecast.errors import InputError, suggest

if TYPE_CHECKING:
    from datetime import date

    from forecast.facts.contest import Contest
    from forecast.facts.polls import Poll
    from forecast.outcome.election import ElectionForecast
    from forecast.outcome.forecast import Forecast
    from forecast.outcome.nowcast import Nowcast
    from forecast.transfers.table.protocols import TransferDistribution

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


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of its groups, each in the place of the parameter it is of.

    A group is a dataclass whose fields are options; the command gets it whole.

    Examples
    --------
    >>> @grouped
    ... def show(contest: str, about: AboutContest) -> None:
    ...     print(contest, about.finalists)
    >>> show(contest="town.csv", finalists="ada,ben")
    town.csv ada,ben
    """
    own = inspect.signature(command, eval_str=True)
    kinds: dict[str, Any] = {name: each.annotation for name, each in own.parameters.items()}
    groups: dict[str, tuple[Any, Mapping[str, inspect.Parameter]]] = {
        name: (kind, inspect.signature(kind, eval_str=True).parameters)
        for name, kind in kinds.items()
        if is_dataclass(kind) and isinstance(kind, type)
    }

    def called(**given: Any) -> None:
        whole = {
            name: group(**{k: given.pop(k) for k in options if k in given})
            for name, (group, options) in groups.items()
        }
        command(**whole, **given)

    placed: list[inspect.Parameter] = []
    for name, parameter in own.parameters.items():
        placed += groups[name][1].values() if name in groups else [parameter]
    keyed = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in placed]
    called.__signature__ = own.replace(parameters=keyed)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in keyed}
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__module__ = command.__module__
    return called


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
        """Return a bundled contest, or read one from a file, as it is to be printed.

        Its finalists are those named, else those with votes in `returns`, else those of the rule.
        """
        found = self._found(name, units, returns)
        return dressed(of_scope(found, scope), self.title, self.date, self.labels, self.parties)

    def _found(self, name: str, units: str | None, returns: str | Path | None) -> Contest:
        chosen = names_in_list(self.finalists) if self.finalists is not None else None
        if is_bundled(name):
            if self.columns or self.part or self.rule:
                raise InputError(
                    f"--columns, --contest, --rule: are for files; leave them out of {name}"
                )
            found = library.load_contest(name, units=units)
            return _changed(found, chosen, self.registered, self.voters_only)
        if units is not None:
            raise InputError(f"--units: is for bundled contests; {name} has the units it has")
        found = library.read_contest(
            name,
            finalists=chosen,
            registered=self.registered,
            electorate="voters" if self.voters_only else "registered",
            advancement=self.rule,
            contest=self.part,
            columns=columns_given(self.columns, name, returns),
        )
        if chosen is None and returns is not None and not is_bundled(str(returns)):
            from forecast.facts.readers import with_finalists_of

            columns = columns_given(self.columns, returns, name)
            found = with_finalists_of(found, returns, columns=columns)
        return found


def _changed(
    found: Contest, chosen: list[str] | None, registered: int | None, voters_only: bool
) -> Contest:
    """Return a bundled contest with other finalists or without non-voters."""
    if registered is not None:
        raise InputError(f"--registered: {found.name} knows its registered; leave it out")
    if chosen is None and not voters_only:
        return found
    changes: dict[str, Any] = {"electorate": "voters"} if voters_only else {}
    if chosen is not None:
        changes["finalists"] = tuple(map(found.key, chosen))
    return replace(found, **changes)


def of_scope(found: Contest, scope: str | None) -> Contest:
    """Return a contest of the scope that is given, if one is."""
    if scope is None:
        return found
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


@dataclass(frozen=True, kw_only=True)
class AboutBeliefs:
    """What the options of a command say of what is believed of a contest."""

    scope: ScopeGiven = None
    prior: PriorFile = None
    roles: RolesFile = None
    polls: PollsFile = None

    @property
    def files(self) -> tuple[str | Path | None, ...]:
        """Files that are read."""
        return self.prior, self.roles, self.polls

    def applied(
        self, contest: Contest, day: date | None
    ) -> tuple[Contest, TransferDistribution | None]:
        """Return a contest and the prior that is named; None stands for the default.

        Where a saved posterior has small candidates as one origin, so has the contest.
        """
        prior = self._prior(contest, day)
        pooled = contest.grouped()
        alike = getattr(prior, "origins", None) == pooled.ledger().origins
        return pooled if alike else contest, prior

    def _prior(self, contest: Contest, day: date | None) -> TransferDistribution | None:
        from forecast.data.priors import placed_prior
        from forecast.files.saved import ENDING
        from forecast.transfers.roles.file import read_roles
        from forecast.transfers.table.protocols import TransferDistribution

        name, roles = self.prior, self.roles
        if name is not None and Path(name).suffix == ".json":
            relation = None if roles is None else read_roles(roles)
            learned = library.read_learned(Path(name))
            return placed_prior(learned, contest, relation, as_of=day)
        if name is not None and Path(name).suffix == ENDING and roles is None:
            return TransferDistribution.load(name)
        if roles is not None:
            raise InputError("--roles: needs a learned prior in JSON; give one with --prior")
        if name in ("learned", "elicited"):
            bundled = library.learned_prior if name == "learned" else library.elicited_prior
            return bundled(contest)
        if name is not None and not Path(name).suffix and not os.path.exists(name):
            raise InputError(
                f"--prior: must be a file or a bundled prior - found {name!r}; "
                f"{suggest(name, ('learned', 'elicited'))}"
            )
        return None if name is None else library.read_prior(name)

    def polls_about(self, contest: Contest) -> tuple[Poll, ...] | None:
        """Return the polls in the file; None stands for the bundled ones, () for none."""
        if self.polls is None or self.polls.casefold() == NOTHING:
            return None if self.polls is None else ()
        found = library.read_polls(self.polls, contest)
        for note in dict.fromkeys(line for poll in found for line in poll.note.splitlines()):
            say(f"{self.polls}: {note}", err=True)
        return found


@dataclass(frozen=True, kw_only=True)
class Extras:
    """What the options of a command want written beside the page."""

    figures: FiguresDir = None
    tables: TablesPlace = None
    json_file: JsonFile = None

    def outputs(self, tables: Sequence[str]) -> list[tuple[Path | None, tuple[str, ...]]]:
        """Return the JSON and the files of these tables, as `check_outputs` takes them."""
        place = self.tables
        sheets: list[tuple[Path | None, tuple[str, ...]]] = []
        if place is not None and place.suffix:
            sheets = [(place, (".xlsx",))]
        elif place is not None and place.is_dir():
            sheets = [(place / f"{name}.csv", (".csv",)) for name in tables]
        return [(self.json_file, (".json",)), *sheets]

    def drawn(self, result: Forecast | ElectionForecast | Nowcast, language: str) -> list[Path]:
        """Write the figures and tables that are wanted, and return where they are."""
        written: list[Path] = []
        if self.figures is not None:
            from forecast.report.figures import save_all

            written += save_all(result, self.figures, language=language)
        if self.tables is not None:
            from forecast.report.sheets import write_tables

            written += write_tables(result, self.tables)
        return written
