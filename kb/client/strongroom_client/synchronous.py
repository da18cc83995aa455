"""The client for programs that wait."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self, TypeVar
from uuid import UUID

import httpx

from strongroom_client import calls
from strongroom_client.calls import Call, Part
from strongroom_client.problems import Unreachable, problem_of
from strongroom_client.replies import (
    Archive,
    Collection,
    Conversation,
    Document,
    Event,
    Hit,
    Key,
    Progress,
    Reply,
    Uploaded,
)
from strongroom_client.sending import EventReader, Outcome, options, read, wait_before

T = TypeVar("T")


class Send(Protocol):
    def __call__(self, call: Call[T]) -> T: ...


class Strongroom:
    """`retries` is how often a call is sent again after 429, 503 or no reply at all. `transport` is httpx's."""

    def __init__(
        self, base_url: str, key: str, *, retries: int = 3, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(transport=transport, **options(base_url, key))
        self._retries = retries
        self.documents = Documents(self._send)
        self.collections = Collections(self._send)
        self.conversations = Conversations(self._send)
        self.keys = Keys(self._send)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def search(self, query: str, *, limit: int = 10, **narrowing: Any) -> Sequence[Hit]:
        """`narrowing`: `collection`, `category`, `tag`, `language` (one or a list), `since`, `until` (days)."""
        return self._send(calls.search(query, limit, narrowing))

    def ask(self, question: str, *, conversation: UUID | None = None, on_premises: bool = False) -> Reply:
        """`conversation`, of an earlier reply, makes it a follow-up; `on_premises` keeps it in the building."""
        return self._send(calls.ask(question, conversation, on_premises=on_premises))

    def stream(
        self, question: str, *, conversation: UUID | None = None, on_premises: bool = False
    ) -> Iterator[Event]:
        """The answer as it is written. Closing the iterator stops the model."""
        call, reader = calls.stream(question, conversation, on_premises=on_premises), EventReader()
        try:
            with self._http.stream(call.method, call.path, headers=call.headers, **call.sends) as response:
                if response.is_error:
                    response.read()
                    raise problem_of(response)
                for line in response.iter_lines():
                    yield from reader.feed(line)
        except httpx.TransportError as error:
            raise Unreachable(error) from error

    def _send(self, call: Call[T]) -> T:
        for attempt in count():
            outcome = self._tried(call)
            wait = wait_before(call, outcome, attempt)
            if wait is None or attempt == self._retries:
                break
            time.sleep(wait)
        return read(call, outcome)

    def _tried(self, call: Call[T]) -> Outcome:
        try:
            return self._http.request(call.method, call.path, headers=call.headers, **call.sends)
        except httpx.TransportError as error:
            return error


class Documents:
    def __init__(self, send: Send) -> None:
        self._send = send

    def upload(self, file: Path | BinaryIO, collection: str, **said: Any) -> Uploaded:
        """`said`: `title`, `sensitivity`, `tags`, and `name` for a file that has none."""
        return self._send(calls.upload(file, collection, **said))

    def list(self, **filters: Any) -> Iterator[Document]:
        """All that this person may see and that fit, fetched part by part."""
        return _each(self._send, lambda cursor: calls.documents(cursor, filters))

    def get(self, pk: UUID) -> Document:
        return self._send(calls.document(pk))

    def status(self, pk: UUID) -> Progress:
        return self._send(calls.status(pk))

    def archive(self, pk: UUID) -> Archive:
        return self._send(calls.archive(pk))

    def wait_until_ready(self, pk: UUID, *, timeout: float = 600.0, every: float = 1.0) -> Progress:
        """Looks every so many seconds until it is ready, has failed or was set aside.

        Raises:
            TimeoutError: it is still on its way after that many seconds.
        """
        deadline = time.monotonic() + timeout
        while not (progress := self.status(pk)).settled:
            if time.monotonic() > deadline:
                raise TimeoutError(f"Document {pk} is still {progress.stage} after {timeout:g} seconds.")
            time.sleep(every)
        return progress

    def tag(self, pk: UUID, tags: Sequence[str]) -> Document:
        """Replaces all its tags."""
        return self._send(calls.tag(pk, tags))

    def delete(self, pk: UUID) -> None:
        self._send(calls.delete(pk))


class Collections:
    def __init__(self, send: Send) -> None:
        self._send = send

    def list(self) -> Iterator[Collection]:
        return _each(self._send, calls.collections)


class Conversations:
    def __init__(self, send: Send) -> None:
        self._send = send

    def list(self) -> Iterator[Conversation]:
        return _each(self._send, calls.conversations)

    def delete(self, pk: UUID) -> None:
        self._send(calls.delete_conversation(pk))


class Keys:
    def __init__(self, send: Send) -> None:
        self._send = send

    def current(self) -> Key:
        return self._send(calls.current_key())


def _each(send: Send, call: Callable[[str | None], Call[Part[T]]]) -> Iterator[T]:
    part = send(call(None))
    yield from part.rows
    while part.next is not None:
        part = send(call(part.next))
        yield from part.rows
