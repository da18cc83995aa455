"""Outlook's messages (.msg) by python-oxmsg, read like any other mail."""

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.parse import clean
from ingestion.parse.elements import Parsed
from ingestion.parse.mail import Mail

if TYPE_CHECKING:
    from oxmsg import Message


class Outlook:
    fingerprint = "python-oxmsg-0.0.2"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        from oxmsg import Message

        return replace(Mail().read(as_mail(Message.load(str(path))), path), parser=self.fingerprint)


def as_mail(message: "Message") -> EmailMessage:
    """What it says as a message of the standard library; an attached message of Outlook's own is left out."""
    mail = EmailMessage()
    recipients = ", ".join(f"{each.name} <{each.email_address}>" for each in message.recipients)
    headers = {"From": message.sender, "To": recipients, "Subject": message.subject}
    for name, value in headers.items():
        if value:
            mail[name] = clean.flow(value)
    if message.sent_date:
        mail["Date"] = message.sent_date
    if message.body:
        mail.set_content(message.body)
    elif message.html_body:
        mail.set_content(message.html_body, subtype="html")
    for attachment in message.attachments:
        if attachment.file_bytes is not None:
            kind, _, subtype = (attachment.mime_type or "application/octet-stream").partition("/")
            mail.add_attachment(
                attachment.file_bytes, maintype=kind, subtype=subtype, filename=attachment.file_name
            )
    return mail
