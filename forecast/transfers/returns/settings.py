"""Learned constants of ecological inference."""

from __future__ import annotations

from dataclasses import dataclass

from forecast.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Learned constants of the inference.

    Parameters
    ----------
    own_context : float
        k: an origin's unmodelled context moves a unit by k per sd of its share, relative to the
        spread of one person's destination.
    df : float
        nu: degrees of freedom of the units; few means that odd units weigh little.
    dilution, saturation : float
        The likelihood has the power ``1 / (dilution + saturation U)``, U occupied units: units
        that resemble their neighbours say less than their number.
    context, context_scale : float
        c, the context that all origins share: centre and standard deviation.
    context_inferred : bool
        Whether the counts speak about c; where no roles identify it, it is drawn from its prior.
    kappa_mean, kappa_scale : float
        Prior of log kappa. A narrow one would have rates say what scatter there is: towards 0 and 1
        where units scatter less than it expects, away from them where more.
    row_scale, common_scale : float
        See `margin_prior`; not used where rows have a prior of their own.
    own_share : float
        Part of a draw that comes from the direction it leans on, where both directions are used.
    """

    own_context: float = 0.003
    df: float = 10.0
    dilution: float = 2.0
    saturation: float = 0.01
    context: float = 0.15
    context_scale: float = 0.1
    context_inferred: bool = False
    kappa_mean: float = 5.0
    kappa_scale: float = 1.0
    row_scale: float = 1.15
    common_scale: float = 0.3
    own_share: float = 0.91

    def __post_init__(self) -> None:
        for name in ("own_context", "df", "dilution", "kappa_scale", "row_scale"):
            if not getattr(self, name) > 0:
                raise InputError(f"settings: {name} must be positive - found {getattr(self, name)}")
        for name in ("saturation", "context_scale", "common_scale"):
            if not getattr(self, name) >= 0:
                raise InputError(
                    f"settings: {name} must not be negative - found {getattr(self, name)}"
                )
        if self.context_inferred and not self.context_scale > 0:
            raise InputError("settings: a context that is inferred needs a positive context_scale")


ARRAYS = Settings()
"""For two tables of counts whose rows and columns have no roles."""
RUNOFFS = Settings(
    own_context=0.00245,
    saturation=0.02,
    context=0.12,
    context_inferred=True,
    kappa_scale=3.0,
)
"""For a runoff, whose rows have roles or a prior of their own."""
