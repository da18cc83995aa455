"""Every component, how it is, and what to do."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from kb.console.access import administrators_only
from kb.health import State, look
from kb.visitor import PersonRequest


@administrators_only
@never_cache
@require_GET
def health(request: PersonRequest) -> HttpResponse:
    components = look()
    wrong = [each for each in components if each.finding.state in (State.DOWN, State.DOUBTFUL)]
    well = [each for each in components if each not in wrong]
    return render(request, "console/health.html", {"wrong": wrong, "well": well})
