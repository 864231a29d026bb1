"""What people at the desk decide on an election night, with their reasons."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Message
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import GROWTH, most_voters, unlisted_units
from forecast.facts.partial_returns import PartialReturns
from forecast.facts.words.names import matched_units
from forecast.files.reading import read_text

NOBODY, WHOLE = "nobody", "*"
"""In place of a finalist: no call; in place of a region: the whole contest."""
KEYS = ("set_aside", "called", "reason", "totals")
RIDGE, TINY = 1e-6, 1e-9


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Decisions by hand.

    Parameters
    ----------
    set_aside : tuple of str
        Units whose votes count and teach nothing.
    called : str
        Who is named the winner whatever the rule says, or "nobody"; empty: the rule decides.
    reason : str
        Why; printed with the call.
    totals : mapping of region to votes by finalist
        Final totals that were published without units; "*" is the whole contest.

    Raises
    ------
    InputError
        If a call has no reason.

    Examples
    --------
    >>> desk = Desk(called="nobody", reason="the count is contested in court")
    >>> desk.set_aside
    ()
    """

    set_aside: tuple[str, ...] = ()
    called: str = ""
    reason: str = ""
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that a call has a reason."""
        if self.called and not self.reason.strip():
            raise InputError(
                f"desk: a call by hand needs a reason, which the page prints - called is "
                f"{self.called!r} and reason is empty; give one"
            )

    def checked(self, contest: Contest) -> Desk:
        """Return it with names as the contest has them.

        Raises
        ------
        InputError
            If a unit, a finalist or a region is unknown, or a total lacks a finalist or is more
            than can vote there.
        """
        written = matched_units(self.set_aside, contest.units)
        aside = tuple(written.get(unit, unit) for unit in self.set_aside)
        for unit in aside:
            if unit not in contest.units:
                raise InputError(
                    f"desk, set_aside: must be units of the contest - found {unit!r}; "
                    f"{suggest(unit, contest.units)}"
                )
        called = self.called
        if called not in ("", NOBODY):
            called = contest.key(called)
            if called not in contest.finalists:
                raise InputError(
                    f'desk, called: must be a finalist or "{NOBODY}" - found {self.called!r}; '
                    f"{suggest(self.called, contest.finalists)}"
                )
        regions = (*dict.fromkeys(contest.regions or ()), WHOLE)
        written = matched_units(tuple(self.totals), regions)
        totals = {written.get(name, name): votes for name, votes in self.totals.items()}
        for name, votes in totals.items():
            _check_total(name, votes, regions, contest)
        return replace(self, set_aside=aside, called=called, totals=totals)

    def aside(self, returns: PartialReturns) -> PartialReturns:
        """Return the returns with nothing to be learned from the units set aside."""
        if not self.set_aside:
            return returns
        chosen = np.isin(np.array(returns.contest.units, dtype=object), self.set_aside)
        said = "set aside by hand; counted, not learned: {names}"
        note = Message(said, names=", ".join(self.set_aside))
        return replace(
            returns,
            changed=returns.changed | chosen,
            notes=(*returns.notes, note),
        )

    def fitted(
        self,
        remaining: FloatArray,
        *,
        counted: FloatArray,
        elsewhere: FloatArray,
        regions: tuple[str, ...],
        names: tuple[str, ...],
    ) -> FloatArray:
        """Return draws of the votes to come that meet all totals.

        Parameters
        ----------
        remaining : array (region, finalist, draw)
            Votes to come.
        counted : array (region, finalist)
            Votes counted by unit.
        elsewhere : array (finalist,)
            Votes counted in units of no known region.
        regions, names : tuple of str
            Regions and finalists.

        Raises
        ------
        InputError
            If a total is less than what is counted, or totals of regions contradict that of all.

        Notes
        -----
        The logs of all others move by their regression on the logs of what was published, which is
        exact for log-normals; what is known is then met exactly. The total of all is met last, by
        the regions whose totals are not known.
        """
        open_ = np.ones(len(regions), dtype=bool)
        for region in sorted(self.totals, key=lambda name: name == WHOLE):
            total = np.array([self.totals[region][f] for f in names])
            if region == WHOLE:
                own = np.flatnonzero(open_)
                done = counted.sum(axis=0) + elsewhere + remaining[~open_, :, 0].sum(axis=0)
            else:
                own = np.array([regions.index(region)])
                done = counted[own[0]]
            wanted = total - np.rint(done)
            if (wanted < 0).any() or (not len(own) and wanted.any()):
                k = int(np.argmax(np.abs(np.minimum(wanted, 0) if len(own) else wanted)))
                rule = "must not be less than what its units have counted"
                if region == WHOLE and not open_.all():
                    rule = "must agree with those of its regions and what is counted elsewhere"
                raise InputError(
                    f"desk, totals of {region!r}: {rule} - found {total[k]:,} for {names[k]}, "
                    f"counted {int(done[k]):,}; correct one of them"
                )
            if len(own):
                remaining = _regressed(remaining, remaining[own].sum(axis=0), wanted)
                sums = remaining[own].sum(axis=0)
                with np.errstate(invalid="ignore", divide="ignore"):
                    parts = np.where(sums > TINY, remaining[own] / sums, 1 / len(own))
                remaining[own] = parts * wanted[:, None]
            open_[own] = False
        return remaining


def _regressed(remaining: FloatArray, known: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return votes to come moved by what was published of a sum (finalist, draw)."""
    logs, goal = np.log(known + 1), np.log(wanted + 1.0)
    around = logs - logs.mean(axis=1, keepdims=True)
    flat = np.log(remaining + 1).reshape(-1, remaining.shape[2])
    spread = around @ around.T + RIDGE * around.shape[1] * np.eye(len(around))
    gain = (flat - flat.mean(axis=1, keepdims=True)) @ around.T @ np.linalg.inv(spread)
    moved = flat + gain @ (goal[:, None] - logs)
    return np.asarray(np.maximum(np.exp(moved).reshape(remaining.shape) - 1, 0.0))


