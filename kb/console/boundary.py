"""What leaves the building: routes, calls, refusals and models at a glance, for whoever answers for them."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from inference import registry
from inference.outside import declared_location
from inference.protocols import Location
from kb.console.access import administrators_only
from kb.models import ModelCall, RouteRule, Sensitivity
from kb.numbers.boundary import running_models, ways
from kb.numbers.outgoing import DAYS, FULL, WIDE, outgoing
from kb.visitor import PersonRequest

LAST_REFUSALS = 5


@administrators_only
@require_GET
def boundary(request: PersonRequest) -> HttpResponse:
    figures = outgoing()
    refusals = ModelCall.objects.filter(location=Location.CLOUD, decision=ModelCall.Decision.REFUSE)
    context = {
        "figures": figures,
        "days": DAYS,
        "stayed": _in_words(label for label in Sensitivity if label > figures.strictest),
        "width": DAYS * WIDE,
        "height": FULL,
        "ways": ways(RouteRule.objects.table()),
        "refusals": refusals.select_related("person")[:LAST_REFUSALS],
        "models": running_models(),
        "outside": registry.is_outside("llm"),
        "clients": declared_location(),
    }
    return render(request, "console/boundary.html", context)


def _in_words(labels: Iterable[Sensitivity]) -> str:
    """“Confidential or Restricted”."""
    return get_text_list([str(label.label) for label in labels], str(_("or")))
