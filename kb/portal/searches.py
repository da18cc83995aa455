"""A person's own searches: the last ones, which are remembered, and those that he saves. Nobody else gets to know."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kb.errors import Rejected
from kb.models import Search
from kb.models.searches import LONGEST_NAME
from kb.portal.search import UNDONE
from kb.portal.sought import Sought, read
from kb.visitor import PersonRequest


@login_required
@require_POST
def search_remember(request: PersonRequest) -> HttpResponse:
    """Notes a search of which a result was opened, which is a search that was meant."""
    sought = _posted(request)
    if sought.words:
        Search.remember(request.user, words=sought.words, query=sought.query)
    return HttpResponse(status=204)


@login_required
@require_POST
def search_forget(request: PersonRequest) -> HttpResponse:
    Search.objects.visible_to(request.user).recent().delete()
    messages.success(request, _("Your last searches were forgotten."))
    return redirect("search")


@login_required
@require_POST
def search_save(request: PersonRequest) -> HttpResponse:
    sought = _posted(request)
    if not sought.words:
        return redirect("search")
    name = request.POST.get("name", "").replace("\0", "").strip() or sought.words
    try:
        saved = Search.keep(request.user, name=name[:LONGEST_NAME], words=sought.words, query=sought.query)
        messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
    except Rejected as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('search')}?{sought.query}")


@login_required
@require_POST
def search_delete(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Deletes a saved search. The next page offers to save it again."""
    found = get_object_or_404(Search.objects.visible_to(request.user).saved(), pk=pk)
    found.delete()
    request.session[UNDONE] = {"name": found.name, "query": found.query}
    return redirect("search")


def _posted(request: PersonRequest) -> Sought:
    """The search that a form names by its query, read as an address is."""
    return read(QueryDict(request.POST.get("query", "")), request.user)
