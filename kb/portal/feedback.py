"""Thumbs: the person who asked says whether an answer, or one of its citations, is any good."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kb.models import Answer, Citation, Feedback
from kb.portal.forms import FeedbackForm
from kb.portal.thumbs import thumb_on
from kb.reading.judging import answer_to, citation_of, judge, take_back
from kb.visitor import PersonRequest


@login_required
@require_POST
def answer_feedback(request: PersonRequest, pk: UUID) -> HttpResponse:
    return _said(request, answer_to(request.user, pk), None)


@login_required
@require_POST
def citation_feedback(request: PersonRequest, pk: UUID, marker: int) -> HttpResponse:
    answer = answer_to(request.user, pk)
    return _said(request, answer, citation_of(answer, marker, request.user))


def _said(request: PersonRequest, answer: Answer, citation: Citation | None) -> HttpResponse:
    """Notes the thumb, changes it, or takes it back when the form says nothing."""
    form = FeedbackForm(request.POST)
    if form.is_valid():
        _note(answer, citation, form)
    error = next((str(each) for errors in form.errors.values() for each in errors), "")
    if request.htmx:
        given = (
            Feedback.objects.filter(answer=answer, citation=citation).select_related("resolved_by").first()
        )
        thumb = thumb_on(answer, citation, given, error=error)
        return render(request, "portal/_thumb.html", {"thumb": thumb})
    if error:
        messages.error(request, error)
    return redirect(f"{answer.question.conversation.get_absolute_url()}#answer-{answer.pk}")


def _note(answer: Answer, citation: Citation | None, form: FeedbackForm) -> None:
    if form.helpful is None:
        take_back(answer, citation)
        return
    said = form.cleaned_data
    judge(answer, citation, helpful=form.helpful, reason=said["reason"], note=said["note"])
