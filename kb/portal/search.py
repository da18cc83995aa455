"""Searching: the passages that fit best, word for word, with no model that writes. The address is the state."""

import logging

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url, replace_url

from kb.errors import Unavailable
from kb.models import Person, Search
from kb.portal.address import number
from kb.portal.examples import example_searches
from kb.portal.facets import SEARCH, facets
from kb.portal.finding import MOST, find
from kb.portal.results import groups
from kb.portal.snippets import Words
from kb.portal.sought import Sought, read
from kb.visitor import PersonRequest

log = logging.getLogger("strongroom.search")

STEP = 20
"""Passages that are shown at first, and more each time."""
UNDONE = "deleted_search"
"""Where the session keeps the saved search that was just deleted, until the next page has offered to undo it."""


@login_required
@require_GET
@vary_on_headers("HX-Request")
def search(request: PersonRequest) -> HttpResponse:
    """The page, or what stands below its field when the script asks for that.

    What is searched for while somebody is still typing is not remembered.
    """
    sought = read(request.GET, request.user)
    typing = request.htmx.trigger_name == "q"
    if sought.words and not typing:
        Search.remember(request.user, words=sought.words, query=sought.query)
    shown = min(max(number(request.GET, "n") or STEP, STEP), MOST)
    context = _found(sought, request.user, shown) if sought.words else _beginning(request.user)
    if request.htmx:
        response = render(request, "portal/_results.html", {"sought": sought, **context})
        # While typing, “back” should lead out of the page and not through every letter.
        return (replace_url if typing else push_url)(response, _address(sought, shown))
    context["deleted"] = request.session.pop(UNDONE, None)
    return render(request, "portal/search.html", {"sought": sought, **context})


def _found(sought: Sought, person: Person, shown: int) -> dict[str, object]:
    """What was found, or that nothing can be found at the moment."""
    try:
        finding = find(sought, person)
    except Unavailable as error:
        log.warning("The search could not be made: %s", error)
        return {"away": True}
    words = Words(sought.words, finding.language)
    return {
        "finding": finding,
        "groups": groups(words, finding.hits, person, shown=shown, seen=shown - STEP),
        "facets": facets(finding.documents, sought.address, SEARCH),
        "more": _address(sought, shown + STEP) if len(finding.hits) > shown else "",
    }


def _beginning(person: Person) -> dict[str, object]:
    """What the page shows before anything is searched for."""
    mine = Search.objects.visible_to(person)
    return {"saved": mine.saved(), "recent": mine.recent(), "examples": example_searches(person)}


def _address(sought: Sought, shown: int) -> str:
    address = sought.address
    if shown > STEP:
        address["n"] = str(shown)
    return f"{reverse('search')}?{address.urlencode()}" if address else reverse("search")
