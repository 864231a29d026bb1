"""What a forecast must beat: models without transfers, each a `Model`.

All work with the log-ratio of the two finalists' votes and take the spread of their errors from
the history, with Student t tails for what a short history leaves open. Which finalist comes first
is the contest's order; a regression's intercept speaks of that one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import expit, logit

from forecast.arrays import FloatArray
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.history_rules import History
from forecast.facts.returns import Returns
from forecast.validation.models import Model, Prediction, Predictor, observed

Design = Callable[[Contest], Sequence[float]]


def unchanged_share(history: History) -> Predictor:
    """Forecast the two-candidate share of the first round, give or take past errors."""
    return _shifted(history, margin)


def equal_split(history: History) -> Predictor:
    """Forecast that each finalist gets half of the eliminated, give or take past errors."""

    def halved(contest: Contest) -> float:
        ours, theirs = _finalists_votes(contest)
        rest = float(contest.votes.sum()) - ours - theirs
        return float(np.log((ours + rest / 2 + 0.5) / (theirs + rest / 2 + 0.5)))

    return _shifted(history, halved)


def margin_only(history: History) -> Predictor:
    """Regress the runoff's log-ratio on the first round's."""
    return _regressions(history, lambda c: (1.0, margin(c)), None)


def margin_and_turnout(history: History) -> Predictor:
    """Regress the log-ratio on margin and first-round turnout, and turnout on turnout.

    Contests without registered people, and all if fewer than five have them, use the margin alone.
    """
    by_margin = margin_only(history)
    known = [(contest, returns) for contest, returns in history if _has_turnout(contest)]
    if len(known) < 5:
        return by_margin
    by_both = _regressions(
        known,
        lambda c: (1.0, margin(c), first_turnout(c)),
        lambda c: (1.0, first_turnout(c)),
    )

    def predict(contest: Contest, *, draws: int, rng: np.random.Generator) -> Prediction:
        return (by_both if _has_turnout(contest) else by_margin)(contest, draws=draws, rng=rng)

    return predict


def leader_wins(history: History) -> Predictor:
    """Forecast that the leader wins as often as leaders did, by what winners got; no more."""
    before = np.array([margin(contest) for contest, _ in history])
    after = _outcomes(history)[0]
    _check_size(len(after), 1)
    kept = float(((before > 0) == (after > 0)).sum() + 1) / (len(after) + 2)
    turnout = _turnout_as_before(history)

    def predict(contest: Contest, *, draws: int, rng: np.random.Generator) -> Prediction:
        side = np.where(rng.random(draws) < kept, 1.0, -1.0) * np.sign(margin(contest))
        share = expit(side * rng.choice(np.abs(after), draws))
        return Prediction(share, turnout(contest, draws, rng))

    return predict


BASELINES: dict[str, Model] = {
    "leader wins": leader_wins,
    "unchanged share": unchanged_share,
    "equal split": equal_split,
    "margin-only regression": margin_only,
    "margin + turnout regression": margin_and_turnout,
}
"""All baselines by the name they have in tables."""


def margin(contest: Contest) -> float:
    """Return the log-ratio of the two finalists' first-round votes."""
    ours, theirs = _finalists_votes(contest)
    return float(np.log((ours + 0.5) / (theirs + 0.5)))


def first_turnout(contest: Contest) -> float:
    """Return the logit of first-round valid votes over the registered."""
    assert contest.registered is not None
    valid, people = float(contest.votes.sum()), float(contest.registered.sum())
    return float(np.log((valid + 0.5) / (people - valid + 0.5)))


def _finalists_votes(contest: Contest) -> tuple[float, float]:
    votes = contest.votes.sum(axis=0)
    ours, theirs = (float(votes[contest.candidates.index(f)]) for f in contest.finalists)
    return ours, theirs


def _has_turnout(contest: Contest) -> bool:
    return contest.electorate == "registered"


