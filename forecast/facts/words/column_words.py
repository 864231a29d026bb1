"""What the columns of official tables are called, in the languages of countries with runoffs.

The words are in `column_words.toml`. A name is understood if every word of it is known, so that
"Votes blancs" are blank ballots and "Michel Blanc" is a candidate.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from forecast.facts.words.word_lists import folded, phrase_list, word_list, words_of_polls

INVERSE = {
    "valid": "invalid",
    "ballots": "abstention",
    "votes": "abstention",
    "voters": "abstention",
}
"""What a role becomes beside a negation, such as "not valid"."""
QUANTITIES = {"invalid", "abstention", "turnout", "registered", "people", "voters", "valid",
              "ballots", "votes"}  # fmt: skip
"""Roles in whose names "number" is no code."""
BY_THE_HOUR = {"turnout", "percent", "ballots", "counted", "registered", "votes"}
"""Roles of what is counted in the course of a day."""
WITH_TOTAL = {"total", "filler", "votes", "registered", "unit", "general", "generale", "geral"}
"""Roles and words that may stand beside a word for totals in the name of one."""
NUMBER_OF = word_list("number of")
"""Words that stand in no person's name."""
PLACES = word_list("places in plural")
CODED = re.compile(r"(?:cod|cd|cve|nr|num|sg|sq|id)_|(?:№|n[°º])(?!\s*\d)", re.IGNORECASE)
"""What databases write before the name of a code."""
PART = re.compile(rf"({'|'.join(phrase_list('part of'))}) (.+)")
"""The name of a column that counts some of the people before it."""
KIND = re.compile(r"(\w[\w ]*?)\s*[-–—:(]\s*(?=[^\W\dA-Z_])")
"""What stands before a dash or bracket and a small letter: "Rejected - uncertain"."""
OTHER, SURNAMES, BLANK = word_list("other"), word_list("surnames"), word_list("blank")
"""What stands before invalid ballots, "Other null", but not before a surname: "Andre Blanc"."""
BLANK_NAMES, PARTICLES = BLANK & SURNAMES, word_list("particles")
"""Words for blank papers that are surnames, and what stands before these: "Le Blanc"."""
INITIALS = re.compile(r".*\w\s*[(\[][A-Z]{1,5}[)\]]")
"""A name with the initials of a party behind it: "Blank (D)"."""
BETWEEN = word_list("between")
"""What stands behind a word for a difference."""
CODES, WHICH = word_list("codes"), frozenset(("numer", "номер", "cislo", "stevilka"))
"""Words for codes, and those for a number that never say how many there are."""
STATION = re.compile(r"\b(?:b|bureaux?(?: de)?) vote\b")
"""What French files call a polling station, in which are no votes: "Code du b.vote"."""
WAYS = phrase_list("ways to vote")
PHRASES = {
    f" {phrase} ": f" {word} "
    for word in ("registered", "voted", "unused", "invalid", "abstention", "proxies", "box", "unit")
    for phrase in phrase_list(f"phrases for {word}")
}
NOBODY = words_of_polls()["blank"]
PHRASES |= {f" {name} ": " invalid " for text in NOBODY.split(",") if " " in (name := folded(text))}
"""What several words mean together, to a word that means the same."""
NEGATED = ("ne", "nie", "не", "un", "in", "on", "u")
"""How words begin that negate the rest."""
STEM = 4
"""Letters at least that two forms of a word share, and all but two of one."""
HOUR = re.compile(
    r"\b(?:ore|godz|klo|kl|um)\b\.?\s?\d{1,2}\b"
    r"|\b\d{1,2}(?:\s?(?:h|hrs|am|pm|uhr)|[:h.]\d\d\s?(?:am|pm|h|uhr)?)(?!\w)",
    re.IGNORECASE,
)
"""A time of day: "Turnout 12h"."""
MEASURE = re.compile(r"(.+?)\s*[(\[][^A-ZÀ-Þ)\]]{1,12}[)\]]")
"""A name with a unit behind it: "Altitude (m)"."""
PARTIES = word_list("totals and parties")
"""Words for totals that are names of parties, too."""
MOST_NAMES = 20_000
"""Names of columns whose meaning is remembered."""
MEASURED = {"people", "voters", "ballots", "registered", "unused"}
"""Roles of words for people and papers."""
TOTALS = ("total", "totals", "subtotal", "grand total", "sum total")
"""Names that nobody has."""
LONG = 4
"""Words from which a name may be understood without knowing all of them."""
COUNTED = {"votes", "ballots", "people", "voters", "registered"}
"""Roles of words for what is counted."""
COMPOUND = {*COUNTED, "valid", "invalid", "abstention", "unused", "total", "unit", "counted",
            "percent"}  # fmt: skip
