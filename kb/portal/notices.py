"""What a person is told at the head of every page until he says that he knows."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from kb.models import Reveal
from kb.visitor import PersonRequest


@login_required
@require_POST
def reveal_seen(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The owner knows that an administrator opened the document."""
    get_object_or_404(Reveal.objects.to_tell(request.user), pk=pk).see()
    return redirect("ask")
