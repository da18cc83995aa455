"""A recorded answer → a chat completion: its text, a note for each marker in it, and what it took."""

import re
from collections.abc import Callable, Sequence
from typing import Literal
from uuid import UUID

from django.db.models import Sum
from ninja import Schema
from pydantic import Field

from inference.evidence.missing import Missing
from kb.errors import Unavailable
from kb.models import Answer, Chunk, Citation, ModelCall, Question, Sensitivity
from kb.portal.places import address_of

MARKER = re.compile(r"\[(\d{1,3})\]")

Site = Callable[[str], str]
"""A path of the portal → its whole address."""


class UrlCitation(Schema):
    """`content[start_index:end_index]` is the marker, counted in characters (code points)."""

    start_index: int
    end_index: int
    title: str
    url: str


class Passage(Schema):
    """What a marker stands for: the words that say it, in which chunk and on which pages."""

    marker: int
    document: UUID
    chunk: int
    pages: Sequence[int]
    quote: str
    supported: bool


class Annotation(Schema):
    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation
    strongroom: Passage


class Usage(Schema):
    """Tokens, as the ledger has them of all calls for the answer; none where no model was called."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class About(Schema):
    """Where and why there an answer was made, and what is missing where the documents do not answer."""

    conversation: UUID
    found: bool
    location: str
    model: str
    reason: str
    sensitivity: str
    missing: Sequence[str]


class Message(Schema):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: Sequence[Annotation]


class Choice(Schema):
    index: Literal[0] = 0
    message: Message
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class ChatCompletion(Schema):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(description="Seconds since 1970, UTC.")
    model: str
    choices: Sequence[Choice]
    usage: Usage
    strongroom: About


def finished(answer: Answer) -> Answer:
    """The answer, once it is whole.

    Raises:
        Unavailable: it could not be made; the message is the sentence that was recorded.
    """
    if answer.state != Answer.State.DONE:
        raise Unavailable(answer.failure or "The answer was not finished. Ask again.")
    return answer


def completion_of(answer: Answer, *, model: str, site: Site) -> ChatCompletion:
    message = Message(content=content_of(answer), annotations=annotations_of(answer, site))
    return ChatCompletion(
        id=name_of(answer.question),
        created=created_at(answer.question),
        model=model,
        choices=[Choice(message=message)],
        usage=usage_of(answer),
        strongroom=about(answer),
    )


def name_of(question: Question) -> str:
    return f"chatcmpl-{question.pk.hex}"


def created_at(question: Question) -> int:
    """Seconds since 1970, UTC."""
    return int(question.created_at.timestamp())


def content_of(answer: Answer) -> str:
    """The answer's text, and after one that found nothing what is missing."""
    return "\n\n".join(filter(None, (answer.text, " ".join(_missing(answer)))))


def annotations_of(answer: Answer, site: Site) -> list[Annotation]:
    """One for each marker in the text, in order."""
    cited = answer.citations.exclude(chunk=None).select_related("chunk__version__document")
    by_marker = {citation.marker: citation for citation in cited}
    return [
        _annotation(match, citation, chunk, site)
        for match in MARKER.finditer(answer.text)
        if (citation := by_marker.get(int(match[1]))) and (chunk := citation.chunk)
    ]


def usage_of(answer: Answer) -> Usage:
    calls = ModelCall.objects.filter(subject=answer.pk)
    took = calls.aggregate(prompt=Sum("prompt_tokens", default=0), answer=Sum("answer_tokens", default=0))
    return Usage(
        prompt_tokens=took["prompt"],
        completion_tokens=took["answer"],
        total_tokens=took["prompt"] + took["answer"],
    )


def about(answer: Answer) -> About:
    return About(
        conversation=answer.question.conversation_id,
        found=answer.found,
        location=answer.location,
        model=answer.model,
        reason=answer.reason,
        sensitivity=Sensitivity(answer.sensitivity).name,
        missing=_missing(answer),
    )


def _missing(answer: Answer) -> list[str]:
    return Missing.read(answer.missing).sentences() if answer.missing else []


def _annotation(match: re.Match[str], citation: Citation, chunk: Chunk, site: Site) -> Annotation:
    document = chunk.version.document
    return Annotation(
        url_citation=UrlCitation(
            start_index=match.start(),
            end_index=match.end(),
            title=document.title,
            url=site(address_of(citation, chunk)),
        ),
        strongroom=Passage(
            marker=citation.marker,
            document=document.pk,
            chunk=chunk.pk,
            pages=chunk.pages,
            quote=citation.quote,
            supported=citation.supported,
        ),
    )
