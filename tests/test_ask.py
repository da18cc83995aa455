"""From a question to a recorded answer: who sees what, where it is made, and what stands in the ledger."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from inference.ask import Event, Finished, Sources, Token, ask, pose
from kb.errors import Rejected
from kb.models import Answer, Collection, Conversation, Document, ModelCall, Person, Sensitivity
from tests.builders import indexed, make_document

QUESTION = "How many days of leave does everybody have?"
LEAVE = "Everybody has 30 days of leave in a calendar year. Ten of them may be carried over until March."


@pytest.fixture
def policy(fake_models: Settings, dana: Person, shelf: Collection) -> Document:
    return indexed(make_document(shelf, owner=dana, title="Leave policy", chunks=[LEAVE]))


def answer_of(person: Person, text: str = QUESTION, conversation: Conversation | None = None) -> Answer:
    return last(list(ask(pose(person, text, conversation=conversation))))


def last(events: list[Event]) -> Answer:
    assert isinstance(events[-1], Finished)
    return events[-1].answer


def test_without_an_llm_the_answer_quotes_its_source(policy: Document, bob: Person) -> None:
    answer = answer_of(bob)
    assert answer.text == "Everybody has 30 days of leave in a calendar year. [1]"
    assert (answer.found, answer.location, answer.model) == (True, "on-premises", "extractive")
    citation = answer.citations.get()
    assert citation.chunk and citation.chunk.version.document == policy
    assert citation.quote == "Everybody has 30 days of leave in a calendar year."


def test_the_ledger_says_that_nothing_left(policy: Document, bob: Person) -> None:
    answer = answer_of(bob)
    row = ModelCall.objects.get()
    assert (row.subject, row.person, row.location) == (answer.pk, bob, "on-premises")
    assert not row.left_the_building


def test_a_stranger_gets_nothing_and_no_model_is_called(policy: Document, charlie: Person) -> None:
    answer = answer_of(charlie)
    assert (answer.found, answer.location) == (False, "nowhere")
    assert "Leave policy" not in answer.text
    assert not ModelCall.objects.exists()


def test_what_is_above_the_clearance_is_as_if_it_were_not_there(
    bob: Person, dana: Person, shelf: Collection, fake_models: Settings
) -> None:
    indexed(make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL, chunks=[LEAVE]))
    assert answer_of(bob).text == answer_of(bob, "What is the capital of Mongolia?").text


def test_a_label_raised_after_indexing_holds_at_once(policy: Document, bob: Person) -> None:
    Document.objects.update(sensitivity=Sensitivity.RESTRICTED)
    assert not answer_of(bob).found


def test_an_llm_in_the_cloud_answers_from_what_may_leave(
    policy: Document, bob: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Everybody has 30 days of leave [1].")
    answer = answer_of(bob)
    assert (answer.location, answer.model) == ("cloud", "scripted-llm")
    assert ModelCall.objects.get().left_the_building


def test_confidential_evidence_keeps_the_answer_on_the_premises(
    alice: Person, dana: Person, shelf: Collection, set_llm: Callable[..., None]
) -> None:
    set_llm("Leaked.")
    indexed(make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL, chunks=[LEAVE]))
    answer = answer_of(alice)
    assert (answer.location, answer.model) == ("on-premises", "extractive")
    assert answer.reason == "1 of 1 sources are Confidential."


def test_a_conversation_never_becomes_laxer(
    alice: Person, dana: Person, shelf: Collection, policy: Document, set_llm: Callable[..., None]
) -> None:
    set_llm("Everybody has 30 days of leave [1].")
    secret = "The settlement limit in the patent dispute is 400 thousand euros."
    indexed(make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL, chunks=[secret]))
    first = answer_of(alice, "What is the settlement limit in the patent dispute?")
    conversation = Conversation.objects.get(pk=first.question.conversation_id)
    second = answer_of(alice, QUESTION, conversation)
    assert conversation.sensitivity == Sensitivity.CONFIDENTIAL
    assert second.location == "on-premises"


def test_a_failing_llm_is_replaced_by_quotes_and_both_are_written_down(
    policy: Document, bob: Person, set_llm: Callable[..., None]
) -> None:
    set_llm(failure="The provider answered 500.")
    answer = answer_of(bob)
    assert (answer.location, answer.reason) == ("on-premises", "The language model could not be reached.")
    assert [row.outcome for row in ModelCall.objects.order_by("sequence")] == ["failed", "done"]


def test_sources_come_before_the_text_and_the_text_in_pieces(policy: Document, bob: Person) -> None:
    events = list(ask(pose(bob, QUESTION)))
    assert isinstance(events[0], Sources)
    assert all(isinstance(event, Token) for event in events[1:-1])


def test_an_answer_is_written_once(policy: Document, bob: Person) -> None:
    question = pose(bob, QUESTION)
    first = last(list(ask(question)))
    again = list(ask(question))
    assert [type(event) for event in again] == [Finished]
    assert last(again) == first
    assert ModelCall.objects.count() == 1


def test_closing_the_stream_stops_the_answer(policy: Document, bob: Person) -> None:
    question = pose(bob, QUESTION)
    events = ask(question)
    next(events)
    events.close()
    assert Answer.objects.get(question=question).state == Answer.State.STOPPED


def test_an_answer_hides_when_its_source_does(policy: Document, bob: Person) -> None:
    answer = answer_of(bob)
    assert answer.readable_by(bob)
    Document.objects.update(sensitivity=Sensitivity.CONFIDENTIAL)
    assert not answer.readable_by(bob)


@pytest.mark.parametrize(
    ("text", "message"),
    [("  ", "The question is empty."), ("why " * 5_000, "The question has 19,999 characters")],
)
def test_a_question_that_cannot_be_asked_is_refused(text: str, message: str, bob: Person) -> None:
    with pytest.raises(Rejected, match=message):
        pose(bob, text)
