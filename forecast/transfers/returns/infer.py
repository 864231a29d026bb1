"""infer_transfers: from the counts of both rounds to a `TransferPosterior`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from forecast.arrays import IntArray, check_below, frozen
from forecast.errors import InputError, suggest
from forecast.facts.comparable import comparable
from forecast.facts.contest import SMALL, Contest
from forecast.facts.ledger import NON_VOTERS, Ledger
from forecast.facts.partial_returns import PartialReturns
from forecast.facts.returns import Returns
from forecast.files.columns import Columns, Table
from forecast.randomness import one_thread_of_algebra, stream
from forecast.signatures import refuses_other_kinds
from forecast.transfers.returns.counts import counts_from_units
from forecast.transfers.returns.elections import two_elections
from forecast.transfers.returns.posterior import TransferPosterior
from forecast.transfers.returns.reading import read_counts, worth_reversing
from forecast.transfers.returns.rows import role_prior
from forecast.transfers.returns.settings import ARRAYS, RUNOFFS, Settings
from forecast.transfers.returns.units import as_expected
from forecast.transfers.table.links import Voting
from forecast.transfers.table.normal import Normal, normal_form
from forecast.transfers.table.protocols import TransferDistribution

NUTS = ("draws", "tune", "chains", "cores", "target_accept")
"""What the sampler can be told."""
MOST_JOINED = 0.1
"""Most people who may have joined the lists between the rounds, as a fraction of all."""


@refuses_other_kinds
@one_thread_of_algebra
def infer_transfers(
    first_round: Contest | npt.ArrayLike | Table,
    runoff: Returns | PartialReturns | Contest | npt.ArrayLike | Table,
    *,
    prior: TransferDistribution | Normal | None = None,
    below: float = SMALL,
    method: Literal["laplace", "nuts"] = "laplace",
    nuts: Mapping[str, float] | None = None,
    settings: Settings | None = None,
    seed: int = 0,
) -> TransferPosterior:
    """Infer who moved where from the counts of both rounds by unit.

    Parameters
    ----------
    first_round : Contest, array or data frame (unit x origin)
        People by first-round choice.
    runoff : Returns, PartialReturns, Contest, array or data frame (unit x destination)
        People by runoff choice, two destinations at least. Of a contest these are its returns, in a
        frame as for `partial_returns`, to which non-voters of both rounds are added; or another
        contest: two elections by the same units, such as president and parliament. Arrays and
        frames for both rounds must hold the same people in every unit; a frame's column `unit`, if
        there is one, matches the units.
    prior : TransferDistribution or Normal, optional
        Beliefs before the runoff's counts; by default rows shrink towards the runoff's result.
    below : float
        Eliminated candidates of a contest under this fraction of the vote are one origin, "others",
        as by `Contest.grouped`; 0 keeps all, and so does a `prior`, which may speak of each.
    method : {"laplace", "nuts"}
        The fast posterior, or PyMC's NUTS on the same log density (minutes).
    nuts : mapping, optional
        What NUTS is told: draws and tune for each chain (1,000 and 1,000), chains (4), cores, and
        target_accept (0.9).
    settings : forecast.transfers.returns.settings.Settings, optional
        Constants; by default those learned from contests whose transfers are known.
    seed : int
        The seed.

    Returns
    -------
    TransferPosterior

    Raises
    ------
    InputError
        If the counts contradict each other or an argument is unknown.
    SamplingError
        If NUTS says that its draws do not represent the posterior.

    Notes
    -----
    Unit by unit the runoff counts are normal with the mean and covariance of
    Dirichlet-multinomial transfers, and the likelihood is tempered: regressions across units
    confuse who voted with where they voted, and untempered intervals cover far too little.

    References
    ----------
    Miller, J. W. & Dunson, D. B. (2019). Robust Bayesian inference via coarsening. JASA 114.

    Examples
    --------
    >>> import numpy as np
    >>> before = np.array([[60, 40], [20, 80], [50, 50], [35, 65]])
    >>> after = np.array([[58, 42], [26, 74], [50, 50], [38, 62]])
    >>> posterior = infer_transfers(before, after)
    >>> posterior.table.sum(axis=0).round().tolist()
    [172.0, 228.0]
    """
    _check(first_round, method=method, nuts=nuts, settings=settings, prior=prior, below=below)
    if prior is None:
        if isinstance(first_round, Contest):
            first_round = first_round.grouped(below=below)
        if isinstance(runoff, Contest):
            runoff = runoff.grouped(below=below)
    left_out: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    if isinstance(first_round, Contest) and isinstance(runoff, Contest):
        ledger, runoff_people, left_out, labels = two_elections(first_round, runoff)
        about: dict[str, Any] = {"labels": labels, "counted": runoff.first_round}
    else:
        if isinstance(first_round, Contest) and not isinstance(runoff, np.ndarray | list | tuple):
            first_round, runoff, notes = comparable(first_round, runoff)
        ledger, runoff_people = _both_rounds(first_round, runoff)
        about = _about(first_round, ledger) | {"notes": notes}
    counts = counts_from_units(ledger.counts, runoff_people)
    roles = isinstance(runoff, Returns) or prior is not None
    settings = settings or (RUNOFFS if roles else ARRAYS)
    rng = stream(seed, "transfers")
    rows = None
    if prior is not None:
        rows = normal_form(prior, ledger, Voting(len(ledger.destinations)), rng=rng)
    elif roles:
        rows = role_prior(ledger.kinds, len(ledger.destinations) - 1)
    aside = set_aside(first_round, ledger, runoff_people) if isinstance(runoff, Returns) else {}
    plan: dict[str, Any] = {"settings": settings, "method": method, "rng": rng, "nuts": nuts}
    plan["aside"] = np.array([unit in aside for unit in ledger.units], dtype=bool)
    forward = read_counts(counts, prior=rows, **plan)
    if isinstance(runoff, Returns):
        forward = as_expected(forward, plan["aside"])
    backward = None
    if rows is None and worth_reversing(counts):
        backward = read_counts(counts.reversed, **plan)
    return TransferPosterior(
        origins=ledger.origins,
        destinations=ledger.destinations,
        units=ledger.units,
        forward=forward,
        backward=backward,
        seed=seed,
        roles=roles,
        reported=counts,
        aside=left_out | aside,
        **about,
    )


def _check(
    first_round: object,
    *,
    method: str,
    nuts: Mapping[str, float] | None,
    settings: object,
    prior: object,
    below: float,
) -> None:
    """Raise `InputError` if an argument is not what it must be."""
    if isinstance(first_round, Returns | PartialReturns):
        raise InputError("infer_transfers: the first round comes first - found the returns; swap")
    if isinstance(first_round, str | PathLike):
        raise InputError(
            "infer_transfers: must be given what is read, not its name - found "
            f"{str(first_round)!r:.60}; load_contest and load_returns read what is bundled, "
            "read_contest and read_returns files"
        )
    if method not in ("laplace", "nuts"):
        raise InputError(f"method must be 'laplace' or 'nuts' - found {method!r}")
    if unknown := [name for name in nuts or {} if name not in NUTS]:
        raise InputError(f"nuts: no setting {unknown[0]!r}; {suggest(unknown[0], NUTS)}")
    if settings is not None and not isinstance(settings, Settings):
        raise InputError(f"settings must be Settings - found {type(settings).__name__}")
    if prior is not None and not isinstance(prior, Normal) and not hasattr(prior, "sampler"):
        raise InputError(f"prior must be a prior or posterior - found {type(prior).__name__}")
    check_below(below)


def _about(first_round: Any, ledger: Ledger) -> dict[str, Any]:
    """Return what a posterior of a contest's returns should remember of the contest."""
    if not isinstance(first_round, Contest):
        return {}
    joined = ledger.people - first_round.ledger().people
    about = {"labels": first_round.labels, "counted": first_round.runoff, "joined": joined}
    return about | {"regions": first_round.regions}


