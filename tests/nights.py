"""Election nights drawn from the model behind the nowcast, with the result they lead to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import small
from scipy.special import expit, logit

from forecast import Contest, Returns, TransferPrior, load_returns
from forecast.facts.interim_turnout import InterimTurnout
from forecast.transfers.night.deviations import GROUPS, Group, unit_deviations
from forecast.transfers.night.fit import SCALE_DEGREES
from forecast.transfers.night.groundwork import LEVEL_SD
from forecast.transfers.night.local_table import SLOPES, local_table

RETURNS = load_returns("georgia-2018")


def csv_of(units: int, extra: str = "") -> str:
    """Return the runoff of Georgia 2018 in its first districts, as a feed would."""
    rows = [
        f"{unit},{a},{b}"
        for unit, (a, b) in zip(RETURNS.units[:units], RETURNS.votes.tolist(), strict=False)
    ]
    return "unit,zurabishvili,vashadze\n" + "\n".join(rows) + "\n" + extra


UNIT_SD = 0.15


@dataclass(frozen=True, kw_only=True)
class Night:
    """A contest, its full returns and what was believed.

    `own` is what each unit has of its own in preference, in standard deviations.
    """

    contest: Contest
    returns: Returns
    prior: TransferPrior
    own: np.ndarray
    turnout: InterimTurnout | None = None


def first_round(rng: np.random.Generator, units: int = 160, regions: int = 8) -> Contest:
    """Return a contest of uneven units whose regions lean differently."""
    member = rng.integers(regions, size=units)
    size = np.exp(rng.normal(6.5, 0.8, units)).astype(int) + 40
    lean = rng.normal(0, 0.5, regions)[member] + rng.normal(0, 0.4, units)
    turnout = expit(0.3 + 0.2 * rng.normal(size=units) - 0.1 * np.log(size / 700))
    shares = np.column_stack([0.38 * np.exp(lean), 0.36 * np.exp(-lean), np.full(units, 0.26)])
    shares[:, 2] *= np.exp(0.3 * rng.normal(size=units))
    shares /= shares.sum(axis=1, keepdims=True)
    ballots = rng.binomial(size, turnout)
    votes = np.array([rng.multinomial(n, p) for n, p in zip(ballots, shares, strict=True)])
    dot = rng.binomial(votes[:, 2], 0.3)
    return Contest(
        name="night",
        candidates=("ada", "ben", "cid", "dot"),
        finalists=small.FINALISTS,
        units=tuple(f"u{u:03d}" for u in range(units)),
        votes=np.column_stack([votes[:, :2], votes[:, 2] - dot, dot]),
        invalid=np.zeros(units, dtype=int),
        registered=size,
        regions=tuple(f"region {r}" for r in member),
    )


CHANGE_SD = 0.2


def _scale(group: Group | str, rng: np.random.Generator) -> np.ndarray:
    """Return the scale of preference and of participation, drawn as the nowcast believes them."""
    group = GROUPS[group] if isinstance(group, str) else group
    degrees = SCALE_DEGREES if group.weight < 100 else group.weight
    return group.scales * np.sqrt(degrees / rng.chisquare(degrees, 2))


def drawn_night(
    rng: np.random.Generator, *, drift: float = 1.0, units: int = 160, interim: bool = False
) -> Night:
    """Return a night drawn from prior and model; `drift` multiplies every deviation.

    With `interim`, turnout by some hour has changed by unit and is known.
    """
    contest, prior = first_round(rng, units), small.elicited_prior()
    ledger = contest.ledger(by="unit")
    rates = prior.sampler(contest.ledger()).draw(2, rng=rng)[:, :, 0]
    voting = rates.sum(axis=1)
    common = [rng.normal(mean, sd) for _, mean, sd in SLOPES]
    table = local_table(ledger.counts.astype(float), 2)
    names = sorted(set(contest.regions))
    member = np.array([names.index(r) for r in contest.regions])
    around = rng.normal(0, CHANGE_SD, units) if interim else None
    if around is not None:
        around -= np.average(around, weights=table.people.sum(axis=1))
    design = unit_deviations(
        table, region=member, unlisted=np.zeros(units, dtype=bool), interim=around
    )
    own = [
        drift * np.concatenate([np.full(table.people.shape[1], sd) for sd in _scale(name, rng)])
        for name in ("slope by lean", "slope by size", "slope by turnout")
    ]
    slopes = np.concatenate(own) * rng.standard_normal(table.size - table.common)
    point = np.concatenate(
        [np.log(rates[:, 0] / rates[:, 1]), np.log(voting / (1 - voting)), common, slopes]
    )
    swing = table.swing(point)
    logits = np.stack([swing.preference[0], swing.participation])
    dense = np.stack([_scale(g, rng) for g in design.groups], axis=1)[:, design.group]
    logits += (design.means(2) + drift * dense * rng.standard_normal(dense.shape)) @ design.design.T
    kinds = {group: _scale(group, rng) for group in dict.fromkeys(design.local_groups)}
    local = np.stack([kinds[group] for group in design.local_groups], axis=1)[:, None]
    local = drift * local * rng.standard_normal((2, design.regions, local.shape[2]))
    logits += np.einsum("uq,kuq->ku", design.local, local[:, design.member])
    alone = rng.standard_normal(logits.shape)
    logits += UNIT_SD * alone
    valid = rng.binomial(contest.registered, expit(logits[1]))
    ada = rng.binomial(valid, expit(logits[0]))
    votes = np.column_stack([ada, valid - ada])
    returns = Returns(units=contest.units, finalists=contest.finalists, votes=votes)
    turnout = None
    if around is not None:
        people = contest.registered.sum()
        change = logit(valid.sum() / people) - logit(contest.votes.sum() / people)
        level = change + rng.normal(0, LEVEL_SD)
        turnout = InterimTurnout(
            contest=contest, change=around + level, noise=np.zeros(units), growth=np.ones(units)
        )
    return Night(contest=contest, returns=returns, prior=prior, turnout=turnout, own=alone[0])


def order_as_believed(night: Night, rng: np.random.Generator) -> list[str]:
    """Return the units in an order that goes with what is their own as far as the model believes.

    Their correlation is drawn from the t distribution with which late units are forecast.
    """
    belief = GROUPS["arrival"]
    r = np.clip(belief.preference * rng.standard_t(2 + belief.weight), -0.95, 0.95)
    late = r * night.own + np.sqrt(1 - r**2) * rng.standard_normal(len(night.own))
    return [night.contest.units[u] for u in np.argsort(late)]


def night_of_three(rng: np.random.Generator, units: int = 120) -> tuple[Contest, Returns]:
    """Return a contest and returns of three finalists, whose votes deviate alike.

    The log of every finalist's votes deviates by 0.12 in the contest and in each region, by 0.15 in
    each unit.
    """
    contest = replace(first_round(rng, units), finalists=("ada", "ben", "cid"))
    names = sorted(set(contest.regions))
    member = np.array([names.index(r) for r in contest.regions])
    away = rng.normal(0, 0.12, 3) + rng.normal(0, 0.12, (len(names), 3))[member]
    expected = contest.votes[:, :3] * 0.93 + contest.votes[:, 3:] / 4
    votes = expected * np.exp(away + rng.normal(0, 0.15, (units, 3)))
    votes *= (expected.sum(axis=1) / votes.sum(axis=1))[:, None]
    counted = rng.poisson(votes)
    return contest, Returns(units=contest.units, finalists=contest.finalists, votes=counted)
