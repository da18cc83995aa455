"""From a question to a recorded answer: who sees what, where it is made, and what stands in the ledger."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from inference.ask import Event, Finished, Sources, Token, ask, pose, preview
from inference.retrieve import retrieve
from inference.turns import AT_ONCE, turn
from kb.errors import Rejected
from kb.models import (
    Answer,
    Collection,
    Conversation,
    Document,
    Leaving,
    ModelCall,
    Person,
    RouteRule,
    Sensitivity,
)
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
    assert citation.quote == LEAVE[citation.start : citation.end]
    assert citation.quote == "Everybody has 30 days of leave in a calendar year."
    assert answer.support == [
        {"start": 0, "end": len(answer.text), "verdict": "supported", "score": 1.0, "reason": ""}
    ]


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
    assert answer.reason == "Answered on-premises because 1 of 1 sources is Confidential."


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


@pytest.fixture
def contract(policy: Document, dana: Person, shelf: Collection) -> Document:
    """What may not leave, beside a policy that may."""
    text = "Everybody on the board has 38 days of leave in a year, by contract."
    return indexed(
        make_document(
            shelf, owner=dana, title="Contract", sensitivity=Sensitivity.CONFIDENTIAL, chunks=[text]
        )
    )


def test_a_mixed_answer_says_where_each_part_was_made_and_from_what(
    contract: Document, policy: Document, alice: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Everybody has 30 days of leave [1]. The board has 38 [2].")
    answer = answer_of(alice)
    outside, inside = answer.parts
    assert answer.location == Answer.Made.MIXED
    assert (
        answer.text[outside["start"] : outside["end"]]
        == "Everybody has 30 days of leave [1]. The board has 38."
    )
    assert answer.text[inside["start"] : inside["end"]] == (
        "Everybody on the board has 38 days of leave in a year, by contract. [2]"
    )
    assert [(part["location"], part["model"]) for part in answer.parts] == [
        ("cloud", "scripted-llm"),
        ("on-premises", "extractive"),
    ]
    assert [citation.chunk and citation.chunk.version.document for citation in answer.citations.all()] == [
        policy,
        contract,
    ]


def test_a_mixed_answer_sends_only_what_may_leave_and_holds_the_conversation_to_it(
    contract: Document, alice: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Everybody has 30 days of leave [1].")
    answer = answer_of(alice)
    sent = {row.location: row.chunks for row in ModelCall.objects.all()}
    assert [label for _, label in sent["cloud"]] == [Sensitivity.INTERNAL]
    assert [label for _, label in sent["on-premises"]] == [Sensitivity.CONFIDENTIAL]
    thread = Conversation.objects.get(pk=answer.question.conversation_id)
    assert (thread.sensitivity, thread.leaving) == (Sensitivity.CONFIDENTIAL, Leaving.NEVER)
    assert answer_of(alice, QUESTION, thread).location == "on-premises"


def test_a_model_outside_that_finds_nothing_leaves_the_answer_to_quotes(
    contract: Document, alice: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("The sources do not say.")
    events = list(ask(pose(alice, QUESTION)))
    assert sum(isinstance(event, Sources) for event in events) == 2
    assert last(events).location == "on-premises"
    assert "30 days" in last(events).text


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Everybody has 38 days of leave.", "the language model named no source for what it wrote"),
        ("Everybody has 38 days of leave [1].", "no source says what the language model wrote"),
        (
            "The text does not allow more than 38 days.",
            "the language model named no source for what it wrote",
        ),
        ("[1]", "the language model wrote nothing"),
        ("", "the language model wrote nothing"),
    ],
)
@pytest.mark.parametrize("location", ["cloud", "on-premises"])
def test_what_does_not_stand_on_its_sources_is_replaced_by_quotes_and_says_so(
    said: str, why: str, location: str, policy: Document, bob: Person, set_llm: Callable[..., None]
) -> None:
    set_llm(said, location=location)
    answer = answer_of(bob)
    assert (answer.model, answer.reason) == ("extractive", f"Answered by quotes because {why}.")
    assert ("30 days" in answer.text, "38" in answer.text) == (True, False)


def test_one_sentence_that_stands_keeps_the_others_with_their_marks(
    policy: Document, bob: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Everybody has 30 days of leave [1]. The board has 38 [1]. So be it.", location="on-premises")
    answer = answer_of(bob)
    assert answer.model == "scripted-llm"
    assert [each["verdict"] for each in answer.support] == ["supported", "unsupported"]


def test_a_model_that_alone_was_asked_is_believed_when_it_finds_nothing(
    policy: Document, bob: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Leider sagen die Quellen nichts dazu.")
    answer = answer_of(bob)
    assert (answer.found, answer.text) == (False, "Leider sagen die Quellen nichts dazu.")


def test_what_is_written_in_another_language_than_its_sources_stands_with_its_marks(
    policy: Document, bob: Person, set_llm: Callable[..., None]
) -> None:
    said = "Im Kalenderjahr stehen allen Beschäftigten dreißig Urlaubstage zu, wie es vereinbart ist [1]."
    set_llm(said)
    answer = answer_of(bob)
    assert (answer.text, [each["verdict"] for each in answer.support]) == (said, ["unsupported"])


def test_a_person_can_keep_a_question_in_and_the_conversation_stays_in(
    policy: Document, bob: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Everybody has 30 days of leave [1].")
    answer = last(list(ask(pose(bob, QUESTION, leaving=Leaving.NEVER))))
    assert (answer.location, answer.reason) == (
        "on-premises",
        "Answered on-premises because you asked for that.",
    )
    later = answer_of(bob, QUESTION, Conversation.objects.get())
    assert (later.location, later.reason) == (
        "on-premises",
        "Answered on-premises because of what was said before in this conversation.",
    )
    assert not any(row.left_the_building for row in ModelCall.objects.all())


def test_a_route_that_is_closed_holds_in_running_conversations(
    policy: Document, bob: Person, shelf: Collection, set_llm: Callable[..., None]
) -> None:
    set_llm("Everybody has 30 days of leave [1].")
    first = answer_of(bob)
    RouteRule.objects.create(collection=shelf, sensitivity=Sensitivity.INTERNAL, leaving=Leaving.NEVER)
    second = answer_of(
        bob, "How many days of leave may be carried over until March?", first.question.conversation
    )
    assert (first.location, second.location) == ("cloud", "on-premises")
    assert ModelCall.objects.filter(location="cloud").count() == 1


def test_a_label_that_is_raised_later_holds_what_was_said_in(
    policy: Document, alice: Person, dana: Person, shelf: Collection, set_llm: Callable[..., None]
) -> None:
    set_llm("Everybody has 30 days of leave [1].")
    bakery = "The bakery opens at seven in the morning."
    indexed(make_document(shelf, owner=dana, title="Bakery", sensitivity=Sensitivity.PUBLIC, chunks=[bakery]))
    first = answer_of(alice)
    Document.objects.filter(pk=policy.pk).update(sensitivity=Sensitivity.CONFIDENTIAL)
    second = answer_of(alice, "When does the bakery open in the morning?", first.question.conversation)
    assert (first.location, second.location) == ("cloud", "on-premises")
    assert ModelCall.objects.filter(location="cloud").count() == 1


def test_a_label_that_is_raised_while_the_answer_is_prepared_keeps_it_in(
    policy: Document, alice: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Leaked.")
    events = ask(pose(alice, QUESTION))
    next(events)
    Document.objects.update(sensitivity=Sensitivity.CONFIDENTIAL)
    answer = last(list(events))
    assert (answer.location, answer.reason) == (
        "on-premises",
        "Answered on-premises because a label was raised meanwhile.",
    )
    assert answer.sensitivity == Sensitivity.CONFIDENTIAL
    assert ModelCall.objects.filter(location="cloud").get().outcome == ModelCall.Outcome.REFUSED


def test_a_preview_says_what_would_be_sent_and_sends_nothing(
    contract: Document, alice: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Leaked.")
    planned = preview(alice, QUESTION)
    assert planned is not None
    outside, inside = planned.parts
    assert (outside.name, inside.name) == ("scripted-llm", "extractive")
    assert "30 days" in outside.prompt.user
    assert "38 days" not in outside.prompt.user
    assert not ModelCall.objects.exists()
    assert not Conversation.objects.exists()


def test_a_preview_of_what_nothing_answers_is_none(policy: Document, bob: Person) -> None:
    assert preview(bob, "What is the capital of Mongolia?") is None


def test_a_failing_llm_is_replaced_by_quotes_and_both_are_written_down(
    policy: Document, bob: Person, set_llm: Callable[..., None]
) -> None:
    set_llm(failure="scripted-llm answered 500: try again.")
    answer = answer_of(bob)
    assert (answer.location, answer.reason) == (
        "on-premises",
        "Answered on-premises because scripted-llm answered 500.",
    )
    assert [row.outcome for row in ModelCall.objects.order_by("sequence")] == ["failed", "done"]


def test_sources_come_before_the_text_and_the_text_in_pieces(policy: Document, bob: Person) -> None:
    events = list(ask(pose(bob, QUESTION)))
    assert isinstance(events[0], Sources)
    assert all(isinstance(event, Token) for event in events[1:-1])


def test_a_question_is_looked_up_in_its_turn(
    policy: Document, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = []

    def looked_up(*asked: Any, **kept_to: Any) -> Any:
        free.append(turn.acquire(blocking=False))
        return retrieve(*asked, **kept_to)

    monkeypatch.setattr("inference.ask.retrieve", looked_up)
    with ExitStack() as others:
        for _ in range(AT_ONCE - 1):
            others.enter_context(turn)
        list(ask(pose(bob, QUESTION)))
        assert turn.acquire(blocking=False)
        turn.release()
    assert free == [False]


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
