"""Sets of runoffs for `night.py`: real counts, mispaired rounds, and counts with a planted fault.

Every set is a dictionary of functions that read one night each. All planted nights start from real
counts by unit; what is planted is said in the function that plants it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
import past_nights
import polars as pl
from truth import data_folder

import forecast
from forecast import Contest, InputError, Returns
from forecast.arrays import FloatArray
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.turnout_table import interim_turnout
from forecast.transfers.table.protocols import TransferDistribution

__all__ = ["SETS", "Told", "georgia", "residuals"]


class Told(NamedTuple):
    """A night, and all that was known before its count; no prior stands for the wide one."""

    contest: Contest
    returns: Returns
    prior: TransferDistribution | None = None
    turnout: InterimTurnout | Literal["none"] = "none"


Reader = Callable[[], Told]
Nights = dict[str, Reader]


@cache
def georgia(*, everything: bool) -> Told:
    """Return Georgia 2018 by polling station, with everything known before the count, or not."""
    contest = forecast.load_contest("georgia-2018", units="stations")
    returns = forecast.load_returns("georgia-2018", units="stations")
    prior = forecast.learned_prior(contest)  # as of the night of the first round
    if not everything:
        return Told(contest, returns, prior)
    polls = forecast.load_polls("georgia-2018")
    return Told(
        contest,
        returns,
        forecast.with_polls(prior, contest, polls, as_of=contest.runoff),
        forecast.load_turnout("georgia-2018", units="stations"),
    )


def from_long(rows: pl.DataFrame, name: str, region: Callable[[str], str] | None = None) -> Told:
    """Return a contest of rows (unit, round, option, kind, votes).

    Without lists, voters are the ledger. Where both rounds have a list, the runoff's is known
    before the count. Candidates of the runoff who were not in the first round are dropped.
    """
    rows = rows.with_columns(pl.col("unit", "option", "kind").cast(pl.String))
    counts = {
        k: rows.filter((pl.col("round") == k) & (pl.col("kind") == "candidate")).pivot(
            on="option", index="unit", values="votes", aggregate_function="sum"
        )
        for k in (1, 2)
    }
    first = counts[1].join(counts[2].select("unit"), on="unit", how="semi").fill_null(0)
    first = first.sort("unit")
    lists = [
        rows.filter((pl.col("round") == k) & (pl.col("kind") == "registered"))
        .group_by("unit")
        .agg(registered=pl.col("votes").sum())
        for k in (1, 2)
    ]
    candidates = [c for c in first.columns if c != "unit"]
    listed = first.join(lists[0], on="unit", how="left")
    options: dict[str, Any] = {"electorate": "voters"}
    if not listed["registered"].has_nulls():
        votes = pl.sum_horizontal(candidates)
        first = listed.with_columns(registered=pl.max_horizontal("registered", votes))
        options = {}
    if region is not None:
        first = first.with_columns(region=pl.Series([region(unit) for unit in first["unit"]]))
    finalists = [c for c in counts[2].columns if c != "unit" and c in candidates]
    contest = Contest.from_frame(first, name=name, finalists=finalists, **options)
    after = first.select("unit").join(counts[2], on="unit", how="left").fill_null(0)
    longer: InterimTurnout | Literal["none"] = "none"
    if not options and len(lists[1]):
        both = first.select("unit").join(lists[1], on="unit", how="left")
        with suppress(InputError):  # a list that grew tenfold is no list
            longer = interim_turnout(contest, both)
    returns = Returns.from_frame(after.select("unit", *finalists), finalists=finalists)
    return Told(contest, returns, turnout=longer)


CHILE = "units/cl_2013_2017_2021.parquet"
FRANCE = "france/presidentielles_2002_2017_2022.parquet"


@cache
def table(file: str) -> pl.DataFrame:
    """Return a table of `data`."""
    rows = pl.read_parquet(data_folder() / file)
    return rows.with_columns(pl.col("election_id").cast(pl.String))


def long(file: str, election: str, region: Callable[[str], str] | None = None) -> Reader:
    """Return how to read one election of a table."""
    return lambda: from_long(
        table(file).filter(pl.col("election_id") == election), election.lower(), region
    )


def two(unit: str) -> str:
    """Return the first two letters of a unit, which name its region."""
    return unit[:2]


def poland_2015() -> Told:
    """Return Poland 2015 by commune."""
    rows = []
    for k in (1, 2):
        place = data_folder() / f"units/pl_2015_round{k}"
        named = pl.concat_str(["woj", "powiat", "gmina"], separator="/").alias("unit")
        votes = pl.read_csv(f"{place}_votes.csv").select(
            named, option="kandydat", kind=pl.lit("candidate"), votes="glosy"
        )
        lists = pl.read_csv(f"{place}_units.csv").select(
            named, option=pl.lit("registered"), kind=pl.lit("registered"), votes="uprawnieni"
        )
        rows += [part.with_columns(round=pl.lit(k)) for part in (votes, lists)]
    return from_long(pl.concat(rows), "poland-2015", lambda unit: unit.split("/")[0])


def brest_2022() -> Told:
    """Return the polling stations of Brest, legislative election of 2022."""
    rows = []
    for k in (1, 2):
        frame = pl.read_csv(data_folder() / f"france/brest/2022_round{k}.csv", separator=";")
        names = [c for c in frame.columns if c.endswith(" - votes")]
        for column in (*names, "Inscrits"):
            kind = "registered" if column == "Inscrits" else "candidate"
            rows.append(
                frame.select(
                    unit=pl.col("Numéro").cast(pl.String),
                    round=pl.lit(k),
                    option=pl.lit(column.removesuffix(" - votes")),
                    kind=pl.lit(kind),
                    votes=pl.col(column).cast(pl.Int64),
                )
            )
    return from_long(pl.concat(rows), "brest-2022")


def brest_2024(constituency: int) -> Told:
    """Return one of the two constituencies of Brest in 2024; stations in the ministry's layout."""
    rows, people = [], {}
    for k in (1, 2):
        place = data_folder() / f"france/brest/2024_round{k}_ministry_layout.csv"
        for row in pl.read_csv(place, separator=";", infer_schema=False).rows(named=True):
            unit = f"{row['Code commune']}-{row['Code BV'].lstrip('0')}"
            found = {}
            for i in range(1, 20):
                if row.get(f"Voix {i}"):
                    name = f"{row[f'Nom candidat {i}']} {row[f'Prénom candidat {i}']}"
                    found[name] = int(row[f"Voix {i}"])
            if k == 1:
                people[unit] = frozenset(found)
            kinds = dict.fromkeys(found, "candidate") | {"registered": "registered"}
            votes = found | {"registered": int(row["Inscrits"])}
            rows += [(unit, k, o, kinds[o], v) for o, v in votes.items()]
    groups = [group for group, _ in Counter(people.values()).most_common()]
    chosen = [u for u in people if people[u] == groups[constituency]]
    frame = pl.DataFrame(rows, schema=["unit", "round", "option", "kind", "votes"], orient="row")
    return from_long(frame.filter(pl.col("unit").is_in(chosen)), f"brest-2024-{constituency}")


