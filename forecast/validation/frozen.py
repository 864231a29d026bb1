"""Frozen forecasts: written before the runoff, scored after it, never altered in between.

A frozen forecast is plain JSON with the SHA-256 of its own `canonical_json`. That shows every
accident and every careless change; against a forger, publish the hash when you freeze and give it
back when you score.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast.errors import InputError
from forecast.facts.contest import Contest
from forecast.facts.returns import Returns
from forecast.facts.words.names import matched_units
from forecast.files.reading import json_of
from forecast.outcome.election import ElectionForecast
from forecast.outcome.forecast import Forecast
from forecast.validation.calibration import LEVELS, central_interval
from forecast.validation.frozen_elections import FORMAT as ELECTION
from forecast.validation.frozen_elections import (
    election_content,
    election_scores,
    is_whole_election,
)
from forecast.validation.kept import (
    QUANTILES,
    are_fractions,
    check_made,
    is_sound,
    provenance,
    quantiles_of,
)
from forecast.validation.provenance import digest_of
from forecast.validation.scores import (
    brier_score,
    crps,
    interval_score,
    log_score,
    threshold_crps,
)

FORMAT = "runoff-forecast frozen 2"
FORMATS = ("runoff-forecast frozen 1", FORMAT, ELECTION)
"""Formats that are read: the first had no names of units, the last is of both rounds."""
NUMBERS = re.compile(r"(?<=: )\[[-\d.e,\s]*\](?=,?\n)")
"""A list of numbers in a file that is set out in lines."""
MOST_UNKNOWN = 0.1
"""Most units of the returns that the frozen contest may lack, as a fraction of them."""


def freeze(
    forecast: Forecast | ElectionForecast, *, made: str, inputs: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return a forecast as plain data, with the SHA-256 of its content.

    Parameters
    ----------
    forecast : Forecast or ElectionForecast
        The forecast; a conditional one says so.
    made : str
        When it was made, in ISO 8601.
    inputs : mapping of str to str, optional
        SHA-256 of the files it was made from, by name.

    Raises
    ------
    InputError
        If `made` is no day, or a forecast of both rounds knows the first.

    Examples
    --------
    >>> from forecast import forecast_runoff, load_contest
    >>> found = freeze(forecast_runoff(load_contest("georgia-2018"), draws=2000), made="2018-10-29")
    >>> checked(found)["contest"]
    'georgia-2018'
    """
    check_made(made)
    if isinstance(forecast, ElectionForecast):
        content = election_content(forecast, inputs) | {"made": made}
        return content | {"sha256": digest_of(content)}
    contest, shares = forecast.contest, forecast.shares()
    people = forecast.ledger.people if contest.electorate == "registered" else None
    valid = forecast.draw_votes.sum(axis=1)
    content = {
        "format": FORMAT,
        "contest": contest.name,
        "title": contest.title or contest.name,
        "finalists": list(contest.finalists),
        "labels": {f: contest.label(f) for f in contest.finalists},
        "runoff": contest.runoff.isoformat() if contest.runoff else None,
        "as_of": forecast.as_of.isoformat() if forecast.as_of else None,
        "made": made,
        "conditions": list(forecast.conditions),
        "people": people,
        **({"people_estimated": True} if people and contest.estimated else {}),
        "units": len(contest.units),
        "unit_names": list(contest.units),
        "win_probability": {f: forecast.win_probability(f).value for f in contest.finalists},
        "share": {f: quantiles_of(shares[:, k]) for k, f in enumerate(contest.finalists)},
        "valid_votes_over_people": quantiles_of(valid / people) if people else None,
        "draws": forecast.draws,
        "seed": forecast.simulation.seed,
        "provenance": provenance(
            inputs,
            prior=forecast.prior.name,
            prior_digest=forecast.prior.describe().digest,
            contest_digest=contest.digest,
            draws_digest=forecast.digest,
        ),
    }
    return content | {"sha256": digest_of(content)}


