"""What is never laxer than something else: a document than its collection, an answer than what it was made from."""

from django.db.models import Q, QuerySet

from kb.models import Answer, Chunk, Collection, Conversation, Document, RouteRule, Sensitivity


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


def keep_to_declared(document: Document) -> None:
    """Makes the document, not yet saved, as strict as its uploader said it is at least."""
    if document.least_sensitivity is None or document.sensitivity >= document.least_sensitivity:
        return
    document.sensitivity = document.least_sensitivity
    document.sensitivity_by = Document.DecidedBy.RULE
    least = Sensitivity(document.least_sensitivity).label
    document.sensitivity_reason = f"Whoever uploaded it said that it is at least {least}."
    document.sensitivity_confidence, document.needs_review = 1.0, False


def keep_to_mail(document: Document) -> bool:
    """Makes the document, not yet saved, as strict as a person decided that the mail is which it was attached to.

    Whether it was laxer. What a person has decided of the document itself stands.
    """
    by_person, mail = Document.DecidedBy.PERSON, document.parent
    if mail is None or mail.sensitivity_by != by_person or document.sensitivity_by == by_person:
        return False
    if document.sensitivity >= mail.sensitivity:
        return False
    document.sensitivity = mail.sensitivity
    document.sensitivity_by = Document.DecidedBy.RULE
    label = Sensitivity(mail.sensitivity).label
    document.sensitivity_reason = f"It was attached to a mail that a person has labelled {label}."
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
