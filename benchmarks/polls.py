"""How polls of runoffs err: learn the sizes, and forecast past runoffs from polls.

Usage: ``python benchmarks/polls.py [--learn] [--json FILE]``; ``--learn`` rewrites the constants
shipped with the package, ``forecast/data/learned/polls.json``.

Data: 641 polls of the pair that met in 79 runoffs (`polls/` of the data folder): mayors in Brazil,
presidents in France, Colombia, Uruguay and Romania. Where the number of people asked is not
published, `UNKNOWN_N` are assumed.

What is learned: bias, crossing, drift, house and undecided of `PollErrors`, from all polls given
the results, with the weak priors of `PRIOR`: the root mean square over the (Laplace) posterior,
since a forecast has to allow for what a few contests leave open. Bias is never below `FLOOR`:
eleven presidential contests cannot show that polls are better than 4,221 polls of American states
(Shirani-Mehr, Rothschild, Goel & Gelman 2018, JASA 113, 607-614). National and local contests are
learned apart; "general", for a contest of unknown kind, has the root mean square of both.

What is shown: polls alone, that is with a flat prior on the log-ratio of the finalists' shares, as
of some days before the runoff, with constants learned without the contest's country (for Brazil,
where all local contests are, without the contest's year as well); and polls with the library's
prior of an unknown contest, where the first round's counts are at hand: generic for a place, of a
country learned from national runoffs before. CRPS in points of the two-way share. Results are
compared with counts where there are any: of presidents those of `world/` or of the night (`NIGHT`),
of mayors those of Brazilian places in 2012.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit, logsumexp
from truth import data_folder

import forecast
from forecast.arrays import FloatArray
from forecast.facts.ledger import Ledger
from forecast.facts.polls import Poll
from forecast.simulation.engine import simulate
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.elicited.national import national_prior
from forecast.transfers.polls.errors import (
    LEVELS,
    NODES,
    Line,
    PollErrors,
    own_covariance,
    scale_nodes,
    shared_covariance,
)
from forecast.transfers.polls.likelihood import Calendar, lines_of

UNKNOWN_N = 800
PRIOR = {
    "bias": (0.1, 0.5),
    "crossing": (0.1, 0.5),
    "drift": (0.03, 0.5),
    "house": (0.05, 0.5),
    "undecided": (0.3, 0.5),
}
"""Median and sd of the logarithm."""
FLOOR = 0.09
HORIZONS = (0, 3, 7, 10, 14)
PRIOR_HORIZONS = (3, 7, 10)
DRAWS = 4000
FEWEST = 0.005
"""Candidates with a smaller part of the first round's votes are left out of the ledger."""
FINALISTS = ("a", "b")
COUNTED = ("invalid", "registered")
BLANK = ("95", "96")
"""Blank and invalid ballots, where candidates have numbers."""
NIGHT = {
    "CO-2018": {"Duque": 10_373_080, "Petro": 8_034_189},
    "UY-2014": {"Vázquez": 1_226_105, "Lacalle Pou": 939_074},
}
"""Counts of the night, before the last ballots, of presidents that `world/` lacks: Libertad Digital
of 18 June 2018 (libertaddigital.com, from the Registraduría) and Télam of 1 December 2014
(diarionoticiasweb.com.ar, from the Corte Electoral)."""
USUAL_TURNOUT = 0.82
"""Of the lists where these are not at hand: Brazil, where to vote is a duty."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Polled:
    """A past runoff and the polls of it; finalists are "a" and "b"."""

    name: str
    country: str
    level: str
    calendar: Calendar
    result: float
    polls: tuple[Poll, ...]

    def before(self, days: int, *, between_rounds: bool = True) -> Polled:
        """Return it with the polls that ended by `days` before the runoff."""
        last = self.calendar.runoff - timedelta(days=days)
        first = self.calendar.first_round if between_rounds else date.min
        return replace(self, polls=tuple(p for p in self.polls if first <= p.end <= last))

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What the polls published."""
        kinds = ("finalist", "finalist")
        ledger = Ledger(
            units=("all",),
            origins=FINALISTS,
            kinds=kinds,
            destinations=(*FINALISTS, "none"),
            counts=np.ones((1, 2), dtype=np.int64),
        )
        errors = PollErrors(undecided=1.0)
        return lines_of(self.polls, ledger, errors, "as the ledger implies", self.calendar)


