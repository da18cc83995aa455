"""The routes of REST v1, which `kb.urls` mounts at /api/v1/."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.types import DictStrAny

from kb.api import (
    account,
    allowances,
    answer_reading,
    answers,
    archives,
    boundary,
    bulk,
    categories,
    chunks,
    conversations,
    documents,
    feedback,
    groups,
    jobs,
    keyring,
    ledger,
    me,
    numbers,
    people,
    quality,
    readers,
    reveals,
    review,
    search,
    searches,
    seeing,
    sharing,
    shelves,
    sparse,
    steering,
    tags,
    transfers,
    uploads,
    validity,
    versions,
    webhooks,
)
from kb.api.auth import Session, Token
from kb.api.errors import tell_errors, told_as_problems, unknown_address
from kb.api.etags import tagged
from kb.api.idempotency import claimed, remembered
from kb.api.openapi import TAGS, UniqueNames, described
from kb.api.operations import operation_of
from kb.api.paging import link_to_next

DESCRIPTION = """
Documents go in, questions come back answered with citations that hold.

Every call acts as one person and sees what that person may see; what it may not see does not exist for it.
Authenticate with an API key (`Authorization: Bearer srm_…`), or with the portal's session cookie and,
for all but GET, its CSRF token in `X-CSRFToken`.

Lists answer `{"items", "next"}`: `next` is the `cursor` of the next part, and null at the end. Every GET of JSON
takes `fields`, and has an ETag. Every POST but those of resumable uploads takes an `Idempotency-Key`. What goes
wrong is told as a problem (RFC 9457).
"""


class Bodies(Parser):
    """JSON that is null is refused: the framework takes it for a body that was not sent."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        body = super().parse_body(request)
        if body is None:
            raise ValueError("The body is null.")
        return body


class StrongroomAPI(NinjaAPI):
    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """The framework's addresses; those that do not exist are answered here too, as problems."""
        patterns, application, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = csrf_exempt(told_as_problems(remembered(tagged(pattern.callback))))
        return [*patterns, re_path("", csrf_exempt(unknown_address))], application, namespace

    def create_response(self, request: HttpRequest, data: Any, **given: Any) -> HttpResponse:
        """A GET with the fields that were asked for, and of a list where its next part is."""
        if request.method != "GET":
            return super().create_response(request, data, **given)
        kept = sparse.pruned(data, sparse.wanted(request)) if sparse.FIELDS in request.GET else data
        response = super().create_response(request, kept, **given)
        if isinstance(data, dict) and data.get("next"):
            response["Link"] = link_to_next(request.get_full_path(), data["next"])
        return response

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        return self._description

    @cached_property
    def _description(self) -> OpenAPISchema:
        """Made once: the routes do not change."""
        return described(UniqueNames(self, self.get_root_path({})))


api = StrongroomAPI(
    title="Strongroom",
    version="1",
    description=DESCRIPTION.strip(),
    docs_url=None,  # The framework's page loads its scripts from elsewhere; `kb.api.pages` has one.
    auth=[Token(operation_of), Session(operation_of)],
    parser=Bodies(),
    urls_namespace="api",
    openapi_extra={"tags": [{"name": name, "description": text} for name, text in TAGS.items()]},
)
tell_errors(api)
api.add_decorator(claimed)
api.add_decorator(sparse.checked)
PARTS = (
    documents,
    steering,
    validity,
    readers,
    versions,
    chunks,
    bulk,
    uploads,
    transfers,
    archives,
    search,
    searches,
    answers,
    answer_reading,
    conversations,
    feedback,
    shelves,
    sharing,
    me,
    account,
    keyring,
    allowances,
    webhooks,
    people,
    seeing,
    groups,
    review,
    tags,
    categories,
    jobs,
    ledger,
    boundary,
    reveals,
    quality,
    numbers,
)
for part in PARTS:
    api.add_router("", part.router)
api.add_router("", reveals.owners)
urlpatterns = api.urls[0]
