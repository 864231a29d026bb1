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
    ours = found.day_after[0]
    for level, held in ours.coverage().items():
        ends = held.interval()
        about = f" [{100 * ends[0]:.0f}, {100 * ends[1]:.0f}]" if ends else ""
        print(f"{100 * level:.0f}% intervals cover {100 * held.value:.1f}%{about}")
    if chosen.figure is not None:
        save(found.plot(), chosen.figure)
    out = {"rows": found.rows(), "contests": found.contests()}
    chosen.json.write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
