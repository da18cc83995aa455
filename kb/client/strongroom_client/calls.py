"""Every call as a value: what is sent, and how the reply is read. Sending is the clients' part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar
from uuid import UUID, uuid4

import httpx

from strongroom_client.replies import (
    Archive,
    Collection,
    Conversation,
    Document,
    Hit,
    Key,
    Progress,
    Read,
    Reply,
    Uploaded,
)

T = TypeVar("T")
R = TypeVar("R", bound=Read)

CREATED, ACCEPTED = 201, 202
STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """`sends` are keyword arguments of httpx. A POST has an Idempotency-Key, so that it can be sent again."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    sends: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Rows of a list, and the cursor of the next ones."""

    rows: Sequence[T]
    next: str | None


def upload(
    file: Path | BinaryIO,
    collection: str,
    *,
    title: str | None = None,
    sensitivity: str | None = None,
    tags: Sequence[str] = (),
    name: str | None = None,
) -> Call[Uploaded]:
    """The file is read into memory, so that it can be sent again."""
    content = file.read_bytes() if isinstance(file, Path) else file.read()
    called = name or Path(getattr(file, "name", "")).name or "document"
    said = {"collection": collection, "title": title, "sensitivity": sensitivity, "tags": list(tags)}
    sends = {
        "data": {key: value for key, value in said.items() if value},
        "files": {"file": (called, content)},
    }
    return _once("/documents", _uploaded, sends)


def documents(cursor: str | None, filters: Mapping[str, Any]) -> Call[Part[Document]]:
    return _list("/documents", Document, cursor, filters)


def document(pk: UUID) -> Call[Document]:
    return Call("GET", f"/documents/{pk}", _one(Document))


def status(pk: UUID) -> Call[Progress]:
    return Call("GET", f"/documents/{pk}/status", _one(Progress))


def tag(pk: UUID, tags: Sequence[str]) -> Call[Document]:
    return Call("PUT", f"/documents/{pk}/tags", _one(Document), {"json": {"tags": list(tags)}})


def delete(pk: UUID) -> Call[None]:
    return Call("DELETE", f"/documents/{pk}", _nothing)


def archive(pk: UUID) -> Call[Archive]:
    return Call("GET", f"/archives/{pk}", _one(Archive))


def search(query: str, limit: int, narrowing: Mapping[str, Any]) -> Call[Sequence[Hit]]:
    sends = {"params": {"q": query, "limit": limit, **narrowing}}
    return Call("GET", "/search", lambda response: _rows(response, Hit).rows, sends)


def ask(question: str, conversation: UUID | None, *, on_premises: bool) -> Call[Reply]:
    return _once("/ask", _one(Reply), {"json": _asked(question, conversation, on_premises)})


def stream(question: str, conversation: UUID | None, *, on_premises: bool) -> Call[None]:
    """What comes back is read event by event, and never sent again."""
    sends = {"json": _asked(question, conversation, on_premises)}
    return Call("POST", "/ask", _nothing, sends, {"Accept": STREAM})


def collections(cursor: str | None) -> Call[Part[Collection]]:
    return _list("/collections", Collection, cursor, {})


def conversations(cursor: str | None) -> Call[Part[Conversation]]:
    return _list("/conversations", Conversation, cursor, {})


def delete_conversation(pk: UUID) -> Call[None]:
    return Call("DELETE", f"/conversations/{pk}", _nothing)


def current_key() -> Call[Key]:
    return Call("GET", "/keys/current", _one(Key))


def _once(path: str, read: Callable[[httpx.Response], T], sends: Mapping[str, Any]) -> Call[T]:
    return Call("POST", path, read, sends, {"Idempotency-Key": str(uuid4())})


def _list(path: str, kind: type[R], cursor: str | None, filters: Mapping[str, Any]) -> Call[Part[R]]:
    params = {**filters, "cursor": cursor} if cursor else filters
    return Call("GET", path, lambda response: _rows(response, kind), {"params": params})


def _asked(question: str, conversation: UUID | None, on_premises: bool) -> Mapping[str, Any]:
    said = {"question": question, "on_premises": on_premises}
    return said if conversation is None else {**said, "conversation": str(conversation)}


def _one(kind: type[R]) -> Callable[[httpx.Response], R]:
    return lambda response: kind.of(response.json())


def _rows(response: httpx.Response, kind: type[R]) -> Part[R]:
    said = response.json()
    return Part([kind.of(each) for each in said["items"]], said["next"])


def _uploaded(response: httpx.Response) -> Uploaded:
    if response.status_code == ACCEPTED:
        return Uploaded(new=True, document=None, archive=Archive.of(response.json()))
    new = response.status_code == CREATED
    return Uploaded(new=new, document=Document.of(response.json()), archive=None)


def _nothing(response: httpx.Response) -> None:
    return None
