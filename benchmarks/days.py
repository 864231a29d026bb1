"""How much election days differ, and countries, learned from many days of several countries.

Usage: ``python benchmarks/days.py [--json FILE]``

A series are contests between the same two sides on several days: pairs of families in French
legislative and cantonal runoffs, parties of Brazilian mayors, the government's finalists in
Georgia before 2018. In each, the logit of a side's runoff share is regressed on the log-ratio of
the first round, with an effect of the day::

    y_i = a + b x_i + f_day + e_i,    f ~ Normal(0, tau^2),  e ~ Normal(0, s^2)

The restricted likelihood of tau is kept whole, and log tau ~ Normal(m, v^2) over series: what is
learned is the distribution from which the tau of the next series comes. National runoffs of the
world, one a day and a few a country, then say how far countries lean to the finalist of the
government, and what a national contest adds to a day::

    y_i = a + b x_i + u_country + d_i,    u ~ t3(0, omega),  d ~ Normal(0, tau^2) + t5(0, extra)

A last table asks whether it is right to draw one day's effect towards that of other countries, as
the library does (`COUNTRY`), and to have days differ as much as it does (`DAY`): each day of a
series is forecast from one other day as in the library, without the first, and with the sd of a day
that all kinds of contests have alike.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import france
import georgia_history
import mayors
import numpy as np
from scipy.optimize import minimize
from scipy.special import logit
from scipy.stats import norm
from scipy.stats import t as student

import forecast
from forecast.transfers.roles.population import COUNTRY, COUNTRY_TAIL, DAY

TAU = np.exp(np.linspace(np.log(0.01), np.log(1.0), 81))
"""Values of the sd of days at which likelihoods are kept."""
FEWEST_DAYS, FEWEST_CONTESTS = 2, 5
"""A series has so many days at least, each with so many contests."""
KIND_WORTH = 3.0
"""Series that a kind of contest is worth at most."""
EFFECTS = np.linspace(-1.5, 1.5, 301)
"""Values of a side's effect on the logit share at a tie."""
SCALES = np.exp(np.linspace(np.log(0.02), np.log(0.6), 35))
"""Values of the scale of such effects between sides."""
PARTIES = {"13": "PT", "45": "PSDB", "15": "PMDB", "12": "PDT", "40": "PSB"}

GOVERNMENT = """
BJ-1996 Soglo, AT-1986 Steyrer, SK-1999 Schuster, BG-2001 Stoyanov, BG-2006 Parvanov,
BG-1992 Zhelev, MK-1999 Trajkovski, CY-1998 Clerides, UA-1994 Kravchuk, RO-1992 Iliescu,
SI-2002 Drnovšek, HR-2005 Mesić, PL-2010 Komorowski, PL-2015 Komorowski, CL-2009 Frei,
CL-2017 Guillier, RO-2004 Năstase, RO-2014 Ponta, CO-1994 Samper, CO-2010 Santos,
CO-2014 Santos, BR-2010 Rousseff, RS-2008 Tadić, MK-2009 Ivanov, FI-2006 Halonen,
GH-2000 Mills, MK-2004 Crvenkovski, SN-2000 Diouf, MD-1996 Snegur, BJ-1991 Kérékou,
SL-2007 Berewa, SI-2017 Pahor, PL-1995 Wałęsa, UA-2010 Tymoshenko, CY-2013 Malas,
CL-2005 Bachelet, CL-2013 Matthei, UY-2009 Mujica, BR-2006 Lula, BR-2014 Rousseff,
AR-2015 Scioli, EC-2017 Moreno, SV-2014 Cerén, CR-2018 Carlos.Alvarado, SK-2014 Fico,
LT-2002 Adamkus, BG-2016 Tsacheva, RS-2012 Tadić, HR-2014 Josipović, GH-2008 Akufo,
GW-2009 Sanhá, RO-2009 BASESCU, FR-2012 Sarkozy, FR-2007 Sarkozy, FR-2002 Chirac,
FR-1995 Chirac, FR-1988 Mitterrand, FR-1981 Giscard, FR-1974 Giscard, FR-1969 Pompidou,
FR-1965 Gaulle
"""
"""Finalists of the government by national runoff, a part of the name: the incumbent, or the
candidate of the governing party, as the table's notes say; in France the president standing again
or the candidate of the government's majority. Other runoffs of the table had none."""


class Series(NamedTuple):
    """Contests of one pair of sides: day, log-ratio before, logit of the share after."""

    name: str
    kind: str
    day: np.ndarray
    x: np.ndarray
    y: np.ndarray


class Spread(NamedTuple):
    """A distribution of sds over series: mean and sd of log tau."""

    m: float
    v: float


SHIPPED = Spread(*DAY)
"""What the library has."""


