"""Webhooks: everybody's own; administrators see all, and may switch off and delete them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kb.errors import StrongroomError
from kb.models import Collection, Webhook
from kb.portal.webhook_form import WebhookForm
from kb.visitor import PersonRequest
from kb.webhooks import change
from kb.webhooks.outbox import ping

PER_PAGE = 50


@login_required
@require_http_methods(["GET", "POST"])
def webhooks(request: PersonRequest) -> HttpResponse:
    """All that the person sees; POST adds one, and shows its secret once."""
    form = WebhookForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = change.add(form.wanted, request.user)
        except StrongroomError as error:
            form.add_error("address", str(error))
        else:
            return _shown(request, made.webhook, secret=made.secret)
    visible = Webhook.objects.visible_to(request.user).select_related("person")
    context = {
        "page": Paginator(visible, PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
    }
    return render(request, "portal/webhooks.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def webhook(request: PersonRequest, pk: str) -> HttpResponse:
    return _shown(request, get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk))


@login_required
@require_POST
def webhook_switch(request: PersonRequest, pk: str) -> HttpResponse:
    """On, for its owner; off, for an administrator too, who leaves a note to the owner."""
    found = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    own = found.person == request.user
    if found.active:
        found.switch_off("" if own else _("An administrator switched it off."))
        messages.success(request, _("It is switched off."))
    elif own:
        found.switch_on()
        messages.success(request, _("It is switched on."))
    else:
        messages.error(request, _("Only its owner can switch it on."))
    return redirect(found)


@login_required
@require_POST
def webhook_rotate(request: PersonRequest, pk: str) -> HttpResponse:
    found = get_object_or_404(Webhook.objects.owned_by(request.user), pk=pk)
    return _shown(request, found, secret=change.rotate(found))


@login_required
@require_POST
def webhook_ping(request: PersonRequest, pk: str) -> HttpResponse:
    found = get_object_or_404(Webhook.objects.owned_by(request.user), pk=pk)
    try:
        ping(found)
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A test message is on its way."))
    return redirect(found)


@login_required
@require_POST
def webhook_delete(request: PersonRequest, pk: str) -> HttpResponse:
    found = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    found.delete()
    messages.success(request, _("“%(address)s” was deleted.") % {"address": found.address})
    return redirect("webhooks")


@login_required
@require_POST
def delivery_again(request: PersonRequest, pk: str, delivery: str) -> HttpResponse:
    found = get_object_or_404(Webhook.objects.owned_by(request.user), pk=pk)
    try:
        change.send_again(get_object_or_404(found.deliveries, pk=delivery))
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is on its way again."))
    return redirect(found)


def _shown(request: PersonRequest, found: Webhook, *, secret: str = "") -> HttpResponse:
    """The page of one. A secret that is given is shown this once, and kept by no browser."""
    readable = Collection.objects.readable_by(request.user)
    context = {
        "webhook": found,
        "own": found.person == request.user,
        "secret": secret,
        "collections": found.collections.filter(pk__in=readable.values("pk")),
        "page": Paginator(found.deliveries.all(), PER_PAGE).get_page(request.GET.get("page")),
    }
    response = render(request, "portal/webhook.html", context)
    if secret:
        response["Cache-Control"] = "no-store"
    return response
