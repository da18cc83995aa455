"""REST v1: what the portal can do, for tools. `kb.urls` mounts `api.urls` at /api/v1/."""

from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from kb.api import (
    answer_reading,
    answers,
    archives,
    boundary,
    categories,
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
    reveals,
    review,
    search,
    searches,
    seeing,
    shelves,
    tags,
    validity,
    webhooks,
)
from kb.api.auth import Session, Token
from kb.api.errors import tell_errors, told_in_json, unknown_address
from kb.api.operations import operation_of

DESCRIPTION = """
Documents go in, questions come back answered with citations that hold.

Every call acts as one person and sees what that person may see; what it may not see does not exist for it.
Authenticate with an API key (`Authorization: Bearer srm_…`), or with the portal's session cookie and,
for all but GET, its CSRF token in `X-CSRFToken`.
"""


class StrongroomAPI(NinjaAPI):
    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """The framework's addresses; those that do not exist are answered here too, in our shape."""
        patterns, application, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = csrf_exempt(told_in_json(pattern.callback))
        return [*patterns, re_path("", csrf_exempt(unknown_address))], application, namespace


api = StrongroomAPI(
    title="Strongroom",
    version="1",
    description=DESCRIPTION.strip(),
    docs_url=None,  # The framework's page loads its scripts from elsewhere.
    auth=[Token(operation_of), Session(operation_of)],
    urls_namespace="api",
)
tell_errors(api)
PARTS = (
    documents,
    archives,
    validity,
    search,
    answers,
    shelves,
    me,
    keyring,
    people,
    seeing,
    groups,
    conversations,
    answer_reading,
    feedback,
    searches,
    webhooks,
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
