"""What a person reads of a refusal and of a conflict."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from inference import registry
from inference.ask import ask, pose
from inference.pace import measure
from kb.models import Answer, Collection, Document, ModelCall, Person, Sensitivity
from kb.portal.expecting import expected, measure_at_start
from kb.reading.conflicting import disagreements
from kb.reading.refusals import refusal_of
from tests.builders import indexed, make_document
from tests.tiny_gguf import make_gguf
from tests.visiting import signed_in, text_of

TORQUE = "Tighten the lid bolts of the CB-300 with a torque of 110 Nm."


@pytest.fixture
def manual(fake_models: Settings, shelf: Collection, dana: Person) -> Document:
    return indexed(make_document(shelf, owner=dana, title="Lid manual", chunks=[TORQUE]))


def answer_of(person: Person, text: str) -> Answer:
    question = pose(person, text)
    list(ask(question))
    question.answer.refresh_from_db()
    return question.answer


def test_a_refusal_says_what_is_missing_and_whom_to_ask(manual: Document, bob: Person) -> None:
    answer = answer_of(bob, "Who won the race to Mongolia?")
    page = text_of(signed_in(bob).get(answer.question.conversation.get_absolute_url()))
    assert "Nothing here names “won”, “race” or “Mongolia”." in page
    assert "Lid manual" in page
    assert "Ask Dana, who looks after it." in page


def test_the_name_of_a_file_is_not_looked_for_in_its_text(
    fake_models: Settings, shelf: Collection, dana: Person, bob: Person
) -> None:
    name = "RoyalLotus 20180207 SB-2 EX-10.4 77551 Outsourcing Deed"
    deed = make_document(shelf, owner=dana, title="Outsourcing", chunks=["The notice period is four weeks."])
    deed.versions.update(name=f"{name}.pdf")
    indexed(deed)
    asked = answer_of(bob, f"What is the notice period of “{name}”?")
    refused = answer_of(bob, f"Who insures “{name}” against earthquakes?")
    assert (asked.found, refused.found) == (True, False)
    assert refused.missing["unsaid"] == ["insures", "against", "earthquakes"]


def test_a_refusal_forgets_documents_that_the_person_may_no_longer_see(manual: Document, bob: Person) -> None:
    answer = answer_of(bob, "Who won the race to Mongolia?")
    Document.objects.update(sensitivity=Sensitivity.RESTRICTED)
    refusal = refusal_of(answer, bob)
    assert refusal and list(refusal.nearest) == []


def test_a_disagreement_needs_both_sides_to_be_seen(manual: Document, bob: Person, shelf: Collection) -> None:
    secret = make_document(shelf, owner=bob, sensitivity=Sensitivity.RESTRICTED, chunks=["Use 95 Nm."])
    assert manual.current_version and secret.current_version
    answer = answer_of(bob, "Which torque do the lid bolts need?")
    answer.conflicts = [
        {
            "chunk": manual.current_version.chunks.get().pk,
            "said": TORQUE,
            "other_chunk": secret.current_version.chunks.get().pk,
            "other": "Use 95 Nm.",
            "other_is_outdated": False,
        }
    ]
    assert disagreements(answer, bob) == ()
    Document.objects.update(sensitivity=Sensitivity.PUBLIC)
    secret.current_version.chunks.update(sensitivity=Sensitivity.PUBLIC)
    assert [each.other.said for each in disagreements(answer, bob)] == ["Use 95 Nm."]


def test_what_to_expect_is_what_the_last_answers_took(manual: Document, bob: Person) -> None:
    measure_at_start()
    measured = expected().seconds
    assert measured and ModelCall.objects.get().purpose == ModelCall.Purpose.MEASURE
    answer_of(bob, "Which torque do the lid bolts of the CB-300 need?")
    cache.clear()
    Answer.objects.update(seconds={"retrieve": 0.5, "generate": 1.5})
    assert expected().seconds == 2.0
    assert "Answers are made here from quotes, in about 2.0 s." in text_of(signed_in(bob).get("/"))


def test_measuring_gives_way_to_the_first_question(
    fake_models: Settings, tmp_path: Path, bob: Person
) -> None:
    model = {"BACKEND": "inference.backends.llamacpp.Gguf", "LOCATION": "on-premises"}
    fake_models.MODELS |= {"llm": model | {"OPTIONS": {"model": str(make_gguf(tmp_path, "qwen2"))}}}
    registry.forget()
    fake_models.PROMPT_TOKENS = 400
    assert measure("llm", somebody_waits=lambda: False)
    assert measure("llm", somebody_waits=lambda: True) is None
    ended = ModelCall.objects.order_by("sequence").values_list("outcome", flat=True)
    assert list(ended) == [ModelCall.Outcome.DONE, ModelCall.Outcome.STOPPED]


def test_a_cloud_is_not_asked_only_to_know_how_long_it_takes(
    set_llm: Callable[..., None], bob: Person
) -> None:
    set_llm("The torque is 110 Nm [1].")
    measure_at_start()
    assert expected().seconds is None
    assert not ModelCall.objects.exists()
