"""Which operation of the API a request is for."""

import re
from collections.abc import Mapping
from functools import cache

from django.http import HttpRequest
from ninja import NinjaAPI

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
"""As Django's addresses have it; OpenAPI writes {name}."""


def operation_of(request: HttpRequest) -> str:
    """By the address that it was resolved to; empty for an operation that the API does not describe."""
    from kb.api.urls import api  # It is made of the parts that need this.

    match = request.resolver_match
    path = "/" + PARAMETER.sub(r"{\1}", match.route) if match else ""
    return _operations(api).get((path, (request.method or "").lower()), "")


@cache
def _operations(api: NinjaAPI) -> Mapping[tuple[str, str], str]:
    return {
        (path, method): operation["operationId"]
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }
