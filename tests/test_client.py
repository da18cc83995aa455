"""`strongroom_client`: against the real API in this process, and against replies that it seldom gives."""

import ast
import asyncio
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import strongroom_client
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from strongroom_client import (
    AsyncStrongroom,
    Away,
    Finished,
    Forbidden,
    NotFound,
    Refused,
    SignedOut,
    Strongroom,
    Token,
    TooManyRequests,
    Unreachable,
    operations,
    sending,
)

from kb.models import Collection, Document, Person
from tests.builders import indexed, make_document, make_key

pytest_plugins = ["tests.fakes"]

SITE = "http://testserver"
TEXT = "Employees have 28 days of annual leave."


@pytest.fixture
def connected(db: None, fakes: None) -> Iterator[Callable[[Person], Strongroom]]:
    """A client that acts as the person, whose calls are answered in this process, on the test's own connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield lambda person: Strongroom(SITE, make_key(person), transport=httpx.WSGITransport(WSGIHandler()))
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def document_of(number: int) -> dict[str, object]:
    names = ("collection", "owner", "sensitivity", "stage", "failure", "summary")
    return {
        **dict.fromkeys(names, ""), "id": str(uuid4()), "title": f"Document {number}", "tags": [], "chunks": 1,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def answering(*replies: httpx.Response | Exception) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    """A server that gives these replies one by one, and what it was asked."""
    asked: list[httpx.Request] = []
    rest = iter(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        reply = next(rest)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return httpx.MockTransport(answer), asked


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the client would have waited."""
    waited: list[float] = []
    monkeypatch.setattr(strongroom_client.synchronous.time, "sleep", waited.append)
    return waited


# --- Against the API -------------------------------------------------------------------------------------


def test_a_document_is_brought_in_followed_tagged_and_deleted(
    dana: Person, shelf: Collection, connected: Callable[[Person], Strongroom]
) -> None:
    with connected(dana) as strongroom:
        first = strongroom.documents.upload(
            io.BytesIO(TEXT.encode()), "Handbook", name="leave.txt", tags=["hr"]
        )
        again = strongroom.documents.upload(io.BytesIO(TEXT.encode()), "Handbook", name="leave.txt")
        assert (first.new, again.new) == (True, False)
        assert first.document and first.document.tags == ["hr"]
        pk = first.document.id
        assert strongroom.documents.status(pk).stage == "queued"
        assert strongroom.documents.tag(pk, ["leave"]).tags == ["leave"]
        strongroom.documents.delete(pk)
        with pytest.raises(NotFound):
            strongroom.documents.get(pk)


def test_waiting_ends_when_the_document_has_settled_or_patience_has(
    dana: Person, shelf: Collection, connected: Callable[[Person], Strongroom]
) -> None:
    ready = make_document(shelf, owner=dana)
    strongroom = connected(dana)
    assert strongroom.documents.wait_until_ready(ready.pk).stage == "ready"
    ready.versions.update(stage="parsing")
    with pytest.raises(TimeoutError, match="still parsing"):
        strongroom.documents.wait_until_ready(ready.pk, timeout=0, every=0)


def test_asking_gives_the_answer_and_where_it_stands(
    alice: Person, dana: Person, shelf: Collection, connected: Callable[[Person], Strongroom]
) -> None:
    document = indexed(make_document(shelf, owner=dana, title="Leave", chunks=[TEXT]))
    reply = connected(alice).ask("How many days of annual leave do employees have?", on_premises=True)
    assert [each.document for each in reply.citations] == [document.pk]
    assert reply.citations[0].quote in TEXT


def test_any_operation_can_be_called_by_its_name(
    dana: Person, alice: Person, shelf: Collection, connected: Callable[[Person], Strongroom]
) -> None:
    document = make_document(shelf, owner=dana)
    with connected(dana) as strongroom:
        assert strongroom.keys.current().holder == "dana"
        assert strongroom.call(operations.GET_ME).administers
        group = strongroom.call(operations.CREATE_GROUP, name="Travellers")
        joined = strongroom.call(operations.JOIN_GROUP, group_id=group.id, person_id=alice.pk)
        assert [member.username for member in joined.members] == ["alice"]
        found = strongroom.each(operations.LIST_PEOPLE, group=group.id, limit=1)
        assert [person.username for person in found] == ["alice"]
        second = strongroom.documents.add_version(document.pk, io.BytesIO(TEXT.encode()), name="second.txt")
        assert (second.name, second.stage, second.ready_at) == ("second.txt", "queued", None)
        assert strongroom.call(operations.DELETE_GROUP, group_id=group.id) is None


def test_what_is_forbidden_is_told_as_such(
    alice: Person, dana: Person, shelf: Collection, connected: Callable[[Person], Strongroom]
) -> None:
    document = make_document(shelf, owner=dana)
    with pytest.raises(Forbidden):
        connected(alice).documents.tag(document.pk, ["mine"])
    with pytest.raises(SignedOut):
        Strongroom(SITE, "srm_made-up", transport=httpx.WSGITransport(WSGIHandler())).documents.get(
            document.pk
        )
    assert not Document.objects.get(pk=document.pk).tags.exists()


# --- Against replies that are made up --------------------------------------------------------------------


def test_a_list_goes_on_to_its_end() -> None:
    parts = [
        httpx.Response(200, json={"items": [document_of(1), document_of(2)], "next": "abc"}),
        httpx.Response(200, json={"items": [document_of(3)], "next": None}),
    ]
    transport, asked = answering(*parts)
    titles = [each.title for each in Strongroom(SITE, "key", transport=transport).documents.list(tag="hr")]
    assert titles == ["Document 1", "Document 2", "Document 3"]
    assert [dict(request.url.params) for request in asked] == [{"tag": "hr"}, {"tag": "hr", "cursor": "abc"}]


def test_a_busy_server_is_asked_again_when_it_says_with_the_same_idempotency_key(waits: list[float]) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "7"})
    transport, asked = answering(
        busy, httpx.ConnectError("gone"), httpx.Response(422, json={"code": "rejected"})
    )
    with pytest.raises(Refused):
        Strongroom(SITE, "key", transport=transport).ask("What?")
    assert waits[0] == 7.0
    assert len({request.headers["Idempotency-Key"] for request in asked}) == 1
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (httpx.Response(429), TooManyRequests),
        (httpx.Response(503, text="<html>"), Away),
        (httpx.ConnectError("gone"), Unreachable),
    ],
)
def test_patience_ends(reply: httpx.Response | Exception, error: type, waits: list[float]) -> None:
    transport, asked = answering(*[reply] * 3)
    with pytest.raises(error):
        Strongroom(SITE, "key", retries=2, transport=transport).keys.current()
    assert (len(asked), len(waits)) == (3, 2)


def test_a_server_that_wants_long_patience_is_reported_at_once(waits: list[float]) -> None:
    transport, asked = answering(httpx.Response(429, headers={"Retry-After": "3600"}))
    with pytest.raises(TooManyRequests):
        Strongroom(SITE, "key", transport=transport).keys.current()
    assert (len(asked), waits) == (1, [])


def test_a_problem_says_which_fields_are_wrong() -> None:
    wrong = {"field": "limit", "message": "“limit” should be less than or equal to 20."}
    problem = {"status": 422, "code": "invalid", "detail": "Correct the field.", "errors": [wrong]}
    transport, _ = answering(httpx.Response(422, json=problem))
    with pytest.raises(Refused, match="Correct the field") as refused:
        Strongroom(SITE, "key", transport=transport).search("leave", limit=99)
    assert refused.value.errors == (wrong,)


