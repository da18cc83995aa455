"""Nobody sees what they may not."""

import pytest
from django.contrib.auth.models import AnonymousUser

from kb.models import Chunk, Collection, Document, Person, Sensitivity
from kb.models.library import Stage
from tests.builders import make_chunk, make_collection, make_document


def test_a_reader_sees_documents_up_to_his_clearance(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL)
    assert list(Document.objects.visible_to(alice)) == [document]
    assert list(Document.objects.visible_to(bob)) == []


@pytest.mark.parametrize("label", Sensitivity)
def test_a_stranger_sees_nothing_of_any_label(
    label: Sensitivity, charlie: Person, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana, sensitivity=label)
    assert not Document.objects.visible_to(charlie).exists()
    assert not Chunk.objects.visible_to(charlie).exists()
    assert not Collection.objects.readable_by(charlie).exists()


def test_administering_is_no_right_to_read(charlie: Person, dana: Person, shelf: Collection) -> None:
    charlie.is_staff = charlie.is_superuser = True
    charlie.clearance = Sensitivity.RESTRICTED
    charlie.save()
    make_document(shelf, owner=dana)
    assert not Document.objects.visible_to(charlie).exists()


def test_nobody_and_the_inactive_see_nothing(alice: Person, dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana)
    alice.is_active = False
    assert not Document.objects.visible_to(AnonymousUser()).exists()
    assert not Document.objects.visible_to(alice).exists()


def test_leaving_the_group_takes_effect_at_once(alice: Person, dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana)
    alice.groups.clear()
    assert not Document.objects.visible_to(alice).exists()


def test_an_undecided_document_is_seen_by_its_owner_alone(
    alice: Person, bob: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=bob, sensitivity=Sensitivity.RESTRICTED, stage=Stage.PARSING)
    Document.objects.update(sensitivity_by=Document.DecidedBy.NOBODY)
    assert list(Document.objects.visible_to(bob)) == [document]
    assert not Document.objects.visible_to(alice).exists()


def test_a_stricter_chunk_of_a_visible_document_stays_hidden(
    bob: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, chunks=["Lunch is at noon."])
    assert document.current_version
    make_chunk(document.current_version, 1, "Salaries.", sensitivity=Sensitivity.RESTRICTED)
    assert [chunk.text for chunk in Chunk.objects.visible_to(bob)] == ["Lunch is at noon."]


def test_editing_is_granted_apart_from_reading(alice: Person, dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    assert not Document.objects.editable_by(alice).exists()
    assert list(Document.objects.editable_by(dana)) == [document]


def test_an_owner_who_loses_the_collection_loses_the_document(alice: Person) -> None:
    shelf = make_collection(readers=[alice])
    make_document(shelf, owner=alice)
    shelf.reader_people.clear()
    assert not Document.objects.visible_to(alice).exists()
