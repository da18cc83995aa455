"""What `strongroom_client` can ask for, held against the API's own description."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from strongroom_client import operations
from strongroom_client.calls import NAMED, Listing, Operation

from kb.api.urls import api

SCHEMA = api.get_openapi_schema()
DESCRIBED = {
    operation["operationId"]: (method.upper(), path.removeprefix("/api/v1"), operation)
    for path, operations_there in SCHEMA["paths"].items()
    for method, operation in operations_there.items()
}
TO_TUS = {"describeTus", "announceFile", "getFileOffset", "sendPart", "dropFile"}
"""Any client of tus 1.0.0 sends files in parts: `Upload.files` is the address that it needs."""
HERE = {name: each for name, each in vars(operations).items() if isinstance(each, Operation | Listing)}
SAMPLES = {
    "uuid": str(UUID(int=7)), "date-time": "2026-01-31T12:00:00Z", "date": "2026-01-31",
    "string": "word", "integer": 3, "number": 0.5, "boolean": True, "null": None, "object": {},
}  # fmt: skip


def constant(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def test_every_operation_is_there_or_is_left_to_tus() -> None:
    assert set(HERE) == {constant(name) for name in DESCRIBED if name not in TO_TUS}


@pytest.mark.parametrize("name", [name for name in DESCRIBED if name not in TO_TUS])
def test_an_operation_asks_what_is_described_and_reads_its_replies(name: str) -> None:
    method, path, described = DESCRIBED[name]
    ours = HERE[constant(name)]
    assert (getattr(ours, "method", "GET"), ours.path) == (method, path)
    for status, reply in described["responses"].items():
        if int(status) < 300:
            read_by(ours, reply_like(int(status), reply.get("content", {})))


def read_by(ours: "Operation[Any] | Listing[Any]", reply: httpx.Response) -> None:
    if isinstance(ours, Listing):
        opened = dict.fromkeys(NAMED.findall(ours.path), "7")
        assert len(ours.part(**opened).read(reply).rows) == 1
    else:
        ours.read(reply)


def reply_like(status: int, content: Mapping[str, Any]) -> httpx.Response:
    described = content.get("application/json")
    return httpx.Response(status, json=sample(described["schema"])) if described else httpx.Response(status)


def sample(schema: Mapping[str, Any]) -> Any:
    """Something that the schema allows, with all that it promises."""
    if "$ref" in schema:
        return sample(SCHEMA["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return sample(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [sample(schema["items"])] if "items" in schema else []
    if "properties" in schema:
        return {name: sample(each) for name, each in schema["properties"].items()}
    return SAMPLES[schema.get("format", schema.get("type", "object"))]


def test_what_is_said_goes_where_it_belongs() -> None:
    allowance = operations.SET_ALLOWANCE.call(kind="group", holder="a/b", tokens_a_day=5)
    assert (allowance.path, allowance.sends) == ("/allowances/group/a%2Fb", {"json": {"tokens_a_day": 5}})
    ledger = operations.LIST_LEDGER.part("next", since=date(2026, 1, 31))
    assert ledger.sends == {"params": {"since": "2026-01-31", "cursor": "next"}}
    again = operations.ADD_VERSION.call(document_id=UUID(int=7), file=("a.txt", b"a"))
    assert again.sends == {"files": {"file": ("a.txt", b"a")}, "data": {}}
    assert "Idempotency-Key" in again.headers and not allowance.headers


def test_what_the_path_lacks_is_named() -> None:
    with pytest.raises(KeyError, match="person_id"):
        operations.SUSPEND_PERSON.call()
