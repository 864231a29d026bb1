"""Compile the bundled national contests: first rounds, returns and polls, each in one table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from forecast.data.bundle import COUNTRY
from forecast.errors import InputError
from forecast.facts.words.names import matched_people

GRADES = ("A", "B")
"""Transcriptions that are complete, or lack at most minor candidates or the list of one round."""
APART = {
    "AT-PRES-2016-ANNULLED": "annulled; the repeated runoff is the official one",
    "GE-PRES-2018": "bundled apart, as a contest to forecast",
}
CORRECTED = {"2007-05-02": "2007-05-06"}
"""A date that the transcription has wrong: France voted on Sunday, the 6th of May 2007."""
REGISTERED, INVALID = "registered", "invalid"
ELSEWHERE = "elsewhere"
"""The unit that the table by units leaves out and the national totals have: overseas, abroad."""
UNKNOWN_N = 800
"""People asked by a poll whose size is not in our table, as in ``benchmarks/polls.py``."""

Row = dict[str, str]
Counts = dict[str, int]
"""Votes by candidate, and the registered and invalid."""


class Runoff(NamedTuple):
    """Both rounds of one contest: days and counts, by unit where `units` says which."""

    title: str
    days: tuple[str, str]
    first: Counts
    second: Counts
    source: str
    units: str = COUNTRY
    by_unit: tuple[dict[str, Counts], dict[str, Counts]] = ({}, {})


def csv_rows(path: Path) -> list[Row]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def csv_text(table: Iterable[Row]) -> str:
    """Return rows as the text of a CSV file."""
    rows = list(table)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def presidential_runoffs(data: Path) -> str:
    """Return the CSV text of national presidential runoffs up to 2018 that pass their checks.

    Those are of grade A or B, with ballots of both rounds and the registered of at least one. What
    is on a ballot beyond votes for candidates (blank, none of them, invalid) is "invalid".
    """
    return csv_text(
        {
            "contest": name,
            "title": runoff.title,
            "round": str(which),
            "date": runoff.days[which - 1],
            "candidate": who,
            "votes": str(votes),
            "source": runoff.source,
        }
        for name, runoff in _world(data).items()
        for which, counts in ((1, runoff.first), (2, runoff.second))
        for who, votes in counts.items()
    )


def national_contests(data: Path) -> str:
    """Return the CSV text of the first rounds of all national contests, in total."""
    return csv_text(
        {
            "contest": name,
            "title": runoff.title,
            "units": runoff.units,
            "first_round": runoff.days[0],
            "runoff": runoff.days[1],
            "candidate": who,
            "votes": str(votes),
            "finalist": "yes" if who in _finalists(runoff) else "",
            "source": runoff.source,
        }
        for name, runoff in sorted(_every(data).items())
        for who, votes in _with_list(runoff).items()
    )


def national_returns(data: Path) -> str:
    """Return the CSV text of the runoffs of all national contests, in total."""
    return csv_text(
        {"contest": name, "candidate": who, "votes": str(votes), "source": runoff.source}
        for name, runoff in sorted(_every(data).items())
        for who, votes in runoff.second.items()
    )


def left_out_contests(data: Path) -> str:
    """Return the CSV text of the transcribed national runoffs that are not bundled, and why."""
    heads = {
        row["election_id"]: row for row in csv_rows(data / "world/presidential_runoffs_summary.csv")
    }
    bundled = _every(data)
    return csv_text(
        {
            "contest": name,
            "title": _title(of["1"][0]),
            "lacks": _lacks(of, heads[key]["flags"]),
            "source": heads[key]["source"],
        }
        for name, key, of in sorted(
            (_name(of["1"][0]["country"], of["1"][0]["year"]), key, of)
            for key, of in _transcribed(data).items()
            if key not in APART
        )
        if name not in bundled
    )


def _lacks(of: Mapping[str, Sequence[Row]], flags: str) -> str:
    """Return what is missing in a transcription, for people to read."""
    rounds = {"1": "of the first round", "2": "of the runoff"}
    missing = {
        kind: [
            which
            for which in rounds
            if not any(r["kind"] == kind and r["votes"] for r in of[which])
        ]
        for kind in ("ballots", "registered")
    }
    lacks = []
    if any(flag in flags for flag in ("some_candidates_missing", "finalists_only")):
        lacks.append("some candidates of the first round")
    if "conflicting_sources" in flags:
        lacks.append("votes of the first round on which its sources agree")
    if without := missing["ballots"]:
        lacks.append(f"the ballots {'of both rounds' if len(without) > 1 else rounds[without[0]]}")
    if len(missing["registered"]) == len(rounds):
        lacks.append("the number of registered people")
    return "; ".join(lacks)


def unit_contests(data: Path) -> dict[str, tuple[str, str]]:
    """Return the CSV texts of both rounds of the national contests that are known by unit."""
    found = {}
    for name, runoff in _by_unit(data, _world(data)).items():
        first, second = runoff.by_unit
        found[name] = (_wide(first), _wide(second))
    return found


def national_polls(data: Path) -> str:
    """Return the CSV text of all polls of the pair that met, of the national contests.

    Days of publication are not in the source: a poll is taken to be out the day after its field
    work, and before the runoff. Nor are most sizes, see `UNKNOWN_N`.
    """
    folder, contests = data / "polls", _every(data)
    heads = {row["contest"]: row for row in csv_rows(folder / "runoff_contests.csv")}
    table = []
    for row in csv_rows(folder / "runoff_polls.csv"):
        head = heads[row["contest"]]
        name = _name(head["country"], head["runoff"][:4])
        if head["office"] != "president" or name not in contests:
            continue
        runoff = contests[name]
        known = {who: who for who in runoff.second if who not in (REGISTERED, INVALID)}
        met = matched_people([head["a"], head["b"]], known)
        rest = set(known) - set(met.values())
        if len(met) == len(rest) == 1:  # one is written alike, so the other is the other
            met |= {who: rest.pop() for who in (head["a"], head["b"]) if who not in met}
        if len(set(met.values())) != 2:
            raise InputError(f"{row['contest']}: the pair must be the finalists - found {head}")
        table.append(_poll(name, row, [met[head["a"]], met[head["b"]]], _finalists(runoff), runoff))
    table.sort(key=lambda row: (row["contest"], row["published"], row["pollster"]))
    return csv_text(dict(row) for row in dict.fromkeys(tuple(r.items()) for r in table))


def _poll(name: str, row: Row, pair: Sequence[str], finalists: Sequence[str], of: Runoff) -> Row:
    """Return one poll, the first finalist of the contest first."""
    shares = dict(zip(pair, (row["a_pct"], row["b_pct"]), strict=True))
    both = sum(map(float, shares.values()))
    last = date.fromisoformat(of.days[1]) - timedelta(days=1)
    published = min(date.fromisoformat(row["end"]) + timedelta(days=1), last)
    notes = [] if row["n"] else [f"people asked not in the source, {UNKNOWN_N} assumed"]
    notes += [row["note"]] if row["note"] else []
    decided = abs(both - 100) < 1.01
    return {
        "contest": name,
        "pollster": " ".join(row["pollster"].split()),
        "start": row["start"],
        "end": row["end"],
        "published": published.isoformat(),
        "n": str(int(float(row["n"] or UNKNOWN_N))),
        "base": "decided" if decided else "everybody",
        "first": shares[finalists[0]],
        "second": shares[finalists[1]],
        "undecided": "" if decided else f"{100 - both:.4g}",
        "note": "; ".join(notes),
        "source": f"{row['source']}: polls of the pair that met",
    }


def _finalists(runoff: Runoff) -> list[str]:
    """Return who stood in the runoff, by their votes of the first round."""
    found = [who for who in runoff.second if who not in (REGISTERED, INVALID)]
    return sorted(found, key=lambda who: -runoff.first[who])


def _with_list(runoff: Runoff) -> Counts:
    """Return the first round's counts; the registered of the runoff where it has none."""
    if REGISTERED in runoff.first:
        return runoff.first
    return runoff.first | {REGISTERED: runoff.second[REGISTERED]}


