"""Reranking by a model that reads query and passage together, through sentence-transformers."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from inference import weights
from kb.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

BATCH = 8
"""Pairs at once; the longest of a batch pads the others."""


class CrossEncoderReranker:
    """A `Reranker`. Making one loads PyTorch and the weights: seconds."""

    def __init__(self, model: str, *, models_dir: Path | None = None, hub: bool = False):
        folder = weights.resolve(model, models_dir or settings.VAR / "models", hub=hub)
        self._model = _load(folder)
        # The tokenizer inside the model keeps state between calls.
        self._turn = threading.Lock()
        self.fingerprint = f"{Path(model).name}-{weights.content(folder)[:12]}"

    def score(self, query: str, passages: Sequence[str]) -> Sequence[float]:
        if not passages:
            return []
        with self._turn:
            try:
                scores = self._model.predict(
                    [(query, passage) for passage in passages], batch_size=BATCH, show_progress_bar=False
                )
            except RuntimeError as error:
                raise ModelUnavailable(f"The reranker failed in PyTorch: {error}") from error
        return [float(score) for score in scores]


def _load(folder: Path) -> "CrossEncoder":
    # Seconds of imports, which search without a reranker does without.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import CrossEncoder

    try:
        model: CrossEncoder = CrossEncoder(
            str(folder), device="cpu", local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, AttributeError, RuntimeError) as error:
        raise ModelUnavailable(f"{folder} cannot be loaded as a cross-encoder: {error}") from error
    return model
