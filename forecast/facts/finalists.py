"""Who is in the runoff by the totals of a first round: people, never a group called "others"."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.advancement import Advancement
from forecast.facts.first_round import FirstRound
from forecast.facts.words.word_lists import folded, phrase_list, word_list

SEVERAL = frozenset(phrase_list("several people"))
"""Names that mean several people, as folded."""
WITHDRAWN = word_list("withdrawn")
ASIDE = re.compile(r".*?[(\[,:–—-]\s*([^()\[\]]+?)\s*[)\]]?\s*")
"""A name and what stands beside it, in brackets or behind a dash."""


def is_several(name: str) -> bool:
    """Return whether a name means several people.

    Examples
    --------
    >>> [is_several(name) for name in ("Others", "WRITE-INS", "Autres", "Otherside", "Ada Rest")]
    [True, True, True, False, False]
    """
    return folded(name) in SEVERAL


def _has_withdrawn(name: str) -> bool:
    beside = ASIDE.fullmatch(name)
    return beside is not None and bool(WITHDRAWN.intersection(folded(beside[1]).split()))


def refuse_several(where: str, finalists: Sequence[str], people: Collection[str]) -> None:
    """Raise `InputError` if a finalist is several people; `people` are none for certain."""
    for name in finalists:
        if name not in people and is_several(name):
            raise InputError(
                f"{where}: a finalist must be one person - found {name!r}, which means several; "
                "name who is in the runoff, or if it is one person's name say so with columns= "
                f"(--columns '{name}=candidate') or write it in full"
            )


def finalists_by_rule(
    found: FirstRound, rule: Advancement, where: str, people: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who advances by a rule, and a note where votes of several people are among the first.

    `people` are names that mean one person for certain.

    Raises
    ------
    InputError
        If somebody is elected, has withdrawn, or fewer than two people stood.
    """
    totals = found.table.totals
    groups = [name for name in totals if name not in people and is_several(name)]
    one = {name: votes for name, votes in totals.items() if name not in groups}
    if groups and len(one) < rule.seats:
        raise InputError(
            f"{where}: a runoff needs at least {rule.seats} people - found "
            f"{', '.join(one) or 'nobody'} and {', '.join(groups)}, which means several; give each "
            "candidate's votes, or if it is one person's name say so with columns= (--columns "
            f"'{groups[0]}=candidate')"
        )
    counts: dict[str, Any] = {
        "invalid": int(found.invalid.sum()),
        "registered": None if found.registered is None else int(found.registered.sum()),
        "scattered": sum(totals[name] for name in groups),
    }
    finalists = rule.finalists(one, **counts)
    if not finalists:
        _refuse_no_runoff(found, rule, where, totals, one)
    _refuse_withdrawn(where, finalists, one)
    least = min(totals[name] for name in finalists)
    above = [name for name in groups if totals[name] > least]
    note = Message("{names}: several people, so no finalist", names=", ".join(above))
    return finalists, (note,) * bool(above)


def _refuse_no_runoff(
    found: FirstRound,
    rule: Advancement,
    where: str,
    totals: Mapping[str, int],
    people: Mapping[str, int],
) -> None:
    first, second, *_ = sorted(people, key=lambda c: -people[c])
    absolute = 2 * people[first] > sum(totals.values())
    raise InputError(
        f"{where}: {first!r} {'has an absolute majority' if absolute else 'has won'} in the "
        f"first round (rule: {rule}), so there is no runoff; if these units are only part of "
        f"the contest name its finalists with finalists= (--finalists '{first},{second}'), and "
        "if the rule is another say it with advancement= (--rule); read with "
        f"{found.table.roles}"
    )


def _refuse_withdrawn(where: str, finalists: Sequence[str], people: Mapping[str, int]) -> None:
    """Raise `InputError` if somebody who advances is said to have withdrawn."""
    gone = [name for name in finalists if _has_withdrawn(name)]
    if not gone:
        return
    stay = sorted((c for c in people if not _has_withdrawn(c)), key=lambda c: -people[c])
    raise InputError(
        f"{where}: a finalist must stand in the runoff - found {gone[0]!r} among the first "
        f"{len(finalists)}; say who stands with finalists= (--finalists "
        f"'{','.join(stay[: len(finalists)])}', if the next is moved up)"
    )
