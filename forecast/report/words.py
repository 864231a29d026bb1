"""Numbers as readers of a page see them: whole percents, thousands, and words for probabilities.

All of it is in the language that is spoken, see `languages`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import reduce
from importlib.metadata import version

from forecast.display import rate
from forecast.facts.advancement import Advancement
from forecast.facts.contest import Contest
from forecast.facts.ledger import INVALID, NON_VOTERS, NONE
from forecast.first_round.opinion import SOMEBODY
from forecast.outcome.conditions import Condition
from forecast.outcome.flows import OTHERS
from forecast.outcome.probability import Quantity, probability_fraction
from forecast.report.languages import number, percent_sign, say, territory

marked = str
"""Marks messages that are said later, for those who collect messages."""
ORIGINS = {
    INVALID: marked("invalid"),
    NON_VOTERS: marked("non-voters"),
    NONE: marked("nobody"),
    OTHERS: marked("others eliminated"),
    "others": marked("others"),
    "newcomers": marked("newcomers"),
    SOMEBODY: marked("somebody else"),
    "*": marked("other eliminated candidates"),
}
"""Groups of people that are no candidate."""
INPUTS = {
    "swing": marked("movement of all voters"),
    "mobilisation": marked("mobilisation of all"),
    "partisan mobilisation": marked("mobilisation of one side"),
    "population": marked("what past runoffs have in common"),
    "tail of the day": marked("a day unlike others"),
    "tail of the contest": marked("a contest unlike others"),
    "preference": marked("whom they choose"),
    "participation": marked("how many vote"),
    "government": marked("the government’s finalist"),
    "rival": marked("the rival"),
    "other finalist": marked("the other finalist"),
    "leader": marked("the leader"),
    "runner-up": marked("the runner-up"),
    "eliminated": marked("the eliminated"),
    "non-voters": marked("non-voters"),
    "own": marked("of their own"),
    "shift": marked("shift"),
}
"""Inputs of the model as readers are told of them."""
VARIANTS = {
    "as published": marked("as published"),
    "contests without outliers": marked("no outliers among past contests"),
    "eliminated candidates alike": marked("eliminated candidates all alike"),
    "as elsewhere": marked("as in other countries"),
    "days differ more": marked("election days differ more"),
    "the rival's voters stay": marked("the rival’s voters stay"),
    "turnout as in the history": marked("turnout as in the past runoffs"),
    "endorsements ignored": marked("endorsements ignored"),
    "without shared mobilisation": marked("no common mobilisation"),
    "without shared swing": marked("no common movement of voters"),
    "independent Dirichlet rows": marked("every group for itself"),
    "a day like all others": marked("a day like all others"),
    "20% of the uncertainty is ignorance": marked("20% of the uncertainty is ignorance"),
    "80% of the uncertainty is ignorance": marked("80% of the uncertainty is ignorance"),
    "polls ignored": marked("polls ignored"),
    "bias of polls twice as large": marked("bias of polls twice as large"),
    "no drift of opinion": marked("no drift of opinion"),
    "sponsors of polls ignored": marked("sponsors of polls ignored"),
}
"""Changes of the model as readers are told of them."""
TRAITS = {
    "margin": marked("the margin of the first round"),
    "main rival": marked("the strength of the main rival"),
}
"""Traits of a contest as readers are told of them."""


CONDITIONS = {
    "turnout": (marked("turnout is at least {value}"), marked("turnout is at most {value}")),
    "participation": (
        marked("at least {value} of those who come from {origin} vote"),
        marked("at most {value} of those who come from {origin} vote"),
    ),
    "share": (
        marked("{name} has at least {value} of the vote"),
        marked("{name} has at most {value} of the vote"),
    ),
    "preference": (
        marked("at least {value} of the voters who come from {origin} choose {name}"),
        marked("at most {value} of the voters who come from {origin} choose {name}"),
    ),
}
"""Conditions as readers are told of them: at least, at most."""
NOTES = (
    marked("days of the rounds as expected in July 2026"),
    marked(
        "polls to 10 July 2026: MieuxVoter/presidentielle2027 (MIT licence), each with its own "
        "source there"
    ),
)
"""Notes of bundled elections."""
PRIORS = (marked("learned from Georgian runoffs 2014-2016"),)
"""Names of bundled priors."""


def title(text: str) -> str:
    """Return a contest's title: that of a bundled one in the language that is spoken.

    Examples
    --------
    >>> from forecast.report.languages import speaking
    >>> with speaking("fr"):
    ...     title("Georgia, presidential election 2018"), title("Our town 2030")
    ('Géorgie, élection présidentielle de 2018', 'Our town 2030')
    """
    bundled = re.fullmatch(r"(.+), presidential election (\d{4})", text)
    if bundled is None:
        return text
    country, year = territory(bundled[1]), bundled[2]
    return say("{country}, presidential election {year}", country=country, year=year)


def byline(when: str) -> str:
    """Return what made a forecast, and as of when, if that is known."""
    made = version("runoff-forecast")
    if not when:
        return say("Forecast: runoff-forecast {version}.", version=made)
    return say("Forecast: runoff-forecast {version}, as of {day}.", version=made, day=when)


def origin_name(key: str, labels: Mapping[str, str]) -> str:
    """Return the name of a candidate or a group of people as printed.

    Examples
    --------
    >>> origin_name("ada", {"ada": "Ada L."}), origin_name("none", {})
    ('Ada L.', 'nobody')
    """
    if key in ORIGINS and labels.get(key, key) == key:
        return say(ORIGINS[key])
    pooled = re.fullmatch(r"(\d+) others eliminated", key)
    return say("{n} others eliminated", n=pooled[1]) if pooled else labels.get(key, key)


def condition(text: str, contest: Contest) -> str:
    """Return a condition of a forecast in a reader's words, as they follow "if".

    Examples
    --------
    >>> from forecast import load_contest
    >>> georgia = load_contest("georgia-2018")
    >>> condition("turnout >= 52.5%", georgia)
    'turnout is at least 52.5%'
    >>> condition("bakradze -> vashadze < 70%", georgia)
    'at most 70% of the voters who come from Davit Bakradze choose Grigol Vashadze'
    """
    found = Condition.parse(text, contest.key)
    least = found.high == 1
    sentence = CONDITIONS[found.what][0 if least else 1]
    return say(
        sentence,
        value=_exactly(found.low if least else found.high),
        origin=origin_name(found.origin, contest.labels),
        name=contest.label(found.finalist),
    )


def variant_name(name: str) -> str:
    """Return a change of the model in a reader's words.

    Examples
    --------
    >>> variant_name("trait 'margin' as on average"), variant_name("another")
    ('the margin of the first round as on average', 'another')
    """
    trait = re.fullmatch(r"trait '(.*)' as on average", name)
    if trait:
        return say("{trait} as on average", trait=say(TRAITS.get(trait[1], trait[1])))
    country = re.fullmatch(r"as in (\d{4}) to (\d{4})", name)
    if country:
        return say("as in {first} to {last}", first=country[1], last=country[2])
    return say(VARIANTS.get(name, name))


BASES = {
    "valid": marked("the valid votes"),
    "ballots": marked("all ballots"),
    "registered": marked("the registered"),
}
"""What fractions of a rule of advancement are of."""


def rule_name(rule: Advancement) -> str:
    """Return a rule of advancement as readers are told of it.

    Examples
    --------
    >>> rule_name(Advancement())
    'more than 50% of the valid votes elects; otherwise the first 2 advance'
    >>> rule_name(Advancement.from_text("no majority; top two; 12.5% of registered"))
    'the first 2 advance; so does whoever has 12.5% of the registered'
    """
    base = say(BASES[rule.majority_of])
    said = []
    if rule.majority is not None:
        least = _exactly(rule.majority)
        said.append(say("more than {share} of {base} elects", share=least, base=base))
    if rule.plurality is not None:
        said.append(
            say(
                "{share} of {base} and a lead of {lead} points elects",
                share=_exactly(rule.plurality),
                base=base,
                lead=f"{100 * rule.lead:g}",
            )
        )
    if rule.quorum:
        least = _exactly(rule.quorum)
        said.append(say("not with less than {share} of the registered", share=least))
    said.append(
        say("otherwise the first {n} advance" if said else "the first {n} advance", n=rule.seats)
    )
    if rule.threshold is not None:
        least, base = _exactly(rule.threshold), say(BASES[rule.threshold_of])
        said.append(say("so does whoever has {share} of {base}", share=least, base=base))
    return reduce(lambda parts, part: say("{parts}; {part}", parts=parts, part=part), said)


def _exactly(x: float) -> str:
    """Return a fraction in percent with the decimals that it has, two at most."""
    decimals = next((d for d in (0, 1) if abs(round(100 * x, d) - 100 * x) < 1e-9), 2)
    return percent(x, decimals)


def percent(x: float, decimals: int = 0) -> str:
    """Return a fraction in percent.

    Examples
    --------
    >>> percent(0.612), percent(0.0049, 1)
    ('61%', '0.5%')
    """
    return percent_sign(number(100 * x, decimals))


def between(low: float, high: float, decimals: int = 0) -> str:
    """Return a range of fractions, such as "45 to 75%"."""
    ends = number(100 * low, decimals), number(100 * high, decimals)
    return say("{low} to {high}", low=ends[0], high=percent_sign(ends[1]))


def probability(p: float) -> str:
    """Return a probability in whole percent, never 0 or 100.

    Examples
    --------
    >>> probability(0.654), probability(0.9999), probability(0.001)
    ('65%', 'more than 99%', 'less than 1%')
    """
    if p < 0.01:
        return say("less than {p}", p=percent(0.01))
    if p > 0.99:
        return say("more than {p}", p=percent(0.99))
    return percent(p)


def whole_percent(p: float) -> str:
    """Return a probability in whole percent, never 0 or 100, where there is room for little.

    Examples
    --------
    >>> whole_percent(0.654), whole_percent(0.9999), whole_percent(0.001)
    ('65', '>99', '<1')
    """
    return "<1" if p < 0.01 else ">99" if p > 0.99 else number(100 * p)


def in_words(p: float) -> str:
    """Return a probability as people say it.

    Examples
    --------
    >>> in_words(0.66), in_words(0.02)
    ('about 2 in 3', 'less than 1 in 20')
    """
    kind, k, n = probability_fraction(p)
    if kind == "less":
        return say("less than {k} in {n}", k=k, n=n)
    return say("more than {k} in {n}" if kind == "more" else "about {k} in {n}", k=k, n=n)


def apart(one: float, other: float) -> tuple[str, str]:
    """Return two fractions in percent, with as many decimals as tell them apart, two at most.

    Examples
    --------
    >>> apart(0.35, 0.09), apart(0.972, 0.968)
    (('35', '9'), ('97.2', '96.8'))
    """
    for decimals in (0, 1, 2):
        found = (number(100 * one, decimals), number(100 * other, decimals))
        if found[0] != found[1]:
            return found
    return number(100 * one), number(100 * other)


def input_name(name: str, labels: Mapping[str, str]) -> str:
    """Return an input of the model as printed: with the name of whom it is about.

    Examples
    --------
    >>> labels = {"ada": "Ada L."}
    >>> [input_name(n, labels) for n in ("ada: preference", "ada, shift", "swing")]
    ['Ada L.: whom they choose', 'Ada L., shift', 'movement of all voters']
    """
    parts = []
    for text in name.split(": "):
        whose, comma, kind = text.rpartition(", ")
        if text not in labels and comma:
            parts.append(f"{_input(whose, labels)}, {_input(kind, labels)}")
        else:
            parts.append(_input(text, labels))
    return ": ".join(parts)


def _input(text: str, labels: Mapping[str, str]) -> str:
    if text in labels:
        return origin_name(text, labels)
    preference = re.fullmatch("preference for (.*)", text)
    if preference:
        return say("for {name}", name=labels.get(preference[1], preference[1]))
    return say(INPUTS.get(text, text))


def share(quantity: Quantity) -> str:
    """Return median and interval of a fraction, such as "50% [41, 60]"."""
    low, high = rate(quantity.interval.low), rate(quantity.interval.high)
    return f"{percent_sign(rate(quantity.median))} [{low}, {high}]"


def people(count: float) -> str:
    """Return a number of people with thousands separated."""
    return number(round(count))


def signed(votes: float) -> str:
    """Return a difference of votes with its sign, to three digits.

    Examples
    --------
    >>> signed(212_345.0), signed(-9_961.0), signed(0.2)
    ('+212,000', '−9,960', '0')
    """
    rounded = float(f"{votes:.3g}")
    text = number(abs(rounded))
    return text if text == "0" else ("+" if rounded > 0 else "−") + text


def points(error: float) -> str:
    """Return an error in percentage points; a small one is not none.

    Examples
    --------
    >>> points(0.0023), points(0.0001)
    ('0.2', 'less than 0.1')
    """
    return number(100 * error, 1) if error >= 0.0005 else say("less than {p}", p=number(0.1, 1))
