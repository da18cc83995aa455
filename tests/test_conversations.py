"""A person's conversations: found, renamed, exported, deleted, and shared with colleagues who see what they may."""

from uuid import uuid4

import pytest
from django.urls import reverse

from inference.ask import pose
from inference.earlier import turn_of
from inference.plan import Asked
from inference.record import carry
from kb.errors import Rejected
from kb.models import (
    Alias,
    Answer,
    Collection,
    Conversation,
    Event,
    Leaving,
    ModelCall,
    Person,
    Sensitivity,
    Share,
)
from kb.portal.places import address_of
from tests.builders import make_collection, make_document
from tests.ledger_rows import append
from tests.visiting import make_answer, page_of, signed_in, text_of

OWN = [
    ("get", "conversation"),
    ("post", "conversation-rename"),
    ("get", "conversation-export"),
    ("post", "conversation-share"),
    ("post", "conversation-delete"),
    ("post", "conversation-preview"),
]
WITHHELD = "This answer stands on documents that you may not see."


@pytest.fixture
def answer(alice: Person, dana: Person, shelf: Collection) -> Answer:
    return make_answer(alice, make_document(shelf, owner=dana, title="Rail rules"))


@pytest.fixture
def thread(answer: Answer) -> Conversation:
    return answer.question.conversation


def visit(
    person: Person, route: tuple[str, str], pk: object, data: dict[str, str] | None = None, **headers: str
):
    method, name = route
    return getattr(signed_in(person), method)(reverse(name, args=[pk]), data or {}, headers=headers)


def share(thread: Conversation, person: Person) -> Share:
    return Share.give(thread, person.username)


def shared_page(person: Person, thread: Conversation):
    return page_of(person, reverse("shared-conversation", args=[thread.pk]))


# --- Whose it is ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", OWN, ids=lambda route: route[1])
def test_only_the_owner_gets_in_even_when_it_is_shared(
    route: tuple[str, str], thread: Conversation, bob: Person, charlie: Person, dana: Person
) -> None:
    share(thread, bob)
    bodies = []
    for person in (bob, charlie, dana):
        reply = visit(person, route, thread.pk, {"title": "Mine", "username": "dana"})
        bodies.append(text_of(reply) == text_of(visit(person, route, uuid4())))
        assert reply.status_code == 404
    assert all(bodies)
    thread.refresh_from_db()
    assert (thread.title, thread.shares.count()) == ("Which class do we travel?", 1)


def test_nobody_ends_a_share_but_the_owner(thread: Conversation, bob: Person, dana: Person) -> None:
    given = share(thread, bob)
    address = reverse("conversation-unshare", args=[thread.pk, given.pk])
    assert [signed_in(each).post(address).status_code for each in (bob, dana)] == [404, 404]
    other = pose(bob, "Mine?").conversation
    assert signed_in(bob).post(reverse("conversation-unshare", args=[other.pk, given.pk])).status_code == 404
    assert Share.objects.get() == given


@pytest.mark.parametrize("name", ["conversations"])
def test_the_list_holds_ones_own(name: str, thread: Conversation, alice: Person, dana: Person) -> None:
    assert thread.title in text_of(page_of(alice, reverse(name)))
    assert thread.title not in text_of(page_of(dana, reverse(name)))


# --- Searching -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["travel", "second CLASS", "summer"])
def test_a_conversation_is_found_by_name_question_and_answer(
    words: str, thread: Conversation, alice: Person
) -> None:
    thread.rename("Summer trip")
    pose(alice, "Something else?")
    found = page_of(alice, f"{reverse('conversations')}?q={words}").context["page"]
    assert list(found) == [thread]


def test_an_answer_that_was_withdrawn_is_not_searched(
    thread: Conversation, alice: Person, shelf: Collection
) -> None:
    found = Conversation.objects.visible_to(alice)
    assert list(found.mentioning("second", alice)) == [thread]
    shelf.reader_groups.clear()
    assert list(found.mentioning("second", alice)) == []


# --- Renaming ------------------------------------------------------------------------------------------


