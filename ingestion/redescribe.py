"""Documents of which SQL says something new: they are marked, and the workers make the index say it."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ingestion import tasks
from kb.models import Document


def redescribe(documents: Sequence[UUID]) -> None:
    """Call it in the transaction that changes them. What the broker loses is sent again by the reconciler."""
    if Document.objects.filter(pk__in=documents).update(undescribed_since=timezone.now()):
        transaction.on_commit(tasks.send_describe_marked)
