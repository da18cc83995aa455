"""A person decides: confirms a label, makes it stricter, or, with the right and a reason, laxer."""

from dataclasses import dataclass
from typing import Self

from django.db import transaction

from ingestion import tasks
from ingestion.relabel import spread
from ingestion.strictness import keep_to_mail
from kb.errors import Denied, Rejected
from kb.models import Chunk, Collection, Document, Event, Person, Sensitivity

REASON_LENGTH = 500
"""Characters."""
TAKEN_BACK = "taken back"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a document, or a passage by itself, was labelled, so that it can be put back. Plain values, for a session."""

    sensitivity: int
    by: str
    reason: str
    confidence: float | None = None
    needs_review: bool = False

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            document.sensitivity,
            document.sensitivity_by,
            document.sensitivity_reason,
            document.sensitivity_confidence,
            document.needs_review,
        )

    @classmethod
    def of_passage(cls, chunk: Chunk) -> Self:
        own = chunk.sensitivity if chunk.own_sensitivity is None else chunk.own_sensitivity
        return cls(own, chunk.sensitivity_by, chunk.sensitivity_reason)


def label(document: Document, person: Person, sensitivity: int, *, reason: str = "") -> Standing:
    """Decides the document's label, and gives how it was labelled before. The same label again confirms it.

    Raises:
        Denied: the person may not change the document, or not in this way.
        Rejected: a laxer label without a reason.
    """
    with transaction.atomic():
        found = _locked(document, person)
        before = Standing.of(found)
        _check(found, person, before.sensitivity, sensitivity, reason)
        found.sensitivity = sensitivity
        found.sensitivity_by = Document.DecidedBy.PERSON
        found.sensitivity_reason = _said(person, before, reason, confirmed=sensitivity == before.sensitivity)
        found.sensitivity_confidence, found.needs_review = None, False
        found.save()
        _note(found, person, before.sensitivity, sensitivity, reason)
        spread(found)
        _raise_attached(found, person)
        transaction.on_commit(tasks.send_learn)
    return before


def _raise_attached(mail: Document, person: Person) -> None:
    for attached in Document.objects.live().filter(parent=mail).select_for_update():
        before = attached.sensitivity
        if attached.current_version_id and keep_to_mail(attached):
            attached.save()
            _note(attached, person, before, attached.sensitivity, attached.sensitivity_reason)
            spread(attached)


def label_passage(chunk: Chunk, person: Person, sensitivity: int, *, reason: str = "") -> Standing:
    """The same for one passage. It is never laxer than its document: what is asked for below that is that.

    Raises:
        Denied, Rejected: as above.
    """
    with transaction.atomic():
        document = _locked(chunk.version.document, person)
        found = Chunk.objects.visible_to(person).select_for_update(of=("self",)).filter(pk=chunk.pk).first()
        if found is None:
            raise Denied("You may not change the label of this passage.")
        before, was = Standing.of_passage(found), found.sensitivity
        becomes = Sensitivity.strictest([sensitivity, document.sensitivity])
        _check(document, person, was, becomes, reason)
        found.own_sensitivity, found.sensitivity = sensitivity, becomes
        found.sensitivity_by = Document.DecidedBy.PERSON
        found.sensitivity_reason = _said(person, before, reason, confirmed=becomes == was)
        found.save()
        _note(document, person, was, becomes, f"passage {found.ordinal + 1}. {reason}")
        spread(document)
    return before


def put_back(document: Document, person: Person, before: Standing, *, decided: int) -> None:
    """Takes a decision of this person back, if the label is still what he `decided`.

    Raises:
        Denied: the person may not change the document.
        Rejected: somebody has decided otherwise since.
    """
    with transaction.atomic():
        found = _locked(document, person)
        _check_still(found.sensitivity, found.sensitivity_by, decided)
        _note(found, person, found.sensitivity, before.sensitivity, TAKEN_BACK)
        found.sensitivity = max(before.sensitivity, found.collection.minimum_sensitivity)
        found.sensitivity_by, found.sensitivity_reason = before.by, before.reason
        found.sensitivity_confidence, found.needs_review = before.confidence, before.needs_review
        found.save()
        spread(found)


def put_back_passage(chunk: Chunk, person: Person, before: Standing, *, decided: int) -> None:
    """The same for one passage."""
    with transaction.atomic():
        document = _locked(chunk.version.document, person)
        found = Chunk.objects.select_for_update(of=("self",)).get(pk=chunk.pk)
        _check_still(found.own_sensitivity, found.sensitivity_by, decided)
        becomes = Sensitivity.strictest([before.sensitivity, document.sensitivity])
        _note(document, person, found.sensitivity, becomes, f"passage {found.ordinal + 1}. {TAKEN_BACK}")
        found.own_sensitivity, found.sensitivity = before.sensitivity, becomes
        found.sensitivity_by, found.sensitivity_reason = before.by, before.reason
        found.save()
        spread(document)


def may_lower(document: Document, person: Person) -> bool:
    """Of those who may change the document: its owner and administrators."""
    return document.owner_id == person.pk or person.administers


def _locked(document: Document, person: Person) -> Document:
    """The document as it is now; nobody else changes its label or its collection's minimum meanwhile."""
    if not Document.objects.editable_by(person).filter(pk=document.pk).exists():
        raise Denied("You may not change the label of this document.")
    Collection.objects.select_for_update().get(pk=document.collection_id)
    return Document.objects.select_for_update(of=("self",)).select_related("collection").get(pk=document.pk)


def _check(document: Document, person: Person, before: int, sensitivity: int, reason: str) -> None:
    label, collection = Sensitivity(sensitivity).label, document.collection
    if sensitivity < collection.minimum_sensitivity:
        least = Sensitivity(collection.minimum_sensitivity).label
        raise Denied(f"Documents in “{collection}” are at least {least}. Choose {least} or stricter.")
    if sensitivity > person.clearance:
        raise Denied(f"{label} is above your own clearance. Ask somebody who may see it to decide.")
    if sensitivity >= before:
        return
    if not may_lower(document, person):
        raise Denied("Only the owner and administrators may make a label laxer. Ask one of them.")
    if not reason.strip():
        raise Rejected(f"Say why {label} is enough: a laxer label needs a reason.")


def _check_still(sensitivity: int | None, by: str, decided: int) -> None:
    if (sensitivity, by) != (decided, Document.DecidedBy.PERSON):
        raise Rejected("This label has been changed since. Look at it again, and decide anew.")


def _said(person: Person, before: Standing, reason: str, *, confirmed: bool) -> str:
    kept = before.reason if confirmed and before.by != Document.DecidedBy.PERSON else ""
    decided = "Confirmed" if confirmed else "Chosen"
    return f"{decided} by {person}. {reason.strip() or kept}".strip()[:REASON_LENGTH]


def _note(document: Document, person: Person, before: int, after: int, reason: str) -> None:
    change = f"{Sensitivity(before).name} → {Sensitivity(after).name}"
    Event.objects.create(
        person=person,
        verb=Event.Verb.LABEL,
        subject=document.pk,
        note=f"{change}. {reason}".strip()[:REASON_LENGTH],
    )
