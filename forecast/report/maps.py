"""Maps of units, drawn from outlines that the user gives: inline SVG, nothing is loaded.

Outlines are GeoJSON (RFC 7946): longitude and latitude, a feature for each unit. They are drawn on
a plane in which a degree of longitude is shortened by the cosine of the middle latitude.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.arrays import FloatArray
from forecast.display import Brief
from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.words.names import matched_units
from forecast.files.reading import MAX_BYTES, json_of, read_text
from forecast.outcome.forecast import Forecast
from forecast.report.figures.canvas import FIRST, SECOND
from forecast.report.languages import number, percent_sign, say
from forecast.report.words import origin_name
from forecast.signatures import refuses_other_kinds

if TYPE_CHECKING:
    from forecast.outcome.nowcast import Nowcast
    from forecast.transfers.returns.posterior import TransferPosterior

WIDTH = 330.0
"""Width of a map in units of its drawing."""
TALLEST = 420.0
"""Its greatest height."""
STEP = 0.25
"""Points nearer than this to the one before are left out."""
HIGH, LOW = FIRST, SECOND
"""Colours of the upper and the lower half of a scale."""
CLASSES = 4
"""Shades in either half."""
FEWEST = 0.5
"""Part of the units that must have an outline."""
Ring = FloatArray


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UnitMap(Brief):
    """Outlines of the units of a contest; made by `read_map`.

    Parameters
    ----------
    units : tuple of str
        Units that have an outline.
    rings : tuple of tuple of ndarray, each of shape (point, 2)
        Closed lines of each unit in the drawing's plane; inner ones are holes.
    height : float
        Height of the drawing, `WIDTH` being its width.
    missing : tuple of str
        Units of the contest without one.
    """

    units: tuple[str, ...]
    rings: tuple[tuple[Ring, ...], ...]
    height: float
    missing: tuple[str, ...]


@refuses_other_kinds
def read_map(path: str | PathLike[str], contest: Contest) -> UnitMap:
    """Read outlines of a contest's units from a GeoJSON file.

    Parameters
    ----------
    path : path-like
        A FeatureCollection of polygons in longitude and latitude; a property of the features must
        name the units, whatever it is called.
    contest : Contest
        Whose units.

    Raises
    ------
    InputError
        If it is no such file, or fewer than half of the units have an outline.
    """
    path = Path(path)
    content = json_of(read_text(path, limit=MAX_BYTES), f"{path.name}, which must be GeoJSON")
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise InputError(f"{path.name}: must be a GeoJSON FeatureCollection - found something else")
    name = _naming(features, {unit.casefold() for unit in contest.units})
    called = [str((feature.get("properties") or {}).get(name, "")) for feature in features]
    matched = dict(zip(contest.units, contest.units, strict=True))
    matched |= matched_units(called, contest.units)
    outlines: dict[str, list[Ring]] = {}
    for k, feature in enumerate(features):
        unit = matched.get(called[k])
        if unit is not None:
            rings = _rings(feature.get("geometry"), f"{path.name} feature {k + 1}")
            outlines.setdefault(unit, []).extend(rings)
    if len(outlines) < FEWEST * len(contest.units):
        raise InputError(
            f"{path.name}: must outline at least half of the {len(contest.units):,} units - found "
            f"{len(outlines):,} by the property {name!r}; name the units as in the contest, such "
            f"as {contest.units[0]!r}"
        )
    placed, height = _placed(list(outlines.values()))
    return UnitMap(
        units=tuple(outlines),
        rings=placed,
        height=height,
        missing=tuple(unit for unit in contest.units if unit not in outlines),
    )


def _naming(features: Sequence[Mapping[str, Any]], wanted: Collection[str]) -> str:
    """Return the property that names most units."""
    found: dict[str, int] = {}
    for feature in features:
        for name, value in (feature.get("properties") or {}).items():
            found[name] = found.get(name, 0) + (str(value).casefold() in wanted)
    return max(found, key=found.__getitem__, default="")


def _rings(geometry: Any, where: str) -> list[Ring]:
    """Return the rings of a polygon or of several, (point, 2); none where there is no outline."""
    if geometry is None:
        return []
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise InputError(f"{where}: must be a Polygon or MultiPolygon - found {kind!r}")
    polygons = geometry.get("coordinates")
    polygons = [polygons] if kind == "Polygon" else polygons
    try:
        rings = [
            np.array([point[:2] for point in ring], dtype=float)
            for rings in polygons
            for ring in rings
        ]
    except (TypeError, ValueError, IndexError):
        raise InputError(f"{where}: must have pairs of numbers for coordinates") from None
    for ring in rings:
        outside = ring.ndim != 2 or len(ring) < 3 or not np.isfinite(ring).all()
        if outside or (np.abs(ring) > (180.0, 90.0)).any():
            raise InputError(
                f"{where}: must be in degrees of longitude and latitude - found other numbers; "
                "convert it to WGS 84"
            )
    return rings


def _placed(outlines: Sequence[Sequence[Ring]]) -> tuple[tuple[tuple[Ring, ...], ...], float]:
    """Return outlines in the drawing's plane, and its height."""
    points = np.concatenate([ring for rings in outlines for ring in rings])
    middle = cos(radians(float(points[:, 1].min() + points[:, 1].max()) / 2))
    west, north = float(points[:, 0].min()), float(points[:, 1].max())
    wide = max((float(points[:, 0].max()) - west) * middle, 1e-9)
    tall = max(north - float(points[:, 1].min()), 1e-9)
    scale = min(WIDTH / wide, TALLEST / tall)
    offset = (WIDTH - scale * wide) / 2
    factors = np.array([scale * middle, -scale])
    return (
        tuple(
            tuple(_thinned((ring - (west, north)) * factors + (offset, 0.0)) for ring in rings)
            for rings in outlines
        ),
        scale * tall,
    )


