"""Whether the client of a request has hung up: for views that work in a thread for long before they answer.

Django cancels such a request, but what runs in its thread goes on and has to ask for itself.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import closing
from inspect import iscoroutinefunction
from typing import TypeVar, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from kb.errors import Unavailable

T = TypeVar("T")
Sync = Callable[[HttpRequest], HttpResponseBase]
Async = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class ListenedTo(HttpRequest):
    """A request that has passed `noticing`."""

    hung_up: threading.Event


@sync_and_async_middleware
def noticing(get_response: Sync | Async) -> Sync | Async:
    """The middleware. Only under ASGI is there anything to notice."""

    async def answer_async(request: HttpRequest) -> HttpResponseBase:
        hung_up = _listen(request)
        try:
            return await cast(Async, get_response)(request)
        except asyncio.CancelledError:
            hung_up.set()
            raise

    def answer(request: HttpRequest) -> HttpResponseBase:
        _listen(request)
        return cast(Sync, get_response)(request)

    return answer_async if iscoroutinefunction(get_response) else answer


def _listen(request: HttpRequest) -> threading.Event:
    hung_up = threading.Event()
    cast(ListenedTo, request).hung_up = hung_up
    return hung_up


def while_listening(request: HttpRequest, events: Generator[T, None, None]) -> Iterator[T]:
    """The events for as long as the client is there; then the generator is closed.

    Raises:
        Unavailable: the client has hung up.
    """
    with closing(events):
        for event in events:
            if cast(ListenedTo, request).hung_up.is_set():
                raise Unavailable("The client has hung up, and the work was stopped. Ask again.")
            yield event
