"""Documents that conceal text or speak to language models, until a person has looked at them."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ingestion.suspicion import clear
from kb.console.access import administrators_only
from kb.console.forms import ClearForm
from kb.hidden import HiddenText
from kb.models import Chunk, Document
from kb.reading import suspects
from kb.visitor import PersonRequest

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Instruction:
    """A sentence that speaks to a model, and where it stands."""

    sentence: str
    address: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """A document, and why a person should look at it."""

    document: Document
    instructions: tuple[Instruction, ...]
    further: int
    """Instructions that are not listed."""
    hidden: tuple[HiddenText, ...]


@administrators_only
@require_http_methods(["GET", "POST"])
def suspicious(request: PersonRequest) -> HttpResponse:
    """POST clears one: what it holds is harmless."""
    person = request.user
    waiting = Document.objects.suspicious_to(person).select_related("collection", "current_version")
    if request.method == "POST":
        form = ClearForm(waiting, request.POST)
        found = get_object_or_404(waiting, pk=form.chosen())
        clear(found, person)
        messages.success(request, _("“%(title)s” was cleared.") % {"title": found.title})
        return redirect("review-suspicious")
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "queue": "review-suspicious",
        "page": page,
        "suspects": [_shown(suspects.suspect(document, person)) for document in page],
        "documents_waiting": Document.objects.to_review_by(person).count(),
        "passages_waiting": Chunk.objects.to_review_by(person).count(),
        "suspicious_waiting": page.paginator.count,
    }
    return render(request, "console/suspicious.html", context)


def _shown(told: suspects.Suspect) -> Suspect:
    document = told.document
    places = (f"?chunk={chunk.ordinal}#chunk-{chunk.ordinal}" for chunk in told.speaking)
    return Suspect(
        document=document,
        instructions=tuple(
            Instruction(chunk.instruction, f"{document.get_absolute_url()}{place}")
            for chunk, place in zip(told.speaking, places, strict=True)
        ),
        further=told.further,
        hidden=told.hidden,
    )
