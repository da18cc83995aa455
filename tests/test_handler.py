"""How the portal runs requests under ASGI."""

import asyncio
import subprocess
import sys
import threading

from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from pytest_django.fixtures import Settings

from kb.handler import OneThread
from kb.sse import Events, ServerEvent, event_stream

STREAMS = 5
PATIENCE = 10  # seconds

go_on = threading.Event()


def stalled(request: HttpRequest) -> StreamingHttpResponse:
    def events() -> Events:
        yield ServerEvent("token", "first")
        go_on.wait(PATIENCE)
        yield ServerEvent("finished", "last")

    return event_stream(events())


def quick(request: HttpRequest) -> HttpResponse:
    return HttpResponse("stalled" if go_on.is_set() else "at once")


urlpatterns = [path("stalled", stalled), path("quick", quick)]


async def begun(portal: OneThread, address: str) -> ApplicationCommunicator:
    """A request whose head has come."""
    scope = {"type": "http", "method": "GET", "path": address, "headers": [(b"host", b"localhost")]}
    request = ApplicationCommunicator(portal, scope)
    await request.send_input({"type": "http.request"})
    assert (await request.receive_output(PATIENCE))["status"] == 200
    return request


async def next_of(request: ApplicationCommunicator) -> bytes:
    return (await request.receive_output(PATIENCE))["body"]


def test_streams_that_stall_hold_no_other_request_up(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__

    async def visit() -> tuple[list[bytes], bytes, list[bytes]]:
        portal = OneThread()
        streams = [await begun(portal, "/stalled") for _ in range(STREAMS)]
        first = [await next_of(stream) for stream in streams]
        other = await begun(portal, "/quick")
        page = await next_of(other)
        go_on.set()
        last = [await next_of(stream) for stream in streams]
        for request in (other, *streams):
            await request.wait(PATIENCE)
        return first, page, last

    first, page, last = asyncio.run(visit())
    assert first == [b"event: token\ndata: first\n\n"] * STREAMS
    assert page == b"at once"
    assert last == [b"event: finished\ndata: last\n\n"] * STREAMS


def test_a_page_is_answered_without_what_only_programs_need() -> None:
    """Every process that starts would take a second and 40 MB longer."""
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'kb.settings'; django.setup();"
        "import kb.handler, kb.mcp.mount; from django.urls import resolve, reverse;"
        "resolve(reverse('sign-in')); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "kb.portal.urls" in loaded.split()
    assert {"mcp", "ninja", "torch", "transformers", "litellm"}.isdisjoint(loaded.split())
