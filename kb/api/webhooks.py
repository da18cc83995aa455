"""Webhooks: one's own addresses that are told of events, and what was delivered to them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Label, Text, one_of, refuse_unknown
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.api.webhook_sheets import (
    DeliverySheet,
    MadeWebhook,
    NewSecret,
    WebhookSheet,
    delivery_sheet,
    webhook_sheet,
)
from kb.errors import Rejected
from kb.models import Collection, Delivery, Person, Sensitivity, Webhook
from kb.models.webhooks import ADDRESS_LENGTH, EventType
from kb.webhooks import change
from kb.webhooks.outbox import ping

router = Router(tags=["Webhooks"])


class NewWebhook(Body):
    address: Annotated[Text, Field(max_length=ADDRESS_LENGTH, examples=["https://example.com/strongroom"])]
    events: Annotated[list[EventType], Field(min_length=1, examples=[["document.ready", "document.failed"]])]
    collections: Annotated[
        list[Text], Field(description="Names; none mean all that you may read.", examples=[["Handbook"]])
    ] = []
    ceiling: Annotated[Label | None, Field(description="It is told of nothing stricter.")] = None


class Switch(Body):
    active: Annotated[bool, Field(description="Whether it is told of anything.")]


class DeliveryFilters(Window):
    state: Annotated[
        Annotated[Delivery.State, one_of(Delivery.State)] | None, Field(description="Of the delivery.")
    ] = None


@router.get(
    "/webhooks",
    response={200: Listed[WebhookSheet], **error_replies(422)},
    operation_id="listWebhooks",
    summary="List your webhooks",
)
def list_webhooks(request: Request, window: Query[Window]) -> Listed[WebhookSheet]:
    """The latest first."""
    refuse_unknown(request, Window)
    part = part_of(_own(request.auth), window, by="-created_at")
    return Listed(items=[webhook_sheet(each) for each in part.rows], next=part.next)


@router.post(
    "/webhooks",
    response={201: MadeWebhook, **error_replies(403, 422, 429)},
    operation_id="addWebhook",
    summary="Have an address told of events",
)
def add_webhook(request: Request, new: NewWebhook) -> Status[MadeWebhook]:
    """The address must be public and speak https, unless the administrator named its host. Its secret is shown once."""
    wanted = change.Wanted(
        new.address,
        tuple(new.events),
        _collections(request.auth, new.collections),
        Sensitivity.RESTRICTED if new.ceiling is None else new.ceiling,
    )
    made = change.add(wanted, request.auth)
    return Status(201, MadeWebhook(webhook_sheet(made.webhook), made.secret))


@router.get(
    "/webhooks/{uuid:webhook_id}",
    response={200: WebhookSheet, **error_replies(404)},
    operation_id="getWebhook",
    summary="Look at a webhook",
)
def get_webhook(request: Request, webhook_id: UUID) -> WebhookSheet:
    return webhook_sheet(_webhook(request.auth, webhook_id))


@router.patch(
    "/webhooks/{uuid:webhook_id}",
    response={200: WebhookSheet, **error_replies(404, 422)},
    operation_id="switchWebhook",
    summary="Switch a webhook on or off",
)
def switch_webhook(request: Request, webhook_id: UUID, switch: Switch) -> WebhookSheet:
    """Switched off, it gives up what waits. Switched on, it begins without failures to its name."""
    webhook = _webhook(request.auth, webhook_id)
    if switch.active:
        webhook.switch_on()
    else:
        webhook.switch_off("")
    return webhook_sheet(webhook)


@router.delete(
    "/webhooks/{uuid:webhook_id}",
    response={204: None, **error_replies(404)},
    operation_id="deleteWebhook",
    summary="Delete a webhook and its log",
)
def delete_webhook(request: Request, webhook_id: UUID) -> Status[None]:
    _webhook(request.auth, webhook_id).delete()
    return Status(204, None)


@router.post(
    "/webhooks/{uuid:webhook_id}/rotate",
    response={200: NewSecret, **error_replies(404)},
    operation_id="rotateWebhook",
    summary="Make a new secret",
)
def rotate_webhook(request: Request, webhook_id: UUID) -> NewSecret:
    """For a day messages carry a signature by each, so that receivers can change over."""
    webhook = _webhook(request.auth, webhook_id)
    secret = change.rotate(webhook)
    return NewSecret(secret, webhook.former_until)


@router.post(
    "/webhooks/{uuid:webhook_id}/ping",
    response={202: DeliverySheet, **error_replies(404, 422, 429)},
    operation_id="pingWebhook",
    summary="Send a test message",
)
def ping_webhook(request: Request, webhook_id: UUID) -> Status[DeliverySheet]:
    return Status(202, delivery_sheet(ping(_webhook(request.auth, webhook_id))))


@router.get(
    "/webhooks/{uuid:webhook_id}/deliveries",
    response={200: Listed[DeliverySheet], **error_replies(404, 422)},
    operation_id="listDeliveries",
    summary="List what was sent to a webhook, and what waits",
)
def list_deliveries(
    request: Request, webhook_id: UUID, filters: Query[DeliveryFilters]
) -> Listed[DeliverySheet]:
    """The latest first. Settled ones are kept for 30 days."""
    refuse_unknown(request, DeliveryFilters)
    found = _webhook(request.auth, webhook_id).deliveries.all()
    if filters.state:
        found = found.filter(state=filters.state)
    part = part_of(found, filters, by="-created_at")
    return Listed(items=[delivery_sheet(each) for each in part.rows], next=part.next)


@router.post(
    "/webhooks/{uuid:webhook_id}/deliveries/{uuid:delivery_id}/redeliver",
    response={202: DeliverySheet, **error_replies(404, 422, 429)},
    operation_id="redeliver",
    summary="Send a message again",
)
def redeliver(request: Request, webhook_id: UUID, delivery_id: UUID) -> Status[DeliverySheet]:
    """Under the same id, at once, whether or not it was taken before."""
    delivery = get_object_or_404(_webhook(request.auth, webhook_id).deliveries, pk=delivery_id)
    change.send_again(delivery)
    delivery.refresh_from_db()
    return Status(202, delivery_sheet(delivery))


def _own(person: Person) -> QuerySet[Webhook]:
    """With the names of those collections that he may read now."""
    readable = Collection.objects.readable_by(person)
    return Webhook.objects.owned_by(person).prefetch_related(Prefetch("collections", queryset=readable))


def _webhook(person: Person, webhook_id: UUID) -> Webhook:
    return get_object_or_404(_own(person), pk=webhook_id)


def _collections(person: Person, names: Sequence[str]) -> tuple[Collection, ...]:
    found = tuple(Collection.objects.readable_by(person).filter(name__in=names))
    if missing := set(names) - {each.name for each in found}:
        raise Rejected(f"There is no collection “{min(missing)}”, or none that you may read.")
    return found
