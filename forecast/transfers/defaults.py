"""The prior used when nobody gives one: the contest's bundled prior, or an openly wide one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.special import logit

from forecast import data
from forecast.contest import Contest
from forecast.errors import InputError
from forecast.ledger import INVALID, NON_VOTERS
from forecast.transfers.learned import LearnedTransfers
from forecast.transfers.learned_file import read_learned
from forecast.transfers.prior import ANY, TransferPrior
from forecast.transfers.prior_file import read_prior
from forecast.transfers.rows import Belief, ElicitedRow

__all__ = ["default_prior", "generic_prior", "learned_prior"]

PRIORS = Path(data.__file__).parent / "priors"


def default_prior(contest: Contest) -> TransferPrior:
    """Return the bundled prior of a bundled contest, else `generic_prior`.

    A bundled prior applies only to the bundled counts and finalists: a contest that merely bears
    the name gets the generic prior.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> default_prior(load_contest("georgia-2018")).name
    'elicited for georgia-2018'
    """
    path = PRIORS / f"{contest.name}.toml"
    if contest.name in data.contests() and path.is_file():
        prior, facts = read_prior(path), data.load_contest(contest.name)
        same = (
            facts.candidates == contest.candidates
            and np.array_equal(facts.votes, contest.votes)
            and np.array_equal(facts.invalid, contest.invalid)
            and set(prior.finalists) == set(contest.finalists)
        )
        if same:
            return prior.reordered(contest.finalists)
    return generic_prior(contest)


def learned_prior(contest: Contest) -> LearnedTransfers:
    """Return the bundled prior learned from past runoffs, at a bundled contest.

    Roles and traits of the contest are bundled beside its facts, and so are the endorsements known
    on the night of the first round, which shift the origins by what the elicited prior says.

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
    known = data.learned_from(contest.name)
    if known is None:
        raise InputError(f"no learned prior is bundled for {contest.name!r}; use another prior")
    origins = contest.ledger().origins
    roles = {o: known["roles"].get(o, known["roles"]["*"]) for o in origins}
    found = read_learned(PRIORS / f"{known['prior']}.json").at(
        contest, roles={contest.name: roles}, traits=lambda _: known["traits"]
    )
    elicited = default_prior(contest)
    for e in elicited.endorsements:
        k = elicited.finalists.index(e.finalist)
        before = replace(elicited, endorsements=()).preference(e.origin)[0][k]
        shift = float(logit(elicited.preference(e.origin)[0][k]) - logit(before))
        found = found.shifted(e.origin, e.finalist, logits=shift, sd=shift / 2)
    return found


def generic_prior(contest: Contest) -> TransferPrior:
    """Return a wide prior that knows only who the finalists are.

    Finalists keep most of their voters, eliminated candidates' voters split evenly give or take
    everything plausible, few non-voters appear, and nobody knows whom they favour.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> print(generic_prior(load_contest("georgia-2018")).row("bakradze").source)
    assumed, openly wide: nothing is known about this candidate's voters
    """
    finalists = contest.finalists
    even = 1 / len(finalists)

    def row(
        origin: str,
        v: tuple[float, float, float],
        q: tuple[float, float, float],
        source: str,
        finalist: str = finalists[0],
    ) -> ElicitedRow:
        return ElicitedRow(
            origin=origin,
            participation=Belief.of(v),
            preference=Belief.of(q),
            finalist=finalist,
            finalists=finalists,
            source=f"assumed, openly wide: {source}",
        )

    spread = (even, even * 0.3, even + (1 - even) * 0.7)
    rows = [
        row(f, (0.88, 0.7, 0.97), (0.94, 0.84, 0.99), "most voters come back to their finalist", f)
        for f in finalists
    ]
    source = "nothing is known about this candidate's voters"
    rows.append(row(ANY, (0.6, 0.3, 0.87), spread, source))
    source = "an invalid ballot may be a protest or a mistake"
    rows.append(row(INVALID, (0.35, 0.08, 0.75), spread, source))
    source = "in most runoffs few of those who stayed at home appear, in some many"
    rows.append(row(NON_VOTERS, (0.07, 0.01, 0.2), spread, source))
    return TransferPrior(name="generic, wide", finalists=finalists, rows=tuple(rows))
