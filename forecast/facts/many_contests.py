"""Many runoffs of one day in one table: who stood for which family, who advanced, who withdrew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from os import PathLike

import numpy as np

from forecast.arrays import grouped
from forecast.display import Brief, Message
from forecast.errors import InputError, suggest
from forecast.facts.advancement import Advancement, rule_of
from forecast.facts.contest import Contest
from forecast.facts.ledger import INVALID
from forecast.facts.past_runoffs import REGISTERED, UNUSED
from forecast.facts.tables.contest_rows import answers, contest_rows, sums_of_contests
from forecast.facts.words.column_words import role_of
from forecast.files.columns import Columns
from forecast.signatures import refuses_other_kinds


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ManyContests(Brief):
    """Runoffs of one day, and what the first round decided already; made by `read_contests`.

    Parameters
    ----------
    contests : tuple of Contest
        Those with a runoff, withdrawals taken into account.
    families : mapping of contest to mapping of candidate to family
        Of every candidate of every runoff.
    elected : mapping of contest to (candidate, family)
        Who was elected in the first round, or is left alone by withdrawals.
    withdrawals : tuple of str
        Who withdrew, one sentence each.
    notes : tuple of str
        What a reader should know of how the table was read.
    """

    contests: tuple[Contest, ...]
    families: Mapping[str, Mapping[str, str]]
    elected: Mapping[str, tuple[str, str]]
    withdrawals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def decided(self) -> dict[str, int]:
        """Seats won without a runoff, by family."""
        return dict(Counter(family for _, family in self.elected.values()))

    def __str__(self) -> str:
        """Return how many runoffs there are, by number of finalists."""
        sizes = Counter(len(contest.finalists) for contest in self.contests)
        parts: str = ""
        for k, n in sorted(sizes.items()):
            part = Message("{n} of {k} finalists", n=n, k=k)
            parts = Message("{parts}, {part}", parts=parts, part=part) if parts else part
        return Message(
            "{n} runoffs ({parts}); {decided} seats decided; {withdrew} withdrew",
            n=len(self.contests),
            parts=parts,
            decided=len(self.elected),
            withdrew=len(self.withdrawals),
        )


@refuses_other_kinds
def read_contests(
    path: str | PathLike[str],
    *,
    advancement: Advancement | str | None = None,
    first_round: date | None = None,
    runoff: date | None = None,
    third_withdraws: Collection[str] = (),
) -> ManyContests:
    """Read many runoffs of one day from a CSV file with one row per count.

    Parameters
    ----------
    path : path-like
        Columns ``contest``, ``candidate``, ``family``, ``votes``, or usual words for them such as
        ``circonscription;candidat;nuance;voix``; besides candidates ``registered`` and ``invalid``,
        or words for them, without a family, or as columns. Optional ``finalist`` (yes: advanced,
        and then it says so of all) and ``withdrawn`` (yes, or a day: withdrew after the round).
        Contests that are sums of the others are left out.
    advancement : Advancement or str, optional
        Who advances where no column says it; by default two, unless one has a majority.
    first_round, runoff : datetime.date, optional
        Days of the rounds.
    third_withdraws : collection of str
        Families with a pact: wherever three or more advance, a candidate of theirs who is third or
        later withdraws.

    Returns
    -------
    ManyContests

    Raises
    ------
    InputError
        If a row breaks a rule, the registered are missing, or nobody of a family in the pact
        stands.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> rows = ["contest,candidate,family,votes,withdrawn", "A,ada,left,40,", "A,ben,right,35,",
    ...         "A,cid,centre,25,yes", "A,registered,,150,"]
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "many.csv"
    ...     _ = file.write_text(chr(10).join(rows))
    ...     found = read_contests(file, advancement="majority; 12.5% of registered")
    >>> found.contests[0].finalists, found.withdrawals
    (('ada', 'ben'), ('A: cid (centre) withdrew',))
    """
    columns = contest_rows(path, "candidate", "family", "votes")
    rule = rule_of(advancement)
    names, people = columns.texts("contest"), columns.texts("candidate")
    votes = columns.counts("votes").tolist()
    advanced, withdrew = (answers(columns, name) for name in ("finalist", "withdrawn"))
    rows_of = [
        _Row(
            where=columns.row(i),
            candidate=candidate,
            votes=votes[i],
            family=str(columns.values["family"][i]).strip(),
            finalist=advanced[i],
            withdrawn=withdrew[i],
        )
        for i, candidate in enumerate(people)
    ]
    table = grouped(zip(names, rows_of, strict=True))
    for role in (REGISTERED, INVALID):
        _add_rows_of(columns, role, table)
    sums, notes = sums_of_contests(columns.where, {n: _counted(rows) for n, rows in table.items()})
    table = {name: rows for name, rows in table.items() if name not in sums}
    known = {row.family for rows in table.values() for row in rows}
    for family in third_withdraws:
        if family not in known:
            raise InputError(
                f"{columns.where}: a family that withdraws must have candidates - found none of "
                f"{family!r}; {suggest(family, tuple(sorted(known - {''})))}"
            )
    contests: list[Contest] = []
    families: dict[str, Mapping[str, str]] = {}
    elected: dict[str, tuple[str, str]] = {}
    withdrawals: list[str] = []
    for name, rows in table.items():
        read = _read(name, rows, rule, columns.where)
        left = _after_withdrawals(name, read, set(third_withdraws), withdrawals)
        _refuse_more_than_listed(name, read, columns.where)
        if len(left) < 2:
            elected[name] = (left[0], read.family[left[0]])
            continue
        families[name] = read.family
        contests.append(
            Contest(
                name=name,
                candidates=tuple(read.votes),
                finalists=tuple(left),
                units=(name,),
                votes=np.array([list(read.votes.values())]),
                invalid=np.array([read.invalid]),
                registered=np.array([read.registered]),
                scope="local",
                first_round=first_round,
                runoff=runoff,
            )
        )
    return ManyContests(
        contests=tuple(contests),
        families=families,
        elected=elected,
        withdrawals=tuple(withdrawals),
        notes=notes,
    )


def _counted(rows: Sequence[_Row]) -> dict[str, int]:
    """Return the votes of every family of a contest, and what else was counted."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.family or role_of(row.candidate)] += row.votes
    return counts


