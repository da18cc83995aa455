"""The embedder of this machine: the backend for the precision that is wanted, or for the quickest."""

from collections.abc import Callable, Set
from functools import partial
from pathlib import Path

from django.conf import settings

from inference import int8, weights
from inference.backends.onnxruntime import OnnxEmbedder
from inference.backends.sentence_transformers import SentenceTransformerEmbedder
from inference.protocols import Embedder
from kb.errors import ModelUnavailable

BACKENDS: dict[str, Callable[..., Embedder]] = {
    "float32": partial(SentenceTransformerEmbedder, precision="float32"),
    "bfloat16": partial(SentenceTransformerEmbedder, precision="bfloat16"),
    "int8": OnnxEmbedder,
}
"""By precision."""

FAST_BFLOAT16 = {"amx_bf16"}
"""Processor flags with which bfloat16 ran 2.6 to 3 times as fast as float32. With avx512_bf16 alone it was 1.9 times,
and int8 4.5 times."""


def embedder(
    model: str,
    *,
    precision: str = "auto",
    models_dir: Path | None = None,
    query_prefix: str = "",
    passage_prefix: str = "",
    hub: bool = False,
) -> Embedder:
    """`precision` is part of the fingerprint: machines that share an index but not a processor name one."""
    models_dir = models_dir or settings.VAR / "models"
    if precision == "auto":
        precision = quickest_precision(weights.resolve(model, models_dir, hub=hub), _processor_flags())
    return BACKENDS[precision](
        model, models_dir=models_dir, query_prefix=query_prefix, passage_prefix=passage_prefix, hub=hub
    )


def quickest_precision(folder: Path, processor: Set[str]) -> str:
    """What a processor with these flags runs the model in `folder` quickest with, among what the model allows."""
    if processor & FAST_BFLOAT16:
        return "bfloat16"
    try:
        int8.pooling(folder)
    except ModelUnavailable:
        return "float32"
    return "int8"


def _processor_flags() -> set[str]:
    """As Linux names them; none elsewhere."""
    try:
        return set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return set()
