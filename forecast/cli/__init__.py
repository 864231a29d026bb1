"""The command `forecast`: a thin shell over the public functions, one module per group."""

from __future__ import annotations

import gc
import sys

from forecast.cli import evidence, learn, night, run, transfers, validation
from forecast.cli.app import app
from forecast.errors import ForecastError

__all__ = ["app", "evidence", "learn", "main", "night", "run", "transfers", "validation"]


def main() -> None:
    """Run the command; a `ForecastError` becomes one message and exit code 2."""
    gc.set_threshold(100_000)  # objects of imports stay: looking for cycles among them is waste
    try:
        app()
    except ForecastError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    finally:
        gc.freeze()  # the process ends: looking for cycles among what is left takes 0.2 s
