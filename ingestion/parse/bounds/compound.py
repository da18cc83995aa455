"""Old Office files, which are compound files ([MS-CFB]): whether they hold macros."""

import struct
from pathlib import Path

from ingestion.parse.bounds import MACROS, Bounds

VBA = "vba"
"""The storage of a macro project, in small letters: [MS-OVBA] 2.2.1."""
BROKEN = (OSError, ValueError, IndexError, TypeError, RecursionError, struct.error)
"""What olefile raises on damaged files."""


def examine(path: Path, bounds: Bounds) -> tuple[str, ...]:
    from olefile import OleFileIO, isOleFile  # Only old Office files pay.

    try:
        if not isOleFile(path):
            return ()
        with OleFileIO(path) as file:
            storages = file.listdir(streams=False, storages=True)
    except BROKEN:
        return ()
    return (MACROS,) if any(names[-1].lower() == VBA for names in storages) else ()
