"""What a changed label changes: passages and answers in SQL at once, and after them the points of the index."""

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from ingestion import tasks
from ingestion.passages import own_labels
from ingestion.strictness import raise_answers
from kb.models import Chunk, Document, Sensitivity

BATCH = 500
"""Rows a write."""


def spread(document: Document) -> None:
    """Makes all that hangs on the document as strict as its label and those of its passages now are.

    Call it in the transaction that changed one of them.
    """
    _look_at_unseen(document)
    chunks = Chunk.objects.filter(version__document=document)
    chunks.update(sensitivity=Greatest(F("own_sensitivity"), Value(document.sensitivity)))
    raise_answers(document)
    Document.objects.filter(pk=document.pk).update(undescribed_since=timezone.now())
    transaction.on_commit(lambda: tasks.send_describe(document.pk))


def _look_at_unseen(document: Document) -> None:
    """Passages that were kept before they had labels of their own are looked at now."""
    for version in document.versions.filter(chunks__own_sensitivity=None).distinct():
        chunks = list(version.chunks.order_by("ordinal"))
        labelled = zip(chunks, own_labels(chunks), strict=True)
        unseen = [(chunk, own) for chunk, own in labelled if chunk.own_sensitivity is None]
        for chunk, own in unseen:
            chunk.own_sensitivity = own.sensitivity
            chunk.sensitivity = Sensitivity.strictest([chunk.sensitivity, own.sensitivity])
            chunk.sensitivity_by, chunk.sensitivity_reason = own.decided_by, own.reason
        fields = ["own_sensitivity", "sensitivity", "sensitivity_by", "sensitivity_reason"]
        Chunk.objects.bulk_update([chunk for chunk, _ in unseen], fields, batch_size=BATCH)
