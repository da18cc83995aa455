"""What both clients do around a call: when to send it again, and how to read a stream of events."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypedDict, TypeVar

import httpx

from strongroom_client.calls import Call
from strongroom_client.problems import Unreachable, problem_in, problem_of
from strongroom_client.replies import Event, Finished, Reply, Sources, Token

T = TypeVar("T")

API = "/api/v1"
TIMEOUT = httpx.Timeout(10.0, read=300.0)
"""Seconds. An answer of a model on slow machines takes minutes."""
AGAIN = (429, 503)
LONGEST_WAIT = 60.0
"""Seconds: a server that wants more patience is reported instead."""
FIRST_WAIT = 0.5


class Options(TypedDict):
    base_url: str
    headers: Mapping[str, str]
    timeout: httpx.Timeout


def options(base_url: str, key: str) -> Options:
    """What both of httpx's clients are made with."""
    return {
        "base_url": base_url.rstrip("/") + API,
        "headers": {"Authorization": f"Bearer {key}"},
        "timeout": TIMEOUT,
    }


Outcome: TypeAlias = httpx.Response | httpx.TransportError


def wait_before(call: Call[Any], outcome: Outcome, attempt: int) -> float | None:
    """Seconds to wait before the call is sent again; None when that is of no use. `attempt` counts from 0."""
    if call.method == "POST" and "Idempotency-Key" not in call.headers:
        return None  # Sent twice, it might be done twice.
    if isinstance(outcome, httpx.TransportError):
        return backoff(attempt)
    if outcome.status_code not in AGAIN:
        return None
    said = outcome.headers.get("Retry-After", "")
    wait = float(said) if said.isascii() and said.isdigit() else backoff(attempt)
    return wait if wait <= LONGEST_WAIT else None


def read(call: Call[T], outcome: Outcome) -> T:
    """
    Raises:
        Problem: the server refused, failed, or did not reply.
    """
    if isinstance(outcome, httpx.TransportError):
        raise Unreachable(outcome) from outcome
    if outcome.is_error:
        raise problem_of(outcome)
    return call.read(outcome)


def backoff(attempt: int) -> float:
    """Seconds: twice as long each time, and anywhere in the upper half of that, so that clients part."""
    return float(FIRST_WAIT * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311  # Nobody gains by guessing it.


@dataclass
class EventReader:
    """Lines of a text/event-stream → events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

    _name: str = ""
    _data: list[str] = field(default_factory=list)

    def feed(self, line: str) -> Iterator[Event]:
        """The event that this line ends, if it ends one that is known.

        Raises:
            Problem: the server says that the answer broke off.
        """
        if not line:
            yield from self._ended()
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)

    def _ended(self) -> Iterator[Event]:
        name, text = self._name, "\n".join(self._data)
        self._name, self._data = "", []
        match name:
            case "sources":
                yield Sources.of(json.loads(text))
            case "token":
                yield Token.of(json.loads(text))
            case "finished":
                yield Finished(Reply.of(json.loads(text)))
            case "error":
                raise problem_in(json.loads(text))
