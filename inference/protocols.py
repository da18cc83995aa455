"""What a model is to the rest of the house: four small protocols and the values that cross them.

Implementations live in `inference.backends`, are named by dotted path in `settings.MODELS`, and share no base class.
"""

import collections.abc
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
"""Shape (d,), float32, unit length."""

Vectors = npt.NDArray[np.float32]
"""Shape (n, d), float32, unit rows, in the order of the texts."""


BeforeSending = Callable[[bytes], None]
"""What a generator calls with the exact bytes that it is about to send, before the first of them goes out; with
each retry again. What it raises stops the sending."""

THIS_PROCESS = "this process"
"""The destination of a model that sends nothing to anywhere."""


class Location(StrEnum):
    """Where a model runs, as the administrator declares it: the boundary is here."""

    ON_PREMISES = "on-premises"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term weights of one text: `indices` are uint32 term ids, ascending and unique; `values` are above 0."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as both legs of the index take it. `header` says where it stands: file › title › headings.

    `language` is an ISO 639-1 code, or empty where nobody knows.
    """

    header: str
    text: str
    language: str = ""

    def __str__(self) -> str:
        return f"{self.header}\n{self.text}".strip()


@dataclass(frozen=True, slots=True)
class Shown:
    """A chunk as a generator sees it. `marker` is made by the server (1, 2, …) and is what an answer cites."""

    marker: int
    header: str
    text: str
    outdated: bool = False
    """Whether a later edition of its document, or one that people confirmed, is shown too."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the conversation. `source` is the answer's row; None where there is none."""

    question: str
    answer: str
    source: UUID | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a generator gets: instructions, the conversation, the question and the chunks that it may cite.

    `system` and `user` are the rendered texts for a chat model; `question` and `shown` are the same
    content unrendered, for generators that work on sentences. `version` names the template.
    """

    version: str
    system: str
    user: str
    question: str = ""
    shown: tuple[Shown, ...] = ()
    history: tuple[Turn, ...] = ()
    language: str = ""
    """Of the question, ISO 639-1, where it is known."""

    def serialised(self) -> bytes:
        """The rendered texts as JSON: what a model in this process is given."""
        return json.dumps([self.system, self.user], ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call took, in the model's own tokens. `cost_usd` is None where no price is known."""

    prompt_tokens: int
    answer_tokens: int
    cost_usd: float | None = None


@runtime_checkable
class Embedder(Protocol):
    """Text to dense vectors, with one variant (model, precision, backend) for passages and queries alike."""

    fingerprint: str
    dimension: int
    window: int
    """The longest text in the embedder's own tokens; what is longer is cut off."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors: ...

    def embed_query(self, text: str) -> Vector: ...

    def count_tokens(self, text: str) -> int: ...


@runtime_checkable
class SparseEncoder(Protocol):
    """Text to sparse term weights; the index multiplies them by its inverse document frequencies."""

    fingerprint: str

    def encode_passages(self, passages: Sequence[Passage]) -> list[SparseVector]: ...

    def encode_query(self, text: str, *, languages: Sequence[str] = ()) -> SparseVector:
        """`languages` are ISO 639-1: the query's own first, then those of the passages that it may meet."""
        ...

    def terms(self, text: str, *, language: str = "") -> frozenset[int]:
        """The ids of the text's content words: equal ids are the same word in another form."""
        ...


@runtime_checkable
class Reranker(Protocol):
    """Judges how well each passage answers a query, reading both together.

    Raises:
        ModelUnavailable: the weights are missing or the model failed.
    """

    fingerprint: str

    def score(self, query: str, passages: Sequence[str]) -> Sequence[float]:
        """One for each passage, comparable within one call only; higher is better."""
        ...


@runtime_checkable
class Generator(Protocol):
    """Writes text.

    Raises:
        ModelUnavailable: the weights are missing, or the provider failed.
        TooLarge: the prompt does not fit the window.
    """

    name: str

    @property
    def window(self) -> int:
        """Prompt and answer together, in the model's own tokens."""
        ...

    @property
    def destination(self) -> str:
        """The host that it sends to, with the port where it is not the usual one, or `THIS_PROCESS`."""
        ...

    def generate(
        self, prompt: Prompt, *, max_tokens: int, before_sending: BeforeSending
    ) -> collections.abc.Generator[str, None, Usage]:
        """Yields pieces as they are made and returns what they took: `usage = yield from model.generate(…)`.

        Sends nothing that `before_sending` was not called with. Closing it stops the work; a call that was
        closed or failed has no usage. An empty piece says that nothing came for a while, so that it can be closed.
        """
        ...

    def count_tokens(self, text: str) -> int: ...


@runtime_checkable
class Priced(Protocol):
    """A generator that may know beforehand what a call costs."""

    def price(self, prompt_tokens: int, answer_tokens: int) -> float | None:
        """US dollars; None where nobody knows."""
        ...


@runtime_checkable
class LabelScorer(Protocol):
    """Judges in this process which of a few short continuations a model finds likeliest, without generating any.

    Raises:
        ModelUnavailable: the weights are missing or the model failed.
        TooLarge: the prompt does not fit the window.
    """

    name: str
    window: int
    destination: str
    """`THIS_PROCESS`."""

    def score(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        """The log-likelihood of each continuation after the prompt, summed over its tokens; at most 0."""
        ...

    def count_tokens(self, text: str) -> int: ...
