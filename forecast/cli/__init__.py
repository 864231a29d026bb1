"""The command `forecast`: a thin shell over the public functions, one module per group."""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress
from typing import Any

from forecast.cli import (
    before,
    doctor,
    evidence,
    learn,
    many,
    night,
    run,
    stress,
    template,
    transfers,
    validation,
)
from forecast.cli.app import app
from forecast.cli.screen import say
from forecast.errors import ForecastError, for_the_shell

__all__ = [
    "app",
    "before",
    "doctor",
    "evidence",
    "learn",
    "main",
    "many",
    "night",
    "run",
    "stress",
    "template",
    "transfers",
    "validation",
]


def main() -> None:
    """Run the command; a `ForecastError` becomes one message and exit code 2.

    Whatever the terminal's encoding lacks is printed as an escape. A reader that goes away (a
    closed pipe) ends the command quietly; an output that cannot be written, such as one on a full
    device, is an error.
    """
    gc.set_threshold(500_000)  # objects of imports stay: looking for cycles among them is waste
    for screen in (sys.stdout, sys.stderr):
        if isinstance(screen, io.TextIOWrapper):
            screen.reconfigure(errors="backslashreplace")
    try:
        code = _code()
        if sys.stdout is not None:  # None: the caller closed it
            sys.stdout.flush()
    except BrokenPipeError:
        code = CLOSED_PIPE
    except OSError as error:
        code = _said(f"error: the output must be writable - {error.strerror or error}")
    finally:
        gc.freeze()  # the process ends: looking for cycles among what is left takes 0.2 s
    _let_go(sys.stdout)
    sys.exit(code)


CLOSED_PIPE = 1
"""Exit code of a command whose reader went away before it had read all."""


def _code() -> int:
    """Run the command and return its exit code."""
    try:
        app()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except ForecastError as error:
        return _said(f"error: {for_the_shell(str(error))}")
    except KeyboardInterrupt:
        return _said("stopped", 130)
    return 0


def _said(text: str, code: int = 2) -> int:
    """Say why the command ends, if anybody listens, and return its exit code."""
    with suppress(OSError):
        say(text, err=True)
    return code


def _let_go(screen: Any) -> None:
    """Give up what could not be written, so that the interpreter does not try it again."""
    try:
        screen.flush()
    except (AttributeError, OSError, ValueError):
        with suppress(AttributeError, OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), screen.fileno())
