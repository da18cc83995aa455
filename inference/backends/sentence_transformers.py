"""Dense vectors in this process, through sentence-transformers and PyTorch on the CPU."""

import hashlib
import os
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings

from inference import weights
from inference.protocols import Vector, Vectors
from kb.errors import ModelUnavailable

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

BATCH = 32
"""Passages at once. sentence-transformers sorts by length first, so that short ones are not padded to long ones."""

OPSET = 17
"""The version of ONNX that is written: the first with layer normalisation."""

TRACED = 16
"""Tokens of the text that the transformer is traced with; the length stays open."""


class SentenceTransformerEmbedder:
    """An `Embedder`. Making one loads PyTorch and the weights: seconds, and some 450 MB.

    `window` counts the text's own tokens: the model's special tokens and the prefixes are taken off already.
    `precision` is float32 or bfloat16, and part of the fingerprint.
    """

    def __init__(
        self,
        model: str,
        *,
        models_dir: Path | None = None,
        query_prefix: str = "",
        passage_prefix: str = "",
        precision: str = "float32",
        hub: bool = False,
    ):
        folder = weights.resolve(model, models_dir or settings.VAR / "models", hub=hub)
        self._query_prefix, self._passage_prefix = query_prefix, passage_prefix
        self._model = load(folder, precision)
        self._tokenizer = _counting_tokenizer(self._model)
        # The tokenizer inside the model keeps state between calls: two threads at once make it fail.
        self._turn = threading.Lock()
        self.dimension: int = self._model.get_embedding_dimension() or 0
        self.window: int = self._own_window()
        digest = hashlib.sha256(f"{weights.content(folder)} {query_prefix!r} {passage_prefix!r}".encode())
        self.fingerprint = f"{Path(model).name}-{precision}-{digest.hexdigest()[:12]}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed([self._passage_prefix + text for text in texts])

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self._embed([self._query_prefix + text])[0]
        return vector

    def count_tokens(self, text: str) -> int:
        """Without special tokens."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def export(self, model: Path, tokenizer: Path) -> None:
        """Writes the transformer as ONNX, from `input_ids` of one text to the `hidden` states of its last layer.

        Raises:
            ModelUnavailable: PyTorch cannot write this model.
        """
        transformer: Any = self._model[0].auto_model
        # Of the ways to compute attention, this one is written in plain operators.
        transformer.set_attn_implementation("eager")
        try:
            _write_onnx(transformer, model)
        except (RuntimeError, TypeError, ValueError) as error:
            raise ModelUnavailable(f"PyTorch cannot write the model as ONNX: {error}") from error
        self._tokenizer.save(str(tokenizer))

    def _own_window(self) -> int:
        prefix = max(self.count_tokens(self._query_prefix), self.count_tokens(self._passage_prefix))
        return (self._model.max_seq_length or 512) - self._tokenizer.num_special_tokens_to_add(False) - prefix

    def _embed(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._turn:
            try:
                raw = self._model.encode(
                    texts,
                    batch_size=BATCH,
                    show_progress_bar=False,
                    convert_to_numpy=False,
                    convert_to_tensor=True,
                )
            except RuntimeError as error:
                raise ModelUnavailable(f"The embedder failed in PyTorch: {error}") from error
        # Unit length after the change to float32: bfloat16 has three digits only.
        rows = raw.float().numpy()
        vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return vectors


def load(folder: Path, precision: str) -> "SentenceTransformer":
    """The model as the vendor has it, not training.

    Raises:
        ModelUnavailable: the folder holds none, or none of that precision.
    """
    # Kept out of the module: importing them takes seconds, and they look for a hub unless told not to.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(settings.MODEL_THREADS)
    try:
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, trust_remote_code=False)
        return model.to(getattr(torch, precision)).eval()
    except (OSError, ValueError, KeyError, AttributeError, RuntimeError) as error:
        raise ModelUnavailable(
            f"{folder} cannot be loaded as an embedder with {precision}: {error}"
        ) from error


def _write_onnx(transformer: "torch.nn.Module", file: Path) -> None:
    import torch

    class LastLayer(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.transformer(input_ids=input_ids).last_hidden_state
            return hidden

    with warnings.catch_warnings():
        # PyTorch would rather use its other exporter, which needs one more package.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            LastLayer(),
            (torch.ones((1, TRACED), dtype=torch.long),),
            file,
            input_names=["input_ids"],
            output_names=["hidden"],
            dynamic_axes={"input_ids": {1: "tokens"}, "hidden": {1: "tokens"}},
            opset_version=OPSET,
            dynamo=False,
        )


def _counting_tokenizer(model: "SentenceTransformer") -> "Tokenizer":
    """A copy of the model's tokenizer that cuts nothing off, warns of nothing, and may be used by many threads."""
    from tokenizers import Tokenizer

    tokenizer: Tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
