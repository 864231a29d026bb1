"""Before the first round: how polls err with the days to go, learned and tried on past elections.

    FORECAST_DATA=... python benchmarks/before.py            # backtests, one country left out
    FORECAST_DATA=... python benchmarks/before.py --learn    # write data/learned/first_round.json

The constants of `FirstRoundErrors` are learned in two steps. What is between polls (house effects,
rivals, noise) maximises the density of the polls alone. What is between polls and the count (bias,
drift with its power, small candidates) maximises the density of the results given the polls of 120,
60, 30, 14 and 3 days before, each election with weight one, under wide priors around what the
literature has (Jennings and Wlezien 2018: errors of about 2 points at the end and 4 some months
before). In the backtests every country is forecast with constants learned on the others.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from before_table import Chance, Scored, calibration, summary
from scipy.optimize import minimize
from scipy.special import gammaln

from forecast.facts.election import Election
from forecast.facts.poll_tables.election_table import read_election
from forecast.facts.polls import Poll
from forecast.facts.words.names import matched_people
from forecast.first_round import opinion
from forecast.first_round.draws import SOMEBODY, USUAL_NAMES
from forecast.first_round.errors import FirstRoundErrors
from forecast.first_round.opinion import Opinion, questions_of
from forecast.outcome.election_run import forecast_election

DATA = Path(os.environ.get("FORECAST_DATA", "../shared/data"))
OUT = Path(__file__).parent.parent / "forecast" / "data" / "learned" / "first_round.json"
HORIZONS = (120, 60, 30, 14, 3)
BETWEEN = ("house", "rivals", "noise", "drift")
COUNT = ("bias", "drift", "power", "small")
START = {"bias": 0.10, "drift": 0.035, "power": 0.9, "small": 0.05, "house": 0.06, "rivals": 0.15,
         "noise": 0.04}  # fmt: skip
"""Centres of the priors: about 2 points of a candidate of 20% at the end, 4 to 6 at 120 days."""
WIDTH = 0.5
"""Standard deviation of the logarithm of each constant under its prior."""
ROWS = 400
"""Answers used when constants are learned."""


@dataclass(frozen=True)
class Past:
    """A past election: its polls, and what was counted."""

    country: str
    polls: Election
    votes: Mapping[str, int]
    runoff: Mapping[str, int]
    registered: int
    ballots: int


DAYS = {
    "FR-PRES-1988": ("1988-04-24", "1988-05-08"), "FR-PRES-1995": ("1995-04-23", "1995-05-07"),
    "FR-PRES-2002": ("2002-04-21", "2002-05-05"), "FR-PRES-2007": ("2007-04-22", "2007-05-06"),
    "FR-PRES-2012": ("2012-04-22", "2012-05-06"), "FR-PRES-2017": ("2017-04-23", "2017-05-07"),
    "CO-PRES-2014": ("2014-05-25", "2014-06-15"), "CO-PRES-2018": ("2018-05-27", "2018-06-17"),
    "RO-PRES-2014": ("2014-11-02", "2014-11-16"), "RO-PRES-2019": ("2019-11-10", "2019-11-24"),
}  # fmt: skip
FILES = {
    "CO-PRES-2014": ("co_2014.csv",), "CO-PRES-2018": ("co_2018.csv",),
    "RO-PRES-2014": ("ro_2014_polls.xlsx", "ro_2014_polls.xlsx#Pres_Candidates_II"),
    "RO-PRES-2019": ("ro_2019_polls_round1.xlsx",),
}  # fmt: skip
COUNTRIES = {"FR": "France", "CO": "Colombia", "RO": "Romania"}
TYPED = {
    "CO-PRES-2018": (
        {"Iván Duque": 7616857, "Gustavo Petro": 4855069, "Sergio Fajardo": 4602916,
         "Germán Vargas Lleras": 1412392, "Humberto Delacalle": 396151,
         "Jorge Antonio Trujillo": 75614, "Viviane Morales": 41458},
        {"Iván Duque": 10398689, "Gustavo Petro": 8040449}, 36783940, 19643676,
    ),
    "RO-PRES-2019": (
        {"Klaus Iohannis": 3485292, "Viorica Dăncilă": 2051725, "Dan Barna": 1384450,
         "Mircea Diaconu": 815201, "Theodor Paleologu": 527098, "Hunor Kelemen": 357014,
         "Ramona Bruynseels": 244275, "Alexandru Cumpănașu": 141316, "others": 208000},
        {"Klaus Iohannis": 6509135, "Viorica Dăncilă": 3339922}, 18217411, 9359673,
    ),
}  # fmt: skip
"""Results after the histories end, transcribed: the official counts of both rounds."""


def pasts() -> dict[str, Past]:
    """Return the past elections whose polls are in the data."""
    rows: dict[str, list[dict[str, str]]] = {}
    for name in ("presidential_runoffs.csv", "additions.csv"):
        with (DATA / "world" / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                rows.setdefault(row["election_id"], []).append(row)
    found = {}
    for key, (first, second) in DAYS.items():
        folder = DATA / "polls" / "first_round"
        files = FILES.get(key, (f"fr_presidentielle{key[-4:]}.json",))
        country = COUNTRIES[key[:2]]
        polls = read_election(
            *(str(folder / file) for file in files),
            election_day=date.fromisoformat(first),
            runoff=date.fromisoformat(second),
            country=country,
            name=key,
        )
        if key in TYPED:
            votes, runoff, registered, ballots = TYPED[key]
        else:
            own = rows[key]
            votes = _votes(own, "1")
            runoff = _votes(own, "2")
            kinds = {r["kind"]: int(r["votes"]) for r in own if r["round"] == "1" and r["votes"]
                     and r["kind"] != "candidate"}  # fmt: skip
            ballots = kinds.get("ballots", sum(votes.values()))
            registered = kinds.get("registered", ballots)
        found[key] = Past(country, polls, votes, runoff, registered, ballots)
    return found


def _votes(rows: Sequence[Mapping[str, str]], which: str) -> dict[str, int]:
    return {
        r["option"]: int(r["votes"])
        for r in rows
        if r["round"] == which and r["kind"] == "candidate" and r["votes"]
    }


def counted(past: Past) -> dict[str, float]:
    """Return shares of the valid vote by the polls' own names, of those who were polled."""
    total = sum(past.votes.values())
    known = {past.polls.label(k): k for k in past.polls.people}
    found = matched_people(list(past.votes), known)
    for name in past.votes:  # spellings that differ: by the surname
        last = name.split()[-1]
        if name not in found:
            near = matched_people([last], known)
            found |= {name: near[last]} if last in near else {}
    return {found[name]: votes / total for name, votes in past.votes.items() if name in found}


