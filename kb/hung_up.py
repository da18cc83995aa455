"""Whether the client of a request has hung up: for views that work for long before they answer."""

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TypeVar

from django.http import HttpRequest

from kb.errors import Unavailable

T = TypeVar("T")


def listen(request: HttpRequest) -> threading.Event:
    """What the request's handler sets when the client hangs up."""
    hung_up = threading.Event()
    request.hung_up = hung_up  # type: ignore[attr-defined]
    return hung_up


def while_listening(request: HttpRequest, events: Generator[T, None, None]) -> Iterator[T]:
    """The events for as long as the client is there, which only `kb.handler` notices; then the generator is closed.

    Raises:
        Unavailable: the client has hung up.
    """
    hung_up: threading.Event = getattr(request, "hung_up", threading.Event())
    with closing(events):
        for event in events:
            if hung_up.is_set():
                raise Unavailable("The client has hung up, and the work was stopped. Ask again.")
            yield event
