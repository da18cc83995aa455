"""Taking back what a session changed last about a person: name, clearance, groups, and whether he administers."""

from collections.abc import Sequence
from typing import TypedDict

from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kb.console.access import administrators_only
from kb.errors import StrongroomError
from kb.models import Person
from kb.people.accounts import Facts, change_back
from kb.visitor import PersonRequest

UNDO = "person-undo"
"""Where a session keeps of whom it changed what."""


class Kept(TypedDict):
    """`Facts` as plain values; groups by their primary keys."""

    first_name: str
    last_name: str
    email: str
    clearance: int
    administers: bool
    groups: Sequence[int]


def remember(request: PersonRequest, person: Person, before: Facts) -> None:
    """What he was before, beside what he is now."""
    after = Facts.of(Person.objects.get(pk=person.pk))
    request.session[UNDO] = {"person": person.pk, "before": _kept(before), "after": _kept(after)}


def can_undo(request: PersonRequest, person: Person) -> bool:
    return bool(request.session.get(UNDO, {}).get("person") == person.pk)


@administrators_only
@require_POST
def person_undo(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Person, pk=pk)
    if not can_undo(request, found):
        messages.error(request, _("There is nothing to take back."))
        return redirect("person", pk)
    last = request.session.pop(UNDO)
    try:
        change_back(found, _facts(last["before"]), _facts(last["after"]), request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(person)s is as before.") % {"person": found.username})
    return redirect("person", pk)


def _kept(facts: Facts) -> Kept:
    return Kept(
        first_name=facts.first_name,
        last_name=facts.last_name,
        email=facts.email,
        clearance=facts.clearance,
        administers=facts.administers,
        groups=[group.pk for group in facts.groups],
    )


def _facts(kept: Kept) -> Facts:
    """A group that was deleted since is left out."""
    return Facts(
        first_name=kept["first_name"],
        last_name=kept["last_name"],
        email=kept["email"],
        clearance=kept["clearance"],
        administers=kept["administers"],
        groups=tuple(Group.objects.filter(pk__in=kept["groups"]).order_by("name")),
    )
