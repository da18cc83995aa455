"""What a changed label changes: passages and answers in SQL at once, and after them the points of the index."""

from collections import defaultdict
from collections.abc import Set as AbstractSet
from uuid import UUID

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from ingestion import tasks
from ingestion.passages import own_labels
from kb.models import Answer, Chunk, Collection, Conversation, Document, ModelCall, Sensitivity

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
    answers = set(Answer.objects.filter(drew_on=document).values_list("pk", flat=True))
    _raise(answers, document.sensitivity)
    stricter = Chunk.objects.filter(version__document=document, sensitivity__gt=document.sensitivity)
    if answers and (labels := dict(stricter.values_list("pk", "sensitivity"))):
        shown = _shown_for(answers)
        for chunk, sensitivity in labels.items():
            # Where the ledger does not say what was shown, it may have been this passage.
            without = {answer for answer, chunks in shown.items() if chunk not in chunks}
            _raise(answers - without, sensitivity)


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


def _shown_for(answers: AbstractSet[UUID]) -> dict[UUID, set[int]]:
    """The chunks that were shown for each answer that is written to its end, where the ledger says it."""
    shown = defaultdict[UUID, set[int]](set)
    calls = ModelCall.objects.filter(purpose=ModelCall.Purpose.ANSWER)
    finished = Answer.objects.filter(state=Answer.State.DONE)
    for batch in _batches(answers):
        done = finished.filter(pk__in=batch).values_list("pk", flat=True)
        for call in calls.filter(subject__in=list(done)).only("subject", "chunks"):
            if call.subject is not None:
                shown[call.subject] |= {chunk for chunk, _ in call.chunks}
    return {answer: chunks for answer, chunks in shown.items() if chunks}


def _raise(answers: AbstractSet[UUID], sensitivity: int) -> None:
    for batch in _batches(answers):
        Answer.objects.filter(pk__in=batch, sensitivity__lt=sensitivity).update(sensitivity=sensitivity)
        threads = Conversation.objects.filter(questions__answer__in=batch, sensitivity__lt=sensitivity)
        Conversation.objects.filter(pk__in=list(threads.values_list("pk", flat=True))).update(
            sensitivity=sensitivity
        )


def _batches(answers: AbstractSet[UUID]) -> list[list[UUID]]:
    """SQLite takes no more than 1,000 conditions."""
    everything = list(answers)
    return [everything[start : start + BATCH] for start in range(0, len(everything), BATCH)]
