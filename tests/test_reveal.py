"""Break glass: what it opens, to whom, for how long, and who is told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from inference.retrieve import retrieve
from ingestion.reveal import reveal
from kb.errors import Denied, Rejected
from kb.models import Chunk, Collection, Document, Event, Person, Reveal, Sensitivity
from tests.builders import indexed, make_collection, make_document
from tests.visiting import a_file, page_of, signed_in, text_of

WHY = "The works council asked for the minutes."


@pytest.fixture
def eve(db: None) -> Person:
    """An administrator who may read nothing."""
    return Person.objects.create_user("eve", is_staff=True, clearance=Sensitivity.INTERNAL, first_name="Eve")


@pytest.fixture
def minutes(fake_models: object, alice: Person) -> Document:
    """A document of alice's that only she may read."""
    board = make_collection("Board", readers=[alice], editors=[alice])
    return indexed(
        make_document(board, owner=alice, title="Minutes", sensitivity=30, chunks=["We sell the pumps."])
    )


def addresses(document: Document) -> list[str]:
    return [reverse(name, args=[document.pk]) for name in ("document", "document-stage")]


def test_it_opens_the_page_and_the_file_and_nothing_else(eve: Person, alice: Person) -> None:
    board = make_collection("Board", readers=[alice], editors=[alice])
    signed_in(alice).post(
        reverse("upload"), {"collection": board.pk, "documents": a_file(), "sensitivity": "30"}
    )
    minutes = Document.objects.get()
    assert page_of(eve, reverse("document-file", args=[minutes.pk])).status_code == 404
    reveal(minutes.pk, eve, reason=WHY)
    assert page_of(eve, reverse("document-file", args=[minutes.pk])).status_code == 200


def test_it_widens_nothing_that_lists_searches_or_changes(eve: Person, minutes: Document) -> None:
    assert page_of(eve, minutes.get_absolute_url()).status_code == 404
    reveal(minutes.pk, eve, reason=WHY)
    page = text_of(page_of(eve, minutes.get_absolute_url()))
    assert "We sell the pumps." in page and "You opened this document as an administrator" in page
    assert "Change the label" not in page and "Delete for good" not in page
    assert not Document.objects.visible_to(eve).exists() and not Document.objects.editable_by(eve).exists()
    assert not Chunk.objects.visible_to(eve).exists()
    assert retrieve("pumps", eve).hits == ()
    for name in ("library", "search", "ask", "review"):
        assert "Minutes" not in text_of(page_of(eve, f"{reverse(name)}?q=pumps"))
    for name in ("document-delete", "document-tags", "document-label", "document-retry"):
        assert signed_in(eve).post(reverse(name, args=[minutes.pk])).status_code == 404


def test_it_opens_one_document_to_one_person(
    eve: Person, dana: Person, alice: Person, minutes: Document
) -> None:
    other = make_document(minutes.collection, owner=alice, title="Other", sensitivity=30)
    reveal(minutes.pk, eve, reason=WHY)
    assert page_of(eve, other.get_absolute_url()).status_code == 404
    assert page_of(dana, minutes.get_absolute_url()).status_code == 404


def test_strict_passages_are_opened_too(eve: Person, shelf: Collection, dana: Person) -> None:
    shelf.reader_people.add(eve)
    handbook = make_document(shelf, owner=dana, chunks=["Lunch.", "Salaries."])
    Chunk.objects.filter(ordinal=1).update(sensitivity=40)
    assert "Salaries." not in text_of(page_of(eve, handbook.get_absolute_url()))
    reveal(handbook.pk, eve, reason=WHY)
    page = text_of(page_of(eve, handbook.get_absolute_url()))
    assert "Salaries." in page and "above your clearance" not in page


def test_it_ends_with_the_hour_and_with_the_office(eve: Person, minutes: Document) -> None:
    opened = reveal(minutes.pk, eve, reason=WHY)
    assert opened.until - timezone.now() <= timedelta(hours=1)
    Reveal.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert {page_of(eve, address).status_code for address in addresses(minutes)} == {404}
    Reveal.objects.update(until=timezone.now() + timedelta(minutes=1))
    assert page_of(eve, minutes.get_absolute_url()).status_code == 200
    Person.objects.filter(pk=eve.pk).update(is_staff=False)
    assert page_of(eve, minutes.get_absolute_url()).status_code == 404


def test_it_cannot_be_extended_and_needs_a_new_reason_each_time(eve: Person, minutes: Document) -> None:
    reveal(minutes.pk, eve, reason=WHY)
    with pytest.raises(Rejected, match="It is open to you already"):
        reveal(minutes.pk, eve, reason="I need more time for it.")
    Reveal.objects.update(until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Rejected, match="You gave this reason before"):
        reveal(minutes.pk, eve, reason=f" {WHY.upper()}  ")
    reveal(minutes.pk, eve, reason="The works council asked again.")
    assert Reveal.objects.count() == 2


def test_only_administrators_and_only_with_a_reason_and_a_need(
    alice: Person, bob: Person, eve: Person, minutes: Document
) -> None:
    with pytest.raises(Denied, match="Only administrators"):
        reveal(minutes.pk, bob, reason=WHY)
    with pytest.raises(Rejected, match="at least 10 characters"):
        reveal(minutes.pk, eve, reason=" because  ")
    with pytest.raises(Rejected, match="There is no such document"):
        reveal(uuid4(), eve, reason=WHY)
    alice.is_staff = True
    with pytest.raises(Rejected, match="You may read this document as it is"):
        reveal(minutes.pk, alice, reason=WHY)
    assert not Reveal.objects.exists() and not Event.objects.filter(verb="reveal").exists()


def test_it_is_audited(eve: Person, minutes: Document) -> None:
    reveal(minutes.pk, eve, reason=WHY)
    event = Event.objects.get(verb=Event.Verb.REVEAL)
    assert (event.person, event.subject, event.note) == (eve, minutes.pk, WHY)


def test_the_owner_is_told_until_he_says_that_he_knows(
    eve: Person, alice: Person, bob: Person, minutes: Document
) -> None:
    opened = reveal(minutes.pk, eve, reason=WHY)
    page = " ".join(text_of(page_of(alice, reverse("library"))).split())
    assert "Eve opened your document" in page and WHY in page
    assert all(WHY not in text_of(page_of(other, reverse("library"))) for other in (bob, eve))
    seen = reverse("reveal-seen", args=[opened.pk])
    assert signed_in(bob).post(seen).status_code == 404
    signed_in(alice).post(seen)
    assert WHY not in text_of(page_of(alice, reverse("library")))


def test_an_owner_who_may_no_longer_see_it_is_told_without_its_title(
    eve: Person, alice: Person, minutes: Document
) -> None:
    reveal(minutes.pk, eve, reason=WHY)
    Person.objects.filter(pk=alice.pk).update(clearance=10)
    page = text_of(page_of(alice, reverse("library")))
    assert "opened a document that you own" in page and "Minutes" not in page


def test_the_door_takes_an_address_and_a_reason(eve: Person, minutes: Document) -> None:
    client, door = signed_in(eve), reverse("reveal")
    wrong = {"document": "the minutes", "reason": WHY}
    assert "This holds no document&#x27;s id." in text_of(client.post(door, wrong))
    unknown = {"document": f"https://kb.example/documents/{uuid4()}/", "reason": WHY}
    assert "There is no such document." in text_of(client.post(door, unknown))
    right = {"document": f"https://kb.example{minutes.get_absolute_url()}?chunk=1", "reason": WHY}
    assert client.post(door, right)["Location"] == minutes.get_absolute_url()
    assert "Open to you now" in text_of(client.get(door))
