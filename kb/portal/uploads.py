"""Bringing documents in: the page, and what its script asks before it sends files part by part."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from ingestion.parse.sniff import SUPPORTED
from ingestion.sources.containers.kinds import ARCHIVES
from ingestion.transfers import Announced, held_already, take_whole
from kb.models import Batch, Collection, Transfer
from kb.models.batches import batch_name
from kb.portal.batches import latest
from kb.portal.upload_forms import AnnouncedForm, KnownForm, UploadForm
from kb.visitor import PersonRequest

OF_A_BATCH = {"files": "transfers", "known": "known", "page": "batch"}
"""The addresses that a script needs, and their names."""


@login_required
@require_http_methods(["GET", "POST"])
def upload_page(request: PersonRequest) -> HttpResponse:
    """The form. What is sent with it at once becomes a batch, whose page says what became of each file."""
    _refuse_who_may_add_nothing(request)
    form = UploadForm(request.user, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return redirect(_taken(form))
    context = {
        "form": form,
        "unfinished": Transfer.objects.of(request.user).unfinished(),
        "formats": SUPPORTED,
        "archives": sorted(ARCHIVES),
        "limit": settings.UPLOAD_LIMIT,
        "limit_mb": settings.UPLOAD_LIMIT // 2**20,
        **latest(request.user),
    }
    return render(request, "portal/upload.html", context)


@login_required
@require_POST
def batch_begin(request: PersonRequest) -> JsonResponse:
    """Makes the batch that a script's files will belong to, and says where to send and where to follow them."""
    _refuse_who_may_add_nothing(request)
    form = AnnouncedForm(request.user, request.POST)
    if not form.is_valid():
        errors = {field: " ".join(map(str, sentences)) for field, sentences in form.errors.items()}
        return JsonResponse({"errors": errors}, status=422)
    batch = form.save(form.name)
    addresses = {name: reverse(view, args=[batch.pk]) for name, view in OF_A_BATCH.items()}
    return JsonResponse(addresses, status=201)


@login_required
@require_POST
def known(request: PersonRequest, pk: UUID) -> JsonResponse:
    """Whether the collection holds a file already, before a script sends it for nothing."""
    batch = get_object_or_404(Batch.objects.filter(person=request.user), pk=pk)
    form = KnownForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    document = held_already(batch, Announced(**form.cleaned_data))
    if document is None:
        return JsonResponse({"known": None})
    return JsonResponse({"known": {"title": document.title, "address": document.get_absolute_url()}})


def _refuse_who_may_add_nothing(request: PersonRequest) -> None:
    if not Collection.objects.editable_by(request.user).exists():
        raise Http404


def _taken(form: UploadForm) -> Batch:
    files = form.cleaned_data["documents"]
    batch = form.save(batch_name([file.name or "" for file in files]))
    for file in files:
        take_whole(batch, file.file, path=file.name or "", size=file.size or 0)
    return batch
