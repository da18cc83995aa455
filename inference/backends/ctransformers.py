"""A GGUF model in this process, through ctransformers: writes text and judges labels, on one thread."""

import collections.abc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from django.conf import settings

from inference import weights
from inference.backends.turn import Turn
from inference.protocols import THIS_PROCESS, BeforeSending, Prompt, Usage
from kb.errors import ModelUnavailable, TooLarge

CONTEXT = 2048
"""Tokens. SmolLM2 could take 8,192, but at 115 tokens a second nobody would wait for the answer."""

CHAT_TOKENS = 32
"""Kept free in the window for the markers around the turns of a chat."""

BATCH = 64
"""Tokens evaluated at once. 512 is no faster on one thread and takes 90 MB more."""

REPETITION_PENALTY = 1.1
PENALISED_TOKENS = 64
NO_TOKEN = -1


class Gguf:
    """A `Generator` and a `LabelScorer`. Cheap to make: the weights are loaded by the first call.

    One call runs at a time; another one waits. The same input always gives the same output: the likeliest
    token is taken, and what an earlier call left in memory is used again only in whole batches, because
    the arithmetic of a batch depends on how many tokens are in it.
    """

    destination = THIS_PROCESS

    def __init__(
        self, model: str, *, models_dir: Path | None = None, context: int = CONTEXT, hub: bool = False
    ):
        self.name = Path(model).stem if model.endswith(".gguf") else model
        self.window = context - CHAT_TOKENS
        self._model = model
        self._models_dir = models_dir or settings.VAR / "models"
        self._context = context
        self._hub = hub
        self._threads = settings.MODEL_THREADS
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
            answer_tokens = yield from model.write(ids, min(max_tokens, self._context - len(ids)))
        return Usage(prompt_tokens=len(ids), answer_tokens=answer_tokens, cost_usd=0.0)

    def score(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        model = self._load()
        ids = model.encode(prompt)
        branches = [model.encode(continuation) for continuation in continuations]
        self._refuse_too_long(len(ids) + max(map(len, branches), default=0))
        with self._turn.taken(), _translated(self.name):
            return model.score(ids, branches)

    def count_tokens(self, text: str) -> int:
        return len(self._load().encode(text))

    def _refuse_too_long(self, tokens: int) -> None:
        if tokens >= self._context:
            raise TooLarge(
                f"The text takes {tokens} tokens; {self.name} reads {self._context}. Send less of it."
            )

    def _load(self) -> "_Loaded":
        with self._loading:
            if self._loaded is None:
                folder = weights.resolve(self._model, self._models_dir, hub=self._hub)
                with _translated(self.name):
                    self._loaded = _Loaded(folder, self._context, self._threads)
            return self._loaded


class _Loaded:
    """The weights in memory and what they have read so far."""

    def __init__(self, folder: Path, context: int, threads: int):
        from ctransformers.llm import LLM, Config  # Loads a native library.
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / weights.TOKENIZER_FILE))
        # A document that contains “<|im_end|>” must not end its turn: in text, markers are plain characters.
        self._tokenizer.encode_special_tokens = True
        self._llm = LLM(
            str(folder / weights.MODEL_FILE),
            "gguf",
            config=Config(context_length=context, threads=threads, batch_size=BATCH),
            lib=_library(),
        )
        self._read: list[int] = []
        """The tokens that were evaluated in whole batches from the start, and are still in memory."""

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def chat_ids(self, prompt: Prompt) -> list[int]:
        """The prompt in ChatML, or as plain paragraphs for a model that was not taught ChatML.

        Built from token ids: the template inside a GGUF file is a program, and is not run (CVE-2024-34359).
        """
        start, end = self._marker("<|im_start|>"), self._marker("<|im_end|>")
        ids: list[int] = []
        for role, text in (("system", prompt.system), ("user", prompt.user)):
            ids += [*start, *self.encode(f"{role}\n{text}"), *end, *self.encode("\n")]
        return [*ids, *start, *self.encode("assistant\n")]

    def _marker(self, text: str) -> list[int]:
        token = self._tokenizer.token_to_id(text)
        return [] if token is None else [token]

    def write(self, ids: list[int], max_tokens: int) -> collections.abc.Generator[str, None, int]:
        """Yields text as soon as its last byte is there; returns how many tokens were written."""
        from tokenizers.decoders import DecodeStream

        stops = {self._llm.eos_token_id, *self._marker("<|im_end|>")}
        stream = DecodeStream(skip_special_tokens=True)
        self._evaluate(ids)
        for written in range(max_tokens):
            token = self._likeliest()
            if token in stops:
                return written
            if piece := stream.step(self._tokenizer, token):
                yield piece
            self._llm.eval([token])
        return max_tokens

    def score(self, ids: list[int], branches: Sequence[list[int]]) -> list[float]:
        """Reads the prompt once; each branch starts again from what is in memory after it."""
        self._evaluate(ids)
        first = self._log_probabilities()
        return [self._branch(ids, branch, first) for branch in branches]

    def _branch(self, ids: list[int], branch: list[int], first: npt.NDArray[np.float64]) -> float:
        self._rewind(ids)
        probabilities, total = first, 0.0
        for place, token in enumerate(branch):
            if place:
                self._llm.eval([branch[place - 1]])
                probabilities = self._log_probabilities()
            total += float(probabilities[token])
        return total

    def _evaluate(self, ids: list[int]) -> None:
        """Leaves exactly `ids` in memory, the last token's logits on top; keeps what the last prompt shares."""
        pairs = zip(ids[:-1], self._read, strict=False)
        shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs))) // BATCH * BATCH
        self._rewind(ids[:shared])
        self._read = []
        self._llm.eval(ids[shared:])
        self._read = ids[: len(ids) // BATCH * BATCH]

    def _rewind(self, ids: list[int]) -> None:
        """Forgets what was read after `ids`. ctransformers cuts back to the part that its argument shares."""
        self._llm.prepare_inputs_for_generation([*ids, NO_TOKEN])

    def _likeliest(self) -> int:
        token: int = self._llm.sample(
            top_k=1, temperature=0.0, repetition_penalty=REPETITION_PENALTY, last_n_tokens=PENALISED_TOKENS
        )
        return token

    def _log_probabilities(self) -> npt.NDArray[np.float64]:
        """Shape (vocabulary,): the log-softmax of the last token's logits."""
        size = (self._llm.ctransformers_llm_logits_size(),)
        logits = np.ctypeslib.as_array(self._llm.ctransformers_llm_logits_data(), size).astype(np.float64)
        logits -= logits.max()
        probabilities: npt.NDArray[np.float64] = logits - np.log(np.exp(logits).sum())
        return probabilities


def _library() -> str | None:
    """Which build of the library fits this processor; None lets ctransformers find out, which takes a second."""
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return None
    return "avx2" if "avx2" in flags else None


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """ctransformers raises these three and no type of its own; its library may be missing or not fit the system."""
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelUnavailable(f"{name} failed in ctransformers: {error}") from error
