"""Operations of the API, and calls of them as values: what is sent, and how the reply is read.

Sending is the clients' part.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx

from strongroom_client.reading import JSON

T = TypeVar("T")

STREAM = "text/event-stream"
WITH_BODY = ("POST", "PUT", "PATCH")
NAMED = re.compile(r"{(\w+)}")
"""What a path leaves open."""


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


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """What can be asked of the API, and how its reply is read."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]

    def call(self, **said: Any) -> Call[T]:
        """What is said by a name of the path goes there, all else into the query or the body, and `file` into a form.

        Raises:
            KeyError: something that the path names is missing.
        """
        named = {name: quote(str(said.pop(name)), safe="") for name in NAMED.findall(self.path)}
        headers = {"Idempotency-Key": str(uuid4())} if self.method == "POST" else {}
        return Call(self.method, self.path.format(**named), self.read, self._sends(said), headers)

    def _sends(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        plain = {name: _plain(value) for name, value in said.items() if name != "file"}
        if "file" in said:
            return {"files": {"file": said["file"]}, "data": plain}
        return {"json" if self.method in WITH_BODY else "params": plain}


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list of the API, which comes part by part, and how one of its rows is read."""

    path: str
    make: Callable[[JSON], T]

    def part(self, cursor: str | None = None, **said: Any) -> Call[Part[T]]:
        filters = {**said, "cursor": cursor} if cursor else said
        return Operation("GET", self.path, partial(_part, make=self.make)).call(**filters)


def uploading(file: Path | BinaryIO, *, name: str | None = None, **said: Any) -> Mapping[str, Any]:
    """What a form says beside the file, which is read into memory, so that it can be sent again."""
    content = file.read_bytes() if isinstance(file, Path) else file.read()
    called = name or Path(getattr(file, "name", "")).name or "document"
    return {**{key: value for key, value in said.items() if value}, "file": (called, content)}


def asking(question: str, conversation: UUID | None, *, on_premises: bool) -> Mapping[str, Any]:
    said = {"question": question, "on_premises": on_premises}
    return said if conversation is None else {**said, "conversation": conversation}


def streamed(call: Call[Any]) -> Call[Any]:
    """The call whose reply comes event by event; it is never sent again."""
    return replace(call, headers={"Accept": STREAM})


# --- How replies are read --------------------------------------------------------------------------------


def one(make: Callable[[JSON], T]) -> Callable[[httpx.Response], T]:
    return lambda response: make(response.json())


def rows(make: Callable[[JSON], T]) -> Callable[[httpx.Response], Sequence[T]]:
    """Of a list that is never long."""
    return lambda response: _part(response, make=make).rows


def as_it_is(reply: JSON) -> JSON:
    return reply


def text(response: httpx.Response) -> str:
    return response.text


def content(response: httpx.Response) -> bytes:
    return response.content


def nothing(response: httpx.Response) -> None:
    return None


def _part(response: httpx.Response, *, make: Callable[[JSON], T]) -> Part[T]:
    reply = response.json()
    return Part([make(each) for each in reply["items"]], reply["next"])


def _plain(value: Any) -> Any:
    """As JSON, forms and queries can hold it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
