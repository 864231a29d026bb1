"""How voters of families divide among the others, as coordinates, and the transfer table they make.

A voter of a contest weighs three things: finalist A, finalist B and staying away, whose utility is
zero. Utilities are sums of coordinates that belong to families and so to every contest::

    voter of g for a finalist of A:   mobilisation + participation[g] + appeal[A]
                                      + affinity[block of g, block of A] + affinity[g, A]
    non-voter for a finalist of A:    mobilisation + participation[non-voters] + appeal[A]
                                      + affinity[non-voters, A]
    A's own voter for A:              mobilisation + retention + retention[A]
    A's own voter for a rival of B:   mobilisation + leakage + appeal[B] + leakage[A, B]

and the row of the transfer table is the softmax of (u_A, u_B, 0): participation and preference of
one origin follow from the same affinities (multinomial logit).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.facts.ledger import NON_VOTERS


@dataclass(frozen=True)
class Group:
    """Coordinates of one kind."""

    mean: float  #: mean, sd: what is assumed of each before any evidence, in logits
    sd: float
    day: float  #: first guess of the standard deviation between days, which is then learned


GROUPS = {
    "mobilisation": Group(0.0, 0.1, 0.2),
    "participation": Group(0.0, 1.0, 0.3),
    "participation of non-voters": Group(-2.7, 1.0, 0.2),
    "appeal": Group(0.0, 0.5, 0.15),
    "affinity of blocks": Group(0.0, 1.0, 0.1),
    "affinity": Group(0.0, 1.0, 0.3),
    "affinity of non-voters": Group(0.0, 0.5, 0.15),
    "retention": Group(2.5, 1.0, 0.1),
    "retention of a family": Group(0.0, 0.5, 0.2),
    "leakage": Group(-1.0, 1.0, 0.2),
    "leakage between families": Group(0.0, 0.7, 0.2),
}
"""All assumed, weak, and set before any forecast was scored: most finalists' voters stay, few
non-voters appear, and families differ by about a logit."""


@dataclass(frozen=True, kw_only=True)
class FamilyCoordinates:
    """Names of all coordinates of some families."""

    families: tuple[str, ...]  #: families, in a fixed order
    blocks: Mapping[str, str]  #: block of every family; families of a block resemble each other

    @cached_property
    def names(self) -> dict[str, str]:
        """Every coordinate's name and its group, in order."""
        everyone, blocks = self.families, sorted(set(self.blocks.values()))
        found = {"mobilisation": "mobilisation", "retention": "retention", "leakage": "leakage"}
        found[f"participation of {NON_VOTERS}"] = "participation of non-voters"
        for f in everyone:
            found[f"participation of {f}"] = "participation"
            found[f"appeal of {f}"] = "appeal"
            found[f"retention of {f}"] = "retention of a family"
            found[f"affinity of {NON_VOTERS} to {f}"] = "affinity of non-voters"
        for f in everyone:
            for g in everyone:
                found[f"affinity of {f} to {g}"] = "affinity"
                found[f"leakage of {f} to {g}"] = "leakage between families"
        for a in blocks:
            for b in blocks:
                found[f"affinity of block {a} to block {b}"] = "affinity of blocks"
        return found

    @cached_property
    def place(self) -> dict[str, int]:
        """Position of every coordinate."""
        return {name: i for i, name in enumerate(self.names)}

    @property
    def mean(self) -> FloatArray:
        """What is assumed of every coordinate, shape (coordinate,)."""
        return np.array([GROUPS[group].mean for group in self.names.values()])

    @property
    def sd(self) -> FloatArray:
        """How surely, shape (coordinate,)."""
        return np.array([GROUPS[group].sd for group in self.names.values()])

    @cached_property
    def group(self) -> npt.NDArray[np.int64]:
        """Position of every coordinate's group in `GROUPS`, shape (coordinate,)."""
        order = list(GROUPS)
        return np.array([order.index(group) for group in self.names.values()])

    def about(self, families: Collection[str]) -> npt.NDArray[np.bool_]:
        """Return which coordinates are about one of these families, shape (coordinate,)."""
        words = [
            f"{what} of {f}" for what in ("participation", "appeal", "retention") for f in families
        ]
        words += [f"affinity of {NON_VOTERS} to {f}" for f in families]
        for f in families:
            for g in self.families:
                words += [
                    f"{what} of {a} to {b}"
                    for what in ("affinity", "leakage")
                    for a, b in ((f, g), (g, f))
                ]
        found = set(words)
        return np.array([name in found for name in self.names])

    def design(self, kinds: Sequence[str], origins: Sequence[str]) -> FloatArray:
        """Return how utilities add up from coordinates, shape (origin, finalist, coordinate).

        `kinds` are those of `Ledger`, the finalists in order of the destinations; `origins` are
        families, ignored for invalid ballots and non-voters.
        """
        rows = [r for r, kind in enumerate(kinds) if kind == "finalist"]
        pair = [origins[r] for r in rows]
        out = np.zeros((len(kinds), len(pair), len(self.names)))
        for r, (kind, family) in enumerate(zip(kinds, origins, strict=True)):
            for k, finalist in enumerate(pair):
                terms = ["mobilisation"]
                if kind == "finalist" and rows[k] == r:
                    terms += ["retention", f"retention of {family}"]
                elif kind == "finalist":
                    terms += ["leakage", f"leakage of {family} to {finalist}"]
                    terms += [f"appeal of {finalist}"]
                else:
                    origin = family if kind == "eliminated" else NON_VOTERS
                    terms += [f"participation of {origin}", f"affinity of {origin} to {finalist}"]
                    terms += [f"appeal of {finalist}"]
                if kind == "eliminated":
                    a, b = self.blocks[family], self.blocks[finalist]
                    terms += [f"affinity of block {a} to block {b}"]
                out[r, k, [self.place[term] for term in terms]] = 1.0
        return out


def as_member(
    new: FamilyCoordinates, old: FamilyCoordinates, name: str, member: str
) -> npt.NDArray[np.int64]:
    """Return which old coordinates stand for those with one more family, (new coordinate,).

    The family `name`, which has a block of its own, is taken to be the known one `member`.
    """
    families = {f: f for f in old.families} | {name: member}
    blocks = {b: b for b in old.blocks.values()} | {new.blocks[name]: old.blocks[member]}
    words = ("mobilisation", "retention", "leakage", f"participation of {NON_VOTERS}")
    known = {word: word for word in words}
    for f, one in families.items():
        for text in ("participation of {}", "appeal of {}", "retention of {}"):
            known[text.format(f)] = text.format(one)
        known[f"affinity of {NON_VOTERS} to {f}"] = f"affinity of {NON_VOTERS} to {one}"
        for g, other in families.items():
            for text in ("affinity of {} to {}", "leakage of {} to {}"):
                known[text.format(f, g)] = text.format(one, other)
    for a, one in blocks.items():
        for b, other in blocks.items():
            text = "affinity of block {} to block {}"
            known[text.format(a, b)] = text.format(one, other)
    return np.array([old.place[known[coordinate]] for coordinate in new.names])
