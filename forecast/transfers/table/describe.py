"""Description: what a distribution of the transfer table says and where from, whatever its kind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import expit, ndtri

from forecast.arrays import FloatArray
from forecast.display import Displayed, Shown, rate_range
from forecast.facts.ledger import NONE
from forecast.facts.polls import Answers, Poll
from forecast.transfers.table.endorsement import Endorsement

ANY = "*"
"""Name of the row that stands for every eliminated candidate without one of their own."""
Triple = tuple[float, float, float]


def text_digest(text: str | bytes) -> str:
    """Return the SHA-256 of a text or of bytes, as 16 hexadecimal digits."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]


def content_digest(value: Any) -> str:
    """Return a digest of arrays, numbers and texts, within dataclasses, mappings and sequences.

    Examples
    --------
    >>> content_digest({"a": np.zeros(2)}) == content_digest({"a": np.zeros(3)})
    False
    """
    return text_digest(b"\x1f".join(_bytes(value)))


def _bytes(value: Any) -> Iterator[bytes]:
    if isinstance(value, np.ndarray):
        yield f"{value.dtype}{value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield item.name.encode()
            yield from _bytes(getattr(value, item.name))
    elif isinstance(value, Mapping):
        for key, held in value.items():
            yield str(key).encode()
            yield from _bytes(held)
    elif isinstance(value, tuple | list):
        yield f"{len(value)}".encode()
        for held in value:
            yield from _bytes(held)
    else:
        yield repr(value).encode()


@dataclass(frozen=True, kw_only=True)
class DescribedRow:
    """What is believed of one group of people.

    Parameters
    ----------
    name : str
        The group: an origin, a role, a political family.
    values : tuple of (mean, low, high)
        One triple for each column of the description, with 5% and 95% points.
    origins : tuple of str
        Origins of the contest that belong to the group, where that is not its name.
    source : str
        Why.
    """

    name: str
    values: tuple[Triple, ...]
    origins: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Description(Displayed):
    """What a distribution says and where from; made by its `describe`.

    Parameters
    ----------
    prior : str
        Its name.
    basis : str
        What it was learned from; empty if people wrote it down.
    heading : str
        What a row is: an origin, a role, a family.
    columns : tuple of str
        What the rows are about: what was stated, or destinations.
    rows : tuple of DescribedRow
        Before endorsements and polls.
    endorsements : tuple of Endorsement
        What moved origins.
    polls : tuple of Poll
        About the runoff, then about the first round.
    shared_variance : mapping of str to float, or None
        Shares of variance that stated rows have in common.
    note : str
        What a reader of the rows must know.
    content : str
        Digest of whatever else tells it from others of its kind.
    """

    prior: str
    basis: str = ""
    heading: str = "origin"
    columns: tuple[str, ...]
    rows: tuple[DescribedRow, ...]
    endorsements: tuple[Endorsement, ...] = ()
    polls: tuple[Poll, ...] = ()
    shared_variance: Mapping[str, float] | None = None
    note: str = "percent, mean and 90% interval, before endorsements and polls"
    content: str = ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all it says, as 16 hexadecimal digits; every kind of prior has one."""
        said = [self.to_dict(), self.content]
        return text_digest(json.dumps(said, sort_keys=True, allow_nan=False, default=str))

    def to_dict(self, origins: Sequence[str] | None = None) -> dict[str, Any]:
        """Return it as plain data: "assumptions" in ``forecast/report/schema.json``.

        Parameters
        ----------
        origins : sequence of str, optional
            Origins of the ledger, to name those of each group in this order.
        """
        common = {"prior": self.prior, "polls": [_poll(poll) for poll in self.polls]}
        if self.basis:
            return common | {
                "learned": {
                    "basis": self.basis,
                    "roles": [_predicted(row, origins) for row in self.rows],
                    "shifts": [_shift(e) for e in self.endorsements if e.strength is None],
                },
                "rows": [],
                "endorsements": [_stated(e) for e in self.endorsements if e.strength is not None],
                "shared_variance": None,
            }
        return common | {
            "learned": None,
            "rows": [
                {
                    "origin": row.name,
                    "participation": np.round(row.values[0], 6).tolist(),
                    "preference": np.round(row.values[1], 6).tolist(),
                    "source": row.source,
                }
                for row in self.rows
            ],
            "endorsements": [_stated(e) for e in self.endorsements],
            "shared_variance": dict(self.shared_variance) if self.shared_variance else None,
        }

    @property
    def title(self) -> str:
        """Name and basis, in one line."""
        return f"Prior {self.prior}" + (f", learned from {self.basis}" if self.basis else "")

    @property
    def added(self) -> tuple[str, ...]:
        """A line for every endorsement and poll."""
        polls = (f"poll about the {poll.round}: {poll.name}" for poll in self.polls)
        return (*map(move_line, self.endorsements), *polls)

    def row_name(self, row: DescribedRow) -> str:
        """Return what to print for a row's name."""
        return "other eliminated" if row.name == ANY else row.name

    def shown(self) -> Shown:
        """Return it as a table, in percent."""
        sources = any(row.source for row in self.rows)
        head = [self.heading, *("nobody" if c == NONE else c for c in self.columns)]
        head += ["source"] * sources
        rows = [
            [self.row_name(row), *(rate_range(*triple) for triple in row.values)]
            + [row.source] * sources
            for row in self.rows
        ]
        left = (0, len(head) - 1) if sources else (0,)
        notes = [self.note, *self.added]
        return Shown(title=self.title, head=head, rows=rows, left=left, notes=notes)


