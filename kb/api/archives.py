"""Archives on their way: what became of one that was uploaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Router
from pydantic import Field

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.models import Container, Document, Person

router = Router(tags=["Documents"])


@dataclass(frozen=True, slots=True)
class LeftOut:
    path: Annotated[str, Field(description="Inside the archive.", examples=["scans/broken.pdf"])]
    reason: Annotated[str, Field(examples=["It is encrypted; pack it again without a password."])]


@dataclass(frozen=True, slots=True)
class ArchiveSheet:
    """`documents` are those that you may follow; they and `left_out` are empty until `state` is “opened”."""

    archive: UUID
    name: Annotated[str, Field(examples=["contracts.zip"])]
    state: Annotated[str, Field(description="waiting, opened or failed.", examples=["waiting"])]
    failure: Annotated[str, Field(description="Why it failed, in a sentence.", examples=[""])]
    documents: Sequence[UUID]
    left_out: Sequence[LeftOut]


@router.get(
    "/archives/{uuid:archive_id}",
    response={200: ArchiveSheet, **error_replies(404)},
    operation_id="getArchive",
    summary="Follow an archive that you uploaded",
)
def get_archive(request: Request, archive_id: UUID) -> ArchiveSheet:
    """Each of its documents is then followed by itself."""
    return archive_sheet(
        get_object_or_404(Container.objects.sent_by(request.auth), pk=archive_id), request.auth
    )


def archive_sheet(container: Container, person: Person) -> ArchiveSheet:
    followed = Document.objects.visible_to(person) | Document.objects.uploaded_by(person)
    documents = followed.filter(versions__container=container).order_by("created_at").distinct()
    return ArchiveSheet(
        archive=container.pk,
        name=container.name,
        state=container.state,
        failure=container.failure,
        documents=list(documents.values_list("pk", flat=True)),
        left_out=[LeftOut(path, reason) for path, reason in container.left_out],
    )
