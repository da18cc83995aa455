"""How the portal runs its requests under ASGI: each of them whole, in one thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kb.hung_up import listen

THREADS = 200
"""Requests that one process works at, at most. One that waits for a language model keeps its thread for minutes."""


class OneThread(ASGIHandler):
    """Django's handler, for views and middleware that are synchronous.

    Django's own hands over between event loop and thread twice for each middleware, and starts a thread and opens the
    database for each request. Here threads stay, with their connections for as long as CONN_MAX_AGE says.
    """

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        hung_up, context = listen(request), copy_context()
        loop = asyncio.get_running_loop()
        answered = loop.run_in_executor(self._threads, context.run, self._answered, request)
        try:
            return await asyncio.shield(answered)
        except asyncio.CancelledError:
            hung_up.set()
            await asyncio.wait([answered])  # It may still read the request, which is closed next.
            raise

    def _answered(self, request: HttpRequest) -> HttpResponseBase:
        # Django's signals for this come in another thread.
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
