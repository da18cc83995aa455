"""How one signs in oneself: the sessions that are open, and second factors. No key does any of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from django.http import Http404
from ninja import Router, Status
from pydantic import Field

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import one_of
from kb.api.listing import Listed, whole
from kb.people.sessions import end_session, end_sessions, sessions_of
from kb.signin.devices import device_of
from kb.signin.factors import Kind, factors_of, remove_factor

router = Router(tags=["Account"])


@dataclass(frozen=True, slots=True)
class SessionSheet:
    """`current` is the one that asks."""

    id: Annotated[int, Field(examples=[12])]
    device: Annotated[str, Field(description="Empty where it is not known.", examples=["Firefox, Windows"])]
    address: Annotated[str, Field(examples=["192.0.2.7"])]
    began_at: datetime
    seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class FactorSheet:
    id: Annotated[int, Field(examples=[3])]
    kind: Annotated[Kind, one_of(Kind), Field(examples=["passkey"])]
    name: Annotated[str, Field(examples=["Passkey 1"])]
    added_at: datetime
    used_at: datetime | None
    codes_left: Annotated[int | None, Field(description="Of recovery codes.", examples=[None])]


@router.get(
    "/me/sessions",
    response={200: Listed[SessionSheet], **error_replies()},
    operation_id="listSessions",
    summary="List where you are signed in",
)
def list_sessions(request: Request) -> Listed[SessionSheet]:
    """The last one seen first. `next` is always null."""
    current = request.session.session_key
    return whole(
        SessionSheet(
            id=each.pk,
            device=device_of(each.user_agent),
            address=each.ip,
            began_at=each.created_at,
            seen_at=each.last_seen_at,
            current=each.session_key == current,
        )
        for each in sessions_of(request.auth)
    )


@router.delete(
    "/me/sessions",
    response={204: None, **error_replies()},
    operation_id="endOtherSessions",
    summary="End all your sessions but this one",
)
def end_other_sessions(request: Request) -> Status[None]:
    end_sessions(request.auth, but=request.session.session_key or "")
    return Status(204, None)


@router.delete(
    "/me/sessions/{int:session_id}",
    response={204: None, **error_replies(404)},
    operation_id="endSession",
    summary="End one of your sessions",
)
def end_one_session(request: Request, session_id: int) -> Status[None]:
    """It opens nothing from the next request on."""
    if not end_session(request.auth, session_id):
        raise Http404
    return Status(204, None)


@router.get(
    "/me/second-factors",
    response={200: Listed[FactorSheet], **error_replies()},
    operation_id="listSecondFactors",
    summary="List your second factors",
)
def list_second_factors(request: Request) -> Listed[FactorSheet]:
    """In the order in which they were added. `next` is always null."""
    return whole(
        FactorSheet(each.id, each.kind, each.name, each.added_at, each.used_at, each.codes_left)
        for each in factors_of(request.auth)
    )


@router.delete(
    "/me/second-factors/{int:factor_id}",
    response={204: None, **error_replies(404)},
    operation_id="removeSecondFactor",
    summary="Remove an authenticator app or a passkey of yours",
)
def remove_second_factor(request: Request, factor_id: int) -> Status[None]:
    """For a session that has shown within the last minutes whose it is. Recovery codes go with the last factor."""
    if not remove_factor(request, request.auth, factor_id):
        raise Http404
    return Status(204, None)
