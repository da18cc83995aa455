"""Every failure of the API as a problem (RFC 9457), with a sentence that a person can act on."""

import logging
import re
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from ingestion.mend.aim import Overtaken
from kb import errors
from kb.api.problems import KINDS, MEDIA_TYPE, FieldError, Problem, problem

log = logging.getLogger("strongroom.api")

View = Callable[..., HttpResponse]

CODES: Mapping[type, str] = {
    errors.TooLarge: "too_large",
    errors.Unreadable: "unreadable",
    errors.KeyReused: "key_reused",
    Overtaken: "overtaken",
    errors.Rejected: "rejected",
    errors.ScopeMissing: "scope",
    errors.Denied: "denied",
    errors.RouteRefused: "route_refused",
    errors.BudgetSpent: "budget_spent",
    errors.TooManyRequests: "too_many_requests",
    errors.Gone: "gone",
    errors.Changed: "changed",
    errors.StillRunning: "still_running",
    errors.Unavailable: "unavailable",
    errors.StrongroomError: "failed",
}
"""The kind of problem that an error of ours is told as; the nearest class counts."""

HTTP_PROBLEMS: Mapping[int, Problem] = {
    400: problem(
        "bad_request", "The body could not be read. Send valid JSON, or a form where a file goes along."
    ),
    401: problem("signed_out", "Sign in, or send a valid API key as “Authorization: Bearer srm_…”."),
    403: problem("csrf", "The CSRF token is missing or wrong. Send it as X-CSRFToken, or use an API key."),
    405: problem("method_not_allowed", "This address does not take that method."),
    429: problem(
        "too_many_requests", "You sent too many requests. Wait as many seconds as Retry-After says."
    ),
}
NOTHING_HERE = problem("not_found", "There is nothing here, or nothing that you may see.")
TOO_LARGE = problem("too_large", "The request is too large. Send less text, or upload it as a document.")

UNREADABLE_REQUESTS: tuple[type[Exception], ...] = (
    SuspiciousOperation,
    MultiPartParserError,
    UnreadablePostError,
)
"""What Django raises when a body breaks its limits or off."""


def error_replies(*statuses: int) -> dict[int, None]:
    """For a route's declaration: that these statuses, and those that any route may have, are problems.

    `kb.api.openapi` describes them. They are raised, not given, and the framework would make a model of each: that
    took most of the portal's start.
    """
    return dict.fromkeys(sorted({401, 403, 429, 500, *statuses}))


def problem_of(error: errors.StrongroomError) -> Problem:
    code = next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)
    return problem(code, str(error))


def our_fault() -> Problem:
    """What is told of a fault of ours: no more than the number under which the log is to have it."""
    detail = "Something went wrong on our side. Try again; if it stays, tell an administrator."
    return problem("failed", detail, instance=uuid4().urn)


def tell(told: Problem) -> HttpResponse:
    return JsonResponse(told.body(), status=told.status, content_type=MEDIA_TYPE)


def tell_errors(api: NinjaAPI) -> None:
    """Makes the API tell every error as a problem."""
    api.add_exception_handler(errors.StrongroomError, _strongroom_error)
    api.add_exception_handler(ValidationError, _validation_error)
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(Http404, _not_found)
    for kind in UNREADABLE_REQUESTS:
        api.add_exception_handler(kind, _unreadable_request)
    api.add_exception_handler(Exception, _our_fault)


def told_as_problems(view: View) -> View:
    """The view, with what the framework would answer as plain text told as a problem."""

    @wraps(view)
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404 as error:
            return _not_found(request, error)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        told = tell(HTTP_PROBLEMS[405])
        told["Allow"] = response["Allow"]
        return told

    return telling


def unknown_address(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    return tell(NOTHING_HERE)


def _strongroom_error(request: HttpRequest, error: Any) -> HttpResponse:
    response = tell(problem_of(error))
    if isinstance(error, errors.TooMuch):
        response["Retry-After"] = str(error.seconds)
    return response


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    status = HTTPStatus(error.status_code)
    response = tell(HTTP_PROBLEMS.get(status) or _of_status(status, str(error)))
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _of_status(status: HTTPStatus, detail: str) -> Problem:
    code = next((code for code, kind in KINDS.items() if kind.status == status), "failed")
    return problem(code, detail)


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return tell(NOTHING_HERE)


def _unreadable_request(request: HttpRequest, error: Any) -> HttpResponse:
    return tell(TOO_LARGE if isinstance(error, RequestDataTooBig) else HTTP_PROBLEMS[400])


def _validation_error(request: HttpRequest, error: Any) -> HttpResponse:
    wrong = [FieldError(str(fault["loc"][-1]), _sentence(fault)) for fault in error.errors]
    sentences = dict.fromkeys(each.message for each in wrong)
    return tell(problem("invalid", " ".join(sentences), errors=wrong))


def _our_fault(request: HttpRequest, error: Any) -> HttpResponse:
    told = our_fault()
    log.exception("%s %s failed, as %s", request.method, request.path, told.instance, exc_info=error)
    return tell(told)


def _sentence(fault: Mapping[str, Any]) -> str:
    """pydantic's “Input should be less than or equal to 100” → “limit” should be less than or equal to 100."""
    name, message = fault["loc"][-1], str(fault["msg"])
    match fault["type"]:
        case "missing":
            return f"“{name}” is missing."
        case "value_error":
            return message.removeprefix("Value error, ")
    named = re.sub(r"^(Input|String|Value|File)\b", f"“{name}”", message)
    return f"{named}." if named != message else f"“{name}”: {message}."