def series_of(name: str, kind: str, rows: Iterable[tuple[Any, float, float]]) -> Series | None:
    """Return the series of rows (day, x, y), days with few contests left out, or None."""
    by_day: dict[Any, list[tuple[float, float]]] = defaultdict(list)
    for day, x, y in rows:
        by_day[day].append((x, y))
    kept = [found for _, found in sorted(by_day.items()) if len(found) >= FEWEST_CONTESTS]
    if len(kept) < FEWEST_DAYS:
        return None
    x, y = np.concatenate([np.array(found) for found in kept]).T
    return Series(name, kind, np.repeat(np.arange(len(kept)), [len(k) for k in kept]), x, y)


def at_a_tie(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean logit share at a tie of each day and its sampling variance, each (day,).

    Slope and residual variance come from within days.
    """
    n = np.bincount(series.day)
    mean_x, mean_y = (np.bincount(series.day, v) / n for v in (series.x, series.y))
    off_x, off_y = series.x - mean_x[series.day], series.y - mean_y[series.day]
    slope = float(off_x @ off_y / (off_x @ off_x))
    s2 = float(((off_y - slope * off_x) ** 2).sum() / (len(series.x) - len(n) - 1))
    return mean_y - slope * mean_x, s2 / n


def log_likelihood(series: Series) -> np.ndarray:
    """Return the restricted log likelihood of tau on `TAU`, less its largest.

    A day's mean has variance ``tau^2 + s^2 / n``, and the mean over days is integrated out.
    """
    day, noise = at_a_tie(series)
    variance = TAU[:, None] ** 2 + noise
    weight = 1 / variance
    centre = (weight * day).sum(axis=1) / weight.sum(axis=1)
    out = -0.5 * (np.log(variance) + (day - centre[:, None]) ** 2 * weight).sum(axis=1)
    out -= 0.5 * np.log(weight.sum(axis=1))
    return np.asarray(out - out.max())


def log_of_days(day: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the log density of days (day,) given tau and the side's effect, (tau, effect)."""
    sd = np.sqrt(TAU[:, None, None] ** 2 + noise[:, None])
    return np.asarray(norm.logpdf(day[:, None], EFFECTS, sd).sum(axis=1))


def parent(scale: float, centre: float = 0.0) -> np.ndarray:
    """Return probabilities of `EFFECTS`: the library's t, or flat where the scale is infinite."""
    if np.isinf(scale):
        return np.full(len(EFFECTS), 1 / len(EFFECTS))
    density = student.pdf((EFFECTS - centre) / scale, COUNTRY_TAIL)
    return np.asarray(density / density.sum())


def of_tau(spread: Spread) -> np.ndarray:
    """Return probabilities of `TAU`."""
    density = np.exp(-0.5 * ((np.log(TAU) - spread.m) / spread.v) ** 2)
    return np.asarray(density / density.sum())


def scale_of_effects(every: list[Series], national: np.ndarray) -> float:
    """Return the scale of sides' effects at a tie by marginal likelihood.

    Which side comes first is arbitrary but in Georgia, so both signs count alike. Kinds are worth
    what they are in `spread_of`; `national` (scale,) is the log likelihood of national runoffs.
    """
    total = national.copy()
    for series in every:
        weight = min(1.0, KIND_WORTH / sum(other.kind == series.kind for other in every))
        likelihood = of_tau(SHIPPED) @ np.exp(log_of_days(*at_a_tie(series)))
        if series.kind != "Georgia":
            likelihood = (likelihood + likelihood[::-1]) / 2
        total += weight * np.log([parent(scale) @ likelihood for scale in SCALES])
    return float(SCALES[total.argmax()])


def next_days(every: Iterable[Series], scale: float, spread: Spread) -> dict[str, dict[str, float]]:
    """Return how each day is forecast from one other day of its series, by kind of contest.

    Root mean square error of the mean in logits, log density, and coverage of 90% intervals.
    """
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    before = np.log(of_tau(spread))[:, None] + np.log(parent(scale))
    for series in every:
        day, noise = at_a_tie(series)
        for known in range(len(day)):
            joint = before + log_of_days(day[[known]], noise[[known]])
            joint = np.exp(joint - joint.max())
            joint /= joint.sum()
            for i in np.flatnonzero(np.arange(len(day)) != known):
                z = (day[i] - EFFECTS) / (sd := np.sqrt(TAU[:, None] ** 2 + noise[i]))
                density, place = (joint * norm.pdf(z) / sd).sum(), (joint * norm.cdf(z)).sum()
                error = float(day[i] - joint.sum(axis=0) @ EFFECTS)
                found[series.kind].append((error**2, np.log(density), abs(place - 0.5) < 0.45))
    return {
        kind: {
            "pairs": len(rows),
            "rms": float(np.sqrt(np.mean([r[0] for r in rows]))),
            "log density": float(np.mean([r[1] for r in rows])),
            "cover 90": float(np.mean([r[2] for r in rows])),
        }
        for kind, rows in found.items()
    }


def spread_of(every: list[Series]) -> Spread:
    """Return mean and sd of log tau over series, by maximum marginal likelihood.

    Series of one kind share their days (left and right move together in all of them), so a kind
    counts as `KIND_WORTH` series, however many it has. The mean has a prior of log .15 +- 1, the sd
    a half-normal one of scale .5: two days say nearly nothing of either.
    """
    likelihood = np.exp([log_likelihood(series) for series in every])
    size = np.array([sum(other.kind == series.kind for other in every) for series in every])
    worth = np.minimum(1.0, KIND_WORTH / size)

    def loss(p: np.ndarray) -> float:
        weight = np.exp(-0.5 * ((np.log(TAU) - p[0]) / np.exp(p[1])) ** 2) + 1e-12
        value = worth @ np.log(likelihood @ (weight / weight.sum()))
        about = ((p[0] - np.log(0.15)) ** 2 + (np.exp(p[1]) / 0.5) ** 2) / 2
        return float(about - value - p[1])

    found = minimize(loss, [np.log(0.15), np.log(0.4)], method="Nelder-Mead").x
    return Spread(float(found[0]), float(np.exp(found[1])))


def french(kind: str) -> list[Series]:
    """Return one series for every pair of families."""
    folder = Path(os.environ.get("FORECAST_DATA", "../shared/data")) / "france"
    rows: dict[str, list[tuple[Any, float, float]]] = defaultdict(list)
    for run in france.read(folder / f"{france.FILES[kind]}.parquet"):
        a, b = sorted(run.contest.finalists, key=lambda f, run=run: run.families[f])
        pair = run.families[a], run.families[b]
        if pair[0] != pair[1]:
            rows[" - ".join(pair)].append((run.year, *numbers(run.contest, run.returns, a)))
    found = (series_of(name, f"French {kind}", r) for name, r in sorted(rows.items()))
    return [series for series in found if series is not None]


def brazilian() -> list[Series]:
    """Return one series for every party against all others, on two days."""
    found = []
    for number, party in PARTIES.items():
        rows = [
            (c.runoff, *numbers(c, r, number)) for c, r in mayors.brazil() if number in c.finalists
        ]
        found.append(series_of(f"{party} - others", "Brazilian mayors", rows))
    return [series for series in found if series is not None]


def georgian() -> list[Series]:
    """Return the series of the government's finalists on the two days before 2018."""
    data = georgia_history.read()
    rows = [
        (c.runoff, *numbers(c, r, c.finalists[0]))
        for c, r in data.history
        if c.name not in data.gave_up
    ]
    found = series_of("government - others", "Georgia", rows)
    return [] if found is None else [found]


def numbers(contest: forecast.Contest, returns: forecast.Returns, side: str) -> tuple[float, float]:
    """Return a side's log-ratio of the first round and logit share of the runoff."""
    other = next(f for f in contest.finalists if f != side)
    votes = dict(zip(contest.candidates, contest.votes.sum(axis=0), strict=True))
    x = float(np.log((votes[side] + 0.5) / (votes[other] + 0.5)))
    return x, float(logit(np.clip(returns.share(side), 1e-3, 1 - 1e-3)))


def national() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return countries, x and y of the national runoffs in which the government stood."""
    words = GOVERNMENT.replace("\n", " ").split(", ")
    side = {name: who.replace(".", " ") for name, who in (word.split() for word in words)}
    votes: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for name in ("presidential_runoffs", "additions"):
        folder = Path(os.environ.get("FORECAST_DATA", "../shared/data")) / "world"
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["kind"] == "candidate":
                    short = row["election_id"].replace("-PRES", "")
                    votes[short][row["round"]][row["option"]] = int(row["votes"])
    country, rows = [], []
    for name, who in side.items():
        first, second = votes[name]["1"], votes[name]["2"]
        (ours,) = (option for option in second if who in option)
        (theirs,) = set(second) - {ours}
        country.append(name[:2])
        rows.append([np.log(v[ours] / v[theirs]) for v in (first, second)])
    x, y = np.array(rows).T
    return country, x, y


def world_fit(tau: float) -> dict[str, float]:
    """Return mean, slope, omega and extra of national runoffs, given the sd of a day.

    Both scales have half-normal priors of scale .3, which is wide.
    """
    country, x, y = national()
    names, where = np.unique(country, return_inverse=True)
    u, e = np.linspace(-1.2, 1.2, 241), np.linspace(-3, 3, 1201)

    def loss(p: np.ndarray) -> float:
        a, b, omega, extra = p[0], p[1], np.exp(p[2]), np.exp(p[3])
        kernel = norm.pdf(e, 0, tau)
        density = np.convolve(student.pdf(e / extra, 5) / extra, kernel, "same") * (e[1] - e[0])
        gap = (y - a - b * x)[:, None] - u
        each = np.log(np.interp(gap, e, density) + 1e-12)
        joint = np.zeros((len(names), len(u)))
        np.add.at(joint, where, each)
        prior = np.log(student.pdf(u / omega, 3) / omega * (u[1] - u[0]))
        total = np.logaddexp.reduce(joint + prior, axis=1).sum()
        return float(-total + 0.5 * (omega / 0.3) ** 2 + 0.5 * (extra / 0.3) ** 2 - p[2] - p[3])

    found = minimize(loss, [0.0, 0.7, np.log(0.1), np.log(0.2)], method="Nelder-Mead").x
    return {
        "runoffs": len(x),
        "countries": len(names),
        "mean": float(found[0]),
        "slope": float(found[1]),
        "omega": float(np.exp(found[2])),
        "extra": float(np.exp(found[3])),
    }


def of_countries(tau: float, world: dict[str, float]) -> np.ndarray:
    """Return the log likelihood on `SCALES` of countries' effects in national runoffs."""
    country, x, y = national()
    names, where = np.unique(country, return_inverse=True)
    e = np.linspace(-3, 3, 1201)
    density = student.pdf(e / world["extra"], 5) / world["extra"]
    density = np.convolve(density, norm.pdf(e, 0, tau), "same") * (e[1] - e[0])
    gap = (y - world["mean"] - world["slope"] * x)[:, None] - EFFECTS
    joint = np.zeros((len(names), len(EFFECTS)))
    np.add.at(joint, where, np.log(np.interp(gap, e, density) + 1e-12))
    found = [np.log(np.exp(joint) @ parent(scale)).sum() for scale in SCALES]
    return np.asarray(found)


def main() -> None:
    """Print what was learned and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path("days.json"))
    chosen = parser.parse_args()
    groups = [french("legislative"), french("cantonal"), brazilian(), georgian()]
    every = [series for group in groups for series in group]
    out: dict[str, Any] = {}
    print(f"{'series':<44}{'days':>6}{'contests':>10}{'sd of a day':>13}")
    for series in every:
        best = TAU[log_likelihood(series).argmax()]
        print(f"{series.kind + ': ' + series.name:<44}{series.day.max() + 1:>6}", end="")
        print(f"{len(series.x):>10}{best:>13.2f}")
    for group in [*groups, every]:
        kind = group[0].kind if group is not every else "all"
        spread = spread_of(group)
        out[kind] = {"series": len(group), "median": float(np.exp(spread.m)), "spread": spread.v}
        print(f"{kind}: {len(group)} series, sd of a day {np.exp(spread.m):.3f}", end="")
        print(f", times or over {np.exp(spread.v):.2f}", flush=True)
    out["world"] = world_fit(out["all"]["median"])
    print("national runoffs with a finalist of the government:", end=" ")
    print(", ".join(f"{k} {v:.2f}" for k, v in out["world"].items()))
    kept = [series for series in every if at_a_tie(series)[1].max() < TAU[-1] ** 2 / 10]
    countries = of_countries(out["all"]["median"], out["world"])
    elsewhere = [series for series in kept if series.kind != "Georgia"]
    scales = {"all": scale_of_effects(kept, countries)}
    scales["without Georgia"] = scale_of_effects(elsewhere, countries)
    out["scale of a side's effect"] = scales
    print(
        "scale of a side's effect at a tie:", ", ".join(f"{k} {v:.2f}" for k, v in scales.items())
    )
    print(f"\n{f'each day of {len(kept)} series from one other':<54}{'pairs':>6}{'rms':>8}", end="")
    print(f"{'log density':>13}{'cover 90':>10}")
    alike = Spread(np.log(out["all"]["median"]), out["all"]["spread"])
    for how, scale, spread in (
        (f"drawn to others, scale {COUNTRY[1]:.2f}", COUNTRY[1], SHIPPED),
        ("taken as it is", np.inf, SHIPPED),
        (f"drawn, sd of a day {np.exp(alike.m):.3f}", COUNTRY[1], alike),
    ):
        out[how] = next_days(kept, scale, spread)
        for kind, row in out[how].items():
            print(f"{kind + ', ' + how:<54}{row['pairs']:>6}{row['rms']:>8.3f}", end="")
            print(f"{row['log density']:>13.3f}{row['cover 90']:>10.2f}")
    chosen.json.write_text(json.dumps(out, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
