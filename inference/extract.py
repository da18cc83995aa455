"""The sentences of the shown chunks that answer best: an answer that cannot say what its sources do not.

The weights were chosen on the sample's golden questions: the expected words are in the three sentences for
40 of 42, and in the first alone for 33.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.protocols import Embedder, Shown
from inference.rows import statements
from inference.sentences import split
from inference.terms import content_terms

SENTENCES = 3
"""At most this many make an answer."""
WORTH_SAYING = 0.75
"""Share of the best sentence's score that a further one must reach to be said too."""
ALIKE = 0.92
"""Cosine above which two sentences say the same."""

WORDS_WEIGHT = 1.0
"""Of the question's words that a sentence or its headings hold, beside the cosine of both (1.0)."""
OWN_WORDS_WEIGHT = 0.3
"""Of those that the sentence itself holds."""
KIND_WEIGHT = 0.3
"""Of holding a number where one is asked for, or a name."""

SHORTEST = 3
FULL_LENGTH = 8
"""Words. What has fewer must at least end like a sentence or name a value; else it is a heading."""
ENDING = re.compile(r"[.!;)…]$|[:—]")

ASKS_FOR_NUMBER = re.compile(
    r"\b(how (many|much|long|often|soon|far|high|large|old|quickly)|when|price|costs?|limit|rate|torque|wann"
    r"|amount|wie (viele?n?|hoch|lange|oft))\b",
    re.IGNORECASE,
)
ASKS_FOR_NAME = re.compile(r"\b(who|whom|whose|wer|wem|wen)\b", re.IGNORECASE)
NUMBER = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve|zwei|drei|vier|fünf|sechs|sieben|acht)\b",
    re.IGNORECASE,
)
NAME = re.compile(r"\b[A-ZÄÖÜ][\w-]+ [A-ZÄÖÜ][\w-]+")

Scores = npt.NDArray[np.float64]
"""Shape (n,), float64, one for each candidate; higher is better."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A statement of a shown chunk. `score` is comparable within one question, higher is better."""

    marker: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    chunk: Shown
    text: str


def best_sentences(
    question: str, shown: Sequence[Shown], embedder: Embedder, *, language: str = ""
) -> list[Extract]:
    """The sentences to answer with, best first, without repetition. `language` is the question's (ISO 639-1)."""
    candidates = [_Candidate(chunk, text) for chunk in shown for text in _statements(chunk)]
    if not candidates:
        return []
    vectors = embedder.embed_passages([candidate.text for candidate in candidates])
    nearness = vectors @ embedder.embed_query(question)
    shared = _shared_words(question, candidates, language)
    scores = nearness + shared + _right_kind(question, candidates)
    return [
        Extract(candidates[place].chunk.marker, candidates[place].text, float(scores[place]))
        for place in _distinct(scores, vectors)
    ]


def _statements(chunk: Shown) -> list[str]:
    return [said.text for said in statements(split(chunk.text)) if _states_something(said.text)]


def _states_something(text: str) -> bool:
    """Neither a question nor a heading."""
    words = len(text.split())
    if words < SHORTEST or text.endswith("?"):
        return False
    return words >= FULL_LENGTH or bool(ENDING.search(text))


def _shared_words(question: str, candidates: Sequence[_Candidate], language: str) -> Scores:
    """How many of the question's content words each holds, rare ones counting more. At least 0."""
    own = [content_terms(candidate.text, language) for candidate in candidates]
    held = [
        terms | content_terms(candidate.chunk.header, language)
        for terms, candidate in zip(own, candidates, strict=True)
    ]
    frequency = Counter(term for terms in held for term in terms)
    asked = content_terms(question, language)
    weight = {term: math.log(1 + len(held) / (1 + frequency[term])) for term in asked}
    total = sum(weight.values()) or 1.0

    def share(terms: frozenset[int]) -> float:
        return sum(weight[term] for term in weight.keys() & terms) / total

    return np.array(
        [
            WORDS_WEIGHT * share(all_) + OWN_WORDS_WEIGHT * share(own_)
            for all_, own_ in zip(held, own, strict=True)
        ]
    )


def _right_kind(question: str, candidates: Sequence[_Candidate]) -> Scores:
    """A bonus for what holds the kind of thing that is asked for."""
    if ASKS_FOR_NUMBER.search(question):
        wanted = NUMBER
    elif ASKS_FOR_NAME.search(question):
        wanted = NAME
    else:
        return np.zeros(len(candidates))
    return np.array([KIND_WEIGHT * bool(wanted.search(candidate.text)) for candidate in candidates])


def _distinct(scores: Scores, vectors: npt.NDArray[np.float32]) -> list[int]:
    """Places of the best sentences, without those that are much weaker or repeat one already chosen."""
    chosen: list[int] = []
    for place in np.argsort(-scores, kind="stable"):
        if len(chosen) == SENTENCES or scores[place] < WORTH_SAYING * scores.max():
            break
        if all(vectors[place] @ vectors[other] < ALIKE for other in chosen):
            chosen.append(int(place))
    return chosen
