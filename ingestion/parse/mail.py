"""E-mail by the standard library: who wrote what to whom, the message, and what was attached to it."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path

from ingestion.parse import clean, registry
from ingestion.parse.elements import Element, Kind, Parsed
from ingestion.parse.sniff import EXTENSIONS, HTML, MAIL, TEXT, Format
from kb.errors import Unreadable

SHOWN_HEADERS = ("From", "To", "Cc", "Date", "Subject")
NOTHING = Parsed(elements=(), parser="mail-1")
FEWEST_HEADERS = {"From", "To", "Date", "Subject"}


class Mail:
    """`attachments` is False for a message that is itself attached: one level is read, never more."""

    def __init__(self, *, attachments: bool = True) -> None:
        self.fingerprint = "mail-1"
        self._attachments = attachments

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        return self.read(message_from_bytes(path.read_bytes(), policy=policy.default), path)

    def read(self, message: EmailMessage, path: Path) -> Parsed:
        """What is inside it is written beside `path`."""
        if not FEWEST_HEADERS & set(message.keys()):
            raise Unreadable("This is not an e-mail message: it has no sender, recipient, date or subject.")
        body = _body(message, path)
        elements = [Element(Kind.PARAGRAPH, _headers(message)), *body.elements]
        warnings, hidden = list[str](), [*body.hidden]
        if self._attachments:
            for number, part in enumerate(message.iter_attachments()):
                found = _attached(part, path.with_name(f"attachment-{number}"))
                elements += found.elements
                warnings += found.warnings
                hidden += found.hidden
        return Parsed(
            elements=tuple(elements),
            parser=self.fingerprint,
            title=message.get("Subject"),
            warnings=tuple(warnings),
            hidden=tuple(hidden),
        )


def _headers(message: EmailMessage) -> str:
    lines = [f"{name}: {clean.flow(str(message[name]))}" for name in SHOWN_HEADERS if message[name]]
    names = [part.get_filename() or "unnamed" for part in message.iter_attachments()]
    return "\n".join([*lines, *([f"Attachments: {', '.join(names)}"] if names else [])])


def _body(message: EmailMessage, path: Path) -> Parsed:
    part = message.get_body(("plain", "html"))
    if part is None:
        return NOTHING
    wanted = HTML if part.get_content_subtype() == "html" else TEXT
    body = path.with_name(f"body.{wanted.extensions[0]}")
    body.write_text(str(part.get_content()), encoding="utf-8")
    return registry.attempt(body, wanted.media_type)


def _attached(part: MIMEPart, path: Path) -> Parsed:
    """An attachment under a heading with its name, or a warning that it was not read."""
    name = part.get_filename() or "unnamed"
    wanted = EXTENSIONS.get(Path(name).suffix.lower().removeprefix(".")) or _declared(part)
    if wanted is None:
        return replace(NOTHING, warnings=(f"The attachment “{name}” is of a format that is not read.",))
    # The name comes from outside and never becomes a path.
    file = path.with_suffix(f".{wanted.extensions[0]}")
    file.write_bytes(_content(part))
    try:
        found = _read(file, wanted)
    except Unreadable as error:
        return replace(NOTHING, warnings=(f"The attachment “{name}” could not be read: {error}",))
    heading = Element(Kind.HEADING, f"Attachment: {clean.flow(name)}", level=1)
    return replace(
        NOTHING,
        elements=(heading, *map(_below, found.elements)),
        hidden=tuple(replace(each, page=None) for each in found.hidden),
    )


def _declared(part: MIMEPart) -> Format | None:
    return MAIL if part.get_content_type() == MAIL.media_type else None


def _content(part: MIMEPart) -> bytes:
    content = part.get_content()
    if isinstance(content, EmailMessage):
        return content.as_bytes()
    return content.encode() if isinstance(content, str) else bytes(content)


def _read(file: Path, wanted: Format) -> Parsed:
    if wanted is MAIL:
        return Mail(attachments=False).parse(file, media_type=wanted.media_type)
    return registry.attempt(file, wanted.media_type)


def _below(element: Element) -> Element:
    """Without its page, which is the attachment's own, and below the attachment's heading."""
    return replace(element, page=None, level=element.level and element.level + 1)