def familiar() -> Nights:
    """Return contests of presidents on which the scales of the nowcast were read off."""
    county: Callable[[str], str] = lambda unit: unit.split("/")[0]  # noqa: E731
    return {
        "georgia": lambda: georgia(everything=True),
        "georgia, prior alone": lambda: georgia(everything=False),
        "poland 2020": long("units/pl_pres_2020.parquet", "PL-PRES-2020-GMINA", two),
        "romania 2009": long(
            "units/ro_pres_2009_locality.parquet", "RO-PRES-2009-LOCALITY", county
        ),
        "brazil 2018": long("units/br_pres_2018_munzona.parquet", "BR-PRES-2018-MUNZONA", two),
        "france 2002": long(FRANCE, "FR-PRES-2002-DEP"),
        "france 2012": long("france/presidentielle_2012_circo.parquet", "FR-PRES-2012", two),
        "france 2017": long(FRANCE, "FR-PRES-2017-CANTON", two),
        "france 2017 by constituency": long(FRANCE, "FR-PRES-2017-CIRCO", two),
        "france 2022": long(FRANCE, "FR-PRES-2022-DEP"),
        "chile 2013": long(CHILE, "CL-PRES-2013-COMUNA"),
        "chile 2017": long(CHILE, "CL-PRES-2017-COMUNA"),
        "chile 2021": long(CHILE, "CL-PRES-2021-CIRC"),
        "georgia by district": by_district,
    }


def by_district() -> Told:
    """Return Georgia 2018 by its 74 districts."""
    contest = forecast.load_contest("georgia-2018")
    return Told(contest, forecast.load_returns("georgia-2018"), forecast.learned_prior(contest))


def poland() -> Nights:
    """Return a runoff that was not looked at."""
    return {"poland 2015": poland_2015}


def bulgaria() -> Nights:
    """Return 173 mayors of one day by polling station, those with at least 20 stations."""
    file = "units/bg_mayors_2011_sections.parquet"
    stations = table(file).group_by("election_id").agg(pl.col("unit").n_unique())
    names = stations.filter(pl.col("unit") >= 20)["election_id"].sort().to_list()
    return {name: long(file, name) for name in names if name[-4:] not in ("0201", "1833")}


