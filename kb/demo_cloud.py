"""A stand-in for a provider in the cloud, on this machine: it speaks OpenAI's chat completions, quotes what it was
sent or lets a model in this process answer, and keeps every request as it came. For demonstrations and tests; nothing
here reaches a network.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings

from inference.protocols import Generator, Prompt, Shown
from inference.sentences import split
from inference.terms import content_terms
from kb.errors import StrongroomError

HOST = "127.0.0.1"
LABEL = "(demonstration model)"
QUOTED = 2
"""Sources that an answer quotes."""
ENDINGS = (".", "!", "?")
NOTHING = f"The sources do not say. {LABEL}"
SOURCE = re.compile(r"<(source-\w+) id=(\d+)>\n(.*?)\n</\1>", re.DOTALL)
FINDING = re.compile(r"<(source-\w+) part=\d+>\n(.*?)\n(.*?)\n</\1>", re.DOTALL)
"""What an earlier call said of a document: its title, and a text that has numbers already."""
QUESTION = "Question: "
MOST_TOKENS = 700
"""Of an answer by a model, where the request does not say."""

Request = dict[str, Any]
"""The body of a chat completion."""
Answerer = Callable[[Request], Iterable[str]]
"""Gives the pieces of an answer as they are made."""


def quoting(asked: Request) -> Iterator[str]:
    """Word by word."""
    for place, word in enumerate(answer_to(asked["messages"][-1]["content"]).split(" ")):
        yield f" {word}" if place else word


def written_by(model: Generator) -> Answerer:
    """Of a real model behind it. What is sent to it was written down by who sent it here."""

    def pieces(asked: Request) -> Iterator[str]:
        system, user = (each["content"] for each in asked["messages"])
        most = asked.get("max_tokens") or MOST_TOKENS
        shown = tuple(Shown(int(marker), "", text) for _fence, marker, text in SOURCE.findall(user))
        prompt = Prompt(version="as it came", system=system, user=user, shown=shown)
        yield from filter(None, model.generate(prompt, max_tokens=most, before_sending=lambda _payload: None))

    return pieces


def answer_to(user: str) -> str:
    """The sentence with most words of the question out of each of the two best sources, with their numbers.

    The second only if it has at least half as many of them.
    """
    if findings := FINDING.findall(user):
        said = [f"- **{title}**: {' '.join(text.split())}" for _fence, title, text in findings]
        return "\n".join([f"Put together {LABEL}:", "", *said])
    asked = content_terms(user.rpartition(QUESTION)[2])
    quotes = [_best_sentence(marker, text, asked) for _fence, marker, text in SOURCE.findall(user)]
    best = sorted(quotes, key=lambda quote: -quote.shared)[:QUOTED]
    chosen = [
        f"{quote.text} [{quote.marker}]" for quote in best if 2 * quote.shared >= max(best[0].shared, 1)
    ]
    return " ".join([*chosen, LABEL]) if chosen else NOTHING


@dataclass(frozen=True, slots=True)
class _Quote:
    """A sentence of a source, and how many words it shares with the question."""

    marker: str
    text: str
    shared: int


def _best_sentence(marker: str, source: str, asked: frozenset[int]) -> _Quote:
    stretches = [" ".join(sentence.text.replace("|", " ").split()) for sentence in split(source)]
    # Headings hold the question's words and do not answer it.
    sentences = [text for text in stretches if text.endswith(ENDINGS)] or stretches
    quotes = [_Quote(marker, text, len(asked & content_terms(text))) for text in sentences]
    return max(quotes, key=lambda quote: quote.shared, default=_Quote(marker, "", 0))


def demo_folder() -> Path:
    """Where it keeps what it gets."""
    return Path(settings.VAR) / "demo-cloud"


class DemoCloud(ThreadingHTTPServer):
    """Serves on loopback. Each request is kept in `folder` under a number, byte for byte."""

    def __init__(self, port: int, folder: Path, answerer: Answerer = quoting) -> None:
        super().__init__((HOST, port), Provider)
        self.answerer = answerer
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._numbers = count(1 + len(list(folder.glob("*.json"))))

    def keep(self, body: bytes) -> None:
        (self._folder / f"{next(self._numbers):06}.json").write_bytes(body)


class Provider(BaseHTTPRequestHandler):
    server: DemoCloud

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keep(body)
        asked = json.loads(body)
        pieces = self.server.answerer(asked)
        if asked.get("stream"):
            self._stream(asked["model"], pieces)
            return
        try:
            self._reply(200, json.dumps(completion(asked["model"], "".join(pieces))).encode())
        except StrongroomError as error:
            self._reply(500, json.dumps({"error": {"message": str(error)}}).encode())

    def log_message(self, *arguments: object) -> None:
        """Says nothing: what was asked belongs into no log."""

    def _stream(self, model: str, pieces: Iterable[str]) -> None:
        """A model that fails ends the stream before its end, as a provider's would."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for value in streamed(model, pieces):
                self.wfile.write(event(value))
        except (StrongroomError, ConnectionError):  # The other may have hung up.
            return
        self.wfile.write(DONE)

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# --- The form of OpenAI's replies (platform.openai.com/docs/api-reference/chat) --------------------------

DONE = b"data: [DONE]\n\n"


def streamed(model: str, pieces: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The answer piece by piece, its end, and what it took."""
    said = []
    for piece in pieces:
        said.append(piece)
        yield chunk(model, {"role": "assistant", "content": piece})
    yield chunk(model, {}, finish="stop")
    yield {**chunk(model, {}), "choices": [], "usage": usage(said)}


def event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def chunk(model: str, delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice]}


def completion(model: str, answer: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage(answer.split(" ")),
    }


def usage(pieces: list[str]) -> dict[str, int]:
    """The prompt counts as 42 tokens, a piece of the answer as one."""
    return {"prompt_tokens": 42, "completion_tokens": len(pieces), "total_tokens": 42 + len(pieces)}
