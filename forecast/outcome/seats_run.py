"""simultaneous: all runoffs of one day together, seats included.

Seats of simultaneous runoffs do not add up like coins: what moves one contest moves the others.
Every sampler says what its contests of one day share (`Sampler.shares_day`) and draws it from the
`Day` that all are given: stated priors share their factors by party, learned ones the population
and its day, families their day's coordinates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from forecast.arrays import FloatArray
from forecast.data.priors import default_prior
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.outcome.probability import Quantity, fraction_of, quantity
from forecast.outcome.seats import SimultaneousContest, SimultaneousForecast, seats_before
from forecast.randomness import one_thread_of_algebra, stream
from forecast.signatures import refuses_other_kinds
from forecast.simulation.engine import CHUNK, available_workers, runoff_votes
from forecast.transfers.table.day import Day
from forecast.transfers.table.protocols import (
    LearnedModel,
    Sampler,
    TransferDistribution,
    at_contest,
)

Priors = (
    Callable[[Contest], TransferDistribution]
    | Mapping[str, TransferDistribution]
    | Sequence[TransferDistribution]
    | LearnedModel
)
Parties = Callable[[Contest], Mapping[str, str]] | Mapping[str, Mapping[str, str]]


@refuses_other_kinds
@one_thread_of_algebra
def forecast_simultaneous(
    contests: Sequence[Contest],
    priors: Priors = default_prior,
    *,
    parties: Parties,
    national: float = 0.5,
    decided: Mapping[str, int] | None = None,
    draws: int = 100_000,
    seed: int = 0,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> SimultaneousForecast:
    """Forecast simultaneous runoffs that share the day's swings.

    Parameters
    ----------
    contests : sequence of Contest
        The runoffs of one day, each name once.
    priors : callable, mapping by contest name, sequence, or LearnedModel
        What is believed about each contest's transfers.
    parties : callable or mapping by contest name
        Party, or family of parties, of every finalist: whom a swing favours across contests.
    national : float
        Fraction of the variance of an elicited prior's shared factors that is national, in [0, 1];
        the default is assumed.
    decided : mapping of party to int, optional
        Seats already won in the first round.
    draws : int
        Number of draws (even).
    seed : int
        The seed.
    workers : int, optional
        Threads; all available processors by default. They change no result.
    progress : callable, optional
        Called with the fraction of the contests that are done.

    Returns
    -------
    SimultaneousForecast

    Raises
    ------
    InputError
        If a number is out of range, a contest occurs twice, one has no prior or a finalist no
        party, or priors of one history do not know the same families.

    Notes
    -----
    Memory is one byte per contest and draw, and some blocks of `CHUNK` draws.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from forecast.data import load_contest
    >>> georgia = load_contest("georgia-2018")
    >>> found = forecast_simultaneous(
    ...     [georgia, replace(georgia, name="again")], draws=2000,
    ...     parties=lambda c: {"zurabishvili": "government", "vashadze": "opposition"})
    >>> int(found.seats.sum(axis=1).max())
    2
    """
    contests = _contests(contests)
    _check(national, draws, workers)
    before = seats_before(decided or {})
    named = [_parties(contest, parties) for contest in contests]
    days = [Day(seed=seed, chunk=i, national=national) for i in range(-(-draws // CHUNK))]
    parts = [
        _Part(contest=c, sampler=p.sampler(c.ledger()), parties=names, days=days)
        for c, p, names in zip(contests, _priors(contests, priors), named, strict=True)
    ]
    _check_days(parts)
    winners = np.empty((len(contests), draws), dtype=np.int8)

    def run(i: int) -> tuple[FloatArray, tuple[Quantity, ...]]:
        shares = parts[i].shares(draws)
        winners[i] = shares.argmax(axis=0)
        wins = np.bincount(winners[i], minlength=len(shares)) / draws
        return wins, tuple(quantity(s, 0.9) for s in shares)

    found = []
    with ThreadPoolExecutor(available_workers() if workers is None else workers) as pool:
        for done, each in enumerate(pool.map(run, range(len(contests))), start=1):
            found.append(each)
            if progress is not None:
                progress(done / len(contests))
    listed = tuple(
        SimultaneousContest(
            name=part.contest.name,
            finalists=part.contest.finalists,
            parties=names,
            win_probability=tuple(fraction_of(x * draws, draws) for x in wins),
            share=shares,
            shares_day=part.sampler.shares_day,
        )
        for part, names, (wins, shares) in zip(parts, named, found, strict=True)
    )
    return SimultaneousForecast.counted(listed, winners, before, seed=seed)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One contest's part in the day."""

    contest: Contest
    sampler: Sampler
    parties: tuple[str, ...]
    days: Sequence[Day]

    def rates(self, chunk: int, size: int) -> FloatArray:
        """Return the chunk's rates to the finalists, shape (origin, finalist, draw)."""
        day = replace(self.days[chunk], parties=self.parties)
        rng = stream(day.seed, f"night: {self.contest.name}", chunk)
        if not self.sampler.shares_day:
            return self.sampler.draw(size, rng=rng)
        return self.sampler.draw(size, rng=rng, day=day)

    def shares(self, draws: int) -> FloatArray:
        """Return every draw's shares of the finalists' vote, shape (finalist, draw)."""
        counts = self.contest.ledger().totals.astype(float)
        out = np.empty((len(self.contest.finalists), draws))
        for chunk in range(-(-draws // CHUNK)):
            start, size = chunk * CHUNK, min(CHUNK, draws - chunk * CHUNK)
            out[:, start : start + size] = runoff_votes(counts, self.rates(chunk, size))
        out /= out.sum(axis=0)
        return out


def _contests(contests: Sequence[Contest]) -> list[Contest]:
    found = list(contests) if isinstance(contests, Iterable) else [None]
    for contest in found:
        if not isinstance(contest, Contest):
            raise InputError(
                "simultaneous: contests must be a sequence of Contest - found "
                f"{type(contests if contest is None else contest).__name__}; give a list"
            )
    if not found:
        raise InputError("simultaneous: needs at least one contest - found none")
    names = [contest.name for contest in found]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"simultaneous: every contest must occur once - {twice!r} again")
    return found


def _check(national: float, draws: int, workers: int | None) -> None:
    whole = isinstance(draws, int) and not isinstance(draws, bool)
    if not whole or not 2 <= draws <= 10**9 or draws % 2:
        raise InputError(f"draws must be an even whole number from 2 - found {draws!r}")
    if not isinstance(national, int | float) or not 0 <= national <= 1:
        raise InputError(f"national must be a fraction from 0 to 1 - found {national!r}")
    if workers is not None and (not isinstance(workers, int) or workers < 1):
        raise InputError(f"workers must be a whole number from 1 - found {workers!r}")


def _check_days(parts: Sequence[_Part]) -> None:
    """Raise `InputError` if contests should share a day that their priors would draw apart."""
    first: dict[str, tuple[_Part, int]] = {}
    for part in parts:
        if part.sampler.history is None:
            continue
        inputs, identity = part.sampler.history
        other, known = first.setdefault(inputs, (part, identity))
        if known != identity:
            raise InputError(
                f"simultaneous: contests {other.contest.name!r} and {part.contest.name!r} must "
                "share one prior, or they share no election day effect - found two priors learned "
                "from one history, perhaps since one contest has a family the history lacks; give "
                "prior.with_families(all of them) to every contest"
            )


def _priors(contests: Sequence[Contest], priors: Priors) -> list[TransferDistribution]:
    if isinstance(priors, LearnedModel):
        return [at_contest(priors, contest) for contest in contests]
    if callable(priors):
        return [priors(contest) for contest in contests]
    if isinstance(priors, Mapping):
        for contest in contests:
            if contest.name not in priors:
                raise InputError(
                    f"simultaneous: contest {contest.name!r} has no prior; "
                    f"{suggest(contest.name, tuple(priors))}"
                )
        return [priors[contest.name] for contest in contests]
    if not isinstance(priors, Sequence):
        raise InputError(
            f"simultaneous: needs one prior per contest - found {type(priors).__name__}; give a "
            "list, a mapping by name or a function of the contest"
        )
    if len(priors) != len(contests):
        raise InputError(
            f"simultaneous: needs one prior per contest - found {len(priors)} for {len(contests)}"
        )
    return list(priors)


def _parties(contest: Contest, parties: Parties) -> tuple[str, ...]:
    if not callable(parties) and not isinstance(parties, Mapping):
        raise InputError(
            "parties: must be a function of the contest or a mapping by its name - found "
            f"{parties!r}; give one"
        )
    given = parties(contest) if callable(parties) else parties.get(contest.name, {})
    for finalist in contest.finalists:
        party = given.get(finalist) if isinstance(given, Mapping) else given
        if not isinstance(party, str) or not party:
            raise InputError(
                f"simultaneous: finalist {finalist!r} of contest {contest.name!r} needs a party "
                f"- found {party!r}; name it in parties="
            )
    return tuple(given[finalist] for finalist in contest.finalists)
