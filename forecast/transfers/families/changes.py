"""What became of the families since the history a prior was learned from, as a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

from forecast.errors import InputError, suggest
from forecast.files.reading import read_toml
from forecast.transfers.families.prior import FamilyPrior


@dataclass(frozen=True, kw_only=True)
class FamilyChanges:
    """Alliances, unsettled families and pacts of one day."""

    #: lists that families stand on together, see `FamilyPrior.with_alliance`
    alliances: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    #: families that broke up or changed allies, see `FamilyPrior.with_unsettled`
    unsettled: tuple[str, ...] = ()
    #: families whose third-placed candidates withdraw from runoffs of three or more
    third_withdraws: tuple[str, ...] = ()

    def applied(self, prior: FamilyPrior, families: Collection[str]) -> FamilyPrior:
        """Return a prior that knows all of this, and every one of these families.

        Raises
        ------
        InputError
            If an alliance has a member that the prior does not know, or a name that it does.
        """
        found = prior
        for name, members in self.alliances.items():
            found = found.with_alliance(name, members)
        return found.with_families(families).with_unsettled(self.unsettled)


def read_changes(path: str | PathLike[str]) -> FamilyChanges:
    """Read them from a TOML file.

    Parameters
    ----------
    path : path-like
        The file (UTF-8): ``unsettled`` and ``third_withdraws``, lists of families; a table
        ``[alliances.NAME]`` with the weight of every member.

    Raises
    ------
    InputError
        If it cannot be read, or a key is unknown or of the wrong kind.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> text = 'third_withdraws = ["list"]' + chr(10) + '[alliances.list]' + chr(10) + "left = 2"
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "changes.toml"
    ...     _ = file.write_text(text)
    ...     read_changes(file)
    FamilyChanges(alliances={'list': {'left': 2}}, unsettled=(), third_withdraws=('list',))
    """
    where, content = Path(path).name, read_toml(Path(path))
    known = ("alliances", "unsettled", "third_withdraws")
    for key in content:
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}; {suggest(key, known)}")
    lists = {}
    for key in known[1:]:
        given = content.get(key, [])
        if not isinstance(given, list) or not all(isinstance(f, str) for f in given):
            raise InputError(f"{where}: {key} must be a list of families - found {given!r:.60}")
        lists[key] = tuple(given)
    alliances = content.get("alliances", {})
    if not isinstance(alliances, dict) or not all(isinstance(m, dict) for m in alliances.values()):
        raise InputError(
            f"{where}: alliances must be tables [alliances.NAME] of weights - found "
            f"{alliances!r:.60}"
        )
    return FamilyChanges(alliances=alliances, **lists)
