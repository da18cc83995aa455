"""THE FLOW: what is due ─▶ claim ─▶ ask again who may know ─▶ check the address ─▶ sign ─▶ send ─▶ write down.

At least once: who dies between the sending and the writing leaves a row that is sent again, under the same id.
"""

import json
import logging
import time
from datetime import datetime, timedelta
from random import SystemRandom

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from kb.errors import StrongroomError
from kb.models import Delivery, Webhook
from kb.webhooks.address import place_of
from kb.webhooks.send import TOTAL, Reply, post, signed

log = logging.getLogger("strongroom.webhooks")

WAITS = (5, 30, 120, 600, 3_600, 10_800, 28_800, 43_200)
"""Seconds before each further attempt, about a day in all. The next failure gives a delivery up."""
JITTER = 0.2
"""So much longer a wait may be, as a share, so that many of them do not end at once."""
LONGEST_WAIT = 43_200.0
"""Seconds that a receiver may ask for."""
PATIENCE = timedelta(days=5)
"""After which a webhook of which every attempt failed is switched off."""
HELD = timedelta(seconds=4 * TOTAL)
"""After which whoever claimed a delivery counts as dead."""
KEPT = timedelta(days=30)
"""How long a settled delivery stays in the log."""
TURN = 60.0
"""Seconds after which one run lets others have the worker."""
GONE = 410
"""The status by which a receiver unsubscribes (standardwebhooks.com)."""
_random = SystemRandom()


def deliver() -> bool:
    """Sends what is due. False when its turn ended before that."""
    began = time.monotonic()
    while delivery := Delivery.objects.due().select_related("webhook__person").first():
        if time.monotonic() - began > TURN:
            return False
        if delivery.claim(timezone.now() + HELD):
            _attempt(delivery)
    return True


def forget() -> int:
    """Takes settled deliveries out of the log that are older than it keeps them; gives how many."""
    old = Delivery.objects.exclude(state=Delivery.State.WAITING).filter(created_at__lt=timezone.now() - KEPT)
    return old.delete()[0]


def wait_after(failures: int) -> float:
    """Seconds that are waited after so many failures (1, 2, …)."""
    return WAITS[min(failures, len(WAITS)) - 1] * (1 + JITTER * _random.random())


def _attempt(delivery: Delivery) -> None:
    webhook = delivery.webhook
    if not webhook.may_know(delivery.event, delivery.subject):
        delivery.withdraw()
        return
    reply = _sent(delivery)
    if reply.taken:
        delivery.settle(Delivery.State.DONE, status=reply.status, said=reply.said)
        Webhook.objects.filter(pk=webhook.pk).update(failures=0, failing_since=None, resting_until=None)
        return
    log.info("Webhook %s did not take delivery %s (%s).", webhook.pk, delivery.pk, reply.status)
    if _rest(webhook, reply):
        _put_off(delivery, reply)
        _switch_off_if_hopeless(webhook, reply)


def _sent(delivery: Delivery) -> Reply:
    webhook = delivery.webhook
    body = json.dumps(delivery.payload, separators=(",", ":"))
    try:
        place = place_of(webhook.address, settings.WEBHOOK_PRIVATE_HOSTS)
        headers = signed(delivery.pk, body, webhook.secrets())
    except StrongroomError as error:
        return Reply(None, str(error))
    return post(place, body, headers)


def _put_off(delivery: Delivery, reply: Reply) -> None:
    if delivery.attempts > len(WAITS) or reply.status == GONE:
        delivery.settle(Delivery.State.FAILED, status=reply.status, said=reply.said)
    else:
        later = _after(wait_after(delivery.attempts), reply)
        delivery.try_again(later, status=reply.status, said=reply.said)


def _rest(webhook: Webhook, reply: Reply) -> bool:
    """One that failed is left alone for longer each time, whatever else waits for it: it would fail too.

    False when it was deleted meanwhile.
    """
    failed = Webhook.objects.filter(pk=webhook.pk)
    since = Coalesce(F("failing_since"), timezone.now())
    if not failed.update(failures=F("failures") + 1, failing_since=since):
        return False
    webhook.refresh_from_db(fields=["failures", "failing_since"])
    failed.update(resting_until=_after(wait_after(webhook.failures), reply))
    return True


def _after(wait: float, reply: Reply) -> datetime:
    """At the end of the wait, or later where the receiver asked for that."""
    return timezone.now() + timedelta(seconds=max(wait, min(reply.wait, LONGEST_WAIT)))


def _switch_off_if_hopeless(webhook: Webhook, reply: Reply) -> None:
    if reply.status == GONE:
        webhook.switch_off("Its receiver replied that it is gone for good (410).")
    elif webhook.failing_since and timezone.now() - webhook.failing_since > PATIENCE:
        webhook.switch_off(f"Every attempt of {PATIENCE.days} days failed.")
