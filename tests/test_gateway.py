"""Nothing leaves that may not, and what was sent, refused or failed is in the ledger."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from inference import gateway
from inference.backends.fake import Scripted
from inference.gateway import Call
from inference.personal import Finding, Kind
from inference.protocols import BeforeSending, Prompt
from inference.pseudonyms import Pseudonyms, Spotted
from kb.errors import ModelUnavailable, RouteRefused
from kb.models import (
    Chunk,
    Collection,
    Conversation,
    Document,
    Leaving,
    LedgerPayload,
    ModelCall,
    Person,
    RouteRule,
    Sensitivity,
)
from tests.builders import make_chunk, make_document

pytestmark = pytest.mark.django_db
PROMPT = Prompt(version="test-1", system="Answer.", user="What is the margin of AX-4471?")


def call(*chunks: Chunk, model: str = "llm", text: Sensitivity = Sensitivity.PUBLIC) -> Call:
    return Call(
        ModelCall.Purpose.ANSWER,
        model,
        PROMPT,
        text_sensitivity=text,
        chunks=tuple(chunk.pk for chunk in chunks),
    )


@pytest.fixture
def labelled(shelf: Collection, dana: Person) -> Callable[..., Chunk]:
    """A chunk of this label, in a document that is as lax as can be."""

    def make(label: Sensitivity) -> Chunk:
        document = make_document(shelf, owner=dana, sensitivity=Sensitivity.PUBLIC, chunks=[])
        assert document.current_version
        return make_chunk(document.current_version, 0, "Text.", sensitivity=label)

    return make


def test_it_writes_the_call_down_before_the_first_word(
    set_llm: Callable[..., None], labelled: Callable[..., Chunk]
) -> None:
    set_llm("Forty percent.")
    chunk = labelled(Sensitivity.PUBLIC)
    stream = gateway.generate(call(chunk), max_tokens=10)
    next(stream)
    row = ModelCall.objects.get()
    assert (row.outcome, row.location, row.chunks) == (ModelCall.Outcome.SENDING, "cloud", [[chunk.pk, 10]])
    sent = b'["Answer.", "What is the margin of AX-4471?"]'
    assert (row.sent_bytes, row.sent_sha256) == (len(sent), hashlib.sha256(sent).hexdigest())
    assert (row.destination, row.rule) == ("this process", "the conversation leaves")


def test_it_completes_the_row_with_what_the_call_took(set_llm: Callable[..., None]) -> None:
    set_llm("Forty percent.")
    assert "".join(gateway.generate(call(), max_tokens=10)) == "Forty percent."
    row = ModelCall.objects.get()
    assert (row.outcome, row.answer_tokens) == (ModelCall.Outcome.DONE, 2)
    assert ModelCall.objects.verify().intact


@pytest.mark.parametrize("label", [Sensitivity.CONFIDENTIAL, Sensitivity.RESTRICTED])
def test_it_refuses_strict_text_to_the_cloud(
    label: Sensitivity, set_llm: Callable[..., None], labelled: Callable[..., Chunk]
) -> None:
    set_llm("Leaked.")
    with pytest.raises(RouteRefused, match="Nothing was sent"):
        next(gateway.generate(call(labelled(Sensitivity.PUBLIC), labelled(label)), max_tokens=10))
    row = ModelCall.objects.get()
    assert (row.decision, row.outcome) == (ModelCall.Decision.REFUSE, ModelCall.Outcome.REFUSED)
    assert row.rule.endswith(f"as {label.label} never leaves")
    assert row.sent_bytes == 0


def test_a_strict_question_is_refused_even_without_a_source(set_llm: Callable[..., None]) -> None:
    set_llm("Leaked.")
    with pytest.raises(RouteRefused):
        next(gateway.generate(call(text=Sensitivity.CONFIDENTIAL), max_tokens=10))


def test_a_model_on_the_premises_may_read_everything(set_llm: Callable[..., None]) -> None:
    set_llm("Fine.", location="on-premises")
    assert list(gateway.generate(call(text=Sensitivity.RESTRICTED), max_tokens=10)) == ["Fine."]
    assert not ModelCall.objects.get().left_the_building


def test_a_reader_who_goes_away_is_written_down(set_llm: Callable[..., None]) -> None:
    set_llm("One two three.")
    stream = gateway.generate(call(), max_tokens=10)
    next(stream)
    stream.close()
    assert ModelCall.objects.get().outcome == ModelCall.Outcome.STOPPED


def test_a_failure_is_written_down_and_nothing_else_is_tried(set_llm: Callable[..., None]) -> None:
    set_llm(failure="The provider answered 500.")
    with pytest.raises(ModelUnavailable):
        next(gateway.generate(call(), max_tokens=10))
    row = ModelCall.objects.get()
    assert (row.outcome, row.failure) == (ModelCall.Outcome.FAILED, "The provider answered 500.")


class Secretive(Scripted):
    """Answers without saying what it sends."""

    def generate(self, prompt: Prompt, *, max_tokens: int, before_sending: BeforeSending):
        return super().generate(prompt, max_tokens=max_tokens, before_sending=lambda payload: None)


def test_not_a_word_is_taken_of_a_model_that_does_not_say_what_it_sends(fake_models: Settings) -> None:
    secretive = {"BACKEND": "tests.test_gateway.Secretive", "LOCATION": "cloud"}
    fake_models.MODELS = {**fake_models.MODELS, "llm": secretive}
    with pytest.raises(RuntimeError, match="without calling before_sending"):
        next(gateway.generate(call(), max_tokens=10))


@pytest.fixture
def under_pseudonyms() -> None:
    RouteRule.objects.create(sensitivity=Sensitivity.PUBLIC, leaving=Leaving.PSEUDONYMISED)


def hidden(text: str, person: Person) -> tuple[str, Pseudonyms]:
    """The text without the person's name in it."""
    pseudonyms = Pseudonyms(Conversation.objects.create(person=person))
    start = text.index("Anna Schmidt")
    (said,) = pseudonyms.hide([Spotted(text, [Finding(Kind.PERSON, start, start + len("Anna Schmidt"))])])
    return said, pseudonyms


