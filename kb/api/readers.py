"""Who can see a document, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.contrib.auth.models import Group
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import Field

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import refuse_unknown
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.models import Document
from kb.people.sharing import Grant
from kb.people.why import Explanation, concerned, explain

router = Router(tags=["Documents"])


@dataclass(frozen=True, slots=True)
class Way:
    """What opens the collection: the person himself, or a group of his."""

    role: Annotated[str, Field(description="reader or editor.", examples=["reader"])]
    group: Annotated[str | None, Field(examples=["staff"])]


@dataclass(frozen=True, slots=True)
class Reader:
    """`ways` open the collection, and `obstacles` (suspended, closed, clearance) keep the person from the document."""

    person: Annotated[str, Field(description="The username.", examples=["alice"])]
    name: Annotated[str, Field(examples=["Alice Archer"])]
    sees: bool
    ways: Sequence[Way]
    obstacles: Annotated[Sequence[str], Field(examples=[[]])]
    as_owner: Annotated[bool, Field(description="Only as its owner, until its label is decided.")]
    revealed_until: Annotated[datetime | None, Field(description="It was opened to him with a reason.")]


@router.get(
    "/documents/{uuid:document_id}/readers",
    response={200: Listed[Reader], **error_replies(404, 422)},
    operation_id="listReaders",
    summary="See who can see a document, and why",
)
def list_readers(request: Request, document_id: UUID, window: Query[Window]) -> Listed[Reader]:
    """For those who may change the document, and for administrators who may open it."""
    refuse_unknown(request, Window)
    mine = Document.objects.open_to if request.auth.administers else Document.objects.editable_by
    document = get_object_or_404(mine(request.auth).select_related("collection", "owner"), pk=document_id)
    part = part_of(concerned(document), window, by="username")
    return Listed(items=[_reader(each) for each in explain(document, part.rows)], next=part.next)


def _reader(explanation: Explanation) -> Reader:
    return Reader(
        person=explanation.person.username,
        name=str(explanation.person),
        sees=explanation.sees,
        ways=[_way(grant) for grant in explanation.ways],
        obstacles=[str(each) for each in explanation.obstacles],
        as_owner=explanation.as_owner,
        revealed_until=explanation.revealed_until,
    )


def _way(grant: Grant) -> Way:
    return Way(grant.role, grant.holder.name if isinstance(grant.holder, Group) else None)
