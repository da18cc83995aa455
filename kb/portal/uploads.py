"""Bringing documents in, and following what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from ingestion.parse.sniff import SUPPORTED
from ingestion.sources.upload import Declared, upload
from kb.errors import StrongroomError
from kb.models import Collection, Document, Person, Version
from kb.portal.forms import UploadForm
from kb.visitor import PersonRequest

RECENT = 20
"""Uploads that are listed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: `failure` is a sentence, and empty when it was taken."""

    name: str
    document: Document | None = None
    duplicate: bool = False
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """A file that this person brought in. Bringing it in gives no right to read it: `visible` says that."""

    version: Version
    visible: bool


@login_required
@require_http_methods(["GET", "POST"])
def upload_page(request: PersonRequest) -> HttpResponse:
    if not Collection.objects.editable_by(request.user).exists():
        raise Http404
    form = UploadForm(request.user, request.POST or None, request.FILES or None)
    outcomes = _take(form, request.user) if request.method == "POST" and form.is_valid() else []
    context = {
        "form": form,
        "outcomes": outcomes,
        **_progress(request.user),
        "formats": SUPPORTED,
        "limit": settings.UPLOAD_LIMIT,
        "limit_mb": settings.UPLOAD_LIMIT // 2**20,
    }
    template = "portal/_upload.html" if request.htmx else "portal/upload.html"
    return render(request, template, context)


@login_required
@require_GET
def uploads(request: PersonRequest) -> HttpResponse:
    """The progress of what this person brought in, as a fragment."""
    return render(request, "portal/_uploads.html", _progress(request.user))


def _take(form: UploadForm, person: Person) -> list[Outcome]:
    chosen = form.cleaned_data
    return [_take_one(file, form, person) for file in chosen["documents"]]


def _take_one(file: "UploadedFile[Any]", form: UploadForm, person: Person) -> Outcome:
    """One file's trouble is its own: the others are taken all the same."""
    name, chosen = file.name or "", form.cleaned_data
    declared = Declared(sensitivity=chosen["sensitivity"], tags=chosen["tags"])
    try:
        received = upload(
            person, chosen["collection"], cast(BinaryIO, file.file), name=name, declared=declared
        )
    except StrongroomError as error:
        return Outcome(name, failure=str(error))
    return Outcome(name, document=received.version.document, duplicate=received.duplicate)


def _progress(person: Person) -> dict[str, object]:
    """What the fragment shows, and whether it should ask again."""
    followed = _followed(person)
    return {"followed": followed, "unsettled": any(not each.version.settled for each in followed)}


def _followed(person: Person) -> Sequence[Followed]:
    mine = Version.objects.filter(document__in=Document.objects.uploaded_by(person))
    newest = list(mine.select_related("document").order_by("-created_at")[:RECENT])
    visible = set(
        Document.objects.visible_to(person)
        .filter(pk__in=[version.document_id for version in newest])
        .values_list("pk", flat=True)
    )
    return [Followed(version, version.document_id in visible) for version in newest]
