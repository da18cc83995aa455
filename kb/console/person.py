"""One person: what is said of him, whether his account works, what he sees, and whether he sees a certain document."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kb.console.access import administrators_only
from kb.console.people_forms import AboutForm, PersonForm, ServiceForm
from kb.console.person_undo import can_undo, remember
from kb.errors import StrongroomError
from kb.handing_over import HandOverForm, told_of
from kb.models import Document, Person, Sensitivity
from kb.people import accounts
from kb.people.handover import hand_over
from kb.people.second_factor import has_second_factor
from kb.people.sessions import sessions_of
from kb.people.why import Explanation, explain, seen_by
from kb.visitor import PersonRequest


@administrators_only
@require_http_methods(["GET", "POST"])
def person(request: PersonRequest, pk: int) -> HttpResponse:
    """POST changes what is said of him."""
    found = get_object_or_404(Person, pk=pk)
    form = _form_of(found)(request.user, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        before = accounts.Facts.of(found)
        try:
            accounts.change(found, form.facts, request.user)
        except StrongroomError as error:
            form.add_error(None, str(error))
        else:
            remember(request, found, before)
            messages.success(request, _("%(person)s was saved.") % {"person": found.username})
            return redirect("person", pk)
    return _shown(request, found, form=form)


@administrators_only
@require_POST
def person_suspend(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Person, pk=pk)
    try:
        accounts.suspend(found, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(person)s is suspended, from this moment on.") % {"person": found})
    return redirect("person", pk)


@administrators_only
@require_POST
def person_reactivate(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Person, pk=pk)
    try:
        accounts.reactivate(found, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _works_again(found) % {"person": found})
    return redirect("person", pk)


@administrators_only
@require_POST
def person_link(request: PersonRequest, pk: int) -> HttpResponse:
    """Shows the link once: it is kept nowhere."""
    found = get_object_or_404(Person, pk=pk)
    try:
        path = accounts.password_link(found, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect("person", pk)
    return _shown(request, found, link=request.build_absolute_uri(path))


@administrators_only
@require_POST
def person_hand_over(request: PersonRequest, pk: int) -> HttpResponse:
    """Gives all documents of this person to another one."""
    found = get_object_or_404(Person, pk=pk)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, owner=form)
    try:
        done = hand_over(Document.objects.filter(owner=found), form.cleaned_data["owner"], request.user)
    except StrongroomError as error:
        form.add_error("owner", str(error))
        return _shown(request, found, owner=form)
    messages.success(request, told_of(done, form.cleaned_data["owner"]))
    return redirect("person", pk)


@administrators_only
@require_POST
def person_delete(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Person, pk=pk)
    try:
        accounts.remove(found, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect("person", pk)
    messages.success(request, _("The account “%(name)s” was deleted.") % {"name": found.username})
    return redirect("people")


def _shown(
    request: PersonRequest,
    found: Person,
    *,
    form: PersonForm | None = None,
    owner: HandOverForm | None = None,
    link: str = "",
) -> HttpResponse:
    """The page. A form that is given has what was written, and what is wrong with it."""
    about = AboutForm(request.GET if "document" in request.GET else None)
    context = {
        "person": get_object_or_404(Person, pk=found.pk),
        "form": form or _form_of(found)(request.user, found),
        "owner": owner or HandOverForm(),
        "about": about,
        "explanation": _explanation(about, found, request.user),
        "link": link,
        "can_undo": can_undo(request, found),
        "labels": list(Sensitivity),
        "seen": seen_by(found, request.user),
        "sessions": len(sessions_of(found)),
        "has_second_factor": has_second_factor(found),
        "owns": Document.objects.visible_to(request.user).filter(owner=found).count(),
        "deletable": found != request.user and not accounts.is_referred_to(found),
    }
    refused = any(each is not None and each.errors for each in (form, owner))
    return render(request, "console/person.html", context, status=422 if refused else 200)


def _form_of(found: Person) -> type[PersonForm]:
    return ServiceForm if found.is_service else PersonForm


def _works_again(found: Person) -> str:
    if found.is_service:
        return _("The service %(person)s works again. Make a key for it next.")
    return _("The account of %(person)s works again. Make a password link next.")


def _explanation(about: AboutForm, found: Person, viewer: Person) -> Explanation | None:
    """Of a document that the viewer himself may open; of others nothing is told."""
    if not about.is_bound or not about.is_valid():
        return None
    documents = Document.objects.open_to(viewer).select_related("collection")
    document = documents.filter(pk=UUID(about.cleaned_data["document"])).first()
    if document is None:
        about.add_error("document", _("You see no such document yourself, so nothing is told of it."))
        return None
    [explanation] = explain(document, [found])
    return explanation
