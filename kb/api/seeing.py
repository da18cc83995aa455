"""Why a person sees what he sees, for administrators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Router
from pydantic import Field

from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.listing import Listed, whole
from kb.models import Document, Person, Sensitivity
from kb.people.sharing import Grant
from kb.people.why import Obstacle, explain, seen_by

router = Router(tags=["People"], auth=ADMINISTRATORS)


@dataclass(frozen=True, slots=True)
class SeenCollection:
    """`ways` says what opens it; `documents` counts by label what both the person and you may see."""

    id: Annotated[int, Field(examples=[3])]
    name: Annotated[str, Field(examples=["Handbook"])]
    ways: Annotated[Sequence[str], Field(examples=[["staff (reader)"]])]
    documents: Annotated[Mapping[str, int], Field(examples=[{"PUBLIC": 2, "INTERNAL": 9}])]


@dataclass(frozen=True, slots=True)
class WhySeen:
    """`sees`: finds, reads and asks about it; `opens`: that, or a reveal opens its page and file until then."""

    sees: bool
    opens: bool
    ways: Annotated[Sequence[str], Field(examples=[["staff (reader)"]])]
    obstacles: Annotated[Sequence[Obstacle], Field(examples=[[]])]
    as_owner: Annotated[bool, Field(description="Only being the owner lifts the undecided label.")]
    revealed_until: datetime | None


@router.get(
    "/people/{int:person_id}/collections",
    response={200: Listed[SeenCollection], **error_replies(404)},
    operation_id="listPersonCollections",
    summary="List what a person sees",
)
def list_person_collections(request: Request, person_id: int) -> Listed[SeenCollection]:
    """`next` is always null."""
    person = get_object_or_404(Person, pk=person_id)
    return whole(
        SeenCollection(
            id=seen.collection.pk,
            name=seen.collection.name,
            ways=_told(seen.ways),
            documents={
                label.name: count for label, count in zip(Sensitivity, seen.counts, strict=True) if count
            },
        )
        for seen in seen_by(person, request.auth)
    )


@router.get(
    "/people/{int:person_id}/documents/{uuid:document_id}",
    response={200: WhySeen, **error_replies(404)},
    operation_id="explainAccess",
    summary="Say whether and why a person sees a document",
)
def explain_access(request: Request, person_id: int, document_id: UUID) -> WhySeen:
    """Of a document that you may open yourself; of others nothing is told."""
    person = get_object_or_404(Person, pk=person_id)
    documents = Document.objects.open_to(request.auth).select_related("collection")
    [told] = explain(get_object_or_404(documents, pk=document_id), [person])
    return WhySeen(
        sees=told.sees,
        opens=told.opens,
        ways=_told(told.ways),
        obstacles=told.obstacles,
        as_owner=told.as_owner,
        revealed_until=told.revealed_until,
    )


def _told(ways: Sequence[Grant]) -> list[str]:
    return [f"{way.holder} ({way.role})" for way in ways]
