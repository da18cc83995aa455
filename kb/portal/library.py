"""The library: rows of documents, searched and narrowed. The address is the state."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kb.models import Collection, Person
from kb.models.searches import LONGEST_SEARCH
from kb.people.sharing import shared_by
from kb.portal.facets import COLLECTION, Value, chosen, facets, narrowed, narrowing
from kb.portal.holdings import find
from kb.visitor import PersonRequest

PER_PAGE = 25


@login_required
@require_GET
def library(request: PersonRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    choices = chosen(request.GET)
    found = find(words, request.user, narrowing(choices))
    rows = narrowed(found.documents, choices).select_related("collection", "category", "current_version")
    context = {
        "words": words,
        "found": found,
        "facets": facets(found.documents, request.GET),
        "narrowed": bool(choices),
        "shared": _shared(request.user, choices.get(COLLECTION)),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "portal/library.html", context)


def _shared(person: Person, collection: Value | None) -> Collection | None:
    """The collection that the list is narrowed to, for who may share it."""
    return None if collection is None else shared_by(person).filter(pk=collection).first()