"""Roles of words that are written together: "glosyniewazne", "precinctsreporting"."""
ORDINALS = word_list("first") | word_list("second")
"""What may stand beside a word for rounds."""
SEXES = word_list("men") | word_list("women")
OF_EVERYBODY = ("registered", "ballots", "valid", "invalid", "abstention")
"""What tables count of everybody, sometimes in parts."""
LETTERS = tuple(frozenset(pair) for pair in ("mf", "hf", "hm", "km", "mw", "mz", "nm", "ek"))
"""How languages shorten men and women."""


@cache
def word_table() -> dict[str, dict[str, str]]:
    """Return the words of every role by language, roles in their order of precedence."""
    return tomllib.loads((files(__package__) / "column_words.toml").read_text("utf-8"))


WAYS_AND_NAMES = frozenset(word_table()["channel"]["en"].split())
"""English words for ways to vote, which alone may be names, such as "Early" or "Advance"."""


@cache
def _roles() -> dict[str, str]:
    """Return the role of every word."""
    found: dict[str, str] = {}
    for role, languages in word_table().items():
        for word in " ".join(languages.values()).split():
            found.setdefault(folded(word), role)
    nobody = {folded(name) for name in NOBODY.split(",")} - word_list("surnames")
    return {name: "invalid" for name in nobody if " " not in name} | found


@lru_cache(MOST_NAMES)
def words_of(name: str) -> tuple[str, ...]:
    """Return the roles that the words of a column's name have, in order of precedence.

    It is empty unless every word is known and one of them says what the column is. Of a "number
    of" something one such word is enough, without it the role is "other"; of long names two are,
    if not more are unknown.

    Examples
    --------
    >>> words_of("Liczba głosów nieważnych"), words_of("Michel Blanc"), words_of("Code commune")
    (('invalid', 'votes'), (), ('code', 'unit'))
    >>> words_of("% of stations counted"), words_of("Registered voters"), words_of("Voters")
    (('counted',), ('registered',), ('ballots',))
    >>> words_of("NR_TURNO"), words_of("COD_DDE"), words_of("ANO_ELEICAO")
    (('round',), ('code',), ('year', 'contest'))
    >>> words_of("LeBlanc"), words_of("Blanco (PP)"), words_of("En blanco")
    ((), (), ('invalid',))
    """
    if HOUR.search(name) and not {*words_of(HOUR.sub("", name))}.isdisjoint(BY_THE_HOUR):
        return ("other",)
    plain = folded(name) or ("number" if "#" in name else "")
    text = f" {STATION.sub('bureau', plain)} "
    for phrase, word in PHRASES.items():
        text = text.replace(phrase, word)
    words, known = [part for word in text.split() for part in _apart(word)], _roles()
    found = [known.get(word, "digits" if word.isdigit() else "") for word in words]
    if "round" in found:  # "1º turno"
        found = ["filler" if word in ORDINALS else role
                 for word, role in zip(words, found, strict=True)]  # fmt: skip
    roles = set(found)
    blank = _is_blank_name(name, words)
    if "percent" in roles:  # beside any name: "Ada, percent"
        return ("counted",) if "counted" in roles else ("percent",)
    if "" in roles and not _official(found, words):
        # phrases: "Against all", not a Lee
        return () if blank else _of_unknown_words(name, folded(name).split())
    if ("negation" in roles and found.count("valid") > 1) or {"valid", "invalid"} <= {*words}:
        return ("ballots",)  # "valid and not valid"
    if "negation" in roles:
        roles = {INVERSE.get(role, role) for role in roles}
    roles = _settled(roles)
    if roles == {"votes", "unit"} and PLACES.intersection(words):
        roles = {"unit"}  # "bureaux de vote"
    if blank or (roles == {"channel"} and not WAYS_AND_NAMES.isdisjoint(words)):
        return ()
    return tuple(role for role in (*word_table(), "stations") if role in roles)


