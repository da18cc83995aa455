"""Answers go on while their readers come and go, until they are stopped or nobody is left."""

import threading
from collections.abc import Generator, Iterator
from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from inference import registry
from inference.ask import pose
from inference.backends.fake import Scripted
from inference.protocols import BeforeSending, Prompt, Usage
from kb.models import Answer, Collection, Document, ModelCall, Person, Question, Sensitivity
from kb.portal.stream import Place, follow
from kb.sse import Events, ServerEvent
from tests.builders import indexed, make_document
from tests.stack import eventually
from tests.visiting import chat_of, page_of, signed_in, text_of

QUESTION = "How many days of leave does everybody have?"
LEAVE = "Everybody has 30 days of leave in a calendar year."


class Gated(Scripted):
    """Says “Everybody has”, and the rest when it may."""

    go_on = threading.Event()
    closed = threading.Event()

    def generate(
        self, prompt: Prompt, *, max_tokens: int, before_sending: BeforeSending
    ) -> Generator[str, None, Usage]:
        before_sending(prompt.serialised())
        try:
            yield "Everybody has"
            while not self.go_on.wait(0.02):
                yield ""
            yield " 30 days [1]."
        finally:
            self.closed.set()
        return Usage(1, 1)


@pytest.fixture
def gated(transactional_db: None, fake_models: Settings) -> Iterator[type[Gated]]:
    fake_models.MODELS = {
        **fake_models.MODELS,
        "llm": {"BACKEND": "tests.test_following.Gated", "LOCATION": "on-premises"},
    }
    registry.forget()
    Gated.go_on.clear()
    Gated.closed.clear()
    yield Gated
    Gated.go_on.set()
    assert eventually(lambda: not any(thread.name == "writing" for thread in threading.enumerate()))


@pytest.fixture
def question(gated: type[Gated], dana: Person, bob: Person, shelf: Collection) -> Question:
    indexed(make_document(shelf, owner=dana, title="Leave policy", chunks=[LEAVE]))
    return pose(bob, QUESTION)


def request_of(person: Person, last: str = "") -> HttpRequest:
    request = RequestFactory().get("/", headers={"Last-Event-ID": last})
    request.user = person
    return request


def followed(question: Question, person: Person, last: str = "") -> Events:
    return follow(Question.objects.get(pk=question.pk), person, request_of(person, last))


def next_event(events: Events) -> ServerEvent:
    return next(event for event in events if event is not None)


def test_a_reader_who_comes_back_gets_the_rest_of_the_same_answer(
    question: Question, bob: Person, gated: type[Gated]
) -> None:
    first = followed(question, bob)
    sources, token = next_event(first), next_event(first)
    assert (sources.name, "Leave policy" in sources.data) == ("sources", True)
    assert (token.name, token.data, token.id) == ("token", "Everybody has", "1.13")
    first.close()

    anew = followed(question, bob)
    assert [next_event(anew).data for _ in range(2)][1] == "Everybody has"
    gated.go_on.set()
    rest = [event for event in followed(question, bob, token.id) if event]
    assert [event.data for event in rest[:-1]] in ([], [" 30 days [1]."])
    assert rest[-1].name == "finished"
    answer = Answer.objects.get()
    assert (answer.state, answer.text) == (Answer.State.DONE, "Everybody has 30 days [1].")
    assert ModelCall.objects.count() == 1


def test_stopping_ends_the_model_and_keeps_what_there_is(
    question: Question, bob: Person, gated: type[Gated]
) -> None:
    events = followed(question, bob)
    assert [next_event(events).name for _ in range(2)] == ["sources", "token"]
    signed_in(bob).post(reverse("answer-stop", args=[question.answer.pk]), headers={"HX-Request": "true"})
    end = next_event(events)
    assert gated.closed.is_set()
    assert ("Everybody has" in end.data, "Stopped here." in end.data, "Ask again" in end.data) == (True,) * 3
    assert (Answer.objects.get().state, ModelCall.objects.get().outcome) == ("stopped", "stopped")
    assert next_event(followed(question, bob)).name == "finished"
    assert ModelCall.objects.count() == 1


def test_an_answer_that_nobody_follows_is_stopped(
    question: Question, bob: Person, gated: type[Gated], settings: Settings
) -> None:
    settings.UNFOLLOWED = 0.5
    events = followed(question, bob)
    next_event(events)
    events.close()
    assert gated.closed.wait(10)
    assert eventually(lambda: Answer.objects.get().state == Answer.State.STOPPED)


def test_a_source_that_is_withdrawn_ends_what_its_reader_sees(question: Question, bob: Person) -> None:
    events = followed(question, bob)
    next_event(events)
    Document.objects.update(sensitivity=Sensitivity.CONFIDENTIAL)
    seen = [event.data for event in events if event]
    assert not any("Leave policy" in data for data in seen)
    assert "that you may no longer see" in seen[-1]


@pytest.mark.parametrize(
    ("said", "place"),
    [("2.140", Place(2, 140)), ("", Place()), ("2", Place()), ("a.b", Place()), ("-1.3", Place())],
)
def test_a_place_is_read_as_it_was_said(said: str, place: Place) -> None:
    assert Place.parse(said) == place


def test_an_answer_whose_writer_died_can_be_asked_for_again(charlie: Person) -> None:
    answer = pose(charlie, "Who are we?").answer
    begun = timezone.now() - timedelta(minutes=11)
    Answer.objects.update(state=Answer.State.RUNNING, claimed_at=begun, text="Half an", sensitivity=10)
    assert "The server was stopped while it was writing this answer." in text_of(
        page_of(charlie, chat_of(answer))
    )
    again = signed_in(charlie).post(
        reverse("answer", args=[answer.pk]), {"leaving": "never"}, headers={"HX-Request": "true"}
    )
    answer.refresh_from_db()
    answer.question.refresh_from_db()
    assert (answer.state, answer.question.leaving, "data-stream" in text_of(again)) == ("waiting", 0, True)


def test_nobody_stops_the_answer_of_another(bob: Person, charlie: Person) -> None:
    answer = pose(bob, "Who are we?").answer
    assert signed_in(charlie).post(reverse("answer-stop", args=[answer.pk])).status_code == 404
    answer.refresh_from_db()
    assert answer.state == Answer.State.WAITING
