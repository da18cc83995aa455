"""A document on its way in: read again by a parser, set aside, put back, taken sooner or later."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from ninja import Router, Status
from pydantic import Field

from ingestion.jobs import prioritise, put_back, read_again, set_aside
from ingestion.parse.registry import PARSERS, engine_name
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Line
from kb.api.found import latest, visible
from kb.api.listing import Listed
from kb.api.sheets import Progress, progress
from kb.errors import Rejected
from kb.models import Priority, Version
from kb.models.library import VersionQuerySet

router = Router(tags=["Documents"])


class Turn(StrEnum):
    """When what waits is taken."""

    FIRST = "first"
    NORMAL = "normal"
    LATER = "later"

    @property
    def priority(self) -> Priority:
        return Priority[self.name]


@dataclass(frozen=True, slots=True)
class Parser:
    """`id` is what `parse` takes."""

    id: Annotated[str, Field(examples=["ingestion.parse.pdf.LayoutPdf"])]
    name: Annotated[str, Field(examples=["LayoutPdf"])]


class NewParser(Body):
    parser: Annotated[
        Line, Field(description="One of `parsers`; empty for the usual ones.", max_length=100, examples=[""])
    ] = ""


class NewPriority(Body):
    priority: Turn


@router.get(
    "/documents/{uuid:document_id}/parsers",
    response={200: Listed[Parser], **error_replies(404, 422)},
    operation_id="listParsers",
    summary="List the parsers that read a document's format",
)
def list_parsers(request: Request, document_id: UUID) -> Listed[Parser]:
    """The usual order: the next one is asked where one fails."""
    version = latest(visible(request, document_id))
    return Listed(items=[Parser(path, engine_name(path)) for path in PARSERS[version.media_type]])


@router.post(
    "/documents/{uuid:document_id}/parse",
    response={202: Progress, **error_replies(404, 422)},
    operation_id="parseDocument",
    summary="Read a document again, by a parser of your choice",
)
def parse_document(request: Request, document_id: UUID, new: NewParser) -> Status[Progress]:
    """Readers find what was found before until the new reading is whole."""
    version = latest(visible(request, document_id))
    read_again(version, request.auth, new.parser)
    return _on_its_way(request, version)


@router.post(
    "/documents/{uuid:document_id}/cancel",
    response={202: Progress, **error_replies(404, 422)},
    auth=ADMINISTRATORS,
    operation_id="cancelDocument",
    summary="Set aside a document that waits, is being read or failed",
)
def cancel_document(request: Request, document_id: UUID) -> Status[Progress]:
    """For administrators."""
    version = latest(visible(request, document_id))
    if not set_aside(_only(version), request.auth):
        raise Rejected("It is ready, or set aside already. Delete it if it is not wanted.")
    return _on_its_way(request, version)


@router.post(
    "/documents/{uuid:document_id}/put-back",
    response={202: Progress, **error_replies(404, 422)},
    auth=ADMINISTRATORS,
    operation_id="putBackDocument",
    summary="Send on a document that was set aside or failed",
)
def put_back_document(request: Request, document_id: UUID) -> Status[Progress]:
    """For administrators."""
    version = latest(visible(request, document_id))
    if not put_back(_only(version), request.auth):
        raise Rejected("It neither failed nor was set aside.")
    return _on_its_way(request, version)


@router.put(
    "/documents/{uuid:document_id}/priority",
    response={202: Progress, **error_replies(404, 422)},
    auth=ADMINISTRATORS,
    operation_id="prioritiseDocument",
    summary="Have a document read before or after others",
)
def prioritise_document(request: Request, document_id: UUID, new: NewPriority) -> Status[Progress]:
    """For administrators."""
    version = latest(visible(request, document_id))
    if not prioritise(_only(version), request.auth, new.priority.priority):
        raise Rejected("It waits for nothing any more.")
    return _on_its_way(request, version)


def _only(version: Version) -> VersionQuerySet:
    return Version.objects.filter(pk=version.pk)


def _on_its_way(request: Request, version: Version) -> Status[Progress]:
    version.refresh_from_db()
    return Status(202, progress(version, request.auth))
