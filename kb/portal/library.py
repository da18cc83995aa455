"""The library: rows of documents, searched and narrowed. The address is the state."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kb.portal.facets import chosen, facets, narrowing
from kb.portal.holdings import find
from kb.visitor import PersonRequest

PER_PAGE = 25
LONGEST_SEARCH = 300
"""Characters; the rest of a longer search is not looked at."""


@login_required
@require_GET
def library(request: PersonRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = find(words, request.user, narrowing(request.GET))
    narrowed = found.documents.filter(**chosen(request.GET))
    rows = narrowed.select_related("collection", "category", "current_version")
    context = {
        "words": words,
        "found": found,
        "facets": facets(found.documents, request.GET),
        "narrowed": bool(chosen(request.GET)),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "portal/library.html", context)
