"""Georgian runoffs of 2014-2016 as a test of learned priors, and 2018 as of its first round.

Usage: ``python benchmarks/history.py [--json FILE] [--prior FILE]``

Contests are forecast from the others, learned anew from their counts with as many draws as the
prior that is bundled: leaving out a tenth of the contests (the day is then known from the others of
it), and leaving out whole days. Baselines get the same treatment, and so does every variant of the
prior where days are left out; of each is said on how many days what the day did for the government
lies in its 90% interval. Local contests have turnout as in the history anyway, so that variant is
shown of the prior as it would be for national contests. ``--prior`` writes the prior that is
bundled, with these figures, which README and book repeat.
How many turn out in a nationwide contest is learned from the world's presidential runoffs, and
forecast leaving one country out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import georgia_history
import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm
from scipy.stats import t as student

import forecast
from forecast.facts.history_rules import History
from forecast.simulation.engine import simulate
from forecast.simulation.nested import nested_votes
from forecast.transfers.roles.file import write_learned
from forecast.transfers.roles.learn import history_digest, sum_up
from forecast.transfers.roles.population import NATIONAL, NATIONAL_TAIL
from forecast.transfers.roles.prior import LearnedPrior
from forecast.transfers.roles.turnout_change import learn_mobilisation
from forecast.transfers.table.protocols import TransferDistribution
from forecast.validation.baselines import BASELINES
from forecast.validation.calibration import central_interval, coverage
from forecast.validation.models import Model, TransferModel
from forecast.validation.outcomes import INSIDE
from forecast.validation.scores import brier_score, crps, log_density

AS_OF = date(2018, 10, 28)
POSTERIOR = 2_000
"""Posterior draws of the prior that is bundled, and of those that are scored."""
NODES = 200
"""Quantiles that stand for what a national contest adds to its day."""
HINDSIGHT = (
    "learning turnout from the world's national runoffs, and how far days differ and countries "
    "lean from elsewhere, was decided after the result of 2018 was known; the sizes were "
    "estimated from other contests"
)


class Forecasts(NamedTuple):
    """Draws of share and turnout, each (contest, draw); turnout is valid votes over the list."""

    share: np.ndarray
    turnout: np.ndarray


@dataclass(frozen=True)
class Learned:
    """The learned prior from the contests it is shown; of a day it knows, with that day.

    `variant` begins the name of one of the prior's variants. Turnout of nationwide contests is
    learned from `world`, by default from the same contests.
    """

    roles: Any
    traits: Any = None
    nationwide: bool = False
    variant: str = ""
    world: History = ()

    def prior(self, history: History) -> LearnedPrior:
        """Learn from past contests, from their counts on; variants share what is learned."""
        key = history_digest(history), self.nationwide, bool(self.world)
        if key not in LEARNED:
            evidence = sum_up(history, roles=self.roles, traits=self.traits, world=self.world)
            if self.nationwide and not self.world:
                evidence = replace(evidence, world=tuple(history), turnouts=())
            LEARNED[key] = evidence.learn(draws=POSTERIOR)
        return LEARNED[key]

    def __call__(self, history: History) -> Callable[[forecast.Contest], TransferDistribution]:
        """Return what is believed of a contest."""
        prior = self.prior(history)

        def at(contest: forecast.Contest) -> TransferDistribution:
            held = str(contest.runoff) if str(contest.runoff) in prior.days else None
            found = prior.at(
                contest,
                groups=self.roles,
                traits=self.traits,
                day=held,
                as_of=date.max,
                nationwide=self.nationwide,
            )
            return _named(found.variants(), self.variant) if self.variant else found

        return at


LEARNED: dict[tuple[str, bool, bool], LearnedPrior] = {}
"""What was learned from each past."""
VARIANTS = {
    "as in its history": "as in",
    "as elsewhere": "as elsewhere",
    "days differ more": "days differ more",
    "the rival's voters stay": "the rival's voters stay",
    "contests without outliers": "contests without outliers",
    "eliminated candidates alike": "eliminated candidates alike",
    "margin as on average": "trait 'margin'",
    "main rival as on average": "trait 'main rival'",
}
"""Variants of a local contest: what they are called here, and how their names begin."""
NATIONWIDE = {"as for a national contest": "", "the same, turnout as in the history": "turnout as"}
"""The prior and its further variant, were the contests national."""


def _named(variants: Mapping[str, Any], start: str) -> Any:
    (found,) = (variant for name, variant in variants.items() if name.startswith(start))
    return found


def traits(main_rival: frozenset[str]) -> Callable[[forecast.Contest], dict[str, float]]:
    """Return the trait "main rival": whether the United National Movement stands in the runoff.

    In 2018 Vashadze was the candidate of the alliance it led.
    """
    known = main_rival | {"georgia-2018"}
    return lambda contest: {"main rival": float(contest.name in known)}


def scores(found: Forecasts, share: np.ndarray, turnout: np.ndarray) -> dict[str, float]:
    """Return scores of the share, in points, and of turnout."""
    draws = found.share.T
    error = 100 * (found.share.mean(axis=1) - share)
    held = coverage(draws, share, [str(i) for i in range(len(share))], (0.5, 0.9))
    low, high = central_interval(draws, 0.9)
    out = {
        "bias": error.mean(),
        "rmse": np.sqrt((error**2).mean()),
        "crps": 100 * crps(draws, share).mean(),
        "log score": log_density(np.clip(draws, INSIDE, 1 - INSIDE), share).mean(),
        "brier": brier_score((draws > 0.5).mean(axis=0), share > 0.5).mean(),
        "cover 90": held[0.9].value,
        "cover 50": held[0.5].value,
        "width 90": 100 * (high - low).mean(),
    }
    if np.isfinite(found.turnout).all():
        place = (found.turnout < turnout[:, None]).mean(axis=1)
        error = 100 * (found.turnout.mean(axis=1) - turnout)
        out["turnout bias"] = error.mean()
        out["turnout rmse"] = np.sqrt((error**2).mean())
        out["turnout cover 90"] = (np.abs(place - 0.5) < 0.45).mean()
    return {name: float(value) for name, value in out.items()}


def tenth(contest: forecast.Contest) -> str:
    """Return which tenth of the contests one is in, by its name alone."""
    return f"tenth {crc32(contest.name.encode()) % 10}"


def left_out(
    history: History,
    model: Learned | Model,
    election: Callable[[forecast.Contest], str],
    draws: int = 2000,
) -> Forecasts:
    """Return forecasts of every contest from other elections, as `validation` has them."""
    learns = TransferModel(model, "learned prior") if isinstance(model, Learned) else model
    found = forecast.backtest(history, learns, election=election, draws=draws)
    order = [found.contests.index(contest.name) for contest, _ in history]
    return Forecasts(found.share.T[order], found.turnout.T[order])


def days_inside(history: History, model: Learned) -> list[bool]:
    """Return whether each day's own effect lies in its 90% interval from other days.

    The effect is on the logit share at a tie, with its country's, and known from all contests. Of a
    nationwide contest the interval allows for what such a contest adds to its day.
    """
    whole = replace(model, variant="").prior(history)
    tie = whole.population.tie
    assert tie is not None
    own = tie.lean(whole.population.coefficients).mean() + (
        whole.population.days.mean(axis=0) @ whole.population.factors.T @ tie.gradient
    )
    places = (np.arange(NODES) + 0.5) / NODES if model.nationwide else np.array([0.5])
    added = NATIONAL * student.ppf(places, NATIONAL_TAIL)
    found = []
    for day, effect in zip(whole.days, own, strict=True):
        others = [pair for pair in history if str(pair[0].runoff) != day]
        contest = next(c for c, _ in history if str(c.runoff) == day)
        population = model(others)(contest).prior.population
        lean = population.tie.lean(population.coefficients)
        moved = population.factor_sd * (population.factors.T @ population.tie.gradient)
        sd = np.sqrt((moved[:, population.tie.unit > 0] ** 2).sum(axis=1))
        place = norm.cdf((effect - lean - added[:, None]) / sd).mean()
        found.append(bool(abs(place - 0.5) < 0.45))
    return found


def changed(model: Learned) -> dict[str, Learned]:
    """Return the model with every variant of its prior, by name."""
    wide = replace(model, nationwide=True, world=tuple(forecast.past_runoffs("world")))
    return {name: replace(model, variant=start) for name, start in VARIANTS.items()} | {
        name: replace(wide, variant=start) for name, start in NATIONWIDE.items()
    }


def ignorance(contest: forecast.Contest, transfers: TransferDistribution) -> float:
    """Return the part of the logit share's variance that is what the inputs leave open.

    What is known of the population moves all runoffs given these inputs together: an analysis of
    variance of several runoffs for each of a sample of inputs.
    """
    simulation = simulate(contest.ledger(), transfers, draws=2, seed=0, workers=1)
    votes = nested_votes(simulation, outer=2 * POSTERIOR)
    seen = np.log(votes[..., 0] / votes[..., 1])
    within = float(seen.var(axis=1, ddof=1).mean())
    between = float(seen.mean(axis=1).var(ddof=1)) - within / seen.shape[1]
    return between / (between + within)


def print_table(title: str, rows: dict[str, dict[str, float]]) -> None:
    print(f"\n{title}")
    columns = list(next(iter(rows.values())))
    print(" " * 36 + "".join(f"{c.replace('turnout', 'turn.'):>14}" for c in columns))
    for name, row in rows.items():
        cells = (f"{row[c]:>14.3f}" if c in row else " " * 14 for c in columns)
        print(f"{name:<36}" + "".join(cells))


def georgia_2018(prior: LearnedPrior, known: Any, roles: Any) -> dict[str, list[float]]:
    """Return quantiles of the 2018 forecast from the learned prior alone."""
    contest = forecast.load_contest("georgia-2018")
    transfers = prior.at(contest, groups=roles, traits=known, as_of=AS_OF, nationwide=True)
    votes = simulate(contest.ledger(), transfers, draws=200_000, seed=0, workers=1).votes()
    share, valid = votes[:, 0] / votes.sum(axis=1), votes.sum(axis=1) / contest.ledger().people
    ballots = valid * (1 + contest.invalid.sum() / contest.votes.sum())
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    out = {
        "share of Zurabishvili": np.quantile(share, levels).tolist(),
        "valid votes over list": np.quantile(valid, levels).tolist(),
        "turnout (ballots over list)": np.quantile(ballots, levels).tolist(),
        "win probability": [float((share > 0.5).mean())],
        "part that is ignorance of inputs": [ignorance(contest, transfers)],
    }
    print(f"\nGeorgia 2018 as of {AS_OF}, learned prior alone: quantiles 5, 25, 50, 75, 95%")
    for name, values in out.items():
        print(f"{name:<34}" + " ".join(f"{value:.3f}" for value in values))
    return out


def national_turnout() -> dict[str, dict[str, float]]:
    """Return scores of turnout (valid votes over the list) of national runoffs, in points.

    Every country is forecast from the others: by the learned change, by the mean of the others'
    changes, and by an unchanged turnout, the last two with the spread of their errors elsewhere.
    """
    world = forecast.past_runoffs("world").as_of(AS_OF)
    country = np.array([c.name.rpartition("-")[0] for c, _ in world])
    first = np.array([logit(c.votes.sum() / c.registered.sum()) for c, _ in world])
    second = np.array(
        [
            logit(r.votes.sum() / (c.registered if r.registered is None else r.registered).sum())
            for c, r in world
        ]
    )
    normals = np.random.default_rng(0).standard_normal(4000)
    found: dict[str, list[np.ndarray]] = {
        "learned change": [],
        "mean change": [],
        "unchanged turnout": [],
    }
    for i, (contest, _) in enumerate(world):
        others = country != country[i]
        elsewhere = [pair for pair, seen in zip(world, others, strict=True) if seen]
        learned = learn_mobilisation(elsewhere, draws=4000, rng=np.random.default_rng(i))
        mean, sd = learned.change(contest)
        found["learned change"].append(expit(first[i] + mean + sd * normals))
        change = (second - first)[others]
        found["mean change"].append(expit(first[i] + change.mean() + change.std() * normals))
        spread = np.sqrt((change**2).mean())
        found["unchanged turnout"].append(expit(first[i] + spread * normals))
    rows = {}
    for name, draws in found.items():
        place = np.array([(d < t).mean() for d, t in zip(draws, expit(second), strict=True)])
        error = 100 * (np.mean(draws, axis=1) - expit(second))
        every = crps(np.transpose(draws), expit(second))
        rows[name] = {
            "bias": float(error.mean()),
            "rmse": float(np.sqrt((error**2).mean())),
            "crps": float(100 * np.mean(every)),
            "cover 90": float((np.abs(place - 0.5) < 0.45).mean()),
            "cover 50": float((np.abs(place - 0.5) < 0.25).mean()),
        }
    return rows


def main() -> None:
    """Print the tables and write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path("history.json"))
    parser.add_argument("--prior", type=Path, help="write the learned prior to this file")
    arguments = parser.parse_args()
    data, roles = georgia_history.read(), georgia_history.pooled
    known = traits(data.main_rival)
    evidence = sum_up(
        data.history,
        roles=roles,
        traits=known,
        as_of=AS_OF,
        withdrawn=sorted(data.gave_up),
        world=forecast.past_runoffs("world"),
    )
    used = [(c, r) for c, r in data.history if c.name not in data.gave_up]
    contests = [c for c, _ in used]
    share = np.array([r.share(c.finalists[0]) for c, r in used])
    turnout = np.array([r.votes.sum() / c.registered.sum() for c, r in used])
    tables: dict[str, Any] = {}
    day = lambda contest: str(contest.runoff)  # noqa: E731
    model = Learned(roles, known)
    for title, election in (("a tenth left out", tenth), ("one day left out", day)):
        found = left_out(used, model, election)
        rows = {"learned prior": scores(found, share, turnout)}
        for night in sorted({day(c) for c in contests}):
            at = np.array([day(c) == night for c in contests])
            part = Forecasts(found.share[at], found.turnout[at])
            rows[f"  of {night} ({at.sum()})"] = scores(part, share[at], turnout[at])
        if election is day:
            rows["learned prior"]["days inside"] = sum(days_inside(used, model))
            for name, varied in changed(model).items():
                rows[name] = scores(left_out(used, varied, election), share, turnout)
                rows[name]["days inside"] = sum(days_inside(used, varied))
        for name, baseline in BASELINES.items():
            rows[name] = scores(left_out(used, baseline, election), share, turnout)
        print_table(f"{title}: {len(contests)} contests", rows)
        tables[title] = rows
    national = national_turnout()
    print_table("turnout of national runoffs: leave one country out", national)
    sha = hashlib.sha256(b"".join(p.read_bytes() for p in georgia_history.files())).hexdigest()
    prior = evidence.learn(name="learned from Georgian runoffs 2014-2016", draws=POSTERIOR)
    provenance = dict(prior.provenance) | {
        "command": "python benchmarks/history.py --prior FILE",
        "hindsight": HINDSIGHT,
        "files": {"names": [p.name for p in georgia_history.files()], "sha256": sha},
        "cross-validation": {
            "a tenth left out": tables["a tenth left out"]["learned prior"],
            "one day left out": {
                name: row for name, row in tables["one day left out"].items() if name[0] != " "
            },
            "turnout of national runoffs, one country left out": national["learned change"],
        },
    }
    prior = LearnedPrior(**{**vars(prior), "provenance": provenance})
    if arguments.prior:
        write_learned(prior, arguments.prior)
    print(f"\n{prior.mobilisation}")
    tables["turnout of national runoffs"] = national
    tables["Georgia 2018"] = georgia_2018(prior, known, roles)
    arguments.json.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
