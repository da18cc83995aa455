"""Who may do what: the table of `kb.rights`, for people."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kb.console.access import administrators_only
from kb.rights import ROLES
from kb.rights.table import rows
from kb.visitor import PersonRequest


@administrators_only
@require_GET
def rights(request: PersonRequest) -> HttpResponse:
    roles = [(role.words, meaning) for role, meaning in ROLES.items()]
    return render(request, "console/rights.html", {"roles": roles, "rows": rows()})
