"""An answer that is being written → the chunks of a streamed chat completion."""

import json
import logging
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

from inference.ask import Event, Finished, Sources, Token
from inference.live import LiveText
from kb.errors import StrongroomError
from kb.exchange import as_json
from kb.models import Answer, Question
from kb.openai_api.errors import OUR_FAULT, ErrorReply, Failure, failure_of
from kb.openai_api.replies import (
    Site,
    about,
    annotations_of,
    content_of,
    created_at,
    finished,
    name_of,
    usage_of,
)
from kb.sse import Events, ServerEvent

log = logging.getLogger("strongroom.api")

DONE = ServerEvent("", "[DONE]")


@dataclass(frozen=True, slots=True)
class Stream:
    """What is the same for all chunks of one completion, and whether the last one says what it took."""

    question: Question
    model: str
    site: Site
    with_usage: bool

    def chunk(self, delta: dict[str, object], finish: str | None = None, **more: object) -> ServerEvent:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._event([choice], more)

    def usage(self, answer: Answer) -> ServerEvent:
        return self._event([], {"usage": usage_of(answer).model_dump()})

    def _event(self, choices: list[dict[str, object]], more: dict[str, object]) -> ServerEvent:
        chunk = {
            "id": name_of(self.question),
            "object": "chat.completion.chunk",
            "created": created_at(self.question),
            "model": self.model,
            "choices": choices,
            **more,
        }
        return ServerEvent("", json.dumps(chunk, ensure_ascii=False))


def chunks(stream: Stream, events: Generator[Event, None, None]) -> Events:
    """The role, the text as it grows, its citations, the end. Closing it stops the model."""
    live = LiveText()
    try:
        yield stream.chunk({"role": "assistant", "content": ""})
        with closing(events):
            for event in events:
                yield from _told(event, live, stream)
    except StrongroomError as error:
        yield _error(failure_of(error))
    except Exception:
        # The status line is long sent, so that this is the only way to tell; a reader who left is no Exception.
        log.exception("The answer to %s broke off", stream.question.pk)
        yield _error(OUR_FAULT)


def _told(event: Event, live: LiveText, stream: Stream) -> Iterator[ServerEvent | None]:
    match event:
        case Sources(plan):
            live.begin(plan)
        case Token():
            text = live.add(event)
            yield stream.chunk({"content": text}) if text else None
        case Finished(answer):
            yield from _end(finished(answer), live, stream)


def _end(answer: Answer, live: LiveText, stream: Stream) -> Iterator[ServerEvent]:
    if rest := live.finish(content_of(answer)):
        yield stream.chunk({"content": rest})
    annotations = [each.model_dump(mode="json") for each in annotations_of(answer, stream.site)]
    if annotations:
        yield stream.chunk({"annotations": annotations})
    yield stream.chunk({}, "stop", strongroom=about(answer).model_dump(mode="json"))
    if stream.with_usage:
        yield stream.usage(answer)
    yield DONE


def _error(failure: Failure) -> ServerEvent:
    return ServerEvent("", as_json(ErrorReply(failure)))
