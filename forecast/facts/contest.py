"""Contest: everything that is known after the first round."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Literal, get_args

import numpy as np

from forecast.arrays import IntArray, check_below, frozen, summed_by, texts_of
from forecast.display import Displayed, Message, Shown
from forecast.errors import InputError, day_or_none, suggest
from forecast.facts.advancement import Advancement, rule_of
from forecast.facts.finalists import finalists_by_rule, is_several, refuse_several
from forecast.facts.first_round import ESTIMATED
from forecast.facts.first_round import first_round as first_round_of
from forecast.facts.ledger import INVALID, NON_VOTERS, NONE, Ledger
from forecast.facts.tables.unit_columns import with_units
from forecast.facts.words.names import matched_people, meant_people
from forecast.files.columns import Columns, Table
from forecast.files.text import check_printable, check_printable_names
from forecast.signatures import refuses_other_kinds

SMALL = 0.01
"""Fraction of the valid vote under which eliminated candidates are few to learn from."""
OTHERS = "others"
UNSIGNED = ("aliases", "set_aside", "notes", "scope", "sums")
"""Fields that say nothing that the counts do not."""
Electorate = Literal["registered", "voters"]
Scope = Literal["", "national", "local"]


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Contest(Displayed):
    """A runoff election as it stands after its first round.

    Parameters
    ----------
    name : str
        Short name, such as "georgia-2018".
    candidates : tuple of str
        Everyone who stood in the first round.
    finalists : tuple of str
        Two or more candidates who advance.
    units : tuple of str
        Smallest areas with counts; one is enough.
    votes : ndarray of int64, shape (unit, candidate)
        First-round votes.
    invalid : ndarray of int64, shape (unit,)
        Invalid or blank first-round ballots.
    registered : ndarray of int64, shape (unit,), or None
        Registered people; None only with ``electorate="voters"``.
    electorate : {"registered", "voters"}
        Whether the ledger has an origin for registered people who did not vote.
    regions : tuple of str or None
        Region of each unit.
    first_round, runoff : datetime.date or None
        Days of the two rounds.
    labels : mapping of str to str
        Names to print instead of candidate keys.
    title : str
        Name to print instead of `name`.
    source : str
        Where the counts come from.
    aliases : mapping of str to str
        Other spellings of a name, and the candidate's key.
    set_aside : tuple of str
        Units whose counts contradict each other: part of all totals, nothing is learned from them.
    notes : tuple of str
        How the counts were read, one sentence each.
    scope : {"", "national", "local"}
        Kind of contest, which says how polls of it err; empty if not known.
    sums : tuple of str
        Rows of its table that were sums of units; rows of the runoff called so are sums as well.

    Raises
    ------
    InputError
        If shapes, names or counts contradict each other.

    Examples
    --------
    >>> contest = Contest(
    ...     name="demo", candidates=("ada", "ben", "cid"), finalists=("ada", "ben"),
    ...     units=("north",), votes=[[40, 35, 25]], invalid=[2], registered=[150])
    >>> ledger = contest.ledger()
    >>> dict(zip(ledger.origins, ledger.totals.tolist()))
    {'ada': 40, 'ben': 35, 'cid': 25, 'invalid': 2, 'non-voters': 48}
    """

    name: str
    candidates: tuple[str, ...]
    finalists: tuple[str, ...]
    units: tuple[str, ...]
    votes: IntArray
    invalid: IntArray
    registered: IntArray | None
    electorate: Electorate = "registered"
    regions: tuple[str, ...] | None = None
    first_round: date | None = None
    runoff: date | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    source: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    set_aside: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    scope: Scope = ""
    sums: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.scope not in get_args(Scope):
            raise InputError(
                f"contest {self.name!r}: scope must be 'national', 'local' or empty - found "
                f"{self.scope!r}"
            )
        for name in ("votes", "invalid", "registered"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(getattr(self, name)))
        for name in ("candidates", "finalists", "units", "regions"):
            if isinstance(getattr(self, name), str):
                raise InputError(f"contest {self.name!r}: {name} must be a list of names, not one")
            if getattr(self, name) is not None:
                object.__setattr__(self, name, tuple(getattr(self, name)))
        _check_names(self)
        _check_days(self)
        _check_counts(self)

    @classmethod
    def from_frame(
        cls,
        frame: Columns | Table,
        *,
        name: str,
        finalists: Sequence[str] | None = None,
        registered: int | None = None,
        electorate: Electorate = "registered",
        advancement: Advancement | str | None = None,
        columns: Mapping[str, str] | None = None,
        contest: str | None = None,
        title: str = "",
        first_round: date | None = None,
        runoff: date | None = None,
        labels: Mapping[str, str] | None = None,
        source: str = "",
        scope: Scope = "",
        aliases: Mapping[str, str] | None = None,
    ) -> Contest:
        """Build a contest from a table of its first round.

        Parameters
        ----------
        frame : pandas, polars or pyarrow table, or Columns
            One row per unit: columns `unit`, optional `region`, `registered`, `invalid`, `ballots`,
            `source`, and one of votes per candidate; or any other layout of official tables, see
            `forecast.facts.tables.layouts`. `notes` say what each column was taken for.
        name : str
            Name of the contest.
        finalists : sequence of str, optional
            Who advances; by default `advancement` decides from the totals.
        registered : int, optional
            Estimate of the registered people when the frame has no such column; shared out over
            the units in proportion to their ballots.
        electorate : {"registered", "voters"}
            "voters" leaves non-voters out of the ledger.
        advancement : Advancement or str, optional
            The rule used without `finalists`; top two by default. Where the table holds both
            rounds, whoever has votes in the second is a finalist.
        columns : mapping of str to str, optional
            What columns are where their names do not say it, such as ``{"X": "registered"}``:
            candidate, unit, region, registered, ballots, valid, invalid, abstention, contest,
            round, votes, source or ignored.
        contest : str, optional
            Which contest of a table of several, by one of its candidates.
        title, first_round, runoff, source, scope, aliases
            As in `Contest`; `source` is by default what the table's own column says.
        labels : mapping of str to str, optional
            Names to print, by candidate as the table or people spell them.

        Raises
        ------
        InputError
            If a column is missing or a cell breaks a rule.

        Examples
        --------
        >>> import polars as pl
        >>> frame = pl.DataFrame({"unit": ["n", "s"], "registered": [90, 80],
        ...                       "ada": [30, 20], "ben": [25, 22], "cid": [5, 15]})
        >>> Contest.from_frame(frame, name="demo").finalists
        ('ada', 'ben')
        """
        table = Columns.from_frame(frame)
        found = first_round_of(table, given=columns or {}, contest=contest, registered=registered)
        notes = found.notes
        people = {column for column, role in (columns or {}).items() if role == "candidate"}
        voted = tuple(c for c in found.advanced if c in people or not is_several(c))
        if finalists is None and len(voted) > 1:
            finalists = voted
            said = "both rounds in one file; finalists by the runoff: {names}"
            notes += (Message(said, names=", ".join(finalists)),)
        elif finalists is None:
            rule = rule_of(advancement)
            by_rule = Message("finalists by the rule: {rule}", rule=str(rule))
            notes += (by_rule,) * (advancement is not None)
            finalists, above = finalists_by_rule(found, rule, table.where, people)
            notes += above
        else:
            finalists = meant_people(finalists, found.table.candidates)
            refuse_several(table.where, finalists, people)
        said_source = found.table.source
        try:
            return cls(
                name=name,
                candidates=found.table.candidates,
                finalists=tuple(finalists),
                units=found.table.units,
                votes=found.table.votes,
                invalid=found.invalid,
                registered=found.registered,
                electorate=electorate,
                regions=found.table.regions,
                set_aside=found.set_aside,
                sums=found.table.sums,
                notes=notes,
                title=title,
                first_round=first_round,
                runoff=runoff,
                source=source or said_source,
                scope=scope,
                aliases=aliases or {},
            ).labelled(labels or {})
        except InputError as error:
            if electorate == "registered" and found.over_the_list:
                raise InputError(
                    f"{error}; or some column is no candidate, which columns= says (--columns "
                    f"'NAME=ignored'): read with {found.table.roles}"
                ) from None
            raise

    @classmethod
    def from_long(
        cls,
        frame: Table,
        *,
        name: str,
        units: Table | None = None,
        finalists: Sequence[str] | None = None,
        registered: int | None = None,
        electorate: Electorate = "registered",
        advancement: Advancement | str | None = None,
        columns: Mapping[str, str] | None = None,
        contest: str | None = None,
        title: str = "",
        first_round: date | None = None,
        runoff: date | None = None,
        labels: Mapping[str, str] | None = None,
        source: str = "",
        scope: Scope = "",
        aliases: Mapping[str, str] | None = None,
    ) -> Contest:
        """Build a contest from rows of `unit, candidate, votes`.

        Parameters
        ----------
        frame : pandas, polars or pyarrow table, or Columns
            One row per unit and candidate; a missing pair counts as no votes.
        name : str
            Name of the contest.
        units : table, optional
            One row per unit with `unit` and any of `region`, `registered`, `invalid`.
        finalists, registered, electorate, advancement, columns, contest, title, first_round, runoff
            As in `from_frame`.
        labels, source, scope, aliases
            As in `from_frame`.

        Raises
        ------
        InputError
            If a column is missing, a pair occurs twice or a cell breaks a rule.

        Examples
        --------
        >>> import polars as pl
        >>> long = pl.DataFrame({"unit": ["n"] * 3, "candidate": ["ada", "ben", "cid"],
        ...                      "votes": [30, 25, 5]})
        >>> Contest.from_long(long, name="demo", electorate="voters").votes.tolist()
        [[30, 25, 5]]
        """
        table = Columns.from_frame(frame)
        table.require("candidate", "votes")
        if units is not None:
            table = with_units(table, Columns.from_frame(units, where="units"))
        return cls.from_frame(
            table, name=name, finalists=finalists, registered=registered, electorate=electorate,
            advancement=advancement, columns=columns, contest=contest, title=title,
            first_round=first_round, runoff=runoff, labels=labels, source=source, scope=scope,
            aliases=aliases,
        )  # fmt: skip

    def labelled(self, labels: Mapping[str, str]) -> Contest:
        """Return the contest with other names to print; it is still known by those it had.

        Parameters
        ----------
        labels : mapping of str to str
            By candidate, as people name them; the others keep theirs.

        Raises
        ------
        InputError
            If nobody of that name stood.

        Examples
        --------
        >>> from forecast.data import load_contest
        >>> load_contest("georgia-2018").labelled({"bakradze": "D. Bakradze"}).label("bakradze")
        'D. Bakradze'
        """
        found = {self.key(name): label for name, label in labels.items()}
        if not found:
            return self
        had = {self.label(key): key for key in found}
        return replace(self, labels={**self.labels, **found}, aliases={**had, **self.aliases})

    def grouped(self, *, below: float = SMALL) -> Contest:
        """Return the contest with small eliminated candidates merged into one, "others".

        Whoever is called "others" already is one of them.

        Parameters
        ----------
        below : float
            Fraction of the valid vote under which a candidate is small.

        Raises
        ------
        InputError
            If `below` is no fraction.

        Examples
        --------
        >>> from forecast.data import load_contest
        >>> load_contest("georgia-2018").grouped().candidates[-1]
        'others'
        """
        check_below(below)
        totals, stayed = self.votes.sum(axis=0), ~np.isin(self.candidates, self.finalists)
        small = (totals < below * totals.sum()) & stayed
        small |= (np.array(self.candidates) == OTHERS) & stayed & bool(small.any())
        if small.sum() < 2:
            return self
        kept = tuple(c for c, is_small in zip(self.candidates, small, strict=True) if not is_small)
        votes = np.column_stack([self.votes[:, ~small], self.votes[:, small].sum(axis=1)])
        return replace(self, candidates=(*kept, OTHERS), votes=votes)

    def ledger(self, by: Literal["total", "unit", "region"] = "total") -> Ledger:
        """Return people by origin, in total or by unit or region.

        Parameters
        ----------
        by : {"total", "unit", "region"}
            Rows of the ledger: one in all, one per unit, or one per region.

        Raises
        ------
        InputError
            If `by` is unknown, or "region" and the contest has no regions.

        Examples
        --------
        >>> from forecast.data import load_contest
        >>> load_contest("georgia-2018").ledger(by="unit").counts.shape
        (74, 27)
        """
        order = np.argsort(-self.votes.sum(axis=0), kind="stable")
        finalists = [self.candidates.index(f) for f in self.finalists]
        rest = [int(i) for i in order if i not in set(finalists)]
        names = [self.candidates[i] for i in finalists + rest]
        kinds = ["finalist"] * len(finalists) + ["eliminated"] * len(rest)
        columns = [self.votes[:, i] for i in finalists + rest]
        if self.invalid.any():
            names, kinds, columns = [*names, INVALID], [*kinds, "invalid"], [*columns, self.invalid]
        if self.electorate == "registered":
            assert self.registered is not None
            stayed = self.registered - self.ballots
            names, kinds, columns = [*names, NON_VOTERS], [*kinds, NON_VOTERS], [*columns, stayed]
        units, counts = self._grouped(by, np.stack(columns, axis=1))
        return Ledger(
            origins=tuple(names),
            kinds=tuple(kinds),
            destinations=(*self.finalists, NONE),
            units=units,
            counts=frozen(counts),
        )

    def _grouped(self, by: str, counts: IntArray) -> tuple[tuple[str, ...], IntArray]:
        if by == "unit":
            return self.units, counts
        if by == "total":
            return (self.name,), counts.sum(axis=0, keepdims=True)
        if by != "region":
            raise InputError(f"ledger: by must be 'total', 'unit' or 'region' - found {by!r}")
        if self.regions is None:
            raise InputError(f"contest {self.name!r}: has no regions; add a column 'region'")
        place = {region: k for k, region in enumerate(dict.fromkeys(self.regions))}
        return tuple(place), summed_by([place[r] for r in self.regions], counts, len(place))

    @property
    def totals(self) -> dict[str, int]:
        """First-round votes of each candidate over all units."""
        return dict(zip(self.candidates, self.votes.sum(axis=0).tolist(), strict=True))

    @property
    def ballots(self) -> IntArray:
        """Valid and invalid ballots of each unit, shape (unit,)."""
        return frozen(self.votes.sum(axis=1) + self.invalid)

    def label(self, key: str) -> str:
        """Return the name to print for a candidate, origin or destination.

        Parameters
        ----------
        key : str
            Key of the candidate, origin or destination.
        """
        return self.labels.get(key, key)

    @property
    def estimated(self) -> bool:
        """Whether the number of registered people is an estimate and no list."""
        return any(note.startswith(ESTIMATED) for note in self.notes)

    @property
    def writings(self) -> dict[str, str]:
        """Every writing of a candidate's name, and whom it means."""
        labels = {self.label(c): c for c in self.candidates}
        return {**self.aliases, **labels, **{c: c for c in self.candidates}}

    def key(self, name: str) -> str:
        """Return the key of a candidate or origin as people name it.

        That is a key, label or alias, else one of these but for capitals and accents, else a part
        of one that nobody else has.

        Parameters
        ----------
        name : str
            As people write it.

        Raises
        ------
        InputError
            If nobody is named so.
        """
        keys = (*self.candidates, INVALID, NON_VOTERS)
        known = {**self.aliases, **{self.label(k): k for k in keys}, **{k: k for k in keys}}
        found = matched_people([name], known)
        if not found:
            remedy = suggest(name, (*keys, *self.labels.values(), *self.aliases))
            raise InputError(f"contest {self.name!r}: nobody is named {name!r}; {remedy}")
        return found[name]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Contest) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def digest(self) -> str:
        """SHA-256 of everything in the contest but aliases and notes, as 16 hexadecimal digits."""
        sha = hashlib.sha256()
        for item in (item for item in fields(self) if item.name not in UNSIGNED):
            value = getattr(self, item.name)
            content = sorted(value.items()) if isinstance(value, Mapping) else value
            parts = texts_of(value) if isinstance(value, np.ndarray) else (repr(content),)
            for part in (f"{item.name}=", *parts, "\n"):
                sha.update(part.encode())
        return sha.hexdigest()[:16]

    def shown(self) -> Shown:
        """Return the first round as a table: a ledger of people."""
        ledger, valid = self.ledger(), int(self.votes.sum())
        rows = [
            [
                self.label(origin),
                kind,
                f"{count:,}",
                f"{100 * count / valid:.2f}%" if kind in ("finalist", "eliminated") else "",
            ]
            for origin, kind, count in zip(ledger.origins, ledger.kinds, ledger.totals, strict=True)
        ]
        days = (("first round", self.first_round), ("runoff", self.runoff))
        return Shown(
            title=f"{self.title or self.name}, {len(self.units):,} units",
            facts=[f"{word} {day.isoformat()}" for word, day in days if day],
            head=["origin", "kind", "people", "of valid"],
            rows=rows,
            total=[["everybody", "", f"{ledger.people:,}", ""]],
            notes=[*([f"source: {self.source}"] if self.source else []), *self.notes],
            left=(0, 1),
        )


