"""The shelves that a person may read from or add to."""

from collections.abc import Sequence
from dataclasses import dataclass

from ninja import Router

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.models import Collection, Sensitivity

router = Router(tags=["Collections"])


@dataclass(frozen=True, slots=True)
class Shelf:
    """`may_add` says whether the person may add and delete documents here."""

    name: str
    description: str
    minimum_sensitivity: str
    may_add: bool


@dataclass(frozen=True, slots=True)
class ShelfPage:
    items: Sequence[Shelf]
    next: str | None = None


@router.get(
    "/collections",
    response={200: ShelfPage, **error_replies()},
    operation_id="listCollections",
    summary="List the collections that you may read",
)
def list_collections(request: Request) -> ShelfPage:
    editable = set(Collection.objects.editable_by(request.auth).values_list("pk", flat=True))
    shelves = [
        Shelf(
            name=collection.name,
            description=collection.description,
            minimum_sensitivity=Sensitivity(collection.minimum_sensitivity).name,
            may_add=collection.pk in editable,
        )
        for collection in Collection.objects.readable_by(request.auth)
    ]
    return ShelfPage(shelves)
