"""E-mail by the standard library: who wrote what to whom, and the message. What is attached becomes documents."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from ingestion.parse import clean, registry
from ingestion.parse.elements import Element, Kind, Parsed
from ingestion.parse.sniff import HTML, TEXT
from kb.errors import Unreadable

SHOWN_HEADERS = ("From", "To", "Cc", "Date", "Subject")
NOTHING = Parsed(elements=(), parser="mail-2")
FEWEST_HEADERS = {"From", "To", "Date", "Subject"}


class Mail:
    fingerprint = "mail-2"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        return self.read(message_from_bytes(path.read_bytes(), policy=policy.default), path)

    def read(self, message: EmailMessage, path: Path) -> Parsed:
        """What is inside it is written beside `path`."""
        if not FEWEST_HEADERS & set(message.keys()):
            raise Unreadable("This is not an e-mail message: it has no sender, recipient, date or subject.")
        body = _body(message, path)
        return Parsed(
            elements=(Element(Kind.PARAGRAPH, _headers(message)), *body.elements),
            parser=self.fingerprint,
            title=message.get("Subject"),
            hidden=body.hidden,
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
