"""The sentences of the shown chunks that answer best: an answer that cannot say what its sources do not."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.protocols import Embedder, Shown
from inference.sentences import split
from inference.terms import content_terms

SENTENCES = 3
"""At most this many make an answer."""
WORTH_SAYING = 0.8
"""Share of the best sentence's score that a further one must reach to be said too."""
WORDS_WEIGHT = 0.7
"""Of shared words beside cosine similarity."""
ALIKE = 0.92
"""Cosine above which two sentences say the same."""
SHORTEST = 3
"""Words; what is shorter is a label or a page number."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A sentence of a shown chunk. `score` is comparable within one question, higher is better."""

    marker: int
    text: str
    score: float


def best_sentences(question: str, shown: Sequence[Shown], embedder: Embedder) -> list[Extract]:
    """The sentences to answer with, best first, without repetition."""
    candidates = [(chunk, text) for chunk in shown for text in _sentences(chunk)]
    if not candidates:
        return []
    vectors = embedder.embed_passages([text for _, text in candidates])
    scores = vectors @ embedder.embed_query(question) + WORDS_WEIGHT * _shared_words(question, candidates)
    return [
        Extract(candidates[place][0].marker, candidates[place][1], float(scores[place]))
        for place in _distinct(scores, vectors)
    ]


def _sentences(chunk: Shown) -> list[str]:
    return [sentence.text for sentence in split(chunk.text) if len(sentence.text.split()) >= SHORTEST]


def _shared_words(question: str, candidates: Sequence[tuple[Shown, str]]) -> np.ndarray:
    """The share of the question's content words that each sentence or its heading holds, rare words counting more.

    Shape (n,), float64, 0..1.
    """
    held = [content_terms(f"{chunk.header} {text}") for chunk, text in candidates]
    frequency = Counter(term for terms in held for term in terms)
    weight = {term: math.log(1 + len(held) / (1 + frequency[term])) for term in content_terms(question)}
    total = sum(weight.values()) or 1.0
    return np.array([sum(weight[term] for term in weight.keys() & terms) / total for terms in held])


def _distinct(scores: np.ndarray, vectors: np.ndarray) -> list[int]:
    """Places of the best sentences, leaving out those that are much weaker or repeat one already chosen."""
    chosen: list[int] = []
    for place in np.argsort(-scores, kind="stable"):
        if len(chosen) == SENTENCES or scores[place] < WORTH_SAYING * scores.max():
            break
        if all(vectors[place] @ vectors[other] < ALIKE for other in chosen):
            chosen.append(int(place))
    return chosen
