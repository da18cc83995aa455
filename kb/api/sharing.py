"""Who reads and who edits a collection, and who owns its documents: for those who edit it, and for administrators."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from django.contrib.auth.models import Group
from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Text, refuse_unknown
from kb.api.listing import Listed, whole
from kb.errors import Rejected
from kb.models import Collection, Document, Person
from kb.people import sharing
from kb.people.handover import hand_over
from kb.people.names import active_person

router = Router(tags=["Collections"])

Agreed = Annotated[
    bool, Field(description="That you lose the collection yourself by it, or may only read it then.")
]


class HolderKind(StrEnum):
    GROUP = "group"
    PERSON = "person"


class Consent(Body):
    agreed: Agreed = False


class GivenRole(Consent):
    role: Annotated[sharing.Role, Field(description="An editor reads as well.", examples=["reader"])]


class NewAccess(GivenRole):
    kind: HolderKind
    name: Annotated[Text, Field(max_length=150, description="The group's, or the username.")]


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


@router.get(
    "/collections/{int:collection_id}/access",
    response={200: Listed[Access], **error_replies(404)},
    operation_id="listAccess",
    summary="List who reads and who edits a collection",
)
def list_access(request: Request, collection_id: int) -> Listed[Access]:
    """Editors first, groups before people. `next` is always null."""
    return _access(_shared(request, collection_id))


@router.post(
    "/collections/{int:collection_id}/access",
    response={200: Listed[Access], **error_replies(403, 404, 422)},
    operation_id="shareCollection",
    summary="Let a group or a person read or edit a collection, by name",
)
def share_collection(request: Request, collection_id: int, new: NewAccess) -> Listed[Access]:
    """Editors share with their own groups, with those that are in a collection of theirs, and with people; not with
    anybody whose clearance is above their own."""
    found = _shared(request, collection_id)
    sharing.give(found, _named(new, request.auth), new.role, request.auth, agreed=new.agreed)
    return _access(found)


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
    sharing.give(found, _holder(kind, holder_id), given.role, request.auth, agreed=given.agreed)
    return _access(found)


@router.delete(
    "/collections/{int:collection_id}/access/{kind}/{int:holder_id}",
    response={204: None, **error_replies(404, 422)},
    operation_id="withdrawAccess",
    summary="Close a collection to a group or a person",
)
def withdraw_access(
    request: Request, collection_id: int, kind: HolderKind, holder_id: int, consent: Query[Consent]
) -> Status[None]:
    """It holds from the next request on, as far as nothing else opens it."""
    refuse_unknown(request, Consent)
    found = _shared(request, collection_id)
    sharing.withdraw(found, _inside(found, kind, holder_id), request.auth, agreed=consent.agreed)
    return Status(204, None)


@router.post(
    "/collections/{int:collection_id}/hand-over",
    response={200: Handed, **error_replies(404, 422)},
    operation_id="handOverCollection",
    summary="Make one person the owner of documents of a collection",
)
def hand_over_collection(request: Request, collection_id: int, new: NewOwner) -> Handed:
    """Of all for administrators, of their own for editors."""
    documents = Document.objects.filter(collection=_shared(request, collection_id))
    done = hand_over(documents, active_person(new.owner), request.auth)
    return Handed(done.given, done.kept)


def _shared(request: Request, collection_id: int) -> Collection:
    return get_object_or_404(sharing.shared_by(request.auth), pk=collection_id)


def _inside(collection: Collection, kind: HolderKind, holder_id: int) -> Person | Group:
    """
    Raises:
        Http404: nobody in the collection is that; whether there is anybody outside is not told.
    """
    for grant in sharing.grants(collection):
        if (_kind(grant), grant.holder.pk) == (kind, holder_id):
            return grant.holder
    raise Http404


def _holder(kind: HolderKind, holder_id: int) -> Person | Group:
    if kind is HolderKind.GROUP:
        return get_object_or_404(Group, pk=holder_id)
    return get_object_or_404(Person, pk=holder_id)


def _named(new: NewAccess, by: Person) -> Person | Group:
    """
    Raises:
        Rejected: there is no such person, or no such group that `by` knows of.
    """
    if new.kind is HolderKind.PERSON:
        return active_person(new.name)
    group = sharing.groups_known_to(by).filter(name=new.name).first()
    if group is None:
        raise Rejected(
            f"You know of no group “{new.name}”. Check its name, or ask an administrator to open it."
        )
    return group


def _access(collection: Collection) -> Listed[Access]:
    return whole(
        Access(_kind(grant), grant.holder.pk, _name(grant), grant.role)
        for grant in sharing.grants(collection)
    )


def _kind(grant: sharing.Grant) -> HolderKind:
    return HolderKind.GROUP if grant.is_group else HolderKind.PERSON


def _name(grant: sharing.Grant) -> str:
    return grant.holder.name if isinstance(grant.holder, Group) else grant.holder.username
