"""Labels that wait for a person: documents of which nothing is sure, and passages stricter than their document."""

from dataclasses import asdict

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ingestion.label import Standing
from ingestion.review import DOCUMENTS, PASSAGES, QUEUES, Decision, Queue, decide_all, take_back
from kb.console.access import administrators_only
from kb.console.forms import DecisionForm, ReviewFilter
from kb.models import Collection, Document, LearnedVote, Sensitivity
from kb.visitor import PersonRequest

PER_PAGE = 20
UNDO = "review-undo"
"""Where a session keeps what the last decision was made from."""


@administrators_only
@require_http_methods(["GET", "POST"])
def review(request: PersonRequest) -> HttpResponse:
    return _queue(request, DOCUMENTS)


@administrators_only
@require_http_methods(["GET", "POST"])
def review_passages(request: PersonRequest) -> HttpResponse:
    return _queue(request, PASSAGES)


@administrators_only
@require_POST
def review_undo(request: PersonRequest) -> HttpResponse:
    """Takes back what this session decided last."""
    last = request.session.pop(UNDO, None)
    queue = QUEUES.get(last["queue"]) if last else None
    if queue is None:
        messages.error(request, _("There is nothing to take back."))
        return redirect("review")
    decisions = [Decision(key, decided, Standing(**before)) for key, decided, before in last["decided"]]
    undone = take_back(queue, decisions, request.user)
    for each in undone.refused:
        messages.error(request, each.why)
    told = ngettext(
        "%(count)d label was taken back.", "%(count)d labels were taken back.", len(undone.decisions)
    )
    messages.success(request, told % {"count": len(undone.decisions)})
    return redirect(queue.name)


def _queue(request: PersonRequest, queue: Queue) -> HttpResponse:
    """POST decides about the chosen ones: each as it stands, or all with one label."""
    if request.method == "POST":
        form = DecisionForm(queue.mine(request.user), request.POST)
        _decide(request, queue, form)
        return redirect(_back(request, queue, form))
    person = request.user
    waiting = queue.waiting(person)
    collection = ReviewFilter(request.GET).chosen()
    narrowed = waiting.filter(**{queue.collection: collection}) if collection else waiting
    page = Paginator(narrowed, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "queue": queue.name,
        "page": page,
        "items": [queue.shown(each, person) for each in page],
        "documents_waiting": DOCUMENTS.waiting(person).count(),
        "passages_waiting": PASSAGES.waiting(person).count(),
        "suspicious_waiting": Document.objects.suspicious_to(person).count(),
        "collections": Collection.objects.filter(pk__in=waiting.order_by().values(queue.collection)),
        "collection": collection,
        "all_labels": list(Sensitivity),
        "labels": [each for each in Sensitivity if each <= person.clearance],
        "can_undo": UNDO in request.session,
        "learned": LearnedVote.objects.first(),
        "confirmed": Document.objects.live().filter(sensitivity_by=Document.DecidedBy.PERSON).count(),
    }
    return render(request, "console/review.html", context)


def _decide(request: PersonRequest, queue: Queue, form: DecisionForm) -> None:
    if not form.is_valid():
        messages.error(request, _("Nothing was decided. Choose at least one of those that are listed."))
        return
    chosen, reason = form.cleaned_data["sensitivity"], form.cleaned_data["reason"]
    done = decide_all(queue, form.cleaned_data["item"], request.user, chosen, reason=reason)
    for each in done.refused:
        messages.error(request, f"“{each.title}”: {each.why}")
    if done.decisions:
        kept = [(each.key, each.decided, asdict(each.before)) for each in done.decisions]
        request.session[UNDO] = {"queue": queue.name, "decided": kept}
        told = ngettext("%(count)d label was decided.", "%(count)d labels were decided.", len(kept))
        messages.success(request, told % {"count": len(kept)})


def _back(request: PersonRequest, queue: Queue, form: DecisionForm) -> str:
    """The same page, at the place where the decided one stood."""
    kept = QueryDict(mutable=True)
    kept.update({name: request.GET[name] for name in ("collection", "page") if name in request.GET})
    return f"{reverse(queue.name)}?{kept.urlencode()}#at-{form.cleaned_data.get('at') or 1}"
