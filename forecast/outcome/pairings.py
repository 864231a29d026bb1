"""From draws of first rounds to draws of the runoffs that follow: each draw's own ledger and rule.

Draws with the same finalists in the same order are a group: its ledger on average says what is
believed of the transfer table, by the prior that `forecast_runoff` would take and the polls about
these finalists; then every draw's own people move by a table of its own. Groups too rare to be
worth a prior of their own are taken together, their candidates named by the places they took.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.data.priors import placed_prior
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.election import Election
from forecast.facts.ledger import INVALID, NON_VOTERS
from forecast.facts.polls import Poll
from forecast.first_round.draws import OTHERS, FirstRounds
from forecast.first_round.opinion import USUAL_N
from forecast.randomness import stream
from forecast.simulation.engine import CHUNK
from forecast.transfers.polls.polled import with_polls
from forecast.transfers.table.protocols import LearnedModel

LEAST = 400
"""Draws that a group must have for a prior of its own."""
LEAST_POLLED = 40
"""The same where polls asked about its finalists."""
SCALE = 100_000_000
"""People of a group's average ledger: parts of them are whole numbers."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Runoffs:
    """What followed each first round.

    Parameters
    ----------
    votes : ndarray, shape (draw, candidate)
        Runoff votes; 0 for whoever is not in it, all 0 where there is none.
    elected : ndarray of int, shape (draw,)
        Position of the winner of the election.
    outright : ndarray of bool, shape (draw,)
        Whether the first round elected somebody.
    prior_name : str
        What was believed about the transfers.
    """

    votes: FloatArray
    elected: npt.NDArray[np.int64]
    outright: npt.NDArray[np.bool_]
    prior_name: str


@dataclass(frozen=True, kw_only=True, eq=False)
class _Group:
    """Draws with these finalists in this order; people by place where they are too few."""

    draws: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]  # (draw, candidate): finalists first, then the rest by votes
    names: tuple[str, ...]
    finalists: int
    index: int


def draw_runoffs(
    election: Election,
    rounds: FirstRounds,
    prior: LearnedModel | None,
    *,
    as_of: date | None,
    seed: int,
    workers: int,
) -> Runoffs:
    """Return the runoff of every draw of a first round, by the election's rule and its polls.

    Without a prior it takes what `forecast_runoff` would; nothing published after `as_of` enters.

    Raises
    ------
    InputError
        If a prior is about other finalists, or polls contradict it.
    """
    if prior is not None and not isinstance(prior, LearnedModel):
        raise InputError(
            "prior: must be a learned model, as learn_prior gives, before the first round - found "
            f"a {type(prior).__name__}; nobody knows yet who the finalists are"
        )
    n, apart = rounds.votes.shape[1], rounds.apart()
    elected, advance = election.rule.in_draws(
        apart.votes[:, :n],
        invalid=rounds.invalid,
        registered=rounds.people,
        scattered=rounds.scattered,
    )
    rounds = apart
    votes = np.zeros_like(rounds.votes)
    advance = np.pad(advance, ((0, 0), (0, votes.shape[1] - n)))
    groups = list(_groups(rounds, advance, _polled_pairs(election)))
    polls = election.head_to_head

    def fill(group: _Group) -> str:
        return _fill(
            votes, group, election, rounds, prior=prior, polls=polls, as_of=as_of, seed=seed
        )

    with ThreadPoolExecutor(workers) as pool:
        names = list(pool.map(fill, groups))
    outright = elected >= 0
    return Runoffs(
        votes=votes[:, :n],
        elected=np.where(outright, elected, votes.argmax(axis=1)),
        outright=outright,
        prior_name=names[0] if names else "",
    )


def _polled_pairs(election: Election) -> set[frozenset[str]]:
    return {frozenset(poll.shares) for poll in election.head_to_head}


