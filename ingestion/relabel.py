"""What a changed label changes: passages and answers in SQL at once, and after them the points of the index."""

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from ingestion import tasks
from ingestion.passages import own_labels
from kb.models import Answer, Chunk, Collection, Conversation, Document, RouteRule, Sensitivity

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


def keep_to_minimum(document: Document, collection: Collection) -> bool:
    """Makes the document, not yet saved, as strict as its collection wants. Whether it was laxer."""
    least = Sensitivity(collection.minimum_sensitivity)
    if document.sensitivity >= least:
        return False
    document.sensitivity = least
    document.sensitivity_by = Document.DecidedBy.COLLECTION
    document.sensitivity_reason = f"Nothing in this collection is laxer than {least.label}."
    document.sensitivity_confidence, document.needs_review = 1.0, False
    return True


def raise_answers(document: Document) -> None:
    """Makes answers, and their conversations, at least as strict as what they were made from now is."""
    answers = Answer.objects.filter(drew_on=document)
    if not answers.exists():
        return
    table = RouteRule.objects.table()
    _raise(answers, document.sensitivity, table.leaving(document.sensitivity, document.collection_id))
    stricter = Chunk.objects.filter(version__document=document, sensitivity__gt=document.sensitivity)
    for label in set(stricter.values_list("sensitivity", flat=True)):
        # Where nothing says what was shown, it may have been one of these passages.
        shown = answers.filter(Q(shown__in=stricter.filter(sensitivity=label)) | Q(shown=None))
        _raise(shown, label, table.leaving(label, document.collection_id))


def _raise(answers: QuerySet[Answer], sensitivity: int, leaving: int) -> None:
    threads = Conversation.objects.filter(pk__in=answers.values("question__conversation"))
    threads.filter(sensitivity__lt=sensitivity).update(sensitivity=sensitivity)
    threads.filter(leaving__gt=leaving).update(leaving=leaving)
    laxer = Answer.objects.filter(pk__in=answers.values("pk"), sensitivity__lt=sensitivity)
    laxer.update(sensitivity=sensitivity)


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
