"""Who reads and who edits a collection, and handing over: for those who edit it, and for administrators."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kb.errors import StrongroomError
from kb.handing_over import HandOverForm, told_of
from kb.models import Collection, Document, Person
from kb.people.handover import hand_over
from kb.people.rights import OwnLoss
from kb.people.sharing import Role, give, grants, readers, shared_by, withdraw
from kb.portal.sharing_forms import GiveForm, WithdrawForm
from kb.visitor import PersonRequest

AGREED = "agreed"
"""The field with which somebody says that he means to lose something himself."""


@login_required
@require_GET
def sharing(request: PersonRequest, pk: int) -> HttpResponse:
    return _shown(request, _shared(request, pk))


@login_required
@require_POST
def sharing_give(request: PersonRequest, pk: int) -> HttpResponse:
    found = _shared(request, pk)
    form = GiveForm(request.user, request.POST)
    if not form.is_valid():
        return _shown(request, found, form=form)
    role = Role(form.cleaned_data["role"])
    try:
        give(found, form.holder, role, request.user, agreed=AGREED in request.POST)
    except OwnLoss as loss:
        return _asked(request, found, loss)
    except StrongroomError as error:
        form.add_error(None, str(error))
        return _shown(request, found, form=form)
    messages.success(request, _("“%(name)s” is open to %(holder)s now.") % _named(found, form.holder))
    return _back(request, found)


@login_required
@require_POST
def sharing_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    found = _shared(request, pk)
    form = WithdrawForm(found, request.POST)
    if not form.is_valid() or form.holder is None:
        messages.error(request, _("That one is no longer in the collection. Nothing was changed."))
        return redirect("sharing", pk)
    try:
        withdraw(found, form.holder, request.user, agreed=AGREED in request.POST)
    except OwnLoss as loss:
        return _asked(request, found, loss)
    messages.success(
        request, _("“%(name)s” is no longer open to %(holder)s by that.") % _named(found, form.holder)
    )
    return _back(request, found)


@login_required
@require_POST
def sharing_hand_over(request: PersonRequest, pk: int) -> HttpResponse:
    """Makes one person the owner of documents of the collection: of all for administrators, else of one's own."""
    found = _shared(request, pk)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, owner=form)
    try:
        done = hand_over(Document.objects.filter(collection=found), form.cleaned_data["owner"], request.user)
    except StrongroomError as error:
        form.add_error("owner", str(error))
        return _shown(request, found, owner=form)
    messages.success(request, told_of(done, form.cleaned_data["owner"]))
    return redirect("sharing", pk)


def _shared(request: PersonRequest, pk: int) -> Collection:
    return get_object_or_404(shared_by(request.user), pk=pk)


def _shown(
    request: PersonRequest,
    found: Collection,
    *,
    form: GiveForm | None = None,
    owner: HandOverForm | None = None,
) -> HttpResponse:
    """The page. A form that is given has what was written, and what is wrong with it."""
    context = {
        "shelf": found,
        "form": form or GiveForm(request.user),
        "owner": owner or HandOverForm(),
        "grants": grants(found),
        "readers": readers(found).count(),
        "owns": Document.objects.editable_by(request.user)
        .filter(collection=found, owner=request.user)
        .count(),
    }
    refused = any(each is not None and each.errors for each in (form, owner))
    return render(request, "portal/sharing.html", context, status=422 if refused else 200)


def _asked(request: PersonRequest, found: Collection, loss: OwnLoss) -> HttpResponse:
    """Whether he means it, with all that he sent."""
    sent = {name: request.POST[name] for name in ("group", "person", "role") if name in request.POST}
    context = {"shelf": found, "loss": loss, "sent": sent, "agreed": AGREED}
    return render(request, "portal/sharing_agree.html", context, status=422)


def _back(request: PersonRequest, found: Collection) -> HttpResponse:
    """To the page, or to the library for who has just lost the collection."""
    kept = shared_by(request.user).filter(pk=found.pk).exists()
    return redirect("sharing", found.pk) if kept else redirect("library")


def _named(collection: Collection, holder: Person | Group) -> dict[str, object]:
    return {"name": collection.name, "holder": holder}
