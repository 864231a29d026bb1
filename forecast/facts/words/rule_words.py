"""Rules of advancement in words: "majority and 25% of registered; top two"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from forecast.errors import InputError

NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "twenty": 20}
PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5,
         "fifths": 5, "tenth": 10, "eighth": 8}  # fmt: skip
BASES = {"valid": "valid", "ballots": "ballots", "cast": "ballots", "registered": "registered",
         "electorate": "registered", "eligible": "registered"}  # fmt: skip
"""Words for what a fraction is of."""
ELECTS = {"majority", "win", "wins", "winning", "elect", "elects", "elected", "outright"}
ADVANCES = {"threshold", "advance", "advances", "advancing", "qualify", "qualifies"}
AHEAD = {"ahead", "lead", "margin"}
FILLING = """of the a an at least more than over all vote votes is are for to in first round
    candidate candidates who whoever has have absolute voters people"""
FILLERS = frozenset(FILLING.split())
"""Words that change nothing."""
SURE = 0.4
"""Fraction from which a bare share elects."""
SHARE = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)(?!age)|(\d{1,6})/([1-9]\d{0,5})(?!\d)"
)
POINTS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:percentage\s+points?|points?|pp|pts)\b")
WORD_PART = re.compile(rf"\b(\d+|a|an|one)[\s-]+({'|'.join(PARTS)})\b|\bhalf\b")
BETWEEN = re.compile(r"[;,]|\bor\b|\band\b(?=\s+top\b)")
"""What stands between parts."""
ONE_MORE = re.compile(r"(?:\+|\bplus\b)\s*(?:1|one)\b(?:\s+votes?\b)?")
"""The end of "50% + 1 vote", which is a majority."""
SAID = (
    "rule: must be parts such as 'majority', 'top two', '12.5% of registered', '40% and 10 points "
    "ahead', 'majority of ballots'"
)


@dataclass(frozen=True, kw_only=True)
class _Clause:
    """What a clause says: its shares, points of lead, number after "top", words."""

    text: str
    shares: tuple[float, ...]
    points: tuple[float, ...]
    top: int | None
    words: frozenset[str]

    @property
    def base(self) -> str:
        """What its share is of; empty if it does not say."""
        named = [BASES[w] for w in re.findall(r"\w+", self.text) if w in BASES]
        return named[0] if named else "valid" if self.words & {"vote", "votes"} else ""


def fields_of_rule(text: str) -> dict[str, Any]:
    """Return the fields of `Advancement` that a sentence sets; see `Advancement.from_text`.

    Raises `InputError` if a part, or a word of it, is not understood, or parts contradict each
    other.

    Examples
    --------
    >>> fields_of_rule("majority and 25% of registered")
    {'majority': 0.5, 'majority_of': 'valid', 'quorum': 0.25}
    >>> fields_of_rule("top two; no majority"), fields_of_rule("30% wins")
    ({'seats': 2, 'majority': None}, {'majority': 0.3, 'majority_of': 'valid'})
    """
    plain = ONE_MORE.sub("", re.sub(r"(?<=\d),(?=\d)", ".", text.casefold()))
    parts = [part.strip() for part in BETWEEN.split(plain) if part.strip()]
    found: dict[str, Any] = {}
    bare: list[str] = []
    for part in parts:
        clauses = [_clause(c, part) for c in re.split(r"\band\b|\bwith\b|\bplus\b|&", part)]
        fields = _fields(clauses, part)
        if any(found.get(key, value) != value for key, value in fields.items()):
            raise InputError(f"rule: parts must agree - found {text[:80]!r}; leave one of them out")
        first = clauses[0]
        bare += [part] * ("threshold" in fields and not (first.base or first.words & ADVANCES))
        found |= fields
    if bare and not {"majority", "plurality"} & found.keys():
        raise InputError(
            f"rule: a share must say what it does - found {bare[0]!r}; write '{bare[0]} wins' or "
            f"'{bare[0]} advance'"
        )
    if parts and set(found) == {"seats"}:
        found["majority"] = None
    elif "plurality" in found and "majority" not in found:
        found["majority"] = 0.5
    return found


def _clause(text: str, part: str) -> _Clause:
    """Return what a clause says; raise `InputError` if a word of it is not understood."""
    rest = re.sub(rf"\b({'|'.join(NUMBERS)})\b", lambda m: str(NUMBERS[m[0]]), text)
    rest = WORD_PART.sub(_written, rest)
    points = [float(m[1]) / 100 for m in POINTS.finditer(rest)]
    rest = POINTS.sub(" ", rest)
    shares = [float(m[1]) / 100 if m[1] else int(m[2]) / int(m[3]) for m in SHARE.finditer(rest)]
    rest = SHARE.sub(" ", rest)
    top = re.search(r"\btop[\s-]+(\d{1,6})\b", rest)
    rest = rest.replace(top[0], " ") if top else rest
    words = re.findall(r"\w+|[^\w\s-]", rest)
    if {"turnout", "participation"} & set(words):
        raise InputError(
            f"rule: a threshold of turnout is not supported - found {part[:60]!r}; leave it out or "
            "say which part of the registered the winner needs: 'majority and 25% of registered'"
        )
    known = BASES.keys() | ELECTS | ADVANCES | AHEAD | FILLERS | {"quorum", "no", "without"}
    strange = [w for w in words if w not in known]
    if {"voters", "people"} & set(words) and not BASES.keys() & set(words):
        strange += ["voters", "people"]
    if strange or not (words or shares or points or top):
        said = f"{strange[0]!r} in {part[:60]!r}" if strange and len(words) > 1 else repr(part[:60])
        raise InputError(f"{SAID} - found {said}; separate them by semicolons")
    return _Clause(
        text=rest,
        shares=tuple(shares),
        points=tuple(points),
        top=int(top[1]) if top else None,
        words=frozenset(words),
    )


def _written(found: re.Match[str]) -> str:
    count = found[1] if found[1] and found[1].isdigit() else "1"
    return f"{count}/{PARTS[found[2] or 'half']}"


def _fields(clauses: list[_Clause], part: str) -> dict[str, Any]:
    """Return the fields that one part sets: what its first clause says, and further conditions."""
    first, *others = clauses
    conditions = [_condition(first, other) for other in others]
    found = _first(first, leads=any("lead" in c for c in conditions))
    clear = bool(found) and all(conditions) and (not others or "majority" in found)
    if not clear or len({k for c in conditions for k in c}) < sum(map(len, conditions)):
        raise InputError(f"{SAID} - found {part[:60]!r}; separate them by semicolons")
    for condition in conditions:
        found |= condition
    if "plurality" in found:
        del found["majority"]
        if not first.base:
            del found["majority_of"]
    return found


def _first(clause: _Clause, *, leads: bool) -> dict[str, Any]:
    """Return the fields that a clause of its own sets, none if it says nothing clear."""
    words, base = clause.words, clause.base
    share = clause.shares[0] if clause.shares else None
    found: dict[str, Any] = {}
    if clause.points or words & AHEAD or len(clause.shares) > 1:
        return {}
    if clause.top is not None:
        if share is None and not words & (ELECTS | {"quorum", "no", "without"}):
            found = {"seats": clause.top}
    elif words & {"no", "without"} or share is None:
        if "majority" in words and share is None and not words & (ADVANCES | {"quorum"}):
            found = {"majority": 0.5, "majority_of": base or "valid"}
            found = {"majority": None} if words & {"no", "without"} else found
    elif "quorum" in words:
        found = {"quorum": share} if base in {"", "registered"} else {}
    elif words & ADVANCES or (not words & ELECTS and share < SURE and not leads):
        if not words & ELECTS:
            found = {"threshold": share, "threshold_of": base or "registered"}
    else:
        found = {"majority": share, "majority_of": base or "valid"}
    return found


def _condition(first: _Clause, clause: _Clause) -> dict[str, Any]:
    """Return what must be met as well: a lead, or a part of the registered; none if unclear."""
    amounts = (*clause.points, *clause.shares)
    if len(amounts) != 1:
        return {}
    if clause.points or clause.words & AHEAD:
        return {"plurality": first.shares[0], "lead": amounts[0]} if first.shares else {}
    if clause.base == "registered" or ("quorum" in clause.words and not clause.base):
        return {"quorum": amounts[0]}
    return {}
