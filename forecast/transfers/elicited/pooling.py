"""Which small candidates become one origin: as many as change no published figure.

Let Y be the votes of the pooled candidates in a linear question (the margin, the share against a
threshold, turnout) and R the votes of everybody else; given the factors they are independent, and Y
is a sum of independent terms, one for each candidate, of standard deviations t_1, t_2, ... The
pool's row has the mean and variance of Y. Lindeberg's exchange, a term at a time, changes the
probability of any answer by at most::

    sup |F'''| sum_k (E|Y_k - E Y_k|^3 + E|Z_k|^3) / 6  =  0.4 * 2 * 1.6 * sum_k (t_k / s)^3 / 6

where F is the distribution function of R, s its standard deviation given the factors, Z_k a term of
the pool, and the terms and R are about normal. At ``sum_k t_k^3 = (s / 6)^3`` this is 0.001: a
tenth of the whole percent in which probabilities are printed, and, at the ends of a 90% interval,
0.01 standard deviations of the share or the turnout. Many small terms may therefore weigh more
together than a single one.

References
----------
Lindeberg (1922). Eine neue Herleitung des Exponentialgesetzes in der Wahrscheinlichkeitsrechnung.
Math. Z. 15, 211-225.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from forecast.facts.ledger import Ledger
from forecast.transfers.elicited.levels import StatedRows, row_coordinates
from forecast.transfers.elicited.pooled_rows import own_variances
from forecast.transfers.elicited.rows import Row
from forecast.transfers.table.describe import ANY
from forecast.transfers.table.endorsement import Endorsement

LARGE = 24
"""Eliminated candidates who keep a row of their own however small they are: a long ballot, and more
than a table can usefully show."""
RATIO = 1 / 6
"""Largest ``(sum_k t_k^3)^(1/3)`` of the pooled candidates, over the sd of everybody else."""
MOST_CHANGE = 0.001
"""How much a probability changes at most; see above."""


class Crowd(StatedRows, Protocol):
    """What is needed of a prior whose rows were stated."""

    @property
    def endorsements(self) -> tuple[Endorsement, ...]:
        """What moved origins."""

    def moved_row(self, origin: str) -> Row:
        """Return the row that serves an origin."""


def pool_small(ledger: Ledger, prior: Crowd) -> Ledger:
    """Return the ledger with the smallest candidates as one origin, where nobody could tell.

    Only candidates whose row is that for "*" are pooled, without an endorsement, between two
    finalists, beyond the `LARGE` largest; otherwise the ledger is returned as it is.

    Parameters
    ----------
    ledger : Ledger
        People by origin.
    prior : TransferPrior
        What is believed about them.

    Examples
    --------
    >>> import numpy as np
    >>> from forecast import Contest
    >>> from forecast.transfers.elicited.generic import generic_prior
    >>> votes = np.append([90_000, 80_000], np.linspace(500, 10, 300).astype(int))
    >>> names = tuple(f"c{i}" for i in range(302))
    >>> crowd = Contest(name="crowd", candidates=names, finalists=names[:2], units=("all",),
    ...                 votes=[votes], invalid=[0], registered=[400_000])
    >>> pool_small(crowd.ledger(), generic_prior(crowd)).origins[-3:]
    ('c25', '276 others eliminated', 'non-voters')
    """
    if len(ledger.destinations) != 3:
        return ledger
    backers = {e.origin for e in prior.endorsements}
    eliminated = [r for r, kind in enumerate(ledger.kinds) if kind == "eliminated"]
    small = [
        r
        for r in eliminated[LARGE:]
        if prior.moved_row(ledger.origins[r]).origin == ANY and ledger.origins[r] not in backers
    ]
    if len(small) < 2:
        return ledger
    rows = [(origin, prior.moved_row(origin)) for origin in ledger.origins]
    variances = [own_variances(row, *row_coordinates(prior, o, row)) for o, row in rows]
    own = ledger.totals.astype(float)[:, None] ** 2 * np.array(variances)
    smallest = own[small[::-1]]
    rest = np.maximum(own.sum(axis=0) - smallest.cumsum(axis=0), 0)
    fits = ((smallest**1.5).cumsum(axis=0) <= RATIO**3 * rest**1.5).all(axis=1)
    number = int(np.argmin(np.append(fits, False)))
    return ledger.pooled(small[len(small) - number :]) if number > 1 else ledger
