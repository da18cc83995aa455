"""Mail."""

from pathlib import Path

from tests import files
from tests.hostile.kind import Ends, Kind, Read, Refused

HEAD = b"From: ann@northwind.example\r\nTo: board@northwind.example\r\nSubject: Accounts\r\nMIME-Version: 1.0\r\n"
BODY = b"The committee met today."


def header_bomb(path: Path) -> None:
    path.write_bytes(HEAD + b"X-Long: " + b"a" * 2_000_000 + b"\r\n\r\n" + BODY)


def addresses_without_end(path: Path) -> None:
    path.write_bytes(HEAD + b"Cc: " + b"((((<,;:@" * 1_000 + b"\r\n\r\n" + BODY)


def parts_in_parts(path: Path) -> None:
    levels = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
        for level in range(2_000)
    )
    path.write_bytes(HEAD + levels + b"Content-Type: text/plain\r\n\r\n" + BODY)


def messages_in_messages(path: Path) -> None:
    path.write_bytes((HEAD + b"Content-Type: message/rfc822\r\n\r\n") * 500 + HEAD + b"\r\n" + BODY)


def subject_with_a_script(path: Path) -> None:
    subject = b"Subject: <script>alert(1)</script>"
    path.write_bytes(HEAD.replace(b"Subject: Accounts", subject) + b"\r\n" + BODY)


def attachment_that_leaves_the_folder(path: Path) -> None:
    name = b"../../../tmp/strongroom-was-here.txt"
    attachment = b'--b\r\nContent-Disposition: attachment; filename="%s"\r\n\r\nInner.\r\n' % name
    text = b"--b\r\nContent-Type: text/plain\r\n\r\n" + BODY + b"\r\n"
    path.write_bytes(
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + text + attachment + b"--b--\r\n"
    )


def words_in_no_known_encoding(path: Path) -> None:
    path.write_bytes(
        HEAD.replace(b"Accounts", b"=?x-unknown?Q?=FF=FE?= =?utf-8?B?!!!!?=")
        + b"Content-Type: text/plain; charset=x-unknown\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!"
    )


def truncated_mail(path: Path) -> None:
    path.write_bytes(files.eml(path, attachments=[files.docx(path.with_name("a.docx"))]).read_bytes()[:2_000])


def truncated_outlook(path: Path) -> None:
    path.write_bytes(files.msg(path).read_bytes()[:2_000])


KINDS = (
    Kind("a.eml", header_bomb, Refused("header fields take more than 1 MB")),
    Kind("a.eml", addresses_without_end, Ends()),
    Kind("a.eml", parts_in_parts, Refused("more than 256 messages and groups of parts")),
    Kind("a.eml", messages_in_messages, Refused("more than 256 messages and groups of parts")),
    Kind("a.eml", subject_with_a_script, Read(says=BODY.decode())),
    Kind("a.eml", attachment_that_leaves_the_folder, Read(says=BODY.decode())),
    Kind("a.eml", words_in_no_known_encoding, Ends()),
    Kind("a.eml", truncated_mail, Ends()),
    Kind("a.msg", truncated_outlook, Ends()),
)
