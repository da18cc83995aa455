"""Keys and services as the API takes and gives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from pydantic import Field

from kb.api.fields import Body, Label, Line, Text
from kb.api.paging import Window
from kb.errors import Rejected
from kb.models import ApiKey, Collection, Person, Sensitivity
from kb.models.keys import Made, Terms
from kb.people.accounts import Facts
from kb.people.keys import LONGEST_OVERLAP
from kb.rights import Scope

Days = Annotated[int, Field(ge=1, le=36_500, description="For which the key lasts.", examples=[90])]


class NewKey(Body):
    name: Annotated[Text, Field(max_length=100, description="What it is for.", examples=["wiki"])]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope), examples=[["read", "ask"]])]
    days: Days = settings.KEY_DAYS
    collections: Annotated[
        list[Text] | None,
        Field(min_length=1, max_length=1_000, description="Names; left out, it reads all that you do."),
    ] = None
    ceiling: Annotated[Label | None, Field(description="The strictest label that it reads.")] = None

    def terms(self, person: Person) -> Terms:
        """
        Raises:
            Rejected: a collection is not known to who is to hold the key.
        """
        collections = None if self.collections is None else _collections(self.collections, person)
        return Terms(self.name, frozenset(self.scopes), self.days, collections, self.ceiling)


class Rotation(Body):
    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP)] = 24
    days: Days = settings.KEY_DAYS


class NewService(Body):
    username: Annotated[Text, Field(max_length=150, examples=["wiki-bot"])]
    name: Annotated[Line, Field(max_length=150, examples=["Wiki search"])] = ""
    clearance: Annotated[Label, Field(description="The strictest label that it may read.")]
    groups: Annotated[list[Text], Field(max_length=1_000, description="Names.")] = []
    administers: bool = False

    def checked_username(self) -> str:
        """
        Raises:
            Rejected: it is no user name, or somebody has it.
        """
        try:
            UnicodeUsernameValidator()(self.username)
        except ValidationError as error:
            raise Rejected("A user name has letters, digits and @ . + - _ only. Correct it.") from error
        if Person.objects.filter(username__iexact=self.username).exists():
            raise Rejected(f"There is an account “{self.username}” already. Choose another user name.")
        return self.username

    def facts(self) -> Facts:
        """
        Raises:
            Rejected: there is no such group.
        """
        groups = list(Group.objects.filter(name__in=self.groups))
        if missing := sorted(set(self.groups) - {group.name for group in groups}):
            raise Rejected(f"There is no group “{missing[0]}”. Add it first, or correct its name.")
        return Facts(self.name, "", "", self.clearance, administers=self.administers, groups=groups)


@dataclass(frozen=True, slots=True)
class KeySheet:
    """`collections` are names, and null where it reads all that its holder does; so is `ceiling` without one."""

    id: Annotated[str, Field(description="Public: the middle of the key's text.", examples=["3f9a0c7be214"])]
    name: Annotated[str, Field(examples=["wiki"])]
    scopes: Sequence[Scope]
    collections: Sequence[str] | None
    ceiling: str | None
    usable: bool
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_from: Annotated[str | None, Field(description="The address of its last use.")]
    revoked_at: datetime | None
    replaced_by: Annotated[str | None, Field(description="The id of its successor.")]


class KeyFilters(Window):
    q: Annotated[Line, Field(description="Words of its name, its holder’s or its id.", max_length=150)] = ""
    ended: Annotated[bool, Field(description="With those that open nothing any more.")] = False


@dataclass(frozen=True, slots=True)
class HeldKey:
    """Somebody's key, and the user name of who or what holds it."""

    holder: Annotated[str, Field(examples=["wiki-bot"])]
    key: KeySheet


@dataclass(frozen=True, slots=True)
class CurrentKey:
    """The key of the call, whom it acts as, and what of its scopes holds at this moment."""

    key: KeySheet
    holder: Annotated[str, Field(description="User name.", examples=["alice"])]
    clearance: Annotated[str, Field(description="The strictest label that is read with it.")]
    scopes_now: Sequence[Scope]


@dataclass(frozen=True, slots=True)
class MadeKey:
    text: Annotated[str, Field(description="The key itself. It cannot be read again.")]
    key: KeySheet


@dataclass(frozen=True, slots=True)
class ServiceSheet:
    id: int
    username: str
    name: str
    clearance: str
    groups: Sequence[str]
    administers: bool
    active: bool


def key_sheet(key: ApiKey) -> KeySheet:
    return KeySheet(
        id=key.public_id,
        name=key.name,
        scopes=list(map(Scope, key.scopes)),
        collections=None if key.everywhere else [each.name for each in key.collections.all()],
        ceiling=None if key.ceiling is None else Sensitivity(key.ceiling).name,
        usable=key.usable,
        created_at=key.created_at,
        expires_at=key.expires_at,
        used_at=key.used_at,
        used_from=key.used_from,
        revoked_at=key.revoked_at,
        replaced_by=key.successor.public_id if hasattr(key, "successor") else None,
    )


def current_key(key: ApiKey, holder: Person) -> CurrentKey:
    return CurrentKey(
        key=key_sheet(key),
        holder=holder.username,
        clearance=Sensitivity(holder.clearance).name,
        scopes_now=sorted(key.allowed_scopes()),
    )


def made_key(made: Made) -> MadeKey:
    return MadeKey(made.text, key_sheet(made.key))


def service_sheet(service: Person) -> ServiceSheet:
    return ServiceSheet(
        id=service.pk,
        username=service.username,
        name=service.get_full_name(),
        clearance=Sensitivity(service.clearance).name,
        groups=[group.name for group in service.groups.order_by("name")],
        administers=service.is_staff,
        active=service.is_active,
    )


def _collections(names: Sequence[str], person: Person) -> list[Collection]:
    found = list(Collection.objects.readable_by(person).filter(name__in=names))
    if missing := sorted(set(names) - {collection.name for collection in found}):
        raise Rejected(f"There is no collection “{missing[0]}”, or none that the key’s holder may see.")
    return found