def held_at(past: Past, days: int) -> Election | None:
    """Return what was published so many days before, None if nothing was."""
    assert past.polls.first_round is not None
    day = past.polls.first_round - timedelta(days=days)
    if not any(p.published and p.published <= day for p in past.polls.asked):
        return None
    return past.polls.as_of(day)


def log_t(error: np.ndarray, scale: np.ndarray, tails: float) -> float:
    """Return the log density of a multivariate t."""
    k = len(error)
    root = np.linalg.cholesky(scale)
    white = np.linalg.solve(root, error)
    return float(
        gammaln((tails + k) / 2)
        - gammaln(tails / 2)
        - k / 2 * np.log(tails * np.pi)
        - np.log(np.diag(root)).sum()
        - (tails + k) / 2 * np.log1p(white @ white / tails)
    )


def result_density(past: Past, held: Election, errors: FirstRoundErrors) -> float:
    """Return the log density per candidate of the result given polls."""
    found = Opinion(questions=questions_of(held.asked, held.first_round), errors=errors)
    truth = counted(past)
    people = found.questions.people
    standing = np.array([p in truth for p in people])
    if standing.sum() < 3:
        return 0.0
    mean, covariance = found.support(standing)
    centre = np.eye(len(mean)) - 1 / len(mean)
    mean = mean - 0.5 * np.diag(centre @ covariance @ centre)  # expected shares are as polled
    result = np.log([truth[p] for p in people if p in truth])
    k = len(result)
    contrast = np.column_stack([np.eye(k - 1), -np.ones(k - 1)])
    scale = contrast @ covariance @ contrast.T
    return log_t(contrast @ (result - mean), scale, errors.tails) / (k - 1)


