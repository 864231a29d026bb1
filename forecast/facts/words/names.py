"""Names of units and of people that are written differently in two files."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from forecast.arrays import grouped
from forecast.display import Message
from forecast.errors import InputError
from forecast.facts.words.column_words import is_filler, role_of, words_of
from forecast.facts.words.word_lists import folded, word_list

BESIDE_NAMES = re.compile(r"[\s()\[\],–—/-]+")
"""What stands between a person's name and the party."""
ABBREVIATED = re.compile(r"[^\W\d_]*[A-ZÀ-ÞА-Я][^\W\d_]*[A-ZÀ-ÞА-Я][^\W_]*")
"""A word with two capitals."""
Simplify = Callable[[str], str]

FOOTNOTE = re.compile(r"\s*(?:[*†‡§¹²³⁴-⁹]+|\[\w{1,3}\]|\((?:\w{1,2}|\d{3,6})\))+\s*$")
IN_FRONT = re.compile(r"^(?:\d{1,4}[.)]|[^\W\d]\.)\s+(?=\w\w)")
"""What lists write before a name: "1. North", "m. Łódź"."""
SIGNS = re.compile(r"^[-–−+](?=\d)|(?<=\w)[-–−+]$")
"""Signs that belong to a name: "-1", "U+"."""
SAINTS = {"saint": "st", "sankt": "st", "sainte": "ste"}
NUMBER = re.compile(r"\d+(?:\.0+(?!\d))?")
JOINED = re.compile(r"\s*(?:\+|/|&|,|;|\b(?:and|et|und|y|e|i|si|ve|и|та)\b)\s*")

NUMBERED = re.compile(r"^\s*(\d{1,6})(?:\s*[-–—:]\s*|\s+)(?=[^\W\d])")
"""A number in front of a name: "01 - Ain", "01 Ain"."""
LISTED = re.compile(
    r"^\s*\d{1,3}\s*[-–—:.)]?\s+(?=[^\W\d])|"
    r"\s*[(\[][A-ZÀ-ÞА-Я][^)\]a-zß-ÿа-я]*[)\]]\s*$"
)
"""What stands around the name of a person: a number on the ballot, or initials of a party."""
TITLES = word_list("titles")
PLACES = ("unit", "region")
"""Roles of words around names of places."""
HYPHEN = re.compile(r"\s*[-–—]\s*")


def _spaced(name: str) -> str:
    return " ".join(name.casefold().split())


def _unmarked(name: str) -> str:
    return IN_FRONT.sub("", FOOTNOTE.sub("", _spaced(name)))


def _marks(name: str) -> tuple[str, str]:
    """Return what stands before and behind a name and is no part of it."""
    found = (pattern.search(_spaced(name)) for pattern in (IN_FRONT, FOOTNOTE))
    front, behind = (unicodedata.normalize("NFKC", mark[0]) if mark else "" for mark in found)
    return front.strip(), behind.strip(" ()[]")


def _marked_apart(name: str, other: str) -> bool:
    """Return whether two names have different marks, as two parts of one town have."""
    return any(a and b and a != b for a, b in zip(_marks(name), _marks(other), strict=True))


def _unpadded(name: str) -> str:
    return NUMBER.sub(lambda found: str(int(float(found[0]))) if len(found[0]) < 16 else found[0],
                      _unmarked(name))  # fmt: skip


def _plain(name: str) -> str:
    plain = _unpadded(name)
    words = (SAINTS.get(word, word) for word in folded(plain).split())
    return " ".join((*words, *SIGNS.findall(plain)))


def _bare(name: str) -> str:
    """Return a name without its number in front, and without words for places around it."""
    words = _plain(NUMBERED.sub("", name)).split()
    while words and (role_of(words[0]) in PLACES or is_filler(words[0])):
        words = words[1:]
    while words and role_of(words[-1]) in PLACES:
        words = words[:-1]
    return " ".join(words)


