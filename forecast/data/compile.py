"""Compile the bundled facts from the official tables: ``python -m forecast.data.compile``.

Reads the folder named by the environment variable FORECAST_DATA; a golden test runs the same
functions and compares their text with the bundled files.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["georgia_2018_contest", "georgia_2018_returns", "main"]

SOURCE = "Central Election Commission of Georgia, {} table, via geoelectionsdata (CC BY 4.0)"


def georgia_2018_contest(data: Path) -> str:
    """Return the CSV text of the first round of 2018, one row per district."""
    order = [row["candidate"] for row in _rows(data / "georgia/2018_round1_national.csv")]
    return _georgia_2018(data, "1", order, SOURCE.format("first-round"))


def georgia_2018_returns(data: Path) -> str:
    """Return the CSV text of the runoff of 2018, one row per district."""
    return _georgia_2018(data, "2", ["zurabishvili", "vashadze"], SOURCE.format("runoff"))


def _georgia_2018(data: Path, which: str, candidates: list[str], source: str) -> str:
    votes: dict[str, dict[str, str]] = {}
    for row in _rows(data / "georgia/2018_units.csv"):
        if row["round"] == which:
            votes.setdefault(row["unit"], {})[row["option"]] = row["votes"]
    table = []
    for row in _rows(data / "georgia/2018_units_turnout.csv"):
        if row["round"] != which:
            continue
        head = {"unit": row["unit"], "region": row["region"], "registered": row["main_list"]}
        counts = {c: votes[row["unit"]][c] for c in candidates}
        tail = {"invalid": row["invalid"], "ballots": row["voted"], "source": source}
        if which == "2" and int(row["voted"]) < int(row["valid"]) + int(row["invalid"]):
            tail["source"] += "; counted ballots exceed ballots cast as published"
        table.append(head | counts | tail)
    return _csv(table)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _csv(table: Iterable[dict[str, str]]) -> str:
    rows = list(table)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def main() -> None:
    """Write the bundled files anew."""
    data, here = Path(os.environ["FORECAST_DATA"]), Path(__file__).parent
    (here / "contests/georgia-2018.csv").write_text(georgia_2018_contest(data), "utf-8")
    (here / "returns/georgia-2018.csv").write_text(georgia_2018_returns(data), "utf-8")


if __name__ == "__main__":
    main()