def _outcomes(history: History) -> tuple[FloatArray, FloatArray]:
    """Return log-ratios and turnout logits of past runoffs, each (contest,)."""
    found = [(_log_ratio(c, r), observed(c, r)[1]) for c, r in history]
    ratio, turnout = np.array(found).reshape(-1, 2).T
    return ratio, logit(np.clip(turnout, 1e-4, 1 - 1e-4))


def _log_ratio(contest: Contest, returns: Returns) -> float:
    ours, theirs = (returns.totals[f] for f in contest.finalists)
    return float(np.log((ours + 0.5) / (theirs + 0.5)))


def _check_size(contests: int, parameters: int) -> None:
    if contests < parameters + 2:
        raise InputError(
            f"baseline: needs at least {parameters + 2} past contests - found {contests}; "
            "give a longer history, or leave out what has so little before it (least=)"
        )


def _student(scale: float, freedom: int, draws: int, rng: np.random.Generator) -> FloatArray:
    return np.asarray(scale * rng.standard_t(freedom, draws))


def _turnout_as_before(
    history: History,
) -> Callable[[Contest, int, np.random.Generator], FloatArray | None]:
    """Return draws of an unchanged turnout, give or take past changes."""
    known = [(contest, returns) for contest, returns in history if _has_turnout(contest)]
    before = np.array([first_turnout(contest) for contest, _ in known])
    spread = float(np.sqrt(((_outcomes(known)[1] - before) ** 2).mean())) if known else 0.0

    def turnout(contest: Contest, draws: int, rng: np.random.Generator) -> FloatArray | None:
        if not known or not _has_turnout(contest):
            return None
        return np.asarray(expit(first_turnout(contest) + _student(spread, len(before), draws, rng)))

    return turnout


def _shifted(history: History, centre: Callable[[Contest], float]) -> Predictor:
    """Return the forecast of a fixed centre with the spread of its past errors."""
    after = _outcomes(history)[0]
    _check_size(len(after), 0)
    errors = after - np.array([centre(contest) for contest, _ in history])
    spread, turnout = float(np.sqrt((errors**2).mean())), _turnout_as_before(history)

    def predict(contest: Contest, *, draws: int, rng: np.random.Generator) -> Prediction:
        share = expit(centre(contest) + _student(spread, len(errors), draws, rng))
        return Prediction(share, turnout(contest, draws, rng))

    return predict


def _regressions(history: History, share: Design, turnout: Design | None) -> Predictor:
    """Return least-squares forecasts of the log-ratio and, by a design or as before, of turnout."""
    ratio, after = _outcomes(history)
    contests = [contest for contest, _ in history]
    of_share = _regression(np.array([share(c) for c in contests]), ratio)
    as_before = _turnout_as_before(history)
    of_turnout = turnout and _regression(np.array([turnout(c) for c in contests]), after)

    def predict(contest: Contest, *, draws: int, rng: np.random.Generator) -> Prediction:
        found = expit(of_share(share(contest), draws, rng))
        if turnout is None or of_turnout is None:
            return Prediction(found, as_before(contest, draws, rng))
        return Prediction(found, expit(of_turnout(turnout(contest), draws, rng)))

    return predict


def _regression(
    design: FloatArray, outcome: FloatArray
) -> Callable[[Sequence[float], int, np.random.Generator], FloatArray]:
    """Return draws of the predictive of a normal regression under the usual flat prior.

    Notes
    -----
    ``x'b + s sqrt(1 + x'(X'X)^-1 x) t`` with t Student with n - p degrees of freedom; Gelman et al.
    (2013), Bayesian Data Analysis, section 14.3.
    """
    n, p = design.shape
    _check_size(n, p)
    inverse = np.linalg.pinv(design.T @ design)
    slope = inverse @ design.T @ outcome
    scale = np.sqrt(((outcome - design @ slope) ** 2).sum() / (n - p))

    def draw(x: Sequence[float], draws: int, rng: np.random.Generator) -> FloatArray:
        row = np.array(x)
        spread = float(scale * np.sqrt(1 + row @ inverse @ row))
        return np.asarray(row @ slope + _student(spread, n - p, draws, rng))

    return draw
