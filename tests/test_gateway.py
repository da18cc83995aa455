"""Nothing leaves that may not, and what was sent, refused or failed is in the ledger."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from inference import gateway
from inference.gateway import Call
from inference.protocols import Prompt
from kb.errors import ModelUnavailable, RouteRefused
from kb.models import Chunk, Collection, Document, Leaving, ModelCall, Person, RouteRule, Sensitivity
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
    assert row.sent_bytes == len('["Answer.", "What is the margin of AX-4471?"]')


def test_it_completes_the_row_with_what_the_call_took(set_llm: Callable[..., None]) -> None:
    set_llm("Forty percent.")
    assert "".join(gateway.generate(call(text=Sensitivity.INTERNAL), max_tokens=10)) == "Forty percent."
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
) -> None:
    set_llm("Sent.")
    chunks = [labelled(label) for label in labels]
    try:
        sent = list(gateway.generate(call(*chunks, text=text), max_tokens=10)) == ["Sent."]
    except RouteRefused:
        sent = False
    assert sent == all(label <= Sensitivity.INTERNAL for label in [*labels, text])
