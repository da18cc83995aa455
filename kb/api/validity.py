"""Until when a document is valid."""

from typing import Annotated
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Router
from pydantic import Field

from ingestion.validity import set_validity
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Day
from kb.api.sheets import DocumentSheet, document_sheet
from kb.models import Document

router = Router(tags=["Documents"])


class Validity(Body):
    until: Annotated[
        Day | None, Field(description="The last day on which it is valid; null means on and on.")
    ]


@router.put(
    "/documents/{uuid:document_id}/validity",
    response={200: DocumentSheet, **error_replies(403, 404, 422)},
    operation_id="setValidity",
    summary="Say until when a document is valid",
)
def put_validity(request: Request, document_id: UUID, new: Validity) -> DocumentSheet:
    """Once that day has passed, webhooks are told (`document.expired`). The document stays as it is."""
    document = get_object_or_404(Document.objects.visible_to(request.auth), pk=document_id)
    set_validity(document, request.auth, new.until)
    return document_sheet(document, request.auth)
