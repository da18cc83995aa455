import traceback
from collections.abc import Iterator
from contextlib import suppress

import pytest

from inference.backends.litellm import Chat, _litellm
from inference.backends.wire import RETRIES
from inference.protocols import BeforeSending, Prompt, Usage
from kb.errors import ModelUnavailable, RouteRefused
from tests.builders import unnoticed
from tests.recording_cloud import Mood, RecordingCloud, recording_cloud

# LiteLLM walks over pydantic's own attributes, one of which is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Accessing the 'model_:DeprecationWarning")

KEY = "sk-very-secret-0123456789"
PROMPT = Prompt(version="test-1", system="Be brief.", user="How long is the notice period?")


@pytest.fixture
def cloud() -> Iterator[RecordingCloud]:
    with recording_cloud() as cloud:
        yield cloud


def chat(cloud: RecordingCloud, *, model: str = "openai/gpt-4o-mini", **patience: float) -> Chat:
    return Chat(model, base_url=cloud.url, api_key=KEY, patience=patience)


def answered(model: Chat, before_sending: BeforeSending = unnoticed) -> tuple[str, Usage]:
    pieces, generation = [], model.generate(PROMPT, max_tokens=50, before_sending=before_sending)
    while True:
        try:
            pieces.append(next(generation))
        except StopIteration as end:
            return "".join(pieces), end.value


def test_it_streams_the_answer_and_returns_the_provider_s_usage_with_its_cost(cloud: RecordingCloud) -> None:
    text, usage = answered(chat(cloud))
    assert text == cloud.answer
    assert (usage.prompt_tokens, usage.answer_tokens) == (42, 7)
    assert usage.cost_usd == pytest.approx(42 * 0.15e-6 + 7 * 0.6e-6)


def test_it_sends_the_prompt_and_nothing_else(cloud: RecordingCloud) -> None:
    answered(chat(cloud))
    assert [request["messages"] for request in cloud.requests] == [
        [{"role": "system", "content": PROMPT.system}, {"role": "user", "content": PROMPT.user}]
    ]
    assert set(cloud.requests[0]) == {
        "model",
        "messages",
        "max_tokens",
        "temperature",
        "stream",
        "stream_options",
    }


def test_a_model_without_a_known_price_costs_none(cloud: RecordingCloud) -> None:
    _, usage = answered(chat(cloud, model="openai/house-model"))
    assert usage == Usage(prompt_tokens=42, answer_tokens=7, cost_usd=None)


@pytest.mark.parametrize(
    ("mood", "complaint"),
    [
        (Mood.UNAUTHORISED, "openai/gpt-4o-mini refused the key: check STRONGROOM_LLM_API_KEY."),
        (Mood.RATE_LIMITED, "openai/gpt-4o-mini is over its rate limit or quota"),
        (Mood.FAILING, "openai/gpt-4o-mini failed, or could not be reached"),
        (Mood.GARBAGE, "openai/gpt-4o-mini "),
        (Mood.BROKEN_STREAM, "openai/gpt-4o-mini broke off in the middle of its answer"),
    ],
)
def test_every_failure_is_a_sentence_without_the_key(
    cloud: RecordingCloud, mood: Mood, complaint: str
) -> None:
    cloud.mood = mood
    with pytest.raises(ModelUnavailable) as caught:
        answered(chat(cloud))
    assert str(caught.value).startswith(complaint)
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("mood", "patience", "complaint"),
    [
        (Mood.SLOW, {"first_token": 0.2}, "did not begin to answer within 0.2 s"),
        (Mood.FALLS_SILENT, {"idle": 0.2}, "fell silent for 0.2 s in the middle of its answer"),
        (Mood.FALLS_SILENT, {"total": 1.5}, "had not finished after 1.5 s"),
    ],
)
def test_each_kind_of_waiting_has_an_end_that_hangs_up(
    cloud: RecordingCloud, mood: Mood, patience: dict[str, float], complaint: str
) -> None:
    cloud.mood, cloud.delay = mood, 2.0
    with pytest.raises(ModelUnavailable, match=f"openai/gpt-4o-mini {complaint}"):
        answered(chat(cloud, **patience))
    assert cloud.hung_up.wait(5)


def test_a_provider_that_recovers_is_asked_again(cloud: RecordingCloud) -> None:
    cloud.mood, cloud.spells = Mood.RATE_LIMITED, 1
    text, _ = answered(chat(cloud))
    assert (text, len(cloud.raw)) == (cloud.answer, 2)


def test_a_provider_that_wants_a_long_pause_is_not_asked_again(cloud: RecordingCloud) -> None:
    cloud.mood, cloud.retry_after = Mood.RATE_LIMITED, "3600"
    with pytest.raises(ModelUnavailable, match="over its rate limit"):
        answered(chat(cloud))
    assert len(cloud.raw) == 1


def test_what_was_begun_is_never_asked_for_again(cloud: RecordingCloud) -> None:
    cloud.mood = Mood.BROKEN_STREAM
    with pytest.raises(ModelUnavailable):
        answered(chat(cloud))
    assert len(cloud.raw) == 1


