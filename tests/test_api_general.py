"""What every route of the API has: fields, ETags, idempotency keys, a valid description and its pages."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openapi_spec_validator import OpenAPIV31SpecValidator

from ingestion.delete import delete, purge
from ingestion.label import label
from kb.api.examples import example_of
from kb.api.problems import KINDS
from kb.api.urls import api
from kb.models import Collection, Conversation, Document, Person, RememberedReply, Sensitivity, Version
from kb.models.idempotency import ABANDONED, KEPT
from kb.settings import BASE_DIR
from tests.builders import make_document, make_key

pytest_plugins = ["tests.fakes"]

ROOT = "/api/v1"


def keyed(person: Person, **headers: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_key(person)}", **headers})


def upload(client: Client, content: bytes = b"Trains are booked early.", **headers: str):
    form = {"collection": "Handbook", "file": SimpleUploadedFile("trains.txt", content)}
    return client.post(f"{ROOT}/documents", form, headers=headers)


# --- Fields and ETags ----------------------------------------------------------------------------------


def test_a_reply_has_the_fields_that_were_asked_for(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    client = keyed(dana)
    kept = {"id": str(document.pk), "title": "Travel policy"}
    assert client.get(f"{ROOT}/documents/{document.pk}?fields=id,title").json() == kept
    assert client.get(f"{ROOT}/documents?fields=id&fields=title").json() == {"items": [kept], "next": None}


@pytest.mark.parametrize("fields", ["salary", "", "id,items"])
def test_a_field_that_is_not_there_is_refused_even_of_an_empty_list(fields: str, dana: Person) -> None:
    response = keyed(dana).get(f"{ROOT}/documents?fields={fields}")
    [wrong] = response.json()["errors"]
    assert (response.status_code, wrong["field"]) == (422, "fields")
    assert "There are id, title, collection," in wrong["message"]


def test_a_reply_is_sent_again_only_when_it_has_changed(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    client, address = keyed(dana), f"{ROOT}/documents/{document.pk}"
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    Document.objects.filter(pk=document.pk).update(title="Travel")
    assert client.get(address, headers={"If-None-Match": tag}).json()["title"] == "Travel"


def test_a_document_that_has_changed_since_is_not_deleted(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    client, address = keyed(dana), f"{ROOT}/documents/{document.pk}"
    tag = client.get(address)["ETag"]
    tags = {"path": f"{address}/tags", "data": {"tags": ["new"]}, "content_type": "application/json"}
    assert client.put(**tags, headers={"If-Match": tag}).status_code == 200
    refused = client.delete(address, headers={"If-Match": tag})
    assert (refused.status_code, refused.json()["code"]) == (412, "changed")
    assert client.delete(address, headers={"If-Match": client.get(address)["ETag"]}).status_code == 204


# --- Idempotency keys ----------------------------------------------------------------------------------


def test_a_write_that_is_sent_twice_is_done_once(dana: Person, shelf: Collection) -> None:
    client, key = keyed(dana), str(uuid4())
    first, second = (upload(client, **{"Idempotency-Key": key}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.content, second["Idempotent-Replayed"]) == (second.content, "true")
    assert Version.objects.count() == 1


def test_a_question_that_is_sent_twice_is_asked_once(charlie: Person) -> None:
    client = keyed(charlie, **{"Idempotency-Key": "one"})
    replies = [
        client.post(f"{ROOT}/ask", {"question": "Who leads?"}, content_type="application/json")
        for _ in range(2)
    ]
    assert replies[0].json() == replies[1].json()
    assert Conversation.objects.count() == 1


def test_a_key_belongs_to_one_request_of_one_person(dana: Person, alice: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    client = keyed(dana)
    assert upload(client, **{"Idempotency-Key": "one"}).status_code == 201
    other = upload(client, b"Something else.", **{"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert upload(keyed(alice), b"Of alice.", **{"Idempotency-Key": "one"}).status_code == 201


def test_a_request_that_still_runs_is_not_done_beside_itself(dana: Person, shelf: Collection) -> None:
    client = keyed(dana)
    upload(client, **{"Idempotency-Key": "one"})
    RememberedReply.objects.update(status=None)
    again = upload(client, **{"Idempotency-Key": "one"})
    assert (again.status_code, again.json()["code"]) == (409, "still_running")
    RememberedReply.objects.update(created_at=timezone.now() - ABANDONED - timedelta(seconds=1))
    assert upload(client, **{"Idempotency-Key": "one"}).status_code == 200


def test_a_kept_reply_tells_nothing_after_rights_have_changed(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    shelf.editor_people.add(alice)
    client = keyed(alice)
    made = Document.objects.get(pk=upload(client, **{"Idempotency-Key": "one"}).json()["id"])
    label(made, dana, Sensitivity.RESTRICTED)
    again = upload(client, **{"Idempotency-Key": "one"})
    assert (again.status_code, again.json()["code"]) == (410, "gone")
    assert Version.objects.count() == 1


def test_what_a_deleted_document_said_is_kept_nowhere(dana: Person, shelf: Collection, fakes: None) -> None:
    made = Document.objects.get(pk=upload(keyed(dana), **{"Idempotency-Key": "one"}).json()["id"])
    delete(made, dana)
    purge(made.pk)
    assert bytes(RememberedReply.objects.get().body) == b""


def test_a_reply_is_forgotten_after_a_day(dana: Person, shelf: Collection) -> None:
    client = keyed(dana)
    upload(client, **{"Idempotency-Key": "one"})
    RememberedReply.objects.update(created_at=timezone.now() - KEPT)
    assert upload(client, **{"Idempotency-Key": "one"}).status_code == 200


@pytest.mark.parametrize("key", ["x" * 256, "two words", "schl\xfcssel", " "])
def test_a_key_that_nobody_can_read_is_refused(key: str, dana: Person, shelf: Collection) -> None:
    refused = upload(keyed(dana), **{"Idempotency-Key": key})
    assert (refused.status_code, refused.json()["code"]) == (422, "rejected")


# --- The description -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def description() -> Mapping[str, object]:
    return json.loads(json.dumps(api.get_openapi_schema()))


def operations(description) -> list[tuple[str, dict[str, object]]]:
    return [each for path in description["paths"].values() for each in path.items()]


def test_the_description_is_valid(description) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(description).iter_errors()] == []


def test_every_body_has_an_example_and_every_tag_a_description(description) -> None:
    tags = {tag["name"] for tag in description["tags"]}
    for _, operation in operations(description):
        assert set(operation["tags"]) <= tags
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (each for body in bodies for each in body.get("content", {}).values()):
            assert "example" in media or media["schema"]["format"] == "binary"


def test_every_operation_tells_its_problems_and_what_it_takes(description) -> None:
    for method, operation in operations(description):
        names = {parameter["name"] for parameter in operation["parameters"]}
        told = operation["responses"]
        for status in ("401", "403", "429", "500"):
            assert set(told[status]["content"]) == {"application/problem+json"}
        if method == "get" and "application/json" in told["200"].get("content", {}):
            assert {"fields", "If-None-Match"} <= names
        if method == "post" and "Tus-Resumable" not in names:
            assert "Idempotency-Key" in names
        if method in {"put", "patch", "delete"} and "412" in told and "Tus-Resumable" not in names:
            assert "If-Match" in names


def test_a_path_that_names_one_of_a_few_may_be_refused(description) -> None:
    for _, operation in operations(description):
        paths = [each for each in operation["parameters"] if each["in"] == "path"]
        if any("enum" in schema_of(each["schema"], description) for each in paths):
            assert "422" in operation["responses"], operation["operationId"]


def schema_of(schema: Mapping[str, str], description) -> Mapping[str, object]:
    return description["components"]["schemas"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema


def test_the_page_of_routes_lists_every_operation(description) -> None:
    page = (BASE_DIR / "docs" / "api-routes.md").read_text()
    listed = re.findall(r"^\| `([A-Z]+ /[^`]*)`", page, re.MULTILINE)
    known = [
        f"{method.upper()} {path.removeprefix(ROOT)}"
        for path, methods in description["paths"].items()
        for method in methods
    ]
    assert {re.sub(r"{\w+}", "{}", each) for each in listed} == {
        re.sub(r"{\w+}", "{}", each) for each in known
    }


def test_an_example_fits_its_schema() -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "examples": ["lease.pdf"]},
            "label": {"anyOf": [{"enum": ["PUBLIC", "INTERNAL"]}, {"type": "null"}]},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
        },
    }
    part = {"type": "object", "properties": {"at": {"type": "string", "format": "date"}}}
    assert example_of(schema, {"Part": part}) == {
        "name": "lease.pdf",
        "label": "PUBLIC",
        "parts": [{"at": "2026-01-31"}],
    }


def test_each_kind_of_problem_has_a_page(db: None) -> None:
    for code, kind in KINDS.items():
        assert kind.title in Client().get(f"/api/problems/{code}").content.decode()
    assert Client().get("/api/problems/nothing").status_code == 404


def test_the_page_of_the_api_shows_every_operation(db: None, description) -> None:
    page = Client().get("/api/docs").content.decode()
    shown = [operation["operationId"] for _, operation in operations(description)]
    assert [each for each in shown if f'id="{each}"' not in page] == []
