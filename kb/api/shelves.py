"""Keeping collections: adding, naming, their labels, and their end.

On the router of `kb.api.collections`: the framework finds all methods of one address in one router only.
"""

from dataclasses import dataclass
from typing import Annotated

from django.shortcuts import get_object_or_404
from ninja import Status
from pydantic import Field

from ingestion.minimum import change_rules
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.collections import CollectionSheet, collection_sheet, router
from kb.api.errors import error_replies
from kb.api.fields import Body, Label, Line, Text
from kb.models import Collection
from kb.people import sharing
from kb.people.names import on_one_line


class NewCollection(Body):
    name: Annotated[Text, Field(max_length=100, examples=["Handbook"])]
    description: Annotated[
        Line, Field(max_length=400, description="A sentence on what belongs here.", examples=["House rules."])
    ] = ""


class CollectionChange(Body):
    """What is left out stays as it is."""

    name: Annotated[Text | None, Field(max_length=100, examples=["Handbook"])] = None
    description: Annotated[Line | None, Field(max_length=400, examples=["House rules."])] = None


class Rules(Body):
    default_sensitivity: Annotated[
        Label | None,
        Field(description="Of documents that nobody and nothing labelled.", examples=["INTERNAL"]),
    ] = None
    minimum_sensitivity: Annotated[
        Label, Field(description="Nothing here is laxer than this.", examples=["PUBLIC"])
    ]


@dataclass(frozen=True, slots=True)
class RulesKept:
    """`raised` counts the documents that became stricter."""

    collection: CollectionSheet
    raised: Annotated[int, Field(examples=[2])]


@router.post(
    "/collections",
    response={201: CollectionSheet, **error_replies(404, 422)},
    operation_id="createCollection",
    summary="Add a collection",
    auth=ADMINISTRATORS,
)
def create_collection(request: Request, new: NewCollection) -> Status[CollectionSheet]:
    """Only you read and edit it until you give it to somebody."""
    added = sharing.add(new.name, on_one_line(new.description), request.auth)
    return Status(201, collection_sheet(added, request.auth))


@router.patch(
    "/collections/{int:collection_id}",
    response={200: CollectionSheet, **error_replies(404, 422)},
    operation_id="changeCollection",
    summary="Rename or describe a collection",
    auth=ADMINISTRATORS,
)
def change_collection(request: Request, collection_id: int, change: CollectionChange) -> CollectionSheet:
    found = get_object_or_404(Collection, pk=collection_id)
    described = found.description if change.description is None else on_one_line(change.description)
    sharing.rename(found, change.name or found.name, described, request.auth)
    return collection_sheet(found, request.auth)


@router.put(
    "/collections/{int:collection_id}/rules",
    response={200: RulesKept, **error_replies(403, 404, 422)},
    operation_id="setCollectionRules",
    summary="Set the default and the minimum label of a collection",
    auth=ADMINISTRATORS,
)
def set_rules(request: Request, collection_id: int, rules: Rules) -> RulesKept:
    """For editors of the collection who administer. A higher minimum raises what is in it at once."""
    found = get_object_or_404(Collection.objects.editable_by(request.auth), pk=collection_id)
    default, minimum = rules.default_sensitivity, rules.minimum_sensitivity
    raised = change_rules(found, request.auth, default=default, minimum=minimum)
    found.refresh_from_db()
    return RulesKept(collection_sheet(found, request.auth), raised)


@router.delete(
    "/collections/{int:collection_id}",
    response={204: None, **error_replies(404, 422)},
    operation_id="deleteCollection",
    summary="Delete an empty collection",
    auth=ADMINISTRATORS,
)
def delete_collection(request: Request, collection_id: int) -> Status[None]:
    sharing.remove(get_object_or_404(Collection, pk=collection_id), request.auth)
    return Status(204, None)
