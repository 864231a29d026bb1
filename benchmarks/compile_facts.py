"""Compile the bundled facts from the official tables: ``python benchmarks/compile_facts.py``.

Reads the folder named by the environment variable FORECAST_DATA; a golden test runs the same
functions and compares their text with the bundled files.
"""

from __future__ import annotations

import os
from pathlib import Path

from compile_national import csv_rows as _rows
from compile_national import csv_text as _csv
from compile_national import (
    left_out_contests,
    national_contests,
    national_polls,
    national_returns,
    presidential_runoffs,
    unit_contests,
)

import forecast

SOURCE = "Central Election Commission of Georgia, {} table, via geoelectionsdata (CC BY 4.0)"

RULING = "gd"
BACKED = {"parl2016_1": "independent_42"}
"""In Mtatsminda 2016 the ruling party put up nobody and supported an independent finalist."""


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


STATIONS = "CEC of Georgia via geoelectionsdata, CC BY 4.0"


def georgia_2018_stations(data: Path) -> str:
    """Return the CSV text of the first round of 2018, one row per polling station.

    Abroad there are no lists by station, so the registered are those who voted.
    """
    order = [row["candidate"] for row in _rows(data / "georgia/2018_round1_national.csv")]
    table = []
    for row in _rows(data / "georgia/2018_precincts_r1.csv"):
        counts = {c: row[c] for c in order}
        valid = sum(map(int, counts.values()))
        ballots = max(int(row["voted"]), valid + int(row["invalid"]))
        head = {"unit": row["precinct_id"], "region": row["region"]}
        head["registered"] = str(max(int(row["main_list"]), ballots))
        tail = {"invalid": str(ballots - valid), "source": STATIONS}
        table.append(head | counts | tail)
    return _csv(table)


def georgia_2018_stations_returns(data: Path) -> str:
    """Return the CSV text of the runoff of 2018, one row per polling station."""
    return _csv(
        {
            "unit": row["precinct_id"],
            "zurabishvili": row["zurabishvili"],
            "vashadze": row["vashadze"],
            "source": STATIONS,
        }
        for row in _rows(data / "georgia/2018_precincts_r2.csv")
    )


def georgia_2018_turnout(data: Path) -> str:
    """Return the CSV text of ballots cast by 17:00 of both rounds of 2018, one row per district."""
    rows = _rows(data / "georgia/2018_units_turnout.csv")
    first = {row["unit"]: row["voted_17"] for row in rows if row["round"] == "1"}
    return _csv(
        {
            "unit": row["unit"],
            "registered": row["main_list"],
            "first_round": first[row["unit"]],
            "runoff": row["voted_17"],
            "source": SOURCE.format("turnout"),
        }
        for row in rows
        if row["round"] == "2"
    )


def georgia_2018_stations_turnout(data: Path) -> str:
    """Return the runoff's lists by polling station, and the turnout of each station's district.

    The commission publishes turnout by 17:00 for districts on the day; its tables by station have
    it too, but when those were published is not recorded.
    """
    districts: dict[tuple[str, str], str] = {}
    for row in _rows(data / "georgia/2018_units_turnout.csv"):
        share = 100 * int(row["voted_17"]) / int(row["main_list"])
        districts[row["unit_id"], row["round"]] = f"{share:.2f} %"
    return _csv(
        {
            "unit": row["precinct_id"],
            "registered": "" if row["main_list"] == "0" else row["main_list"],
            "first_round": districts[row["unit_id"], "1"],
            "runoff": districts[row["unit_id"], "2"],
            "source": STATIONS,
        }
        for row in _rows(data / "georgia/2018_precincts_r2.csv")
    )


POLLED = ("zurabishvili", "vashadze", "bakradze", "natelashvili", "usupashvili", "japaridze")
UNDECIDED = ("undecided", "undecided_or_no_answer", "no_answer")
AT_HOME = ("would_not_vote", "no_one")
# The channels' sides as a reader of the news of 2018 knew them; the party's is its own candidate's.
SIDES = {
    "Rustavi 2 TV": "vashadze",
    "Imedi TV": "zurabishvili",
    "Georgian Dream (ruling party)": "zurabishvili",
}
# Where the day of publication was not found: the last day on which it can have been.
KNOWN_BY = {"edison4": "2018-11-15"}


def georgia_2018_polls(data: Path) -> str:
    """Return the CSV text of the polls about both rounds of 2018, one row per poll.

    A poll published on several bases has the row of all respondents, undecided among them: how
    these vote is for the model to say. Of the decided are exit polls, and polls that gave nothing
    else. Left out are polls with neither days nor n, and questions about other pairs.
    """
    polls: dict[str, list[dict[str, str]]] = {}
    for row in _rows(data / "georgia/polls.csv"):
        if row["question"] in ("first_round", "runoff") and (row["field_end"] or row["n"]):
            polls.setdefault(row["poll_id"], []).append(row)
    return _csv(_georgia_2018_poll(name, rows) for name, rows in polls.items())


