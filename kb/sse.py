"""The one bridge from the synchronous core to an event stream under ASGI."""

import asyncio
from collections.abc import AsyncIterator, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass

from django.db import connections
from django.http import StreamingHttpResponse

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that no proxy gives the connection up."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event of a stream, as the browser's EventSource reads it. `data` may have several lines."""

    name: str
    data: str

    def encode(self) -> bytes:
        # A bare carriage return ends a line for the reader too.
        data = self.data.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\ndata: ")
        return f"event: {self.name}\ndata: {data}\n\n".encode()


Events = Generator[ServerEvent, None, None]


def event_stream(events: Events) -> StreamingHttpResponse:
    """Sends each event as soon as it is made. When the reader goes away, the generator is closed.

    The generator runs in one thread of its own from its first step to its last, so that its database
    connections stay in that thread, and are closed there.
    """
    response = StreamingHttpResponse(_bridge(events), content_type="text/event-stream")
    response["Cache-Control"] = "no-store, no-transform"
    response["X-Accel-Buffering"] = "no"  # What nginx calls “do not buffer”.
    return response


async def _bridge(events: Events) -> AsyncIterator[bytes]:
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stream")
    context = copy_context()  # The reader's language, among others.
    try:
        while True:
            step = asyncio.get_running_loop().run_in_executor(thread, context.run, _step, events)
            while not (await asyncio.wait({step}, timeout=HEARTBEAT))[0]:
                yield b": still here\n\n"
            event = step.result()
            if event is None:
                return
            yield event.encode()
    finally:
        # The thread takes this up after the step that it is in; nobody waits for it here.
        thread.submit(context.run, _close, events)
        thread.shutdown(wait=False)


def _step(events: Events) -> ServerEvent | None:
    return next(events, None)


def _close(events: Events) -> None:
    try:
        events.close()
    finally:
        connections.close_all()
