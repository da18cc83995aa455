"""Resumable uploads over HTTP: tus 1.0.0 (https://tus.io/protocols/resumable-upload), for any face.

Core, creation, creation-with-upload, termination, expiration and checksum. Who sends is decided by the caller, which
gives a batch or transfers of that person alone.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import http_date

from ingestion.parts import ALGORITHMS, Checksum
from ingestion.transfers import Announced, announce, append, drop, shown_path
from kb import errors
from kb.errors import StrongroomError
from kb.models import Batch, Transfer

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"
PART = "application/offset+octet-stream"
LONGEST_METADATA = 8_000
"""Characters."""
NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
MALFORMED, WRONG_VERSION, WRONG_TYPE = 400, 412, 415
STATUSES: Mapping[type[StrongroomError], int] = {
    errors.OutOfStep: 409,
    errors.Gone: 410,
    errors.TooLarge: 413,
    errors.Damaged: 460,  # By the checksum extension.
    errors.Rejected: 422,
    errors.Busy: 423,
    errors.Denied: 403,
    errors.NoRoom: 507,
    errors.Unavailable: 503,
}
"""How an error is told. Clients send again after 409, 423 and 5xx, and give the file up after any other."""

View = Callable[..., HttpResponse]


class Malformed(StrongroomError):
    """The request does not follow the protocol."""


def refusal(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")


def spoken(view: View) -> View:
    """Speaks the protocol around a view: checks its version, tells errors of ours, and marks every reply."""

    @wraps(view)
    def speak(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = _answered(view, request, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return speak


def abilities() -> HttpResponse:
    """What this server can do: the reply to OPTIONS."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.UPLOAD_LIMIT),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return HttpResponse(status=204, headers=headers)


def create(request: HttpRequest, batch: Batch, *, address: Callable[[Transfer], str]) -> HttpResponse:
    """Announces a file of the batch, with its first part if the request holds one.

    Raises:
        StrongroomError: it is not taken, or its first part was not; nothing is kept then.
    """
    transfer = announce(batch, _announced(request))
    if request.content_type == PART:
        try:
            append(transfer, _body(request), offset=0, checksum=_checksum(request))
        except StrongroomError:
            if transfer.state == Transfer.State.SENDING:
                drop(transfer)
            raise
    response = _progress(transfer, status=201)
    response["Location"] = address(transfer)
    return response


def serve(request: HttpRequest, transfers: QuerySet[Transfer], pk: UUID) -> HttpResponse:
    """One file on its way: how far it is (HEAD), its next part (PATCH), or that it is not wanted any more (DELETE).

    Raises:
        Http404: it is not among these transfers.
        StrongroomError: the part was not taken; the message says what to do.
    """
    transfer = get_object_or_404(transfers.select_related("batch__person", "batch__collection"), pk=pk)
    match _method(request):
        case "HEAD":
            return _told(transfer)
        case "PATCH":
            if request.content_type != PART:
                return refusal(WRONG_TYPE, f"Send the part as {PART}.")
            offset = _number(request, "Upload-Offset")
            append(transfer, _body(request), offset=offset, checksum=_checksum(request))
            return _progress(transfer, status=204)
        case "DELETE":
            drop(transfer)
            return HttpResponse(status=204)
        case _:
            raise Malformed("A file on its way takes HEAD, PATCH and DELETE.")


def _answered(view: View, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
        response = refusal(WRONG_VERSION, f"This server speaks tus {VERSION}. Say so in Tus-Resumable.")
        response["Tus-Version"] = VERSION
        return response
    try:
        return view(request, *args, **kwargs)
    except Malformed as error:
        return refusal(MALFORMED, str(error))
    except StrongroomError as error:
        status = next(STATUSES[cls] for cls in type(error).mro() if cls in STATUSES)
        return refusal(status, str(error))


def _method(request: HttpRequest) -> str:
    """The method that is meant. Only POST may mean another: Django has checked where that comes from."""
    named = request.headers.get("X-HTTP-Method-Override", "")
    return named if request.method == "POST" else str(request.method)


def _body(request: HttpRequest) -> BinaryIO:
    return cast(BinaryIO, request)  # It reads like a file.


def _told(transfer: Transfer) -> HttpResponse:
    if transfer.state == Transfer.State.REFUSED:
        raise errors.Gone(transfer.failure)
    response = _progress(transfer, status=200)
    response["Upload-Length"] = str(transfer.size)
    if transfer.metadata:
        response["Upload-Metadata"] = transfer.metadata
    return response


def _progress(transfer: Transfer, *, status: int) -> HttpResponse:
    """How far it is. Once it is whole, Upload-Outcome says whether it is new (“taken”) or was there (“known”)."""
    response = HttpResponse(status=status, headers={"Upload-Offset": str(transfer.received)})
    if transfer.state == Transfer.State.SENDING:
        response["Upload-Expires"] = http_date(transfer.expires_at.timestamp())
    else:
        response["Upload-Outcome"] = transfer.state
    return response


def _announced(request: HttpRequest) -> Announced:
    """What the headers say. The path is `relativePath`, where a client gives one, or `filename`."""
    metadata = request.headers.get("Upload-Metadata", "")
    values = _metadata(metadata)
    path = values.get("relativePath") or values.get("filename", "")
    sha256 = values.get("sha256", "")
    if not shown_path(path):
        raise Malformed("Upload-Metadata names no “filename”.")
    if sha256 and not SHA256.fullmatch(sha256):
        raise Malformed("The “sha256” of Upload-Metadata is not one in hex.")
    return Announced(path, _number(request, "Upload-Length"), sha256, metadata)


def _metadata(header: str) -> dict[str, str]:
    if len(header) > LONGEST_METADATA:
        raise Malformed(f"Upload-Metadata has over {LONGEST_METADATA} characters.")
    pairs = (pair.strip().partition(" ") for pair in header.split(","))
    try:
        return {key: base64.b64decode(value, validate=True).decode() for key, _, value in pairs}
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Malformed("The values of Upload-Metadata are not text in Base64.") from error


def _number(request: HttpRequest, header: str) -> int:
    value = request.headers.get(header, "")
    if not NUMBER.fullmatch(value):
        raise Malformed(f"{header} is missing, or not a number of bytes.")
    return int(value)


def _checksum(request: HttpRequest) -> Checksum | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, digest = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Malformed(f"Upload-Checksum takes {', '.join(ALGORITHMS)}.")
    return Checksum(algorithm, digest)
