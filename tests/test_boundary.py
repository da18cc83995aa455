"""A provider that writes down all that reaches it, and a search there for what must never have left."""

import hashlib

import pytest

from inference.ask import Finished, ask, pose
from ingestion.index import reindex
from kb.models import Answer, Collection, Conversation, Document, ModelCall, Person, Sensitivity
from tests.builders import make_chunk, make_document
from tests.recording_cloud import Mood, RecordingCloud

PUBLIC = "The CB-300 filter cleans up to 300 cubic metres of water an hour."
SECRET = "The CB-300 filter is sold at a margin of 41 percent, codeword marzipan."


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
    cloud.answer = f"{PUBLIC} [1]"
    add(shelf, dana, PUBLIC, Sensitivity.PUBLIC)
    answer = answer_of(alice, "How much water does the CB-300 filter clean an hour?")
    assert PUBLIC in cloud.everything_received()
    assert answer.location == "cloud"
    assert ModelCall.objects.get().left_the_building


def test_each_body_that_arrived_has_its_own_row_with_its_digest_and_length(
    cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    add(shelf, dana, PUBLIC, Sensitivity.PUBLIC)
    answer_of(alice, "How much water does the CB-300 filter clean an hour?")
    cloud.mood = Mood.FAILING
    answer_of(alice, "How much water does the CB-300 filter clean?")
    left = ModelCall.objects.filter(location="cloud").order_by("sequence")
    assert [(row.sent_sha256, row.sent_bytes) for row in left] == [
        (hashlib.sha256(body).hexdigest(), len(body)) for body in cloud.raw
    ]
    assert [row.outcome for row in left] == ["done", "failed", "failed", "failed"]
    assert left[1].failure == "No answer came, so it was sent again."
    assert {row.destination for row in left} == {cloud.url.split("/")[2]}


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
    account = "DE89 3704 0044 0532 0130 00"
    add(shelf, dana, f"The account of the CB-300 filter is {account}.", Sensitivity.PUBLIC)
    answer = answer_of(alice, f"Whose account is {account}, the CB-300 filter's?")
    assert (answer.location, cloud.requests) == ("on-premises", [])


NAMED = "Anna Schmidt services the CB-300 filter every spring."


def test_names_in_internal_text_leave_as_aliases_and_come_back(
    cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    add(shelf, dana, NAMED, Sensitivity.INTERNAL)
    cloud.answer = "**Person 1** services it every spring [1]."
    answer = answer_of(alice, "Who services the CB-300 filter every spring?")
    assert answer.text == "**Anna Schmidt** services it every spring [1]."
    assert answer.citations.get().quote == NAMED
    assert "Person 1 services the CB-300 filter" in cloud.everything_received()
    assert "Schmidt" not in cloud.everything_received()
    assert ModelCall.objects.get().pseudonyms == {"person": 1}


def test_a_name_keeps_its_alias_in_the_next_turn(
    cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    add(shelf, dana, "Boris Okafor services the CB-200 pump every autumn.", Sensitivity.INTERNAL)
    add(shelf, dana, NAMED, Sensitivity.INTERNAL)
    cloud.answer = "Person 1 does [1]."
    first = answer_of(alice, "Who services the CB-300 filter every spring?")
    cloud.answer = "Person 1 does it every spring [1]."
    name = "Anna Schmidt" if "Anna" in first.text else "Boris Okafor"
    second = answer_of(alice, f"When does {name} service it?", first.question.conversation)
    assert second.text.startswith(name)
    assert not any(part in cloud.everything_received() for part in ("Schmidt", "Okafor"))


@pytest.mark.parametrize("mood", [Mood.FAILING, Mood.UNAUTHORISED, Mood.GARBAGE])
def test_a_provider_that_fails_is_replaced_by_quotes(
    mood: Mood, cloud: RecordingCloud, alice: Person, dana: Person, shelf: Collection
) -> None:
    cloud.mood = mood
    add(shelf, dana, PUBLIC, Sensitivity.PUBLIC)
    answer = answer_of(alice, "How much water does the CB-300 filter clean an hour?")
    assert (answer.state, answer.location) == (Answer.State.DONE, "on-premises")
    assert PUBLIC in answer.text
    assert ModelCall.objects.verify().intact
