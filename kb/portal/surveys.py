"""Reading all of some documents for one question: begun from an answer or a document, agreed to, and followed."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from inference.survey.again import ask_of_all, summarise
from ingestion import tasks
from kb.errors import BudgetSpent, Rejected
from kb.models import Answer, Conversation, Document, Survey
from kb.visitor import PersonRequest


@login_required
@require_POST
def answer_survey(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Asks the question of an answer once more, of all that the documents hold that it is about."""
    mine = Answer.objects.filter(question__conversation__in=Conversation.objects.visible_to(request.user))
    asked = get_object_or_404(mine.select_related("question__conversation"), pk=pk)
    try:
        survey = ask_of_all(asked, request.user)
    except (Rejected, BudgetSpent) as error:
        messages.error(request, str(error))
        return redirect(asked.question.conversation)
    return _begun(survey)


@login_required
@require_POST
def document_summarise(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Sums up all that the person may see of a document, section by section."""
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=pk)
    try:
        survey = summarise(document, request.user)
    except (Rejected, BudgetSpent) as error:
        messages.error(request, str(error))
        return redirect(document)
    return _begun(survey)


@login_required
@require_POST
def survey_confirm(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Agrees to what a survey will cost, so that it begins."""
    mine = Conversation.objects.visible_to(request.user)
    survey = get_object_or_404(Survey.objects.filter(answer__question__conversation__in=mine), answer=pk)
    survey.confirm()
    return _begun(survey)


def _begun(survey: Survey) -> HttpResponse:
    """To its place in the conversation; the workers are told where nobody has to agree any more."""
    if survey.confirmed:
        tasks.send_survey(survey.pk)
    answer = survey.answer
    return redirect(f"{answer.question.conversation.get_absolute_url()}#answer-{answer.pk}")
