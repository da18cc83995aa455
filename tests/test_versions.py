"""New versions: the newest that is ready is found, earlier ones are kept and cited, and no label gets laxer by them."""

from io import BytesIO
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from inference.ask import pose
from inference.retrieve import chunk_index, retrieve
from ingestion import pipeline, tasks
from ingestion.delete import delete, purge
from ingestion.label import label
from ingestion.lease import Lease
from ingestion.parse import registry
from ingestion.parse.elements import Parsed
from ingestion.reconcile import reconcile
from ingestion.sources.upload import Declared, upload
from ingestion.sources.versions import answer, revise, take_back
from ingestion.tags import follow
from kb.errors import Denied, Rejected
from kb.models import Answer, Chunk, Collection, Document, Likeness, Person, Sensitivity, Version
from kb.models.library import Stage
from tests.builders import make_document

OLD = "Everybody has 30 days of annual leave, and tells the line manager before booking a journey."
NEW = OLD.replace("30", "31")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(fake_models: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models without weights, and no process for each file. Nothing is enqueued: no transaction of a test ends."""

    def parse(path: Path, *, media_type: str, **_: object) -> Parsed:
        return registry.attempt(path, media_type)

    monkeypatch.setattr(pipeline, "parse", parse)


def read(version: Version) -> Version:
    lease = Lease.claim(version.pk)
    assert lease is not None
    tasks.work(lease)
    version.refresh_from_db()
    assert version.failure == ""
    return version


def bring(
    person: Person, shelf: Collection, text: str, name: str = "leave.txt", **declared: object
) -> Version:
    received = upload(person, shelf, BytesIO(text.encode()), name=name, declared=Declared(**declared))
    return read(received.version)


def found(person: Person) -> list[str]:
    return [hit.text for hit in retrieve("annual leave days", person).hits]


def joined(dana: Person, shelf: Collection, **declared: object) -> tuple[Version, Version]:
    """Two documents, the second of which was answered to be a new version of the first."""
    first = bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL)
    second = bring(dana, shelf, NEW, "leave v2.txt", **declared)
    answer(Likeness.objects.get(version=second), dana, is_new_version=True)
    return first, read(second)


# --- Uploading a new version -----------------------------------------------------------------------------


def test_a_new_version_replaces_the_old_one_once_it_is_ready(dana: Person, shelf: Collection) -> None:
    first = bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL)
    second = revise(first.document, dana, BytesIO(NEW.encode()), name="leave.txt")
    assert found(dana) == [OLD]
    read(second)
    assert found(dana) == [NEW]
    assert dict(chunk_index().versions()) == {second.pk: 1}
    assert reconcile(repair=False) == []
    assert Document.objects.get().current_version == second


def test_an_old_citation_still_opens(dana: Person, shelf: Collection) -> None:
    first = bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL)
    read(revise(first.document, dana, BytesIO(NEW.encode()), name="leave.txt"))
    assert Chunk.objects.citable_by(dana).filter(version=first).exists()
    assert not Chunk.objects.visible_to(dana).filter(version=first).exists()


def test_a_version_that_is_ready_late_does_not_replace_a_later_one(dana: Person, shelf: Collection) -> None:
    first = bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL)
    slow = revise(first.document, dana, BytesIO(NEW.encode()), name="leave.txt")
    quick = revise(first.document, dana, BytesIO(NEW.replace("31", "32").encode()), name="leave.txt")
    read(quick)
    read(slow)
    assert (Document.objects.get().current_version, set(dict(chunk_index().versions()))) == (
        quick,
        {quick.pk},
    )


def test_a_new_version_that_cannot_be_read_leaves_the_old_one(dana: Person, shelf: Collection) -> None:
    first = bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL)
    broken = revise(first.document, dana, BytesIO(b"%PDF-1.7 broken"), name="leave.pdf")
    lease = Lease.claim(broken.pk)
    assert lease is not None
    tasks.work(lease)
    broken.refresh_from_db()
    assert (broken.stage, Document.objects.get().current_version, found(dana)) == ("failed", first, [OLD])


def test_a_new_version_makes_no_label_laxer_and_may_make_it_stricter(dana: Person, shelf: Collection) -> None:
    first = bring(dana, shelf, OLD, sensitivity=Sensitivity.PUBLIC)
    read(revise(first.document, dana, BytesIO(f"STRICTLY CONFIDENTIAL\n\n{NEW}".encode()), name="leave.txt"))
    document = Document.objects.get()
    assert (document.sensitivity >= Sensitivity.CONFIDENTIAL, document.needs_review) == (True, True)
    strict = document.sensitivity
    read(revise(document, dana, BytesIO(f"PUBLIC\n\n{NEW}".encode()), name="leave.txt"))
    assert Document.objects.get().sensitivity == strict


def test_only_editors_bring_new_versions_and_never_the_same_bytes(
    dana: Person, alice: Person, shelf: Collection
) -> None:
    document = bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL).document
    with pytest.raises(Denied):
        revise(document, alice, BytesIO(NEW.encode()), name="leave.txt")
    with pytest.raises(Rejected, match="has this very file already"):
        revise(document, dana, BytesIO(OLD.encode()), name="leave.txt")
    assert Version.objects.count() == 1


# --- “New version of …?” ---------------------------------------------------------------------------------


def test_yes_makes_it_a_version_of_the_other_document(dana: Person, shelf: Collection) -> None:
    first, second = joined(dana, shelf)
    [document] = Document.objects.live()
    assert (document, document.current_version, second.document) == (first.document, second, document)
    assert found(dana) == [NEW]
    follow(document.pk)
    assert reconcile(repair=False) == []
    assert not Likeness.objects.asked_of(dana)


def test_no_leaves_both_and_is_not_asked_again(dana: Person, shelf: Collection) -> None:
    bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL)
    second = bring(dana, shelf, NEW, "leave v2.txt", sensitivity=Sensitivity.INTERNAL)
    question = Likeness.objects.get(version=second)
    answer(question, dana, is_new_version=False)
    assert (Document.objects.live().count(), Likeness.objects.asked_of(dana).count()) == (2, 0)
    with pytest.raises(Rejected, match="settled by now"):
        answer(question, dana, is_new_version=True)


def test_taken_back_both_are_as_they_were(dana: Person, shelf: Collection) -> None:
    first, second = joined(dana, shelf, sensitivity=Sensitivity.INTERNAL)
    take_back(Likeness.objects.get(version=second), dana)
    read(second)
    read(first)
    assert {document.current_version for document in Document.objects.live()} == {first, second}
    assert sorted(found(dana)) == sorted([OLD, NEW])
    follow(first.document_id)
    assert reconcile(repair=False) == []
    assert Likeness.objects.asked_of(dana).count() == 1


def test_the_stricter_label_of_both_counts(dana: Person, alice: Person, shelf: Collection) -> None:
    first, _ = joined(dana, shelf, sensitivity=Sensitivity.RESTRICTED)
    document = Document.objects.live().get()
    assert (document.sensitivity, document.needs_review) == (Sensitivity.RESTRICTED, True)
    assert not Document.objects.visible_to(alice).exists()
    assert not Chunk.objects.citable_by(alice).filter(version=first).exists()


def test_answers_from_it_go_with_the_document_that_it_joined(dana: Person, shelf: Collection) -> None:
    first = bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL)
    second = bring(dana, shelf, NEW, "leave v2.txt", sensitivity=Sensitivity.INTERNAL)
    given = Answer.objects.get(question=pose(dana, "How many days?"))
    Answer.objects.filter(pk=given.pk).update(text="31 days.")
    given.drew_on.add(second.document)
    answer(Likeness.objects.get(version=second), dana, is_new_version=True)
    delete(first.document, dana)
    purge(first.document_id)
    assert Answer.objects.get().text == ""
    assert not Document.objects.exists()


def test_who_may_not_change_both_may_not_answer(dana: Person, alice: Person, shelf: Collection) -> None:
    bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL)
    second = bring(dana, shelf, NEW, "leave v2.txt", sensitivity=Sensitivity.INTERNAL)
    with pytest.raises(Rejected):
        answer(Likeness.objects.get(version=second), alice, is_new_version=True)
    assert Document.objects.live().count() == 2


def test_what_is_being_read_is_not_joined(dana: Person, shelf: Collection) -> None:
    bring(dana, shelf, OLD, sensitivity=Sensitivity.INTERNAL)
    second = bring(dana, shelf, NEW, "leave v2.txt", sensitivity=Sensitivity.INTERNAL)
    Version.objects.filter(pk=second.pk).update(stage=Stage.EMBEDDING)
    with pytest.raises(Rejected):
        answer(Likeness.objects.get(version=second), dana, is_new_version=True)


# --- Attachments -----------------------------------------------------------------------------------------


def test_an_attachment_is_as_strict_as_a_person_labelled_its_mail(dana: Person, shelf: Collection) -> None:
    mail = make_document(shelf, owner=dana, title="Mail", sensitivity=Sensitivity.CONFIDENTIAL)
    version = upload(dana, shelf, BytesIO(f"PUBLIC\n\n{OLD}".encode()), name="leave.txt").version
    Document.objects.filter(pk=version.document_id).update(parent=mail)
    read(version)
    assert Document.objects.get(pk=version.document_id).sensitivity == Sensitivity.CONFIDENTIAL
    label(mail, dana, Sensitivity.RESTRICTED)
    attached = Document.objects.get(pk=version.document_id)
    assert (attached.sensitivity, attached.sensitivity_reason) == (
        Sensitivity.RESTRICTED,
        "It was attached to a mail that a person has labelled Restricted.",
    )