def learned(past: Sequence[Past]) -> FirstRoundErrors:
    """Return the constants that these elections teach."""
    everything = opinion.MOST_ROWS
    opinion.MOST_ROWS = ROWS
    try:
        late = [q for p in past if (q := held_at(p, 3)) is not None]
        asked = [questions_of(h.asked, h.first_round) for h in late]

        def polls_alone(errors: FirstRoundErrors) -> float:
            return sum(
                Opinion(questions=q, errors=errors).log_density / len(q.value) for q in asked
            )

        first = _best(BETWEEN, FirstRoundErrors(**START), lambda e: 40 * polls_alone(e))
        start = replace(first, drift=START["drift"])
        at = [(p, [h for d in HORIZONS if (h := held_at(p, d)) is not None]) for p in past]

        def results(errors: FirstRoundErrors) -> float:
            # Five candidates' worth of information for an election, whatever the horizons.
            return sum(
                5 * float(np.mean([result_density(p, h, errors) for h in held]))
                for p, held in at
                if held
            )

        return _best(COUNT, start, results)
    finally:
        opinion.MOST_ROWS = everything


def _best(
    names: Sequence[str], start: FirstRoundErrors, value: Callable[[FirstRoundErrors], float]
) -> FirstRoundErrors:
    def errors_at(x: np.ndarray) -> FirstRoundErrors:
        return replace(start, **dict(zip(names, np.exp(x).tolist(), strict=True)))

    centre = np.log([START[name] for name in names])

    def loss(x: np.ndarray) -> float:
        return float(0.5 * np.sum(((x - centre) / WIDTH) ** 2) - value(errors_at(x)))

    found = minimize(loss, centre, method="Nelder-Mead",
                     options={"maxfev": 160, "xatol": 0.02, "fatol": 0.02})  # fmt: skip
    return errors_at(found.x)


def unasked(past: Sequence[Past]) -> dict[str, float]:
    """Return how large the largest candidate is whom no poll asked about, with the days to go."""
    rows, sizes = [], []
    for p in past:
        truth = counted(p)
        for days in (280, *HORIZONS):
            held = held_at(p, days)
            if held is None:
                continue
            people = {p for poll in questions_of(held.asked, held.first_round).polls
                      for p in poll.shares}  # fmt: skip
            largest = max([v for name, v in truth.items() if name not in people], default=0.0)
            sizes.append(np.log(max(largest, 0.002) * len(people) / USUAL_NAMES))
            rows.append([1.0, days**0.5])
    found, *_ = np.linalg.lstsq(np.array(rows), np.array(sizes), rcond=None)
    rest = np.array(sizes) - np.array(rows) @ found
    # A new election differs from the mean of these as they do among each other.
    sd = float(rest.std() * np.sqrt(1 + 1 / len(past)))
    return {
        "unasked": float(np.exp(found[0])),
        "unasked_growth": float(found[1]),
        "unasked_sd": sd,
    }


def learn() -> None:
    """Learn from all past elections and without each country, and write both."""
    past = list(pasts().values())
    content: dict[str, object] = {}
    without: dict[str, dict[str, float]] = {}
    for left in (None, *COUNTRIES.values()):
        kept = [p for p in past if p.country != left]
        errors = replace(learned(kept), **unasked(kept))
        values = {k: round(v, 4) for k, v in vars(errors).items() if k != "source"}
        print(left or "all", values, flush=True)
        if left is None:
            content["errors"] = values
        else:
            without[left] = values
    content["without"] = without
    content["provenance"] = {
        "elections": {
            p.polls.name: {"questions": len(p.polls.asked), "first_round": str(p.polls.first_round)}
            for p in past
        },
        "horizons": HORIZONS,
        "prior_centres": START,
        "prior_sd_of_logs": WIDTH,
        "command": "python benchmarks/before.py --learn",
        "method": __doc__,
    }
    OUT.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


RECENT = 14.0
"""Days of polls in "the mean of polls", up to its latest."""
LARGE = 0.02
"""Least share of a candidate whose share is scored."""
DRAWS = 20_000


def crps(draws: np.ndarray, truth: float) -> float:
    """Return the CRPS of draws, in their unit."""
    x = np.sort(draws)
    n = len(x)
    spread = float((x * (2 * np.arange(1, n + 1) - n - 1)).sum()) / n**2
    return float(np.abs(x - truth).mean()) - spread


def mean_of_polls(held: Election) -> dict[str, float]:
    """Return each candidate's mean share among those named, polls of the last two weeks alike."""
    last = max(p.end for p in held.asked if p.end)
    recent = [p for p in held.asked if p.end and (last - p.end).days <= RECENT]
    final = max(recent, key=lambda p: (p.end or last, p.published or last))
    means = {}
    for c in final.shares:
        own = [p.shares[c] / sum(p.shares.values()) for p in recent if c in p.shares]
        means[c] = float(np.mean(own))
    total = sum(means.values())
    return {c: x / total for c, x in means.items()}


