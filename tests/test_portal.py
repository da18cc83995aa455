"""The pages: who gets which, and what they never tell."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from inference.ask import pose
from kb.models import Collection, Conversation, Document, Person, Sensitivity
from tests.builders import make_collection, make_document
from tests.visiting import make_answer, page_of, signed_in, text_of

PAGES = ["ask", "search", "library", "uploads"]


# --- Who may come in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PAGES, "upload", "ledger", "boundary", "routes"])
def test_every_page_asks_strangers_to_sign_in(name: str, db: None) -> None:
    response = Client().get(reverse(name))
    assert (response.status_code, response["Location"]) == (302, f"{reverse('sign-in')}?next={reverse(name)}")


@pytest.mark.parametrize("name", PAGES)
def test_everybody_who_signed_in_gets_the_pages_for_all(
    name: str, alice: Person, bob: Person, charlie: Person, dana: Person
) -> None:
    assert {page_of(person, reverse(name)).status_code for person in (alice, bob, charlie, dana)} == {200}


def test_only_editors_get_the_upload_page(
    alice: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    replies = [page_of(person, reverse("upload")).status_code for person in (alice, charlie, dana)]
    assert replies == [404, 404, 200]


def test_only_administrators_get_the_ledger(alice: Person, charlie: Person, dana: Person) -> None:
    replies = [page_of(person, reverse("ledger")).status_code for person in (alice, charlie, dana)]
    assert replies == [404, 404, 200]


def test_a_wrong_password_is_told_in_a_sentence(alice: Person) -> None:
    reply = Client().post(reverse("sign-in"), {"username": "alice", "password": "wrong"})
    assert "do not fit together" in text_of(reply)


def test_guessing_passwords_is_locked_out(alice: Person) -> None:
    client = Client()
    wrong = {"username": "alice", "password": "wrong"}
    replies = [client.post(reverse("sign-in"), wrong) for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert replies[-1].status_code == 429
    assert "Too many wrong passwords" in text_of(replies[-1])


def test_a_fragment_whose_session_ran_out_reloads_its_page(db: None) -> None:
    reply = Client().get(reverse("uploads"), headers={"HX-Request": "true"}, follow=True)
    assert reply["HX-Refresh"] == "true"


def test_the_theme_is_kept_in_a_cookie_and_never_redirects_elsewhere(db: None) -> None:
    client = Client()
    reply = client.post(reverse("theme"), {"theme": "dark", "next": "https://example.org/"})
    assert (reply["Location"], client.cookies["theme"].value) == ("/", "dark")


def test_health_is_told_without_signing_in(db: None) -> None:
    assert Client().get("/healthz").json() == {"ok": True}


def test_health_says_when_the_database_is_away(db: None) -> None:
    def away(*args: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(away):
        reply = Client().get("/healthz")
    assert (reply.status_code, reply.json()) == (503, {"ok": False})


# --- What exists is not told -------------------------------------------------------------------------

OF_A_DOCUMENT = ["document", "document-stage", "document-file", "original", "chunks"]
OF_AN_ANSWER = ["answer", "answer-stream"]


@pytest.mark.parametrize("name", OF_A_DOCUMENT)
def test_a_hidden_document_is_the_same_as_none(
    name: str, bob: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    hidden = make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL)
    for person in (bob, charlie):
        real, made_up = (page_of(person, reverse(name, args=[pk])) for pk in (hidden.pk, uuid4()))
        assert (real.status_code, made_up.status_code) == (404, 404)
        assert real.content == made_up.content


OF_AN_EDITOR = [
    "document-delete", "document-retry", "document-label", "document-revise", "likeness-answer",
    "likeness-take-back", "chunks-undo",
]  # fmt: skip


@pytest.mark.parametrize("name", OF_AN_EDITOR)
def test_readers_cannot_change_a_document(name: str, alice: Person, dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    replies = [signed_in(alice).post(reverse(name, args=[pk])) for pk in (document.pk, uuid4())]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert replies[0].content == replies[1].content
    assert Document.objects.live().filter(pk=document.pk).exists()


@pytest.mark.parametrize("name", OF_AN_ANSWER)
def test_another_persons_answer_is_the_same_as_none(
    name: str, alice: Person, dana: Person, shelf: Collection
) -> None:
    answer = make_answer(alice, make_document(shelf, owner=dana))
    real, made_up = (page_of(dana, reverse(name, args=[pk])) for pk in (answer.pk, uuid4()))
    assert (real.status_code, real.content) == (404, made_up.content)


@pytest.mark.parametrize("name", ["conversation", "conversation-delete"])
def test_another_persons_conversation_is_the_same_as_none(name: str, alice: Person, dana: Person) -> None:
    mine = pose(alice, "Is this mine?").conversation
    for method in ("get", "post"):
        client = signed_in(dana)
        real, made_up = (
            getattr(client, method)(reverse(name, args=[pk]), {"text": "?"}) for pk in (mine.pk, uuid4())
        )
        assert (real.status_code, real.content) == (made_up.status_code, made_up.content)
    assert Conversation.objects.get(pk=mine.pk).questions.count() == 1


def test_no_page_tells_bob_of_a_confidential_document(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana, title="Project Ahorn", sensitivity=Sensitivity.CONFIDENTIAL)
    make_document(shelf, owner=dana, title="Lunch menu")
    addresses = [
        reverse("ask"),
        reverse("library"),
        f"{reverse('library')}?q=Ahorn",
        f"{reverse('library')}?sensitivity=30",
    ]
    assert all("Project Ahorn" not in text_of(page_of(bob, address)) for address in addresses)
    assert "1 document" in text_of(page_of(bob, reverse("library")))
    assert "2 documents" in text_of(page_of(alice, reverse("library")))


def test_a_facet_counts_only_what_the_person_may_see(bob: Person, dana: Person, shelf: Collection) -> None:
    board = make_collection("Board", readers=[dana])
    make_document(board, owner=dana, sensitivity=Sensitivity.RESTRICTED)
    make_document(shelf, owner=dana)
    facets = page_of(bob, reverse("library")).context["facets"]
    assert [[(choice.name, choice.count) for choice in facet.choices] for facet in facets] == [
        [("Handbook", 1)],
        [],
        [("Internal", 1)],
        [],
    ]
