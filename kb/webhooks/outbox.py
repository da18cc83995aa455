"""Events, written down in the transaction of what they tell of, one row for each webhook that may know.

A row holds ids, states and times: no text of documents, questions or answers, and no titles.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kb.errors import Rejected
from kb.models import Answer, Delivery, Document, ModelCall, Version, Webhook
from kb.models.library import Stage
from kb.models.webhooks import EventType
from kb.webhooks.tasks import send_due

OF_STAGES = {Stage.READY: EventType.DOCUMENT_READY, Stage.FAILED: EventType.DOCUMENT_FAILED}
"""What is told of a version that comes to one of these stages; the others are nobody's news."""


def tell_of_version(version: Version) -> None:
    """That it became ready, or failed."""
    event = OF_STAGES.get(Stage(version.stage))
    if event is None:
        return
    data = {"document": str(version.document_id), "version": str(version.pk), "stage": version.stage}
    _tell(event, version.document_id, {**data, "page": version.document.get_absolute_url()})


def tell_of_expiry(document: Document) -> None:
    """That the day has passed until which it was valid."""
    _tell(
        EventType.DOCUMENT_EXPIRED,
        document.pk,
        {"document": str(document.pk), "page": document.get_absolute_url()},
    )


def tell_of_answer(answer: Answer) -> None:
    """That a question was answered, or that nothing was found that answers it."""
    conversation = answer.question.conversation
    _tell(
        EventType.ANSWER_GIVEN if answer.found else EventType.ANSWER_REFUSED,
        answer.pk,
        {
            "answer": str(answer.pk),
            "question": str(answer.question_id),
            "conversation": str(conversation.pk),
            "state": answer.state,
            "location": answer.location,
            "page": conversation.get_absolute_url(),
        },
    )


def tell_of_refusal(call: ModelCall) -> None:
    """That text was about to be sent to a model that may not read it."""
    _tell(EventType.LEDGER_ALERT, None, {"alert": "refused", "row": call.sequence, "location": call.location})


def tell_of_fault(fault: str) -> None:
    """That the ledger does not hold."""
    _tell(EventType.LEDGER_ALERT, None, {"alert": "broken", "fault": fault})


def ping(webhook: Webhook) -> Delivery:
    """A test message for one webhook, at once, whether or not it rests after a failure.

    Raises:
        Rejected: it is switched off.
    """
    if not webhook.active:
        raise Rejected("The webhook is switched off. Switch it on first.")
    delivery = _delivery(webhook, EventType.PING, None, {"webhook": str(webhook.pk)}, by_hand=True)
    with transaction.atomic():
        delivery.save(force_insert=True)
        transaction.on_commit(send_due)
    return delivery


def _tell(event: EventType, subject: UUID | None, data: Mapping[str, object]) -> None:
    hooks = [hook for hook in Webhook.objects.listening_to(event) if hook.may_know(event, subject)]
    if not hooks:
        return
    with transaction.atomic():
        Delivery.objects.bulk_create(_delivery(hook, event, subject, data) for hook in hooks)
        transaction.on_commit(send_due)


def _delivery(
    webhook: Webhook,
    event: EventType,
    subject: UUID | None,
    data: Mapping[str, object],
    *,
    by_hand: bool = False,
) -> Delivery:
    """With the payload that Standard Webhooks recommends."""
    payload = {"type": event.value, "timestamp": timezone.now().isoformat(), "data": data}
    return Delivery(webhook=webhook, event=event, subject=subject, payload=payload, by_hand=by_hand)
