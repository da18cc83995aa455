"""New versions: a file that replaces a document's, and a document that turns out to be a version of another one."""

from typing import BinaryIO

from django.db import IntegrityError, transaction

from ingestion.relabel import spread
from ingestion.sources.upload import Origin, version_of
from ingestion.store import store
from ingestion.tasks import enqueue
from kb.errors import Denied, Rejected
from kb.models import Answer, Batch, Document, Event, Likeness, Person, Version
from kb.models.library import SETTLED, Stage

REASON_LENGTH = 500
"""Characters."""


def revise(
    document: Document, person: Person, file: BinaryIO, *, name: str, batch: Batch | None = None
) -> Version:
    """Stores a new version and sends it on its way. Until it is ready, readers find the one before.

    Raises:
        Denied: the person may not change the document.
        Rejected, TooLarge, Unreadable: the file cannot be taken; the message says why.
        Unavailable: the file could not be stored now.
    """
    _check(document, person)
    version = version_of(document, store(file), name, Origin(batch))
    try:
        with transaction.atomic():
            version.save(force_insert=True)
            Event.objects.create(
                person=person, verb=Event.Verb.UPLOAD, subject=document.pk, note=f"new version: {name}"[:500]
            )
            transaction.on_commit(lambda: enqueue(version.pk))
    except IntegrityError as error:
        raise Rejected(
            "The collection has this very file already, as this document or another. Nothing was changed."
        ) from error
    return version


def answer(likeness: Likeness, person: Person, *, is_new_version: bool) -> None:
    """Answers “new version of …?”. Yes makes the document a version of the other one, and reads it again as that.

    Raises:
        Denied: the person may not change both documents.
        Rejected: it is settled otherwise by now.
    """
    with transaction.atomic():
        asked = (
            Likeness.objects.asked_of(person).select_for_update(of=("self",)).filter(pk=likeness.pk).first()
        )
        if asked is None:
            raise Rejected("This question is settled by now, or you may not answer it.")
        asked.answer = Likeness.Answer.YES if is_new_version else Likeness.Answer.NO
        asked.save(update_fields=["answer"])
        if is_new_version and asked.like:
            _join(asked.version, asked.like.document, person)


def take_back(likeness: Likeness, person: Person) -> None:
    """Asks again. What had become a version is a document of its own again, as it was, and is read again as that.

    The other document keeps a label that became stricter.

    Raises:
        Denied: the person may not change the document.
        Rejected: there is no answer to take back.
    """
    version = likeness.version
    _check(version.document, person)
    with transaction.atomic():
        answered = Likeness.objects.filter(pk=likeness.pk).exclude(answer=Likeness.Answer.NONE)
        was_joined = answered.filter(answer=Likeness.Answer.YES).exists()
        if not answered.update(answer=Likeness.Answer.NONE):
            raise Rejected("There is no answer to take back.")
        if was_joined:
            _part(version, person)


def _join(version: Version, document: Document, person: Person) -> None:
    """`document` gets the only version of another one, which is hidden from now on."""
    alone = Document.objects.select_for_update().get(pk=version.document_id)
    if alone.versions.count() != 1:
        raise Rejected(f"“{alone}” has several versions. Upload its file as a new version of “{document}”.")
    alone.became, alone.current_version = version, None
    alone.save(update_fields=["became", "current_version"])
    _read_again_in(document, version)
    _take_over_answers(document, alone)
    if alone.sensitivity > document.sensitivity:
        document.sensitivity, document.sensitivity_by = alone.sensitivity, alone.sensitivity_by
        document.sensitivity_reason = f"Its new version is stricter. {alone.sensitivity_reason}"[
            :REASON_LENGTH
        ]
        document.sensitivity_confidence, document.needs_review = alone.sensitivity_confidence, True
        document.save()
    spread(document)
    note = f"{alone.pk}: {version.name}"
    Event.objects.create(person=person, verb=Event.Verb.JOIN, subject=document.pk, note=note)


def _part(version: Version, person: Person) -> None:
    """The version becomes the document again that it was."""
    document = version.document
    alone = Document.objects.select_for_update().get(became=version)
    alone.became = None
    alone.save(update_fields=["became"])
    _read_again_in(alone, version)
    earlier = document.versions.filter(stage=Stage.READY).order_by("-created_at").first()
    replaced = Document.objects.filter(pk=document.pk, current_version=version)
    if replaced.update(current_version=earlier) and earlier:
        _read_again_in(document, earlier)  # Its points are no longer in the index.
    note = f"{alone.pk}: {version.name}"
    Event.objects.create(person=person, verb=Event.Verb.PART, subject=document.pk, note=note)


def _read_again_in(document: Document, version: Version) -> None:
    """Title, label and points are made anew for the document that the version belongs to now.

    Raises:
        Rejected: it is being read at this moment.
    """
    settled = Version.objects.filter(pk=version.pk, stage__in=SETTLED)
    if not settled.update(document=document, stage=Stage.QUEUED, failure="", attempts=0):
        raise Rejected(f"“{version.name}” is being read. Answer again once it is ready.")
    transaction.on_commit(lambda: enqueue(version.pk))


def _take_over_answers(document: Document, alone: Document) -> None:
    """So that they follow the document's label, and go when it is deleted."""
    drew_on = Answer.drew_on.through
    answers = drew_on.objects.filter(document=alone).values_list("answer", flat=True)
    links = [drew_on(answer_id=answer_id, document_id=document.pk) for answer_id in answers]
    drew_on.objects.bulk_create(links, ignore_conflicts=True)


def _check(document: Document, person: Person) -> None:
    if not Document.objects.editable_by(person).filter(pk=document.pk).exists():
        raise Denied("You may not change this document.")
