"""Break glass: an administrator opens a document that he may not read, with a reason; and its owner is told."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from ingestion.reveal import reveal
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Text, refuse_unknown
from kb.api.listing import Listed, listed
from kb.api.paging import Window, part_of
from kb.models import Document, Reveal

router = Router(tags=["Reveals"], auth=ADMINISTRATORS)
owners = Router(tags=["Reveals"])


class NewReveal(Body):
    document: UUID
    reason: Annotated[
        Text,
        Field(
            max_length=500,
            description="At least ten characters, and none that you gave before.",
            examples=["The works council asks what it says of shifts."],
        ),
    ]


@dataclass(frozen=True, slots=True)
class RevealSheet:
    id: UUID
    document: UUID
    title: Annotated[str | None, Field(description="Null where you may not see the document.")]
    person: Annotated[str, Field(description="Who opened it.", examples=["dana"])]
    reason: str
    at: datetime
    until: datetime

    @classmethod
    def of(cls, opened: Reveal) -> Self:
        document = opened.document
        return cls(
            opened.pk,
            document.pk,
            document.title,
            opened.person.username,
            opened.reason,
            opened.at,
            opened.until,
        )


@router.get(
    "/reveals",
    response={200: Listed[RevealSheet], **error_replies(404, 422)},
    operation_id="listReveals",
    summary="List what is open to you by a reveal",
)
def list_reveals(request: Request, window: Query[Window]) -> Listed[RevealSheet]:
    """The latest first."""
    refuse_unknown(request, Window)
    running = Reveal.objects.open_to(request.auth).select_related("document", "person")
    return listed(part_of(running, window, by="-at"), RevealSheet.of)


@router.post(
    "/reveals",
    response={201: RevealSheet, **error_replies(404, 422)},
    operation_id="beginReveal",
    summary="Open a document that you may not read",
)
def begin_reveal(request: Request, new: NewReveal) -> Status[RevealSheet]:
    """With a session only. Page and file are open to you for an hour, and nothing else; the owner is told why."""
    return Status(201, RevealSheet.of(reveal(new.document, request.auth, reason=new.reason)))


@router.post(
    "/reveals/{uuid:reveal_id}/end",
    response={204: None, **error_replies(404)},
    operation_id="endReveal",
    summary="Close a document again before the hour is over",
)
def end_reveal(request: Request, reveal_id: UUID) -> Status[None]:
    get_object_or_404(Reveal.objects.open_to(request.auth), pk=reveal_id).end()
    return Status(204, None)


@owners.get(
    "/reveals/notices",
    response={200: Listed[RevealSheet], **error_replies(422)},
    operation_id="listRevealNotices",
    summary="List who opened documents of yours",
)
def list_notices(request: Request, window: Query[Window]) -> Listed[RevealSheet]:
    """Those that you have not acknowledged yet, the latest first."""
    refuse_unknown(request, Window)
    told = Reveal.objects.to_tell(request.auth).select_related("document", "person")
    part = part_of(told, window, by="-at")
    documents = [opened.document_id for opened in part.rows]
    visible = Document.objects.visible_to(request.auth).filter(pk__in=documents)
    known = set(visible.values_list("pk", flat=True))
    sheets = map(RevealSheet.of, part.rows)
    items = [each if each.document in known else replace(each, title=None) for each in sheets]
    return Listed(items=items, next=part.next)


@owners.post(
    "/reveals/{uuid:reveal_id}/seen",
    response={204: None, **error_replies(404)},
    operation_id="acknowledgeReveal",
    summary="Say that you know who opened a document of yours",
)
def acknowledge_reveal(request: Request, reveal_id: UUID) -> Status[None]:
    get_object_or_404(Reveal.objects.to_tell(request.auth), pk=reveal_id).see()
    return Status(204, None)
