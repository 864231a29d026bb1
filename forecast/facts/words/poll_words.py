"""What columns, rows and people asked are called in tables of polls, in many languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from forecast.facts.words.column_words import (
    BLANK_NAMES,
    PARTICLES,
    is_average,
    role_of,
    word_table,
    words_of,
)
from forecast.facts.words.months import month_words
from forecast.facts.words.word_lists import folded, word_list, words_of_polls

WORDS = words_of_polls()
NAMED = {folded(name): role for role, names in WORDS.items() for name in names.split(",")}
TELLING: Mapping[str, str] = {
    "pollster": "pollster pollsters polling institute encuestadora",
    "n": "sample muestra amostra orneklem",
    "end": "conducted fieldwork dates",
    "undecided": "undec unsure dk sabe sure not tidak tahu " + " ".join(
        name for name in map(folded, WORDS["undecided"].split(","))
        if " " not in name and len(name) > 6
    ),
    "blank": "blank blanks blanco blancos brancos nulos null invalid",
    "would_not_vote": "abst abstention abstain abstainers nonvoters",
    "others": "other others otros autres outros",
}  # fmt: skip
"""Words that tell what a column is whose whole name is none of `WORDS`."""
TOLD = {folded(word): role for role, tell in TELLING.items() for word in tell.split()}
NO_SHARES = word_list("no candidate")
"""Words in names of columns that hold no candidate."""
CHANGE = word_list("change")
ANSWERS = ("undecided", "would_not_vote", "blank", "others")
"""What people answered who named no candidate."""
TOGETHER = re.compile(
    r"\s*(?:[/,;&+]|\b(?:and|or|et|ou|y|o|e|und|oder|i|lub|și|sau|и|или|та|або)\b)\s*"
)
UNITS = re.compile(r"[(\[]\s*(?:%|p\.?p\.?|pts?\.?|pkt\.?|±|\+\s?/\s?[-−–])\s*[)\]]")
"""What numbers of a column are in."""
NOTHING_SAID = re.compile(r"no (?!of\b)\w|(?:do|does|did|wo|would|ca|could)n t \w|won t \w")
"""How answers such as "no preference" begin, but not numbers."""
REFUSED = re.compile(
    r"\b(refus|rehus|recusa|recuso|rifiut|verweiger|odmow|odmaw|odmit|odmiet|odbij|odbiv|"
    r"отказ|відмов|одбив|одбиј)"
)
"""How words for those who do not answer begin."""
NEGATIONS = frozenset(map(folded, word_table()["negation"]["all"].split()))
NEGATED = ("kein", "keine", "keinen")
"""Words in answers such as "Não sei", and those that stand before a noun."""
OTHERS = {name for name, role in NAMED.items() if role == "others"} | word_list("other")
ARTICLES = frozenset(("a", "an", "the", "un", "une", "uno", "una", "ein", "eine", "les", "los"))
"""Words before those for others: "Un autre"."""
OFFICIAL = {"margin": "aside", "turnout": "aside", "invalid": "blank",
            "abstention": "would_not_vote"}  # fmt: skip
"""What columns are whose names official tables know; words for totals are names of parties, too."""
SURNAMES = word_list("surnames")
"""Words that tell what a column is, and that may be surnames."""
OF_PARTIES = frozenset(["lead", "total", "rating", "weight", "net", "unsure"])
"""Words that may stand before the word party in its name."""
PARTY = frozenset({"party", "parti", "partido", "partei"})
"""Words for a party, which may stand beside its name or that of a person."""
LEADS = frozenset({"lead", "ahead", "net lead", "gap", "spread"})
SHORT = 3
"""Letters of a word that may be a name in another language, such as Bos."""
DAY_AND_YEAR, YEAR = 2, 4
"""Numbers of a day, and digits of a year."""
FIRST_AND_LAST = 2
"""Words of a person's name."""
AVERAGE = word_list("average")
"""Words that are in no pollster's name."""
SURVEY = word_list("survey")
MODEL = word_list("model")
"""Words for what is made of polls."""
COUNTED = re.compile(
    r"\b(resultad|result|official|registraduria|actual|wynik|risultat|rezultat|izid|hasil pemil|"
    r"sonuc|результат|резултат|შედეგ|vysled|eredmeny|αποτελεσμα|oficial|officiel|نتيجة|نتايج|النتايج|"
    r"matokeo)|(ergebnis|resultat|resultatet|uitslag|tulos|tulokset|tulemus|tulemused)\b"
)
"""Pollsters that are none: the count itself, which no forecast may read."""
ELECTION = word_list("election")
"""Words for an election."""
OF_ELECTION = ("wahl", "wahlen", "vaalit", "valg", "valget", "valet", "verkiezing", "verkiezingen")
"""How words for an election end that begin with what is elected: "Nationalratswahl"."""
BESIDE = word_list("earlier election")
"""Words beside them in the name of a row that is an earlier election."""
RUNOFF = word_list("runoff")
ROUNDS = RUNOFF | word_list("first") | word_list("second")
"""Words for rounds, which stand there as well."""
NATIONAL = word_list("national")
"""Words for all of a country."""
POPULATIONS = ("lv likely probable probables", "rv registered inscrits", "a adults adult everybody")
"""Words for whom a poll asked, those whose answers are nearest to the vote first."""
RANKS = tuple(frozenset(words.split()) for words in POPULATIONS)


