"""What was brought in together: how far it is, file by file, and what to do about what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from ingestion.batches import KEPT, WHERE, counts, retry_failed
from ingestion.sources.likeness import versions_offered
from kb.models import Batch, Document, Person, Transfer, Version
from kb.models.library import SETTLED, Stage
from kb.visitor import PersonRequest

PER_PAGE = 50
LATEST = 5
"""Batches that the upload page shows."""
MOST_TOLD = 100
"""Files that were not taken, or were there already, that a page names."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A file that came in. Bringing it in gives no right to read it: `visible` says that, and `named` of its name.

    `path` is where it lay, where somebody sent it with that.
    """

    version: Version
    visible: bool
    named: bool
    path: str


@dataclass(frozen=True, slots=True)
class Told:
    """A file that did not become a document; `document` has its bytes already, and this person may see it."""

    transfer: Transfer
    document: Document | None


@login_required
@require_GET
def batches(request: PersonRequest) -> HttpResponse:
    """All that this person brought in."""
    page = Paginator(_listed(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/batches.html", {"page": page})


@login_required
@require_GET
def batches_latest(request: PersonRequest) -> HttpResponse:
    """The newest of them, as a fragment."""
    return render(request, "portal/_batches_latest.html", latest(request.user))


@login_required
@require_GET
def batch(request: PersonRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)
    return render(request, "portal/batch.html", _shown(found, request))


@login_required
@require_GET
def batch_files(request: PersonRequest, pk: UUID) -> HttpResponse:
    """How far its files are, as a fragment that asks again until all have settled."""
    found = get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)
    return render(request, "portal/_batch.html", _shown(found, request))


@login_required
@require_POST
def batch_retry(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Sends what failed on its way again, as far as this person may change it."""
    found = get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)
    if sent := retry_failed(found, request.user):
        told = ngettext(
            "%(count)d file is on its way again.", "%(count)d files are on their way again.", sent
        )
        messages.success(request, told % {"count": sent})
    else:
        messages.error(request, _("Nothing here failed that you may send again."))
    return redirect(found)


def latest(person: Person) -> dict[str, object]:
    """What the list of the newest batches shows, and whether it should ask again."""
    newest = list(_listed(person)[:LATEST])
    unsettled = Version.objects.filter(KEPT, batch__in=newest).exclude(stage__in=SETTLED)
    return {"batches": newest, "unsettled": unsettled.exists()}


def _listed(person: Person) -> QuerySet[Batch]:
    """A person's own, with how many of their files came in, are ready, and so on."""
    kept = Q(versions__retired=False)
    counted = {
        "taken": Count("versions", filter=kept),
        "ready": Count("versions", filter=kept & Q(versions__stage=Stage.READY)),
        "failed": Count("versions", filter=kept & Q(versions__stage=Stage.FAILED)),
        "known": _told(Transfer.State.KNOWN),
        "refused": _told(Transfer.State.REFUSED),
    }
    mine = Batch.objects.filter(person=person).annotate(**counted)
    return mine.select_related("collection").order_by("-created_at")


def _told(state: Transfer.State) -> Subquery:
    """How many files of a batch ended so; none where there are none."""
    ended = Transfer.objects.filter(batch=OuterRef("pk"), state=state).order_by()
    return Subquery(ended.values("batch").annotate(held=Count("pk")).values("held"))


def _shown(batch: Batch, request: PersonRequest) -> dict[str, object]:
    mine = batch.person_id == request.user.pk
    kept = request.GET.get("state", "")
    versions = batch.versions.filter(WHERE.get(kept, Q()), KEPT)
    page = Paginator(_in_order(versions), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "batch": batch,
        "mine": mine,
        "counts": counts(batch),
        "page": page,
        "followed": _followed(page, request.user, mine=mine),
        "not_taken": _not_taken(batch, request.user) if mine else [],
        "sending": batch.transfers.unfinished()[:MOST_TOLD] if mine else [],
        "archives": batch.containers.filter(mail=None)[:MOST_TOLD] if mine else [],
        "questions": versions_offered(request.user).filter(version__batch=batch)[:MOST_TOLD],
        "state": kept if kept in WHERE else "",
    }


def _in_order(versions: QuerySet[Version]) -> QuerySet[Version]:
    """As they came in, and what came in a mail or an archive behind it."""
    came = Coalesce("document__parent__created_at", "document__created_at")
    whole = Coalesce("document__parent", "document")
    return versions.select_related("document__parent").order_by(
        came, whole, F("document__parent").asc(nulls_first=True), "created_at", "pk"
    )


def _not_taken(batch: Batch, person: Person) -> Sequence[Told]:
    """The refused ones first."""
    states = [Transfer.State.REFUSED, Transfer.State.KNOWN]
    transfers = batch.transfers.filter(state__in=states).select_related("version")
    first = transfers.order_by("-state", "created_at")[:MOST_TOLD]
    versions = [transfer.version_id for transfer in first]
    visible = Document.objects.visible_to(person).filter(versions__in=versions).in_bulk()
    return [
        Told(transfer, visible.get(transfer.version.document_id) if transfer.version else None)
        for transfer in first
    ]


def _followed(page: Page[Version], person: Person, *, mine: bool) -> Sequence[Followed]:
    visible = set(
        Document.objects.visible_to(person)
        .filter(pk__in=[version.document_id for version in page])
        .values_list("pk", flat=True)
    )
    sent = Transfer.objects.filter(version__in=list(page), state=Transfer.State.TAKEN)
    paths = dict(sent.values_list("version", "path"))
    return [
        Followed(
            version,
            visible=version.document_id in visible,
            named=mine or version.document_id in visible,
            path=paths.get(version.pk) or version.path or version.name,
        )
        for version in page
    ]