def test_a_rename_is_offered_to_be_undone_once(thread: Conversation, alice: Person) -> None:
    client = signed_in(alice)
    address = reverse("conversation-rename", args=[thread.pk])
    page = text_of(client.post(address, {"title": "  Summer \n trip "}, follow=True))
    assert "This conversation is now called “Summer trip”." in page
    assert 'name="title" value="Which class do we travel?"' in page
    assert "is now called" not in text_of(client.get(thread.get_absolute_url()))


def test_a_rename_comes_as_a_fragment_and_an_empty_one_is_refused(
    thread: Conversation, alice: Person
) -> None:
    route = ("post", "conversation-rename")
    fragment = text_of(visit(alice, route, thread.pk, {"title": "Trip"}, **{"HX-Request": "true"}))
    assert ("is now called “Trip”" in fragment, "<html" in fragment) == (True, False)
    refused = text_of(visit(alice, route, thread.pk, {"title": " "}, **{"HX-Request": "true"}))
    assert "A conversation needs a name." in refused
    thread.refresh_from_db()
    assert thread.title == "Trip"


# --- Exporting and deleting ----------------------------------------------------------------------------


def test_the_export_has_question_answer_and_numbered_sources(thread: Conversation, alice: Person) -> None:
    thread.questions.get().answer.citations.update(quote="Trains are\nbooked.")
    reply = visit(alice, ("get", "conversation-export"), thread.pk)
    assert reply["Content-Disposition"] == 'attachment; filename="which-class-do-we-travel.md"'
    assert text_of(reply) == (
        "# Which class do we travel?\n\n## Which class do we travel?\n\nSecond class. [1]\n\n"
        "**Sources**\n\n1. Rail rules: “Trains are booked.”\n"
    )


def test_the_export_leaves_out_what_was_withdrawn(
    thread: Conversation, alice: Person, shelf: Collection
) -> None:
    shelf.reader_groups.clear()
    text = text_of(visit(alice, ("get", "conversation-export"), thread.pk))
    assert "a document that you may no longer see" in text
    assert ("Second class" in text, "Rail rules" in text) == (False, False)


def test_deleting_takes_aliases_and_shares_and_leaves_the_ledger(
    answer: Answer, thread: Conversation, alice: Person, bob: Person
) -> None:
    Alias.objects.create(conversation=thread, kind="PERSON", number=1, digest="d", sealed=b"s")
    append(subject=answer.pk, person=alice)
    share(thread, bob)
    visit(alice, ("post", "conversation-delete"), thread.pk)
    assert not (Conversation.objects.exists() or Alias.objects.exists() or Share.objects.exists())
    assert ModelCall.objects.filter(subject=answer.pk).count() == 1
    assert list(Event.objects.values_list("verb", flat=True)) == ["unshare", "share"]


# --- Sharing -------------------------------------------------------------------------------------------


def test_a_colleague_reads_questions_answers_and_sources(
    answer: Answer, thread: Conversation, alice: Person, bob: Person
) -> None:
    visit(alice, ("post", "conversation-share"), thread.pk, {"username": "bob"})
    assert thread.title in text_of(page_of(bob, reverse("conversations")))
    page = text_of(shared_page(bob, thread))
    assert ("Second class." in page, "Rail rules" in page) == (True, True)
    citation = answer.citations.get()
    address = address_of(citation, citation.chunk)
    assert address in page
    assert '<mark id="quote"' in text_of(page_of(bob, address.partition("#")[0]))
    assert f"{reverse('ask')}?q=Which%20class%20do%20we%20travel%3F" in page
    assert ("<textarea" in page, reverse("answer", args=[answer.pk]) in page) == (False, False)


