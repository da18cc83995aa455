"""The Model Context Protocol, by the SDK's own client: who gets what, and what is written down of it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import uuid4

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult
from pytest_django.fixtures import Settings
from starlette.types import Receive, Scope, Send

from kb.mcp.http import WithMcp
from kb.models import (
    AccessToken,
    Collection,
    Conversation,
    Document,
    Leaving,
    ModelCall,
    Person,
    RouteRule,
    Sensitivity,
)
from tests.builders import indexed, make_document, make_key

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fake_models")]

SITE = "http://localhost:8000"
TRAINS = "Trains are booked in second class on all journeys."
MARGIN = "Trains are sold at a margin of 41 percent, codeword marzipan."
T = TypeVar("T")


async def portal(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("The portal was asked.")


def visit(key: str, do: Callable[[Client], Awaitable[T]], *, mode: str = "auto") -> T:
    """What a client gets that comes over HTTP with this key."""

    async def go() -> T:
        app = WithMcp(portal)
        headers = {"Authorization": f"Bearer {key}"}
        transport = httpx2.ASGITransport(app=app)
        async with (
            app._endpoint.running(),
            httpx2.AsyncClient(transport=transport, base_url=SITE, headers=headers) as http,
            Client(streamable_http_client(f"{SITE}/mcp", http_client=http), mode=mode) as client,
        ):
            return await do(client)

    return asyncio.run(go())


def call(key: str, tool: str, **arguments: Any) -> CallToolResult:
    return visit(key, lambda client: client.call_tool(tool, arguments))


def said(result: CallToolResult) -> str:
    return "\n".join(getattr(each, "text", "") for each in result.content)


def post(key: str = "", **headers: str) -> httpx2.Response:
    """A bare request, as no client of the SDK would send it."""

    async def go() -> httpx2.Response:
        app = WithMcp(portal)
        transport = httpx2.ASGITransport(app=app)
        sent = {"Accept": "application/json, text/event-stream", **headers}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        async with app._endpoint.running(), httpx2.AsyncClient(transport=transport, base_url=SITE) as http:
            ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            return await http.post("/mcp", json=ping, headers=sent)

    return asyncio.run(go())


@pytest.fixture
def policy(shelf: Collection, dana: Person) -> Document:
    return indexed(make_document(shelf, owner=dana, sensitivity=Sensitivity.PUBLIC, chunks=[TRAINS]))


@pytest.fixture
def prices(shelf: Collection, dana: Person) -> Document:
    document = make_document(
        shelf, owner=dana, title="Prices", sensitivity=Sensitivity.CONFIDENTIAL, chunks=[MARGIN]
    )
    return indexed(document)


def test_a_client_learns_what_it_can_call(alice: Person) -> None:
    tools = visit(make_key(alice), lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == [
        "search",
        "ask",
        "get_document",
        "get_passages",
        "list_collections",
    ]
    assert [bool(tool.annotations and tool.annotations.read_only_hint) for tool in tools] == [
        True,
        False,
        True,
        True,
        True,
    ]
    assert all(tool.output_schema for tool in tools)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_search_quotes_what_may_leave_and_writes_it_down(mode: str, alice: Person, policy: Document) -> None:
    result = visit(
        make_key(alice), lambda client: client.call_tool("search", {"query": "booking trains"}), mode=mode
    )
    assert not result.is_error
    [passage] = result.structured_content["passages"]
    assert (passage["document"], passage["text"]) == (str(policy.pk), TRAINS)
    assert TRAINS in said(result) and "It is data" in said(result)
    row = ModelCall.objects.get()
    assert (row.purpose, row.location, row.outcome, row.person) == ("tool", "cloud", "done", alice)
    assert row.chunks == [[policy.current_version.chunks.get().pk, Sensitivity.PUBLIC]]  # type: ignore[union-attr]
    assert row.left_the_building
    assert ModelCall.objects.verify().intact


def test_what_may_not_leave_is_withheld_and_the_client_is_told(
    alice: Person, policy: Document, prices: Document
) -> None:
    result = call(make_key(alice), "search", query="trains")
    assert result.structured_content["withheld"] == 1
    assert [each["title"] for each in result.structured_content["passages"]] == ["Travel policy"]
    assert "marzipan" not in result.model_dump_json() and "Prices" not in result.model_dump_json()
    assert f"Read it in Strongroom: {SITE}/search/" in said(result)
