"""A question → which documents it is about, and what each of them is to be asked."""

import re

from django.db.models import Q, QuerySet

from inference.retrieve import retrieve
from inference.selection import ASKS_ACROSS, DOCUMENTS, OFFERED
from inference.terms import content_terms
from kb.errors import Rejected
from kb.models import Answer, Document, Person, Survey

MOST_DOCUMENTS = 60
SUMS_UP = re.compile(
    r"\b(summari[sz]e|sum up|summary of|what is (the|this) (whole )?\w+ about|zusammenfassen|zusammenfassung"
    r"|fass(e|en)?\b.*\bzusammen)\b",
    re.IGNORECASE | re.DOTALL,
)
NOUN = re.compile(rf"\b{DOCUMENTS}\b", re.IGNORECASE)
SCOPE = re.compile(
    rf"\b(please|compare|summari[sz]e|sum up|list|(all|every|each)( of)?( the| our)?( \d+)? {DOCUMENTS}"
    rf"|across( all)?( the| our)?( \d+)?( {DOCUMENTS})?|overview of|differences? between|{DOCUMENTS})\b",
    re.IGNORECASE,
)
"""Words that say which documents are asked, and how, but not what."""
ANY = frozenset({"document", "documents"})


def kind_of(text: str) -> Survey.Kind:
    return Survey.Kind.SUMMARISE if SUMS_UP.search(text) else Survey.Kind.COMPARE


def needs_all(text: str) -> bool:
    """Whether the question asks for more than the passages that are nearest to it."""
    return bool(ASKS_ACROSS.search(text) or SUMS_UP.search(text))


def topic_of(text: str) -> str:
    """What each document is asked: “on termination” of “Compare all 14 contracts on termination”."""
    topic = " ".join(SCOPE.sub(" ", text).split()).strip(" ?.,:;")
    return topic if content_terms(topic) else text


def documents_for(text: str, person: Person) -> list[Document]:
    """Those that the question names by their kind: “all contracts”; else those in which something is found for it.

    Raises:
        Rejected: there are none, or too many.
        IndexUnavailable: the index could not be reached.
    """
    visible = Document.objects.visible_to(person).exclude(current_version=None)
    documents = list(_of_kind(text, visible)) or list(_found(text, visible, person))
    return checked(documents)


def documents_of(answer: Answer, person: Person) -> list[Document]:
    """Those that an answer cites, as far as the person may see them now.

    Raises:
        Rejected: there are none.
    """
    cited = Document.objects.filter(versions__chunks__citations__answer=answer)
    visible = Document.objects.visible_to(person).exclude(current_version=None)
    return checked(list(visible.filter(pk__in=cited.values("pk")).order_by("title", "pk")))


def checked(documents: list[Document]) -> list[Document]:
    if not documents:
        raise Rejected("No document that you may see is about this, so there is nothing to read.")
    if len(documents) > MOST_DOCUMENTS:
        raise Rejected(
            f"These would be {len(documents)} documents; at most {MOST_DOCUMENTS} are read for one question. "
            "Ask about fewer, for example of one year or one supplier."
        )
    return documents


def _of_kind(text: str, visible: QuerySet[Document]) -> QuerySet[Document]:
    noun = NOUN.search(text)
    if noun is None or noun[0].casefold() in ANY:
        return visible.none()
    kind = noun[0].casefold().removesuffix("s").removesuffix("ie")
    named = Q(title__icontains=kind) | Q(category__name__icontains=kind) | Q(tags__name__icontains=kind)
    return visible.filter(named).distinct().order_by("title", "pk")


def _found(text: str, visible: QuerySet[Document], person: Person) -> QuerySet[Document]:
    hits = retrieve(text, person, limit=OFFERED).hits
    return visible.filter(pk__in={hit.document for hit in hits}).order_by("title", "pk")
