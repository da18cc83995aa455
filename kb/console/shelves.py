"""The collections that a person edits: which label their documents get at least, and which by default."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from ingestion.minimum import change_rules
from kb.console.access import administrators_only
from kb.console.forms import RulesForm
from kb.errors import Denied
from kb.models import Collection, Document, Sensitivity
from kb.visitor import PersonRequest


@administrators_only
@require_GET
def shelves(request: PersonRequest) -> HttpResponse:
    visible = Q(documents__in=Document.objects.visible_to(request.user))
    mine = Collection.objects.editable_by(request.user).annotate(
        holds=Count("documents", filter=visible, distinct=True)
    )
    context = {
        "shelves": mine,
        "labels": [label for label in Sensitivity if label <= request.user.clearance],
    }
    return render(request, "console/shelves.html", context)


@administrators_only
@require_POST
def shelf_rules(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Collection.objects.editable_by(request.user), pk=pk)
    form = RulesForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the labels."))
        return redirect("shelves")
    try:
        raised = change_rules(found, request.user, **form.cleaned_data)
    except Denied as error:
        messages.error(request, str(error))
        return redirect("shelves")
    told = ngettext(
        "“%(name)s” was saved. %(count)d document became stricter.",
        "“%(name)s” was saved. %(count)d documents became stricter.",
        raised,
    )
    messages.success(request, told % {"name": found.name, "count": raised})
    return redirect("shelves")
