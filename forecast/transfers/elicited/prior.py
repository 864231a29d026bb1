"""TransferPrior: what we believe about the transfer table before any runoff vote is counted.

Rows are tied together by shared factors. With row spreads ``s`` and shares of variance ``w``::

    logit v_r = location_r + s_r (sqrt(w_m) mobilisation  +- sqrt(w_p) partisan + own)
    logit q_r = location_r + s_r (sqrt(w_s) swing          + sqrt(w_p) partisan + own)

Mobilisation moves everybody's participation, swing everybody's preference. Partisan mobilisation
brings back the voters of one finalist, keeps those of the other at home, and tilts the preference
of people who did not cast a valid first-round vote. Independent rows would cancel out and
understate the spread of the result. With a finite `tail` all factors of a draw are multiplied by
one ``sqrt((tail - 2) / tail / w), w ~ Gamma(tail / 2, tail / 2)``, so that their variance is as
stated and now and then a contest surprises in everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast.arrays import FloatArray
from forecast.errors import InputError, suggest
from forecast.facts.ledger import INVALID, NON_VOTERS, Ledger
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.levels import factor_names, row_names
from forecast.transfers.elicited.pooled_rows import own_variances, pooled_coordinate, pooled_row
from forecast.transfers.elicited.pooling import LARGE, most_pooled
from forecast.transfers.elicited.rows import (
    Belief,
    DirichletRow,
    ElicitedRow,
    Row,
    margin_variance,
)
from forecast.transfers.polls.polled import Unpolled
from forecast.transfers.table.coordinates import match_preference, simplex_corners, simplex_factor
from forecast.transfers.table.day import national_factors
from forecast.transfers.table.describe import ANY, DescribedRow, Description, content_digest
from forecast.transfers.table.endorsement import Endorsement, endorsed
from forecast.transfers.table.links import Voting
from forecast.transfers.table.protocols import IGNORANCE, Dated
from forecast.transfers.table.sampler import CELLS, Level, Own, TableSampler, dirichlet_curves

SHARES = ("mobilisation", "swing", "partisan", "input_share")
"""Fields of a prior that are shares of variance."""
LEAST_SHARE = 1e-9
"""Least share of variance that is not taken for a mistake."""
TAILS = 2, 1000
"""Degrees of freedom at which a t distribution has no variance, and from which it is normal."""


@refuses_other_kinds
@dataclass(frozen=True, kw_only=True, repr=False)
class TransferPrior(Unpolled):
    """Prior of the whole transfer table.

    Parameters
    ----------
    name : str
        What to call it in reports.
    finalists : tuple of str
        K finalists, in the order of the table.
    rows : tuple of Row
        Beliefs by origin; a row for origin "*" serves every eliminated candidate without one.
    mobilisation, swing, partisan : float
        Shares of variance due to the factors, each in [0, 1).
    input_share : float
        Share of every variance that is ignorance about the inputs rather than the contest's own
        chance. It moves no win probability, only its credible interval, which is over this part.
        A half is a judgement, for which see Notes; `variants` has .2 and .8.
    tail : float
        Degrees of freedom of the factors, a multivariate t of unit variance, more than 2; infinity
        for normal ones. Stated means and intervals are exact for normal factors and nearly so for
        others: with 7 degrees a mean moves by less than .001, and a 90% interval covers 90.4%.
    endorsements : tuple of Endorsement
        Applied on top of the rows.
    history : Dated or None
        Past runoffs that the rows were learned from, if any.

    Raises
    ------
    InputError
        If rows, finalists or shares contradict each other.

    Notes
    -----
    If all that is known were n past days, as unlike each other as the next one, `input_share` would
    be ``1 / (n + 1)``: a half says that beliefs nobody tested are worth one day. Of priors that
    were learned it is .19 with two days (Georgia; ``benchmarks/history.py``) and .02 to .09 with
    some fifty (national runoffs; ``benchmarks/world.py``).

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> from forecast.transfers.elicited.generic import generic_prior
    >>> prior = generic_prior(load_contest("georgia-2018"))
    >>> prior = prior.with_row("bakradze", participation=(0.8, 0.6, 0.95),
    ...                        preference={"vashadze": (0.7, 0.5, 0.85)}, source="a guess")
    >>> prior.row("bakradze").mean.round(2).tolist()
    [0.24, 0.56, 0.2]
    """

    name: str
    finalists: tuple[str, ...]
    rows: tuple[Row, ...]
    mobilisation: float = 0.4
    swing: float = 0.4
    partisan: float = 0.2
    input_share: float = 0.5
    tail: float = np.inf
    endorsements: tuple[Endorsement, ...] = ()
    history: Dated | None = None

    def __post_init__(self) -> None:
        where = f"prior {self.name!r}"
        object.__setattr__(self, "finalists", tuple(self.finalists))
        for name in SHARES:
            value = getattr(self, name)
            if not (type(value) in (int, float) and (value == 0 or LEAST_SHARE <= value < 1)):
                raise InputError(
                    f"{where}: {name} must be 0 or a fraction from {LEAST_SHARE:g} to below 1 - "
                    f"found {value!r}; correct it"
                )
        if max(self.mobilisation, self.swing) + self.partisan > 1:
            raise InputError(
                f"{where}: shares of variance must not exceed 1 together - found mobilisation "
                f"{self.mobilisation}, swing {self.swing}, partisan {self.partisan}; lower one"
            )
        low, high = TAILS
        if not (
            type(self.tail) in (int, float) and (low < self.tail <= high or self.tail == np.inf)
        ):
            raise InputError(
                f"{where}: tail must be degrees of freedom, more than {low} and up to {high}, or "
                f"infinite - found {self.tail!r}; correct it"
            )
        origins = self.origins
        for origin in origins:
            if origins.count(origin) > 1:
                raise InputError(f"{where}: every origin must have one row - {origin!r} has more")
        for row in self.rows:
            if isinstance(row, ElicitedRow) and row.finalists != self.finalists:
                raise InputError(
                    f"{where}: row {row.origin!r} must be about the finalists {self.finalists} - "
                    f"found {row.finalists}"
                )
            if isinstance(row, DirichletRow) and len(row.mean) != len(self.finalists) + 1:
                raise InputError(
                    f"{where}: row {row.origin!r} must have {len(self.finalists) + 1} means - "
                    f"found {len(row.mean)}"
                )
        for endorsement in self.endorsements:
            self.check_finalist(endorsement.finalist)
            self.row(endorsement.origin)

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins with a row of their own, and "*" if there is one."""
        return tuple(row.origin for row in self.rows)

    def row(self, origin: str) -> Row:
        """Return the row that serves `origin`.

        Parameters
        ----------
        origin : str
            Whose voters.

        Raises
        ------
        InputError
            If there is neither a row of that origin nor one for "*".
        """
        for name in (origin, ANY):
            for row in self.rows:
                if row.origin == name and (
                    name == origin or origin not in (*self.finalists, INVALID, NON_VOTERS)
                ):
                    return row
        raise InputError(
            f"prior {self.name!r}: has no row for {origin!r}; add one with with_row, or correct "
            f"the name ({suggest(origin, self.origins)})"
        )

    def with_row(
        self,
        origin: str,
        *,
        participation: Belief | Sequence[float] | Mapping[str, float],
        preference: Mapping[str, Belief | Sequence[float] | Mapping[str, float]],
        source: str,
    ) -> TransferPrior:
        """Return a prior in which `origin` has an elicited row.

        Parameters
        ----------
        origin : str
            Whose voters.
        participation : Belief or (mean, low, high[, level])
            P(casts a valid runoff vote).
        preference : mapping of one finalist to Belief or (mean, low, high[, level])
            P(votes for that finalist | valid vote).
        source : str
            Why.

        Raises
        ------
        InputError
            If the beliefs are impossible or the finalist unknown.

        Examples
        --------
        >>> from forecast import elicited_prior, load_contest
        >>> prior = elicited_prior(load_contest("georgia-2018")).with_row(
        ...     "bakradze", participation=(0.8, 0.6, 0.95),
        ...     preference={"vashadze": (0.7, 0.5, 0.85)}, source="a guess")
        >>> prior.row("bakradze").mean.round(2).tolist()
        [0.24, 0.56, 0.2]
        """
        if len(preference) != 1:
            raise InputError(
                f"row {origin!r}: preference must be about one finalist - found {list(preference)}"
            )
        ((finalist, belief),) = preference.items()
        row = ElicitedRow(
            origin=origin,
            participation=Belief.of(participation),
            preference=Belief.of(belief),
            finalist=finalist,
            finalists=self.finalists,
            source=source,
        )
        return self.replace_row(row)

    def replace_row(self, row: Row) -> TransferPrior:
        """Return a prior with `row` in place of the row of that origin, or added.

        Parameters
        ----------
        row : ElicitedRow or DirichletRow
            What to believe of its origin.

        Raises
        ------
        InputError
            If it is about other finalists.
        """
        rows = tuple(row if r.origin == row.origin else r for r in self.rows)
        return replace(self, rows=rows if row.origin in self.origins else (*rows, row))

    @property
    def basis(self) -> Dated:
        """The rows, which have no date unless they were learned, and why they are believed."""
        sources = dict.fromkeys(row.source for row in self.rows)
        published = None if self.history is None else self.history.published
        return Dated(what=f"prior: {self.name}", published=published, source="; ".join(sources))

    @property
    def brief(self) -> str:
        """What it was learned from, in one line; empty if it was not."""
        past = self.history
        return "" if past is None else f"learned from {past.what}: {past.source}"

    def endorsed_by(self, endorsements: Sequence[Endorsement]) -> TransferPrior:
        """Return the prior with these endorsements instead of those it has.

        Parameters
        ----------
        endorsements : sequence of Endorsement
            In the order in which they apply.

        Raises
        ------
        InputError
            If the names are unknown.
        """
        return replace(self, endorsements=tuple(endorsements))

    def pooled(self, ledger: Ledger) -> Ledger:
        """Return the ledger with the smallest candidates as one origin, where nobody could tell.

        Only candidates whose row is that for "*" are pooled, without an endorsement, between two
        finalists, beyond the `LARGE` largest; otherwise the ledger is returned as it is.

        Parameters
        ----------
        ledger : Ledger
            People by origin.

        Examples
        --------
        >>> from forecast import Contest
        >>> from forecast.transfers.elicited.generic import generic_prior
        >>> votes = np.append([90_000, 80_000], np.linspace(500, 10, 300).astype(int))
        >>> names = tuple(f"c{i}" for i in range(302))
        >>> crowd = Contest(name="crowd", candidates=names, finalists=names[:2], units=("all",),
        ...                 votes=[votes], invalid=[0], registered=[400_000])
        >>> generic_prior(crowd).pooled(crowd.ledger()).origins[-3:]
        ('c25', '276 others eliminated', 'non-voters')
        """
        if len(ledger.destinations) != 3:
            return ledger
        backers = {e.origin for e in self.endorsements}
        eliminated = [r for r, kind in enumerate(ledger.kinds) if kind == "eliminated"]
        small = [
            r
            for r in eliminated[LARGE:]
            if self.moved_row(ledger.origins[r]).origin == ANY and ledger.origins[r] not in backers
        ]
        if len(small) < 2:
            return ledger
        rows = [(origin, self.moved_row(origin)) for origin in ledger.origins]
        variances = [own_variances(row, *self._coordinates(o, row)) for o, row in rows]
        own = ledger.totals.astype(float)[:, None] ** 2 * np.array(variances)
        number = most_pooled(own, own[small[::-1]])
        return ledger.pooled(small[len(small) - number :]) if number > 1 else ledger

    def reordered(self, finalists: Sequence[str]) -> TransferPrior:
        """Return the same beliefs with the finalists in another order.

        Parameters
        ----------
        finalists : sequence of str
            The same finalists, in the order wanted.

        Raises
        ------
        InputError
            If they are others.
        """
        if sorted(finalists) != sorted(self.finalists):
            raise InputError(
                f"prior {self.name!r}: must be ordered by its finalists "
                f"{', '.join(self.finalists)} - found {', '.join(map(str, finalists))}"
            )
        order = [self.finalists.index(f) for f in finalists]
        rows: list[Row] = []
        for row in self.rows:
            if isinstance(row, DirichletRow):
                mean = (*(row.mean[k] for k in order), row.mean[-1])
                rows.append(replace(row, mean=mean))
            else:
                others = [f for f in self.finalists if f != row.finalist]
                share = dict(zip(others, row.rest, strict=True))
                rest = tuple(share[f] for f in finalists if f != row.finalist)
                rows.append(replace(row, finalists=tuple(finalists), rest=rest))
        return replace(self, finalists=tuple(finalists), rows=tuple(rows))

    def variants(self) -> dict[str, TransferPrior]:
        """Return named changes of the model."""
        changed = {
            "without shared mobilisation": replace(self, mobilisation=0.0, partisan=0.0),
            "without shared swing": replace(self, swing=0.0),
            "independent Dirichlet rows": self.as_dirichlet(),
        } | {name: replace(self, input_share=part) for name, part in IGNORANCE.items()}
        if np.isfinite(self.tail):
            changed["a day like all others"] = replace(self, tail=np.inf)
        if self.endorsements:
            changed["endorsements ignored"] = replace(self, endorsements=())
        return changed

    def preference(self, origin: str) -> tuple[tuple[float, ...], float]:
        """Return preference means and logit sd of an elicited row, endorsements included.

        Parameters
        ----------
        origin : str
            Whose voters.

        Returns
        -------
        means : tuple of float
            Mean preference for each finalist, fractions of the valid vote.
        sd : float
            Standard deviation of its logit.

        Raises
        ------
        InputError
            If the origin has no row, or a Dirichlet row.
        """
        row = self.row(origin)
        if isinstance(row, DirichletRow):
            raise InputError(f"prior {self.name!r}: {origin!r} has a Dirichlet row, without logits")
        means, sd = row.preference_mean, row.preference.normal[1]
        for e in self.endorsements:
            if e.origin == origin:
                means, sd = endorsed(means, sd, self.finalists.index(e.finalist), e)
        return means, sd

    def moved_row(self, origin: str) -> Row:
        """Return the row that serves `origin`; a Dirichlet row with endorsements included.

        Parameters
        ----------
        origin : str
            Whose voters.

        Raises
        ------
        InputError
            If the origin has no row.
        """
        row = self.row(origin)
        for e in self.endorsements:
            if e.origin == origin and isinstance(row, DirichletRow):
                row = row.endorsed(self.finalists.index(e.finalist), e)
        return row

    def mean(self, ledger: Ledger) -> FloatArray:
        """Return the mean transfer table, shape (origin, destination).

        Parameters
        ----------
        ledger : Ledger
            People by origin.

        Raises
        ------
        InputError
            If an origin has no row.
        """
        table = np.empty((len(ledger.origins), len(self.finalists) + 1))
        for r, origin in enumerate(ledger.origins):
            row = self.moved_row(origin)
            if isinstance(row, DirichletRow):
                table[r] = row.mean
            else:
                v = row.participation.mean
                table[r] = [*(v * q for q in self.preference(origin)[0]), 1 - v]
        return table

    def as_dirichlet(self) -> TransferPrior:
        """Return independent Dirichlet rows with the same means and margin variances."""
        backers = tuple(e.origin for e in self.endorsements if e.origin not in self.origins)
        rows: list[Row] = []
        for origin in (*self.origins, *dict.fromkeys(backers)):
            row = self.moved_row(origin)
            if isinstance(row, ElicitedRow):
                v, (means, sd) = row.participation.mean, self.preference(origin)
                a, b = v * means[0], v * means[1]
                concentration = (a + b - (a - b) ** 2) / margin_variance(row, means, sd) - 1
                row = DirichletRow(
                    origin=origin,
                    mean=(*(v * q for q in means), 1 - v),
                    concentration=max(concentration, 0.05),
                    source=f"Dirichlet with the mean and margin variance of: {row.source}",
                )
            rows.append(row)
        return replace(self, name=f"{self.name}, Dirichlet", rows=tuple(rows), endorsements=())

    def sampler(self, ledger: Ledger) -> TableSampler:
        """Return a sampler whose origins are the ledger's.

        Parameters
        ----------
        ledger : Ledger
            People by origin.

        Raises
        ------
        InputError
            If finalists differ or an origin has no row.
        """
        self.check_finalists(ledger)
        unknown = sorted(set(self.origins) - {ANY, *ledger.origins, INVALID, NON_VOTERS})
        if unknown:
            raise InputError(
                f"prior {self.name!r}: has a row for {unknown[0]!r}, who is no origin of this "
                f"contest; {suggest(unknown[0], ledger.origins)}"
            )
        kinds = zip(ledger.origins, ledger.kinds, strict=True)
        eliminated = {origin for origin, kind in kinds if kind == "eliminated"}
        for e in self.endorsements:
            if e.origin not in eliminated:
                raise InputError(
                    f"prior {self.name!r}: only an eliminated candidate can endorse - found "
                    f"{e.origin!r}; {suggest(e.origin, tuple(sorted(eliminated)))}"
                )
        k, sizes = len(self.finalists), {o: ledger.pools.get(o, 1.0) for o in ledger.origins}
        rows = [pooled_row(self.moved_row(o), n) for o, n in sizes.items()]
        parts = [self._coordinates(o, r, sizes[o]) for o, r in zip(sizes, rows, strict=True)]
        location, own, loading = (np.array(part) for part in zip(*parts, strict=True))
        curves = [
            dirichlet_curves(tuple(r.alpha.tolist())) for r in rows if isinstance(r, DirichletRow)
        ]
        factors = factor_names(self.finalists)
        unit = np.sqrt((self.tail - 2) / self.tail) if np.isfinite(self.tail) else 1.0
        return TableSampler(
            origins=ledger.origins,
            finalists=self.finalists,
            link=Voting(k + 1),
            location=location,
            levels=(
                Level(
                    names=factors,
                    title="the day",
                    loading=unit * loading.reshape(-1, len(factors)),
                    share=self.input_share,
                    tail=self.tail,
                    day=national_factors,
                ),
            ),
            own=Own(sd=own, share=self.input_share),
            own_names=row_names(ledger.origins, self.finalists),
            bent=np.flatnonzero([isinstance(row, DirichletRow) for row in rows]),
            curves=np.array(curves).reshape(-1, 2, k, CELLS).swapaxes(0, 1),
        )

    def _coordinates(
        self, origin: str, row: Row, members: float = 1.0
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return location (K,), own sd (K,) and loading (K, factor) of the row of `origin`.

        The K coordinates are the K - 1 log-ratios of preference, then logit participation. Of two
        finalists the row may be that of a pool of `members`, see `pooled_rows`.
        """
        k = len(self.finalists)
        if isinstance(row, DirichletRow):
            return np.zeros(k), np.ones(k), np.zeros((k, 2 * k - 1))
        v_location, v_sd = row.participation.normal
        means, q_sd = self.preference(origin)
        swing, partisan = slice(1, k), slice(k, 2 * k - 1)
        loading = np.zeros((k, 2 * k - 1))
        loading[-1, 0] = np.sqrt(self.mobilisation)
        loading[:-1, swing] = np.sqrt(self.swing) * simplex_factor(k)
        own = np.sqrt([1 - self.swing] * (k - 1) + [1 - self.mobilisation])
        if origin in self.finalists:
            camp = simplex_corners(k)[self.finalists.index(origin)]
            loading[-1, partisan] = np.sqrt(self.partisan) * camp
            own[-1] = np.sqrt(1 - self.mobilisation - self.partisan)
        elif origin in (INVALID, NON_VOTERS):
            loading[:-1, partisan] = np.sqrt(self.partisan) * simplex_factor(k)
            own[:-1] = np.sqrt(1 - self.swing - self.partisan)
        sd = np.array([q_sd] * (k - 1) + [v_sd])
        location = np.array([*match_preference(means, q_sd), v_location])
        own, loading = sd * own, sd[:, None] * loading
        for i in range(k if members > 1 else 0):
            shared = float(np.linalg.norm(loading[i]))
            location[i], factor, own[i] = pooled_coordinate(
                float(location[i]), shared, float(own[i]), members
            )
            loading[i] *= factor
        return location, own, loading

    def describe(self) -> Description:
        """Return its rows as stated, with their sources."""
        heavy = f", with heavy tails (t, {self.tail:g})" if np.isfinite(self.tail) else ""
        return Description(
            prior=self.name,
            columns=("take part", f"for {self.finalists[0]}"),
            rows=tuple(
                DescribedRow(name=row.origin, values=row.describe(), source=row.source)
                for row in self.rows
            ),
            endorsements=self.endorsements,
            shared_variance={name: getattr(self, name) for name in SHARES},
            note="percent, mean and 90% interval, before endorsements; shared variance: "
            f"mobilisation {self.mobilisation:.0%}, swing {self.swing:.0%}, partisan mobilisation "
            f"{self.partisan:.0%}{heavy}; {self.input_share:.0%} of all variance is "
            "uncertainty about the inputs",
            content=content_digest(self),
        )
