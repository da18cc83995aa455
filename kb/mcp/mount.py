"""Where the protocol is found: beside the portal, at /mcp."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

ADDRESS = "/mcp"


class WithMcp:
    """The portal, with the protocol at its address.

    What speaks it is loaded for the first request: that takes a second and 20 MB, which many houses never need.
    """

    def __init__(self, portal: Callable[..., Awaitable[Any]]) -> None:
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/") == ADDRESS:
            answer = await asyncio.to_thread(_loaded)
            await answer(scope, receive, send)
        else:
            await self._portal(scope, receive, send)


def _loaded() -> ASGIApp:
    from kb.mcp.http import answer

    return answer
