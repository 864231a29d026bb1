"""What belongs to a bundled contest, asked once: its prior, its polls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from forecast.data.bundle import Bundle, bundle, bundle_of, contests, past_runoffs
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.interim_turnout import InterimTurnout
from forecast.facts.polls import Poll
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.generic import generic_prior
from forecast.transfers.elicited.national import national_prior
from forecast.transfers.elicited.prior import TransferPrior
from forecast.transfers.roles.prior import LearnedTransfers
from forecast.transfers.table.protocols import LearnedModel, TransferDistribution, at_contest


@refuses_other_kinds
def default_prior(contest: Contest) -> LearnedTransfers | TransferPrior:
    """Return the learned prior of a bundled contest that has one, else `elicited_prior`.

    A bundled prior applies only to the bundled counts and finalists, by whatever units: a contest
    that merely bears the name gets the generic prior.

    Parameters
    ----------
    contest : Contest
        The contest to forecast.

    Returns
    -------
    LearnedTransfers or TransferPrior
        With the bundled endorsements.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> default_prior(load_contest("georgia-2018")).name
    'learned from Georgian runoffs 2014-2016'
    >>> default_prior(load_contest("georgia-2018", units="stations")).name
    'learned from Georgian runoffs 2014-2016'
    """
    shelf = _shelf(contest)
    if shelf is not None and shelf.learned is not None and contest.electorate == "registered":
        return learned_prior(contest)
    return elicited_prior(contest)


@refuses_other_kinds
def elicited_prior(contest: Contest) -> TransferPrior:
    """Return the bundled elicited prior of a bundled contest, else what is assumed of its kind.

    That is `national_prior` for a contest whose `scope` is "national", learned from the bundled
    national runoffs before its first round, and `generic_prior` for any other.

    Parameters
    ----------
    contest : Contest
        The contest to forecast.

    Returns
    -------
    TransferPrior
        Rows as they were stated, learned or assumed, each with its source.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> elicited_prior(load_contest("georgia-2018")).name
    'elicited for georgia-2018'
    >>> elicited_prior(load_contest("france-2017")).name
    'learned from 51 national runoffs'
    """
    shelf = _shelf(contest)
    if shelf is not None and shelf.elicited is not None:
        return shelf.elicited.reordered(contest.finalists)
    if contest.scope == "national":
        return national_prior(contest, past_runoffs("world"))
    return generic_prior(contest)


@refuses_other_kinds
def learned_prior(contest: Contest) -> LearnedTransfers:
    """Return the bundled prior learned from past runoffs, applied to a bundled contest.

    Roles and traits of the contest are bundled beside its facts, and so are the endorsements
    published by the night of the first round, each with its stated strength.

    Parameters
    ----------
    contest : Contest
        A bundled contest, by whatever units.

    Returns
    -------
    LearnedTransfers
        A prior by role of every origin.

    Raises
    ------
    InputError
        If no learned prior is bundled for the contest.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> learned_prior(load_contest("georgia-2018")).finalists
    ('zurabishvili', 'vashadze')
    """
    shelf = bundle(contest.name) if contest.name in contests() else None
    if shelf is None or shelf.learned is None:
        raise InputError(f"no learned prior is bundled for {contest.name!r}; use another prior")
    found = cast("LearnedTransfers", placed_prior(shelf.learned, contest, shelf.relation))
    return found.endorsed_by(elicited_prior(contest).endorsements)


@refuses_other_kinds
def placed_prior(
    prior: TransferDistribution | LearnedModel | None,
    contest: Contest,
    relation: Mapping[str, Any] | None = None,
    *,
    as_of: date | None = None,
) -> TransferDistribution:
    """Return what is believed of one contest: a learned model applied to it, all else as it is.

    Parameters
    ----------
    prior : TransferDistribution, LearnedModel or None
        Anything that can be believed; None stands for `default_prior`.
    contest : Contest
        The contest to forecast.
    relation : mapping, optional
        How it relates to the history, as `read_roles` gives it; by default what is bundled with the
        contest, if that has the model's groups, else the usual roles by the counts alone.
    as_of : datetime.date, optional
        Day on which the forecast is made; by default the day of the first round.

    Raises
    ------
    InputError
        If the model knows the result, an origin has no role, or a role or trait that the model does
        not know.
    """
    if prior is None:
        return default_prior(contest)
    if relation is None:
        bundled = bundle(contest.name).relation if contest.name in contests() else None
        groups = set(getattr(prior, "groups", ()))
        fits = bundled is not None and groups >= set(bundled["roles"].values())
        relation = bundled if fits else None
    if relation is not None and not isinstance(relation.get("roles"), Mapping):
        raise InputError(
            "placed_prior: relation must have roles, as read_roles gives them - found "
            f"{list(relation)}; give a mapping"
        )
    return at_contest(prior, contest, relation, as_of=as_of)


def bundled_polls(contest: Contest) -> tuple[Poll, ...]:
    """Return the bundled polls of a bundled contest, none of any other.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> sum(p.kind == "poll" for p in bundled_polls(load_contest("georgia-2018")))
    6
    """
    shelf = _shelf(contest)
    return () if shelf is None else shelf.polls


def bundled_turnout(contest: Contest) -> InterimTurnout | None:
    """Return the bundled interim turnout of a bundled contest, whoever advanced; None of any other.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> bundled_turnout(load_contest("georgia-2018")).units
    74
    """
    shelf = bundle_of(contest)
    if shelf is None:
        return None
    return shelf.turnout if contest == shelf.contest else shelf.turnout_of(contest)


def _shelf(contest: Contest) -> Bundle | None:
    """Return what is bundled of a contest with these counts and these finalists; or None."""
    found = bundle_of(contest)
    same = found is not None and set(found.contest.finalists) == set(contest.finalists)
    return found if same else None
