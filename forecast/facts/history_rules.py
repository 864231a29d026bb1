"""What must hold of a history before anything is learned from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date

from forecast.errors import InputError, check_day, suggest
from forecast.facts.contest import Contest
from forecast.facts.returns import Returns

History = Sequence[tuple[Contest, Returns]]
"""Past contests with their returns."""

UNDATED = "without a date: "
"""How the name of a day begins that is one contest without a date."""


def refuse_later(name: str, latest: date | None, day: date, days: Sequence[str] = ()) -> None:
    """Raise `InputError` if prior `name` was learned from a runoff later than `day`, or undated."""
    if latest is not None and latest > day:
        raise InputError(
            f"prior {name!r}: must not use anything later than {day} - it was learned "
            f"from the runoff of {latest}; learn it again with as_of={day} "
            f"('forecast learn --as-of {day}')"
        )
    for held in days:
        if held.startswith(UNDATED):
            raise InputError(
                f"prior {name!r}: must not use anything later than {day} - the runoff of "
                f"{held.removeprefix(UNDATED)!r} has no date, so nobody can say; give it one and "
                "learn again"
            )


def refuse_seen(
    name: str,
    contest: Contest,
    *,
    seen: Collection[str],
    latest: date | None,
    as_of: date | None = None,
    days: Sequence[str] = (),
) -> None:
    """Raise `InputError` if what was learned from past runoffs may know a contest's result.

    Parameters
    ----------
    name : str
        What was learned.
    contest : Contest
        What it is to be applied to.
    seen : collection of str
        Digests of the contests it was learned from.
    latest : datetime.date or None
        The last runoff that was used, where known.
    as_of : datetime.date, optional
        Day on which the forecast is made; by default the day of the first round.
    days : sequence of str
        Nights of the history, among which undated ones are refused.
    """
    if contest.digest in seen:
        raise InputError(
            f"prior {name!r}: must not know the result - contest {contest.name!r} is part "
            "of its history; learn it again without"
        )
    day = as_of or contest.first_round
    if day is not None:
        refuse_later(name, latest, day, days)
    elif latest is not None:
        raise InputError(
            f"prior {name!r}: learned from runoffs up to {latest}, which must not be "
            f"later than the forecast - contest {contest.name!r} has no date; "
            "give as_of= (--as-of)"
        )


def refused(
    history: History,
    as_of: date | None,
    withdrawn: Sequence[str],
    *,
    who: str = "learn_prior",
) -> dict[str, str]:
    """Return the names of contests that must be left out, and why; raise for a faulty history."""
    _check_kinds(history, as_of, withdrawn, who)
    names = Counter(contest.name for contest, _ in history)
    for name in withdrawn:
        if name not in names:
            raise InputError(
                f"{who}: withdrawn must name contests of the history - found {name!r}; "
                f"{suggest(name, tuple(names))}"
            )
    out: dict[str, str] = {}
    for contest, returns in history:
        if names[contest.name] > 1:
            raise InputError(
                f"{who}: every contest must occur once - found {contest.name!r} again; remove one"
            )
        if len(contest.finalists) != 2:
            raise InputError(
                f"{who}: needs contests with two finalists - {contest.name!r} has "
                f"{len(contest.finalists)}; leave it out"
            )
        if as_of is not None and contest.runoff is None:
            raise InputError(
                f"{who}: the runoff of contest {contest.name!r} has no date, so nobody can "
                f"say whether it was known on {as_of}; give it one or leave it out"
            )
        if as_of is not None and contest.runoff is not None and contest.runoff > as_of:
            out[contest.name] = f"runoff on {contest.runoff}, after {as_of}"
        elif contest.name in withdrawn:
            out[contest.name] = "a finalist gave up"
        elif set(returns.finalists) != set(contest.finalists) or not returns.votes.sum():
            raise InputError(
                f"{who}: the returns of contest {contest.name!r} must have votes for "
                f"{' and '.join(contest.finalists)} - found {int(returns.votes.sum())} for "
                f"{' and '.join(returns.finalists)}; correct them or leave the contest out"
            )
    return out


def _check_kinds(history: History, as_of: date | None, withdrawn: Sequence[str], who: str) -> None:
    """Raise `InputError` unless these are pairs, a day and names."""
    for pair in history:
        kinds = [type(part) for part in pair] if isinstance(pair, tuple | list) else [type(pair)]
        if kinds != [Contest, Returns]:
            raise InputError(
                f"{who}: history must be a sequence of (Contest, Returns) - found "
                f"{', '.join(kind.__name__ for kind in kinds)}; pair the two rounds of each contest"
            )
    if as_of is not None:
        check_day(as_of, f"{who}: as_of")
    if isinstance(withdrawn, str):
        raise InputError(
            f"{who}: withdrawn must be a list of names - found the text {withdrawn!r}; "
            "put it in brackets"
        )
