"""Deleted is gone: at once for readers, and soon from SQL, the index and the store."""

from io import BytesIO

import pytest
from pytest_django.fixtures import Settings

from inference.ask import Finished, ask, pose
from inference.retrieve import chunk_index, retrieve
from ingestion import store, tasks
from ingestion.delete import delete, purge
from ingestion.lease import Lease
from ingestion.reconcile import resend
from ingestion.sources.upload import Declared, upload
from kb.errors import Denied
from kb.models import Answer, Chunk, Citation, Collection, Document, Event, Person, Sensitivity, Version
from tests.builders import make_collection

TEXT = "Everybody has 30 days of leave in a calendar year."
QUESTION = "How many days of leave does everybody have?"


@pytest.fixture
def document(fake_models: Settings, dana: Person, shelf: Collection) -> Document:
    return bring(dana, shelf)


def bring(person: Person, shelf: Collection) -> Document:
    """A document that is ready."""
    declared = Declared(sensitivity=Sensitivity.INTERNAL)
    received = upload(person, shelf, BytesIO(TEXT.encode()), name="leave.txt", declared=declared)
    lease = Lease.claim(received.version.pk)
    assert lease is not None
    tasks.work(lease)
    return Document.objects.get(pk=received.version.document_id)


def answer_to(person: Person) -> Answer:
    [*_, finished] = ask(pose(person, QUESTION))
    assert isinstance(finished, Finished)
    return finished.answer


def test_it_is_hidden_at_once(document: Document, dana: Person, bob: Person) -> None:
    delete(document, dana)
    for person in (dana, bob):
        assert not Document.objects.visible_to(person).exists()
        assert retrieve(QUESTION, person).hits == ()
    assert Event.objects.get(verb="delete").subject == document.pk


def test_an_answer_made_from_it_cannot_be_read_any_more(
    document: Document, dana: Person, bob: Person
) -> None:
    answer = answer_to(bob)
    assert answer.readable_by(bob)
    delete(document, dana)
    assert not answer.readable_by(bob)


def test_the_purge_leaves_nothing(document: Document, dana: Person, bob: Person) -> None:
    answer, file = answer_to(bob), store.path_of(document.versions.get().sha256)
    assert "30 days" in answer.text
    delete(document, dana)
    purge(document.pk)
    answer.refresh_from_db()
    assert (answer.text, answer.readable_by(bob)) == ("", False)
    assert not file.exists()
    assert chunk_index().count() == 0
    rows = (Document, Version, Chunk, Citation)
    assert [model.objects.count() for model in rows] == [0, 0, 0, 0]


def test_purging_twice_or_what_still_lives_does_nothing(document: Document, dana: Person) -> None:
    purge(document.pk)
    assert Document.objects.visible_to(dana).exists()
    delete(document, dana)
    purge(document.pk)
    purge(document.pk)
    assert not Document.objects.exists()


def test_a_file_that_another_collection_shares_stays(document: Document, dana: Person, bob: Person) -> None:
    other = bring(dana, make_collection("Board", editors=[dana]))
    delete(document, dana)
    purge(document.pk)
    assert store.path_of(other.versions.get().sha256).read_text() == TEXT
    assert [hit.document for hit in retrieve(QUESTION, dana).hits] == [other.pk]


def test_the_same_bytes_may_come_in_again(document: Document, dana: Person, shelf: Collection) -> None:
    delete(document, dana)
    second = bring(dana, shelf)
    purge(document.pk)
    assert second != document
    assert store.path_of(second.versions.get().sha256).exists()
    assert [hit.document for hit in retrieve(QUESTION, dana).hits] == [second.pk]


@pytest.mark.parametrize("person", ["alice", "bob", "charlie"])
def test_only_an_editor_may_delete(person: str, document: Document, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Denied, match=r"You may not delete this document\."):
        delete(document, request.getfixturevalue(person))
    assert Document.objects.live().exists()


def test_the_reconciler_purges_what_the_broker_lost(
    document: Document, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    delete(document, dana)
    monkeypatch.setattr("ingestion.tasks.send_purge", sent.append)
    resend()
    assert sent == [document.pk]
