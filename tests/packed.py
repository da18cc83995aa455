"""Archives made in memory, and opened without a child process."""

import tarfile
import zipfile
from collections.abc import Mapping
from contextlib import chdir
from io import BytesIO
from pathlib import Path
from typing import Any

from ingestion.sources.containers import child
from ingestion.sources.containers.entries import Bounds

BOUNDS = Bounds(entries=20, size=40_000_000, file_size=30_000_000, ratio=100)


def zipped(files: Mapping[str, bytes]) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name) if name.endswith("/") else name, content)
    return data.getvalue()


def tarred(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> bytes:
    data = BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    return data.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def opened_in(folder: Path, kind: str, data: bytes, bounds: Bounds = BOUNDS) -> dict[str, Any]:
    """What the child says of a container; what it takes out is in `files` below the folder, under numbers."""
    with chdir(folder):
        child.FILES.mkdir(exist_ok=True)
        child.CONTAINER.write_bytes(data)
        return child.unpacked(kind, bounds)
