"""Adding a webhook, changing its secret, and sending again: what pages and API do alike."""

import base64
import secrets
from collections.abc import Collection as Several
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kb.errors import Denied, Rejected
from kb.models import Collection, Delivery, Person, Sensitivity, Webhook
from kb.models.webhooks import SUBSCRIBABLE, EventType
from kb.webhooks.address import place_of
from kb.webhooks.tasks import send_due

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105  # Of Standard Webhooks; lets scanners find a leaked one.
MOST = 20
"""Webhooks of one person."""
OVERLAP = timedelta(hours=24)
"""How long messages are signed with the former secret too."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a webhook is to hear of. No collections mean all that its person may read."""

    address: str
    events: tuple[str, ...]
    collections: tuple[Collection, ...] = ()
    ceiling: Sensitivity = Sensitivity.RESTRICTED


@dataclass(frozen=True, slots=True)
class Made:
    """A webhook and the secret that its receiver verifies with, which is shown this once."""

    webhook: Webhook
    secret: str = field(repr=False)


def add(wanted: Wanted, person: Person) -> Made:
    """
    Raises:
        Rejected: nothing may be sent to the address, an event is unknown, or there are too many webhooks.
        Denied: it is for an event that only administrators are told of.
    """
    _check_events(wanted.events, person)
    _check_collections(wanted.collections, person)
    place_of(wanted.address, settings.WEBHOOK_PRIVATE_HOSTS)
    whole = Person.objects.get(pk=person.pk)
    if Webhook.objects.owned_by(whole).count() >= MOST:
        raise Rejected(f"You have {MOST} webhooks already. Delete one that is not needed.")
    # Who comes with a narrow key makes a webhook that is as narrow, also when its person reads more one day.
    collections = wanted.collections or _kept_to(person)
    ceiling = person.bounds.ceiling if person.bounds else None
    webhook = Webhook(
        person=whole,
        address=wanted.address.strip(),
        events=sorted(set(wanted.events)),
        everywhere=collections is None,
        ceiling=wanted.ceiling if ceiling is None else min(wanted.ceiling, ceiling),
    )
    secret = _new_secret()
    webhook.keep_secret(secret)
    with transaction.atomic():
        webhook.save(force_insert=True)
        webhook.collections.set(collections or ())
    return Made(webhook, secret)


def rotate(webhook: Webhook) -> str:
    """A new secret. For a day messages are signed with the former one too, and with no earlier one."""
    secret = _new_secret()
    webhook.sealed_former_secret = webhook.sealed_secret
    webhook.former_until = timezone.now() + OVERLAP
    webhook.keep_secret(secret)
    webhook.save(update_fields=["sealed_secret", "sealed_former_secret", "former_until"])
    return secret


def send_again(delivery: Delivery) -> None:
    """Once more, under the same id, at once.

    Raises:
        Rejected: it was withdrawn, it is being sent, or its webhook is off.
    """
    if not delivery.webhook.active:
        raise Rejected("The webhook is switched off. Switch it on first.")
    now = timezone.now()
    free = Delivery.objects.filter(Q(held_until=None) | Q(held_until__lte=now), pk=delivery.pk)
    again = {"state": Delivery.State.WAITING, "next_attempt": now, "by_hand": True, "done_at": None}
    with transaction.atomic():
        if not free.exclude(state=Delivery.State.WITHDRAWN).update(**again):
            raise Rejected(
                "It is being sent, or was withdrawn because you may no longer see what it tells of."
            )
        transaction.on_commit(send_due)


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _check_events(events: Several[str], person: Person) -> None:
    if not events:
        raise Rejected("Choose at least one event.")
    for event in events:
        if event not in SUBSCRIBABLE:
            raise Rejected(f"There is no event “{event}”. There are {', '.join(SUBSCRIBABLE)}.")
    if EventType.LEDGER_ALERT in events and not person.administers:
        raise Denied("Only administrators are told of the ledger.")


def _kept_to(person: Person) -> Several[Collection] | None:
    """The collections that his key is kept to, of those that he reads; None where it is kept to none."""
    if person.bounds is None or person.bounds.collections is None:
        return None
    return set(Collection.objects.readable_by(person))


def _check_collections(collections: Iterable[Collection], person: Person) -> None:
    readable = set(Collection.objects.readable_by(person).values_list("pk", flat=True))
    if any(collection.pk not in readable for collection in collections):
        raise Rejected("There is no such collection, or none that you may read.")
