"""The people who have an account: found by name, group and state; and adding one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kb.console.access import administrators_only
from kb.console.people_forms import NewPersonForm, PeopleFilter
from kb.errors import StrongroomError
from kb.models import Person
from kb.people.accounts import add
from kb.people.finding import State, people_like
from kb.visitor import PersonRequest

PER_PAGE = 50


@administrators_only
@require_GET
def people(request: PersonRequest) -> HttpResponse:
    form = PeopleFilter(request.GET)
    found = _narrowed(form)
    context = {
        "form": form,
        "narrowed": bool(form.cleaned_data and any(form.cleaned_data.values())),
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "console/people.html", context)


@administrators_only
@require_http_methods(["GET", "POST"])
def person_add(request: PersonRequest) -> HttpResponse:
    form = NewPersonForm(request.user, None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = add(form.cleaned_data["username"], form.facts, request.user)
        except StrongroomError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("%(person)s was added. Make a password link next.") % {"person": added}
            )
            return redirect("person", added.pk)
    return render(request, "console/person_add.html", {"form": form}, status=422 if form.errors else 200)


def _narrowed(form: PeopleFilter) -> QuerySet[Person]:
    form.is_valid()
    chosen = form.cleaned_data
    state = chosen.get("state")
    return people_like(chosen.get("q", ""), group=chosen.get("group"), state=State(state) if state else None)
