"""The watched folder: a file that has stopped growing is taken once, and what cannot be taken says why."""

import os
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from ingestion.sources import inbox
from kb.models import Batch, Collection, Person, Version
from tests.builders import make_collection

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.INBOX = tmp_path / "inbox"
    (settings.INBOX / "Handbook" / "2024").mkdir(parents=True)
    return settings.INBOX


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock: what is added to it has passed."""
    clock = [1_000.0]
    monkeypatch.setattr(inbox.time, "time", lambda: sum(clock))
    return clock


def put(folder: Path, name: str, content: bytes = b"Everybody has 30 days of leave.") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_a_file_is_taken_once_it_has_not_changed_for_ten_seconds(
    root: Path, later: list[float], dana: Person, shelf: Collection
) -> None:
    file = put(root / "Handbook" / "2024", "leave.txt", b"Everybody has")
    assert inbox.take() == []
    file.write_bytes(b"Everybody has 30 days of leave.")
    later.append(11)
    assert inbox.take() == []
    later.append(9)
    assert inbox.take() == []
    later.append(1)
    assert inbox.take() == ["“2024/leave.txt” was taken from the watched folder into “Handbook”."]
    version = Version.objects.get()
    assert (version.path, version.document.owner, version.batch.door) == ("2024/leave.txt", dana, "inbox")
    assert not file.exists() and (root / ".taken/Handbook/2024/leave.txt").exists()
    later.append(60)
    assert (inbox.take(), Batch.objects.count()) == ([], 1)


def test_what_cannot_be_taken_is_moved_away_with_the_reason(
    root: Path, later: list[float], shelf: Collection
) -> None:
    for _ in range(2):
        put(root / "Handbook", "song.mp3", b"ID3\x04" + bytes(500))
        inbox.take()
        later.append(10)
        inbox.take()
    failed = root / ".failed" / "Handbook"
    assert sorted(entry.name for entry in failed.iterdir()) == [
        "song (2).mp3", "song (2).mp3.txt", "song.mp3", "song.mp3.txt",
    ]  # fmt: skip
    assert "Strongroom reads" in (failed / "song.mp3.txt").read_text()


def test_links_and_hidden_files_are_not_followed(
    root: Path, later: list[float], tmp_path: Path, shelf: Collection
) -> None:
    outside = put(tmp_path, "secret.txt")
    (tmp_path / "folder").mkdir()
    put(tmp_path / "folder", "inside.txt")
    (root / "Handbook" / "link.txt").symlink_to(outside)
    (root / "Handbook" / "linked").symlink_to(tmp_path / "folder")
    put(root / "Handbook", ".hidden.txt")
    os.mkfifo(root / "Handbook" / "pipe.txt")
    inbox.take()
    later.append(10)
    assert (inbox.take(), Version.objects.count()) == ([], 0)


def test_what_lies_in_no_collection_is_told_and_stays(
    root: Path, later: list[float], dana: Person, shelf: Collection
) -> None:
    (root / "Nowhere").mkdir()
    lost, loose = put(root / "Nowhere", "a.txt"), put(root, "b.txt")
    inbox.take()
    later.append(10)
    unknown = "The watched folder has “Nowhere”, but there is no such collection. Rename it."
    assert inbox.take() == [unknown]
    assert inbox.notes() == [
        unknown, "“b.txt” lies in no collection's part of the watched folder. Move it into one.",
    ]  # fmt: skip
    assert lost.exists() and loose.exists()


def test_it_acts_for_the_person_whom_the_setting_names(
    root: Path, later: list[float], settings: Settings, alice: Person, shelf: Collection
) -> None:
    settings.INBOX_OWNER = "alice"
    (root / "Board").mkdir()
    make_collection("Board", editors=[alice])
    put(root / "Board", "a.txt")
    refused = put(root / "Handbook", "b.txt", b"Another text.")
    inbox.take()
    later.append(10)
    inbox.take()
    assert Version.objects.get().document.owner == alice
    assert not refused.exists()
    assert "You may not add" in (root / ".failed/Handbook/b.txt.txt").read_text()