def _groups(
    rounds: FirstRounds, advance: npt.NDArray[np.bool_], polled: set[frozenset[str]]
) -> Iterator[_Group]:
    """Yield groups of draws whose finalists are the same, in the order of their votes."""
    goes = np.flatnonzero(advance.any(axis=1))
    if not len(goes):
        return
    ranked = rounds.votes[goes]
    if rounds.candidates[-1] == OTHERS:
        ranked[:, -1] = -1.0  # several people: none of them is a finalist
    order = np.argsort(-ranked, axis=1, kind="stable")
    size = advance[goes].sum(axis=1)
    n = rounds.votes.shape[1]
    index = 0
    for k in np.unique(size):
        mine = np.flatnonzero(size == k)
        key = order[mine, :k] @ (n ** np.arange(k, dtype=object)) if n**k > 2**62 else (
            order[mine, :k] @ (n ** np.arange(k))
        )  # fmt: skip
        _, place, times = np.unique(key, return_inverse=True, return_counts=True)
        rare = np.zeros(len(mine), dtype=bool)
        for code in np.argsort(-times, kind="stable"):
            held = mine[place.ravel() == code]
            first = order[held[0], :k]
            names = tuple(rounds.candidates[c] for c in first)
            least = LEAST_POLLED if frozenset(names) in polled else LEAST
            if times[code] < least:
                rare |= place.ravel() == code
                continue
            rest = np.setdiff1d(np.arange(n), first)
            fixed = np.concatenate([first, rest])
            yield _Group(
                draws=goes[held],
                order=np.broadcast_to(fixed, (len(held), n)),
                names=tuple(rounds.candidates[c] for c in fixed),
                finalists=int(k),
                index=index,
            )
            index += 1
        if rare.any():
            held = mine[rare]
            yield _Group(
                draws=goes[held],
                order=order[held],
                names=tuple(f"place {j + 1}" for j in range(n)),
                finalists=int(k),
                index=index,
            )
            index += 1


def _fill(
    votes: FloatArray,
    group: _Group,
    election: Election,
    rounds: FirstRounds,
    *,
    prior: LearnedModel | None,
    polls: Sequence[Poll],
    as_of: date | None,
    seed: int,
) -> str:
    """Draw the runoffs of a group into `votes`, and return what was believed of its transfers."""
    at = group.draws
    counts = np.concatenate(
        [
            np.take_along_axis(rounds.votes[at], group.order, axis=1).T,
            rounds.invalid[at][None],
            rounds.stayed[at][None],
        ]
    )
    contest = contest_after(election, group.names, counts.mean(axis=1), group.finalists)
    # What is learned of past runoffs is learned as of today, not as of a first round to come.
    today = contest if as_of is None else replace(contest, first_round=as_of)
    held = placed_prior(prior, today, as_of=as_of)
    asked = [p for p in polls if set(p.shares) == set(contest.finalists)]
    about = [p if p.n else replace(p, n=USUAL_N) for p in asked]
    ledger = contest.ledger()
    sampler = (with_polls(held, contest, about) if about else held).sampler(ledger)
    names = (*group.names, INVALID, NON_VOTERS)
    counts = counts[[names.index(o) for o in ledger.origins]]
    slots, size = _slots(at, len(rounds.votes) // 2)
    k = group.finalists
    for chunk, start in enumerate(range(0, size // 2, CHUNK // 2)):
        stop = min(start + CHUNK // 2, size // 2)
        which = np.concatenate([slots[start:stop], slots[size // 2 + start : size // 2 + stop]])
        own = np.ascontiguousarray(counts[:, which])
        rng = stream(seed, f"runoff {group.index}", chunk)
        found = np.einsum("rn,rkn->nk", own, sampler.draw_at(own, rng=rng))
        votes[at[which][:, None], group.order[which, :k]] = found
    return held.name


def _slots(draws: npt.NDArray[np.int64], half: int) -> tuple[npt.NDArray[np.int64], int]:
    """Return positions of a group's draws so that the two of a pair stand half the size apart.

    Draws without their partner in the group fill the other places; one is repeated where their
    number is odd.
    """
    pair = draws % half
    order = np.argsort(pair, kind="stable")
    same = pair[order][1:] == pair[order][:-1]
    first = order[:-1][same]
    second = order[1:][same]
    alone = np.setdiff1d(np.arange(len(draws)), np.concatenate([first, second]))
    if len(alone) % 2:
        alone = np.append(alone, alone[-1])
    middle = len(alone) // 2
    slots = np.concatenate([first, alone[:middle], second, alone[middle:]])
    return slots, len(slots)


def contest_after(
    election: Election, names: Sequence[str], counts: FloatArray, finalists: int
) -> Contest:
    """Return the contest that a first round leaves behind.

    Names have the finalists first; counts are those of the names, invalid ballots, and people who
    stayed at home, shape (candidate + 2,).
    """
    whole = np.maximum(np.round(counts / counts.sum() * SCALE), 1).astype(np.int64)
    return Contest(
        name=f"{election.name} after its first round",
        candidates=tuple(names),
        finalists=tuple(names[:finalists]),
        units=("all",),
        votes=whole[None, :-2],
        invalid=whole[-2:-1],
        registered=np.array([whole.sum()]),
        first_round=election.first_round,
        runoff=election.runoff,
        labels={k: v for k, v in election.labels.items() if k in names},
        title=election.title,
        scope=election.scope,
    )