def frozen_text(frozen: Mapping[str, Any]) -> str:
    """Return a frozen forecast as the text of its file, a list of numbers on a line."""
    text = json.dumps(frozen, indent=1, ensure_ascii=False, allow_nan=False)
    return NUMBERS.sub(lambda found: " ".join(found[0].split()), text) + "\n"


def read_frozen(text: str, *, where: str = "frozen forecast") -> dict[str, Any]:
    """Return a frozen forecast from the text of its file; nothing in it is executed.

    Parameters
    ----------
    text : str
        JSON as from `frozen_text`.
    where : str
        What to call it in messages.

    Raises
    ------
    InputError
        If it is no frozen forecast or was altered.
    """
    return checked(json_of(text, where), where=where)


def checked(content: Any, *, where: str = "frozen forecast") -> dict[str, Any]:
    """Return a frozen forecast if it is one and is as it was frozen; else raise `InputError`."""
    if not isinstance(content, dict) or content.get("format") not in FORMATS:
        raise InputError(f"{where}: must be a forecast frozen by this package - found another file")
    rest = {key: value for key, value in content.items() if key != "sha256"}
    if content.get("sha256") != digest_of(rest):
        raise InputError(
            f"{where}: was altered since it was frozen - its content no longer has the SHA-256 it "
            "states; take the original"
        )
    try:
        of_both = content["format"] == ELECTION
        sound = is_whole_election(content) if of_both else _is_whole(content)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        sound = False
    if not sound:
        raise InputError(f"{where}: lacks parts of a frozen forecast; take one that is whole")
    return content


def score_frozen(
    frozen: Mapping[str, Any], returns: Returns | None, *, first_round: Contest | None = None
) -> dict[str, Any]:
    """Return the scores of a frozen forecast by the official counts.

    Parameters
    ----------
    frozen : mapping
        As from `freeze` or `read_frozen`; checked again.
    returns : Returns or None
        The complete counts of the runoff; None while there are none, for a forecast of both rounds.
    first_round : Contest, optional
        The counts of the first round, which a forecast of both rounds is scored by.

    Returns
    -------
    dict
        Actual shares, the winner, and scores as means over the finalists, shares in points; for a
        forecast of both rounds see `forecast.validation.frozen_elections.election_scores`.

    Raises
    ------
    InputError
        If the forecast was altered, the finalists differ, nothing was counted, or more votes than
        there are people.
    """
    frozen = checked(frozen)
    if (frozen["format"] == ELECTION) != (first_round is not None):
        said = "needs the counts of the first round" if first_round is None else "is of the runoff"
        raise InputError(
            f"{frozen['title']}: the frozen forecast {said}: first_round= (--first-round)"
        )
    if first_round is not None:
        return election_scores(frozen, first_round, returns)
    if returns is None:
        raise InputError(f"{frozen['title']}: needs the counts of the runoff - found none")
    finalists: list[str] = frozen["finalists"]
    if set(returns.finalists) != set(finalists):
        raise InputError(
            f"returns: must be of the finalists {', '.join(finalists)} - found "
            f"{', '.join(returns.finalists)}"
        )
    _check_units(frozen, returns)
    counted, people = sum(returns.totals.values()), frozen["people"]
    if people is not None and counted > people:
        raise InputError(
            f"returns: must not have more votes than the contest has people, {people:,} - found "
            f"{counted:,}; take the counts of {frozen['title']}"
        )
    whole = len(returns.units) - len(_awaited(returns))
    if not whole and counted:
        raise InputError(
            f"returns: some unit must be counted in full - none of {len(returns.units):,} is; "
            "score the forecast when the count is complete"
        )
    actual = np.array([returns.share(f) for f in finalists])
    draws = np.array([frozen["share"][f] for f in finalists]).T
    p = np.array([frozen["win_probability"][f] for f in finalists])
    won = actual == actual.max()
    low, high = central_interval(draws, 0.9)
    out: dict[str, Any] = {
        "contest": frozen["contest"],
        "sha256": frozen["sha256"],
        "share": dict(zip(finalists, actual.tolist(), strict=True)),
        "winner": finalists[int(actual.argmax())],
        "units counted": whole,
        "units of the first round": frozen["units"],
        "brier": float(brier_score(p, won).mean()),
        "log": float(log_score(p, won).mean()),
        "crps": 100 * float(crps(draws, actual, fair=False).mean()),
        "crps near one half": 100 * float(threshold_crps(draws, actual, fair=False).mean()),
        "interval": 100 * float(interval_score(low, high, actual, level=0.9).mean()),
        "pit": dict(zip(finalists, (draws < actual).mean(axis=0).tolist(), strict=True)),
    }
    for level in LEVELS:
        low, high = central_interval(draws, level)
        covers = ((low <= actual) & (actual <= high)).all()
        out[f"{100 * level:.0f}% interval covers"] = bool(covers)
    turnout = frozen["valid_votes_over_people"]
    if turnout is not None:
        fraction = counted / frozen["people"]
        out["valid votes over people"] = fraction
        out["turnout crps"] = 100 * float(crps(np.array(turnout), fraction, fair=False))
    return out


