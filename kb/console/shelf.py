"""One collection: its name, its labels, who reads and edits it, who owns its documents, and its end."""

from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ingestion.minimum import change_rules
from kb.console.access import administrators_only
from kb.console.forms import RulesForm
from kb.console.shelf_forms import GiveForm, HandOverForm, ShelfForm
from kb.errors import StrongroomError
from kb.models import Collection, Document, Person, Sensitivity
from kb.people import sharing
from kb.people.handover import HandedOver, hand_over
from kb.visitor import PersonRequest


@administrators_only
@require_http_methods(["GET", "POST"])
def shelf(request: PersonRequest, pk: int) -> HttpResponse:
    """POST gives it another name or description."""
    found = get_object_or_404(Collection, pk=pk)
    form = ShelfForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        sharing.rename(found, form.cleaned_data["name"], form.cleaned_data["description"], request.user)
        messages.success(request, _("The collection was saved."))
        return redirect("shelf", pk)
    return _shown(request, found, form=form)


@administrators_only
@require_POST
def shelf_rules(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Collection.objects.editable_by(request.user), pk=pk)
    form = RulesForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the labels."))
        return redirect("shelf", pk)
    try:
        raised = change_rules(found, request.user, **form.cleaned_data)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect("shelf", pk)
    told = ngettext(
        "“%(name)s” was saved. %(count)d document became stricter.",
        "“%(name)s” was saved. %(count)d documents became stricter.",
        raised,
    )
    messages.success(request, told % {"name": found.name, "count": raised})
    return redirect("shelf", pk)


@administrators_only
@require_POST
def shelf_give(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Collection, pk=pk)
    form = GiveForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, give=form)
    try:
        sharing.give(found, form.holder, sharing.Role(form.cleaned_data["role"]), request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” is open to %(holder)s now.") % _named(found, form.holder))
    return redirect("shelf", pk)


@administrators_only
@require_POST
def shelf_withdraw(request: PersonRequest, pk: int, kind: str, holder: int) -> HttpResponse:
    found = get_object_or_404(Collection, pk=pk)
    whom: Person | Group = (
        get_object_or_404(Group, pk=holder) if kind == "group" else get_object_or_404(Person, pk=holder)
    )
    sharing.withdraw(found, whom, request.user)
    messages.success(request, _("“%(name)s” is no longer open to %(holder)s by that.") % _named(found, whom))
    return redirect("shelf", pk)


@administrators_only
@require_POST
def shelf_hand_over(request: PersonRequest, pk: int) -> HttpResponse:
    """Makes one person the owner of all documents of the collection."""
    found = get_object_or_404(Collection, pk=pk)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, owner=form)
    done = hand_over(Document.objects.filter(collection=found), form.cleaned_data["owner"], request.user)
    messages.success(request, told_of(done, form.cleaned_data["owner"]))
    return redirect("shelf", pk)


@administrators_only
@require_POST
def shelf_delete(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Collection, pk=pk)
    try:
        sharing.remove(found, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect("shelf", pk)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": found.name})
    return redirect("shelves")


def told_of(done: HandedOver, owner: Person) -> str:
    """What became of a hand-over, in a sentence or two."""
    told = ngettext(
        "%(count)d document belongs to %(owner)s now.",
        "%(count)d documents belong to %(owner)s now.",
        done.given,
    ) % {"count": done.given, "owner": owner}
    if not done.kept:
        return told
    return f"{told} " + ngettext(
        "%(count)d keeps its owner, because the new one may not see it.",
        "%(count)d keep their owner, because the new one may not see them.",
        done.kept,
    ) % {"count": done.kept}


def _shown(
    request: PersonRequest,
    found: Collection,
    *,
    form: ShelfForm | None = None,
    give: GiveForm | None = None,
    owner: HandOverForm | None = None,
) -> HttpResponse:
    """The page. A form that is given has what was written, and what is wrong with it."""
    context = {
        "shelf": get_object_or_404(Collection, pk=found.pk),
        "form": form or ShelfForm(found),
        "give": give or GiveForm(),
        "owner": owner or HandOverForm(),
        "grants": sharing.grants(found),
        "readers": sharing.readers(found).count(),
        "holds": Document.objects.visible_to(request.user).filter(collection=found).count(),
        "may_edit": Collection.objects.editable_by(request.user).filter(pk=found.pk).exists(),
        "labels": [label for label in Sensitivity if label <= request.user.clearance],
    }
    refused = any(each is not None and each.errors for each in (form, give, owner))
    return render(request, "console/shelf.html", context, status=422 if refused else 200)


def _named(collection: Collection, holder: Person | Group) -> dict[str, object]:
    return {"name": collection.name, "holder": holder}
