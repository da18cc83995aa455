"""One version: how it came to what it is, stage by stage, and what can be done with it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ingestion.jobs import read_again
from ingestion.jobs_shown import jobs_of
from ingestion.jobs_timeline import timeline
from ingestion.parse.registry import engine_name
from kb.console.access import administrators_only
from kb.console.jobs_form import ParserForm
from kb.errors import StrongroomError
from kb.models import Document, Version
from kb.visitor import PersonRequest


@administrators_only
@require_http_methods(["GET", "POST"])
def job(request: PersonRequest, pk: UUID) -> HttpResponse:
    """POST has it read again."""
    found = Version.objects.select_related("document__owner", "document__collection", "batch")
    version = get_object_or_404(found, pk=pk, retired=False)
    if request.method == "POST":
        return _read_again(request, version)
    [shown] = jobs_of([version], request.user)
    may_edit = Document.objects.editable_by(request.user).filter(pk=version.document_id).exists()
    context = {
        "job": shown,
        "version": version,
        "attempts": timeline(shown, timezone.now()),
        "parser": engine_name(version.chosen_parser) if version.chosen_parser else "",
        "form": ParserForm(version) if may_edit and version.settled else None,
    }
    return render(request, "console/_job.html" if request.htmx else "console/job.html", context)


def _read_again(request: PersonRequest, version: Version) -> HttpResponse:
    form = ParserForm(version, request.POST)
    try:
        if not form.is_valid():
            raise StrongroomError(_("Choose one of the parsers that are listed."))
        read_again(version, request.user, form.cleaned_data["parser"])
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It will be read again. Until then readers find what was found before."))
    return redirect("job", pk=version.pk)
