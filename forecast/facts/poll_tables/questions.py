"""Tables with a row for each answer: where one question of a poll ends and the next begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from forecast.arrays import grouped
from forecast.errors import InputError
from forecast.facts.poll_tables.cells import FEWEST


class Answer(NamedTuple):
    """A row that says how many named whom: its number, the name, the share, if it is a person."""

    row: int
    name: str
    share: float
    person: bool


def questions_of(
    answers: Sequence[Answer], telling: Iterable[Mapping[int, str]], where: Mapping[int, str]
) -> list[list[Answer]]:
    """Return the answers to each question.

    Parameters
    ----------
    answers : sequence of Answer
        Of one poll, in the order of the table.
    telling : iterable of mapping
        For each column that may tell questions apart, what it says in each row.
    where : mapping of int to str
        The rows, for messages.

    Raises
    ------
    InputError
        If somebody has two shares and nobody can tell which belongs to which question.

    Examples
    --------
    >>> told = [("ada", 0.4), ("ben", 0.3), ("cid", 0.15), ("ada", 0.48), ("ben", 0.44)]
    >>> rows = [Answer(i, name, x, True) for i, (name, x) in enumerate(told)]
    >>> [[a.row for a in found] for found in questions_of(rows, [], dict.fromkeys(range(5), ""))]
    [[0, 1, 2], [3, 4]]
    """
    if len({a.name for a in answers}) == len(answers):
        return [[*answers]]
    telling = [*telling]
    for k, cells in enumerate(telling):
        parts = grouped((cells[answer.row], answer) for answer in answers)
        if len(parts) > 1 and all(map(_is_list, parts.values())) and _tells(answers, cells):
            rest = telling[k + 1 :]
            return [q for part in parts.values() for q in questions_of(part, rest, where)]
    return _in_order(answers, where)


def _is_list(answers: Sequence[Answer]) -> bool:
    return len({a.name for a in answers if a.person}) >= FEWEST


def _tells(answers: Sequence[Answer], cells: Mapping[int, str]) -> bool:
    """Return whether a column says different things about one name, as a party does not."""
    return len({(a.name, cells[a.row]) for a in answers}) > len({a.name for a in answers})


def _in_order(answers: Sequence[Answer], where: Mapping[int, str]) -> list[list[Answer]]:
    """Return questions of which the next begins where a name of a whole list comes again."""
    found: list[list[Answer]] = [[]]
    doubled: Answer | None = None
    for answer in answers:
        same = next((a for a in found[-1] if a.name == answer.name), None)
        if same is not None and not _is_list(found[-1]):
            if same.share != answer.share:
                raise _unclear(same, answer, where)
            doubled = answer
            continue
        if same is not None:
            found.append([])
        found[-1].append(answer)
    kept: list[list[Answer]] = []
    for question in found:
        told = {(a.name, a.share) for a in question}
        if any(told <= {(a.name, a.share) for a in earlier} for earlier in kept):
            continue
        if kept and (doubled or not _is_list(question)):
            first = next(a for a in answers if a.name == question[0].name)
            raise _unclear(first, question[0], where)
        kept.append(question)
    return kept


def _unclear(first: Answer, second: Answer, where: Mapping[int, str]) -> InputError:
    return InputError(
        f"{where[second.row]}, {second.name!r}: a candidate must have one share in a question - "
        f"found {first.share:g} and {second.share:g}; give each question its own 'poll'"
    )
