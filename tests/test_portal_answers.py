"""Asking in the portal, and what is shown of an answer."""

import asyncio
from collections.abc import Callable

import pytest
from django.test import AsyncClient
from django.urls import reverse

from inference.ask import ask, pose
from kb.models import Answer, Collection, Conversation, Person, Sensitivity
from tests.builders import indexed, make_document
from tests.visiting import BACKEND, chat_of, make_answer, page_of, signed_in, text_of


def test_without_script_the_answer_is_there_when_the_page_comes(charlie: Person) -> None:
    reply = signed_in(charlie).post(reverse("ask"), {"text": "Who are we?"}, follow=True)
    page = text_of(reply)
    assert "I found nothing in the documents you may see" in page
    assert "No model was called. Nothing left the building." in page


def test_with_script_the_page_comes_first_and_follows_the_answer(charlie: Person) -> None:
    reply = signed_in(charlie).post(reverse("ask"), {"text": "Who are we?", "follow": "1"}, follow=True)
    answer = Answer.objects.get()
    assert answer.state == Answer.State.WAITING
    assert f'data-stream="{reverse("answer-stream", args=[answer.pk])}"' in text_of(reply)


@pytest.mark.django_db(transaction=True)
def test_the_stream_ends_with_the_finished_answer(charlie: Person) -> None:
    answer = pose(charlie, "Who are we?").answer

    async def follow() -> str:
        client = AsyncClient()
        await client.aforce_login(charlie, backend=BACKEND)
        reply = await client.get(reverse("answer-stream", args=[answer.pk]))
        return b"".join([part async for part in reply]).decode()

    events = asyncio.run(follow())
    assert events.startswith("event: finished\ndata: ")
    assert "I found nothing in the documents you may see" in events


def test_a_follow_up_joins_the_conversation(charlie: Person) -> None:
    client = signed_in(charlie)
    thread = pose(charlie, "Who are we?").conversation
    client.post(thread.get_absolute_url(), {"text": "And why?"})
    assert [question.text for question in thread.questions.all()] == ["Who are we?", "And why?"]


@pytest.mark.parametrize(("text", "sentence"), [("", "is empty"), ("x" * 4_001, "at most 4,000 are read")])
def test_a_question_that_cannot_be_taken_keeps_its_text(text: str, sentence: str, charlie: Person) -> None:
    reply = signed_in(charlie).post(reverse("ask"), {"text": text})
    assert (reply.status_code, sentence in text_of(reply)) == (422, True)
    assert text in text_of(reply)
    assert not Conversation.objects.exists()


def test_a_failed_answer_can_be_asked_for_again(charlie: Person) -> None:
    answer = pose(charlie, "Who are we?").answer
    Answer.objects.update(state=Answer.State.FAILED, failure="The index is away.")
    assert "The index is away." in text_of(page_of(charlie, chat_of(answer)))
    signed_in(charlie).post(reverse("answer", args=[answer.pk]))
    answer.refresh_from_db()
    assert answer.state == Answer.State.DONE


def test_an_answer_shows_where_it_was_made_and_its_sources(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    page = text_of(page_of(alice, chat_of(make_answer(alice, document))))
    assert "Answered on-premises from 1 source." in page
    assert "Nothing left the building." in page
    assert f"{document.get_absolute_url()}?citation=" in page
    assert reverse("ledger") not in page


def test_quotes_in_place_of_a_model_in_the_cloud_do_not_say_that_nothing_left(
    bob: Person, dana: Person, shelf: Collection, set_llm: Callable[..., None]
) -> None:
    set_llm("It is 38 days.")
    indexed(make_document(shelf, owner=dana, chunks=["Everybody has 30 days of leave in a calendar year."]))
    answer = pose(bob, "How many days of leave does everybody have?").answer
    list(ask(answer.question))
    page = text_of(page_of(bob, chat_of(answer)))
    assert "What another model had been sent before is listed below." in page
    assert "Nothing left the building" not in page


def test_a_sentence_that_its_source_does_not_say_is_marked_with_the_reason(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    answer = make_answer(alice, make_document(shelf, owner=dana), text="First class. [1] By train. [1]")
    answer.support = [
        {"start": 0, "end": 16, "verdict": "unsupported", "score": 0.1, "reason": "“First” is not in it"},
        {"start": 17, "end": 30, "verdict": "supported", "score": 0.9, "reason": ""},
    ]
    answer.save()
    page = text_of(page_of(alice, chat_of(answer)))
    before, after = page.split('<span class="doubt doubt-unsupported" tabindex="0">')
    assert before.endswith(">1</a>")
    assert after.index("Not supported. “First” is not in it.") < after.index("By train.")
    assert "1 of 2 sentences is not plainly supported by its source." in page


def test_the_only_sentence_is_not_counted(alice: Person, dana: Person, shelf: Collection) -> None:
    answer = make_answer(alice, make_document(shelf, owner=dana), text="First class. [1]")
    answer.support = [{"start": 0, "end": 16, "verdict": "weak", "score": 0.3, "reason": "Few of its words"}]
    answer.save()
    assert "This is not plainly supported by its source." in text_of(page_of(alice, chat_of(answer)))


def test_an_answer_from_the_cloud_says_what_left(dana: Person, shelf: Collection) -> None:
    answer = make_answer(dana, make_document(shelf, owner=dana))
    Answer.objects.update(location="cloud", model="openai/some")
    page = text_of(page_of(dana, chat_of(answer)))
    assert "Answered by openai/some in the cloud from 1 source, which is Internal." in page
    assert f"{reverse('ledger')}?subject={answer.pk}" in page


def test_a_mixed_answer_shows_each_part_with_where_it_was_made(dana: Person, shelf: Collection) -> None:
    outside, inside = "Second class. [1]", "First class for the board."
    answer = make_answer(dana, make_document(shelf, owner=dana), text=f"{outside}\n\n{inside}")
    end = len(f"{outside}\n\n{inside}")
    answer.location = Answer.Made.MIXED
    answer.parts = [
        {"start": 0, "end": len(outside), "location": "cloud", "model": "openai/some"},
        {"start": len(outside) + 2, "end": end, "location": "on-premises", "model": "extractive"},
    ]
    answer.save()
    reply = page_of(dana, chat_of(answer))
    [reading] = reply.context["readings"]
    assert [(block.location, block.model, block.passages) for block in reading.blocks] == [
        ("cloud", "openai/some", 1),
        ("on-premises", "extractive", 0),
    ]
    assert ("Second class." in reading.blocks[0].html, 'class="cite"' in reading.blocks[0].html) == (
        True,
        True,
    )
    assert "Cloud and on-premises" in text_of(reply)


def test_a_citation_of_a_part_that_is_now_hidden_is_left_out(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    answer = make_answer(alice, document, quote="Trains are booked")
    document.current_version.chunks.update(sensitivity=Sensitivity.RESTRICTED)
    page = text_of(page_of(alice, chat_of(answer)))
    assert ("Trains are booked" in page, "?citation=" in page) == (False, False)


def test_examples_come_from_what_the_person_may_see(
    alice: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, title="Travel policy")
    document.current_version.chunks.update(headings=["Travel", "2.1 Hotel limits"])
    expected = ["What does “Travel policy” say about “Hotel limits”?"]
    assert page_of(alice, reverse("ask")).context["examples"] == expected
    assert page_of(charlie, reverse("ask")).context["examples"] == []
