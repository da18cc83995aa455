"""The ledger: every call of a model, whether anything left the building, and proof that no row was touched."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from kb.console.access import administrators_only
from kb.models import ModelCall
from kb.visitor import PersonRequest

PER_PAGE = 50
LOCATIONS = [("on-premises", _("On-premises")), ("cloud", _("Cloud"))]


class LedgerFilter(forms.Form):
    """What the address narrows the ledger to. A value that is none of these narrows nothing."""

    purpose = forms.ChoiceField(
        label=_("Purpose"), required=False, choices=[("", _("Any purpose")), *ModelCall.Purpose.choices]
    )
    location = forms.ChoiceField(label=_("Where"), required=False, choices=[("", _("Anywhere")), *LOCATIONS])
    decision = forms.ChoiceField(
        label=_("Decision"), required=False, choices=[("", _("Any decision")), *ModelCall.Decision.choices]
    )
    subject = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def chosen(self) -> dict[str, str | UUID]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the calls that are listed."""

    calls: int
    refused: int
    left: int
    bytes_left: int

    @classmethod
    def of(cls, calls: QuerySet[ModelCall]) -> Self:
        sent_out = Q(location="cloud", decision=ModelCall.Decision.SEND)
        found = calls.aggregate(
            calls=Count("pk"),
            refused=Count("pk", filter=Q(decision=ModelCall.Decision.REFUSE)),
            left=Count("pk", filter=sent_out),
            bytes_left=Sum("sent_bytes", filter=sent_out, default=0),
        )
        return cls(**found)


@administrators_only
@require_http_methods(["GET", "POST"])
def ledger(request: PersonRequest) -> HttpResponse:
    """POST reads the whole chain and says whether it stands as it was written."""
    verdict = ModelCall.objects.verify() if request.method == "POST" else None
    if verdict and request.htmx:
        return render(request, "console/_verdict.html", {"verdict": verdict})
    form = LedgerFilter(request.GET)
    calls = ModelCall.objects.filter(**form.chosen())
    context = {
        "form": form,
        "narrowed": bool(form.chosen()),
        "page": Paginator(calls.select_related("person"), PER_PAGE).get_page(request.GET.get("page")),
        "totals": Totals.of(calls),
        "verdict": verdict,
    }
    return render(request, "console/ledger.html", context)
