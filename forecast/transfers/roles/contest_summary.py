"""What one past runoff says about its transfer table, as a quadratic in the coordinates.

Origins are grouped into roles (a finalist backed by the government, the eliminated together, ...),
which recur from contest to contest. The counts of both rounds by unit give a tempered likelihood
of the roles' coordinates: log-ratios of preference, then logit participation, role after role.
Around a point it is summed up as ``b' theta - theta' H theta / 2``. H may be singular: a contest
known only in total, or without some role, says little and never has to pretend otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecast.arrays import FloatArray, IntArray
from forecast.errors import InputError, suggest
from forecast.facts.contest import Contest
from forecast.facts.returns import Returns
from forecast.transfers.returns.counts import Counts
from forecast.transfers.returns.laplace import whitened
from forecast.transfers.returns.likelihood import returns_information, returns_log_density
from forecast.transfers.table.links import Voting

Roles = Callable[[Contest], Mapping[str, str]] | Mapping[str, Mapping[str, str]]
"""Role of every origin of a contest: a function of the contest, or a mapping by its name."""


TEMPERING, MOST_UNITS = 0.4, 700
"""Power of the likelihood, and units beyond which it falls as they grow in number: learned, like
the next two, for one fixed context on known tables."""
CONTEXT, CONTEXT_SCALE = 0.15, 0.1
KAPPA_MEAN, KAPPA_SCALE = 5.0, 1.0
STEP = 0.5
"""Step of the differences that give the curvature, in posterior standard deviations."""

RIDGE = 0.05
"""Precision that keeps the inverse of the information finite where there is none."""
SUMMIT = 2.0
"""Farthest, in logits, that a quadratic's summit may lie from where it was taken: a likelihood that
only rises towards a rate of zero must not drag the coordinate to infinity."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Quadratic summary of a contest's log likelihood."""

    precision: FloatArray  #: (coordinate, coordinate): H, positive semi-definite
    linear: FloatArray  #: (coordinate,): b; where H has an inverse the estimate is ``solve(H, b)``
    point: FloatArray  #: (coordinate,): where the likelihood was summed up


def role_of(contest: Contest, roles: Roles) -> dict[str, str]:
    """Return the role of every origin of the contest's ledger.

    Raises
    ------
    InputError
        If the contest or one of its origins has no role, or a finalist none of their own.
    """
    if not callable(roles) and not isinstance(roles, Mapping):
        raise InputError(
            "roles: must be a function of the contest or a mapping by its name - found "
            f"{str(roles)[:40]!r}; give one such as usual_roles"
        )
    if not callable(roles) and contest.name not in roles:
        raise InputError(
            f"roles: every contest needs its roles - found none for {contest.name!r}; "
            f"{suggest(contest.name, tuple(roles))}"
        )
    given = roles(contest) if callable(roles) else roles[contest.name]
    origins = contest.ledger().origins
    for origin in origins:
        role = given.get(origin) if isinstance(given, Mapping) else None
        if not isinstance(role, str) or not role:
            raise InputError(
                f"roles: every origin of contest {contest.name!r} needs a role - found "
                f"{'none' if role is None else repr(role)} for {origin!r}; name it in a text"
            )
    found = {origin: given[origin] for origin in origins}
    for finalist in contest.finalists:
        for origin, role in found.items():
            if role == found[finalist] and origin != finalist:
                raise InputError(
                    f"roles: every finalist of contest {contest.name!r} needs a role of their own "
                    f"- found {role!r} for {finalist!r} and {origin!r}; name one of them otherwise"
                )
    return found


def role_counts(
    contest: Contest, returns: Returns, given: Mapping[str, str], roles: tuple[str, ...]
) -> Counts:
    """Return both rounds of the units that appear in both, origins grouped into roles.

    `given` is from `role_of`; `roles` are in the order of the coordinates, the finalists' first, in
    the order of the destinations.

    Raises
    ------
    InputError
        If the finalists' roles are others or no unit can be followed through both rounds.
    """
    ledger = contest.ledger("unit")
    k = len(contest.finalists)
    order = sorted(returns.finalists, key=lambda f: roles.index(given[f]))
    if [given[f] for f in order] != list(roles[:k]):
        raise InputError(
            f"contest {contest.name!r}: its finalists must have the roles {', '.join(roles[:k])} - "
            f"found {', '.join(given[f] for f in order)}"
        )
    before, after = in_both(ledger.units, returns.units)
    if not len(before):
        raise InputError(
            f"contest {contest.name!r}: its returns must share units with the first round - found "
            "none; use the same names in both"
        )
    origins = np.zeros((len(before), len(roles)))
    for r, origin in enumerate(ledger.origins):
        origins[:, roles.index(given[origin])] += ledger.counts[before, r]
    votes = returns.votes[after][:, [returns.finalists.index(f) for f in order]].astype(float)
    people = origins.sum(axis=1)
    fits = (votes.sum(axis=1) <= people) & (people > 0)  # a list that grew cannot be followed
    if not fits.any():
        raise InputError(
            f"contest {contest.name!r}: its returns must not have more votes than there were "
            f"people - found {votes.sum():.0f} of {people.sum():.0f}, more in every unit; correct "
            "the registered or leave it out"
        )
    none = people - votes.sum(axis=1)
    return Counts(
        origins=np.ascontiguousarray(origins[fits].T),
        destinations=np.ascontiguousarray(np.column_stack([votes, none])[fits].T),
    )


def in_both(before: Sequence[str], after: Sequence[str]) -> tuple[IntArray, IntArray]:
    """Return the places of the units that are in both of two lists, in the order of the second."""
    place = {unit: u for u, unit in enumerate(before)}
    pairs = [(place[unit], u) for u, unit in enumerate(after) if unit in place]
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return first, second


