"""The bridge from generators to event streams."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextvars import ContextVar, copy_context
from typing import cast

import pytest

from kb import sse
from kb.sse import Events, ServerEvent, event_stream


def parts_of(events: Events) -> AsyncIterator[bytes]:
    return cast(AsyncIterator[bytes], aiter(event_stream(events)))


async def first(parts: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await anext(parts) for _ in range(count)]


def test_an_event_of_several_lines_arrives_whole() -> None:
    assert (
        ServerEvent("token", "one\r\ntwo\rthree").encode()
        == b"event: token\ndata: one\ndata: two\ndata: three\n\n"
    )


def test_an_event_says_how_far_its_reader_has_come() -> None:
    assert ServerEvent("token", "one", "2.3").encode() == b"event: token\nid: 2.3\ndata: one\n\n"


def test_an_event_without_a_name_is_data_alone() -> None:
    assert ServerEvent("", "[DONE]").encode() == b"data: [DONE]\n\n"


def test_nothing_to_tell_is_a_comment() -> None:
    assert asyncio.run(first(parts_of(event for event in (None,)), 1)) == [b": still here\n\n"]


def test_a_stream_is_neither_kept_nor_buffered() -> None:
    response = event_stream(item for item in ())
    assert response["Content-Type"] == "text/event-stream"
    assert (response["Cache-Control"], response["X-Accel-Buffering"]) == ("no-store, no-transform", "no")


def test_an_event_is_sent_before_the_next_one_is_made() -> None:
    made = list[int]()

    def events() -> Events:
        for number in range(3):
            made.append(number)
            yield ServerEvent("token", str(number))

    async def take_one() -> list[bytes]:
        return await first(parts_of(events()), 1)

    assert (asyncio.run(take_one()), made) == ([b"event: token\ndata: 0\n\n"], [0])


def test_all_steps_and_the_end_run_in_one_thread_that_is_not_the_callers() -> None:
    threads = set[int]()

    def events() -> Events:
        try:
            for _ in range(3):
                threads.add(threading.get_ident())
                yield ServerEvent("token", "")
        finally:
            threads.add(threading.get_ident())

    async def take_all() -> int:
        return len([part async for part in parts_of(events())])

    assert (asyncio.run(take_all()), len(threads)) == (3, 1)
    assert threading.get_ident() not in threads


def test_a_stream_knows_what_the_view_knew_in_its_own_thread() -> None:
    about = ContextVar("about", default="nothing")

    def events() -> Events:
        yield ServerEvent("token", about.get())

    def view() -> AsyncIterator[bytes]:
        about.set("this request")
        return parts_of(events())

    parts = copy_context().run(view)
    assert asyncio.run(first(parts, 1)) == [b"event: token\ndata: this request\n\n"]


def test_when_the_reader_goes_away_the_generator_is_closed() -> None:
    closed = threading.Event()

    def events() -> Events:
        try:
            while True:
                yield ServerEvent("token", "")
        finally:
            closed.set()

    async def leave() -> None:
        parts, read = parts_of(events()), asyncio.Event()

        async def follow() -> None:
            async for _ in parts:
                read.set()

        reader = asyncio.create_task(follow())
        await read.wait()
        reader.cancel()

    asyncio.run(leave())
    assert closed.wait(5)


def test_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT", 0.01)
    go_on = threading.Event()

    def events() -> Events:
        go_on.wait(5)
        yield ServerEvent("token", "late")

    async def take_two() -> list[bytes]:
        parts = parts_of(events())
        silence = await anext(parts)
        go_on.set()
        rest = [part async for part in parts if not part.startswith(b":")]
        return [silence, *rest]

    assert asyncio.run(take_two()) == [b": still here\n\n", b"event: token\ndata: late\n\n"]


def test_an_error_ends_the_stream() -> None:
    def events() -> Events:
        yield ServerEvent("token", "")
        raise ValueError("broken")

    async def take_all() -> list[bytes]:
        return [part async for part in parts_of(events())]

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(take_all())
