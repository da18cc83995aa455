"""Dense vectors in this process, through ONNX Runtime in 8-bit integers; PyTorch is not loaded."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from django.conf import settings

from inference import int8, weights
from inference.protocols import Vector, Vectors
from kb.errors import ModelUnavailable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


class OnnxEmbedder:
    """An `Embedder`. Making one takes a second and some 100 MB; the first time for a model, ten seconds more.

    It may be used by many threads, and in processes that are forked after it was made.
    `window` counts the text's own tokens: the model's special tokens and the prefixes are taken off already.
    """

    def __init__(
        self,
        model: str,
        *,
        models_dir: Path | None = None,
        query_prefix: str = "",
        passage_prefix: str = "",
        hub: bool = False,
    ):
        models_dir = models_dir or settings.VAR / "models"
        name = Path(model).name
        folder = int8.prepared(weights.resolve(model, models_dir, hub=hub), name, models_dir)
        self._query_prefix, self._passage_prefix = query_prefix, passage_prefix
        self._model = Int8Model(folder)
        self.dimension = self._model.shape.dimension
        self.window = self._model.shape.window - max(map(self.count_tokens, (query_prefix, passage_prefix)))
        digest = hashlib.sha256(f"{folder.name} {query_prefix!r} {passage_prefix!r}".encode())
        self.fingerprint = f"{name}-int8-{digest.hexdigest()[:12]}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._model.embed([self._passage_prefix + text for text in texts])

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self._model.embed([self._query_prefix + text])[0]
        return vector

    def count_tokens(self, text: str) -> int:
        """Without special tokens."""
        return self._model.count_tokens(text)


class Int8Model:
    """What `inference.quantise` wrote into a folder, loaded.

    One text at a time. On one thread that is quicker than batches (24.8 passages a CPU second against 18.3 in
    batches of 32), nothing is padded, and a text's vector does not depend on its neighbours: the scale of the
    integers is taken from all that is computed together.
    """

    def __init__(self, folder: Path):
        from tokenizers import Tokenizer  # Kept out of the module with ONNX Runtime.

        self.shape = int8.Shape.read(folder)
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / int8.TOKENIZER_FILE))
        # Two, because truncation is a state of a tokenizer that threads share.
        self._counting: Tokenizer = Tokenizer.from_file(str(folder / int8.TOKENIZER_FILE))
        self._tokenizer.enable_truncation(
            self.shape.window + self._tokenizer.num_special_tokens_to_add(False)
        )
        self._file = folder / int8.MODEL_FILE
        self._threads = settings.MODEL_THREADS
        self._sessions: dict[int, InferenceSession] = {}
        self._session()

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.empty((len(texts), self.shape.dimension), dtype=np.float32)
        session = self._session()
        for row, text in zip(rows, texts, strict=True):
            ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
            with _translated():
                hidden = session.run(["hidden"], {"input_ids": ids})[0]
            row[:] = self._pooled(hidden[0])
        return rows

    def count_tokens(self, text: str) -> int:
        return len(self._counting.encode(text, add_special_tokens=False).ids)

    def _pooled(self, hidden: npt.NDArray[np.float32]) -> Vector:
        """`hidden` is (tokens, d)."""
        vector: Vector = hidden[0] if self.shape.pooling is int8.Pooling.CLS else hidden.mean(axis=0)
        return vector / np.linalg.norm(vector)

    def _session(self) -> "InferenceSession":
        """This process's own, if it has several threads: those do not live on in a forked process.

        That of the process before the fork is kept, because to let go of it is to wait for its threads.
        """
        process = os.getpid() if self._threads > 1 else 0
        if process not in self._sessions:
            self._sessions[process] = _load(self._file, self._threads)
        return self._sessions[process]


def quantise(exported: Path, target: Path) -> None:
    """Writes the float32 model `exported` with its weights as 8-bit integers, a scale for each row of them."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with _translated():
        # Seven bits are used of the eight (`reduce_range`): with all of them, sums saturate on processors without
        # VNNI and not on others (ONNX Runtime's page on quantisation), and two machines would differ.
        quantize_dynamic(exported, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def _load(file: Path, threads: int) -> "InferenceSession":
    # Kept out of the module: importing it takes most of a second.
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that wait for work in a loop take the processor from those that have some.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    with _translated():
        return InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


@contextmanager
def _translated() -> Iterator[None]:
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # Its errors have no common base.

    errors = (
        state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NoSuchFile,
        state.NotImplemented, state.RuntimeException,
    )  # fmt: skip
    try:
        yield
    except errors as error:
        raise ModelUnavailable(f"The embedder failed in ONNX Runtime: {error}") from error
