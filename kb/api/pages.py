"""The pages that developers read in a browser: the description of every route, and what each kind of problem means."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kb.api.problems import KINDS
from kb.api.reference import prose, sections


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Made of the API's own description."""
    from kb.api.urls import api  # The other pages need no routes, which take a second to load.

    schema = api.get_openapi_schema()
    context = {"description": prose(schema["info"]["description"]), "sections": sections(schema)}
    return render(request, "api/docs.html", context)


@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    return render(request, "api/problems.html", {"kinds": KINDS})


@require_GET
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """What the `type` of a problem leads to."""
    if code not in KINDS:
        raise Http404
    return render(request, "api/problem.html", {"code": code, "kind": KINDS[code]})
