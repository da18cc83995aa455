"""Two embedders on the same questions, over the same chunks: by meaning alone, and as people get the hits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from inference.protocols import Embedder, Vector, Vectors
from inference.retrieve import FEEDBACK, drawn_towards, leg_weights, rank
from ingestion.evaluate.figures import Figures, figures, interval
from ingestion.evaluate.judged import Judged, Query, Tracked
from ingestion.tune.corpus import Corpus
from kb.index.protocol import Scored
from kb.index.query import fuse
from kb.models import Person

DEPTH = 100
"""Chunks of each ranking that are judged."""
DENSE, FUSED, FINAL = "dense", "fused", "final"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what is the same for every embedder: what its words find, and its language."""

    query: Query
    lexical: Sequence[Scored]
    language: str

    @classmethod
    def of(cls, query: Query, person: Person) -> Self:
        ranking = rank(query.text, person, depth=DEPTH)
        return cls(query, ranking.lexical, ranking.language)


Standing = Mapping[str, Figures]
"""By leg: DENSE, FUSED, and FINAL, which is what people get."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Of nDCG@10, new less old, over the same questions; `ci95` by resampling the questions with both values."""

    mean: float
    ci95: tuple[float, float]

    @classmethod
    def between(cls, old: Figures, new: Figures) -> Self:
        difference = new.by_query - old.by_query
        return cls(float(difference.mean()), interval(difference))

    @property
    def surely_better(self) -> bool:
        return self.ci95[0] > 0


def standing(embedder: Embedder, asked: Sequence[Asked], corpus: Corpus, *, tracked: Tracked) -> Standing:
    vectors = corpus.embedded(embedder, tracked)
    legs: dict[str, list[list[Judged]]] = {DENSE: [], FUSED: [], FINAL: []}
    for each in tracked(asked, "Asking"):
        vector = embedder.embed_query(each.query.text)
        for leg, hits in _hits(each, vector, vectors, corpus).items():
            legs[leg].append([corpus.chunks[place] for place in corpus.found(hits)])
    queries = [each.query for each in asked]
    return {leg: figures(queries, rankings, by_document=False) for leg, rankings in legs.items()}


def _hits(asked: Asked, vector: Vector, vectors: Vectors, corpus: Corpus) -> Mapping[str, Sequence[Scored]]:
    """What `inference.retrieve.rank` would find, were the index filled with these vectors."""
    weights = leg_weights([asked.language] if asked.language else [])
    dense = corpus.nearest(vectors, vector, DEPTH)
    fused = fuse([dense, asked.lexical], weights=weights, limit=DEPTH)
    drawn = drawn_towards(vector, list(vectors[corpus.found(fused[:FEEDBACK])]))
    closer = corpus.nearest(vectors, drawn, DEPTH)
    return {DENSE: dense, FUSED: fused, FINAL: fuse([closer, asked.lexical], weights=weights, limit=DEPTH)}
