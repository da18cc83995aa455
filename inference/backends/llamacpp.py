"""A GGUF model in this process, through today's llama.cpp: Llama, Mistral, Phi, Qwen, Gemma and what else it knows.

The binding is cyllama, because it opens no port: the other one that comes with wheels, xllamacpp, runs llama.cpp's
HTTP server inside the process, where everybody on the machine may ask it.
"""

import codecs
import collections.abc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from django.conf import settings

from inference import weights
from inference.backends.chat_format import PLAIN, SYSTEM, USER, ChatFormat, chat_format
from inference.backends.citing import CITING, citing_grammar
from inference.backends.turn import Turn
from inference.gguf import token_bytes
from inference.protocols import THIS_PROCESS, BeforeSending, Prompt, Usage
from kb.errors import ModelUnavailable, TooLarge

if TYPE_CHECKING:
    from cyllama.llama.llama_cpp import LlamaContext, LlamaModel, LlamaSampler

CONTEXT = 2048
"""Tokens. Most models could take more; each one costs memory, and time before the first word."""

CHAT_TOKENS = 32
"""Kept free in the window for what stands around the turns of a chat."""

BATCH = 64
"""Tokens evaluated at once."""

REPETITION_PENALTY = 1.1
PENALISED_TOKENS = 64
NO_PENALTY = 0.0
LOG_ERROR = 4
"""`GGML_LOG_LEVEL_ERROR` of ggml.h."""

UNDECODED = "\ufffd"
"""What cyllama puts in the place of bytes that are no whole character."""

_logging = threading.Lock()
"""llama.cpp has one log for all models."""


