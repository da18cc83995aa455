"""What is attached to a mail, and the messages of a mailbox. A message that is attached becomes a mail of its own."""

import io
import re
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes, policy
from email.message import MIMEPart
from email.parser import BytesHeaderParser
from functools import partial
from mailbox import mbox
from mimetypes import guess_extension
from pathlib import Path, PurePath, PureWindowsPath

from ingestion.sources.containers.entries import Entry

SMALL_IMAGE = 20 * 1024
"""Bytes below which an image inside the text of a mail is a logo or a smiley."""
MESSAGE = "message/rfc822"
SUBJECT_LENGTH = 80
"""Characters of a subject that a message's name is made of."""
NO_NAME = re.compile(r"[^\w.,()+-]+")


def eml_entries(file: Path) -> Iterator[Entry]:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = message.get_body(("html", "plain"))
    for number, part in enumerate(_leaves(message), 1):
        if part is not body and _is_attached(part) and not _is_decoration(part):
            yield Entry(_name(part, number), partial(_opened, part))


def msg_entries(file: Path) -> Iterator[Entry]:
    from oxmsg import Message as OutlookMessage  # Only where there is one to read.

    for number, attachment in enumerate(OutlookMessage.load(str(file)).attachments, 1):
        name = _base_name(attachment.file_name or f"attachment-{number}")
        content = attachment.file_bytes or b""
        yield Entry(name, partial(io.BytesIO, content), refusal="" if content else "holds nothing to read")


def mbox_entries(file: Path) -> Iterator[Entry]:
    with closing(mbox(file, create=False)) as box:
        for number, key in enumerate(box.iterkeys(), 1):
            content = box.get_bytes(key)
            subject = BytesHeaderParser(policy=policy.default).parsebytes(content).get("Subject")
            yield Entry(f"{number:05} {_written(subject)}.eml", partial(io.BytesIO, content))


def _leaves(message: MIMEPart) -> Iterator[MIMEPart]:
    """The parts that hold no others; an attached message is one, whatever it holds."""
    if message.is_multipart() and message.get_content_type() != MESSAGE:
        for part in message.iter_parts():
            yield from _leaves(part)
    else:
        yield message


def _is_attached(part: MIMEPart) -> bool:
    is_text = part.get_content_maintype() == "text"
    return part.is_attachment() or bool(part.get_filename()) or not is_text


def _is_decoration(part: MIMEPart) -> bool:
    if part.get_content_maintype() != "image" or part.is_attachment():
        return False
    return len(_decoded(part)) < SMALL_IMAGE


def _opened(part: MIMEPart) -> io.BytesIO:
    if part.get_content_type() == MESSAGE:
        return io.BytesIO(part.get_content().as_bytes())
    return io.BytesIO(_decoded(part))


def _decoded(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _name(part: MIMEPart, number: int) -> str:
    if name := part.get_filename():
        return _base_name(name)
    if part.get_content_type() == MESSAGE:
        return f"{_written(part.get_content().get('Subject'))}.eml"
    return f"attachment-{number}{guess_extension(part.get_content_type()) or ''}"


def _base_name(name: str) -> str:
    """Without folders: what a mail calls its attachment is a name, and says nothing of where it should go."""
    return PurePath(PureWindowsPath(name).name).name or "attachment"


def _written(subject: str | None) -> str:
    """A subject as the name of a file."""
    return NO_NAME.sub(" ", subject or "").strip(" .")[:SUBJECT_LENGTH].strip() or "message"
