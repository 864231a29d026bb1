"""What each of the latest polls did to a forecast of an election."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from forecast.facts.election import Election
from forecast.facts.polls import Poll


@dataclass(frozen=True, kw_only=True)
class PollEffect:
    """What one poll did to a forecast: all of its questions, with and without.

    Parameters
    ----------
    poll : str
        Who asked, and when.
    published : datetime.date or None
        When it became public.
    candidate : str
        Whose probability it moved most.
    advances, elected : float
        P(advances) and P(elected) of `candidate` with the poll, less without it.
    """

    poll: str
    published: date | None
    candidate: str
    advances: float
    elected: float


def poll_effects(
    election: Election,
    chances: Callable[[Election], dict[str, tuple[float, float]]],
    *,
    most: int,
) -> tuple[PollEffect, ...]:
    """Return how forecasts with and without each of the latest polls differ, most first.

    `chances` gives P(advances) and P(elected) of each candidate, with the same random numbers every
    time; `most` is how many polls are looked at. One poll alone has no effect to show.
    """
    out = []
    latest = sorted(election.asked, key=lambda p: p.published or date.min, reverse=True)
    whole = chances(election)
    for key in list(dict.fromkeys((p.pollster, p.end) for p in latest))[:most]:
        left = tuple(p for p in election.polls if (p.pollster, p.end) != key)
        if not any(p.round == "first round" for p in left):
            continue
        without = chances(_kept(election, left))
        poll = next(p for p in election.polls if (p.pollster, p.end) == key)
        moved = {
            c: (advances - without[c][0], elected - without[c][1])
            for c, (advances, elected) in whole.items()
            if c in without
        }
        who = max(moved, key=lambda c: max(map(abs, moved[c])))
        out.append(
            PollEffect(
                poll=poll.name,
                published=poll.published,
                candidate=who,
                advances=moved[who][0],
                elected=moved[who][1],
            )
        )
    return tuple(sorted(out, key=lambda x: -max(abs(x.advances), abs(x.elected))))


def _kept(election: Election, polls: tuple[Poll, ...]) -> Election:
    """Return an election with these polls alone, those who stand as far as they are named."""
    named = {name for poll in polls for name in poll.shares}
    return replace(
        election,
        polls=polls,
        candidates=tuple(c for c in election.candidates if c in named),
        withdrawn={c: d for c, d in election.withdrawn.items() if c in named},
    )
