"""A backtest to be killed: it logs every fold it begins and prints its digest and size.

With a third argument it stands still in its fifth fold, for ever.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import past

from forecast.validation.backtest import backtest
from forecast.validation.baselines import unchanged_share

LOG = Path(sys.argv[1])


@dataclass(frozen=True)
class Logged:
    """A model that says when it begins to learn."""

    def __call__(self, history):
        with LOG.open("a", encoding="utf-8") as file:
            file.write(f"{len(history)}\n")
        while len(sys.argv) > 3 and len(LOG.read_text("utf-8").splitlines()) >= 5:
            time.sleep(1)
        return unchanged_share(history)


if __name__ == "__main__":
    found = backtest(past.runoffs(12, 3), Logged(), draws=200, cache=sys.argv[2])
    print(found.digest, len(found.contests))
