"""Every bundled runoff as it could have been forecast then, beside rules anybody can apply.

Usage: ``python benchmarks/gallery.py [--draws N] [--figure FILE.svg] [--json FILE]``

The day after the first round and the eve of the runoff, with what was published by then, polls
among it; rules learn their error from earlier runoffs. Standard errors are clustered by country.
The same as ``forecast scorecard --gallery``.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import forecast
from forecast.report.figures import save
from forecast.validation.gallery import gallery
from forecast.validation.outcomes import Backtest


def covered(test: Backtest) -> list[str]:
    """Return how often intervals of each level held the result, a line a level.

    Parameters
    ----------
    test : Backtest
        The library's forecasts of one day.
    """
    lines = []
    for level, held in test.coverage().items():
        ends = held.interval()
        low, high = (100 * min(max(end, 0.0), 1.0) for end in ends or (0.0, 1.0))
        lines.append(
            f"{100 * level:.0f}% intervals cover {100 * held.value:.1f}% [{low:.0f}, {high:.0f}], "
            f"{held.n} contests in {held.clusters} countries"
        )
    return lines


def main() -> None:
    """Print the table, and write it and every contest's forecast as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--json", type=Path, default=Path("gallery.json"))
    chosen = parser.parse_args()
    start = time.process_time()
    names = forecast.contests()
    pairs = [(forecast.load_contest(n), forecast.load_returns(n)) for n in names]
    found = gallery(pairs, draws=chosen.draws)
    print(found)
    print(f"{time.process_time() - start:.0f} processor seconds")
    print("coverage of this library's intervals, with 90% intervals clustered by country")
    for when, tests in (("day after", found.day_after), ("eve", found.eve)):
        for line in covered(tests[0]) if tests else ():
            print(f"  {when}: {line}")
    if chosen.figure is not None:
        save(found.plot(), chosen.figure)
    out = {"rows": found.rows(), "contests": found.contests()}
    chosen.json.write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