def _every(data: Path) -> dict[str, Runoff]:
    world = _world(data)
    return world | _by_unit(data, world)


def _world(data: Path) -> dict[str, Runoff]:
    """Return the contests whose totals are transcribed and pass, by name."""
    found = {}
    for key, both in _transcribed(data).items():
        if both["1"][0]["grade"] not in GRADES or key in APART:
            continue
        first, second = (_counts(both[which]) for which in ("1", "2"))
        if REGISTERED not in first and REGISTERED not in second:
            continue
        head = both["1"][0]
        found[_name(head["country"], head["year"])] = Runoff(
            title=_title(head),
            days=(_day(head), _day(both["2"][0])),
            first=first,
            second=second,
            source=head["source"],
        )
    return found


def _transcribed(data: Path) -> dict[str, dict[str, list[Row]]]:
    """Return the rows of every transcribed runoff, by round."""
    rounds: dict[str, dict[str, list[Row]]] = {}
    files = ("presidential_runoffs", "additions")
    for row in (row for name in files for row in csv_rows(data / f"world/{name}.csv")):
        of = rounds.setdefault(row["election_id"], {})
        of.setdefault(row["round"], []).append(row)
    return rounds


def _title(row: Row) -> str:
    return f"{row['country']}, presidential election {row['year']}"