def role_of_column(name: str) -> str | None:
    """Return what a column is by its name, else by the first word that tells; None: nobody knows.

    Names of official tables are known as well: "Vorsprung" is no candidate, "Nieważne" are blank.

    Examples
    --------
    >>> names = ("Pollster/client(s)", "Abst. Undec.", "Nehotărâți", "Інші", "Ada")
    >>> [role_of_column(name) for name in names]
    ['pollster', 'undecided', 'undecided', 'others', None]
    >>> [role_of_column(name) for name in ("Náskok", "Others / Undecided", "Ungültige", "Marge")]
    ['aside', 'undecided', 'blank', 'aside']
    """
    words = plain_name(name)
    found = set(words.split()) - {"of", "the"}
    telling = (role for role in TELLING if any(TOLD.get(w) == role for w in found))
    if known := NAMED.get(words) or _of_parts(name) or next(telling, None):
        return known
    if NOTHING_SAID.match(words) or _declines(name):
        return "undecided"
    if _are_others(words):
        return "others"
    either = [NAMED.get(plain_name(part)) for part in name.split("/")]
    if len(either) > 1 and (answer := next((x for x in ANSWERS if x in either), None)):
        return answer
    found = {w for w in found if w not in PARTY or not partly_known(name)}  # "Ada (Green Party)"
    change = found and found <= CHANGE
    nothing = change or found & (NO_SHARES | AVERAGE) or not any(map(str.isalnum, words))  # "+/-"
    return "aside" if nothing else _official(name)


def _declines(name: str) -> bool:
    """Return whether a name has a negation in small letters, or begins with one, or refuses.

    Examples
    --------
    >>> names = ("Не зная", "Vill ej svara", "Keine Wahl", "Odmowa", "Ne Win", "No. of polls")
    >>> [_declines(name) for name in names]
    [True, True, True, True, False, False]
    """
    plain = plain_name(name)
    if REFUSED.search(plain):
        return True
    first, *rest = re.split(r"[\s_]+", name.strip())
    words = [folded(word) for word in rest]
    told = NEGATIONS.intersection(words) - ({"no", "nu"} if len(rest) == 1 else set())
    begins = folded(first) in NEGATIONS and plain[:3] != "no "
    small = bool(rest) and " ".join(rest).islower()
    return (small and (begins or bool(told))) or (bool(rest) and folded(first) in NEGATED)


def _are_others(plain: str) -> bool:
    """Return whether words are for others, and for candidates: "Un autre", "Another candidate"."""
    words = plain.split()
    rest = [w for w in words if w not in OTHERS]
    known = all(w in ARTICLES or role_of(w) in ("candidate", "party", "people") for w in rest)
    return len(words) > len(rest) and known


def beside_surname(name: str) -> str:
    """Return the unknown word before one that may be a surname, or before "party"; else nothing.

    Words for blank may be the surname behind a particle as well, or the name of a party.

    Examples
    --------
    >>> names = ("Joe Lead", "Net Lead", "Rating Party", "joe_lead", "Lead")
    >>> [beside_surname(name) for name in names]
    ['joe', '', 'rating', '', '']
    >>> [beside_surname(name) for name in ("De Bianchi", "LeBlanc", "Partido Blanco", "En Blanco")]
    ['de', 'le', 'partido', '']
    """
    words = folded(name).split()
    titled = name.istitle() or "".join(words).title() == name.title() != name
    if len(words) != FIRST_AND_LAST or not titled or folded(name) in NAMED:
        return ""
    first, last = words
    if last in BLANK_NAMES and first in PARTICLES | PARTY:
        return first
    person = last in SURNAMES and first.isalpha() and first not in _known() and not words_of(first)
    return first if person or (last == "party" and first in OF_PARTIES) else ""


def is_surname(name: str) -> bool:
    """Return whether a name is one word that is a surname as well, such as "Blanco"."""
    return folded(name) in SURNAMES - {"other", "blank"}


@cache
def _known() -> frozenset[str]:
    """Return all words that columns, rows and answers of tables of polls are called."""
    told = {word for name in NAMED for word in name.split()}
    return frozenset(told) | {*TOLD} | NO_SHARES | AVERAGE | SURVEY | ELECTION | BESIDE | NATIONAL


def partly_known(name: str) -> bool:
    """Return whether a name that tells what a column is has words that nobody knows, as people."""
    words = plain_name(name).split()
    unknown = (len(w) > 1 and w not in _known() and not words_of(w) for w in words)
    return not _of_parts(name) and any(unknown)


def is_lead(name: str) -> bool:
    """Return whether a name says that a column is somebody's lead.

    Examples
    --------
    >>> is_lead("Lead"), is_lead("Vorsprung"), is_lead("Margin of error")
    (True, True, False)
    """
    return plain_name(name) in LEADS or role_of(name) == "margin"


