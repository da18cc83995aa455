"""How Anthropic and Gemini stream, as their documentation records it.

platform.claude.com/docs/en/build-with-claude/streaming and ai.google.dev/api/generate-content. A prompt counts as 42
tokens and a word of the answer as one, as with `kb.demo_cloud`.
"""

import json
from collections.abc import Iterator
from typing import Any

PROMPT_TOKENS = 42


def anthropic(model: str, answer: str) -> Iterator[bytes]:
    words = answer.split(" ")
    usage = {"input_tokens": PROMPT_TOKENS, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": []}
    ending = {"stop_reason": None, "stop_sequence": None}
    yield _named({"type": "message_start", "message": {**message, **ending, "usage": usage}})
    yield _named({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    yield _named({"type": "ping"})
    for piece in _pieces(words):
        delta = {"type": "text_delta", "text": piece}
        yield _named({"type": "content_block_delta", "index": 0, "delta": delta})
    yield _named({"type": "content_block_stop", "index": 0})
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    yield _named({"type": "message_delta", "delta": ended, "usage": {"output_tokens": len(words)}})
    yield _named({"type": "message_stop"})


def gemini(model: str, answer: str) -> Iterator[bytes]:
    """`model` is in the address of a request to Gemini, not in its body."""
    words = answer.split(" ")
    for place, piece in enumerate(_pieces(words), start=1):
        content = {"parts": [{"text": piece}], "role": "model"}
        candidate: dict[str, Any] = {"content": content, "index": 0}
        if place == len(words):
            candidate["finishReason"] = "STOP"
        usage = {
            "promptTokenCount": PROMPT_TOKENS,
            "candidatesTokenCount": place,
            "totalTokenCount": PROMPT_TOKENS + place,
        }
        yield _data({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-2.5-flash"})


def _pieces(words: list[str]) -> Iterator[str]:
    return (f" {word}" if place else word for place, word in enumerate(words))


def _named(value: dict[str, Any]) -> bytes:
    return f"event: {value['type']}\n".encode() + _data(value)


def _data(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"