def _name(country: str, year: str) -> str:
    return f"{country.lower().replace(' ', '-')}-{year}"


def _day(row: Row) -> str:
    return CORRECTED.get(row["date"], row["date"])


def _counts(rows: list[Row]) -> Counts:
    """Return votes by candidate, what else was on a ballot, and the registered where known."""
    counts = {r["option"]: int(r["votes"]) for r in rows if r["kind"] == "candidate"}
    known = {r["kind"]: int(r["votes"]) for r in rows if r["kind"] != "candidate" and r["votes"]}
    counts[INVALID] = known["ballots"] - sum(counts.values()) if "ballots" in known else 0
    if REGISTERED in known:
        counts[REGISTERED] = known[REGISTERED]
    return counts


class Table(NamedTuple):
    """Where a contest is known by unit: what units are, days, title, and how rows are read."""

    units: str
    title: str
    days: tuple[str, str]
    source: str
    read: Callable[[Path], Iterable[tuple[str, str, str, str, int]]]
    """Gives (round, unit, kind, option, votes)."""
    people: Mapping[str, str]
    """Options that are not found by a part of a name, and whom they mean."""


def _by_unit(data: Path, world: Mapping[str, Runoff]) -> dict[str, Runoff]:
    """Return the contests that are known by unit; with their total where that is known too."""
    found = {}
    for name, table in UNITS.items():
        rounds: dict[str, dict[str, Counts]] = {"1": {}, "2": {}}
        total = world.get(name)
        known = {} if total is None else {who: who for who in total.first}
        keys: dict[str, str] = {}
        for which, unit, kind, option, votes in table.read(data):
            if option not in keys:
                keys[option] = table.people.get(option) or matched_people([option], known).get(
                    option, option
                )
            who = keys[option] if kind == "candidate" else kind
            counts = rounds[which].setdefault(unit, {})
            counts[who] = counts.get(who, 0) + votes
        first, second = rounds["1"], rounds["2"]
        if total is not None:
            _add_elsewhere(first, _with_list(total))
            _add_elsewhere(second, total.second)
            second = {unit: second[unit] for unit in first}
        found[name] = Runoff(
            title=table.title,
            days=table.days,
            first=_total(first),
            second=_total(second),
            source=table.source,
            units=table.units,
            by_unit=(first, second),
        )
    return found