def _official(name: str) -> str | None:
    return OFFICIAL.get(role_of(name)) if len(plain_name(name)) > SHORT else None


def _of_parts(name: str) -> str | None:
    """Return what several answers in one column are, the first of `ANSWERS` that is among them."""
    parts = {NAMED.get(plain_name(part)) for part in TOGETHER.split(name)}
    return next((role for role in ANSWERS if role in parts), None) if parts <= {*ANSWERS} else None


def plain_name(name: str) -> str:
    """Return a name in small letters, without accents, marks and units."""
    return folded(UNITS.sub("", name)).replace("%", " ").strip()


def role_of_answer(name: str) -> str | None:
    """Return what an answer is that names no candidate, such as "undecided"; None if it may be."""
    words = plain_name(name)
    if known := NAMED.get(words) or _of_parts(name):
        return known
    if beside_surname(name):
        return None
    if NOTHING_SAID.match(words) or _declines(name):
        return "undecided"
    return "others" if _are_others(words) else _official(name)


def no_poll(pollster: str, *, asked: bool | None = None) -> str:
    """Return why a row is no poll by who is said to have asked; an empty text if it may be one.

    Parameters
    ----------
    pollster : str
        The name.
    asked : bool, optional
        Whether the row has a day and a sample as others have, so that only a name that is nothing
        but a word for averages or results says that it is none; false if it has neither, so that
        one such word is enough.

    Examples
    --------
    >>> [no_poll(name) for name in ("RCP Average", "Média das pesquisas", "Poll of polls")]
    ['an average of polls', 'an average of polls', 'an average of polls']
    >>> [no_poll(name) for name in ("Wynik wyborów", "2021 election", "First round")]
    ['a result, not a poll', 'a result, not a poll', 'a result, not a poll']
    >>> no_poll("538"), no_poll("Polls forecast"), no_poll("Forecasting Inc")
    ('a forecast, not a poll', 'a forecast, not a poll', '')
    >>> no_poll("Nationalratswahl 2021"), no_poll("24 April 2022")
    ('a result, not a poll', 'no poll')
    >>> [no_poll(name) for name in ("Election Data", "CSA", "Pulse Media", "First")]
    ['', '', '', '']
    >>> [no_poll("Aggregate IQ", asked=asked) for asked in (True, None)]
    ['', 'an average of polls']
    >>> [no_poll("Media semanal", asked=asked) for asked in (None, False)]
    ['', 'an average of polls']
    """
    words = folded(pollster)
    named = {word for word in words.split() if not word.isdigit()}
    means = {word for word in named if is_average(word) or word in AVERAGE}
    mean = not asked and (is_average(pollster) or bool(named & AVERAGE))
    if mean or words == "poll of polls" or (means and (asked is False or named <= means | SURVEY)):
        return "an average of polls"
    if not asked and (words == "538" or (named & MODEL and named <= MODEL | SURVEY | AVERAGE)):
        return "a forecast, not a poll"
    if _is_day(pollster):
        return "no poll"
    elections = {word for word in named if word in ELECTION or word.endswith(OF_ELECTION)}
    results = {word for word in named if COUNTED.search(word)}
    of_election = results or elections or len(words.split()) > 1 or named == {"runoff"}
    result = named and of_election and named <= results | elections | BESIDE | ROUNDS
    told = COUNTED.search(words) if asked is None else asked is False and (
        COUNTED.search(words) or elections or named & RUNOFF)  # fmt: skip
    return "a result, not a poll" if result or told else ""


def _is_day(text: str) -> bool:
    """Return whether a text is a day and nothing else, such as "24 April 2022" or 2022-04-24."""
    words = folded(text).split()
    numbers = [word for word in words if word.isdigit()]
    rest = [word for word in words if not word.isdigit()]
    if len(numbers) < DAY_AND_YEAR or not any(len(number) == YEAR for number in numbers):
        return False
    return len(numbers) == len(words) or set(month_words([text], "")) == set(rest)


def is_exit_poll(kind: str, pollster: str) -> bool:
    """Return whether people were asked who had voted, as the kind of a row or its pollster says.

    Examples
    --------
    >>> is_exit_poll("", "Ipsos (exit poll)"), is_exit_poll("poll", "Existence")
    (True, False)
    """
    return "exit" in folded(f"{kind} {pollster}").split()


def rank_of_population(text: str) -> int:
    """Return 0 for likely voters, 1 for registered ones, 2 for adults, 3 for anybody else.

    Examples
    --------
    >>> [rank_of_population(text) for text in ("800 LV", "Registered voters", "All adults", "")]
    [0, 1, 2, 3]
    """
    words = {*folded(text).split()}
    return next((rank for rank, said in enumerate(RANKS) if words & said), len(RANKS))


def is_likely(text: str) -> bool:
    """Return whether a text says that a poll asked likely voters."""
    return rank_of_population(text) == 0
