"""What a client sends to be answered, checked: messages, and what else OpenAI's API knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from kb.models import Leaving

MOST_MESSAGES = 1_000

HONOURED: Mapping[str, Sequence[JsonValue]] = {
    "n": (None, 1),
    "tools": (None, []),
    "functions": (None, []),
    "response_format": (None, {"type": "text"}),
    "stop": (None, []),
    "logprobs": (None, False),
    "top_logprobs": (None, 0),
    "logit_bias": (None, {}),
    "modalities": (None, ["text"]),
    "audio": (None,),
    "web_search_options": (None,),
}
"""Of fields that would change what an answer is, the values that change nothing. Any other is refused."""


def _text(content: object) -> str:
    """The text of a message, which may come in parts."""
    if content is None:
        return ""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not isinstance(parts, list):
        raise ValueError("The content of a message is a text, or a list of parts with text.")
    return "\n".join(map(_text_of_part, parts))


def _text_of_part(part: object) -> str:
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    if not isinstance(text, str):
        raise ValueError(
            "Only text is read. Leave pictures, sound and files out, or upload them as documents."
        )
    if "\0" in text:
        raise ValueError("The text holds a NUL character. Remove it.")
    return text


class Message(Schema):
    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, BeforeValidator(_text)] = ""


class StreamOptions(Schema):
    include_usage: bool = False


class Wishes(Schema):
    """What Strongroom can do besides. A name that it does not know is refused: it might have kept a question in."""

    model_config = ConfigDict(extra="forbid")

    on_premises: bool = False

    @property
    def leaving(self) -> Leaving:
        return Leaving.NEVER if self.on_premises else Leaving.FREELY


class AskedCompletion(Schema):
    """A request for a chat completion. Fields that are not named here are ignored, as OpenAI ignores unknown ones."""

    model: str
    messages: Annotated[Sequence[Message], Field(min_length=1, max_length=MOST_MESSAGES)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    strongroom: Wishes = Wishes()

    n: JsonValue = None
    tools: JsonValue = None
    functions: JsonValue = None
    response_format: JsonValue = None
    stop: JsonValue = None
    logprobs: JsonValue = None
    top_logprobs: JsonValue = None
    logit_bias: JsonValue = None
    modalities: JsonValue = None
    audio: JsonValue = None
    web_search_options: JsonValue = None

    @field_validator(*HONOURED)
    @classmethod
    def _refuse(cls, value: JsonValue, info: ValidationInfo) -> JsonValue:
        name = info.field_name or ""
        if value not in HONOURED[name]:
            raise PydanticCustomError(
                "unsupported_parameter", "“{name}” cannot be honoured here. Leave it out.", {"name": name}
            )
        return value

    @field_validator("messages")
    @classmethod
    def _end_with_a_question(cls, messages: Sequence[Message]) -> Sequence[Message]:
        if messages[-1].role != "user":
            raise ValueError("The last message is the question, so its role has to be “user”.")
        return messages

    @property
    def with_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a client says was asked and answered before."""

    question: str
    answer: str


def exchanges(messages: Sequence[Message]) -> tuple[Exchange, ...]:
    """Each message of the assistant that has words, with the one of the user before it. The last message is none."""
    found, question = list[Exchange](), ""
    for message in messages[:-1]:
        if message.role == "user":
            question = message.content.strip()
        elif message.role == "assistant" and message.content.strip():
            found.append(Exchange(question, message.content))
    return tuple(found)
