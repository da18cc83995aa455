"""The one bridge from the synchronous core to an event stream under ASGI."""

import asyncio
from collections.abc import AsyncIterator, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass

from django.db import connections
from django.http import StreamingHttpResponse

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that no proxy gives the connection up."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event of a stream, as the browser's EventSource reads it. `data` may have several lines.

    A reader who comes back says the `id` of the last event that he got, in `Last-Event-ID`. One without a name is
    data alone.
    """

    name: str
    data: str
    id: str = ""

    def encode(self) -> bytes:
        # A bare carriage return ends a line for the reader too.
        data = self.data.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\ndata: ")
        name = f"event: {self.name}\n" if self.name else ""
        place = f"id: {self.id}\n" if self.id else ""
        return f"{name}{place}data: {data}\n\n".encode()


Events = Generator[ServerEvent | None, None, None]
"""None says that there is nothing to tell yet; a reader who has gone is noticed then."""

STILL_HERE = b": still here\n\n"
"""A comment, which readers skip."""


def event_stream(events: Events) -> StreamingHttpResponse:
    """Sends each event as soon as it is made. When the reader goes away, the generator is closed.

    The generator runs in one thread of its own from its first step to its last, so that its database
    connections stay in that thread, and are closed there. What the view knows of its request (the ids for log lines,
    the reader's language) holds there too.
    """
    response = StreamingHttpResponse(_bridge(events, copy_context()), content_type="text/event-stream")
    response["Cache-Control"] = "no-store, no-transform"
    response["X-Accel-Buffering"] = "no"  # What nginx calls “do not buffer”.
    return response


async def _bridge(events: Events, context: Context) -> AsyncIterator[bytes]:
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stream")
    try:
        while True:
            step = asyncio.get_running_loop().run_in_executor(thread, context.run, _step, events)
            while not (await asyncio.wait({step}, timeout=HEARTBEAT))[0]:
                yield STILL_HERE
            part = step.result()
            if part is None:
                return
            yield part
    finally:
        # The thread takes this up after the step that it is in; nobody waits for it here.
        thread.submit(context.run, _close, events)
        thread.shutdown(wait=False)


def _step(events: Events) -> bytes | None:
    """The next part of the stream; None at its end."""
    for event in events:
        return event.encode() if event else STILL_HERE
    return None


def _close(events: Events) -> None:
    try:
        events.close()
    finally:
        connections.close_all()
