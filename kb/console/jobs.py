"""Ingestion as it goes on, and its history; pausing it, and acting on many documents at once."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from ingestion.acts import Act, act_on, act_on_batch
from ingestion.jobs import pause, resume
from ingestion.jobs_live import live
from ingestion.jobs_shown import jobs_of
from kb.console.access import administrators_only
from kb.console.jobs_filter import JobFilter
from kb.console.jobs_form import ActForm, PauseForm
from kb.models import Version
from kb.visitor import PersonRequest

PER_PAGE = 50


@administrators_only
@require_GET
def jobs(request: PersonRequest) -> HttpResponse:
    form = JobFilter(request.GET)
    versions = form.versions(request.user).select_related("document__owner", "document__collection")
    page = Paginator(versions, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "narrowed": bool(form.chosen()),
        "page": page,
        "jobs": jobs_of(page, request.user),
        "live": live(request.user),
    }
    return render(request, "console/jobs.html", context)


@administrators_only
@require_GET
def jobs_live(request: PersonRequest) -> HttpResponse:
    """The overview alone, which the page asks for while it is looked at."""
    return render(request, "console/_jobs_live.html", {"live": live(request.user)})


@administrators_only
@require_POST
def jobs_pause(request: PersonRequest) -> HttpResponse:
    """Pauses ingestion, or goes on with it."""
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was changed. Use at most 200 characters for the reason."))
    elif form.cleaned_data["on"]:
        pause(request.user, form.cleaned_data["reason"])
        messages.success(request, _("Ingestion is paused. What is being worked on goes on to its end."))
    else:
        resume(request.user)
        messages.success(request, _("Ingestion goes on."))
    return redirect("jobs")


@administrators_only
@require_POST
def jobs_act(request: PersonRequest) -> HttpResponse:
    """Does one thing with the chosen documents, with a batch, or with all that the address narrows down to."""
    form = ActForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was done. Choose at least one document of the list."))
    else:
        _tell(request, _act(request, form))
    if back := form.cleaned_data.get("back"):
        return redirect("job", pk=back)
    return redirect(f"{reverse('jobs')}?{request.GET.urlencode()}")


def _act(request: PersonRequest, form: ActForm) -> int:
    act, batch = Act(form.cleaned_data["act"]), form.cleaned_data["batch"]
    if batch:
        return act_on_batch(batch, act, request.user)
    if form.cleaned_data["all"]:
        return act_on(JobFilter(request.GET).versions(request.user), act, request.user)
    return act_on(Version.objects.filter(pk__in=form.cleaned_data["item"]), act, request.user)


def _tell(request: PersonRequest, count: int) -> None:
    if not count:
        messages.error(request, _("Nothing was done: what you chose is past that, or was changed meanwhile."))
        return
    told = ngettext("Done with %(count)d document.", "Done with %(count)d documents.", count)
    messages.success(request, told % {"count": count})
