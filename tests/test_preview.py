"""What would be sent, before it is asked: nothing is kept, nothing is sent, and the choice to keep it in holds."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.urls import reverse

from inference.ask import ask, pose, preview
from kb.errors import Rejected
from kb.models import (
    Answer,
    Collection,
    Conversation,
    Document,
    Leaving,
    ModelCall,
    Person,
    Question,
    RouteRule,
    Sensitivity,
)
from tests.builders import indexed, make_document
from tests.visiting import page_of, signed_in, text_of

QUESTION = "How many days of leave does everybody have?"
LEAVE = "Everybody has 30 days of leave in a calendar year."
BOARD = "Everybody on the board has 38 days of leave in a year, by contract."


@pytest.fixture
def library(set_llm: Callable[..., None], dana: Person, shelf: Collection) -> Document:
    """A policy that may leave and a contract that may not, with a model in the cloud."""
    set_llm("Everybody has 30 days of leave [1].")
    contract = make_document(
        shelf, owner=dana, title="Contract", sensitivity=Sensitivity.CONFIDENTIAL, chunks=[BOARD]
    )
    indexed(contract)
    return indexed(make_document(shelf, owner=dana, title="Leave policy", chunks=[LEAVE]))


def previewed(person: Person, address: str = "", **fields: str):
    return signed_in(person).post(address or reverse("preview"), {"text": QUESTION, **fields})


def kept() -> list[int]:
    return [model.objects.count() for model in (Conversation, Question, Answer, ModelCall)]


def test_it_shows_what_each_model_would_get_and_keeps_nothing(library: Document, alice: Person) -> None:
    outside, inside = previewed(alice).context["preview"].parts
    assert (outside.model, outside.location, inside.location) == ("scripted-llm", "cloud", "on-premises")
    assert (LEAVE in outside.user, BOARD in outside.user, BOARD in inside.user) == (True, False, True)
    assert [(source.title, source.markers) for source in outside.sources] == [("Leave policy", (1,))]
    assert [(source.title, source.markers) for source in inside.sources] == [("Contract", (2,))]
    assert outside.size == len(f"{outside.system}{outside.user}".encode())
    assert kept() == [0, 0, 0, 0]


def test_what_is_shown_is_what_is_sent(library: Document, alice: Person) -> None:
    planned = preview(alice, QUESTION)
    assert planned
    list(ask(pose(alice, QUESTION)))
    rows = ModelCall.objects.order_by("sequence")
    assert [row.chunks for row in rows] == [
        [[each.hit.chunk, each.hit.sensitivity] for each in part.packed] for part in planned.parts
    ]


def test_a_question_that_is_kept_in_leaves_nothing(library: Document, bob: Person) -> None:
    shown = previewed(bob, inside="on").context["preview"]
    assert ([part.location for part in shown.parts], shown.leaves) == (["on-premises"], False)


def test_what_nothing_answers_would_not_be_sent(library: Document, charlie: Person) -> None:
    assert "Nothing would be sent: no source is near enough." in text_of(previewed(charlie))


@pytest.mark.parametrize(("text", "sentence"), [("", "is empty"), ("x" * 4_001, "at most 4,000 are read")])
def test_a_question_that_cannot_be_taken_is_told_in_a_sentence(
    text: str, sentence: str, charlie: Person
) -> None:
    reply = previewed(charlie, text=text)
    assert sentence in text_of(reply)
    assert kept() == [0, 0, 0, 0]


def test_a_preview_that_is_refused_keeps_nothing_either(charlie: Person) -> None:
    with pytest.raises(Rejected, match="is empty"):
        preview(charlie, " ")
    assert kept() == [0, 0, 0, 0]


def test_a_fragment_is_no_whole_page(library: Document, alice: Person) -> None:
    fragment = signed_in(alice).post(reverse("preview"), {"text": QUESTION}, headers={"HX-Request": "true"})
    assert ("<html" in text_of(fragment), "<html" in text_of(previewed(alice))) == (False, True)


def test_the_preview_of_a_follow_up_knows_what_was_said(library: Document, bob: Person) -> None:
    thread = pose(bob, QUESTION, leaving=Leaving.NEVER).conversation
    list(ask(thread.questions.get()))
    address = reverse("conversation-preview", args=[thread.pk])
    shown = previewed(bob, address).context["preview"]
    assert shown.reason == "Answered on-premises because of what was said before in this conversation."
    assert thread.questions.count() == 1


def test_nobody_previews_in_the_conversation_of_another(alice: Person, dana: Person) -> None:
    thread = pose(alice, QUESTION).conversation
    real, made_up = (
        previewed(dana, reverse("conversation-preview", args=[pk])) for pk in (thread.pk, uuid4())
    )
    assert (real.status_code, real.content) == (404, made_up.content)


def test_a_preview_is_asked_for_and_not_opened(alice: Person) -> None:
    assert page_of(alice, reverse("preview")).status_code == 405


# --- Keeping a question in ------------------------------------------------------------------------------


def test_the_form_keeps_a_question_in(library: Document, bob: Person) -> None:
    signed_in(bob).post(reverse("ask"), {"text": QUESTION, "inside": "on"})
    assert Question.objects.get().leaving == Leaving.NEVER
    assert [row.location for row in ModelCall.objects.all()] == ["on-premises"]


def test_a_conversation_that_is_held_says_so_and_offers_no_choice(library: Document, bob: Person) -> None:
    client = signed_in(bob)
    free = text_of(client.post(reverse("ask"), {"text": QUESTION}, follow=True))
    held = text_of(client.post(reverse("ask"), {"text": QUESTION, "inside": "on"}, follow=True))
    told = "What was said here stays in the building"
    assert (told in free, 'name="inside"' in free) == (False, True)
    assert (told in held, 'name="inside"' in held) == (True, False)


def test_a_confidential_conversation_is_held(library: Document, alice: Person) -> None:
    page = signed_in(alice).post(reverse("ask"), {"text": QUESTION}, follow=True)
    assert "What was said here stays in the building" in text_of(page)


def test_where_nothing_can_leave_there_is_no_choice(fake_models: object, bob: Person) -> None:
    page = text_of(page_of(bob, reverse("ask")))
    assert ('name="inside"' in page, reverse("preview") in page) == (False, False)


def test_the_form_promises_what_the_routes_keep(bob: Person, dana: Person, shelf: Collection) -> None:
    before = text_of(page_of(bob, reverse("ask")))
    RouteRule.decide(dana, Sensitivity.CONFIDENTIAL, Leaving.PSEUDONYMISED, collection=shelf)
    after = text_of(page_of(bob, reverse("ask")))
    assert "Confidential and Restricted text is read in this building only." in before
    assert "Confidential" not in after
    assert "Restricted text is read in this building only." in after
