"""Thumbs on answers and citations: who gives them, who reads them, and what becomes of them."""

from collections.abc import Mapping
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from inference.ask import pose
from inference.confirmed import confirmed
from kb.models import Answer, Collection, Document, Feedback, Person, Sensitivity
from tests.builders import make_chunk, make_collection, make_document
from tests.visiting import BACKEND, chat_of, make_answer, page_of, signed_in, text_of

DOWN = {"thumb": "down", "reason": "wrong", "note": "Since May it is first class."}


def say(
    person: Person, answer: Answer, said: Mapping[str, str], *, marker: int | None = None, **headers: str
) -> HttpResponse:
    place = [answer.pk] if marker is None else [answer.pk, marker]
    address = reverse("citation-feedback" if marker else "answer-feedback", args=place)
    return signed_in(person).post(address, said, headers=headers)


@pytest.fixture
def document(shelf: Collection, dana: Person) -> Document:
    return make_document(shelf, owner=dana)


@pytest.fixture
def answer(alice: Person, document: Document) -> Answer:
    return make_answer(alice, document)


def complaints_of(person: Person) -> str:
    return text_of(page_of(person, reverse("complaints")))


# --- Giving ------------------------------------------------------------------------------------------


def test_a_thumb_up_confirms_and_is_taken_back(alice: Person, answer: Answer, document: Document) -> None:
    assert say(alice, answer, {"thumb": "up"})["Location"] == f"{chat_of(answer)}#answer-{answer.pk}"
    assert [each.answer for each in Feedback.objects.confirming()] == [answer]
    assert confirmed({document.pk}) == {document.pk}
    assert "You said that this answered your question." in text_of(page_of(alice, chat_of(answer)))
    fragment = say(alice, answer, {"thumb": ""}, **{"HX-Request": "true"})
    assert (Feedback.objects.count(), "<html" in text_of(fragment)) == (0, False)
    assert not confirmed({document.pk})


def test_a_thumb_is_changed_and_one_on_a_citation_stands_beside_it(alice: Person, answer: Answer) -> None:
    say(alice, answer, {"thumb": "up"})
    say(alice, answer, DOWN)
    say(alice, answer, {"thumb": "down", "reason": "unsupported"}, marker=1)
    said = Feedback.objects.values_list("citation__marker", "helpful", "reason", "note")
    assert set(said) == {(None, False, "wrong", DOWN["note"]), (1, False, "unsupported", "")}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"thumb": "down"}, "Choose what is wrong"),
        (DOWN | {"note": "x" * 501}, "Use at most 500 characters; these are 501."),
    ],
)
def test_a_complaint_without_a_reason_or_too_long_is_refused_in_a_sentence(
    said: Mapping[str, str], sentence: str, alice: Person, answer: Answer
) -> None:
    assert sentence in text_of(say(alice, answer, said, **{"HX-Request": "true"}))
    assert not Feedback.objects.exists()


def test_only_the_one_who_asked_judges_an_answer(
    bob: Person, charlie: Person, dana: Person, answer: Answer
) -> None:
    for person in (bob, charlie, dana):
        made_up = signed_in(person).post(reverse("answer-feedback", args=[uuid4()]))
        for marker in (None, 1):
            real = say(person, answer, {"thumb": "up"}, marker=marker)
            assert (real.status_code, real.content) == (404, made_up.content)
    assert not Feedback.objects.exists()


def test_what_is_withheld_or_was_never_answered_cannot_be_judged(
    alice: Person, answer: Answer, shelf: Collection
) -> None:
    shelf.reader_groups.clear()
    assert say(alice, answer, {"thumb": "up"}).status_code == 404
    assert say(alice, pose(alice, "Who are we?").answer, DOWN).status_code == 404


def test_an_honest_refusal_may_be_complained_of_but_not_confirmed(alice: Person) -> None:
    answer = pose(alice, "Who are we?").answer
    Answer.objects.update(state=Answer.State.DONE, sensitivity=Sensitivity.INTERNAL)
    assert say(alice, answer, {"thumb": "up"}).status_code == 404
    say(alice, answer, DOWN)
    assert Feedback.objects.get().answer == answer


