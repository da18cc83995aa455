"""How much keys, people and groups may use: those that are limited, and setting the limits of one."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kb.console.access import administrators_only
from kb.console.allowance_forms import AllowanceForm
from kb.models import Allowance, ApiKey, Person
from kb.models.allowances import Period
from kb.people.allowances import Holder, allow, limits_of, used_by
from kb.visitor import PersonRequest

HOLDERS: Mapping[str, Callable[[int], Holder]] = {
    "key": lambda pk: get_object_or_404(ApiKey, pk=pk),
    "person": lambda pk: get_object_or_404(Person, pk=pk),
    "group": lambda pk: get_object_or_404(Group, pk=pk),
}


@administrators_only
@require_GET
def allowances(request: PersonRequest) -> HttpResponse:
    known = Allowance.objects.select_related("key__person", "person", "group").order_by("pk")
    rows = [
        {
            "allowance": each,
            "kind": each.kind,
            "today": used_by(each.holder, Period.DAY),
            "month": used_by(each.holder, Period.MONTH),
        }
        for each in known
    ]
    return render(request, "console/allowances.html", {"rows": rows})


@administrators_only
@require_http_methods(["GET", "POST"])
def allowance(request: PersonRequest, kind: str, pk: int) -> HttpResponse:
    """POST sets it."""
    if kind not in HOLDERS:
        raise Http404
    holder = HOLDERS[kind](pk)
    form = AllowanceForm(limits_of(holder), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        allow(holder, form.limits, request.user)
        messages.success(request, _("The limits of %(holder)s were saved.") % {"holder": holder})
        return redirect("allowance", kind, pk)
    context = {
        "holder": holder,
        "kind": kind,
        "form": form,
        "today": used_by(holder, Period.DAY),
        "month": used_by(holder, Period.MONTH),
    }
    return render(request, "console/allowance.html", context, status=422 if form.errors else 200)
