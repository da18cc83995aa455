"""A company's own golden questions, and the documents of its library that answer them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import Q

from ingestion.evaluate.judged import Gold, Judged, Place, Query
from ingestion.evaluate.readers import Line
from kb.errors import Rejected
from kb.models import Chunk, Document, GoldenQuestion, Person

MOST_NAMED = 5
"""Documents that an error names."""


def line_of(row: GoldenQuestion) -> Line:
    gold = None if row.refuse else Gold(row.document, page=row.page)
    return Line(row.text, gold, tuple(row.words))


def resolved(queries: Sequence[Query], person: Person) -> list[Query]:
    """The queries with the ids of documents instead of their titles or file names.

    Raises:
        Rejected: no document that the person can see is called so.
    """
    names = {gold.document for query in queries for gold in query.gold}
    ids = {name: _ids(name, person) for name in sorted(names)}
    if unknown := [name for name, found in ids.items() if not found]:
        named = "”, “".join(unknown[:MOST_NAMED])
        more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
        raise Rejected(
            f"{person.username} can see no document with the title or file name “{named}”{more}. "
            "Write the names as the library shows them."
        )
    return [_with_ids(query, ids) for query in queries]


def look_up(places: Sequence[Place], person: Person) -> list[Judged]:
    """The chunks at these places, as far as the person may see them. One query."""
    visible = Chunk.objects.visible_to(person).filter(version__in={each.version for each in places})
    rows = {(row.version_id, row.ordinal): row for row in visible.select_related("version")}
    found = [rows[key] for each in places if (key := (each.version, each.ordinal)) in rows]
    return [Judged(str(row.version.document_id), row.ordinal, row.pages, row.text) for row in found]


def _ids(name: str, person: Person) -> list[str]:
    """All that are called so: two copies answer equally well."""
    called = Q(title__iexact=name) | Q(current_version__name__iexact=name)
    documents = Document.objects.visible_to(person).filter(called)
    return [str(document) for document in documents.values_list("pk", flat=True)]


def _with_ids(query: Query, ids: Mapping[str, Sequence[str]]) -> Query:
    gold = tuple(replace(gold, document=each) for gold in query.gold for each in ids[gold.document])
    return replace(query, gold=gold)
