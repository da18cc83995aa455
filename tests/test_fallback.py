"""A provider that fails: who writes instead, what leaves at each hop, what is written down, and what is seen."""

import hashlib
from collections.abc import Generator, Iterator

import pytest
from pytest_django.fixtures import Settings

from inference import registry
from inference.ask import Event, Finished, Sources, ask, pose
from inference.backends.fake import Scripted
from inference.circuit import FAILURES
from inference.fallback import chain
from inference.protocols import BeforeSending, Prompt, Usage
from kb.errors import ModelUnavailable
from kb.models import Answer, Collection, Document, ModelCall, Person, Sensitivity
from tests.builders import indexed, make_document
from tests.recording_cloud import Mood, RecordingCloud, recording_cloud

QUESTION = "Who services the CB-300 filter every spring?"
NAMED = "Anna Schmidt services the CB-300 filter every spring."


@pytest.fixture
def filter_sheet(fake_models: Settings, dana: Person, shelf: Collection) -> Document:
    return indexed(make_document(shelf, owner=dana, title="CB-300", chunks=[NAMED]))


@pytest.fixture
def second(cloud: RecordingCloud, fake_models: Settings) -> Iterator[RecordingCloud]:
    """Another provider, asked when the first one fails; both are given up soon."""
    with recording_cloud() as provider:
        provider.answer = cloud.answer = "Person 1 does [1]. Every spring."
        for name, at in (("llm", cloud), ("llm2", provider)):
            declare(fake_models, name, f"openai/{name}", base_url=at.url, api_key="sk-test")
        fake_models.MODELS["llm"]["FALLBACK"] = ["llm2"]
        yield provider


def declare(settings: Settings, name: str, model: str, *, location: str = "cloud", **options: object) -> None:
    settings.MODELS = {
        **settings.MODELS,
        name: {
            "BACKEND": "inference.backends.litellm.Chat",
            "LOCATION": location,
            "OPTIONS": {"model": model, "patience": {"first_token": 0.5, "idle": 0.5}, **options},
        },
    }
    registry.forget()


def declare_fake(
    settings: Settings, name: str, backend: type, *, location: str = "cloud", **options: object
) -> None:
    path = f"{backend.__module__}.{backend.__qualname__}"
    settings.MODELS = {**settings.MODELS, name: {"BACKEND": path, "LOCATION": location, "OPTIONS": options}}
    registry.forget()


def events_of(person: Person) -> list[Event]:
    return list(ask(pose(person, QUESTION)))


def answer_of(person: Person) -> Answer:
    last = events_of(person)[-1]
    assert isinstance(last, Finished)
    return last.answer


def written_down() -> list[tuple[str, str]]:
    rows = ModelCall.objects.filter(location="cloud").order_by("sequence")
    return [(row.model, row.sent_sha256) for row in rows]


def bodies(model: str, cloud: RecordingCloud) -> list[tuple[str, str]]:
    return [(model, hashlib.sha256(body).hexdigest()) for body in cloud.raw]


@pytest.mark.parametrize(
    ("mood", "why"),
    [
        (Mood.RATE_LIMITED, "openai/llm is over its rate limit or quota"),
        (Mood.FAILING, "openai/llm failed, or could not be reached"),
        (Mood.SLOW, "openai/llm did not begin to answer within 0.5 s"),
        (Mood.GARBAGE, "openai/llm "),
    ],
)
def test_before_the_first_word_the_next_model_answers_under_the_same_rules(
    mood: Mood, why: str, cloud: RecordingCloud, second: RecordingCloud, filter_sheet: Document, alice: Person
) -> None:
    cloud.mood, cloud.delay = mood, 1.0
    answer = answer_of(alice)
    assert (answer.state, answer.model, answer.text) == (
        Answer.State.DONE,
        "openai/llm2",
        "Anna Schmidt does [1]. Every spring.",
    )
    assert answer.reason.startswith(why)
    assert ", so openai/llm2 wrote this. Answered in the cloud because" in answer.reason
    assert "Schmidt" not in cloud.everything_received() + second.everything_received()
    assert written_down() == bodies("openai/llm", cloud) + bodies("openai/llm2", second)
    assert ModelCall.objects.verify().intact


