"""The same client, to await."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
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
    async def __call__(self, call: Call[T]) -> T: ...


class AsyncStrongroom:
    """`retries` is how often a call is sent again after 429, 503 or no reply at all. `transport` is httpx's."""

    def __init__(
        self, base_url: str, key: str, *, retries: int = 3, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._http = httpx.AsyncClient(transport=transport, **options(base_url, key))
        self._retries = retries
        self.documents = AsyncDocuments(self._send)
        self.collections = AsyncCollections(self._send)
        self.conversations = AsyncConversations(self._send)
        self.keys = AsyncKeys(self._send)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def call(self, operation: Operation[T], /, **said: Any) -> T:
        """Any operation of `strongroom_client.operations`; `said` is what the API's description says it takes."""
        return await self._send(operation.call(**said))

    def each(self, listing: Listing[T], /, **filters: Any) -> AsyncIterator[T]:
        """All rows of a list of `strongroom_client.operations`, fetched part by part."""
        return _each(self._send, partial(listing.part, **filters))

    async def search(self, query: str, *, limit: int = 10, **narrowing: Any) -> Sequence[Hit]:
        """`narrowing`: `collection`, `category`, `tag`, `language` (one or a list), `since`, `until` (days)."""
        part = await self._send(operations.SEARCH.part(q=query, limit=limit, **narrowing))
        return part.rows

    async def ask(
        self, question: str, *, conversation: UUID | None = None, on_premises: bool = False
    ) -> Reply:
        """`conversation`, of an earlier reply, makes it a follow-up; `on_premises` keeps it in the building."""
        said = asking(question, conversation, on_premises=on_premises)
        return await self._send(operations.ASK.call(**said))

    async def stream(
        self, question: str, *, conversation: UUID | None = None, on_premises: bool = False
    ) -> AsyncIterator[Event]:
        """The answer as it is written. Closing the iterator stops the model."""
        said, reader = asking(question, conversation, on_premises=on_premises), EventReader()
        call = streamed(operations.ASK.call(**said))
        try:
            async with self._http.stream(
                call.method, call.path, headers=call.headers, **call.sends
            ) as response:
                if response.is_error:
                    await response.aread()
                    raise problem_of(response)
                async for line in response.aiter_lines():
                    for event in reader.feed(line):
                        yield event
        except httpx.TransportError as error:
            raise Unreachable(error) from error

    async def _send(self, call: Call[T]) -> T:
        for attempt in count():
            outcome = await self._tried(call)
            wait = wait_before(call, outcome, attempt)
            if wait is None or attempt == self._retries:
                break
            await asyncio.sleep(wait)
        return read(call, outcome)

    async def _tried(self, call: Call[T]) -> Outcome:
        try:
            return await self._http.request(call.method, call.path, headers=call.headers, **call.sends)
        except httpx.TransportError as error:
            return error


class AsyncDocuments:
    def __init__(self, send: Send) -> None:
        self._send = send

    async def upload(self, file: Path | BinaryIO, collection: str, **said: Any) -> Uploaded:
        """`said`: `title`, `sensitivity`, `tags`, and `name` for a file that has none."""
        form = uploading(file, collection=collection, **said)
        return await self._send(operations.UPLOAD_DOCUMENT.call(**form))

    async def add_version(self, pk: UUID, file: Path | BinaryIO, *, name: str | None = None) -> Version:
        return await self._send(operations.ADD_VERSION.call(document_id=pk, **uploading(file, name=name)))

    def list(self, **filters: Any) -> AsyncIterator[Document]:
        """All that this person may see and that fit, fetched part by part."""
        return _each(self._send, partial(operations.LIST_DOCUMENTS.part, **filters))

    async def get(self, pk: UUID) -> Document:
        return await self._send(operations.GET_DOCUMENT.call(document_id=pk))

    async def status(self, pk: UUID) -> Progress:
        return await self._send(operations.GET_DOCUMENT_STATUS.call(document_id=pk))

    async def archive(self, pk: UUID) -> Archive:
        return await self._send(operations.GET_ARCHIVE.call(archive_id=pk))

    async def wait_until_ready(self, pk: UUID, *, timeout: float = 600.0, every: float = 1.0) -> Progress:
        """Looks every so many seconds until it is ready, has failed or was set aside.

        Raises:
            TimeoutError: it is still on its way after that many seconds.
        """
        deadline = time.monotonic() + timeout
        while not (progress := await self.status(pk)).settled:
            if time.monotonic() > deadline:
                raise TimeoutError(f"Document {pk} is still {progress.stage} after {timeout:g} seconds.")
            await asyncio.sleep(every)
        return progress

    async def tag(self, pk: UUID, tags: Sequence[str]) -> Document:
        """Replaces all its tags."""
        return await self._send(operations.TAG_DOCUMENT.call(document_id=pk, tags=tags))

    async def delete(self, pk: UUID) -> None:
        await self._send(operations.DELETE_DOCUMENT.call(document_id=pk))


class AsyncCollections:
    def __init__(self, send: Send) -> None:
        self._send = send

    def list(self) -> AsyncIterator[Collection]:
        return _each(self._send, operations.LIST_COLLECTIONS.part)


class AsyncConversations:
    def __init__(self, send: Send) -> None:
        self._send = send

    def list(self) -> AsyncIterator[Conversation]:
        return _each(self._send, operations.LIST_CONVERSATIONS.part)

    async def delete(self, pk: UUID) -> None:
        await self._send(operations.DELETE_CONVERSATION.call(conversation_id=pk))


class AsyncKeys:
    def __init__(self, send: Send) -> None:
        self._send = send

    async def current(self) -> CurrentKey:
        return await self._send(operations.GET_CURRENT_KEY.call())


async def _each(send: Send, call: Callable[[str | None], Call[Part[T]]]) -> AsyncIterator[T]:
    part = await send(call(None))
    for row in part.rows:
        yield row
    while part.next is not None:
        part = await send(call(part.next))
        for row in part.rows:
            yield row
