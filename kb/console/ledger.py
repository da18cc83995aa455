"""The ledger: every call of a model, whether anything left the building, and proof that no row was touched."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kb.console.access import administrators_only
from kb.console.ledger_filter import LedgerFilter
from kb.models import LedgerPayload, ModelCall
from kb.numbers.departures import Departures
from kb.numbers.totals import Totals
from kb.visitor import PersonRequest

PER_PAGE = 50


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
    readable = LedgerPayload.objects.readable_by(request.user).select_related("call")
    kept = get_object_or_404(readable, call__sequence=sequence)
    text = kept.read_by(request.user)
    return render(request, "console/payload.html", {"call": kept.call, "text": text})
