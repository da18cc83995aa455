"""The routes: how text of each label may leave the building, everywhere and out of single collections.

Administrators read the names of all collections here, because a rule is about one; of what stands in them they
read nothing.
"""

import re

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kb.console.access import administrators_only
from kb.console.route_form import RoutesForm
from kb.models import Collection, RouteRule, Sensitivity
from kb.visitor import PersonRequest

NUMBER = re.compile(r"[0-9]{1,9}")


@administrators_only
@require_http_methods(["GET", "POST"])
def routes(request: PersonRequest) -> HttpResponse:
    """`collection` in the address, which may be repeated, gives a collection a row before it has a rule."""
    added = [int(pk) for pk in request.GET.getlist("collection") if NUMBER.fullmatch(pk)]
    shown = Collection.objects.filter(Q(route_rules__isnull=False) | Q(pk__in=added)).distinct()
    form = RoutesForm(RouteRule.objects.table(), list(shown), request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, _told(form.save(request.user)))
        return redirect("routes")
    context = {
        "form": form,
        "labels": list(Sensitivity),
        "addable": Collection.objects.exclude(pk__in=shown.values("pk")),
        "added": added,
    }
    return render(request, "console/routes.html", context, status=422 if form.errors else 200)


def _told(changed: int) -> str:
    if not changed:
        return _("Nothing was changed.")
    return ngettext(
        "%(changed)d rule was changed. It holds from now on, in running conversations too.",
        "%(changed)d rules were changed. They hold from now on, in running conversations too.",
        changed,
    ) % {"changed": changed}