def governors() -> Nights:
    """Return Chile's governors of 2021 by commune: turnout halved. With ten communes or more."""
    rows = table(CHILE).filter(pl.col("election_id").str.starts_with("CL-GOV-2021"))
    sizes = rows.group_by("election_id").agg(pl.col("unit").n_unique()).sort("election_id")
    return {name: long(CHILE, name) for name, n in sizes.rows() if n >= 7}


@cache
def _past() -> list[past_nights.Night]:
    return past_nights.read()


def past() -> Nights:
    """Return Georgian runoffs of 2014-2016 by station, prior learned on the other day."""

    def reader(night: past_nights.Night) -> Reader:
        return lambda: Told(*night)

    return {night[0].name: reader(night) for night in _past()}


def gave_up() -> Nights:
    """Return real boycotts: Georgian runoffs from which a finalist withdrew in all but name."""

    def reader(pair: tuple[Contest, Returns]) -> Reader:
        known = set(pair[0].units)
        return lambda: Told(pair[0], pair[1].select(u for u in pair[1].units if u in known))

    data = past_nights.georgia_history.read()
    return {c.name: reader((c, r)) for c, r in data.history if c.name in data.gave_up}


def planted(nights: Nights, change: Callable[[Told], Told]) -> Nights:
    """Return nights with something planted."""

    def reader(read: Reader) -> Reader:
        return lambda: change(read())

    return {name: reader(read) for name, read in nights.items()}


def some_nights() -> Nights:
    """Return contests of several countries and sizes into which faults are planted."""
    all_of = familiar()
    names = ("georgia, prior alone", "romania 2009", "france 2012", "chile 2017", "chile 2021")
    few = {name: all_of[name] for name in names}
    return few | dict(list(past().items())[::12]) | dict(list(bulgaria().items())[::16])


def _with(night: Told, votes: FloatArray) -> Told:
    """Return the night with other counts."""
    rounded = np.rint(np.maximum(votes, 0)).astype(np.int64)
    counts = Returns(units=night.returns.units, finalists=night.returns.finalists, votes=rounded)
    return night._replace(returns=counts)


def _first(night: Told) -> tuple[FloatArray, FloatArray]:
    """Return first-round votes of the finalists and of all, in the order of the returns."""
    place = {unit: u for u, unit in enumerate(night.contest.units)}
    rows = [place[u] for u in night.returns.units]
    own = [night.contest.candidates.index(f) for f in night.returns.finalists]
    votes = night.contest.votes[rows].astype(float)
    return votes[:, own], votes.sum(axis=1)


