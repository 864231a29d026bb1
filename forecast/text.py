"""Tables of plain text."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["aligned"]


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> list[str]:
    r"""Return a table as lines of text.

    Parameters
    ----------
    head : sequence of str
        Names of the columns.
    rows : sequence of sequence of str
        Cells.
    left : int
        How many of the first columns to align on the left; the others are aligned on the right.

    Examples
    --------
    >>> print("\n".join(aligned(["", "votes"], [["ada", "12"], ["ben", "7"]])))
         votes
    ada     12
    ben      7
    """
    table = [head, *rows]
    width = [max(len(line[k]) for line in table) for k in range(len(head))]
    return [
        "  ".join(
            cell.ljust(w) if k < left else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(line, width, strict=True))
        ).rstrip()
        for line in table
    ]
