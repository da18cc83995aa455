"""A document's versions: bringing in a new one, and answering whether it is one of another document."""

from typing import BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ingestion.sources.likeness import versions_offered
from ingestion.sources.versions import answer, revise, take_back
from kb.errors import StrongroomError
from kb.models import Document, Likeness
from kb.visitor import PersonRequest


@login_required
@require_POST
def document_revise(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Takes one file as the document's new version."""
    found = get_object_or_404(Document.objects.editable_by(request.user), pk=pk)
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose the file of the new version."))
        return redirect(found)
    try:
        revise(found, request.user, cast(BinaryIO, file.file), name=file.name or "")
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("The new version is being read. Until it is ready, the old one is found.")
        )
    return redirect(found)


@login_required
@require_POST
def likeness_answer(request: PersonRequest, pk: UUID) -> HttpResponse:
    """“New version of …?” of this document: yes or no."""
    question = get_object_or_404(versions_offered(request.user), version__document=pk)
    document, like = question.version.document, question.like
    is_new_version = request.POST.get("answer") == "yes"
    try:
        answer(question, request.user, is_new_version=is_new_version)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect(document)
    if like is None or not is_new_version:
        messages.success(request, _("It stays a document of its own."))
        return redirect(document)
    messages.success(request, _("It is a version of this document now, and is being read again as that."))
    return redirect(like.document)


@login_required
@require_POST
def likeness_take_back(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Asks the question of the document's current version again."""
    found = get_object_or_404(Document.objects.editable_by(request.user), pk=pk)
    given = get_object_or_404(Likeness, version=found.current_version_id)
    try:
        take_back(given, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The answer was taken back."))
    return redirect(found)
