"""One document: its page, its way in, and what editors may do with it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from ingestion import tasks
from ingestion.delete import delete
from ingestion.label import label
from ingestion.tags import tag
from kb.errors import Denied, Rejected
from kb.hidden import hidden_texts
from kb.models import Chunk, Document, Version
from kb.openable import openable
from kb.portal.forms import LabelForm, TagsForm
from kb.portal.passages import passages
from kb.portal.personal import counts
from kb.portal.places import Place, place_in
from kb.portal.related import related
from kb.visitor import PersonRequest

PER_PAGE = 60
"""Passages."""


@login_required
@require_GET
def document(request: PersonRequest, pk: UUID) -> HttpResponse:
    return _shown(request, pk)


def _shown(
    request: PersonRequest, pk: UUID, *, form: TagsForm | None = None, label_form: LabelForm | None = None
) -> HttpResponse:
    """The page. A form that is given has what was written, and what is wrong with it."""
    found = get_object_or_404(openable(request.user).select_related("collection", "category", "owner"), pk=pk)
    tags = [str(each) for each in found.tags.all()]
    place = place_in(found, request)
    version = place.chunk.version if place else found.current_version
    chunks = Chunk.objects.open_to(request.user).filter(version=version)
    page = _page(request, chunks.select_related("edited_by").order_by("ordinal"), place)
    latest, may_edit = found.latest, Document.objects.editable_by(request.user).filter(pk=pk).exists()
    context = {
        "document": found,
        "version": version if place else latest,
        "outdated": bool(place and place.outdated),
        "hidden": hidden_texts(latest) if latest and may_edit else (),
        "tags": tags,
        "form": form or TagsForm(initial={"tags": ", ".join(tags)}),
        "label_form": label_form or LabelForm(found, request.user),
        "may_edit": may_edit,
        "place": place,
        "page": page,
        "related": related(found, request.user),
        "passages": passages(page, place),
        "personal": counts(chunks.only("personal")),
    }
    return render(request, "portal/document.html", context)


@login_required
@require_GET
def document_stage(request: PersonRequest, pk: UUID) -> HttpResponse:
    """How far it is, as a fragment. Once it is settled, the page that asks is loaded anew."""
    found = get_object_or_404(Document.objects.visible_to(request.user), pk=pk)
    version = _latest(found)
    if request.htmx and version.settled:
        return HttpResponseClientRefresh()
    return render(request, "portal/_stage.html", {"document": found, "version": version})


@login_required
@require_POST
def document_retry(request: PersonRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Document.objects.editable_by(request.user), pk=pk)
    try:
        tasks.retry(_latest(found), request.user)
    except Rejected as error:
        messages.error(request, str(error))
    return redirect(found)


@login_required
@require_POST
def document_tags(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Replaces all tags by those that are sent."""
    found = get_object_or_404(Document.objects.editable_by(request.user), pk=pk)
    form = TagsForm(request.POST)
    if not form.is_valid():
        return _shown(request, pk, form=form)
    tag(found, request.user, form.cleaned_data["tags"])
    messages.success(request, _("The tags were saved."))
    return redirect(found)


@login_required
@require_POST
def document_label(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Decides the label. A laxer one needs a reason, and the right."""
    found = get_object_or_404(Document.objects.editable_by(request.user), pk=pk)
    form = LabelForm(found, request.user, request.POST)
    if not form.is_valid():
        return _shown(request, pk, label_form=form)
    try:
        label(found, request.user, form.cleaned_data["sensitivity"], reason=form.cleaned_data["reason"])
    except (Denied, Rejected) as error:
        form.add_error("reason", str(error))
        return _shown(request, pk, label_form=form)
    messages.success(request, _("The label was saved."))
    return redirect(found)


@login_required
@require_POST
def document_delete(request: PersonRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Document.objects.editable_by(request.user), pk=pk)
    delete(found, request.user)
    messages.success(request, _("“%(title)s” was deleted.") % {"title": found.title})
    return redirect("library")


def _latest(document: Document) -> Version:
    version = document.latest
    if version is None:
        raise Http404
    return version


def _page(request: PersonRequest, chunks: QuerySet[Chunk], place: Place | None) -> Page[Chunk]:
    pages = Paginator(chunks, PER_PAGE)
    if place is None or "page" in request.GET:
        return pages.get_page(request.GET.get("page"))
    return pages.get_page(chunks.filter(ordinal__lt=place.chunk.ordinal).count() // PER_PAGE + 1)