def _code(name: str) -> str:
    """Return the number in front of a name."""
    found = NUMBERED.match(name)
    return _plain(found[1]) if found else ""


LEVELS: tuple[Simplify, ...] = (_spaced, _unmarked, _unpadded)
"""What two writings of one name may differ in: capitals and spaces, footnotes, and zeros."""
CODES: tuple[tuple[Simplify, Simplify], ...] = ((_plain, _code), (_code, _plain))
"""One may be the number alone that the other has in front."""


def matched_units(found: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Return the known unit of every name that is not known as it is written, where one fits.

    Examples
    --------
    >>> matched_units(["1", "West", "SOUTH", "x"], ["0001", "West (1)", "South", "East"])
    {'1': '0001', 'West': 'West (1)', 'SOUTH': 'South'}
    >>> matched_units(["Fulton", "01 - Ain"], ["Fulton County", "Ain", "Ain City"])
    {'Fulton': 'Fulton County', '01 - Ain': 'Ain'}
    >>> matched_units(["West"], ["West (1)", "West (2)"]), matched_units(["Y (1)"], ["Y (2)"])
    ({}, {})
    """
    return dict(_matched(tuple(dict.fromkeys(found)), tuple(known)))


@lru_cache(maxsize=8)  # several readers of one table ask the same
def _matched(found: tuple[str, ...], known: tuple[str, ...]) -> dict[str, str]:
    matches: dict[str, str] = {}
    exact = set(known)
    left = [name for name in found if name not in exact]
    if not left:
        return {}
    taken = exact.intersection(found)
    alike = [(level, level) for level in (*LEVELS, _plain)]
    for simpler, simple in (*alike, (_bare, _plain), (_plain, _bare), *CODES):
        if not left:
            break
        theirs = _unique(zip(left, _forms(tuple(left), simpler), strict=True))
        if simple is _bare:
            words = {word for form in _forms(tuple(left), _plain) for word in form.split()}
            plain = zip(known, _forms(known, _plain), strict=True)
            rest = [(name, _bare(name)) for name, form in plain if words.intersection(form.split())]
        else:
            forms = zip(known, _forms(known, simple), strict=True)
            rest = [pair for pair in forms if pair[1] in theirs]
        ours = _unique(pair for pair in rest if pair[0] not in taken)
        for key in theirs.keys() & ours.keys():
            if _marked_apart(theirs[key], ours[key]):
                continue
            matches[theirs[key]] = ours[key]
            taken.add(ours[key])
        left = [name for name in left if name not in matches]
    return {name: matches[name] for name in found if name in matches}


@lru_cache(maxsize=8)
def _forms(names: tuple[str, ...], simplify: Simplify) -> tuple[str, ...]:
    """Return the simpler form of every name; several columns are matched with the same units."""
    return tuple(map(simplify, names))


def _unique(forms: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return names by their simpler form, of which no two are equal."""
    found = grouped((form, name) for name, form in forms)
    return {key: group[0] for key, group in found.items() if len(group) == 1 and key}


def merged_from(name: str, missing: Mapping[str, str]) -> tuple[str, ...]:
    """Return the missing units that a name is made of, none unless all of its parts are.

    Examples
    --------
    >>> missing = by_plain_name(["U39", "U40", "Aa-Bb", "Cc", "North"])
    >>> merged_from("U39+U40", missing), merged_from("North and South", missing)
    (('U39', 'U40'), ())
    >>> merged_from("U39-U40", missing), merged_from("Aa-Bb+Cc", missing)
    (('U39', 'U40'), ('Aa-Bb', 'Cc'))
    """
    for mark in (JOINED, HYPHEN):
        found = tuple(missing.get(_plain(part), "") for part in mark.split(name) if part)
        if len(found) > 1 and all(found) and len(set(found)) == len(found):
            return found
    return ()


def by_plain_name(units: Iterable[str]) -> dict[str, str]:
    """Return units by names without capitals, accents and marks, of which no two are equal."""
    return _unique((name, _plain(name)) for name in units)


def one_spelling(
    names: Sequence[str], units: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the candidate of each row in one spelling, and a note for each who had several.

    Spellings that differ only by capitals, accents, punctuation and spaces are one candidate if no
    unit has two of them; the commonest is kept.

    Examples
    --------
    >>> one_spelling(["José", "Jose", "José"], ["a", "b", "c"])
    (('José', 'José', 'José'), ('José and Jose are taken for one candidate',))
    >>> one_spelling(["ADA", "Ada", "Ada"], ["a", "a", "b"])
    (('ADA', 'Ada', 'Ada'), ())
    """
    tidy = [" ".join(unicodedata.normalize("NFC", name).split()) for name in names]
    stood: dict[str, dict[str, set[str]]] = {}
    for name, unit in set(zip(tidy, units, strict=True)):
        key = folded(name).replace(" ", "")
        stood.setdefault(key, {}).setdefault(name, set()).add(unit)
    often = Counter(tidy)
    kept: dict[str, str] = {}
    notes = []
    for key, places in stood.items():
        apart = sum(map(len, places.values())) == len(set().union(*places.values()))
        if key and len(places) > 1 and apart:
            spellings = [n for n, _ in often.most_common() if n in places]
            kept |= dict.fromkeys(spellings, spellings[0])
            said = "{names} are taken for one candidate"
            notes.append(Message(said, names=" and ".join(spellings)))
    return tuple(kept.get(name, name) for name in tidy), tuple(sorted(notes))


def matched_people(found: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return whom names mean: as written, else but for capitals and accents, else by a part.

    Parameters
    ----------
    found : sequence of str
        Names as people write them.
    known : mapping of str to str
        Every writing that is known, and whom it means. Two people may differ by capitals only.

    Returns
    -------
    dict
        Name to person; names that mean nobody, or may mean two people, are left out.

    Examples
    --------
    >>> known = {"Andrzej Duda": "duda", "Rafał Trzaskowski": "t", "ADA": "x", "Ada": "y"}
    >>> matched_people(["Duda", "trzaskowski rafal", "Ada", "ada", "Eve"], known)
    {'Duda': 'duda', 'trzaskowski rafal': 't', 'Ada': 'y'}
    >>> matched_people(["Philippe"], {"Édouard Philippe": "e", "Philippe Poutou": "p"})
    {'Philippe': 'e'}
    >>> matched_people(["M. DUDA", "1. Eve Cox", "Fox (PO)"], {"Jan Duda": "d", "4. Eve Cox": "c"})
    {'M. DUDA': 'd', '1. Eve Cox': 'c'}
    """
    return {name: means for name in found if (means := _person(name, known))}


@lru_cache(20_000)
def _own(name: str) -> tuple[str, ...]:
    """Return the words of a person's name alone, as folded: without a number, title or party.

    Examples
    --------
    >>> _own("M. DUPONT"), _own("4. Dan Dogwood"), _own("Dupont (PS)"), _own("Dr")
    (('dupont',), ('dan', 'dogwood'), ('dupont',), ('dr',))
    """
    words = folded(LISTED.sub("", name)).split()
    return tuple(word for word in words if word not in TITLES) or tuple(folded(name).split())


def _person(name: str, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    plain = tuple(folded(name).split())
    written = [(tuple(folded(other).split()), person) for other, person in known.items()]
    exact = {person for words, person in written if words == plain}
    if exact or not plain:
        return exact.pop() if len(exact) == 1 else ""
    return _meant(plain, written) or _meant(_own(name), [(_own(n), p) for n, p in known.items()])


def _meant(name: tuple[str, ...], written: Sequence[tuple[tuple[str, ...], str]]) -> str:
    """Return the only person whose name has all words of one, or the other way round, else ""."""
    if len(name) == 1:  # a surname before a part of somebody else's name
        last = {person for other, person in written if other[-1:] == name}
        if len(last) == 1:
            return last.pop()
    near, words = set(), set(name)
    for other, person in written:
        parts = set(other)
        within = words <= parts or (parts <= words and len("".join(parts)) > 2)
        if parts and (within or _shortens(words, parts) or _shortens(parts, words)):
            near.add(person)
    return near.pop() if len(near) == 1 else ""


def _shortens(words: set[str], parts: set[str]) -> bool:
    """Return whether words are parts of a name, some of them by a letter: "A. Duda"."""
    whole = {word for word in words if len(word) > 1}
    rest = [part[0] for part in parts - whole]
    return bool(whole) and whole < words and whole <= parts and words - whole <= {*rest}


def people_by_surname(names: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return whom names mean that are a surname with a party of its own beside it.

    The party stands behind it, or in front of it as an abbreviation, and says nothing that columns
    are called, but for votes. Where two have the same words beside them, or are one person's, no
    name means anybody.

    Examples
    --------
    >>> known = {"Andrzej Duda": "duda", "Rafał Trzaskowski": "t"}
    >>> people_by_surname(["Duda Law and Justice", "KO Trzaskowski", "Maria Duda"], known)
    {'Duda Law and Justice': 'duda', 'KO Trzaskowski': 't'}
    >>> people_by_surname(["Duda Green", "Trzaskowski Green"], known)
    {}
    """
    parts = {tuple(folded(writing).split()): person for writing, person in known.items()}
    last = grouped((words[-1], person) for words, person in parts.items() if words)
    found, beside = dict[str, str](), list[str]()
    for name in names:
        person, rest = _with_rest(name, parts, last)
        if person and _is_party(rest):
            found[name] = person
            beside.append(name if role_of(rest) == "votes" else folded(rest))
    unique = len({*found.values()}) == len({*beside}) == len(found)
    return found if unique else {}


def _with_rest(
    name: str, parts: Mapping[tuple[str, ...], str], last: Mapping[str, Sequence[str]]
) -> tuple[str, str]:
    """Return the only person with a surname at an end of a name, and the rest; else two blanks."""
    words = BESIDE_NAMES.split(name)
    plain = [folded(word) for word in words]
    people = {person for word in plain for person in last.get(word, ())}
    if len(people) != 1:
        return "", ""
    person = people.pop()
    own = {word for words, who in parts.items() if who == person for word in words}
    k = next((k for k, word in enumerate(plain) if word not in own), len(words))
    if any(word in last for word in plain[:k]):
        return person, " ".join(words[k:])
    k = next((k for k, word in enumerate(plain) if word in own), 0)
    rest = " ".join(words[:k])
    told = ABBREVIATED.fullmatch(rest) or role_of(rest) == "votes"
    return (person, rest) if {*plain[k:]} <= own and told else ("", "")


def _is_party(text: str) -> bool:
    """Return whether a text may be a party's name: a capital, and no word but for votes."""
    known = (role for word in folded(text).split() for role in words_of(word))
    return text[:1].isupper() and {*known} <= {"party", "votes"}


def meant_people(names: Sequence[str], candidates: Sequence[str]) -> tuple[str, ...]:
    """Return the candidates that names mean; names that mean nobody stay as they are."""
    if isinstance(names, str):
        raise InputError(f"finalists must be a list of names, not one - found {names!r}")
    found = matched_people(list(names), {c: c for c in candidates})
    return tuple(found.get(name) or _part_of(name, candidates) for name in names)


def _part_of(name: str, candidates: Sequence[str]) -> str:
    """Return the only candidate whose name has this part, else the name as it is."""
    part = name.strip().casefold()
    whole = [c for c in candidates if part and part in c.casefold()]
    return whole[0] if len(whole) == 1 else name
