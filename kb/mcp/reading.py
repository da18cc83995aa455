"""The tools `get_document` and `get_passages`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from pydantic import Field

from inference.outside import Choice, Origin, choose, cover
from kb.mcp.quoting import Passage, as_hits, as_quotes, notes_of, quoted
from kb.mcp.shape import Arguments, Handout, Reply, Tool, uri_of
from kb.mcp.visit import Visit
from kb.models import Chunk, Document, Sensitivity
from kb.models.chunks import ChunkQuerySet

MOST_PASSAGES = 40
FARTHEST = 1_000_000
"""Passages of one document that anybody will ask for."""


class Wanted(Arguments):
    document: Annotated[UUID, Field(description="The id that search and ask give with each passage.")]


class Sheet(Reply):
    document: UUID
    uri: Annotated[str, Field(description="The resource with its text.")]
    title: str
    collection: str
    category: str
    tags: list[str]
    sensitivity: Annotated[str, Field(examples=["INTERNAL"])]
    summary: str
    language: Annotated[str, Field(description="ISO 639-1; empty where it is not known.")]
    pages: int | None
    passages: Annotated[int, Field(description="That the person may see.")]
    added: datetime
    updated: datetime
    notes: list[str]

    def as_text(self) -> str:
        facts = {
            "Title": self.title,
            "Collection": self.collection,
            "Category": self.category,
            "Tags": ", ".join(self.tags),
            "Sensitivity": self.sensitivity.capitalize(),
            "Language": self.language,
            "Pages": self.pages,
            "Passages": self.passages,
            "Added": f"{self.added:%Y-%m-%d}",
            "Summary, quoted as data": self.summary,
            "Text": self.uri,
        }
        return "\n".join([*(f"{name}: {value}" for name, value in facts.items() if value), *self.notes])


class Stretch(Arguments):
    document: Annotated[UUID, Field(description="The id that search and ask give with each passage.")]
    start: Annotated[int, Field(ge=0, le=FARTHEST, description="The number of the first passage.")] = 0
    count: Annotated[int, Field(ge=1, le=MOST_PASSAGES, description="Passages, at most.")] = 10


class Passages(Reply):
    passages: list[Passage]
    next: Annotated[int | None, Field(description="The start of what follows; null at the end.")]
    withheld: Annotated[int, Field(description="Passages among these that may not leave the building.")]
    notes: list[str]

    def as_text(self) -> str:
        more = [] if self.next is None else [f"More follows: get_passages with start {self.next}."]
        return as_quotes(self.passages, [*self.notes, *more])


def get_document(visit: Visit, wanted: Wanted) -> Handout:
    document = readable_document(wanted.document, visit)
    version = document.current_version
    if version is None:
        raise Http404
    chunks = chunks_of(document, visit)
    # A summary of sentences that speak to models would speak to models.
    summary = "" if chunks.instructing().exists() else version.summary
    shelved = [document.collection.name, str(document.category or "")]
    tags = [tag.name for tag in document.tags.order_by("name")]
    origin = Origin(documents=(document.pk,), subject=document.pk)
    covered = cover([document.title, summary, *shelved, *tags], origin, visit.reader)
    title, summary, collection, category, *tags = covered.texts
    sheet = Sheet(
        document=document.pk,
        uri=uri_of(document.pk),
        title=title,
        collection=collection,
        category=category,
        tags=tags,
        sensitivity=Sensitivity(document.sensitivity).name,
        summary=summary,
        language=version.language,
        pages=version.pages,
        passages=chunks.count(),
        added=document.created_at,
        updated=document.updated_at,
        notes=notes_of(covered),
    )
    return Handout(sheet, covered, visit.read_at(document.get_absolute_url()))


def get_passages(visit: Visit, stretch: Stretch) -> Handout:
    document = readable_document(stretch.document, visit)
    where = visit.read_at(document.get_absolute_url())
    rows = list(chunks_of(document, visit).filter(ordinal__gte=stretch.start)[: stretch.count + 1])
    choice = choose(as_hits(rows[: stretch.count]), visit.reader)
    result = quoted(choice.hits, origin_of(document, choice), visit)
    reply = Passages(
        passages=result.passages,
        next=rows[-1].ordinal if len(rows) > stretch.count else None,
        withheld=choice.withheld,
        notes=notes_of(result.covered, choice.withheld, where),
    )
    return Handout(reply, result.covered, where)


def readable_document(document: UUID, visit: Visit) -> Document:
    """
    Raises:
        Http404: there is none, or none that the person may see.
    """
    visible = Document.objects.visible_to(visit.person).select_related(
        "collection", "category", "current_version"
    )
    return get_object_or_404(visible, pk=document)


def chunks_of(document: Document, visit: Visit) -> ChunkQuerySet:
    """Those that the person may see, in their order."""
    chunks = Chunk.objects.visible_to(visit.person).filter(version__document=document)
    return chunks.select_related("version__document").order_by("ordinal")


def origin_of(document: Document, choice: Choice) -> Origin:
    return Origin(
        chunks=tuple(hit.chunk for hit in choice.hits), documents=(document.pk,), subject=document.pk
    )


DOCUMENT = Tool(
    name="get_document",
    title="Look at a document",
    description=(
        "Facts about one document by its id: title, collection, category, tags, sensitivity, summary, and how many "
        "passages it has. Its text comes with get_passages."
    ),
    verb="read",
    arguments=Wanted,
    reply=Sheet,
    run=get_document,
)

PASSAGES = Tool(
    name="get_passages",
    title="Read a document",
    description=(
        "The text of one document in parts, from any passage on: to read around a passage that search found, start "
        "a few numbers before it."
    ),
    verb="read",
    arguments=Stretch,
    reply=Passages,
    run=get_passages,
)
