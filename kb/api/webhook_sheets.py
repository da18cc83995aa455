"""What the API says of a webhook, and of what was sent to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from kb.models import Delivery, Sensitivity, Webhook


@dataclass(frozen=True, slots=True)
class WebhookSheet:
    """`collections` is null where it is told of all that its person may read."""

    id: UUID
    address: Annotated[str, Field(examples=["https://example.com/strongroom"])]
    events: Annotated[Sequence[str], Field(examples=[["document.ready"]])]
    collections: Annotated[Sequence[str] | None, Field(examples=[["Handbook"]])]
    ceiling: Annotated[str, Field(examples=["RESTRICTED"])]
    active: bool
    off_because: Annotated[str, Field(description="Why it was switched off, if it was.", examples=[""])]
    failing_since: Annotated[datetime | None, Field(description="Every attempt since failed.")]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MadeWebhook:
    """`secret` is shown this once; receivers verify messages with it."""

    webhook: WebhookSheet
    secret: Annotated[str, Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])]


@dataclass(frozen=True, slots=True)
class NewSecret:
    """Until `former_until` messages are signed with the former secret too."""

    secret: Annotated[str, Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])]
    former_until: datetime | None


@dataclass(frozen=True, slots=True)
class DeliverySheet:
    """`id` is the `webhook-id` of the message; `payload` is empty once it is withdrawn."""

    id: UUID
    event: Annotated[str, Field(examples=["document.ready"])]
    state: Annotated[str, Field(examples=["done"])]
    attempts: Annotated[int, Field(examples=[1])]
    status: Annotated[int | None, Field(description="Of the last reply; null if none came.", examples=[204])]
    said: Annotated[str, Field(description="How the last reply begins, or why none came.")]
    next_attempt: Annotated[datetime | None, Field(description="Null when there is none.")]
    created_at: datetime
    done_at: datetime | None
    payload: dict[str, Any]


def webhook_sheet(webhook: Webhook) -> WebhookSheet:
    named = sorted(collection.name for collection in webhook.collections.all())
    return WebhookSheet(
        id=webhook.pk,
        address=webhook.address,
        events=webhook.events,
        collections=None if webhook.everywhere else named,
        ceiling=Sensitivity(webhook.ceiling).name,
        active=webhook.active,
        off_because=webhook.off_because,
        failing_since=webhook.failing_since,
        created_at=webhook.created_at,
    )


def delivery_sheet(delivery: Delivery) -> DeliverySheet:
    return DeliverySheet(
        id=delivery.pk,
        event=delivery.event,
        state=delivery.state,
        attempts=delivery.attempts,
        status=delivery.status,
        said=delivery.said,
        next_attempt=delivery.next_attempt if delivery.state == Delivery.State.WAITING else None,
        created_at=delivery.created_at,
        done_at=delivery.done_at,
        payload=delivery.payload,
    )
