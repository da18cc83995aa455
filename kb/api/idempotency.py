"""Idempotency keys on writes (IETF draft-ietf-httpapi-idempotency-key-header): done once, answered alike.

`claimed` stands around a route's function, where the person is known; `remembered` around the whole view, where the
reply is. A reply that is streamed is not kept, and neither is one that says that the fault is on our side. Resumable
uploads know by themselves what has arrived.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from kb.api.auth import Request
from kb.api.errors import View
from kb.errors import Gone, KeyReused, Rejected, StillRunning
from kb.models.idempotency import KEPT, LONGEST_KEY, RememberedReply
from kb.resumable import PART

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
"""Marks a reply that was kept."""
CHARACTERS = "[!-~]"
"""That a key may have, as a regular expression: those that no client, server or proxy writes otherwise."""
GOOD = re.compile(f"{CHARACTERS}{{1,{LONGEST_KEY}}}")
KEPT_HEADERS = ("Content-Type", "Location")
LONGEST_BODY = 1_000_000
"""Bytes of a reply that is kept."""


def claimed(view: Callable[..., Any]) -> Callable[..., Any]:
    """The route's function, run once for each key of a person; the kept reply instead where it has run.

    Raises:
        Rejected: the key is empty, too long, or has letters that it may not have.
        KeyReused: it came with another request.
        StillRunning: the same request is being answered.
        Gone: the reply is kept no more, because rights have changed.
    """

    @wraps(view)
    def claim(request: Request, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and HEADER in request.headers and request.content_type != PART:
            row, mine = RememberedReply.objects.claim(request.auth, _key(request), fingerprint(request))
            if not mine:
                return _again(row, fingerprint(request))
            request.remembered = row  # type: ignore[attr-defined]  # For `remembered`.
        return view(request, *args, **kwargs)

    return claim


def remembered(view: View) -> View:
    """The view, whose reply is kept where `claimed` has claimed its key."""

    @wraps(view)
    def remember(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        row: RememberedReply | None = getattr(request, "remembered", None)
        if row is not None:
            _keep(row, response)
        return response

    return remember


def fingerprint(request: HttpRequest) -> str:
    """The sha256 of who sends what to where. Of a form its fields and files: its boundary may be another one."""
    digest = hashlib.sha256()
    head = (request.method or "", request.get_full_path(), request.headers.get("Authorization", ""))
    for part in (*(text.encode() for text in head), *_body(request)):
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _key(request: HttpRequest) -> str:
    key = request.headers[HEADER].strip()
    if not GOOD.fullmatch(key):
        raise Rejected(
            f"{HEADER} takes 1 to {LONGEST_KEY} characters of ASCII without spaces; a random UUID is a good one."
        )
    return key


def _body(request: HttpRequest) -> Iterator[bytes]:
    if request.content_type != "multipart/form-data":
        yield request.body
        return
    for name, values in sorted(request.POST.lists()):
        yield from (text.encode() for text in (name, *map(str, values)))
    for name in sorted(request.FILES):
        yield name.encode()
        yield from (part for file in request.FILES.getlist(name) for part in _of_file(file))


def _of_file(file: "UploadedFile[Any]") -> tuple[bytes, bytes]:
    """Its name, and the digest of what it holds; it can be read from its start again."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").digest()
    file.seek(0)
    return str(file.name).encode(), digest


def _again(row: RememberedReply, now: str) -> HttpResponse:
    if row.fingerprint != now:
        raise KeyReused(f"This {HEADER} came before, with another request. Make a new one for each request.")
    if row.status is None:
        raise StillRunning("The same request is being answered at this moment. Wait, and send it again.")
    if not row.may_be_told():
        raise Gone(
            f"This request was done within the last {KEPT.days * 24} hours. Its reply is kept no more, because labels "
            "or rights have changed since. Look at what it made."
        )
    response = HttpResponse(bytes(row.body), status=row.status, headers=row.headers)
    response[REPLAYED] = "true"
    return response


def _keep(row: RememberedReply, response: HttpResponse) -> None:
    """A fault of ours, and what is streamed or too long, is done again when it is sent again."""
    if response.streaming or response.status_code >= 500 or len(response.content) > LONGEST_BODY:
        row.delete()
        return
    row.status, row.body = response.status_code, response.content
    row.headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    row.answered_at = timezone.now()
    row.save(update_fields=["status", "headers", "body", "answered_at"])
