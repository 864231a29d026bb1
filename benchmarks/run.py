"""Run every benchmark, write one JSON, and say what changed since another.

Usage: ``python benchmarks/run.py [--tiny] [--only NAME ...] [--repeats N] [--json FILE]
[--compare OLD.json]``

Each benchmark runs in a process of its own and prints its own table, with peers and floor. The JSON
has machine, versions and commit, and for every number of every benchmark its repetitions, median
and range. A number that every repetition gave alike, such as a coverage, has changed if it is
another; one that varied, such as a time, if the new range lies outside the old one by more than
10%. One repetition says nothing about noise, so give ``--repeats 3`` or more to both; else what
differs by more than 10% is listed, and said not to be judged.

``learn_transfers.py`` and ``candidate_spread.py`` are no benchmarks: they learn constants.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FULL: dict[str, list[str]] = {
    "simulation": [],
    "profile_run": [],
    "transfers": [],
    "days": [],
    "history": [],
    "variance": [],
    "seats": [],
    "crowd": [],
    "france": [],
    "validation": [],
    "before": [],
    "gallery": [],
    "wide": [],
    "world": [],
    "night": [],
    "in_part": [],
    "regions": [],
    "polls": [],
    "kinds": [],
    "reading": [],
}
TINY: dict[str, list[str]] = {
    "simulation": ["--draws", "2000"],
    "profile_run": ["--tiny"],
    "seats": ["--contests", "5", "--draws", "1000"],
    "crowd": ["--candidates", "60", "--draws", "1000"],
    "reading": ["--units", "200", "--candidates", "4"],
}
"""Arguments of the benchmarks that have a size for a test; they need no further data."""
NOISE = 0.10
"""How far apart ranges must be, relative to the larger median."""
EXACT = 1e-6
"""The same for numbers that do not vary: processors differ in their last digits."""


def versions() -> dict[str, str]:
    """Return what ran: machine, Python, libraries and commit."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    found |= {"cores": str(os.cpu_count()), "system": platform.system()}
    for name in ("numpy", "scipy", "pymc", "matplotlib", "runoff-forecast"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    git = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=HERE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found | {"commit": git.stdout.strip() or "unknown", "processor": processor()}


def processor() -> str:
    """Return what the processor calls itself."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def run(name: str, arguments: list[str]) -> Any:
    """Run one benchmark, which prints its table, and return its JSON."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.json"
        command = [sys.executable, str(HERE / f"{name}.py"), *arguments, "--json", str(path)]
        subprocess.run(command, check=True)
        return json.loads(path.read_text("utf-8"))


def numbers(content: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number with its place; rows of a list are named by the texts in them."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from numbers(value, f"{name}/{key}")
    elif isinstance(content, list):
        for k, value in enumerate(content):
            texts = value.values() if isinstance(value, dict) else ()
            word = ", ".join(text for text in texts if isinstance(text, str))
            yield from numbers(value, f"{name}/{word or k}")
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield name, float(content)


def summary(runs: list[Any]) -> dict[str, dict[str, Any]]:
    """Return median, least and most of every number over repetitions."""
    found: dict[str, list[float]] = {}
    for content in runs:
        for name, value in numbers(content):
            found.setdefault(name, []).append(value)
    return {
        name: {"median": statistics.median(v), "low": min(v), "high": max(v), "runs": len(v)}
        for name, v in found.items()
    }


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Return the numbers whose ranges are apart by more than noise: name, old and new median."""
    found = []
    for name in sorted(old.keys() & new.keys()):
        a, b = old[name], new[name]
        alike = all(x["low"] == x["high"] and x["runs"] > 1 for x in (a, b))
        scale = (EXACT if alike else NOISE) * max(abs(a["median"]), abs(b["median"]))
        if b["low"] > a["high"] + scale or b["high"] < a["low"] - scale:
            found.append((name, a["median"], b["median"]))
    return found


def show_changes(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Print what changed, benchmark by benchmark."""
    for key in sorted(old["versions"].keys() | new["versions"].keys()):
        before, after = old["versions"].get(key), new["versions"].get(key)
        if before != after:
            print(f"{key}: {before} -> {after}")
    for name in sorted(old["benchmarks"].keys() | new["benchmarks"].keys()):
        one, two = (x["benchmarks"].get(name, {}) for x in (old, new))
        for word, here, there in (("old", one, two), ("new", two, one)):
            if here.keys() - there.keys():
                print(f"{name}: {len(here.keys() - there.keys())} numbers in the {word} file only")
        found = changes(one, two)
        judged = all(x["runs"] > 1 for side in (one, two) for x in side.values())
        what = "changes beyond noise" if judged else "differ by 10%, not judged: too few repeats"
        print(f"{name}: {len(found) or 'no'} {what}")
        for place, before, after in found:
            ratio = f"{after / before:6.2f} x" if before else ""
            print(f"  {place:<70} {before:>12.4g} -> {after:>12.4g}  {ratio}")


def earlier(path: Path, tiny: bool) -> dict[str, Any]:
    """Return the content of an earlier file of the same sizes."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if content["tiny"] != tiny:
        raise SystemExit(f"{path}: must have been written {'with' if tiny else 'without'} --tiny")
    return content


def main() -> None:
    """Run what was asked for; print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="sizes for a test; no data needed")
    parser.add_argument("--only", nargs="+", choices=sorted(FULL), help="some of them")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"))
    parser.add_argument("--compare", type=Path, metavar="OLD.json")
    arguments = parser.parse_args()
    chosen = TINY if arguments.tiny else FULL
    chosen = {k: v for k, v in chosen.items() if k in (arguments.only or chosen)}
    old = earlier(arguments.compare, arguments.tiny) if arguments.compare else None
    content = {"date": str(date.today()), "versions": versions(), "tiny": arguments.tiny}
    content["benchmarks"] = {
        name: summary([run(name, options) for _ in range(arguments.repeats)])
        for name, options in chosen.items()
    }
    arguments.json.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    print(f"wrote {arguments.json}")
    if old:
        show_changes(old, content)


if __name__ == "__main__":
    main()
