"""GPT-4, Claude and Gemini through LiteLLM: each in the provider's own form, against a server on loopback."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from inference.backends.litellm import Chat
from inference.protocols import Prompt, Usage
from kb.errors import ModelUnavailable
from tests.builders import unnoticed
from tests.contracts.language_model import written
from tests.dialects import anthropic, gemini
from tests.recording_cloud import Mood, RecordingCloud, openai, recording_cloud

# LiteLLM walks over pydantic's own attributes, one of which is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Accessing the 'model_:DeprecationWarning")

KEY = "sk-very-secret-0123456789"
PROMPT = Prompt("test-1", "Be brief.", "How long is the notice period?")


@dataclass(frozen=True)
class Provider:
    """`root` is what the base URL ends in; `key` is the header that carries the key."""

    model: str
    dialect: Callable[[str, str], Iterator[bytes]]
    root: str
    path: str
    key: tuple[str, str]
    body: dict[str, Any]


PROVIDERS = [
    Provider(
        "openai/gpt-4",
        openai,
        "/v1",
        "/v1/chat/completions",
        ("authorization", f"Bearer {KEY}"),
        {
            "messages": [
                {"role": "system", "content": PROMPT.system},
                {"role": "user", "content": PROMPT.user},
            ],
            "max_tokens": 12,
        },
    ),
    Provider(
        "anthropic/claude-sonnet-4-5",
        anthropic,
        "",
        "/v1/messages",
        ("x-api-key", KEY),
        {
            "system": [{"type": "text", "text": PROMPT.system}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": PROMPT.user}]}],
            "max_tokens": 12,
        },
    ),
    Provider(
        "gemini/gemini-2.5-flash",
        gemini,
        "/v1beta",
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        ("x-goog-api-key", KEY),
        {
            "system_instruction": {"parts": [{"text": PROMPT.system}]},
            "contents": [{"role": "user", "parts": [{"text": PROMPT.user}]}],
        },
    ),
]


@pytest.fixture(params=PROVIDERS, ids=lambda provider: provider.model)
def provider(request: pytest.FixtureRequest) -> Provider:
    return request.param


@pytest.fixture
def cloud(provider: Provider) -> Iterator[RecordingCloud]:
    with recording_cloud() as cloud:
        cloud.dialect = provider.dialect
        yield cloud


@pytest.fixture
def chat(cloud: RecordingCloud, provider: Provider) -> Chat:
    base_url = cloud.url.removesuffix("/v1") + provider.root
    return Chat(provider.model, base_url=base_url, api_key=KEY)


def test_the_answer_is_streamed_in_pieces_with_the_usage_that_was_reported(
    chat: Chat, cloud: RecordingCloud
) -> None:
    pieces = list(chat.generate(PROMPT, max_tokens=12, before_sending=unnoticed))
    text, usage = written(chat, PROMPT)
    assert text == "".join(pieces) == cloud.answer
    assert len(pieces) > 3
    assert usage == Usage(prompt_tokens=42, answer_tokens=7, cost_usd=usage.cost_usd)
    assert usage.cost_usd is not None
    assert usage.cost_usd > 0


def test_the_request_has_the_provider_s_form_and_was_told_before_byte_for_byte(
    chat: Chat, cloud: RecordingCloud, provider: Provider
) -> None:
    told: list[bytes] = []
    written(chat, PROMPT, before_sending=told.append)
    assert cloud.raw == told
    assert cloud.paths == [provider.path]
    name, value = provider.key
    assert {key.lower(): value for key, value in cloud.headers[0].items()}[name] == value
    assert {key: cloud.requests[0][key] for key in provider.body} == provider.body
    assert KEY.encode() not in told[0]


@pytest.mark.parametrize(
    ("mood", "complaint"),
    [
        (Mood.UNAUTHORISED, "refused the key: check STRONGROOM_LLM_API_KEY."),
        (Mood.RATE_LIMITED, "is over its rate limit or quota"),
        (Mood.FAILING, "failed, or could not be reached"),
    ],
)
def test_each_failure_is_the_same_sentence_for_every_provider(
    chat: Chat, cloud: RecordingCloud, mood: Mood, complaint: str
) -> None:
    cloud.mood = mood
    with pytest.raises(ModelUnavailable) as caught:
        written(chat, PROMPT)
    assert str(caught.value).startswith(f"{chat.name} {complaint}")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("provider", PROVIDERS[:2], ids=lambda provider: provider.model)
def test_a_stream_that_ends_without_its_end_is_no_answer(chat: Chat, cloud: RecordingCloud) -> None:
    cloud.mood = Mood.BROKEN_STREAM
    with pytest.raises(ModelUnavailable, match="broke off in the middle of its answer"):
        written(chat, PROMPT)