def set_aside(first_round: Any, ledger: Ledger, runoff: IntArray) -> dict[str, str]:
    """Return the units of a contest whose counts cannot be those of their people, and why.

    A contest knows its lists; other counts have none. People who joined are in the ledger; the last
    destination of `runoff` (unit, destination) is `none`.

    Notes
    -----
    Impossible are a list that grew by more than `MOST_JOINED` between the rounds, and no vote at
    all where others voted and where there were voters before.
    """
    if not isinstance(first_round, Contest):
        return {}
    before = first_round.ledger(by="unit").counts.sum(axis=1)
    after, votes = ledger.counts.sum(axis=1), runoff[:, :-1].sum(axis=1)
    found = {}
    for u in np.flatnonzero(after - before > MOST_JOINED * before):
        found[ledger.units[u]] = f"{votes[u]:,} votes in the runoff, {before[u]:,} people before"
    voted = first_round.votes.sum(axis=1)
    for u in np.flatnonzero((votes == 0) & (voted > 0)) if votes.any() else ():
        found[ledger.units[u]] = f"no vote in the runoff, {voted[u]:,} before"
    return found if len(found) < len(ledger.units) else {}


def runoff_ledger(contest: Contest, returns: Returns) -> tuple[Ledger, IntArray]:
    """Return the ledger by unit and the runoff's people, shape (unit, destination).

    Where more people voted in the runoff than the first round's lists hold, the difference is
    added to the non-voters: they joined the list between the rounds.

    Raises
    ------
    InputError
        If units or finalists differ, or more people voted than there are and non-voters are left
        out.
    """
    ledger = contest.ledger(by="unit")
    odd = sorted(set(returns.units) ^ set(ledger.units))
    if odd:
        raise InputError(
            f"returns: must have the contest's units - {odd[0]!r} is in one round only"
            + (f", and so are {len(odd) - 1} more" if len(odd) > 1 else "")
            + "; drop or merge them"
        )
    if set(returns.finalists) != set(contest.finalists):
        raise InputError(
            f"returns: must be of the finalists {contest.finalists} - found {returns.finalists}"
        )
    rows = [returns.units.index(unit) for unit in ledger.units]
    columns = [returns.finalists.index(f) for f in contest.finalists]
    votes = returns.votes[np.ix_(rows, columns)]
    counts = np.array(ledger.counts)
    missing = np.maximum(votes.sum(axis=1) - counts.sum(axis=1), 0)
    if missing.sum() > MOST_JOINED * counts.sum():
        raise InputError(
            f"returns: {missing.sum():,} more runoff votes than the first round's {counts.sum():,} "
            "people can cast - do the two files belong together?"
        )
    if missing.any():
        if NON_VOTERS not in ledger.origins:
            u = int(missing.argmax())
            raise InputError(
                f"returns: unit {ledger.units[u]!r} has {missing[u]} more runoff votes than "
                "first-round ballots; a contest without non-voters cannot hold them - give "
                "registered"
            )
        counts[:, ledger.origins.index(NON_VOTERS)] += missing
    people = np.column_stack([votes, counts.sum(axis=1) - votes.sum(axis=1)])
    return replace(ledger, counts=counts), people


