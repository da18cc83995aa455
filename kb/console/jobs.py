"""Ingestion as it goes on, and its history; pausing it, and acting on many documents at once."""

from collections.abc import Callable, Mapping
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from ingestion.jobs import pause, prioritise, prioritise_batch, put_back, resume, set_aside
from kb.console.access import administrators_only
from kb.console.jobs_filter import JobFilter
from kb.console.jobs_form import ActForm, PauseForm
from kb.console.jobs_live import live
from kb.console.jobs_shown import jobs_of
from kb.models import Batch, Person, Priority, Version
from kb.models.library import Stage, VersionQuerySet
from kb.visitor import PersonRequest

PER_PAGE = 50
PRIORITIES = {"first": Priority.FIRST, "normal": Priority.NORMAL, "later": Priority.LATER}
ACTS: Mapping[str, Callable[[VersionQuerySet, Person], int]] = {
    "set-aside": set_aside,
    "put-back": put_back,
    **{name: partial(prioritise, priority=priority) for name, priority in PRIORITIES.items()},
}


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
    act, batch = form.cleaned_data["act"], form.cleaned_data["batch"]
    if batch and act in PRIORITIES:
        return prioritise_batch(batch, request.user, PRIORITIES[act])
    return ACTS[act](_chosen(request, form, batch), request.user)


def _chosen(request: PersonRequest, form: ActForm, batch: Batch | None) -> VersionQuerySet:
    if batch:
        versions = Version.objects.filter(batch=batch)
        # What an administrator has set aside stays so when all that failed is retried.
        return versions.filter(stage=Stage.FAILED) if form.cleaned_data["act"] == "put-back" else versions
    if form.cleaned_data["all"]:
        return JobFilter(request.GET).versions(request.user)
    return Version.objects.filter(pk__in=form.cleaned_data["item"])


def _tell(request: PersonRequest, count: int) -> None:
    if not count:
        messages.error(request, _("Nothing was done: what you chose is past that, or was changed meanwhile."))
        return
    told = ngettext("Done with %(count)d document.", "Done with %(count)d documents.", count)
    messages.success(request, told % {"count": count})
