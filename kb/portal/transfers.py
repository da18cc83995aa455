"""Files that a person's browser sends part by part. The addresses speak tus; signing in is by the session's cookie."""

from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kb.models import Batch, Transfer
from kb.resumable import View, abilities, create, refusal, serve, spoken
from kb.visitor import PersonRequest


def _signed_in(view: View) -> View:
    """Tells scripts that the session has ended, where pages would lead to the sign-in."""

    @wraps(view)
    def check(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return refusal(401, _("You are signed out. Sign in again, and choose the files again."))
        return view(request, *args, **kwargs)

    return check


@require_http_methods(["OPTIONS", "POST"])
@spoken
@_signed_in
def transfers(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Announces a file of a batch of one's own."""
    if request.method == "OPTIONS":
        return abilities()
    mine = Batch.objects.filter(person=request.user).select_related("person", "collection", "owner")
    return create(request, get_object_or_404(mine, pk=pk), address=address)


@require_http_methods(["HEAD", "PATCH", "DELETE", "POST"])
@spoken
@_signed_in
def transfer(request: PersonRequest, pk: UUID) -> HttpResponse:
    return serve(request, Transfer.objects.of(request.user), pk)


def address(transfer: Transfer) -> str:
    return reverse("transfer", args=[transfer.pk])
