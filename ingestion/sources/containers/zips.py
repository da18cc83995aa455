"""Zip archives, by the standard library."""

import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from ingestion.sources.containers.entries import Entry

ENCRYPTED = 0x1
"""General purpose bit flag 0: APPNOTE.TXT 4.4.4."""
ENCRYPTED_REFUSAL = "is encrypted; pack it again without a password"


def zip_entries(file: Path) -> Iterator[Entry]:
    with ZipFile(file) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                yield Entry(info.filename, partial(archive.open, info), info.compress_size, _refusal(info))


def _refusal(info: ZipInfo) -> str:
    if info.flag_bits & ENCRYPTED:
        return ENCRYPTED_REFUSAL
    mode = info.external_attr >> 16  # What Unix tools note of the file; 0 from others.
    if stat.S_ISLNK(mode):
        return "is a link"
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        return "is no ordinary file"
    return ""