class Gguf:
    """A `Generator` and a `LabelScorer`. Cheap to make: the weights are loaded by the first call.

    One call runs at a time; another one waits. The same input always gives the same output: the likeliest token is
    taken, and what an earlier call left in memory is used again only in whole batches.

    `context` is in tokens, at most what the model was trained for. `template` names one of llama.cpp's chat templates
    for a file that brings none or the wrong one. `grammar` (GBNF, with a rule “root”) is what every answer then obeys.
    With “citing” as grammar each sentence of an answer from sources ends with the number of one.
    """

    destination = THIS_PROCESS

    def __init__(
        self,
        model: str,
        *,
        models_dir: Path | None = None,
        context: int = CONTEXT,
        template: str = "",
        grammar: str = "",
        hub: bool = False,
    ):
        self.name = Path(model).stem if model.endswith(".gguf") else model
        self.window = context - CHAT_TOKENS
        self._model = model
        self._models_dir = models_dir or settings.VAR / "models"
        self._context = context
        self._template = template
        self._grammar = grammar
        self._hub = hub
        self._turn = Turn(self.name)
        self._loading = threading.Lock()
        self._loaded: _Loaded | None = None

    def generate(
        self, prompt: Prompt, *, max_tokens: int, before_sending: BeforeSending
    ) -> collections.abc.Generator[str, None, Usage]:
        before_sending(prompt.serialised())
        model = self._load()
        ids = model.chat_ids(prompt)
        self._refuse_too_long(len(ids))
        with self._turn.taken(), _translated(self.name):
            answer_tokens = yield from model.write(
                ids, min(max_tokens, self._context - len(ids)), self._grammar_for(prompt)
            )
        return Usage(prompt_tokens=len(ids), answer_tokens=answer_tokens, cost_usd=0.0)

    def score(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        model = self._load()
        texts = [model.text_ids(prompt + continuation) for continuation in continuations]
        shared = _shared([model.text_ids(prompt), *texts])
        self._refuse_too_long(max(map(len, texts), default=0))
        with self._turn.taken(), _translated(self.name):
            return model.score(shared, [ids[len(shared) :] for ids in texts])

    def count_tokens(self, text: str) -> int:
        return len(self._load().encode(text))

    def _grammar_for(self, prompt: Prompt) -> str:
        if self._grammar != CITING:
            return self._grammar
        return citing_grammar([chunk.marker for chunk in prompt.shown]) if prompt.shown else ""

    def _refuse_too_long(self, tokens: int) -> None:
        if tokens >= self._context:
            raise TooLarge(
                f"The text takes {tokens} tokens; {self.name} reads {self._context}. Send less of it."
            )

    def _load(self) -> "_Loaded":
        with self._loading:
            if self._loaded is None:
                path = weights.gguf_file(self._model, self._models_dir, hub=self._hub)
                with _translated(self.name):
                    self._loaded = _Loaded(path, self._context, self._template)
            return self._loaded


class _Loaded:
    """The weights in memory and what they have read so far."""

    def __init__(self, path: Path, context: int, template: str):
        from cyllama.llama.llama_cpp import LlamaBatch  # Loads a native library.

        self._model = _open(path)
        self._vocabulary = self._model.get_vocab()
        if context > self._model.n_ctx_train:
            raise ModelUnavailable(
                f"{path.name} was trained to read {self._model.n_ctx_train} tokens, not {context}. "
                "Set its “context” to no more than that."
            )
        self._memory = _memory(self._model, context)
        self._batch = LlamaBatch(n_tokens=BATCH, embd=0, n_seq_max=1, verbose=False)
        self._format = _format(self._model, template)
        self._begin = [self._vocabulary.token_bos()] if self._vocabulary.get_add_bos() else []
        self._position = 0
        """Tokens in memory."""
        self._read: list[int] = []
        """The tokens that were evaluated in whole batches from the start, and are still in memory."""

    def encode(self, text: str, *, markers: bool = False) -> list[int]:
        """A document that contains “<|im_end|>” must not end its turn: in text, markers are plain characters."""
        return list(self._vocabulary.tokenize(text, False, markers))

    def text_ids(self, text: str) -> list[int]:
        return [*self._begin, *self.encode(text)]

    def chat_ids(self, prompt: Prompt) -> list[int]:
        return [
            *self._begin,
            *self.encode(self._format.before, markers=True),
            *self.encode(prompt.system),
            *self.encode(self._format.between, markers=True),
            *self.encode(prompt.user),
            *self.encode(self._format.after, markers=True),
        ]

    def write(
        self, ids: list[int], max_tokens: int, grammar: str
    ) -> collections.abc.Generator[str, None, int]:
        """Yields text as soon as its last byte is there, and before that an empty piece for each batch that was read.

        Returns how many tokens were written.
        """
        sampler = self._sampler(grammar)
        characters = codecs.getincrementaldecoder("utf-8")(errors="replace")
        for _ in self._evaluate(ids):
            yield ""
        for written in range(max_tokens):
            token = sampler.sample(self._memory, -1)
            if self._vocabulary.is_eog(token):
                return written
            if piece := characters.decode(self._bytes(token)):
                yield piece
            self._read_on([token])
        return max_tokens

    def score(self, ids: list[int], branches: Sequence[list[int]]) -> list[float]:
        """Reads the prompt once; each branch starts again from what is in memory after it."""
        for _ in self._evaluate(ids):
            pass
        first = self._log_probabilities()
        return [self._branch(ids, branch, first) for branch in branches]

    def _branch(self, ids: list[int], branch: list[int], first: npt.NDArray[np.float64]) -> float:
        self._rewind(ids)
        probabilities, total = first, 0.0
        for place, token in enumerate(branch):
            if place:
                self._read_on([branch[place - 1]])
                probabilities = self._log_probabilities()
            total += float(probabilities[token])
        return total

    def _evaluate(self, ids: list[int]) -> Iterator[None]:
        """Leaves exactly `ids` in memory, the last token's logits on top; keeps what the last prompt shares.

        It pauses after each batch: who gives up there leaves what was read for the next prompt.
        """
        shared = len(_shared([ids[:-1], self._read])) // BATCH * BATCH
        self._read = []
        self._rewind(ids[:shared])
        for start in range(shared, len(ids), BATCH):
            self._read_on(ids[start : start + BATCH])
            self._read = ids[: self._position // BATCH * BATCH]
            yield

    def _rewind(self, ids: list[int]) -> None:
        """Forgets what was read after `ids`. A model with a recurrent memory cannot go back: it reads them again."""
        if self._memory.memory_seq_rm(0, len(ids), -1):
            self._position = len(ids)
        else:
            self._memory.memory_seq_rm(0, 0, -1)
            self._position = 0
            self._read_on(ids)

    def _read_on(self, ids: list[int]) -> None:
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            self._batch.set_batch(part, self._position, False)
            self._memory.decode(self._batch)
            self._position += len(part)

    def _bytes(self, token: int) -> bytes:
        piece: str = self._vocabulary.token_to_piece(token)
        if UNDECODED in piece:
            return token_bytes(self._vocabulary.get_text(token))
        return piece.encode()

    def _sampler(self, grammar: str) -> "LlamaSampler":
        from cyllama.llama.llama_cpp import LlamaSampler

        sampler = LlamaSampler()
        if grammar:
            with _complaints() as complaints:
                sampler.add_grammar(self._vocabulary, grammar, "root")
            if complaints:  # Used nevertheless, it would end the process.
                raise ValueError(f"its grammar cannot be read ({complaints[0]}); it wants GBNF")
        sampler.add_penalties(PENALISED_TOKENS, REPETITION_PENALTY, NO_PENALTY, NO_PENALTY)
        sampler.add_greedy()
        return sampler

    def _log_probabilities(self) -> npt.NDArray[np.float64]:
        """Shape (vocabulary,): the log-softmax of the last token's logits."""
        logits = np.array(self._memory.get_logits_ith(-1), dtype=np.float64)
        logits -= logits.max()
        probabilities: npt.NDArray[np.float64] = logits - np.log(np.exp(logits).sum())
        return probabilities


def _open(path: Path) -> "LlamaModel":
    """
    Raises:
        ModelUnavailable: it is no GGUF file, damaged, or of an architecture that llama.cpp does not know.
    """
    from cyllama.llama.llama_cpp import LlamaModel

    class Model(LlamaModel):  # type: ignore[misc]
        """cyllama 0.2 reads this where it copies logits, and leaves it to be defined."""

        @property
        def n_vocab(self) -> int:
            size: int = self.get_vocab().n_vocab
            return size

    with _complaints() as complaints:
        try:
            return Model(str(path), verbose=False)
        except (ValueError, OSError) as error:
            reason = complaints[0] if complaints else error
            raise ModelUnavailable(
                f"llama.cpp could not load {path}: {reason}. Get the file again, or name another one."
            ) from error


def _memory(model: "LlamaModel", context: int) -> "LlamaContext":
    from cyllama.llama.llama_cpp import LlamaContext, LlamaContextParams

    parameters = LlamaContextParams()
    parameters.n_ctx = context
    parameters.n_batch = parameters.n_ubatch = BATCH
    parameters.n_threads = parameters.n_threads_batch = settings.MODEL_THREADS
    return LlamaContext(model, parameters, False)


def _format(model: "LlamaModel", template: str) -> ChatFormat:
    """Of the template that is named; else of the file's own, or plain where llama.cpp does not know that one."""
    from cyllama.llama.llama_cpp import LlamaChatMessage, chat_builtin_templates

    turns = [LlamaChatMessage(role="system", content=SYSTEM), LlamaChatMessage(role="user", content=USER)]

    def render(name: str) -> str:
        rendered: str = model.chat_apply_template(name, turns, True)
        return rendered

    if template and template not in chat_builtin_templates():
        names = ", ".join(chat_builtin_templates())
        raise ModelUnavailable(f"llama.cpp has no chat template “{template}”. Name one of {names}, or none.")
    vocabulary = model.get_vocab()
    try:
        return chat_format(
            template or model.get_default_chat_template(),
            model.meta_val_str("general.architecture"),
            end_of_text=vocabulary.get_text(vocabulary.token_eos()),
            render=render,
        )
    except RuntimeError:
        return PLAIN


def _shared(texts: Sequence[list[int]]) -> list[int]:
    """The tokens that all begin with."""
    columns = zip(*texts, strict=False)
    return [column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns)]


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What llama.cpp logs as an error meanwhile, which is all that it says of a failure. It is silent otherwise."""
    from cyllama.llama.llama_cpp import disable_logging, set_log_callback

    lines: list[str] = []

    def note(level: int, text: str) -> None:
        if level == LOG_ERROR:
            lines.append(text.strip())

    with _logging:
        set_log_callback(note)
        try:
            yield lines
        finally:
            # Left in place, the callback would be called when the interpreter is gone.
            disable_logging()


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """cyllama has no type of its own for errors; its library may be missing or not fit the system."""
    try:
        yield
    except (RuntimeError, ValueError, OSError, ImportError) as error:
        raise ModelUnavailable(f"{name} failed in llama.cpp: {error}") from error