def _thinned(ring: Ring) -> Ring:
    """Return a ring without points that are hardly anywhere else than the one before."""
    kept = [ring[0]]
    for point in ring[1:-1]:
        if np.abs(point - kept[-1]).max() >= STEP:
            kept.append(point)
    return np.array(kept)


def drawn(
    units: UnitMap,
    values: Mapping[str, float],
    *,
    title: str,
    centre: float,
    signed: bool = False,
) -> str:
    """Return a map as an SVG element: two colours for what is above and below the centre.

    Values are in percent, or points with their sign where `signed`; units without one stay empty.
    The title is unique in its page.
    """
    from markupsafe import Markup, escape

    known = [values[u] for u in units.units if u in values and np.isfinite(values[u])]
    reach = float(np.quantile(np.abs(np.array(known) - centre), 0.95)) if known else 1.0
    step = _round_step(max(reach, 1e-6) / CLASSES)

    def said(value: float) -> str:
        text = number(abs(value), 0 if step >= 1 else 1)
        if not signed:
            return percent_sign(text)
        return ("+" if value > 0 else "−" if value < 0 else "") + text

    paths = []
    for unit, rings in zip(units.units, units.rings, strict=True):
        value = values.get(unit, float("nan"))
        fill, opacity = "none", 1.0
        if np.isfinite(value):
            place = min(int(abs(value - centre) / step), CLASSES - 1)
            fill, opacity = HIGH if value >= centre else LOW, 0.15 + 0.8 * place / (CLASSES - 1)
        lines = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in rings)
        words = f"{unit}: {said(value)}" if np.isfinite(value) else unit
        paths.append(
            f'<path d="{lines}" fill="{fill}" fill-opacity="{opacity:.2f}" fill-rule="evenodd" '
            f'stroke="currentColor" stroke-width="0.3"><title>{escape(words)}</title></path>'
        )
    bottom = units.height + 12
    legend = []
    for k in range(-CLASSES, CLASSES):
        place = k if k >= 0 else -k - 1
        x = WIDTH / 2 + k * 36
        colour = HIGH if k >= 0 else LOW
        legend.append(
            f'<rect x="{x:.0f}" y="{bottom:.0f}" width="36" height="10" fill="{colour}" '
            f'fill-opacity="{0.15 + 0.8 * place / (CLASSES - 1):.2f}"></rect>'
        )
    for k in (-CLASSES + 1, 0, CLASSES - 1):
        legend.append(
            f'<text x="{WIDTH / 2 + 36 * k:.0f}" y="{bottom + 26:.0f}" font-size="13" '
            f'text-anchor="middle" fill="currentColor">{said(centre + k * step)}</text>'
        )
    name = "map-" + "-".join(title.casefold().split())
    return Markup(
        f'<svg role="img" aria-labelledby="{name}" viewBox="0 0 {WIDTH:.0f} {bottom + 32:.0f}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}">{escape(title)}</title>'
        f"{''.join(paths)}{''.join(legend)}</svg>"
    )


