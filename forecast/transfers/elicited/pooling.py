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

import numpy as np

from forecast.arrays import FloatArray

LARGE = 24
"""Eliminated candidates who keep a row of their own however small they are: a long ballot, and more
than a table can usefully show."""
RATIO = 1 / 6
"""Largest ``(sum_k t_k^3)^(1/3)`` of the pooled candidates, over the sd of everybody else."""
MOST_CHANGE = 0.001
"""How much a probability changes at most; see above."""


def most_pooled(own: FloatArray, smallest: FloatArray) -> int:
    """Return how many candidates may be pooled, the smallest first.

    `own` (origin, question) are variances of everybody's votes in each linear question, given the
    factors; `smallest` (candidate, question) those of the candidates, in order.
    """
    rest = np.maximum(own.sum(axis=0) - smallest.cumsum(axis=0), 0)
    fits = ((smallest**1.5).cumsum(axis=0) <= RATIO**3 * rest**1.5).all(axis=1)
    return int(np.argmin(np.append(fits, False)))
