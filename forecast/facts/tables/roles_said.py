"""What columns can be taken for, what a user says of them, and the line that tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forecast.arrays import grouped
from forecast.display import Message
from forecast.errors import InputError, suggest
from forecast.facts.words.column_words import role_of
from forecast.files.columns import Columns

ROLES = (
    "candidate", "unit", "region", "registered", "ballots", "valid", "invalid", "abstention",
    "contest", "counted", "attached_to", "reported", "version", "round", "votes", "source",
    "ignored",
)  # fmt: skip
"""What a column can be taken for, in the order in which a note tells it."""
MOST_NAMED = 12


@dataclass(frozen=True, kw_only=True)
class ColumnRoles:
    """What each column was taken for.

    Parameters
    ----------
    roles : mapping of str to str
        Column to role, one of `ROLES`.
    why : mapping of str to str
        Why a column was ignored, or taken for what its name does not say.
    """

    roles: Mapping[str, str]
    why: Mapping[str, str] = field(default_factory=dict)

    def of(self, role: str) -> tuple[str, ...]:
        """Return the columns of a role, in their order."""
        return tuple(name for name, found in self.roles.items() if found == role)

    def __str__(self) -> str:
        """Return the line that tells it all."""
        return self.said()

    def said(self) -> Message:
        """Return it as a note."""
        named = [n for n, r in self.roles.items() if n == r]
        parts = []
        for role in ROLES:
            names = [n for n in self.of(role) if n not in named]
            if names:
                word = role + "s" * (role == "candidate" and len(names) > 1)
                parts.append(f"{self._listed(names)} {word}")
        parts += [f"{', '.join(named)} as named"] if named else []
        return Message("columns: {roles}", roles="; ".join(parts))

    def _listed(self, names: Sequence[str]) -> str:
        """Return names with why each was taken so; of many for one reason, how many."""
        parts = []
        for why, group in grouped((self.why.get(name, ""), name) for name in names).items():
            most = 3 if why else MOST_NAMED
            more = f", ... {len(group)} in all" if len(group) > most else ""
            parts.append(f"{', '.join(group[:most])}{more}{f' ({why})' if why else ''}")
        return ", ".join(parts)


def with_said(columns: Columns, given: Mapping[str, str]) -> Columns:
    """Return a table with what a user says of columns, by the names that these have once read.

    Examples
    --------
    >>> table = Columns(where="x", values={"unit": ["n"], "reported": [1], "Ada": [5]})
    >>> with_said(table, {"Reported": "counted", "Ada": "ignored"}).said
    {'reported': 'counted', 'Ada': 'ignored'}
    """
    names = columns.names
    small = {name: name.casefold() for name in given if name not in names}
    return columns.saying(
        {small[n] if small.get(n) in names else n: role for n, role in given.items()}
    )


def role_in(columns: Columns, name: str) -> str:
    """Return what a column is as a user says, else as its name does."""
    return columns.said.get(name, role_of(name))


def check_said(columns: Columns) -> None:
    """Raise `InputError` unless what is said of a table is of its columns, and one of `ROLES`."""
    where, names = columns.where, columns.names
    for name, role in columns.said.items():
        if name not in names:
            raise InputError(f"{where}: columns names {name!r} - {suggest(name, names)}")
        if role not in ROLES:
            raise InputError(
                f"{where}: columns calls {name!r} {role!r} - it must be one of {', '.join(ROLES)}; "
                f"{suggest(role, ROLES)}"
            )
