"""Frozen forecasts of both rounds: who would advance and be elected, scored by the counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from forecast.errors import InputError
from forecast.facts.advancement import Advancement
from forecast.facts.contest import Contest
from forecast.facts.finalists import is_several
from forecast.facts.returns import Returns
from forecast.facts.words.names import matched_people, matched_units
from forecast.first_round.opinion import SOMEBODY
from forecast.outcome.election import ElectionForecast
from forecast.validation.calibration import LEVELS, central_interval
from forecast.validation.kept import are_probabilities, is_sound, provenance, quantiles_of
from forecast.validation.scores import brier_score, crps, log_score

FORMAT = "runoff-forecast frozen election 1"
DIGITS = 6
"""Decimals of shares."""
ALIKE = 0.8
"""How alike two spellings are that may be of one person, by `difflib`."""


def election_content(
    forecast: ElectionForecast, inputs: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return what a frozen forecast of both rounds holds; inputs as for `freeze`.

    Raises
    ------
    InputError
        If the first round is counted already.
    """
    if forecast.counted:
        raise InputError(
            "the first round is counted; freeze the forecast of the runoff that forecast_runoff() "
            "('forecast freeze CONTEST') makes"
        )
    election, people = forecast.election, forecast.candidates
    shares = forecast.shares()
    days = {"first_round": election.first_round, "runoff": election.runoff, "as_of": forecast.as_of}
    return {
        "format": FORMAT,
        "contest": election.name,
        "title": election.title or election.name,
        "candidates": list(people),
        "labels": {c: forecast.label(c) for c in people},
        "rule": str(election.rule),
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "conditions": [],
        "advances": {c: forecast.advances(c).value for c in people},
        "win_probability": {c: forecast.win_probability(c).value for c in people},
        "outright": {c: forecast.elected_outright(c).value for c in people},
        "pairings": [
            {"finalists": list(pair.finalists), "probability": pair.probability.value}
            for pair in forecast.pairings(least=0.0)
            if pair.finalists
        ],
        "share": {
            c: [round(x, DIGITS) for x in quantiles_of(shares[:, k])] for k, c in enumerate(people)
        },
        "draws": forecast.draws,
        "seed": forecast.seed,
        "provenance": provenance(inputs, basis=str(forecast.basis), draws_digest=forecast.digest),
    }


def is_whole_election(content: Mapping[str, Any]) -> bool:
    """Return whether every part that readers rely on is there, of its kind, and fits the others."""
    people, pairings = content["candidates"], content["pairings"]
    Advancement.from_text(content["rule"])
    met = [pair["probability"] for pair in pairings]
    elected = sum(content["win_probability"].values())
    slack = 1e-6 + len(people) / max(content["draws"], 1)
    return (
        is_sound(content, people, ("first_round", "runoff", "as_of"))
        and content["conditions"] == []
        and all(are_probabilities(content[name], people) for name in ("advances", "outright"))
        and abs(elected - 1) <= slack
        and all(set(pair["finalists"]) <= set(people) for pair in pairings)
        and all(type(p) is float and 0 < p < 1 for p in met)
        and abs(sum(met) + sum(content["outright"].values()) - 1) <= slack + len(met) * slack
    )


def election_scores(
    frozen: Mapping[str, Any], first_round: Contest, runoff: Returns | None
) -> dict[str, Any]:
    """Return the scores of a frozen forecast of both rounds, checked before.

    The forecast's own rule says who advanced by the official counts of the first round. The runoff
    is its complete counts, None while there are none.

    Returns
    -------
    dict
        Who advanced or was elected at once, whom the forecast did not name, and scores: of shares
        in points, by the mean over those who stood; logarithmic ones of the pair, and of the winner
        where that is known.

    Raises
    ------
    InputError
        If nobody is in the forecast, names may mean a person of it or two, or the runoff is not
        complete, of other people or units, a tie, or impossible.
    """
    meant = _meant(frozen, first_round)
    totals = first_round.totals
    votes: dict[str, int] = {}
    for candidate, count in totals.items():
        votes[meant[candidate]] = votes.get(meant[candidate], 0) + count
    one = {c: n for c, n in totals.items() if not is_several(c)}
    people = [c for c in frozen["candidates"] if c in votes]
    rule = Advancement.from_text(frozen["rule"])
    listed = None if first_round.registered is None else int(first_round.registered.sum())
    counts: dict[str, Any] = {
        "invalid": int(first_round.invalid.sum()),
        "registered": listed,
        "scattered": sum(totals.values()) - sum(one.values()),
    }
    elected = rule.elected(one, **counts)
    went = [meant[c] for c in rule.finalists(one, **counts)]
    winner = None if elected is None else meant[elected]
    actual = np.array([votes[c] for c in people]) / sum(votes.values())
    draws = np.array([frozen["share"][c] for c in people]).T
    p = np.array([frozen["advances"][c] for c in frozen["candidates"]])
    advanced = np.array([c in went for c in frozen["candidates"]])
    out: dict[str, Any] = {
        "contest": frozen["contest"],
        "sha256": frozen["sha256"],
        "share": dict(zip(people, actual.tolist(), strict=True)),
        "not in the forecast": [c for c in totals if meant[c] == SOMEBODY],
        "advanced": went,
        "advances brier": float(brier_score(p, advanced).mean()),
        "finalists log": -float(np.log(_probability_of(frozen, went, winner))),
        "first round crps": 100 * float(crps(draws, actual, fair=False).mean()),
    }
    for level in LEVELS:
        low, high = central_interval(draws, level)
        held = float(((low <= actual) & (actual <= high)).mean())
        out[f"first round {100 * level:.0f}% intervals cover"] = held
    if runoff is not None:
        if elected is not None:
            raise InputError(
                f"returns: there must be no runoff - {elected!r} was elected in the first round by "
                f"the frozen rule ({frozen['rule']}); leave the returns out"
            )
        winner = _winner(frozen, first_round, went, runoff)
    if winner is not None:
        chance = np.array([frozen["win_probability"][c] for c in frozen["candidates"]])
        won = np.array([c == winner for c in frozen["candidates"]])
        out["winner"] = winner
        out["winner log"] = -float(np.log(frozen["win_probability"][winner]))
        out["elected brier"] = float(brier_score(chance, won).mean())
        out["log"] = float(log_score(chance, won).mean())
    return out