def _standard(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Return values in standard deviations from their mean, both by weight."""
    mean = np.average(values, weights=weight)
    return np.asarray((values - mean) / np.sqrt(np.average((values - mean) ** 2, weights=weight)))


def boycott(fraction: float, finalist: int) -> Callable[[Told], Told]:
    """Plant: so many of one finalist's own first-round voters stay at home, everywhere alike."""

    def change(night: Told) -> Told:
        votes = night.returns.votes.astype(float)
        votes[:, finalist] -= fraction * np.minimum(
            _first(night)[0][:, finalist], votes[:, finalist]
        )
        return _with(night, votes)

    return change


def moved(night: Told, shift: FloatArray | float) -> Told:
    """Return the night with the first finalist's share of every unit moved, in logits."""
    votes = night.returns.votes.astype(float)
    total = votes.sum(axis=1)
    grown = votes[:, 0] * np.exp(shift)
    rest = np.maximum(votes[:, 1:].sum(axis=1), 1e-9)
    share = grown / np.maximum(grown + rest, 1e-9)
    others = votes[:, 1:] / rest[:, None]
    parts = np.column_stack([share * total, ((1 - share) * total)[:, None] * others])
    return _with(night, parts)


def gradient(kind: str) -> Callable[[Told], Told]:
    """Plant: the share moves by .1 logits per sd of a unit's log size, or of its lean."""

    def change(night: Told) -> Told:
        own, ballots = _first(night)
        lean = np.log((own[:, 0] + 2) / (own[:, 1] + 2))
        values = np.log(ballots + 5) if kind == "size" else lean
        return moved(night, 0.1 * _standard(values, ballots + 1))

    return change


def close(lead: float) -> Callable[[Told], Told]:
    """Plant: everywhere the same swing, so that the first finalist is ahead by `lead` points."""

    def change(night: Told) -> Told:
        low, high = -6.0, 6.0
        for _ in range(40):
            middle = (low + high) / 2
            votes = moved(night, middle).returns.votes.sum(axis=0)
            ahead = 100 * (votes[0] - votes[1:].max()) / votes.sum() > lead
            low, high = (low, middle) if ahead else (middle, high)
        return moved(night, high)

    return change


def mispaired() -> Nights:
    """Return one year's first round with another year's runoff, by the camps that met in both."""

    def pair(first: Reader, second: Reader, camps: dict[str, str]) -> Reader:
        def read() -> Told:
            one, other = first(), second()
            known = set(one.contest.units)
            units = [u for u in other.returns.units if u in known]
            order = [other.returns.finalists.index(camps[f]) for f in one.contest.finalists]
            place = {u: k for k, u in enumerate(other.returns.units)}
            votes = other.returns.votes[[place[u] for u in units]][:, order]
            returns = Returns(units=tuple(units), finalists=one.contest.finalists, votes=votes)
            return Told(_of_units(one.contest, units), returns, one.prior)

        return read

    chile = {year: long(CHILE, f"CL-PRES-{year}-COMUNA") for year in (2013, 2017)}
    camps = {
        "MICHELLE BACHELET JERIA": "ALEJANDRO GUILLIER ALVAREZ",
        "EVELYN MATTHEI FORNET": "SEBASTIAN PINERA ECHENIQUE",
    }
    back = {new: old for old, new in camps.items()}
    found = {
        "chile 2013 with 2017": pair(chile[2013], chile[2017], camps),
        "chile 2017 with 2013": pair(chile[2017], chile[2013], back),
    }
    for election, first in (
        ("parl_2016_pr", ("gd", "unm")),
        ("pres_2013", ("giorgi_margvelashvili", "bakradze")),
    ):
        own = dict(zip(first, ("zurabishvili", "vashadze"), strict=True))
        found[f"georgia {election} with 2018"] = pair(georgian(election, first), by_district, own)
    return found


def georgian(election: str, finalists: tuple[str, str]) -> Reader:
    """Return how to read the districts of an earlier election as a first round."""

    def read() -> Told:
        rows = pl.read_csv(data_folder() / "georgia/prior_elections_units.csv")
        rows = rows.filter((pl.col("election") == election) & (pl.col("main_list") > 0))
        known = set(forecast.load_contest("georgia-2018").units)
        rows = rows.filter(pl.col("unit").is_in(list(known)))
        votes = rows.pivot(on="option", index="unit", values="votes", aggregate_function="sum")
        lists = rows.group_by("unit").agg(pl.col("main_list").max(), pl.col("voted").max())
        joined = votes.fill_null(0).join(lists, on="unit")
        cast = pl.sum_horizontal([c for c in votes.columns if c != "unit"])
        joined = joined.with_columns(registered=pl.max_horizontal("main_list", "voted", cast))
        contest = Contest.from_frame(
            joined.drop("main_list", "voted"), name=election, finalists=finalists
        )
        empty = np.zeros((len(contest.units), 2), dtype=np.int64)
        return Told(contest, Returns(units=contest.units, finalists=finalists, votes=empty))

    return read


def _of_units(contest: Contest, units: Sequence[str]) -> Contest:
    """Return the contest of some of its units."""
    place = {unit: u for u, unit in enumerate(contest.units)}
    rows = [place[unit] for unit in units]
    return replace(
        contest,
        units=tuple(units),
        votes=contest.votes[rows],
        invalid=contest.invalid[rows],
        registered=None if contest.registered is None else contest.registered[rows],
        regions=None,
    )


def residuals(night: Told) -> FloatArray:
    """Return what a unit's runoff share has beyond a regression on its first round, in sds."""
    own, ballots = _first(night)
    votes = night.returns.votes
    goal = np.log((votes[:, 0] + 1) / (votes[:, 1:].sum(axis=1) + 1))
    lean = np.log((own[:, 0] + 2) / (own[:, 1:].sum(axis=1) + 2))
    rest = np.log((ballots - own.sum(axis=1) + 2) / (ballots + 2))
    rows = np.column_stack([np.ones_like(lean), lean, rest, np.log(ballots + 5)])
    weight = np.sqrt(ballots + 1)
    fit = np.linalg.lstsq(rows * weight[:, None], goal * weight, rcond=None)[0]
    return _standard(goal - rows @ fit, ballots + 1)


SETS: dict[str, Callable[[], Nights]] = {
    "familiar": familiar,
    "poland 2015": poland,
    "bulgaria 2011": bulgaria,
    "georgia 2014-16": past,
    "governors 2021": governors,
    "gave up": gave_up,
    "boycott of the first": lambda: planted(some_nights(), boycott(0.5, 0)),
    "boycott of the second": lambda: planted(some_nights(), boycott(0.5, 1)),
    "mispaired": mispaired,
    "gradient by size": lambda: planted(some_nights(), gradient("size")),
    "gradient by lean": lambda: planted(some_nights(), gradient("lean")),
    "close, ahead": lambda: planted(some_nights(), close(0.3)),
    "close, behind": lambda: planted(some_nights(), close(-0.3)),
    "brest": lambda: {
        "brest 2022": brest_2022,
        "brest 2024, first": lambda: brest_2024(0),
        "brest 2024, second": lambda: brest_2024(1),
    },
}
