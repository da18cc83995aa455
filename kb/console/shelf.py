"""One collection: its name, its labels, who reads and edits it, and its end."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ingestion.minimum import change_rules
from kb.console.access import administrators_only
from kb.console.forms import RulesForm
from kb.console.shelf_forms import ShelfForm
from kb.errors import StrongroomError
from kb.models import Collection, Document, Sensitivity
from kb.people import sharing
from kb.visitor import PersonRequest


@administrators_only
@require_http_methods(["GET", "POST"])
def shelf(request: PersonRequest, pk: int) -> HttpResponse:
    """POST gives it another name or description."""
    found = get_object_or_404(Collection, pk=pk)
    form = ShelfForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        sharing.rename(found, form.cleaned_data["name"], form.cleaned_data["description"], request.user)
        messages.success(request, _("The collection was saved."))
        return redirect("shelf", pk)
    return _shown(request, found, form)


@administrators_only
@require_POST
def shelf_rules(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Collection.objects.editable_by(request.user), pk=pk)
    form = RulesForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the labels."))
        return redirect("shelf", pk)
    try:
        raised = change_rules(found, request.user, **form.cleaned_data)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect("shelf", pk)
    told = ngettext(
        "“%(name)s” was saved. %(count)d document became stricter.",
        "“%(name)s” was saved. %(count)d documents became stricter.",
        raised,
    )
    messages.success(request, told % {"name": found.name, "count": raised})
    return redirect("shelf", pk)


@administrators_only
@require_POST
def shelf_delete(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Collection, pk=pk)
    try:
        sharing.remove(found, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect("shelf", pk)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": found.name})
    return redirect("shelves")


def _shown(request: PersonRequest, found: Collection, form: ShelfForm | None = None) -> HttpResponse:
    """The page. A form that is given has what was written, and what is wrong with it."""
    context = {
        "shelf": get_object_or_404(Collection, pk=found.pk),
        "form": form or ShelfForm(found),
        "grants": sharing.grants(found),
        "readers": sharing.readers(found).count(),
        "holds": Document.objects.visible_to(request.user).filter(collection=found).count(),
        "may_edit": Collection.objects.editable_by(request.user).filter(pk=found.pk).exists(),
        "labels": [label for label in Sensitivity if label <= request.user.clearance],
    }
    return render(request, "console/shelf.html", context, status=422 if form and form.errors else 200)
