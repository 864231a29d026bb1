"""Georgian runoffs of 2014-2016 as a test of learned priors, and 2018 as of its first round.

Usage: ``python benchmarks/history.py [--json FILE] [--prior FILE]``

Contests are forecast from the others, learned anew from their counts: leaving out a tenth of the
contests (the day is then known from the others of it), and leaving out whole days. Baselines get
the same treatment, and so do the prior's variants where days are left out; of each is said whether
what the day did for the government lies in the 90% interval.
How many turn out in a nationwide contest is learned from the world's presidential runoffs, and
forecast leaving one country out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import georgia_history
import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

import forecast
from forecast.simulation.engine import simulate
from forecast.transfers.roles.file import write_learned
from forecast.transfers.roles.learn import history_digest, sum_up
from forecast.transfers.roles.prior import LearnedPrior
from forecast.transfers.roles.turnout_change import learn_mobilisation
from forecast.transfers.table.protocols import TransferDistribution
from forecast.validation.calibration import central_interval, coverage
from forecast.validation.models import History, TransferModel
from forecast.validation.scores import brier_score, crps, log_density

AS_OF = date(2018, 10, 28)
POSTERIOR = 2_000
"""Posterior draws of the prior that is bundled."""
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

    `variant` begins the name of one of the prior's variants.
    """

    roles: Any
    traits: Any = None
    nationwide: bool = False
    variant: str = ""

    def prior(self, history: History) -> LearnedPrior:
        """Learn from past contests, from their counts on; variants share what is learned."""
        key = history_digest(history), self.nationwide
        if key not in LEARNED:
            evidence = sum_up(history, roles=self.roles, traits=self.traits)
            if self.nationwide:  # turnout is learned from the same national runoffs
                evidence = replace(evidence, world=tuple(history), turnouts=())
            LEARNED[key] = evidence.learn(thin=2)
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


LEARNED: dict[tuple[str, bool], LearnedPrior] = {}
"""What was learned from each past."""
VARIANTS = ("as in", "as elsewhere", "days differ more", "the rival's voters stay")
"""Beginnings of the names of variants that are about days and countries."""


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
        "crps": 100 * crps(draws, share, fair=False).mean(),
        "log score": log_density(draws, share).mean(),
        "brier": brier_score((draws > 0.5).mean(axis=0), share > 0.5).mean(),
        "cover 90": held[0.9].value,
        "cover 50": held[0.5].value,
        "width 90": 100 * (high - low).mean(),
    }
    if found.turnout.size:
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
    model: Learned,
    election: Callable[[forecast.Contest], str],
    draws: int = 2000,
) -> Forecasts:
    """Return forecasts of every contest from other elections, as `validation` has them."""
    found = forecast.backtest(
        history, TransferModel(model, "learned prior"), election=election, draws=draws
    )
    order = [found.contests.index(contest.name) for contest, _ in history]
    return Forecasts(found.share.T[order], found.turnout.T[order])


def days_inside(history: History, model: Learned) -> dict[str, list[bool]]:
    """Return by variant whether each day's own effect lies in its 90% interval from other days.

    The effect is on the logit share at a tie, with its country's, and known from all contests.
    """
    whole = model.prior(history)
    tie = whole.population.tie
    assert tie is not None
    own = tie.lean(whole.population.coefficients).mean() + (
        whole.population.days.mean(axis=0) @ whole.population.factors.T @ tie.gradient
    )
    found: dict[str, list[bool]] = {name: [] for name in ("", *VARIANTS)}
    for day, effect in zip(whole.days, own, strict=True):
        others = [pair for pair in history if str(pair[0].runoff) != day]
        contest = next(c for c, _ in history if str(c.runoff) == day)
        for name, inside in found.items():
            population = replace(model, variant=name)(others)(contest).prior.population
            lean = population.tie.lean(population.coefficients)
            moved = population.factor_sd * (population.factors.T @ population.tie.gradient)
            sd = np.sqrt((moved[:, population.tie.unit > 0] ** 2).sum(axis=1))
            place = norm.cdf((effect - lean) / sd).mean()
            inside.append(bool(abs(place - 0.5) < 0.45))
    return found