def _check_names(contest: Contest) -> None:
    """Raise `InputError` unless candidates, finalists and units can be told apart."""
    where = f"contest {contest.name!r}"
    check_printable_names(contest.regions or (), f"{where}, regions")
    labels = (*contest.labels, *contest.labels.values())
    for text in (contest.name, contest.title, contest.source, *labels):
        check_printable(text, f"{where}, name, title, source, labels")
    for word, names in (
        ("candidate", contest.candidates),
        ("finalist", contest.finalists),
        ("unit", contest.units),
    ):
        check_printable_names(names, f"{where}, {word}s")
        if len(set(names)) != len(names):
            twice = next(n for n in names if names.count(n) > 1)
            raise InputError(
                f"{where}: every {word} must occur once - found {twice!r} twice; remove one"
            )
    if len(contest.finalists) < 2:
        raise InputError(
            f"{where}: a runoff needs at least two finalists - found "
            f"{', '.join(contest.finalists) or 'none'}; name them with finalists= "
            "(--finalists)"
        )
    for name in {INVALID, NON_VOTERS, NONE, "*"} & set(contest.candidates):
        raise InputError(f"{where}: {name!r} is no candidate's name here; rename it")
    for finalist in contest.finalists:
        if finalist not in contest.candidates:
            raise InputError(
                f"{where}: finalists must be candidates - found {finalist!r}; "
                f"{suggest(finalist, contest.candidates)}"
            )
    if contest.electorate not in ("registered", "voters"):
        raise InputError(
            f"{where}: electorate must be 'registered' or 'voters' - found {contest.electorate!r}"
        )


