"""How well the library is searched: sets of golden questions, and what asking them showed."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ingestion.evaluate.golden_sets import MOST_QUESTIONS, add_set
from ingestion.tasks import send_run
from kb.console.access import administrators_only
from kb.console.answer_figures import answer_standings, unmeasured
from kb.console.figures import standing_of, standings
from kb.console.golden_forms import GoldenForm, GoldenQuestionForm
from kb.console.spreadsheet import BYTE_ORDER_MARK
from kb.models import GoldenRun, GoldenSet, Person
from kb.models.golden import GoldenSetQuerySet
from kb.visitor import PersonRequest

SHOWN = 20
"""Runs on the page of a set."""
TEMPLATE = (
    "question,document,page,words,refuse\r\n"
    '"How many days of leave do I have, and who grants it?",Leave policy,2,30 working days|line manager,\r\n'
    "What was the dividend for 2019?,,,,yes\r\n"
)


@administrators_only
@require_http_methods(["GET", "POST"])
def quality(request: PersonRequest) -> HttpResponse:
    """The person's own sets; POST adds one."""
    form = GoldenForm(request.user, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        added = add_set(request.user, form.cleaned_data["name"], form.expected)
        messages.success(request, _("“%(name)s” was added. Measure it now.") % {"name": added.name})
        # Else the browser would keep the form's “#add”, and the message would be out of view.
        return redirect(f"{added.get_absolute_url()}#content")
    listed = [standing_of(each) for each in _mine(request.user)]
    context = {
        "form": form,
        "sets": listed,
        "unmeasured": sorted({part for each in listed for part in unmeasured(each.golden_set)}),
        "example": TEMPLATE,
        "most": MOST_QUESTIONS,
    }
    return render(request, "console/quality.html", context)


@administrators_only
@require_GET
def golden_template(request: PersonRequest) -> HttpResponse:
    disposition = 'attachment; filename="golden-questions.csv"'
    return HttpResponse(
        BYTE_ORDER_MARK + TEMPLATE,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


@administrators_only
@require_GET
def golden_set(request: PersonRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(_mine(request.user), pk=pk)
    context = _measured(found) | {"form": GoldenQuestionForm(request.user)}
    return render(request, "console/golden_set.html", context)


@administrators_only
@require_http_methods(["GET", "POST"])
def golden_runs(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The runs as a fragment; POST begins one."""
    found = get_object_or_404(_mine(request.user), pk=pk)
    if request.method == "POST":
        kind = GoldenRun.Kind.ANSWERS if request.POST.get("kind") == "answers" else GoldenRun.Kind.RETRIEVAL
        run = found.begin(kind)
        transaction.on_commit(lambda: send_run(run.pk))
    if not request.htmx:
        return redirect(found)
    return render(request, "console/_runs.html", _measured(found))


@administrators_only
@require_POST
def run_accept(request: PersonRequest, pk: UUID, run: UUID) -> HttpResponse:
    """Later runs of answers are compared with this one."""
    found = get_object_or_404(_mine(request.user), pk=pk)
    done = found.runs.of_answers().filter(state=GoldenRun.State.DONE)
    get_object_or_404(done, pk=run).accept()
    messages.success(request, _("Accepted. Later runs are compared with this one."))
    return redirect(found)


@administrators_only
@require_POST
def golden_delete(request: PersonRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(_mine(request.user), pk=pk)
    found.delete()
    messages.success(request, _("“%(name)s” was deleted.") % {"name": found.name})
    return redirect("quality")


def _mine(person: Person) -> GoldenSetQuerySet:
    """Each with `held`: how many questions it has."""
    return GoldenSet.objects.visible_to(person).annotate(held=Count("questions__text", distinct=True))


def _measured(found: GoldenSet) -> dict[str, object]:
    runs = list(found.runs.all()[:SHOWN])
    over = [run for run in runs if run.settled]
    of_answers = [run for run in over if run.kind == GoldenRun.Kind.ANSWERS]
    settled = standings(found, [run for run in over if run.kind == GoldenRun.Kind.RETRIEVAL])
    return {
        "set": found,
        "running": next((run for run in runs if not run.settled), None),
        "standings": settled,
        "newest": next((each.run for each in settled if each.legs), None),
        "answer_standings": answer_standings(found, of_answers),
        "unmeasured": unmeasured(found),
    }
