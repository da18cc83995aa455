"""What an administrator may do about how one person signs in."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kb.console.access import administrators_only
from kb.errors import StrongroomError
from kb.models import Person
from kb.people.second_factor import drop_second_factors_as
from kb.people.sessions import end_sessions_as
from kb.visitor import PersonRequest


@administrators_only
@require_POST
def person_sessions_end(request: PersonRequest, pk: int) -> HttpResponse:
    return _done(request, pk, end_sessions_as, _("All sessions of %(person)s have ended."))


@administrators_only
@require_POST
def person_second_factor_drop(request: PersonRequest, pk: int) -> HttpResponse:
    return _done(request, pk, drop_second_factors_as, _("%(person)s signs in without a second factor now."))


def _done(request: PersonRequest, pk: int, act: Callable[[Person, Person], None], told: str) -> HttpResponse:
    found = get_object_or_404(Person, pk=pk)
    try:
        act(found, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told % {"person": found})
    return redirect("person", pk)