def test_of_an_answer_that_he_may_not_read_a_colleague_gets_nothing(
    thread: Conversation, alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    secret = make_document(shelf, owner=dana, title="Board plan", sensitivity=Sensitivity.CONFIDENTIAL)
    hidden = make_answer(alice, secret, text="Sell it all. [1]")
    Answer.objects.filter(pk=hidden.pk).update(understood_as="Which class does Heron travel?")
    hidden.question.conversation = thread
    hidden.question.save()
    share(thread, bob)
    page = text_of(shared_page(bob, thread))
    assert ("Second class." in page, WITHHELD in page) == (True, True)
    assert not any(secret in page for secret in ("Sell it all", "Board plan", "Heron"))


def test_an_answer_that_builds_on_one_that_he_may_not_read_is_withheld_too(
    thread: Conversation, alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    """A model that had the earlier answer before its eyes may have said it again."""
    board = make_document(make_collection(readers=[alice, dana]), owner=dana, sensitivity=Sensitivity.PUBLIC)
    earlier, later = make_answer(alice, board), pose(alice, "And then?", conversation=thread).answer
    carry(later, Asked("And the board’s plan then?", thread, thread.person, history=(turn_of(earlier),)))
    Answer.objects.filter(pk=later.pk).update(state="done", text="Sell.", sensitivity=Sensitivity.PUBLIC)
    later.refresh_from_db()
    assert (later.understood_as, later.readable_by(alice)) == ("And the board’s plan then?", True)
    share(thread, bob)
    page = text_of(shared_page(bob, thread))
    assert (WITHHELD in page, "Sell." in page, "board’s plan" in page) == (True, False, False)


def test_strangers_and_administrators_do_not_read_what_is_shared_with_another(
    thread: Conversation, alice: Person, bob: Person, charlie: Person, dana: Person
) -> None:
    share(thread, bob)
    codes = [shared_page(each, thread).status_code for each in (alice, bob, charlie, dana)]
    assert codes == [404, 200, 404, 404]


def test_a_withdrawn_share_ends_with_the_next_request(
    thread: Conversation, alice: Person, bob: Person
) -> None:
    given = share(thread, bob)
    assert shared_page(bob, thread).status_code == 200
    signed_in(alice).post(reverse("conversation-unshare", args=[thread.pk, given.pk]))
    assert shared_page(bob, thread).status_code == 404
    assert thread.title not in text_of(page_of(bob, reverse("conversations")))
    notes = Event.objects.filter(subject=thread.pk).values_list("person", "verb", "note")
    assert set(notes) == {(alice.pk, "share", "With bob."), (alice.pk, "unshare", "With bob.")}


def test_nothing_is_shared_by_somebody_who_left(thread: Conversation, alice: Person, bob: Person) -> None:
    share(thread, bob)
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert shared_page(bob, thread).status_code == 404


def test_who_exists_is_told_to_nobody(
    thread: Conversation, alice: Person, bob: Person, charlie: Person
) -> None:
    Person.objects.filter(pk=bob.pk).update(is_active=False)
    sentences = []
    for username in ("charlie", "bob", "alice", "nobody"):
        with pytest.raises(Rejected) as refused:
            Share.give(thread, username)
        sentences.append(str(refused.value).replace(username, "X"))
    assert len(set(sentences)) == 1
    assert not Share.objects.exists()


def test_the_owner_is_told_what_sharing_shows(thread: Conversation, alice: Person) -> None:
    page = text_of(page_of(alice, thread.get_absolute_url()))
    assert "Look at your questions first" in page
    fragment = visit(
        alice, ("post", "conversation-share"), thread.pk, {"username": "nobody"}, **{"HX-Request": "true"}
    )
    assert "There is no colleague with the user name “nobody”" in text_of(fragment)


def test_sharing_twice_is_one_share_and_one_event(thread: Conversation, bob: Person) -> None:
    assert share(thread, bob) == share(thread, bob)
    assert Event.objects.filter(verb=Event.Verb.SHARE).count() == 1


def test_a_conversation_is_held_to_the_wish_of_a_question_that_nothing_answered(alice: Person) -> None:
    thread = pose(alice, "Who leads the project Heron?", leaving=Leaving.NEVER).conversation
    pose(alice, "And who led it before?", conversation=Conversation.objects.get(pk=thread.pk))
    assert Conversation.objects.get(pk=thread.pk).leaving == Leaving.NEVER
