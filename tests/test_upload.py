"""What may come in, from whom, and with which label; the same bytes once a collection."""

from io import BytesIO
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from ingestion import store
from ingestion.sources.upload import Declared, Received, upload
from kb.errors import Denied, Rejected, StrongroomError, TooLarge, Unavailable
from kb.models import Collection, Document, Event, Person, Sensitivity, Version
from tests.builders import make_collection

TEXT = b"Everybody has 30 days of leave in a calendar year."


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs here, and Celery would look for it for seconds."""
    monkeypatch.setattr("ingestion.sources.upload.enqueue", lambda version_id: None)


def send(
    person: Person, shelf: Collection, content: bytes = TEXT, name: str = "leave.txt", **fields
) -> Received:
    return upload(person, shelf, BytesIO(content), name=name, declared=Declared(**fields))


def stored() -> set[str]:
    """What lies in the store now."""
    return {path.name for path in store.path_of("00").parent.parent.glob("*/*")}


def test_a_new_file_waits_to_be_read(dana: Person, shelf: Collection) -> None:
    version = send(dana, shelf, name="annual_leave-2026.txt").version
    assert (version.stage, version.size, version.media_type) == ("queued", len(TEXT), "text/plain")
    assert store.path_of(version.sha256).read_bytes() == TEXT
    document = version.document
    assert (document.title, document.sensitivity) == ("annual leave 2026", Sensitivity.RESTRICTED)
    event = Event.objects.get()
    assert (event.person, event.verb, event.subject) == (dana, "upload", document.pk)


def test_it_is_for_nobody_else_until_something_has_decided(
    dana: Person, shelf: Collection, alice: Person
) -> None:
    shelf.editor_people.add(alice)
    document = send(alice, shelf).version.document
    assert list(Document.objects.visible_to(alice)) == [document]
    alice.groups.clear()
    shelf.editor_people.clear()
    assert not Document.objects.visible_to(alice).exists()


def test_it_can_become_somebody_elses(dana: Person, alice: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    document = send(dana, shelf, sensitivity=Sensitivity.INTERNAL, owner=alice).version.document
    assert (document.owner, document.sensitivity_reason) == (alice, "Chosen by Dana when uploading.")
    assert Event.objects.get().person == dana


def test_the_same_bytes_are_the_same_document(dana: Person, shelf: Collection) -> None:
    first, second = send(dana, shelf), send(dana, shelf, name="other.txt")
    assert (second.duplicate, second.version) == (True, first.version)
    assert Version.objects.count() == Event.objects.count() == 1


def test_another_collection_may_hold_the_same_bytes(dana: Person, shelf: Collection) -> None:
    other = make_collection("Board", editors=[dana])
    first, second = send(dana, shelf), send(dana, other)
    assert (second.duplicate, second.version.sha256) == (False, first.version.sha256)


def test_a_duplicate_of_what_one_may_not_see_says_nothing_of_it(
    dana: Person, alice: Person, shelf: Collection
) -> None:
    shelf.editor_people.add(alice)
    send(dana, shelf, title="Secret plan", sensitivity=Sensitivity.RESTRICTED)
    with pytest.raises(Rejected) as refusal:
        send(alice, shelf)
    assert "Secret plan" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "empty.txt", "The file is empty."),
        (b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 400, "song.mp3", "Strongroom reads"),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_kept(
    content: bytes, name: str, message: str, dana: Person, shelf: Collection
) -> None:
    before = stored()
    with pytest.raises(Rejected, match=message):
        send(dana, shelf, content, name)
    assert stored() == before
    assert not Document.objects.exists()


def test_a_file_over_the_limit_is_refused(dana: Person, shelf: Collection, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    with pytest.raises(TooLarge, match=r"over the limit of 1 MB\. Split it"):
        send(dana, shelf, b"x" * (1024 * 1024 + 1))
    assert not Document.objects.exists()


def test_a_full_disk_is_told_and_leaves_no_draft(
    dana: Person, shelf: Collection, settings: Settings, tmp_path: Path
) -> None:
    settings.INCOMING = tmp_path / "gone"
    with pytest.raises(Unavailable, match="The file could not be stored"):
        send(dana, shelf)


@pytest.mark.parametrize("person", ["alice", "bob", "charlie"])
def test_only_an_editor_may_add(person: str, shelf: Collection, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Denied, match=r"You may not add documents to “Handbook”\."):
        send(request.getfixturevalue(person), shelf)
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (Sensitivity.PUBLIC, "Documents in “Board” are at least Internal. Choose Internal or stricter."),
        (Sensitivity.RESTRICTED, "Restricted is above your own clearance."),
    ],
)
def test_a_label_stays_between_the_shelf_and_the_clearance(
    label: Sensitivity, message: str, alice: Person
) -> None:
    board = make_collection("Board", editors=[alice], minimum_sensitivity=Sensitivity.INTERNAL)
    with pytest.raises(StrongroomError, match=message):
        send(alice, board, sensitivity=label)
    assert not Document.objects.exists()