def streamed() -> bytes:
    reply = {
        "answer": "28 days [1].", "citations": [], "conversation": str(uuid4()), "location": "nowhere", "model": "",
        "reason": "", "sensitivity": "PUBLIC", "missing": [],
    }  # fmt: skip
    events = [("token", {"text": "28 "}), ("token", {"text": "days"}), ("news", {}), ("finished", reply)]
    return b": hello\n\n" + b"".join(
        f"event: {name}\ndata: {json.dumps(data)}\n\n".encode() for name, data in events
    )


def test_a_stream_gives_its_events_and_leaves_out_what_is_new() -> None:
    transport, asked = answering(httpx.Response(200, content=streamed()))
    *tokens, last = Strongroom(SITE, "key", transport=transport).stream("How many?")
    assert [each.text for each in tokens if isinstance(each, Token)] == ["28 ", "days"]
    assert isinstance(last, Finished) and last.reply.answer == "28 days [1]."
    assert (asked[0].headers["Accept"], "Idempotency-Key" in asked[0].headers) == ("text/event-stream", False)


def test_an_answer_that_breaks_off_is_a_problem() -> None:
    broken = b'event: token\ndata: {"text": "28"}\n\nevent: error\ndata: {"status": 503, "code": "unavailable"}\n\n'
    transport, _ = answering(httpx.Response(200, content=broken))
    events = Strongroom(SITE, "key", transport=transport).stream("How many?")
    assert next(events) == Token(text="28")
    with pytest.raises(Away):
        next(events)


# --- To await, and by itself -----------------------------------------------------------------------------


def test_the_same_can_be_awaited() -> None:
    parts = [httpx.Response(200, json={"items": [document_of(n)], "next": n or None}) for n in ("a", "")]
    transport, _ = answering(
        httpx.Response(503, headers={"Retry-After": "0"}), *parts, httpx.Response(200, content=streamed())
    )

    async def use() -> tuple[int, list[object]]:
        async with AsyncStrongroom(SITE, "key", transport=transport) as strongroom:
            documents = [each async for each in strongroom.documents.list()]
            return len(documents), [event async for event in strongroom.stream("How many?")]

    count, events = asyncio.run(use())
    assert (count, isinstance(events[-1], Finished)) == (2, True)


def test_any_operation_can_be_awaited_too() -> None:
    tags = [{"tag": name, "documents": 2, "changeable": 1} for name in ("rail", "travel")]
    parts = ({"items": tags[:1], "next": "rail"}, {"items": tags[1:], "next": None})
    replies = [httpx.Response(200, json=body) for body in (*parts, {"documents": 2, "undo": None})]
    transport, asked = answering(*replies)

    async def use() -> tuple[list[str], object]:
        async with AsyncStrongroom(SITE, "key", transport=transport) as strongroom:
            found = [each.tag async for each in strongroom.each(operations.LIST_TAGS, limit=1)]
            return found, await strongroom.call(operations.RENAME_TAG, tag="rail", new="travel")

    assert asyncio.run(use()) == (["rail", "travel"], {"documents": 2, "undo": None})
    assert dict(asked[1].url.params) == {"limit": "1", "cursor": "rail"}
    assert json.loads(asked[2].content) == {"tag": "rail", "new": "travel"}


def test_both_clients_do_the_same() -> None:
    sync, awaited = Strongroom(SITE, "key"), AsyncStrongroom(SITE, "key")
    assert public(sync) == public(awaited)
    for part in ("documents", "collections", "conversations", "keys"):
        assert public(getattr(sync, part)) == public(getattr(awaited, part))


def public(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def test_the_client_needs_nothing_but_httpx() -> None:
    folder = Path(sending.__file__).parent
    trees = [ast.parse(path.read_text()) for path in folder.glob("*.py")]
    imported = {name.partition(".")[0] for tree in trees for name in _imports(tree)}
    assert imported - set(sys.stdlib_module_names) == {"httpx", "strongroom_client"}


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
