"""How turnout of a nationwide contest changes between its rounds, learned from the world.

A history of local contests says who moves where, but its days are few and of another kind than a
national election. Many countries had national runoffs, so the change of turnout is learned there
and the local days are pooled towards it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import expit, logit

from forecast.arrays import FloatArray, symmetric_root
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import History
from forecast.facts.returns import Returns
from forecast.transfers.roles.contest_summary import in_both

TRAITS = ("logit first-round turnout", "absolute margin")
KIND = 0.3
"""Assumed sd, in logits, of a country's local contests against its national ones: wide, since no
history here has both kinds, and as large as all the spread of national runoffs."""
WITHIN, COUNTRY = np.linspace(0.08, 0.5, 29), np.linspace(0.0, 0.4, 17)
"""Values of the two spreads, between runoffs and between countries, that are averaged over."""
LIKELY_COUNTRY = 0.15
"""Scale of the half-normal prior of the spread between countries."""
INTERCEPT, SLOPE = 1.0, 0.25
"""Prior sd of the mean change and of what a trait moves it by, in logits."""

DIGITS = 5
"""Digits kept after the point, so that a file holds exactly what was learned."""


@dataclass(frozen=True, kw_only=True)
class DayTurnout:
    """How turnout changed on one day of a local history."""

    day: str  #: the runoff's date, or its name
    #: change, error: mean change of the logit of valid votes over registered people, and its
    #: standard error
    change: float
    error: float
    traits: tuple[float, float]  #: means of what predicts it, as in `TRAITS`


@dataclass(frozen=True, kw_only=True, eq=False)
class NationalTurnout:
    """How many turn out in one nationwide contest, by posterior draw."""

    people: FloatArray  #: (role,): people by role
    first: float  #: first-round valid votes over everybody
    mean: FloatArray  #: mean, sd (draw,): of the change of logit turnout
    sd: FloatArray

    def factor(
        self, participation: FloatArray, covariance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return location and scale, each (draw,), of the factor that gives this turnout.

        `participation` (draw, role) is its mean logit and `covariance` (draw, role, role) that of a
        contest's own deviations from it; they move turnout too, so the factor's part of the spread
        is what they leave.
        """
        wanted, part = logit(self.first) + self.mean, self.people / self.people.sum()
        shift = np.zeros_like(self.mean)
        for _ in range(30):  # Newton; turnout rises with the factor, so there is one solution
            total, effect = _turnout(participation + shift[:, None], part)
            step = np.clip((wanted - logit(total)) / effect.sum(axis=1), -1.0, 1.0)
            shift += step
            if np.abs(step).max() < 1e-10:
                break
        _, effect = _turnout(participation + shift[:, None], part)
        own = np.einsum("dr,drs,ds->d", effect, covariance, effect)
        return shift, np.sqrt(np.maximum(self.sd**2 - own, 0.0)) / effect.sum(axis=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Mobilisation:
    """Posterior draws of the change of turnout in nationwide runoffs."""

    coefficients: FloatArray  #: (draw, 3): mean change and the slopes of `TRAITS`, centred
    country: FloatArray  #: (draw,): deviation of the history's country
    spread: FloatArray  #: (draw,): standard deviation between runoffs, in logits
    centre: FloatArray  #: (2,): means of the traits in the world
    contests: Mapping[str, str]  #: name and digest of every national runoff that was learned from
    latest: date | None  #: last of their dates
    #: weight of each local day in the mean of a new contest; the world's is the rest
    weights: Mapping[str, float]

    def change(self, contest: Contest) -> tuple[FloatArray, FloatArray]:
        """Return mean and sd of the change of logit turnout by posterior draw, each (draw,)."""
        away = np.array(_traits(contest)) - self.centre
        mean = self.coefficients @ np.concatenate([[1.0], away]) + self.country
        return np.asarray(mean), self.spread

    def turnout(
        self, contest: Contest, given: Mapping[str, str], roles: Sequence[str]
    ) -> NationalTurnout:
        """Return what this says of a contest whose origins have the roles `given`."""
        ledger, people = contest.ledger(), np.zeros(len(roles))
        for origin, count in zip(ledger.origins, ledger.totals, strict=True):
            people[roles.index(given[origin])] += count
        mean, sd = self.change(contest)
        first = float(contest.votes.sum() / people.sum())
        return NationalTurnout(people=people, first=first, mean=mean, sd=sd)

    def __str__(self) -> str:
        """Return what was learned in one line."""
        world = 1 - sum(self.weights.values())
        shown = [f"{100 * w:.0f}% {day}" for day, w in self.weights.items()]
        parts = ", ".join([f"{100 * world:.0f}% {len(self.contests)} national runoffs", *shown])
        return f"mobilisation: {parts}; sd {self.spread.mean():.2f} logits of turnout"


def day_turnouts(history: History, days: Sequence[str]) -> tuple[DayTurnout, ...]:
    """Return how turnout changed on each day of a local history; `days` are those of contests."""
    found = []
    for day in sorted(set(days)):
        part = [pair for pair, n in zip(history, days, strict=True) if n == day]
        changes = np.array([_change(*pair) for pair in part])
        known = np.isfinite(changes)
        if not known.any():
            continue
        # One contest says nothing of the spread between contests; half a logit is wide.
        sd = changes[known].std(ddof=1) if known.sum() > 1 else 0.5
        traits = np.array([_traits(contest) for contest, _ in part])[known].mean(axis=0)
        found.append(
            DayTurnout(
                day=day,
                change=float(changes[known].mean()),
                error=float(sd / np.sqrt(known.sum())),
                traits=(float(traits[0]), float(traits[1])),
            )
        )
    return tuple(found)


def learn_mobilisation(
    world: History,
    *,
    days: Sequence[DayTurnout] = (),
    as_of: date | None = None,
    draws: int = 400,
    rng: np.random.Generator,
) -> Mobilisation:
    """Learn how turnout changes between the rounds of a nationwide contest.

    `world` are national runoffs, of which a name without its last part, such as "france-2017", is
    the country; those later than `as_of` are left out. `days` are of local contests in the country
    to forecast. Of the posterior `draws` are kept.

    Raises
    ------
    InputError
        If a runoff has no date, or fewer than ten national runoffs are left.

    Notes
    -----
    With D the change of the logit of valid votes over registered people and x the traits::

        D_ic = x_ic' b + u_c + e_ic,       u ~ Normal(0, s_u^2),  e ~ Normal(0, s_e^2)
        D_n  = x_n' b + u + k + e_n + g_n   (local days), k ~ Normal(0, KIND^2), g_n known error

    b, u and k are normal given the two spreads, which are averaged over a grid: no chain is needed.
    A random-effects model as in Gelman et al., Bayesian Data Analysis (3rd ed.), section 5.4.
    """
    dates = [contest.runoff for contest, _ in world if contest.runoff]
    if len(dates) < len(world):
        name = next(contest.name for contest, _ in world if not contest.runoff)
        raise InputError(f"mobilisation: the runoff of contest {name!r} has no date; give it one")
    known = [pair for day, pair in zip(dates, world, strict=True) if day <= (as_of or date.max)]
    kept = [pair for pair in known if np.isfinite(_change(*pair))]
    if len(kept) < 10:
        raise InputError(
            "mobilisation: needs at least ten national runoffs with registered people - found "
            f"{len(kept)}{f' by {as_of}' if as_of else ''}; learn without them"
        )
    traits = np.array([_traits(contest) for contest, _ in kept])
    centre = traits.mean(axis=0)
    n, m = len(kept), len(days)
    away = np.concatenate([traits, np.array([t.traits for t in days]).reshape(m, 2)]) - centre
    design = np.column_stack([np.ones(n + m), away, np.zeros((n + m, 2))])
    design[n:, 3:] = 1.0  # u and k of the country to forecast
    change = np.array([_change(*pair) for pair in kept] + [t.change for t in days])
    error = np.array([0.0] * n + [t.error for t in days])
    countries = [contest.name.rpartition("-")[0] or contest.name for contest, _ in kept]
    same = np.zeros((n + m, n + m))
    same[:n, :n] = np.equal.outer(countries, countries)
    grid = [(within, country) for within in WITHIN for country in COUNTRY]

    def given(within: float, country: float) -> tuple[float, FloatArray, FloatArray, FloatArray]:
        """Return log weight, mean, root of covariance and gain of b, u, k given the spreads."""
        scale = np.array([INTERCEPT, SLOPE, SLOPE, country, KIND]) ** 2
        noise = within**2 * np.eye(n + m) + country**2 * same
        total = noise + np.diag(error**2) + (design * scale) @ design.T
        root = np.linalg.cholesky(total)
        z = np.linalg.solve(root, change)
        log_weight = -0.5 * z @ z - np.log(np.diag(root)).sum()
        log_weight -= 0.5 * (country / LIKELY_COUNTRY) ** 2 + np.log(within)
        gain = np.linalg.solve(total, design * scale).T
        covariance = np.diag(scale) - gain @ (design * scale)
        covariance = (covariance + covariance.T) / 2
        return float(log_weight), gain @ change, symmetric_root(covariance), gain

    cells = [given(*cell) for cell in grid]
    log_weight = np.array([cell[0] for cell in cells])
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    levels = (np.arange(draws) + rng.random()) / draws
    chosen = rng.permutation(np.searchsorted(weight.cumsum()[:-1], levels))
    normals = rng.standard_normal((draws, design.shape[1]))
    beta = np.array([cells[g][1] + cells[g][2] @ z for g, z in zip(chosen, normals, strict=True)])
    new = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
    pull = sum(w * (new @ cell[3])[n:] for w, cell in zip(weight, cells, strict=True))
    return Mobilisation(
        coefficients=beta[:, :3].round(DIGITS),
        country=beta[:, 3].round(DIGITS),
        spread=np.array([grid[g][0] for g in chosen]).round(DIGITS),
        centre=centre.round(DIGITS),
        contests={contest.name: contest.digest for contest, _ in kept},
        latest=max(contest.runoff for contest, _ in kept if contest.runoff),
        weights={
            t.day: round(float(w), DIGITS) for t, w in zip(days, np.atleast_1d(pull), strict=True)
        },
    )


def _change(contest: Contest, returns: Returns) -> float:
    """Return the change of logit turnout over the units in both rounds; nan where unknown."""
    if contest.registered is None:
        return float("nan")
    before, after = in_both(contest.units, returns.units)
    if not len(before):
        return float("nan")
    listed = contest.registered[before].sum()
    again = listed if returns.registered is None else returns.registered[after].sum()
    first, second = contest.votes[before].sum() / listed, returns.votes[after].sum() / again
    return float(logit(second) - logit(first)) if 0 < second < 1 > first else float("nan")


def _traits(contest: Contest) -> tuple[float, float]:
    """Return what predicts the change, as in `TRAITS`."""
    votes = contest.votes.sum(axis=0)
    finalists = [votes[contest.candidates.index(f)] + 0.5 for f in contest.finalists]
    turnout = votes.sum() / max(int(contest.ledger().people), 1)
    margin = np.log(max(finalists) / sorted(finalists)[-2])
    return float(logit(min(max(turnout, 1e-3), 1 - 1e-3))), float(margin)


def _turnout(participation: FloatArray, part: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return turnout (draw,) and what each role's logit moves its logit by (draw, role)."""
    rate = expit(participation)
    total = rate @ part
    return total, rate * (1 - rate) * part / (total * (1 - total))[:, None]
