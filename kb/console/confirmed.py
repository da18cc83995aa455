"""Confirmed answers, each a click away from a golden question; and golden questions by hand."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ingestion.evaluate.golden_sets import add_question
from kb.console.access import administrators_only
from kb.console.golden_forms import GoldenQuestionForm
from kb.errors import Rejected
from kb.models import Answer, GoldenSet, Person
from kb.reading.confirmed import Confirmed, confirmed_for, shown
from kb.visitor import PersonRequest

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """A confirmed answer that this person may read, and the golden question that it would make."""

    answer: Answer
    quote: str
    form: GoldenQuestionForm


@administrators_only
@require_http_methods(["GET", "POST"])
def confirmed(request: PersonRequest) -> HttpResponse:
    """POST makes a golden question of one, in the person's set of such."""
    if request.method == "POST":
        form = GoldenQuestionForm(request.user, request.POST)
        if form.is_valid():
            name = _("Confirmed answers")
            golden, _made = GoldenSet.objects.get_or_create(owner=request.user, name=name)
            _add(request, golden, form)
        else:
            _tell_errors(request, form)
        return redirect("confirmed")
    newest = confirmed_for(request.user).order_by("-given_at")
    page = Paginator(newest, PER_PAGE).get_page(request.GET.get("page"))
    offered = [_offered(each, request.user) for each in shown(page, request.user)]
    context = {"page": page, "confirmed": offered}
    return render(request, "console/confirmed.html", context)


@administrators_only
@require_POST
def golden_add(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One more question in a set, by hand."""
    golden = get_object_or_404(GoldenSet.objects.visible_to(request.user), pk=pk)
    form = GoldenQuestionForm(request.user, request.POST)
    if form.is_valid():
        _add(request, golden, form)
    else:
        _tell_errors(request, form)
    return redirect(golden)


def _add(request: PersonRequest, golden: GoldenSet, form: GoldenQuestionForm) -> None:
    try:
        add_question(golden, **form.cleaned_data)
    except Rejected as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The question was added to “%(name)s”.") % {"name": golden.name})


def _tell_errors(request: PersonRequest, form: GoldenQuestionForm) -> None:
    for errors in form.errors.values():
        messages.error(request, str(errors[0]))


def _offered(each: Confirmed, person: Person) -> Offered:
    known = {
        "text": each.question,
        "document": each.chunk.version.document.title,
        "page": each.chunk.first_page,
        "words": each.words,
    }
    form = GoldenQuestionForm(person, initial=known, auto_id=f"id_{each.citation.pk}_%s")
    return Offered(each.answer, each.citation.quote, form)