def test_it_tries_the_same_model_again_and_no_other(cloud: RecordingCloud) -> None:
    cloud.mood = Mood.FAILING
    with pytest.raises(ModelUnavailable):
        answered(chat(cloud))
    assert [request["model"] for request in cloud.requests] == ["gpt-4o-mini"] * (1 + RETRIES)


def test_every_request_is_told_byte_for_byte_before_it_arrives(cloud: RecordingCloud) -> None:
    told: list[bytes] = []

    def tell(payload: bytes) -> None:
        assert len(cloud.raw) == len(told)
        told.append(payload)

    cloud.mood = Mood.FAILING
    with pytest.raises(ModelUnavailable):
        answered(chat(cloud), tell)
    assert cloud.raw == told
    assert len(told) == 1 + RETRIES


def test_nothing_leaves_when_it_cannot_be_written_down(cloud: RecordingCloud) -> None:
    def refuse(payload: bytes) -> None:
        raise RouteRefused("The label was raised a moment ago.")

    with pytest.raises(RouteRefused, match="The label was raised a moment ago"):
        answered(chat(cloud), refuse)
    assert cloud.raw == []


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4o",
        "openai/o1-pro",
        "azure/gpt-4o",
        "anthropic/claude-sonnet-4-5",
        "gemini/gemini-2.5-flash",
        "mistral/mistral-small",
        "groq/llama-3.3-70b",
        "deepseek/deepseek-chat",
        "openrouter/some/model",
        "together_ai/some-model",
        "xai/grok-3",
        "ollama/llama3",
        "ollama_chat/llama3",
        "hosted_vllm/some-model",
        "bedrock/anthropic.claude-3-haiku",
        "cohere/command-r",
    ],
)
def test_no_provider_of_litellm_gets_a_byte_that_was_not_told(cloud: RecordingCloud, model: str) -> None:
    told: list[bytes] = []
    with suppress(ModelUnavailable):  # Most of them do not answer like OpenAI.
        answered(chat(cloud, model=model), told.append)
    assert cloud.raw == told


def test_a_client_that_litellm_makes_for_itself_cannot_send(cloud: RecordingCloud) -> None:
    asked = {"base_url": cloud.url, "api_key": KEY, "messages": [{"role": "user", "content": "Hello"}]}
    for model in ("openai/gpt-4o", "mistral/mistral-small"):
        with pytest.raises(Exception) as caught:
            _litellm().completion(model=model, **asked)
        told = "".join(traceback.format_exception(caught.value))
        assert "the ledger would not have had it" in told
    assert cloud.raw == []


def test_a_redirect_is_not_followed(cloud: RecordingCloud) -> None:
    with recording_cloud() as elsewhere:
        cloud.redirect = f"{elsewhere.url}/chat/completions"
        with pytest.raises(ModelUnavailable):
            answered(chat(cloud))
        assert elsewhere.raw == []


def test_another_host_than_the_declared_one_gets_nothing(
    cloud: RecordingCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_BASE", cloud.url)
    model = Chat("anthropic/claude-sonnet-4-5", api_key=KEY)
    assert model.destination == "api.anthropic.com"
    with pytest.raises(ModelUnavailable, match=r"A request for 127\.0\.0\.1:\d+ was stopped"):
        answered(model)
    assert cloud.raw == []


def test_a_model_of_which_nobody_said_where_it_is_is_a_sentence() -> None:
    with pytest.raises(
        ModelUnavailable, match="Nobody said where house-model is: set STRONGROOM_LLM_BASE_URL"
    ):
        answered(Chat("house-model", api_key=KEY))


def test_an_address_where_nobody_listens_is_a_sentence() -> None:
    model = Chat("openai/gpt-4o-mini", base_url="http://127.0.0.1:9/v1", api_key=KEY)
    with pytest.raises(ModelUnavailable, match="could not be reached"):
        answered(model)


def test_closing_the_answer_hangs_up(cloud: RecordingCloud) -> None:
    cloud.answer = "word " * 2000
    generation = chat(cloud).generate(PROMPT, max_tokens=50, before_sending=unnoticed)
    next(generation)
    generation.close()
    assert cloud.hung_up.wait(5)


def test_a_reader_of_a_silent_provider_gets_the_turn_and_can_leave(
    cloud: RecordingCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.backends.listening.TURN", 0.05)
    cloud.mood, cloud.delay = Mood.SLOW, 0.5
    generation = chat(cloud).generate(PROMPT, max_tokens=50, before_sending=unnoticed)
    assert next(generation) == ""
    generation.close()
    assert cloud.hung_up.wait(5)


def test_the_key_is_not_in_its_repr() -> None:
    assert repr(Chat("openai/gpt-4o-mini", api_key=KEY)) == "Chat('openai/gpt-4o-mini')"


def test_the_window_is_the_table_s_the_setting_s_or_a_careful_guess() -> None:
    assert Chat("openai/gpt-4o-mini").window == 128_000
    assert Chat("openai/gpt-4o-mini", window=4_000).window == 4_000
    assert Chat("openai/house-model").window == 8_192


def test_it_counts_tokens_of_any_model_without_a_network() -> None:
    assert Chat("ollama/llama3").count_tokens("The notice period is four weeks.") == 7
