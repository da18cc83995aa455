"""A provider that writes down all that reaches it, and a search there for what must never have left."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from inference import registry
from inference.ask import Finished, ask, pose
from ingestion.index import reindex
from kb.models import Answer, Collection, Conversation, Document, ModelCall, Person, Sensitivity
from tests.builders import make_chunk, make_document
from tests.recording_cloud import Mood, RecordingCloud, recording_cloud

PUBLIC = "The CB-300 filter cleans up to 300 cubic metres of water an hour."
SECRET = "The CB-300 filter is sold at a margin of 41 percent, codeword marzipan."


@pytest.fixture
def cloud(fake_models: Settings) -> Iterator[RecordingCloud]:
    with recording_cloud() as provider:
        fake_models.MODELS = {
            **fake_models.MODELS,
            "llm": {
                "BACKEND": "inference.backends.litellm.Chat",
                "LOCATION": "cloud",
                "OPTIONS": {"model": "openai/gpt-4o-mini", "base_url": provider.url, "api_key": "sk-test"},
            },
        }
        registry.forget()
        yield provider


def add(shelf: Collection, dana: Person, text: str, sensitivity: Sensitivity) -> Document:
    document = make_document(shelf, owner=dana, title="CB-300", sensitivity=sensitivity, chunks=[text])
    assert document.current_version
    reindex(document.current_version)
    return document


def answer_of(person: Person, question: str, conversation: Conversation | None = None) -> Answer:
    *_, last = ask(pose(person, question, conversation=conversation))
    assert isinstance(last, Finished)
    return last.answer


def test_public_text_reaches_the_provider_and_is_in_the_ledger(
    cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    add(shelf, dana, PUBLIC, Sensitivity.PUBLIC)
    answer = answer_of(alice, "How much water does the CB-300 filter clean an hour?")
    assert PUBLIC in cloud.everything_received()
    assert answer.location == "cloud"
    assert ModelCall.objects.get().left_the_building


def test_a_confidential_source_among_public_ones_stays_in(
    cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    add(shelf, dana, PUBLIC, Sensitivity.PUBLIC)
    add(shelf, dana, SECRET, Sensitivity.CONFIDENTIAL)
    cloud.answer = "It cleans 300 cubic metres an hour [1]."
    answer = answer_of(alice, "At what margin is the CB-300 filter sold, and how much water does it clean?")
    assert answer.location == "mixed"
    assert "margin of 41 percent" in answer.text
    assert PUBLIC in cloud.everything_received()
    assert "marzipan" not in cloud.everything_received()


def test_a_stricter_chunk_of_a_public_document_does_not_leave(
    cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    document = add(shelf, dana, PUBLIC, Sensitivity.PUBLIC)
    assert document.current_version
    make_chunk(document.current_version, 1, SECRET, sensitivity=Sensitivity.CONFIDENTIAL)
    reindex(document.current_version)
    answer_of(alice, "At what margin is the CB-300 filter sold?")
    assert "marzipan" not in cloud.everything_received()


def test_what_was_said_earlier_does_not_leave_with_a_later_question(
    cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    add(shelf, dana, SECRET, Sensitivity.CONFIDENTIAL)
    first = answer_of(alice, "At what margin is the CB-300 filter sold?")
    add(shelf, dana, PUBLIC, Sensitivity.PUBLIC)
    answer_of(alice, "How much water does it clean an hour?", first.question.conversation)
    assert cloud.requests == []


def test_personal_data_in_a_question_keeps_it_in(
    cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    add(shelf, dana, PUBLIC, Sensitivity.PUBLIC)
    answer_of(alice, "How much water does the CB-300 filter clean? Write to DE89 3704 0044 0532 0130 00.")
    assert cloud.requests == []


@pytest.mark.parametrize("mood", [Mood.FAILING, Mood.UNAUTHORISED, Mood.BROKEN_STREAM, Mood.GARBAGE])
def test_a_provider_that_fails_is_replaced_by_quotes(
    mood: Mood, cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    cloud.mood = mood
    add(shelf, dana, PUBLIC, Sensitivity.PUBLIC)
    answer = answer_of(alice, "How much water does the CB-300 filter clean an hour?")
    assert (answer.state, answer.location) == (Answer.State.DONE, "on-premises")
    assert PUBLIC in answer.text
    assert ModelCall.objects.verify().intact
