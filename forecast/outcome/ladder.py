"""What each piece of evidence did to a forecast: one row after another is added to the prior."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from forecast.data.bundle import AnyContest, contest_of
from forecast.display import Brief, Displayed, Frames, Shown, Tabular, figure
from forecast.facts.polls import Poll
from forecast.files.saved import Saved
from forecast.outcome.forecast import Forecast, simulated_forecast
from forecast.outcome.probability import percent
from forecast.outcome.published import published_beliefs
from forecast.signatures import refuses_other_kinds, renamed
from forecast.simulation.engine import simulate
from forecast.transfers.table.protocols import LearnedModel, TransferDistribution

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@renamed(known="published")
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Piece(Brief):
    """One piece of evidence, and the forecast with everything up to it.

    Parameters
    ----------
    name : str
        What it is.
    published : datetime.date or None
        When it became public.
    source : str
        Where it comes from.
    forecast : Forecast
        From this piece and all before it.
    """

    name: str
    published: date | None
    source: str
    forecast: Forecast


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EvidenceLadder(Displayed, Tabular, Saved):
    """The pieces of evidence of a forecast, in the order in which they are added.

    Parameters
    ----------
    pieces : tuple of Piece
        The prior first, then endorsements, then polls; the last one's forecast is the published.
    as_of : datetime.date or None
        Nothing that was published later is in it.
    """

    pieces: tuple[Piece, ...]
    as_of: date | None

    def plot(self, finalist: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw how each piece moved a finalist's share, by default the first's; return the Axes."""
        return figure("ladder_figure", self, finalist, ax)

    def frames(self) -> Frames:
        """Return a row per piece of evidence and finalist."""
        return {
            "pieces": lambda: [
                {"evidence": piece.name, "published": piece.published, **row}
                for piece in self.pieces
                for row in piece.forecast.frames()["shares"]()
            ]
        }

    def kept(self) -> EvidenceLadder:
        """Return it with forecasts that can be kept in a file."""
        return self._with_forecasts([piece.forecast.kept() for piece in self.pieces])

    def whole(self) -> EvidenceLadder:
        """Return what was kept with whole forecasts."""
        return self._with_forecasts([piece.forecast.whole() for piece in self.pieces])

    def _with_forecasts(self, found: Sequence[Forecast]) -> EvidenceLadder:
        pairs = zip(self.pieces, found, strict=True)
        return replace(self, pieces=tuple(replace(piece, forecast=f) for piece, f in pairs))

    def shown(self) -> Shown:
        """Return the table for the finalist who had most votes."""
        first = self.pieces[0].forecast
        contest, finalist = first.contest, first.finalists[0]
        known = contest.electorate == "registered"
        head = ["evidence", "published", "share", "90%", "wins", "credible interval"]
        head += ["turnout", "90%"] if known else []
        title = f"{contest.title or contest.name}: {contest.label(finalist)}"
        return Shown(
            title=title + (f", as of {self.as_of.isoformat()}" if self.as_of else ""),
            head=head,
            rows=[_cells(piece, finalist, known) for piece in self.pieces],
            left=(0, 1),
        )


def _cells(piece: Piece, finalist: str, turnout: bool) -> list[str]:
    share, p = piece.forecast.share(finalist), piece.forecast.win_probability(finalist)
    ci = p.credible_interval
    cells = [piece.name, piece.published.isoformat() if piece.published else ""]
    cells += share.text().split(" ", 1)
    cells += [percent(p.value), f"{percent(ci.low)} to {percent(ci.high)}" if ci else ""]
    if turnout:
        t = piece.forecast.turnout()
        cells += t.text().split(" ", 1)
    return cells


@refuses_other_kinds
def evidence_ladder(
    contest: AnyContest,
    prior: TransferDistribution | LearnedModel | None = None,
    *,
    polls: Iterable[Poll] | None = None,
    as_of: date | None = None,
    draws: int = 100_000,
    seed: int = 0,
    workers: int | None = None,
) -> EvidenceLadder:
    """Forecast a runoff piece of evidence by piece: the prior, each endorsement, each poll.

    Parameters
    ----------
    contest, prior, polls, as_of, seed, workers
        As in `forecast_runoff`.
    draws : int
        Number of draws (even) behind each row.

    Returns
    -------
    EvidenceLadder

    Raises
    ------
    InputError
        As in `forecast_runoff`.

    Notes
    -----
    What a piece adds depends on what is there before it. Polls about the first round, which tell
    how pollsters err, come with the first poll about the runoff.

    Examples
    --------
    >>> from datetime import date
    >>> from forecast import evidence_ladder
    >>> table = evidence_ladder("georgia-2018", as_of=date(2018, 11, 27), draws=2000)
    >>> [piece.name for piece in table.pieces][-1]
    'poll: Gallup International, 2018-11-16 to 2018-11-18'
    """
    contest = contest_of(contest)
    beliefs, day = published_beliefs(contest, prior, polls, as_of)
    pieces = []
    for piece, held in beliefs.steps(contest.label):
        ledger = held.pooled(contest.ledger())
        simulation = simulate(ledger, held, draws=draws, seed=seed, workers=workers)
        found = simulated_forecast(contest, held, simulation, as_of=day)
        pieces.append(
            Piece(name=piece.what, published=piece.published, source=piece.source, forecast=found)
        )
    return EvidenceLadder(pieces=tuple(pieces), as_of=day)