def baselines(
    contests: Sequence[forecast.Contest], share: np.ndarray, groups: Sequence[object]
) -> dict[str, Forecasts]:
    """Return an unchanged share, a regression on the margin alone, and a leader who wins.

    Each gets the spread of its errors on the contests of other groups, on the logit scale.
    """
    first = [c.votes.sum(axis=0) for c in contests]
    names = [[c.candidates.index(f) for f in c.finalists] for c in contests]
    margin = np.array([np.log(v[a] / v[b]) for v, (a, b) in zip(first, names, strict=True)])
    together = np.equal.outer(groups, groups)
    normals = np.random.default_rng(0).standard_normal(4000)
    out: dict[str, list[np.ndarray]] = {"unchanged share": [], "margin-only regression": []}
    out["leader wins"] = []
    y = logit(share)
    for i, same in enumerate(together):
        seen = ~same
        sd = np.sqrt(((y - margin)[seen] ** 2).mean())
        out["unchanged share"].append(expit(margin[i] + sd * normals))
        design = np.column_stack([np.ones(seen.sum()), margin[seen]])
        slope, residual, *_ = np.linalg.lstsq(design, y[seen], rcond=None)
        sd = np.sqrt(residual[0] / (seen.sum() - 2))
        out["margin-only regression"].append(expit(slope[0] + slope[1] * margin[i] + sd * normals))
        # As often as leaders won, by the spread of what winners got; all that a leader tells.
        leads, won = margin[seen] > 0, np.abs(y[seen])
        kept = ((share[seen] > 0.5) == leads).mean()
        sign = np.where(np.arange(4000) < 4000 * kept, 1.0, -1.0) * np.sign(margin[i])
        out["leader wins"].append(expit(sign * np.random.default_rng(1).choice(won, 4000)))
    nothing = np.empty((0, 0))
    return {name: Forecasts(np.array(draws), nothing) for name, draws in out.items()}


def print_table(title: str, rows: dict[str, dict[str, float]]) -> None:
    print(f"\n{title}")
    columns = list(next(iter(rows.values())))
    print(" " * 26 + "".join(f"{c.replace('turnout', 'turn.'):>14}" for c in columns))
    for name, row in rows.items():
        cells = (f"{row[c]:>14.3f}" if c in row else " " * 14 for c in columns)
        print(f"{name:<26}" + "".join(cells))


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
    }
    print(f"\nGeorgia 2018 as of {AS_OF}, learned prior alone: quantiles 5, 25, 50, 75, 95%")
    for name, values in out.items():
        print(f"{name:<30}" + " ".join(f"{value:.3f}" for value in values))
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
        every = crps(np.transpose(draws), expit(second), fair=False)
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
    tables = {}
    day = lambda contest: str(contest.runoff)  # noqa: E731
    for title, election in (("a tenth left out", tenth), ("one day left out", day)):
        model = Learned(roles, known)
        found = left_out(used, model, election)
        rows = {"learned prior": scores(found, share, turnout)}
        for night in sorted({day(c) for c in contests}):
            at = np.array([day(c) == night for c in contests])
            part = Forecasts(found.share[at], found.turnout[at])
            rows[f"  of {night} ({at.sum()})"] = scores(part, share[at], turnout[at])
        if election is day:
            inside = days_inside(used, model)
            for name in VARIANTS:
                varied = left_out(used, replace(model, variant=name), election)
                rows[f"  {name} ..."] = scores(varied, share, turnout)
        for name, baseline in baselines(contests, share, [election(c) for c in contests]).items():
            rows[name] = scores(baseline, share, turnout)
        print_table(f"{title}: {len(contests)} contests", rows)
        tables[title] = rows
    print("days whose own effect lies in its 90% interval from the other:")
    for name, which in inside.items():
        print(f"  {name or 'learned prior'}: {sum(which)} of {len(which)}")
    national = national_turnout()
    print_table("turnout of national runoffs: leave one country out", national)
    sha = hashlib.sha256(b"".join(p.read_bytes() for p in georgia_history.files())).hexdigest()
    prior = evidence.learn(name="learned from Georgian runoffs 2014-2016", draws=POSTERIOR)
    provenance = dict(prior.provenance) | {
        "command": "python benchmarks/history.py --prior FILE",
        "hindsight": HINDSIGHT,
        "files": {"names": [p.name for p in georgia_history.files()], "sha256": sha},
        "cross-validation": {t: rows["learned prior"] for t, rows in tables.items()}
        | {"turnout of national runoffs, leave one country out": national["learned change"]},
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