def _georgia_2018_poll(name: str, rows: list[dict[str, str]]) -> dict[str, str]:
    head = rows[0]
    of_all = [row for row in rows if row["base"].startswith("all respondents")]
    on_base = [row for row in of_all if row["option"] in POLLED]
    base = "everybody" if on_base else "decided"
    on_base = on_base or [row for row in rows if row["option"] in POLLED]
    shares = {row["option"]: _fraction(row["pct"]) for row in on_base}
    rest = {row["option"]: _fraction(row["pct"]) for row in of_all}
    notes = dict.fromkeys(row["note"] for row in rows if row["note"])
    notes |= dict.fromkeys(f"base: {r['base']}" for r in on_base if "presumed" in r["base"])
    return {
        "poll": name,
        "pollster": head["pollster"].split(" (")[0],
        "sponsor": head["client"],
        "side": SIDES.get(head["client"], ""),
        "round": head["question"].replace("_", " "),
        "kind": "exit poll" if head["kind"] == "exit poll" else "poll",
        "base": base,
        "start": head["field_start"],
        "end": head["field_end"],
        "published": head["published"] or KNOWN_BY.get(name, ""),
        "n": head["n"],
        **{candidate: shares.get(candidate, "") for candidate in POLLED},
        "undecided": next((rest[x] for x in UNDECIDED if x in rest), ""),
        "would_not_vote": next((rest[x] for x in AT_HOME if x in rest), ""),
        "note": "; ".join(notes),
        "source": "; ".join(dict.fromkeys(row["source"] for row in on_base)),
    }


def _fraction(percent: str) -> str:
    return f"{float(percent) / 100:.3g}"


def georgian_past_runoffs(data: Path) -> str:
    """Return the CSV text of Georgian runoffs of 2014-2016: totals, where both rounds are known.

    Candidates are named by who put them up; the finalist of the ruling party, or whom it backed,
    has the role "government".
    """
    folder = data / "georgia"
    rows = _rows(folder / "past_runoffs.csv")
    rounds = {(row["contest_id"], row["round"]) for row in rows}
    finals = {(r["contest_id"], r["party"]) for r in rows if r["round"] == "2"}
    lists = {(r["contest_id"], r["round"]): r for r in _rows(folder / "past_runoffs_turnout.csv")}
    table, order = [], list(dict.fromkeys((r["contest_id"], r["round"]) for r in rows))
    for name, which in order:
        if (name, "1") not in rounds:
            continue
        part = [r for r in rows if (r["contest_id"], r["round"]) == (name, which)]
        head = part[0]
        counts, listed = {r["party"]: r["votes"] for r in part}, lists[name, which]
        counts |= {"invalid": listed["invalid"], "registered": listed["main_list"]}
        for who, votes in counts.items():
            role = {who: "eliminated"} | {"invalid": "", "registered": ""}
            if (name, who) in finals:
                first = who == BACKED.get(name, RULING)
                role[who] = "government" if first else "other finalist"
            table.append(
                {
                    "contest": name,
                    "title": f"{head['unit']}, {head['office']}, {head['date_r1'][:4]}",
                    "round": which,
                    "date": head[f"date_r{which}"],
                    "candidate": who,
                    "role": role[who],
                    "votes": votes,
                    "withdrawn": head["finalist_gave_up"],
                    "source": SOURCE.format("first-round" if which == "1" else "runoff"),
                }
            )
    return _csv(table)


def france_2027_polls(data: Path) -> str:
    """Return the CSV text of polls before the first round of 2027, one row per question."""
    rows = _rows(data / "polls/first_round/fr_2027.csv")
    names = list(dict.fromkeys(row["candidat"] for row in rows))
    kinds = {"1er Tour": "first round", "2nd Tour": "runoff"}
    table: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in rows:
        key = (row["poll_id"], row["hypothese"], row["tour"])
        if key not in table:
            table[key] = {
                "pollster": row["nom_institut"],
                "sponsor": row["commanditaire"],
                "start": row["debut_enquete"],
                "end": row["fin_enquete"],
                "n": row["echantillon"],
                "round": kinds[row["tour"]],
                "list": row["hypothese"],
                **dict.fromkeys(names, ""),
            }
        table[key][row["candidat"]] = f"{float(row['intentions']):g}"
    return _csv(table.values())


BUNDLED = {
    "contests/georgia-2018.csv": georgia_2018_contest,
    "contests/georgia-2018-stations.csv": georgia_2018_stations,
    "contests/left-out.csv": left_out_contests,
    "contests/national.csv": national_contests,
    "elections/france-2027.csv": france_2027_polls,
    "histories/georgia.csv": georgian_past_runoffs,
    "histories/world.csv": presidential_runoffs,
    "polls/georgia-2018.csv": georgia_2018_polls,
    "polls/national.csv": national_polls,
    "returns/georgia-2018.csv": georgia_2018_returns,
    "returns/georgia-2018-stations.csv": georgia_2018_stations_returns,
    "returns/national.csv": national_returns,
    "turnout/georgia-2018.csv": georgia_2018_turnout,
    "turnout/georgia-2018-stations.csv": georgia_2018_stations_turnout,
}
"""The bundled files, and what compiles their texts."""


def main() -> None:
    """Write the bundled files anew."""
    data, here = Path(os.environ["FORECAST_DATA"]), Path(forecast.__file__).parent / "data"
    texts = {name: compiled(data) for name, compiled in BUNDLED.items()}
    for name, (first, second) in unit_contests(data).items():
        texts |= {f"contests/{name}.csv": first, f"returns/{name}.csv": second}
    for name, text in texts.items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
