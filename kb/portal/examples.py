"""Questions and searches to begin with, made from what this person may see."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from uuid import UUID

from django.utils.translation import gettext as _

from kb.models import Chunk, Document, Person

EXAMPLES = 3
NEWEST = 12
"""Documents that are looked at."""
FIRST = 20
"""Chunks of each, at its beginning."""
SHORTEST, LONGEST = 6, 60
"""Characters of a heading that makes a good question."""
NUMBERING = re.compile(r"^[\W\d]+")
WORD = re.compile(r"\w{4,}")


def example_questions(person: Person) -> list[str]:
    """One each about the newest documents that have a heading to ask about, of different collections first."""
    return list(islice(_questions(_newest(person), person), EXAMPLES))


def example_searches(person: Person) -> list[str]:
    """Titles of the newest documents, of different collections first."""
    return list(dict.fromkeys(document.title for document in _newest(person)))[:EXAMPLES]


def _newest(person: Person) -> list[Document]:
    visible = Document.objects.visible_to(person).exclude(current_version=None)
    newest = list(visible.order_by("-created_at")[:NEWEST])
    first_of_its_collection = {document.collection_id: document for document in reversed(newest)}.values()
    others = [document for document in newest if document not in first_of_its_collection]
    return [*first_of_its_collection, *others]


def _questions(documents: list[Document], person: Person) -> Iterator[str]:
    headings = _headings(documents, person)
    for document in documents:
        if topic := _topic(document.title, headings[document.current_version_id]):
            yield _("What does “%(title)s” say about “%(topic)s”?") % {
                "title": document.title,
                "topic": topic,
            }


def _headings(documents: list[Document], person: Person) -> Mapping[UUID | None, list[str]]:
    """Of each version the innermost headings over its first chunks, in order. One query."""
    versions = [document.current_version_id for document in documents]
    chunks = Chunk.objects.visible_to(person).filter(version__in=versions, ordinal__lt=FIRST)
    found = defaultdict[UUID | None, list[str]](list)
    for version, headings in chunks.order_by("version", "ordinal").values_list("version", "headings"):
        found[version] += headings[-1:]
    return found


def _topic(title: str, headings: Iterable[str]) -> str:
    """The first heading that says more than the title does."""
    for heading in headings:
        topic = NUMBERING.sub("", heading)
        if SHORTEST <= len(topic) <= LONGEST and not _words(topic) & _words(title):
            return topic
    return ""


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.casefold()))
