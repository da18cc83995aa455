"""Keeping collections: adding, naming, their labels, who comes in, whose documents they hold, and their end.

On the router of `kb.api.collections`: the framework finds all methods of one address in one router only.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from django.contrib.auth.models import Group
from django.shortcuts import get_object_or_404
from ninja import Status
from pydantic import Field

from ingestion.minimum import change_rules
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.collections import CollectionSheet, collection_sheet, router
from kb.api.errors import error_replies
from kb.api.fields import Body, Label, Line, Text
from kb.api.listing import Listed, whole
from kb.models import Collection, Document, Person
from kb.people import sharing
from kb.people.handover import hand_over
from kb.people.names import active_person, on_one_line


class HolderKind(StrEnum):
    GROUP = "group"
    PERSON = "person"


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


class GivenRole(Body):
    role: Annotated[sharing.Role, Field(description="An editor reads as well.", examples=["reader"])]


@dataclass(frozen=True, slots=True)
class Access:
    """A group or a person, and what it is in a collection. `name` is the group's, or the user name."""

    kind: HolderKind
    id: Annotated[int, Field(examples=[4])]
    name: Annotated[str, Field(examples=["staff"])]
    role: sharing.Role


class NewOwner(Body):
    owner: Annotated[Text, Field(max_length=150, description="The username.", examples=["dana"])]


@dataclass(frozen=True, slots=True)
class Handed:
    """`kept` counts the documents that keep their owner, because the new one may not see them."""

    given: Annotated[int, Field(examples=[12])]
    kept: Annotated[int, Field(examples=[0])]


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


@router.get(
    "/collections/{int:collection_id}/access",
    response={200: Listed[Access], **error_replies(404)},
    operation_id="listAccess",
    summary="List who reads and who edits a collection",
    auth=ADMINISTRATORS,
)
def list_access(request: Request, collection_id: int) -> Listed[Access]:
    """Editors first, groups before people. `next` is always null."""
    return _access(get_object_or_404(Collection, pk=collection_id))


@router.put(
    "/collections/{int:collection_id}/access/{kind}/{int:holder_id}",
    response={200: Listed[Access], **error_replies(403, 404, 422)},
    operation_id="giveAccess",
    summary="Let a group or a person read or edit a collection",
    auth=ADMINISTRATORS,
)
def give_access(
    request: Request, collection_id: int, kind: HolderKind, holder_id: int, given: GivenRole
) -> Listed[Access]:
    """Nobody opens a collection to himself."""
    found = get_object_or_404(Collection, pk=collection_id)
    sharing.give(found, _holder(kind, holder_id), given.role, request.auth)
    return _access(found)


@router.delete(
    "/collections/{int:collection_id}/access/{kind}/{int:holder_id}",
    response={204: None, **error_replies(404, 422)},
    operation_id="withdrawAccess",
    summary="Close a collection to a group or a person",
    auth=ADMINISTRATORS,
)
def withdraw_access(request: Request, collection_id: int, kind: HolderKind, holder_id: int) -> Status[None]:
    """It holds from the next request on, as far as nothing else opens it."""
    found = get_object_or_404(Collection, pk=collection_id)
    sharing.withdraw(found, _holder(kind, holder_id), request.auth)
    return Status(204, None)


@router.post(
    "/collections/{int:collection_id}/hand-over",
    response={200: Handed, **error_replies(404, 422)},
    operation_id="handOverCollection",
    summary="Make one person the owner of all documents of a collection",
    auth=ADMINISTRATORS,
)
def hand_over_collection(request: Request, collection_id: int, new: NewOwner) -> Handed:
    found = get_object_or_404(Collection, pk=collection_id)
    documents = Document.objects.filter(collection=found)
    done = hand_over(documents, active_person(new.owner), request.auth)
    return Handed(done.given, done.kept)


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


def _holder(kind: HolderKind, holder_id: int) -> Person | Group:
    if kind is HolderKind.GROUP:
        return get_object_or_404(Group, pk=holder_id)
    return get_object_or_404(Person, pk=holder_id)


def _access(collection: Collection) -> Listed[Access]:
    return whole(
        Access(HolderKind.GROUP, grant.holder.pk, grant.holder.name, grant.role)
        if isinstance(grant.holder, Group)
        else Access(HolderKind.PERSON, grant.holder.pk, grant.holder.username, grant.role)
        for grant in sharing.grants(collection)
    )
