"""The protocol over streamable HTTP, beside the portal: one request, one reply, no session on the server.

A browser must not be made to ask: a session cookie counts for nothing here, and the host and the page that a request
comes from are checked (DNS rebinding; MCP specification, Transports, Security).
"""

import time
from functools import partial
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from kb.api.keys import holder
from kb.errors import StrongroomError
from kb.mcp.server import Context, make_server
from kb.mcp.threads import beside
from kb.mcp.visit import Client, by_key
from kb.metrics.requests import note

PAGE = "mcp"
"""What monitoring calls it."""
LARGEST = 256 * 1024
"""Bytes of a request."""
BEARER = 'Bearer realm="Strongroom"'
CLIENT = "strongroom.client"
"""Of a request's scope, who sent it."""


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a request at the protocol's address."""
    request, told = Request(scope), _noted(send)
    refusal = _misdirected(request)
    if refusal is None:
        key = _key_of(request)
        if await beside(partial(_opens, key)):
            await _serve({**scope, CLIENT: _client(request, key)}, receive, told)
            return
        refusal = _signed_out(key)
    await refusal(scope, receive, told)


async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
    # Replies are streams where they take long, so that a client is told of progress, and is noticed to have gone.
    sessions = StreamableHTTPSessionManager(
        make_server(_client_of), stateless=True, max_request_body_size=LARGEST
    )
    # One for each request, which it does not outlive: that needs nothing of the server that runs us.
    async with sessions.run():
        await sessions.handle_request(scope, receive, send)


def _noted(send: Send) -> Send:
    """`send`, which notes for monitoring how long it takes until the answer begins."""
    began = time.perf_counter()

    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            note(PAGE, message["status"], time.perf_counter() - began)
        await send(message)

    return noted


def _client_of(context: Context) -> Client:
    return cast(Client, cast(Request, context.request).scope[CLIENT])


def _client(request: Request, key: str) -> Client:
    address = request.client.host if request.client else None
    return Client(by_key(key, address), address or "unknown", _site(request))


def _misdirected(request: Request) -> JSONResponse | None:
    """What is wrong with where it was sent, where it comes from, or how."""
    host, _ = split_domain_port(request.headers.get("host", ""))
    if not host or not validate_host(host, settings.ALLOWED_HOSTS):
        return _refused(
            HTTPStatus.MISDIRECTED_REQUEST,
            "Strongroom does not go by this host name (STRONGROOM_ALLOWED_HOSTS).",
        )
    if not _may_come_from(request.headers.get("origin"), _site(request)):
        return _refused(
            HTTPStatus.FORBIDDEN, "Pages of this origin may not call Strongroom (STRONGROOM_TRUSTED_ORIGINS)."
        )
    if request.method != "POST":
        refused = _refused(HTTPStatus.METHOD_NOT_ALLOWED, "Send the protocol's messages by POST.")
        refused.headers["Allow"] = "POST"
        return refused
    return None


def _may_come_from(origin: str | None, site: str) -> bool:
    """None where no browser is at work. The trusted ones are written as Django's are: “https://*.example.com”."""
    if origin is None or origin == site or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    sent = urlsplit(origin)
    wild = (urlsplit(each) for each in settings.CSRF_TRUSTED_ORIGINS if "*" in each)
    return any(
        sent.scheme == each.scheme and is_same_domain(sent.netloc, each.netloc.lstrip("*")) for each in wild
    )


def _site(request: Request) -> str:
    scheme = "https" if settings.HTTPS else request.scope["scheme"]
    return f"{scheme}://{request.headers.get('host', '')}"


def _key_of(request: Request) -> str:
    """Empty where none was sent."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _opens(key: str) -> bool:
    """Whether it is somebody's key. What it is not good for is told by each tool, in a sentence."""
    try:
        return holder(key, "read") is not None
    except StrongroomError:
        return True


def _signed_out(key: str) -> JSONResponse:
    """RFC 6750, section 3.1: what is wrong is told only to those who sent a key."""
    refused = _refused(HTTPStatus.UNAUTHORIZED, "Send a valid key: “Authorization: Bearer srm_…”.")
    refused.headers["WWW-Authenticate"] = f'{BEARER}, error="invalid_token"' if key else BEARER
    return refused


def _refused(status: HTTPStatus, sentence: str) -> JSONResponse:
    return JSONResponse({"error": status.phrase, "error_description": sentence}, status)
