"""Complaints about answers and citations, for those who manage the documents that they stand on."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kb.models import Citation, Feedback
from kb.portal.forms import ResolveForm
from kb.portal.render import render_answer
from kb.reading import complaints as told_of
from kb.reading.cited import chunk_of
from kb.visitor import PersonRequest

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Place:
    """A citation that the person may see."""

    title: str
    address: str
    quote: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """`question`, `answer` and the note may hold anything that the answer drew on: a withheld one has none."""

    feedback: Feedback
    places: tuple[Place, ...]
    withheld: bool
    question: str = ""
    answer: SafeString | str = ""
    note: str = ""


@login_required
@require_GET
def complaints(request: PersonRequest) -> HttpResponse:
    waiting = Feedback.objects.to_resolve_by(request.user).select_related("answer__question")
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "complaints": [_shown(each) for each in told_of.complaints(list(page), request.user)],
    }
    return render(request, "portal/complaints.html", context)


@login_required
@require_POST
def resolve(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Feedback.objects.to_resolve_by(request.user), pk=pk)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["note"][0]))
    elif found.resolve(request.user, form.cleaned_data["note"]):
        messages.success(request, _("It is resolved, and the person who asked is told."))
    return redirect("complaints")


def _shown(told: told_of.Complaint) -> Complaint:
    feedback, places = told.feedback, tuple(_place(each) for each in told.citations)
    if told.withheld:
        return Complaint(feedback, places, withheld=True)
    return Complaint(
        feedback,
        places,
        withheld=False,
        question=feedback.answer.question.text,
        answer=render_answer(feedback.answer.text, {}),
        note=feedback.note,
    )


def _place(citation: Citation) -> Place:
    chunk = chunk_of(citation)
    document = chunk.version.document
    address = document.get_absolute_url()
    if chunk.version_id == document.current_version_id:
        address = f"{address}?chunk={chunk.ordinal}#chunk-{chunk.ordinal}"
    return Place(document.title, address, citation.quote)