def _check_days(contest: Contest) -> None:
    """Turn days written as text into dates; raise `InputError` if they cannot be."""
    where = f"contest {contest.name!r}"
    for name in ("first_round", "runoff"):
        day = day_or_none(getattr(contest, name), f"{where}: {name}")
        object.__setattr__(contest, name, day)
    if contest.first_round and contest.runoff and contest.runoff <= contest.first_round:
        raise InputError(
            f"{where}: the runoff must be after the first round - found {contest.runoff} and "
            f"{contest.first_round}; exchange them"
        )


def _check_counts(contest: Contest) -> None:
    """Raise `InputError` unless counts have one row per unit and none contradicts itself."""
    where, n = f"contest {contest.name!r}", len(contest.units)
    shapes = {"votes": (n, len(contest.candidates)), "invalid": (n,), "registered": (n,)}
    for name, shape in shapes.items():
        array = getattr(contest, name)
        if array is None:
            continue
        if array.shape != shape:
            raise InputError(
                f"{where}: {name} must have shape {shape} - found {array.shape}; one row per unit"
            )
        if (array < 0).any():
            raise InputError(f"{where}: {name} must not be negative - found {array.min()}")
    if contest.regions is not None and len(contest.regions) != n:
        raise InputError(f"{where}: regions must name {n} units - found {len(contest.regions)}")
    if not contest.votes.sum():
        raise InputError(f"{where}: somebody must have voted - found no votes at all")
    if contest.electorate == "voters":
        return
    if contest.registered is None:
        raise InputError(
            f"{where}: the number of registered people must be known, since non-voters are an "
            "origin - found none; give an estimate with registered= (--registered), or leave "
            'non-voters out with electorate="voters" (--voters-only)'
        )
    ballots = contest.ballots
    over = np.flatnonzero(ballots > contest.registered)
    if over.size:
        u = int(over[0])
        raise InputError(
            f"{where}: a unit cannot have more ballots than registered people - unit "
            f"{contest.units[u]!r} has {ballots[u]} ballots but {contest.registered[u]} "
            'registered; correct it, or leave non-voters out with electorate="voters" '
            "(--voters-only)"
        )
