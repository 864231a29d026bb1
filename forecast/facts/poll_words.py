"""What columns and rows of tables of polls are called, in many languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from forecast.facts.column_words import folded

__all__ = ["IGNORED", "is_result", "plain_name", "role_of_answer", "role_of_column"]

WORDS: Mapping[str, str] = {
    "pollster": "pollster, institute, institut, nom institut, encuestadora, firm, polling firm, "
    "firma, company, polling company, pollster name, institut de sondage, instituto, "
    "umfrageinstitut, casa, polling organisation, polling organization, agency, pollster "
    "sponsor, polling firm commissioner",
    "sponsor": "sponsor, client, commanditaire, commissioner, contratante",
    "start": "start, debut enquete, fieldwork start, fieldwork start date, start date, begin, "
    "from, inicio, debut",
    "end": "end, fin enquete, fieldwork end, fieldwork end data, fieldwork end date, end date, "
    "date, dates, until, fecha, fieldwork, fieldwork date, fieldwork dates, period, fin, "
    "fecha fin, perioada, polling dates, date s conducted, dates conducted, fecha de "
    "realizacion, data",
    "published": "published, publication, publication date, published on, publicado, release date",
    "n": "n, sample, sample size, samplesize, size, echantillon, muestra, esantion, amostra, "
    "respondents, tamano de la muestra, tamano muestra",
    "round": "round, tour, vuelta, tur, turno, runde",
    "list": "list, hypothese, hypothesis, hipotesis, scenario, escenario, line up, lineup, "
    "cenario",
    "poll": "poll, poll id, id, survey id",
    "candidate": "candidate, candidat, candidato, candidata, kandidat",
    "full name": "complete name, full name, nom complet",
    "share": "share, intentions, percent, pct, intention, value, voting intention, percentage, "
    "vote",
    "undecided": "undecided, undecideds, dont know, don t know, ns nr, nsnr, nsp, dk, indecisos, "
    "indecis, indecisi, unsure, no sabe, ns nc, undecided dk, don t know no answer, would "
    "not say, nehotarati, nehotarat, nu stiu, nu stiu nu raspund, niezdecydowani, "
    "niezdecydowany, nie wiem, trudno powiedziec, indeciso, indecisa, indecisas, não sabe, "
    "não sabe não responde, no sabe no contesta, no contesta, indécises, ne se prononce pas, "
    "ne se prononcent pas, sans opinion, unentschlossen, unentschieden, unentschlossene, "
    "weiß nicht, keine angabe, indecisi non sa, non sa, incerti, kararsız, kararsızlar, "
    "fikrim yok, не визначились, не визначилися, невизначені, важко відповісти, важко сказати, "
    "не определились, неопределившиеся, затрудняюсь ответить, затруднились ответить, "
    "нерешени, неопределени, neodlučni, neodlučan, неодлучни, neopredeljeni, nerozhodnutí, "
    "nerozhodní, neví, nevie, bizonytalan, bizonytalanok, nem tudja, onbeslist, zwevend, "
    "weet niet, osäkra, vet ikke, vet ej, usikre, epävarmat, ei osaa sanoa, αναποφάσιστοι, "
    "δεν ξέρω, გადაუწყვეტელი, გადაუწყვეტელები, არ ვიცი, მიჭირს პასუხი, չկողմնորոշված, "
    "neapsisprendę, neizlēmuši, otsustamata, të pavendosur, i pavendosur, belum memutuskan, "
    "tidak tahu, tidak menjawab",
    "would_not_vote": "would not vote, abstention, abstain, abstencion, no votaria, non voters, "
    "abstencao, não votaria, abstentionnistes, absentionism, absenteism, nu votez, nie "
    "głosował bym, nie pójdę głosować, nichtwähler, astensione, astenuti, oy kullanmayacak, не "
    "голосуватиму, не братиму участі, не пойду голосовать, არ მივიღებ მონაწილეობას, nevoliči",
    "blank": "blanco, blank, none, ninguno, nulo, nulos, blancs, brancos, branco, blank null, "
    "nul, vot alb, voto nulo, brancos e nulos, ungültig, "
    "blancs nuls, none of the above, voto en blanco, spoilt, blank invalid, blank votes, "
    "votes blancs",
    "others": "others, other, otros, otro, autres, autre, altii, other candidates, outros, "
    "outro, alții, altul, alt candidat, alți candidați, otros candidatos, autres candidats, "
    "inni, inny, pozostali, inny kandydat, sonstige, andere, andere kandidaten, altri, altro, "
    "altri candidati, diğer, diğerleri, інші, інший, інші кандидати, другие, другой, прочие, "
    "други, ostali, drugi, druge, остали, ostatní, iní, jiní, jiný, egyéb, mások, overig, "
    "overige, övriga, muut, άλλοι, λοιποί, სხვა, სხვები, სხვა კანდიდატი, ուրիշ, այլ, "
    "kiti, citi, teised, muud, të tjerët, të tjerë, lainnya, rest, someone else, somebody else",
    "withdrawn": "withdrawn, retrait candidature",
    "kind": "kind",
    "month": "month, mois, mes, luna, year, ano, an, annee",
    "excluded": "not included, not included in the calculations, excluded",
}  # fmt: skip
"""What columns may be called, in small letters without accents."""
NAMED = {folded(name): role for role, names in WORDS.items() for name in names.split(",")}
TELLING: Mapping[str, str] = {
    "pollster": "pollster pollsters polling institute encuestadora",
    "n": "sample muestra amostra",
    "end": "conducted fieldwork dates",
    "undecided": "undec unsure dk " + " ".join(
        name for name in WORDS["undecided"].split(", ") if " " not in name and len(name) > 6
    ),
    "blank": "blank blanks blanco blancos brancos nulos null invalid",
    "would_not_vote": "abst abstention abstain",
    "others": "other others otros autres outros",
}  # fmt: skip
"""Words that tell what a column is whose whole name is none of `WORDS`."""
TOLD = {folded(word): role for role, tell in TELLING.items() for word in tell.split()}
IGNORED = (
    "margin margen error erreur moe response respuesta tasa month mode lead leader surname "
    "population parti party annonce rolling media filename second round municipios int voto fuente "
    "source link lien url notes note base basis tipo muestreo sous no unnamed column total"
)
"""Words in names of columns that hold no candidate."""

COUNTED = re.compile(
    r"\b(resultad|result|official|registraduria|actual|wynik|ergebnis|risultat|rezultat|resultat|"
    r"sonuc|результат|резултат|შედეგ|vysledk|eredmeny|uitslag|tulos|αποτελεσμα|oficial|officiel)"
)
"""Pollsters that are none: the count itself, which no forecast may read."""
ELECTIONS = """election elections elecciones eleccion eleicao eleicoes wybory wahl wahlen elezioni
    elezione alegeri alegerile secim secimi secimleri вибори выборы избори არჩევნები volby vaalit
    valasztas εκλογες presidentielle presidentielles legislatives"""
ELECTION = frozenset(folded(ELECTIONS).split())
"""Words for an election."""
BESIDE_WORDS = """general presidential parliamentary legislative first second round tour vuelta
    turno runoff de la el des du of the previous last presidencial presidenciales generales
    prezydenckie prezidentiale президента президентські"""
BESIDE = frozenset(folded(BESIDE_WORDS).split())
"""Words beside them in the name of a row that is an earlier election."""


def role_of_column(name: str) -> str | None:
    """Return what a column is by its name, else by the first word that tells; None: nobody knows.

    Examples
    --------
    >>> names = ("Pollster/client(s)", "Abst. Undec.", "Nehotărâți", "Інші", "Ada")
    >>> [role_of_column(name) for name in names]
    ['pollster', 'undecided', 'undecided', 'others', None]
    """
    words = plain_name(name)
    found = set(words.split()) - {"of", "the"}
    telling = (role for role in TELLING if any(TOLD.get(w) == role for w in found))
    return NAMED.get(words) or next(telling, None)


def plain_name(name: str) -> str:
    """Return a name in small letters, without accents and marks."""
    return folded(name).replace("%", " ").strip()


def role_of_answer(name: str) -> str | None:
    """Return what an answer is that names no candidate, such as "undecided"; None if it may be."""
    return NAMED.get(plain_name(name))


def is_result(pollster: str) -> bool:
    """Return whether a row is a count and no poll.

    Examples
    --------
    >>> [is_result(name) for name in ("Wynik wyborów", "2021 election", "Election Data", "CSA")]
    [True, True, False, False]
    """
    words = folded(pollster)
    named = {word for word in words.split() if not word.isdigit()}
    return bool(COUNTED.search(words) or (named & ELECTION and named <= ELECTION | BESIDE))
