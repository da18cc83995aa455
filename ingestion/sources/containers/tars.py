"""Tar archives, also packed with gzip, bzip2 or xz, by the standard library."""

import io
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

from ingestion.sources.containers.entries import Entry


def tar_entries(file: Path) -> Iterator[Entry]:
    """Read as a stream: each entry must be opened before the next one is asked for."""
    with tarfile.open(file, "r|*") as archive:
        for member in archive:
            if not member.isdir():
                yield Entry(member.name, partial(_opened, archive, member), refusal=_refusal(member))


def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    return archive.extractfile(member) or io.BytesIO()


def _refusal(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return "is a link"
    return "" if member.isfile() else "is no ordinary file"