def _is_blank_name(name: str, words: Sequence[str]) -> bool:
    """Return whether a word for blank papers is a person's or party's name by what is beside it."""
    rest = [word for word in words if word not in BLANK_NAMES]
    beside = all(word in PARTICLES or _roles().get(word) == "party" for word in rest)
    alone = len(rest) == 1 and INITIALS.fullmatch(name) is not None
    return len(words) - len(rest) == 1 and bool(rest) and (beside or alone)


def single_words(name: str) -> list[str]:
    """Return the words of a name, those written together apart.

    Examples
    --------
    >>> single_words("precinctsTotal"), single_words("precinctsreportingpct")
    (['precincts', 'total'], ['precincts', 'reporting', 'pct'])
    """
    return [part for word in folded(name).split() for part in _apart(word)]


@lru_cache(MOST_NAMES)
def _apart(word: str) -> tuple[str, ...]:
    """Return the words that a word for people or papers is made of, or the word itself.

    Examples
    --------
    >>> _apart("glosyniewazne"), _apart("votosenblanco"), _apart("delblanco")
    (('glosy', 'niewazne'), ('votos', 'en', 'blanco'), ('delblanco',))
    """
    known, found = _roles(), list[tuple[tuple[str, ...], str]]()
    if word not in known:
        found.append(((), word))
    for parts, rest in found:
        role = known.get(rest)
        if parts and role in COMPOUND and len(rest) >= LONG - (role == "percent"):
            roles = {*map(known.get, parts), role}
            telling = COUNTED & roles or ("unit" in roles and len(roles) > 1)
            return (*parts, rest) if telling else (word,)
        for k in range(2, len(rest) - 1):
            role = known.get(rest[:k])
            if (role in COMPOUND and k >= LONG) or (parts and role == "filler"):
                found.append(((*parts, rest[:k]), rest[k:]))
    return (word,)


def counts_places(name: str) -> bool:
    """Return whether a column of numbers says how many places there are, not which.

    Examples
    --------
    >>> counts_places("Sandık Sayısı"), counts_places("Mesas"), counts_places("Mesa")
    (True, True, False)
    """
    words = {*folded(name).split()}
    counts = words.isdisjoint(WHICH) and not words.isdisjoint(PLACES | NUMBER_OF)
    return counts and "unit" in words_of(name)


def _of_unknown_words(name: str, words: Sequence[str]) -> tuple[str, ...]:
    """Return what else than its words says what a name means of which some are unknown."""
    coded = 1 < len(words) < LONG and CODES.intersection((words[0], words[-1]))
    if coded or CODED.match(name):
        return ("code",)
    roles = {_roles().get(word) for word in words}
    if "margin" in roles and not BETWEEN.isdisjoint(words):  # "Difference between c and d"
        return ("margin",)
    rest = " ".join(word for word in words if word not in OTHER)
    measured, kind = MEASURE.fullmatch(name), KIND.match(name)
    if measured and words_of(measured[1]) == ("area",):
        return ("area",)
    if (
        (any(map(_negates_valid, words)) and "valid" not in roles)
        or (0 < len(rest.split()) < len(words) and rest not in SURNAMES
            and role_of(rest) == "invalid")
        or (kind and words_of(kind[1]) == ("invalid",))
    ):  # fmt: skip
        return ("invalid",)
    return ("other",) if NUMBER_OF.intersection(words) else ()