def normal_errors(past: Sequence[Past], days: int) -> float:
    """Return the size of errors of `mean_of_polls`, relative to sqrt(p (1 - p))."""
    found = []
    for p in past:
        held = held_at(p, days)
        if held is None:
            continue
        truth, means = counted(p), mean_of_polls(held)
        found += [
            (means[c] - truth[c]) ** 2 / (means[c] * (1 - means[c]))
            for c in means
            if c in truth and means[c] > 0.005
        ]
    return float(np.sqrt(np.mean(found)))


def last_pair(held: Election) -> frozenset[str]:
    """Return the two largest of the last poll."""
    final = max(held.asked, key=lambda p: (p.end or date.min, p.published or date.min))
    ranked = sorted(final.shares, key=lambda c: -final.shares[c])
    return frozenset(ranked[:2])


def hit_rate(past: Sequence[Past], days: int) -> float:
    """Return how often the two largest of the last poll met, never 0 or 1."""
    hits = [last_pair(held) == met(p) for p in past if (held := held_at(p, days)) is not None]
    return (sum(hits) + 0.5) / (len(hits) + 1)


def met(past: Past) -> frozenset[str]:
    """Return who met in the runoff, by the polls' names."""
    truth = counted(past)
    ranked = sorted(truth, key=lambda c: -truth[c])
    return frozenset(ranked[:2])


def winner(past: Past) -> str:
    """Return who was elected, by the polls' names."""
    best = max(past.runoff, key=lambda name: past.runoff[name])
    pair = sorted(met(past))
    known = {c: c for c in pair}
    found = matched_people([best], known) or matched_people([best.split()[-1]], known)
    return next(iter(found.values()))


def scored(
    past: Past, others: Sequence[Past], days: int, errors: FirstRoundErrors
) -> Scored | None:
    """Return how an election was forecast so many days before, None if nobody had polled."""
    held = held_at(past, days)
    if held is None:
        return None
    assert held.first_round is not None
    day = held.first_round - timedelta(days=days)
    found = forecast_election(held, as_of=day, errors=errors, draws=DRAWS)
    truth, pair = counted(past), met(past)
    shares = found.shares()
    places = {c: k for k, c in enumerate(found.candidates)}
    means = mean_of_polls(held)
    size = normal_errors(others, days)
    rng = np.random.default_rng(0)
    names = list(means)
    centre = np.array([means[c] for c in names])
    normal = centre + size * np.sqrt(centre * (1 - centre)) * rng.standard_normal(
        (DRAWS, len(names))
    )
    normal = np.maximum(normal, 0)
    top = np.sort(np.argsort(-normal, axis=1)[:, :2], axis=1)
    want = sorted(names.index(c) for c in pair if c in names)
    ours = np.zeros(found.draws, dtype=bool)
    asked = [c if c in places else SOMEBODY for c in pair]  # whoever nobody had asked about
    if len(set(asked)) == 2:
        ours = found.in_runoff[:, [places[c] for c in asked]].all(axis=1)
    largest = normal.max(axis=1) / normal.sum(axis=1)
    met_there = (top == want).all(axis=1) & (largest <= 0.5) if len(want) == 2 else np.zeros(1)
    hits = met_there.sum()
    rate = hit_rate(others, days)
    sets = max(len(names) * (len(names) - 1) / 2 - 1, 1)
    rows: list[tuple[float, float, float, bool, bool]] = []
    for c, value in truth.items():
        if value < LARGE or c not in places or c not in names:
            continue
        own = shares[:, places[c]]
        own = own[own > 0]
        other = normal[:, names.index(c)]
        inside = [bool(np.quantile(x, 0.05) <= value <= np.quantile(x, 0.95)) for x in (own, other)]
        rows.append((crps(own, value), crps(other, value), abs(means[c] - value), *inside))
    table = np.array(rows, dtype=float).mean(axis=0)
    return Scored(
        election=past.polls.name,
        country=past.country,
        days=days,
        pair=-float(np.log((ours.sum() + 0.5) / (DRAWS + 1))),
        pair_normal=-float(np.log((hits + 0.5) / (DRAWS + 1))),
        pair_last=-float(np.log(rate if last_pair(held) == pair else (1 - rate) / sets)),
        crps=100 * float(table[0]),
        crps_normal=100 * float(table[1]),
        crps_last=100 * float(table[2]),
        covered=float(table[3]),
        covered_normal=float(table[4]),
        elected=tuple(
            Chance(c, found.win_probability(c).value, c == winner(past)) for c in found.candidates
        ),
    )


