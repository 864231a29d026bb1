"""How results are shown: one record of rows for text and notebooks, a short repr, and figures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from forecast.errors import InputError, suggest

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

MOST_ROWS = 14
"""Rows of a table that notebooks show; the rest is counted."""
LONGEST = 160
"""Characters of a repr after which fields are left out."""
WIDTH = 140
"""Characters of a printed line."""
FEW = 3
"""Items of a tuple or mapping that a repr still shows."""

Rows = Sequence[Sequence[str]]
Frames = Mapping[str, Callable[[], Sequence[Mapping[str, Any]]]]
"""How to make the rows of each table of a result, by name; the usual one first."""


class Message(str):
    """A sentence in English that pages can say in other languages, as they keep its template.

    Parameters
    ----------
    template : str
        The sentence with ``{name}`` for each value.
    english : str, optional
        The sentence where the template does not make good English, as for one unit.
    **values : str, int or float
        What to fill in: whole numbers get marks for thousands, others are fractions, in percent.

    Examples
    --------
    >>> note = Message("{votes} of {column} are of nobody", votes=1200, column="valid")
    >>> note, note.template
    ('1,200 of valid are of nobody', '{votes} of {column} are of nobody')
    """

    template: str
    values: Mapping[str, str | float]

    def __new__(cls, template: str, /, *, english: str = "", **values: str | float) -> Message:
        """Fill the template in."""
        forms = {int: "{:,}", float: "{:.0%}"}
        shown = {k: forms.get(type(v), "{}").format(v) for k, v in values.items()}
        made = super().__new__(cls, english or template.format(**shown))
        made.template, made.values = template, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Let copies and pickles be made."""
        return (self.template,), {"english": str(self), **self.values}


def aligned(head: Sequence[str], rows: Rows, *, left: int | Collection[int] = 1) -> list[str]:
    r"""Return a table as lines of text.

    Parameters
    ----------
    head : sequence of str
        Names of the columns.
    rows : sequence of sequence of str
        Cells.
    left : int or collection of int
        How many of the first columns, or which, to align on the left; the others on the right.

    Examples
    --------
    >>> print("\n".join(aligned(["", "votes"], [["ada", "12"], ["ben", "7"]])))
         votes
    ada     12
    ben      7
    """
    table, on_left = [head, *rows], range(left) if isinstance(left, int) else left
    width = [max(len(line[k]) for line in table) for k in range(len(head))]
    return [
        "  ".join(
            cell.ljust(w) if k in on_left else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(line, width, strict=True))
        ).rstrip()
        for line in table
    ]


def broken(line: str, width: int = WIDTH) -> list[str]:
    """Return a line in parts of some width, broken between words; later ones are set in.

    Examples
    --------
    >>> broken("one two three", 8)
    ['one two', '  three']
    """
    from textwrap import wrap

    if len(line) <= width:
        return [line]
    return wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def rate(x: float) -> str:
    """Return a fraction of people in whole percent; very few are not none.

    Examples
    --------
    >>> rate(0.384), rate(0.002), rate(0.999), rate(0.0)
    ('38', '<1', '>99', '0')
    """
    if 0 < x < 0.005:
        return "<1"
    if 0.995 < x < 1:
        return ">99"
    return f"{100 * x:.0f}"


