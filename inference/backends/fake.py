"""Models without weights, for tests and trials: the same input gives the same output, at once.

They are named by dotted path in `settings.MODELS` like any other backend.
"""

import collections.abc
import zlib
from collections.abc import Sequence

import numpy as np

from inference.protocols import THIS_PROCESS, BeforeSending, Prompt, Usage, Vector, Vectors
from kb.errors import ModelUnavailable

DIMENSION = 64


class HashEmbedder:
    """An `Embedder` for which texts are near when they share words."""

    def __init__(self, dimension: int = DIMENSION, window: int = 254):
        self.dimension = dimension
        self.window = window
        self.fingerprint = f"hash-{dimension}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        rows = [self.embed_query(text) for text in texts]
        return np.stack(rows) if rows else np.empty((0, self.dimension), dtype=np.float32)

    def embed_query(self, text: str) -> Vector:
        """The sum of one pseudo-random direction a distinct word; a text without words gets one of its own."""
        directions = [self._direction(word) for word in sorted(set(_words(text))) or [""]]
        total = np.sum(directions, axis=0)
        vector: Vector = (total / np.linalg.norm(total)).astype(np.float32)
        return vector

    def count_tokens(self, text: str) -> int:
        return len(_words(text))

    def _direction(self, word: str) -> Vector:
        vector: Vector = np.random.default_rng(zlib.crc32(word.encode())).standard_normal(
            self.dimension, dtype=np.float32
        )
        return vector


class Scripted:
    """A `Generator` and a `LabelScorer` that says what it was told to, word by word.

    `likes` names the continuations that it finds likely; `failure`, if given, is raised instead of an answer.
    """

    destination = THIS_PROCESS

    def __init__(
        self,
        answer: str = "I do not know.",
        *,
        likes: Sequence[str] = (),
        failure: str = "",
        name: str = "scripted",
        window: int = 2048,
    ):
        self.name = name
        self.window = window
        self._answer = answer
        self._likes = frozenset(like.strip() for like in likes)
        self._failure = failure

    def generate(
        self, prompt: Prompt, *, max_tokens: int, before_sending: BeforeSending
    ) -> collections.abc.Generator[str, None, Usage]:
        before_sending(prompt.serialised())
        self._fail_if_told_to()
        words = self._answer.split(" ")[:max_tokens]
        for place, word in enumerate(words):
            yield f" {word}" if place else word
        return Usage(self.count_tokens(f"{prompt.system} {prompt.user}"), len(words), cost_usd=0.0)

    def score(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        """-0.1 for what it likes; for the rest less, the fewer of its words are in the prompt."""
        self._fail_if_told_to()
        present = set(_words(prompt))
        return [
            -0.1 if text.strip() in self._likes else -_strangeness(text, present) for text in continuations
        ]

    def count_tokens(self, text: str) -> int:
        return len(_words(text))

    def _fail_if_told_to(self) -> None:
        if self._failure:
            raise ModelUnavailable(self._failure)


def _strangeness(text: str, present: set[str]) -> float:
    words = _words(text)
    return 1.0 + sum(word not in present for word in words) / max(len(words), 1)


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.casefold()).split()