def _check_total(
    name: str, votes: Mapping[str, int], regions: tuple[str, ...], contest: Contest
) -> None:
    """Raise `InputError` unless a total is of a known region, of all finalists, and can be."""
    finalists = contest.finalists
    if name not in regions:
        raise InputError(
            f"desk, totals: must be of a region of the contest, or {WHOLE!r} for all - found "
            f"{name!r}; {suggest(name, regions)}"
        )
    wrong = set(votes) != set(finalists)
    if wrong or any(type(v) is not int or v < 0 for v in votes.values()):
        raise InputError(
            f"desk, totals of {name!r}: must be a count for each of {', '.join(finalists)} - found "
            f"{dict(votes)}; give all of them"
        )
    most, total = _most_voters(name, contest), sum(votes.values())
    if total > most:
        raise InputError(
            f"desk, totals of {name!r}: must not be more than {most:,}, all who can vote there "
            f"(the list and a tenth more) - found {total:,} together; correct them (a zero too "
            "many?)"
        )


def _most_voters(name: str, contest: Contest) -> int:
    """Return how many can vote in a region, or in all: a list may grow by a tenth."""
    most = most_voters(contest)
    if name != WHOLE:
        return int(most[np.array(contest.regions) == name].sum())
    if contest.registered is not None:
        # A list that was shared out over the units is exact for all of them.
        listed = np.ceil((1 + GROWTH) * contest.registered - 1e-6)
        most = np.where(unlisted_units(contest), most, listed)
    return int(most.sum())


def read_desk(path: str | PathLike[str]) -> Desk:
    """Return the decisions of a TOML file.

    Its keys are those of `Desk`, such as ``set_aside = ["Vake"]``, ``called = "nobody"``,
    ``reason = "..."`` and ``[totals.Tbilisi]`` with a line per finalist.

    Raises
    ------
    InputError
        If it is no such file.
    """
    try:
        data: dict[str, Any] = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: must be TOML - {error}; correct it") from None
    for key in data:
        if key not in KEYS:
            raise InputError(f"{path}: no key {key!r}; {suggest(key, KEYS)}")
    aside, totals = data.get("set_aside", []), data.get("totals", {})
    texts = [data.get("called", ""), data.get("reason", "")]
    if not isinstance(aside, list) or not all(isinstance(t, str) for t in [*aside, *texts]):
        raise InputError(
            f"{path}: set_aside must be a list of units, called and reason must be texts - found "
            f"{aside!r}, {texts[0]!r} and {texts[1]!r}; correct them"
        )
    if not isinstance(totals, dict) or not all(isinstance(v, dict) for v in totals.values()):
        raise InputError(f"{path}: totals must be a table per region - found {totals!r}")
    return Desk(set_aside=tuple(aside), called=texts[0], reason=texts[1], totals=totals)