def rate_range(mean: float, low: float, high: float) -> str:
    """Return mean and interval of a fraction, such as "38 [20, 61]"."""
    return f"{rate(mean)} [{rate(low)}, {rate(high)}]"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A result as a table, for the terminal and for notebooks.

    Parameters
    ----------
    title : str
        What it is about.
    facts : sequence of str
        What to say before the table.
    head : sequence of str
        Names of the columns.
    rows : sequence of sequence of str
        Cells; the first of each row names it.
    total : sequence of sequence of str
        Rows that are never left out, such as a sum.
    notes : sequence of str
        Lines under the table.
    left : collection of int
        Columns of words, aligned on the left.

    Examples
    --------
    >>> shown = Shown(title="First round", head=["", "votes"], rows=[["<ada>", "12"]])
    >>> print(shown.text())
    First round
           votes
    <ada>     12
    >>> "&lt;ada&gt;" in shown.html()
    True
    """

    title: str
    facts: Sequence[str] = ()
    head: Sequence[str]
    rows: Rows
    total: Rows = ()
    notes: Sequence[str] = ()
    left: Collection[int] = (0,)

    def text(self) -> str:
        """Return it as aligned text."""
        table = aligned(self.head, [*self.rows, *self.total], left=self.left)
        return "\n".join([*[self.title] * bool(self.title), *self.facts, *table, *self.notes])

    def html(self) -> str:
        """Return it as an HTML table, every name escaped, nothing loaded; long ones cut short."""
        from markupsafe import escape

        hidden = len(self.rows) - MOST_ROWS if len(self.rows) > MOST_ROWS + 1 else 0
        shown = [*self.rows[: len(self.rows) - hidden], *self.total]
        body = "".join(self._cells(row, "td", "row") for row in shown)
        lines = [*[f"and {hidden} more rows"] * bool(hidden), *self.notes]
        below = "".join(f"<div>{escape(line)}</div>" for line in lines)
        title = escape(", ".join([*[self.title] * bool(self.title), *self.facts]))
        return (
            f'<div><table><caption style="text-align:left;font-weight:bold">{title}</caption>'
            f"<thead>{self._cells(self.head, 'th', 'col')}</thead><tbody>{body}</tbody></table>"
            f"{below}</div>"
        )

    def _cells(self, line: Sequence[str], tag: str, scope: str) -> str:
        from markupsafe import escape

        out = ""
        for k, cell in enumerate(line):
            side = "left" if k in self.left else "right"
            name, extra = ("th", f' scope="{scope}"') if tag == "th" or k == 0 else ("td", "")
            out += f'<{name}{extra} style="text-align:{side}">{escape(cell)}</{name}>'
        return f"<tr>{out}</tr>"


class Brief:
    """Base of records that may be large: their repr names the fields and stays short."""

    def __repr__(self) -> str:
        """Return the type and its fields: small values as they are, others by size or type."""
        out: list[str] = []
        cut = False
        for item in fields(self):  # type: ignore[arg-type]
            text = f"{item.name}={brief(getattr(self, item.name))}"
            cut = cut or len(", ".join([*out, text])) > LONGEST
            if item.repr and not cut:
                out.append(text)
        return f"{type(self).__name__}({', '.join([*out, *['...'] * cut])})"


class Displayed(Brief):
    """Base of results that are printed and shown in notebooks from one record."""

    def shown(self) -> Shown:
        """Return what to show of it: here its short form alone."""
        return Shown(title=repr(self), head=(), rows=())

    def __str__(self) -> str:
        """Return it as aligned text."""
        return self.shown().text()

    def _repr_html_(self) -> str:
        return self.shown().html()


class Tabular(ABC):
    """Base of results that are tables for those who compute with them."""

    @abstractmethod
    def frames(self) -> Frames:
        """Return how to make the rows of each table, by name; the usual one first."""

    def to_frame(self, what: str | None = None) -> pandas.DataFrame:
        """Return a table as a pandas data frame; shares and rates are fractions.

        Parameters
        ----------
        what : str, optional
            Which table, as named by `frames`; by default the first.

        Raises
        ------
        InputError
            If there is no such table.
        """
        import pandas

        tables = self.frames()
        name = next(iter(tables)) if what is None else what
        if name not in tables:
            raise InputError(f"to_frame: no table {name!r} of it; {suggest(name, tuple(tables))}")
        return pandas.DataFrame(list(tables[name]()))


def brief(value: Any) -> str:
    """Return a value in a few characters.

    Examples
    --------
    >>> import numpy as np
    >>> brief(np.zeros((2, 3))), brief(("ada", "ben")), brief({"a": 1, "b": 2, "c": 3, "d": 4})
    ('float64[2, 3]', "('ada', 'ben')", '4 items')
    """
    import numpy as np  # here, since the shell waits at every Tab for what this module imports

    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, Mapping | tuple | list | set | frozenset):
        whole = repr(value) if len(value) <= FEW else ""
        return whole if 0 < len(whole) <= LONGEST // 3 else f"{len(value)} items"
    whole = repr(value)
    if isinstance(value, str):
        return whole if len(whole) <= LONGEST // 3 else f"{whole[: LONGEST // 3]}...'"
    return whole if len(whole) <= LONGEST // 4 else f"<{type(value).__name__}>"


def figure(name: str, *arguments: Any) -> Axes:
    """Draw a figure of `forecast.report.figures` and return its Axes: the only way to one.

    Matplotlib is imported when something is drawn.
    """
    drawn = getattr(import_module("forecast.report.figures"), name)(*arguments)
    return cast("Axes", drawn)
