"""Services: accounts of tools that are nobody's. They have rights like people, and come with keys only."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kb.console.access import administrators_only
from kb.console.people_forms import NewServiceForm
from kb.errors import StrongroomError
from kb.key_forms import KeyForm, RotateForm
from kb.key_rows import key_rows
from kb.models import ApiKey, Person
from kb.models.keys import Made
from kb.people.accounts import add
from kb.people.keys import make, rotate
from kb.visitor import PersonRequest

SERVICE = Person.Kind.SERVICE


@administrators_only
@require_http_methods(["GET", "POST"])
def services(request: PersonRequest) -> HttpResponse:
    """POST adds one."""
    form = NewServiceForm(request.user, None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            added = add(form.cleaned_data["username"], form.facts, request.user, kind=SERVICE)
        except StrongroomError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("%(service)s was added. Make a key for it next.") % {"service": added}
            )
            return redirect("service-keys", added.pk)
    known = Person.objects.filter(kind=SERVICE).prefetch_related("groups").order_by("username")
    context = {"services": known, "form": form}
    return render(request, "console/services.html", context, status=422 if form.errors else 200)


@administrators_only
@never_cache
@require_http_methods(["GET", "POST"])
def service_keys(request: PersonRequest, pk: int) -> HttpResponse:
    """POST makes a key, and shows it: it is kept nowhere."""
    service = get_object_or_404(Person, pk=pk, kind=SERVICE)
    form = KeyForm(service, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _shown(request, service, made=make(service, form.terms, request.user))
        except StrongroomError as error:
            form.add_error(None, str(error))
    return _shown(request, service, form=form)


@administrators_only
@never_cache
@require_POST
def service_key_rotate(request: PersonRequest, public_id: str) -> HttpResponse:
    """Shows the new one, once."""
    key = get_object_or_404(ApiKey, person__kind=SERVICE, public_id=public_id)
    form = RotateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose how long the old key goes on, and how long the new one lasts."))
        return redirect("service-keys", key.person_id)
    try:
        made = rotate(key, request.user, hours=form.cleaned_data["hours"], days=form.cleaned_data["days"])
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect("service-keys", key.person_id)
    return _shown(request, key.person, made=made)


def _shown(
    request: PersonRequest, service: Person, *, form: KeyForm | None = None, made: Made | None = None
) -> HttpResponse:
    context = {
        "service": service,
        "rows": key_rows(ApiKey.objects.filter(person=service).shown()),
        "form": form or KeyForm(service),
        "rotate": RotateForm(),
        "made": made,
        "rotate_url": "service-key-rotate",
        "revoke_url": "any-key-revoke",
    }
    return render(request, "console/service_keys.html", context, status=422 if form and form.errors else 200)
