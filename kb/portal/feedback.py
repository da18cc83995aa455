"""Thumbs: the person who asked says whether an answer, or one of its citations, is any good."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from kb.models import Answer, Chunk, Citation, Feedback, Person
from kb.portal.forms import FeedbackForm
from kb.portal.thumbs import thumb_on
from kb.visitor import PersonRequest


@login_required
@require_POST
def answer_feedback(request: PersonRequest, pk: UUID) -> HttpResponse:
    return _said(request, _answer_to(request.user, pk), None)


@login_required
@require_POST
def citation_feedback(request: PersonRequest, pk: UUID, marker: int) -> HttpResponse:
    answer = _answer_to(request.user, pk)
    chunks = Chunk.objects.visible_to(request.user)
    return _said(request, answer, get_object_or_404(answer.citations, marker=marker, chunk__in=chunks))


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
    helpful = form.helpful
    if helpful is None:
        Feedback.objects.filter(answer=answer, citation=citation).delete()
        return
    if helpful and citation is None and not answer.found:
        raise Http404
    Feedback.give(
        answer, citation, helpful=helpful, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"]
    )


def _answer_to(person: Person, pk: UUID) -> Answer:
    """A finished answer that this person asked for and may still read."""
    mine = Answer.objects.readable_by(person).filter(
        question__conversation__person=person, state=Answer.State.DONE
    )
    return get_object_or_404(mine.select_related("question__conversation"), pk=pk)
