"""Who the caller is, and what he may do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated

from ninja import Router
from pydantic import Field

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.models import Collection, Person, Sensitivity
from kb.rights import VERBS, Role

router = Router(tags=["People"])


@dataclass(frozen=True, slots=True)
class Me:
    """`may` are the verbs that are open to you somewhere; which objects they reach, each object decides."""

    id: Annotated[int, Field(examples=[7])]
    username: Annotated[str, Field(examples=["erin"])]
    name: Annotated[str, Field(examples=["Erin Vogel"])]
    clearance: Annotated[str, Field(examples=["INTERNAL"])]
    administers: bool
    groups: Annotated[Sequence[str], Field(examples=[["staff"]])]
    may: Annotated[Sequence[str], Field(examples=[["ask", "read", "search"]])]


@router.get("/me", response={200: Me, **error_replies()}, operation_id="getMe", summary="Say who you are")
def get_me(request: Request) -> Me:
    person = request.auth
    held = reduce(or_, _roles(person))
    return Me(
        id=person.pk,
        username=person.username,
        name=str(person),
        clearance=Sensitivity(person.clearance).name,
        administers=person.administers,
        groups=list(person.groups.order_by("name").values_list("name", flat=True)),
        may=sorted(name for name, verb in VERBS.items() if verb.allows(held)),
    )


def _roles(person: Person) -> Iterator[Role]:
    """Those that the person has, or has for some object."""
    yield from (Role.ANYONE, Role.PERSON, Role.OWNER)
    if Collection.objects.readable_by(person).exists():
        yield Role.READER
    if Collection.objects.editable_by(person).exists():
        yield Role.EDITOR
    if person.administers:
        yield Role.ADMINISTRATOR