def _both_rounds(first_round: Any, runoff: Any) -> tuple[Ledger, IntArray]:
    """Return the ledger by unit and the runoff's people from any accepted pair of inputs."""
    if isinstance(first_round, Contest) != isinstance(runoff, Returns):
        raise InputError(
            "infer_transfers: a Contest goes with Returns, a frame of them or a Contest, arrays "
            f"and frames with their like - found {type(first_round).__name__} and "
            f"{type(runoff).__name__}"
        )
    if isinstance(first_round, Contest):
        return runoff_ledger(first_round, runoff)
    (origins, units, x), (destinations, other, y) = (
        _plain_counts(table, word)
        for table, word in ((first_round, "origin"), (runoff, "destination"))
    )
    if (units is None) != (other is None):
        raise InputError(
            "counts: one table has a column 'unit' and the other has not; give both one or neither"
        )
    if units is not None and other is not None:
        if set(units) != set(other):
            odd = sorted(set(units) ^ set(other))[0]
            raise InputError(f"counts: both rounds must have the same units - {odd!r} is in one")
        y = y[[other.index(unit) for unit in units]]
    units = units or tuple(str(u) for u in range(len(x)))
    ledger = Ledger(
        origins=origins,
        kinds=("eliminated",) * len(origins),
        destinations=destinations,
        units=units,
        counts=x,
    )
    return ledger, y


def _plain_counts(
    table: Any, word: str
) -> tuple[tuple[str, ...], tuple[str, ...] | None, IntArray]:
    """Return names, units (if the table knows them) and counts of an array or frame."""
    if isinstance(table, np.ndarray | list | tuple):
        counts = frozen(table)
        if counts.ndim != 2:
            raise InputError(f"counts: must have shape (unit, {word}) - found {counts.shape}")
        return tuple(f"{word} {k + 1}" for k in range(counts.shape[1])), None, counts
    columns = Columns.from_frame(table, where=f"{word}s")
    names = tuple(n for n in columns.names if n != "unit")
    units = columns.keys("unit") if "unit" in columns.values else None
    if not names:
        raise InputError(f"{word}s: must have one column per {word} - found none")
    return names, units, np.stack([columns.counts(n) for n in names], axis=1)