def _meant(frozen: Mapping[str, Any], first_round: Contest) -> dict[str, str]:
    """Return whom of the forecast each counted candidate is; "somebody else" if nobody.

    Raises
    ------
    InputError
        If one person of the forecast would be two, or a name is nearly that of one without votes.
    """
    known = _writings(frozen)
    meant: dict[str, str] = {}
    for candidate in first_round.totals:
        names = dict.fromkeys((candidate, first_round.label(candidate)))
        found = next(iter(matched_people([*names], known).values()), SOMEBODY)
        if found != SOMEBODY and found in meant.values():
            raise InputError(
                f"first round: every candidate must be somebody else - found {candidate!r}, and "
                f"another one whose name means {found!r} of the forecast; write names in full"
            )
        if found not in frozen["candidates"]:
            raise InputError(
                f"first round: must be of the candidates of {frozen['title']} - found "
                f"{candidate!r}, who is none of them"
            )
        meant[candidate] = found
    if {*meant.values()} == {SOMEBODY}:
        raise InputError(
            f"first round: must be of {frozen['title']} - found nobody whom the forecast names; "
            "take the counts of this election"
        )
    absent = {name: key for name, key in known.items() if key not in meant.values()}
    for candidate in (c for c, who in meant.items() if who == SOMEBODY):
        near = get_close_matches(first_round.label(candidate), absent, n=1, cutoff=ALIKE)
        if near:
            raise InputError(
                f"first round: {candidate!r} must be somebody else than {near[0]!r} of the "
                "forecast, who has no votes - if they are one person, write the name as there"
            )
    return meant


def _writings(frozen: Mapping[str, Any]) -> dict[str, str]:
    named = [c for c in frozen["candidates"] if c != SOMEBODY]
    return {frozen["labels"][c]: c for c in named} | {c: c for c in named}


def _probability_of(
    frozen: Mapping[str, Any], advanced: Sequence[str], winner: str | None
) -> float:
    """Return how likely the forecast held who advanced, or was elected at once; never 0."""
    if winner is not None:
        return float(frozen["outright"][winner])
    went = sorted(advanced)
    met = (x["probability"] for x in frozen["pairings"] if sorted(x["finalists"]) == went)
    return float(next(met, 0.5 / (frozen["draws"] + 1)))


def _winner(
    frozen: Mapping[str, Any], first_round: Contest, advanced: Sequence[str], runoff: Returns
) -> str:
    """Return who won the runoff; raise `InputError` if its counts are not those that decide it."""
    known = matched_people(runoff.finalists, _writings(frozen))
    meant = {name: known.get(name, SOMEBODY) for name in runoff.finalists}
    if sorted(meant.values()) != sorted(advanced):
        raise InputError(
            f"returns: must be of the finalists {', '.join(advanced)} - found "
            f"{', '.join(runoff.finalists)}"
        )
    if min(len(runoff.units), len(first_round.units)) > 1:  # else one of them is a total
        same = {u: u for u in runoff.units} | matched_units(runoff.units, first_round.units)
        for unit in sorted({*same.values()} ^ {*first_round.units}):
            raise InputError(
                f"returns: must be of all units of the first round - {unit!r} is in one of the two "
                "only; give the complete count, or its total in one row"
            )
    if runoff.open_units:
        raise InputError("returns: must be complete - some units are not counted in full")
    counted, listed = sum(runoff.totals.values()), first_round.registered
    if listed is not None and counted > int(listed.sum()):
        raise InputError(
            f"returns: must not have more votes than people, {int(listed.sum()):,} - found "
            f"{counted:,}"
        )
    first, second, *_ = sorted(runoff.totals, key=lambda f: -runoff.totals[f])
    if runoff.totals[first] == runoff.totals[second]:
        raise InputError(
            f"returns: somebody must have won - found a tie at {runoff.totals[first]:,}"
        )
    return meant[first]
