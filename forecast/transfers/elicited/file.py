"""Priors as TOML files that people edit: every row says what, how sure and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from forecast.errors import InputError, suggest
from forecast.files.reading import read_toml
from forecast.signatures import refuses_other_kinds
from forecast.transfers.elicited.prior import SHARES, TransferPrior
from forecast.transfers.elicited.rows import Belief, DirichletRow, ElicitedRow, Row
from forecast.transfers.table.describe import ANY
from forecast.transfers.table.endorsement import Endorsement
from forecast.transfers.table.protocols import Dated

EDITED = ", edited"
"""What is added to the name of a prior whose file has been changed."""


@refuses_other_kinds
def read_prior(path: str | PathLike[str]) -> TransferPrior:
    """Read a prior from a TOML file as written by `prior_toml` or `forecast prior`.

    Parameters
    ----------
    path : path-like
        The file (UTF-8).

    Returns
    -------
    TransferPrior
        Called "edited" where the file was changed since it was written.

    Raises
    ------
    InputError
        If the file cannot be read, is no TOML, or breaks a rule of `TransferPrior`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from forecast import elicited_prior, load_contest
    >>> prior = elicited_prior(load_contest("georgia-2018"))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "prior.toml"
    ...     _ = path.write_text(prior_toml(prior), "utf-8")
    ...     again = read_prior(path)
    >>> again == prior, again.row("bakradze").mean.round(2).tolist()
    (True, [0.3, 0.45, 0.25])
    """
    path = Path(path)
    content = read_toml(path)
    try:
        return _prior(content)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def _prior(content: Mapping[str, Any]) -> TransferPrior:
    allowed = (*SHARES, "tail", "history", "endorsement", "unedited")
    _keys("prior", content, ("name", "finalists", "row"), allowed)
    finalists = content["finalists"]
    if not isinstance(finalists, list) or not all(isinstance(f, str) for f in finalists):
        raise InputError(f"finalists must be a list of names - found {finalists!r}")
    if len(finalists) < 2 or len(set(finalists)) < len(finalists):
        raise InputError(f"finalists must be two or more different names - found {finalists}")
    rows = [_row(entry, tuple(finalists)) for entry in _tables(content, "row")]
    endorsements = [_endorsement(entry) for entry in _tables(content, "endorsement")]
    found = TransferPrior(
        name=_text(content, "name", "prior"),
        finalists=tuple(finalists),
        rows=tuple(rows),
        endorsements=tuple(endorsements),
        history=_history(content["history"]) if "history" in content else None,
        **{key: content[key] for key in (*SHARES, "tail") if key in content},
    )
    if content.get("unedited") in (None, _digest(found)):
        return found
    return replace(found, name=f"{found.name}{EDITED}")


def _row(entry: Mapping[str, Any], finalists: tuple[str, ...]) -> Row:
    where = f"row {entry.get('origin', '?')!r}"
    if "concentration" in entry:
        _keys(where, entry, ("origin", "mean", "concentration", "source"))
        mean, concentration = entry["mean"], entry["concentration"]
        if not isinstance(mean, list) or not all(map(_number, [*mean, concentration])):
            raise InputError(f"{where}: mean must be a list of fractions, concentration a number")
        return DirichletRow(
            origin=_text(entry, "origin", where),
            mean=tuple(mean),
            concentration=concentration,
            source=_text(entry, "source", where),
        )
    _keys(where, entry, ("origin", "participation", "preference", "source"))
    preference = entry["preference"]
    if not isinstance(preference, dict) or not isinstance(entry["participation"], dict):
        raise InputError(f"{where}: participation and preference must be tables with a mean")
    _keys(where, preference, ("finalist", "mean", "low", "high"), ("level", "rest"))
    rest = preference.get("rest", [])
    if not isinstance(rest, list) or not all(map(_number, rest)):
        raise InputError(f"{where}: rest must be a list of fractions - found {rest!r}")
    belief = {k: v for k, v in preference.items() if k not in ("finalist", "rest")}
    try:
        beliefs = Belief.of(entry["participation"]), Belief.of(belief)
        for one in beliefs:
            _ = one.normal  # raises `InputError` if no distribution is like that
        return ElicitedRow(
            origin=_text(entry, "origin", where),
            participation=beliefs[0],
            preference=beliefs[1],
            finalist=_text(preference, "finalist", where),
            finalists=finalists,
            rest=tuple(rest),
            source=_text(entry, "source", where),
        )
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _history(entry: Any) -> Dated:
    if not isinstance(entry, dict):
        raise InputError(f"history must be a table with what and source - found {entry!r:.40}")
    _keys("history", entry, ("what", "source"), ("published",))
    texts = {key: _text(entry, key, "history") for key in ("what", "source")}
    return Dated(published=_day(entry.get("published"), "history"), **texts)


def _endorsement(entry: Mapping[str, Any]) -> Endorsement:
    where = f"endorsement by {entry.get('origin', '?')!r}"
    _keys(
        where,
        entry,
        ("origin", "finalist", "source"),
        ("strength", "logits", "sd", "published", "known"),
    )
    known = entry.get("published", entry.get("known"))  # known: files of version 0.1.0
    published = _day(known, where)
    size = {key: entry[key] for key in ("strength", "logits", "sd") if key in entry}
    for key, value in size.items():
        if not _number(value):
            raise InputError(f"{where}: {key} must be a number - found {value!r}")
    return Endorsement(
        origin=_text(entry, "origin", where),
        finalist=_text(entry, "finalist", where),
        **size,
        published=published,
        source=_text(entry, "source", where),
    )


def _keys(
    where: str, table: Mapping[str, Any], needed: Sequence[str], allowed: Sequence[str] = ()
) -> None:
    for key in needed:
        if key not in table:
            raise InputError(f"{where}: {key!r} is required - found {list(table)}; add it")
    for key in table:
        if key not in (*needed, *allowed):
            raise InputError(f"{where}: unknown key {key!r}; {suggest(key, (*needed, *allowed))}")


def _tables(content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    tables = content.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise InputError(f"{key} must be written as [[{key}]] tables - found {type(tables)}")
    return tables


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    if not isinstance(table[key], str) or not table[key]:
        raise InputError(f"{where}: {key} must be a text - found {table[key]!r}")
    return str(table[key])


def _day(published: object, where: str) -> date | None:
    if published is not None and type(published) is not date:
        raise InputError(f"{where}: published must be a date like 2018-10-28 - found {published!r}")
    return published


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@refuses_other_kinds
def prior_toml(prior: TransferPrior, candidates: Mapping[str, str] | None = None) -> str:
    """Return a prior as TOML text, which `read_prior` reads back as an equal prior.

    The text says what it was when it was written: a prior whose beliefs are changed is called
    edited when it is read.

    Parameters
    ----------
    prior : TransferPrior
        What to write.
    candidates : mapping of str to str, optional
        Origins, and what to say of each, for which to write a row to be filled in: a comment, since
        the prior says of them what it says of all.

    Examples
    --------
    >>> from forecast.data import load_contest
    >>> from forecast.transfers.elicited.generic import generic_prior
    >>> print(prior_toml(generic_prior(load_contest("georgia-2018"))).splitlines()[0])
    # What happens to the votes of each origin in the runoff. Fractions from 0 to 1.
    """
    lines = [
        "# What happens to the votes of each origin in the runoff. Fractions from 0 to 1.",
        "# participation: P(casts a valid runoff vote); preference: P(that finalist | valid vote).",
        "# mean is the best guess, and with probability level the truth is from low to high.",
        f"name = {_quoted(prior.name)}",
        f"finalists = [{', '.join(map(_quoted, prior.finalists))}]",
        "# With this line, the prior is called edited as soon as a belief below differs; delete it",
        "# when you give it a name of your own.",
        f"unedited = {_quoted(_digest(prior))}",
        "",
        "# Shares of each row's variance that rows have in common, and the share of all variance",
        "# that is ignorance about these numbers themselves.",
        *(f"{key} = {getattr(prior, key)}" for key in SHARES),
    ]
    if np.isfinite(prior.tail):
        lines += ["# Degrees of freedom of what rows have in common: few mean that some contests"]
        lines += ["# surprise in everything.", f"tail = {prior.tail}"]
    if prior.history is not None:
        past = prior.history
        lines += ["", "# Past runoffs that the rows were learned from.", "[history]"]
        lines.append(f"what = {_quoted(past.what)}")
        lines += [f"published = {past.published.isoformat()}"] if past.published else []
        lines.append(f"source = {_quoted(past.source)}")
    for row in prior.rows:
        lines += ["", *_row_lines(row, row.origin, prior.finalists)]
    stated = {row.origin for row in prior.rows}
    for origin, said in (candidates or {}).items():
        if origin not in stated and ANY in stated:
            row = next(row for row in prior.rows if row.origin == ANY)
            lines += ["", f"# {said}: as all others. To say something else, take the # away."]
            lines += [f"# {line}" for line in _row_lines(row, origin, prior.finalists)]
    for e in prior.endorsements:
        lines += ["", "[[endorsement]]", f"origin = {_quoted(e.origin)}"]
        lines.append(f"finalist = {_quoted(e.finalist)}")
        sizes = ("strength", "logits", "sd")
        lines += [f"{key} = {getattr(e, key)}" for key in sizes if getattr(e, key) is not None]
        lines += [f"published = {e.published.isoformat()}"] if e.published else []
        lines.append(f"source = {_quoted(e.source)}")
    return "\n".join(lines) + "\n"


def _digest(prior: TransferPrior) -> str:
    """Return the digest of a prior's beliefs, whatever it is called."""
    return replace(prior, name="beliefs").describe().digest


def _row_lines(row: Row, origin: str, finalists: tuple[str, ...]) -> list[str]:
    """Return a row of a prior as it stands in a file."""
    lines = ["[[row]]", f"origin = {_quoted(origin)}"]
    if isinstance(row, DirichletRow):
        lines += [f"mean = {list(row.mean)}", f"concentration = {row.concentration}"]
    else:
        rest = "" if len(finalists) == 2 else f", rest = {list(row.rest)}"
        lines += [
            f"participation = {{ {_belief(row.participation)} }}",
            f"preference = {{ finalist = {_quoted(row.finalist)}, "
            f"{_belief(row.preference)}{rest} }}",
        ]
    return [*lines, f"source = {_quoted(row.source)}"]


def _belief(belief: Belief) -> str:
    return ", ".join(f"{k} = {getattr(belief, k)}" for k in ("mean", "low", "high", "level"))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
