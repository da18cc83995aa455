"""All keys, without their secrets: whose they are, what they may, when they were used; and revoking any of them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kb.console.access import administrators_only
from kb.console.allowance_forms import KeysFilter
from kb.key_rows import key_rows
from kb.models import ApiKey
from kb.people.finding import keys_like
from kb.people.keys import revoke
from kb.visitor import PersonRequest

PER_PAGE = 50


@administrators_only
@require_GET
def all_keys(request: PersonRequest) -> HttpResponse:
    form = KeysFilter(request.GET)
    page = Paginator(_narrowed(form), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "narrowed": bool(form.cleaned_data.get("q") or form.cleaned_data.get("ended")),
        "page": page,
        "rows": key_rows(page.object_list),
        "revoke_url": "any-key-revoke",
    }
    return render(request, "console/keys.html", context)


@administrators_only
@require_POST
def any_key_revoke(request: PersonRequest, public_id: str) -> HttpResponse:
    key = get_object_or_404(ApiKey, public_id=public_id)
    revoke(key, request.user)
    messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": key.name})
    return redirect("service-keys", key.person_id) if key.person.is_service else redirect("all-keys")


def _narrowed(form: KeysFilter) -> QuerySet[ApiKey]:
    form.is_valid()
    return keys_like(form.cleaned_data.get("q", ""), ended=form.cleaned_data.get("ended", False))
