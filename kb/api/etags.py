"""ETags: a GET that has not changed is not sent again, and a change of what has changed since is refused."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
    set_response_etag,
)
from django.utils.http import quote_etag
from ninja.renderers import JSONRenderer
from pydantic import TypeAdapter

from kb.api.auth import Request
from kb.api.errors import View, problem_of, tell
from kb.api.sheets import document_sheet
from kb.errors import Changed
from kb.models import Collection, Document

CHANGED = "It was changed since you looked at it. Get it anew, and decide again."


def tagged(view: View) -> View:
    """The view, whose JSON has a strong ETag over its body; 304 for whoever has that already."""

    @wraps(view)
    def tag(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method != "GET" or response.status_code != 200 or not _is_json(response):
            return response
        set_response_etag(response)
        # What it says depends on who asks, and rights may be taken: nobody shows a copy without asking again.
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization", "Cookie"])
        conditional = get_conditional_response(request, etag=response["ETag"], response=response) or response
        return tell(problem_of(Changed(CHANGED))) if conditional.status_code == 412 else conditional

    return tag


@contextmanager
def unchanged(request: Request, document: Document) -> Iterator[None]:
    """Where the request has If-Match: holds the document still, from comparing it until the change is made.

    Raises:
        Changed: its ETag is another one by now.
    """
    if "If-Match" not in request.headers:
        yield
        return
    with transaction.atomic():
        # In the order in which everybody locks who changes labels.
        Collection.objects.select_for_update().get(pk=document.collection_id)
        Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        check_unchanged(request, document_sheet(document, request.auth))
        yield


def check_unchanged(request: Request, now: Any) -> None:
    """Compares If-Match, if it is sent, with what GET would say `now`.

    Raises:
        Changed: they differ.
    """
    if get_conditional_response(request, etag=etag_of(now)) is not None:
        raise Changed(CHANGED)


def etag_of(reply: Any) -> str:
    """The ETag that `tagged` gives a GET whose route returns this."""
    body = JSONRenderer().render(
        HttpRequest(), TypeAdapter(type(reply)).dump_python(reply), response_status=200
    )
    # As `set_response_etag` does it.
    return quote_etag(hashlib.md5(body.encode(), usedforsecurity=False).hexdigest())


def _is_json(response: HttpResponse) -> bool:
    """Lines of JSON, which come as a stream, are none."""
    return response.headers.get("Content-Type", "").partition(";")[0] == "application/json"
