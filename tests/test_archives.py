"""Archives, mailboxes and mails: what they hold becomes documents, and nothing in them leaves its place."""

import os
import tarfile
from email.message import EmailMessage
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import store
from ingestion.reconcile import resend
from ingestion.sources.archive import KNOWN, unpack
from ingestion.sources.containers import child, opening
from ingestion.sources.containers.entries import Bounds, LeftOut, inside
from ingestion.sources.containers.kinds import archive_kind
from ingestion.sources.receive import receive
from ingestion.sources.upload import Declared, Origin
from kb.errors import NoRoom
from kb.models import Batch, Collection, Container, Document, Person, Sensitivity, Version
from tests.packed import member, opened_in, tarred, zipped

LEAVE, PARKING = b"Everybody has 30 days of leave.", b"The car park closes at 22:00."
ENCRYPTED = 0x1


def mail(subject: str = "Lease") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"] = subject, "anna@example.com"
    message.set_content("The lease is attached.")
    return message


@pytest.fixture
def opened(tmp_path: Path):
    """What the child says of a container, without a process."""
    return partial(opened_in, tmp_path)


@pytest.fixture
def batch(dana: Person, shelf: Collection) -> Batch:
    return Batch.objects.create(person=dana, collection=shelf, name="All", door=Batch.Door.COMMAND)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opens containers here: a process for each takes half a second."""

    def run(folder: Path, kind: Container.Kind, bounds: Bounds, limits: opening.Limits) -> int:
        before = Path.cwd()
        os.chdir(folder)
        try:
            Path(child.RESULT).write_text(child.json.dumps(child.unpacked(kind.value, bounds)))
        finally:
            os.chdir(before)
        return 0

    monkeypatch.setattr(opening, "_run", run)


def send(batch: Batch, data: bytes, name: str, **declared: object) -> Container:
    arrival = receive(
        batch.person,
        batch.collection,
        BytesIO(data),
        name=name,
        declared=Declared(**declared),
        origin=Origin(batch),
    )
    container = arrival.container or Container.objects.get(mail=arrival.version.document)
    unpack(container.pk)
    container.refresh_from_db()
    return container


# --- What is inside --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../../etc/passwd", "leads out"),
        ("a/../../b.txt", "leads out"),
        ("..\\..\\b.txt", "leads out"),
        ("/etc/passwd", "absolute"),
        ("C:\\Windows\\a.txt", "absolute"),
        ("\\\\server\\share\\a.txt", "absolute"),
        ("a\x00.txt", "control"),
        ("invoice\u202efdp.exe", "control"),
        ("__MACOSX/a.txt", "hidden"),
        ("a/.git/config", "hidden"),
        ("./", "no name"),
        ("a/" * 600 + "b.txt", "more than 1,000"),
    ],
)
def test_a_path_that_is_not_one_inside_is_refused(path: str, reason: str) -> None:
    with pytest.raises(LeftOut, match=reason):
        inside(path)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.text(st.sampled_from("./\\:aC\x00\u202e é"), min_size=1), max_size=5, unique=True))
def test_nothing_in_an_archive_leaves_the_folder(opened, tmp_path: Path, names: list[str]) -> None:
    data = tarred(*((member(name), b"x") for name in names), mode="w")
    result = opened("tar", data)
    for _, path in result.get("taken", []):
        assert not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts
    assert {entry.name for entry in tmp_path.iterdir()} == {"container", "files"}
    assert all(entry.name.isdigit() for entry in (tmp_path / "files").iterdir())


def test_one_bad_entry_does_not_stop_the_others(opened) -> None:
    data = zipped(
        {"a/leave.txt": LEAVE, "../evil.txt": b"x", "bomb.txt": b"0" * 20_000_000, "b\\p.txt": PARKING}
    )
    result = opened("zip", data)
    assert [path for _, path in result["taken"]] == ["a/leave.txt", "b/p.txt"]
    assert dict(result["left_out"]) == {
        "../evil.txt": "has a path that leads out of the archive",
        "bomb.txt": "unpacks to more than 100 times its size, as only a bomb does",
    }


def test_an_encrypted_entry_is_told_apart_from_a_damaged_one(opened) -> None:
    data = bytearray(zipped({"secret.txt": LEAVE, "broken.txt": PARKING * 50, "fine.txt": PARKING}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= ENCRYPTED
    damaged = data.index(b"broken.txt") + len("broken.txt")
    data[damaged : damaged + 8] = b"\xff" * 8
    result = opened("zip", bytes(data))
    assert [path for _, path in result["taken"]] == ["fine.txt"]
    assert dict(result["left_out"]) == {
        "secret.txt": "is encrypted; pack it again without a password",
        "broken.txt": "is damaged",
    }


def test_links_and_devices_are_refused(opened) -> None:
    data = tarred(
        (member("link.txt", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (member("hard.txt", tarfile.LNKTYPE, "leave.txt"), b""),
        (member("pipe", tarfile.FIFOTYPE), b""),
        (member("leave.txt"), LEAVE),
    )
    result = opened("tar", data)
    assert [path for _, path in result["taken"]] == ["leave.txt"]
    assert dict(result["left_out"]) == {
        "link.txt": "is a link",
        "hard.txt": "is a link",
        "pipe": "is no ordinary file",
    }


def test_a_tar_that_breaks_off_gives_what_came_before(opened) -> None:
    data = tarred((member("leave.txt"), LEAVE), (member("long.txt"), os.urandom(50_000)), mode="w")
    result = opened("tar", data[:20_000])
    assert [path for _, path in result["taken"]] == ["leave.txt"]
    assert [reason for _, reason in result["left_out"]][:1] == ["is damaged"]


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("zip", zipped({f"{number}.txt": b"x" for number in range(21)}), "more than 20 files"),
        ("zip", zipped({f"{number}.bin": os.urandom(900_000) for number in range(3)}), "more than 2 MB"),
        ("zip", b"PK\x03\x04 nothing of the sort", "It is damaged"),
        ("tar", b"\x1f\x8b nothing of the sort", "It is damaged"),
    ],
)
def test_a_container_beyond_its_bounds_is_refused_whole(opened, kind: str, data: bytes, reason: str) -> None:
    bounds = Bounds(entries=20, size=2_500_000, file_size=30_000_000, ratio=100)
    assert reason in opened(kind, data, bounds)["refused"]


def test_a_tar_that_is_a_bomb_is_refused_whole(opened) -> None:
    data = tarred((member("zero.txt"), b"0" * 25_000_000))
    assert "as only a bomb does" in opened("tar", data)["refused"]


def test_office_files_are_no_archives() -> None:
    data = BytesIO(zipped({"[Content_Types].xml": b"<Types/>"}))
    assert [archive_kind(data, name) for name in ("a.docx", "a.epub", "a.zip", "A.ZIP")] == [
        None, None, "zip", "zip",
    ]  # fmt: skip
    assert archive_kind(BytesIO(b"%PDF-1.7"), "a.zip") is None


# --- What becomes of it ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_files_of_an_archive_are_documents_of_its_batch(batch: Batch) -> None:
    data = zipped({"2024/leave.txt": LEAVE, "../x.txt": b"x", "song.mp3": b"ID3\x04" + bytes(500)})
    container = send(batch, data, "all.zip", sensitivity=Sensitivity.CONFIDENTIAL, tags=("2024",))
    version = Version.objects.get()
    assert (version.name, version.path, version.batch, version.container) == (
        "leave.txt", "2024/leave.txt", batch, container,
    )  # fmt: skip
    document = version.document
    assert (document.owner, document.sensitivity, document.parent) == (batch.person, 30, None)
    assert [str(tag) for tag in document.tags.all()] == ["2024"]
    assert (container.state, [path for path, _ in container.left_out]) == ("opened", ["../x.txt", "song.mp3"])
    assert not store.path_of(container.sha256).exists()
    assert not list(Path(django_settings.INCOMING).glob("unpack-*"))


@pytest.mark.django_db
def test_archives_in_archives_are_opened_two_deep(batch: Batch, in_process: None) -> None:
    third = zipped({"deep.txt": b"Three deep."})
    second = zipped({"leave.txt": LEAVE, "third.zip": third})
    container = send(batch, zipped({"in/second.zip": second, "parking.txt": PARKING}), "first.zip")
    paths = sorted(Version.objects.values_list("path", flat=True))
    assert paths == ["in/second.zip/leave.txt", "parking.txt"]
    assert container.left_out == [
        ["in/second.zip/third.zip", "It is an archive too deep inside others. Unpack it, and send its files."]
    ]


@pytest.mark.django_db
def test_a_run_that_was_killed_is_sent_again_and_doubles_nothing(
    batch: Batch, in_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.tasks.enqueue", lambda version_id: None)
    data = zipped({"leave.txt": LEAVE, "copy.txt": LEAVE, "parking.txt": PARKING})
    container = send(batch, data, "all.zip")
    store.store(BytesIO(data))
    Container.objects.update(
        state="waiting", held_until="2999-01-01T00:00Z", holder="elsewhere 1 1", left_out=[]
    )
    unpack(container.pk)
    assert Container.objects.get().state == "waiting"  # Somebody else is at it.
    sent = list[object]()
    monkeypatch.setattr("ingestion.tasks.send_unpack", sent.append)
    Container.objects.update(holder=f"{os.uname().nodename} 999999999 1")
    assert "“all.zip” waits to be opened." in resend()
    unpack(sent[0])
    assert sorted(Version.objects.values_list("path", flat=True)) == ["leave.txt", "parking.txt"]
    assert Container.objects.get().left_out == [["copy.txt", KNOWN]]


@pytest.mark.django_db
def test_who_may_no_longer_add_brings_nothing_in(batch: Batch, in_process: None) -> None:
    data = zipped({"leave.txt": LEAVE})
    arrival = receive(batch.person, batch.collection, BytesIO(data), name="all.zip", origin=Origin(batch))
    batch.collection.editor_people.clear()
    unpack(arrival.container.pk)
    container = Container.objects.get()
    assert (container.state, Version.objects.count()) == ("failed", 0)
    assert container.failure == "You may not add documents to “Handbook”."


@pytest.mark.django_db
def test_what_fails_for_a_moment_is_tried_three_times(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: object) -> None:
        raise NoRoom("The disk is full.")

    monkeypatch.setattr("ingestion.sources.archive.unpack_into", stop)
    container = send(batch, zipped({"leave.txt": LEAVE}), "all.zip")
    assert (container.state, store.path_of(container.sha256).exists()) == ("waiting", True)
    unpack(container.pk)
    unpack(container.pk)
    container.refresh_from_db()
    assert (container.state, container.failure) == ("failed", "The disk is full. Tried 3 times.")


# --- Mails -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_attachments_are_documents_that_name_their_mail(batch: Batch, in_process: None) -> None:
    inner = mail("Inner")
    inner.add_attachment(PARKING, maintype="text", subtype="plain", filename="parking.txt")
    message = mail()
    message.add_attachment(LEAVE, maintype="text", subtype="plain", filename="..\\..\\leave.txt")
    message.add_attachment(inner)
    message.get_body(("plain",)).add_related(b"\x89PNG" + bytes(99), "image", "png", cid="<logo>")
    container = send(batch, message.as_bytes(), "lease.eml")
    document = container.mail
    assert document is not None
    parts = {part.versions.get().name: part for part in document.parts.all()}
    assert set(parts) == {"leave.txt", "Inner.eml"}
    assert {(part.owner, part.sensitivity_by, part.sensitivity) for part in parts.values()} == {
        (batch.person, "nobody", 40)
    }
    unpack(Container.objects.get(mail=parts["Inner.eml"]).pk)
    assert [part.title for part in parts["Inner.eml"].parts.all()] == ["parking"]
    assert (container.left_out, store.path_of(container.sha256).exists()) == ([], True)


@pytest.mark.django_db
def test_each_message_of_a_mailbox_is_a_document(batch: Batch, in_process: None) -> None:
    box = b"".join(
        b"From anna@example.com Thu Jan  1 00:00:00 2026\n" + mail(f"Lease {number}").as_bytes() + b"\n"
        for number in (1, 2)
    )
    send(batch, box, "inbox.mbox")
    assert sorted(Version.objects.values_list("path", flat=True)) == [
        "00001 Lease 1.eml",
        "00002 Lease 2.eml",
    ]
    assert set(Document.objects.values_list("parent", flat=True)) == {None}
