"""The shelves that a person may read from or add to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import Field

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import refuse_unknown
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.models import Collection, Person, Sensitivity
from kb.models.collections import CollectionQuerySet
from kb.people.shelves import shelves

router = Router(tags=["Collections"])


class Shelves(Window):
    all: Annotated[
        bool, Field(description="Also those that you may not read. For administrators; others get theirs.")
    ] = False


@dataclass(frozen=True, slots=True)
class CollectionSheet:
    """`documents` and `size` in bytes are of what you may see; `readers` how many people may come in."""

    id: Annotated[int, Field(examples=[3])]
    name: Annotated[str, Field(examples=["Handbook"])]
    description: Annotated[str, Field(examples=["Rules that hold for everybody."])]
    default_sensitivity: Annotated[str | None, Field(examples=["INTERNAL"])]
    minimum_sensitivity: Annotated[str, Field(examples=["PUBLIC"])]
    may_add: Annotated[bool, Field(description="Whether you may add and delete documents here.")]
    documents: Annotated[int, Field(examples=[12])]
    size: Annotated[int, Field(examples=[481_204])]
    readers: Annotated[int | None, Field(description="For administrators.", examples=[8])]


@router.get(
    "/collections",
    response={200: Listed[CollectionSheet], **error_replies(422)},
    operation_id="listCollections",
    summary="List the collections that you may read",
)
def list_collections(request: Request, window: Query[Shelves]) -> Listed[CollectionSheet]:
    """In the order of their names."""
    refuse_unknown(request, Shelves)
    known = known_to(request.auth) if window.all else Collection.objects.readable_by(request.auth)
    part = part_of(known, window, by="name")
    return Listed(items=collection_sheets(part.rows, request.auth), next=part.next)


@router.get(
    "/collections/{int:collection_id}",
    response={200: CollectionSheet, **error_replies(404)},
    operation_id="getCollection",
    summary="Look at a collection",
)
def get_collection(request: Request, collection_id: int) -> CollectionSheet:
    return collection_sheet(get_object_or_404(known_to(request.auth), pk=collection_id), request.auth)


def known_to(person: Person) -> CollectionQuerySet:
    """Those that the person may read; administrators know of all."""
    return Collection.objects.all() if person.administers else Collection.objects.readable_by(person)


def collection_sheet(collection: Collection, person: Person) -> CollectionSheet:
    return collection_sheets([collection], person)[0]


def collection_sheets(collections: Iterable[Collection], person: Person) -> list[CollectionSheet]:
    editable = set(Collection.objects.editable_by(person).values_list("pk", flat=True))
    return [
        CollectionSheet(
            id=shelf.collection.pk,
            name=shelf.collection.name,
            description=shelf.collection.description,
            default_sensitivity=label_name(shelf.collection.default_sensitivity),
            minimum_sensitivity=Sensitivity(shelf.collection.minimum_sensitivity).name,
            may_add=shelf.collection.pk in editable,
            documents=shelf.holds,
            size=shelf.size,
            readers=shelf.readers if person.administers else None,
        )
        for shelf in shelves(collections, person)
    ]


def label_name(sensitivity: int | None) -> str | None:
    return None if sensitivity is None else Sensitivity(sensitivity).name
