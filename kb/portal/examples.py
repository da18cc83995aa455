"""Questions and searches to begin with, made from what this person may see."""

import re
from collections.abc import Iterator
from itertools import islice

from django.utils.translation import gettext as _

from kb.models import Chunk, Document, Person

EXAMPLES = 3
NEWEST = 12
"""Documents that are looked at."""
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
    for document in documents:
        if topic := _topic(document, person):
            yield _("What does “%(title)s” say about “%(topic)s”?") % {
                "title": document.title,
                "topic": topic,
            }


def _topic(document: Document, person: Person) -> str:
    """The first heading that says more than the title does."""
    chunks = Chunk.objects.visible_to(person).filter(version=document.current_version_id)
    for headings in chunks.order_by("ordinal").values_list("headings", flat=True):
        topic = NUMBERING.sub("", headings[-1]) if headings else ""
        if SHORTEST <= len(topic) <= LONGEST and not _words(topic) & _words(document.title):
            return topic
    return ""


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.casefold()))
