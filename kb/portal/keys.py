"""One's own API keys: made, shown once, replaced and revoked."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kb.errors import StrongroomError
from kb.key_forms import KeyForm, RotateForm
from kb.key_rows import key_rows
from kb.models import ApiKey
from kb.models.keys import Made
from kb.people.keys import make, revoke, rotate
from kb.visitor import PersonRequest


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def keys(request: PersonRequest) -> HttpResponse:
    """POST makes one, and shows it: it is kept nowhere."""
    form = KeyForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _shown(request, made=make(request.user, form.terms, request.user))
        except StrongroomError as error:
            form.add_error(None, str(error))
    return _shown(request, form=form)


@login_required
@never_cache
@require_POST
def key_rotate(request: PersonRequest, public_id: str) -> HttpResponse:
    """Shows the new one, once."""
    key = get_object_or_404(ApiKey, person=request.user, public_id=public_id)
    form = RotateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose how long the old key goes on, and how long the new one lasts."))
        return redirect("keys")
    try:
        made = rotate(key, request.user, hours=form.cleaned_data["hours"], days=form.cleaned_data["days"])
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect("keys")
    return _shown(request, made=made)


@login_required
@require_POST
def key_revoke(request: PersonRequest, public_id: str) -> HttpResponse:
    key = get_object_or_404(ApiKey, person=request.user, public_id=public_id)
    revoke(key, request.user)
    messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": key.name})
    return redirect("keys")


def _shown(request: PersonRequest, *, form: KeyForm | None = None, made: Made | None = None) -> HttpResponse:
    mine = ApiKey.objects.filter(person=request.user).shown()
    context = {
        "rows": key_rows(mine),
        "form": form or KeyForm(request.user),
        "rotate": RotateForm(),
        "made": made,
        "rotate_url": "key-rotate",
        "revoke_url": "key-revoke",
    }
    return render(request, "portal/keys.html", context, status=422 if form and form.errors else 200)