def test_a_thumb_needs_the_token_of_the_page(alice: Person, answer: Answer) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend=BACKEND)
    reply = client.post(reverse("answer-feedback", args=[answer.pk]), {"thumb": "up"})
    assert reply.status_code == 403


def test_a_complaint_without_a_reason_is_no_row(answer: Answer) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Feedback.objects.create(answer=answer, helpful=False)


# --- Reading and resolving ---------------------------------------------------------------------------


def test_who_manages_the_document_reads_the_complaint_and_the_asker_reads_what_was_done(
    alice: Person, dana: Person, answer: Answer
) -> None:
    say(alice, answer, DOWN)
    page = complaints_of(dana)
    for text in (
        "Which class do we travel?",
        "Trains are booked in second class.",
        DOWN["note"],
        "It is wrong",
    ):
        assert text in page
    assert "Alice" not in page
    resolve = reverse("complaint-resolve", args=[Feedback.objects.get().pk])
    signed_in(dana).post(resolve, {"note": "The policy is mended."})
    assert "Nothing waits for you" in complaints_of(dana)
    assert "Resolved by Dana: “The policy is mended.”" in text_of(page_of(alice, chat_of(answer)))


def test_a_complaint_is_shown_to_nobody_else(
    alice: Person, bob: Person, charlie: Person, dana: Person, answer: Answer
) -> None:
    say(alice, answer, DOWN)
    resolve = reverse("complaint-resolve", args=[Feedback.objects.get().pk])
    for person in (alice, bob, charlie):
        assert "Which class do we travel?" not in complaints_of(person)
        assert signed_in(person).post(resolve, {"note": "Mended."}).status_code == 404
    assert Feedback.objects.get().resolved_at is None


def test_an_owner_below_the_answer_s_label_sees_neither_question_nor_note(
    alice: Person, bob: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=bob)
    answer = make_answer(alice, document)
    say(alice, answer, DOWN)
    assert "Which class do we travel?" in complaints_of(bob)
    Answer.objects.update(sensitivity=Sensitivity.CONFIDENTIAL)
    page = complaints_of(bob)
    assert ("Which class" in page, DOWN["note"] in page, "Second class." in page) == (False, False, False)
    assert "It is wrong" in page


def test_an_owner_who_may_not_see_another_source_of_the_answer_sees_no_question(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    answer = make_answer(alice, make_document(shelf, owner=bob))
    secret = make_document(make_collection(readers=[alice, dana]), owner=dana, title="Heron")
    answer.drew_on.add(secret)
    Answer.objects.update(drew_on_count=2)
    say(alice, answer, DOWN)
    assert "Which class" not in complaints_of(bob)


def test_a_complaint_about_a_citation_goes_to_that_document_s_owner_only(
    alice: Person, bob: Person, shelf: Collection, answer: Answer
) -> None:
    other = make_document(shelf, owner=bob, title="Pumps")
    answer.citations.create(
        marker=2, chunk=make_chunk(other.current_version, 1, "It pumps."), quote="It pumps."
    )
    say(alice, answer, {"thumb": "down", "reason": "unsupported"}, marker=1)
    assert not Feedback.objects.to_resolve_by(bob).exists()
    say(alice, answer, {"thumb": "down", "reason": "unsupported"}, marker=2)
    assert Feedback.objects.to_resolve_by(bob).get().citation.marker == 2


def test_a_complaint_stays_when_its_passage_is_left_out_of_the_search(
    alice: Person, dana: Person, answer: Answer, document: Document
) -> None:
    say(alice, answer, DOWN)
    say(alice, answer, {"thumb": "down", "reason": "unsupported"}, marker=1)
    document.current_version.chunks.update(excluded=True)
    assert Feedback.objects.to_resolve_by(dana).count() == 2
    assert complaints_of(dana).count(document.title) >= 2


def test_a_new_complaint_after_a_resolution_waits_again(alice: Person, dana: Person, answer: Answer) -> None:
    say(alice, answer, DOWN)
    feedback = Feedback.objects.get()
    assert (feedback.resolve(dana, "Mended."), feedback.resolve(dana, "Again.")) == (True, False)
    say(alice, answer, DOWN)
    assert Feedback.objects.get().resolution == "Mended."
    say(alice, answer, DOWN | {"reason": "outdated"})
    assert Feedback.objects.to_resolve_by(dana).count() == 1
