"""Whether what was found answers the question at all, before any model is asked.

Saying “not found” is worth something only if it is right both ways. A chunk speaks for itself by being near to the
question and by holding its words; what the question names (a part, a year, a person) and the chunk lacks speaks
against it. The weights were chosen on the sample's golden questions and on 300 of XQuAD, each of those once with its
passage and once without (docs/answers.md).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from inference.hits import Hit
from inference.terms import content_terms

ENOUGH = 0.7
"""Of a chunk's worth, which is at most 1.5."""
NEARNESS = 0.5
"""What the cosine of question and chunk counts beside the share of the question's content words that it holds."""
WITHOUT_NUMBERS, WITHOUT_NAMES = 0.4, 0.2
"""Taken off when all numbers, or all names, of the question are missing; of some, their share."""
NUMBERED = re.compile(r"\b(?=[\w./-]*\d)\w[\w./-]*\w\b")
"""Years, part numbers, clauses, amounts: anything of two characters or more with a digit."""
CAPITALISED = re.compile(r"(?<=[\w,;:] )(?!I\b)[A-Z][\w-]*\w(?: [A-Z][\w-]*\w)*")
"""Names, in the middle of a sentence; “Niamh Corrigan” is one, and either word of it will do."""
NOUNS_ARE_CAPITALISED = "de"
"""In German capitals mean only that a word is a noun."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question is made of."""

    language: str
    terms: frozenset[int]
    numbers: frozenset[str]
    names: frozenset[str]


def suffices(question: str, hits: Sequence[Hit], *, language: str = "") -> bool:
    """Whether the hits can answer the question, which is written in `language` (ISO 639-1)."""
    asked = _Asked(
        language, content_terms(question, language), _numbers(question), _names(question, language)
    )
    documents = _documents(hits)
    return any(_worth(hit, asked, documents[hit.document]) >= ENOUGH for hit in hits)


def _worth(hit: Hit, asked: _Asked, document: str) -> float:
    """How much speaks for an answer in this chunk; `document` is all that was found of its document."""
    text, held = _text(hit).casefold(), content_terms(_text(hit), asked.language)
    covered = _share(term in held for term in asked.terms)
    numbers = _share(number in text for number in asked.numbers)
    names = _share(any(word in document for word in name.split()) for name in asked.names)
    return NEARNESS * hit.similarity + covered - WITHOUT_NUMBERS * (1 - numbers) - WITHOUT_NAMES * (1 - names)


def _share(held: Iterable[bool]) -> float:
    """Of what is asked for, how much is held; of nothing, all."""
    found = list(held)
    return sum(found) / len(found) if found else 1.0


def _documents(hits: Sequence[Hit]) -> dict[UUID, str]:
    """All that was found of each document, casefolded."""
    texts: dict[UUID, str] = {}
    for hit in hits:
        texts[hit.document] = f"{texts.get(hit.document, '')} {_text(hit).casefold()}"
    return texts


def _numbers(question: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in NUMBERED.findall(question))


def _names(question: str, language: str) -> frozenset[str]:
    if language == NOUNS_ARE_CAPITALISED:
        return frozenset()
    return frozenset(
        name.removesuffix("'s").removesuffix("’s").casefold() for name in CAPITALISED.findall(question)
    )


def _text(hit: Hit) -> str:
    return f"{hit.header} {hit.text}"
