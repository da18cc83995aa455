"""A list of people: what it would add, change and be refused, and then doing it."""

from collections import Counter
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kb.console.access import administrators_only
from kb.console.people_forms import RosterForm
from kb.errors import Rejected
from kb.people.roster import COLUMNS, Outcome, Told, take, tried
from kb.visitor import PersonRequest


@administrators_only
@require_http_methods(["GET", "POST"])
def people_import(request: PersonRequest) -> HttpResponse:
    """POST shows what the list would do; with `apply` it is done."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RosterForm(*sent)
    told: Sequence[Told] = ()
    if form.is_valid():
        text = form.cleaned_data["text"]
        try:
            if "apply" in request.POST:
                messages.success(request, _summed(take(text, request.user)))
                return redirect("people")
            told = tried(text, request.user)
        except Rejected as error:
            form.add_error(None, str(error))
    context = {"form": form, "told": told, "does": _does(told), "columns": COLUMNS}
    return render(request, "console/people_import.html", context, status=422 if form.errors else 200)


def _does(told: Sequence[Told]) -> bool:
    return any(each.outcome in {Outcome.ADDED, Outcome.CHANGED} for each in told)


def _summed(told: Sequence[Told]) -> str:
    counts = Counter(each.outcome for each in told)
    return _("%(added)d people were added and %(changed)d changed; %(refused)d rows were refused.") % {
        outcome.value: counts[outcome] for outcome in Outcome
    }
