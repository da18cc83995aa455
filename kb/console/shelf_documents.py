"""The documents of a collection that the viewer may see, and moving those that he may change."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ingestion.move import Moved, move
from kb.console.access import administrators_only
from kb.console.shelf_forms import MoveForm
from kb.errors import StrongroomError
from kb.models import Collection, Document
from kb.visitor import PersonRequest

PER_PAGE = 50
MOST_TOLD = 5
"""Documents that stayed, of which the page says why; of the others it says how many."""


@administrators_only
@require_http_methods(["GET", "POST"])
def shelf_documents(request: PersonRequest, pk: int) -> HttpResponse:
    """POST moves the chosen ones to another collection."""
    found = get_object_or_404(Collection, pk=pk)
    if request.method == "POST":
        _move(request, found)
        return redirect("shelf-documents", pk)
    documents = Document.objects.visible_to(request.user).filter(collection=found)
    rows = documents.select_related("owner", "current_version").order_by("title", "pk")
    editable = Collection.objects.editable_by(request.user)
    context = {
        "shelf": found,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "may_edit": editable.filter(pk=pk).exists(),
        "targets": editable.exclude(pk=pk),
    }
    return render(request, "console/shelf_documents.html", context)


def _move(request: PersonRequest, source: Collection) -> None:
    form = MoveForm(source, request.user, request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return
    chosen, target = form.cleaned_data["document"], form.cleaned_data["target"]
    try:
        done = move(chosen.values_list("pk", flat=True), target, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
        return
    _tell(request, done, target)


def _tell(request: PersonRequest, done: Moved, target: Collection) -> None:
    if done.moved:
        messages.success(request, _moved(done, target))
    for sentence in done.held[:MOST_TOLD]:
        messages.error(request, sentence)
    if more := len(done.held[MOST_TOLD:]):
        messages.error(request, _("%(count)d more stayed where they are.") % {"count": more})


def _moved(done: Moved, target: Collection) -> str:
    count = len(done.moved)
    told = ngettext(
        "%(count)d document was moved to “%(target)s”.",
        "%(count)d documents were moved to “%(target)s”.",
        count,
    ) % {"count": count, "target": target}
    if not done.raised:
        return told
    names = ", ".join(f"“{title}”" for title in done.raised[:MOST_TOLD])
    return f"{told} " + _("Its minimum made stricter: %(names)s.") % {"names": names}