def _round_step(x: float) -> float:
    """Return a round number not below x."""
    power = 10.0 ** np.floor(np.log10(x))
    return float(next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= x * (1 - 1e-9)))


def forecast_maps(forecast: Forecast, units: UnitMap) -> list[tuple[str, Any, str]]:
    """Return maps of the leader's share, its change since the first round, and turnout.

    Each is a title, an SVG element and a note. A unit is forecast by the mean transfer table of the
    contest: its own first round makes the difference.
    """
    contest = forecast.contest
    ledger = contest.ledger(by="unit")
    rows = {origin: forecast.mean_table[r] for r, origin in enumerate(forecast.ledger.origins)}
    pooled = [o for o in forecast.ledger.origins if o in forecast.ledger.pools]
    table = np.array([rows.get(o, rows[pooled[0]] if pooled else None) for o in ledger.origins])
    votes = ledger.counts.astype(float) @ table[:, :-1]
    return _maps(contest, units, forecast.leader, votes, forecast.ballots_per_vote, counted=False)


def nowcast_maps(nowcast: Nowcast, units: UnitMap) -> list[tuple[str, Any, str]]:
    """Return the same maps of an election night, units as they are forecast now."""
    found = nowcast.by_unit()
    return _maps(
        nowcast.contest,
        units,
        nowcast.leader,
        found.expected,
        nowcast.ballots_per_vote,
        counted=True,
    )


def _maps(
    contest: Contest,
    units: UnitMap,
    leader: str,
    votes: FloatArray,
    ballots_per_vote: float,
    *,
    counted: bool,
) -> list[tuple[str, Any, str]]:
    name = origin_name(leader, contest.labels)
    before = contest.votes[:, [contest.candidates.index(f) for f in contest.finalists]]
    k = contest.finalists.index(leader)
    share = 100 * votes[:, k] / np.maximum(votes.sum(axis=1), 1e-9)
    first = 100 * before[:, k] / np.maximum(before.sum(axis=1), 1e-9)
    centre = 100 / len(contest.finalists)
    note = say("Expected by unit, from its first round and the transfers of the whole contest.")
    if counted:
        note = say("Counted where a unit has reported, otherwise expected.")
    layers = [
        (say("Share of {name}", name=name), share, centre, False, note),
        (
            say("Change since the first round"),
            share - first,
            0.0,
            True,
            say(
                "Points of the finalists’ vote for {name}, in the runoff less in the first round.",
                name=name,
            ),
        ),
    ]
    if contest.registered is not None and contest.electorate == "registered":
        people = np.maximum(contest.registered, 1)
        turnout = 100 * np.minimum(votes.sum(axis=1) * ballots_per_vote / people, 1.0)
        layers.append((say("Turnout"), turnout, float(np.median(turnout)), False, note))
    missing = ""
    if units.missing:
        missing = " " + say("Units without an outline: {n}.", n=len(units.missing))
    return [
        (
            title,
            drawn(
                units,
                dict(zip(contest.units, values.tolist(), strict=True)),
                title=title,
                centre=middle,
                signed=signed,
            ),
            words + missing,
        )
        for title, values, middle, signed, words in layers
    ]


def residual_map(posterior: TransferPosterior, units: UnitMap) -> str:
    """Return a map of what the transfer table does not explain, for the first finalist.

    Points of all people of a unit: counted less expected votes.
    """
    found = posterior.residuals()
    j = found.destinations.index(posterior.finalists[0])
    people = np.maximum(found.counted.sum(axis=1), 1e-9)
    values = 100 * (found.counted[:, j] - found.expected[:, j]) / people
    name = posterior.labels.get(posterior.finalists[0], posterior.finalists[0])
    return drawn(
        units,
        dict(zip(found.units, values.tolist(), strict=True)),
        title=say("Votes for {name} that the transfers do not explain", name=name),
        centre=0.0,
        signed=True,
    )
