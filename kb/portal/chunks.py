"""The chunks of a document beside its pages, one page at a time, or those that hold a word."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kb.models import Chunk, Document, Mending, Person, Version
from kb.models.library import holds_more_than
from kb.openable import openable, whole
from kb.portal.address import word
from kb.portal.cards import Attempt, cards
from kb.portal.passages import passages
from kb.portal.places import Place, place_in
from kb.visitor import PersonRequest

PER_PAGE = 20
"""Chunks, where the document has no pages, or a word is looked for."""
RECENT = 10
"""Changes that are listed."""
LONGEST_WORD = 200
"""Characters that are looked for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The chunks that are shown, and where that is among all; `by_page`: a page of the document at a time."""

    chunks: list[Chunk]
    page: Page[Chunk] | Page[int]
    by_page: bool


@login_required
@require_GET
def chunks(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Who may open the document may look; who may change it may mend."""
    found = get_object_or_404(openable(request.user).select_related("collection"), pk=pk)
    return chunks_page(request, found, place_in(found, request))


def chunks_page(
    request: PersonRequest, document: Document, place: Place | None, attempt: Attempt | None = None
) -> HttpResponse:
    """The page at a chunk; with what was written of it and not saved, if that is given."""
    version, person = document.current_version, request.user
    held = Chunk.objects.open_to(person).filter(version=version).select_related("edited_by")
    words = (word(request.GET, "q") or "")[:LONGEST_WORD]
    place = None if place and (place.outdated or "page" in request.GET) else place
    shown = _shown(request, held, version, place, words)
    may_edit = Document.objects.editable_by(person).filter(pk=document.pk).exists()
    context = {
        "document": document,
        "version": version,
        "place": place,
        "words": words,
        "shown": shown,
        "page": shown.page,
        "cards": cards(shown.chunks, attempt),
        "passages": passages(shown.chunks, place),
        "has_pages": _has_pages(document, version, person),
        "may_edit": may_edit,
        "changes": _changes(version) if may_edit else (),
        "standing": Mending.objects.standing().filter(version=version).count() if may_edit else 0,
        "lost": _lost(version, person) if may_edit else (),
    }
    return render(request, "portal/chunks.html", context)


def chunk_address(document: UUID, ordinal: int) -> str:
    """What opens this page at a chunk."""
    return f"{reverse('chunks', args=[document])}?chunk={ordinal}#chunk-{ordinal}"


def _shown(
    request: PersonRequest, held: QuerySet[Chunk], version: Version | None, place: Place | None, words: str
) -> Shown:
    """Those that hold the words; else those on one page of the document; else the next ones in order."""
    chunks = held.order_by("ordinal")
    number, at = request.GET.get("page"), place.chunk if place else None
    first = chunks.first()
    if words:
        return _listed(chunks.filter(text__icontains=words), number)
    if version is None or first is None or not (version.pages and first.first_page):
        before = chunks.filter(ordinal__lt=at.ordinal).count() if at else 0
        return _listed(chunks, before // PER_PAGE + 1 if at else number)
    page = Paginator(range(1, version.pages + 1), 1).get_page(number or (at or first).first_page)
    on_it = chunks.filter(first_page__lte=page.number, last_page__gte=page.number)
    return Shown(list(on_it), page, by_page=True)


def _listed(chunks: QuerySet[Chunk], number: int | str | None) -> Shown:
    page = Paginator(chunks, PER_PAGE).get_page(number)
    return Shown(list(page), page, by_page=False)


def _has_pages(document: Document, version: Version | None, person: Person) -> bool:
    """Whether there are pages to show beside the chunks, and nothing on them is hidden from this person."""
    if version is None or not version.is_pdf:
        return False
    return whole(person).filter(pk=document.pk).exists()


def _changes(version: Version | None) -> Iterable[Mending]:
    """The newest ones that stand or were taken back, without their texts."""
    made = Mending.objects.filter(version=version, lost_at=None).select_related("person", "undone_by")
    return made.order_by("-pk")[:RECENT]


def _lost(version: Version | None, person: Person) -> Iterable[Mending]:
    """Changes that did not fit what was read later, for those who may see all of the document: it is their text."""
    lost = Mending.objects.lost().filter(version=version, sensitivity__lte=person.clearance)
    documents = Document.objects.editable_by(person).exclude(holds_more_than(person))
    return lost.filter(version__document__in=documents).select_related("person")
