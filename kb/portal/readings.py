"""What a person reads of an answer: its text, the sources that he may see now, and where it was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from inference import registry
from inference.plan import LLM
from inference.stretches import Stretch, stretches
from inference.survey.scope import needs_all
from kb.models import Answer, Chunk, Citation, Conversation, Document, ModelCall, Person, Sensitivity
from kb.portal.chunks import chunk_address
from kb.portal.doubts import Doubts, doubts_of
from kb.portal.places import address_of
from kb.portal.render import render_answer
from kb.portal.thumbs import Thumb, given_on, thumb_on
from kb.reading.cited import Edited, chunk_of, cited, edited
from kb.reading.conflicting import Disagreement, disagreements
from kb.reading.left_out import LeftOut, left_out
from kb.reading.refusals import Refusal, refusal_of
from kb.reading.surveying import Surveying, surveying

PREVIEW = 240
"""Characters of a source that are shown while the answer is still being written."""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that an answer stands on. `address` opens its document there."""

    marker: int
    title: str
    address: str
    quote: str
    sensitivity: int
    supported: bool
    first_page: int | None
    last_page: int | None
    instructs: bool
    """Whether it speaks to language models, and nobody has cleared it."""
    passage: str = ""
    """What opens it among the passages of its document; empty for one of an earlier version."""
    edited: Edited | None = None
    thumb: Thumb | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an answer that one model wrote, and how many passages it cites."""

    html: SafeString
    location: str
    model: str
    passages: int


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer as one person may read it. A withheld one has no text and no sources."""

    answer: Answer
    withheld: bool
    blocks: tuple[Block, ...] = ()
    sources: tuple[Source, ...] = ()
    calls: tuple[ModelCall, ...] = ()
    """The ledger's rows of this answer, in order."""
    doubts: Doubts = field(default_factory=Doubts)
    refusal: Refusal | None = None
    disagreements: tuple[Disagreement, ...] = ()
    thumb: Thumb | None = None
    """For the one who asked, once there is an answer."""
    surveying: Surveying | None = None
    left_out: LeftOut | None = None

    @property
    def labels(self) -> str:
        """The sources' labels in words: “Public or Internal”."""
        found = sorted({source.sensitivity for source in self.sources})
        return get_text_list([str(Sensitivity(each).label) for each in found], _("or"))

    @property
    def closed(self) -> bool:
        """Whether there is text that the person may not read any more."""
        return self.withheld and bool(self.answer.text)

    @property
    def pending(self) -> bool:
        """Whether there is an answer to wait for."""
        return self.answer.ongoing and not self.closed and not self.unconfirmed

    @property
    def unconfirmed(self) -> bool:
        """Whether somebody has to agree to the cost before anything is read."""
        return self.surveying is not None and self.surveying.unconfirmed

    @property
    def may_read_all(self) -> bool:
        """Whether there is more in the documents than the passages that the answer was made from."""
        return self.surveying is None and bool(self.sources)

    @property
    def asks_for_all(self) -> bool:
        """Whether the question is one that passages alone do not answer."""
        return self.surveying is None and needs_all(self.answer.question.text)

    @property
    def incomplete(self) -> bool:
        """Whether there is text of an answer that was never finished."""
        return self.answer.state != Answer.State.DONE and bool(self.answer.text) and not self.withheld

    @property
    def outside(self) -> bool:
        """Whether asking again may send something, so that there is a choice."""
        return registry.is_outside(LLM)

    @property
    def left_before(self) -> bool:
        """Whether something left for an answer that was made on-premises in the end."""
        return any(call.left_the_building for call in self.calls)

    @property
    def seconds(self) -> float:
        return float(sum(self.answer.seconds.values()))


def read(answer: Answer, person: Person) -> Reading:
    """What this person may read of the answer at this moment."""
    if not answer.readable_by(person):
        return Reading(answer, withheld=True, surveying=surveying(answer, person))
    judges = answer.state == Answer.State.DONE and answer.question.conversation.person_id == person.pk
    given = given_on(answer, person) if judges else {}
    sources = tuple(
        _cited(each, thumb_on(answer, each, given.get(each.pk)) if judges else None)
        for each in cited(answer, person)
    )
    addresses = {source.marker: source.address for source in sources}
    doubts = doubts_of(answer)
    blocks = tuple(_block(stretch, addresses, doubts) for stretch in stretches(answer))
    calls = tuple(ModelCall.objects.filter(subject=answer.pk, person=person).order_by("sequence"))
    return Reading(
        answer,
        withheld=False,
        blocks=blocks,
        sources=sources,
        calls=calls,
        doubts=doubts,
        refusal=refusal_of(answer, person),
        disagreements=disagreements(answer, person),
        thumb=thumb_on(answer, None, given.get(None)) if judges else None,
        surveying=surveying(answer, person),
        left_out=left_out(answer, person),
    )


def readings(thread: Conversation, person: Person) -> list[Reading]:
    """The whole conversation as this person may read it, in order."""
    answers = Answer.objects.filter(question__conversation=thread).select_related("question__conversation")
    return [read(each, person) for each in answers.order_by("question__created_at")]


def listed(answer: Answer, person: Person) -> tuple[Source, ...]:
    """The sources of an answer that is still being written, as far as the person may see them now."""
    markers = {chunk: marker for marker, chunk in answer.listed}
    chunks = Chunk.objects.visible_to(person).filter(pk__in=markers).select_related("version__document")
    found = [_listed(chunk, markers[chunk.pk]) for chunk in chunks]
    return tuple(sorted(found, key=lambda source: source.marker))


def _block(stretch: Stretch, addresses: Mapping[int, str], doubts: Doubts) -> Block:
    return Block(
        html=render_answer(stretch.text, addresses, doubts.within(stretch)),
        location=stretch.location,
        model=stretch.model,
        passages=len(addresses.keys() & set(stretch.markers)),
    )


def _cited(citation: Citation, thumb: Thumb | None) -> Source:
    chunk = chunk_of(citation)
    document: Document = chunk.version.document
    return Source(
        marker=citation.marker,
        title=document.title,
        address=address_of(citation, chunk),
        quote=citation.quote,
        sensitivity=max(chunk.sensitivity, document.sensitivity),
        supported=citation.supported,
        first_page=chunk.first_page,
        last_page=chunk.last_page,
        instructs=chunk.instructs,
        passage=_passage(chunk),
        edited=edited(citation),
        thumb=thumb,
    )


def _passage(chunk: Chunk) -> str:
    document: Document = chunk.version.document
    current = chunk.version_id == document.current_version_id
    return chunk_address(document.pk, chunk.ordinal) if current else ""


def _listed(chunk: Chunk, marker: int) -> Source:
    document = chunk.version.document
    return Source(
        marker=marker,
        title=document.title,
        address=f"{document.get_absolute_url()}?chunk={chunk.ordinal}#chunk-{chunk.ordinal}",
        quote=chunk.text[:PREVIEW],
        sensitivity=max(chunk.sensitivity, document.sensitivity),
        supported=True,
        first_page=chunk.first_page,
        last_page=chunk.last_page,
        instructs=chunk.instructs,
    )
