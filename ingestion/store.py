"""Where files are kept: by the sha256 of their bytes, so that the same bytes are kept once."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from django.conf import settings

from ingestion.antivirus import refuse_infected
from kb.errors import NoRoom, Rejected, TooLarge

BLOCK = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was taken in."""

    path: Path
    sha256: str
    size: int


def path_of(sha256: str) -> Path:
    return Path(settings.FILES) / sha256[:2] / sha256


def store(file: BinaryIO) -> Stored:
    """Copies a stream into the store, whole or not at all.

    Raises:
        Rejected: it is empty.
        TooLarge: it is over the upload limit.
        Unreadable: ClamAV finds something in it.
        NoRoom: the disk is full or cannot be written.
        Unavailable: ClamAV is away.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=settings.INCOMING, delete=False) as draft:
            try:
                sha256, size = _copy(file, draft)
                refuse_infected(Path(draft.name))
                return Stored(_keep(Path(draft.name), sha256), sha256, size)
            except BaseException:
                Path(draft.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise NoRoom(
            f"The file could not be stored ({error.strerror}). Free some disk space and try again."
        ) from error


def check_size(size: int) -> None:
    """Whether a file of so many bytes is taken at all.

    Raises:
        Rejected: it is empty.
        TooLarge: it is over the upload limit.
    """
    if not size:
        raise Rejected("The file is empty.")
    if size > settings.UPLOAD_LIMIT:
        raise TooLarge(
            f"The file is over the limit of {settings.UPLOAD_LIMIT // 2**20} MB. "
            "Split it, or ask for a higher limit."
        )


def _copy(file: BinaryIO, draft: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while block := file.read(BLOCK):
        size += len(block)
        check_size(size)
        digest.update(block)
        draft.write(block)
    check_size(size)
    draft.flush()
    os.fsync(draft.fileno())
    return digest.hexdigest(), size


def _keep(draft: Path, sha256: str) -> Path:
    path = path_of(sha256)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    draft.replace(path)
    return path


def forget(sha256: str) -> None:
    path_of(sha256).unlink(missing_ok=True)
