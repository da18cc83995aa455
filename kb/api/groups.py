"""Groups, for administrators: what opens collections to many people at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from django.contrib.auth.models import Group
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, refuse_unknown
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.api.people_sheets import GroupName
from kb.models import Person
from kb.people import groups

router = Router(tags=["People"], auth=ADMINISTRATORS)


class NamedGroup(Body):
    name: GroupName


@dataclass(frozen=True, slots=True)
class GroupRow:
    id: Annotated[int, Field(examples=[4])]
    name: Annotated[str, Field(examples=["staff"])]
    members: Annotated[int, Field(examples=[8])]
    opens: Annotated[int, Field(description="How many collections.", examples=[2])]


@dataclass(frozen=True, slots=True)
class Member:
    id: Annotated[int, Field(examples=[7])]
    username: Annotated[str, Field(examples=["erin"])]


@dataclass(frozen=True, slots=True)
class GroupSheet:
    """`reads` and `edits` are names of collections; who edits one reads it as well."""

    id: Annotated[int, Field(examples=[4])]
    name: Annotated[str, Field(examples=["staff"])]
    members: Sequence[Member]
    reads: Annotated[Sequence[str], Field(examples=[["Handbook"]])]
    edits: Annotated[Sequence[str], Field(examples=[[]])]


@router.get(
    "/groups",
    response={200: Listed[GroupRow], **error_replies(404, 422)},
    operation_id="listGroups",
    summary="List groups",
)
def list_groups(request: Request, window: Query[Window]) -> Listed[GroupRow]:
    """In the order of their names."""
    refuse_unknown(request, Window)
    part = part_of(Group.objects.all(), window, by="name")
    sizes = groups.sizes(Group.objects.filter(pk__in=[group.pk for group in part.rows]).order_by("name"))
    rows = [GroupRow(each.group.pk, each.group.name, each.members, each.opens) for each in sizes]
    return Listed(items=rows, next=part.next)


@router.get(
    "/groups/{int:group_id}",
    response={200: GroupSheet, **error_replies(404)},
    operation_id="getGroup",
    summary="Look at a group",
)
def get_group(request: Request, group_id: int) -> GroupSheet:
    return _sheet(get_object_or_404(Group, pk=group_id))


@router.post(
    "/groups",
    response={201: GroupSheet, **error_replies(404, 422)},
    operation_id="createGroup",
    summary="Add a group",
)
def create_group(request: Request, new: NamedGroup) -> Status[GroupSheet]:
    return Status(201, _sheet(groups.add(new.name, request.auth)))


@router.patch(
    "/groups/{int:group_id}",
    response={200: GroupSheet, **error_replies(404, 422)},
    operation_id="renameGroup",
    summary="Rename a group",
)
def rename_group(request: Request, group_id: int, new: NamedGroup) -> GroupSheet:
    groups.rename(get_object_or_404(Group, pk=group_id), new.name, request.auth)
    return _sheet(get_object_or_404(Group, pk=group_id))


@router.put(
    "/groups/{int:group_id}/members/{int:person_id}",
    response={200: GroupSheet, **error_replies(403, 404)},
    operation_id="joinGroup",
    summary="Put a person into a group",
)
def join_group(request: Request, group_id: int, person_id: int) -> GroupSheet:
    """Nobody opens a collection to himself in this way."""
    found = get_object_or_404(Group, pk=group_id)
    groups.join(found, get_object_or_404(Person, pk=person_id, is_active=True), request.auth)
    return _sheet(found)


@router.delete(
    "/groups/{int:group_id}/members/{int:person_id}",
    response={204: None, **error_replies(404)},
    operation_id="leaveGroup",
    summary="Take a person out of a group",
)
def leave_group(request: Request, group_id: int, person_id: int) -> Status[None]:
    """The person loses what the group opened to him, from the next request on."""
    found = get_object_or_404(Group, pk=group_id)
    groups.leave(found, get_object_or_404(Person, pk=person_id), request.auth)
    return Status(204, None)


@router.delete(
    "/groups/{int:group_id}",
    response={204: None, **error_replies(404)},
    operation_id="deleteGroup",
    summary="Delete a group",
)
def delete_group(request: Request, group_id: int) -> Status[None]:
    """Its members lose what it opened to them, from the next request on."""
    groups.remove(get_object_or_404(Group, pk=group_id), request.auth)
    return Status(204, None)


def _sheet(group: Group) -> GroupSheet:
    members = Person.objects.filter(groups=group).order_by("username")
    edited = group.edits.all()
    return GroupSheet(
        id=group.pk,
        name=group.name,
        members=[Member(person.pk, person.username) for person in members],
        reads=[each.name for each in group.reads.exclude(pk__in=edited.values("pk"))],
        edits=[each.name for each in edited],
    )
