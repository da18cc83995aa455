"""Documents as resources: a list of the latest, and the text of each."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404
from mcp.types import (
    Annotations,
    ListResourcesResult,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from inference.outside import Covered, Origin, choose, cover
from kb.api.paging import Window, part_of
from kb.mcp.quoting import as_hits, notes_of
from kb.mcp.reading import chunks_of, origin_of, readable_document
from kb.mcp.shape import SCHEME, uri_of
from kb.mcp.visit import Visit
from kb.models import Document, Leaving, RouteRule

LISTED = 50
"""Documents that one part of the list looks at."""
LONGEST = 200
"""Passages of a document that are read at once."""
PLAIN = "text/plain"

TEMPLATE = ResourceTemplate(
    name="document",
    title="Document",
    uri_template=f"{SCHEME}{{id}}",
    description="The text of a document, by the id that search and ask give.",
    mime_type=PLAIN,
)


@dataclass(frozen=True, slots=True)
class Listing:
    result: ListResourcesResult
    covered: Covered


@dataclass(frozen=True, slots=True)
class Reading:
    result: ReadResourceResult
    covered: Covered
    otherwise: str


def list_documents(visit: Visit, cursor: str | None) -> Listing:
    """The latest first. Parts may be short, because what may not leave is not in them.

    Raises:
        Rejected: the cursor is none of ours.
    """
    readable = Document.objects.visible_to(visit.person).exclude(current_version=None)
    part = part_of(readable, Window(cursor=cursor, limit=LISTED), by="-created_at")
    table = RouteRule.objects.table()
    shown = [
        each
        for each in part.rows
        if not visit.reader.is_outside or table.leaving(each.sensitivity, each.collection_id) > Leaving.NEVER
    ]
    covered = cover(
        [each.title for each in shown], Origin(documents=tuple(each.pk for each in shown)), visit.reader
    )
    resources = [_resource(document, title) for document, title in zip(shown, covered.texts, strict=True)]
    return Listing(ListResourcesResult(resources=resources, next_cursor=part.next), covered)


def _resource(document: Document, title: str) -> Resource:
    return Resource(
        uri=uri_of(document.pk),
        name=title,
        title=title,
        mime_type=PLAIN,
        annotations=Annotations(last_modified=document.updated_at.isoformat()),
    )


def read_document(visit: Visit, uri: str) -> Reading:
    """
    Raises:
        Http404: there is no such document, or none that the person may see.
    """
    document = readable_document(_id_in(uri), visit)
    where = visit.read_at(document.get_absolute_url())
    rows = list(chunks_of(document, visit)[: LONGEST + 1])
    choice = choose(as_hits(rows[:LONGEST]), visit.reader)
    covered = cover([document.title, *choice.hits], origin_of(document, choice), visit.reader)
    notes = notes_of(covered, choice.withheld, where)
    if len(rows) > LONGEST:
        notes.append(f"The document goes on: read on with get_passages from {rows[-1].ordinal}.")
    text = "\n\n".join([*covered.texts, *(f"[{note}]" for note in notes)])
    contents = TextResourceContents(uri=uri, mime_type=PLAIN, text=text)
    return Reading(ReadResourceResult(contents=[contents]), covered, where)


def _id_in(uri: str) -> UUID:
    try:
        return UUID(uri.removeprefix(SCHEME))
    except ValueError as error:
        raise Http404 from error
