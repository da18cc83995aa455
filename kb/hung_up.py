"""Whether the client of a request has hung up: for views that work for long before they answer."""

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TypeVar

from django.http import HttpRequest

T = TypeVar("T")


def listen(request: HttpRequest) -> threading.Event:
    """What the request's handler sets when the client hangs up."""
    hung_up = threading.Event()
    request.hung_up = hung_up  # type: ignore[attr-defined]
    return hung_up


def listening(request: HttpRequest) -> bool:
    """Whether the client is still there, as far as `kb.handler` has noticed."""
    hung_up: threading.Event | None = getattr(request, "hung_up", None)
    return hung_up is None or not hung_up.is_set()


def while_listening(request: HttpRequest, events: Generator[T, None, None]) -> Iterator[T]:
    """The events for as long as the client is there; then the generator is closed, which stops its model."""
    with closing(events):
        for event in events:
            if not listening(request):
                return
            yield event
