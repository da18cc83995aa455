"""Labels that wait for a person: documents of which nothing is sure, and passages stricter than their document."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ingestion.label import Standing, label, label_passage, put_back, put_back_passage
from kb.console.access import administrators_only
from kb.console.forms import DecisionForm, ReviewFilter
from kb.console.waiting import Waiting, waiting_document, waiting_passage
from kb.errors import StrongroomError
from kb.models import Chunk, Collection, Document, LearnedVote, Person, Sensitivity
from kb.visitor import PersonRequest

PER_PAGE = 20
UNDO = "review-undo"
"""Where a session keeps what the last decision was made from."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What is reviewed: `waiting` are the undecided ones, `mine` all that the person may decide."""

    address: str
    waiting: Callable[[Person], QuerySet[Any]]
    mine: Callable[[Person], QuerySet[Any]]
    shown: Callable[[Any, Person], Waiting]
    decide: Callable[..., Standing]
    put_back: Callable[..., None]
    collection: str
    """The lookup that leads to it."""


DOCUMENTS = Queue(
    address="review",
    waiting=lambda person: Document.objects.to_review_by(person).select_related("collection", "votes"),
    mine=lambda person: Document.objects.editable_by(person),
    shown=waiting_document,
    decide=label,
    put_back=put_back,
    collection="collection",
)
PASSAGES = Queue(
    address="review-passages",
    waiting=lambda person: Chunk.objects.to_review_by(person).select_related("version__document__collection"),
    mine=lambda person: Chunk.objects.visible_to(person).select_related("version__document"),
    shown=waiting_passage,
    decide=label_passage,
    put_back=put_back_passage,
    collection="version__document__collection",
)
QUEUES = {queue.address: queue for queue in (DOCUMENTS, PASSAGES)}


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
    undone = 0
    for pk, decided, before in last["decided"]:
        found = queue.mine(request.user).filter(pk=pk).first()
        try:
            if found is not None:
                queue.put_back(found, request.user, Standing(**before), decided=decided)
                undone += 1
        except StrongroomError as error:
            messages.error(request, str(error))
    told = ngettext("%(count)d label was taken back.", "%(count)d labels were taken back.", undone)
    messages.success(request, told % {"count": undone})
    return redirect(queue.address)


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
        "queue": queue.address,
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
    decided = []
    for found in form.cleaned_data["item"]:
        becomes = found.sensitivity if chosen is None else chosen
        try:
            before = queue.decide(found, request.user, becomes, reason=reason)
        except StrongroomError as error:
            messages.error(request, f"“{found}”: {error}")
        else:
            decided.append((str(found.pk), becomes, asdict(before)))
    if decided:
        request.session[UNDO] = {"queue": queue.address, "decided": decided}
        told = ngettext("%(count)d label was decided.", "%(count)d labels were decided.", len(decided))
        messages.success(request, told % {"count": len(decided)})


def _back(request: PersonRequest, queue: Queue, form: DecisionForm) -> str:
    """The same page, at the place where the decided one stood."""
    kept = QueryDict(mutable=True)
    kept.update({name: request.GET[name] for name in ("collection", "page") if name in request.GET})
    return f"{reverse(queue.address)}?{kept.urlencode()}#at-{form.cleaned_data.get('at') or 1}"