def _add_elsewhere(by_unit: dict[str, Counts], total: Counts) -> None:
    """Add what the national total has and the units have not, if anything."""
    sums = _total(by_unit)
    rest = {who: votes - sums[who] for who, votes in total.items()}
    if any(rest.values()):
        by_unit[ELSEWHERE] = rest


def _total(by_unit: Mapping[str, Counts]) -> Counts:
    out: Counts = {}
    for counts in by_unit.values():
        for who, votes in counts.items():
            out[who] = out.get(who, 0) + votes
    return out


def _wide(by_unit: Mapping[str, Counts]) -> str:
    people = [who for who in _total(by_unit) if who not in (REGISTERED, INVALID)]
    return csv_text(
        {"unit": unit, REGISTERED: str(counts[REGISTERED])}
        | {who: str(counts.get(who, 0)) for who in people}
        | {INVALID: str(counts[INVALID])}
        for unit, counts in sorted(by_unit.items())
    )


KINDS = {
    "candidate": "candidate",
    "registered": REGISTERED,
    "blank": INVALID,
    "invalid": INVALID,
    "blank_invalid": INVALID,
}
Unit = Callable[[str], str]


def _long(
    file: str, unit: Unit, election: str | None = None
) -> Callable[[Path], Iterable[tuple[str, str, str, str, int]]]:
    """Return a reader of a Parquet table with a row per count."""

    def read(data: Path) -> Iterable[tuple[str, str, str, str, int]]:
        import polars

        table = polars.read_parquet(data / file)
        if election is not None:
            table = table.filter(polars.col("election_id").cast(polars.String) == election)
        columns = (table[c].cast(polars.String).to_list() for c in ("round", "unit", "kind"))
        options = table["option"].cast(polars.String).to_list()
        for which, place, kind, option, votes in zip(
            *columns, options, table["votes"].to_list(), strict=True
        ):
            if kind in KINDS and votes is not None:
                yield which, unit(place), KINDS[kind], option, int(votes)

    return read


def _polish_2015(data: Path) -> Iterable[tuple[str, str, str, str, int]]:
    """Yield the counts of Poland 2015 by county, from its tables by municipality."""
    for which in ("1", "2"):
        for row in csv_rows(data / f"units/pl_2015_round{which}_units.csv"):
            unit = f"{row['powiat']} ({row['woj']})"
            yield which, unit, REGISTERED, REGISTERED, int(row["uprawnieni"])
            yield which, unit, INVALID, INVALID, int(row["glosyniewazne"])
        for row in csv_rows(data / f"units/pl_2015_round{which}_votes.csv"):
            yield (
                which,
                f"{row['powiat']} ({row['woj']})",
                "candidate",
                row["kandydat"].strip(),
                int(row["glosy"]),
            )


FRENCH = "Ministry of the Interior, by {}, via {} (Licence Ouverte)"
POLISH = "National Electoral Commission of Poland (PKW), by municipality, home precincts"


def _department(code: str) -> str:
    return code.split("-", maxsplit=1)[0].removeprefix("D").zfill(2)


