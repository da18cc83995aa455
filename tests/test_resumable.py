"""Files that arrive part by part, by the tus protocol: nothing is lost, doubled or told to others."""

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from ingestion import parts, store
from ingestion.transfers import expire, shown_path
from kb.models import Batch, Collection, Document, Person, Transfer, Version
from tests.visiting import BACKEND, signed_in, text_of

TEXT = b"Everybody has 30 days of leave in a calendar year."
HEADERS = {"Tus-Resumable": "1.0.0"}
PART = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs here, and Celery would look for it for seconds."""
    monkeypatch.setattr("ingestion.sources.upload.enqueue", lambda version_id: None)


@pytest.fixture(autouse=True)
def _own_parts(settings: Settings, tmp_path: Path) -> None:
    settings.PARTS = tmp_path


@pytest.fixture
def batch(dana: Person, shelf: Collection) -> Batch:
    return Batch.objects.create(person=dana, collection=shelf, name="leave.txt", door="portal")


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def announce(
    client: Client, batch: Batch, size: int = len(TEXT), body: bytes | None = None, **values: str
) -> HttpResponse:
    headers = HEADERS | {
        "Upload-Length": str(size),
        "Upload-Metadata": metadata(**{"filename": "leave.txt"} | values),
    }
    address = reverse("transfers", args=[batch.pk])
    if body is None:
        return client.post(address, headers=headers, content_type="")
    return client.post(address, body, content_type=PART, headers=headers)


def begun(client: Client, batch: Batch, **values: str) -> str:
    """The address of a file that was announced."""
    reply = announce(client, batch, **values)
    assert (reply.status_code, reply["Upload-Offset"]) == (201, "0")
    return str(reply["Location"])


def send(client: Client, address: str, part: bytes, offset: int, **headers: str) -> HttpResponse:
    return client.patch(
        address, part, content_type=PART, headers=HEADERS | {"Upload-Offset": str(offset)} | headers
    )


def offset_of(client: Client, address: str) -> int:
    return int(client.head(address, headers=HEADERS)["Upload-Offset"])


def kept() -> list[str]:
    """The parts that lie on the disk."""
    return [path.name for path in parts.path_of(uuid4()).parent.iterdir()]


def test_it_says_what_it_can(dana: Person, batch: Batch, settings: Settings) -> None:
    reply = signed_in(dana).options(reverse("transfers", args=[batch.pk]))
    assert (reply.status_code, reply["Tus-Version"], reply["Tus-Max-Size"]) == (
        204,
        "1.0.0",
        str(settings.UPLOAD_LIMIT),
    )
    assert reply["Tus-Extension"].split(",") == [
        "creation",
        "creation-with-upload",
        "termination",
        "expiration",
        "checksum",
    ]


def test_a_file_goes_on_where_it_stopped(dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    assert send(client, address, TEXT[:20], 0)["Upload-Offset"] == "20"
    told = client.head(address, headers=HEADERS)
    assert (told["Upload-Offset"], told["Upload-Length"], told["Cache-Control"]) == ("20", "50", "no-store")
    assert told["Upload-Metadata"] == metadata(filename="leave.txt")
    last = send(client, address, TEXT[20:], 20)
    assert (last.status_code, last["Upload-Offset"], last["Upload-Outcome"]) == (204, "50", "taken")
    version = Version.objects.get()
    assert (version.batch, store.path_of(version.sha256).read_bytes()) == (batch, TEXT)
    assert kept() == []


def test_what_was_written_and_not_acknowledged_is_written_anew(dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    send(client, address, TEXT[:10], 0)
    with parts.path_of(Transfer.objects.get().pk).open("ab") as file:
        file.write(b"left by a process that was killed")
    send(client, address, TEXT[10:], 10)
    assert Version.objects.get().sha256 == hashlib.sha256(TEXT).hexdigest()


def test_a_small_file_is_one_request(dana: Person, batch: Batch) -> None:
    reply = announce(signed_in(dana), batch, body=TEXT, relativePath="Rules/2026/leave.txt")
    assert (reply.status_code, reply["Upload-Outcome"]) == (201, "taken")
    assert (Version.objects.get().name, Transfer.objects.get().path) == ("leave.txt", "Rules/2026/leave.txt")


@pytest.mark.parametrize("offset", [0, 19, 21])
def test_a_part_at_another_place_is_refused(offset: int, dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    send(client, address, TEXT[:20], 0)
    reply = send(client, address, TEXT[20:], offset)
    assert (reply.status_code, "20 bytes of “leave.txt” have arrived" in text_of(reply)) == (409, True)
    assert (offset_of(client, address), Document.objects.exists()) == (20, False)


def test_two_requests_do_not_write_to_one_file(dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    Transfer.objects.update(busy_until=timezone.now() + timedelta(seconds=60))
    assert send(client, address, TEXT, 0).status_code == 423
    assert client.delete(address, headers=HEADERS).status_code == 423
    Transfer.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    assert send(client, address, TEXT, 0).status_code == 204
    assert Transfer.objects.get().busy_until is None


@pytest.mark.parametrize("method", ["head", "patch", "delete"])
def test_another_persons_file_is_the_same_as_none(
    method: str, dana: Person, alice: Person, batch: Batch, shelf: Collection
) -> None:
    shelf.editor_people.add(alice)
    address = begun(signed_in(dana), batch)
    headers = HEADERS | {"Upload-Offset": "0"}
    client = signed_in(alice)
    real, made_up = (
        getattr(client, method)(url, headers=headers)
        for url in (address, reverse("transfer", args=[uuid4()]))
    )
    assert (real.status_code, real.content) == (404, made_up.content)
    assert announce(client, batch).status_code == 404
    assert Transfer.objects.get().received == 0


def test_it_wants_a_session_and_a_token(dana: Person, batch: Batch) -> None:
    assert announce(Client(), batch).status_code == 401
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana, backend=BACKEND)
    address = begun(signed_in(dana), batch)
    assert (announce(client, batch).status_code, send(client, address, TEXT, 0).status_code) == (403, 403)


def test_who_may_no_longer_add_is_told_before_sending(dana: Person, batch: Batch, shelf: Collection) -> None:
    shelf.editor_people.clear()
    reply = announce(signed_in(dana), batch)
    assert (reply.status_code, text_of(reply)) == (403, "You may not add documents to “Handbook”.")


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    dana: Person, batch: Batch, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    reply = announce(signed_in(dana), batch, size=1024 * 1024 + 1)
    assert (reply.status_code, "over the limit of 1 MB" in text_of(reply)) == (413, True)
    assert (Transfer.objects.exists(), kept()) == (False, [])


def test_more_bytes_than_announced_are_refused(dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    assert send(client, address, TEXT + b"!", 0).status_code == 422
    assert offset_of(client, address) == 0


def test_a_full_disk_is_told_and_the_part_can_be_sent_again(
    dana: Person, batch: Batch, settings: Settings, tmp_path: Path
) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    there, settings.PARTS = settings.PARTS, tmp_path / "gone"
    reply = send(client, address, TEXT, 0)
    assert (reply.status_code, "Free some disk space" in text_of(reply)) == (507, True)
    settings.PARTS = there
    assert send(client, address, TEXT, 0).status_code == 204


def test_a_file_that_cannot_be_stored_now_is_taken_with_its_last_part_again(
    dana: Person, batch: Batch, settings: Settings, tmp_path: Path
) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    there, settings.INCOMING = settings.INCOMING, tmp_path / "gone"
    assert send(client, address, TEXT, 0).status_code == 507
    settings.INCOMING = there
    assert offset_of(client, address) == 0
    assert send(client, address, TEXT, 0)["Upload-Outcome"] == "taken"


def test_a_disk_without_room_is_told_before_sending(
    dana: Person, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "ROOM_LEFT", 2**62)
    assert announce(signed_in(dana), batch).status_code == 507


@pytest.mark.parametrize("algorithm", parts.ALGORITHMS)
def test_a_part_counts_only_if_its_checksum_fits(algorithm: str, dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    digest = base64.b64encode(hashlib.new(algorithm, TEXT).digest()).decode()
    checksum = {"Upload-Checksum": f"{algorithm} {digest}"}
    assert send(client, address, TEXT[:-1] + b"?", 0, **checksum).status_code == 460
    assert offset_of(client, address) == 0
    assert send(client, address, TEXT, 0, **checksum).status_code == 204


def test_a_file_that_is_not_the_announced_one_is_not_taken(dana: Person, batch: Batch) -> None:
    """As when another file of the same name and size was chosen to go on with."""
    client = signed_in(dana)
    address = begun(client, batch, sha256=hashlib.sha256(TEXT).hexdigest())
    reply = send(client, address, TEXT.upper(), 0)
    assert (reply.status_code, text_of(reply)) == (
        422,
        "What arrived is not the file that was announced. Choose it again.",
    )
    assert (client.head(address, headers=HEADERS).status_code, Document.objects.exists()) == (410, False)


def test_what_cannot_be_read_is_refused_in_a_sentence_and_remembered(dana: Person, batch: Batch) -> None:
    song = b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 400
    reply = announce(signed_in(dana), batch, size=len(song), body=song, filename="song.mp3")
    assert (reply.status_code, "Strongroom reads" in text_of(reply)) == (422, True)
    transfer = Transfer.objects.get()
    assert (transfer.state, transfer.failure, kept()) == ("refused", text_of(reply), [])


def test_the_same_bytes_are_known(dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    replies = [announce(client, batch, body=TEXT, filename=name) for name in ("leave.txt", "copy.txt")]
    assert [reply["Upload-Outcome"] for reply in replies] == ["taken", "known"]
    assert Version.objects.count() == 1


def test_an_unwanted_file_is_forgotten(dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    send(client, address, TEXT[:20], 0)
    assert client.delete(address, headers=HEADERS).status_code == 204
    assert (client.head(address, headers=HEADERS).status_code, kept()) == (404, [])


def test_a_whole_file_is_not_forgotten_by_its_transfer(dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    address = announce(client, batch, body=TEXT)["Location"]
    assert client.delete(address, headers=HEADERS).status_code == 422
    assert Document.objects.exists()


def test_what_never_arrives_whole_expires(dana: Person, batch: Batch, settings: Settings) -> None:
    client = signed_in(dana)
    late, current = begun(client, batch), begun(client, batch)
    send(client, current, TEXT[:20], 0)
    old = Transfer.objects.order_by("created_at")[0]
    Transfer.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    assert send(client, late, TEXT, 0).status_code == 410
    assert expire() == 1
    assert client.head(late, headers=HEADERS).status_code == 410
    assert offset_of(client, current) == 20
    assert Transfer.objects.get(pk=old.pk).failure.startswith("It did not arrive whole within 24 hours.")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Metadata": ""}, 400),
        ({"Upload-Metadata": metadata(filename="../..")}, 400),
        ({"Upload-Metadata": "filename not-base64"}, 400),
        ({"Upload-Metadata": "filename " + "A" * 9_000}, 400),
        ({"Upload-Metadata": metadata(filename="a.txt", sha256="x")}, 400),
        ({"Upload-Length": "0"}, 422),
    ],
)
def test_a_wrong_announcement_is_told(
    headers: dict[str, str], status: int, dana: Person, batch: Batch
) -> None:
    right = HEADERS | {"Upload-Length": "50", "Upload-Metadata": metadata(filename="a.txt")}
    reply = signed_in(dana).post(reverse("transfers", args=[batch.pk]), headers=right | headers)
    assert (reply.status_code, reply["Tus-Resumable"], Transfer.objects.exists()) == (status, "1.0.0", False)


def test_a_post_means_only_what_it_says(dana: Person, batch: Batch) -> None:
    client = signed_in(dana)
    address = begun(client, batch)
    assert client.post(address, headers=HEADERS).status_code == 400
    meant = HEADERS | {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    assert client.post(address, TEXT, content_type=PART, headers=meant).status_code == 204


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("lease.pdf", "lease.pdf"),
        ("/Contracts/../2026/lease.pdf", "Contracts/2026/lease.pdf"),
        ("C:\\Contracts\\lease.pdf", "C:/Contracts/lease.pdf"),
        ("a\x00b\u202efdp.exe", "abfdp.exe"),
    ],
)
def test_a_path_is_shown_without_what_leads_elsewhere(path: str, shown: str) -> None:
    assert shown_path(path) == shown
