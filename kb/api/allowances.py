"""How much people, services, groups and keys may use, and have used: for administrators."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
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
from kb.api.fields import Body, refuse_unknown
from kb.api.listing import Listed, listed
from kb.api.paging import Window, part_of
from kb.models import Allowance, ApiKey, Person
from kb.models.allowances import Period
from kb.people.allowances import Holder, Limits, allow, kind_of, limits_in, limits_of, used_by

router = Router(tags=["Limits"], auth=ADMINISTRATORS)

MOST = 2**31 - 1
LONGEST_ID = 18
"""Digits of a number that a database can look for."""


class HolderOfLimits(StrEnum):
    KEY = "key"
    PERSON = "person"
    GROUP = "group"


Rate = Annotated[int | None, Field(ge=1, le=MOST, examples=[60])]
Tokens = Annotated[int | None, Field(ge=0, le=MOST, examples=[200_000])]
Dollars = Annotated[float | None, Field(ge=0, le=MOST, examples=[2.5])]


class NewLimits(Body):
    """All of them: what is left out or null limits nothing here."""

    requests_a_minute: Rate = None
    questions_a_minute: Rate = None
    tokens_a_day: Tokens = None
    tokens_a_month: Tokens = None
    usd_a_day: Dollars = None
    usd_a_month: Dollars = None


@dataclass(frozen=True, slots=True)
class UsedSheet:
    """With what is under way."""

    tokens: Annotated[int, Field(examples=[41_000])]
    usd: Annotated[float, Field(examples=[0.12])]


@dataclass(frozen=True, slots=True)
class AllowanceSheet:
    """A limit that is null limits nothing. Days and months are of UTC."""

    kind: HolderOfLimits
    id: Annotated[str, Field(description="Of a key its public id.", examples=["7"])]
    name: Annotated[str, Field(examples=["erin"])]
    requests_a_minute: int | None
    questions_a_minute: int | None
    tokens_a_day: int | None
    tokens_a_month: int | None
    usd_a_day: float | None
    usd_a_month: float | None
    used_today: UsedSheet
    used_this_month: UsedSheet


@router.get(
    "/allowances",
    response={200: Listed[AllowanceSheet], **error_replies(404, 422)},
    operation_id="listAllowances",
    summary="List who is limited, and what was used",
)
def list_allowances(request: Request, window: Query[Window]) -> Listed[AllowanceSheet]:
    refuse_unknown(request, Window)
    known = Allowance.objects.select_related("key__person", "person", "group")
    return listed(part_of(known, window, by="id"), lambda each: _sheet(each.holder, limits_in(each)))


@router.get(
    "/allowances/{kind}/{slug:holder}",
    response={200: AllowanceSheet, **error_replies(404)},
    operation_id="getAllowance",
    summary="See what a key, a person or a group may use, and has used",
)
def get_allowance(request: Request, kind: HolderOfLimits, holder: str) -> AllowanceSheet:
    """A service is a person here. Without limits of its own all are null."""
    found = HOLDERS[kind](holder)
    return _sheet(found, limits_of(found))


@router.put(
    "/allowances/{kind}/{slug:holder}",
    response={200: AllowanceSheet, **error_replies(404, 422)},
    operation_id="setAllowance",
    summary="Limit what a key, a person or a group may use",
)
def set_allowance(request: Request, kind: HolderOfLimits, holder: str, limits: NewLimits) -> AllowanceSheet:
    """Holds from the next request on, and replaces all limits there were. Members of a group share its limits."""
    found = HOLDERS[kind](holder)
    allow(found, Limits(**limits.model_dump()), request.auth)
    return _sheet(found, limits_of(found))


@router.delete(
    "/allowances/{kind}/{slug:holder}",
    response={204: None, **error_replies(404, 422)},
    operation_id="liftAllowance",
    summary="Lift the limits of a key, a person or a group",
)
def lift_allowance(request: Request, kind: HolderOfLimits, holder: str) -> Status[None]:
    allow(HOLDERS[kind](holder), Limits(), request.auth)
    return Status(204, None)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise Http404
    return int(text)


HOLDERS: Mapping[HolderOfLimits, Callable[[str], Holder]] = {
    HolderOfLimits.KEY: lambda text: get_object_or_404(ApiKey, public_id=text),
    HolderOfLimits.PERSON: lambda text: get_object_or_404(Person, pk=_number(text)),
    HolderOfLimits.GROUP: lambda text: get_object_or_404(Group, pk=_number(text)),
}


def _sheet(holder: Holder, limits: Limits) -> AllowanceSheet:
    return AllowanceSheet(
        kind=HolderOfLimits(kind_of(holder)),
        id=holder.public_id if isinstance(holder, ApiKey) else str(holder.pk),
        name=str(holder),
        used_today=_used(holder, Period.DAY),
        used_this_month=_used(holder, Period.MONTH),
        **asdict(limits),
    )


def _used(holder: Holder, period: Period) -> UsedSheet:
    used = used_by(holder, period)
    return UsedSheet(used.tokens, used.usd)
