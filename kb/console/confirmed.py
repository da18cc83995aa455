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
from ingestion.evaluate.key_span import key_span
from kb.console.access import administrators_only
from kb.console.golden_forms import GoldenQuestionForm
from kb.errors import Rejected
from kb.models import Answer, Chunk, Citation, Feedback, GoldenQuestion, GoldenSet, Person
from kb.visitor import PersonRequest

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Confirmed:
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
    page = Paginator(_citations(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "confirmed": [_shown(each, request.user) for each in page]}
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


def _citations(person: Person) -> list[Citation]:
    """The first citation that the person may see of each answer that began a conversation and is no question yet.

    A follow-up is left out: what it asks is only said by the questions before it.
    """
    said = Feedback.objects.confirming().values("answer")
    answers = Answer.objects.readable_by(person).filter(pk__in=said).values("pk")
    known = GoldenQuestion.objects.filter(golden_set__owner=person).values("text")
    first: dict[UUID, Citation] = {}
    cited = (
        Citation.objects.filter(
            answer__in=answers, supported=True, chunk__in=Chunk.objects.visible_to(person)
        )
        .exclude(answer__question__text__in=known)
        .select_related("answer__question__conversation", "chunk__version__document")
        .order_by("-answer__question__created_at", "marker")
    )
    for citation in cited:
        first.setdefault(citation.answer_id, citation)
    return [each for each in first.values() if _began(each.answer)]


def _began(answer: Answer) -> bool:
    return answer.question.conversation.questions.first() == answer.question


def _shown(citation: Citation, person: Person) -> Confirmed:
    chunk, question = citation.chunk, citation.answer.question.text
    assert chunk is not None  # noqa: S101  # Only citations of visible chunks come here.
    known = {
        "text": question,
        "document": chunk.version.document.title,
        "page": chunk.first_page,
        "words": key_span(question, citation.quote),
    }
    form = GoldenQuestionForm(person, initial=known, auto_id=f"id_{citation.pk}_%s")
    return Confirmed(citation.answer, citation.quote, form)
