"""Two embedders on the same questions, over the same chunks: by meaning alone, and fused with the words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from inference.protocols import Embedder
from inference.retrieve import leg_weights, rank
from ingestion.evaluate.figures import Figures, figures, interval
from ingestion.evaluate.judged import Judged, Query, Tracked
from ingestion.tune.corpus import Corpus
from kb.index.protocol import Scored
from kb.index.query import fuse
from kb.models import Person

DEPTH = 100
"""Chunks of each ranking that are judged."""
DENSE, FUSED = "dense", "fused"


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
"""By leg: DENSE and FUSED."""


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
    legs: dict[str, list[list[Judged]]] = {DENSE: [], FUSED: []}
    for each in tracked(asked, "Asking"):
        dense = corpus.nearest(vectors, embedder.embed_query(each.query.text), DEPTH)
        weights = leg_weights([each.language] if each.language else [])
        fused = fuse([dense, each.lexical], weights=weights, limit=DEPTH)
        legs[DENSE].append(_judged(corpus, dense))
        legs[FUSED].append(_judged(corpus, fused))
    queries = [each.query for each in asked]
    return {leg: figures(queries, rankings, by_document=False) for leg, rankings in legs.items()}


def _judged(corpus: Corpus, hits: Sequence[Scored]) -> list[Judged]:
    return [corpus.chunks[place] for place in corpus.found(hits)]
