"""The client for programs that wait."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self, TypeVar
from uuid import UUID

import httpx

from strongroom_client import operations
from strongroom_client.calls import Call, Listing, Operation, Part, asking, streamed, uploading
from strongroom_client.people import CurrentKey
from strongroom_client.problems import Unreachable, problem_of
from strongroom_client.replies import (
    Archive,
    Collection,
    Conversation,
    Document,
    Event,
    Hit,
    Progress,
    Reply,
    Uploaded,
    Version,
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

    def call(self, operation: Operation[T], /, **said: Any) -> T:
        """Any operation of `strongroom_client.operations`; `said` is what the API's description says it takes."""
        return self._send(operation.call(**said))

    def each(self, listing: Listing[T], /, **filters: Any) -> Iterator[T]:
        """All rows of a list of `strongroom_client.operations`, fetched part by part."""
        return _each(self._send, partial(listing.part, **filters))

    def search(self, query: str, *, limit: int = 10, **narrowing: Any) -> Sequence[Hit]:
        """`narrowing`: `collection`, `category`, `tag`, `language` (one or a list), `since`, `until` (days)."""
        part = self._send(operations.SEARCH.part(q=query, limit=limit, **narrowing))
        return part.rows

    def ask(self, question: str, *, conversation: UUID | None = None, on_premises: bool = False) -> Reply:
        """`conversation`, of an earlier reply, makes it a follow-up; `on_premises` keeps it in the building."""
        said = asking(question, conversation, on_premises=on_premises)
        return self._send(operations.ASK.call(**said))

    def stream(
        self, question: str, *, conversation: UUID | None = None, on_premises: bool = False
    ) -> Iterator[Event]:
        """The answer as it is written. Closing the iterator stops the model."""
        said, reader = asking(question, conversation, on_premises=on_premises), EventReader()
        call = streamed(operations.ASK.call(**said))
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
        form = uploading(file, collection=collection, **said)
        return self._send(operations.UPLOAD_DOCUMENT.call(**form))

    def add_version(self, pk: UUID, file: Path | BinaryIO, *, name: str | None = None) -> Version:
        return self._send(operations.ADD_VERSION.call(document_id=pk, **uploading(file, name=name)))

    def list(self, **filters: Any) -> Iterator[Document]:
        """All that this person may see and that fit, fetched part by part."""
        return _each(self._send, partial(operations.LIST_DOCUMENTS.part, **filters))

    def get(self, pk: UUID) -> Document:
        return self._send(operations.GET_DOCUMENT.call(document_id=pk))

    def status(self, pk: UUID) -> Progress:
        return self._send(operations.GET_DOCUMENT_STATUS.call(document_id=pk))

    def archive(self, pk: UUID) -> Archive:
        return self._send(operations.GET_ARCHIVE.call(archive_id=pk))

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
        return self._send(operations.TAG_DOCUMENT.call(document_id=pk, tags=tags))

    def delete(self, pk: UUID) -> None:
        self._send(operations.DELETE_DOCUMENT.call(document_id=pk))


class Collections:
    def __init__(self, send: Send) -> None:
        self._send = send

    def list(self) -> Iterator[Collection]:
        return _each(self._send, operations.LIST_COLLECTIONS.part)


class Conversations:
    def __init__(self, send: Send) -> None:
        self._send = send

    def list(self) -> Iterator[Conversation]:
        return _each(self._send, operations.LIST_CONVERSATIONS.part)

    def delete(self, pk: UUID) -> None:
        self._send(operations.DELETE_CONVERSATION.call(conversation_id=pk))


class Keys:
    def __init__(self, send: Send) -> None:
        self._send = send

    def current(self) -> CurrentKey:
        return self._send(operations.GET_CURRENT_KEY.call())


def _each(send: Send, call: Callable[[str | None], Call[Part[T]]]) -> Iterator[T]:
    part = send(call(None))
    yield from part.rows
    while part.next is not None:
        part = send(call(part.next))
        yield from part.rows