def _add_rows_of(columns: Columns, role: str, table: Mapping[str, list[_Row]]) -> None:
    """Add a row to each contest for what columns count on all of its rows, if no row does."""
    names = [n for n in columns.names if role_of(n) == role]
    if not names or any(role_of(r.candidate) == role for rows in table.values() for r in rows):
        return
    if len(names) > 1:
        raise InputError(
            f"{columns.where}: must have one column of {role} people - found {', '.join(names)}; "
            f"write their sum into one, or add a row with candidate {role!r} to each contest"
        )
    counts, contests = columns.counts(names[0]).tolist(), columns.texts("contest")
    said: dict[str, int] = {}
    for i, (name, count) in enumerate(zip(contests, counts, strict=True)):
        if said.setdefault(name, count) != count:
            raise InputError(
                f"{columns.row(i)}: {names[0]!r} must be the same on every row of a contest - "
                f"found {count:,} and {said[name]:,} in {name!r}; correct it"
            )
    for name, rows in table.items():
        rows.append(replace(rows[0], candidate=role, votes=said[name], family="", withdrawn=False))


@dataclass(frozen=True, kw_only=True)
class _Row:
    where: str
    candidate: str
    votes: int
    family: str
    finalist: bool
    withdrawn: bool


@dataclass(frozen=True, kw_only=True)
class _Contest:
    """One contest's first round: who advanced, the elected alone, and who withdrew."""

    votes: dict[str, int]
    family: dict[str, str]
    invalid: int
    registered: int
    advanced: Sequence[str]
    withdrawn: Sequence[str]


def _read(name: str, rows: Sequence[_Row], rule: Advancement, where: str) -> _Contest:
    votes: dict[str, int] = {}
    family: dict[str, str] = {}
    counts = {INVALID: 0, REGISTERED: 0}
    for row in rows:
        role = "" if row.family else role_of(row.candidate)  # whoever has a family stands
        if role in (INVALID, REGISTERED):
            counts[role] += row.votes
        elif role not in UNUSED:
            if row.candidate in votes:
                raise InputError(
                    f"{row.where}: every candidate must occur once in a contest - found "
                    f"{row.candidate!r} again in {name!r}; remove one"
                )
            if not row.family:
                raise InputError(
                    f"{row.where}: every candidate needs a family - found none for "
                    f"{row.candidate!r} of {name!r}; name it, or 'other'"
                )
            votes[row.candidate], family[row.candidate] = row.votes, row.family
    if not counts[REGISTERED]:
        raise InputError(
            f"{where}: registered people of {name!r} must be known, since non-voters are an origin "
            "- found none; add a row with candidate 'registered'"
        )
    said = [row.candidate for row in rows if row.finalist and row.candidate in votes]
    ranked = sorted(votes, key=lambda c: -votes[c])
    advanced = said or rule.finalists(votes, invalid=counts[INVALID], registered=counts[REGISTERED])
    return _Contest(
        votes=votes,
        family=family,
        invalid=counts[INVALID],
        registered=counts[REGISTERED],
        advanced=sorted(advanced, key=ranked.index) or ranked[:1],
        withdrawn=[row.candidate for row in rows if row.withdrawn],
    )


def _refuse_more_than_listed(name: str, read: _Contest, where: str) -> None:
    """Raise `InputError` if a contest has more ballots than registered people."""
    ballots = sum(read.votes.values()) + read.invalid
    if ballots > read.registered:
        raise InputError(
            f"{where}: a contest cannot have more ballots than registered people - {name!r} has "
            f"{ballots:,} ballots but {read.registered:,} registered; correct it"
        )


def _after_withdrawals(
    name: str, read: _Contest, pact: Collection[str], said: list[str]
) -> list[str]:
    """Return who stands in the runoff; say in `said` who withdrew."""
    for candidate in read.withdrawn:
        if candidate not in read.advanced:
            raise InputError(
                f"contest {name!r}: only a finalist can withdraw - found {candidate!r}; "
                f"{suggest(candidate, tuple(read.advanced))}"
            )
    out = set(read.withdrawn)
    stay = [c for c in read.advanced if c not in out]
    out |= {c for c in stay[2:] if read.family[c] in pact}
    told = "{contest}: {name} ({family}) withdrew"
    gone = [c for c in read.advanced if c in out]
    said += [Message(told, contest=name, name=c, family=read.family[c]) for c in gone]
    left = [c for c in read.advanced if c not in out]
    if not left:
        raise InputError(f"contest {name!r}: not all finalists can withdraw; leave one")
    return left
