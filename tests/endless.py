"""A model that never ends, and clients that hang up on it."""

import json
import socket
import threading
import time
from collections.abc import Generator, Mapping
from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from inference import registry
from inference.protocols import THIS_PROCESS, BeforeSending, Prompt, Usage

PATIENCE = 30.0
"""Seconds."""
FIRST = "Everybody has 30 days of leave in a calendar year."
"""What it says of the first source; nothing is shown of a text that nothing stands on."""


class Endless:
    """A generator that goes on for as long as somebody listens, and half a minute at most."""

    name, window, destination = "endless", 2_048, THIS_PROCESS
    begun = threading.Event()

    def generate(
        self, prompt: Prompt, *, max_tokens: int, before_sending: BeforeSending
    ) -> Generator[str, None, Usage]:
        before_sending(prompt.serialised())
        yield f"{FIRST} [1]"
        for _ in range(3_000):
            yield " and"
            self.begun.set()
            time.sleep(0.01)
        return Usage(0, 0)

    def count_tokens(self, text: str) -> int:
        return len(text.split())


@pytest.fixture
def endless(fake_models: Settings) -> None:
    generator = {"BACKEND": "tests.endless.Endless", "LOCATION": "on-premises", "OPTIONS": {}}
    fake_models.MODELS = {**fake_models.MODELS, "llm": generator}
    registry.forget()
    Endless.begun.clear()


def ask_and_hang_up(address: str, key: str, asked: Mapping[str, object]) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    post_and_hang_up(address, json.dumps(asked), headers)


def post_and_hang_up(address: str, body: str, headers: Mapping[str, str]) -> None:
    """Closes the connection once the model has begun."""
    url, sent = urlsplit(address), body.encode()
    said = {"Host": url.netloc, "Content-Length": len(sent), **headers}
    head = [f"POST {url.path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), "", ""]
    with socket.create_connection((str(url.hostname), url.port or 80)) as line:
        line.sendall("\r\n".join(head).encode() + sent)
        assert Endless.begun.wait(PATIENCE)
