"""A provider on loopback that keeps what it was sent, and misbehaves when told to.

It speaks OpenAI chat completions, or streams in another provider's form (`tests.dialects`).
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kb.demo_cloud import DONE, completion, event, streamed


class Mood(StrEnum):
    HELPFUL = "helpful"
    GARBAGE = "garbage"
    BROKEN_STREAM = "cuts the stream"
    FALLS_SILENT = "falls silent in the middle"
    SLOW = "slow"
    UNAUTHORISED = "401"
    RATE_LIMITED = "429"
    FAILING = "500"


BROKEN_AFTER = 2
"""Pieces of a stream that is cut."""


def openai(model: str, answer: str) -> Iterator[bytes]:
    words = answer.split(" ")
    yield from map(event, streamed(model, [words[0], *(f" {word}" for word in words[1:])]))
    yield DONE


STATUSES = {Mood.UNAUTHORISED: 401, Mood.RATE_LIMITED: 429, Mood.FAILING: 500}


@dataclass
class RecordingCloud:
    """What it says, how it behaves, and every request that reached it: headers, body, and the body's bytes."""

    url: str = ""
    answer: str = "The notice period is four weeks [1]."
    mood: Mood = Mood.HELPFUL
    dialect: Callable[[str, str], Iterator[bytes]] = openai
    """What it streams, given a model's name and an answer."""
    delay: float = 30.0
    """Seconds that it is silent when slow, or when it falls silent."""
    words: int = 2
    """After which it cuts the stream, or falls silent."""
    spells: int | None = None
    """Requests for which its mood lasts; without a number for ever."""
    retry_after: str = "0"
    """What it says with every reply."""
    raw: list[bytes] = field(default_factory=list)
    redirect: str = ""
    """Where it sends everybody, if anywhere."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when a client went away before the answer was complete."""
    closing: threading.Event = field(default_factory=threading.Event)

    def everything_received(self) -> str:
        return json.dumps(self.requests, ensure_ascii=False)


@contextmanager
def recording_cloud() -> Iterator[RecordingCloud]:
    cloud = RecordingCloud()
    handler = type("Handler", (_Handler,), {"cloud": cloud})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    cloud.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield cloud
    finally:
        cloud.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
        _close_forgotten_loop()


def _close_forgotten_loop() -> None:
    """LiteLLM makes this thread an event loop and never closes it; the next `asyncio.run` would drop it, open."""
    with suppress(RuntimeError):  # There is none.
        asyncio.get_event_loop().close()
        asyncio.set_event_loop(None)


class _Handler(BaseHTTPRequestHandler):
    cloud: RecordingCloud

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(raw)
        self.cloud.raw.append(raw)
        self.cloud.requests.append(body)
        self.cloud.headers.append(dict(self.headers))
        self.cloud.paths.append(self.path)
        try:
            self._reply(body)
        except (BrokenPipeError, ConnectionResetError):
            self.cloud.hung_up.set()

    def _reply(self, body: dict[str, Any]) -> None:
        mood = self._mood()
        if self.cloud.redirect:
            self.send_response(307)
            self.send_header("Location", self.cloud.redirect)
            self.end_headers()
            return
        if mood is Mood.SLOW:
            self.cloud.closing.wait(self.cloud.delay)
        if mood in STATUSES:
            # A careless provider repeats the key in its complaint.
            self._send(STATUSES[mood], {"error": {"message": f"No: {self.headers['Authorization']}"}})
        elif mood is Mood.GARBAGE:
            self._begin("text/event-stream" if body.get("stream") else "application/json")
            self.wfile.write(b"data: {<html>oops\n\n")
        elif body.get("stream") or "alt=sse" in self.path:
            self._stream(body.get("model", ""), mood)
        else:
            self._send(200, completion(body["model"], self.cloud.answer))

    def _mood(self) -> Mood:
        passed = self.cloud.spells is not None and len(self.cloud.requests) > self.cloud.spells
        return Mood.HELPFUL if passed else self.cloud.mood

    def _stream(self, model: str, mood: Mood) -> None:
        self._begin("text/event-stream")
        for place, data in enumerate(self.cloud.dialect(model, self.cloud.answer)):
            if mood is Mood.BROKEN_STREAM and place == self.cloud.words:
                return
            if mood is Mood.FALLS_SILENT and place == self.cloud.words:
                self.cloud.closing.wait(self.cloud.delay)
            self.wfile.write(data)
            self.wfile.flush()
            time.sleep(0.01)

    def _begin(self, media_type: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Retry-After", self.cloud.retry_after)
        self.end_headers()

    def _send(self, status: int, value: dict[str, Any]) -> None:
        self._begin("application/json", status)
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""
