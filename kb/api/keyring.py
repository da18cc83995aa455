"""Keys: one's own, the one that a call comes with, and those of services."""

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import refuse_unknown
from kb.api.key_sheets import (
    CurrentKey,
    HeldKey,
    KeyFilters,
    KeySheet,
    MadeKey,
    NewKey,
    NewService,
    Rotation,
    ServiceSheet,
    current_key,
    key_sheet,
    made_key,
    service_sheet,
)
from kb.api.listing import Listed, listed
from kb.api.paging import Window, part_of
from kb.models import ApiKey, Person
from kb.people.accounts import add
from kb.people.finding import keys_like
from kb.people.keys import make, revoke, rotate

router = Router(tags=["Keys"])


@router.get(
    "/keys/current",
    response={200: CurrentKey, **error_replies(404)},
    operation_id="getCurrentKey",
    summary="See what the key of this call may do",
)
def get_current_key(request: Request) -> CurrentKey:
    """For every key, whatever its scopes. Without a key there is nothing here."""
    if request.auth.bounds is None:
        raise Http404
    return current_key(ApiKey.objects.shown().get(pk=request.auth.bounds.key), request.auth)


@router.get(
    "/keys",
    response={200: Listed[KeySheet], **error_replies(422)},
    operation_id="listKeys",
    summary="List your keys",
)
def list_keys(request: Request, window: Query[Window]) -> Listed[KeySheet]:
    """The newest first, with those that have ended. No key lists keys: sign in for it."""
    return _page(request.auth, window)


@router.post(
    "/keys",
    response={201: MadeKey, **error_replies(422)},
    operation_id="makeKey",
    summary="Make a key for yourself",
)
def make_key(request: Request, new: NewKey) -> Status[MadeKey]:
    """`text` is the key, and is shown this once. No key makes keys: sign in for it."""
    return Status(201, made_key(make(request.auth, new.terms(request.auth), request.auth)))


@router.post(
    "/keys/{public_id}/rotate",
    response={201: MadeKey, **error_replies(404, 422)},
    operation_id="rotateKey",
    summary="Replace a key by a new one",
)
def rotate_key(request: Request, public_id: str, rotation: Rotation) -> Status[MadeKey]:
    """The new key has the same rights. The old one goes on for `overlap_hours`, or until it would have ended."""
    key = get_object_or_404(_replaceable_by(request.auth), public_id=public_id)
    made = rotate(key, request.auth, hours=rotation.overlap_hours, days=rotation.days)
    return Status(201, made_key(made))


@router.delete(
    "/keys/{public_id}",
    response={204: None, **error_replies(404)},
    operation_id="revokeKey",
    summary="Revoke a key",
)
def revoke_key(request: Request, public_id: str) -> Status[None]:
    """It opens nothing from the next request on. Administrators may revoke any key."""
    known = ApiKey.objects.all() if request.auth.administers else ApiKey.objects.filter(person=request.auth)
    revoke(get_object_or_404(known, public_id=public_id), request.auth)
    return Status(204, None)


@router.get(
    "/all-keys",
    response={200: Listed[HeldKey], **error_replies(404, 422)},
    auth=ADMINISTRATORS,
    operation_id="listAllKeys",
    summary="List everybody’s keys",
)
def list_all_keys(request: Request, filters: Query[KeyFilters]) -> Listed[HeldKey]:
    """The newest first. Any of them can be revoked."""
    refuse_unknown(request, KeyFilters)
    part = part_of(keys_like(filters.q, ended=filters.ended), filters, by="-created_at")
    return listed(part, lambda key: HeldKey(key.person.username, key_sheet(key)))


@router.get(
    "/services",
    response={200: Listed[ServiceSheet], **error_replies(404, 422)},
    auth=ADMINISTRATORS,
    operation_id="listServices",
    summary="List the services",
)
def list_services(request: Request, window: Query[Window]) -> Listed[ServiceSheet]:
    part = part_of(Person.objects.filter(kind=Person.Kind.SERVICE), window, by="username")
    return Listed(items=[service_sheet(service) for service in part.rows], next=part.next)


@router.post(
    "/services",
    response={201: ServiceSheet, **error_replies(404, 422)},
    auth=ADMINISTRATORS,
    operation_id="addService",
    summary="Add a service",
)
def add_service(request: Request, new: NewService) -> Status[ServiceSheet]:
    """An account that comes with keys only. It reads what its groups and clearance open to it."""
    service = add(new.checked_username(), new.facts(), request.auth, kind=Person.Kind.SERVICE)
    return Status(201, service_sheet(service))


@router.get(
    "/services/{int:service_id}/keys",
    response={200: Listed[KeySheet], **error_replies(404, 422)},
    auth=ADMINISTRATORS,
    operation_id="listServiceKeys",
    summary="List a service's keys",
)
def list_service_keys(request: Request, service_id: int, window: Query[Window]) -> Listed[KeySheet]:
    return _page(_service(request, service_id), window)


@router.post(
    "/services/{int:service_id}/keys",
    response={201: MadeKey, **error_replies(404, 422)},
    auth=ADMINISTRATORS,
    operation_id="makeServiceKey",
    summary="Make a key for a service",
)
def make_service_key(request: Request, service_id: int, new: NewKey) -> Status[MadeKey]:
    """`text` is the key, and is shown this once. No key makes keys: sign in for it."""
    service = _service(request, service_id)
    return Status(201, made_key(make(service, new.terms(service), request.auth)))


def _page(person: Person, window: Window) -> Listed[KeySheet]:
    part = part_of(ApiKey.objects.filter(person=person).shown(), window, by="-created_at")
    return Listed(items=[key_sheet(key) for key in part.rows], next=part.next)


def _replaceable_by(person: Person) -> QuerySet[ApiKey]:
    """His own, and those of services where he administers."""
    own = Q(person=person)
    return ApiKey.objects.filter(own | Q(person__kind=Person.Kind.SERVICE) if person.administers else own)


def _service(request: Request, service_id: int) -> Person:
    return get_object_or_404(Person, pk=service_id, kind=Person.Kind.SERVICE)
