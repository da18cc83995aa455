"""Mails: the source is a header, an empty line and the text; an HTML alternative is added, as mail programs do."""

from email import message_from_string
from email.message import EmailMessage
from email.policy import SMTP

from kb.sample.manuscript import MARKDOWN, Manuscript

BOUNDARY = "=_keldmere_sample_alternative"


def write_mail(manuscript: Manuscript) -> bytes:
    source = message_from_string(manuscript.text)
    mail = EmailMessage(policy=SMTP)
    for name, value in source.items():
        mail[name] = value
    text = str(source.get_payload())
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(MARKDOWN.render(text), subtype="html", cte="quoted-printable")
    # The library would make a random one.
    mail.set_boundary(BOUNDARY)
    return mail.as_bytes()
