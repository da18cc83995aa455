"""The file that was brought in: its bytes, and the pages of a PDF with what is cited marked on them."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from ingestion.store import path_of
from kb.download import HARMLESS, StoredFile, attachment
from kb.models import Document, Version
from kb.models.library import Stage
from kb.openable import openable, whole
from kb.portal.places import place_in
from kb.visitor import PersonRequest


@login_required
@require_GET
def original(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The pages of a PDF, at what the address points to. What has none, or is hidden in part, is read as text."""
    found = get_object_or_404(openable(request.user).select_related("collection"), pk=pk)
    place = place_in(found, request)
    version = place.chunk.version if place else found.current_version
    text = f"{found.get_absolute_url()}?{place.query}#quote" if place else found.get_absolute_url()
    if version is None or not version.is_pdf or not whole(request.user).filter(pk=pk).exists():
        return redirect(text)
    context = {"document": found, "version": version, "place": place, "text": text}
    return render(request, "portal/original.html", context)


@login_required
@require_GET
def document_file(request: PersonRequest, pk: UUID, version: UUID | None = None) -> HttpResponseBase:
    """The bytes of the current version or of an earlier one, for those who may see every part of the document."""
    found = get_object_or_404(whole(request.user), pk=pk)
    sent = _version(found, version)
    path = path_of(sent.sha256)
    if not path.exists():
        raise Http404
    file = StoredFile(path, sent.name, sent.size, sent.media_type if sent.is_pdf else HARMLESS)
    return attachment(file, asked=request.headers.get("Range", ""))


def _version(document: Document, wanted: UUID | None) -> Version:
    if wanted is not None:
        return get_object_or_404(document.versions.filter(stage=Stage.READY), pk=wanted)
    version = document.current_version or document.latest
    if version is None:
        raise Http404
    return version
