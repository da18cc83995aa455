"""The same client, to await."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
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

    async def search(self, query: str, *, limit: int = 10, **narrowing: Any) -> Sequence[Hit]:
        """`narrowing`: `collection`, `category`, `tag`, `language` (one or a list), `since`, `until` (days)."""
        return await self._send(calls.search(query, limit, narrowing))

    async def ask(
        self, question: str, *, conversation: UUID | None = None, on_premises: bool = False
    ) -> Reply:
        """`conversation`, of an earlier reply, makes it a follow-up; `on_premises` keeps it in the building."""
        return await self._send(calls.ask(question, conversation, on_premises=on_premises))

    async def stream(
        self, question: str, *, conversation: UUID | None = None, on_premises: bool = False
    ) -> AsyncIterator[Event]:
        """The answer as it is written. Closing the iterator stops the model."""
        call, reader = calls.stream(question, conversation, on_premises=on_premises), EventReader()
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
        return await self._send(calls.upload(file, collection, **said))

    def list(self, **filters: Any) -> AsyncIterator[Document]:
        """All that this person may see and that fit, fetched part by part."""
        return _each(self._send, lambda cursor: calls.documents(cursor, filters))

    async def get(self, pk: UUID) -> Document:
        return await self._send(calls.document(pk))

    async def status(self, pk: UUID) -> Progress:
        return await self._send(calls.status(pk))

    async def archive(self, pk: UUID) -> Archive:
        return await self._send(calls.archive(pk))

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
        return await self._send(calls.tag(pk, tags))

    async def delete(self, pk: UUID) -> None:
        await self._send(calls.delete(pk))


class AsyncCollections:
    def __init__(self, send: Send) -> None:
        self._send = send

    def list(self) -> AsyncIterator[Collection]:
        return _each(self._send, calls.collections)


class AsyncConversations:
    def __init__(self, send: Send) -> None:
        self._send = send

    def list(self) -> AsyncIterator[Conversation]:
        return _each(self._send, calls.conversations)

    async def delete(self, pk: UUID) -> None:
        await self._send(calls.delete_conversation(pk))


class AsyncKeys:
    def __init__(self, send: Send) -> None:
        self._send = send

    async def current(self) -> Key:
        return await self._send(calls.current_key())


async def _each(send: Send, call: Callable[[str | None], Call[Part[T]]]) -> AsyncIterator[T]:
    part = await send(call(None))
    for row in part.rows:
        yield row
    while part.next is not None:
        part = await send(call(part.next))
        for row in part.rows:
            yield row