@lru_cache(MOST_NAMES)
def _negates_valid(word: str) -> bool:
    """Return whether a word negates a form of one for valid: "недійсними", "neplatnými".

    English has no such forms, and "informed" is none of "formal".
    """
    words = " ".join(w for language, w in word_table()["valid"].items() if language != "en")
    stems = tuple(w[: max(STEM, len(w) - 2)] for w in folded(words).split() if len(w) >= STEM)
    rests = (word.removeprefix(start) for start in NEGATED if word.startswith(start))
    return _roles().get(word, "invalid") == "invalid" and any(x.startswith(stems) for x in rests)


def _official(found: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether a name is no person's although some of its words are unknown."""
    telling = sum(role in QUANTITIES for role in found)
    if NUMBER_OF.intersection(words):
        return telling > 0
    return len(found) >= LONG and telling >= max(2, found.count(""))


def _settled(roles: set[str]) -> set[str]:
    """Return the roles of words that stand together: what one says depends on the others."""
    roles = roles - {"filler", "negation", "digits", ""}
    if "listed" in roles:  # "Reg. voters", but not a region "Reg"
        roles = roles - {"listed"} | ({"registered"} if len(roles) > 1 else set())
    if roles & {"people", "voters"}:  # "registered voters", "voters", "voters who voted"
        acted = bool(roles & {"ballots", "voters"}) and not {"registered", "voters"} <= roles
        if not roles & {"invalid", "valid", "abstention"}:
            roles |= {"ballots"} if acted else {"registered"}
        roles -= {"people", "voters"}
    if {"registered", "ballots"} <= roles:
        roles -= {"registered"}
    if "registered" in roles:  # "Registered voters/turnout"
        roles -= {"turnout"}
    if roles & QUANTITIES:
        roles -= {"code", "counted"}
    if "office" in roles:
        roles = roles - {"office"} | {"contest"}
    if "round" in roles:  # "NR_TURNO"
        roles -= {"code"}
    if {"counted", "unit"} <= roles:  # "stations counted"
        return {"stations"}
    if "marked" in roles:  # "VOTOS_VB", but not a party "VB"
        return {"invalid"} if roles & {"votes", "marked"} == {"votes", "marked"} else set()
    return roles


def role_of(name: str) -> str:
    """Return what the name of a column says it is, or an empty text.

    Examples
    --------
    >>> [role_of(name) for name in ("Inscrits", "% Exprimés", "non valides", "Ada", "NUL VOTES")]
    ['registered', 'percent', 'invalid', '', 'invalid']
    >>> role_of("Number of registered voters"), role_of("Votes cast"), role_of("Código")
    ('registered', 'ballots', 'code')
    """
    roles = words_of(name)
    return roles[0] if roles else ""


def _roles_in(name: str) -> set[str]:
    """Return the roles of the words of a name, an empty text among them if one is unknown."""
    return {_roles().get(word, "") for word in folded(name).split()}


def is_filler(word: str) -> bool:
    """Return whether a word says nothing by itself, such as "of" or "number"."""
    return _roles().get(folded(word)) == "filler"


@cache
def _languages() -> dict[str, set[str]]:
    """Return the languages of every word that says what a column is."""
    found: dict[str, set[str]] = {}
    for role, languages in word_table().items():
        for language, words in languages.items():
            for word in words.split() if role != "filler" else ():
                found.setdefault(folded(word), set()).add(language)
    return found


def foreign(names: Sequence[str]) -> set[str]:
    """Return the names of one short word of a language that no other name is of.

    Such a name may be a person's: "Ala" is a Pole, although it means an area in Finnish.

    Examples
    --------
    >>> foreign(["Powiat", "Uprawnieni", "Ala", "Bolek"]), foreign(["Kunta", "Ala"])
    ({'Ala'}, set())
    """
    known = {
        n: set().union(*(_languages().get(w, set()) for w in folded(n).split())) for n in names
    }
    short = {n for n in names if known[n] and len(folded(n)) < LONG and " " not in folded(n)}
    return {
        n
        for n in short
        if not known[n] & set().union({"all", "en"}, *(known[m] for m in names if m not in short))
    }


def has_votes(name: str) -> bool:
    """Return whether a word of a name means votes."""
    return "votes" in _roles_in(name)


def is_votes(name: str) -> bool:
    """Return whether a total is one of votes or people, by its name, or called just so in English.

    Examples
    --------
    >>> [is_votes(name) for name in ("Total votes", "Totals", "Totale", "National Party")]
    [True, True, False, False]
    """
    known = _roles_in(name)
    return bool(known & (QUANTITIES - {"registered"})) or folded(name) in TOTALS


def is_voters(name: str) -> bool:
    """Return whether a column counts voters, and nobody knows of which kind.

    Examples
    --------
    >>> is_voters("Total Voters"), is_voters("Voters who voted"), is_voters("Registered voters")
    (True, False, False)
    """
    known = _roles_in(name)
    return "voters" in known and known <= {"voters", "total", "filler", "code"}


def is_measure(name: str) -> bool:
    """Return whether a name in small letters speaks of people or papers, as no person's does.

    Examples
    --------
    >>> [is_measure(name) for name in ("First-time voters", "Ballots left", "Freie Wähler", "Ada")]
    [True, True, False, False]
    """
    small = name[:1].isupper() and name[1:] == name[1:].lower()
    small = small and sum(map(str.isalpha, folded(name).split())) > 1
    return small and has_people(name)


def has_people(name: str) -> bool:
    """Return whether a word of a name means people or papers."""
    return not MEASURED.isdisjoint(_roles_in(name))


def has_word(name: str, words: str) -> bool:
    """Return whether a word of a name is in a list of words.

    Examples
    --------
    >>> has_word("Bulletins blancs", "blank"), has_word("Bulletins nuls", "blank")
    (True, False)
    """
    return not word_list(words).isdisjoint(folded(name).split())


def is_rejected(name: str) -> bool:
    """Return whether a name in small letters begins as that of invalid papers.

    A word for blank ones may begin the name of a party.

    Examples
    --------
    >>> [is_rejected(name) for name in ("Rejected firsts", "Rejected Smith", "White rose")]
    [True, False, False]
    """
    words = folded(name).split()
    small = len(words) > 1 and name[:1].isupper() and name[1:] == name[1:].lower()
    first = words[0] if small and words[0] not in SURNAMES | BLANK else ""
    return _roles().get(first) == "invalid"


def is_added(name: str) -> bool:
    """Return whether a column counts people who were added to a list on the day.

    Examples
    --------
    >>> [is_added(name) for name in ("Supplementary list", "Special ballots", "Added votes")]
    [True, False, False]
    """
    roles = _roles_in(name)
    return folded(name) in word_list("added people") or (
        has_word(name, "added to lists")
        and not roles.isdisjoint(("registered", "voters", "people"))
        and roles <= {"", "registered", "voters", "people", "unit", "filler", "date"}
    )


def is_part(name: str) -> bool:
    """Return whether a column counts some of the people of the one before it, by its name.

    Behind a single word with a capital a word must be known: "Davon" is a first name, too.

    Examples
    --------
    >>> [is_part(name) for name in ("of which postal", "davon Briefwahl", "Davon Smith")]
    [True, True, False]
    """
    found = PART.fullmatch(folded(name))
    return found is not None and (
        " " in found[1]
        or name.strip()[0].islower()
        or any(word in _roles() for word in found[2].split())
    )


def is_average(name: str) -> bool:
    """Return whether the name of a row is a word for a mean, such as "Moyenne".

    Examples
    --------
    >>> is_average("Average"), is_average("Średnia"), is_average("Mean Street")
    (True, True, False)
    """
    found = _roles_in(name)
    return "average" in found and found <= {"average", "filler"}


def is_channel(name: str) -> bool:
    """Return whether a text is nothing but a way to vote, such as "Election Day" or "by mail".

    Examples
    --------
    >>> [is_channel(name) for name in ("Advance Voting", "Wahltag", "in person", "Total", "Day")]
    [True, True, True, False, False]
    """
    text = f" {folded(name)} "
    for way in WAYS:
        text = text.replace(f" {way} ", " postal ")
    found = _roles_in(text)
    return "channel" in found and found <= {"channel", "filler", "votes", "ballots", "voters"}


def is_office(name: str) -> bool:
    """Return whether a column says what was voted on, unlike the name of a constituency.

    Examples
    --------
    >>> is_office("office"), is_office("DS_CARGO"), is_office("Circonscription")
    (True, True, False)
    """
    return role_of(name) == "contest" and "office" in _roles_in(name)


def is_total(name: str, *, whole: bool = False) -> bool:
    """Return whether the name of a row has a word for totals, or is made of such words alone.

    Examples
    --------
    >>> is_total("TOTAL North"), is_total("Ogółem"), is_total("Totaled")
    (True, True, False)
    >>> is_total("Total general", whole=True), is_total("TOTAL North", whole=True)
    (True, False)
    """
    found = {_roles().get(word, word) for word in folded(name).split()}
    return "total" in found and (not whole or found <= WITH_TOTAL)


def is_double_named(name: str) -> bool:
    """Return whether a word for totals is the name of a party, too.

    Examples
    --------
    >>> is_double_named("Razem"), is_double_named("National"), is_double_named("Total")
    (True, True, False)
    """
    return folded(name) in PARTIES


def without_sex(name: str) -> str:
    """Return the folded name of a column without men or women, empty if it speaks of neither.

    A single letter counts behind other words. What is left of "Men" is a space.

    Examples
    --------
    >>> [without_sex(n) for n in ("Registered women", "Inscrits - Hommes", "Registered F", "Men")]
    ['registered', 'inscrits', 'registered', ' ']
    >>> without_sex("Ada"), without_sex("F")
    ('', '')
    """
    words = folded(name).split()
    rest = [word for word in words if word not in SEXES]
    if len(rest) == len(words) and len(words) > 1 and words[-1] in set().union(*LETTERS):
        rest = words[:-1]
    return "" if len(rest) == len(words) else " ".join(rest) or " "


def are_sexes(parts: Iterable[str]) -> bool:
    """Return whether texts are words for men and women, or the two letters for them.

    Examples
    --------
    >>> are_sexes(["men", "women"]), are_sexes(["M", "F"]), are_sexes(["A", "B"])
    (True, True, False)
    """
    found = {folded(part) for part in parts}
    return len(found) == 2 and (found <= SEXES or found in LETTERS)


def counted_in_parts(name: str) -> str:
    """Return what a column counts of one sex or one way to vote, empty if of neither.

    Of "Men" alone that is a space.

    Examples
    --------
    >>> names = ("Registered women", "invalid, mail", "Men", "Registered", "Ada M", "Postal votes")
    >>> [counted_in_parts(name) for name in names]
    ['registered', 'invalid', ' ', '', '', '']
    """
    rest, roles = without_sex(name), words_of(name)
    if rest:
        role = role_of(rest)
        return " " if rest == " " else role if role in OF_EVERYBODY else ""
    return next((role for role in roles if role in OF_EVERYBODY), "") if "channel" in roles else ""