@pytest.mark.parametrize(
    ("mood", "why"),
    [
        (Mood.BROKEN_STREAM, "openai/llm broke off in the middle of its answer: try again."),
        (Mood.FALLS_SILENT, "openai/llm fell silent for 0.5 s in the middle of its answer."),
    ],
)
def test_after_the_first_word_what_there_is_stays_and_says_so(
    mood: Mood, why: str, cloud: RecordingCloud, second: RecordingCloud, filter_sheet: Document, alice: Person
) -> None:
    cloud.mood, cloud.delay, cloud.answer = mood, 1.0, "Anna [1]. And more."
    events = events_of(alice)
    assert [type(event) for event in events].count(Sources) == 1
    answer = Answer.objects.get()
    assert (answer.state, answer.failure, answer.text) == (Answer.State.FAILED, why, "Anna [1].")
    assert (answer.location, answer.model, answer.citations.get().quote) == ("cloud", "openai/llm", NAMED)
    assert second.raw == []
    assert [row.outcome for row in ModelCall.objects.all()] == ["failed"]


def test_an_answer_that_broke_off_is_written_afresh_when_asked_again(
    cloud: RecordingCloud, filter_sheet: Document, alice: Person
) -> None:
    cloud.mood, cloud.answer = Mood.BROKEN_STREAM, "Anna [1]. And more."
    question = pose(alice, QUESTION)
    list(ask(question))
    cloud.mood = Mood.HELPFUL
    list(ask(question))
    answer = Answer.objects.get()
    assert (answer.state, answer.text, answer.failure) == (Answer.State.DONE, "Anna [1]. And more.", "")


def test_a_model_on_the_premises_is_asked_when_the_cloud_fails(
    cloud: RecordingCloud, fake_models: Settings, filter_sheet: Document, alice: Person
) -> None:
    declare_fake(fake_models, "llm2", Scripted, location="on-premises", answer=f"{NAMED} [1]")
    fake_models.MODELS["llm"]["FALLBACK"] = ["llm2"]
    cloud.mood = Mood.FAILING
    answer = answer_of(alice)
    assert (answer.location, answer.model) == ("on-premises", "scripted")


def test_when_all_fail_the_sources_are_quoted(
    cloud: RecordingCloud, second: RecordingCloud, filter_sheet: Document, alice: Person
) -> None:
    cloud.mood = second.mood = Mood.UNAUTHORISED
    answer = answer_of(alice)
    assert (answer.location, answer.text) == ("on-premises", f"{NAMED} [1]")
    assert answer.reason == (
        "Answered on-premises because openai/llm refused the key and openai/llm2 refused the key."
    )


class RaisesALabel(Scripted):
    """Fails after somebody made every document stricter."""

    def generate(
        self, prompt: Prompt, *, max_tokens: int, before_sending: BeforeSending
    ) -> Generator[str, None, Usage]:
        before_sending(prompt.serialised())
        Document.objects.update(sensitivity=Sensitivity.CONFIDENTIAL)
        raise ModelUnavailable("Down.")
        yield ""


def test_a_label_that_rises_between_two_hops_keeps_the_second_from_leaving(
    second: RecordingCloud, fake_models: Settings, filter_sheet: Document, alice: Person
) -> None:
    declare_fake(fake_models, "llm", RaisesALabel)
    fake_models.MODELS["llm"]["FALLBACK"] = ["llm2"]
    answer = answer_of(alice)
    assert (answer.location, second.raw) == ("on-premises", [])
    assert list(ModelCall.objects.order_by("sequence").values_list("outcome", flat=True)) == [
        "failed",
        "refused",
        "done",
    ]


def test_a_chain_that_was_in_never_goes_out(fake_models: Settings) -> None:
    for name, location in (("llm", "cloud"), ("llm2", "on-premises"), ("llm3", "cloud")):
        declare_fake(fake_models, name, Scripted, location=location)
    fake_models.MODELS["llm"]["FALLBACK"] = ["llm2", "llm3"]
    assert chain() == ("llm", "llm2")


def test_a_model_that_rests_is_not_asked_and_the_answer_says_so(
    cloud: RecordingCloud, filter_sheet: Document, alice: Person
) -> None:
    cloud.mood = Mood.UNAUTHORISED
    for _ in range(FAILURES):
        answer_of(alice)
    answer = answer_of(alice)
    assert len(cloud.raw) == FAILURES
    assert "openai/gpt-4o-mini failed repeatedly and rests until" in answer.reason
