"""The way out over HTTP: a request leaves only to the declared host, and only after its bytes were written down."""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from inference.protocols import BeforeSending
from kb.errors import ModelUnavailable

RETRIES = 2
"""Of the same request to the same model, before the first byte of an answer."""
BACKOFF = 0.5
"""Seconds before the first retry; twice as many before each further one."""
LONGEST_PAUSE = 10.0
"""Seconds that a provider may ask us to wait before a retry. Whoever asks for more is not tried again."""
PASSING = frozenset({429, 500, 502, 503, 504, 529})
"""Statuses that may be gone a moment later; 529 is Anthropic's “overloaded”."""
PASSING_ERRORS = (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ConnectTimeout)
OPENED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})
"""Of httpcore’s trace (httpx documentation, “Request extensions”): each returns the stream that is read from now on."""


class Line:
    """A call's connection, which another thread can cut: who reads from it wakes up, and who would send does not."""

    def __init__(self) -> None:
        self._cut = threading.Event()
        self._socket: socket.socket | None = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """For httpx's `trace` extension: keeps the socket of a connection that was opened."""
        if event in OPENED:
            self._socket = info["return_value"].get_extra_info("socket")
            if self._cut.is_set():
                self.hang_up()

    def hang_up(self) -> None:
        self._cut.set()
        if self._socket is not None:
            with suppress(OSError):  # It is closed already.
                self._socket.shutdown(socket.SHUT_RDWR)

    def holds_for(self, seconds: float) -> bool:
        """Waits so long; whether the line still stands then. Returns at once when it is cut."""
        return not self._cut.wait(seconds)


class Announced(httpx.BaseTransport):
    """Forwards through `client`, which keeps proxies and certificates, and must not follow redirects.

    `client` must not keep connections either: a call can hang up only on one that was opened for it.

    Raises:
        ModelUnavailable: the request is for another host than `destination`.
    """

    def __init__(self, client: httpx.Client, destination: str, before_sending: BeforeSending, line: Line):
        self._client = client
        self._destination = destination
        self._before_sending = before_sending
        self._line = line

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.netloc.decode()
        if host != self._destination:
            raise ModelUnavailable(
                f"A request for {host} was stopped, because the model is declared to be at {self._destination}. "
                "Set STRONGROOM_LLM_BASE_URL."
            )
        self._before_sending(request.read())
        patience = self._client.timeout.as_dict()
        request.extensions = {**request.extensions, "timeout": patience, "trace": self._line.trace}
        return self._client.send(request, stream=True)


class Retried(httpx.BaseTransport):
    """Sends a request again that failed before the first byte of an answer, after a pause that grows."""

    def __init__(self, transport: httpx.BaseTransport, line: Line):
        self._transport = transport
        self._line = line

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for attempt in range(RETRIES):
            pause = BACKOFF * 2**attempt
            try:
                response = self._transport.handle_request(request)
            except PASSING_ERRORS:
                if not self._line.holds_for(pause):
                    raise
                continue
            pause = _asked_for(response, otherwise=pause)
            if (
                response.status_code not in PASSING
                or pause > LONGEST_PAUSE
                or not self._line.holds_for(pause)
            ):
                return response
            response.close()
        return self._transport.handle_request(request)


def _asked_for(response: httpx.Response, *, otherwise: float) -> float:
    """Seconds that the provider asks to be left alone for (RFC 9110, section 10.2.3: a number or a date)."""
    value = response.headers.get("Retry-After", "")
    with suppress(ValueError):
        return max(float(value), 0.0)
    with suppress(ValueError):
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0)
    return otherwise


class Unannounced(httpx.BaseTransport):
    """Stops every request: what a library would send through a client of its own would not be written down."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise ModelUnavailable(
            f"A request for {request.url.host} was stopped, because the ledger would not have had it. "
            "Name the model through an OpenAI-compatible address (openai/…, with STRONGROOM_LLM_BASE_URL)."
        )
