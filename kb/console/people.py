"""The people who have an account: found by name, group and state; and adding one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kb.console.access import administrators_only
from kb.console.people_forms import NewPersonForm, PeopleFilter
from kb.errors import StrongroomError
from kb.models import Person
from kb.people.accounts import add
from kb.visitor import PersonRequest

PER_PAGE = 50
STATES = {
    "active": Q(is_active=True),
    "suspended": Q(is_active=False),
    "staff": Q(is_active=True, is_staff=True),
}


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
    found = Person.objects.filter(kind=Person.Kind.PERSON).prefetch_related("groups").order_by("username")
    for word in chosen.get("q", "").split():
        found = found.filter(
            Q(username__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
        )
    if group := chosen.get("group"):
        found = found.filter(groups=group)
    return found.filter(STATES.get(chosen.get("state", ""), Q()))
