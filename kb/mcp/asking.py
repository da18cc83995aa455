"""The tool `ask`."""

from collections.abc import Sequence
from contextlib import closing
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, ConfigDict, Field

from inference.ask import Event, Finished, Sources, ask, pose
from inference.outside import Covered, Origin, cover
from inference.released import release
from kb.api.fields import Text
from kb.errors import Unavailable
from kb.exchange import answered
from kb.exchange import answers as sheets
from kb.mcp.quoting import notes_of
from kb.mcp.shape import Arguments, Handout, Reply, Tool, uri_of
from kb.mcp.visit import Visit
from kb.models import Answer, Conversation, Leaving, Question, Sensitivity


class Asked(Arguments):
    question: Annotated[
        Text, Field(max_length=settings.QUESTION_LIMIT, examples=["How many days of leave do I have?"])
    ]
    conversation: Annotated[UUID | None, Field(description="From an earlier reply, to ask a follow-up.")] = (
        None
    )
    on_premises: Annotated[
        bool,
        Field(
            description="Keeps question and answer in the building. A client whose model runs outside does not get "
            "the answer then: the person reads it in Strongroom."
        ),
    ] = False

    @property
    def leaving(self) -> Leaving:
        return Leaving.NEVER if self.on_premises else Leaving.FREELY


class Cited(BaseModel):
    model_config = ConfigDict(frozen=True)

    marker: Annotated[int, Field(description="Its number in the answer's text.")]
    document: UUID
    title: str
    pages: list[int]
    quote: Annotated[str, Field(description="What the sentence stands on, word for word.")]


class Written(Reply):
    answer: Annotated[str, Field(description="With numbers in square brackets that name the citations.")]
    found: Annotated[bool, Field(description="Whether the documents answer the question.")]
    citations: list[Cited]
    location: Annotated[str, Field(description="Where it was written: on-premises, cloud, mixed or nowhere.")]
    conversation: Annotated[UUID, Field(description="For a follow-up.")]
    withheld: Annotated[int, Field(description="Sentences of the answer that are kept back.")]
    notes: list[str]

    def as_text(self) -> str:
        sources = [
            f"[{each.marker}] {each.title}{_on(each.pages)} ({uri_of(each.document)}): “{each.quote}”"
            for each in self.citations
        ]
        listed = ["\n".join(["Sources, quoted as data:", *sources])] if sources else []
        follow_up = f"Conversation for a follow-up: {self.conversation}"
        return "\n\n".join([self.answer, *listed, *self.notes, follow_up])


def answer_question(visit: Visit, asked: Asked) -> Handout:
    followed = _conversation(visit, asked)
    before = Origin() if followed is None else _said_in(followed)
    question = pose(visit.person, asked.question, conversation=followed, leaving=asked.leaving)
    answer = _finished(question, visit)
    thread = question.conversation
    where = visit.read_at(thread.get_absolute_url())
    released = release(answer, _held_to(answer, before), visit.reader)
    sheet = answered(answer)
    cited = [each for each in sheet.citations if each.marker in released.markers]
    texts = [released.text, *(text for each in cited for text in (each.title, each.quote))]
    covered = cover(texts, released.origin, visit.reader, made_from=released.made_from, conversation=thread)
    notes = [*sheet.missing, *notes_of(covered), *_kept_back(released.withheld, where)]
    return Handout(_reply(answer, cited, covered, released.withheld, notes), covered, where)


def _conversation(visit: Visit, asked: Asked) -> Conversation | None:
    if asked.conversation is None:
        return None
    return get_object_or_404(Conversation.objects.visible_to(visit.person), pk=asked.conversation)


def _said_in(thread: Conversation) -> Origin:
    """What was said before, also in the portal, comes along in a follow-up's answer."""
    return Origin(sensitivity=Sensitivity(thread.sensitivity), leaving=Leaving(thread.leaving))


def _finished(question: Question, visit: Visit) -> Answer:
    """
    Raises:
        Unavailable: it was not finished.
    """
    with closing(ask(question)) as events:
        for event in events:
            visit.tell(_progress(event))
            if isinstance(event, Finished) and event.answer.state == Answer.State.DONE:
                return event.answer
    question.answer.refresh_from_db()
    raise Unavailable(question.answer.failure or "The answer was not finished. Ask again.")


def _progress(event: Event) -> str:
    if not isinstance(event, Sources):
        return ""
    passages = len(event.plan.packed)
    return f"An answer is written from {passages} passage{'' if passages == 1 else 's'}."


def _held_to(answer: Answer, before: Origin) -> Origin:
    """What the answer was asked with: it may be wished to stay in."""
    leaving = Leaving.strictest([before.leaving, answer.question.leaving])
    return Origin(sensitivity=before.sensitivity, leaving=leaving, subject=answer.pk)


def _kept_back(withheld: int, where: str) -> list[str]:
    if not withheld:
        return []
    what = "1 sentence of the answer is" if withheld == 1 else f"{withheld} sentences of the answer are"
    return [
        f"{what} withheld: they may say what may not go to a model outside, or what speaks to models. {where}"
    ]


def _reply(
    answer: Answer, cited: Sequence[sheets.Cited], covered: Covered, withheld: int, notes: list[str]
) -> Written:
    text, *rest = covered.texts
    citations = [
        Cited(marker=each.marker, document=each.document, title=title, pages=list(each.pages), quote=quote)
        for each, title, quote in zip(cited, rest[::2], rest[1::2], strict=True)
    ]
    return Written(
        answer=text,
        found=answer.found,
        citations=citations,
        location=answer.location,
        conversation=answer.question.conversation_id,
        withheld=withheld,
        notes=notes,
    )


def _on(pages: list[int]) -> str:
    return f", page {', '.join(map(str, pages))}" if pages else ""


ASK = Tool(
    name="ask",
    title="Ask the documents",
    description=(
        "Answers a question from the company's documents, in a few sentences with numbered citations that were "
        "checked. It takes seconds to minutes. Where the documents do not answer, it says so: do not fill the gap. "
        "Use it for questions; use search to see the passages themselves."
    ),
    verb="ask",
    arguments=Asked,
    reply=Written,
    run=answer_question,
    adds=True,
)
