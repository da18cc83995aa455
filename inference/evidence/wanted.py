"""What a question asks for: its content words, what it names, and the kind of thing that would answer it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from inference.evidence.kinds import Kind, kind_of
from inference.evidence.synonyms import synonyms
from inference.terms import content_terms

NUMBERED = re.compile(r"\b(?=[\w./-]*\d)\w[\w./-]*\w\b")
"""Years, part numbers, clauses, amounts: anything of two characters or more with a digit."""
CAPITALISED = re.compile(r"(?<=[\w,;:] )(?!I\b)[A-ZÄÖÜ][\w-]*\w(?: [A-ZÄÖÜ][\w-]*\w)*")
"""Names, in the middle of a sentence."""
NOUNS_ARE_CAPITALISED = "de"
"""In German capitals mean only that a word is a noun."""
POSSESSIVE = re.compile(r"['’]s?$")
SPOKEN = re.compile(r"[^\s,;:!?()\"“”„»«]+")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
QUARTER = re.compile(
    r"\b(?:(first|erste[nsm]?|1st|q1)|(second|zweite[nsm]?|2nd|q2)|(third|dritte[nsm]?|3rd|q3)|(fourth|vierte[nsm]?|4th|q4))"
    r"(?:(?<=q\d)| (?:quarter|quartal))",
    re.IGNORECASE,
)
_OF_THE_ASKING = """
    many much long often soon far high large old quickly must may shall need needs get gets got tell happens happen
    mean means kind sort usual reason exactly currently current please give given named called keep keeps kept come
    came bring brings brought off over back last know use used take takes say says like ahead between compare
    difference now
    viel viele vielen hoch lange oft bekomme bekommt gilt gibt heißt bitte genau derzeit aktuell nutzen benutzen
    unterschied zwischen vergleiche jetzt
"""
OF_THE_ASKING = frozenset(_OF_THE_ASKING.split())
"""Words that shape a question and need not stand in its answer. English, German."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer must deal with.

    `words` are the content words as they were asked, each with the term ids that stand for it: its own and those
    of words that say the same. `kind` is None where anything may be the answer.
    """

    language: str
    words: Mapping[str, tuple[frozenset[int], ...]]
    numbers: frozenset[str]
    names: frozenset[str]
    years: frozenset[str]
    quarters: frozenset[str]
    kind: Kind | None


def wanted(question: str, language: str = "") -> Wanted:
    """`language` is the question's (ISO 639-1)."""
    return Wanted(
        language=language,
        words=_words(question, language),
        numbers=frozenset(NUMBERED.findall(question)),
        names=_names(question, language),
        years=years_of(question),
        quarters=quarters_of(question),
        kind=kind_of(question),
    )


def years_of(text: str) -> frozenset[str]:
    return frozenset(YEAR.findall(text))


def quarters_of(text: str) -> frozenset[str]:
    """Of a year, as “1” to “4”, however they are written."""
    return frozenset(
        str(place)
        for match in QUARTER.finditer(text)
        for place, written in enumerate(match.groups(), 1)
        if written
    )


def _words(question: str, language: str) -> dict[str, tuple[frozenset[int], ...]]:
    spoken = (POSSESSIVE.sub("", word.strip(".'’")) for word in SPOKEN.findall(QUARTER.sub(" ", question)))
    asked = (word for word in spoken if word.casefold() not in OF_THE_ASKING)
    words = {
        word: tuple(content_terms(each, language) for each in (word, *synonyms(word)))
        for word in asked
        if content_terms(word, language)
    }
    for quarter in QUARTER.finditer(question):
        # One word, which “Q1” answers for as well as “first quarter”.
        written = (quarter[0], *(f"Q{number}" for number in quarters_of(quarter[0])))
        words[quarter[0]] = tuple(content_terms(each, language) for each in written)
    return words


def _names(question: str, language: str) -> frozenset[str]:
    if language == NOUNS_ARE_CAPITALISED:
        return frozenset()
    return frozenset(POSSESSIVE.sub("", name) for name in CAPITALISED.findall(question))
