"""How quickly chunks are embedded, beside sentence-transformers with PyTorch in float32 in the same run."""

import time
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any, cast

from django.conf import settings

from inference import registry
from inference.backends import dense
from inference.protocols import Embedder
from ingestion.index import passages
from kb.management.bench.report import Embedding
from kb.models import Version
from kb.models.library import Stage

CHUNKS = 64
ROUNDS = 3
"""The two take turns, and each one's quickest round counts: it was disturbed least."""


def measure_embedding() -> Embedding:
    """Of the chunks that are in the library."""
    texts = _texts()
    configured, plain = registry.embedder(), _plain()
    rounds = [(_seconds(configured, texts), _seconds(plain, texts)) for _ in range(ROUNDS)]
    ours, theirs = (len(texts) / min(spent) for spent in zip(*rounds, strict=True))
    return Embedding(
        embedder=configured.fingerprint,
        chunks=len(texts),
        chunks_per_second=round(ours, 1),
        float32_chunks_per_second=round(theirs, 1),
        ratio=round(ours / theirs, 2),
    )


def _texts() -> list[str]:
    versions = Version.objects.filter(stage=Stage.READY).select_related("document").order_by("created_at")
    made = (passages(version, list(version.chunks.order_by("ordinal"))) for version in versions)
    return [str(passage) for passage in islice(chain.from_iterable(made), CHUNKS)]


def _plain() -> Embedder:
    options = cast(dict[str, Any], settings.MODELS["embedder"]["OPTIONS"])
    return dense.embedder(**options | {"precision": "float32"})


def _seconds(embedder: Embedder, texts: Sequence[str]) -> float:
    begun = time.perf_counter()
    embedder.embed_passages(texts)
    return time.perf_counter() - begun