def load(folder: Path) -> tuple[Polled, ...]:
    """Return every contest of `polls/` with its polls."""
    polls: dict[str, list[Poll]] = {}
    for row in _rows(folder / "polls/runoff_polls.csv"):
        polls.setdefault(row["contest"], []).append(_poll(row))
    return tuple(
        Polled(
            name=row["contest"],
            country=row["country"],
            level="national" if row["office"] == "president" else "local",
            calendar=Calendar(
                first_round=date.fromisoformat(row["round1"]),
                runoff=date.fromisoformat(row["runoff"]),
            ),
            result=float(row["result_a"]),
            polls=tuple(sorted(polls[row["contest"]], key=lambda p: p.end or date.min)),
        )
        for row in _rows(folder / "polls/runoff_contests.csv")
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _poll(row: dict[str, str]) -> Poll:
    share, rest = float(row["share_a"]), float(row["other_pct"] or 0) / 100
    end = date.fromisoformat(row["end"])
    return Poll(
        pollster=row["pollster"].casefold()[:5],  # the same house is spelt in several ways
        n=int(float(row["n"] or UNKNOWN_N)),
        shares={"a": share, "b": 1 - share},
        base="decided",
        undecided=min(rest, 0.6) if row["a_pct"] else 0.0,
        end=end,
        published=end,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Published log-ratios of one contest, and what their covariance is made of."""

    value: FloatArray
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, contest: Polled) -> Evidence:
        """Return what a contest's polls say."""
        return cls(value=np.array([x.value[0] for x in contest.lines]), lines=contest.lines)

    def covariances(self, errors: PollErrors) -> tuple[FloatArray, FloatArray]:
        """Return log probabilities and covariances, (node,) and (node, line, line)."""
        sampling = replace_noise(self.lines, errors.undecided)
        shared = shared_covariance(sampling, 2, errors)
        squares, p = scale_nodes(errors.tails, NODES["scales"])
        houses, q = scale_nodes(errors.tails, NODES["house_scales"])
        own = np.array([own_covariance(sampling, 2, errors, float(x)) for x in houses])
        total = squares[:, None, None, None] * shared + own
        return np.log(np.outer(p, q)).ravel(), total.reshape(-1, *shared.shape)

    def log_density(self, truth: float, errors: PollErrors) -> float:
        """Return the log density of the polls given the true log-ratio."""
        weights, total = self.covariances(errors)
        root = np.linalg.cholesky(total)
        rest = np.linalg.solve(
            root, np.broadcast_to((self.value - truth)[:, None], (len(root), len(self.value), 1))
        )
        size = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        terms = weights - size - 0.5 * (rest**2).sum(axis=(1, 2))
        return float(logsumexp(terms)) - 0.5 * len(self.value) * np.log(2 * np.pi)

    def posterior(self, errors: PollErrors, rng: np.random.Generator) -> FloatArray:
        """Return draws of the true log-ratio, whose prior is flat."""
        weights, total = self.covariances(errors)
        inverse = np.linalg.inv(total)
        precision = inverse.sum(axis=(1, 2))
        mean = (inverse @ self.value).sum(axis=1) / precision
        rest = self.value - mean[:, None]
        square = np.einsum("ji,jik,jk->j", rest, inverse, rest)
        terms = weights - 0.5 * (np.linalg.slogdet(total)[1] + square + np.log(precision))
        terms = np.exp(terms - logsumexp(terms))
        node = rng.choice(len(terms), size=DRAWS, p=terms / terms.sum())
        return np.asarray(mean[node] + rng.standard_normal(DRAWS) / np.sqrt(precision[node]))


def replace_noise(lines: Sequence[Line], undecided: float) -> list[Line]:
    """Return lines with this sd of the undecided; theirs were made with one of 1."""
    return [
        replace(x, noise=x.noise + (undecided**2 - 1) * x.hesitant**2 * np.ones((1, 1)))
        for x in lines
    ]


@cache
def learn(contests: tuple[Polled, ...]) -> dict[str, float]:
    """Return the constants of `LEVELS` learned from contests of one kind."""
    known = [(Evidence.of(c), float(logit(c.result))) for c in contests]
    centre = np.log([median for median, _ in PRIOR.values()])
    spread = np.array([sd for _, sd in PRIOR.values()])

    def cost(off: FloatArray) -> float:
        values = dict(zip(PRIOR, np.exp(centre + spread * off).tolist(), strict=True))
        errors = PollErrors(**values)
        return 0.5 * float(off @ off) - sum(e.log_density(t, errors) for e, t in known)

    best = minimize(cost, np.zeros(len(PRIOR)), method="L-BFGS-B", options={"ftol": 1e-6}).x
    variance = np.diag(np.linalg.inv(_curvature(cost, best)))
    found = np.exp(centre + spread * best + spread**2 * variance)
    found[0] = max(found[0], FLOOR)
    return dict(zip(PRIOR, found.round(3).tolist(), strict=True))


def _curvature(cost: Callable[[FloatArray], float], at: FloatArray) -> FloatArray:
    """Return second differences of a function."""
    step = 0.1 * np.eye(len(at))
    return np.array(
        [
            [
                (cost(at + a + b) - cost(at + a - b) - cost(at - a + b) + cost(at - a - b)) / 0.04
                for b in step
            ]
            for a in step
        ]
    )


def learn_levels(contests: Iterable[Polled]) -> dict[str, dict[str, float]]:
    """Return constants by level; a level without contests gets those of the other."""
    groups: dict[str, list[Polled]] = {}
    for contest in contests:
        groups.setdefault(contest.level, []).append(contest)
    found = {level: learn(tuple(group)) for level, group in groups.items()}
    some = list(found.values())
    general = {
        name: round(float(np.sqrt(np.mean([x[name] ** 2 for x in some]))), 3) for name in PRIOR
    }
    return {"general": general} | {k: found.get(k, general) for k in ("national", "local")}


def crps(draws: FloatArray, truth: float) -> float:
    """Return the continuous ranked probability score of draws."""
    ranked = np.sort(draws)
    n = len(ranked)
    spread = (2 * np.arange(n) - n + 1) @ ranked / n**2
    return float(np.abs(ranked - truth).mean() - spread)


def measured(found: Sequence[tuple[FloatArray, float]]) -> dict[str, float]:
    """Return CRPS, coverage, width and error of the median of forecast shares, in points."""
    medians = np.array([np.median(draws) for draws, _ in found])
    truths = np.array([truth for _, truth in found])

    def inside(level: float) -> float:
        ends = (0.5 - level / 2, 0.5 + level / 2)
        low, high = np.array([np.quantile(draws, ends) for draws, _ in found]).T
        return float(((low <= truths) & (truths <= high)).mean())

    widths = [np.subtract(*np.quantile(draws, (0.95, 0.05))) for draws, _ in found]
    return {
        "runoffs": len(found),
        "crps": round(100 * float(np.mean([crps(d, t) for d, t in found])), 2),
        "covers_50": round(inside(0.5), 3),
        "covers_90": round(inside(0.9), 3),
        "width_90": round(100 * float(np.mean(widths)), 1),
        "error": round(100 * float(np.sqrt(((medians - truths) ** 2).mean())), 2),
    }


def polls_alone(
    contests: Iterable[Polled],
    constants: Callable[[Polled], dict[str, float]],
    days: int,
    *,
    between_rounds: bool = True,
) -> dict[str, float]:
    """Return how polls alone forecast contests as of some days before the runoff."""
    rng, found = np.random.default_rng(0), []
    for contest in contests:
        known = contest.before(days, between_rounds=between_rounds)
        if known.polls:
            errors = PollErrors(**constants(contest))
            found.append((expit(Evidence.of(known).posterior(errors, rng)), contest.result))
    return measured(found)


def averages(contests: Sequence[Polled], days: int) -> list[tuple[Polled, float]]:
    """Return contests with the mean log-ratio of the last two weeks of polls."""
    found = []
    for contest in contests:
        polls = contest.before(days).polls
        if polls:
            since = polls[-1].end - timedelta(days=14)
            shares = [float(logit(p.shares["a"])) for p in polls if p.end >= since]
            found.append((contest, float(np.mean(shares))))
    return found


def final_averages(contests: Sequence[Polled]) -> list[dict[str, Any]]:
    """Return what the last two weeks of polls said on average, and what came."""
    return [
        {
            "contest": contest.name,
            "scope": contest.level,
            "polls": round(float(expit(mean)), 4),
            "result": contest.result,
        }
        for contest, mean in averages(contests, 0)
    ]


def average_of_polls(contests: Sequence[Polled], days: int) -> dict[str, float]:
    """Return the baseline: the mean of two weeks, with a normal error of the others' size."""
    found = averages(contests, days)
    errors = np.array([mean - logit(c.result) for c, mean in found])
    rng = np.random.default_rng(0)
    draws = [
        expit(mean + rng.standard_normal(DRAWS) * np.sqrt((np.delete(errors, i) ** 2).mean()))
        for i, (_, mean) in enumerate(found)
    ]
    return measured(list(zip(draws, [c.result for c, _ in found], strict=True)))


def with_first_round(contests: Iterable[Polled], folder: Path) -> dict[str, forecast.Contest]:
    """Return the first round of those contests whose counts are at hand."""
    mayors = _mayors(folder)
    presidents = _presidents(folder)
    found = {}
    for contest in contests:
        votes = (
            presidents.get(contest.name.removesuffix("-president"))
            if contest.level == "national"
            else _matching(mayors, contest)
        )
        if votes:
            found[contest.name] = _contest(contest, votes)
    return found


def _contest(contest: Polled, votes: dict[str, int]) -> forecast.Contest:
    people = {name: votes.get(name, 0) for name in COUNTED}
    votes = {name: number for name, number in votes.items() if name not in COUNTED}
    total = sum(votes.values())
    kept = {k: v for k, v in votes.items() if k in FINALISTS or v > FEWEST * total}
    invalid = people["invalid"]
    registered = max(people["registered"], round((total + invalid) / USUAL_TURNOUT))
    return forecast.Contest(
        name=contest.name,
        candidates=tuple(kept),
        finalists=FINALISTS,
        units=("all",),
        votes=[list(kept.values())],
        invalid=[invalid],
        registered=[registered],
        scope=contest.level,
        first_round=contest.calendar.first_round,
        runoff=contest.calendar.runoff,
    )


def _mayors(folder: Path) -> list[tuple[dict[str, int], dict[str, int]]]:
    """Return votes by party number of both rounds of Brazilian mayoral runoffs of 2012."""
    rounds: dict[tuple[str, str], dict[str, int]] = {}
    for row in _rows(folder / "units/br_mayors_2012_2016.csv"):
        if row["ANO_ELEICAO"] == "2012":
            votes = rounds.setdefault((row["COD_MUN_TSE"], row["NUM_TURNO"]), {})
            name = "invalid" if row["NUMERO_CANDIDATO"] in BLANK else row["NUMERO_CANDIDATO"]
            votes[name] = votes.get(name, 0) + int(row["QTDE_VOTOS"])
    return [(rounds[place, "1"], rounds[place, "2"]) for place, k in rounds if k == "2"]


def _matching(
    mayors: list[tuple[dict[str, int], dict[str, int]]], contest: Polled
) -> dict[str, int] | None:
    """Return the first round of the place whose runoff had just this result."""
    if contest.calendar.first_round.year != 2012:
        return None
    found = []
    for first, runoff in mayors:
        pair = tuple(name for name in runoff if name != "invalid")
        for a, b in (pair, pair[::-1]):
            if abs(runoff[a] / (runoff[a] + runoff[b]) - contest.result) < 6e-6:
                names = {a: "a", b: "b"}
                found.append({names.get(k, k): v for k, v in first.items()})
    return found[0] if len(found) == 1 else None


def compared_results(contests: Iterable[Polled], folder: Path) -> dict[str, float | None]:
    """Return how far results are from counts, in points, or None where there are none."""
    votes: dict[str, dict[str, int]] = {name: dict(count) for name, count in NIGHT.items()}
    for file in ("presidential_runoffs", "additions"):
        for row in _rows(folder / f"world/{file}.csv"):
            if row["round"] == "2" and row["kind"] == "candidate":
                runoff = votes.setdefault(row["election_id"].replace("-PRES-", "-"), {})
                runoff[row["option"]] = int(row["votes"])
    mayors = [{k: v for k, v in r.items() if k != "invalid"} for _, r in _mayors(folder)]
    out: dict[str, float | None] = {}
    for contest in contests:
        if contest.level == "national":
            runoffs = [votes.get(contest.name.removesuffix("-president"), {})]
        else:
            runoffs = mayors if contest.calendar.runoff.year == 2012 else []
        shares = [v / sum(runoff.values()) for runoff in runoffs for v in runoff.values()]
        out[contest.name] = min((100 * abs(x - contest.result) for x in shares), default=None)
    return out


def _presidents(folder: Path) -> dict[str, dict[str, int]]:
    """Return the votes of first rounds by country and year; finalists are "a" and "b"."""
    finalists = {
        row["contest"].removesuffix("-president"): (row["a"], row["b"])
        for row in _rows(folder / "polls/runoff_contests.csv")
    }
    found: dict[str, dict[str, int]] = {}
    for file in ("presidential_runoffs", "additions"):
        for row in _rows(folder / f"world/{file}.csv"):
            name = row["election_id"].replace("-PRES-", "-")
            if name in finalists and row["round"] == "1" and row["kind"] in COUNTED:
                found.setdefault(name, {})[row["kind"]] = int(row["votes"])
            if name in finalists and row["round"] == "1" and row["kind"] == "candidate":
                last = row["option"].split()[-1].casefold()
                places = [
                    k
                    for k, f in zip(FINALISTS, finalists[name], strict=True)
                    if f.split()[-1].casefold() == last and row["finalist"] == "True"
                ]
                found.setdefault(name, {})[places[0] if places else row["option"]] = int(
                    row["votes"]
                )
    return {name: votes for name, votes in found.items() if set(FINALISTS) <= set(votes)}


def with_prior(
    contests: Sequence[Polled],
    known: dict[str, forecast.Contest],
    constants: Callable[[Polled], dict[str, float]],
    days: int,
) -> dict[str, dict[str, float]]:
    """Return how the prior of an unknown contest, polls, and both forecast the same contests."""
    world = forecast.past_runoffs("world")
    found: dict[str, list[tuple[FloatArray, float]]] = {"prior": [], "polls": [], "both": []}
    rng = np.random.default_rng(0)
    for contest in contests:
        now = contest.before(days)
        if contest.name not in known or not now.polls:
            continue
        first, errors = known[contest.name], PollErrors(**constants(contest))
        national = contest.level == "national"
        prior = national_prior(first, world) if national else generic_prior(first)
        both = forecast.with_polls(prior, first, now.polls, errors=errors)
        shares = {"prior": _share(prior, first), "both": _share(both, first)}
        shares["polls"] = expit(Evidence.of(now).posterior(errors, rng))
        for name, draws in shares.items():
            found[name].append((draws, contest.result))
    return {name: measured(part) for name, part in found.items()}


def _share(prior: Any, contest: forecast.Contest) -> FloatArray:
    votes = simulate(contest, prior, draws=DRAWS, seed=1, workers=1).votes()
    return np.asarray(votes[:, 0] / votes.sum(axis=1))


def held_out(contests: Sequence[Polled]) -> Callable[[Polled], dict[str, float]]:
    """Return constants learned without a contest's country, or its year in Brazil."""
    found: dict[tuple[str, str], dict[str, dict[str, float]]] = {}

    def constants(contest: Polled) -> dict[str, float]:
        year = contest.name[3:7] if contest.level == "local" else ""
        key = (contest.country, year)
        if key not in found:
            rest = [c for c in contests if c.country != key[0] or (year and c.name[3:7] != year)]
            found[key] = learn_levels(rest)
        return found[key][contest.level]

    return constants


def other_countries(contests: Sequence[Polled]) -> Callable[[Polled], dict[str, float]]:
    """Return constants learned in other countries alone, the level unknown where it has none."""
    found: dict[str, dict[str, dict[str, float]]] = {}

    def constants(contest: Polled) -> dict[str, float]:
        if contest.country not in found:
            found[contest.country] = learn_levels(
                c for c in contests if c.country != contest.country
            )
        return found[contest.country][contest.level]

    return constants


def write_constants(
    levels: dict[str, Any], held: dict[str, Any], contests: Sequence[Polled], folder: Path
) -> None:
    """Write the constants shipped with the package, with their provenance."""
    files = {
        name: hashlib.sha256((folder / "polls" / name).read_bytes()).hexdigest()
        for name in ("runoff_contests.csv", "runoff_polls.csv")
    }
    found = {
        "levels": levels,
        "held_out": held,
        "prior": {name: {"median": m, "log_sd": sd} for name, (m, sd) in PRIOR.items()},
        "floor_of_bias": FLOOR,
        "final_averages": final_averages(contests),
        "provenance": {
            "what": "641 polls of the pair that met in 79 runoffs: 68 of mayors in Brazil (2012, "
            "2020; Poder360), 11 of presidents in France, Colombia, Uruguay and Romania",
            "made_by": "benchmarks/polls.py --learn",
            "sha256": files,
        },
    }
    home = Path(forecast.__file__).parent / "data" / "learned" / "polls.json"
    home.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def table(title: str, rows: dict[str, dict[str, float]]) -> None:
    """Print rows of figures under a title."""
    names = list(next(iter(rows.values())))
    print(f"\n{title}\n{'':44}" + "".join(f"{name:>11}" for name in names))
    for name, row in rows.items():
        print(f"{name:44}" + "".join(f"{row[k]:>11}" for k in names))


def main() -> None:
    """Learn, print tables and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path("polls.json"))
    parser.add_argument("--learn", action="store_true")
    arguments = parser.parse_args()
    contests = load(data_folder())
    compared = compared_results(contests, data_folder())
    said = [f"{k} {x:.3f}" for k, x in compared.items() if x is not None and "mayor" not in k]
    print(f"results less counts, in points: {', '.join(said)};", end=" ")
    mayors = [off for name, off in compared.items() if "mayor" in name]
    known = [off for off in mayors if off is not None]
    print(f"{len(known)} of {len(mayors)} mayors, {max(known):.4f} at most")
    levels = learn_levels(contests)
    for level, values in levels.items():
        print(level, values, "shipped:", LEVELS[level])
    ways = {
        "shipped constants": lambda c: LEVELS[c.level],
        "shipped, kind of contest unknown": lambda _: LEVELS["general"],
        "learned without the country (or year)": held_out(contests),
        "learned in other countries only": other_countries(contests),
    }
    rows = {"mean of polls": {}} | {name: {} for name in ways}
    for days in HORIZONS:
        found = {"mean of polls": average_of_polls(contests, days)}
        found |= {name: polls_alone(contests, way, days) for name, way in ways.items()}
        table(f"polls alone, as of {days} days before the runoff", found)
        for name, row in found.items():
            rows[name][str(days)] = row
    if arguments.learn:
        held = rows["learned without the country (or year)"]
        write_constants(levels, held, contests, data_folder())
    result: dict[str, Any] = {"levels": levels, "results compared": compared, "polls alone": rows}
    known = with_first_round(contests, data_folder())
    result["prior and polls"] = {}
    for days in PRIOR_HORIZONS:
        held = ways["learned without the country (or year)"]
        found = with_prior(contests, known, held, days)
        table(f"with the prior of an unknown contest, {days} days before the runoff", found)
        result["prior and polls"][str(days)] = found
    arguments.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
