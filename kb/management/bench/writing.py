"""How fast the shipped SLM reads and writes through ctransformers and through llama.cpp, in the same run."""

import time
from collections.abc import Sequence

from inference.backends import ctransformers, llamacpp
from inference.catalogue import SMOLLM2
from inference.protocols import Generator, Prompt
from kb.management.bench.report import Writing

SYSTEM = "Answer from the passages, in short sentences, and name the passage of each. " * 20
PROMPT = Prompt("bench-1", SYSTEM, "How long is the notice period of the supplier?")
NEXT = Prompt("bench-1", SYSTEM, "Who pays for the spare parts of a pump?")
TOKENS = 32
"""Of an answer."""


def measure_writing() -> Sequence[Writing]:
    models: Sequence[Generator] = (ctransformers.Gguf(SMOLLM2.name), llamacpp.Gguf(SMOLLM2.name))
    return [_measure(name, model) for name, model in zip(("ctransformers", "llama.cpp"), models, strict=True)]


def _measure(backend: str, model: Generator) -> Writing:
    """In CPU seconds of this process: other work on the machine does not count."""
    model.count_tokens("Loads it.")
    read, tokens = _seconds(model, PROMPT, 1)
    read_again, _ = _seconds(model, NEXT, 1)
    written, _ = _seconds(model, NEXT, TOKENS)
    return Writing(
        backend=backend,
        read_per_second=round(tokens / read, 1),
        written_per_second=round((TOKENS - 1) / (written - read_again), 1),
        known_beginning_ratio=round(read / read_again, 1),
    )


def _seconds(model: Generator, prompt: Prompt, most: int) -> tuple[float, int]:
    """What one call takes, and how many tokens its prompt has."""
    begun = time.process_time()
    generation = model.generate(prompt, max_tokens=most, before_sending=lambda payload: None)
    while True:
        try:
            next(generation)
        except StopIteration as end:
            return time.process_time() - begun, end.value.prompt_tokens
