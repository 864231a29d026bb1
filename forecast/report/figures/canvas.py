"""Axes without global state, colours that read in grey, and figures as files or SVG elements.

The colours (Okabe & Ito 2008) differ in lightness as well as hue, and every figure says in words,
markers or line styles what its colours say.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import Any, cast

from forecast.errors import InputError
from forecast.files.writing import write_whole

FIRST, SECOND, INK, PAPER = "#0072B2", "#E69F00", "#222222", "#ffffff"
COLOURS, STYLES = (FIRST, SECOND, "#009E73", "#CC79A7"), ("-", "--", ":", "-.")
WIDTH = 4.7
"""Inches: wide enough for a page, and readable when it is shrunk to a telephone."""
SMALLEST = 12.0
"""Points of the smallest text: as many pixels on a telephone 390 pixels wide."""
LONGEST = 34
"""Letters of a name that are drawn; longer ones would leave no room for the figure."""


def axes(ax: Any, height: float = 3.0) -> Any:
    """Return `ax`, or the Axes of a new Figure that pyplot knows nothing of."""
    if ax is not None:
        if not hasattr(ax, "add_patch"):
            raise InputError(
                f"plot: ax must be matplotlib Axes - found {ax!r:.40}; leave it out for new ones"
            )
        return ax
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure.add_subplot(axes_class=_displayed())


@cache
def _displayed() -> Any:
    """Return a class of Axes that a notebook shows when a cell ends with one."""
    from matplotlib.axes import Axes

    class Displayed(Axes):
        """Axes that pyplot knows nothing of, so that they show themselves."""

        def _repr_png_(self) -> bytes:
            buffer, figure = io.BytesIO(), cast(Any, self.figure)
            figure.savefig(buffer, format="png", dpi=120)
            return buffer.getvalue()

    return Displayed


def verbatim(text: str, longest: int = LONGEST) -> str:
    """Return text that Matplotlib prints as it is, shortened: a dollar would start mathematics."""
    short = text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
    return short.replace("$", r"\$")


def wrapped(text: str, width: int, lines: int = 2) -> str:
    r"""Return text in lines of some letters, shortened if they do not suffice.

    Examples
    --------
    >>> wrapped("Gallup International", 14)
    'Gallup\nInternational'
    >>> wrapped("one two three four five", 8)
    'one two\nthree…'
    """
    short = fill(text, width, max_lines=lines, placeholder="…", break_long_words=True)
    return short.replace("$", r"\$")


def plain(ax: Any, *, keep: tuple[str, ...] = ("bottom",)) -> None:
    """Remove the frame but for the sides to keep, and the tick marks."""
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(side in keep)
        ax.spines[side].set_color(INK)
    ax.tick_params(length=0, colors=INK, labelsize=9.5)
    for label in (ax.xaxis.label, ax.yaxis.label, ax.title):
        label.set_color(INK)
        label.set_size(9.5)


def save(ax: Any, path: Path) -> None:
    """Write the figure of `ax` in the format of the path's ending, whole or not at all.

    Raises
    ------
    InputError
        If the ending is no format of Matplotlib or the file cannot be written.
    """
    buffer = io.BytesIO()
    try:
        ax.figure.savefig(buffer, format=path.suffix.lstrip(".") or "none", dpi=150)
    except ValueError as error:
        raise InputError(f"{path.name}: must end in .svg, .png or .pdf - {error}") from None
    write_whole(path, buffer.getvalue())


def svg(ax: Any, *, title: str, text: str = "") -> str:
    """Return the figure of `ax` as an SVG element of a page, with a title and a text alternative.

    Ink and paper become those of the page, fonts too; no style attribute is left, so that a strict
    Content-Security-Policy can forbid them. The title is unique in its page; the text says what
    there is to see, for those who cannot.
    """
    import matplotlib
    from markupsafe import Markup, escape

    buffer = io.StringIO()
    own_layout = dict.fromkeys(("figure.autolayout", "figure.constrained_layout.use"), False)
    options = {"svg.fonttype": "none", "svg.hashsalt": title, **own_layout}
    engine = ax.figure.get_layout_engine()
    legible(ax.figure)
    with matplotlib.rc_context(options), warnings.catch_warnings():
        # Text stays text: the reader's browser has the fonts that Matplotlib lacks.
        warnings.filterwarnings("ignore", message="Glyph")
        # Names of wide letters only: drawn over each other rather than not at all.
        warnings.filterwarnings("ignore", message="constrained_layout not applied")
        if engine is not None:  # laid out once, rather than by drawing everything twice
            engine.execute(ax.figure)
            ax.figure.set_layout_engine(None)
        with lines_apart(ax.figure):
            ax.figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        ax.figure.set_layout_engine(engine)
    body = buffer.getvalue()
    body = _attributes(body[body.index("<svg") :])
    size = re.search(r'viewBox="[^"]*"', body)
    inside = re.sub(r"^<svg[^>]*>|<metadata>.*?</metadata>|<style.*?</style>", "", body, flags=re.S)
    name = re.sub(r"\W+", "-", title.casefold())
    return Markup(
        f'<svg role="img" aria-labelledby="{name}-title {name}-text" {size[0] if size else ""} '
        'fill="currentColor" stroke-linejoin="round" stroke-linecap="butt" '
        'xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-text">{escape(text)}</desc>{inside}'
    )


def font_and_letters() -> tuple[str, frozenset[str]]:
    """Return the name of the font of figures, and the letters that it has."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties()))
    return str(font.family_name), frozenset(map(chr, font.get_charmap()))


def legible(figure: Any) -> None:
    """Make every text of a figure large enough to be read on a telephone."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), SMALLEST))


@contextmanager
def lines_apart(figure: Any) -> Iterator[None]:
    """Show texts of several lines as a text each, so that a browser aligns them by its own font.

    An SVG file says where the lines of one text begin by the widths of Matplotlib's font.
    """
    from matplotlib.text import Text

    width, height = figure.bbox.width, figure.bbox.height
    several = [
        text
        for text in figure.findobj(Text)
        if "\n" in text.get_text() and text.get_visible() and not text.get_rotation()
    ]
    added = []
    for text in several:
        box, lines = text.get_window_extent(), text.get_text().split("\n")
        side = text.get_horizontalalignment()
        x = {"left": box.x0, "right": box.x1}.get(side, (box.x0 + box.x1) / 2)
        for k, line in enumerate(lines):
            y = box.y1 - (k + 0.5) * (box.y1 - box.y0) / len(lines)
            one = figure.text(x / width, y / height, line, ha=side, va="center")
            one.set(fontproperties=text.get_fontproperties(), color=text.get_color())
            added.append(one)
        text.set_visible(False)
    yield
    for text in added:
        text.remove()
    for text in several:
        text.set_visible(True)


def _attributes(body: str) -> str:
    """Return SVG text with style attributes spelled out, page colours and no group names."""
    body = re.sub(r' style="([^"]*)"', lambda m: _spelled(m[1]), body)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.S)
    body = body.replace(f'"{INK}"', '"currentColor"').replace(f'"{PAPER}"', '"var(--paper, #fff)"')
    return re.sub(r"(\d\.\d{2})\d+", r"\1", re.sub(r"\n\s*", "\n", body))


def _spelled(style: str) -> str:
    """Return declarations as presentation attributes; the font family is the page's."""
    out = ""
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name == "font":
            size = re.search(r"[\d.]+px", value)
            out += f' font-size="{size[0]}"' if size else ""
            out += ' font-weight="bold"' if re.search(r"\b(bold|700)\b", value) else ""
        elif name and name != "font-family":
            out += f' {name}="{value}"'
    return out