UNITS: dict[str, Table] = {
    "france-2002": Table(
        units="departments",
        title="France, presidential election 2002",
        days=("2002-04-21", "2002-05-05"),
        source=FRENCH.format("department", "the published table of 2002")
        + "; totals of the Conseil constitutionnel",
        read=_long(
            "france/presidentielles_2002_2017_2022.parquet", _department, "FR-PRES-2002-DEP"
        ),
        people={"Gluksten": "Daniel Gluckstein"},
    ),
    "france-2012": Table(
        units="departments",
        title="France, presidential election 2012",
        days=("2012-04-22", "2012-05-06"),
        source=FRENCH.format("constituency", "CDSP"),
        read=_long("france/presidentielle_2012_circo.parquet", _department),
        people={},
    ),
    "france-2017": Table(
        units="departments",
        title="France, presidential election 2017",
        days=("2017-04-23", "2017-05-07"),
        source=FRENCH.format("constituency", "data.gouv.fr")
        + "; totals of the Conseil constitutionnel",
        read=_long(
            "france/presidentielles_2002_2017_2022.parquet", _department, "FR-PRES-2017-CIRCO"
        ),
        people={},
    ),
    "france-2022": Table(
        units="departments",
        title="France, presidential election 2022, without voters abroad",
        days=("2022-04-10", "2022-04-24"),
        source=FRENCH.format("department", "data.gouv.fr"),
        read=_long(
            "france/presidentielles_2002_2017_2022.parquet", _department, "FR-PRES-2022-DEP"
        ),
        people={
            "ARTHAUD": "Nathalie Arthaud",
            "DUPONT AIGNAN": "Nicolas Dupont-Aignan",
            "HIDALGO": "Anne Hidalgo",
            "JADOT": "Yannick Jadot",
            "LASSALLE": "Jean Lassalle",
            "LE PEN": "Marine Le Pen",
            "MACRON": "Emmanuel Macron",
            "MELENCHON": "Jean-Luc Mélenchon",
            "PECRESSE": "Valérie Pécresse",
            "POUTOU": "Philippe Poutou",
            "ROUSSEL": "Fabien Roussel",
            "ZEMMOUR": "Éric Zemmour",
        },
    ),
    "poland-2015": Table(
        units="counties",
        title="Poland, presidential election 2015, without voters abroad",
        days=("2015-05-10", "2015-05-24"),
        source=POLISH,
        read=_polish_2015,
        people={
            "Braun Grzegorz Michał": "Grzegorz Braun",
            "Duda Andrzej Sebastian": "Andrzej Duda",
            "Jarubas Adam Sebastian": "Adam Jarubas",
            "Komorowski Bronisław Maria": "Bronisław Komorowski",
            "Korwin-Mikke Janusz Ryszard": "Janusz Korwin-Mikke",
            "Kowalski Marian Janusz": "Marian Kowalski",
            "Kukiz Paweł Piotr": "Paweł Kukiz",
            "Ogórek Magdalena Agnieszka": "Magdalena Ogórek",
            "Palikot Janusz Marian": "Janusz Palikot",
            "Tanajno Paweł Jan": "Paweł Tanajno",
            "Wilk Jacek": "Jacek Wilk",
        },
    ),
    "poland-2020": Table(
        units="counties",
        title="Poland, presidential election 2020",
        days=("2020-06-28", "2020-07-12"),
        source=POLISH.replace("home precincts", "1498 ships and 1499 abroad") + " (CC BY-SA 4.0)",
        read=_long("units/pl_pres_2020.parquet", lambda code: code[:4], "PL-PRES-2020-GMINA"),
        people={
            "ANDRZEJ SEBASTIAN DUDA": "Andrzej Duda",
            "KRZYSZTOF BOSAK": "Krzysztof Bosak",
            "MAREK JAKUBIAK": "Marek Jakubiak",
            "MIROS AW MARIUSZ PIOTROWSKI": "Mirosław Piotrowski",
            "PAWE JAN TANAJNO": "Paweł Tanajno",
            "RAFA KAZIMIERZ TRZASKOWSKI": "Rafał Trzaskowski",
            "ROBERT BIEDRON": "Robert Biedroń",
            "STANIS AW JOZEF ZO TEK": "Stanisław Żółtek",
            "SZYMON FRANCISZEK HO OWNIA": "Szymon Hołownia",
            "WALDEMAR W ODZIMIERZ WITKOWSKI": "Waldemar Witkowski",
            "W ADYS AW MARCIN KOSINIAK KAMYSZ": "Władysław Kosiniak-Kamysz",
        },
    ),
}
"""National contests whose tables by unit are compact enough to bundle."""
