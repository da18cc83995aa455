"""All chunks that a person may see: which they are, what is embedded of each, and their vectors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import numpy as np

from inference.protocols import Embedder, Vector, Vectors
from ingestion.evaluate.judged import Judged, Tracked
from ingestion.index import passages
from kb.index.protocol import Scored
from kb.models import Chunk, Person

BATCH = 256
"""Chunks whose text is in memory at the same time."""

Key = tuple[UUID, int]
"""Version and ordinal: how the index and SQL name the same chunk."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Without texts, which are read when they are needed. `ids[i]`, `keys[i]` and `chunks[i]` are the same chunk."""

    ids: tuple[int, ...]
    keys: tuple[Key, ...]
    chunks: tuple[Judged, ...]
    places: Mapping[Key, int]

    @classmethod
    def of(cls, person: Person) -> Self:
        visible = Chunk.objects.visible_to(person).select_related("version").order_by("pk")
        rows = list(visible.only("ordinal", "first_page", "last_page", "version__document"))
        keys = tuple((row.version_id, row.ordinal) for row in rows)
        return cls(
            ids=tuple(row.pk for row in rows),
            keys=keys,
            chunks=tuple(Judged(str(row.version.document_id), row.ordinal, row.pages, "") for row in rows),
            places={key: place for place, key in enumerate(keys)},
        )

    def found(self, hits: Iterable[Scored]) -> list[int]:
        """The places here of what an index found; what the person may not see has none."""
        keys = ((hit.version, hit.ordinal) for hit in hits)
        return [self.places[key] for key in keys if key in self.places]

    def texts(self, places: Sequence[int]) -> list[str]:
        """What is embedded of these chunks; nothing of one that is gone by now. One query."""
        rows = Chunk.objects.select_related("version__document").in_bulk(
            [self.ids[place] for place in places]
        )
        found = (rows.get(self.ids[place]) for place in places)
        return [str(passages(row.version, [row])[0]) if row else "" for row in found]

    def embedded(self, embedder: Embedder, tracked: Tracked) -> Vectors:
        vectors = np.empty((len(self.ids), embedder.dimension), dtype=np.float32)
        for start in tracked(range(0, len(self.ids), BATCH), "Embedding"):
            places = range(start, min(start + BATCH, len(self.ids)))
            vectors[start : places.stop] = embedder.embed_passages(self.texts(places))
        return vectors

    def nearest(self, vectors: Vectors, query: Vector, limit: int) -> list[Scored]:
        """By cosine, the best first; equal ones in the order of the corpus."""
        scores = vectors @ query
        best: list[int] = np.argsort(-scores, kind="stable")[:limit].tolist()
        return [Scored(*self.keys[place], score=float(scores[place])) for place in best]
