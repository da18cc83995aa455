"""Files that a tool sends part by part, with its key. The addresses speak tus 1.0.0; errors are told as problems."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router

from kb.api.auth import Request
from kb.api.errors import error_replies, tell
from kb.api.problems import Problem, problem
from kb.models import Batch, Transfer
from kb.resumable import abilities, create, serve, spoken
from kb.visitor import PersonRequest

router = Router(tags=["Uploads"])

CODES: Mapping[int, str] = {
    400: "bad_request",
    403: "denied",
    409: "out_of_step",
    410: "gone",
    412: "wrong_protocol",
    413: "too_large",
    415: "wrong_type",
    422: "rejected",
    423: "busy",
    460: "damaged",
    503: "unavailable",
    507: "no_room",
}
REPLIES = error_replies(404, *CODES)
RESUMABLE = {
    "in": "header",
    "name": "Tus-Resumable",
    "required": True,
    "schema": {"type": "string", "const": "1.0.0"},
    "description": "The protocol's version.",
}


def _header(name: str, description: str, *, pattern: str = "", required: bool = False) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern} if pattern else {"type": "string"}
    return {"in": "header", "name": name, "required": required, "schema": schema, "description": description}


CHECKSUM = _header("Upload-Checksum", "An algorithm, a space, and the part's digest in Base64.")
PART = {
    "content": {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    "required": False,
}


@router.api_operation(
    ["OPTIONS"],
    "/uploads/{uuid:upload_id}/files",
    response={204: None, **error_replies(404)},
    operation_id="describeTus",
    summary="See what the resumable uploads can do",
)
def describe(request: Request, upload_id: UUID) -> HttpResponse:
    """Tus-Version, Tus-Extension, Tus-Max-Size and Tus-Checksum-Algorithm."""
    return abilities()


@router.post(
    "/uploads/{uuid:upload_id}/files",
    response={201: None, **REPLIES},
    operation_id="announceFile",
    summary="Announce a file of an upload, with its first part if you like",
    openapi_extra={
        "parameters": [
            RESUMABLE,
            _header("Upload-Length", "The file's bytes.", pattern="^[0-9]{1,15}$", required=True),
            _header(
                "Upload-Metadata",
                "`filename`, or `relativePath`, and if you like `sha256`: each followed by a space and its value in "
                "Base64, parted by commas.",
                required=True,
            ),
            CHECKSUM,
        ],
        "requestBody": PART,
    },
)
def announce_file(request: Request, upload_id: UUID) -> HttpResponse:
    """`Location` is the file's own address, to which its parts go."""

    def announced(asked: PersonRequest) -> HttpResponse:
        mine = Batch.objects.filter(person=request.auth).select_related("person", "collection", "owner")
        batch = get_object_or_404(mine, pk=upload_id)
        root = request.path.partition("/uploads")[0]
        return create(asked, batch, address=lambda transfer: f"{root}/uploads/files/{transfer.pk}")

    return _told(announced, request)


@router.api_operation(
    ["HEAD"],
    "/uploads/files/{uuid:file_id}",
    response={200: None, **REPLIES},
    operation_id="getFileOffset",
    summary="Ask how much of a file has arrived",
    openapi_extra={"parameters": [RESUMABLE]},
)
def get_offset(request: Request, file_id: UUID) -> HttpResponse:
    """In `Upload-Offset`. Once it is whole, `Upload-Outcome` says whether it is new (`taken`) or `known`."""
    return _served(request, file_id)


@router.patch(
    "/uploads/files/{uuid:file_id}",
    response={204: None, **REPLIES},
    operation_id="sendPart",
    summary="Send the next part of a file",
    openapi_extra={
        "parameters": [
            RESUMABLE,
            _header("Upload-Offset", "Bytes that have arrived.", pattern="^[0-9]{1,15}$", required=True),
            CHECKSUM,
        ],
        "requestBody": PART,
    },
)
def send_part(request: Request, file_id: UUID) -> HttpResponse:
    """From `Upload-Offset` on. With the last part the file is taken in, or refused with the reason."""
    return _served(request, file_id)


@router.delete(
    "/uploads/files/{uuid:file_id}",
    response={204: None, **REPLIES},
    operation_id="dropFile",
    summary="Give up a file that has not arrived whole",
    openapi_extra={"parameters": [RESUMABLE]},
)
def drop_file(request: Request, file_id: UUID) -> HttpResponse:
    return _served(request, file_id)


def _served(request: Request, file_id: UUID) -> HttpResponse:
    return _told(lambda asked: serve(asked, Transfer.objects.of(request.auth), file_id), request)


def _told(view: Callable[[PersonRequest], HttpResponse], request: Request) -> HttpResponse:
    """The protocol's reply; what it refuses, which is text there, as a problem."""
    response = spoken(view)(request)
    if response.status_code < 400:
        return response
    told = tell(_problem(response))
    for name in ("Tus-Resumable", "Tus-Version", "Cache-Control"):
        if response.has_header(name):
            told[name] = response[name]
    return told


def _problem(response: HttpResponse) -> Problem:
    return problem(CODES[response.status_code], response.content.decode())
