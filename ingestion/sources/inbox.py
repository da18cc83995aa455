"""The watched folder: what lies in `inbox/COLLECTION/` is brought into that collection.

Whoever can write there can add to these collections, so the folder is the administrator's to share. Links are not
followed. A file that is taken is moved to `.taken`, one that cannot be to `.failed`, with the reason beside it.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from ingestion.sources.owner import usual_owner
from ingestion.sources.receive import receive
from ingestion.sources.upload import Origin
from kb.errors import Rejected, StrongroomError, Unavailable
from kb.models import Batch, Collection, Person, Priority
from kb.models.batches import batch_name
from kb.models.library import PATH_LENGTH

TAKEN, FAILED = ".taken", ".failed"
SEEN, LOCK = ".seen.json", ".lock"
STILL = 10
"""Seconds for which a file must not have changed, because it may still be written."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file was like, and since when (seconds since the epoch)."""

    size: int
    changed: int
    since: float

    def is_like(self, other: "Look") -> bool:
        return (self.size, self.changed) == (other.size, other.changed)


def take() -> list[str]:
    """Brings in what has not changed since the last look, and says in sentences what happened."""
    root = Path(settings.INBOX)
    with _alone(root) as alone:
        return _take(root) if alone else []


def _take(root: Path) -> list[str]:
    before, now, said = _remembered(root), dict[str, Look](), list[str]()
    for folder in _folders(root):
        still = list[Path]()
        for file, look in _looks(folder):
            key = str(file.relative_to(root))
            earlier = before.get(key)
            now[key] = earlier if earlier and earlier.is_like(look) else look
            if look.since - now[key].since >= STILL:
                still.append(file)
        said += _bring_in(folder, still) if still else []
    _remember(root, now)
    return said


def notes() -> list[str]:
    """What lies in the watched folder and is not taken, a sentence each that says what to do."""
    root = Path(settings.INBOX)
    known = set(Collection.objects.values_list("name", flat=True))
    unknown = [folder.name for folder in _folders(root) if folder.name not in known]
    loose = [entry.name for entry in _entries(root) if entry.is_file(follow_symlinks=False)]
    return [
        *(
            f"The watched folder has “{name}”, but there is no such collection. Rename it."
            for name in unknown
        ),
        *(
            f"“{name}” lies in no collection's part of the watched folder. Move it into one."
            for name in loose
        ),
    ]


def _bring_in(folder: Path, files: list[Path]) -> Iterator[str]:
    collection = Collection.objects.filter(name=folder.name).first()
    if collection is None:
        yield f"The watched folder has “{folder.name}”, but there is no such collection. Rename it."
        return
    try:
        owner = _owner(collection)
    except Rejected as error:
        yield str(error)
        return
    names = [file.name for file in files]
    batch = Batch.objects.create(
        person=owner,
        collection=collection,
        name=batch_name(names),
        door=Batch.Door.INBOX,
        priority=Priority.LATER,
    )
    for file in files:
        yield _bring_in_one(file, folder, batch)


def _owner(collection: Collection) -> Person:
    if not settings.INBOX_OWNER:
        return usual_owner(collection)
    owner = Person.objects.filter(username=settings.INBOX_OWNER, is_active=True).first()
    if owner is None:
        raise Rejected(
            f"STRONGROOM_INBOX_OWNER names “{settings.INBOX_OWNER}”, who is nobody here. Correct it."
        )
    return owner


def _bring_in_one(file: Path, folder: Path, batch: Batch) -> str:
    path = str(file.relative_to(folder))
    try:
        _receive(file, path, batch)
    except Unavailable as error:
        return f"“{path}” stays in the watched folder for now: {error}"
    except StrongroomError as error:
        moved = _move(file, FAILED)
        moved.with_name(f"{moved.name}.txt").write_text(f"{error}\n", encoding="utf-8")
        return f"“{path}” of the watched folder was not taken: {error}"
    except FileNotFoundError:
        return f"“{path}” was taken out of the watched folder by somebody else."
    _move(file, TAKEN)
    return f"“{path}” was taken from the watched folder into “{batch.collection}”."


def _receive(file: Path, path: str, batch: Batch) -> None:
    if len(path) > PATH_LENGTH:
        raise Rejected(f"Its path is longer than {PATH_LENGTH:,} characters. Shorten it.")
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as content:
        origin = Origin(batch, path=path)
        receive(batch.person, batch.collection, content, name=file.name, origin=origin)


def _move(file: Path, where: str) -> Path:
    """Into the same place below `where`; the name gets a number where there is such a file already."""
    root = Path(settings.INBOX)
    target = root / where / file.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while target.exists():
        number += 1
        target = target.with_name(f"{file.stem} ({number}){file.suffix}")
    return file.rename(target)


def _folders(root: Path) -> list[Path]:
    return [Path(entry.path) for entry in _entries(root) if entry.is_dir(follow_symlinks=False)]


def _looks(folder: Path) -> Iterator[tuple[Path, Look]]:
    """Every ordinary file below, in the order of their names."""
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _looks(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            status = entry.stat(follow_symlinks=False)
            yield Path(entry.path), Look(status.st_size, status.st_mtime_ns, time.time())


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    """Without what is hidden."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted((each for each in entries if not each.name.startswith(".")), key=lambda each: each.name)


@contextmanager
def _alone(root: Path) -> Iterator[bool]:
    """Whether no other look runs, which one at many files outlasts. The system ends the lock of one that is killed."""
    with (root / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _remembered(root: Path) -> dict[str, Look]:
    """Nothing after a first start, or where the note is damaged: then every file is looked at twice again."""
    try:
        return {key: Look(*row) for key, row in json.loads((root / SEEN).read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(root: Path, looks: dict[str, Look]) -> None:
    draft = root / f"{SEEN}.draft"
    draft.write_text(json.dumps({key: [look.size, look.changed, look.since] for key, look in looks.items()}))
    draft.replace(root / SEEN)
