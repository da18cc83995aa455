"""Groups: all of them and adding one; a group's name, its members and what it opens."""

from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kb.console.access import administrators_only
from kb.console.people_forms import GroupForm, MemberForm
from kb.errors import StrongroomError
from kb.models import Person
from kb.people import groups as membership
from kb.visitor import PersonRequest

LEFT = "left-group"
"""Where a session keeps whom it took out of which group last."""


@administrators_only
@require_http_methods(["GET", "POST"])
def groups(request: PersonRequest) -> HttpResponse:
    """POST adds a group."""
    form = GroupForm(None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        added = membership.add(form.cleaned_data["name"], request.user)
        messages.success(request, _("“%(name)s” was added.") % {"name": added.name})
        return redirect("group", added.pk)
    context = {"groups": membership.sizes(Group.objects.order_by("name")), "form": form}
    return render(request, "console/groups.html", context, status=422 if form.errors else 200)


@administrators_only
@require_http_methods(["GET", "POST"])
def group(request: PersonRequest, pk: int) -> HttpResponse:
    """POST gives it another name."""
    found = get_object_or_404(Group, pk=pk)
    form = GroupForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        membership.rename(found, form.cleaned_data["name"], request.user)
        messages.success(request, _("The group was saved."))
        return redirect("group", pk)
    return _shown(request, found, form=form)


@administrators_only
@require_POST
def group_join(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Group, pk=pk)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, member=form)
    person: Person = form.cleaned_data["person"]
    try:
        membership.join(found, person, request.user)
    except StrongroomError as error:
        form.add_error("person", str(error))
        return _shown(request, found, member=form)
    messages.success(request, _("%(person)s is in “%(name)s” now.") % {"person": person, "name": found.name})
    return redirect("group", pk)


@administrators_only
@require_POST
def group_leave(request: PersonRequest, pk: int, member: int) -> HttpResponse:
    found, person = get_object_or_404(Group, pk=pk), get_object_or_404(Person, pk=member)
    membership.leave(found, person, request.user)
    messages.success(
        request, _("%(person)s is no longer in “%(name)s”.") % {"person": person, "name": found.name}
    )
    request.session[LEFT] = (pk, member)
    return redirect("group", pk)


@administrators_only
@require_POST
def group_delete(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Group, pk=pk)
    name = found.name
    membership.remove(found, request.user)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": name})
    return redirect("groups")


def _shown(
    request: PersonRequest, found: Group, *, form: GroupForm | None = None, member: MemberForm | None = None
) -> HttpResponse:
    """The page. A form that is given has what was written, and what is wrong with it."""
    context = {
        "group": get_object_or_404(Group, pk=found.pk),
        "form": form or GroupForm(found),
        "member": member or MemberForm(),
        "left": _left(request, found),
        "members": Person.objects.filter(groups=found).order_by("username"),
        "reads": found.reads.exclude(pk__in=found.edits.values("pk")),
        "edits": found.edits.all(),
    }
    refused = any(each is not None and each.errors for each in (form, member))
    return render(request, "console/group.html", context, status=422 if refused else 200)


def _left(request: PersonRequest, found: Group) -> Person | None:
    """Whom this session took out of the group last, unless he is back."""
    group, person = request.session.get(LEFT, (None, None))
    if group != found.pk:
        return None
    return Person.objects.filter(pk=person, is_active=True).exclude(groups=found).first()
