"""Many contests of political families: `learn_families`.

Parliamentary runoffs are hundreds of contests on one day between candidates of a few families.
What the voters of one family think of another carries over from contest to contest and, with a
shock that all contests of a day share, from day to day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import History, refused
from forecast.facts.ledger import NON_VOTERS
from forecast.facts.returns import Returns
from forecast.randomness import one_thread_of_algebra
from forecast.signatures import refuses_other_kinds
from forecast.transfers.families.coordinates import GROUPS, FamilyCoordinates
from forecast.transfers.families.fit import TAIL, Block, fit_families
from forecast.transfers.families.prior import (
    DAY_WIDER,
    Families,
    FamilyPrior,
    block_of,
    family_of,
)
from forecast.transfers.roles.learn import history_digest

HALF_LIFE = 12.0
"""Years after which a day counts as having half the information about today (MODEL.md 11)."""
YEAR = 365.25
"""Days."""


@refuses_other_kinds
@one_thread_of_algebra
def learn_families(
    history: History,
    *,
    families: Families,
    blocks: Mapping[str, str] | None = None,
    as_of: date | None = None,
    reference: date | None = None,
    withdrawn: Sequence[str] = (),
    half_life: float = HALF_LIFE,
    name: str = "political families",
) -> FamilyPrior:
    """Learn from past runoffs what voters of each family think of each other family.

    Parameters
    ----------
    history : sequence of (Contest, Returns)
        Past contests with two finalists and a date; all runoffs of a day belong together.
    families : callable or mapping
        ``families(contest)`` or ``families[contest.name]`` maps candidates to families: any names,
        any number; a contest may lack some, and both finalists may be of one family.
    blocks : mapping of family to block, optional
        Families of a block resemble each other, so a new family starts where its block is. By
        default all families are in one block, and a new family starts undecided.
    as_of : datetime.date, optional
        Contests whose runoff was later are left out.
    reference : datetime.date, optional
        The day that is to be forecast, from which the ages of days are counted; by default `as_of`
        or the day of the last runoff. Only in cross-validation are some days later: they count by
        their distance.
    withdrawn : sequence of str
        Names of contests in which a finalist gave up; left out.
    half_life : float
        Years after which a day counts as having half the information about `reference`.
    name : str
        What to call the prior in reports.

    Returns
    -------
    FamilyPrior

    Raises
    ------
    InputError
        If a date, a family or the electorate is missing, or no contest is left.

    Notes
    -----
    It is deterministic.

    Examples
    --------
    >>> from forecast import past_runoffs
    >>> georgia = past_runoffs("georgia")
    >>> prior = learn_families(georgia[:6], families=georgia.roles)
    >>> print(prior.brief)
    6 runoffs between families, to 2016-10-30
    >>> prior.groups
    ('eliminated', 'government', 'other finalist')
    """
    for contest, _ in history:
        if contest.runoff is None:
            raise InputError(
                f"learn_families: the runoff of contest {contest.name!r} has no date, so its day "
                "is unknown; give it one or leave it out"
            )
    out = refused(history, as_of, withdrawn, who="learn_families")
    used = [(c, r) for c, r in history if c.name not in out]
    if not used:
        raise InputError(
            "learn_families: needs at least one past contest - found none"
            + (f" whose runoff was by {as_of}; check the dates" if as_of else "")
        )
    if not half_life > 0:
        raise InputError(f"learn_families: half_life must be above 0 years - found {half_life!r}")
    given = [family_of(contest, families) for contest, _ in used]
    everyone = sorted({family for g in given for family in g.values()})
    coordinates = FamilyCoordinates(families=tuple(everyone), blocks=block_of(everyone, blocks))
    days = sorted({c.runoff for c, _ in used if c.runoff})
    reference = reference or as_of or days[-1]
    observed = [
        _of_day(
            [(c, r, g) for (c, r), g in zip(used, given, strict=True) if c.runoff == day],
            coordinates,
        )
        for day in days
    ]
    ages = np.array([(reference - day).days / YEAR for day in days])
    fit = fit_families(observed, coordinates, ages, half_life)
    return FamilyPrior(
        name=name,
        coordinates=coordinates,
        blocks=dict(blocks or {}),
        mean=fit.mean,
        covariance=fit.covariance,
        day=dict(zip(GROUPS, (DAY_WIDER**2 * fit.day).tolist(), strict=True)),
        contest=fit.contest,
        scale=fit.scale,
        tail=TAIL,
        half_life=half_life,
        reference=reference,
        latest=days[-1],
        contests={c.name: c.digest for c, _ in used},
        left_out=out,
        inputs=history_digest(used),
    )


def _of_day(
    contests: Sequence[tuple[Contest, Returns, Mapping[str, str]]], coordinates: FamilyCoordinates
) -> list[Block]:
    """Return the contests of a day by the families of their finalists."""
    place = {family: i for i, family in enumerate(coordinates.families)}
    found: dict[tuple[str, str], list[tuple[FloatArray, FloatArray]]] = {}
    for contest, returns, given in contests:
        a, b = sorted(contest.finalists, key=lambda finalist: place[given[finalist]])
        pair = (given[a], given[b])
        found.setdefault(pair, []).append(_contest_numbers(contest, returns, given, (a, b), place))
    kinds = ["finalist", "finalist", *["eliminated"] * len(place), NON_VOTERS]
    return [
        Block(
            coordinates.design(kinds, [*pair, *coordinates.families, NON_VOTERS]),
            np.array([counts for counts, _ in rows]),
            np.array([seen for _, seen in rows]),
            pair[0] == pair[1],
        )
        for pair, rows in found.items()
    ]


def _contest_numbers(
    contest: Contest,
    returns: Returns,
    given: Mapping[str, str],
    finalists: tuple[str, str],
    place: Mapping[str, int],
) -> tuple[FloatArray, FloatArray]:
    """Return people by origin (two finalists, families, non-voters), and the two numbers seen."""
    if contest.electorate != "registered":
        raise InputError(
            f"learn_families: non-voters must be known - contest {contest.name!r} leaves them out; "
            "give its registered people or leave it out"
        )
    ledger = contest.ledger(by="unit")
    counted = [u for u, unit in enumerate(ledger.units) if unit in set(returns.units)]
    both = returns.select(ledger.units[u] for u in counted)
    totals = ledger.counts[counted].sum(axis=0)
    counts = np.zeros(len(place) + 3)
    for origin, kind, people in zip(ledger.origins, ledger.kinds, totals, strict=True):
        if kind == "finalist":
            counts[finalists.index(origin)] = people
        else:
            counts[2 + place[given[origin]] if kind == "eliminated" else -1] += people
    if both.votes.sum() > counts.sum():
        raise InputError(
            f"learn_families: contest {contest.name!r} must not have more votes in the runoff than "
            f"people - found {both.votes.sum()} of {counts.sum():.0f}; correct the registered or "
            "leave it out"
        )
    votes = [both.totals[f] + 0.5 for f in finalists]
    away = max(counts.sum() - sum(votes), 0.5)
    return counts, np.array([np.log(votes[0] / votes[1]), np.log(sum(votes) / away)])