def move_line(e: Endorsement) -> str:
    """Return one line about an endorsement.

    Examples
    --------
    >>> move_line(Endorsement(origin="cid", finalist="ben", logits=-1.0, sd=0.25))
    'cid moved by -1.00 logits (sd 0.25) towards ben'
    """
    if e.strength is None:
        return f"{e.origin} moved by {e.logits:.2f} logits (sd {e.sd:.2f}) towards {e.finalist}"
    follow = f"{e.strength:.0%} of the others follow"
    return f"{e.origin} backs {e.finalist}, {follow} ({e.source})"


def rate_rows(
    names: Sequence[str], rates: FloatArray, origins: Mapping[str, Sequence[str]]
) -> tuple[DescribedRow, ...]:
    """Return rows of mean rates and their 5% and 95% points from draws, (draw, group, destination).

    `origins` says who belongs to each group.
    """
    ends = np.quantile(rates, [0.05, 0.95], axis=0)
    return described_rows(names, np.stack([rates.mean(axis=0), *ends]), origins)


def described_rows(
    names: Sequence[str], values: FloatArray, origins: Mapping[str, Sequence[str]]
) -> tuple[DescribedRow, ...]:
    """Return rows of values (3, group, column): means, 5% and 95% points."""
    return tuple(
        DescribedRow(
            name=name, values=tuple((m, a, b) for m, a, b in row), origins=tuple(origins[name])
        )
        for name, row in zip(names, np.moveaxis(values, 0, -1).tolist(), strict=True)
    )


def _predicted(row: DescribedRow, order: Sequence[str] | None) -> dict[str, Any]:
    here = row.origins if order is None else [o for o in order if o in row.origins]
    mean, low, high = (list(x) for x in zip(*row.values, strict=True))
    return {"role": row.name, "origins": list(here), "mean": mean, "low": low, "high": high}


def _stated(e: Endorsement) -> dict[str, Any]:
    if e.strength is None:
        return {"strength": None, **_shift(e)}
    return {
        "origin": e.origin,
        "finalist": e.finalist,
        "strength": e.strength,
        "published": e.published.isoformat() if e.published else None,
        "source": e.source,
    }


def _shift(e: Endorsement) -> dict[str, Any]:
    size, sd = e.logits or 0.0, e.sd or 0.0
    return {
        "origin": e.origin,
        "finalist": e.finalist,
        "logits": size,
        "sd": sd,
        "of_half": expit(size + sd * ndtri([0.5, 0.05, 0.95])).tolist(),
        "published": e.published.isoformat() if e.published else None,
        "source": e.source,
    }


def _poll(poll: Poll) -> dict[str, Any]:
    """Return what a poll found and who it is by."""
    return {
        "name": poll.name,
        "round": poll.round,
        "sponsor": poll.sponsor,
        "side": poll.side,
        "published": poll.published.isoformat() if poll.published else None,
        "design_effect": poll.design_effect,
        **_answers(poll.answers),
        "by_origin": {origin: _answers(a) for origin, a in poll.by_origin.items()},
        "source": poll.source,
    }


def _answers(answers: Answers) -> dict[str, Any]:
    return {
        "n": answers.n,
        "base": answers.base,
        "shares": dict(answers.shares),
        "undecided": answers.undecided,
        "would_not_vote": answers.would_not_vote,
    }
