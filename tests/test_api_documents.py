"""The document side of the API: versions, files, chunks, labels, moving, readers, uploads and bulk jobs."""

import asyncio
import base64
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ingestion import bulk
from ingestion.reconcile import resend
from kb.models import BulkItem, BulkJob, Chunk, Collection, Document, Person, Sensitivity, Transfer, Version
from kb.models.library import Stage
from tests.builders import make_chunk, make_collection, make_document, make_key
from tests.visiting import signed_in

pytest_plugins = ["tests.fakes"]

ROOT = "/api/v1"
JSON = "application/json"


def keyed(person: Person) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_key(person)}"})


def told(response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def sent(response) -> bytes:
    async def read() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    return asyncio.run(read())


# --- Versions and files ----------------------------------------------------------------------------------


def test_a_new_version_is_listed_and_sent(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    client, address = keyed(dana), f"{ROOT}/documents/{document.pk}/versions"
    made = client.post(address, {"file": SimpleUploadedFile("new.txt", b"Flights are booked late.")})
    assert (made.status_code, made.json()["current"]) == (201, False)
    assert [each["name"] for each in client.get(address).json()["items"]] == ["new.txt", "Travel policy.txt"]
    assert client.get(f"{address}/{made.json()['id']}/file").status_code == 404, "It is not ready."


def test_a_file_goes_to_those_who_may_see_all_of_it(alice: Person, dana: Person, shelf: Collection) -> None:
    form = {
        "collection": "Handbook",
        "file": SimpleUploadedFile("pay.txt", b"Pay."),
        "sensitivity": "internal",
    }
    document = Document.objects.get(pk=keyed(dana).post(f"{ROOT}/documents", form).json()["id"])
    document.current_version = document.latest
    document.save()
    document.versions.update(stage=Stage.READY, summary="Salaries.")
    address = f"{ROOT}/documents/{document.pk}"
    assert sent(keyed(alice).get(f"{address}/file")) == b"Pay."
    make_chunk(document.latest, 0, "Salaries.", sensitivity=Sensitivity.RESTRICTED)
    assert told(keyed(alice).get(f"{address}/file")) == (404, "not_found")
    sheet = keyed(alice).get(address).json()
    assert (sheet["summary"], sheet["partly_hidden"]) == ("", True)
    assert keyed(dana).get(address).json()["summary"] == "Salaries."


# --- Chunks ------------------------------------------------------------------------------------------------


def test_chunks_above_the_clearance_or_left_out_are_not_listed(
    bob: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, chunks=["Open.", "Left out."])
    make_chunk(document.latest, 2, "Salaries.", sensitivity=Sensitivity.RESTRICTED)
    Chunk.objects.filter(ordinal=1).update(excluded=True)
    address = f"{ROOT}/documents/{document.pk}/chunks"
    texts = [[each["text"] for each in keyed(who).get(address).json()["items"]] for who in (bob, dana)]
    assert texts == [["Open."], ["Open.", "Left out.", "Salaries."]]
    hidden = Chunk.objects.get(ordinal=2)
    assert told(keyed(bob).get(f"{address}/{hidden.pk}")) == (404, "not_found")


def test_an_editor_mends_chunks_and_takes_it_back(
    alice: Person, dana: Person, shelf: Collection, fakes: None
) -> None:
    document = make_document(shelf, owner=dana, chunks=["Trains are early. Flights are late."])
    client, address = keyed(dana), f"{ROOT}/documents/{document.pk}/chunks"
    [chunk] = client.get(address).json()["items"]
    one, said = f"{address}/{chunk['id']}", {"revision": chunk["revision"]}
    assert told(keyed(alice).patch(one, {**said, "excluded": True}, content_type=JSON)) == (403, "denied")
    halves = client.post(f"{one}/split", {**said, "at": 18}, content_type=JSON).json()["items"]
    assert [each["text"] for each in halves] == ["Trains are early.", "Flights are late."]
    late = client.patch(one, {**said, "text": "Mine."}, content_type=JSON)
    assert told(late) == (409, "overtaken")
    [whole] = client.post(f"{address}/undo").json()["items"]
    edit = {"revision": whole["revision"], "text": "Trains first.", "headings": ["Travel"]}
    edited = client.patch(f"{address}/{whole['id']}", edit, content_type=JSON).json()
    assert (edited["text"], edited["headings"], edited["edited_by"]) == ("Trains first.", ["Travel"], "dana")


@pytest.mark.parametrize("change", [{}, {"text": "New.", "excluded": True}])
def test_a_chunk_takes_one_change_at_a_time(
    change: dict[str, object], dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    address = f"{ROOT}/documents/{document.pk}/chunks/{document.latest.chunks.get().pk}"
    refused = keyed(dana).patch(address, {"revision": "0", **change}, content_type=JSON)
    assert told(refused) == (422, "invalid")


# --- What is said of a document -----------------------------------------------------------------------------


def test_a_laxer_label_needs_a_reason(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL)
    client, address = keyed(dana), f"{ROOT}/documents/{document.pk}/label"
    assert told(client.put(address, {"sensitivity": "public"}, content_type=JSON)) == (422, "rejected")
    said = {"sensitivity": "public", "reason": "It is on the web site."}
    assert client.put(address, said, content_type=JSON).json()["sensitivity"] == "PUBLIC"


def test_a_document_moves_to_where_its_mover_may_add(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    make_collection("Press", readers=[dana])
    make_collection("Archive", editors=[dana])
    client, address = keyed(dana), f"{ROOT}/documents/{document.pk}/collection"
    answers = [client.put(address, {"collection": name}, content_type=JSON) for name in ("Press", "Archive")]
    assert told(answers[0]) == (403, "denied")
    assert answers[1].json()["collection"] == "Archive"


def test_who_may_change_a_document_sees_who_sees_it(alice: Person, bob: Person, dana: Person, shelf) -> None:
    document = make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL)
    address = f"{ROOT}/documents/{document.pk}/readers"
    readers = {each["person"]: each for each in keyed(dana).get(address).json()["items"]}
    assert {name: each["sees"] for name, each in readers.items()} == {
        "alice": True,
        "bob": False,
        "dana": True,
    }
    assert readers["bob"]["obstacles"] == ["clearance"]
    assert readers["alice"]["ways"] == [{"role": "reader", "group": "staff"}]
    assert told(keyed(alice).get(address)) == (404, "not_found")


def test_only_administrators_steer(alice: Person, dana: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    document = make_document(shelf, owner=alice, stage=Stage.QUEUED)
    address = f"{ROOT}/documents/{document.pk}"
    assert told(keyed(alice).post(f"{address}/cancel")) == (403, "scope")
    assert told(signed_in(alice).post(f"{address}/cancel")) == (404, "not_found")
    steps = [keyed(dana).post(f"{address}/{step}").json()["stage"] for step in ("cancel", "put-back")]
    assert steps == ["skipped", "queued"]
    first = keyed(dana).put(f"{address}/priority", {"priority": "first"}, content_type=JSON)
    assert (first.status_code, Version.objects.get().priority) == (202, 30)


def test_a_document_is_read_again_by_one_of_its_parsers(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    client, address = keyed(dana), f"{ROOT}/documents/{document.pk}"
    parsers = [each["id"] for each in client.get(f"{address}/parsers").json()["items"]]
    assert told(client.post(f"{address}/parse", {"parser": "os.system"}, content_type=JSON)) == (
        422,
        "rejected",
    )
    client.post(f"{address}/parse", {"parser": parsers[0]}, content_type=JSON)
    assert Version.objects.get().chosen_parser == parsers[0]


# --- Uploads ------------------------------------------------------------------------------------------------


def tus(**headers: str) -> dict[str, str]:
    return {"Tus-Resumable": "1.0.0", **{name.replace("_", "-"): value for name, value in headers.items()}}


def test_a_file_arrives_in_parts(dana: Person, charlie: Person, shelf: Collection) -> None:
    client = keyed(dana)
    begun = client.post(f"{ROOT}/uploads", {"collection": "Handbook", "tags": ["new"]}, content_type=JSON)
    upload, name = begun.json(), base64.b64encode(b"a/trains.txt").decode()
    announced = client.post(
        upload["files"], headers=tus(Upload_Length="12", Upload_Metadata=f"filename {name}")
    )
    assert (announced.status_code, announced["Location"].startswith(f"{ROOT}/uploads/files/")) == (201, True)
    kind = "application/offset+octet-stream"
    parts = [(0, b"Trains"), (0, b"Again."), (6, b" late.")]
    sent = [
        client.patch(announced["Location"], part, content_type=kind, headers=tus(Upload_Offset=str(offset)))
        for offset, part in parts
    ]
    assert [each.status_code for each in sent] == [204, 409, 204]
    assert told(sent[1]) == (409, "out_of_step")
    assert sent[2]["Upload-Outcome"] == "taken"
    assert client.get(f"{ROOT}/uploads/{upload['id']}").json()["progress"]["waiting"] == 1
    [file] = client.get(f"{ROOT}/uploads/{upload['id']}/documents").json()["items"]
    assert Document.objects.get(pk=file["document"]).tags.get().name == "new"
    for address in (announced["Location"], f"{ROOT}/uploads/files/{uuid4()}"):
        assert keyed(charlie).head(address, headers=tus()).status_code == 404


def test_a_file_that_is_there_is_known_before_it_is_sent(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    client = keyed(dana)
    upload = client.post(f"{ROOT}/uploads", {"collection": "Handbook"}, content_type=JSON).json()
    address, file = f"{ROOT}/uploads/{upload['id']}/known", {"path": "a.txt", "size": 3}
    known = client.post(address, {**file, "sha256": document.latest.sha256}, content_type=JSON)
    new = client.post(address, {**file, "sha256": "0" * 64}, content_type=JSON)
    assert (known.json()["document"], new.json()["document"]) == (str(document.pk), None)
    assert Transfer.objects.get().state == Transfer.State.KNOWN


def test_an_upload_is_its_makers(alice: Person, dana: Person, shelf: Collection) -> None:
    refused = keyed(alice).post(f"{ROOT}/uploads", {"collection": "Handbook"}, content_type=JSON)
    assert told(refused) == (403, "denied")
    upload = keyed(dana).post(f"{ROOT}/uploads", {"collection": "Handbook"}, content_type=JSON).json()
    assert told(keyed(alice).get(f"{ROOT}/uploads/{upload['id']}")) == (404, "not_found")


# --- Bulk jobs ------------------------------------------------------------------------------------------------


def begin(client: Client, **body: object):
    return client.post(f"{ROOT}/documents/bulk", body, content_type=JSON)


def test_a_bulk_job_does_each_document_by_itself(alice: Person, dana: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    mine = make_document(shelf, owner=alice)
    above = make_document(shelf, owner=dana, sensitivity=Sensitivity.RESTRICTED)
    client, nobodys = keyed(alice), uuid4()
    ids = [str(each) for each in (mine.pk, above.pk, nobodys)]
    begun = begin(client, action="tag", documents=ids, tags=["Travel"])
    assert (begun.status_code, begun.json()["waiting"], begun.json()["failed"]) == (202, 1, 2)
    bulk.run(UUID(begun.json()["id"]))
    job = client.get(begun["Location"]).json()
    assert (job["waiting"], job["done"], job["failed"], bool(job["ended_at"])) == (0, 1, 2, True)
    outcomes = client.get(f"{begun['Location']}/documents").json()["items"]
    failures = {each["document"]: each["failure"] for each in outcomes}
    assert (
        failures[str(above.pk)]
        == failures[str(nobodys)]
        == "There is no such document, or none that you may see."
    )
    assert [tag.name for tag in mine.tags.all()] == ["travel"]
    assert told(keyed(dana).get(begun["Location"])) == (404, "not_found")


def test_a_bulk_job_takes_what_its_filter_fits(dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana, title="Old one")
    kept = make_document(shelf, owner=dana, title="New one")
    bulk.run(UUID(begin(keyed(dana), action="delete", filter={"q": "old"}).json()["id"]))
    assert [each.pk for each in Document.objects.live()] == [kept.pk]


@pytest.mark.parametrize(
    "body",
    [
        {"action": "delete"},
        {"action": "delete", "filter": {}},
        {"action": "delete", "filter": {"colection": "Handbook"}},
        {"action": "label", "documents": [str(uuid4())]},
    ],
)
def test_a_bulk_job_is_never_meant_by_accident(
    body: dict[str, object], dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana)
    assert told(begin(keyed(dana), **body)) == (422, "invalid")
    assert not BulkJob.objects.exists()


def test_a_bulk_job_goes_by_the_rights_of_the_moment(alice: Person, dana: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    document = make_document(shelf, owner=alice)
    job = bulk.begin(alice, BulkJob.Action.DELETE, {}, [document.pk])
    shelf.editor_people.remove(alice)
    bulk.run(job.pk)
    assert job.items.get().failure == "You may not delete this document."
    assert Document.objects.live().exists()


def test_a_killed_bulk_job_goes_on_where_it_was(
    dana: Person, shelf: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [make_document(shelf, owner=dana, title=title) for title in ("First", "Second")]
    job = bulk.begin(dana, BulkJob.Action.TAG, {"tags": ["new"]}, [each.pk for each in documents])
    act = bulk.ACTS[BulkJob.Action.TAG]

    def killed(document: Document, person: Person, said) -> None:
        act(document, person, said)
        if document.title == "Second":
            raise SystemExit

    monkeypatch.setitem(bulk.ACTS, BulkJob.Action.TAG, killed)
    with pytest.raises(SystemExit):
        bulk.run(job.pk)
    assert [item.state for item in job.items.all()] == ["done", "waiting"]
    assert not documents[1].tags.exists()
    monkeypatch.setitem(bulk.ACTS, BulkJob.Action.TAG, act)
    BulkJob.objects.update(worked_at=job.created_at, created_at="2026-01-01T00:00Z")
    assert (
        "An act on many documents (replace the tags) waits for a worker." in resend() or job.items.waiting()
    )
    bulk.run(job.pk)
    assert not BulkItem.objects.waiting().exists()
    assert [tag.name for tag in documents[1].tags.all()] == ["new"]