def _awaited(returns: Returns) -> list[str]:
    """Return the units that are not counted in full, but for those whose votes are elsewhere."""
    attached = returns.attached_to or ("",) * len(returns.units)
    elsewhere = {unit for unit, other in zip(returns.units, attached, strict=True) if other}
    return [unit for unit in returns.open_units if unit not in elsewhere]


def _is_whole(content: Mapping[str, Any]) -> bool:
    """Return whether every part that readers rely on is there, of its kind, and fits the others."""
    people, turnout = content["people"], content["valid_votes_over_people"]
    texts = [content["provenance"]["contest_digest"], *_names(content)]
    counts = [content["units"]] + ([] if people is None else [people])
    return (
        is_sound(content, content["finalists"], ("runoff", "as_of"))
        and all(isinstance(text, str) for text in texts)
        and all(type(count) is int and count > 0 for count in counts)
        and _agree(content)
        and (people is None) == (turnout is None)
        and (turnout is None or are_fractions(turnout))
        and ("unit_names" not in content or len(set(_names(content))) == content["units"])
    )


def _names(content: Mapping[str, Any]) -> list[Any]:
    """Return the names of the units, none in the first format."""
    found = content["unit_names"] if content["format"] == FORMAT else []
    return found if type(found) is list else [None]


def _agree(content: Mapping[str, Any]) -> bool:
    """Return whether win probabilities and mean shares add up to one, and tell of one forecast.

    Between two finalists a win probability is how often the share exceeds one half, to the
    resolution of the quantiles and six Monte Carlo standard errors of the fewest draws.
    """
    p = np.array([content["win_probability"][f] for f in content["finalists"]])
    share = np.array([content["share"][f] for f in content["finalists"]])
    if abs(p.sum() - 1) > 1e-6 + len(p) / content["draws"] or abs(share.mean(1).sum() - 1) > 0.01:
        return False
    if len(p) > 2:
        return True
    slack = 2 / QUANTILES + 6 * np.sqrt(0.25 / content["draws"])
    return bool(np.abs((share > 0.5).mean(axis=1) - p).max() <= slack)


def _check_units(frozen: Mapping[str, Any], returns: Returns) -> None:
    """Raise `InputError` if the returns are by other units; one row may be the total."""
    names = set(_names(frozen))
    written = matched_units(returns.units, tuple(_names(frozen)))
    unknown = [unit for unit in returns.units if unit not in names and unit not in written]
    total = len(returns.units) == 1 < len(names)
    if not names or total or len(unknown) <= MOST_UNKNOWN * len(returns.units):
        return
    raise InputError(
        f"returns: must be by the units of {frozen['title']} - found {len(unknown):,} of "
        f"{len(returns.units):,} that are none of them, such as {unknown[0]!r}; take the counts of "
        "this contest by the same units, or its total in one row"
    )
