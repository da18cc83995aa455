"""A provider on loopback that speaks OpenAI chat completions, keeps what it was sent, and misbehaves when told to."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Mood(StrEnum):
    HELPFUL = "helpful"
    GARBAGE = "garbage"
    BROKEN_STREAM = "cuts the stream"
    SLOW = "slow"
    UNAUTHORISED = "401"
    RATE_LIMITED = "429"
    FAILING = "500"


STATUSES = {Mood.UNAUTHORISED: 401, Mood.RATE_LIMITED: 429, Mood.FAILING: 500}


@dataclass
class RecordingCloud:
    """What it says, how it behaves, and every request that reached it: headers, body, and the body's bytes."""

    url: str = ""
    answer: str = "The notice period is four weeks [1]."
    mood: Mood = Mood.HELPFUL
    delay: float = 30.0
    """Seconds that it is silent when slow."""
    raw: list[bytes] = field(default_factory=list)
    redirect: str = ""
    """Where it sends everybody, if anywhere."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
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
        try:
            self._reply(body)
        except (BrokenPipeError, ConnectionResetError):
            self.cloud.hung_up.set()

    def _reply(self, body: dict[str, Any]) -> None:
        mood = self.cloud.mood
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
        elif body.get("stream"):
            self._stream(body)
        else:
            self._send(200, _completion(body, self.cloud.answer))

    def _stream(self, body: dict[str, Any]) -> None:
        self._begin("text/event-stream")
        words = self.cloud.answer.split(" ")
        for place, word in enumerate(words):
            if self.cloud.mood is Mood.BROKEN_STREAM and place == 2:
                return
            self._event(_chunk(body, {"role": "assistant", "content": word if not place else f" {word}"}))
            time.sleep(0.01)
        self._event(_chunk(body, {}, finish="stop"))
        self._event({**_chunk(body, {}), "choices": [], "usage": _usage(words)})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, value: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")
        self.wfile.flush()

    def _begin(self, media_type: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Retry-After", "0")
        self.end_headers()

    def _send(self, status: int, value: dict[str, Any]) -> None:
        self._begin("application/json", status)
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


def _usage(words: list[str]) -> dict[str, int]:
    return {"prompt_tokens": 42, "completion_tokens": len(words), "total_tokens": 42 + len(words)}


def _chunk(body: dict[str, Any], delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": body.get("model", ""),
        "choices": [choice],
    }


def _completion(body: dict[str, Any], answer: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}
    usage = _usage(answer.split(" "))
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": body.get("model", ""),
        "choices": [choice],
        "usage": usage,
    }
