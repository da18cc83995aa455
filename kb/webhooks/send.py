"""One message to one receiver: signed as Standard Webhooks has it, over a connection to the checked address."""

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from threading import Timer
from typing import Any
from uuid import UUID

import httpx
from standardwebhooks.webhooks import Webhook as Signer

from kb.egress import EgressRefused
from kb.webhooks.address import Place, host_of

CONNECT = 5.0
"""Seconds."""
TOTAL = 15.0
"""Seconds that a receiver has for all of it."""
MOST = 64 * 1024
"""Bytes of a reply that are read."""
OPENED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})
"""Of httpcore's trace (httpx documentation, “Request extensions”): each returns the stream that is read from now on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` is None when none came; `said` is then why. `wait` is how many seconds the receiver asked for."""

    status: int | None
    said: str
    wait: float = 0.0

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(place: Place, body: str, headers: Mapping[str, str]) -> Reply:
    """Sends a message and reads the reply. Redirects are not followed, and proxies not used. Waits up to 15 s."""
    host = host_of(place.url)
    # The checked address instead of the name; the certificate must still be the name's.
    url = place.url.copy_with(host=str(place.ip))
    sent = {
        **headers,
        "Host": place.url.netloc.decode("ascii"),
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "Strongroom",
    }
    timeout = httpx.Timeout(TOTAL, connect=CONNECT)
    try:
        with (
            httpx.Client(timeout=timeout, trust_env=False, verify=_trusted()) as client,
            _deadline() as trace,
            client.stream(
                "POST",
                url,
                content=body.encode(),
                headers=sent,
                extensions={"sni_hostname": host, "trace": trace},
            ) as response,
        ):
            return Reply(response.status_code, _beginning(response), _asked_for(response))
    except httpx.TimeoutException:
        return Reply(None, f"No reply within {TOTAL:.0f} seconds.")
    except (httpx.HTTPError, ssl.SSLError) as error:
        return Reply(None, f"The connection failed ({type(error).__name__}: {error}).")
    except EgressRefused:
        return Reply(None, f"This machine may not connect to {host}. Name it in STRONGROOM_EGRESS_HOSTS.")


def signed(message: UUID, body: str, secrets: Sequence[str]) -> dict[str, str]:
    """The headers that let a receiver verify it (standardwebhooks.com): one signature by each secret."""
    now = datetime.now(UTC)
    signatures = [Signer(secret).sign(str(message), now, body) for secret in secrets]
    return {
        "webhook-id": str(message),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


@cache
def _trusted() -> ssl.SSLContext:
    """The system's certificates, and those that SSL_CERT_FILE names: a receiver may be of the house."""
    return ssl.create_default_context()


@contextmanager
def _deadline() -> Iterator[Any]:
    """Hangs up when the time is over: a receiver that sends a byte now and then never runs into a timeout."""
    opened: list[socket.socket] = []

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event in OPENED:
            opened.append(info["return_value"].get_extra_info("socket"))

    def hang_up() -> None:
        for each in opened:
            with suppress(OSError):  # It is closed already.
                each.shutdown(socket.SHUT_RDWR)

    timer = Timer(TOTAL, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield trace
    finally:
        timer.cancel()


def _beginning(response: httpx.Response) -> str:
    read = b""
    for piece in response.iter_raw(chunk_size=MOST):
        read += piece
        if len(read) >= MOST:
            break
    return read[:MOST].decode(errors="replace")


def _asked_for(response: httpx.Response) -> float:
    """Seconds that the receiver asks to be left alone for (RFC 9110, section 10.2.3: a number or a date)."""
    value = response.headers.get("Retry-After", "")
    with suppress(ValueError):
        return max(float(value), 0.0)
    with suppress(ValueError):
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0)
    return 0.0
