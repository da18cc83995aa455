"""What a person reads of an answer: its text, the sources that he may see now, and where it was made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from inference.pack import Packed
from inference.stretches import Stretch, stretches
from kb.models import Answer, Chunk, Citation, Document, ModelCall, Person, Sensitivity
from kb.portal.render import render_answer
from kb.portal.thumbs import Thumb, given_on, thumb_on

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
    thumb: Thumb | None = None
    """For the one who asked, once there is an answer."""

    @property
    def labels(self) -> str:
        """The sources' labels in words: “Public or Internal”."""
        found = sorted({source.sensitivity for source in self.sources})
        return get_text_list([str(Sensitivity(each).label) for each in found], _("or"))

    @property
    def seconds(self) -> float:
        return float(sum(self.answer.seconds.values()))


def read(answer: Answer, person: Person) -> Reading:
    """What this person may read of the answer at this moment."""
    if not answer.readable_by(person):
        return Reading(answer, withheld=True)
    judges = answer.state == Answer.State.DONE and answer.question.conversation.person_id == person.pk
    given = given_on(answer, person) if judges else {}
    sources = tuple(
        _cited(each, thumb_on(answer, each, given.get(each.pk)) if judges else None)
        for each in _visible(answer, person)
    )
    addresses = {source.marker: source.address for source in sources}
    blocks = tuple(_block(stretch, addresses) for stretch in stretches(answer))
    calls = tuple(ModelCall.objects.filter(subject=answer.pk, person=person).order_by("sequence"))
    thumb = thumb_on(answer, None, given.get(None)) if judges else None
    return Reading(answer, withheld=False, blocks=blocks, sources=sources, calls=calls, thumb=thumb)


def shown(packed: Sequence[Packed]) -> tuple[Source, ...]:
    """The sources that were found for an answer that is still being written."""
    return tuple(_found(each) for each in packed)


def _block(stretch: Stretch, addresses: Mapping[int, str]) -> Block:
    return Block(
        html=render_answer(stretch.text, addresses),
        location=stretch.location,
        model=stretch.model,
        passages=len(addresses.keys() & set(stretch.markers)),
    )


def _visible(answer: Answer, person: Person) -> Iterable[Citation]:
    chunks = Chunk.objects.visible_to(person)
    return answer.citations.filter(chunk__in=chunks).select_related("chunk__version__document")


def _cited(citation: Citation, thumb: Thumb | None) -> Source:
    chunk = citation.chunk
    assert chunk is not None  # noqa: S101  # Only citations of visible chunks come here.
    document: Document = chunk.version.document
    return Source(
        marker=citation.marker,
        title=document.title,
        address=f"{document.get_absolute_url()}?citation={citation.pk}#chunk-{chunk.ordinal}",
        quote=citation.quote,
        sensitivity=max(chunk.sensitivity, document.sensitivity),
        supported=citation.supported,
        first_page=chunk.first_page,
        last_page=chunk.last_page,
        thumb=thumb,
    )


def _found(packed: Packed) -> Source:
    hit = packed.hit
    return Source(
        marker=packed.shown.marker,
        title=hit.title,
        address=f"{reverse('document', args=[hit.document])}?chunk={hit.ordinal}#chunk-{hit.ordinal}",
        quote=hit.text[:PREVIEW],
        sensitivity=hit.sensitivity,
        supported=True,
        first_page=hit.first_page,
        last_page=hit.last_page,
    )
