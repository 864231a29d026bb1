"""Past runoffs -> a prior for the next: `learn_prior`.

Stage 1 sums up what the counts of each past contest say about its transfer table (`evidence`);
stage 2 fits the population those tables came from (`population`). Stage 1 is then repeated around
what stage 2 found, since a quadratic is only good where it was taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from forecast.arrays import FloatArray, IntArray
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import UNDATED, History, refused
from forecast.facts.ledger import INVALID, NON_VOTERS
from forecast.facts.past_runoffs import FINALIST_ROLES, PastRunoffs, usual_roles
from forecast.randomness import one_thread_of_algebra
from forecast.signatures import refuses_other_kinds
from forecast.transfers.returns.counts import Counts
from forecast.transfers.roles.contest_summary import (
    Evidence,
    Roles,
    contest_evidence,
    role_counts,
    role_of,
    table_of,
)
from forecast.transfers.roles.levels import CandidateSpread
from forecast.transfers.roles.population import (
    COUNTRY,
    Assumptions,
    Population,
    Tie,
    fit_population,
)
from forecast.transfers.roles.prior import LearnedPrior, Traits, known_traits
from forecast.transfers.roles.turnout_change import DayTurnout, day_turnouts, learn_mobilisation

GOVERNMENT = "government"
"""Role of the finalist whose side governs."""

ROUNDS = 2
"""Times that stage 1 is repeated around the population."""
WIDE = 1.5
"""Prior sd of every coordinate when a contest is looked at alone, in logits."""
DRAWS, THIN, WARMUP = 1000, 5, 400
"""Draws of the population that are kept, one out of how many, after how many."""
DIGITS = 5
"""Significant digits kept of every number, so that a file holds exactly what was learned."""


@refuses_other_kinds
@one_thread_of_algebra
def learn_prior(
    history: History,
    *,
    roles: Roles | None = None,
    traits: Traits | None = None,
    as_of: date | None = None,
    withdrawn: Sequence[str] | None = None,
    candidates: CandidateSpread | None = None,
    name: str = "learned from past runoffs",
    seed: int = 0,
    base: Assumptions | None = None,
    world: History | None = None,
) -> LearnedPrior:
    """Learn the population of transfer tables from past runoffs.

    Parameters
    ----------
    history : sequence of (Contest, Returns)
        Past contests with two finalists, by unit or in total; each returns' order is irrelevant.
    roles : callable or mapping, optional
        Role of every origin of a contest: ``roles(contest)`` or ``roles[contest.name]`` maps origin
        to role. The first contest's finalists name the two finalist roles. By default those of a
        `PastRunoffs`, else the usual ones.
    traits : callable, optional
        ``traits(contest)`` gives numbers known before the runoff that may move the table, by name,
        in addition to those of `known_traits`.
    as_of : datetime.date, optional
        Contests whose runoff was later are left out.
    withdrawn : sequence of str, optional
        Names of contests in which a finalist gave up, which are left out; by default those of a
        `PastRunoffs`.
    candidates : CandidateSpread, optional
        Deviation of single eliminated candidates from their role.
    name : str
        What to call the prior in reports.
    seed : int
        The seed.
    base : Assumptions, optional
        Priors of the population; by default `assumptions`.
    world : sequence of (Contest, Returns), optional
        National runoffs, such as ``past_runoffs("world")``: how many turn out in a nationwide
        contest is then learned from them, with the days of `history` pooled towards it.

    Returns
    -------
    LearnedPrior

    Raises
    ------
    InputError
        If a date is missing while `as_of` is given, no contest is left, a contest occurs twice or
        has other roles.

    Notes
    -----
    theta_i ~ Normal(B' x_i + F f_day(i), Omega / w_i), see `population`. Contests of one day
    share its factors f.

    Examples
    --------
    >>> from forecast import load_contest, past_runoffs
    >>> learned = learn_prior(past_runoffs("world")[:2], name="two runoffs")
    >>> learned.roles, len(learned.contests)
    (('leader', 'runner-up', 'eliminated', 'non-voters'), 2)
    >>> learned.at(load_contest("georgia-2018")).finalists
    ('zurabishvili', 'vashadze')
    """
    told = history if isinstance(history, PastRunoffs) else None
    if roles is None:
        roles = usual_roles if told is None else told.roles
    if withdrawn is None:
        withdrawn = () if told is None else told.withdrawn
    evidence = sum_up(
        history,
        roles=roles,
        traits=traits,
        as_of=as_of,
        withdrawn=withdrawn,
        seed=seed,
        base=base,
        world=world,
    )
    return evidence.learn(name=name, candidates=candidates, seed=seed)


@dataclass(frozen=True, kw_only=True, eq=False)
class HistoryEvidence:
    """Stage 1 of a history: all that stage 2 needs, made by `sum_up`."""

    #: roles, traits, trait_mean, trait_sd, days, left_out, as_of: as in `LearnedPrior`
    roles: tuple[str, ...]
    traits: tuple[str, ...]
    trait_mean: FloatArray
    trait_sd: FloatArray
    days: tuple[str, ...]
    left_out: Mapping[str, str]
    as_of: date | None
    contests: tuple[tuple[str, str], ...]  #: name and digest of every contest
    evidence: tuple[Evidence, ...]  #: one per contest
    x: FloatArray  #: (contest, 1 + trait): design rows
    day: IntArray  #: (contest,): positions in `days`
    base: Assumptions  #: priors of the population
    inputs: str  #: digest of contests and returns
    turnouts: tuple[DayTurnout, ...] = ()  #: how turnout changed on each day
    #: national runoffs for the mobilisation of a nationwide contest; may be empty
    world: History = ()
    #: units of each contest that are in one round only, or had fewer people than votes
    units_left_out: Mapping[str, int] = field(default_factory=dict)

    def without(self, names: Collection[str]) -> HistoryEvidence:
        """Return the history without some contests, for cross-validation.

        The quadratics of the others stay as they were taken, and so does the turnout of days that
        are not left out as a whole.
        """
        kept = [i for i, (name, _) in enumerate(self.contests) if name not in names]
        found = sorted({int(self.day[i]) for i in kept})
        return replace(
            self,
            days=tuple(self.days[t] for t in found),
            left_out={**self.left_out, **dict.fromkeys(names, "held out")},
            contests=tuple(self.contests[i] for i in kept),
            evidence=tuple(self.evidence[i] for i in kept),
            x=self.x[kept],
            day=np.searchsorted(found, self.day[kept]),
            turnouts=tuple(t for t in self.turnouts if t.day in {self.days[n] for n in found}),
        )

    def learn(
        self,
        *,
        name: str = "learned from past runoffs",
        candidates: CandidateSpread | None = None,
        seed: int = 0,
        draws: int = DRAWS,
        thin: int = THIN,
    ) -> LearnedPrior:
        """Return the prior these contests give; `draws` posterior draws, one kept of `thin`."""
        population = fit_population(
            self.evidence,
            self.x,
            self.day,
            self.base,
            rng=np.random.default_rng([seed, 2]),
            draws=draws,
            thin=thin,
            warmup=WARMUP,
        )
        gone = sum(self.units_left_out.get(contest, 0) for contest, _ in self.contests)
        return LearnedPrior(
            name=name,
            roles=self.roles,
            traits=self.traits,
            trait_mean=self.trait_mean,
            trait_sd=self.trait_sd,
            population=_short(population),
            days=self.days,
            contests=dict(self.contests),
            left_out=self.left_out,
            as_of=self.as_of,
            candidates=candidates or CandidateSpread(),
            mobilisation=learn_mobilisation(
                self.world,
                days=self.turnouts,
                as_of=self.as_of,
                draws=draws,
                rng=np.random.default_rng([seed, 3]),
            )
            if self.world
            else None,
            provenance={"seed": seed, "contests": len(self.contests), "inputs": self.inputs}
            | ({"world": history_digest(self.world)} if self.world else {})
            | ({"units left out": gone} if gone else {}),
        )


def sum_up(
    history: History,
    *,
    roles: Roles,
    traits: Traits | None = None,
    as_of: date | None = None,
    withdrawn: Sequence[str] = (),
    seed: int = 0,
    base: Assumptions | None = None,
    world: History | None = None,
) -> HistoryEvidence:
    """Return stage 1 of a history; parameters and errors as of `learn_prior`."""
    left_out = refused(history, as_of, withdrawn)
    used = sorted(
        ((c, r) for c, r in history if c.name not in left_out),
        key=lambda pair: (pair[0].runoff or date.min, pair[0].name),
    )
    if not used:
        raise InputError(
            "learn_prior: needs at least one past contest - found none"
            + (f" whose runoff was by {as_of}; check the dates" if as_of else "")
        )
    given = [role_of(contest, roles) for contest, _ in used]
    order = _order(used[0][0], given)
    values = [known_traits(c, g, order, traits) for (c, _), g in zip(used, given, strict=True)]
    table = _trait_table([c.name for c, _ in used], values)
    mean, sd = _rounded(table.mean(axis=0)), table.std(axis=0)
    sd = _rounded(np.where(sd > 1e-9, sd, 1.0))
    x = np.concatenate([np.ones((len(used), 1)), (table - mean) / sd], axis=1)
    dates = [str(c.runoff) if c.runoff else f"{UNDATED}{c.name}" for c, _ in used]
    days = tuple(sorted(set(dates)))
    day = np.array([days.index(d) for d in dates])
    counts = [role_counts(c, r, g, order) for (c, r), g in zip(used, given, strict=True)]
    rng = np.random.default_rng([seed, 1])
    start = base or assumptions(order)
    evidence = tuple(_evidence(counts, x, day, start, rng))
    if base is None:
        found = fit_population(evidence, x, day, start, rng=rng, draws=200, thin=2, warmup=200)
        level = np.zeros(x.shape[1])
        level[0], level[1] = 1.0, -mean[0] / sd[0]  # the margin, which comes first, is zero
        people = np.mean([c.origins.sum(axis=1) / c.origins.sum() for c in counts], axis=0)
        lean = COUNTRY[0] if order[0] == GOVERNMENT else 0.0
        tie = _tie(people, level, found.coefficients.mean(axis=0), start, lean)
        start = replace(start, tie=tie)
    return HistoryEvidence(
        roles=order,
        traits=tuple(values[0]),
        trait_mean=mean,
        trait_sd=sd,
        days=days,
        left_out=left_out,
        as_of=as_of,
        contests=tuple((c.name, c.digest) for c, _ in used),
        evidence=evidence,
        x=x,
        day=day,
        base=start,
        inputs=history_digest(used),
        turnouts=day_turnouts(used, dates),
        world=tuple(world or ()),
        units_left_out={
            c.name: len(c.units) - found.origins.shape[1]
            for (c, _), found in zip(used, counts, strict=True)
        },
    )


def _evidence(
    counts: Sequence[Counts],
    x: FloatArray,
    day: IntArray,
    base: Assumptions,
    rng: np.random.Generator,
) -> list[Evidence]:
    """Return the evidence of every contest, taken around what the population expects of it."""
    wide = np.eye(len(base.location)) * WIDE**2
    evidence = [contest_evidence(c, base.location, wide) for c in counts]
    for _ in range(ROUNDS):
        found = fit_population(evidence, x, day, base, rng=rng, draws=200, thin=2, warmup=200)
        centre = x @ found.coefficients.mean(axis=0)
        centre += found.days.mean(axis=0)[day] @ base.factors.T
        spread = 1.5 * found.spread.mean(axis=0)  # wider than Omega, as a t population is
        evidence = [contest_evidence(c, m, spread) for c, m in zip(counts, centre, strict=True)]
    return evidence


def _tie(
    people: FloatArray, x: FloatArray, coefficients: FloatArray, base: Assumptions, centre: float
) -> Tie:
    """Return how the share at a tie depends on the coordinates, around `coefficients` (q, p).

    `people` (role,) is the usual composition, whose finalists are made equal; `centre` is where
    countries lean.
    """
    equal = np.concatenate([np.full(2, people[:2].mean()), people[2:]])

    def share(theta: FloatArray) -> FloatArray:
        votes = equal @ table_of(theta, 2)[..., :2]
        return np.asarray(np.log(votes[..., 0]) - np.log(votes[..., 1]))

    theta = x @ coefficients
    step = 1e-4 * np.eye(len(theta))
    gradient = (share(theta + step) - share(theta - step)) / 2e-4
    # Factors that take sides: they move preferences, or participation of some against others.
    sided = (base.factors[::2] != 0).any(axis=0) | (base.factors.min(axis=0) < 0)
    unit = np.where(sided, base.factor_scale, 0.0)
    unit /= np.sqrt(((gradient @ base.factors * unit) ** 2).sum())
    gradient, unit, x = _rounded(gradient), _rounded(unit), _rounded(x)
    offset = float(f"{share(theta) - gradient @ theta:.{DIGITS}g}")
    return Tie(offset=offset, gradient=gradient, x=x, unit=unit, centre=centre)


def assumptions(roles: Sequence[str]) -> Assumptions:
    """Return weakly informative priors of the population for these roles.

    The two finalists' roles come first. Finalists keep most of their voters, few non-voters appear,
    give or take 1.5 logits; contests differ by half a logit, of which two fifths move all roles
    together. All of that is assumed and gives way to a few dozen contests. Days are few: how much
    they differ in whom they favour is learned elsewhere, see `Tie`; of that, swing has twice the sd
    of partisan mobilisation.
    """
    start = {INVALID: (0.0, -1.0), NON_VOTERS: (0.0, -2.5)}
    rows = [(3.0, 2.0), (-3.0, 1.0), *(start.get(role, (0.0, 0.0)) for role in roles[2:])]
    location = np.array(rows).ravel()
    factors = np.zeros((len(location), 3))
    factors[1::2, 0] = 1.0  # mobilisation
    factors[::2, 1] = 1.0  # swing
    factors[[1, 3], 2] = 1.0, -1.0  # partisan mobilisation
    for r, role in enumerate(roles):
        if role in (INVALID, NON_VOTERS):
            factors[2 * r, 2] = 1.0
    own = np.tile([0.5**2 * 0.6, 0.4**2 * 0.4], len(rows))
    shared = np.array([0.4 * 0.4**2, 0.4 * 0.5**2, 0.2 * 0.4**2])
    return Assumptions(
        location=location,
        spread=np.diag(own) + (factors * shared) @ factors.T,
        factors=factors,
        factor_scale=np.array([0.3, 0.2, 0.1]),
    )


def history_digest(history: History) -> str:
    """Return the SHA-256 of all contests and returns, as 16 hexadecimal digits."""
    sha = hashlib.sha256()
    for contest, returns in sorted(history, key=lambda pair: pair[0].name):
        sha.update(f"{contest.digest} {returns.units} {returns.votes.tolist()}\n".encode())
    return sha.hexdigest()[:16]


def _trait_table(names: Sequence[str], values: Sequence[Mapping[str, float]]) -> FloatArray:
    for name, found in zip(names, values, strict=True):
        if set(found) != set(values[0]) or not np.isfinite(list(found.values())).all():
            raise InputError(
                f"learn_prior: every contest must have the same traits as numbers - {name!r} has "
                f"{dict(found)}, {names[0]!r} has {dict(values[0])}; complete them"
            )
    return np.array([[found[trait] for trait in values[0]] for found in values])


def _order(first: Contest, given: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return all roles: finalists', the government's first, then others, ballots not cast last."""
    known = (GOVERNMENT, *FINALIST_ROLES)
    finalists = sorted(
        (given[0][f] for f in first.finalists),
        key=lambda role: (known.index(role) if role in known else len(known), role),
    )
    found = {role for g in given for role in g.values()}
    last = [role for role in (INVALID, NON_VOTERS) if role in found]
    return (*finalists, *sorted(found.difference(finalists, last)), *last)


def _rounded(values: FloatArray) -> FloatArray:
    """Return values to `DIGITS` significant digits."""
    text = np.char.mod(f"%.{DIGITS}g", np.asarray(values))
    return np.asarray(text.astype(np.float64))


def _short(population: Population) -> Population:
    return replace(
        population,
        coefficients=_rounded(population.coefficients),
        spread=_rounded(population.spread),
        factor_sd=_rounded(population.factor_sd),
        days=_rounded(population.days),
    )
