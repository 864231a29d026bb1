"""Conditions in words: "turnout >= 52%", "bakradze -> vashadze >= 70%"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.ledger import Ledger
from forecast.outcome.probability import turnout_fraction

FORMS = (
    "'turnout >= 52%', 'participation of non-voters <= 10%', 'share of ben >= 48%' or "
    "'ada -> ben >= 70%' (of ada's voters who vote, those for ben)"
)
PATTERN = re.compile(
    r"^\s*(?P<what>.+?)\s*(?P<op>>=|<=|>|<)\s*(?P<value>[0-9.]+)\s*(?P<unit>%?)\s*$"
)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A range for one quantity of a draw.

    Parameters
    ----------
    text : str
        As it was written.
    what : str
        "turnout", "participation", "share" or "preference".
    origin, finalist : str
        The names it is about, empty where not needed.
    low, high : float
        The range, fractions.
    """

    text: str
    what: str
    origin: str = ""
    finalist: str = ""
    low: float = 0.0
    high: float = 1.0

    @classmethod
    def parse(cls, text: str, key: Callable[[str], str] = str) -> Condition:
        """Read a condition; ``>`` counts as ``>=`` and ``<`` as ``<=``.

        `key` returns the key of an origin or finalist as people name it.

        Raises
        ------
        InputError
            If the condition has none of the known forms or `key` does not know a name.
        """
        match = PATTERN.match(text)
        if match is None:
            raise InputError(f"condition {text!r}: must look like {FORMS}")
        try:
            value = float(match["value"]) / (100 if match["unit"] else 1)
        except ValueError:
            value = np.nan
        if not 0 <= value <= 1:
            raise InputError(
                f"condition {text!r}: needs a fraction from 0 to 1, or a number with %"
            )
        low, high = (value, 1.0) if match["op"].startswith(">") else (0.0, value)
        what, origin, finalist = match["what"], "", ""
        if "->" in what:
            origin, finalist = (part.strip() for part in what.split("->", 1))
            what = "preference"
        elif what.startswith("participation of "):
            what, origin = "participation", what.removeprefix("participation of ").strip()
        elif what.startswith("share of "):
            what, finalist = "share", what.removeprefix("share of ").strip()
        elif what != "turnout":
            raise InputError(f"condition {text!r}: must look like {FORMS}")
        return cls(
            text=text,
            what=what,
            origin=key(origin) if origin else "",
            finalist=key(finalist) if finalist else "",
            low=low,
            high=high,
        )

    def holds(
        self, ledger: Ledger, rates: FloatArray, votes: FloatArray, ballots_per_vote: float
    ) -> npt.NDArray[np.bool_]:
        """Return which draws meet the condition.

        Rates have shape (origin, finalist, draw), votes of the runoff (finalist, draw).

        Raises
        ------
        InputError
            If a name is unknown.
        """
        finalists = ledger.destinations[:-1]
        if self.finalist and self.finalist not in finalists:
            raise InputError(f"condition {self.text!r}: {self.finalist!r} is no finalist")
        if self.what == "turnout":
            if "non-voters" not in ledger.kinds:
                raise InputError(
                    f"condition {self.text!r}: turnout is unknown, since this contest leaves "
                    "non-voters out"
                )
            value = turnout_fraction(votes.sum(axis=0), ballots_per_vote, ledger.people)
        elif self.what == "share":
            value = votes[finalists.index(self.finalist)] / votes.sum(axis=0)
        else:
            origin = rates[ledger.index(self.origin)]
            value = origin.sum(axis=0)
            if self.what == "preference":
                value = origin[finalists.index(self.finalist)] / value
        return np.asarray((value >= self.low) & (value <= self.high))