def speed() -> float:
    """Return the processor time of 200,000 draws of twelve candidates, runoffs and pairs too."""
    rng = np.random.default_rng(0)
    names = [f"c{k}" for k in range(12)]
    sizes = 1000 * np.array([24, 22, 18, 12, 7, 5, 4, 3, 2, 1.5, 1, 0.5]) / 100
    polls = [
        Poll(
            pollster=f"p{k % 5}",
            n=1000,
            shares=dict(zip(names, rng.dirichlet(sizes).tolist(), strict=True)),
            end=date(2030, 4, 1 + k),
            published=date(2030, 4, 2 + k),
            round="first round",
        )
        for k in range(20)
    ]
    election = Election(name="twelve", polls=tuple(polls), first_round=date(2030, 5, 5))
    forecast_election(election, draws=2000)
    start = time.process_time()
    forecast_election(election, draws=200_000).pairings()
    return time.process_time() - start


def backtests() -> list[Scored]:
    """Return every past election as of every horizon, with constants of other countries."""
    past = pasts()
    without = json.loads(OUT.read_text("utf-8"))["without"]
    out = []
    for p in past.values():
        others = [q for q in past.values() if q.country != p.country]
        errors = FirstRoundErrors(**without[p.country])
        for days in HORIZONS:
            row = scored(p, others, days, errors)
            if row is not None:
                out.append(row)
                print(
                    f"{row.election} {days:4d}  pair {row.pair:.2f} {row.pair_normal:.2f} "
                    f"{row.pair_last:.2f}  CRPS {row.crps:.2f} {row.crps_normal:.2f} "
                    f"{row.crps_last:.2f}  covered {row.covered:.2f} {row.covered_normal:.2f}  "
                    f"winner {max(c.said for c in row.elected if c.won):.2f}",
                    flush=True,
                )
    return out


def write_pollsters() -> None:
    """Write every pollster's error in every past runoff, polls of the last two weeks."""
    with (DATA / "polls" / "runoff_contests.csv").open(encoding="utf-8", newline="") as file:
        results = {row["contest"]: float(row["result_a"]) for row in csv.DictReader(file)}
    held: dict[tuple[str, str], list[float]] = {}
    with (DATA / "polls" / "runoff_polls.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["between_rounds"] == "1" and int(row["days_before"]) <= 14:
                key = (" ".join(row["pollster"].split()), row["contest"])
                held.setdefault(key, []).append(float(row["share_a"]))
    means = {key: float(np.mean(x)) for key, x in held.items()}
    rows = []
    for (pollster, contest), mean in means.items():
        others = [m for (p, c), m in means.items() if c == contest and p != pollster]
        rows.append(
            {
                "pollster": pollster,
                "contest": contest,
                "polls": len(held[pollster, contest]),
                "error": round(mean - results[contest], 5),
                "against_others": round(mean - float(np.mean(others)), 5) if others else None,
            }
        )
    content = {
        "rows": sorted(rows, key=lambda r: (r["pollster"], r["contest"])),
        "provenance": {
            "command": "python benchmarks/before.py --pollsters",
            "data": "polls of the pair that met, between the rounds and at most 14 days before the "
            "runoff; a pollster's mean in a contest, two-way share of the first-named finalist",
        },
    }
    place = OUT.parent / "pollsters.json"
    place.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learn", action="store_true", help="write the constants")
    parser.add_argument("--pollsters", action="store_true", help="write pollsters' past errors")
    parser.add_argument("--json", metavar="FILE", help="where to write every score")
    given = parser.parse_args()
    if given.pollsters:
        write_pollsters()
    if given.learn:
        learn()
    if not (given.learn or given.pollsters):
        seconds = speed()
        print(f"200,000 draws of a first round of 12 with pairs: {seconds:.2f} s of processor time")
        rows = backtests()
        print(summary(rows))
        if given.json:
            text = json.dumps(
                {
                    "date": str(date.today()),
                    "seconds": seconds,
                    "rows": [asdict(r) for r in rows],
                    "elected": [asdict(b) for b in calibration(rows)],
                },
                indent=1,
            )
            Path(given.json).write_text(text + "\n", "utf-8")
