"""Documents → what each step reads: of a comparison a document, of a summary a stretch of sections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from inference.retrieve import retrieve
from kb.errors import Rejected
from kb.index.protocol import Narrowing
from kb.models import Chunk, Document, Person, Survey

MOST = 120
"""Steps."""


@dataclass(frozen=True, slots=True)
class Unit:
    """`chunks` are those that are read, in order; `passages` is how many the document or section has."""

    document: Document
    heading: str
    chunks: tuple[Chunk, ...]
    passages: int

    @property
    def characters(self) -> int:
        return _length(self.chunks)


def units(
    kind: Survey.Kind, documents: Sequence[Document], topic: str, person: Person, *, characters: int
) -> tuple[Unit, ...]:
    """Of all that the person may see in the documents; `characters` is what one step may read.

    Raises:
        Rejected: there is no text, or there are too many steps.
        IndexUnavailable: the index could not be reached.
    """
    found = list[Unit]()
    for document in documents:
        chunks = _visible(document, person)
        if kind == Survey.Kind.SUMMARISE:
            found += _stretches(document, chunks, characters)
        elif chunks:
            found.append(_asked(document, chunks, topic, person, characters))
    if not found:
        raise Rejected("There is no text in these documents that you may see.")
    if len(found) > MOST:
        raise Rejected(
            f"This would take {len(found)} steps; at most {MOST} are made for one question. Choose fewer documents."
        )
    return tuple(found)


def _visible(document: Document, person: Person) -> list[Chunk]:
    chunks = Chunk.objects.visible_to(person).filter(version__document=document)
    return list(chunks.select_related("version__document").order_by("ordinal"))


def _asked(document: Document, chunks: Sequence[Chunk], topic: str, person: Person, characters: int) -> Unit:
    """The whole document where it fits, else as much as fits of what is nearest to the topic in it."""
    if _length(chunks) <= characters:
        return Unit(document, document.title, tuple(chunks), len(chunks))
    hits = retrieve(topic, person, narrowing=Narrowing(documents=frozenset({document.pk}))).hits
    fitting = accumulate((len(hit.text) for hit in hits), initial=0)
    near = {
        hit.chunk for hit, taken in zip(hits, fitting, strict=False) if taken + len(hit.text) <= characters
    }
    read = [chunk for chunk in chunks if chunk.pk in near] or chunks[:1]
    return Unit(document, document.title, tuple(read), len(chunks))


def _stretches(document: Document, chunks: Sequence[Chunk], characters: int) -> Iterator[Unit]:
    """Whole sections together, as many as fit. No stretch has passages of two labels, so that the strict ones among
    them keep no other from a better model.
    """
    for _label, alike in groupby(chunks, lambda chunk: chunk.sensitivity):
        sections = [list(section) for _header, section in groupby(alike, lambda chunk: chunk.header)]
        for stretch in _together(sections, characters):
            yield Unit(document, stretch[0].header, tuple(stretch), len(stretch))


def _together(sections: Sequence[Sequence[Chunk]], characters: int) -> Iterator[list[Chunk]]:
    begun = list[Chunk]()
    for section in sections:
        # One that is too long by itself is cut wherever it must be.
        pieces = [section] if _length(section) <= characters else [[chunk] for chunk in section]
        for piece in pieces:
            if begun and _length(begun) + _length(piece) > characters:
                yield begun
                begun = []
            begun = [*begun, *piece]
    if begun:
        yield begun


def _length(chunks: Sequence[Chunk]) -> int:
    return sum(len(chunk.text) for chunk in chunks)