def test_what_leaves_under_pseudonyms_is_counted_in_the_row(
    under_pseudonyms: None, alice: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Sent.")
    said, pseudonyms = hidden("Who is Anna Schmidt?", alice)
    masked = replace(call(), prompt=replace(PROMPT, user=said), pseudonyms=pseudonyms)
    assert list(gateway.generate(masked, max_tokens=10)) == ["Sent."]
    row = ModelCall.objects.get()
    assert (row.pseudonyms, row.rule) == ({"person": 1}, "the question as Public leaves pseudonymised")


def test_what_leaves_under_pseudonyms_does_not_leave_without(
    under_pseudonyms: None, set_llm: Callable[..., None]
) -> None:
    set_llm("Leaked.")
    with pytest.raises(RouteRefused, match="under pseudonyms only"):
        next(gateway.generate(call(), max_tokens=10))


def test_a_name_that_was_left_in_the_prompt_stops_it(
    under_pseudonyms: None, alice: Person, set_llm: Callable[..., None]
) -> None:
    set_llm("Leaked.")
    said, pseudonyms = hidden("Who is Anna Schmidt?", alice)
    careless = replace(PROMPT, user=f"{said} Anna Schmidt signed.")
    with pytest.raises(RouteRefused, match="Personal data were left"):
        next(gateway.generate(replace(call(), prompt=careless, pseudonyms=pseudonyms), max_tokens=10))


@pytest.mark.parametrize(("location", "kept"), [("cloud", 1), ("on-premises", 0)])
def test_what_leaves_is_kept_only_where_that_is_wanted(
    location: str, kept: int, set_llm: Callable[..., None], settings: Settings
) -> None:
    set_llm("Fine.", location=location)
    list(gateway.generate(call(), max_tokens=10))
    assert not LedgerPayload.objects.exists()
    settings.LEDGER_KEEP_PAYLOADS = True
    list(gateway.generate(call(), max_tokens=10))
    assert [payload.opened() for payload in LedgerPayload.objects.all()] == [PROMPT.serialised()] * kept


def test_scoring_labels_is_a_call_too(set_llm: Callable[..., None]) -> None:
    scores = gateway.score(call(model="slm", text=Sensitivity.RESTRICTED), [" a", " b"])
    assert len(scores) == 2
    assert ModelCall.objects.get().sensitivity == Sensitivity.RESTRICTED


def test_a_label_that_was_raised_since_the_question_was_routed_holds(
    set_llm: Callable[..., None], labelled: Callable[..., Chunk]
) -> None:
    set_llm("Leaked.")
    routed = call(labelled(Sensitivity.PUBLIC))
    Document.objects.update(sensitivity=Sensitivity.CONFIDENTIAL)
    with pytest.raises(RouteRefused):
        next(gateway.generate(routed, max_tokens=10))
    assert ModelCall.objects.get().sensitivity == Sensitivity.CONFIDENTIAL


def test_a_chunk_that_is_gone_does_not_leave(
    set_llm: Callable[..., None], labelled: Callable[..., Chunk]
) -> None:
    set_llm("Leaked.")
    routed = call(labelled(Sensitivity.PUBLIC))
    Chunk.objects.all().delete()
    with pytest.raises(RouteRefused, match="Restricted"):
        next(gateway.generate(routed, max_tokens=10))


def test_a_collection_that_nothing_leaves_holds(
    set_llm: Callable[..., None], labelled: Callable[..., Chunk], shelf: Collection
) -> None:
    set_llm("Leaked.")
    RouteRule.objects.create(collection=shelf, sensitivity=Sensitivity.PUBLIC, leaving=Leaving.NEVER)
    with pytest.raises(RouteRefused):
        next(gateway.generate(call(labelled(Sensitivity.PUBLIC)), max_tokens=10))


def test_what_a_person_or_a_conversation_holds_back_does_not_leave(set_llm: Callable[..., None]) -> None:
    set_llm("Leaked.")
    with pytest.raises(RouteRefused):
        next(gateway.generate(replace(call(), text_leaving=Leaving.NEVER), max_tokens=10))


@given(labels=st.lists(st.sampled_from(Sensitivity), max_size=4), text=st.sampled_from(Sensitivity))
@hypothesis_settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_the_cloud_gets_a_call_only_if_all_of_it_may_leave(
    labels: list[Sensitivity],
    text: Sensitivity,
    set_llm: Callable[..., None],
    labelled: Callable[..., Chunk],
    alice: Person,
) -> None:
    set_llm("Sent.")
    chunks = [labelled(label) for label in labels]
    pseudonyms = Pseudonyms(Conversation.objects.create(person=alice))
    wanted = replace(call(*chunks, text=text), pseudonyms=pseudonyms)
    try:
        sent = list(gateway.generate(wanted, max_tokens=10)) == ["Sent."]
    except RouteRefused:
        sent = False
    assert sent == all(label <= Sensitivity.INTERNAL for label in [*labels, text])
