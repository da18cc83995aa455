"""The synchronous core beside the event loop that the protocol runs in."""

from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from anyio import from_thread, to_thread
from django.db import connections
from mcp.server.context import ServerRequestContext

T = TypeVar("T")


async def beside(work: Callable[[], T]) -> T:
    """Does it in a thread, whose database connections are closed after it. One that is given up is waited for."""
    return await to_thread.run_sync(_with_own_connections, work)


def _with_own_connections(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connections.close_all()


def teller(context: ServerRequestContext[Any, Any]) -> Callable[[str], None]:
    """For work in such a thread: tells the client how far it is, and raises when the client has gone."""
    step = count(1)

    def tell(message: str) -> None:
        from_thread.check_cancelled()
        if message:
            from_thread.run(context.session.report_progress, next(step), None, message)

    return tell