def table_of(theta: FloatArray, finalists: int) -> FloatArray:
    """Return transfer rates (..., role, destination) of coordinates (..., role * finalist).

    Examples
    --------
    >>> table_of(np.array([0.0, 0.0]), 2).tolist()
    [[0.25, 0.25, 0.5]]
    """
    return Voting(finalists + 1).rates(theta.reshape(*theta.shape[:-1], -1, finalists))


def contest_evidence(counts: Counts, mean: FloatArray, covariance: FloatArray) -> Evidence:
    """Sum up a contest's likelihood around its posterior mode under a normal prior.

    The prior, of this `mean` (coordinate,) and `covariance`, says where to look; it is taken out
    again.

    Notes
    -----
    Overdispersion is integrated out by Laplace's method. The uncertainty s = 0.1 of the context
    constant adds ``s^2 (H^-1 m)(H^-1 m)'`` to the covariance, m being the change of the gradient by
    context; on the scale of information that is ``H - m m' / (1 / s^2 + m' H^-1 m)``.
    """
    density = _Density(counts=counts, mean=mean, precision=np.asarray(np.linalg.inv(covariance)))
    point = density.mode()
    size, r = len(mean), len(counts.origins)
    scale = np.linalg.cholesky(np.linalg.inv(density.information(point)))
    slopes = np.empty((size + r, size + r))
    for j, column in enumerate(scale.T):
        step = STEP * column
        change = density.gradient(point - step)[1] - density.gradient(point + step)[1]
        slopes[:, j] = change / (2 * STEP)
    joint = np.linalg.solve(scale.T, slopes.T).T
    joint = (joint + joint.T) / 2
    joint[:size, :size] -= density.precision
    cross = joint[:size, size:]
    information = joint[:size, :size] - cross @ np.linalg.solve(joint[size:, size:], cross.T)
    theta = point[:size]
    push = density.precision @ (theta - mean)  # at the mode the likelihood's gradient
    moved = density.gradient(point, CONTEXT + 0.01)[1] - density.gradient(point, CONTEXT - 0.01)[1]
    moved = moved[:size] / 0.02
    reach = np.linalg.solve(information + RIDGE * np.eye(size), moved)
    loss = moved / (1 / CONTEXT_SCALE**2 + moved @ reach)
    information -= np.outer(loss, moved)
    push -= loss * (reach @ push)
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    least = np.abs(push @ vectors) / SUMMIT
    information = (vectors * np.maximum(values, least)) @ vectors.T
    return Evidence(precision=information, linear=information @ theta + push, point=theta)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Density:
    """Tempered log posterior of a contest's coordinates and of log kappa by role."""

    counts: Counts
    mean: FloatArray
    precision: FloatArray

    @property
    def power(self) -> float:
        return float(TEMPERING * min(1.0, MOST_UNITS / self.counts.origins.shape[1]))

    @property
    def finalists(self) -> int:
        return len(self.counts.destinations) - 1

    def gradient(self, point: FloatArray, context: float = CONTEXT) -> tuple[float, FloatArray]:
        """Return the log density and its gradient by coordinates and log kappa."""
        size, k = len(self.mean), self.finalists
        theta, kappa = point[:size], point[size:]
        table = _inside(table_of(theta, k))
        fit, by_rate, by_kappa = returns_log_density(table, kappa, context, self.counts)
        by_theta = Voting(k + 1).pulled_back(table, by_rate).ravel()
        pull = self.precision @ (theta - self.mean)
        away = (kappa - KAPPA_MEAN) / KAPPA_SCALE**2
        value = self.power * fit - 0.5 * (theta - self.mean) @ pull
        value -= 0.5 * away @ (kappa - KAPPA_MEAN)
        parts = [self.power * by_theta - pull, self.power * by_kappa - away]
        return float(value), np.concatenate(parts)

    def information(self, point: FloatArray) -> FloatArray:
        """Return the expected information plus the prior's precision."""
        size, k = len(self.mean), self.finalists
        table = _inside(table_of(point[:size], k))
        by_rate, by_kappa = returns_information(table, point[size:], CONTEXT, self.counts)
        r = len(table)
        jacobian = np.zeros((r * k, size))
        for i, slope in enumerate(Voting(k + 1).slopes(table)):
            jacobian[i * k : (i + 1) * k, i * k : (i + 1) * k] = slope[:-1]
        total = np.zeros((size + r, size + r))
        total[:size, :size] = self.power * jacobian.T @ by_rate @ jacobian + self.precision
        total[size:, size:] = self.power * by_kappa + np.eye(r) / KAPPA_SCALE**2
        return total

    def mode(self) -> FloatArray:
        """Return the mode, by quasi-Newton steps in coordinates whitened again and again."""
        from scipy.optimize import minimize

        roles = len(self.counts.origins)
        point = np.concatenate([self.mean, np.full(roles, KAPPA_MEAN)])
        for _ in range(6):
            scale = np.linalg.cholesky(np.linalg.inv(self.information(point)))
            found = minimize(
                whitened(self.gradient, point, scale),
                np.zeros(len(point)),
                jac=True,
                method="L-BFGS-B",
                options={"maxiter": 30, "gtol": 1e-4},
            )
            point = point + scale @ found.x
            if np.linalg.norm(scale.T @ self.gradient(point)[1]) < 1e-3:
                break
        return point


def _inside(table: FloatArray) -> FloatArray:
    """Keep rates where their logarithms and the covariance exist."""
    table = np.maximum(table, 1e-9)
    return np.asarray(table / table.sum(axis=-1, keepdims=True))
