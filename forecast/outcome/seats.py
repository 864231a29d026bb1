"""SimultaneousForecast: seats won on a day of simultaneous runoffs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.arrays import read_only
from forecast.display import Displayed, Frames, Message, Shown, Tabular
from forecast.errors import InputError, suggest
from forecast.files.saved import Saved
from forecast.outcome.probability import Quantity, fraction_of, percent, quantity
from forecast.signatures import renamed


@renamed(shares_night="shares_day")
@dataclass(frozen=True, kw_only=True)
class SimultaneousContest:
    """One contest of the day.

    Parameters
    ----------
    name : str
        Its name.
    finalists, parties : tuple of str
        Finalists and the party of each.
    win_probability : tuple of float
        P(wins) of each finalist, never 0 or 1.
    share : tuple of Quantity
        Fraction of the finalists' vote, median and 90% interval, of each.
    shares_day : bool
        Whether its prior shares anything with the day's other contests.
    """

    name: str
    finalists: tuple[str, ...]
    parties: tuple[str, ...]
    win_probability: tuple[float, ...]
    share: tuple[Quantity, ...]
    shares_day: bool


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SimultaneousForecast(Displayed, Tabular, Saved):
    """Forecast of the runoffs of one day; made by `forecast_simultaneous`.

    Parameters
    ----------
    contests : tuple of SimultaneousContest
        Each contest by itself.
    parties : tuple of str
        All parties, most seats first.
    winners : ndarray of int8, shape (draw, contest)
        Position of the winner among the contest's finalists, read-only.
    seats : ndarray of int, shape (draw, party)
        Seats won, those decided before included, read-only.
    decided : mapping of party to int
        Seats won before.
    seed : int
        The seed.

    Examples
    --------
    >>> from forecast import forecast_simultaneous, load_contest
    >>> parties = {"zurabishvili": "government", "vashadze": "opposition"}
    >>> found = forecast_simultaneous(
    ...     [load_contest("georgia-2018")], draws=1000, parties=lambda contest: parties,
    ...     decided={"opposition": 2})
    >>> found.total, found.seats_of("opposition").median, found.probability_of("opposition") > 0.9
    (3, 2.0, True)
    """

    contests: tuple[SimultaneousContest, ...]
    parties: tuple[str, ...]
    winners: npt.NDArray[np.int8]
    seats: npt.NDArray[np.int32]
    decided: Mapping[str, int]
    seed: int

    @classmethod
    def counted(
        cls,
        contests: Sequence[SimultaneousContest],
        winners: npt.NDArray[np.int8],
        decided: Mapping[str, int],
        *,
        seed: int,
    ) -> SimultaneousForecast:
        """Build a forecast from simulated winners.

        Parameters
        ----------
        contests : sequence of SimultaneousContest
            Each contest by itself.
        winners : ndarray of int8, shape (contest, draw)
            Position of the winner among the contest's finalists.
        decided : mapping of party to int
            Seats won before.
        seed : int
            The seed.
        """
        names = list(dict.fromkeys([*(p for c in contests for p in c.parties), *decided]))
        seats = np.zeros((len(names), winners.shape[1]), dtype=np.int32)
        seats += np.array([decided.get(name, 0) for name in names], dtype=np.int32)[:, None]
        for i, contest in enumerate(contests):
            for k, party in enumerate(contest.parties):
                seats[names.index(party)] += winners[i] == k
        order = np.argsort(-seats.mean(axis=1), kind="stable")
        seats, by_draw = np.ascontiguousarray(seats[order].T), winners.T
        return cls(
            contests=tuple(contests),
            parties=tuple(names[i] for i in order),
            winners=read_only(by_draw),
            seats=read_only(seats),
            decided=decided,
            seed=seed,
        )

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.seats)

    @property
    def total(self) -> int:
        """All seats, those decided before included."""
        return len(self.contests) + sum(self.decided.values())

    def seats_of(self, party: str, level: float = 0.9) -> Quantity:
        """Return seats won by a party: median and credible interval.

        Parameters
        ----------
        party : str
            As in `parties`.
        level : float
            Level of the credible interval.

        Returns
        -------
        Quantity
            A number of seats.

        Raises
        ------
        InputError
            If nobody stands for that party or `level` is no probability.
        """
        return quantity(self.seats[:, self._position(party)].astype(float), level, fraction=False)

    def probability_of(self, *parties: str, seats: int | None = None) -> float:
        """Return the probability that parties together win so many seats, never 0 or 1.

        Parameters
        ----------
        *parties : str
            Whose seats to add up.
        seats : int, optional
            At least how many; by default more than half of all.

        Raises
        ------
        InputError
            If nobody stands for one of them.
        """
        least = self.total // 2 + 1 if seats is None else seats
        together = self.seats[:, [self._position(p) for p in dict.fromkeys(parties)]].sum(axis=1)
        return fraction_of((together >= least).sum(), self.draws)

    def _position(self, party: str) -> int:
        if party not in self.parties:
            raise InputError(f"no party {party!r} on this day; {suggest(party, self.parties)}")
        return self.parties.index(party)

    def to_dict(self, level: float = 0.9) -> dict[str, Any]:
        """Return the forecast as plain data, without the draws.

        Parameters
        ----------
        level : float
            Level of the intervals of seats; those of shares stay as they are.

        Raises
        ------
        InputError
            If `level` is no probability.
        """
        return {
            "draws": self.draws,
            "seed": self.seed,
            "total": self.total,
            "decided": dict(self.decided),
            "level": level,
            "seats": {p: self.seats_of(p, level).to_dict() for p in self.parties},
            "majority": {p: self.probability_of(p) for p in self.parties},
            "contests": [
                {
                    "name": c.name,
                    "finalists": list(c.finalists),
                    "parties": list(c.parties),
                    "win_probability": list(c.win_probability),
                    "share": [q.to_dict() for q in c.share],
                }
                for c in self.contests
            ],
        }

    def frames(self) -> Frames:
        """Return the tables of `to_frame`: contests, a row per finalist, and seats by party."""
        return {
            "contests": lambda: [
                {
                    "contest": c.name,
                    "finalist": f,
                    "party": c.parties[k],
                    **c.share[k].columns("share"),
                    "win_probability": c.win_probability[k],
                }
                for c in self.contests
                for k, f in enumerate(c.finalists)
            ],
            "seats": lambda: [
                {
                    "party": p,
                    "seats": q.median,
                    "low": q.interval.low,
                    "high": q.interval.high,
                    "majority": self.probability_of(p),
                }
                for p, q in ((p, self.seats_of(p)) for p in self.parties)
            ],
        }

    def shown(self) -> Shown:
        """Return seats by party as a table."""
        rows = [
            [party, self.seats_of(party).text(), percent(self.probability_of(party))]
            for party in self.parties
        ]
        alone = sum(not c.shares_day for c in self.contests)
        end = Message(
            "{n} seats, {decided} decided before; 90% intervals; {draws} draws",
            n=self.total, decided=sum(self.decided.values()), draws=self.draws,
        )  # fmt: skip
        if alone:
            end = Message("{note}; {n} contests share nothing with the others", note=end, n=alone)
        return Shown(title="", head=["party", "seats", "majority"], rows=rows, notes=[end])


def seats_before(decided: Mapping[str, int]) -> dict[str, int]:
    """Return seats won in the first round, by party; raise `InputError` if they are no counts.

    Examples
    --------
    >>> seats_before({"red": 3})
    {'red': 3}
    """
    if not isinstance(decided, Mapping):
        raise InputError(f"decided: must be a count by party - found {decided!r}")
    for party, won in decided.items():
        whole = isinstance(won, int | np.integer) and not isinstance(won, bool)
        if not isinstance(party, str) or not whole or won < 0:
            raise InputError(f"decided: seats of {party!r} must be a count - found {won!r}")
    return {party: int(won) for party, won in decided.items()}
