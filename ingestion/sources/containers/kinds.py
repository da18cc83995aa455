"""Whether a file is a container, by its first bytes and its name."""

from pathlib import Path, PurePath
from typing import BinaryIO

from kb.models import Container

Kind = Container.Kind

HEAD = 512
"""Bytes: one block of a tar archive."""
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""A first file, and an archive that holds none: APPNOTE.TXT 4.3.6."""
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
"""gzip, bzip2, xz."""
TAR, TAR_AT = b"ustar", 257
MBOX = b"From "
MAIL_HEADERS = 64 * 1024
"""Bytes in which a mail says that it has several parts."""
ARCHIVES = frozenset({"zip", "tar", "tgz", "gz", "tbz2", "bz2", "txz", "xz", "mbox"})
"""Names of archives and mailboxes, by their endings."""


def archive_kind(file: BinaryIO, name: str) -> Kind | None:
    """What archive or mailbox a file is; None when it is a document, or cannot be told. Leaves the file at its start.

    Office files and e-books are zip archives as well: their names say that they are documents.
    """
    head = file.read(HEAD)
    file.seek(0)
    if PurePath(name).suffix.lower().removeprefix(".") not in ARCHIVES:
        return None
    if head.startswith(ZIP):
        return Kind.ZIP
    if head.startswith(PACKED) or head[TAR_AT : TAR_AT + len(TAR)] == TAR:
        return Kind.TAR
    return Kind.MBOX if head.startswith(MBOX) else None


def mail_kind(path: Path, media_type: str) -> Kind | None:
    """What kind of mail with something attached a document may be; None for all others."""
    if media_type == "application/vnd.ms-outlook":
        return Kind.MSG
    if media_type != "message/rfc822":
        return None
    with path.open("rb") as file:
        return Kind.EML if b"multipart/" in file.read(MAIL_HEADERS).lower() else None
