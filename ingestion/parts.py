"""The parts of files that have not arrived whole, on the disk: one file for each, which grows."""

import base64
import binascii
import hashlib
import os
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from kb.errors import Damaged, NoRoom, Rejected

BLOCK = 1024 * 1024  # bytes
ROOM_LEFT = 100 * 1024 * 1024
"""Bytes of the disk that no upload may fill."""
ALGORITHMS = ("sha256", "sha1", "md5")
"""Checksums of a part. They find accidents; what a file is, its own sha256 says."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one part make up: an algorithm of `ALGORITHMS`, and the digest in Base64."""

    algorithm: str
    digest: str


def path_of(pk: UUID) -> Path:
    return Path(settings.PARTS) / pk.hex


def check_room(size: int) -> None:
    """Whether a file of so many bytes can be taken in. Whole, it is copied before its parts are removed.

    Raises:
        NoRoom: it cannot.
    """
    with _writing():
        free = shutil.disk_usage(settings.PARTS).free
    if free < 2 * size + ROOM_LEFT:
        raise NoRoom("There is no room on the disk for this file. Tell an administrator, and try again.")


def make(pk: UUID) -> None:
    with _writing():
        path_of(pk).touch(mode=0o600)


def write(pk: UUID, part: BinaryIO, *, start: int, size: int, checksum: Checksum | None) -> int:
    """Puts a part behind the first `start` bytes of a file of `size`, and gives where it ends on the disk.

    Raises:
        NoRoom: it could not be written.
        Rejected: it goes on behind the end of the file.
        Damaged: it does not match its checksum.
    """
    end = start
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    with _writing(), path_of(pk).open("r+b") as file:
        file.truncate(start)  # What an earlier request wrote and did not live to note.
        file.seek(start)
        while block := part.read(BLOCK):
            end += len(block)
            if end > size:
                raise Rejected(f"The file was announced with {size} bytes, and has more. Choose it again.")
            if digest:
                digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if checksum and digest and digest.digest() != _decoded(checksum.digest):
        raise Damaged("What arrived does not match its checksum. Send this part again.")
    return end


def check_whole(file: BufferedReader, sha256: str) -> None:
    """Whether the file is the one with this sha256, in hex. It is read from its beginning, and stands there then.

    Raises:
        Damaged: it is not.
    """
    if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
        raise Damaged("What arrived is not the file that was announced. Choose it again.")
    file.seek(0)


def remove(pk: UUID) -> None:
    path_of(pk).unlink(missing_ok=True)


def remove_strays(wanted: Collection[UUID], *, older: timedelta) -> None:
    """Removes the parts of all others that have not grown for so long."""
    names = {pk.hex for pk in wanted}
    since = time.time() - older.total_seconds()
    for path in Path(settings.PARTS).iterdir():
        if path.name not in names and path.stat().st_mtime < since:
            path.unlink(missing_ok=True)


def _decoded(digest: str) -> bytes:
    try:
        return base64.b64decode(digest, validate=True)
    except binascii.Error:
        return b""


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NoRoom(
            f"The file could not be kept ({error.strerror}). Free some disk space and try again."
        ) from error
