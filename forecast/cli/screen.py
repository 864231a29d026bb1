"""What a command shows while and after it works: lines that fit a screen, and a progress bar."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from forecast.display import broken
from forecast.errors import advice_for_the_shell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.progress import Progress


def say(text: object, *, err: bool = False, at: str = "") -> None:
    """Print text as the command line says it, long lines broken between words.

    What follows a break is set in, and advice for both doors names the command line's alone. `at`
    is put before each line, such as the time of day.

    Examples
    --------
    >>> say("one two", at="21:40  ")
    21:40  one two
    """
    lines = [part for line in advice_for_the_shell(str(text)).split("\n") for part in broken(line)]
    print("\n".join(at + line for line in lines), file=sys.stderr if err else None, flush=True)


def say_each(texts: Iterable[object]) -> None:
    """Print texts, each on a line of its own."""
    for text in texts:
        say(text)


def progress_bar() -> Progress:
    """Return a progress bar for terminals; it leaves nothing behind and is silent elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
