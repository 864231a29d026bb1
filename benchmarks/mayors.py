"""Mayoral runoffs of two countries as contests and returns: Brazil 2012 and 2016, Bulgaria 2011.

Neither had a part in any default before; both speak of local contests that nobody polls.
"""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import polars as pl

from forecast import Contest, Returns

Pair = tuple[Contest, Returns]

BRAZIL = {
    "2012": (date(2012, 10, 7), date(2012, 10, 28)),
    "2016": (date(2016, 10, 2), date(2016, 10, 30)),
}
BALLOTS = ("95", "96")
"""Blank and null ballots among the candidates' numbers; a candidate's number is the party's."""
BULGARIA = (date(2011, 10, 23), date(2011, 10, 30))


def folder() -> Path:
    """Return the folder with the tables by unit."""
    return Path(os.environ.get("FORECAST_DATA", "../shared/data")) / "units"


def brazil() -> list[Pair]:
    """Return 107 runoffs; the table has no registered people, so non-voters are left out."""
    counts: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    with (folder() / "br_mayors_2012_2016.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = row["ANO_ELEICAO"], row["COD_MUN_TSE"]
            counts[place][row["NUM_TURNO"]][row["NUMERO_CANDIDATO"]] += int(row["QTDE_VOTOS"])
    found = []
    for (year, city), rounds in sorted(counts.items()):
        first, second = rounds["1"], rounds["2"]
        names = [n for n, _ in first.most_common() if n not in BALLOTS]
        finalists = [n for n in names if second[n] > 0]
        if len(finalists) != 2:
            continue
        contest = Contest(
            name=f"brazil-{year}-{city}",
            candidates=tuple(names),
            finalists=tuple(finalists),
            units=("all",),
            votes=[[first[n] for n in names]],
            invalid=[sum(first[b] for b in BALLOTS)],
            registered=None,
            electorate="voters",
            first_round=BRAZIL[year][0],
            runoff=BRAZIL[year][1],
        )
        votes = [[second[f] for f in finalists]]
        found.append((contest, Returns(units=("all",), finalists=tuple(finalists), votes=votes)))
    return found


def bulgaria() -> list[Pair]:
    """Return the runoffs of one day in which two of the first round's candidates stood."""
    table = pl.read_parquet(folder() / "bg_mayors_2011_sections.parquet")
    totals = table.group_by("election_id", "round", "kind", "option").agg(pl.col("votes").sum())
    counts: dict[str, dict[tuple[int, str], Counter[str]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for name, which, kind, option, votes in totals.sort(pl.all()).iter_rows():
        counts[name][which, kind][option or kind] += votes
    found = []
    for name, parts in sorted(counts.items()):
        first, second = parts[1, "candidate"], parts[2, "candidate"]
        names = [n for n, _ in first.most_common()]
        finalists = [n for n in names if second[n] > 0]
        if len(finalists) != 2:
            continue
        valid = sum(first.values())
        invalid = max(sum(parts[1, "ballots"].values()) - valid, 0)
        registered = max(sum(parts[1, "registered"].values()), valid + invalid)
        contest = Contest(
            name=f"bulgaria-2011-{name.rsplit('-', 1)[1]}",
            candidates=tuple(names),
            finalists=tuple(finalists),
            units=("all",),
            votes=[[first[n] for n in names]],
            invalid=[invalid],
            registered=[registered],
            first_round=BULGARIA[0],
            runoff=BULGARIA[1],
        )
        votes = [[second[f] for f in finalists]]
        found.append((contest, Returns(units=("all",), finalists=tuple(finalists), votes=votes)))
    return found
