"""The ledger: every call of a model, whether anything left the building, and proof that no row was touched."""

from dataclasses import dataclass
from typing import Self

from cryptography.fernet import InvalidToken
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kb.console.access import administrators_only
from kb.console.departures import Departures
from kb.console.ledger_filter import LedgerFilter
from kb.models import Event, LedgerPayload, ModelCall
from kb.visitor import PersonRequest

PER_PAGE = 50


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
    calls = form.calls()
    context = {
        "form": form,
        "narrowed": bool(form.chosen()),
        "page": Paginator(calls, PER_PAGE).get_page(request.GET.get("page")),
        "totals": Totals.of(calls),
        "departures": Departures.of(calls),
        "verdict": verdict,
    }
    return render(request, "console/ledger.html", context)


@administrators_only
@never_cache
@require_POST
def payload(request: PersonRequest, sequence: int) -> HttpResponse:
    """What was sent, word for word; that somebody reads it is written down first."""
    readable = LedgerPayload.objects.filter(call__sensitivity__lte=request.user.clearance)
    kept = get_object_or_404(readable.select_related("call"), call__sequence=sequence)
    note = f"Row {sequence} of the ledger."
    Event.objects.create(person=request.user, verb=Event.Verb.PAYLOAD, subject=kept.pk, note=note)
    try:
        text = kept.opened().decode()
    except InvalidToken:
        text = None
    return render(request, "console/payload.html", {"call": kept.call, "text": text})
